// What every pool and arena tells about itself, and the registry that collects it.
//
// All figures are counted where the thing happens; none is an estimate or a ratio. The registry is
// an object that the database owns, there is no list of everything in the process.
#pragma once

#include "base/mutex.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kausal::memory {

/// One pool or arena as it stood at one moment. Counts are since creation, sizes in bytes.
/// Invariants: acquires - releases = live; hits + backing_calls = acquires; live <= live_peak;
/// bytes_reserved <= bytes_reserved_peak. Threads: a value.
struct MemoryCounters {
    std::string name;
    /// How it is run, e.g. "pool", "arena" or "malloc".
    std::string mode;
    /// Requests that were served, by a hit or by a call of the backing allocator.
    uint64_t acquires = 0;
    /// Requests served from memory that was already held.
    uint64_t hits = 0;
    /// Requests for which the backing allocator was called, at most once each. What a pool takes
    /// for its own tables when it is made is part of bytes_reserved but not counted here.
    uint64_t backing_calls = 0;
    uint64_t releases = 0;
    uint64_t live = 0;
    uint64_t live_peak = 0;
    /// Asked for by the live objects.
    uint64_t bytes_requested = 0;
    /// Held from the backing allocator, used or not.
    uint64_t bytes_reserved = 0;
    uint64_t bytes_reserved_peak = 0;
    uint64_t resets = 0;
    /// Held for reuse and used by no live object.
    uint64_t bytes_retained = 0;
    /// Releases of something that is not from here; nothing was done.
    uint64_t foreign_release_rejected = 0;
    /// Releases of something that was free already; nothing was done.
    uint64_t double_release_rejected = 0;
    /// Requests that failed because a budget refused.
    uint64_t budget_denied = 0;
};

/// Whether the invariants of MemoryCounters hold.
[[nodiscard]] bool is_consistent(const MemoryCounters& counters) noexcept;
/// Sum of bytes_reserved: the bytes that are tracked.
[[nodiscard]] uint64_t tracked_bytes(std::span<const MemoryCounters> counters) noexcept;

/// Something that can be counted.
class MemorySource {
  public:
    /// One consistent snapshot. Threads: shared, may be called while others use the source.
    /// Throws bad_alloc when there is no memory for the two texts (caught at the C border).
    [[nodiscard]] virtual MemoryCounters counters() const = 0;

  protected:
    MemorySource() = default;
    MemorySource(const MemorySource&) = default;
    MemorySource& operator=(const MemorySource&) = default;
    MemorySource(MemorySource&&) = default;
    MemorySource& operator=(MemorySource&&) = default;
    ~MemorySource() = default;
};

class RegistryEntry;

/// The sources of one database. Must outlive its entries. Threads: shared. Lock order: the mutex
/// of the registry is taken before any lock of a source.
class MemoryRegistry {
  public:
    MemoryRegistry() = default;
    ~MemoryRegistry();
    MemoryRegistry(const MemoryRegistry&) = delete;
    MemoryRegistry& operator=(const MemoryRegistry&) = delete;
    MemoryRegistry(MemoryRegistry&&) = delete;
    MemoryRegistry& operator=(MemoryRegistry&&) = delete;

    /// Counters of every source in the order of registration. Each is consistent in itself; no
    /// source appears or goes away meanwhile. Throws bad_alloc (caught at the C border).
    [[nodiscard]] std::vector<MemoryCounters> snapshot() const KAUSAL_EXCLUDES(mutex_);
    [[nodiscard]] size_t source_count() const KAUSAL_EXCLUDES(mutex_);

  private:
    friend class RegistryEntry;
    mutable Mutex mutex_;
    RegistryEntry* first_ KAUSAL_GUARDED_BY(mutex_) = nullptr;
    RegistryEntry* last_ KAUSAL_GUARDED_BY(mutex_) = nullptr;
    size_t count_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

/// Keeps a source registered while it lives. It is itself the node of the list, so registering
/// allocates nothing and cannot fail. Declare it after the source, so that it goes first.
/// Threads: confined; different entries may come and go on different threads.
class RegistryEntry {
  public:
    RegistryEntry(MemoryRegistry& registry, const MemorySource& source);
    ~RegistryEntry();
    RegistryEntry(const RegistryEntry&) = delete;
    RegistryEntry& operator=(const RegistryEntry&) = delete;
    RegistryEntry(RegistryEntry&&) = delete;
    RegistryEntry& operator=(RegistryEntry&&) = delete;

  private:
    friend class MemoryRegistry;
    MemoryRegistry& registry_;
    const MemorySource& source_;
    // Guarded by the mutex of the registry.
    RegistryEntry* next_ = nullptr;
    RegistryEntry* previous_ = nullptr;
};

}  // namespace kausal::memory
