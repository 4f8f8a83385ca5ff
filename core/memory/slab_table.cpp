// Open addressing over the starts of slabs.
#include "memory/slab_table.h"

#include <bit>
#include <new>

namespace kausal::memory {

SlabTable::~SlabTable() {
    if (places_ != nullptr) backing_.release(places_, bytes(), alignof(std::max_align_t));
}

bool SlabTable::prepare(size_t slab_count_max, size_t slab_bytes) noexcept {
    if (slab_count_max > SIZE_MAX / 64) return false;
    const size_t count = std::bit_ceil(slab_count_max * 2 + 2);
    void* data = backing_.allocate(count * sizeof(Place), alignof(std::max_align_t));
    if (data == nullptr) return false;
    places_ = static_cast<Place*>(data);
    for (size_t i = 0; i < count; ++i) ::new (&places_[i]) Place(0);
    place_count_ = count;
    slab_count_max_ = slab_count_max;
    slab_bytes_ = slab_bytes;
    return true;
}

size_t SlabTable::first_place(uintptr_t start) const noexcept {
    const uint64_t number = start / slab_bytes_;
    return static_cast<size_t>((number * 0x9E3779B97F4A7C15u) >> 32) & (place_count_ - 1);
}

bool SlabTable::insert(const void* slab) noexcept {
    if (slab_count_ == slab_count_max_) return false;
    const auto start = reinterpret_cast<uintptr_t>(slab);
    size_t place = first_place(start);
    while (places_[place].load(std::memory_order_relaxed) != 0) {
        place = (place + 1) & (place_count_ - 1);
    }
    // Published with what the slab's header says.
    places_[place].store(start, std::memory_order_release);
    ++slab_count_;
    return true;
}

std::byte* SlabTable::slab_of(const void* address) const noexcept {
    const uintptr_t start = reinterpret_cast<uintptr_t>(address) & ~(uintptr_t{slab_bytes_} - 1);
    if (start == 0) return nullptr;
    for (size_t place = first_place(start);; place = (place + 1) & (place_count_ - 1)) {
        const uintptr_t found = places_[place].load(std::memory_order_acquire);
        if (found == 0) return nullptr;  // at least half of the places are empty
        if (found == start) return reinterpret_cast<std::byte*>(start);
    }
}

}  // namespace kausal::memory
