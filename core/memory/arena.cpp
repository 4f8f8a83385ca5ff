// Chunk handling of the arena; the fast path is in the header.
#include "memory/arena.h"

#include <algorithm>
#include <cstring>

namespace kausal::memory {
namespace {

constexpr size_t kChunkSizeLowest = size_t{4} << 10;
constexpr size_t kChunkSizeHighest = size_t{1} << 30;
constexpr size_t kGrowthHighest = 16;
// Above this a chunk's size would wrap around while it is rounded; no system has as much.
constexpr size_t kObjectSizeMax = size_t{PTRDIFF_MAX} - 65536;

constexpr size_t round_up(size_t size, size_t unit) noexcept {
    return (size + unit - 1) / unit * unit;
}

}  // namespace

void detail::throw_no_memory() {
    throw std::bad_alloc();
}

Result<std::unique_ptr<Arena>> Arena::try_create(const ArenaOptions& options) {
    if (options.chunk_size_min < kChunkSizeLowest || options.chunk_size_max > kChunkSizeHighest ||
        options.chunk_size_min > options.chunk_size_max || options.growth < 1 ||
        options.growth > kGrowthHighest) {
        return fail(ErrorCode::Invalid, "arena: chunk sizes or growth out of range");
    }
    if (options.quarantine_chunks > 0 && options.backing != nullptr) {
        return fail(ErrorCode::Invalid, "arena: a quarantine has its own backing");
    }
    std::unique_ptr<QuarantinedPages> quarantine;
    if (options.quarantine_chunks > 0) {
        quarantine = QuarantinedPages::try_create(options.quarantine_chunks);
        if (quarantine == nullptr) return fail(Status(ErrorCode::NoMemory));
    }
    std::unique_ptr<Arena> arena(new (std::nothrow) Arena(Key{}, options, std::move(quarantine)));
    if (arena == nullptr) return fail(Status(ErrorCode::NoMemory));
    return arena;
}

Arena::Arena(Key, const ArenaOptions& options,
             std::unique_ptr<QuarantinedPages> quarantine) noexcept
    : next_chunk_size_(options.chunk_size_min),
      chunk_size_min_(options.chunk_size_min),
      chunk_size_max_(options.chunk_size_max),
      growth_(options.growth),
      reservation_(options.budget != nullptr ? options.budget->open() : Reservation()),
      quarantine_(std::move(quarantine)),
      backing_(quarantine_ != nullptr       ? *quarantine_
               : options.backing != nullptr ? *options.backing
                                            : system_backing()) {
    const std::string_view known = options.name.substr(0, sizeof(name_) - 1);
    std::copy(known.begin(), known.end(), name_);
}

Arena::~Arena() {
    run_destructors();
    for (Chunk* list : {chunks_, spares_}) {
        while (list != nullptr) give_back(std::exchange(list, list->next));
    }
}

Arena::Chunk* Arena::new_chunk(size_t size) noexcept {
    budget_refused_ = reservation_.budget() != nullptr && !reservation_.try_grow(size);
    if (budget_refused_) return nullptr;
    void* place = backing_.allocate(size, kArenaAlignmentMax);
    if (place == nullptr) {
        if (reservation_.budget() != nullptr) (void)reservation_.shrink(size);
        return nullptr;
    }
    ++past_.backing_calls;
    bytes_reserved_ += size;
    past_.bytes_reserved_peak = std::max<uint64_t>(past_.bytes_reserved_peak, bytes_reserved_);
    auto* chunk = ::new (place) Chunk{nullptr, size};
    poison(static_cast<std::byte*>(place) + kHeaderSize, size - kHeaderSize);
    return chunk;
}

// Ends a request that no chunk could be had for.
void* Arena::refused() noexcept {
    if (budget_refused_) ++past_.budget_denied;
    return nullptr;
}

void Arena::give_back(Chunk* chunk) noexcept {
    const size_t size = chunk->size;
    unpoison(chunk, size);
    backing_.release(chunk, size, kArenaAlignmentMax);
    bytes_reserved_ -= size;
    if (reservation_.budget() != nullptr) (void)reservation_.shrink(size);
}

// The first that is large enough, unlinked; the rest stay for later.
Arena::Chunk* Arena::take_spare(size_t size) noexcept {
    for (Chunk** link = &spares_; *link != nullptr; link = &(*link)->next) {
        if ((*link)->size < size) continue;
        Chunk* chunk = std::exchange(*link, (*link)->next);
        bytes_spare_ -= chunk->size;
        return chunk;
    }
    return nullptr;
}

void Arena::open(Chunk* chunk) noexcept {
    chunk->next = chunks_;
    chunks_ = chunk;
    at_ = reinterpret_cast<uintptr_t>(chunk) + kHeaderSize;
    end_ = reinterpret_cast<uintptr_t>(chunk) + chunk->size;
}

void* Arena::allocate_slow(size_t size, size_t alignment) noexcept {
    if (!std::has_single_bit(alignment) || alignment > kArenaAlignmentMax) return nullptr;
    if (size > kObjectSizeMax) return nullptr;
    // Chunks begin at the largest alignment, so what is first in one needs no further room for it.
    const size_t needed = round_up(kHeaderSize + size + kArenaRedzoneBytes, kArenaAlignmentMax);
    if (size > chunk_size_max_ / 4) {
        // An oversize object gets its own chunk; the current one stays open for small objects.
        Chunk* chunk = new_chunk(needed);
        if (chunk == nullptr) return refused();
        const uintptr_t at = std::exchange(at_, 0);
        const uintptr_t end = std::exchange(end_, 0);
        open(chunk);
        void* object = take(at_, size);
        at_ = at;
        end_ = end;
        return object;
    }
    if (Chunk* spare = take_spare(needed)) {
        open(spare);
        return take(at_, size);
    }
    Chunk* chunk = new_chunk(std::max(next_chunk_size_, needed));
    // Short of memory, the smallest that will do.
    if (chunk == nullptr && next_chunk_size_ > std::max(chunk_size_min_, needed)) {
        chunk = new_chunk(std::max(chunk_size_min_, needed));
    }
    if (chunk == nullptr) return refused();
    next_chunk_size_ = std::min(next_chunk_size_ * growth_, chunk_size_max_);
    open(chunk);
    return take(at_, size);
}

void* Arena::allocate_or_throw(size_t size, size_t alignment) {
    void* object = allocate_slow(size, alignment);
    if (object == nullptr) detail::throw_no_memory();
    return object;
}

ByteView Arena::copy_bytes(ByteView bytes) {
    if (bytes.empty()) return {};
    auto* to = static_cast<std::byte*>(allocate(bytes.size(), 1));
    std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
}

void Arena::run_destructors() noexcept {
    // Taken off before it runs, because a destructor may itself make a managed object.
    while (managed_ != nullptr) {
        const Managed* entry = std::exchange(managed_, managed_->older);
        entry->destroy(entry->object);
    }
}

void Arena::reset(size_t keep_bytes) noexcept {
    run_destructors();
    if (quarantine_ != nullptr) keep_bytes = 0;
    // From the newest back, because the newest are the largest regular ones; what the last reset
    // kept and nobody used since comes last.
    size_t kept_bytes = 0;
    next_chunk_size_ = chunk_size_min_;
    Chunk* kept = nullptr;
    Chunk** kept_end = &kept;
    for (Chunk* list : {std::exchange(chunks_, nullptr), std::exchange(spares_, nullptr)}) {
        while (list != nullptr) {
            Chunk* chunk = std::exchange(list, list->next);
            if (chunk->size > chunk_size_max_ || chunk->size > keep_bytes - kept_bytes) {
                give_back(chunk);
                continue;
            }
            kept_bytes += chunk->size;
            // Growth goes on where it was: the arena will be used as before.
            next_chunk_size_ =
                std::max(next_chunk_size_, std::min(chunk->size * growth_, chunk_size_max_));
            poison(reinterpret_cast<std::byte*>(chunk) + kHeaderSize, chunk->size - kHeaderSize);
            chunk->next = nullptr;
            *kept_end = chunk;
            kept_end = &chunk->next;
        }
    }
    spares_ = kept;
    at_ = 1;
    end_ = 0;
    past_.acquires += allocations_;
    past_.live_peak = std::max<uint64_t>(past_.live_peak, allocations_);
    ++past_.resets;
    bytes_spare_ = kept_bytes;
    bytes_requested_ = 0;
    allocations_ = 0;
    ++generation_;
}

ArenaCounts Arena::counts() const noexcept {
    ArenaCounts counts = past_;
    counts.releases = past_.acquires;
    counts.acquires += allocations_;
    counts.live_peak = std::max<uint64_t>(past_.live_peak, allocations_);
    counts.bytes_requested = bytes_requested_;
    counts.bytes_reserved = bytes_reserved_;
    counts.bytes_retained = bytes_spare_;
    return counts;
}

MemoryCounters counters_of(std::string_view name, std::string_view mode,
                           const ArenaCounts& counts) {
    MemoryCounters counters;
    counters.name = name;
    counters.mode = mode;
    counters.acquires = counts.acquires;
    // An allocation makes one call of the backing allocator or none.
    counters.hits = counts.acquires - counts.backing_calls;
    counters.backing_calls = counts.backing_calls;
    counters.releases = counts.releases;
    counters.live = counts.acquires - counts.releases;
    counters.live_peak = counts.live_peak;
    counters.bytes_requested = counts.bytes_requested;
    counters.bytes_reserved = counts.bytes_reserved;
    counters.bytes_reserved_peak = counts.bytes_reserved_peak;
    counters.resets = counts.resets;
    counters.bytes_retained = counts.bytes_retained;
    counters.budget_denied = counts.budget_denied;
    return counters;
}

}  // namespace kausal::memory
