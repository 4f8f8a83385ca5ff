// The stable door to the arenas of one subsystem, and who may come through it.
//
// A subsystem (a memtable, say) that several parts write to has one lane for each part: an arena of
// its own with one writer, so that no lock is needed. The coordinator owns the lanes; it is held by
// a SubsystemArena, the one who may write and reset, and by any number of pins, the readers. All
// lanes are freed in one go when the last of them is gone. The generation of a lane is counted in
// its arena and nowhere else.
#pragma once

#include "base/status.h"
#include "memory/arena.h"
#include "memory/arena_ptr.h"
#include "memory/counters.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace kausal::memory {

/// The counts of an arena that another thread may read: one writer, readers that see all figures of
/// one moment. Threads: `store` confined, `load` shared; it repeats itself while a store runs.
class PublishedCounts {
  public:
    void store(const ArenaCounts& counts) noexcept;
    [[nodiscard]] ArenaCounts load() const noexcept;
    [[nodiscard]] uint64_t bytes_reserved() const noexcept;

  private:
    static constexpr size_t kFieldCount = sizeof(ArenaCounts) / sizeof(uint64_t);
    std::atomic<uint64_t> moment_{0};  // odd while a store runs
    std::array<std::atomic<uint64_t>, kFieldCount> fields_{};
};

/// Always on the heap, neither copied nor moved; made and held by SubsystemArena. Threads: each
/// lane is confined to its writer, the rest shared.
class ArenaCoordinator final : public MemorySource {
  public:
    static constexpr size_t kLaneMax = 4;

    ArenaCoordinator(const ArenaCoordinator&) = delete;
    ArenaCoordinator& operator=(const ArenaCoordinator&) = delete;
    ArenaCoordinator(ArenaCoordinator&&) = delete;
    ArenaCoordinator& operator=(ArenaCoordinator&&) = delete;

    [[nodiscard]] size_t lane_count() const noexcept { return lane_count_; }
    /// How many hold it: the subsystem and the pins.
    [[nodiscard]] uint64_t references() const noexcept {
        return references_.load(std::memory_order_acquire);
    }
    /// Sum of the lanes, each as its writer published it last.
    [[nodiscard]] MemoryCounters counters() const override;
    [[nodiscard]] size_t bytes_reserved() const noexcept;

  private:
    friend class SubsystemArena;
    friend class ArenaPin;

    explicit ArenaCoordinator(size_t lane_count) noexcept : lane_count_(lane_count) {}
    ~ArenaCoordinator() = default;
    /// Fills `lanes_`. Errors: NoMemory, Invalid.
    [[nodiscard]] Status make_lanes(const ArenaOptions& options);
    void add_reference() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
    void drop_reference() noexcept;

    const size_t lane_count_;
    std::atomic<uint64_t> references_{1};
    std::array<std::unique_ptr<Arena>, kLaneMax> lanes_;
    std::array<PublishedCounts, kLaneMax> published_;
};

/// Keeps the memory of a subsystem alive and as it is: while a pin exists, nothing is reset. Reads
/// only what was published to it. Threads: a value; copies may go to other threads.
class ArenaPin {
  public:
    ArenaPin() noexcept = default;
    ArenaPin(const ArenaPin& other) noexcept : coordinator_(other.coordinator_) {
        if (coordinator_ != nullptr) coordinator_->add_reference();
    }
    ArenaPin(ArenaPin&& other) noexcept
        : coordinator_(std::exchange(other.coordinator_, nullptr)) {}
    ArenaPin& operator=(ArenaPin other) noexcept {
        std::swap(coordinator_, other.coordinator_);
        return *this;
    }
    ~ArenaPin() { release(); }

    /// Lets go before the end of life; harmless when nothing is held.
    void release() noexcept {
        if (coordinator_ != nullptr) std::exchange(coordinator_, nullptr)->drop_reference();
    }
    explicit operator bool() const noexcept { return coordinator_ != nullptr; }

  private:
    friend class SubsystemArena;
    explicit ArenaPin(ArenaCoordinator* coordinator) noexcept : coordinator_(coordinator) {
        coordinator_->add_reference();
    }
    ArenaCoordinator* coordinator_ = nullptr;
};

/// What a subsystem holds: reference-counted arenas. Moves only; who has it may write. The memory
/// goes with the last of it and its pins. Empty after a move. Threads: different lanes may be
/// written at the same time; `reset` confined.
class SubsystemArena {
  public:
    /// Throws bad_alloc (caught at the C border and in jobs). `lane_count` from 1 to 4; what lies
    /// outside becomes the nearest.
    [[nodiscard]] static SubsystemArena create(std::string_view name, size_t lane_count = 1);
    /// Every lane is made with `options`. Errors: NoMemory; Invalid.
    [[nodiscard]] static Result<SubsystemArena> try_create(const ArenaOptions& options,
                                                           size_t lane_count = 1);
    SubsystemArena() noexcept = default;
    SubsystemArena(SubsystemArena&& other) noexcept
        : coordinator_(std::exchange(other.coordinator_, nullptr)) {}
    SubsystemArena& operator=(SubsystemArena&& other) noexcept {
        if (this != &other) {
            close();
            coordinator_ = std::exchange(other.coordinator_, nullptr);
        }
        return *this;
    }
    SubsystemArena(const SubsystemArena&) = delete;
    SubsystemArena& operator=(const SubsystemArena&) = delete;
    ~SubsystemArena() { close(); }

    explicit operator bool() const noexcept { return coordinator_ != nullptr; }
    /// The arena of a lane, for its writer; its address stays the same until it is freed. `number`
    /// below lane_count.
    [[nodiscard]] Arena& lane(size_t number = 0) const noexcept {
        return *coordinator_->lanes_[number];
    }
    [[nodiscard]] const ArenaCoordinator& coordinator() const noexcept { return *coordinator_; }
    [[nodiscard]] ArenaPin pin() const noexcept { return ArenaPin(coordinator_); }
    /// Makes the counts of a lane visible to other threads. By the writer of the lane.
    void publish(size_t number = 0) const noexcept {
        coordinator_->published_[number].store(lane(number).counts());
    }
    /// Forgets the objects of all lanes; each keeps up to `keep_bytes` of chunks. Errors: Busy
    /// while anything is pinned (nothing is changed); Closed.
    [[nodiscard]] Status reset(size_t keep_bytes = 0);
    /// Lets go: all lanes are freed now, or with the last pin. Harmless when empty.
    void close() noexcept {
        if (coordinator_ != nullptr) std::exchange(coordinator_, nullptr)->drop_reference();
    }

  private:
    explicit SubsystemArena(ArenaCoordinator* coordinator) noexcept : coordinator_(coordinator) {}
    ArenaCoordinator* coordinator_ = nullptr;
};

}  // namespace kausal::memory
