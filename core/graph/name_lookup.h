// Looking blocks up by name, from exact to fuzzy, with one filter for all ways.
//
// The shared ground of target resolution and of the find operation: both must agree on what a name
// matches. Order of results: exactness, then place, then id.
#pragma once

#include "base/status.h"
#include "graph/block_row.h"
#include "graph/graph_view.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::graph {

/// What a found block must be. Empty lists and zeroes mean "any".
struct BlockFilter {
    std::vector<format::BlockKind> kinds = {};  // empty: every kind that is a definition
    std::vector<format::Language> languages = {};
    std::string path_prefix = {};
    uint64_t workspace = 0;
    uint32_t flags_all = 0;   // bits that must be set
    uint32_t flags_none = 0;  // bits that must not be set

    [[nodiscard]] bool accepts(const format::BlockRecord& head) const noexcept;
};

/// Polled during long scans; false stops them (the caller knows why).
using KeepGoing = std::function<bool()>;

/// Collects blocks whose simple name matches, at most `rows_max` (true = more exist).
[[nodiscard]] Result<bool> lookup_names(const GraphView& view, std::string_view name,
                                        storage::NameMatch match, const BlockFilter& filter,
                                        size_t rows_max, std::vector<BlockRow>& into);
/// Collects blocks whose qualified name ends with `tail` (at least two components).
[[nodiscard]] Result<bool> lookup_qualified_suffix(const GraphView& view, std::string_view tail,
                                                   const BlockFilter& filter, size_t rows_max,
                                                   std::vector<BlockRow>& into);
/// Collects the blocks whose names are most like `name`: edit distance (with swaps) up to a third
/// of the length and at most 3, or `name` as a subsequence. Best first, ties by name, place, id.
[[nodiscard]] Status lookup_fuzzy(const GraphView& view, std::string_view name,
                                  const BlockFilter& filter, size_t rows_max,
                                  const KeepGoing& keep_going, std::vector<BlockRow>& into);

/// How unlike two names are, ASCII case apart: optimal string alignment distance, or `bound + 1`
/// when it is larger than `bound`. Units: edits.
[[nodiscard]] uint32_t edit_distance(std::string_view left, std::string_view right, uint32_t bound);
/// 0 when `needle` is no subsequence of `text`; otherwise higher for matches that are contiguous,
/// start at word starts and leave little over.
[[nodiscard]] uint32_t subsequence_score(std::string_view needle, std::string_view text) noexcept;

}  // namespace kausal::graph
