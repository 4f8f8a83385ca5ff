// From the text of a diff to the blocks it touches.
//
// Reads the unified format as git writes it (renames, quoted paths, /dev/null, binary notices);
// works out the changed lines of both sides, not the context around them.
#pragma once

#include "base/status.h"
#include "query/answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

inline constexpr size_t kDiffSizeMax = size_t{256} << 20;  // bytes

/// Changed lines, 1-based and inclusive. A gap is a place between `first` and `last` = first + 1
/// where the other side has lines that this side has not.
struct LineRange {
    uint32_t first = 0;
    uint32_t last = 0;
    bool is_gap = false;
    friend bool operator==(const LineRange&, const LineRange&) = default;
};
enum class FileChange : uint8_t { Modified, Added, Deleted, Renamed, Copied, Binary, ModeOnly };
struct DiffFile {
    std::string path_old;  // empty when the file was added
    std::string path_new;  // empty when it was deleted
    FileChange change = FileChange::Modified;
    std::vector<LineRange> lines_old;
    std::vector<LineRange> lines_new;
};

/// Errors: Invalid with the line number (hunks that do not add up, combined diffs, no diff at all).
/// An empty text is an empty diff.
[[nodiscard]] Result<std::vector<DiffFile>> parse_diff(std::string_view text);

enum class DiffSide : uint8_t { Old, New };

struct TouchedBlock {
    BlockRow block;
    std::vector<LineRange> lines;  // of the diff, inside the block
};
struct TouchedBlocks {
    std::vector<TouchedBlock> rows;          // by place
    std::vector<std::string> files_unknown;  // paths of the diff that the graph does not have
};
/// The innermost blocks that hold changed lines of `side` (the side that the graph was made from).
[[nodiscard]] Result<TouchedBlocks> touched_blocks(const GraphView& view,
                                                   const std::vector<DiffFile>& files,
                                                   DiffSide side, uint64_t workspace = 0);

}  // namespace kausal::query
