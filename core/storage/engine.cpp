// Life, snapshots and statistics of the engine; see engine.h.
#include "storage/engine.h"

#include "base/assert.h"

#include <utility>

namespace kausal::storage {
namespace {

constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;

Health health_of(wal::HealthState state) noexcept {
    switch (state) {
        case wal::HealthState::Healthy:
            return Health::Healthy;
        case wal::HealthState::Degraded:
            return Health::Degraded;
        case wal::HealthState::ReadOnly:
            return Health::ReadOnly;
        case wal::HealthState::Poisoned:
            return Health::Poisoned;
    }
    return Health::Poisoned;
}

uint64_t log_size_bytes(io::Directory& directory) {
    uint64_t bytes = 0;
    const Result<std::vector<uint64_t>> ids = wal::list_segments(directory);
    if (!ids) return 0;
    for (const uint64_t id : *ids) {
        const Result<io::FileInfo> info = directory.info(wal::segment_name(id));
        if (info) bytes += info->size_bytes;
    }
    return bytes;
}

}  // namespace

Engine::Engine(const Environment& environment, const StorageOptions& options, Parts parts)
    : environment_(environment),
      options_(options),
      core_(std::move(parts.core)),
      lock_(std::move(parts.lock)),
      versions_(core_, std::move(parts.manifest)),
      queue_(*environment.executor),
      interval_sync_(environment, uint64_t{options.sync_interval_ms} * kNanosecondsPerMillisecond,
                     [this] { return try_interval_sync(); }),
      maintenance_(environment, options, core_, versions_) {}

Engine::~Engine() {
    (void)close();
}

SnapshotRef Engine::snapshot() {
    VersionSet::Current current = versions_.current();
    return std::make_shared<const SnapshotView>(core_, std::move(current.version),
                                                current.sequence);
}

Status Engine::sync() {
    KAUSAL_TRY(check_writable());
    const WriterScope role(queue_);
    return sync_log();
}

// Commits go on while the memtables are written; only the freezing needs the role.
Status Engine::flush_all() {
    {
        const WriterScope role(queue_);
        KAUSAL_TRY(core_->tracker.check_writable());
        KAUSAL_TRY(freeze_active());
    }
    return maintenance_.wait_until_flushed();
}

Status Engine::flush() {
    KAUSAL_TRY(check_writable());
    return flush_all();
}

Status Engine::compact() {
    KAUSAL_TRY(flush());
    return maintenance_.merge_all();
}

StorageStats Engine::stats() {
    StorageStats stats;
    const VersionSet::Current current = versions_.current();
    stats.sequence = current.sequence;
    for (const MemtableRef& memtable : current.version->memtables) {
        ++stats.memtable_count;
        stats.memtable_bytes += memtable->memory_bytes();
        stats.blocks += memtable->block_operations();
        stats.edges += memtable->edge_operations();
    }
    for (const SegmentFileRef& file : current.version->segments) {
        ++stats.segment_count;
        stats.segment_bytes += file->reader().size_bytes();
        stats.blocks += file->reader().info().block_count;
        stats.edges += file->reader().edge_count();
    }
    stats.wal_bytes = log_size_bytes(*core_->directory);
    const segment::FrameCacheStats cache = core_->cache.stats();
    stats.cache_bytes = cache.bytes;
    stats.cache_hits = cache.hits;
    stats.cache_misses = cache.misses;
    stats.flushes = maintenance_.flushes();
    stats.compactions = maintenance_.merges();
    stats.compaction_bytes_written = maintenance_.merge_bytes_written();
    stats.commits = commits_.load();
    stats.commit_groups = commit_groups_.load();
    stats.syncs = syncs_.load();
    stats.recovered_records = recovered_records_;
    stats.recovery_bytes_discarded = recovery_bytes_discarded_;
    stats.lost_and_found_name = lost_and_found_name_;
    stats.health = health_of(core_->tracker.state());
    stats.health_reason = core_->tracker.reason();
    return stats;
}

Status Engine::close() {
    if (closed_.exchange(true)) return Status::ok();
    if (log_ == nullptr) return Status::ok();  // read-only, or never opened
    // A poisoned database is left as it is: what to keep is for the next open to find out.
    Status status = flush_all();
    interval_sync_.stop();
    maintenance_.stop();
    const WriterScope role(queue_);
    if (!log_->is_poisoned()) {
        Status closed = log_->close();
        if (status.is_ok()) status = std::move(closed);
    }
    log_.reset();
    lock_.reset();
    return status;
}

}  // namespace kausal::storage
