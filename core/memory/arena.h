// Bump allocation with release of everything at once.
//
// An Arena owns chunks that grow from 64 KiB to 1 MiB; an object larger than a chunk gets one of
// its own. It is always on the heap and never moves, because references into it and to it are
// handed out. It frees memory but runs no destructors, therefore `make` takes only trivially
// destructible types. Memory from an arena never crosses the C border.
#pragma once

#include "base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace kausal::memory {

inline constexpr size_t kArenaChunkSizeMin = size_t{64} << 10;
inline constexpr size_t kArenaChunkSizeMax = size_t{1} << 20;
inline constexpr size_t kArenaAlignmentMax = 64;

/// Threads: confined (one writer); memory it returned may be read by other threads once published.
class Arena final {
  public:
    [[nodiscard]] static std::unique_ptr<Arena> create() { return std::make_unique<Arena>(Key{}); }
    struct Key {
        explicit Key() = default;
    };
    explicit Arena(Key) noexcept {}
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    Arena(Arena&&) = delete;
    Arena& operator=(Arena&&) = delete;

    /// Uninitialised memory; `alignment` a power of two up to 64. Throws bad_alloc when the system
    /// has none (caught at the C border and in jobs).
    [[nodiscard]] void* allocate(size_t size, size_t alignment) {
        const auto at = reinterpret_cast<uintptr_t>(at_);
        const uintptr_t aligned = (at + alignment - 1) & ~(uintptr_t{alignment} - 1);
        const auto end = reinterpret_cast<uintptr_t>(end_);
        // Compared as what is left, because a sum with a huge size would wrap around.
        if (at_ == nullptr || aligned > end || size > end - aligned) [[unlikely]] {
            return allocate_slow(size, alignment);
        }
        at_ = reinterpret_cast<std::byte*>(aligned + size);
        bytes_requested_ += size;
        return reinterpret_cast<void*>(aligned);
    }
    template <typename T, typename... Args>
    [[nodiscard]] T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        return ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }
    /// `count` value-initialised elements.
    template <typename T>
    [[nodiscard]] std::span<T> make_array(size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena runs no destructors");
        if (count > PTRDIFF_MAX / sizeof(T)) {
            (void)allocate_slow(SIZE_MAX, alignof(T));  // no system has that: throws bad_alloc
            return {};
        }
        T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
        std::uninitialized_value_construct_n(first, count);
        return {first, count};
    }
    [[nodiscard]] ByteView copy_bytes(ByteView bytes);
    [[nodiscard]] std::string_view copy_text(std::string_view text) {
        return as_text(copy_bytes(as_bytes(text)));
    }
    /// Forgets every object in O(chunks); keeps at most `keep_bytes` of chunks for reuse.
    void reset(size_t keep_bytes = kArenaChunkSizeMax) noexcept;

    /// Bytes asked for since the last reset, and bytes held from the system.
    [[nodiscard]] size_t bytes_requested() const noexcept { return bytes_requested_; }
    [[nodiscard]] size_t bytes_reserved() const noexcept { return bytes_reserved_; }
    /// Counts resets; a pointer taken under another generation is stale.
    [[nodiscard]] uint64_t generation() const noexcept { return generation_; }

  private:
    struct Chunk {
        std::byte* data;
        size_t size;
    };
    void* allocate_slow(size_t size, size_t alignment);
    void add_chunk(size_t size);

    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
    std::vector<Chunk> chunks_;
    size_t next_chunk_size_ = kArenaChunkSizeMin;
    size_t bytes_requested_ = 0;
    size_t bytes_reserved_ = 0;
    uint64_t generation_ = 0;
};

}  // namespace kausal::memory
