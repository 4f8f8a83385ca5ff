// The patterns of ignore files (.gitignore and its kin): which paths a project itself does not
// count as its own.
//
// Rules as git documents them: later patterns win over earlier ones, deeper files over outer ones,
// `!` takes back, a trailing slash means folders only, a slash elsewhere anchors to the file's
// folder,
// `**` spans folders, and what lies in an ignored folder cannot be taken back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// True when `text`, a path without leading slash, fits `pattern` as a whole. `*` and `?` stop at
/// slashes, `**` between slashes does not.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text);

/// Threads: immutable once made, then shared.
class IgnoreFile {
  public:
    enum class Verdict : uint8_t { Silent, Ignored, Kept };

    IgnoreFile() = default;
    explicit IgnoreFile(std::string_view text);
    [[nodiscard]] bool is_empty() const noexcept { return patterns_.empty(); }
    /// `path` relative to the folder of the ignore file.
    [[nodiscard]] Verdict judge(std::string_view path, bool is_folder) const;

  private:
    struct Pattern {
        std::string glob;
        std::string literal_suffix;  // of `*literal`, the most common form
        bool is_negated = false;
        bool is_folder_only = false;
        bool is_anchored = false;  // against the path; else against its last component
        bool is_literal = false;
    };
    std::vector<Pattern> patterns_;
};

/// The ignore files that hold for one folder: its own and those of the folders around it. Threads:
/// immutable once made, then shared.
class IgnoreScope {
  public:
    /// `folder` is the path of the ignore file's folder relative to the workspace root; a folder
    /// around the root is written by `prefix`, the way from it down to the root ("a/b/").
    IgnoreScope(std::shared_ptr<const IgnoreScope> outer, std::string folder, std::string prefix,
                std::vector<IgnoreFile> files)
        : outer_(std::move(outer)),
          folder_(std::move(folder)),
          prefix_(std::move(prefix)),
          files_(std::move(files)) {}

    /// `path` relative to the workspace root.
    [[nodiscard]] bool ignores(std::string_view path, bool is_folder) const;

  private:
    std::shared_ptr<const IgnoreScope> outer_;  // owned together with the scopes of sibling folders
    std::string folder_;                        // "" for the root, else "a/b/"
    std::string prefix_;
    std::vector<IgnoreFile> files_;  // strongest first
};

}  // namespace kausal::ingest
