// Which files one C or C++ file can see: its includes, resolved to files of the tree, and theirs.
#pragma once

#include "base/block_id.h"
#include "ingest/facts.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::c {

/// Includes a file asks for, as kept in Symbol::bases of its file symbol: "<path" for system ones.
[[nodiscard]] std::vector<std::string> include_texts(const FileFacts& facts);
[[nodiscard]] bool is_include(const ImportFact& import) noexcept;

/// The file of the tree that an include means: beside the includer, under an include folder, else
/// the only one whose path ends so. Null when there is none or several fit equally.
[[nodiscard]] const Symbol* included_file(const WorkspaceConfig& config, std::string_view includer,
                                          std::string_view path, bool is_system,
                                          SymbolSource& source);

/// Files that a file sees, itself included. Level 2: follows base_ids of file symbols.
class VisibleFiles {
  public:
    static constexpr size_t kFilesMax = 8192;

    VisibleFiles(const WorkspaceConfig& config, const FileFacts& facts, const BlockId& self,
                 SymbolSource& source);
    [[nodiscard]] bool sees(const BlockId& file) const { return files_.contains(file); }
    /// How early a file is included, breadth first; files that are not seen come last.
    [[nodiscard]] size_t order_of(const BlockId& file) const {
        const auto found = files_.find(file);
        return found == files_.end() ? kFilesMax : found->second;
    }
    /// Files this one includes by itself.
    [[nodiscard]] const std::vector<BlockId>& direct() const { return direct_; }
    /// An include in quotes, here or in a visible file, that is not in the tree.
    [[nodiscard]] bool has_missing() const { return has_missing_; }
    /// Any include that is not in the tree.
    [[nodiscard]] bool has_outside() const { return has_outside_; }
    [[nodiscard]] size_t count() const { return files_.size(); }

  private:
    bool add(const BlockId& file) { return files_.emplace(file, files_.size()).second; }

    std::unordered_map<BlockId, size_t, BlockIdHash> files_;  // with their place in the order
    std::vector<BlockId> direct_;
    bool has_missing_ = false;
    bool has_outside_ = false;
};

/// Folders that two paths share, for "the nearest definition".
[[nodiscard]] size_t shared_folders(std::string_view left, std::string_view right) noexcept;
[[nodiscard]] std::string_view folder_of(std::string_view path) noexcept;

}  // namespace kausal::ingest::c
