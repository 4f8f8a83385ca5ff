// Binds the calls, constructions and names of one C or C++ file.
#include "ingest/resolve_c_bind.h"

#include "ingest/resolution.h"
#include "ingest/resolve_c_scope.h"
#include "ingest/resolve_c_types.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace kausal::ingest::c {
namespace {

using format::BlockKind;
using format::Certainty;
using format::EdgeType;
using format::Provenance;
using Kind = Value::Kind;

constexpr uint32_t kConfidenceOfOne = 160;
// One of several overloads or variants that all carry the right name in the right scope.
constexpr uint32_t kOverloadConfidence = 220;

bool is_call_edge(EdgeType type) noexcept {
    return type == EdgeType::Calls || type == EdgeType::CallsFunction ||
           type == EdgeType::CallsMethod;
}

/// What looks like a call and is part of the language.
bool is_operator_word(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 10> kWords = {
        "static_cast", "dynamic_cast", "const_cast", "reinterpret_cast", "sizeof",
        "defined",     "decltype",     "noexcept",   "alignof",          "typeid"};
    return std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

class Binder {
  public:
    Binder(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
           SymbolSource& source, EdgeSink& sink)
        : config_(config),
          facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          scope_(config, facts, symbols, source),
          is_cpp_(facts.language == format::Language::Cpp) {}

    void run() {
        bind_includes();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            bind_bases(i);
            if (is_cpp_) bind_override(i);
        }
        for (const ReferenceFact& reference : facts_.references) {
            bind_qualifier(reference);
            if (reference.role == ReferenceRole::Call) bind_call(reference);
            if (reference.role == ReferenceRole::New) bind_new(reference);
            if (reference.role == ReferenceRole::Type || reference.role == ReferenceRole::Mention)
                bind_name(reference);
        }
    }

  private:
    void bind_includes();
    void bind_bases(uint32_t index);
    void bind_override(uint32_t index);
    void bind_call(const ReferenceFact& reference);
    void bind_plain_call(const ReferenceFact& reference, std::string_view name);
    void bind_member_call(const ReferenceFact& reference, std::string_view name);
    void bind_new(const ReferenceFact& reference);
    void bind_name(const ReferenceFact& reference);
    void bind_qualifier(const ReferenceFact& reference);
    void bind_construction(const ReferenceFact& reference, const Symbol& type);
    void bind_value_call(const ReferenceFact& reference, const Value& value, Provenance provenance);
    /// True when there is an edge for it.
    bool bind_pick(const ReferenceFact& reference, const Symbols& found, Provenance provenance);
    /// As bind_pick, then in the bases: `using Base::f;` keeps what the derived class would hide.
    bool bind_member_pick(const ReferenceFact& reference, Symbols found, std::string_view name,
                          Provenance provenance);
    void add_method_candidates(const ReferenceFact& reference, std::string_view name);
    void add_guess(const ReferenceFact& reference, std::string_view name);
    void add_unresolved(const ReferenceFact& reference, std::string_view name);
    void add_external(const ReferenceFact& reference, std::string_view name, EdgeType type);
    void add(const ReferenceFact& reference, const BlockId& target, EdgeType type,
             Provenance provenance, uint32_t candidate_confidence = 0);
    [[nodiscard]] Value receiver_of(const ReferenceFact& reference) {
        return scope_.chain_at(reference.receiver, reference.offset,
                               scope_.scope_at(reference.definition));
    }
    [[nodiscard]] Scope::Site site_of(const ReferenceFact& reference) const {
        return {reference.argument_count, reference.arguments, reference.offset,
                scope_.scope_at(reference.definition)};
    }
    [[nodiscard]] uint32_t source_of(const ReferenceFact& reference) const {
        return reference.definition == ingest::kNone ? static_cast<uint32_t>(symbols_.file_index)
                                                     : reference.definition;
    }

    const WorkspaceConfig& config_;
    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    Scope scope_;
    bool is_cpp_ = false;
    std::set<std::pair<uint32_t, const Symbol*>> seen_qualifiers_;
};

void Binder::add(const ReferenceFact& reference, const BlockId& target, EdgeType type,
                 Provenance provenance, uint32_t candidate_confidence) {
    BoundEdge edge;
    edge.source = source_of(reference);
    edge.target = target;
    edge.type = type;
    edge.provenance = provenance;
    edge.site_offset = reference.offset;
    edge.site_line = reference.line;
    if (candidate_confidence != 0) {
        edge.certainty = Certainty::Candidate;
        edge.confidence = static_cast<uint8_t>(std::clamp(candidate_confidence, 1u, 254u));
    }
    if (is_call_edge(type) && edge.source < facts_.definitions.size()) {
        // Initialisers of variables and fields run with the file; the variable only refers.
        const BlockKind kind = facts_.definitions[edge.source].kind;
        if (!is_callable(kind) && kind != BlockKind::Macro) {
            if (edge.certainty == Certainty::Resolved) {
                edge.type = EdgeType::References;
                sink_.add(edge);
                edge.type = type;
            }
            edge.source = static_cast<uint32_t>(symbols_.file_index);
        }
    }
    sink_.add(edge);
}

void Binder::add_unresolved(const ReferenceFact& reference, std::string_view name) {
    BoundEdge edge;
    edge.source = source_of(reference);
    edge.target = sink_.unresolved(name);
    edge.type = EdgeType::Calls;
    edge.certainty = Certainty::Candidate;
    edge.provenance = Provenance::NameMatch;
    edge.confidence = 0;
    edge.site_offset = reference.offset;
    edge.site_line = reference.line;
    sink_.add(edge);
}

void Binder::add_external(const ReferenceFact& reference, std::string_view name, EdgeType type) {
    add(reference, sink_.external(name), type, Provenance::External);
}

/// Only methods can follow a receiver whose type is not known.
void Binder::add_method_candidates(const ReferenceFact& reference, std::string_view name) {
    Symbols fitting;
    bool has_definition = false;
    for (const Symbol* symbol : source_.named(name)) {
        if (symbol->kind != BlockKind::Method || !accepts(*symbol, reference.argument_count))
            continue;
        if (!is_declaration(*symbol) && !has_definition) {
            has_definition = true;
            fitting.clear();
        }
        if (is_declaration(*symbol) && has_definition) continue;
        fitting.push_back(symbol);
        if (fitting.size() > 64) break;
    }
    if (!is_cpp_ || fitting.empty() || fitting.size() > kCandidatesMax)
        return add_unresolved(reference, name);
    for (const Symbol* symbol : fitting)
        add(reference, symbol->id, EdgeType::CallsMethod, Provenance::NameMatch,
            kConfidenceOfOne / static_cast<uint32_t>(fitting.size()));
}

void Binder::bind_includes() {
    for (const ImportFact& import : facts_.imports) {
        if (!is_include(import)) continue;
        const bool is_system = (import.flags & ImportFact::kSystem) != 0;
        const std::string_view path = facts_.text(import.path);
        const Symbol* file = included_file(config_, facts_.path, path, is_system, source_);
        BoundEdge edge;
        edge.source = static_cast<uint32_t>(symbols_.file_index);
        edge.target = file != nullptr ? file->id : sink_.external(path);
        edge.type = EdgeType::Imports;
        edge.provenance = file != nullptr ? Provenance::Import : Provenance::External;
        edge.site_offset = import.offset;
        edge.site_line = import.line;
        sink_.add(edge);
    }
}

void Binder::bind_bases(uint32_t index) {
    const Symbol& symbol = symbols_.symbols[index];
    if (!is_type(symbol.kind)) return;
    BoundEdge edge;
    edge.source = index;
    edge.type = EdgeType::Extends;
    edge.site_offset = facts_.definitions[index].name_offset;
    edge.site_line = facts_.definitions[index].range.line_first;
    for (const std::string& base : symbol.bases) {
        const Symbol* type =
            scope_.unaliased(scope_.type_named(without_arguments(base), symbol.package));
        if (type == &symbol) continue;
        edge.target = type != nullptr ? type->id : sink_.external(without_arguments(base));
        edge.provenance = type == nullptr             ? Provenance::External
                          : type->path == facts_.path ? Provenance::Scope
                                                      : Provenance::Import;
        sink_.add(edge);
    }
}

/// From the definition of an overriding method, or its declaration when there is no definition.
void Binder::bind_override(uint32_t index) {
    const Symbol& method = symbols_.symbols[index];
    if (method.kind != BlockKind::Method || method.name.starts_with('~') ||
        (method.flags & (format::kBlockConstructor | format::kBlockStatic)) != 0)
        return;
    const Symbol* owner = scope_.unaliased(source_.by_id(method.parent));
    if (owner == nullptr || !is_type(owner->kind) || owner->base_ids.empty()) return;
    if (is_declaration(method)) {
        for (const Symbol* other : source_.members(owner->id, method.name)) {
            if (!is_declaration(*other) && other->parameter_count == method.parameter_count) return;
        }
    }
    for (const BlockId& id : owner->base_ids) {
        const Symbol* base = scope_.unaliased(source_.by_id(id));
        if (base == nullptr) continue;
        bool is_inherited = false;
        std::string_view outside;
        const Symbols found = scope_.members_of(*base, method.name, is_inherited, outside);
        const Symbol* target = nullptr;
        bool is_virtual = (method.flags & format::kBlockOverride) != 0;
        for (const Symbol* other : found) {
            if (other->kind != BlockKind::Method ||
                other->parameter_count != method.parameter_count)
                continue;
            is_virtual = is_virtual || other->alias_of == kVirtual;
            if (target == nullptr || (is_declaration(*target) && !is_declaration(*other)))
                target = other;
        }
        if (target == nullptr || !is_virtual) continue;
        BoundEdge edge;
        edge.source = index;
        edge.target = target->id;
        edge.type = EdgeType::Overrides;
        edge.provenance = Provenance::Inheritance;
        edge.site_offset = facts_.definitions[index].name_offset;
        edge.site_line = facts_.definitions[index].range.line_first;
        sink_.add(edge);
    }
}

bool Binder::bind_pick(const ReferenceFact& reference, const Symbols& found,
                       Provenance provenance) {
    const Pick pick = scope_.pick(found, site_of(reference));
    if (pick.target != nullptr && pick.is_proven) {
        const bool is_same_file = pick.provenance == Provenance::Scope;
        const bool is_typed =
            provenance == Provenance::ReceiverType || provenance == Provenance::Inheritance;
        add(reference, pick.target->id, call_edge_type(*pick.target),
            is_typed       ? provenance
            : is_same_file ? Provenance::Scope
                           : pick.provenance);
        return true;
    }
    if (pick.target != nullptr) {
        add(reference, pick.target->id, call_edge_type(*pick.target), pick.provenance,
            kOverloadConfidence);
        return true;
    }
    const size_t count = std::min(pick.others.size(), kCandidatesMax);
    for (size_t i = 0; i < count; ++i)
        add(reference, pick.others[i]->id, call_edge_type(*pick.others[i]), provenance,
            kOverloadConfidence / static_cast<uint32_t>(pick.others.size()));
    return count != 0;
}

bool Binder::bind_member_pick(const ReferenceFact& reference, Symbols found, std::string_view name,
                              Provenance provenance) {
    constexpr size_t kLevelsMax = 4;
    for (size_t level = 0; level < kLevelsMax && !found.empty(); ++level) {
        if (bind_pick(reference, found, level == 0 ? provenance : Provenance::Inheritance))
            return true;
        found = scope_.members_behind(found, name);
    }
    return false;
}

/// `T(...)`, `new T(...)`, `T x(...)`: the constructor that fits, else the type itself.
void Binder::bind_construction(const ReferenceFact& reference, const Symbol& type) {
    const Symbol* owner = scope_.unaliased(&type);
    if (owner == nullptr) {
        add(reference, type.id, EdgeType::References,
            type.path == facts_.path ? Provenance::Scope : Provenance::Import);
        return;
    }
    Symbols constructors;
    for (const Symbol* member : source_.members(owner->id, owner->name)) {
        if ((member->flags & format::kBlockConstructor) != 0) constructors.push_back(member);
    }
    if (!constructors.empty() && bind_pick(reference, constructors, Provenance::ReceiverType))
        return;
    add(reference, owner->id, EdgeType::References,
        owner->path == facts_.path ? Provenance::Scope : Provenance::Import);
}

/// A call of what a variable or field holds: an object with operator(), or a pointer to a function.
void Binder::bind_value_call(const ReferenceFact& reference, const Value& value,
                             Provenance provenance) {
    Value callee = is_cpp_ ? scope_.member(value, "operator()") : Value{};
    if (callee.kind == Kind::Callee && bind_pick(reference, callee.callees, provenance)) return;
    if (value.symbol != nullptr) add(reference, value.symbol->id, EdgeType::Calls, provenance);
}

/// Nothing in scope has the name: it is the system's, unknown, or only a name match.
void Binder::add_guess(const ReferenceFact& reference, std::string_view name) {
    bool is_known = false;
    for (const Symbol* symbol : source_.named(name)) {
        is_known = is_known || is_callable(symbol->kind) || symbol->kind == BlockKind::Macro;
    }
    const bool is_outside =
        scope_.files().has_outside() && (!is_known || is_library_function(name));
    if (is_outside) return add_external(reference, name, EdgeType::Calls);
    add_candidates(facts_, reference, source_of(reference), source_, sink_);
}

void Binder::bind_plain_call(const ReferenceFact& reference, std::string_view name) {
    const std::string_view at = scope_.scope_at(reference.definition);
    if (scope_.local_at(reference.name, reference.offset) != nullptr) {
        const Value value = scope_.name_at(reference.name, reference.offset, at);
        if (is_cpp_ && value.kind == Kind::Typed)
            bind_value_call(reference, value, Provenance::ReceiverType);
        return;
    }
    if (is_operator_word(name)) return;
    Value how;
    Symbols found = scope_.unqualified(name, at, how);
    if (const Symbol* macro = scope_.macro_named(name)) {
        if (std::find(found.begin(), found.end(), macro) == found.end()) found.push_back(macro);
    }
    const Provenance provenance = how.is_inherited ? Provenance::Inheritance : Provenance::Scope;
    if (bind_member_pick(reference, found, name, provenance)) return;
    const Value value = scope_.name_at(reference.name, reference.offset, at);
    if (value.kind == Kind::Type && value.type != nullptr)
        return bind_construction(reference, *value.type);
    if (value.symbol != nullptr) return bind_value_call(reference, value, Provenance::ReceiverType);
    if (value.kind == Kind::Outside && scope_.macro_named(name) == nullptr) {
        bool is_known = false;
        for (const Symbol* symbol : source_.named(name))
            is_known = is_known || is_callable(symbol->kind);
        if (!is_known) return add_external(reference, value.text, EdgeType::Calls);
    }
    add_guess(reference, name);
}

void Binder::bind_member_call(const ReferenceFact& reference, std::string_view name) {
    const Value receiver = receiver_of(reference);
    const Value value = scope_.member(receiver, name);
    const bool is_qualified = receiver.kind == Kind::Namespace || receiver.kind == Kind::Type;
    const Provenance provenance = value.is_inherited                 ? Provenance::Inheritance
                                  : receiver.kind == Kind::Namespace ? Provenance::Package
                                                                     : Provenance::ReceiverType;
    switch (value.kind) {
        case Kind::Callee:
            if (bind_member_pick(reference, value.callees, head_of(name), provenance)) return;
            break;
        case Kind::Type:
            if (value.type != nullptr) return bind_construction(reference, *value.type);
            break;
        case Kind::Outside:
            return add_external(reference, value.text, EdgeType::Calls);
        case Kind::Typed:
        case Kind::Unknown:
            if (value.symbol != nullptr) return bind_value_call(reference, value, provenance);
            break;
        case Kind::Namespace:
            break;
    }
    // `::close(fd)`
    if (receiver.kind == Kind::Namespace && receiver.text.empty() &&
        (value.callees.empty() || is_library_function(name)) && scope_.files().has_outside())
        return add_external(reference, name, EdgeType::Calls);
    if (is_qualified) return add_unresolved(reference, name);
    // `a::b::f()` of a namespace that the tree does not know.
    const ChainLink& first = facts_.links[reference.receiver.first];
    const ChainLink& last = facts_.links[reference.receiver.first + reference.receiver.count - 1];
    const bool is_scoped = (last.flags & ChainLink::kSuper) != 0;
    if (receiver.kind == Kind::Unknown && is_scoped &&
        source_.named(facts_.text(first.name)).empty()) {
        std::string whole;
        for (uint32_t i = 0; i < reference.receiver.count; ++i) {
            whole.append(head_of(facts_.text(facts_.links[reference.receiver.first + i].name)))
                .append("::");
        }
        return add_external(reference, whole + std::string(name), EdgeType::Calls);
    }
    add_method_candidates(reference, name);
}

void Binder::bind_call(const ReferenceFact& reference) {
    const std::string_view name = facts_.text(reference.name);
    if (name.empty()) return;
    if (reference.receiver.count == 0) return bind_plain_call(reference, name);
    bind_member_call(reference, name);
}

void Binder::bind_new(const ReferenceFact& reference) {
    const std::string_view at = scope_.scope_at(reference.definition);
    const Value value = reference.receiver.count == 0
                            ? scope_.name_at(reference.name, reference.offset, at)
                            : scope_.member(receiver_of(reference), facts_.text(reference.name));
    if (value.kind == Kind::Type && value.type != nullptr)
        return bind_construction(reference, *value.type);
    // Inside of a class its name means the constructors.
    if (value.kind == Kind::Callee &&
        (value.callees.front()->flags & format::kBlockConstructor) != 0)
        (void)bind_pick(reference, value.callees, Provenance::ReceiverType);
    // Members in an initialiser list are no calls that can be told from the text.
}

/// `Kind::Typed` uses the alias `Kind`, which the member that is meant does not lead to.
void Binder::bind_qualifier(const ReferenceFact& reference) {
    if (!is_cpp_ || reference.receiver.count == 0) return;
    const ChainLink& first = facts_.links[reference.receiver.first];
    if ((first.flags & ChainLink::kSuper) == 0) return;
    const Value value =
        scope_.name_at(first.name, reference.offset, scope_.scope_at(reference.definition));
    if (value.kind != Kind::Type || value.type == nullptr ||
        value.type->kind != BlockKind::TypeAlias ||
        !seen_qualifiers_.insert({source_of(reference), value.type}).second)
        return;
    add(reference, value.type->id, EdgeType::References,
        value.type->path == facts_.path ? Provenance::Scope : Provenance::Import);
}

void Binder::bind_name(const ReferenceFact& reference) {
    const std::string_view name = facts_.text(reference.name);
    const std::string_view at = scope_.scope_at(reference.definition);
    Value value;
    if (reference.receiver.count == 0) {
        if (scope_.local_at(reference.name, reference.offset) != nullptr) return;
        value = scope_.name_at(reference.name, reference.offset, at);
    } else {
        value = scope_.member(receiver_of(reference), name);
    }
    const Symbol* target = value.symbol;
    if (target == nullptr && value.kind == Kind::Type) target = value.type;
    Provenance provenance = Provenance::Import;
    if (target == nullptr && value.kind == Kind::Callee) {
        const Pick pick = scope_.pick(value.callees, {255, {}, reference.offset, at});
        if (pick.is_proven) {
            target = pick.target;
            provenance = pick.provenance;
        }
    }
    if (target == nullptr && reference.receiver.count == 0) target = scope_.macro_named(name);
    if (target == nullptr) return;
    if (target->path == facts_.path) {
        provenance = Provenance::Scope;
    } else if (!scope_.files().sees(target->file) && !is_callable(target->kind)) {
        // A type or variable of that name somewhere, in no header of this file.
        if (target->package.empty()) return;
        provenance = Provenance::Package;
    }
    const uint32_t from = source_of(reference);
    if (symbols_.symbols[from].id == target->id) return;
    add(reference, target->id, EdgeType::References, provenance);
}

}  // namespace

void bind_file(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
               SymbolSource& source, EdgeSink& sink) {
    Binder(config, facts, symbols, source, sink).run();
}

}  // namespace kausal::ingest::c
