// The Python resolver: declares modules, definitions and re-exports, links types, binds references.
//
// Evidence and limits are listed in docs/languages/python.md. The work is split:
// resolve_python_scope turns expressions of this file into absolute text, resolve_python_values
// says what a text means in the workspace; here the answers become symbols and edges.
#include "ingest/resolution.h"
#include "ingest/resolve_python_facts.h"
#include "ingest/resolve_python_library.h"
#include "ingest/resolve_python_scope.h"
#include "ingest/resolve_python_values.h"
#include "ingest/resolver.h"

#include <algorithm>

namespace kausal::ingest {
namespace python {
namespace {

using format::BlockKind;
using format::EdgeType;
using format::Provenance;
using Kind = Value::Kind;

// A receiver that may be something else too: better than a name match, still no fact.
constexpr uint8_t kPartialConfidence = 192;

/// The symbol of the module that a file stands for. Its member_names hold what the module's own
/// imports bind: "name=absolute.target", "*=absolute.module"; any module may be asked for them.
Symbol module_symbol(const WorkspaceConfig& config, const FileFacts& facts, const FileScope& scope,
                     const Symbol& file) {
    Symbol module;
    const std::string identity = facts.path + "#module";
    module.id = BlockId::of(config.name, static_cast<uint16_t>(BlockKind::Module), identity);
    module.parent = module.file = file.id;
    module.kind = BlockKind::Module;
    module.language = facts.language;
    module.name = last_component(scope.module());
    if (!module.name.starts_with('_')) module.flags = format::kBlockExported;
    module.qualified_name = module.package = scope.module();
    module.path = facts.path;
    for (const ImportFact& import : facts.imports) {
        if (import.definition != kNone) continue;
        const std::string target = import_target(facts, scope.module(), import);
        if (target.empty()) continue;
        const bool is_wildcard = (import.flags & ImportFact::kWildcard) != 0;
        const std::string name(is_wildcard ? "*" : import_local_name(facts, import));
        const bool binds_root = import.name == 0 && import.alias == 0 && !is_wildcard;
        module.member_names.push_back(name + "=" + (binds_root ? name : target));
    }
    return module;
}

/// Emits the edges of one file.
class Binder {
  public:
    Binder(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
           SymbolSource& source, EdgeSink& sink)
        : facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          scope_(config, facts),
          evaluator_(config, facts.path, source) {}

    void run() {
        bind_imports();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            if (facts_.definitions[i].kind == BlockKind::Class) bind_bases(i);
            if (facts_.definitions[i].kind == BlockKind::Method) bind_override(i);
        }
        for (const ReferenceFact& reference : facts_.references) {
            switch (reference.role) {
                case ReferenceRole::Call:
                case ReferenceRole::New:
                case ReferenceRole::Decorator:
                    bind_call(reference);
                    break;
                default:
                    bind_mention(reference);
                    break;
            }
        }
    }

  private:
    [[nodiscard]] uint32_t file_index() const { return static_cast<uint32_t>(symbols_.file_index); }

    /// What runs the code of a reference: the function, class body or file around it.
    [[nodiscard]] uint32_t runner_of(uint32_t definition) const {
        while (definition != kNone) {
            const BlockKind kind = facts_.definitions[definition].kind;
            if (is_callable(kind) || kind == BlockKind::Class) return definition;
            definition = facts_.definitions[definition].container;
        }
        return file_index();
    }

    BoundEdge edge_at(uint32_t source, uint32_t offset, uint32_t line) const {
        BoundEdge edge;
        edge.source = source;
        edge.site_offset = offset;
        edge.site_line = line;
        return edge;
    }

    void bind_imports() {
        for (const ImportFact& import : facts_.imports) {
            BoundEdge edge = edge_at(file_index(), import.offset, import.line);
            edge.type = EdgeType::Imports;
            edge.provenance = Provenance::Import;
            ImportFact whole = import;
            whole.name = 0;
            const std::string module = import_target(facts_, scope_.module(), whole);
            add_import(module, edge, true);
            if (import.name != 0) {
                add_import(module.empty() ? std::string(facts_.text(import.name))
                                          : module + "." + std::string(facts_.text(import.name)),
                           edge, false);
            }
        }
    }

    void add_import(const std::string& path, BoundEdge edge, bool may_be_outside) {
        if (path.empty()) return;
        for (const Target& target : evaluator_.targets_of(path).items) {
            if (target.symbol == nullptr) {
                if (!may_be_outside) continue;
                edge.target = sink_.external(target.external);
                edge.provenance = Provenance::External;
            } else {
                const bool is_module = target.symbol->kind == BlockKind::Module;
                edge.target = is_module ? target.symbol->file : target.symbol->id;
                edge.provenance = Provenance::Import;
            }
            if (edge.target != symbols_.symbols[symbols_.file_index].id) sink_.add(edge);
        }
    }

    void bind_bases(uint32_t index) {
        const Symbol& type = symbols_.symbols[index];
        const DefinitionFact& fact = facts_.definitions[index];
        for (const Value& base : evaluator_.bases_of(type).items) {
            BoundEdge edge = edge_at(index, fact.name_offset, fact.range.line_first);
            edge.type = EdgeType::Extends;
            if (base.kind == Kind::Class) {
                if (base.symbol->id == type.id) continue;
                edge.target = base.symbol->id;
                edge.provenance = provenance_of_name(*base.symbol);
            } else {
                edge.target = sink_.external(base.name);
                edge.provenance = Provenance::External;
            }
            sink_.add(edge);
        }
    }

    void bind_override(uint32_t index) {
        const Symbol& method = symbols_.symbols[index];
        const DefinitionFact& fact = facts_.definitions[index];
        if (fact.container == kNone || method.name == "__init__" || has_mark(method, "setter"))
            return;
        const Symbol& type = symbols_.symbols[fact.container];
        if (type.bases.empty() || (method.name.starts_with("__") && !method.name.ends_with("__")))
            return;
        for (const Target& target : evaluator_.member_of_class(type, method.name, true).items) {
            if (target.symbol == nullptr || !is_callable(target.symbol->kind)) continue;
            BoundEdge edge = edge_at(index, fact.name_offset, fact.range.line_first);
            edge.target = target.symbol->id;
            edge.type = EdgeType::Overrides;
            edge.provenance = Provenance::Inheritance;
            sink_.add(edge);
        }
    }

    [[nodiscard]] Provenance provenance_of_name(const Symbol& symbol) const {
        return symbol.file == symbols_.symbols[symbols_.file_index].id ? Provenance::Scope
                                                                       : Provenance::Import;
    }
    [[nodiscard]] Provenance provenance_of(const Target& target) const {
        if (target.symbol == nullptr) return Provenance::External;
        if (target.is_inherited || target.is_super) return Provenance::Inheritance;
        if (target.is_member_of_value) return Provenance::ReceiverType;
        return provenance_of_name(*target.symbol);
    }

    /// The text of what a reference names; empty when nothing is known. `kind` is that of its first
    /// name.
    std::string text_of(const ReferenceFact& reference, FileScope::Name::Kind& kind) {
        const Place place = scope_.place_of(reference);
        if (reference.receiver.count == 0) {
            FileScope::Name name = scope_.name_at(reference.name, place);
            kind = name.kind;
            return std::move(name.text);
        }
        std::string text = scope_.chain_text(reference.receiver, place);
        if (text.empty()) return text;
        return with_link(text, ":" + std::string(facts_.text(reference.name)));
    }

    void bind_call(const ReferenceFact& reference) {
        FileScope::Name::Kind kind = FileScope::Name::Kind::Unknown;
        const std::string text = text_of(reference, kind);
        const uint32_t source = runner_of(reference.definition);
        edges_.clear();
        bool has_unknown = text.empty();
        bool is_held = false;
        holds_unknown_ = false;
        if (!text.empty()) {
            Targets targets = evaluator_.targets_of(text);
            if (targets.items.empty()) add_values_as_targets(text, targets);
            has_unknown = targets.has_unknown;
            for (const Target& target : targets.items)
                add_call(target, edge_at(source, reference.offset, reference.line), is_held);
            const bool has_plain = std::any_of(
                targets.items.begin(), targets.items.end(),
                [](const Target& t) { return t.symbol != nullptr && is_callable(t.symbol->kind); });
            has_unknown = has_unknown || (holds_unknown_ && !has_plain);
        }
        if (has_unknown) {
            std::erase_if(edges_, [](const BoundEdge& edge) {
                return edge.provenance == Provenance::External;
            });
        }
        if (edges_.empty()) {
            // What a local or a field holds is not what has its name.
            if (is_held || kind == FileScope::Name::Kind::Local) return;
            if (kind == FileScope::Name::Kind::Wildcard && add_builtin(reference, source)) return;
            if (reference.role == ReferenceRole::Decorator) return;
            if (add_outside(reference, text, source)) return;
            return add_candidates(facts_, reference, source, source_, sink_);
        }
        if (reference.role == ReferenceRole::Decorator) drop_plain_decorators(text);
        for (BoundEdge& edge : edges_) {
            if (has_unknown) {
                edge.certainty = format::Certainty::Candidate;
                edge.confidence = kPartialConfidence;
            }
            sink_.add(edge);
        }
    }

    /// @property and the like say what a definition is rather than call something.
    void drop_plain_decorators(const std::string& text) {
        if (text == "builtins.property" || text == "builtins.staticmethod" ||
            text == "builtins.classmethod")
            edges_.clear();
    }

    /// `x = f; x()` and elements of containers have no name of their own to look up.
    void add_values_as_targets(const std::string& text, Targets& targets) {
        const Values& values = evaluator_.values_of(text);
        targets.has_unknown = values.has_unknown;
        for (const Value& value : values.items) {
            if (value.kind == Kind::Callable || value.kind == Kind::Class)
                targets.items.push_back({value.symbol});
            if (value.kind == Kind::External) targets.items.push_back({nullptr, value.name});
            if (value.kind == Kind::Instance) add_call_operator(*value.symbol, targets);
        }
    }

    void add_call_operator(const Symbol& type, Targets& targets) {
        for (const Target& target : evaluator_.member_of_class(type, "__call__", false).items)
            targets.items.push_back(target);
    }

    /// A name that nothing in the tree has, on what comes from outside.
    bool add_outside(const ReferenceFact& reference, const std::string& text, uint32_t source) {
        if (reference.receiver.count == 0 || text.empty()) return false;
        for (const Symbol* symbol : source_.named(facts_.text(reference.name))) {
            if (symbol->kind != BlockKind::File && symbol->kind != BlockKind::Module) return false;
        }
        const std::string path = evaluator_.outside_path(text);
        if (path.empty()) return false;
        BoundEdge edge = edge_at(source, reference.offset, reference.line);
        edge.target = sink_.external(path);
        edge.type = EdgeType::Calls;
        edge.provenance = Provenance::External;
        sink_.add(edge);
        return true;
    }

    bool add_builtin(const ReferenceFact& reference, uint32_t source) {
        if (reference.receiver.count != 0 || !is_builtin(facts_.text(reference.name))) return false;
        BoundEdge edge = edge_at(source, reference.offset, reference.line);
        edge.target = sink_.external("builtins." + std::string(facts_.text(reference.name)));
        edge.type = EdgeType::Calls;
        edge.provenance = Provenance::External;
        sink_.add(edge);
        return true;
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

    void add_call(const Target& target, const BoundEdge& edge, bool& is_held) {
        if (target.symbol == nullptr) return push(edge, target);
        switch (target.symbol->kind) {
            case BlockKind::Function:
            case BlockKind::Method:
                if (has_mark(*target.symbol, "property")) {
                    is_held = true;
                    return;
                }
                return push(edge, target);
            case BlockKind::Class:
                return add_construction(target, edge);
            case BlockKind::Field:
            case BlockKind::Variable:
            case BlockKind::Constant: {
                is_held = true;
                Values held;
                evaluator_.add_value_of(target, held);
                holds_unknown_ = holds_unknown_ || held.has_unknown;
                for (const Value& value : held.items) add_held_call(value, target, edge);
                return;
            }
            default:
                return;
        }
    }

    /// A call through a variable or field whose value is known.
    void add_held_call(const Value& value, const Target& holder, const BoundEdge& edge) {
        Target target = holder;
        target.symbol = value.symbol;
        switch (value.kind) {
            case Kind::Callable:
                return push(edge, target);
            case Kind::Class:
                return add_construction(target, edge);
            case Kind::Instance:
                for (const Target& operation :
                     evaluator_.member_of_class(*value.symbol, "__call__", false).items)
                    push(edge, operation);
                return;
            case Kind::External:
                target.external = value.name;
                return push(edge, target);
            default:
                return;
        }
    }

    /// The constructor nearest to the class: __init__, or __new__ where that is nearer.
    [[nodiscard]] Target constructor_of(const Symbol& type) {
        Target best;
        for (const std::string_view name : {"__init__", "__new__"}) {
            for (const Target& found : evaluator_.member_of_class(type, name, false).items) {
                if (found.symbol == nullptr || found.symbol->kind != BlockKind::Method) continue;
                if (best.symbol == nullptr || (best.is_inherited && !found.is_inherited))
                    best = found;
                break;
            }
        }
        return best;
    }

    void add_construction(const Target& target, BoundEdge edge) {
        const Symbol& type = *target.symbol;
        const Target constructor = constructor_of(type);
        if (constructor.symbol == nullptr) return push(edge, target);
        Target called = target;
        called.symbol = constructor.symbol;
        called.is_inherited = constructor.is_inherited;
        push(edge, called);
        if (!constructor.is_inherited) return;
        // Who constructs a class must be found even where a base holds the constructor.
        edge.type = EdgeType::References;
        edge.target = type.id;
        edge.provenance = provenance_of(target);
        edges_.push_back(edge);
    }

    void bind_mention(const ReferenceFact& reference) {
        FileScope::Name::Kind kind = FileScope::Name::Kind::Unknown;
        const std::string text = text_of(reference, kind);
        if (text.empty()) return;
        const Targets targets = evaluator_.targets_of(text);
        if (targets.has_unknown) return;
        for (const Target& target : targets.items) {
            if (target.symbol == nullptr || target.symbol->kind == BlockKind::Module) continue;
            const bool is_getter =
                is_callable(target.symbol->kind) && has_mark(*target.symbol, "property");
            // In the body of its class a property is the object, `@size.setter`; an instance reads
            // it.
            if (is_getter && reference.receiver.count == 0) continue;
            const uint32_t source = is_getter ? runner_of(reference.definition)
                                    : reference.definition == kNone ? file_index()
                                                                    : reference.definition;
            if (symbols_.symbols[source].id == target.symbol->id) continue;
            BoundEdge edge = edge_at(source, reference.offset, reference.line);
            edge.target = target.symbol->id;
            // Reading a property runs its getter.
            edge.type = is_getter ? EdgeType::CallsMethod : EdgeType::References;
            edge.provenance = provenance_of(target);
            sink_.add(edge);
        }
    }

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    FileScope scope_;
    Evaluator evaluator_;
    std::vector<BoundEdge> edges_;
    bool holds_unknown_ = false;
};

class PythonResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override {
        FileScope scope(config, facts);
        declare_definitions(config.name, {scope.module(), "."}, facts, out);
        for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& fact = facts.definitions[i];
            Symbol& symbol = out.symbols[i];
            symbol.type = scope.value_text(i);
            if (is_callable(fact.kind)) symbol.member_names = scope.decorators_of(i);
            for (std::string& base : symbol.bases) base = scope.base_text(base, fact.container);
        }
        Symbol& file = out.symbols[out.file_index];
        if (is_test_path(facts.path)) file.flags |= format::kBlockTest;
        const bool is_script = std::any_of(
            facts.references.begin(), facts.references.end(), [&](const ReferenceFact& reference) {
                return reference.definition == kNone && facts.text(reference.name) == "__name__";
            });
        if (is_script) file.flags |= format::kBlockEntryPoint;
        out.symbols.push_back(module_symbol(config, facts, scope, file));
    }

    void link_types(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override {
        Evaluator evaluator(config, facts.path, source);
        for (Symbol& symbol : symbols.symbols) {
            symbol.base_ids.clear();
            symbol.type_id = {};
            if (symbol.kind == BlockKind::Class) {
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
}  // namespace python

const Resolver& python_resolver() {
    static const python::PythonResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
