// Slots of one size with stable addresses, for objects that come and go on many threads.
//
// Slots are cut from slabs. A thread works through a Magazine, which owns lanes: each slab belongs
// to one lane for ever, and a free slot lies in the list of its lane. Taking a slot and giving it
// back on the thread that holds its lane touch no shared memory and need no atomic operation
// beyond plain loads and stores; a slot that is given back anywhere else goes into the lane's
// pending queue, a lock-free stack that the lane's holder empties when its list has run out. A
// closed magazine leaves its lanes, with all they hold, to whoever needs slots next.
//
// Nothing is thread_local: the state of a thread is the Magazine it was given.
//
// Every slot has a record outside the slot, so what a late writer does to a freed slot cannot
// break the lists. By the record, a release of what is free already is rejected and so is any
// address that is not the start of a slot of this pool. Limits: a repeated release after the slot
// was handed out again looks like the new owner's; and one that races with the first release on
// another thread may be accepted at first, is found when the lane is emptied, and is then counted
// as repeated and dropped.
#pragma once

#include "base/mutex.h"
#include "memory/counters.h"
#include "memory/pool_config.h"
#include "memory/shared_state.h"
#include "memory/slab_table.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace kausal::memory {

namespace detail {

/// What a lane counts. Written by the lane's holder only; all but the last only ever grow.
enum class LaneCount : uint8_t {
    Hits,
    BackingCalls,
    Releases,
    LateRepeated,  // counted under Releases before they were found to be repeated
    Foreign,
    Repeated,
    LivePeak,
    End,
};
inline constexpr size_t kLaneCounts = static_cast<size_t>(LaneCount::End);
using LaneCounts = std::array<uint64_t, kLaneCounts>;

/// The record of a slot. Links hold a pointer whose lowest bit is a mark.
struct FixedSlot {
    std::atomic<uintptr_t> free_link;     // marked: free; written by the lane's holder only
    std::atomic<uintptr_t> pending_link;  // marked: given back, on its way to the lane
};

struct FixedSlab;

struct FixedLane {
    // The holder's.
    FixedSlot* free_first = nullptr;
    FixedSlab* fresh_first = nullptr;  // slabs with slots that were never used
    uint64_t live = 0;                 // slots of this lane that are out or pending
    uint64_t epoch_seen = 0;
    FixedLane* next_held = nullptr;
    std::array<std::atomic<uint64_t>, kLaneCounts> counts{};
    std::array<std::atomic<uint64_t>, kLaneCounts> published{};
    std::atomic<uint64_t> epoch_published{0};
    // Everyone's.
    alignas(64) std::atomic<FixedSlot*> pending{nullptr};
    std::atomic<const void*> holder{nullptr};
    FixedLane* next = nullptr;  // under the pool's mutex
};

class FixedPoolState;

}  // namespace detail

class Magazine;

/// Threads: shared. The slots must not be used after the pool and all its magazines have gone. A
/// listener of the budget must not acquire from the pool that it is called for.
class FixedPool final : public MemorySource {
  public:
    /// Errors: Invalid (see check), NoMemory. `memory` must outlive the pool and its magazines.
    [[nodiscard]] static Result<std::unique_ptr<FixedPool>> create(const FixedPoolConfig& config,
                                                                   PoolMemory memory = {});
    ~FixedPool();
    FixedPool(const FixedPool&) = delete;
    FixedPool& operator=(const FixedPool&) = delete;
    FixedPool(FixedPool&&) = delete;
    FixedPool& operator=(FixedPool&&) = delete;

    /// Errors: Busy (magazine_count_max are open), NoMemory.
    [[nodiscard]] Result<Magazine> open_magazine();
    /// For a thread that has no magazine; takes any pointer, waits for nobody.
    ReleaseOutcome release(void* slot) noexcept;
    [[nodiscard]] size_t slots_per_slab() const noexcept;
    /// All lanes as they stood together while this ran; no release is seen without its acquire.
    /// Threads go on counting meanwhile and wait for nothing. Slabs are kept until the pool and its
    /// magazines have gone, so bytes_reserved only grows. live_peak is the sum over lanes of the
    /// most slots each had out or on the way back: exact with one magazine, never below the truth
    /// with several.
    [[nodiscard]] MemoryCounters counters() const override;

  private:
    explicit FixedPool(StateRef<detail::FixedPoolState> state) noexcept;

    StateRef<detail::FixedPoolState> state_;
};

/// One thread's way into a FixedPool. Moves, does not copy; may outlive the pool. Threads:
/// confined; may be passed on to another thread when the two synchronise.
class Magazine {
  public:
    Magazine() noexcept;
    ~Magazine();
    Magazine(Magazine&& other) noexcept;
    Magazine& operator=(Magazine&& other) noexcept;
    Magazine(const Magazine&) = delete;
    Magazine& operator=(const Magazine&) = delete;

    /// A slot of slot_bytes, uninitialised; null when the backing allocator, the budget or the
    /// capacity has no more, or the magazine is closed. Slots that lie free in another open
    /// magazine are not taken from it.
    [[nodiscard]] void* acquire() noexcept;
    /// Takes any pointer: a slot acquired here, through another magazine, or something else. A
    /// closed magazine takes nothing and says Foreign.
    ReleaseOutcome release(void* slot) noexcept;
    /// Leaves everything it holds to others; what was acquired through it stays valid.
    void close() noexcept;

  private:
    friend class FixedPool;
    StateRef<detail::FixedPoolState> state_;
    detail::FixedLane* lane_ = nullptr;  // where slots are taken from; all held are linked
    const void* token_ = nullptr;        // what the held lanes name as their holder
};

}  // namespace kausal::memory
