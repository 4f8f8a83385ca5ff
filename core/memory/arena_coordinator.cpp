// Lanes, references and published counts; see arena_coordinator.h.
#include "memory/arena_coordinator.h"

#include <algorithm>
#include <bit>
#include <new>

namespace kausal::memory {

// Every store of a field is a release and every load an acquire: a reader that meets a field of a
// later store also sees that the moment has moved on, and a stand-alone fence is not needed.
void PublishedCounts::store(const ArenaCounts& counts) noexcept {
    const auto values = std::bit_cast<std::array<uint64_t, kFieldCount>>(counts);
    const uint64_t moment = moment_.load(std::memory_order_relaxed);
    moment_.store(moment + 1, std::memory_order_relaxed);
    for (size_t i = 0; i < kFieldCount; ++i) {
        fields_[i].store(values[i], std::memory_order_release);
    }
    moment_.store(moment + 2, std::memory_order_release);
}

ArenaCounts PublishedCounts::load() const noexcept {
    std::array<uint64_t, kFieldCount> values{};
    for (;;) {
        const uint64_t before = moment_.load(std::memory_order_acquire);
        for (size_t i = 0; i < kFieldCount; ++i) {
            values[i] = fields_[i].load(std::memory_order_acquire);
        }
        const uint64_t after = moment_.load(std::memory_order_relaxed);
        if (before == after && before % 2 == 0) return std::bit_cast<ArenaCounts>(values);
    }
}

uint64_t PublishedCounts::bytes_reserved() const noexcept {
    constexpr size_t field = offsetof(ArenaCounts, bytes_reserved) / sizeof(uint64_t);
    return fields_[field].load(std::memory_order_acquire);
}

Status ArenaCoordinator::make_lanes(const ArenaOptions& options) {
    for (size_t number = 0; number < lane_count_; ++number) {
        lanes_[number] = KAUSAL_TRY(Arena::try_create(options));
    }
    return {};
}

void ArenaCoordinator::drop_reference() noexcept {
    // What every holder did comes before the end.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

MemoryCounters ArenaCoordinator::counters() const {
    ArenaCounts sum;
    for (size_t number = 0; number < lane_count_; ++number) {
        const ArenaCounts lane = published_[number].load();
        sum.acquires += lane.acquires;
        sum.backing_calls += lane.backing_calls;
        sum.releases += lane.releases;
        sum.live_peak += lane.live_peak;
        sum.bytes_requested += lane.bytes_requested;
        sum.bytes_reserved += lane.bytes_reserved;
        sum.bytes_reserved_peak += lane.bytes_reserved_peak;
        sum.resets += lane.resets;
        sum.bytes_retained += lane.bytes_retained;
        sum.budget_denied += lane.budget_denied;
    }
    return counters_of(lanes_[0]->name(), "arena", sum);
}

size_t ArenaCoordinator::bytes_reserved() const noexcept {
    size_t sum = 0;
    for (size_t number = 0; number < lane_count_; ++number) {
        sum += published_[number].bytes_reserved();
    }
    return sum;
}

Result<SubsystemArena> SubsystemArena::try_create(const ArenaOptions& options, size_t lane_count) {
    lane_count = std::clamp<size_t>(lane_count, 1, ArenaCoordinator::kLaneMax);
    auto* coordinator = new (std::nothrow) ArenaCoordinator(lane_count);
    if (coordinator == nullptr) return fail(Status(ErrorCode::NoMemory));
    SubsystemArena subsystem(coordinator);
    KAUSAL_TRY(coordinator->make_lanes(options));
    return subsystem;
}

SubsystemArena SubsystemArena::create(std::string_view name, size_t lane_count) {
    ArenaOptions options;
    options.name = name;
    Result<SubsystemArena> subsystem = try_create(options, lane_count);
    if (!subsystem.has_value()) detail::throw_no_memory();
    return *std::move(subsystem);
}

Status SubsystemArena::reset(size_t keep_bytes) {
    if (coordinator_ == nullptr) return {ErrorCode::Closed, "arena: closed"};
    // Nobody can pin it meanwhile: a pin is made from this object, which is confined to the caller,
    // or from another pin, of which there is none.
    if (coordinator_->references() != 1) {
        return {ErrorCode::Busy, "arena: readers hold it"};
    }
    for (size_t number = 0; number < coordinator_->lane_count_; ++number) {
        lane(number).reset(keep_bytes);
        publish(number);
    }
    return {};
}

}  // namespace kausal::memory
