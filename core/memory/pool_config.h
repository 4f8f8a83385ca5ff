// The knobs of the pools. Each one is read by a pool and changes what it does; `check` says which
// values make no sense.
#pragma once

#include "base/status.h"
#include "memory/backing.h"
#include "memory/budget.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kausal::memory {

inline constexpr size_t kEmbeddingSlabBytes = size_t{2} << 20;
inline constexpr size_t kEmbeddingRowAlignment = 64;

/// What happened to something that was given back.
enum class ReleaseOutcome : uint8_t {
    Released,
    Foreign,   // it is not from here; nothing was done, it was counted
    Repeated,  // it was free already; nothing was done, it was counted
};

/// Where a pool gets its memory from, and who is asked first. Both must outlive the pool and
/// everything that it handed out; a null budget allows everything.
struct PoolMemory {
    BackingAllocator* backing = &system_backing();
    Budget* budget = nullptr;
};

/// How many slabs the backing allocator is asked for at once: `slabs_first`, then `factor` times
/// as many each time, up to `slabs_max`.
struct GrowthConfig {
    size_t slabs_first = 1;
    size_t factor = 2;
    size_t slabs_max = 8;
};

/// Names are text that outlives the pool, normally literals. Sizes in bytes.
struct FixedPoolConfig {
    std::string_view name = "fixed";
    size_t slot_bytes = 64;
    size_t slot_alignment = 16;      // a power of two from 8 to 4096
    size_t slab_bytes = 64 << 10;    // a power of two from 4 KiB to 16 MiB
    size_t slab_count_max = 1024;    // with the slots of a slab, the capacity
    size_t magazine_count_max = 64;  // how many threads may hold a magazine at once
    GrowthConfig growth;
};

struct ObjectPoolConfig {
    std::string_view name = "objects";
    size_t live_count_max = 1024;            // handed out at once; more are refused
    size_t idle_count_max = 16;              // kept for reuse; 0 keeps none (mode "malloc")
    size_t idle_object_bytes_max = 1 << 20;  // a larger one is not kept, so that one huge use
                                             // does not hold its memory for ever
    size_t object_bytes = 0;                 // reserved in the budget before one is made
};

struct IoBufferPoolConfig {
    std::string_view name = "io buffers";
    size_t page_bytes = 4096;        // alignment; a power of two from 512 to 1 MiB
    size_t buffer_bytes = 64 << 10;  // a multiple of page_bytes
    size_t live_count_max = 256;
    size_t idle_count_max = 16;  // 0 keeps none (mode "malloc")
};

struct EmbeddingSlabsConfig {
    std::string_view name = "embeddings";
    size_t row_bytes = 0;         // from 1 byte to a quarter of a slab
    size_t slab_count_max = 512;  // slabs of 2 MiB
};

/// All of it, as one database has it. The budget's limits are those of the whole database.
struct MemoryConfig {
    BudgetLimits budget;
    FixedPoolConfig handles{.name = "handles"};
    ObjectPoolConfig query_scratch{.name = "query scratch"};
    IoBufferPoolConfig io_buffers;
    EmbeddingSlabsConfig embeddings{.row_bytes = 1024};
};

/// Errors: Invalid, naming the knob and its value.
[[nodiscard]] Status check(const FixedPoolConfig& config);
[[nodiscard]] Status check(const ObjectPoolConfig& config);
[[nodiscard]] Status check(const IoBufferPoolConfig& config);
[[nodiscard]] Status check(const EmbeddingSlabsConfig& config);
[[nodiscard]] Status check(const MemoryConfig& config);

}  // namespace kausal::memory
