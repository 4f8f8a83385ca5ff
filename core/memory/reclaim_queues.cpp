// The two rings and the places between them.
#include "memory/reclaim_queues.h"

#include <algorithm>
#include <bit>
#include <new>
#include <string>

namespace kausal::memory {
namespace {

constexpr uint32_t kNoPlace = UINT32_MAX;
constexpr size_t kCapacityMax = size_t{1} << 20;
// Bits of `handed_and_away_` for what is away; the rest, enough for 2^40, count what was handed.
constexpr uint64_t kAwayBits = 24;
static_assert(kCapacityMax < (uint64_t{1} << kAwayBits));

}  // namespace

Status check(const ReclaimQueuesConfig& config) {
    if (config.capacity >= 1 && config.capacity <= kCapacityMax) return {};
    return {ErrorCode::Invalid, "capacity is " + std::to_string(config.capacity) +
                                    ", allowed are 1 to " + std::to_string(kCapacityMax)};
}

void ReclaimQueues::Ring::prepare(std::atomic<uint32_t>* cells, size_t cell_count) noexcept {
    for (size_t i = 0; i < cell_count; ++i) ::new (&cells[i]) std::atomic<uint32_t>(0);
    cells_ = cells;
    mask_ = cell_count - 1;
}

void ReclaimQueues::Ring::push(uint32_t place) noexcept {
    const uint64_t at = pushed_.load(std::memory_order_relaxed);
    cells_[at & mask_].store(place, std::memory_order_relaxed);
    // Publishes the cell and everything written before it, the object's bytes among them.
    pushed_.store(at + 1, std::memory_order_release);
}

bool ReclaimQueues::Ring::pop(uint32_t& place) noexcept {
    const uint64_t at = popped_.load(std::memory_order_relaxed);
    if (at == pushed_.load(std::memory_order_acquire)) return false;
    place = cells_[at & mask_].load(std::memory_order_relaxed);
    popped_.store(at + 1, std::memory_order_release);
    return true;
}

ReclaimQueues::ReclaimQueues(const ReclaimQueuesConfig& config, BackingAllocator& backing) noexcept
    : config_(config), backing_(backing) {}

ReclaimQueues::~ReclaimQueues() {
    backing_.release(memory_, bytes(), alignof(std::max_align_t));
}

size_t ReclaimQueues::cell_count() const noexcept {
    return std::bit_ceil(config_.capacity);
}

size_t ReclaimQueues::bytes() const noexcept {
    return config_.capacity * sizeof(Place) + 2 * cell_count() * sizeof(std::atomic<uint32_t>);
}

bool ReclaimQueues::prepare() noexcept {
    memory_ = backing_.allocate(bytes(), alignof(std::max_align_t));
    if (memory_ == nullptr) return false;
    places_ = static_cast<Place*>(memory_);
    for (uint32_t i = 0; i < config_.capacity; ++i) {
        ::new (&places_[i]) Place{nullptr, nullptr, i + 1 < config_.capacity ? i + 1 : kNoPlace};
    }
    auto* cells = reinterpret_cast<std::atomic<uint32_t>*>(places_ + config_.capacity);
    outward_.prepare(cells, cell_count());
    homeward_.prepare(cells + cell_count(), cell_count());
    return true;
}

Result<std::unique_ptr<ReclaimQueues>> ReclaimQueues::create(const ReclaimQueuesConfig& config,
                                                             BackingAllocator& backing) {
    KAUSAL_TRY(check(config));
    std::unique_ptr<ReclaimQueues> queues(new (std::nothrow) ReclaimQueues(config, backing));
    if (queues == nullptr || !queues->prepare()) return fail(Status(ErrorCode::NoMemory));
    return queues;
}

void ReclaimQueues::publish_counts() noexcept {
    // The peak first: whoever reads the counts and then the peak never sees more away than that.
    if (away_count_ > away_peak_.load(std::memory_order_relaxed)) {
        away_peak_.store(away_count_, std::memory_order_relaxed);
    }
    handed_and_away_.store(handed_count_ << kAwayBits | away_count_, std::memory_order_release);
}

bool ReclaimQueues::hand_over(void* object) noexcept {
    const uint32_t place = free_place_;
    if (object == nullptr || place == kNoPlace) return false;
    free_place_ = places_[place].next_free;
    places_[place].object = object;
    ++handed_count_;
    ++away_count_;
    publish_counts();
    outward_.push(place);
    return true;
}

void* ReclaimQueues::bring_home(uint32_t place) noexcept {
    places_[place].next_free = free_place_;
    free_place_ = place;
    --away_count_;
    publish_counts();
    return places_[place].object;
}

void* ReclaimQueues::reclaim() noexcept {
    uint32_t place = kNoPlace;
    return homeward_.pop(place) ? bring_home(place) : nullptr;
}

void* ReclaimQueues::reclaim_untaken() noexcept {
    uint32_t place = kNoPlace;
    return homeward_.pop(place) || outward_.pop(place) ? bring_home(place) : nullptr;
}

HandedOver ReclaimQueues::take() noexcept {
    uint32_t place = kNoPlace;
    if (!outward_.pop(place)) return {};
    places_[place].taken = places_[place].object;
    return {places_[place].object, place};
}

ReleaseOutcome ReclaimQueues::give_back(HandedOver handed) noexcept {
    const bool is_place = handed.object != nullptr && handed.place < config_.capacity;
    void* taken = is_place ? places_[handed.place].taken : nullptr;
    if (is_place && taken == handed.object) {
        places_[handed.place].taken = nullptr;
        homeward_.push(handed.place);
        return ReleaseOutcome::Released;
    }
    // An empty place was either brought back already or never left; both are one return too many.
    const bool is_repeated = is_place && taken == nullptr;
    auto& count = is_repeated ? repeated_ : foreign_;
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return is_repeated ? ReleaseOutcome::Repeated : ReleaseOutcome::Foreign;
}

MemoryCounters ReclaimQueues::counters() const {
    MemoryCounters all;
    all.name = config_.name;
    all.mode = "queues";
    const uint64_t counts = handed_and_away_.load(std::memory_order_acquire);
    all.acquires = counts >> kAwayBits;
    all.hits = all.acquires;
    all.live = counts & ((uint64_t{1} << kAwayBits) - 1);
    all.releases = all.acquires - all.live;
    all.live_peak = away_peak_.load(std::memory_order_relaxed);
    all.bytes_reserved = bytes();
    all.bytes_reserved_peak = all.bytes_reserved;
    all.foreign_release_rejected = foreign_.load(std::memory_order_relaxed);
    all.double_release_rejected = repeated_.load(std::memory_order_relaxed);
    return all;
}

}  // namespace kausal::memory
