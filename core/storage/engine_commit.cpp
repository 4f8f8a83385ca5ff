// The write path: group commit, durability, freezing of memtables; see engine.h.
#include "base/assert.h"
#include "format/log_record.h"
#include "storage/engine.h"

#include <utility>

namespace kausal::storage {
namespace {

// One group is written with one call; larger ones only delay the first commit in line.
constexpr size_t kGroupBytesMax = size_t{1} << 20;
// Batches near the limit of a log record go past the log even when memtables are huge.
constexpr size_t kLoggedBatchBytesMax = format::kRecordPayloadSizeMax / 4;

/// Ends the service of a group however it ends. When memory runs out in the middle nobody can say
/// what became of the commits, and nobody may be left waiting.
class GroupScope {
  public:
    GroupScope(CommitQueue& queue, wal::CorruptionTracker& tracker,
               std::vector<PendingCommit*>& group)
        : queue_(queue), tracker_(tracker), group_(group) {}
    GroupScope(const GroupScope&) = delete;
    GroupScope& operator=(const GroupScope&) = delete;
    ~GroupScope() {
        if (!is_settled_) {
            tracker_.report_sync_failure("log", Status(ErrorCode::NoMemory));
            for (PendingCommit* commit : group_) {
                commit->status = Status(ErrorCode::OutcomeUnknown);
            }
        }
        queue_.finish_group(group_);
    }
    void settle(const Status& status) {
        for (PendingCommit* commit : group_) commit->status = status;
        is_settled_ = true;
    }

  private:
    CommitQueue& queue_;
    wal::CorruptionTracker& tracker_;
    std::vector<PendingCommit*>& group_;
    bool is_settled_ = false;
};

/// Gives the role up, and takes the own batch out of line when it was not reached.
class ServiceScope {
  public:
    ServiceScope(CommitQueue& queue, PendingCommit& own) : queue_(queue), own_(own) {}
    ServiceScope(const ServiceScope&) = delete;
    ServiceScope& operator=(const ServiceScope&) = delete;
    ~ServiceScope() {
        if (!own_.is_done) queue_.withdraw(own_);
        queue_.leave();
    }

  private:
    CommitQueue& queue_;
    PendingCommit& own_;
};

}  // namespace

Status Engine::check_writable() const {
    if (closed_.load(std::memory_order_relaxed)) {
        return {ErrorCode::Closed, "the database is closed"};
    }
    if (options_.read_only) return {ErrorCode::Unsupported, "the database was opened read-only"};
    return core_->tracker.check_writable();
}

bool Engine::is_oversized(const format::WriteBatch& batch) const noexcept {
    return batch.size_bytes() > options_.memtable_size_bytes / 2 ||
           batch.size_bytes() > kLoggedBatchBytesMax;
}

Result<uint64_t> Engine::commit(const format::WriteBatch& batch) {
    KAUSAL_TRY(check_writable());
    if (batch.is_empty()) return versions_.current().sequence;
    if (is_oversized(batch)) return commit_oversized(batch);
    KAUSAL_TRY(maintenance_.wait_for_room());
    PendingCommit own;
    own.batch = &batch;
    if (queue_.enter(own)) serve_line(own);
    if (!own.status.is_ok()) return fail(std::move(own.status));
    return own.sequence;
}

void Engine::serve_line(PendingCommit& own) {
    const ServiceScope service(queue_, own);
    while (!own.is_done) {
        group_.clear();
        GroupScope scope(queue_, core_->tracker, group_);
        queue_.take_group(kGroupBytesMax, group_);
        if (!KAUSAL_ASSERT(!group_.empty())) return;
        scope.settle(write_group());
    }
}

Status Engine::write_group() {
    KAUSAL_TRY(core_->tracker.check_writable());
    if (active_->size_bytes() >= options_.memtable_size_bytes) KAUSAL_TRY(freeze_active());
    uint64_t sequence = last_sequence_;
    KAUSAL_TRY(log_group(&sequence));
    for (const PendingCommit* commit : group_) {
        const Status applied = active_->apply(commit->batch->bytes(), commit->sequence);
        if (!applied.is_ok()) {
            // A batch checks what is put into it, so this is a bug or broken memory.
            core_->tracker.report_sync_failure("memtable", applied);
            return {ErrorCode::OutcomeUnknown,
                    "a logged batch could not be applied: " + std::string(applied.message())};
        }
    }
    last_sequence_ = sequence;
    versions_.publish(sequence);
    commits_.fetch_add(group_.size(), std::memory_order_relaxed);
    commit_groups_.fetch_add(1, std::memory_order_relaxed);
    return Status::ok();
}

// Nothing is applied before this has succeeded, so that no reader sees what a failure leaves open.
Status Engine::log_group(uint64_t* sequence) {
    records_.clear();
    for (PendingCommit* commit : group_) {
        commit->sequence = ++*sequence;
        wal::LogRecord record;
        record.seq = commit->sequence;
        record.payload = commit->batch->bytes();
        records_.push_back(record);
    }
    const bool is_synced = options_.durability == Durability::Full;
    const Result<wal::LogPosition> position = log_->append_group(records_, is_synced);
    if (!position) {
        if (log_->is_poisoned()) core_->tracker.report_sync_failure("log", position.error());
        return position.error();
    }
    if (is_synced) {
        syncs_.fetch_add(1, std::memory_order_relaxed);
        return Status::ok();
    }
    return options_.durability == Durability::Interval ? sync_if_due() : Status::ok();
}

// The job of IntervalSync does this in quiet times; a writer does it himself so that the bound
// holds even when the executor is busy.
Status Engine::sync_if_due() {
    const uint64_t now = environment_.clock->monotonic_ns();
    if (unsynced_since_ns_ == 0) {
        unsynced_since_ns_ = now;
        interval_sync_.arm();
        return Status::ok();
    }
    const uint64_t interval_ns = uint64_t{options_.sync_interval_ms} * 1'000'000;
    return now - unsynced_since_ns_ >= interval_ns ? sync_log() : Status::ok();
}

Status Engine::sync_log() {
    KAUSAL_TRY(core_->tracker.check_writable());
    Status status = log_->sync();
    if (!status.is_ok()) {
        core_->tracker.report_sync_failure("log", status);
        return status;
    }
    syncs_.fetch_add(1, std::memory_order_relaxed);
    unsynced_since_ns_ = 0;
    interval_sync_.clear();
    return Status::ok();
}

bool Engine::try_interval_sync() {
    if (!queue_.try_enter_alone()) return false;
    // A failure poisons; the next commit tells.
    if (log_ != nullptr && !sync_log().is_ok()) interval_sync_.clear();
    queue_.leave();
    return true;
}

// The log starts a new segment with the new memtable, so that whole segments can go once the frozen
// one is in a segment file.
Status Engine::freeze_active() {
    if (active_->is_empty()) return Status::ok();
    auto fresh = std::make_shared<memtable::Memtable>();
    Status rolled = log_->roll();
    if (!rolled.is_ok()) {
        if (log_->is_poisoned()) core_->tracker.report_sync_failure("log", rolled);
        return rolled;
    }
    // Rolling seals with a sync.
    unsynced_since_ns_ = 0;
    interval_sync_.clear();
    versions_.add_memtable(fresh);
    FrozenMemtable frozen{.memtable = std::move(active_),
                          .wal_first_segment_id = log_->position().segment_id};
    active_ = std::move(fresh);
    maintenance_.add_frozen(std::move(frozen));
    return Status::ok();
}

}  // namespace kausal::storage
