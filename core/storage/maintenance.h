// Background work of the engine: flushes in order of age, merges of segments, and those who wait.
//
// Frozen memtables are written one at a time, oldest first, so that the list of segments stays in
// order of age. After each install the picker is asked for a merge; one merge runs at a time. Jobs
// never take the role of the writer: a writer may be waiting for them.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "storage/options.h"
#include "storage/storage_core.h"
#include "storage/version_set.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kausal::storage {

/// Threads: shared. Must outlive its jobs: call `stop` before it goes.
class Maintenance {
  public:
    Maintenance(const Environment& environment, const StorageOptions& options,
                std::shared_ptr<StorageCore> core, VersionSet& versions);
    ~Maintenance();
    Maintenance(const Maintenance&) = delete;
    Maintenance& operator=(const Maintenance&) = delete;

    /// Takes a memtable for flushing; starts the flush when none is under way.
    void add_frozen(FrozenMemtable frozen);
    /// Waits while `memtable_count_max` memtables are in memory. Errors: why the flush that was
    /// waited for failed (it is tried once more on behalf of every waiter).
    [[nodiscard]] Status wait_for_room();
    /// Waits until every frozen memtable is in a segment. Errors: the same.
    [[nodiscard]] Status wait_until_flushed();
    [[nodiscard]] bool has_frozen() const;

    /// Removes the log segments below; what a failure leaves the next open removes.
    void remove_old_log(uint64_t wal_first_segment_id);

    /// Asks the picker; starts a merge when there is something to merge.
    void schedule_merge();
    /// Merges all segments into one and waits. Errors: Corrupt (an input), NoSpace, Unavailable.
    [[nodiscard]] Status merge_all();
    /// Lets no new job start, ends merges at their next step, waits for all jobs.
    void stop();

    [[nodiscard]] uint64_t flushes() const noexcept { return flushes_.load(); }
    [[nodiscard]] uint64_t merges() const noexcept { return merges_.load(); }
    [[nodiscard]] uint64_t merge_bytes_written() const noexcept { return merge_bytes_.load(); }

    // For the jobs of maintenance.cpp:

    [[nodiscard]] bool is_stopping() const noexcept { return stopping_.load(); }
    [[nodiscard]] segment::SegmentWriterOptions writer_options() const;

  private:
    class FlushJob;
    class MergeJob;

    void start_flush() KAUSAL_REQUIRES(mutex_);
    void finish_flush(Status status);
    void schedule_merge_locked() KAUSAL_REQUIRES(mutex_);
    void start_merge(std::vector<SegmentFileRef> inputs, bool includes_oldest)
        KAUSAL_REQUIRES(mutex_);
    void finish_merge(Status status, uint64_t bytes_written);
    [[nodiscard]] Status wait_for_flush(size_t frozen_count_max);

    Environment environment_;
    StorageOptions options_;
    std::shared_ptr<StorageCore> core_;
    VersionSet& versions_;

    std::atomic<size_t> frozen_count_{0};  // that of frozen_, for the common case of a commit
    mutable Mutex mutex_;
    std::deque<FrozenMemtable> frozen_ KAUSAL_GUARDED_BY(mutex_);  // oldest first
    bool flush_running_ KAUSAL_GUARDED_BY(mutex_) = false;
    uint64_t flush_attempts_ KAUSAL_GUARDED_BY(mutex_) = 0;  // ended ones
    Status flush_status_ KAUSAL_GUARDED_BY(mutex_);          // of the last one
    bool merge_running_ KAUSAL_GUARDED_BY(mutex_) = false;
    size_t merge_all_waiters_ KAUSAL_GUARDED_BY(mutex_) = 0;
    Status merge_status_ KAUSAL_GUARDED_BY(mutex_);
    std::atomic<bool> stopping_{false};
    std::atomic<uint64_t> flushes_{0};
    std::atomic<uint64_t> merges_{0};
    std::atomic<uint64_t> merge_bytes_{0};
};

}  // namespace kausal::storage
