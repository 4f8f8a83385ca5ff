// Slabs of vector rows: layout, growth, and the checks of what comes back.
//
// A slab starts with its header, then one generation and one link per row, then the rows. An odd
// generation means live. Only a slab that was fetched last has rows that were never used; the
// others keep their free rows in a list.
#include "memory/embedding_slabs.h"

#include "memory/poison.h"

#include <algorithm>
#include <new>
#include <utility>

namespace kausal::memory {

struct EmbeddingSlabs::Slab {
    uint32_t index;
    uint32_t generation_first;  // even
    uint32_t fresh_slot;        // this and all after it were never handed out
    uint32_t free_slot;         // head of the list of released rows, kNoSlot when empty
    Slab* next_free;            // next slab with released rows
    std::atomic<uint32_t>* generations;
    uint32_t* links;
};

namespace {

constexpr uint32_t kNoSlot = UINT32_MAX;

constexpr size_t round_up(size_t size, size_t step) noexcept {
    return (size + step - 1) / step * step;
}

constexpr size_t head_bytes(size_t slab_header_bytes, size_t row_count) noexcept {
    const size_t per_row = sizeof(std::atomic<uint32_t>) + sizeof(uint32_t);
    return round_up(slab_header_bytes + row_count * per_row, kEmbeddingRowAlignment);
}

size_t most_rows(size_t slab_header_bytes, size_t stride) noexcept {
    size_t count = kEmbeddingSlabBytes / stride;
    while (head_bytes(slab_header_bytes, count) + count * stride > kEmbeddingSlabBytes) --count;
    return count;
}

/// An even number that depends on where the slab lies.
uint32_t first_generation(const void* slab) noexcept {
    const uint64_t number = reinterpret_cast<uintptr_t>(slab) / kEmbeddingSlabBytes;
    return static_cast<uint32_t>((number * 0x9E3779B97F4A7C15u) >> 32) & ~uint32_t{1};
}

}  // namespace

EmbeddingSlabs::EmbeddingSlabs(const EmbeddingSlabsConfig& config, PoolMemory memory) noexcept
    : config_(config),
      memory_(memory),
      stride_bytes_(round_up(config.row_bytes, kEmbeddingRowAlignment)),
      rows_per_slab_(most_rows(sizeof(Slab), stride_bytes_)),
      first_row_bytes_(head_bytes(sizeof(Slab), rows_per_slab_)),
      table_(*memory.backing) {
    if (memory_.budget == nullptr) return;
    const MutexLock lock(growth_mutex_);
    reservation_ = memory_.budget->open();
}

EmbeddingSlabs::~EmbeddingSlabs() {
    for (uint32_t i = 0; i < slab_count_.load(); ++i) {
        Slab* slab = slabs_[i].load();
        unpoison(slab, kEmbeddingSlabBytes);
        memory_.backing->release(slab, kEmbeddingSlabBytes, kEmbeddingSlabBytes);
    }
    if (slabs_ != nullptr) {
        memory_.backing->release(slabs_, config_.slab_count_max * sizeof(*slabs_),
                                 alignof(std::max_align_t));
    }
}

bool EmbeddingSlabs::prepare() noexcept {
    if (!table_.prepare(config_.slab_count_max, kEmbeddingSlabBytes)) return false;
    void* data = memory_.backing->allocate(config_.slab_count_max * sizeof(*slabs_),
                                           alignof(std::max_align_t));
    if (data == nullptr) return false;
    slabs_ = static_cast<std::atomic<Slab*>*>(data);
    for (size_t i = 0; i < config_.slab_count_max; ++i) {
        ::new (&slabs_[i]) std::atomic<Slab*>(nullptr);
    }
    return true;
}

Result<std::unique_ptr<EmbeddingSlabs>> EmbeddingSlabs::create(const EmbeddingSlabsConfig& config,
                                                               PoolMemory memory) {
    KAUSAL_TRY(check(config));
    std::unique_ptr<EmbeddingSlabs> slabs(new (std::nothrow) EmbeddingSlabs(config, memory));
    if (slabs == nullptr || !slabs->prepare()) return fail(Status(ErrorCode::NoMemory));
    return slabs;
}

std::span<std::byte> EmbeddingSlabs::bytes_of(const Slab& slab, uint32_t slot) const noexcept {
    auto* start = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(&slab));
    return {start + first_row_bytes_ + slot * stride_bytes_, config_.row_bytes};
}

bool EmbeddingSlabs::take(EmbeddingRow& row, bool is_hit) noexcept {
    Slab* slab = free_slab_;
    uint32_t slot = kNoSlot;
    if (slab != nullptr) {
        slot = slab->free_slot;
        slab->free_slot = slab->links[slot];
        if (slab->free_slot == kNoSlot) free_slab_ = slab->next_free;
    } else if (fresh_slab_ != nullptr) {
        slab = fresh_slab_;
        slot = slab->fresh_slot++;
        if (slab->fresh_slot == rows_per_slab_) fresh_slab_ = nullptr;
    } else {
        return false;
    }
    row.bytes = bytes_of(*slab, slot);
    unpoison(row.bytes.data(), stride_bytes_);
    const uint32_t generation = slab->generations[slot].load(std::memory_order_relaxed) + 1;
    slab->generations[slot].store(generation, std::memory_order_release);
    row.id = {slab->index, slot, generation};
    ++(is_hit ? hits_ : backing_calls_);
    live_peak_ = std::max(live_peak_, hits_ + backing_calls_ - releases_);
    return true;
}

bool EmbeddingSlabs::add_slab(EmbeddingRow& row) noexcept {
    const uint32_t index = slab_count_.load(std::memory_order_relaxed);
    if (index == config_.slab_count_max) return false;
    if (memory_.budget != nullptr && !reservation_.try_grow(kEmbeddingSlabBytes)) {
        budget_denied_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    void* data = memory_.backing->allocate(kEmbeddingSlabBytes, kEmbeddingSlabBytes);
    if (data == nullptr) {
        if (memory_.budget != nullptr) {
            (void)reservation_.try_resize(reservation_.bytes() - kEmbeddingSlabBytes);
        }
        return false;
    }
    auto* generations =
        reinterpret_cast<std::atomic<uint32_t>*>(static_cast<std::byte*>(data) + sizeof(Slab));
    auto* links = reinterpret_cast<uint32_t*>(generations + rows_per_slab_);
    auto* slab =
        ::new (data) Slab{index, first_generation(data), 0, kNoSlot, nullptr, generations, links};
    for (size_t i = 0; i < rows_per_slab_; ++i) {
        ::new (&generations[i]) std::atomic<uint32_t>(slab->generation_first);
    }
    poison(static_cast<std::byte*>(data) + first_row_bytes_, rows_per_slab_ * stride_bytes_);
    return publish(*slab, row);
}

bool EmbeddingSlabs::publish(Slab& slab, EmbeddingRow& row) noexcept {
    const MutexLock lock(mutex_);
    (void)table_.insert(&slab);  // has as many places as there are slabs
    slabs_[slab.index].store(&slab, std::memory_order_relaxed);
    slab_count_.store(slab.index + 1, std::memory_order_release);
    fresh_slab_ = &slab;      // the one before is used up, or no slab would have been added
    return take(row, false);  // at once, so that nobody else takes what was fetched for this
}

Result<EmbeddingRow> EmbeddingSlabs::acquire() {
    EmbeddingRow row;
    {
        const MutexLock lock(mutex_);
        if (take(row, true)) return row;
    }
    const MutexLock growing(growth_mutex_);
    {
        // Somebody may have grown or given back while this thread waited.
        const MutexLock lock(mutex_);
        if (take(row, true)) return row;
    }
    if (add_slab(row)) return row;
    const MutexLock lock(mutex_);
    if (take(row, true)) return row;  // evicted by a listener, or given back meanwhile
    return fail(Status(ErrorCode::NoMemory));
}

ReleaseOutcome EmbeddingSlabs::reject(ReleaseOutcome outcome) noexcept {
    ++(outcome == ReleaseOutcome::Foreign ? foreign_ : repeated_);
    return outcome;
}

void EmbeddingSlabs::give_back(Slab& slab, uint32_t slot) noexcept {
    slab.generations[slot].fetch_add(1, std::memory_order_release);
    poison(bytes_of(slab, slot).data(), stride_bytes_);
    if (slab.free_slot == kNoSlot) {
        slab.next_free = free_slab_;
        free_slab_ = &slab;
    }
    slab.links[slot] = slab.free_slot;
    slab.free_slot = slot;
    ++releases_;
}

ReleaseOutcome EmbeddingSlabs::release(EmbeddingId id) noexcept {
    const MutexLock lock(mutex_);
    if (id.slab >= slab_count_.load(std::memory_order_relaxed) || id.slot >= rows_per_slab_) {
        return reject(ReleaseOutcome::Foreign);
    }
    Slab& slab = *slabs_[id.slab].load(std::memory_order_relaxed);
    const uint32_t now = slab.generations[id.slot].load(std::memory_order_relaxed);
    const bool is_live = (now & 1) != 0;
    if (!is_live || now != id.generation) {
        // One that was handed out here once has been given back since.
        const bool was_here = (id.generation & 1) != 0 &&
                              id.generation - slab.generation_first <= now - slab.generation_first;
        return reject(was_here ? ReleaseOutcome::Repeated : ReleaseOutcome::Foreign);
    }
    give_back(slab, id.slot);
    return ReleaseOutcome::Released;
}

ReleaseOutcome EmbeddingSlabs::release_address(const void* row) noexcept {
    const MutexLock lock(mutex_);
    std::byte* start = table_.slab_of(row);
    if (start == nullptr) return reject(ReleaseOutcome::Foreign);
    const auto offset = static_cast<size_t>(static_cast<const std::byte*>(row) - start);
    const size_t slot = (offset - first_row_bytes_) / stride_bytes_;
    if (offset < first_row_bytes_ || slot >= rows_per_slab_ ||
        offset != first_row_bytes_ + slot * stride_bytes_) {
        return reject(ReleaseOutcome::Foreign);
    }
    Slab& slab = *std::launder(reinterpret_cast<Slab*>(start));
    if ((slab.generations[slot].load(std::memory_order_relaxed) & 1) == 0) {
        const bool was_out = slot < slab.fresh_slot;
        return reject(was_out ? ReleaseOutcome::Repeated : ReleaseOutcome::Foreign);
    }
    give_back(slab, static_cast<uint32_t>(slot));
    return ReleaseOutcome::Released;
}

std::span<std::byte> EmbeddingSlabs::find(EmbeddingId id) const noexcept {
    if (id.slab >= slab_count_.load(std::memory_order_acquire) || id.slot >= rows_per_slab_) {
        return {};
    }
    const Slab& slab = *slabs_[id.slab].load(std::memory_order_relaxed);
    const uint32_t now = slab.generations[id.slot].load(std::memory_order_acquire);
    if ((now & 1) == 0 || now != id.generation) return {};
    return bytes_of(slab, id.slot);
}

MemoryCounters EmbeddingSlabs::counters() const {
    MemoryCounters all;
    all.name = config_.name;
    all.mode = "pool";
    const MutexLock lock(mutex_);
    all.acquires = hits_ + backing_calls_;
    all.hits = hits_;
    all.backing_calls = backing_calls_;
    all.releases = releases_;
    all.live = all.acquires - all.releases;
    all.live_peak = live_peak_;
    all.bytes_requested = all.live * config_.row_bytes;
    const uint64_t slab_count = slab_count_.load(std::memory_order_relaxed);
    all.bytes_reserved = slab_count * kEmbeddingSlabBytes + table_.bytes() +
                         config_.slab_count_max * sizeof(*slabs_);
    all.bytes_reserved_peak = all.bytes_reserved;  // slabs are kept until the end
    all.bytes_retained = (slab_count * rows_per_slab_ - all.live) * stride_bytes_;
    all.foreign_release_rejected = foreign_;
    all.double_release_rejected = repeated_;
    all.budget_denied = budget_denied_.load(std::memory_order_relaxed);
    return all;
}

}  // namespace kausal::memory
