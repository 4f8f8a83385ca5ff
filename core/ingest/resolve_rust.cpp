// Rust's resolver: declares symbols and modules, links stated types and traits, binds references.
// What is bound with which evidence: docs/languages/rust.md.
#include "ingest/resolution.h"
#include "ingest/resolve_rust_values.h"
#include "ingest/resolver.h"

#include <algorithm>
#include <string>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using format::EdgeType;
using format::Provenance;
using namespace rust;

/// The binding of one file.
class RustBinding {
  public:
    RustBinding(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
                SymbolSource& source, EdgeSink& sink)
        : facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          paths_(config, facts, symbols, source),
          types_(paths_, Types::Level::Bind),
          values_(facts, paths_, types_) {}

    void run() {
        bind_imports();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) bind_traits(i);
        for (const ReferenceFact& reference : facts_.references) bind_reference(reference);
    }

  private:
    struct Site {
        uint32_t source = 0;
        uint32_t offset = 0;
        uint32_t line = 0;
    };

    void add(const Site& site, const BlockId& target, EdgeType type, Provenance provenance) {
        BoundEdge edge;
        edge.source = site.source;
        edge.target = target;
        edge.type = type;
        edge.provenance = provenance == Provenance::Unknown ? Provenance::Scope : provenance;
        edge.site_offset = site.offset;
        edge.site_line = site.line;
        sink_.add(edge);
    }
    void add_outside(const Site& site, std::string_view path, EdgeType type) {
        add(site, sink_.external(path), type, Provenance::External);
    }
    void add_alternatives(const Site& site, const std::vector<const Symbol*>& alternatives) {
        const size_t count = std::min(alternatives.size(), kCandidatesMax);
        for (size_t i = 0; i < count; ++i) {
            BoundEdge edge;
            edge.source = site.source;
            edge.target = alternatives[i]->id;
            edge.type = call_edge_type(*alternatives[i]);
            edge.certainty = format::Certainty::Candidate;
            edge.provenance = Provenance::Arity;
            edge.confidence = static_cast<uint8_t>(std::max<size_t>(240 / alternatives.size(), 1));
            edge.site_offset = site.offset;
            edge.site_line = site.line;
            sink_.add(edge);
        }
    }
    void add_unresolved(const Site& site, std::string_view name) {
        BoundEdge edge;
        edge.source = site.source;
        edge.target = sink_.unresolved(name);
        edge.type = EdgeType::Calls;
        edge.certainty = format::Certainty::Candidate;
        edge.provenance = Provenance::NameMatch;
        edge.confidence = 0;
        edge.site_offset = site.offset;
        edge.site_line = site.line;
        sink_.add(edge);
    }
    void add_reference(const Site& site, const Found& found) {
        if (found.symbol == nullptr || found.symbol->id == symbols_.symbols[site.source].id) return;
        add(site, found.symbol->id, EdgeType::References, found.how);
    }

    void bind_imports();
    void bind_traits(uint32_t index);
    void bind_reference(const ReferenceFact& reference);
    void bind_call(const ReferenceFact& reference, const Site& site);
    void bind_macro(const ReferenceFact& reference, const Site& site);
    void bind_mention(const ReferenceFact& reference, const Site& site);
    [[nodiscard]] Found path_of(const ReferenceFact& reference, Space space);
    [[nodiscard]] Found member_of(const ReferenceFact& reference);
    [[nodiscard]] Found macro_of(const ReferenceFact& reference);

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    Paths paths_;
    Types types_;
    Values values_;
};

void RustBinding::bind_imports() {
    for (size_t i = 0; i < facts_.imports.size(); ++i) {
        const ImportFact& import = facts_.imports[i];
        const uint32_t source = import.definition == kNone
                                    ? static_cast<uint32_t>(symbols_.file_index)
                                    : import.definition;
        const Site site{source, import.offset, import.line};
        bool is_found = false;
        std::string_view external;
        for (const Space space : {Space::Type, Space::Value, Space::Macro}) {
            const Found found = paths_.resolve_import(i, space);
            if (found.symbol != nullptr) {
                if (found.symbol->id != symbols_.symbols[source].id)
                    add(site, found.symbol->id, EdgeType::Imports, Provenance::Import);
                is_found = true;
            }
            if (external.empty()) external = found.external;
            if ((import.flags & ImportFact::kModule) != 0) break;
        }
        if (!is_found && !external.empty()) add_outside(site, external, EdgeType::Imports);
    }
}

void RustBinding::bind_traits(uint32_t index) {
    const DefinitionFact& definition = facts_.definitions[index];
    const Symbol& symbol = symbols_.symbols[index];
    const Site site{index, definition.name_offset, definition.range.line_first};
    for (uint32_t i = 0; i < definition.base_count; ++i) {
        const BaseFact& base = facts_.bases[definition.base_first + i];
        const Found found =
            paths_.resolve_whole(facts_.text(base.type), definition.container, Space::Type);
        const EdgeType type = base.implements ? EdgeType::Implements : EdgeType::Extends;
        if (found.symbol != nullptr) {
            if (found.symbol->id != symbol.id) add(site, found.symbol->id, type, found.how);
        } else if (!found.external.empty()) {
            add_outside(site, found.external, type);
        }
    }
    if (definition.kind != BlockKind::Method || definition.trait_scope == 0) return;
    for (const BlockId& id : symbol.base_ids) {
        for (const Symbol* member : source_.members(id, symbol.name)) {
            if (!is_callable(member->kind)) continue;
            add(site, member->id, EdgeType::Overrides, Provenance::Inheritance);
            return;
        }
    }
    if (!symbol.base_ids.empty()) return;
    const Found trait = paths_.resolve_whole(facts_.text(definition.trait_scope),
                                             definition.container, Space::Type);
    if (!trait.external.empty())
        add_outside(site, std::string(trait.external) + "::" + symbol.name, EdgeType::Overrides);
}

Found RustBinding::path_of(const ReferenceFact& reference, Space space) {
    std::vector<std::string_view> segments;
    segments.reserve(reference.receiver.count + 1);
    for (uint32_t i = 0; i < reference.receiver.count; ++i)
        segments.push_back(
            without_arguments(facts_.text(facts_.links[reference.receiver.first + i].name)));
    segments.push_back(without_arguments(facts_.text(reference.name)));
    const Paths::End end = paths_.resolve(segments, reference.definition, space);
    if (end.used == segments.size()) return end.found;
    if (end.found.symbol == nullptr || end.used + 1 != segments.size()) return {};
    for (const Symbol* member : source_.members(end.found.symbol->id, segments.back()))
        return {.symbol = member, .how = end.found.how};
    return {};
}

Found RustBinding::macro_of(const ReferenceFact& reference) {
    if (reference.receiver.count != 0) return path_of(reference, Space::Macro);
    const std::string_view name = facts_.text(reference.name);
    // `macro_rules!` is in scope by text, in the modules of its crate, and from the crate's root.
    const Symbol* only = nullptr;
    bool has_others = false;
    for (const Symbol* symbol : source_.named(name)) {
        if (symbol->kind != BlockKind::Macro) continue;
        const std::string_view crate = paths_.place().crate;
        const bool is_in_crate =
            symbol->package == crate ||
            (symbol->package.starts_with(crate) &&
             std::string_view(symbol->package).substr(crate.size()).starts_with("::"));
        if (!is_in_crate) continue;
        if (symbol->path == facts_.path) return {.symbol = symbol, .how = Provenance::Scope};
        has_others = only != nullptr;
        only = symbol;
    }
    if (only != nullptr && !has_others) return {.symbol = only, .how = Provenance::Package};
    const Found found = paths_.resolve_whole(name, reference.definition, Space::Macro);
    if (found.is_known()) return found;
    if (is_library_macro(name))
        return {.external = paths_.keep("std::" + std::string(name)), .how = Provenance::External};
    return {};
}

void RustBinding::bind_macro(const ReferenceFact& reference, const Site& site) {
    const Found found = macro_of(reference);
    if (found.symbol != nullptr && found.symbol->kind == BlockKind::Macro)
        return add(site, found.symbol->id, EdgeType::Calls, found.how);
    if (!found.external.empty()) return add_outside(site, found.external, EdgeType::Calls);
    add_candidates(facts_, reference, site.source, source_, sink_);
}

void RustBinding::bind_call(const ReferenceFact& reference, const Site& site) {
    const std::string_view name = facts_.text(reference.name);
    const Meaning meaning = values_.call(reference);
    values_.keep_result(reference, meaning);
    if (meaning.is_local) return;
    if (meaning.symbol != nullptr) {
        // Tuple structs and variants are built, not called.
        if (!is_callable(meaning.symbol->kind))
            return add_reference(site, {.symbol = meaning.symbol, .how = meaning.how});
        return add(site, meaning.symbol->id, call_edge_type(*meaning.symbol), meaning.how);
    }
    if (!meaning.ambiguous.empty()) return add_alternatives(site, meaning.ambiguous);
    if (!meaning.external.empty()) {
        if (reference.receiver.count == 0 && is_prelude_variant(name)) return;
        return add_outside(site, meaning.external, EdgeType::Calls);
    }
    if (meaning.is_missing) return add_unresolved(site, name);
    add_candidates(facts_, reference, site.source, source_, sink_);
}

Found RustBinding::member_of(const ReferenceFact& reference) {
    const Value value = values_.value_of(reference.receiver, reference.receiver.count,
                                         reference.definition, reference.offset);
    if (value.is_path || !value.type.is_known()) return {};
    return {.symbol = values_.field(value.type, facts_.text(reference.name)),
            .how = Provenance::ReceiverType};
}

void RustBinding::bind_mention(const ReferenceFact& reference, const Site& site) {
    const std::string_view name = without_arguments(facts_.text(reference.name));
    if (name.empty() || source_.named(name).empty()) return;
    const uint32_t count = reference.receiver.count;
    bool is_path = true;
    for (uint32_t i = 0; i < count; ++i) {
        const uint8_t flags = facts_.links[reference.receiver.first + i].flags;
        if ((flags & ~ChainLink::kScope & ~ChainLink::kSelf) != 0) is_path = false;
        if (i > 0 && (flags & ChainLink::kScope) == 0) is_path = false;
    }
    if (count != 0) {
        const ChainLink& first = facts_.links[reference.receiver.first];
        const bool is_value = (first.flags & ChainLink::kSelf) != 0 ||
                              values_.local(first.name, reference.offset) != nullptr;
        if (is_value || !is_path) return add_reference(site, member_of(reference));
    }
    if (is_prelude_variant(name) && count == 0) return;
    Found found;
    if (count == 1 && facts_.text(facts_.links[reference.receiver.first].name) == "Self") {
        const Type self = types_.self_type(reference.definition);
        if (self.symbol == nullptr) return;
        for (const Symbol* member : source_.members(self.symbol->id, name))
            found = {.symbol = member, .how = Provenance::Scope};
        return add_reference(site, found);
    }
    found = path_of(reference, Space::Value);
    if (found.symbol == nullptr) found = path_of(reference, Space::Type);
    if (found.symbol == nullptr && count != 0) found = member_of(reference);
    add_reference(site, found);
}

void RustBinding::bind_reference(const ReferenceFact& reference) {
    const uint32_t source = reference.definition == kNone
                                ? static_cast<uint32_t>(symbols_.file_index)
                                : reference.definition;
    const Site site{source, reference.offset, reference.line};
    switch (reference.role) {
        case ReferenceRole::Call:
            return bind_call(reference, site);
        case ReferenceRole::Macro:
            return bind_macro(reference, site);
        case ReferenceRole::Mention:
            return bind_mention(reference, site);
        case ReferenceRole::New:
        case ReferenceRole::Type: {
            const std::string_view name = without_arguments(facts_.text(reference.name));
            if (source_.named(name).empty()) return;
            return add_reference(site, path_of(reference, Space::Type));
        }
        case ReferenceRole::Decorator: {
            if (source_.named(facts_.text(reference.name)).empty()) return;
            Found found = path_of(reference, Space::Type);
            if (found.symbol == nullptr || found.symbol->kind == BlockKind::Module)
                found = path_of(reference, Space::Macro);
            return add_reference(site, found);
        }
    }
}

class RustResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override {
        const Place place = place_of(config, facts.path);
        DeclareRules rules;
        rules.package = place.module;
        rules.separator = "::";
        declare_definitions(config.name, rules, facts, out);
        rename_relative(facts, place, out);
        // In order of position, so that the package of a container is known.
        for (size_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& definition = facts.definitions[i];
            Symbol& symbol = out.symbols[i];
            complete(facts, definition, place, out, symbol);
        }
        add_module(config, facts, place, out);
    }

    void link_types(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override {
        Paths paths(config, facts, symbols, source);
        Types types(paths, Types::Level::Link);
        for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& definition = facts.definitions[i];
            Symbol& symbol = symbols.symbols[i];
            if (definition.scope != 0) {
                const Type self = types.self_type(i);
                // An impl for `Arc<T>` or for every `T: Trait` gives nothing to T or to the trait.
                const std::string_view scope = facts.text(definition.scope);
                const bool is_object = scope.starts_with("dyn ") && self.symbol != nullptr &&
                                       self.symbol->kind == BlockKind::Interface;
                const bool is_plain = self.layers.is_empty() && self.bounds == nullptr;
                if (self.symbol != nullptr && (is_plain || is_object))
                    symbol.parent = self.symbol->id;
            }
            for (const std::string& text : symbol.bases) {
                if (symbol.kind == BlockKind::Module) break;
                const Found base = paths.resolve_whole(text, definition.container, Space::Type);
                if (base.symbol != nullptr && base.symbol->id != symbol.id)
                    symbol.base_ids.push_back(base.symbol->id);
            }
            const bool is_tuple = is_type(symbol.kind) && symbol.kind != BlockKind::TypeAlias;
            if (definition.type == 0 || is_tuple || symbol.kind == BlockKind::EnumMember ||
                symbol.kind == BlockKind::Module)
                continue;
            const Type type = types.parse(facts.text(definition.type), i);
            if (type.symbol != nullptr && !type.is_self) symbol.type_id = type.symbol->id;
        }
    }

    void bind(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        RustBinding(config, facts, symbols, source, sink).run();
    }

  private:
    /// `impl crate::Shape` in a module is not inside of that module: its methods are named after
    /// the type, wherever they stand.
    static void rename_relative(const FileFacts& facts, const Place& place, FileSymbols& out) {
        std::vector<bool> is_renamed(facts.definitions.size());
        for (size_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& definition = facts.definitions[i];
            const bool is_inner = definition.container != kNone;
            std::string_view scope = base_type_name(facts.text(definition.scope));
            std::string_view around =
                is_inner ? out.symbols[definition.container].qualified_name : place.module;
            is_renamed[i] = is_inner && is_renamed[definition.container];
            for (;;) {
                const size_t end = scope.find("::");
                const std::string_view head = scope.substr(0, end);
                if (end == std::string_view::npos ||
                    (head != "crate" && head != "super" && head != "self"))
                    break;
                if (head == "crate") around = place.crate;
                if (head == "super") around = parent_path(around);
                scope.remove_prefix(end + 2);
                is_renamed[i] = true;
            }
            if (!is_renamed[i]) continue;
            std::string name(around);
            if (!scope.empty()) name.append("::").append(scope);
            name.append("::").append(out.symbols[i].name);
            out.symbols[i].qualified_name = std::move(name);
        }
    }

    static void complete(const FileFacts& facts, const DefinitionFact& definition,
                         const Place& place, FileSymbols& out, Symbol& symbol) {
        if (definition.container == kNone) {
            symbol.package = place.module;
            if (definition.scope != 0)
                symbol.package = std::string(parent_path(symbol.qualified_name));
        } else {
            symbol.package = std::string(parent_path(symbol.qualified_name));
            if (is_callable(facts.definitions[definition.container].kind))
                symbol.package = out.symbols[definition.container].qualified_name + "()";
        }
        if (definition.kind == BlockKind::Module) {
            symbol.type = place.crate;
            add_exports(facts, static_cast<uint32_t>(&symbol - out.symbols.data()), symbol);
        }
        if (definition.kind == BlockKind::Method && definition.trait_scope != 0)
            symbol.bases.assign(1, std::string(facts.text(definition.trait_scope)));
        if (is_type(definition.kind))
            symbol.type_parameters =
                type_parameters_of(facts.text(definition.signature), symbol.name);
    }

    static void add_exports(const FileFacts& facts, uint32_t owner, Symbol& symbol) {
        for (const ImportFact& import : facts.imports) {
            constexpr uint8_t kWanted = ImportFact::kReExport;
            if (import.definition != owner || (import.flags & kWanted) == 0 ||
                (import.flags & ImportFact::kModule) != 0)
                continue;
            const std::string_view path = facts.text(import.path);
            const std::string_view alias = facts.text(import.alias);
            std::string entry;
            if ((import.flags & ImportFact::kWildcard) != 0) {
                entry = "*";
            } else {
                entry = alias.empty() ? last_segment(path) : alias;
            }
            entry += '=';
            entry += path;
            symbol.bases.push_back(std::move(entry));
        }
    }

    /// The module that the file is.
    static void add_module(const WorkspaceConfig& config, const FileFacts& facts,
                           const Place& place, FileSymbols& out) {
        const Symbol& file = out.symbols[out.file_index];
        Symbol module;
        module.id = BlockId::of(config.name, static_cast<uint16_t>(BlockKind::Module),
                                facts.path + "#" + place.module);
        module.parent = module.file = file.id;
        module.kind = BlockKind::Module;
        module.language = facts.language;
        module.flags = format::kBlockExported;
        module.name = last_segment(place.module);
        module.qualified_name = place.module;
        module.package = parent_path(place.module);
        module.path = facts.path;
        module.type = place.crate;
        add_exports(facts, kNone, module);
        out.symbols.push_back(std::move(module));
    }
};

}  // namespace

const Resolver& rust_resolver() {
    static const RustResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
