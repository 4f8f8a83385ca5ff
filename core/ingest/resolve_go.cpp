// Go: packages by folder, receivers by stated types, interfaces by method sets.
//
// declare: package paths and canonical type texts. link_types: ids of stated types. bind:
// references to edges. The rules and their limits are in docs/languages/go.md; lookups are in
// resolve_go_scope.h.
#include "ingest/resolution.h"
#include "ingest/resolve_go_interfaces.h"
#include "ingest/resolve_go_scope.h"
#include "ingest/resolver.h"

#include <algorithm>
#include <array>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using format::Certainty;
using format::EdgeType;
using format::Provenance;
using go::Scope;
using go::Value;

// Confidence of a target that is one of several build variants, or held in a variable.
constexpr uint8_t kVariantConfidence = 200;
constexpr uint32_t kConfidenceOfOne = 160;

constexpr std::array<std::string_view, 18> kBuiltinFunctions = {
    "append", "cap", "clear", "close", "complex", "copy",  "delete",  "imag", "len",
    "make",   "max", "min",   "new",   "panic",   "print", "println", "real", "recover"};
constexpr std::array<std::string_view, 22> kBuiltinTypes = {
    "any",     "bool",  "byte",   "comparable", "complex64", "complex128", "error", "float32",
    "float64", "int",   "int8",   "int16",      "int32",     "int64",      "rune",  "string",
    "uint",    "uint8", "uint16", "uint32",     "uint64",    "uintptr"};

bool is_builtin(std::string_view name) noexcept {
    return std::find(kBuiltinFunctions.begin(), kBuiltinFunctions.end(), name) !=
               kBuiltinFunctions.end() ||
           std::find(kBuiltinTypes.begin(), kBuiltinTypes.end(), name) != kBuiltinTypes.end();
}

std::string_view without_arguments(std::string_view name) noexcept {
    const size_t open = name.find('[');
    return open == std::string_view::npos || open == 0 ? name : name.substr(0, open);
}

/// Binds the references of one file. Threads: confined.
class Binder {
  public:
    Binder(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
           SymbolSource& source, EdgeSink& sink)
        : facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          scope_(config, facts, source) {}

    void run() {
        bind_imports();
        bind_embedding();
        go::bind_interfaces(facts_, symbols_, source_, scope_, sink_);
        for (const ReferenceFact& reference : facts_.references) bind_reference(reference);
    }

  private:
    void bind_imports();
    void bind_embedding();
    void bind_reference(const ReferenceFact& reference);
    void bind_call(const ReferenceFact& reference);
    void bind_plain_call(const ReferenceFact& reference);
    void bind_member_call(const ReferenceFact& reference);
    void bind_name(const ReferenceFact& reference);
    void add_call(const ReferenceFact& reference, const Symbol& target, Provenance provenance);
    void add_edge(const ReferenceFact& reference, const BlockId& target, EdgeType type,
                  Provenance provenance, uint8_t candidate_confidence = 0);
    void add_method_candidates(const ReferenceFact& reference, std::string_view name);
    void add_unresolved(const ReferenceFact& reference, std::string_view name);
    [[nodiscard]] Provenance provenance_of(const Symbol& target) const {
        return target.path == facts_.path ? Provenance::Scope : Provenance::Package;
    }
    [[nodiscard]] uint32_t source_of(const ReferenceFact& reference) const {
        return reference.definition == kNone ? static_cast<uint32_t>(symbols_.file_index)
                                             : reference.definition;
    }

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    Scope scope_;
};

void Binder::add_edge(const ReferenceFact& reference, const BlockId& target, EdgeType type,
                      Provenance provenance, uint8_t candidate_confidence) {
    BoundEdge edge;
    edge.source = source_of(reference);
    edge.target = target;
    edge.type = type;
    edge.provenance = provenance;
    edge.site_offset = reference.offset;
    edge.site_line = reference.line;
    if (candidate_confidence != 0) {
        edge.certainty = Certainty::Candidate;
        edge.confidence = candidate_confidence;
    }
    // A package variable is not called into being by itself: its initialiser runs with the file.
    if ((type == EdgeType::Calls || type == EdgeType::CallsFunction ||
         type == EdgeType::CallsMethod) &&
        edge.source < facts_.definitions.size() &&
        !is_callable(facts_.definitions[edge.source].kind)) {
        if (edge.certainty == Certainty::Resolved) {
            edge.type = EdgeType::References;
            sink_.add(edge);
            edge.type = type;
        }
        edge.source = static_cast<uint32_t>(symbols_.file_index);
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

void Binder::add_call(const ReferenceFact& reference, const Symbol& target, Provenance provenance) {
    if (is_type(target.kind))
        return add_edge(reference, target.id, EdgeType::References, provenance);
    add_edge(reference, target.id, call_edge_type(target), provenance);
}

/// Only methods can follow a receiver whose type is not known.
void Binder::add_method_candidates(const ReferenceFact& reference, std::string_view name) {
    const bool is_exported = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
    const Symbol* fitting[kCandidatesMax];
    size_t count = 0;
    bool has_too_many = false;
    const auto symbols =
        is_exported ? source_.named(name) : source_.in_package(scope_.package(), name);
    for (const Symbol* symbol : symbols) {
        if (symbol->kind != BlockKind::Method || !accepts(*symbol, reference.argument_count) ||
            !scope_.sees(*symbol))
            continue;
        if (count == kCandidatesMax) {
            has_too_many = true;
            break;
        }
        fitting[count++] = symbol;
    }
    if (count == 0 || has_too_many) return add_unresolved(reference, name);
    const auto confidence = static_cast<uint8_t>(kConfidenceOfOne / count);
    for (size_t i = 0; i < count; ++i)
        add_edge(reference, fitting[i]->id, EdgeType::CallsMethod, Provenance::NameMatch,
                 confidence);
}

void Binder::bind_imports() {
    std::vector<std::string_view> seen;
    for (const ImportFact& import : facts_.imports) {
        const std::string_view path = facts_.text(import.path);
        if (path == go::kConstraintPath) continue;
        const std::string_view package = scope_.package_behind(path, scope_.package());
        const Symbol* module = package.empty() ? nullptr : scope_.module_of(package);
        BoundEdge edge;
        edge.source = static_cast<uint32_t>(symbols_.file_index);
        edge.target = module != nullptr ? module->id : sink_.external(path);
        edge.type = EdgeType::Imports;
        edge.provenance = module != nullptr ? Provenance::Import : Provenance::External;
        edge.site_offset = import.offset;
        edge.site_line = import.line;
        sink_.add(edge);
    }
}

void Binder::bind_embedding() {
    for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
        const DefinitionFact& definition = facts_.definitions[i];
        for (const std::string& base : symbols_.symbols[i].bases) {
            const go::TypeName name = go::name_of(base);
            const Symbol* type = scope_.type_named(name, scope_.package());
            BoundEdge edge;
            edge.source = i;
            edge.type = EdgeType::Extends;
            edge.site_offset = definition.name_offset;
            edge.site_line = definition.range.line_first;
            if (type != nullptr) {
                edge.target = type->id;
                edge.provenance = name.path.empty() ? provenance_of(*type) : Provenance::Import;
            } else if (!name.path.empty() &&
                       scope_.package_behind(name.path, scope_.package()).empty()) {
                edge.target = sink_.external(std::string(name.path) + "." + std::string(name.name));
                edge.provenance = Provenance::External;
            } else {
                continue;
            }
            sink_.add(edge);
        }
    }
}

void Binder::bind_plain_call(const ReferenceFact& reference) {
    const std::string_view name = without_arguments(facts_.text(reference.name));
    const bool is_local = scope_.is_local(reference.name, reference.offset);
    const Value value = scope_.name_at(reference.name, reference.offset);
    if (is_local) {
        // What a local holds may have been replaced since, so it is no proof.
        if (value.kind == Value::Kind::Callee && value.symbol != nullptr)
            add_edge(reference, value.symbol->id, call_edge_type(*value.symbol), Provenance::Scope,
                     kVariantConfidence);
        return;
    }
    if (value.symbol != nullptr) {
        const bool is_dot_import = value.symbol->package != scope_.package();
        add_call(reference, *value.symbol,
                 is_dot_import ? Provenance::Import : provenance_of(*value.symbol));
        std::vector<const Symbol*> variants;
        (void)scope_.member_of_package(value.symbol->package, name, &variants);
        for (const Symbol* variant : variants) {
            if (is_callable(variant->kind))
                add_edge(reference, variant->id, call_edge_type(*variant), Provenance::Package,
                         kVariantConfidence);
        }
        return;
    }
    if (!is_builtin(name)) add_unresolved(reference, name);
}

void Binder::bind_member_call(const ReferenceFact& reference) {
    const std::string_view name = without_arguments(facts_.text(reference.name));
    const Value receiver = scope_.chain_at(reference.receiver, reference.offset);
    const Value value = scope_.member(receiver, name);
    if (value.symbol != nullptr) {
        if (receiver.kind == Value::Kind::Package) {
            add_call(reference, *value.symbol, Provenance::Import);
            std::vector<const Symbol*> variants;
            (void)scope_.member_of_package(receiver.text, name, &variants);
            for (const Symbol* variant : variants) {
                if (is_callable(variant->kind))
                    add_edge(reference, variant->id, call_edge_type(*variant), Provenance::Import,
                             kVariantConfidence);
            }
            return;
        }
        return add_call(reference, *value.symbol,
                        value.is_promoted ? Provenance::Inheritance : Provenance::ReceiverType);
    }
    if (value.kind == Value::Kind::Outside) {
        bool is_proven = !value.is_guess;
        if (!is_proven) {
            // The value comes from outside, its type may still be one of the tree's.
            is_proven = true;
            for (const Symbol* symbol : source_.named(name))
                is_proven = is_proven && symbol->kind != BlockKind::Method;
        }
        if (is_proven)
            return add_edge(reference, sink_.external(value.text), EdgeType::Calls,
                            Provenance::External);
    }
    if (receiver.kind == Value::Kind::Package) return add_unresolved(reference, name);
    // A function in a field of a struct without a name: nothing says which one it is.
    if (value.kind == Value::Kind::Typed) return;
    add_method_candidates(reference, name);
}

void Binder::bind_call(const ReferenceFact& reference) {
    if (reference.receiver.count == 0) {
        bind_plain_call(reference);
    } else {
        bind_member_call(reference);
    }
}

/// Types, values and constructed types: References edges, or nothing when it is not known.
void Binder::bind_name(const ReferenceFact& reference) {
    const std::string_view name = without_arguments(facts_.text(reference.name));
    const Symbol* target = nullptr;
    Provenance provenance = Provenance::Scope;
    std::string_view outside;
    if (reference.receiver.count == 0) {
        if (scope_.is_local(reference.name, reference.offset)) return;
        target = scope_.member_of_package(scope_.package(), name);
        if (target == nullptr) {
            // Only a dot import can bring a plain name from elsewhere.
            const Value value = scope_.name_at(reference.name, reference.offset);
            target = value.symbol;
        }
        if (target != nullptr)
            provenance =
                target->package == scope_.package() ? provenance_of(*target) : Provenance::Import;
    } else {
        const Value receiver = scope_.chain_at(reference.receiver, reference.offset);
        const Value value = scope_.member(receiver, name);
        target = value.symbol;
        provenance = receiver.kind == Value::Kind::Package ? Provenance::Import
                     : value.is_promoted                   ? Provenance::Inheritance
                                                           : Provenance::ReceiverType;
        if (value.kind == Value::Kind::Outside && !value.is_guess) outside = value.text;
    }
    if (target != nullptr) {
        const uint32_t source = source_of(reference);
        if (source < symbols_.symbols.size() && symbols_.symbols[source].id == target->id) return;
        add_edge(reference, target->id, EdgeType::References, provenance);
    } else if (!outside.empty() && reference.role != ReferenceRole::Mention) {
        add_edge(reference, sink_.external(outside), EdgeType::References, Provenance::External);
    }
}

void Binder::bind_reference(const ReferenceFact& reference) {
    switch (reference.role) {
        case ReferenceRole::Call:
            return bind_call(reference);
        case ReferenceRole::New:
        case ReferenceRole::Type:
        case ReferenceRole::Mention:
            return bind_name(reference);
        case ReferenceRole::Decorator:
        case ReferenceRole::Macro:
            return;
    }
}

class GoResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override;
    void link_types(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override;
    void bind(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        Binder(config, facts, symbols, source, sink).run();
    }
};

/// "A = B" rather than "A B".
bool is_true_alias(const FileFacts& facts, const DefinitionFact& definition) {
    return definition.kind == BlockKind::TypeAlias &&
           facts.text(definition.signature).find(" = ") != std::string_view::npos;
}

void GoResolver::declare(const WorkspaceConfig& config, const FileFacts& facts,
                         FileSymbols& out) const {
    const std::string_view clause = facts.text(facts.package);
    const std::string package = go::package_of(config, facts.path, clause);
    const std::string shown(go::shown_package(package));
    declare_definitions(config.name, DeclareRules{shown, "."}, facts, out);
    for (Symbol& symbol : out.symbols) symbol.package = package;
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        Symbol& symbol = out.symbols[i];
        symbol.type = go::with_import_paths(facts, symbol.type);
        for (std::string& base : symbol.bases) base = go::with_import_paths(facts, base);
        if (is_true_alias(facts, definition)) symbol.alias_of = symbol.type;
        if (definition.container == kNone) continue;
        Symbol& container = out.symbols[definition.container];
        if (container.kind == BlockKind::Interface && symbol.kind == BlockKind::Method)
            container.member_names.push_back(symbol.name);
    }
    Symbol& file = out.symbols[out.file_index];
    for (const ImportFact& import : facts.imports) {
        if (facts.text(import.path) == go::kConstraintPath) file.alias_of = facts.text(import.name);
    }
    Symbol module;
    module.kind = BlockKind::Module;
    module.language = format::Language::Go;
    module.name = package.substr(package.rfind('/') + 1);
    module.qualified_name = shown;
    module.package = package;
    module.path = facts.path;
    module.type = clause;
    // One block for all files of the package; the one with the smallest path speaks for it.
    module.parent = file.parent;
    module.file = file.id;
    module.id = BlockId::of(config.name, static_cast<uint16_t>(BlockKind::Module), package);
    out.symbols.push_back(std::move(module));
}

void GoResolver::link_types(const WorkspaceConfig& config, const FileFacts& facts,
                            FileSymbols& symbols, SymbolSource& source) const {
    Scope scope(config, facts, source);
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        Symbol& symbol = symbols.symbols[i];
        std::string_view text = symbol.type;
        // Of several results the first counts.
        if (is_callable(symbol.kind)) text = go::result_at(text, 0);
        if (!text.empty()) {
            const Symbol* type = scope.type_named(go::innermost_name(text), scope.package());
            if (type != nullptr) symbol.type_id = type->id;
        }
        const Chain& made = facts.definitions[i].value;
        if (text.empty() && made.count != 0 && facts.definitions[i].container == kNone) {
            const Value value = scope.chain_at(made, facts.definitions[i].range.byte_first);
            const Symbol* type = value.kind == Value::Kind::Typed
                                     ? scope.type_named(go::name_of(value.text), value.package)
                                     : nullptr;
            if (type != nullptr) symbol.type_id = type->id;
        }
        for (const std::string& base : symbol.bases) {
            const Symbol* type = scope.type_named(go::name_of(base), scope.package());
            if (type != nullptr) symbol.base_ids.push_back(type->id);
        }
    }
}

}  // namespace

const Resolver& go_resolver() {
    static const GoResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
