// A backing allocator that makes stale pointers fault: pages that stay locked after use.
#pragma once

#include "base/mutex.h"
#include "memory/backing.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace kausal::memory {

/// Pages of their own for every request. What is released loses its memory but keeps its addresses,
/// locked, until `chunks_max` later releases have followed: a stale access faults at once instead
/// of reading another object, also in code that no sanitizer has instrumented. For hunting bugs:
/// every request costs system calls. Must outlive what it gave. Threads: shared.
class QuarantinedPages final : public BackingAllocator {
  public:
    /// Null when memory is exhausted. `chunks_max` of 0 counts as 1.
    [[nodiscard]] static std::unique_ptr<QuarantinedPages> try_create(size_t chunks_max) noexcept;
    ~QuarantinedPages();
    QuarantinedPages(const QuarantinedPages&) = delete;
    QuarantinedPages& operator=(const QuarantinedPages&) = delete;
    QuarantinedPages(QuarantinedPages&&) = delete;
    QuarantinedPages& operator=(QuarantinedPages&&) = delete;

    /// Alignments up to that of a page (4 KiB).
    [[nodiscard]] void* allocate(size_t size, size_t alignment) noexcept override;
    void release(void* data, size_t size, size_t alignment) noexcept override;
    /// Chunks whose addresses are locked now.
    [[nodiscard]] size_t locked_chunks() const noexcept KAUSAL_EXCLUDES(mutex_);

  private:
    struct Locked {
        void* data = nullptr;
        size_t size = 0;
    };
    QuarantinedPages(std::unique_ptr<Locked[]> ring, size_t capacity) noexcept
        : capacity_(capacity), ring_(std::move(ring)) {}

    const size_t capacity_;
    mutable Mutex mutex_;
    std::unique_ptr<Locked[]> ring_ KAUSAL_GUARDED_BY(mutex_);
    size_t next_ KAUSAL_GUARDED_BY(mutex_) = 0;  // the oldest, replaced next
    size_t count_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

}  // namespace kausal::memory
