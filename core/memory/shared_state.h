// A counted reference to the inside of a pool.
//
// Its owners are the pool and everything the pool has handed out. So a lease or magazine that
// outlives its pool is harmless: it still gives back into something that exists, and the last owner
// frees it.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace kausal::memory {

/// Base of what is shared.
class SharedState {
  public:
    SharedState() = default;
    SharedState(const SharedState&) = delete;
    SharedState& operator=(const SharedState&) = delete;
    SharedState(SharedState&&) = delete;
    SharedState& operator=(SharedState&&) = delete;

  protected:
    ~SharedState() = default;

  private:
    template <typename State>
    friend class StateRef;
    std::atomic<size_t> reference_count_{1};
};

/// Owns one reference. Threads: confined; references to one state may be on different threads.
template <typename State>
class StateRef {
  public:
    StateRef() noexcept = default;
    /// Takes over the reference that a new state is born with; null is allowed.
    explicit StateRef(State* state) noexcept : state_(state) {}
    ~StateRef() { reset(); }
    StateRef(StateRef&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    StateRef& operator=(StateRef&& other) noexcept {
        if (this != &other) {
            reset();
            state_ = std::exchange(other.state_, nullptr);
        }
        return *this;
    }
    StateRef(const StateRef&) = delete;
    StateRef& operator=(const StateRef&) = delete;

    /// One more reference to the same state.
    [[nodiscard]] StateRef share() const noexcept {
        if (state_ != nullptr) state_->reference_count_.fetch_add(1, std::memory_order_relaxed);
        return StateRef(state_);
    }
    void reset() noexcept {
        State* state = std::exchange(state_, nullptr);
        if (state == nullptr) return;
        if (state->reference_count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete state;
    }
    [[nodiscard]] State* get() const noexcept { return state_; }
    State* operator->() const noexcept { return state_; }
    State& operator*() const noexcept { return *state_; }
    explicit operator bool() const noexcept { return state_ != nullptr; }

  private:
    State* state_ = nullptr;
};

}  // namespace kausal::memory
