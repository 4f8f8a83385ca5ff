// The timer of Durability::Interval: a log that was written to is synced within the interval, even
// when no further commit comes by.
//
// There is no timer thread; a job of the executor rests in short slices, so that other jobs get
// their turn in between, and ends when nothing is left to sync.
#pragma once

#include "base/mutex.h"
#include "storage/options.h"

#include <atomic>
#include <cstdint>
#include <functional>

namespace kausal::storage {

/// Threads: shared. `stop` before it goes.
class IntervalSync {
  public:
    /// `try_sync` syncs, calls `clear` and returns true, or returns false when it must be tried
    /// again soon. Called from jobs; must not wait for a commit.
    IntervalSync(const Environment& environment, uint64_t interval_ns,
                 std::function<bool()> try_sync);
    ~IntervalSync();
    IntervalSync(const IntervalSync&) = delete;
    IntervalSync& operator=(const IntervalSync&) = delete;

    /// Something was written and not synced.
    void arm();
    /// All that was written is synced.
    void clear() noexcept { is_dirty_.store(false); }
    [[nodiscard]] bool is_dirty() const noexcept { return is_dirty_.load(); }
    void stop();

  private:
    class SyncJob;
    [[nodiscard]] bool end_job();

    Environment environment_;
    const uint64_t interval_ns_;
    const std::function<bool()> try_sync_;
    std::atomic<bool> is_dirty_{false};
    std::atomic<bool> stopping_{false};
    Mutex mutex_;
    bool job_running_ KAUSAL_GUARDED_BY(mutex_) = false;
};

}  // namespace kausal::storage
