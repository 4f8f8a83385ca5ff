// Sorting of large arrays whose first key is a uniform 64-bit number. Private to the room.
//
// One pass spreads the entries over buckets of the key's highest bits, then each bucket is sorted
// inside the cache. Keys that are not uniform cost no more than a plain sort.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kausal::segment {

/// Sorts by `is_before`, of which `key_of` (uint64_t) must be the leading criterion. Not stable.
template <typename Entry, typename KeyOf, typename IsBefore>
void bucket_sort(std::vector<Entry>& entries, KeyOf key_of, IsBefore is_before) {
    constexpr size_t plain_count_max = 4096;
    if (entries.size() <= plain_count_max) {
        std::sort(entries.begin(), entries.end(), is_before);
        return;
    }
    const auto bits = std::min<uint32_t>(
        12, static_cast<uint32_t>(std::bit_width(entries.size() / (plain_count_max / 4))));
    const uint32_t shift = 64 - bits;
    std::vector<size_t> ends((size_t{1} << bits) + 1, 0);
    for (const Entry& entry : entries) ++ends[static_cast<size_t>(key_of(entry) >> shift) + 1];
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    std::vector<Entry> spread(entries.size());
    for (const Entry& entry : entries) {
        spread[ends[static_cast<size_t>(key_of(entry) >> shift)]++] = entry;
    }
    size_t first = 0;
    for (size_t bucket = 0; bucket + 1 < ends.size(); ++bucket) {
        const auto begin = spread.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = spread.begin() + static_cast<std::ptrdiff_t>(ends[bucket]);
        std::sort(begin, end, is_before);
        first = ends[bucket];
    }
    entries.swap(spread);
}

}  // namespace kausal::segment
