// Reads Java's scoping rules: type variables, local and nested types, imports, the package,
// java.lang.
#include "ingest/resolve_java_types.h"

#include "ingest/resolution.h"
#include "ingest/resolve_java_library.h"

#include <algorithm>

namespace kausal::ingest::java {
namespace {

using format::BlockKind;
using format::Provenance;

constexpr uint32_t kDepthMax = 24;
constexpr size_t kHierarchyMax = 64;

bool is_class_like(BlockKind kind) {
    return is_type(kind) || kind == BlockKind::EnumMember;
}

void read_import(std::string_view text, FileScope& scope) {
    const bool is_static = text.starts_with("static ");
    if (is_static) text.remove_prefix(7);
    const bool is_wildcard = text.ends_with(".*");
    if (is_wildcard) text.remove_suffix(2);
    if (is_wildcard) {
        (is_static ? scope.static_wildcards : scope.wildcards).push_back(text);
        return;
    }
    const size_t dot = text.rfind('.');
    if (dot == std::string_view::npos) return;
    if (is_static) {
        scope.static_single.emplace_back(text.substr(dot + 1), text.substr(0, dot));
    } else {
        scope.single.emplace(text.substr(dot + 1), text);
    }
}

}  // namespace

Types::Types(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source, Level level)
    : symbols_(symbols), source_(source), level_(level) {
    own_.reserve(symbols.symbols.size());
    for (uint32_t i = 0; i < symbols.symbols.size(); ++i) own_.emplace(symbols.symbols[i].id, i);
    has_local_types_.resize(symbols.symbols.size());
    for (const DefinitionFact& definition : facts.definitions)
        if (is_type(definition.kind) && definition.container != kNone)
            has_local_types_[definition.container] = true;
}

const Symbol* Types::deciding(const Symbol* scope) {
    while (scope != nullptr && !is_class_like(scope->kind) && scope->kind != BlockKind::File) {
        const auto own = own_.find(scope->id);
        if (own != own_.end() && has_local_types_[own->second]) return scope;
        const Symbol* parent = by_id(scope->parent);
        if (parent == nullptr) return scope;
        scope = parent;
    }
    return scope;
}

const Symbol* Types::by_id(const BlockId& id) {
    if (!id.is_valid()) return nullptr;
    const auto own = own_.find(id);
    return own != own_.end() ? &symbols_.symbols[own->second] : source_.by_id(id);
}

const FileScope& Types::scope_of(const Symbol& symbol) {
    const auto found = scopes_.find(symbol.file);
    if (found != scopes_.end()) return found->second;
    FileScope scope;
    scope.package = symbol.package;
    if (const Symbol* file = by_id(symbol.file)) {
        scope.package = file->package;
        for (const std::string& import : file->bases) read_import(import, scope);
    }
    return scopes_.emplace(symbol.file, std::move(scope)).first->second;
}

const Types::SymbolList& Types::types_named(std::string_view name) {
    const auto found = types_named_.find(name);
    if (found != types_named_.end()) return found->second;
    SymbolList list;
    for (const Symbol* symbol : source_.named(name))
        if (is_type(symbol->kind)) list.push_back(symbol);
    return types_named_.emplace(keep(std::string(name)), std::move(list)).first->second;
}

Type Types::qualified(std::string_view qualified_name) {
    const auto found = qualified_.find(qualified_name);
    if (found != qualified_.end()) return found->second;
    Type type;
    for (const Symbol* symbol : types_named(last_component(qualified_name))) {
        if (symbol->qualified_name != qualified_name) continue;
        type.symbol = symbol;
        break;
    }
    qualified_.emplace(keep(std::string(qualified_name)), type);
    return type;
}

Type Types::well_known(std::string_view qualified_name) {
    Type type = qualified(qualified_name);
    if (type.symbol == nullptr) type.external = qualified_name;
    return type;
}

const Symbol* Types::nested_type(const Symbol& type, std::string_view name) {
    const SymbolList& types = types_named(name);
    if (types.empty()) return nullptr;
    const bool has_nested = std::any_of(types.begin(), types.end(), [](const Symbol* symbol) {
        return symbol->parent != symbol->file;
    });
    if (!has_nested) return nullptr;
    const Symbol* found = nullptr;
    visit_hierarchy({.symbol = &type}, [&](const Type& base, uint32_t) {
        if (base.symbol == nullptr) return false;
        for (const Symbol* symbol : types) {
            if (symbol->parent != base.symbol->id || !can_see(*symbol, type)) continue;
            found = symbol;
            return true;
        }
        return false;
    });
    return found;
}

Type Types::find_in_scopes(std::string_view name, const Symbol* scope, const SymbolList& types) {
    for (const Symbol* at = scope; at != nullptr && at->kind != BlockKind::File;
         at = by_id(at->parent)) {
        if (is_class_like(at->kind)) {
            if (at->name == name && is_type(at->kind))
                return {.symbol = at, .how = Provenance::Scope};
            if (const Symbol* nested = nested_type(*at, name)) {
                const bool is_here = nested->file == at->file;
                return {.symbol = nested,
                        .how = is_here ? Provenance::Scope : Provenance::Inheritance};
            }
        } else {
            for (const Symbol* symbol : types)
                if (symbol->parent == at->id) return {.symbol = symbol, .how = Provenance::Scope};
        }
    }
    return {};
}

Type Types::find_imported(std::string_view name, const Symbol* scope, const SymbolList& types) {
    const FileScope& file = scope_of(*scope);
    const auto in_package = [&](std::string_view package, Provenance how) -> Type {
        for (const Symbol* symbol : types) {
            if (symbol->package != package || symbol->parent != symbol->file) continue;
            return {.symbol = symbol, .how = symbol->file == scope->file ? Provenance::Scope : how};
        }
        return {};
    };
    const auto single = file.single.find(name);
    if (single != file.single.end()) {
        Type type = well_known(single->second);
        type.how = type.symbol != nullptr ? Provenance::Import : Provenance::External;
        return type;
    }
    if (const Type type = in_package(file.package, Provenance::Package); type.is_known())
        return type;
    for (const auto& [member, owner] : file.static_single) {
        if (member != name) continue;
        const Type outer = qualified(owner);
        if (outer.symbol == nullptr) continue;
        if (const Symbol* nested = nested_type(*outer.symbol, name))
            return {.symbol = nested, .how = Provenance::Import};
    }
    for (const std::string_view wildcard : file.wildcards) {
        if (const Type type = in_package(wildcard, Provenance::Import); type.is_known())
            return type;
        const Type outer = types.empty() ? Type() : qualified(wildcard);
        if (outer.symbol == nullptr) continue;
        if (const Symbol* nested = nested_type(*outer.symbol, name))
            return {.symbol = nested, .how = Provenance::Import};
    }
    for (const std::string_view wildcard : file.static_wildcards) {
        const Type outer = types.empty() ? Type() : qualified(wildcard);
        if (outer.symbol == nullptr) continue;
        if (const Symbol* nested = nested_type(*outer.symbol, name))
            return {.symbol = nested, .how = Provenance::Import};
    }
    // Every file imports java.lang by itself.
    return in_package("java.lang", Provenance::Package);
}

Type Types::find_simple(std::string_view name, const Symbol* scope) {
    const SymbolList& types = types_named(name);
    if (!types.empty()) {
        if (Type type = find_in_scopes(name, scope, types); type.is_known()) return type;
    }
    if (Type type = find_imported(name, scope, types); type.is_known()) return type;
    const auto outside = [this](std::string qualified_name) {
        Type type = well_known(keep(std::move(qualified_name)));
        type.how = type.symbol != nullptr ? Provenance::Package : Provenance::External;
        return type;
    };
    if (is_java_lang(name)) return outside("java.lang." + std::string(name));
    const FileScope& file = scope_of(*scope);
    for (const std::string_view wildcard : file.wildcards)
        if (is_library_type(wildcard, name))
            return outside(std::string(wildcard) + "." + std::string(name));
    // Nothing in the tree has this name where it could be seen, so it comes from outside: from the
    // package itself (generated sources), or from a wildcard import.
    if (!types.empty() || name.empty() || name[0] < 'A' || name[0] > 'Z') return {};
    if (file.wildcards.size() == 1)
        return outside(std::string(file.wildcards[0]) + "." + std::string(name));
    if (file.wildcards.empty() && !file.package.empty())
        return outside(std::string(file.package) + "." + std::string(name));
    return outside(std::string(name));
}

Type Types::find_dotted(std::string_view name, const Symbol* scope) {
    const size_t dot = name.find('.');
    Type type = resolve_name(name.substr(0, dot), scope);
    if (!type.is_known() || type.symbol == nullptr) {
        if (const Type whole = qualified(name); whole.symbol != nullptr)
            return {.symbol = whole.symbol, .how = Provenance::Package};
        const bool is_package = name[0] >= 'a' && name[0] <= 'z';
        if (is_package) {
            // A nested type of a type named in full: "a.b.Outer.Inner".
            for (size_t end = name.rfind('.'); end != std::string_view::npos && end > 0;
                 end = name.rfind('.', end - 1)) {
                const Type outer = qualified(name.substr(0, end));
                if (outer.symbol == nullptr) continue;
                const std::string_view rest = name.substr(end + 1);
                const Symbol* nested = nested_type(*outer.symbol, rest.substr(0, rest.find('.')));
                return nested != nullptr ? Type{.symbol = nested, .how = Provenance::Package}
                                         : Type();
            }
            return {.external = keep(std::string(name)), .how = Provenance::External};
        }
        if (type.is_known())
            return {.external = keep(std::string(type.external) + std::string(name.substr(dot))),
                    .how = Provenance::External};
        return {};
    }
    std::string_view rest = name.substr(dot + 1);
    while (!rest.empty()) {
        const size_t next = rest.find('.');
        const Symbol* nested = nested_type(*type.symbol, rest.substr(0, next));
        if (nested == nullptr) return {};
        type.symbol = nested;
        rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 1);
    }
    return type;
}

Type Types::resolve_name(std::string_view name, const Symbol* scope) {
    if (name.empty()) return {};
    if (is_primitive(name)) return {.external = name, .how = Provenance::Scope};
    if (scope == nullptr) return well_known(name);
    // Names mean the same in all members of a type, except for local types and type variables,
    // which the key's scope keeps apart.
    scope = deciding(scope);
    const NameKey key{scope->id, name};
    const auto found = names_.find(key);
    if (found != names_.end()) return found->second;
    if (depth_ >= kDepthMax) return {};
    ++depth_;
    const bool is_dotted = name.find('.') != std::string_view::npos;
    const Type type = is_dotted ? find_dotted(name, scope) : find_simple(name, scope);
    --depth_;
    names_.emplace(NameKey{scope->id, keep(std::string(name))}, type);
    return type;
}

bool Types::is_variable_of(std::string_view name, const Symbol& symbol, size_t& index,
                           std::string_view& bound) {
    if (symbol.type_parameters.empty()) return false;
    // Most names are no variables; a look at the text saves splitting it.
    if (symbol.type_parameters.find(name) == std::string::npos) return false;
    const auto parameters = split_type_parameters(symbol.type_parameters);
    for (index = 0; index < parameters.size(); ++index) {
        if (parameters[index].first != name) continue;
        bound = parameters[index].second;
        return true;
    }
    return false;
}

Type Types::type_variable(std::string_view name, const Symbol* scope, const Type* owner) {
    size_t index = 0;
    std::string_view bound;
    if (scope == nullptr) {
        const LibraryType* library = owner == nullptr ? nullptr : library_type(owner->external);
        if (library == nullptr) return {};
        const auto parameters = split_arguments(library->parameters);
        for (; index < parameters.size(); ++index) {
            if (parameters[index] != name) continue;
            Type type = argument(*owner, index);
            type.is_declared_variable = true;
            return type;
        }
        return {};
    }
    for (const Symbol* at = scope; at != nullptr && at->kind != BlockKind::File;
         at = by_id(at->parent)) {
        if (!is_variable_of(name, *at, index, bound)) continue;
        Type type;
        if (owner == nullptr) {
            // Inside of the declaration a variable is used as its bound.
            if (bound.empty()) {
                type = well_known("java.lang.Object");
            } else if (depth_ < kDepthMax) {
                ++depth_;
                type = resolve(bound, at, nullptr);
                --depth_;
            }
        } else if (owner->symbol != nullptr && owner->symbol->id == at->id) {
            type = argument(*owner, index);
        }
        type.is_declared_variable = true;
        return type;
    }
    return {};
}

Type Types::with_text(Type type, const TypeText& text, const Symbol* scope, const Type* owner) {
    type.dimensions = static_cast<uint8_t>(type.dimensions + text.dimensions);
    if (!type.is_declared_variable) {
        type.arguments = text.arguments;
        type.scope = scope;
        type.owner = owner;
    }
    return type;
}

Type Types::resolve(std::string_view text, const Symbol* scope, const Type* owner) {
    const TypeText parts = split_type(text);
    if (parts.name.empty() || parts.name == "var" || parts.name == "?") return {};
    const bool may_be_variable = parts.name.find('.') == std::string_view::npos;
    if (may_be_variable) {
        Type variable = type_variable(parts.name, scope, owner);
        if (variable.is_declared_variable) return with_text(variable, parts, scope, owner);
    }
    return with_text(resolve_name(parts.name, scope), parts, scope, owner);
}

Type Types::argument(const Type& type, size_t index) {
    if (type.arguments.empty() || depth_ >= kDepthMax) return {};
    const auto arguments = split_arguments(type.arguments);
    if (index >= arguments.size()) return {};
    ++depth_;
    const Type found = resolve(arguments[index], type.scope, type.owner);
    --depth_;
    return found;
}

Type Types::element(const Type& type) {
    Type element = type;
    if (type.dimensions != 0) {
        --element.dimensions;
        return element;
    }
    Type found;
    visit_hierarchy(type, [&](const Type& base, uint32_t) {
        std::string_view name = base.external;
        if (base.symbol != nullptr) name = base.symbol->qualified_name;
        if (name != "java.lang.Iterable" && name != "java.util.Collection") return false;
        found = argument(base, 0);
        return true;
    });
    return found;
}

std::vector<const Type*> Types::library_bases(const Type& type) {
    std::vector<const Type*> bases;
    const LibraryType* library = library_type(type.external);
    if (library == nullptr) return bases;
    std::string_view rest = library->bases;
    while (!rest.empty()) {
        const size_t end = rest.find(';');
        const Type base = resolve(rest.substr(0, end), nullptr, keep(type));
        if (base.is_known()) bases.push_back(keep(base));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    return bases;
}

const std::vector<const Type*>& Types::bases(const Type& type) {
    // A type without arguments has the same bases wherever it is named. Looking for them may ask
    // for them again, in damaged sources: what is known first stays.
    const bool is_plain = type.symbol != nullptr && type.arguments.empty() && type.owner == nullptr;
    if (!is_plain) return kept_bases_.emplace_back(find_bases(type));
    const auto known = plain_bases_.find(type.symbol->id);
    if (known != plain_bases_.end()) return known->second;
    auto found = find_bases(type);
    return plain_bases_.try_emplace(type.symbol->id, std::move(found)).first->second;
}

std::vector<const Type*> Types::find_bases(const Type& type) {
    if (type.symbol == nullptr) return library_bases(type);
    std::vector<const Type*> bases;
    const Symbol& symbol = *type.symbol;
    if (symbol.kind == BlockKind::EnumMember) {
        if (const Symbol* parent = by_id(symbol.parent))
            bases.push_back(keep(Type{.symbol = parent}));
        return bases;
    }
    const Type* owner = type.arguments.empty() && type.owner == nullptr ? nullptr : keep(type);
    const Symbol* outer = by_id(symbol.parent);
    size_t next = 0;
    for (const std::string& text : symbol.bases) {
        const TypeText parts = split_type(text);
        Type base;
        if (level_ == Level::Bind) {
            // Linking found the ids in the order of the texts and left out what is not in the tree.
            const Symbol* linked =
                next < symbol.base_ids.size() ? by_id(symbol.base_ids[next]) : nullptr;
            if (linked != nullptr && linked->name == last_component(parts.name)) {
                base.symbol = linked;
                ++next;
            }
        }
        if (base.symbol == nullptr && depth_ < kDepthMax) {
            ++depth_;
            // A type's own members are not in scope of its header.
            base = resolve_name(parts.name, outer);
            --depth_;
        }
        if (!base.is_known() || (base.symbol != nullptr && base.symbol->id == symbol.id)) continue;
        bases.push_back(keep(with_text(base, parts, &symbol, owner)));
    }
    if (symbol.kind == BlockKind::Enum) bases.push_back(keep(well_known("java.lang.Enum")));
    return bases;
}

bool Types::visit_hierarchy(const Type& type, const Visitor& visitor) {
    if (!type.is_known() || type.dimensions != 0) return false;
    std::vector<std::pair<const Type*, uint32_t>> queue{{keep(type), 0}};
    for (size_t at = 0; at < queue.size() && queue.size() < kHierarchyMax; ++at) {
        const auto [current, depth] = queue[at];
        if (visitor(*current, depth)) return true;
        for (const Type* base : bases(*current)) {
            const bool is_seen = std::any_of(queue.begin(), queue.end(), [&](const auto& entry) {
                const Type& seen = *entry.first;
                return base->symbol != nullptr
                           ? seen.symbol != nullptr && seen.symbol->id == base->symbol->id
                           : seen.symbol == nullptr && seen.external == base->external;
            });
            if (is_seen) continue;
            // What a superclass has comes before what an interface asks for.
            const bool is_class = base->symbol != nullptr && base->symbol->kind == BlockKind::Class;
            const auto place =
                is_class ? static_cast<ptrdiff_t>(at) + 1 : static_cast<ptrdiff_t>(queue.size());
            queue.emplace(queue.begin() + place, base, depth + 1);
        }
    }
    return false;
}

bool Types::is_subtype(const Type& type, const Type& base) {
    return visit_hierarchy(type, [&](const Type& at, uint32_t) {
        if (base.symbol != nullptr) return at.symbol != nullptr && at.symbol->id == base.symbol->id;
        return at.symbol == nullptr && at.external == base.external;
    });
}

bool Types::has_parameters_of(const Symbol& method, const Symbol& base) {
    if (method.member_names.size() != base.member_names.size()) return false;
    for (size_t i = 0; i < base.member_names.size(); ++i) {
        const TypeText own = split_type(method.member_names[i]);
        const TypeText text = split_type(base.member_names[i]);
        if (own.dimensions == text.dimensions &&
            last_component(own.name) == last_component(text.name))
            continue;
        if (own.dimensions < text.dimensions || is_primitive(text.name) ||
            (is_primitive(own.name) && own.dimensions == text.dimensions) ||
            !resolve(text.name, &base, nullptr).is_declared_variable)
            return false;
    }
    return true;
}

Type Types::type_of(const Symbol& member, const Type* owner) {
    if (member.kind == BlockKind::EnumMember) {
        const Symbol* parent = by_id(member.parent);
        return parent != nullptr ? Type{.symbol = parent} : Type();
    }
    if (is_type(member.kind)) return {.symbol = &member};
    if (member.type.empty()) return {};
    const TypeText parts = split_type(member.type);
    if (level_ == Level::Bind && member.type_id.is_valid()) {
        const Symbol* linked = by_id(member.type_id);
        if (linked != nullptr) return with_text({.symbol = linked}, parts, &member, owner);
    }
    size_t index = 0;
    std::string_view bound;
    // The result of a generic method depends on its arguments, which are not looked at.
    if (is_variable_of(parts.name, member, index, bound)) return {};
    return resolve(member.type, &member, owner);
}

Member Types::find_field(const Type& type, std::string_view name) {
    Member found;
    visit_hierarchy(type, [&](const Type& at, uint32_t depth) {
        if (at.symbol == nullptr) return false;
        for (const Symbol* symbol : source_.members(at.symbol->id, name)) {
            const bool is_field = symbol->kind == BlockKind::Field ||
                                  symbol->kind == BlockKind::Constant ||
                                  symbol->kind == BlockKind::EnumMember;
            if (!is_field) continue;
            found = {symbol, keep(at), depth};
            return true;
        }
        return false;
    });
    return found;
}

}  // namespace kausal::ingest::java
