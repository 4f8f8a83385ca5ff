// Lanes, growth and checks of the fixed pool.
#include "memory/fixed_pool.h"

#include "base/assert.h"
#include "memory/fixed_pool_state.h"
#include "memory/poison.h"

#include <algorithm>
#include <new>
#include <utility>

namespace kausal::memory {
namespace detail {
namespace {

constexpr uintptr_t kMark = 1;

constexpr size_t round_up(size_t size, size_t step) noexcept {
    return (size + step - 1) / step * step;
}
FixedSlot* slot_in(uintptr_t link) noexcept {
    return reinterpret_cast<FixedSlot*>(link & ~kMark);  // NOLINT: a pointer with a mark
}
uintptr_t marked(const FixedSlot* slot) noexcept {
    return reinterpret_cast<uintptr_t>(slot) | kMark;
}
FixedSlot* slots_of(FixedSlab* slab) noexcept {
    return reinterpret_cast<FixedSlot*>(slab + 1);
}
/// One writer, so a plain load and store suffice; the release lets a reader of the count see what
/// came before it.
void count_one(FixedLane& lane, LaneCount which) noexcept {
    std::atomic<uint64_t>& count = lane.counts[static_cast<size_t>(which)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}
uint64_t at(const LaneCounts& counts, LaneCount which) noexcept {
    return counts[static_cast<size_t>(which)];
}
uint64_t net_releases(const LaneCounts& counts) noexcept {
    return at(counts, LaneCount::Releases) - at(counts, LaneCount::LateRepeated);
}
uint64_t acquires(const LaneCounts& counts) noexcept {
    return at(counts, LaneCount::Hits) + at(counts, LaneCount::BackingCalls);
}
bool is_possible(const LaneCounts& counts) noexcept {
    return net_releases(counts) <= acquires(counts) &&
           acquires(counts) - net_releases(counts) <= at(counts, LaneCount::LivePeak);
}

}  // namespace

FixedPoolState::FixedPoolState(const FixedPoolConfig& config, PoolMemory memory) noexcept
    : config_(config),
      memory_(memory),
      stride_bytes_(round_up(config.slot_bytes, config.slot_alignment)),
      table_(*memory.backing) {
    size_t count = config.slab_bytes / stride_bytes_;
    auto first = [&] {
        return round_up(sizeof(FixedSlab) + count * sizeof(FixedSlot), config.slot_alignment);
    };
    while (count > 0 && first() + count * stride_bytes_ > config.slab_bytes) --count;
    slots_per_slab_ = count;
    first_slot_bytes_ = first();
    stride_inverse_ = ((uint64_t{1} << 32) + stride_bytes_ - 1) / stride_bytes_;
    const MutexLock lock(growth_mutex_);
    growth_next_ = config.growth.slabs_first;
    if (memory_.budget != nullptr) reservation_ = memory_.budget->open();
}

FixedPoolState::~FixedPoolState() {
    {
        const MutexLock lock(growth_mutex_);
        while (regions_ != nullptr) {
            FixedSlab* region = regions_;
            regions_ = region->next_region;
            const size_t bytes = region->region_slabs * config_.slab_bytes;
            unpoison(region, bytes);
            memory_.backing->release(region, bytes, config_.slab_bytes);
        }
    }
    const MutexLock lock(mutex_);
    while (lanes_ != nullptr) {
        FixedLane* lane = lanes_;
        lanes_ = lane->next;
        memory_.backing->release(lane, sizeof(FixedLane), alignof(FixedLane));
    }
}

bool FixedPoolState::prepare() noexcept {
    return slots_per_slab_ > 0 && table_.prepare(config_.slab_count_max, config_.slab_bytes);
}

ErrorCode FixedPoolState::open_lane(FixedLane*& lane, const void*& token) noexcept {
    const MutexLock lock(mutex_);
    if (open_count_ == config_.magazine_count_max) return ErrorCode::Busy;
    lane = lanes_;
    while (lane != nullptr && lane->holder.load(std::memory_order_relaxed) != nullptr) {
        lane = lane->next;
    }
    if (lane == nullptr) {
        void* data = memory_.backing->allocate(sizeof(FixedLane), alignof(FixedLane));
        if (data == nullptr) return ErrorCode::NoMemory;
        lane = ::new (data) FixedLane;
        lane->next = lanes_;
        lanes_ = lane;
        ++lane_count_;
    }
    // A number that no magazine of this pool had before, so that nobody is taken for another.
    token = reinterpret_cast<const void*>(++tokens_given_);  // NOLINT: never followed
    lane->holder.store(token, std::memory_order_relaxed);
    lane->next_held = nullptr;
    ++open_count_;
    return ErrorCode::Ok;
}

void FixedPoolState::close_lanes(FixedLane* lane) noexcept {
    const MutexLock lock(mutex_);
    while (lane != nullptr) {
        FixedLane* next = std::exchange(lane->next_held, nullptr);
        lane->holder.store(nullptr, std::memory_order_relaxed);
        lane = next;
    }
    --open_count_;
}

FixedSlab* FixedPoolState::slab_of(const FixedSlot* slot) const noexcept {
    const auto start = reinterpret_cast<uintptr_t>(slot) & ~(uintptr_t{config_.slab_bytes} - 1);
    return reinterpret_cast<FixedSlab*>(start);  // NOLINT: records lie in their slab
}

std::byte* FixedPoolState::address_of(const FixedSlot* slot) const noexcept {
    FixedSlab* slab = slab_of(slot);
    const auto index = static_cast<size_t>(slot - slots_of(slab));
    return reinterpret_cast<std::byte*>(slab) + first_slot_bytes_ + index * stride_bytes_;
}

FixedSlot* FixedPoolState::slot_at(void* address) const noexcept {
    std::byte* start = table_.slab_of(address);
    if (start == nullptr) return nullptr;
    const auto offset = static_cast<uint64_t>(static_cast<std::byte*>(address) - start);
    if (offset < first_slot_bytes_) return nullptr;
    const uint64_t distance = offset - first_slot_bytes_;
    // Exact for multiples of the stride, which are below 2^24; anything else fails the check.
    const uint64_t index = distance * stride_inverse_ >> 32;
    if (index >= slots_per_slab_ || index * stride_bytes_ != distance) return nullptr;
    return slots_of(reinterpret_cast<FixedSlab*>(start)) + index;
}

void FixedPoolState::enter(FixedLane& lane) const noexcept {
    const uint64_t epoch = epoch_.load(std::memory_order_acquire);
    if (lane.epoch_seen == epoch) return;
    lane.epoch_seen = epoch;
    for (size_t i = 0; i < kLaneCounts; ++i) {
        lane.published[i].store(lane.counts[i].load(std::memory_order_relaxed),
                                std::memory_order_relaxed);
    }
    lane.epoch_published.store(epoch, std::memory_order_release);
}

void* FixedPoolState::hand_out(FixedLane& lane, FixedSlot& slot, LaneCount how) noexcept {
    slot.free_link.store(0, std::memory_order_relaxed);
    ++lane.live;
    std::atomic<uint64_t>& peak = lane.counts[static_cast<size_t>(LaneCount::LivePeak)];
    if (lane.live > peak.load(std::memory_order_relaxed)) {
        peak.store(lane.live, std::memory_order_relaxed);
    }
    count_one(lane, how);
    std::byte* address = address_of(&slot);
    unpoison(address, stride_bytes_);
    return address;
}

FixedSlot* FixedPoolState::pop_free(FixedLane& lane) noexcept {
    while (FixedSlot* slot = lane.free_first) {
        lane.free_first = slot_in(slot->free_link.load(std::memory_order_relaxed));
        if (slot->pending_link.load(std::memory_order_relaxed) == 0) [[likely]]
            return slot;
        // Released twice at the same moment, here and elsewhere. The second release is on its way
        // and would free the slot under its next owner; so the first is the one that is dropped.
        slot->free_link.store(0, std::memory_order_relaxed);
        ++lane.live;
        count_one(lane, LaneCount::Repeated);
        count_one(lane, LaneCount::LateRepeated);
    }
    return nullptr;
}

void* FixedPoolState::take_from(FixedLane& lane, LaneCount how) noexcept {
    if (lane.free_first == nullptr) empty_pending(lane);
    FixedSlot* slot = pop_free(lane);
    if (slot != nullptr) return hand_out(lane, *slot, how);
    FixedSlab* slab = lane.fresh_first;
    if (slab == nullptr) return nullptr;
    slot = slots_of(slab) + slab->fresh_slot++;
    if (slab->fresh_slot == slots_per_slab_) lane.fresh_first = slab->next_fresh;
    return hand_out(lane, *slot, how);
}

void* FixedPoolState::acquire(FixedLane*& lane, const void* token) noexcept {
    enter(*lane);
    FixedSlot* slot = pop_free(*lane);
    if (slot == nullptr) [[unlikely]]
        return acquire_slow(lane, token);
    return hand_out(*lane, *slot, LaneCount::Hits);
}

void* FixedPoolState::take_from_held(FixedLane*& lane) noexcept {
    FixedLane* before = nullptr;
    for (FixedLane* one = lane; one != nullptr; before = one, one = one->next_held) {
        enter(*one);
        void* address = take_from(*one, LaneCount::Hits);
        if (address == nullptr) continue;
        if (before != nullptr) {  // the next slots will likely come from there too
            before->next_held = one->next_held;
            one->next_held = lane;
            lane = one;
        }
        return address;
    }
    return nullptr;
}

void* FixedPoolState::adopt(FixedLane*& lane, const void* token) noexcept {
    const MutexLock lock(mutex_);
    for (FixedLane* one = lanes_; one != nullptr; one = one->next) {
        if (one->holder.load(std::memory_order_relaxed) != nullptr) continue;
        enter(*one);
        void* address = take_from(*one, LaneCount::Hits);
        if (address == nullptr) continue;
        one->holder.store(token, std::memory_order_relaxed);
        one->next_held = lane;
        lane = one;
        return address;
    }
    return nullptr;
}

void* FixedPoolState::acquire_slow(FixedLane*& lane, const void* token) noexcept {
    if (void* address = take_from_held(lane)) return address;
    if (void* address = adopt(lane, token)) return address;
    if (grow(*lane)) {
        enter(*lane);
        return take_from(*lane, LaneCount::BackingCalls);
    }
    // A listener of the budget, or another thread, may have given something back meanwhile.
    return take_from_held(lane);
}

void FixedPoolState::put_free(FixedLane& lane, FixedSlot& slot) noexcept {
    poison(address_of(&slot), stride_bytes_);
    slot.free_link.store(marked(lane.free_first), std::memory_order_relaxed);
    lane.free_first = &slot;
    --lane.live;
}

void FixedPoolState::empty_pending(FixedLane& lane) noexcept {
    if (lane.pending.load(std::memory_order_relaxed) == nullptr) return;
    FixedSlot* slot = lane.pending.exchange(nullptr, std::memory_order_acquire);
    while (slot != nullptr) {
        FixedSlot* next = slot_in(slot->pending_link.load(std::memory_order_relaxed));
        if ((slot->free_link.load(std::memory_order_relaxed) & kMark) != 0) {
            count_one(lane, LaneCount::Repeated);
            count_one(lane, LaneCount::LateRepeated);
        } else {
            put_free(lane, *slot);
        }
        slot->pending_link.store(0, std::memory_order_release);
        slot = next;
    }
}

ReleaseOutcome FixedPoolState::reject(FixedLane* lane, ReleaseOutcome outcome) noexcept {
    const bool is_foreign = outcome == ReleaseOutcome::Foreign;
    if (lane != nullptr) {
        count_one(*lane, is_foreign ? LaneCount::Foreign : LaneCount::Repeated);
    } else {
        (is_foreign ? outside_foreign_ : outside_repeated_).fetch_add(1, std::memory_order_relaxed);
    }
    return outcome;
}

ReleaseOutcome FixedPoolState::send_home(FixedSlot& slot, FixedLane* lane) noexcept {
    uintptr_t unmarked = 0;
    if (!slot.pending_link.compare_exchange_strong(unmarked, kMark, std::memory_order_acq_rel)) {
        return reject(lane, ReleaseOutcome::Repeated);
    }
    // Counted before it can be taken again, so that one slot is never seen live twice.
    if (lane != nullptr) {
        count_one(*lane, LaneCount::Releases);
    } else {
        outside_releases_.fetch_add(1, std::memory_order_release);
    }
    FixedLane& home = *slab_of(&slot)->lane;
    FixedSlot* first = home.pending.load(std::memory_order_relaxed);
    do {
        slot.pending_link.store(marked(first), std::memory_order_relaxed);
    } while (!home.pending.compare_exchange_weak(first, &slot, std::memory_order_release,
                                                 std::memory_order_relaxed));
    return ReleaseOutcome::Released;
}

ReleaseOutcome FixedPoolState::release(void* address, FixedLane* lane, const void* token) noexcept {
    FixedSlot* slot = slot_at(address);
    FixedLane* home = slot != nullptr ? slab_of(slot)->lane : nullptr;
    const bool is_held =
        lane != nullptr && home != nullptr && home->holder.load(std::memory_order_relaxed) == token;
    if (is_held) lane = home;
    if (lane != nullptr) enter(*lane);
    if (slot == nullptr) return reject(lane, ReleaseOutcome::Foreign);
    if ((slot->free_link.load(std::memory_order_relaxed) & kMark) != 0) {
        return reject(lane, ReleaseOutcome::Repeated);
    }
    if (!is_held) return send_home(*slot, lane);
    if (slot->pending_link.load(std::memory_order_relaxed) != 0) {
        return reject(lane, ReleaseOutcome::Repeated);
    }
    count_one(*lane, LaneCount::Releases);
    put_free(*lane, *slot);
    return ReleaseOutcome::Released;
}

std::byte* FixedPoolState::fetch_region(size_t& slab_count) noexcept {
    const size_t room = config_.slab_count_max - slab_count_.load(std::memory_order_relaxed);
    // When there is no room or memory for as many as planned, one will do.
    bool is_denied = false;
    for (const size_t count : {std::min(growth_next_, room), std::min(size_t{1}, room)}) {
        if (count == 0) return nullptr;
        const size_t bytes = count * config_.slab_bytes;
        if (memory_.budget != nullptr && !reservation_.try_grow(bytes)) {
            is_denied = true;
            if (count == 1) break;
            continue;
        }
        is_denied = false;
        void* data = memory_.backing->allocate(bytes, config_.slab_bytes);
        if (data != nullptr) {
            slab_count = count;
            return static_cast<std::byte*>(data);
        }
        if (memory_.budget != nullptr) (void)reservation_.try_resize(reservation_.bytes() - bytes);
        if (count == 1) break;
    }
    if (is_denied) budget_denied_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
}

void FixedPoolState::add_slab(std::byte* start, FixedLane& lane, size_t region_slabs) noexcept {
    auto* slab = ::new (start) FixedSlab{&lane, lane.fresh_first, nullptr, region_slabs, 0};
    for (size_t i = 0; i < slots_per_slab_; ++i) {
        // Free, though in no list: so a release of what was never handed out is rejected.
        ::new (slots_of(slab) + i) FixedSlot{kMark, 0};
    }
    poison(start + first_slot_bytes_, slots_per_slab_ * stride_bytes_);
    lane.fresh_first = slab;
    const bool is_inserted = table_.insert(slab);
    (void)KAUSAL_ASSERT(is_inserted);  // it has as many places as there may be slabs
    if (region_slabs == 0) return;
    slab->next_region = regions_;
    regions_ = slab;
}

bool FixedPoolState::grow(FixedLane& lane) noexcept {
    const MutexLock lock(growth_mutex_);
    size_t slab_count = 0;
    std::byte* start = fetch_region(slab_count);
    if (start == nullptr) return false;
    for (size_t i = 0; i < slab_count; ++i) {
        add_slab(start + i * config_.slab_bytes, lane, i == 0 ? slab_count : 0);
    }
    slab_count_.fetch_add(slab_count, std::memory_order_relaxed);
    growth_next_ = std::min(growth_next_ * config_.growth.factor, config_.growth.slabs_max);
    return true;
}

LaneCounts FixedPoolState::read_lane(const FixedLane& lane, uint64_t epoch) const noexcept {
    auto look = [](const std::array<std::atomic<uint64_t>, kLaneCounts>& from) {
        LaneCounts seen{};
        for (size_t i = 0; i < kLaneCounts; ++i) seen[i] = from[i].load(std::memory_order_acquire);
        return seen;
    };
    // Ends: either the holder is at rest, or it counts and so makes a copy first.
    for (LaneCounts before = look(lane.counts);;) {
        const LaneCounts now = look(lane.counts);
        if (lane.epoch_published.load(std::memory_order_acquire) == epoch) {
            return look(lane.published);
        }
        if (now == before) return now;
        before = now;
    }
}

FixedPoolState::Sums FixedPoolState::read_sums() const {
    Sums sums;
    // Before the epoch changes, so that what is released here was acquired before it, too; and the
    // same after it, so that nothing was released between this look and the lanes' copies.
    uint64_t outside_releases = 0;
    uint64_t epoch = 0;
    for (int attempt = 0; attempt < 1000; ++attempt) {
        outside_releases = outside_releases_.load(std::memory_order_acquire);
        epoch = epoch_.fetch_add(1, std::memory_order_seq_cst) + 1;
        if (outside_releases_.load(std::memory_order_seq_cst) == outside_releases) break;
    }
    for (const FixedLane* lane = lanes_; lane != nullptr; lane = lane->next) {
        const LaneCounts counts = read_lane(*lane, epoch);
        for (size_t i = 0; i < kLaneCounts; ++i) sums.counts[i] += counts[i];
    }
    sums.counts[static_cast<size_t>(LaneCount::Releases)] += outside_releases;
    const size_t slab_count = slab_count_.load(std::memory_order_relaxed);
    sums.slot_count = slab_count * slots_per_slab_;
    sums.bytes_reserved =
        slab_count * config_.slab_bytes + lane_count_ * sizeof(FixedLane) + table_.bytes();
    return sums;
}

MemoryCounters FixedPoolState::counters() const {
    MemoryCounters all;
    all.name = config_.name;
    all.mode = "pool";
    const MutexLock lock(mutex_);
    Sums sums = read_sums();
    // Bounded: a slot released twice at the same moment is wrong in the sums until its lane is
    // emptied, however often one looks.
    for (int attempt = 0; attempt < 100 && !is_possible(sums.counts); ++attempt) {
        sums = read_sums();
    }
    all.acquires = acquires(sums.counts);
    all.hits = at(sums.counts, LaneCount::Hits);
    all.backing_calls = at(sums.counts, LaneCount::BackingCalls);
    all.releases = std::min(net_releases(sums.counts), all.acquires);
    all.live = all.acquires - all.releases;
    all.live_peak = std::max(at(sums.counts, LaneCount::LivePeak), all.live);
    all.bytes_requested = all.live * config_.slot_bytes;
    all.bytes_reserved = sums.bytes_reserved;
    all.bytes_reserved_peak = sums.bytes_reserved;  // slabs are kept until the end
    all.bytes_retained = (sums.slot_count - std::min(all.live, sums.slot_count)) * stride_bytes_;
    all.foreign_release_rejected =
        at(sums.counts, LaneCount::Foreign) + outside_foreign_.load(std::memory_order_relaxed);
    all.double_release_rejected =
        at(sums.counts, LaneCount::Repeated) + outside_repeated_.load(std::memory_order_relaxed);
    all.budget_denied = budget_denied_.load(std::memory_order_relaxed);
    return all;
}

}  // namespace detail

Magazine::Magazine() noexcept = default;
Magazine::~Magazine() {
    close();
}
Magazine::Magazine(Magazine&& other) noexcept
    : state_(std::move(other.state_)),
      lane_(std::exchange(other.lane_, nullptr)),
      token_(std::exchange(other.token_, nullptr)) {}

Magazine& Magazine::operator=(Magazine&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::move(other.state_);
        lane_ = std::exchange(other.lane_, nullptr);
        token_ = std::exchange(other.token_, nullptr);
    }
    return *this;
}

void* Magazine::acquire() noexcept {
    return lane_ != nullptr ? state_->acquire(lane_, token_) : nullptr;
}

ReleaseOutcome Magazine::release(void* slot) noexcept {
    if (lane_ == nullptr) return ReleaseOutcome::Foreign;
    return state_->release(slot, lane_, token_);
}

void Magazine::close() noexcept {
    if (lane_ == nullptr) return;
    state_->close_lanes(std::exchange(lane_, nullptr));
    state_.reset();
}

FixedPool::FixedPool(StateRef<detail::FixedPoolState> state) noexcept : state_(std::move(state)) {}
FixedPool::~FixedPool() {
    state_.reset();
}

Result<std::unique_ptr<FixedPool>> FixedPool::create(const FixedPoolConfig& config,
                                                     PoolMemory memory) {
    KAUSAL_TRY(check(config));
    StateRef<detail::FixedPoolState> state(new (std::nothrow)
                                               detail::FixedPoolState(config, memory));
    if (!state || !state->prepare()) return fail(Status(ErrorCode::NoMemory));
    std::unique_ptr<FixedPool> pool(new (std::nothrow) FixedPool(std::move(state)));
    if (pool == nullptr) return fail(Status(ErrorCode::NoMemory));
    return pool;
}

Result<Magazine> FixedPool::open_magazine() {
    Magazine magazine;
    const ErrorCode code = state_->open_lane(magazine.lane_, magazine.token_);
    if (code != ErrorCode::Ok) return fail(Status(code));
    magazine.state_ = state_.share();
    return magazine;
}

ReleaseOutcome FixedPool::release(void* slot) noexcept {
    return state_->release(slot, nullptr, nullptr);
}

size_t FixedPool::slots_per_slab() const noexcept {
    return state_->slots_per_slab();
}

MemoryCounters FixedPool::counters() const {
    return state_->counters();
}

}  // namespace kausal::memory
