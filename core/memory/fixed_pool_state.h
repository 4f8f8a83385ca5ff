// The inside of a FixedPool, shared by the pool and its magazines. Read fixed_pool.h first.
//
// How one snapshot is read while threads go on counting without a lock: the reader raises the
// epoch. A holder that sees a new epoch copies its lane's counts aside before it counts anything
// else, so the reader takes either that copy or, from a lane at rest, two equal looks at the counts
// themselves. As a thread that gets a slot from another has seen at least the epoch of that other,
// a release is not in the picture without its acquire. Only an operation that was interrupted
// between looking at the epoch and counting can break that, which shows in the sums; then the
// reader starts over.
#pragma once

#include "memory/fixed_pool.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace kausal::memory::detail {

/// The start of a slab, followed by the records of its slots and the slots.
struct FixedSlab {
    FixedLane* lane;
    FixedSlab* next_fresh;
    FixedSlab* next_region;  // links the first slab of each backing call
    size_t region_slabs;     // in the first slab: how many that call brought
    size_t fresh_slot;       // this and all after it were never handed out
};

class FixedPoolState final : public SharedState {
  public:
    FixedPoolState(const FixedPoolConfig& config, PoolMemory memory) noexcept;
    ~FixedPoolState();
    FixedPoolState(const FixedPoolState&) = delete;
    FixedPoolState& operator=(const FixedPoolState&) = delete;
    FixedPoolState(FixedPoolState&&) = delete;
    FixedPoolState& operator=(FixedPoolState&&) = delete;

    [[nodiscard]] bool prepare() noexcept;
    /// Ok, Busy or NoMemory; then `lane` is the first one held by `token`.
    [[nodiscard]] ErrorCode open_lane(FixedLane*& lane, const void*& token) noexcept;
    /// Leaves all lanes that are linked from `lane`.
    void close_lanes(FixedLane* lane) noexcept;
    [[nodiscard]] void* acquire(FixedLane*& lane, const void* token) noexcept;
    /// `lane` is that of the calling magazine, null when there is none.
    ReleaseOutcome release(void* address, FixedLane* lane, const void* token) noexcept;
    [[nodiscard]] size_t slots_per_slab() const noexcept { return slots_per_slab_; }
    [[nodiscard]] MemoryCounters counters() const;

  private:
    /// Sums over all lanes and what was released without a magazine.
    struct Sums {
        LaneCounts counts{};
        uint64_t bytes_reserved = 0;
        uint64_t slot_count = 0;
    };
    [[nodiscard]] FixedSlot* slot_at(void* address) const noexcept;
    [[nodiscard]] std::byte* address_of(const FixedSlot* slot) const noexcept;
    [[nodiscard]] FixedSlab* slab_of(const FixedSlot* slot) const noexcept;
    void enter(FixedLane& lane) const noexcept;
    [[nodiscard]] void* hand_out(FixedLane& lane, FixedSlot& slot, LaneCount how) noexcept;
    [[nodiscard]] FixedSlot* pop_free(FixedLane& lane) noexcept;
    [[nodiscard]] void* take_from(FixedLane& lane, LaneCount how) noexcept;
    [[nodiscard]] void* acquire_slow(FixedLane*& lane, const void* token) noexcept;
    [[nodiscard]] void* take_from_held(FixedLane*& lane) noexcept;
    [[nodiscard]] void* adopt(FixedLane*& lane, const void* token) noexcept;
    void empty_pending(FixedLane& lane) noexcept;
    void put_free(FixedLane& lane, FixedSlot& slot) noexcept;
    ReleaseOutcome reject(FixedLane* lane, ReleaseOutcome outcome) noexcept;
    ReleaseOutcome send_home(FixedSlot& slot, FixedLane* lane) noexcept;
    [[nodiscard]] bool grow(FixedLane& lane) noexcept;
    [[nodiscard]] std::byte* fetch_region(size_t& slab_count) noexcept
        KAUSAL_REQUIRES(growth_mutex_);
    void add_slab(std::byte* start, FixedLane& lane, size_t region_slabs) noexcept
        KAUSAL_REQUIRES(growth_mutex_);
    [[nodiscard]] Sums read_sums() const KAUSAL_REQUIRES(mutex_);
    [[nodiscard]] LaneCounts read_lane(const FixedLane& lane, uint64_t epoch) const noexcept;

    const FixedPoolConfig config_;
    const PoolMemory memory_;
    const size_t stride_bytes_;
    size_t slots_per_slab_ = 0;
    size_t first_slot_bytes_ = 0;  // from the start of a slab
    uint64_t stride_inverse_ = 0;  // 2^32 / stride, rounded up
    SlabTable table_;
    mutable std::atomic<uint64_t> epoch_{1};

    // Of releases without a magazine, by any thread.
    alignas(64) std::atomic<uint64_t> outside_releases_{0};
    std::atomic<uint64_t> outside_foreign_{0};
    std::atomic<uint64_t> outside_repeated_{0};
    std::atomic<uint64_t> budget_denied_{0};

    /// Held while slabs are fetched. Not taken with mutex_ held.
    Mutex growth_mutex_;
    Reservation reservation_ KAUSAL_GUARDED_BY(growth_mutex_);
    size_t growth_next_ KAUSAL_GUARDED_BY(growth_mutex_) = 0;
    FixedSlab* regions_ KAUSAL_GUARDED_BY(growth_mutex_) = nullptr;
    std::atomic<size_t> slab_count_{0};  // written under growth_mutex_

    mutable Mutex mutex_;
    FixedLane* lanes_ KAUSAL_GUARDED_BY(mutex_) = nullptr;
    size_t lane_count_ KAUSAL_GUARDED_BY(mutex_) = 0;
    size_t open_count_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uintptr_t tokens_given_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

}  // namespace kausal::memory::detail
