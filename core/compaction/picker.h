// Decides which segments to merge: size-tiered, neighbours in age only.
//
// Only segments that follow each other in age may be merged, because the newest source wins and a
// merge across a gap would reorder history. Pure arithmetic on sizes; owns nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace kausal::compaction {

struct PickerOptions {
    uint32_t fan_in_min = 4;  // so many neighbours of similar size are merged
    uint32_t fan_in_max = 16;
    uint64_t size_floor_bytes = uint64_t{1} << 20;  // smaller segments count as this large
};

/// Neighbours [first, first + count) in the list that was given to `pick`.
struct Run {
    size_t first = 0;
    size_t count = 0;
    friend bool operator==(const Run&, const Run&) = default;
};

/// The run to merge next, or nothing. `sizes_bytes` are those of all live segments, oldest first.
[[nodiscard]] std::optional<Run> pick(std::span<const uint64_t> sizes_bytes,
                                      const PickerOptions& options);

}  // namespace kausal::compaction
