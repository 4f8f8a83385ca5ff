// Pointers into an arena that know whether it has been reset since.
//
// The check compares the generation that the arena counts with the one that was current when the
// pointer was made; it is there in debug builds, under sanitizers and where KAUSAL_HARDENED is
// defined. In a release build an ArenaPtr is a plain pointer and costs nothing. All parts of a
// program must agree on it, because it decides the size.
#pragma once

#include "base/assert.h"
#include "memory/arena.h"

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace kausal::memory {

#if defined(KAUSAL_HARDENED) || defined(KAUSAL_POISON) || !defined(__OPTIMIZE__) || \
    defined(_GLIBCXX_ASSERTIONS)
inline constexpr bool kArenaChecks = true;
#else
inline constexpr bool kArenaChecks = false;
#endif

/// A pointer to an object in an arena, which must outlive it. Threads: a value; `get` must not run
/// beside a reset of the arena.
template <typename T, bool kChecked = kArenaChecks>
class ArenaPtr {
  public:
    ArenaPtr() noexcept = default;
    ArenaPtr(const Arena& arena, T* object) noexcept
        : object_(object), arena_(&arena), generation_(arena.generation()) {}

    /// The object; null after a reset of its arena, which the assert handler is told.
    [[nodiscard]] T* get() const noexcept {
        if (object_ == nullptr || KAUSAL_ASSERT(!is_stale())) return object_;
        return nullptr;
    }
    [[nodiscard]] bool is_stale() const noexcept {
        return object_ != nullptr && arena_->generation() != generation_;
    }
    // A stale pointer faults on the null that `get` returns, instead of reading another object.
    [[nodiscard]] T& operator*() const noexcept { return *get(); }
    [[nodiscard]] T* operator->() const noexcept { return get(); }
    explicit operator bool() const noexcept { return object_ != nullptr; }

  private:
    T* object_ = nullptr;
    const Arena* arena_ = nullptr;
    uint64_t generation_ = 0;
};

/// In a release build nothing is known, so nothing is checked.
template <typename T>
class ArenaPtr<T, false> {
  public:
    ArenaPtr() noexcept = default;
    ArenaPtr(const Arena& /*arena*/, T* object) noexcept : object_(object) {}

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] bool is_stale() const noexcept { return false; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

  private:
    T* object_ = nullptr;
};

template <typename T>
ArenaPtr(const Arena&, T*) -> ArenaPtr<T>;

/// A copy of a plain object of another arena. What it points at stays where it is. Throws
/// bad_alloc; null for a null or a stale pointer.
template <typename T, bool kChecked>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] std::remove_const_t<T>* copy_into(Arena& arena, ArenaPtr<T, kChecked> pointer) {
    const T* object = pointer.get();
    return object == nullptr ? nullptr : arena.make<std::remove_const_t<T>>(*object);
}

}  // namespace kausal::memory
