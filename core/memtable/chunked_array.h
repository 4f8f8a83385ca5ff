// An append-only array whose elements never move, for one writer and any number of readers.
//
// Chunk k holds 64 << k elements, so that 26 chunk pointers reach every 32-bit position and an
// element is found with one shift. The memory is the owner's arena.
#pragma once

#include "memory/arena.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

namespace kausal::memtable {

/// Threads: `push` confined to the writer; `at` shared, for positions that the reader got through a
/// release store (the size, or a slot of a PointerIndex).
template <typename T>
class ChunkedArray {
  public:
    explicit ChunkedArray(memory::Arena& arena) : arena_(arena) {}

    /// Number of elements that are complete.
    [[nodiscard]] uint32_t size() const noexcept { return size_.load(std::memory_order_acquire); }

    [[nodiscard]] T& at(uint32_t position) const noexcept {
        const uint64_t shifted = uint64_t{position} + kChunkSizeMin;
        const auto chunk = static_cast<uint32_t>(std::bit_width(shifted)) - 1 - kChunkBitsMin;
        Element* first = chunks_[chunk].load(std::memory_order_acquire);
        return first[shifted - (uint64_t{kChunkSizeMin} << chunk)].value;
    }

    /// Constructs the next element and returns its position.
    template <typename... Args>
    uint32_t push(Args&&... args) {
        const uint32_t position = size_.load(std::memory_order_relaxed);
        const uint64_t shifted = uint64_t{position} + kChunkSizeMin;
        const auto chunk = static_cast<uint32_t>(std::bit_width(shifted)) - 1 - kChunkBitsMin;
        Element* first = chunks_[chunk].load(std::memory_order_relaxed);
        if (first == nullptr) {
            const size_t count = size_t{kChunkSizeMin} << chunk;
            first =
                static_cast<Element*>(arena_.allocate(sizeof(Element) * count, alignof(Element)));
            chunks_[chunk].store(first, std::memory_order_release);
        }
        Element* element = first + (shifted - (uint64_t{kChunkSizeMin} << chunk));
        ::new (static_cast<void*>(element)) Element{T(std::forward<Args>(args)...)};
        size_.store(position + 1, std::memory_order_release);
        return position;
    }

  private:
    static constexpr uint32_t kChunkBitsMin = 6;
    static constexpr uint32_t kChunkSizeMin = 1u << kChunkBitsMin;
    static constexpr uint32_t kChunkCountMax = 27;

    struct Element {
        T value;
    };

    memory::Arena& arena_;
    std::atomic<Element*> chunks_[kChunkCountMax] = {};
    std::atomic<uint32_t> size_{0};
};

}  // namespace kausal::memtable
