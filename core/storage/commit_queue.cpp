// The line of commits and the role of the writer; see commit_queue.h.
#include "storage/commit_queue.h"

namespace kausal::storage {

bool CommitQueue::enter(PendingCommit& commit) {
    MutexLock lock(mutex_);
    line_.push_back(&commit);
    if (role_taken_) {
        ++waiters_;
        executor_.wait_until(mutex_, [&]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
            return commit.is_done || !role_taken_;
        });
        --waiters_;
        if (commit.is_done) return false;
    }
    role_taken_ = true;
    return true;
}

void CommitQueue::enter_alone() {
    MutexLock lock(mutex_);
    if (role_taken_) {
        ++waiters_;
        executor_.wait_until(mutex_,
                             [this]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS { return !role_taken_; });
        --waiters_;
    }
    role_taken_ = true;
}

bool CommitQueue::try_enter_alone() {
    MutexLock lock(mutex_);
    if (role_taken_) return false;
    role_taken_ = true;
    return true;
}

void CommitQueue::take_group(size_t bytes_max, std::vector<PendingCommit*>& group) {
    MutexLock lock(mutex_);
    size_t bytes = 0;
    while (!line_.empty()) {
        const size_t size = line_.front()->batch->size_bytes();
        if (!group.empty() && bytes + size > bytes_max) break;
        bytes += size;
        group.push_back(line_.front());
        line_.pop_front();
    }
}

void CommitQueue::withdraw(PendingCommit& commit) {
    MutexLock lock(mutex_);
    std::erase(line_, &commit);
}

void CommitQueue::finish_group(const std::vector<PendingCommit*>& group) {
    // Waking is left to `leave`, which follows at once or after another group.
    MutexLock lock(mutex_);
    for (PendingCommit* commit : group) commit->is_done = true;
}

void CommitQueue::leave() {
    bool has_waiters = false;
    {
        MutexLock lock(mutex_);
        role_taken_ = false;
        has_waiters = waiters_ != 0;
    }
    if (has_waiters) executor_.wake();
}

}  // namespace kausal::storage
