// Collects edges by build number, sorts them both ways and writes the edge sections. Private to the
// room.
//
// An edge costs 20 bytes while it is collected and four more while it is sorted, because only
// 32-bit positions are moved; twelve more while its incoming side is made.
#pragma once

#include "base/status.h"
#include "segment/segment_layout.h"
#include "segment/segment_output.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace kausal::segment {

struct BuildEdge {
    uint32_t source = 0;  // build number, then ordinal
    uint32_t target = 0;
    EdgeMeta meta = 0;
    EdgeSite site;
};
static_assert(sizeof(BuildEdge) == 20);

/// Threads: confined. Calls in the order in which they are declared.
class EdgeBuilder {
  public:
    /// Later edges of the same key win. Errors: Invalid (too many).
    [[nodiscard]] Status add(const BuildEdge& edge);
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return blocks_.size() * kBlockEdges * sizeof(BuildEdge);
    }

    /// Turns build numbers into ordinals (`ordinal_of[build number]`, below `id_count`), sorts and
    /// keeps the newest edge of each key; with `drop_tombstones` none of these.
    void sort(const std::vector<uint32_t>& ordinal_of, uint32_t id_count, bool drop_tombstones);
    /// Sets `is_used[ordinal]` for every end of an edge that is left.
    void mark_ends(std::vector<bool>& is_used) const;
    /// Replaces ordinals by `ordinal_of[ordinal]`, which keeps their order.
    void renumber(const std::vector<uint32_t>& ordinal_of);
    [[nodiscard]] uint32_t count() const noexcept { return static_cast<uint32_t>(order_.size()); }
    [[nodiscard]] uint32_t tombstone_count() const noexcept { return tombstone_count_; }

    /// Writes the sections; `begin` and `end` bracket each.
    using Bracket = std::function<void(SectionKind)>;
    void write_out(SegmentOutput& out, uint32_t id_count, const Bracket& begin,
                   const Bracket& end) const;
    /// Comes last: gives back the memory of the edges on the way.
    void write_in(SegmentOutput& out, uint32_t id_count, const Bracket& begin, const Bracket& end);

  private:
    static constexpr size_t kBlockShift = 15;
    static constexpr size_t kBlockEdges = size_t{1} << kBlockShift;

    [[nodiscard]] BuildEdge& at(uint32_t position) noexcept {
        return blocks_[position >> kBlockShift][position & (kBlockEdges - 1)];
    }
    [[nodiscard]] const BuildEdge& at(uint32_t position) const noexcept {
        return blocks_[position >> kBlockShift][position & (kBlockEdges - 1)];
    }
    struct SortEntry;
    void sort_node(uint32_t first, uint32_t last, std::vector<SortEntry>& scratch);

    std::vector<std::unique_ptr<BuildEdge[]>> blocks_;
    uint32_t added_ = 0;
    std::vector<uint32_t> order_;  // positions in the outgoing order
    uint32_t tombstone_count_ = 0;
};

}  // namespace kausal::segment
