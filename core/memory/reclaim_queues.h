// Two bounded queues between two threads: one hands pointers over, the other brings them back to
// their owner, who alone frees or reuses them.
//
// Each queue has one producer and one consumer and takes no lock. As many pointers as there are
// places may be away at once; then the owner is told to wait (back-pressure). A pointer keeps its
// place until it is reclaimed, so bringing one back always finds room and cannot fail.
#pragma once

#include "memory/backing.h"
#include "memory/counters.h"
#include "memory/pool_config.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace kausal::memory {

struct ReclaimQueuesConfig {
    std::string_view name = "reclaim queues";
    size_t capacity = 256;  // pointers that may be away at once; 1 to 2^20
};

/// Errors: Invalid, naming the knob and its value.
[[nodiscard]] Status check(const ReclaimQueuesConfig& config);

/// Something on its way: what was handed over, and the place it has to come back to.
struct HandedOver {
    void* object = nullptr;  // null: there was nothing
    uint32_t place = 0;
    [[nodiscard]] explicit operator bool() const noexcept { return object != nullptr; }
};

/// Threads: `hand_over`, `reclaim`, `reclaim_untaken`, `away_count` only on the owner's thread,
/// `take` and `give_back` only on the other; `counters` anywhere. Either role may move to another
/// thread when the two threads synchronise.
class ReclaimQueues final : public MemorySource {
  public:
    /// Errors: Invalid (see check), NoMemory. `backing` must outlive the queues.
    [[nodiscard]] static Result<std::unique_ptr<ReclaimQueues>> create(
        const ReclaimQueuesConfig& config, BackingAllocator& backing = system_backing());
    /// Everything should have been reclaimed before: what is still away is the owner's to free.
    ~ReclaimQueues();
    ReclaimQueues(const ReclaimQueues&) = delete;
    ReclaimQueues& operator=(const ReclaimQueues&) = delete;
    ReclaimQueues(ReclaimQueues&&) = delete;
    ReclaimQueues& operator=(ReclaimQueues&&) = delete;

    /// Sends `object` (not null) to the other thread. False when all places are away: reclaim
    /// first, and if there is nothing to reclaim, wait for the other thread.
    [[nodiscard]] bool hand_over(void* object) noexcept;
    /// The oldest object that came back, null when there is none.
    [[nodiscard]] void* reclaim() noexcept;
    /// After the other thread has stopped for good: also what came back or was never taken. What it
    /// took and did not bring back stays away.
    [[nodiscard]] void* reclaim_untaken() noexcept;
    /// Handed over and not yet reclaimed.
    [[nodiscard]] size_t away_count() const noexcept { return away_count_; }

    /// The oldest object that was handed over, nothing when there is none.
    [[nodiscard]] HandedOver take() noexcept;
    /// Brings one back. What was not taken from here, or was brought back before, is rejected.
    ReleaseOutcome give_back(HandedOver handed) noexcept;

    /// acquires: handed over; releases: reclaimed; live: away; all three read at one moment. No
    /// bytes are requested here, what is handed over belongs to its owner.
    [[nodiscard]] MemoryCounters counters() const override;

  private:
    /// A ring of places; as it has room for all of them, `push` always succeeds.
    class Ring {
      public:
        void prepare(std::atomic<uint32_t>* cells, size_t cell_count) noexcept;
        void push(uint32_t place) noexcept;
        [[nodiscard]] bool pop(uint32_t& place) noexcept;

      private:
        std::atomic<uint32_t>* cells_ = nullptr;
        size_t mask_ = 0;
        // Each end on a cache line of its own, so that the two threads do not slow each other.
        alignas(64) std::atomic<uint64_t> pushed_{0};
        alignas(64) std::atomic<uint64_t> popped_{0};
    };
    /// `object` is written by the owner before the place is sent; `taken` belongs to the other.
    struct Place {
        void* object;
        void* taken;
        uint32_t next_free;
    };

    ReclaimQueues(const ReclaimQueuesConfig& config, BackingAllocator& backing) noexcept;
    [[nodiscard]] bool prepare() noexcept;
    [[nodiscard]] void* bring_home(uint32_t place) noexcept;
    void publish_counts() noexcept;
    [[nodiscard]] size_t bytes() const noexcept;
    [[nodiscard]] size_t cell_count() const noexcept;

    const ReclaimQueuesConfig config_;
    BackingAllocator& backing_;
    void* memory_ = nullptr;
    Place* places_ = nullptr;
    Ring outward_;
    Ring homeward_;
    // The owner's thread writes these.
    alignas(64) uint32_t free_place_ = 0;
    size_t away_count_ = 0;
    uint64_t handed_count_ = 0;
    // Both counts in one word, so that one load reads a pair that belongs together.
    std::atomic<uint64_t> handed_and_away_{0};
    std::atomic<uint64_t> away_peak_{0};
    // The other thread writes these.
    alignas(64) std::atomic<uint64_t> foreign_{0};
    std::atomic<uint64_t> repeated_{0};
};

}  // namespace kausal::memory
