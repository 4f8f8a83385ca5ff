// Looks up names and types for one C or C++ file.
#include "ingest/resolve_c_scope.h"

#include "ingest/resolve_c_types.h"

#include <algorithm>

namespace kausal::ingest::c {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

std::string joined(std::string_view scope, std::string_view name) {
    if (scope.empty()) return std::string(name);
    std::string out(scope);
    out.append("::").append(name);
    return out;
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Names declared by "template <class K, typename V = int, int N>" at the start of a signature.
void add_template_parameters(std::string_view signature, std::vector<std::string_view>& names) {
    while (signature.starts_with("template")) {
        size_t at = signature.find('<');
        if (at == std::string_view::npos) return;
        size_t depth = 0;
        std::string_view word;
        bool is_default = false;
        for (; at < signature.size(); ++at) {
            const char c = signature[at];
            if (is_word(c)) {
                const size_t start = at;
                while (at < signature.size() && is_word(signature[at])) ++at;
                if (!is_default && depth == 1) word = signature.substr(start, at - start);
                --at;
                continue;
            }
            if (c == '<') ++depth;
            if (c == '=' && depth == 1) is_default = true;
            const bool is_end = c == '>' && depth == 1;
            if ((c == ',' && depth == 1) || is_end) {
                if (!word.empty() && word != "typename" && word != "class") names.push_back(word);
                word = {};
                is_default = false;
            }
            if (c == '>' && --depth == 0) break;
        }
        signature.remove_prefix(std::min(at + 1, signature.size()));
        while (signature.starts_with(' ')) signature.remove_prefix(1);
    }
}

/// "::a::b" means what "a::b" means from the outside.
std::string_view without_root(std::string_view path) noexcept {
    return path.starts_with("::") ? path.substr(2) : path;
}

/// Hidden from other files by its linkage.
bool is_file_local(const Symbol& symbol) noexcept {
    return (symbol.flags & format::kBlockStatic) != 0 && symbol.kind != BlockKind::Method &&
           symbol.kind != BlockKind::Field;
}

}  // namespace

std::string_view scope_of(std::string_view qualified_name) noexcept {
    const size_t at = qualified_name.rfind("::");
    return at == std::string_view::npos ? std::string_view{} : qualified_name.substr(0, at);
}

std::string_view last_name(std::string_view qualified_name) noexcept {
    const size_t at = qualified_name.rfind("::");
    return at == std::string_view::npos ? qualified_name : qualified_name.substr(at + 2);
}

bool is_declaration(const Symbol& symbol) noexcept {
    return (symbol.flags & format::kBlockDeclaration) != 0;
}

Scope::Scope(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
             SymbolSource& source)
    : config_(config),
      facts_(facts),
      symbols_(symbols),
      source_(source),
      locals_(facts),
      files_(config, facts, symbols.symbols[symbols.file_index].id, source),
      is_cpp_(facts.language == format::Language::Cpp) {
    for (const ImportFact& import : facts.imports) {
        const bool is_directive = (import.flags & ImportFact::kNamespace) != 0 && import.alias == 0;
        if (is_directive) used_namespaces_.push_back(namespace_used_by(import));
    }
    for (const DefinitionFact& definition : facts.definitions) {
        add_template_parameters(facts.text(definition.signature), template_parameters_);
        has_local_types_ = has_local_types_ ||
                           (is_type(definition.kind) && definition.container != ingest::kNone &&
                            is_callable(facts.definitions[definition.container].kind));
    }
    std::sort(template_parameters_.begin(), template_parameters_.end());
}

/// The namespace that a directive means, which may be relative to where it stands.
std::string Scope::namespace_used_by(const ImportFact& import) {
    const std::string_view path = facts_.text(import.path);
    if (path.starts_with("::")) return std::string(without_root(path));
    for (std::string_view at = scope_at(import.definition); !at.empty(); at = scope_of(at)) {
        std::string whole = joined(at, path);
        if (is_namespace(whole)) return whole;
    }
    return std::string(path);
}

std::string_view Scope::keep(std::string text) {
    return kept_.emplace_back(std::move(text));
}

std::string_view Scope::scope_at(uint32_t definition) const {
    if (definition == ingest::kNone) return {};
    const Symbol& symbol = symbols_.symbols[definition];
    // Code in a class or namespace sees its members, code in a function those of what it stands in.
    if (is_type(symbol.kind) || symbol.kind == BlockKind::Module) return symbol.qualified_name;
    if (has_local_types_ && is_callable(symbol.kind) && (symbol.flags & format::kBlockTest) == 0)
        return symbol.qualified_name;
    return symbol.package;
}

/// Symbols declared right in a scope that may be meant here.
const Symbols& Scope::in_scope(std::string_view scope, std::string_view name) {
    const auto known = scopes_.find({scope, name});
    if (known != scopes_.end()) return known->second;
    Symbols found;
    for (const Symbol* symbol : source_.in_package(scope, name)) {
        if (symbol->kind == BlockKind::File || symbol->kind == BlockKind::Module) continue;
        if (is_file_local(*symbol) && !files_.sees(symbol->file)) continue;
        if (symbol->kind == BlockKind::Macro && !files_.sees(symbol->file)) continue;
        found.push_back(symbol);
    }
    const std::string_view kept_scope = keep(std::string(scope));
    const std::string_view kept_name = keep(std::string(name));
    return scopes_.emplace(Key{kept_scope, kept_name}, std::move(found)).first->second;
}

bool Scope::is_namespace(std::string_view qualified) {
    const auto known = namespaces_.find(qualified);
    if (known != namespaces_.end()) return known->second;
    bool found = false;
    for (const Symbol* symbol : source_.named(last_name(qualified))) {
        if (symbol->kind == BlockKind::Module && symbol->qualified_name == qualified) found = true;
    }
    namespaces_.emplace(keep(std::string(qualified)), found);
    return found;
}

/// The namespace that a name means, seen from a scope; empty when there is none.
std::string_view Scope::namespace_named(std::string_view name, std::string_view scope) {
    for (const ImportFact& import : facts_.imports) {
        if (import.alias != 0 && facts_.text(import.alias) == name)
            return without_root(facts_.text(import.path));
    }
    for (std::string_view at = scope;; at = scope_of(at)) {
        const std::string whole = joined(at, name);
        if (is_namespace(whole)) return keep(whole);
        if (at.empty()) break;
    }
    for (const std::string& used : used_namespaces_) {
        const std::string whole = joined(used, name);
        if (is_namespace(whole)) return keep(whole);
    }
    return {};
}

const Symbol* Scope::best_type(const Symbols& found) {
    const Symbol* best = nullptr;
    int best_rank = 0;
    size_t best_shared = 0;
    size_t best_order = 0;
    for (const Symbol* symbol : found) {
        if (!is_type(symbol->kind)) continue;
        int rank = symbol->path == facts_.path ? 4 : files_.sees(symbol->file) ? 2 : 0;
        if (symbol->kind != BlockKind::TypeAlias) ++rank;
        const size_t shared = shared_folders(symbol->path, facts_.path);
        // Variants for several systems are included one after the other: the first is meant.
        const size_t order = files_.order_of(symbol->file);
        if (best == nullptr || rank > best_rank || (rank == best_rank && shared > best_shared) ||
            (rank == best_rank && shared == best_shared && order < best_order)) {
            best = symbol;
            best_rank = rank;
            best_shared = shared;
            best_order = order;
        }
    }
    return best;
}

const Symbol* Scope::class_of_scope(std::string_view scope) {
    if (scope.empty()) return nullptr;
    const auto known = classes_.find(scope);
    if (known != classes_.end()) return known->second;
    const std::string_view kept = keep(std::string(scope));
    const Symbol* found = best_type(in_scope(scope_of(kept), last_name(kept)));
    if (found == nullptr && !is_namespace(scope)) {
        // Written with a using directive: "Bar::f" of a class in a namespace.
        for (const std::string& used : used_namespaces_) {
            const std::string whole = joined(used, scope);
            found = best_type(in_scope(scope_of(whole), last_name(whole)));
            if (found != nullptr) break;
        }
    }
    if (found != nullptr) found = unaliased(found);
    classes_.emplace(kept, found);
    return found;
}

/// Level 1 knows few includes; of several classes of one name the one this file sees is meant.
const Symbol* Scope::seen_variant(const Symbol* type) {
    if (type == nullptr || type->path == facts_.path) return type;
    const Symbol* best = best_type(in_scope(type->package, type->name));
    return best != nullptr && files_.sees(best->file) ? best : type;
}

const Symbol* Scope::unaliased(const Symbol* type) {
    type = seen_variant(type);
    for (size_t i = 0; i < kDepthMax && type != nullptr && type->kind == BlockKind::TypeAlias;
         ++i) {
        const Symbol* next = type->type_id.is_valid() ? source_.by_id(type->type_id) : nullptr;
        if (next == nullptr && depth_ < kDepthMax) {
            ++depth_;
            next = type_named(innermost_of(type->type), type->package);
            --depth_;
        }
        if (next == type) return nullptr;
        type = next;
    }
    return type != nullptr && type->kind == BlockKind::TypeAlias ? nullptr : type;
}

/// A type by a name with or without qualifiers; aliases are returned as such.
const Symbol* Scope::type_named(std::string_view name, std::string_view scope) {
    if (name.empty() || depth_ > kDepthMax || scope == kForeignScope) return nullptr;
    if (std::binary_search(template_parameters_.begin(), template_parameters_.end(), name))
        return nullptr;
    const auto known = types_.find({scope, name});
    if (known != types_.end()) return known->second;
    const Key key{keep(std::string(scope)), keep(std::string(name))};
    types_.emplace(key, nullptr);
    const auto parts = components_of(key.name);
    if (parts.empty()) return nullptr;
    ++depth_;
    const Symbol* found = nullptr;
    const std::string_view first = head_of(parts.front());
    if (parts.size() == 1) {
        Value ignored;
        found = best_type(unqualified(first, key.scope, ignored));
    } else {
        std::string_view space = namespace_named(first, key.scope);
        const Symbol* owner = nullptr;
        if (space.empty()) owner = unaliased(type_named(first, key.scope));
        for (size_t i = 1; i < parts.size() && (owner != nullptr || !space.empty()); ++i) {
            const std::string_view part = head_of(parts[i]);
            bool is_inherited = false;
            std::string_view outside;
            const Symbol* next =
                best_type(owner != nullptr ? members_of(*owner, part, is_inherited, outside)
                                           : in_scope(space, part));
            if (i + 1 == parts.size()) {
                found = next;
            } else if (next != nullptr) {
                owner = unaliased(next);
                space = {};
            } else if (owner == nullptr) {
                space = keep(joined(space, part));
                if (!is_namespace(space)) space = {};
            } else {
                owner = nullptr;
            }
        }
    }
    --depth_;
    types_[key] = found;
    return found;
}

/// The first base that is not in the tree; empty when all are.
std::string_view Scope::outside_base(const Symbol& type) {
    if (type.bases.size() <= type.base_ids.size()) return {};
    for (const std::string& base : type.bases) {
        const std::string name = without_arguments(base);
        bool is_inside = false;
        for (const BlockId& id : type.base_ids) {
            const Symbol* symbol = source_.by_id(id);
            is_inside = is_inside || (symbol != nullptr && symbol->name == last_name(name));
        }
        if (!is_inside) return keep(name);
    }
    return {};
}

Symbols Scope::members_of(const Symbol& type, std::string_view name, bool& is_inherited,
                          std::string_view& outside) {
    Symbols level{&type};
    Symbols seen{&type};
    for (size_t depth = 0; depth < kBaseDepthMax && !level.empty(); ++depth) {
        Symbols found;
        for (const Symbol* owner : level) {
            for (const Symbol* member : source_.members(owner->id, name)) found.push_back(member);
            // Out of line definitions whose class was not linked, and #ifdef variants of the class.
            for (const Symbol* member : source_.in_package(owner->qualified_name, name)) {
                // A nested class may be defined in another file than the one around it.
                if ((member->file == owner->file || is_type(member->kind)) &&
                    std::find(found.begin(), found.end(), member) == found.end())
                    found.push_back(member);
            }
        }
        if (!found.empty()) {
            is_inherited = depth != 0;
            return found;
        }
        Symbols next;
        for (const Symbol* owner : level) {
            if (outside.empty()) outside = outside_base(*owner);
            for (const BlockId& id : owner->base_ids) {
                const Symbol* base = unaliased(source_.by_id(id));
                if (base == nullptr || std::find(seen.begin(), seen.end(), base) != seen.end())
                    continue;
                seen.push_back(base);
                next.push_back(base);
            }
        }
        level = std::move(next);
    }
    return {};
}

Symbols Scope::members_behind(const Symbols& members, std::string_view name) {
    const Symbol* owner =
        members.empty() ? nullptr : unaliased(source_.by_id(members.front()->parent));
    if (owner == nullptr || !is_type(owner->kind)) return {};
    Symbols found;
    for (const BlockId& id : owner->base_ids) {
        const Symbol* base = unaliased(source_.by_id(id));
        if (base == nullptr || base == owner) continue;
        bool is_inherited = false;
        std::string_view outside;
        const Symbols more = members_of(*base, name, is_inherited, outside);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

const Symbol* Scope::macro_named(std::string_view name) {
    const Symbol* best = nullptr;
    for (const Symbol* symbol : in_scope({}, name)) {
        if (symbol->kind != BlockKind::Macro) continue;
        if (best == nullptr || (symbol->path == facts_.path && best->path != facts_.path))
            best = symbol;
    }
    return best;
}

/// Innermost scope that declares the name; `value` learns whether it is inherited or from outside.
Symbols Scope::unqualified(std::string_view name, std::string_view scope, Value& value) {
    for (std::string_view at = scope; !at.empty(); at = scope_of(at)) {
        const Symbol* owner = class_of_scope(at);
        if (owner != nullptr) {
            std::string_view outside;
            Symbols found = members_of(*owner, name, value.is_inherited, outside);
            // The name of a class inside of it is the class.
            if (!found.empty() && (found.front()->flags & format::kBlockConstructor) != 0) {
                const Symbol* named = source_.by_id(found.front()->parent);
                if (named != nullptr && is_type(named->kind)) return {named};
            }
            if (!found.empty()) return found;
            if (value.result.empty()) value.result = outside;
        } else {
            const Symbols& found = in_scope(at, name);
            if (!found.empty()) return found;
        }
    }
    Symbols found = in_scope({}, name);
    for (const ImportFact& import : facts_.imports) {
        if ((import.flags & ImportFact::kStatic) == 0) continue;
        const std::string_view path = without_root(facts_.text(import.path));
        if (last_name(path) != name) continue;
        for (std::string_view at = scope;; at = scope_of(at)) {
            const Symbols& used = in_scope(scope_of(joined(at, path)), name);
            found.insert(found.end(), used.begin(), used.end());
            if (!used.empty() || at.empty()) break;
        }
    }
    for (const std::string& used : used_namespaces_) {
        const Symbols& more = in_scope(used, name);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

}  // namespace kausal::ingest::c
