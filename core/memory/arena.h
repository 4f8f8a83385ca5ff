// Bump allocation with release of everything at once.
//
// An Arena owns chunks that grow from 64 KiB to 1 MiB; an object larger than a quarter of the
// largest chunk gets one of its own. It is always on the heap and never moves, because references
// into it and to it are handed out. `make` takes only trivially destructible types, because a reset
// forgets them; `make_managed` remembers a destructor. Memory from an arena never crosses the C
// border. docs/memory.md tells when to use one, arena_ptr.h how a stale pointer is caught.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "memory/backing.h"
#include "memory/budget.h"
#include "memory/counters.h"
#include "memory/poison.h"
#include "memory/quarantined_pages.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kausal::memory {

inline constexpr size_t kArenaChunkSizeMin = size_t{64} << 10;
inline constexpr size_t kArenaChunkSizeMax = size_t{1} << 20;
inline constexpr size_t kArenaAlignmentMax = 64;

/// Under the address sanitizer every byte of a chunk that is no object's is poisoned, and objects
/// stand apart by a red zone; it works in granules of 8 bytes, so objects begin on one.
#ifdef KAUSAL_POISON
inline constexpr bool kArenaPoisons = true;
#else
inline constexpr bool kArenaPoisons = false;
#endif
inline constexpr size_t kArenaRedzoneBytes = kArenaPoisons ? 16 : 0;

/// How an arena gets its memory. Sizes in bytes.
struct ArenaOptions {
    std::string_view name = "arena";             // copied, up to 31 bytes of it
    size_t chunk_size_min = kArenaChunkSizeMin;  // 4 KiB to 1 GiB
    size_t chunk_size_max = kArenaChunkSizeMax;  // not below chunk_size_min, up to 1 GiB
    size_t growth = 2;                           // each chunk so many times the last; 1 to 16
    Budget* budget = nullptr;                    // asked before each chunk; outlives the arena
    BackingAllocator* backing = nullptr;         // outlives the arena; null: that of the process
    /// Above 0, a reset locks the addresses of all chunks until so many further ones have followed
    /// (QuarantinedPages), and nothing is kept. Not together with `backing`.
    size_t quarantine_chunks = 0;
};

/// What an arena counts, as in MemoryCounters; an acquire is an allocation, a release one that a
/// reset has forgotten.
struct ArenaCounts {
    uint64_t acquires = 0;
    uint64_t backing_calls = 0;
    uint64_t releases = 0;
    uint64_t live_peak = 0;
    uint64_t bytes_requested = 0;
    uint64_t bytes_reserved = 0;
    uint64_t bytes_reserved_peak = 0;
    uint64_t resets = 0;
    uint64_t bytes_retained = 0;
    uint64_t budget_denied = 0;
};
/// The counts under a name. Throws bad_alloc.
[[nodiscard]] MemoryCounters counters_of(std::string_view name, std::string_view mode,
                                         const ArenaCounts& counts);

namespace detail {
/// For what promises bad_alloc, as the standard library does.
[[noreturn]] void throw_no_memory();
}  // namespace detail

/// Threads: confined (one writer); memory it returned may be read by other threads once published.
class Arena final {
  public:
    struct Key {
        explicit Key() = default;
    };
    /// With the default options. Throws bad_alloc when the system has no memory.
    [[nodiscard]] static std::unique_ptr<Arena> create() { return std::make_unique<Arena>(Key{}); }
    /// Errors: NoMemory; Invalid (an option outside its range).
    [[nodiscard]] static Result<std::unique_ptr<Arena>> try_create(const ArenaOptions& options);
    explicit Arena(Key) noexcept : Arena(Key{}, ArenaOptions{}, nullptr) {}
    Arena(Key, const ArenaOptions& options, std::unique_ptr<QuarantinedPages> quarantine) noexcept;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    Arena(Arena&&) = delete;
    Arena& operator=(Arena&&) = delete;

    /// Uninitialised memory; `alignment` a power of two up to 64. Throws bad_alloc when the system
    /// or the budget has none, or for another alignment (caught at the C border and in jobs); the
    /// arena is then as it was.
    [[nodiscard]] void* allocate(size_t size, size_t alignment) {
        const uintptr_t at = next_place(alignment);
        if (!fits(at, size, alignment)) [[unlikely]]
            return allocate_or_throw(size, alignment);
        return take(at, size);
    }
    /// The same, but null instead of bad_alloc.
    [[nodiscard]] void* try_allocate(size_t size, size_t alignment) noexcept {
        const uintptr_t at = next_place(alignment);
        if (!fits(at, size, alignment)) [[unlikely]]
            return allocate_slow(size, alignment);
        return take(at, size);
    }
    template <typename T, typename... Args>
    [[nodiscard]] T* make(Args&&... args) {
        check_plain<T>();
        return ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }
    /// Null instead of bad_alloc for the object's own memory.
    template <typename T, typename... Args>
    [[nodiscard]] T* try_make(Args&&... args) {
        check_plain<T>();
        void* place = try_allocate(sizeof(T), alignof(T));
        return place == nullptr ? nullptr : ::new (place) T(std::forward<Args>(args)...);
    }
    /// An object whose destructor runs at the reset, the newest first; there, memory of the arena
    /// is still as it was.
    template <typename T, typename... Args>
    [[nodiscard]] T* make_managed(Args&&... args) {
        static_assert(std::is_nothrow_destructible_v<T> && alignof(T) <= kArenaAlignmentMax);
        // The entry comes first, so that an object cannot be left without one.
        auto* entry = ::new (allocate(sizeof(Managed), alignof(Managed))) Managed;
        T* object = ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
        entry->object = object;
        entry->destroy = [](void* at) noexcept { static_cast<T*>(at)->~T(); };
        entry->older = managed_;
        managed_ = entry;
        return object;
    }
    /// `count` value-initialised elements.
    template <typename T>
    [[nodiscard]] std::span<T> make_array(size_t count) {
        check_plain<T>();
        if (count > PTRDIFF_MAX / sizeof(T)) detail::throw_no_memory();  // no system has that
        T* first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
        std::uninitialized_value_construct_n(first, count);
        return {first, count};
    }
    [[nodiscard]] ByteView copy_bytes(ByteView bytes);
    [[nodiscard]] std::string_view copy_text(std::string_view text) {
        return as_text(copy_bytes(as_bytes(text)));
    }
    /// Forgets every object in O(chunks) and the destructors of managed ones; keeps at most
    /// `keep_bytes` of chunks for reuse, the newest first. A chunk above the largest regular size
    /// is never kept.
    void reset(size_t keep_bytes = kArenaChunkSizeMax) noexcept;

    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    /// Bytes asked for since the last reset, and bytes held from the system.
    [[nodiscard]] size_t bytes_requested() const noexcept { return bytes_requested_; }
    [[nodiscard]] size_t bytes_reserved() const noexcept { return bytes_reserved_; }
    /// Counts resets; a pointer taken under another generation is stale.
    [[nodiscard]] uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] ArenaCounts counts() const noexcept;

  private:
    struct Chunk {
        Chunk* next;
        size_t size;  // with this header
    };
    struct Managed {
        void (*destroy)(void*) noexcept = nullptr;
        void* object = nullptr;
        Managed* older = nullptr;
    };
    static constexpr size_t kHeaderSize = kArenaAlignmentMax;
    static constexpr size_t kGranule = 8;

    template <typename T>
    static constexpr void check_plain() noexcept {
        static_assert(std::is_trivially_destructible_v<T>, "a reset runs no destructors");
        static_assert(alignof(T) <= kArenaAlignmentMax);
    }
    [[nodiscard]] uintptr_t next_place(size_t alignment) const noexcept {
        if constexpr (kArenaPoisons) alignment = alignment < kGranule ? kGranule : alignment;
        return (at_ + alignment - 1) & ~(uintptr_t{alignment} - 1);
    }
    [[nodiscard]] bool fits(uintptr_t at, size_t size, size_t alignment) const noexcept {
        // Compared as what is left, because a sum with a huge size would wrap around.
        return std::has_single_bit(alignment) && alignment <= kArenaAlignmentMax && at <= end_ &&
               size <= end_ - at;
    }
    [[nodiscard]] void* take(uintptr_t at, size_t size) noexcept {
        at_ = at + size + kArenaRedzoneBytes;
        bytes_requested_ += size;
        ++allocations_;
        void* object = reinterpret_cast<void*>(at);  // NOLINT(performance-no-int-to-ptr)
        unpoison(object, size);
        return object;
    }

    [[nodiscard]] void* allocate_or_throw(size_t size, size_t alignment);
    [[nodiscard]] void* allocate_slow(size_t size, size_t alignment) noexcept;
    [[nodiscard]] Chunk* new_chunk(size_t size) noexcept;
    [[nodiscard]] void* refused() noexcept;
    [[nodiscard]] Chunk* take_spare(size_t size) noexcept;
    void open(Chunk* chunk) noexcept;
    void give_back(Chunk* chunk) noexcept;
    void run_destructors() noexcept;

    // The first two are what an allocation looks at; without a chunk nothing fits between them.
    uintptr_t at_ = 1;
    uintptr_t end_ = 0;
    size_t bytes_requested_ = 0;
    size_t allocations_ = 0;   // since the last reset
    Chunk* chunks_ = nullptr;  // in use, newest first
    Chunk* spares_ = nullptr;  // kept by the last reset and not used since
    Managed* managed_ = nullptr;
    size_t next_chunk_size_;
    size_t bytes_reserved_ = 0;
    size_t bytes_spare_ = 0;
    bool budget_refused_ = false;  // what the last call of new_chunk met
    uint64_t generation_ = 0;

    const size_t chunk_size_min_;
    const size_t chunk_size_max_;
    const size_t growth_;
    Reservation reservation_;  // of what is held; belongs to no budget when there is none
    const std::unique_ptr<QuarantinedPages> quarantine_;
    BackingAllocator& backing_;
    ArenaCounts past_;  // what `counts` adds the present generation to
    char name_[32] = {};
};

/// Copies bytes or text that live elsewhere, in another arena perhaps, into `arena`: memory of one
/// arena never becomes another's in any other way. Throws bad_alloc.
[[nodiscard]] inline ByteView copy_into(Arena& arena, ByteView bytes) {
    return arena.copy_bytes(bytes);
}
[[nodiscard]] inline std::string_view copy_into(Arena& arena, std::string_view text) {
    return arena.copy_text(text);
}
/// A copy of a plain object. What it points at stays where it is.
template <typename T>
    requires std::is_trivially_copyable_v<T>
[[nodiscard]] T* copy_into(Arena& arena, const T& object) {
    return arena.make<T>(object);
}

}  // namespace kausal::memory
