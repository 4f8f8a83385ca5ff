// Manifest edits and the installs that follow them; see version_set.h.
#include "storage/version_set.h"

#include "base/assert.h"

#include <algorithm>
#include <utility>

namespace kausal::storage {
namespace {

Result<manifest::SegmentMeta> describe(const segment::SegmentInfo& info, uint64_t age_rank,
                                       const segment::SegmentReader& reader) {
    manifest::SegmentMeta meta;
    meta.file_id = info.file_id;
    meta.age_rank = age_rank;
    meta.size_bytes = info.size_bytes;
    meta.hash = info.hash;
    meta.block_count = info.block_count + info.tombstone_count;
    meta.edge_count = info.edge_count;
    meta.seq_min = info.version_min;
    meta.seq_max = info.version_max;
    if (reader.id_count() != 0) {
        meta.id_min = KAUSAL_TRY(reader.id(0));
        meta.id_max = KAUSAL_TRY(reader.id(reader.id_count() - 1));
    }
    return meta;
}

}  // namespace

VersionSet::VersionSet(std::shared_ptr<StorageCore> core,
                       std::unique_ptr<manifest::Manifest> manifest)
    : core_(std::move(core)),
      manifest_(std::move(manifest)),
      version_(std::make_shared<const Version>()) {}

Status VersionSet::open_segments() {
    MutexLock edit_lock(edit_mutex_);
    auto version = std::make_shared<Version>();
    for (const manifest::SegmentMeta& meta : manifest_->state().segments) {
        version->segments.push_back(
            KAUSAL_TRY(SegmentFile::open(core_, manifest_->superblock().uuid, meta)));
    }
    MutexLock lock(version_mutex_);
    version->memtables = version_->memtables;
    version_ = std::move(version);
    sequence_ = std::max(sequence_, manifest_->state().last_seq);
    return Status::ok();
}

VersionSet::Current VersionSet::current() const {
    MutexLock lock(version_mutex_);
    return {version_, sequence_};
}

void VersionSet::publish(uint64_t sequence) {
    MutexLock lock(version_mutex_);
    KAUSAL_ASSERT(sequence >= sequence_);
    sequence_ = sequence;
}

void VersionSet::add_memtable(MemtableRef memtable) {
    auto version = std::make_shared<Version>();
    VersionRef retired;  // let go after the mutex, it may be the last one
    MutexLock lock(version_mutex_);
    version->memtables.reserve(version_->memtables.size() + 1);
    version->memtables.push_back(std::move(memtable));
    version->memtables.insert(version->memtables.end(), version_->memtables.begin(),
                              version_->memtables.end());
    version->segments = version_->segments;
    retired = std::exchange(version_, std::move(version));
}

Result<uint64_t> VersionSet::allocate_file_id() {
    MutexLock lock(edit_mutex_);
    Result<uint64_t> id = manifest_->allocate_file_id();
    if (manifest_->is_poisoned() && !id) {
        core_->tracker.report_sync_failure("manifest", id.error());
    }
    return id;
}

Status VersionSet::append(const manifest::VersionEdit& edit) {
    Status status = manifest_->append(edit);
    if (!status.is_ok() && manifest_->is_poisoned()) {
        core_->tracker.report_sync_failure("manifest", status);
    }
    return status;
}

Result<SegmentFileRef> VersionSet::open_output(const segment::SegmentInfo& info,
                                               uint64_t age_rank) {
    std::shared_ptr<const segment::SegmentReader> reader = KAUSAL_TRY(segment::SegmentReader::open(
        *core_->directory, info.file_id, manifest_->superblock().uuid, core_->cache));
    const manifest::SegmentMeta meta = KAUSAL_TRY(describe(info, age_rank, *reader));
    return std::make_shared<const SegmentFile>(core_, meta, std::move(reader));
}

uint64_t VersionSet::next_age_rank() const {
    const std::vector<manifest::SegmentMeta>& segments = manifest_->state().segments;
    return segments.empty() ? 1 : segments.front().age_rank + 1;
}

Status VersionSet::install_flush(const FrozenMemtable& frozen, const segment::SegmentInfo* info) {
    MutexLock edit_lock(edit_mutex_);
    manifest::VersionEdit edit;
    SegmentFileRef file;
    if (info != nullptr) {
        file = KAUSAL_TRY(open_output(*info, next_age_rank()));
        edit.segments_added.push_back(file->meta());
    }
    edit.wal_first_segment_id = frozen.wal_first_segment_id;
    edit.wal_newest_segment_id = frozen.wal_first_segment_id;
    edit.last_seq = frozen.memtable->last_sequence();
    KAUSAL_TRY(append(edit));

    auto version = std::make_shared<Version>();
    VersionRef retired;  // let go after the mutex, it may be the last one
    MutexLock lock(version_mutex_);
    *version = *version_;
    KAUSAL_ASSERT(!version->memtables.empty() && version->memtables.back() == frozen.memtable);
    version->memtables.pop_back();
    if (file != nullptr) version->segments.insert(version->segments.begin(), std::move(file));
    retired = std::exchange(version_, std::move(version));
    return Status::ok();
}

Status VersionSet::install_bulk(const segment::SegmentInfo& info, uint64_t sequence) {
    MutexLock edit_lock(edit_mutex_);
    SegmentFileRef file = KAUSAL_TRY(open_output(info, next_age_rank()));
    manifest::VersionEdit edit;
    edit.segments_added.push_back(file->meta());
    edit.last_seq = sequence;
    KAUSAL_TRY(append(edit));

    auto version = std::make_shared<Version>();
    VersionRef retired;  // let go after the mutex, it may be the last one
    MutexLock lock(version_mutex_);
    *version = *version_;
    version->segments.insert(version->segments.begin(), std::move(file));
    retired = std::exchange(version_, std::move(version));
    KAUSAL_ASSERT(sequence > sequence_);
    sequence_ = sequence;
    return Status::ok();
}

Status VersionSet::install_merge(const std::vector<SegmentFileRef>& inputs,
                                 const segment::SegmentInfo& info) {
    MutexLock edit_lock(edit_mutex_);
    manifest::VersionEdit edit;
    SegmentFileRef file;
    if (info.id_count != 0) {
        // The output stands where its inputs stood: no other segment lies between them.
        file = KAUSAL_TRY(open_output(info, inputs.back()->meta().age_rank));
        edit.segments_added.push_back(file->meta());
    }
    for (const SegmentFileRef& input : inputs) {
        edit.segments_removed.push_back(input->meta().file_id);
    }
    KAUSAL_TRY(append(edit));

    auto version = std::make_shared<Version>();
    VersionRef retired;
    {
        MutexLock lock(version_mutex_);
        version->memtables = version_->memtables;
        for (const SegmentFileRef& segment : version_->segments) {
            const bool is_input = std::ranges::find(inputs, segment) != inputs.end();
            if (!is_input) {
                version->segments.push_back(segment);
            } else if (segment == inputs.back() && file != nullptr) {
                version->segments.push_back(file);
            }
        }
        retired = std::exchange(version_, std::move(version));
    }
    for (const SegmentFileRef& input : inputs) input->mark_removed();
    if (info.id_count == 0) discard_file(info.file_id);
    return Status::ok();
}

Status VersionSet::note_log(uint64_t wal_first_segment_id, uint64_t wal_newest_segment_id) {
    MutexLock lock(edit_mutex_);
    manifest::VersionEdit edit;
    edit.wal_first_segment_id = wal_first_segment_id;
    edit.wal_newest_segment_id = wal_newest_segment_id;
    return append(edit);
}

Result<manifest::ManifestState> VersionSet::read_manifest(bool must_be_same) const {
    MutexLock lock(edit_mutex_);
    const std::unique_ptr<manifest::Manifest> on_disk =
        KAUSAL_TRY(manifest::Manifest::open(*core_->directory, true));
    const manifest::ManifestState& expected = manifest_->state();
    const manifest::ManifestState& found = on_disk->state();
    const bool is_same = found.segments == expected.segments &&
                         found.wal_first_segment_id == expected.wal_first_segment_id &&
                         found.last_seq == expected.last_seq;
    if (is_same || !must_be_same) return found;
    return fail(ErrorCode::Corrupt, "the manifest on disk is not the one in use");
}

manifest::ManifestState VersionSet::manifest_state() const {
    MutexLock lock(edit_mutex_);
    return manifest_->state();
}

uint64_t VersionSet::manifest_size_bytes() const {
    MutexLock lock(edit_mutex_);
    return manifest_->size_bytes();
}

manifest::Superblock VersionSet::superblock() const {
    MutexLock lock(edit_mutex_);
    return manifest_->superblock();
}

void VersionSet::discard_file(uint64_t file_id) {
    (void)core_->directory->unlink(segment::segment_file_name(file_id));
}

}  // namespace kausal::storage
