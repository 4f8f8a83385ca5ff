// Where pools get their slabs from: one door, so that tests can make any call of it fail.
#pragma once

#include <cstddef>

namespace kausal::memory {

/// Threads: shared.
class BackingAllocator {
  public:
    /// `size` bytes (at least 1) at a multiple of `alignment` (a power of two), uninitialised;
    /// null when there are none. Never throws.
    [[nodiscard]] virtual void* allocate(size_t size, size_t alignment) noexcept = 0;
    /// Takes back what `allocate` returned for the same size and alignment; null is ignored.
    virtual void release(void* data, size_t size, size_t alignment) noexcept = 0;

  protected:
    BackingAllocator() = default;
    BackingAllocator(const BackingAllocator&) = default;
    BackingAllocator& operator=(const BackingAllocator&) = default;
    BackingAllocator(BackingAllocator&&) = default;
    BackingAllocator& operator=(BackingAllocator&&) = default;
    ~BackingAllocator() = default;
};

/// The allocator of the process; it has no state.
[[nodiscard]] BackingAllocator& system_backing() noexcept;

}  // namespace kausal::memory
