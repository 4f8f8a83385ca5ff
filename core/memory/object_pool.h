// Objects that are expensive to make and worth reusing: query scratch, parsers, decompression
// contexts.
//
// A lease hands one out; when the lease goes the object is made ready again and kept, unless enough
// are kept already or it has grown too large. Nothing is allocated when an object comes back, so
// giving back cannot fail. The maker is called without any lock held.
#pragma once

#include "base/mutex.h"
#include "memory/counters.h"
#include "memory/pool_config.h"
#include "memory/shared_state.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace kausal::memory {

/// Makes and readies the objects of one pool. `Item` is movable and default constructible, often a
/// unique_ptr. Threads: shared.
template <typename Item>
class ObjectMaker {
  public:
    virtual ~ObjectMaker() = default;
    /// Fills `item`; false when there is no memory.
    [[nodiscard]] virtual bool make(Item& item) noexcept = 0;
    /// Brings a used one back to how a new one behaves; false when it must not be used again.
    [[nodiscard]] virtual bool make_ready(Item& item) noexcept = 0;
    /// An idle one is about to be handed out, or one is about to become idle; nobody else has it.
    /// Called under the pool's lock, for marking memory only.
    virtual void on_reuse(Item& /*item*/) noexcept {}
    virtual void on_idle(Item& /*item*/) noexcept {}
    /// The bytes it holds at present.
    [[nodiscard]] virtual size_t bytes_held(const Item& item) const noexcept = 0;

  protected:
    ObjectMaker() = default;
    ObjectMaker(const ObjectMaker&) = default;
    ObjectMaker& operator=(const ObjectMaker&) = default;
    ObjectMaker(ObjectMaker&&) = default;
    ObjectMaker& operator=(ObjectMaker&&) = default;
};

template <typename Item>
class ObjectPool;

namespace detail {

/// The inside of an ObjectPool, shared with its leases.
template <typename Item>
class ObjectPoolState final : public SharedState {
  public:
    struct Entry {
        Item item;
        Reservation reservation;
        size_t bytes = 0;
    };
    ObjectPoolState(const ObjectPoolConfig& config, std::unique_ptr<ObjectMaker<Item>> maker,
                    Budget* budget) noexcept
        : config_(config), maker_(std::move(maker)), budget_(budget) {}

    [[nodiscard]] bool prepare() noexcept {
        if (config_.idle_count_max == 0) return true;
        const MutexLock lock(mutex_);
        idle_.reset(new (std::nothrow) Entry[config_.idle_count_max]);
        return idle_ != nullptr;
    }

    /// Ok, or NoMemory without text.
    [[nodiscard]] Status acquire(Entry& entry) {
        switch (take_idle(entry)) {
            case Taken::Idle:
                return {};
            case Taken::Refused:
                return Status(ErrorCode::NoMemory);
            case Taken::Promised:
                break;
        }
        bool is_denied = false;
        if (budget_ != nullptr) {
            entry.reservation = budget_->open();
            is_denied = !entry.reservation.try_grow(config_.object_bytes);
        }
        const bool is_made = !is_denied && maker_->make(entry.item);
        if (is_made) {
            entry.bytes = std::max(config_.object_bytes, maker_->bytes_held(entry.item));
            // What it really holds may be more than was asked for before.
            is_denied = budget_ != nullptr && !entry.reservation.try_resize(entry.bytes);
        }
        if (is_made && !is_denied) {
            count_made(entry.bytes);
            return {};
        }
        entry = Entry();
        const MutexLock lock(mutex_);
        --promised_;
        budget_denied_ += is_denied ? 1 : 0;
        return Status(ErrorCode::NoMemory);
    }

    void release(Entry&& entry) noexcept {
        Entry used = std::move(entry);
        const size_t bytes_before = used.bytes;
        bool is_reusable = maker_->make_ready(used.item);
        used.bytes = std::max(config_.object_bytes, maker_->bytes_held(used.item));
        is_reusable = is_reusable && used.bytes <= config_.idle_object_bytes_max;
        if (is_reusable && budget_ != nullptr) {
            is_reusable = used.reservation.try_resize(used.bytes);
        }
        const MutexLock lock(mutex_);
        ++releases_;
        bytes_live_ -= bytes_before;
        if (is_reusable && !is_closed_ && idle_count_ < config_.idle_count_max) {
            maker_->on_idle(used.item);
            bytes_idle_ += used.bytes;
            idle_[idle_count_++] = std::move(used);
            note_peaks();
        }
        // Otherwise it goes at the end of this function, after the lock: `used` was made before.
    }

    /// Frees idle objects beyond `keep_count`. Returns how many went.
    size_t trim(size_t keep_count) noexcept {
        size_t freed = 0;
        for (;; ++freed) {
            Entry entry;  // freed outside the lock
            const MutexLock lock(mutex_);
            if (idle_count_ <= keep_count) return freed;
            entry = std::move(idle_[--idle_count_]);
            bytes_idle_ -= entry.bytes;
        }
    }
    void close() noexcept {
        {
            const MutexLock lock(mutex_);
            is_closed_ = true;
        }
        (void)trim(0);
    }
    void count_rejected(ReleaseOutcome outcome) noexcept {
        const MutexLock lock(mutex_);
        ++(outcome == ReleaseOutcome::Foreign ? foreign_ : repeated_);
    }
    [[nodiscard]] MemoryCounters counters() const {
        MemoryCounters all;
        all.name = config_.name;
        all.mode = config_.idle_count_max == 0 ? "malloc" : "pool";
        const MutexLock lock(mutex_);
        all.acquires = hits_ + made_;
        all.hits = hits_;
        all.backing_calls = made_;
        all.releases = releases_;
        all.live = live();
        all.live_peak = live_peak_;
        all.bytes_requested = bytes_live_;
        all.bytes_reserved = bytes_live_ + bytes_idle_;
        all.bytes_reserved_peak = bytes_peak_;
        all.bytes_retained = bytes_idle_;
        all.foreign_release_rejected = foreign_;
        all.double_release_rejected = repeated_;
        all.budget_denied = budget_denied_;
        return all;
    }

  private:
    enum class Taken : uint8_t { Idle, Promised, Refused };

    [[nodiscard]] uint64_t live() const KAUSAL_REQUIRES(mutex_) {
        return hits_ + made_ - releases_;
    }
    void note_peaks() KAUSAL_REQUIRES(mutex_) {
        live_peak_ = std::max(live_peak_, live());
        bytes_peak_ = std::max(bytes_peak_, bytes_live_ + bytes_idle_);
    }
    /// The last one that came back, which is the likeliest to be in the cache.
    [[nodiscard]] Taken take_idle(Entry& entry) noexcept {
        const MutexLock lock(mutex_);
        if (is_closed_ || live() + promised_ >= config_.live_count_max) return Taken::Refused;
        if (idle_count_ == 0) {
            ++promised_;
            return Taken::Promised;
        }
        entry = std::move(idle_[--idle_count_]);
        maker_->on_reuse(entry.item);
        bytes_idle_ -= entry.bytes;
        bytes_live_ += entry.bytes;
        ++hits_;
        note_peaks();
        return Taken::Idle;
    }
    void count_made(size_t bytes) noexcept {
        const MutexLock lock(mutex_);
        --promised_;
        ++made_;
        bytes_live_ += bytes;
        note_peaks();
    }

    const ObjectPoolConfig config_;
    const std::unique_ptr<ObjectMaker<Item>> maker_;  // here, because leases may outlive the pool
    Budget* const budget_;
    mutable Mutex mutex_;
    std::unique_ptr<Entry[]> idle_ KAUSAL_GUARDED_BY(mutex_);
    size_t idle_count_ KAUSAL_GUARDED_BY(mutex_) = 0;
    bool is_closed_ KAUSAL_GUARDED_BY(mutex_) = false;
    uint64_t promised_ KAUSAL_GUARDED_BY(mutex_) = 0;  // being made, not yet live
    uint64_t hits_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t made_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t releases_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t live_peak_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t bytes_live_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t bytes_idle_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t bytes_peak_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t foreign_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t repeated_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t budget_denied_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

}  // namespace detail

/// One object for as long as this lives. Moves, does not copy. May outlive its pool (not the
/// budget); then the object is freed. Threads: confined; may be moved to another thread and
/// released there.
template <typename Item>
class Lease {
  public:
    Lease() noexcept = default;
    ~Lease() { release(); }
    Lease(Lease&& other) noexcept
        : state_(std::move(other.state_)), entry_(std::exchange(other.entry_, {})) {}
    Lease& operator=(Lease&& other) noexcept {
        if (this != &other) {
            release();
            state_ = std::move(other.state_);
            entry_ = std::exchange(other.entry_, {});
        }
        return *this;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    /// Gives the object back; the lease is empty then. Doing it again does nothing.
    void release() noexcept {
        const StateRef<State> state = std::move(state_);
        if (state) state->release(std::move(entry_));
    }
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(state_); }
    /// Only of a lease that is not empty.
    [[nodiscard]] Item& operator*() noexcept { return entry_.item; }
    [[nodiscard]] Item* operator->() noexcept { return &entry_.item; }

  private:
    friend class ObjectPool<Item>;
    using State = detail::ObjectPoolState<Item>;
    StateRef<State> state_;
    typename State::Entry entry_;
};

/// Threads: shared.
template <typename Item>
class ObjectPool final : public MemorySource {
  public:
    /// Errors: Invalid (see check), NoMemory (also when `maker` is null).
    [[nodiscard]] static Result<std::unique_ptr<ObjectPool>> create(
        const ObjectPoolConfig& config, std::unique_ptr<ObjectMaker<Item>> maker,
        Budget* budget = nullptr) {
        KAUSAL_TRY(check(config));
        if (maker == nullptr) return fail(Status(ErrorCode::NoMemory));
        StateRef<State> state(new (std::nothrow) State(config, std::move(maker), budget));
        if (!state || !state->prepare()) return fail(Status(ErrorCode::NoMemory));
        std::unique_ptr<ObjectPool> pool(new (std::nothrow) ObjectPool(std::move(state)));
        if (pool == nullptr) return fail(Status(ErrorCode::NoMemory));
        return pool;
    }
    ~ObjectPool() { state_->close(); }
    ObjectPool(const ObjectPool&) = delete;
    ObjectPool& operator=(const ObjectPool&) = delete;
    ObjectPool(ObjectPool&&) = delete;
    ObjectPool& operator=(ObjectPool&&) = delete;

    /// Errors: NoMemory (the maker or the budget refused, or too many are out).
    [[nodiscard]] Result<Lease<Item>> acquire() {
        Lease<Item> lease;
        KAUSAL_TRY(state_->acquire(lease.entry_));
        lease.state_ = state_.share();
        return lease;
    }
    /// Gives back what this pool handed out. A lease of another pool stays as it is, and so does an
    /// empty one; both are counted.
    ReleaseOutcome release(Lease<Item>& lease) noexcept {
        const ReleaseOutcome outcome = !lease.state_ ? ReleaseOutcome::Repeated
                                       : lease.state_.get() != state_.get()
                                           ? ReleaseOutcome::Foreign
                                           : ReleaseOutcome::Released;
        if (outcome == ReleaseOutcome::Released) {
            lease.release();
        } else {
            state_->count_rejected(outcome);
        }
        return outcome;
    }
    /// Frees idle objects beyond `keep_count`; returns how many.
    size_t trim(size_t keep_count = 0) noexcept { return state_->trim(keep_count); }
    /// bytes_requested is what the live objects held when they were handed out.
    [[nodiscard]] MemoryCounters counters() const override { return state_->counters(); }

  private:
    using State = detail::ObjectPoolState<Item>;
    explicit ObjectPool(StateRef<State> state) noexcept : state_(std::move(state)) {}

    StateRef<State> state_;
};

}  // namespace kausal::memory
