// The jobs and their schedule; see maintenance.h.
#include "storage/maintenance.h"

#include "base/assert.h"
#include "compaction/merge.h"
#include "compaction/picker.h"
#include "storage/memtable_writer.h"
#include "wal/log_segment.h"

#include <algorithm>
#include <utility>

namespace kausal::storage {

/// Writes the oldest frozen memtable and installs the result.
class Maintenance::FlushJob final : public io::Job {
  public:
    FlushJob(Maintenance& owner, FrozenMemtable frozen)
        : owner_(owner), frozen_(std::move(frozen)) {}
    FlushJob(const FlushJob&) = delete;
    FlushJob& operator=(const FlushJob&) = delete;
    // A step that ran out of memory ends the job without a word; those who wait must hear of it.
    ~FlushJob() override {
        if (is_started_ && !is_reported_) report(Status(ErrorCode::NoMemory));
    }

    [[nodiscard]] io::StepResult step() override {
        is_started_ = true;
        Result<bool> done = advance();
        if (done && !*done) return io::StepResult::Again;
        report(done ? Status::ok() : std::move(done).error());
        return io::StepResult::Done;
    }

  private:
    [[nodiscard]] Result<bool> advance() {
        if (owner_.is_stopping()) return fail(ErrorCode::Cancelled, "flush cancelled");
        if (writer_ == nullptr) {
            file_id_ = KAUSAL_TRY(owner_.versions_.allocate_file_id());
            segment::SegmentWriterOptions options = owner_.writer_options();
            options.drop_tombstones = owner_.versions_.current().version->segments.empty();
            writer_ = std::make_unique<MemtableWriter>(
                *frozen_.memtable,
                MemtableWriter::Target{.directory = owner_.core_->directory.get(),
                                       .file_id = file_id_,
                                       .uuid = owner_.versions_.superblock().uuid,
                                       .options = options});
            return false;
        }
        if (!KAUSAL_TRY(writer_->step())) return false;
        if (writer_->info() != nullptr) KAUSAL_TRY(owner_.core_->sync_directory());
        KAUSAL_TRY(owner_.versions_.install_flush(frozen_, writer_->info()));
        owner_.remove_old_log(frozen_.wal_first_segment_id);
        return true;
    }

    void report(Status status) {
        is_reported_ = true;
        writer_.reset();
        // After a poisoning the manifest on disk may name the file; the next open decides.
        if (!status.is_ok() && file_id_ != 0 && !owner_.core_->is_poisoned()) {
            owner_.versions_.discard_file(file_id_);
        }
        owner_.finish_flush(std::move(status));
    }

    Maintenance& owner_;
    FrozenMemtable frozen_;
    std::unique_ptr<MemtableWriter> writer_;
    uint64_t file_id_ = 0;
    bool is_started_ = false;
    bool is_reported_ = false;
};

/// Merges neighbouring segments and installs the result.
class Maintenance::MergeJob final : public io::Job {
  public:
    MergeJob(Maintenance& owner, std::vector<SegmentFileRef> inputs, bool includes_oldest)
        : owner_(owner), inputs_(std::move(inputs)), includes_oldest_(includes_oldest) {}
    MergeJob(const MergeJob&) = delete;
    MergeJob& operator=(const MergeJob&) = delete;
    ~MergeJob() override {
        if (is_started_ && !is_reported_) report(Status(ErrorCode::NoMemory));
    }

    [[nodiscard]] io::StepResult step() override {
        is_started_ = true;
        Result<bool> done = advance();
        if (done && !*done) return io::StepResult::Again;
        report(done ? Status::ok() : std::move(done).error());
        return io::StepResult::Done;
    }

  private:
    [[nodiscard]] Result<bool> advance() {
        if (owner_.is_stopping()) return fail(ErrorCode::Cancelled, "merge cancelled");
        if (merge_ == nullptr) {
            compaction::MergeRequest request;
            for (const SegmentFileRef& input : inputs_) {
                // The reader counts as a use of the SegmentFile, so that the file stays.
                request.inputs.emplace_back(input, &input->reader());
            }
            request.includes_oldest = includes_oldest_;
            request.directory = owner_.core_->directory.get();
            file_id_ = KAUSAL_TRY(owner_.versions_.allocate_file_id());
            request.output_file_id = file_id_;
            request.uuid = owner_.versions_.superblock().uuid;
            request.writer = owner_.writer_options();
            merge_ = std::make_unique<compaction::Merge>(std::move(request));
            return false;
        }
        if (!KAUSAL_TRY(merge_->step())) return false;
        KAUSAL_TRY(owner_.core_->sync_directory());
        KAUSAL_TRY(owner_.versions_.install_merge(inputs_, merge_->info()));
        return true;
    }

    void report(Status status) {
        is_reported_ = true;
        const uint64_t bytes = status.is_ok() ? merge_->info().size_bytes : 0;
        merge_.reset();
        if (status.code() == ErrorCode::Corrupt) {
            for (const SegmentFileRef& input : inputs_) input->mark_damaged();
            status = owner_.core_->noted(std::move(status));
        }
        if (!status.is_ok() && file_id_ != 0 && !owner_.core_->is_poisoned()) {
            owner_.versions_.discard_file(file_id_);
        }
        inputs_.clear();
        owner_.finish_merge(std::move(status), bytes);
    }

    Maintenance& owner_;
    std::vector<SegmentFileRef> inputs_;
    bool includes_oldest_;
    std::unique_ptr<compaction::Merge> merge_;
    uint64_t file_id_ = 0;
    bool is_started_ = false;
    bool is_reported_ = false;
};

Maintenance::Maintenance(const Environment& environment, const StorageOptions& options,
                         std::shared_ptr<StorageCore> core, VersionSet& versions)
    : environment_(environment), options_(options), core_(std::move(core)), versions_(versions) {}

Maintenance::~Maintenance() {
    stop();
}

segment::SegmentWriterOptions Maintenance::writer_options() const {
    segment::SegmentWriterOptions options;
    options.chunk.frame_size_bytes = options_.frame_size_bytes;
    options.chunk.compression_level = options_.compression_level;
    options.filter_bits_per_key = options_.filter_bits_per_key;
    return options;
}

void Maintenance::add_frozen(FrozenMemtable frozen) {
    MutexLock lock(mutex_);
    frozen_.push_back(std::move(frozen));
    frozen_count_.store(frozen_.size());
    if (!flush_running_ && !stopping_) start_flush();
}

bool Maintenance::has_frozen() const {
    MutexLock lock(mutex_);
    return !frozen_.empty();
}

void Maintenance::start_flush() {
    KAUSAL_ASSERT(!flush_running_);
    // The job cannot end before the mutex is free, so the flag may follow what can fail.
    environment_.executor->submit(std::make_unique<FlushJob>(*this, frozen_.front()));
    flush_running_ = true;
}

void Maintenance::finish_flush(Status status) {
    io::Executor* executor = environment_.executor;
    {
        MutexLock lock(mutex_);
        const bool succeeded = status.is_ok();
        flush_running_ = false;
        ++flush_attempts_;
        flush_status_ = std::move(status);
        if (succeeded) {
            flushes_.fetch_add(1);
            frozen_.pop_front();
            frozen_count_.store(frozen_.size());
            if (!frozen_.empty() && !stopping_) start_flush();
            schedule_merge_locked();
        }
    }
    // From here on the engine may be gone: whoever waited in `stop` is free.
    executor->wake();
}

void Maintenance::remove_old_log(uint64_t wal_first_segment_id) {
    if (wal_first_segment_id == 0) return;
    const Result<std::vector<uint64_t>> ids = wal::list_segments(*core_->directory);
    if (!ids) return;  // removed by the next open
    for (const uint64_t id : *ids) {
        if (id >= wal_first_segment_id) break;
        if (!core_->directory->unlink(wal::segment_name(id)).is_ok()) return;
    }
}

Status Maintenance::wait_for_flush(size_t frozen_count_max) {
    if (frozen_count_.load() <= frozen_count_max) return Status::ok();
    MutexLock lock(mutex_);
    bool has_tried = false;
    while (frozen_.size() > frozen_count_max) {
        if (!flush_running_) {
            if (has_tried && !flush_status_.is_ok()) return flush_status_;
            if (stopping_) return {ErrorCode::Closed, "the database is closed"};
            start_flush();
        }
        const uint64_t attempts = flush_attempts_;
        has_tried = true;
        environment_.executor->wait_until(mutex_, [&]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
            return frozen_.size() <= frozen_count_max || flush_attempts_ != attempts;
        });
    }
    return Status::ok();
}

Status Maintenance::wait_for_room() {
    // One of the memtables that may be in memory takes the writes.
    return wait_for_flush(options_.memtable_count_max < 2 ? 1 : options_.memtable_count_max - 1);
}

Status Maintenance::wait_until_flushed() {
    return wait_for_flush(0);
}

void Maintenance::start_merge(std::vector<SegmentFileRef> inputs, bool includes_oldest) {
    KAUSAL_ASSERT(!merge_running_);
    environment_.executor->submit(
        std::make_unique<MergeJob>(*this, std::move(inputs), includes_oldest));
    merge_running_ = true;
}

void Maintenance::schedule_merge() {
    MutexLock lock(mutex_);
    schedule_merge_locked();
}

void Maintenance::schedule_merge_locked() {
    if (merge_running_ || merge_all_waiters_ != 0 || stopping_ || !options_.compaction_enabled) {
        return;
    }
    const VersionRef version = versions_.current().version;
    const compaction::PickerOptions picker{.fan_in_min = options_.compaction_fan_in_min,
                                           .fan_in_max = options_.compaction_fan_in_max};
    // Damaged segments are never merged and divide the list into parts that are judged apart.
    std::vector<SegmentFileRef> part;
    std::vector<uint64_t> sizes;
    bool is_oldest_part = true;
    const auto try_part = [&]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
        const std::optional<compaction::Run> run = compaction::pick(sizes, picker);
        if (!run) return false;
        const auto first = part.begin() + static_cast<ptrdiff_t>(run->first);
        start_merge({first, first + static_cast<ptrdiff_t>(run->count)},
                    is_oldest_part && run->first == 0);
        return true;
    };
    for (size_t i = version->segments.size(); i-- > 0;) {
        const SegmentFileRef& file = version->segments[i];
        if (!file->is_damaged()) {
            part.push_back(file);
            sizes.push_back(file->meta().size_bytes);
            continue;
        }
        if (try_part()) return;
        part.clear();
        sizes.clear();
        is_oldest_part = false;
    }
    (void)try_part();
}

void Maintenance::finish_merge(Status status, uint64_t bytes_written) {
    io::Executor* executor = environment_.executor;
    {
        MutexLock lock(mutex_);
        merge_running_ = false;
        const bool succeeded = status.is_ok();
        merge_status_ = std::move(status);
        if (succeeded) {
            merges_.fetch_add(1);
            merge_bytes_.fetch_add(bytes_written);
            schedule_merge_locked();
        }
    }
    executor->wake();
}

Status Maintenance::merge_all() {
    MutexLock lock(mutex_);
    ++merge_all_waiters_;
    const auto is_idle = [this]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS { return !merge_running_; };
    environment_.executor->wait_until(mutex_, is_idle);
    const auto merge = [&]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS -> Status {
        if (stopping_) return {ErrorCode::Closed, "the database is closed"};
        const VersionRef version = versions_.current().version;
        std::vector<SegmentFileRef> inputs(version->segments.rbegin(), version->segments.rend());
        for (const SegmentFileRef& input : inputs) {
            if (input->is_damaged()) {
                return {ErrorCode::Corrupt, segment::segment_file_name(input->meta().file_id) +
                                                " took part in a merge that found damage"};
            }
        }
        const auto has_tombstones = [](const SegmentFileRef& input) {
            const segment::SegmentInfo& info = input->reader().info();
            return info.tombstone_count + info.edge_tombstone_count != 0;
        };
        if (inputs.empty() || (inputs.size() == 1 && !has_tombstones(inputs.front()))) {
            return Status::ok();
        }
        start_merge(std::move(inputs), true);
        environment_.executor->wait_until(mutex_, is_idle);
        return merge_status_;
    };
    Status status = merge();
    --merge_all_waiters_;
    return status;
}

void Maintenance::stop() {
    MutexLock lock(mutex_);
    stopping_ = true;
    environment_.executor->wait_until(mutex_, [this]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
        return !flush_running_ && !merge_running_;
    });
}

}  // namespace kausal::storage
