// Who may write now: at most one thread holds the role of the writer.
//
// Commits put their batch in line and wait until it is done or until the role is free; whoever
// takes the role serves the line from its front, his own batch among the rest, so that commits that
// arrive together are logged and synced together. Every waiter may take the role, not only the one
// whose batch is first: a thread of the executor that waits may be running another job on top of
// its wait, and a role reserved for the wait below would never be taken. Work that must not meet a
// commit (freezing a memtable, installing a bulk load) takes the role without a batch.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "format/write_batch.h"
#include "io/executor.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace kausal::storage {

/// One batch in line. Owner: the committing thread, until `is_done`.
struct PendingCommit {
    const format::WriteBatch* batch = nullptr;
    uint64_t sequence = 0;  // set by the writer
    Status status;          // set by the writer
    bool is_done = false;   // under the queue's mutex
};

/// Threads: shared.
class CommitQueue {
  public:
    explicit CommitQueue(io::Executor& executor) : executor_(executor) {}
    CommitQueue(const CommitQueue&) = delete;
    CommitQueue& operator=(const CommitQueue&) = delete;

    /// Puts `commit` in line. True when the caller now has the role (and `commit` is not done);
    /// false when another thread has served it.
    [[nodiscard]] bool enter(PendingCommit& commit);
    /// Takes the role without a batch. Not from a job: it could wait for itself.
    void enter_alone();
    /// The same when it is free at once.
    [[nodiscard]] bool try_enter_alone();

    // With the role:

    /// Appends to `group` the first batches in line, at least one if there is any, together at most
    /// about `bytes_max`.
    void take_group(size_t bytes_max, std::vector<PendingCommit*>& group);
    /// Takes a batch out of line that was not served.
    void withdraw(PendingCommit& commit);
    /// The statuses are final.
    void finish_group(const std::vector<PendingCommit*>& group);
    void leave();

  private:
    io::Executor& executor_;
    Mutex mutex_;
    std::deque<PendingCommit*> line_ KAUSAL_GUARDED_BY(mutex_);
    bool role_taken_ KAUSAL_GUARDED_BY(mutex_) = false;
    size_t waiters_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

/// Holds the role for a scope.
class WriterScope {
  public:
    explicit WriterScope(CommitQueue& queue) : queue_(queue) { queue_.enter_alone(); }
    ~WriterScope() { queue_.leave(); }
    WriterScope(const WriterScope&) = delete;
    WriterScope& operator=(const WriterScope&) = delete;

  private:
    CommitQueue& queue_;
};

}  // namespace kausal::storage
