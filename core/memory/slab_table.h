// Tells whether an address lies in a slab of one pool, before anything there is read.
//
// Slabs start at multiples of their size, so the start of the slab of any address is found by
// masking. Reading a header there would fault for a pointer from elsewhere; so the start is first
// looked up in this set. Entries are only added, readers take no lock.
#pragma once

#include "memory/backing.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace kausal::memory {

/// A set of up to a fixed number of slab starts, in O(1). Threads: `contains_slab_of` shared,
/// `insert` by one thread at a time.
class SlabTable {
  public:
    explicit SlabTable(BackingAllocator& backing) noexcept : backing_(backing) {}
    ~SlabTable();
    SlabTable(const SlabTable&) = delete;
    SlabTable& operator=(const SlabTable&) = delete;
    SlabTable(SlabTable&&) = delete;
    SlabTable& operator=(SlabTable&&) = delete;

    /// Makes room for `slab_count_max` slabs of `slab_bytes` (a power of two). Once, before use;
    /// false when there is no memory.
    [[nodiscard]] bool prepare(size_t slab_count_max, size_t slab_bytes) noexcept;
    /// False when it is full.
    [[nodiscard]] bool insert(const void* slab) noexcept;
    /// The start of the slab that holds `address`, null when none of this table does.
    [[nodiscard]] std::byte* slab_of(const void* address) const noexcept;
    /// Bytes of the table itself.
    [[nodiscard]] size_t bytes() const noexcept { return place_count_ * sizeof(Place); }

  private:
    using Place = std::atomic<uintptr_t>;
    [[nodiscard]] size_t first_place(uintptr_t start) const noexcept;

    BackingAllocator& backing_;
    Place* places_ = nullptr;
    size_t place_count_ = 0;  // a power of two, at least twice the slabs
    size_t slab_count_ = 0;
    size_t slab_count_max_ = 0;
    size_t slab_bytes_ = 0;
};

}  // namespace kausal::memory
