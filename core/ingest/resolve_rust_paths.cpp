// Finds what a Rust path names.
#include "ingest/resolve_rust_paths.h"

#include "base/hash.h"
#include "ingest/resolution.h"
#include "ingest/resolve_rust_library.h"

#include <algorithm>
#include <array>

namespace kausal::ingest::rust {
namespace {

using format::BlockKind;
using format::Provenance;

constexpr uint32_t kDepthMax = 24;

bool fits(const Symbol& symbol, Space space) {
    switch (space) {
        case Space::Type:
            return is_type(symbol.kind) || symbol.kind == BlockKind::Module;
        case Space::Macro:
            return symbol.kind == BlockKind::Macro;
        case Space::Value:
            break;
    }
    return symbol.kind == BlockKind::Function || symbol.kind == BlockKind::Constant ||
           symbol.kind == BlockKind::Variable || symbol.kind == BlockKind::EnumMember ||
           symbol.kind == BlockKind::Struct;
}

std::string_view remove_version(std::string_view folder) {
    folder = folder.substr(folder.rfind('/') + 1);
    const size_t dash = folder.rfind('-');
    if (dash != std::string_view::npos && dash + 1 < folder.size() && folder[dash + 1] >= '0' &&
        folder[dash + 1] <= '9')
        folder = folder.substr(0, dash);
    return folder;
}

std::string crate_identifier(std::string_view name) {
    std::string out(name);
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

/// The folder of the crate that a file belongs to, and the crate's name.
std::pair<std::string_view, std::string_view> crate_of(const WorkspaceConfig& config,
                                                       std::string_view path) {
    std::pair<std::string_view, std::string_view> best{"", ""};
    bool has_best = false;
    for (const auto& [folder, name] : config.cargo_crates) {
        const bool is_inside =
            folder.empty() ||
            (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
        if (!is_inside || (has_best && folder.size() < best.first.size())) continue;
        best = {folder, name};
        has_best = true;
    }
    return best;
}

void append_module(std::string& module, std::string_view name) {
    module += "::";
    module += name;
}

}  // namespace

std::string_view parent_path(std::string_view path) {
    const size_t at = path.rfind("::");
    return at == std::string_view::npos ? std::string_view() : path.substr(0, at);
}

std::string_view last_segment(std::string_view path) {
    const size_t at = path.rfind("::");
    return at == std::string_view::npos ? path : path.substr(at + 2);
}

std::string_view without_arguments(std::string_view segment) {
    if (segment.starts_with('<')) return segment;
    segment = segment.substr(0, segment.find('<'));
    while (segment.ends_with(':') || segment.ends_with(' ')) segment.remove_suffix(1);
    return segment;
}

std::vector<std::string_view> split_segments(std::string_view path) {
    std::vector<std::string_view> segments;
    int depth = 0;
    size_t start = 0;
    for (size_t at = 0; at <= path.size(); ++at) {
        const char c = at < path.size() ? path[at] : ':';
        if (c == '<') ++depth;
        if (c == '>') --depth;
        const bool is_end = at == path.size();
        const bool is_mark = depth == 0 && path.substr(at).starts_with("::");
        if (!is_end && !is_mark) continue;
        const std::string_view segment = without_arguments(path.substr(start, at - start));
        if (!segment.empty()) segments.push_back(segment);
        ++at;
        start = at + 1;
        // `Vec::<u8>::new`: the arguments belong to the segment before.
        while (start < path.size() && path[start] == '<' && !segments.empty()) {
            int inner = 0;
            for (; start < path.size(); ++start) {
                if (path[start] == '<') ++inner;
                if (path[start] == '>' && --inner == 0) break;
            }
            ++start;
            if (path.substr(std::min(start, path.size())).starts_with("::")) start += 2;
            at = start - 1;
        }
        if (start > path.size()) break;
    }
    return segments;
}

Place place_of(const WorkspaceConfig& config, std::string_view path) {
    const auto [folder, name] = crate_of(config, path);
    std::string_view rest = path;
    if (!folder.empty()) rest.remove_prefix(folder.size() + 1);
    std::string_view crate = name;
    if (crate.empty())
        crate = folder.empty() ? std::string_view(config.name) : remove_version(folder);
    Place place;
    place.crate = crate_identifier(crate);
    if (rest.ends_with(".rs")) rest.remove_suffix(3);
    std::vector<std::string_view> parts;
    for (size_t start = 0; start <= rest.size();) {
        const size_t end = std::min(rest.find('/', start), rest.size());
        if (end > start) parts.push_back(rest.substr(start, end - start));
        start = end + 1;
    }
    size_t next = 0;
    if (!parts.empty() && parts[0] == "src") {
        next = 1;
        if (parts.size() > 2 && parts[1] == "bin") {
            append_module(place.crate, "bin");
            append_module(place.crate, parts[2]);
            next = 3;
        }
    } else if (parts.size() > 1 &&
               (parts[0] == "tests" || parts[0] == "benches" || parts[0] == "examples")) {
        // Files are crates; folders hold the modules that they share, or a crate with a main.rs.
        append_module(place.crate, parts[0]);
        next = 1;
        if (parts.size() == 2) {
            append_module(place.crate, parts[1]);
            next = 2;
        } else if (parts.back() == "main") {
            append_module(place.crate, parts[1]);
            next = 2;
        }
    } else if (parts.size() == 1 && parts[0] == "build") {
        append_module(place.crate, "build");
        next = 1;
    }
    place.module = place.crate;
    for (; next < parts.size(); ++next) {
        const bool is_last = next + 1 == parts.size();
        const bool is_root = parts[next] == "mod" || parts[next] == "lib" || parts[next] == "main";
        if (is_last && is_root) break;
        append_module(place.module, parts[next]);
    }
    return place;
}

Paths::Paths(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
             SymbolSource& source)
    : facts_(facts),
      symbols_(symbols),
      source_(source),
      place_(place_of(config, facts.path)),
      folder_(crate_of(config, facts.path).first),
      resolving_(facts.imports.size()) {
    own_.reserve(symbols.symbols.size());
    for (uint32_t i = 0; i < symbols.symbols.size(); ++i) own_.emplace(symbols.symbols[i].id, i);
    own_modules_.emplace(place_.module, kNone);
    for (uint32_t i = 0; i < facts.definitions.size(); ++i)
        if (facts.definitions[i].kind == BlockKind::Module)
            own_modules_.emplace(symbols.symbols[i].qualified_name, i);
    for (uint32_t i = 0; i < facts.imports.size(); ++i) {
        const ImportFact& import = facts.imports[i];
        Imports& into = imports_[import.definition];
        const std::string_view alias = facts.text(import.alias);
        if ((import.flags & ImportFact::kModule) != 0) continue;
        if ((import.flags & ImportFact::kWildcard) != 0) {
            into.globs.push_back(i);
        } else if (alias == "_") {
            into.unnamed.push_back(i);
        } else {
            const std::string_view name =
                alias.empty() ? last_segment(facts.text(import.path)) : alias;
            into.named[name].push_back(i);
        }
    }
}

const Symbol* Paths::by_id(const BlockId& id) {
    if (!id.is_valid()) return nullptr;
    const auto own = own_.find(id);
    return own != own_.end() ? &symbols_.symbols[own->second] : source_.by_id(id);
}

std::string_view Paths::module_of(uint32_t definition) const {
    while (definition != kNone && facts_.definitions[definition].kind != BlockKind::Module)
        definition = facts_.definitions[definition].container;
    return definition == kNone ? std::string_view(place_.module)
                               : std::string_view(symbols_.symbols[definition].qualified_name);
}

uint32_t Paths::own_module(std::string_view module) const {
    const auto found = own_modules_.find(module);
    return found == own_modules_.end() ? kNone - 1 : found->second;
}

const Paths::Imports* Paths::imports_of(uint32_t owner) const {
    const auto found = imports_.find(owner);
    return found == imports_.end() ? nullptr : &found->second;
}

Paths::Key::Key(std::string_view in_module, std::string_view item_name, Space item_space)
    : module(in_module),
      name(item_name),
      space(item_space),
      hash(hash_mix(hash64(in_module, static_cast<uint64_t>(item_space)), hash64(item_name))) {}

const Paths::Module& Paths::module_named(std::string_view path) {
    const auto found = modules_.find(path);
    if (found != modules_.end()) return found->second;
    Module module;
    for (const Symbol* symbol : source_.in_package(parent_path(path), last_segment(path))) {
        if (symbol->kind != BlockKind::Module || symbol->qualified_name != path) continue;
        module.symbols.push_back(symbol);
        for (const std::string_view entry : symbol->bases) {
            const size_t equals = entry.find('=');
            if (equals == std::string_view::npos) continue;
            module.exports.push_back(
                {entry.substr(0, equals), split_segments(entry.substr(equals + 1)), symbol->type});
        }
    }
    return modules_.emplace(keep(std::string(path)), std::move(module)).first->second;
}

Found Paths::declared_item(std::string_view module, std::string_view name, Space space) {
    Found found;
    size_t others = 0;
    for (const Symbol* symbol : source_.in_package(module, name)) {
        if (!fits(*symbol, space)) continue;
        if (found.symbol == nullptr) {
            found.symbol = symbol;
            continue;
        }
        // Of modules the inline one and the file's stand for each other; of crates with one name
        // (several versions) the one in this file's folder counts.
        const bool is_nearer = symbol->path.starts_with(folder_) && !folder_.empty() &&
                               !found.symbol->path.starts_with(folder_);
        const bool is_farther = found.symbol->path.starts_with(folder_) && !folder_.empty() &&
                                !symbol->path.starts_with(folder_);
        if (is_nearer) {
            found.symbol = symbol;
            others = 0;
        } else if (!is_farther && symbol->kind == found.symbol->kind) {
            ++others;
        }
    }
    if (found.symbol == nullptr) return {};
    found.has_twins = others != 0;
    const bool is_here = found.symbol->path == facts_.path;
    found.how = is_here ? Provenance::Scope : Provenance::Package;
    return found;
}

Found Paths::glob_item(const Found& from, std::string_view name, Space space) {
    if (from.symbol == nullptr) return {};
    if (from.symbol->kind == BlockKind::Module)
        return item(from.symbol->qualified_name, name, space);
    // `use Enum::*`
    if (from.symbol->kind == BlockKind::Enum)
        return declared_item(from.symbol->qualified_name, name, space);
    return {};
}

Found Paths::resolve_import(size_t index, Space space) {
    const ImportFact& import = facts_.imports[index];
    if (resolving_[index] || depth_ >= kDepthMax) return {};
    resolving_[index] = true;
    ++depth_;
    const auto segments = split_segments(facts_.text(import.path));
    uint32_t owner = import.definition;
    Found found;
    if ((import.flags & ImportFact::kModule) != 0) {
        found = declared_item(module_of(owner), facts_.text(import.path), Space::Type);
    } else if (!segments.empty()) {
        const bool is_glob = (import.flags & ImportFact::kWildcard) != 0;
        End end = resolve(segments, owner, is_glob ? Space::Type : space);
        if (end.used == segments.size()) {
            found = end.found;
        } else if (end.found.symbol != nullptr && end.used + 1 == segments.size() &&
                   end.found.symbol->kind == BlockKind::Enum) {
            found = declared_item(end.found.symbol->qualified_name, segments.back(), space);
        }
    }
    --depth_;
    resolving_[index] = false;
    return found;
}

Found Paths::imported_item(uint32_t owner, std::string_view name, Space space) {
    const Imports* imports = imports_of(owner);
    if (imports == nullptr) return {};
    Found outside;
    const auto named = imports->named.find(name);
    if (named != imports->named.end()) {
        for (const uint32_t index : named->second) {
            Found found = resolve_import(index, space);
            if (found.symbol != nullptr) {
                if (found.how != Provenance::Scope) found.how = Provenance::Import;
                return found;
            }
            // A name from outside may stand for an item of any space.
            if (!found.external.empty()) outside = found;
        }
        if (outside.is_known()) return outside;
    }
    for (const uint32_t index : imports->globs) {
        if (resolving_[index] || depth_ >= kDepthMax) continue;
        const Found from = resolve_import(index, Space::Type);
        resolving_[index] = true;
        ++depth_;
        Found found = glob_item(from, name, space);
        --depth_;
        resolving_[index] = false;
        if (found.symbol == nullptr) continue;
        if (found.how != Provenance::Scope) found.how = Provenance::Import;
        return found;
    }
    return {};
}

Found Paths::exported_item(std::string_view module, std::string_view name, Space space) {
    for (const Export& entry : module_named(module).exports) {
        const bool is_glob = entry.name == "*";
        if (entry.name != name && !is_glob) continue;
        if (depth_ >= kDepthMax) return {};
        ++depth_;
        Found found;
        const End end = resolve_from(entry.segments, module, entry.crate, kNone, false,
                                     is_glob ? Space::Type : space);
        if (end.used == entry.segments.size())
            found = is_glob ? glob_item(end.found, name, space) : end.found;
        --depth_;
        if (found.symbol != nullptr || (entry.name == name && found.is_known())) return found;
    }
    return {};
}

Found Paths::exported_macro(std::string_view crate, std::string_view name) {
    // `#[macro_export]` puts a macro of any module at the root of its crate.
    const Symbol* only = nullptr;
    for (const Symbol* symbol : source_.named(name)) {
        const std::string_view package = symbol->package;
        const bool is_inside =
            package.starts_with(crate) &&
            (package.size() == crate.size() || package.substr(crate.size()).starts_with("::"));
        if (symbol->kind != BlockKind::Macro || !is_inside ||
            (symbol->flags & format::kBlockExported) == 0)
            continue;
        if (only != nullptr) return {};
        only = symbol;
    }
    if (only == nullptr) return {};
    const bool is_here = only->path == facts_.path;
    return {.symbol = only, .how = is_here ? Provenance::Scope : Provenance::Package};
}

Found Paths::item(std::string_view module, std::string_view name, Space space) {
    const Key key{module, name, space};
    const auto known = items_.find(key);
    if (known != items_.end()) return known->second;
    // At once, for cycles of globs.
    Found& kept =
        items_.emplace(key.moved_to(keep(std::string(module)), keep(std::string(name))), Found())
            .first->second;
    Found found = declared_item(module, name, space);
    if (!found.is_known()) {
        const uint32_t own = own_module(module);
        found =
            own != kNone - 1 ? imported_item(own, name, space) : exported_item(module, name, space);
    }
    if (!found.is_known() && space == Space::Macro && module.find(':') == std::string_view::npos)
        found = exported_macro(module, name);
    kept = found;
    return found;
}

Found Paths::in_function(std::string_view name, uint32_t function, Space space) {
    const Symbol& symbol = symbols_.symbols[function];
    for (const Symbol* inner : source_.in_package(symbol.qualified_name + "()", name)) {
        if (inner->parent != symbol.id || !fits(*inner, space)) continue;
        return {.symbol = inner, .how = Provenance::Scope};
    }
    return imported_item(function, name, space);
}

Found Paths::prelude(std::string_view name, Space space) {
    if (space == Space::Type) {
        if (source_.in_package("", name).empty()) {
            if (name == "std" || name == "core" || name == "alloc" || name == "proc_macro")
                return {.external = keep(std::string(name)), .how = Provenance::External};
        } else {
            const Found crate = declared_item("", name, space);
            if (crate.symbol != nullptr)
                return {.symbol = crate.symbol, .how = Provenance::Package};
        }
    }
    const std::string_view path = prelude_path(name);
    if (!path.empty()) return {.external = path, .how = Provenance::External};
    return {};
}

Found Paths::first_segment(std::string_view name, uint32_t definition, Space space) {
    uint32_t at = definition;
    for (; at != kNone && facts_.definitions[at].kind != BlockKind::Module;
         at = facts_.definitions[at].container) {
        if (!is_callable(facts_.definitions[at].kind)) continue;
        if (const Found found = in_function(name, at, space); found.is_known()) return found;
    }
    const std::string_view module = module_of(at);
    if (const Found found = item(module, name, space); found.is_known()) return found;
    return prelude(name, space);
}

Paths::End Paths::walk(Found start, std::span<const std::string_view> segments, size_t used,
                       Space space) {
    Found at = start;
    while (used < segments.size()) {
        if (at.symbol == nullptr) {
            if (at.external.empty()) return {};
            std::string path(at.external);
            for (; used < segments.size(); ++used) path.append("::").append(segments[used]);
            return {{.external = keep(std::move(path)), .how = Provenance::External}, used};
        }
        if (at.symbol->kind != BlockKind::Module) return {at, used};
        const bool is_last = used + 1 == segments.size();
        const std::string_view module = at.symbol->qualified_name;
        Found next;
        if (segments[used] == "self") {
            next = at;
        } else if (segments[used] == "super") {
            next = declared_item(parent_path(parent_path(module)),
                                 last_segment(parent_path(module)), Space::Type);
        } else {
            next = item(module, segments[used], is_last ? space : Space::Type);
        }
        if (!next.is_known()) return {};
        if (start.how == Provenance::Import && next.how == Provenance::Package)
            next.how = Provenance::Import;
        at = next;
        ++used;
    }
    return {at, used};
}

Paths::End Paths::resolve_from(std::span<const std::string_view> segments, std::string_view module,
                               std::string_view crate, uint32_t definition, bool is_own,
                               Space space) {
    if (segments.empty()) return {};
    size_t used = 0;
    std::string_view at = module;
    if (segments[0] == "crate" || segments[0] == "$crate") {
        at = crate;
        used = 1;
    } else if (segments[0] == "self") {
        used = 1;
    } else {
        while (used < segments.size() && segments[used] == "super") {
            at = parent_path(at);
            ++used;
        }
    }
    if (used != 0) {
        Found start = declared_item(parent_path(at), last_segment(at), Space::Type);
        if (start.symbol == nullptr) return {};
        start.how = at == module ? Provenance::Scope : Provenance::Package;
        if (used == segments.size()) return {start, used};
        return walk(start, segments, used, space);
    }
    const bool is_only = segments.size() == 1;
    const Space first_space = is_only ? space : Space::Type;
    Found start;
    if (is_own) {
        start = first_segment(segments[0], definition, first_space);
    } else {
        start = item(module, segments[0], first_space);
        if (!start.is_known()) start = prelude(segments[0], first_space);
    }
    if (!start.is_known()) {
        // What a path starts with must be a module, a crate or a type: when the tree has none of
        // that name here, it is a crate outside of the tree.
        const char c = segments[0].empty() ? 'A' : segments[0][0];
        const bool is_lower = (c >= 'a' && c <= 'z') || c == '_';
        if (is_only || !is_lower || is_primitive_type(segments[0])) return {};
        start = {.external = keep(std::string(segments[0])), .how = Provenance::External};
    }
    return walk(start, segments, 1, space);
}

Paths::End Paths::resolve(std::span<const std::string_view> segments, uint32_t definition,
                          Space space) {
    return resolve_from(segments, module_of(definition), place_.crate, definition, true, space);
}

Found Paths::resolve_whole(std::string_view path, uint32_t definition, Space space) {
    const auto segments = split_segments(path);
    const End end = resolve(segments, definition, space);
    return end.used == segments.size() ? end.found : Found();
}

Found Paths::resolve_in_module(std::string_view path, std::string_view module, Space space) {
    const auto& symbols = module_named(module).symbols;
    const std::string_view crate =
        symbols.empty() ? module : std::string_view(symbols.front()->type);
    const auto segments = split_segments(path);
    const End end = resolve_from(segments, module, crate, kNone, module == place_.module, space);
    return end.used == segments.size() ? end.found : Found();
}

bool Paths::is_trait_imported(const Symbol& trait, uint32_t definition) {
    if (!has_imported_traits_) {
        has_imported_traits_ = true;
        for (size_t i = 0; i < facts_.imports.size(); ++i) {
            if ((facts_.imports[i].flags & (ImportFact::kWildcard | ImportFact::kModule)) != 0)
                continue;
            const Found found = resolve_import(i, Space::Type);
            if (found.symbol != nullptr && found.symbol->kind == BlockKind::Interface)
                imported_traits_.insert(found.symbol->id);
        }
    }
    if (imported_traits_.contains(trait.id)) return true;
    const Found found = first_segment(trait.name, definition, Space::Type);
    return found.symbol != nullptr && found.symbol->id == trait.id;
}

}  // namespace kausal::ingest::rust
