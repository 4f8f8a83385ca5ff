// Finds what a workspace says about itself: modules, crates, packages, path aliases, source roots.
#pragma once

#include "base/status.h"
#include "ingest/file_list.h"
#include "ingest/resolver.h"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// go.mod, Cargo.toml, package.json, tsconfig.json, jsconfig.json.
[[nodiscard]] bool is_config_file(std::string_view path);

/// What the listing and its configuration files tell. Files that cannot be read or understood tell
/// nothing. `files` in order of path; the result depends on nothing else.
using ReadText = std::function<Result<std::string>(const ListedFile& file)>;
[[nodiscard]] WorkspaceConfig discover_config(std::string_view name,
                                              const std::vector<ListedFile>& files,
                                              const ReadText& read);

/// True when headers (.h) are to be read as C++: the tree has C++ sources.
[[nodiscard]] bool has_cpp_sources(const std::vector<ListedFile>& files);

/// What the binding of each family depends on, as text to compare: one line per family.
using FamilyInputs = std::array<std::string, kLanguageFamilyCount>;
[[nodiscard]] FamilyInputs family_inputs(const WorkspaceConfig& config, bool header_is_cpp);

}  // namespace kausal::ingest
