// One language family's rules of scope, import and type: facts in, symbols and edges out.
//
// A resolver has no state and touches nothing but its arguments. What it cannot prove it hands to
// `add_candidates` (resolution.h), never to a same-named symbol as a fact.
#pragma once

#include "format/block_record.h"
#include "ingest/facts.h"
#include "ingest/symbol.h"

#include <string_view>

namespace kausal::ingest {

/// What a resolver may know of the workspace beyond the symbols: small, and part of every file's
/// input, so that a change of it binds every file of the family again.
struct WorkspaceConfig {
    std::string name;
    std::string go_module;  // module path of go.mod at the root, empty when none
    std::vector<std::pair<std::string, std::string>>
        go_modules;  // folder -> module path, all go.mod
    std::vector<std::pair<std::string, std::string>> cargo_crates;  // folder -> crate name
    std::vector<std::pair<std::string, std::string>> npm_packages;  // folder -> package name
    std::vector<std::pair<std::string, std::string>>
        path_aliases;                          // tsconfig paths: prefix -> folder
    std::vector<std::string> include_folders;  // that hold headers ("include", ...)
    std::vector<std::string> python_roots;     // folders on the import path
    std::vector<std::string> java_roots;       // source roots
};

/// Threads: shared, stateless.
class Resolver {
  public:
    virtual ~Resolver() = default;
    /// Level 0. Fills `out.symbols` for all definitions, the file and its modules: ids by
    /// BlockId::of(config.name, kind, canonical symbol), unique in the file, stable under edits of
    /// bodies and of other definitions (overloads told apart by parameter text, real duplicates by
    /// their order).
    virtual void declare(const WorkspaceConfig& config, const FileFacts& facts,
                         FileSymbols& out) const = 0;
    /// Level 1. Fills type_id and base_ids of the file's symbols.
    virtual void link_types(const WorkspaceConfig& config, const FileFacts& facts,
                            FileSymbols& symbols, SymbolSource& source) const = 0;
    /// Level 2. Emits the edges of all references, imports, extends, implements and overrides.
    /// (Contains and method_of edges are made by the caller.)
    virtual void bind(const WorkspaceConfig& config, const FileFacts& facts,
                      const FileSymbols& symbols, SymbolSource& source, EdgeSink& sink) const = 0;
};

[[nodiscard]] const Resolver& resolver_of(LanguageFamily family);
[[nodiscard]] LanguageFamily family_of(format::Language language) noexcept;

// One function per family, each in its own file resolve_<family>.cpp.
[[nodiscard]] const Resolver& c_resolver();
[[nodiscard]] const Resolver& go_resolver();
[[nodiscard]] const Resolver& rust_resolver();
[[nodiscard]] const Resolver& java_resolver();
[[nodiscard]] const Resolver& python_resolver();
[[nodiscard]] const Resolver& javascript_resolver();

}  // namespace kausal::ingest
