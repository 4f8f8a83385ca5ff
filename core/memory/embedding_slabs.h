// Rows of one size for vectors: 64-byte aligned, in slabs of 2 MiB.
//
// A row is known by (slab, slot) and a generation that changes whenever the slot is handed out or
// given back, so a stale, repeated or foreign id is rejected and never reaches another row. Slabs
// start at multiples of 2 MiB: the slab of an address is found by masking, in O(1). Rows never
// move. Each slab's generations start from a number of its own, so that an id of other slabs does
// not fit by chance.
#pragma once

#include "base/mutex.h"
#include "memory/counters.h"
#include "memory/pool_config.h"
#include "memory/slab_table.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace kausal::memory {

/// Names one row for as long as it is live.
struct EmbeddingId {
    uint32_t slab = 0;
    uint32_t slot = 0;
    uint32_t generation = 0;
    friend bool operator==(const EmbeddingId&, const EmbeddingId&) = default;
};

struct EmbeddingRow {
    EmbeddingId id;
    std::span<std::byte> bytes;  // row_bytes, uninitialised, at a multiple of 64
};

/// Threads: shared. A row itself is confined to whoever acquired it until it is published. A
/// listener of the budget must not acquire from the slabs that it is called for.
class EmbeddingSlabs final : public MemorySource {
  public:
    /// Errors: Invalid (see check), NoMemory. `memory` must outlive the slabs.
    [[nodiscard]] static Result<std::unique_ptr<EmbeddingSlabs>> create(
        const EmbeddingSlabsConfig& config, PoolMemory memory = {});
    ~EmbeddingSlabs();
    EmbeddingSlabs(const EmbeddingSlabs&) = delete;
    EmbeddingSlabs& operator=(const EmbeddingSlabs&) = delete;
    EmbeddingSlabs(EmbeddingSlabs&&) = delete;
    EmbeddingSlabs& operator=(EmbeddingSlabs&&) = delete;

    /// Errors: NoMemory (backing allocator, budget, or slab_count_max reached).
    [[nodiscard]] Result<EmbeddingRow> acquire() KAUSAL_EXCLUDES(growth_mutex_, mutex_);
    /// On any thread.
    ReleaseOutcome release(EmbeddingId id) noexcept KAUSAL_EXCLUDES(mutex_);
    /// The same by address, for those who kept only that. `row` may be any pointer; but an address
    /// that was handed out again in between cannot be told from its new owner's, an id can.
    ReleaseOutcome release_address(const void* row) noexcept KAUSAL_EXCLUDES(mutex_);
    /// The bytes of a live row, empty for any other id. Takes no lock. The caller sees to it that
    /// the row is not released while the bytes are used.
    [[nodiscard]] std::span<std::byte> find(EmbeddingId id) const noexcept;
    /// Distance between rows.
    [[nodiscard]] size_t stride_bytes() const noexcept { return stride_bytes_; }
    [[nodiscard]] size_t rows_per_slab() const noexcept { return rows_per_slab_; }
    [[nodiscard]] MemoryCounters counters() const override KAUSAL_EXCLUDES(mutex_);

  private:
    struct Slab;
    EmbeddingSlabs(const EmbeddingSlabsConfig& config, PoolMemory memory) noexcept;
    [[nodiscard]] bool prepare() noexcept;
    [[nodiscard]] bool take(EmbeddingRow& row, bool is_hit) noexcept KAUSAL_REQUIRES(mutex_);
    /// Fetches a slab and takes its first row.
    [[nodiscard]] bool add_slab(EmbeddingRow& row) noexcept KAUSAL_REQUIRES(growth_mutex_)
        KAUSAL_EXCLUDES(mutex_);
    [[nodiscard]] bool publish(Slab& slab, EmbeddingRow& row) noexcept KAUSAL_EXCLUDES(mutex_);
    void give_back(Slab& slab, uint32_t slot) noexcept KAUSAL_REQUIRES(mutex_);
    [[nodiscard]] ReleaseOutcome reject(ReleaseOutcome outcome) noexcept KAUSAL_REQUIRES(mutex_);
    [[nodiscard]] std::span<std::byte> bytes_of(const Slab& slab, uint32_t slot) const noexcept;

    const EmbeddingSlabsConfig config_;
    const PoolMemory memory_;
    const size_t stride_bytes_;
    const size_t rows_per_slab_;
    const size_t first_row_bytes_;  // from the start of a slab
    SlabTable table_;
    std::atomic<Slab*>* slabs_ = nullptr;  // slab_count_max places
    std::atomic<uint32_t> slab_count_{0};

    /// Held while a slab is fetched; taken before mutex_. Keeps two threads from growing at once
    /// without making those wait who only give back.
    Mutex growth_mutex_;
    Reservation reservation_ KAUSAL_GUARDED_BY(growth_mutex_);

    mutable Mutex mutex_;
    Slab* free_slab_ KAUSAL_GUARDED_BY(mutex_) = nullptr;   // slabs with released rows
    Slab* fresh_slab_ KAUSAL_GUARDED_BY(mutex_) = nullptr;  // rows that were never used
    uint64_t hits_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t backing_calls_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t releases_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t live_peak_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t foreign_ KAUSAL_GUARDED_BY(mutex_) = 0;
    uint64_t repeated_ KAUSAL_GUARDED_BY(mutex_) = 0;
    std::atomic<uint64_t> budget_denied_{0};
};

}  // namespace kausal::memory
