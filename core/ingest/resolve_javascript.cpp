// The resolver of JavaScript, TypeScript and TSX: declares definitions and exports, links types,
// binds references.
//
// Evidence and limits are listed in docs/languages/javascript.md. The work is split:
// resolve_javascript_scope turns expressions of this file into absolute text,
// resolve_javascript_values says what a text means in the workspace; here the answers become
// symbols and edges.
#include "ingest/resolution.h"
#include "ingest/resolve_javascript_facts.h"
#include "ingest/resolve_javascript_library.h"
#include "ingest/resolve_javascript_scope.h"
#include "ingest/resolve_javascript_values.h"
#include "ingest/resolver.h"

#include <algorithm>

namespace kausal::ingest {
namespace javascript {
namespace {

using format::BlockKind;
using format::EdgeType;
using format::Provenance;
using Kind = Value::Kind;

// A receiver that may be something else too: better than a name match, still no fact.
constexpr uint8_t kPartialConfidence = 192;

/// Emits the edges of one file.
class Binder {
  public:
    Binder(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
           SymbolSource& source, EdgeSink& sink)
        : facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          scope_(facts),
          evaluator_(config, facts, source) {}

    void run() {
        bind_imports();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            const BlockKind kind = facts_.definitions[i].kind;
            if (kind == BlockKind::Class || kind == BlockKind::Interface) bind_bases(i);
            if (kind == BlockKind::Method) bind_override(i);
            if (kind == BlockKind::Field) bind_shorthand(i);
        }
        for (const ReferenceFact& reference : facts_.references) {
            switch (reference.role) {
                case ReferenceRole::Call:
                case ReferenceRole::New:
                case ReferenceRole::Decorator:
                    bind_call(reference);
                    break;
                case ReferenceRole::Macro:
                    bind_element(reference);
                    break;
                case ReferenceRole::Type:
                    bind_type(reference);
                    break;
                default:
                    bind_mention(reference);
                    break;
            }
        }
    }

  private:
    [[nodiscard]] uint32_t file_index() const { return static_cast<uint32_t>(symbols_.file_index); }
    [[nodiscard]] const Symbol& file() const { return symbols_.symbols[symbols_.file_index]; }

    /// What runs the code of a reference: the function, class body or file around it.
    [[nodiscard]] uint32_t runner_of(uint32_t definition) const {
        while (definition != kNone) {
            const BlockKind kind = facts_.definitions[definition].kind;
            if (is_callable(kind) || kind == BlockKind::Class) return definition;
            definition = facts_.definitions[definition].container;
        }
        return file_index();
    }

    [[nodiscard]] static BoundEdge edge_at(uint32_t source, uint32_t offset, uint32_t line) {
        BoundEdge edge;
        edge.source = source;
        edge.site_offset = offset;
        edge.site_line = line;
        return edge;
    }

    void bind_imports() {
        for (const ImportFact& import : facts_.imports) {
            if (import.path == 0) continue;
            BoundEdge edge = edge_at(file_index(), import.offset, import.line);
            edge.type = EdgeType::Imports;
            const std::string module = scope_.import_text(import, true);
            if (module.empty()) continue;
            const Symbol* target =
                evaluator_.file_of(std::string_view(module).substr(0, module.find('#')));
            if (target == nullptr) {
                for (const Target& outside : evaluator_.targets_of(module).items) {
                    edge.target = sink_.external(outside.external);
                    edge.provenance = Provenance::External;
                    sink_.add(edge);
                }
                continue;
            }
            edge.provenance = Provenance::Import;
            edge.target = target->id;
            if (edge.target != file().id) sink_.add(edge);
            const bool names_member =
                import.name != 0 || (import.flags & ImportFact::kDefault) != 0;
            if (!names_member) continue;
            for (const Target& member :
                 evaluator_.targets_of(scope_.import_text(import, false)).items) {
                if (member.symbol == nullptr || member.symbol->kind == BlockKind::File) continue;
                edge.target = member.symbol->id;
                sink_.add(edge);
            }
        }
    }

    void bind_bases(uint32_t index) {
        const Symbol& type = symbols_.symbols[index];
        const DefinitionFact& fact = facts_.definitions[index];
        for (size_t i = 0; i < type.bases.size() && i < fact.base_count; ++i) {
            if (type.bases[i] == "?") continue;
            BoundEdge edge = edge_at(index, fact.name_offset, fact.range.line_first);
            edge.type = facts_.bases[fact.base_first + i].implements ? EdgeType::Implements
                                                                     : EdgeType::Extends;
            for (const Target& base : evaluator_.targets_of(type.bases[i]).items) {
                if (base.symbol == nullptr) {
                    edge.target = sink_.external(base.external);
                    edge.provenance = Provenance::External;
                } else if (is_type(base.symbol->kind) || base.symbol->kind == BlockKind::Function) {
                    if (base.symbol->id == type.id) continue;
                    edge.target = base.symbol->id;
                    edge.provenance = provenance_of_name(*base.symbol);
                } else {
                    continue;
                }
                sink_.add(edge);
            }
        }
    }

    void bind_override(uint32_t index) {
        const Symbol& method = symbols_.symbols[index];
        const DefinitionFact& fact = facts_.definitions[index];
        if (fact.container == kNone || (method.flags & format::kBlockConstructor) != 0 ||
            method.name.starts_with('#') || is_setter(method))
            return;
        const Symbol& type = symbols_.symbols[fact.container];
        if (type.bases.empty()) return;
        const bool is_static = (method.flags & format::kBlockStatic) != 0;
        for (const Target& target :
             evaluator_.member_of_type(type, method.name, true, is_static).items) {
            if (target.symbol == nullptr || !is_callable(target.symbol->kind)) continue;
            BoundEdge edge = edge_at(index, fact.name_offset, fact.range.line_first);
            edge.target = target.symbol->id;
            edge.type = EdgeType::Overrides;
            edge.provenance = Provenance::Inheritance;
            sink_.add(edge);
        }
    }

    /// `{ make }` mentions make where the name of the field stands.
    void bind_shorthand(uint32_t index) {
        const DefinitionFact& fact = facts_.definitions[index];
        if (fact.value.count != 1 || facts_.links[fact.value.first].name != fact.name) return;
        const FileScope::Name name =
            scope_.name_at(fact.name, {fact.container, fact.name_offset}, false);
        if (name.kind == FileScope::Name::Kind::Local || name.text.empty()) return;
        add_mentions(name.text, index, fact.name_offset, fact.range.line_first);
    }

    [[nodiscard]] Provenance provenance_of_name(const Symbol& symbol) const {
        return symbol.file == file().id ? Provenance::Scope : Provenance::Import;
    }
    [[nodiscard]] Provenance provenance_of(const Target& target) const {
        if (target.symbol == nullptr) return Provenance::External;
        if (target.is_inherited) return Provenance::Inheritance;
        if (target.is_member_of_value) return Provenance::ReceiverType;
        return provenance_of_name(*target.symbol);
    }

    std::string text_of(const ReferenceFact& reference, FileScope::Name::Kind& kind,
                        uint32_t* definition = nullptr) {
        const Place place{reference.definition, reference.offset};
        if (reference.receiver.count == 0 && facts_.text(reference.name) == "this")
            return scope_.this_text(place);
        if (reference.receiver.count == 0) {
            FileScope::Name name = scope_.name_at(reference.name, place, false);
            kind = name.kind;
            if (definition != nullptr) *definition = name.definition;
            return std::move(name.text);
        }
        std::string text = scope_.chain_text(reference.receiver, place);
        if (text.empty()) return text;
        return with_link(text, ":" + escape_name(facts_.text(reference.name)));
    }

    /// super(...) constructs the base of the class around it.
    void bind_super_call(const ReferenceFact& reference, uint32_t source) {
        const uint32_t index = scope_.class_of_super({reference.definition, reference.offset});
        if (index == kNone) return;
        const Values bases = evaluator_.bases_of(symbols_.symbols[index]);
        for (const Value& base : bases.items) {
            const BoundEdge edge = edge_at(source, reference.offset, reference.line);
            if (base.kind == Kind::External) {
                push(edge, {nullptr, base.name});
                break;
            }
            if (base.symbol->kind == BlockKind::Interface) continue;
            Target target{base.symbol};
            target.is_inherited = true;
            add_construction(target, edge);
            break;
        }
    }

    /// <Foo/> calls the component Foo; <div/> is no name of the program.
    void bind_element(const ReferenceFact& reference) {
        const std::string_view name = facts_.text(reference.name);
        if (reference.receiver.count == 0 && !name.empty() && name[0] >= 'a' && name[0] <= 'z')
            return;
        ReferenceFact call = reference;
        call.role = ReferenceRole::Call;
        bind_call(call);
    }

    /// require("x") is an import, which has an edge of its own.
    bool is_global_require(const ReferenceFact& reference) {
        const Place place{reference.definition, reference.offset};
        return scope_.name_at(reference.name, place, false).kind == FileScope::Name::Kind::Global;
    }

    /// Of functions that share scope and name, in callbacks beside each other, only the one that
    /// the place sees.
    void keep_seen(uint32_t definition, Targets& targets) {
        if (definition == kNone || targets.items.size() < 2) return;
        const Symbol& seen = symbols_.symbols[definition];
        std::erase_if(targets.items, [&](const Target& target) {
            return target.symbol != nullptr && target.symbol->id != seen.id &&
                   target.symbol->parent == seen.parent && target.symbol->name == seen.name;
        });
    }

    /// Of overloads those that take as many arguments; when several do, none is certain.
    void keep_fitting(const ReferenceFact& reference, Targets& targets) {
        const auto& items = targets.items;
        if (items.size() < 2) return;
        const bool are_overloads = std::all_of(items.begin(), items.end(), [&](const Target& one) {
            return one.symbol != nullptr && one.symbol->kind == BlockKind::Method &&
                   one.symbol->parent == items[0].symbol->parent && !is_getter(*one.symbol) &&
                   !is_setter(*one.symbol);
        });
        if (!are_overloads) return;
        const auto fits = [&](const Target& one) {
            return accepts(*one.symbol, reference.argument_count);
        };
        if (std::any_of(items.begin(), items.end(), fits))
            std::erase_if(targets.items, [&](const Target& one) { return !fits(one); });
        is_overloaded_ = targets.items.size() > 1;
    }

    void bind_call(const ReferenceFact& reference) {
        FileScope::Name::Kind kind = FileScope::Name::Kind::Unknown;
        const uint32_t source = runner_of(reference.definition);
        const std::string_view name = facts_.text(reference.name);
        edges_.clear();
        holds_unknown_ = is_held_ = is_overloaded_ = false;
        bool has_unknown = false;
        uint32_t definition = kNone;
        std::string text;
        if (name == "require" && reference.receiver.count == 0 && is_global_require(reference))
            return;
        if (name == "super" && reference.receiver.count == 0) {
            bind_super_call(reference, source);
        } else if (text = text_of(reference, kind, &definition); !text.empty()) {
            Targets targets = evaluator_.targets_of(text);
            if (targets.items.empty()) add_values_as_targets(text, targets);
            keep_seen(definition, targets);
            keep_fitting(reference, targets);
            has_unknown = targets.has_unknown;
            for (const Target& target : targets.items)
                add_call(target, reference, edge_at(source, reference.offset, reference.line));
            has_unknown = has_unknown || holds_unknown_;
        } else {
            has_unknown = true;
        }
        emit(reference, text, kind, source, has_unknown);
    }

    /// A name that nothing in the tree has, on what comes from outside or free in a module.
    bool add_outside(const ReferenceFact& reference, const std::string& text, uint32_t source) {
        const std::string_view name = facts_.text(reference.name);
        for (const Symbol* symbol : source_.named(name)) {
            if (symbol->kind != BlockKind::File) return false;
        }
        const bool is_free = reference.receiver.count == 0 && text.empty();
        const std::string path = is_free ? std::string(name) : evaluator_.outside_path(text);
        if (path.empty()) return false;
        BoundEdge edge = edge_at(source, reference.offset, reference.line);
        edge.target = sink_.external(path);
        edge.type = EdgeType::Calls;
        edge.provenance = Provenance::External;
        sink_.add(edge);
        return true;
    }

    void emit(const ReferenceFact& reference, const std::string& text, FileScope::Name::Kind kind,
              uint32_t source, bool has_unknown) {
        if (has_unknown) {
            std::erase_if(edges_, [](const BoundEdge& edge) {
                return edge.provenance == Provenance::External;
            });
        }
        if (edges_.empty()) {
            const bool is_super = facts_.text(reference.name) == "super";
            // What a local or a field holds is not what has its name.
            if (is_held_ || is_super || kind == FileScope::Name::Kind::Local ||
                reference.role == ReferenceRole::Decorator)
                return;
            if (add_outside(reference, text, source)) return;
            return add_candidates(facts_, reference, source, source_, sink_);
        }
        for (BoundEdge& edge : edges_) {
            if (is_overloaded_ && edge.type != EdgeType::References) {
                edge.certainty = format::Certainty::Candidate;
                edge.provenance = Provenance::Arity;
                edge.confidence = static_cast<uint8_t>(240 / edges_.size());
            } else if (has_unknown) {
                edge.certainty = format::Certainty::Candidate;
                edge.confidence = kPartialConfidence;
            }
            sink_.add(edge);
        }
    }

    void add_values_as_targets(const std::string& text, Targets& targets) {
        const Values& values = evaluator_.values_of(text);
        targets.has_unknown = values.has_unknown;
        for (const Value& value : values.items) {
            if (value.kind == Kind::Callable || value.kind == Kind::Class)
                targets.items.push_back({value.symbol});
            if (value.kind == Kind::External) targets.items.push_back({nullptr, value.name});
        }
    }

    void push(BoundEdge edge, const Target& target) {
        edge.provenance = provenance_of(target);
        if (target.symbol == nullptr) {
            edge.target = sink_.external(target.external);
            edge.type = EdgeType::Calls;
        } else {
            edge.target = target.symbol->id;
            edge.type = call_edge_type(*target.symbol);
        }
        for (const BoundEdge& known : edges_) {
            if (known.target == edge.target && known.type == edge.type) return;
        }
        edges_.push_back(edge);
    }

    void add_call(const Target& target, const ReferenceFact& reference, const BoundEdge& edge) {
        if (target.symbol == nullptr) return push(edge, target);
        switch (target.symbol->kind) {
            case BlockKind::Function:
            case BlockKind::Method:
                // Calling what a getter returns.
                if (is_getter(*target.symbol) || is_setter(*target.symbol)) {
                    is_held_ = true;
                    return add_held_calls(target, reference, edge);
                }
                return push(edge, target);
            case BlockKind::Class:
                return add_construction(target, edge);
            case BlockKind::File: {
                Values values;
                evaluator_.add_value_of(target, values);
                return;
            }
            case BlockKind::Field:
            case BlockKind::Variable:
            case BlockKind::Constant:
                is_held_ = true;
                return add_held_calls(target, reference, edge);
            case BlockKind::Interface:
                return push(edge, target);
            default:
                return;
        }
    }

    /// A call through a variable or field whose value is known.
    void add_held_calls(const Target& holder, const ReferenceFact& reference,
                        const BoundEdge& edge) {
        Values held;
        evaluator_.add_value_of(holder, held);
        holds_unknown_ = holds_unknown_ || held.has_unknown;
        for (const Value& value : held.items) {
            Target target = holder;
            target.symbol = value.symbol;
            switch (value.kind) {
                case Kind::Callable:
                    push(edge, target);
                    break;
                case Kind::Class:
                    add_construction(target, edge);
                    break;
                case Kind::External:
                    target.external = value.name;
                    push(edge, target);
                    break;
                case Kind::ExternalInstance:
                    // A member whose stated type is a function is what is called.
                    if (value.name == "Function" ||
                        (value.name == "Constructor" && reference.role == ReferenceRole::New))
                        push(edge, holder);
                    break;
                case Kind::Instance:
                    // A field of a function type with a name of its own.
                    if (value.symbol->kind == BlockKind::TypeAlias ||
                        value.symbol->kind == BlockKind::Interface)
                        push(edge, holder);
                    break;
                default:
                    break;
            }
        }
    }

    void add_construction(const Target& target, BoundEdge edge) {
        const Symbol& type = *target.symbol;
        for (const Target& found :
             evaluator_.member_of_type(type, "constructor", false, false).items) {
            if (found.symbol == nullptr || found.symbol->kind != BlockKind::Method) continue;
            Target called = target;
            called.symbol = found.symbol;
            called.is_inherited = target.is_inherited || found.is_inherited;
            push(edge, called);
            if (!found.is_inherited) return;
            // Who constructs a class must be found even where a base holds the constructor.
            edge.type = EdgeType::References;
            edge.target = type.id;
            edge.provenance = provenance_of(target);
            edges_.push_back(edge);
            return;
        }
        push(edge, target);
    }

    void bind_type(const ReferenceFact& reference) {
        const Place place{reference.definition, reference.offset};
        const FileScope::Name name = scope_.dotted_at(facts_.text(reference.name), place, true);
        if (name.kind == FileScope::Name::Kind::Local || name.text.empty()) return;
        Targets targets = evaluator_.targets_of(name.text);
        if (targets.has_unknown) return;
        const bool has_type = std::any_of(
            targets.items.begin(), targets.items.end(),
            [](const Target& t) { return t.symbol != nullptr && is_type(t.symbol->kind); });
        for (const Target& target : targets.items) {
            if (target.symbol == nullptr || (has_type && !is_type(target.symbol->kind))) continue;
            add_reference(target, source_of(reference.definition), reference.offset,
                          reference.line);
        }
    }

    [[nodiscard]] uint32_t source_of(uint32_t definition) const {
        return definition == kNone ? file_index() : definition;
    }

    void add_reference(const Target& target, uint32_t source, uint32_t offset, uint32_t line) {
        if (symbols_.symbols[source].id == target.symbol->id ||
            target.symbol->kind == BlockKind::File)
            return;
        BoundEdge edge = edge_at(source, offset, line);
        edge.target = target.symbol->id;
        edge.type = EdgeType::References;
        edge.provenance = provenance_of(target);
        sink_.add(edge);
    }

    void add_mentions(const std::string& text, uint32_t source, uint32_t offset, uint32_t line) {
        const Targets targets = evaluator_.targets_of(text);
        if (targets.has_unknown) return;
        for (const Target& target : targets.items) {
            if (target.symbol == nullptr) continue;
            if (!is_getter(*target.symbol)) {
                add_reference(target, source, offset, line);
                continue;
            }
            // Reading an accessor runs its getter.
            BoundEdge edge =
                edge_at(source == file_index() ? source : runner_of(source), offset, line);
            edge.target = target.symbol->id;
            edge.type = EdgeType::CallsMethod;
            edge.provenance = provenance_of(target);
            sink_.add(edge);
        }
    }

    void bind_mention(const ReferenceFact& reference) {
        FileScope::Name::Kind kind = FileScope::Name::Kind::Unknown;
        const std::string text = text_of(reference, kind);
        if (text.empty() || kind == FileScope::Name::Kind::Local) return;
        add_mentions(text, source_of(reference.definition), reference.offset, reference.line);
    }

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    FileScope scope_;
    Evaluator evaluator_;
    std::vector<BoundEdge> edges_;
    bool holds_unknown_ = false;
    bool is_held_ = false;
    bool is_overloaded_ = false;
};

/// What qualified names of a file start with: its path without the extension of a script.
std::string module_path(std::string_view path) {
    for (const std::string_view extension : {".d.ts", ".d.mts", ".d.cts"}) {
        if (path.ends_with(extension))
            return std::string(path.substr(0, path.size() - extension.size()));
    }
    const size_t dot = path.rfind('.');
    const size_t slash = path.rfind('/');
    const bool has_extension =
        dot != std::string_view::npos && (slash == std::string_view::npos || dot > slash);
    return std::string(has_extension ? path.substr(0, dot) : path);
}

class JavaScriptResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override {
        FileScope scope(facts);
        declare_definitions(config.name, {module_path(facts.path), "."}, facts, out);
        for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& fact = facts.definitions[i];
            Symbol& symbol = out.symbols[i];
            symbol.type = scope.value_text(i);
            if (fact.kind == BlockKind::Method) {
                if (has_modifier(facts, fact, "get")) symbol.member_names = {"get"};
                if (has_modifier(facts, fact, "set")) symbol.member_names = {"set"};
            }
            for (std::string& base : symbol.bases)
                base = scope.base_text(base, {fact.container, fact.range.byte_first});
        }
        Symbol& file = out.symbols[out.file_index];
        file.member_names = scope.exports();
        if (is_test_path(facts.path)) file.flags |= format::kBlockTest;
    }

    void link_types(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override {
        Evaluator evaluator(config, facts, source);
        for (Symbol& symbol : symbols.symbols) {
            symbol.base_ids.clear();
            symbol.type_id = {};
            if (symbol.kind == BlockKind::Class || symbol.kind == BlockKind::Interface) {
                for (const Value& base : evaluator.bases_of(symbol).items) {
                    if (base.kind == Kind::Class && base.symbol->id != symbol.id)
                        symbol.base_ids.push_back(base.symbol->id);
                }
            } else if (!symbol.type.empty()) {
                const Values& values = evaluator.values_of(symbol.type);
                if (values.items.size() == 1 && values.items[0].kind == Kind::Instance)
                    symbol.type_id = values.items[0].symbol->id;
            }
        }
    }

    void bind(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        Binder(config, facts, symbols, source, sink).run();
    }
};

}  // namespace
}  // namespace javascript

const Resolver& javascript_resolver() {
    static const javascript::JavaScriptResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
