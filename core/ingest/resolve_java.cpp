// Java's resolver: declares symbols, links stated types and bases, binds references to edges.
//
// The file's symbol carries the imports in `bases`, so that types written in one file can be read
// while another one is bound. What is bound with which evidence: docs/languages/java.md.
#include "ingest/resolution.h"
#include "ingest/resolve_java_expression.h"
#include "ingest/resolve_java_library.h"
#include "ingest/resolver.h"

#include <algorithm>
#include <string>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using format::EdgeType;
using format::Provenance;
using namespace java;

constexpr std::string_view kModifiers[] = {
    "public", "private",      "protected", "static", "final",      "abstract",  "default",
    "native", "synchronized", "strictfp",  "sealed", "non-sealed", "transient", "volatile"};

bool is_type_like(BlockKind kind) {
    return is_type(kind) || kind == BlockKind::EnumMember;
}

/// The "<...>" that starts `text`, or nothing.
std::string_view leading_angles(std::string_view text) {
    if (!text.starts_with('<')) return {};
    int depth = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '<') ++depth;
        if (text[at] == '>' && --depth == 0) return text.substr(0, at + 1);
    }
    return {};
}

std::string_view type_parameters_of(const FileFacts& facts, const DefinitionFact& definition) {
    std::string_view text = facts.text(definition.signature);
    if (text.find('<') == std::string_view::npos) return {};
    const std::string_view name = facts.text(definition.name);
    if (is_type(definition.kind)) {
        for (size_t at = text.find(name); at != std::string_view::npos;
             at = text.find(name, at + 1)) {
            if (at == 0 || text[at - 1] != ' ') continue;
            std::string_view rest = text.substr(at + name.size());
            while (rest.starts_with(' ')) rest.remove_prefix(1);
            return leading_angles(rest);
        }
        return {};
    }
    for (;;) {
        if (text.starts_with('<')) return leading_angles(text);
        const size_t space = text.find(' ');
        if (space == std::string_view::npos) return {};
        const std::string_view word = text.substr(0, space);
        const bool is_modifier =
            word.starts_with('@') ||
            std::find(std::begin(kModifiers), std::end(kModifiers), word) != std::end(kModifiers);
        if (!is_modifier) return {};
        text.remove_prefix(space + 1);
    }
}

/// "(final Map<K, V> a, int... b)" -> "Map<K, V>", "int...".
std::vector<std::string> parameter_types(std::string_view text) {
    std::vector<std::string> types;
    if (text.size() < 2) return types;
    for (std::string_view parameter : split_arguments(text.substr(1, text.size() - 2))) {
        const size_t space = parameter.rfind(' ');
        if (space == std::string_view::npos) continue;
        const std::string_view name = parameter.substr(space + 1);
        if (name == "this") continue;
        const TypeText parts = split_type(parameter.substr(0, space));
        std::string type(parts.name);
        if (!parts.arguments.empty()) type.append("<").append(parts.arguments).append(">");
        const bool is_rest = parameter.substr(0, space).ends_with("...");
        size_t dimensions = parts.dimensions - (is_rest ? 1u : 0u);
        dimensions += static_cast<size_t>(std::count(name.begin(), name.end(), '['));
        for (size_t i = 0; i < dimensions; ++i) type += "[]";
        if (is_rest) type += "...";
        types.push_back(std::move(type));
    }
    return types;
}

/// The binding of one file.
class JavaBinding {
  public:
    JavaBinding(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source,
                EdgeSink& sink)
        : facts_(facts),
          symbols_(symbols),
          source_(source),
          sink_(sink),
          types_(facts, symbols, source, Types::Level::Bind),
          expressions_(facts, types_) {}

    void run() {
        bind_imports();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            if (is_type(facts_.definitions[i].kind)) bind_bases(i);
            if (facts_.definitions[i].kind == BlockKind::Method) bind_overrides(i);
        }
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
        edge.provenance = provenance;
        edge.site_offset = site.offset;
        edge.site_line = site.line;
        sink_.add(edge);
    }
    void add_outside(const Site& site, std::string_view name, EdgeType type) {
        add(site, sink_.external(name), type, Provenance::External);
    }
    void add_overloads(const Site& site, const std::vector<const Symbol*>& overloads) {
        for (const Symbol* method : overloads) {
            BoundEdge edge;
            edge.source = site.source;
            edge.target = method->id;
            edge.type = call_edge_type(*method);
            edge.certainty = format::Certainty::Candidate;
            edge.provenance = Provenance::Arity;
            edge.confidence = static_cast<uint8_t>(std::max<size_t>(240 / overloads.size(), 1));
            edge.site_offset = site.offset;
            edge.site_line = site.line;
            sink_.add(edge);
        }
    }
    /// The receiver's type is known and has no such method: some generator makes it. No namesake of
    /// another type is meant.
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

    void bind_imports();
    void bind_bases(uint32_t index);
    void bind_overrides(uint32_t index);
    [[nodiscard]] const Symbol* overridden_in(const Type& base, const Symbol& method);
    void bind_reference(const ReferenceFact& reference);
    void bind_call(const ReferenceFact& reference, const Site& site, const Symbol* scope);
    void bind_member_call(const Value& value, const Invocation& call, const Site& site,
                          const ReferenceFact& reference);
    void bind_explicit_constructor(const Type& type, const Invocation& call, const Site& site);
    /// A method that every object has, arrays and interfaces too.
    void add_object_call(const Invocation& call, const Site& site);
    void bind_new(const ReferenceFact& reference, const Site& site, const Symbol* scope);
    void bind_construction(const Type& type, const Invocation& call, const Site& site);
    void bind_mention(const ReferenceFact& reference, const Site& site, const Symbol* scope);
    void bind_type(const ReferenceFact& reference, const Site& site, const Symbol* scope);
    void add_reference(const Site& site, const BlockId& target, Provenance provenance);
    [[nodiscard]] bool ends_unfound(const MethodFound& found, const Type& type,
                                    const Invocation& call, const Site& site);

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    EdgeSink& sink_;
    Types types_;
    Expressions expressions_;
};

void JavaBinding::bind_imports() {
    for (const ImportFact& import : facts_.imports) {
        const Site site{static_cast<uint32_t>(symbols_.file_index), import.offset, import.line};
        const std::string_view path = facts_.text(import.path);
        Type type = types_.qualified(path);
        if (type.symbol != nullptr) {
            add(site, type.symbol->id, EdgeType::Imports, Provenance::Import);
            continue;
        }
        if ((import.flags & ImportFact::kWildcard) != 0) continue;  // a package is no block
        if ((import.flags & ImportFact::kStatic) != 0) {
            const size_t dot = path.rfind('.');
            type = dot == std::string_view::npos ? Type() : types_.qualified(path.substr(0, dot));
            if (type.symbol != nullptr) {
                const std::string_view name = path.substr(dot + 1);
                const auto members = types_.members(type.symbol->id, name);
                const BlockId target = members.empty() ? type.symbol->id : members.front()->id;
                add(site, target, EdgeType::Imports, Provenance::Import);
                continue;
            }
        }
        add_outside(site, path, EdgeType::Imports);
    }
}

void JavaBinding::bind_bases(uint32_t index) {
    const DefinitionFact& definition = facts_.definitions[index];
    const Symbol& symbol = symbols_.symbols[index];
    const Symbol* outer = types_.by_id(symbol.parent);
    const Site site{index, definition.name_offset, definition.range.line_first};
    for (uint32_t i = 0; i < definition.base_count; ++i) {
        const BaseFact& base = facts_.bases[definition.base_first + i];
        const Type type = types_.resolve_name(split_type(facts_.text(base.type)).name, outer);
        if (!type.is_known() || (type.symbol != nullptr && type.symbol->id == symbol.id)) continue;
        const bool is_interface = type.symbol != nullptr &&
                                  type.symbol->kind == BlockKind::Interface &&
                                  definition.kind != BlockKind::Interface;
        const EdgeType edge =
            base.implements || is_interface ? EdgeType::Implements : EdgeType::Extends;
        if (type.symbol != nullptr) {
            add(site, type.symbol->id, edge, type.how);
        } else {
            add_outside(site, type.external, edge);
        }
    }
}

const Symbol* JavaBinding::overridden_in(const Type& base, const Symbol& method) {
    const Symbol* match = nullptr;
    for (const Symbol* member : types_.members(base.symbol->id, method.name)) {
        if (member->kind != BlockKind::Method ||
            (member->flags & (format::kBlockStatic | format::kBlockConstructor)) != 0)
            continue;
        if (member->member_names == method.member_names) return member;
        if (match == nullptr && types_.has_parameters_of(method, *member)) match = member;
    }
    return match;
}

void JavaBinding::bind_overrides(uint32_t index) {
    const DefinitionFact& definition = facts_.definitions[index];
    const Symbol& symbol = symbols_.symbols[index];
    if ((symbol.flags & (format::kBlockStatic | format::kBlockConstructor)) != 0) return;
    const Symbol* owner = types_.by_id(symbol.parent);
    if (owner == nullptr || !is_type_like(owner->kind)) return;
    const Site site{index, definition.name_offset, definition.range.line_first};
    std::vector<std::pair<const Symbol*, Type>> found;
    const Type* outside = nullptr;
    const bool has_namesake = types_.named(symbol.name).size() > 1;
    types_.visit_hierarchy({.symbol = owner}, [&](const Type& at, uint32_t depth) {
        if (depth == 0) return false;
        if (at.symbol == nullptr) {
            if (outside == nullptr) outside = types_.keep(at);
            return false;
        }
        if (!has_namesake) return false;
        const Symbol* match = overridden_in(at, symbol);
        if (match == nullptr) return false;
        const bool is_hidden = std::any_of(found.begin(), found.end(), [&](const auto& nearer) {
            return types_.is_subtype(nearer.second, at);
        });
        if (!is_hidden) found.emplace_back(match, at);
        return false;
    });
    for (const auto& [method, type] : found)
        add(site, method->id, EdgeType::Overrides, Provenance::Inheritance);
    if (!found.empty() || (symbol.flags & format::kBlockOverride) == 0) return;
    const bool is_object = is_object_method(symbol.name);
    if (outside == nullptr && !is_object) return;
    const std::string base(is_object ? "java.lang.Object" : outside->external);
    add_outside(site, base + "." + symbol.name, EdgeType::Overrides);
}

void JavaBinding::bind_reference(const ReferenceFact& reference) {
    const bool is_inside = reference.definition != kNone;
    const auto source =
        is_inside ? reference.definition : static_cast<uint32_t>(symbols_.file_index);
    const Site site{source, reference.offset, reference.line};
    const Symbol* scope = &symbols_.symbols[source];
    switch (reference.role) {
        case ReferenceRole::Call:
            return bind_call(reference, site, scope);
        case ReferenceRole::New:
            return bind_new(reference, site, scope);
        case ReferenceRole::Type:
        case ReferenceRole::Decorator:
            return bind_type(reference, site, scope);
        case ReferenceRole::Mention:
            return bind_mention(reference, site, scope);
        case ReferenceRole::Macro:
            return;
    }
}

bool JavaBinding::ends_unfound(const MethodFound& found, const Type& type, const Invocation& call,
                               const Site& site) {
    if (found.symbol != nullptr) {
        add(site, found.symbol->id, call_edge_type(*found.symbol), found.how);
        return true;
    }
    if (!found.ambiguous.empty()) {
        add_overloads(site, found.ambiguous);
        return true;
    }
    if (const Symbol* component = expressions_.record_component(type, call)) {
        add(site, component->id, EdgeType::Calls, Provenance::ReceiverType);
        return true;
    }
    if (is_object_method(call.name)) {
        add_object_call(call, site);
        return true;
    }
    if (found.outside != nullptr) {
        add_outside(site, std::string(found.outside->external) + "." + std::string(call.name),
                    EdgeType::Calls);
        return true;
    }
    return false;
}

void JavaBinding::add_object_call(const Invocation& call, const Site& site) {
    const Type object = types_.well_known("java.lang.Object");
    if (object.symbol != nullptr) {
        const MethodFound found = expressions_.find_method(object, call, false);
        if (found.symbol != nullptr)
            return add(site, found.symbol->id, EdgeType::CallsMethod, Provenance::Inheritance);
    }
    add_outside(site, "java.lang.Object." + std::string(call.name), EdgeType::Calls);
}

void JavaBinding::bind_explicit_constructor(const Type& type, const Invocation& call,
                                            const Site& site) {
    if (type.is_known()) bind_construction(type, call, site);
}

void JavaBinding::bind_call(const ReferenceFact& reference, const Site& site, const Symbol* scope) {
    const std::string_view name = facts_.text(reference.name);
    const Invocation call{.name = name,
                          .argument_count = reference.argument_count,
                          .arguments = reference.arguments,
                          .offset = reference.offset,
                          .scope = scope};
    if (reference.receiver.count != 0) {
        const Value value = expressions_.value_of(reference.receiver, reference.receiver.count,
                                                  scope, reference.offset);
        return bind_member_call(value, call, site, reference);
    }
    if (name == "super")
        return bind_explicit_constructor(expressions_.superclass(scope), call, site);
    if (name == "this")
        return bind_explicit_constructor({.symbol = expressions_.enclosing_type(scope)}, call,
                                         site);
    const MethodFound found = expressions_.find_unqualified(call);
    expressions_.keep_result(reference, found, nullptr, call);
    const Symbol* type = expressions_.enclosing_type(scope);
    // What every enum has comes before what the file imports.
    const bool is_enum = type != nullptr && type->kind == BlockKind::Enum;
    if (is_enum && !found.is_decided() && is_enum_method(name))
        return add_outside(site, "java.lang.Enum." + std::string(name), EdgeType::Calls);
    if (ends_unfound(found, {.symbol = type}, call, site)) return;
    if (found.has_unknown_base)
        return add_candidates(facts_, reference, site.source, source_, sink_);
    add_unresolved(site, name);
}

void JavaBinding::bind_member_call(const Value& value, const Invocation& call, const Site& site,
                                   const ReferenceFact& reference) {
    const Type& type = value.type;
    const std::string name(call.name);
    if (!type.is_known()) {
        // `java.util.List.of()` is known to be outside only when a type name was seen.
        return add_candidates(facts_, reference, site.source, source_, sink_);
    }
    // Arrays have a clone() of their own.
    const bool is_array = type.dimensions != 0;
    if (is_array && name == "clone")
        return add_outside(site, "java.lang.Object.clone", EdgeType::Calls);
    if (is_array) return add_object_call(call, site);
    if (type.symbol == nullptr) {
        const bool is_object = type.external == "java.lang.Object";
        if (is_object && !is_object_method(call.name))
            return add_candidates(facts_, reference, site.source, source_, sink_);
        return add_outside(site, std::string(type.external) + "." + name, EdgeType::Calls);
    }
    MethodFound found = expressions_.find_method(type, call, value.is_super);
    expressions_.keep_result(reference, found, &type, call);
    if (value.is_type_name && found.depth == 0 && type.how != Provenance::Unknown)
        found.how = type.how;
    if (value.is_super) found.how = Provenance::Inheritance;
    const bool is_enum = type.symbol->kind == BlockKind::Enum;
    if (is_enum && !found.is_decided() && is_enum_method(call.name))
        return add_outside(site, "java.lang.Enum." + name, EdgeType::Calls);
    if (ends_unfound(found, type, call, site)) return;
    if (found.has_unknown_base || type.is_declared_variable)
        return add_candidates(facts_, reference, site.source, source_, sink_);
    add_unresolved(site, call.name);
}

void JavaBinding::bind_construction(const Type& type, const Invocation& call, const Site& site) {
    if (type.symbol == nullptr) return add_outside(site, type.external, EdgeType::Calls);
    const MethodFound found = expressions_.find_constructor(*type.symbol, call);
    const Provenance how = type.how == Provenance::Unknown ? Provenance::Scope : type.how;
    if (found.symbol != nullptr) return add(site, found.symbol->id, EdgeType::CallsMethod, how);
    if (!found.ambiguous.empty()) return add_overloads(site, found.ambiguous);
    // An anonymous class of an interface: nothing of the interface runs.
    if (type.symbol->kind == BlockKind::Interface) return add_reference(site, type.symbol->id, how);
    // The constructor that nobody wrote.
    add(site, type.symbol->id, EdgeType::Calls, how);
}

void JavaBinding::bind_new(const ReferenceFact& reference, const Site& site, const Symbol* scope) {
    const TypeText text = split_type(facts_.text(reference.name));
    const Type type = types_.resolve_name(text.name, scope);
    const Invocation call{.name = text.name,
                          .argument_count = reference.argument_count,
                          .arguments = reference.arguments,
                          .offset = reference.offset,
                          .scope = scope};
    if (type.is_known()) return bind_construction(type, call, site);
    add_candidates(facts_, reference, site.source, source_, sink_);
}

void JavaBinding::add_reference(const Site& site, const BlockId& target, Provenance provenance) {
    if (target == symbols_.symbols[site.source].id) return;
    add(site, target, EdgeType::References,
        provenance == Provenance::Unknown ? Provenance::Scope : provenance);
}

void JavaBinding::bind_type(const ReferenceFact& reference, const Site& site, const Symbol* scope) {
    std::string name(split_type(facts_.text(reference.name)).name);
    // Annotations may be written with their package: `@org.junit.Test`.
    for (uint32_t i = reference.receiver.count; i-- > 0;)
        name =
            std::string(facts_.text(facts_.links[reference.receiver.first + i].name)) + "." + name;
    // The header of a type is outside of its members' scope.
    const bool is_header = reference.definition != kNone && reference.is_in_declaration &&
                           is_type(facts_.definitions[reference.definition].kind);
    const Type variable = types_.resolve(name, scope, nullptr);
    if (variable.is_declared_variable) return;
    const Symbol* outer = is_header ? types_.by_id(scope->parent) : scope;
    const Type type = is_header ? types_.resolve_name(name, outer) : variable;
    if (type.symbol != nullptr) return add_reference(site, type.symbol->id, type.how);
    if (reference.role == ReferenceRole::Decorator && !type.external.empty() &&
        !type.external.starts_with("java.lang."))
        add_outside(site, type.external, EdgeType::References);
}

void JavaBinding::bind_mention(const ReferenceFact& reference, const Site& site,
                               const Symbol* scope) {
    const std::string_view name = facts_.text(reference.name);
    if (reference.receiver.count == 0) {
        const Member field = expressions_.find_field_in_scopes(name, scope);
        if (field.symbol != nullptr) {
            const bool is_own = field.symbol->file == scope->file;
            return add_reference(site, field.symbol->id,
                                 is_own             ? Provenance::Scope
                                 : field.depth != 0 ? Provenance::Inheritance
                                                    : Provenance::Import);
        }
        if (types_.named(name).empty()) return;
        const Type type = types_.resolve_name(name, scope);
        if (type.symbol != nullptr) add_reference(site, type.symbol->id, type.how);
        return;
    }
    if (types_.named(name).empty()) return;
    const Value value = expressions_.value_of(reference.receiver, reference.receiver.count, scope,
                                              reference.offset);
    if (!value.type.is_known() && !value.package.empty()) {
        const Type type = types_.qualified(std::string(value.package) + "." + std::string(name));
        if (type.symbol != nullptr) add_reference(site, type.symbol->id, Provenance::Package);
        return;
    }
    if (value.type.symbol == nullptr || value.type.dimensions != 0) return;
    const Provenance how = value.is_type_name ? value.type.how : Provenance::ReceiverType;
    if (const Member field = types_.find_field(value.type, name); field.symbol != nullptr)
        return add_reference(site, field.symbol->id,
                             field.depth != 0 ? Provenance::Inheritance : how);
    if (const Symbol* nested = types_.nested_type(*value.type.symbol, name))
        return add_reference(site, nested->id, how);
    // `Type::method`
    const Invocation call{.name = name, .offset = reference.offset, .scope = scope};
    const MethodFound found = expressions_.find_method(value.type, call, value.is_super);
    if (found.symbol != nullptr) add_reference(site, found.symbol->id, found.how);
}

class JavaResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override {
        DeclareRules rules;
        rules.package = facts.text(facts.package);
        rules.separator = ".";
        declare_definitions(config.name, rules, facts, out);
        for (size_t i = 0; i < facts.definitions.size(); ++i) {
            const DefinitionFact& definition = facts.definitions[i];
            Symbol& symbol = out.symbols[i];
            if (is_type(definition.kind) || definition.kind == BlockKind::Method)
                symbol.type_parameters = type_parameters_of(facts, definition);
            if (definition.kind == BlockKind::Method)
                symbol.member_names = parameter_types(facts.text(definition.parameters));
        }
        Symbol& file = out.symbols[out.file_index];
        for (const ImportFact& import : facts.imports) {
            std::string text;
            if ((import.flags & ImportFact::kStatic) != 0) text = "static ";
            text += facts.text(import.path);
            if ((import.flags & ImportFact::kWildcard) != 0) text += ".*";
            file.bases.push_back(std::move(text));
        }
    }

    void link_types(const WorkspaceConfig&, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override {
        Types types(facts, symbols, source, Types::Level::Link);
        for (size_t i = 0; i < facts.definitions.size(); ++i) {
            Symbol& symbol = symbols.symbols[i];
            if (is_type(symbol.kind)) {
                const Symbol* outer = types.by_id(symbol.parent);
                for (const std::string& text : symbol.bases) {
                    const Type base = types.resolve_name(split_type(text).name, outer);
                    if (base.symbol != nullptr && base.symbol->id != symbol.id)
                        symbol.base_ids.push_back(base.symbol->id);
                }
            } else if (!symbol.type.empty() && !is_primitive(symbol.type)) {
                const Type type = types.resolve(symbol.type, &symbol, nullptr);
                if (type.symbol != nullptr && !type.is_declared_variable)
                    symbol.type_id = type.symbol->id;
            }
        }
    }

    void bind(const WorkspaceConfig&, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        JavaBinding(facts, symbols, source, sink).run();
    }
};

}  // namespace

const Resolver& java_resolver() {
    static const JavaResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
