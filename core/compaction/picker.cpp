// The size-tiered choice of a run of neighbours.
//
// Sizes fall into tiers of powers of the smallest fan-in. A run is worth merging when it holds
// enough segments of one tier with nothing but smaller ones between them, or when smaller ones that
// are shut in between larger neighbours have become many. The lowest tier goes first: it is the
// cheapest to clear.
#include "compaction/picker.h"

#include <algorithm>
#include <vector>

namespace kausal::compaction {
namespace {

[[nodiscard]] uint32_t tier_of(uint64_t size, const PickerOptions& options, uint64_t base) {
    uint32_t tier = 0;
    for (uint64_t rest = size / std::max<uint64_t>(options.size_floor_bytes, 1); rest >= base;
         rest /= base) {
        ++tier;
    }
    return tier;
}

/// The `count` neighbours of [first, last) with the smallest sum.
[[nodiscard]] Run smallest_window(std::span<const uint64_t> sizes, Run run, size_t count) {
    if (run.count <= count) return run;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; ++i) sum += sizes[run.first + i];
    Run best{run.first, count};
    uint64_t best_sum = sum;
    for (size_t i = run.first + count; i < run.first + run.count; ++i) {
        sum += sizes[i];
        sum -= sizes[i - count];
        if (sum < best_sum) {
            best_sum = sum;
            best.first = i + 1 - count;
        }
    }
    return best;
}

}  // namespace

std::optional<Run> pick(std::span<const uint64_t> sizes_bytes, const PickerOptions& options) {
    const size_t fan_in_min = std::max<size_t>(options.fan_in_min, 2);
    const size_t fan_in_max = std::max<size_t>(options.fan_in_max, fan_in_min);
    std::vector<uint32_t> tiers;
    tiers.reserve(sizes_bytes.size());
    for (const uint64_t size : sizes_bytes) tiers.push_back(tier_of(size, options, fan_in_min));
    const uint32_t tier_max = tiers.empty() ? 0 : *std::ranges::max_element(tiers);
    for (uint32_t tier = 0; tier <= tier_max; ++tier) {
        for (size_t first = 0; first < tiers.size();) {
            if (tiers[first] > tier) {
                ++first;
                continue;
            }
            size_t last = first;
            size_t counted = 0;
            for (; last < tiers.size() && tiers[last] <= tier; ++last) {
                // Everything up to here is of this tier or lies behind one that is.
                if (tiers[last] == tier) counted = last + 1 - first;
            }
            const Run run{first, last - first};
            if (counted >= fan_in_min) {
                return smallest_window(sizes_bytes, run, fan_in_max);
            }
            first = last;
        }
    }
    return std::nullopt;
}

}  // namespace kausal::compaction
