// Mapping, locking and unmapping; see quarantined_pages.h.
#include "memory/quarantined_pages.h"

#include <cstdint>
#include <new>
#include <sys/mman.h>

namespace kausal::memory {
namespace {

constexpr size_t kPageSizeMin = 4096;
// Rounding a size up to whole pages would wrap above; no system has as much.
constexpr size_t kSizeMax = size_t{PTRDIFF_MAX} - 65536;

}  // namespace

std::unique_ptr<QuarantinedPages> QuarantinedPages::try_create(size_t chunks_max) noexcept {
    const size_t capacity = chunks_max == 0 ? 1 : chunks_max;
    if (capacity > kSizeMax / sizeof(Locked)) return nullptr;
    std::unique_ptr<Locked[]> ring(new (std::nothrow) Locked[capacity]);
    if (ring == nullptr) return nullptr;
    return std::unique_ptr<QuarantinedPages>(new (std::nothrow)
                                                 QuarantinedPages(std::move(ring), capacity));
}

QuarantinedPages::~QuarantinedPages() {
    for (size_t i = 0; i < count_; ++i) (void)::munmap(ring_[i].data, ring_[i].size);
}

void* QuarantinedPages::allocate(size_t size, size_t alignment) noexcept {
    if (size == 0 || size > kSizeMax || alignment > kPageSizeMin) return nullptr;
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return data == MAP_FAILED ? nullptr : data;
}

void QuarantinedPages::release(void* data, size_t size, size_t /*alignment*/) noexcept {
    if (data == nullptr) return;
    // A new mapping in place of the old drops the memory and locks the addresses in one step. Where
    // the system refuses, the chunk is unmapped: a stale access then faults as well, until the
    // addresses are used again.
    constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
    if (::mmap(data, size, PROT_NONE, flags, -1, 0) == MAP_FAILED) {
        (void)::munmap(data, size);
        return;
    }
    Locked oldest;
    {
        const MutexLock lock(mutex_);
        oldest = std::exchange(ring_[next_], Locked{data, size});
        next_ = (next_ + 1) % capacity_;
        if (count_ < capacity_) ++count_;
    }
    if (oldest.data != nullptr) (void)::munmap(oldest.data, oldest.size);
}

size_t QuarantinedPages::locked_chunks() const noexcept {
    const MutexLock lock(mutex_);
    return count_;
}

}  // namespace kausal::memory
