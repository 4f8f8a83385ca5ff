// The storage engine: orders the steps between log, memtables, segments and manifest; owns no
// format.
//
// One logical writer: commits that arrive together are logged and synced together (group commit)
// and become visible in order of their sequence numbers. Readers take snapshots and never wait.
#pragma once

#include "base/status.h"
#include "format/write_batch.h"
#include "storage/bulk_load.h"
#include "storage/options.h"
#include "storage/snapshot.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::storage {

/// One-way until the next open.
enum class Health : uint8_t { Healthy, Degraded, ReadOnly, Poisoned };

struct StorageStats {
    uint64_t sequence = 0;
    uint64_t segment_count = 0;
    uint64_t segment_bytes = 0;
    uint64_t wal_bytes = 0;
    uint64_t memtable_count = 0;
    uint64_t memtable_bytes = 0;
    uint64_t cache_bytes = 0;
    uint64_t cache_hits = 0;
    uint64_t cache_misses = 0;
    uint64_t flushes = 0;
    uint64_t compactions = 0;
    uint64_t compaction_bytes_written = 0;
    uint64_t commits = 0;
    uint64_t commit_groups = 0;
    uint64_t syncs = 0;
    uint64_t blocks = 0;  // entries in segments and memtables, superseded ones included
    uint64_t edges = 0;
    uint64_t recovered_records = 0;         // log records replayed by this open
    uint64_t recovery_bytes_discarded = 0;  // of a torn tail; a copy is in `lost_and_found_name`
    std::string lost_and_found_name;
    Health health = Health::Healthy;
    std::string health_reason;
};

/// One finding of verify: `file` is the name in the database directory.
struct VerifyFinding {
    std::string file;
    uint64_t offset = 0;
    std::string message;
};
struct VerifyReport {
    uint64_t files_checked = 0;
    uint64_t bytes_checked = 0;
    uint64_t blocks_checked = 0;
    uint64_t edges_checked = 0;
    std::vector<VerifyFinding> findings;  // empty = clean
};

/// No call may be made from a job of the environment's executor: it could wait for itself.
/// Threads: shared, except `close` (once, after all other calls have returned).
class StorageEngine {
  public:
    /// Opens (and recovers) the database in directory `path`. Errors: NotFound (absent and not
    /// create_if_missing), Locked (message names the holder), Corrupt, NewerFormat, Unavailable,
    /// NoSpace. create_if_missing acts only on an absent or empty directory.
    [[nodiscard]] static Result<std::unique_ptr<StorageEngine>> open(const Environment& environment,
                                                                     std::string_view path,
                                                                     const StorageOptions& options);
    virtual ~StorageEngine() = default;

    /// Makes `batch` durable as the options say, then visible. Returns its sequence number. A batch
    /// too large for a memtable takes the bulk path by itself. Errors: Invalid, NoSpace (nothing
    /// happened), OutcomeUnknown (a sync failed; the engine is poisoned), Poisoned, Unsupported
    /// (read-only).
    [[nodiscard]] virtual Result<uint64_t> commit(const format::WriteBatch& batch) = 0;

    /// The state after the newest visible commit.
    [[nodiscard]] virtual SnapshotRef snapshot() = 0;

    /// Starts writing a segment directly, for batches that do not fit into memory. One at a time;
    /// Conflict when another one is under way.
    [[nodiscard]] virtual Result<std::unique_ptr<BulkLoad>> begin_bulk() = 0;

    /// Syncs the log whatever the durability mode.
    [[nodiscard]] virtual Status sync() = 0;
    /// Writes the memtables to segments and waits for it.
    [[nodiscard]] virtual Status flush() = 0;
    /// Merges all segments into one and waits for it.
    [[nodiscard]] virtual Status compact() = 0;

    /// Checks every byte of every live file, the order of keys, and that edges agree in both
    /// directions and indexes with blocks. Errors only when the check itself cannot run.
    [[nodiscard]] virtual Result<VerifyReport> verify() = 0;
    [[nodiscard]] virtual StorageStats stats() = 0;
    /// Stops background work, flushes the memtables so that the next open has no log to replay, and
    /// closes the files. The destructor does the same and drops the outcome.
    [[nodiscard]] virtual Status close() = 0;
};

}  // namespace kausal::storage
