// Byte ranges that nest like brackets, and the innermost of them around a place.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace kausal::ingest {

/// Threads: confined while built, then immutable.
class NestedRanges {
  public:
    static constexpr uint32_t kOutside = 0xffffffff;

    void clear() { ranges_.clear(); }
    /// Ranges must come in order of (first, widest first). A range that only overlaps another
    /// (damaged syntax) counts as following it.
    void add(uint32_t first, uint32_t end) {
        uint32_t parent = ranges_.empty() ? kOutside : static_cast<uint32_t>(ranges_.size() - 1);
        while (parent != kOutside && ranges_[parent].end < end) parent = ranges_[parent].parent;
        while (parent != kOutside && ranges_[parent].end <= first) parent = ranges_[parent].parent;
        ranges_.push_back({first, end, parent});
    }
    [[nodiscard]] uint32_t parent_of(uint32_t index) const { return ranges_[index].parent; }
    [[nodiscard]] uint32_t first_of(uint32_t index) const { return ranges_[index].first; }
    [[nodiscard]] uint32_t end_of(uint32_t index) const { return ranges_[index].end; }
    /// The innermost range with first <= offset < end.
    [[nodiscard]] uint32_t innermost(uint32_t offset) const {
        const auto after = std::upper_bound(
            ranges_.begin(), ranges_.end(), offset,
            [](uint32_t value, const Range& range) { return value < range.first; });
        if (after == ranges_.begin()) return kOutside;
        auto index = static_cast<uint32_t>(after - ranges_.begin() - 1);
        while (index != kOutside && ranges_[index].end <= offset) index = ranges_[index].parent;
        return index;
    }

  private:
    struct Range {
        uint32_t first;
        uint32_t end;
        uint32_t parent;
    };
    std::vector<Range> ranges_;
};

}  // namespace kausal::ingest
