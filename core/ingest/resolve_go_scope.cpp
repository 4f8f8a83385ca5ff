// Looks up names, types and members for one Go file.
#include "ingest/resolve_go_scope.h"

#include <algorithm>

namespace kausal::ingest::go {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

constexpr std::string_view kTestSuffix = "_test";
constexpr std::string_view kMainSuffix = "#main";
constexpr std::string_view kVendor = "vendor/";

bool is_package_level(const Symbol& symbol) noexcept {
    if (symbol.parent != symbol.file) return false;
    switch (symbol.kind) {
        case BlockKind::Function:
        case BlockKind::Struct:
        case BlockKind::Interface:
        case BlockKind::TypeAlias:
        case BlockKind::Variable:
        case BlockKind::Constant:
            return true;
        default:
            return false;
    }
}

/// "a.T.m" is a member of "a.T" when the packages agree.
bool is_member_of(const Symbol& member, const Symbol& type) noexcept {
    const std::string& whole = member.qualified_name;
    const std::string& owner = type.qualified_name;
    return whole.size() == owner.size() + 1 + member.name.size() && whole[owner.size()] == '.' &&
           member.package == type.package && whole.starts_with(owner);
}

std::string_view folder_of(std::string_view path) noexcept {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

}  // namespace

std::string package_of(const WorkspaceConfig& config, std::string_view path,
                       std::string_view clause) {
    const std::string_view folder = folder_of(path);
    std::string_view module;
    std::string_view module_folder;
    bool has_module = false;
    for (const auto& [where, name] : config.go_modules) {
        const bool inside = where.empty() || folder == where ||
                            (folder.starts_with(where) && folder[where.size()] == '/');
        if (!inside || (has_module && where.size() < module_folder.size())) continue;
        has_module = true;
        module_folder = where;
        module = name;
    }
    if (!has_module) module = config.go_module;
    std::string_view rest = folder.substr(module_folder.size());
    if (rest.starts_with('/')) rest.remove_prefix(1);
    // The standard library is imported by folder alone.
    std::string package(module == "std" ? std::string_view{} : module);
    if (!package.empty() && !rest.empty()) package.push_back('/');
    package.append(rest);
    if (package.empty()) package.assign(clause);
    if (clause == "main") package.append(kMainSuffix);
    if (clause.ends_with(kTestSuffix) && path.ends_with("_test.go")) package.append(kTestSuffix);
    return package;
}

std::string_view shown_package(std::string_view package) noexcept {
    if (package.ends_with(kMainSuffix)) package.remove_suffix(kMainSuffix.size());
    return package;
}

Scope::Scope(const WorkspaceConfig& config, const FileFacts& facts, SymbolSource& source)
    : config_(config),
      facts_(facts),
      source_(source),
      locals_(facts),
      package_(package_of(config, facts.path, facts.text(facts.package))),
      is_test_file_(facts.path.ends_with("_test.go")) {
    std::string_view constraint;
    for (const ImportFact& import : facts.imports) {
        if (facts.text(import.path) == kConstraintPath) constraint = facts.text(import.name);
    }
    target_ = target_of(facts.path, constraint);
    for (const DefinitionFact& definition : facts.definitions) {
        if (definition.container == kNone || !is_type(definition.kind)) continue;
        ++inner_types_[facts.text(definition.name)];
    }
}

std::string_view Scope::keep(std::string text) {
    return kept_.emplace_back(std::move(text));
}

bool Scope::sees(const Symbol& symbol) const {
    if (!symbol.path.ends_with("_test.go")) return true;
    if (!is_test_file_) return false;
    // An external test sees what the package's own test files export.
    return symbol.package == package_ ||
           (package_.ends_with(kTestSuffix) &&
            symbol.package ==
                std::string_view(package_).substr(0, package_.size() - kTestSuffix.size()));
}

std::string_view Scope::package_behind(std::string_view path, std::string_view from) {
    if (path.empty()) return from;
    const auto known = packages_.find({path, from});
    if (known != packages_.end()) return known->second;
    std::string_view found;
    for (const Symbol* symbol : source_.named(path.substr(path.rfind('/') + 1))) {
        if (symbol->kind != BlockKind::Module) continue;
        const std::string_view package = symbol->package;
        if (package == path) {
            if (found.empty()) found = package;
            continue;
        }
        // A vendored copy hides the package itself for the tree it stands in.
        if (!package.ends_with(path)) continue;
        const std::string_view root = package.substr(0, package.size() - path.size());
        if (!root.ends_with(kVendor) ||
            (root.size() > kVendor.size() && root[root.size() - kVendor.size() - 1] != '/'))
            continue;
        std::string_view owner = root.substr(0, root.size() - kVendor.size());
        if (owner.ends_with('/')) owner.remove_suffix(1);
        const bool is_inside = owner.empty() || from == owner ||
                               (from.starts_with(owner) && from[owner.size()] == '/');
        if (is_inside && package.size() > found.size()) found = package;
    }
    packages_.emplace(std::pair{path, from}, found);
    return found;
}

const Symbol* Scope::module_of(std::string_view package) {
    const Symbol* best = nullptr;
    for (const Symbol* symbol : source_.named(package.substr(package.rfind('/') + 1))) {
        if (symbol->kind != BlockKind::Module || symbol->package != package) continue;
        if (best == nullptr || symbol->path < best->path) best = symbol;
    }
    return best;
}

const Symbol* Scope::best_of(std::vector<const Symbol*>& found,
                             std::vector<const Symbol*>* others) {
    if (found.empty()) return nullptr;
    if (found.size() == 1) return found.front();
    const auto rank = [this](const Symbol* symbol) {
        if (symbol->path == facts_.path) return 0;
        const Symbol* file = source_.by_id(symbol->file);
        const std::string_view constraint = file == nullptr ? std::string_view{} : file->alias_of;
        const bool builds = builds_for(target_, symbol->path, constraint);
        if (symbol->path.ends_with("_test.go")) return builds ? 2 : 4;
        return builds ? 1 : 3;
    };
    std::vector<std::pair<int, const Symbol*>> ranked;
    ranked.reserve(found.size());
    for (const Symbol* symbol : found) ranked.emplace_back(rank(symbol), symbol);
    std::sort(ranked.begin(), ranked.end(), [](const auto& left, const auto& right) {
        if (left.first != right.first) return left.first < right.first;
        if (left.second->path != right.second->path) return left.second->path < right.second->path;
        return left.second->id < right.second->id;
    });
    if (others != nullptr) {
        for (size_t i = 1; i < ranked.size(); ++i) {
            const Symbol* other = ranked[i].second;
            if (!exclude_each_other(facts_.path, other->path)) others->push_back(other);
        }
    }
    return ranked.front().second;
}

const Symbol* Scope::member_of_package(std::string_view package, std::string_view name,
                                       std::vector<const Symbol*>* others) {
    const auto [entry, is_new] = package_members_.try_emplace({package, name});
    if (is_new) {
        for (const Symbol* symbol : source_.in_package(package, name)) {
            if (is_package_level(*symbol) && sees(*symbol)) entry->second.push_back(symbol);
        }
    }
    return best_of(entry->second, others);
}

const Symbol* Scope::type_named(const TypeName& name, std::string_view package) {
    if (name.name.empty()) return nullptr;
    const std::string_view where = package_behind(name.path, package);
    if (where.empty()) return nullptr;
    const Symbol* symbol = member_of_package(where, name.name);
    if (symbol == nullptr && name.path.empty() && package == package_) {
        symbol = dot_imported(name.name);
        if (symbol == nullptr) symbol = inner_type(name.name);
    }
    return symbol != nullptr && is_type(symbol->kind) ? symbol : nullptr;
}

const Symbol* Scope::inner_type(std::string_view name) {
    // Which one is meant where several functions of a file have one is not known.
    const auto counted = inner_types_.find(name);
    if (counted == inner_types_.end() || counted->second != 1) return nullptr;
    for (const Symbol* symbol : source_.in_package(package_, name)) {
        if (symbol->path == facts_.path && symbol->parent != symbol->file && is_type(symbol->kind))
            return symbol;
    }
    return nullptr;
}

const Symbol* Scope::dot_imported(std::string_view name) {
    if (name.empty() || name[0] < 'A' || name[0] > 'Z') return nullptr;
    for (const ImportFact& import : facts_.imports) {
        if (facts_.text(import.alias) != ".") continue;
        const std::string_view package = package_behind(facts_.text(import.path), package_);
        const Symbol* symbol = package.empty() ? nullptr : member_of_package(package, name);
        if (symbol != nullptr) return symbol;
    }
    return nullptr;
}

const Symbol* Scope::own_member(const Symbol& type, std::string_view name) {
    const auto [entry, is_new] = own_members_.try_emplace({&type, name}, nullptr);
    if (!is_new) return entry->second;
    std::vector<const Symbol*> found;
    for (const Symbol* symbol : source_.in_package(type.package, name)) {
        if (symbol->kind != BlockKind::Method && symbol->kind != BlockKind::Field) continue;
        if (is_member_of(*symbol, type) && sees(*symbol)) found.push_back(symbol);
    }
    const Symbol* best = best_of(found, nullptr);
    own_members_[{&type, name}] = best;
    return best;
}

Scope::Member Scope::promoted_member(const Symbol& type, std::string_view name) {
    Member found;
    std::string_view outside;
    std::vector<const Symbol*> level{&type};
    std::vector<const Symbol*> seen{&type};
    for (size_t depth = 0; depth < kDepthMax && !level.empty(); ++depth) {
        std::vector<const Symbol*> next;
        for (const Symbol* owner : level) {
            for (const std::string& base : owner->bases) {
                const TypeName base_name = name_of(base);
                // An embedded type is a field of its own name.
                if (base_name.name == name) return {nullptr, base, owner->package, {}, depth > 0};
                const Symbol* symbol = type_named(base_name, owner->package);
                if (symbol == nullptr) {
                    if (outside.empty() && !base_name.path.empty() &&
                        package_behind(base_name.path, owner->package).empty())
                        outside = base;
                    continue;
                }
                const Symbol* member = own_member(*symbol, name);
                if (member != nullptr && found.symbol == nullptr) {
                    found.symbol = member;
                    found.is_promoted = true;
                }
                if (std::find(seen.begin(), seen.end(), symbol) != seen.end()) continue;
                seen.push_back(symbol);
                next.push_back(symbol);
            }
            // `type A = B` is B; `type A B` has the fields of B.
            if (owner->kind != BlockKind::TypeAlias || owner->type.empty()) continue;
            const Symbol* aliased = type_named(name_of(owner->type), owner->package);
            if (aliased == nullptr || std::find(seen.begin(), seen.end(), aliased) != seen.end())
                continue;
            seen.push_back(aliased);
            const Symbol* member = own_member(*aliased, name);
            const bool has_methods =
                !owner->alias_of.empty() || aliased->kind == BlockKind::Interface;
            if (member != nullptr && found.symbol == nullptr &&
                (has_methods || member->kind == BlockKind::Field))
                found.symbol = member;
            next.push_back(aliased);
        }
        if (found.symbol != nullptr) return found;
        level = std::move(next);
    }
    if (!outside.empty()) {
        const TypeName base = name_of(outside);
        found.outside = keep(std::string(base.path) + "." + std::string(base.name));
    }
    return found;
}

Scope::Member Scope::member_of_type(const Symbol& type, std::string_view name) {
    const auto known = members_.find({&type, name});
    if (known != members_.end()) return known->second;
    Member found;
    found.symbol = own_member(type, name);
    if (found.symbol == nullptr) found = promoted_member(type, name);
    members_.emplace(std::pair{&type, name}, found);
    return found;
}

bool Scope::is_local(NameIndex name, uint32_t offset) const {
    return locals_.find(name, offset) != nullptr;
}

}  // namespace kausal::ingest::go
