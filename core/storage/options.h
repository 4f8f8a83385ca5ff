// What a database can be told when it is opened.
#pragma once

#include "io/clock.h"
#include "io/executor.h"
#include "io/vfs.h"

#include <cstddef>
#include <cstdint>

namespace kausal::storage {

/// Full: on disk before commit returns. Interval: synced at least every `sync_interval_ms`, a
/// bounded suffix may be lost, never a hole. None: survives the end of the process only.
enum class Durability : uint8_t { Full, Interval, None };

/// Everything the engine gets from outside. All must outlive the engine.
struct Environment {
    io::Vfs* vfs = nullptr;
    io::Clock* clock = nullptr;
    io::Random* random = nullptr;
    io::Executor* executor = nullptr;  // background work
};

struct StorageOptions {
    bool create_if_missing = false;
    bool read_only = false;  // takes no lock, writes nothing
    Durability durability = Durability::Full;
    uint32_t sync_interval_ms = 100;
    size_t memtable_size_bytes = size_t{32} << 20;  // a flush starts above it
    size_t memtable_count_max = 4;                  // writers wait above it
    size_t cache_size_bytes = size_t{64} << 20;     // decompressed frames
    size_t wal_segment_size_bytes = size_t{64} << 20;
    size_t frame_size_bytes = size_t{16} << 10;  // of block bodies, before compression
    int compression_level = 1;                   // of zstd; 0 stores bodies as they are
    double filter_bits_per_key = 10.0;
    uint32_t compaction_fan_in_min = 4;  // so many segments of similar size are merged
    uint32_t compaction_fan_in_max = 16;
    bool compaction_enabled = true;
};

}  // namespace kausal::storage
