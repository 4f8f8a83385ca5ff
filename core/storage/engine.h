// The one implementation of StorageEngine: composes commit queue, log, memtables, versions and
// background work, and holds the rules of their order.
//
// A commit: room in memory, the role of the writer, one log group for all that wait, one sync, the
// memtable, the visible sequence number. Split over engine.cpp (life, snapshots, statistics),
// engine_open.cpp (opening and recovery), engine_commit.cpp (the write path), engine_bulk.cpp (what
// goes past the log) and engine_verify.cpp. Lock order: role of the writer, then the mutexes of
// Maintenance, VersionSet (edit, version) and the queue; the last two are leaves.
#pragma once

#include "storage/commit_queue.h"
#include "storage/interval_sync.h"
#include "storage/maintenance.h"
#include "storage/snapshot_view.h"
#include "storage/storage_engine.h"
#include "storage/version_set.h"
#include "wal/log_writer.h"
#include "wal/recovery.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::storage {

/// Threads: as StorageEngine. No call may be made from a job of the environment's executor.
class Engine final : public StorageEngine {
  public:
    struct Parts {
        std::shared_ptr<StorageCore> core;
        std::unique_ptr<manifest::Manifest> manifest;
        std::unique_ptr<io::Lock> lock;  // null when read-only
    };
    Engine(const Environment& environment, const StorageOptions& options, Parts parts);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Second half of opening: segments, log, first memtable. Once, before anything else.
    [[nodiscard]] Status recover();

    [[nodiscard]] Result<uint64_t> commit(const format::WriteBatch& batch) override;
    [[nodiscard]] SnapshotRef snapshot() override;
    [[nodiscard]] Result<std::unique_ptr<BulkLoad>> begin_bulk() override;
    [[nodiscard]] Status sync() override;
    [[nodiscard]] Status flush() override;
    [[nodiscard]] Status compact() override;
    [[nodiscard]] Result<VerifyReport> verify() override;
    [[nodiscard]] StorageStats stats() override;
    [[nodiscard]] Status close() override;

    // For BulkSession:

    /// Makes what `writer` holds visible as one commit, after everything committed before. Commits
    /// wait from the last flush to the install.
    [[nodiscard]] Result<uint64_t> install_bulk(segment::SegmentWriter& writer);
    void end_bulk(uint64_t file_id, bool is_installed);
    [[nodiscard]] segment::BlockChunkOptions chunk_options() const;
    [[nodiscard]] uint64_t visible_sequence() const { return versions_.current().sequence; }

  private:
    // engine_open.cpp
    [[nodiscard]] Status replay(uint64_t sequence, std::string_view payload);
    [[nodiscard]] Status start_log(const wal::RecoveryReport& report);

    // engine_commit.cpp; those marked (role) need the role of the writer.
    [[nodiscard]] Status check_writable() const;
    [[nodiscard]] bool is_oversized(const format::WriteBatch& batch) const noexcept;
    void serve_line(PendingCommit& own);                 // (role) gives it up
    [[nodiscard]] Status write_group();                  // (role)
    [[nodiscard]] Status log_group(uint64_t* sequence);  // (role)
    [[nodiscard]] Status sync_if_due();                  // (role)
    [[nodiscard]] Status sync_log();                     // (role)
    [[nodiscard]] Status freeze_active();                // (role)
    [[nodiscard]] bool try_interval_sync();
    [[nodiscard]] Status flush_all();

    // engine_bulk.cpp
    [[nodiscard]] Result<uint64_t> commit_oversized(const format::WriteBatch& batch);
    [[nodiscard]] Result<std::unique_ptr<segment::SegmentWriter>> create_writer(uint64_t file_id);

    // engine_verify.cpp
    void verify_segments(const Version& version, VerifyReport& report);
    void verify_manifest(VerifyReport& report);
    void verify_log(VerifyReport& report);
    [[nodiscard]] Status read_log(VerifyReport& report);

    Environment environment_;
    StorageOptions options_;
    std::shared_ptr<StorageCore> core_;
    std::unique_ptr<io::Lock> lock_;
    VersionSet versions_;
    CommitQueue queue_;
    std::atomic<bool> closed_{false};
    std::atomic<bool> bulk_active_{false};

    // Touched only with the role of the writer (or before the engine is shared).
    std::unique_ptr<wal::LogWriter> log_;  // null when read-only
    MemtableRef active_;
    uint64_t last_sequence_ = 0;
    uint64_t unsynced_since_ns_ = 0;  // 0: all is synced
    std::vector<PendingCommit*> group_;
    std::vector<wal::LogRecord> records_;

    std::atomic<uint64_t> commits_{0};
    std::atomic<uint64_t> commit_groups_{0};
    std::atomic<uint64_t> syncs_{0};
    uint64_t segments_sequence_ = 0;  // highest one in segments when the log was replayed
    uint64_t recovered_records_ = 0;  // these three are fixed by recover()
    uint64_t recovery_bytes_discarded_ = 0;
    std::string lost_and_found_name_;

    // Last: their jobs use what stands above.
    IntervalSync interval_sync_;
    Maintenance maintenance_;
};

}  // namespace kausal::storage
