// Opening, appending to and switching the manifest.
//
// The order of writes is the point of this file. New manifest: write, sync, sync directory, then
// CURRENT.tmp, sync, rename, sync directory. Edit: write, sync, and only then the state in memory.
// A failed write is cut off again; a failed sync leaves the outcome unknown and poisons.
#include "manifest/manifest.h"

#include "format/log_record.h"
#include "io/lost_and_found.h"
#include "manifest/file_names.h"
#include "manifest/manifest_file.h"

#include <algorithm>
#include <vector>

namespace kausal::manifest {
namespace {

// Ids are reserved in blocks of so many, so that most allocations cost no sync.
constexpr uint64_t kFileIdsReserved = 256;
constexpr uint64_t kFirstManifestId = 1;
constexpr uint64_t kManifestSizeMax = uint64_t{1} << 30;
constexpr int kSwitchesSeenMax = 100;

/// Highest number in any name that takes it from the manifest's ids; 0 for none.
Result<uint64_t> highest_file_id(io::Directory& directory) {
    uint64_t highest = 0;
    for (const io::DirectoryEntry& entry : KAUSAL_TRY(directory.list())) {
        const auto manifest = number_in_name(entry.name, kManifestPrefix, "");
        const auto segment = number_in_name(entry.name, "", kSegmentFileSuffix);
        highest = std::max({highest, manifest.value_or(0), segment.value_or(0)});
    }
    return highest;
}

Result<CurrentPointer> read_current(io::Directory& directory) {
    auto bytes = io::read_file(directory, kCurrentName, 4096);
    if (!bytes) {
        const bool too_large = bytes.error().code() == ErrorCode::Invalid;
        if (too_large) return fail(ErrorCode::Corrupt, std::string(bytes.error().message()));
        return fail(std::move(bytes).error());
    }
    auto current = CurrentPointer::decode(*bytes);
    if (!current) return fail(std::move(current).error().with_context(kCurrentName));
    return current;
}

}  // namespace

Result<DirectoryState> classify_directory(io::Directory& directory) {
    const std::string first_manifest = manifest_file_name(kFirstManifestId);
    bool is_empty = true;
    bool is_interrupted = true;
    for (const io::DirectoryEntry& entry : KAUSAL_TRY(directory.list())) {
        if (entry.name == kCurrentName) return DirectoryState::Database;
        if (entry.name == kLockName || entry.name == io::kLostAndFoundName) continue;
        is_empty = false;
        // A database that ever took a commit has a log segment or a later manifest as well.
        if (entry.name != first_manifest && entry.name != kCurrentTemporaryName) {
            is_interrupted = false;
        }
    }
    if (is_empty) return DirectoryState::Empty;
    return is_interrupted ? DirectoryState::Interrupted : DirectoryState::Foreign;
}

Manifest::Manifest(io::Directory& directory, const ManifestOptions& options)
    : directory_(directory), options_(options) {}

Manifest::~Manifest() = default;

Result<std::unique_ptr<Manifest>> Manifest::create(io::Directory& directory,
                                                   const format::DatabaseUuid& uuid,
                                                   const ManifestOptions& options) {
    if (!uuid.is_valid()) return fail(ErrorCode::Invalid, "database uuid is zero");
    const DirectoryState found = KAUSAL_TRY(classify_directory(directory));
    if (found == DirectoryState::Database) {
        return fail(ErrorCode::Conflict, "directory holds a database already");
    }
    if (found == DirectoryState::Foreign) {
        return fail(ErrorCode::Conflict, "directory is not empty and has no file CURRENT");
    }
    if (found == DirectoryState::Interrupted) {
        for (const io::DirectoryEntry& entry : KAUSAL_TRY(directory.list())) {
            const bool ours = entry.name != kLockName && entry.name != io::kLostAndFoundName;
            if (ours) KAUSAL_TRY(directory.unlink(entry.name));
        }
    }
    std::unique_ptr<Manifest> manifest(new Manifest(directory, options));
    manifest->superblock_.uuid = uuid;
    manifest->next_file_id_ = kFirstManifestId;
    KAUSAL_TRY(manifest->switch_to(manifest->next_file_id_, 1));
    return manifest;
}

Result<std::unique_ptr<Manifest>> Manifest::open(io::Directory& directory, bool read_only,
                                                 const ManifestOptions& options) {
    std::unique_ptr<Manifest> manifest(new Manifest(directory, options));
    manifest->read_only_ = read_only;
    KAUSAL_TRY(manifest->load());
    if (read_only) return manifest;
    const uint64_t highest = KAUSAL_TRY(highest_file_id(directory));
    manifest->next_file_id_ = std::max(manifest->state_.next_file_id, highest + 1);
    KAUSAL_TRY(manifest->switch_to(manifest->next_file_id_, manifest->superblock_.epoch + 1));
    return manifest;
}

Status Manifest::load() {
    // Beside a live writer the manifest may be replaced between reading CURRENT and opening it.
    uint64_t missing_id = 0;
    for (int attempt = 0; attempt < kSwitchesSeenMax; ++attempt) {
        auto current = read_current(directory_);
        if (!current && current.error().code() == ErrorCode::NotFound) {
            const DirectoryState found = KAUSAL_TRY(classify_directory(directory_));
            const bool is_new =
                found == DirectoryState::Empty || found == DirectoryState::Interrupted;
            return {is_new ? ErrorCode::NotFound : ErrorCode::Corrupt, "CURRENT is missing"};
        }
        const CurrentPointer pointer = KAUSAL_TRY(std::move(current));
        const std::string name = manifest_file_name(pointer.manifest_id);
        auto bytes = io::read_file(directory_, name, kManifestSizeMax);
        if (!bytes && bytes.error().code() == ErrorCode::NotFound) {
            if (missing_id == pointer.manifest_id) break;
            missing_id = pointer.manifest_id;
            continue;
        }
        const std::string content = KAUSAL_TRY(std::move(bytes));
        auto superblock = decode_superblock(content);
        if (!superblock) return std::move(superblock).error().with_context(name);
        const bool fits = superblock->manifest_id == pointer.manifest_id &&
                          superblock->uuid == pointer.uuid && superblock->epoch == pointer.epoch;
        if (!fits) {
            return {ErrorCode::Corrupt, name + ": not the manifest that CURRENT describes"};
        }
        KAUSAL_TRY(check_features(*superblock, !read_only_));
        superblock_ = *superblock;
        return replay(content, name);
    }
    return {ErrorCode::Corrupt, manifest_file_name(missing_id) + ": manifest is missing"};
}

Status Manifest::replay(std::string_view bytes, const std::string& name) {
    auto replayed = replay_manifest(bytes, superblock_);
    if (!replayed) return std::move(replayed).error().with_context(name);
    state_ = std::move(replayed->state);
    edit_number_ = replayed->edit_number;
    end_ = replayed->end;
    next_file_id_ = state_.next_file_id;
    tail_bytes_discarded_ = replayed->content_end - replayed->end;
    read_cleanly_ = tail_bytes_discarded_ == 0;
    if (read_cleanly_ || read_only_) return {};
    const std::unique_ptr<io::File> file = KAUSAL_TRY(directory_.open(name, {}));
    lost_name_ =
        KAUSAL_TRY(io::keep_bytes(directory_, *file, name, replayed->end, replayed->content_end));
    return {};
}

Status Manifest::append(const VersionEdit& edit) {
    KAUSAL_TRY(check_usable());
    KAUSAL_TRY(check_edit(edit));
    if (rewrite_needed_) KAUSAL_TRY(rewrite());
    KAUSAL_TRY(append_record(edit));
    const uint64_t bound = std::max(options_.rewrite_size_bytes, 4 * snapshot_size_);
    // The edit is durable already. A rewrite that fails is tried again at the next edit; one that
    // leaves CURRENT in doubt poisons, and both files it may name hold the edit.
    if (end_ > bound) (void)rewrite();
    return {};
}

Result<uint64_t> Manifest::allocate_file_id() {
    KAUSAL_TRY(check_usable());
    if (next_file_id_ >= state_.next_file_id) {
        if (rewrite_needed_) KAUSAL_TRY(rewrite());
        VersionEdit edit;
        edit.next_file_id = next_file_id_ + kFileIdsReserved;
        KAUSAL_TRY(append_record(edit));
    }
    return next_file_id_++;
}

Status Manifest::rewrite() {
    KAUSAL_TRY(check_usable());
    const uint64_t manifest_id =
        std::max(next_file_id_, KAUSAL_TRY(highest_file_id(directory_)) + 1);
    return switch_to(manifest_id, superblock_.epoch);
}

Status Manifest::check_usable() const {
    if (read_only_) return {ErrorCode::Unsupported, "database is opened read-only"};
    if (poisoned_) {
        return {ErrorCode::Poisoned,
                manifest_file_name(superblock_.manifest_id) + ": an earlier write failed"};
    }
    return {};
}

Status Manifest::check_edit(const VersionEdit& edit) const {
    if (edit.next_file_id != 0) {
        return {ErrorCode::Invalid, "version edit sets the next file id"};
    }
    for (const uint64_t id : edit.segments_removed) {
        if (state_.find(id) == nullptr) {
            return {ErrorCode::Invalid,
                    "version edit removes segment " + std::to_string(id) + ", which is not live"};
        }
    }
    for (const SegmentMeta& meta : edit.segments_added) {
        const bool allocated = meta.file_id != 0 && meta.file_id < next_file_id_;
        if (!allocated || state_.find(meta.file_id) != nullptr) {
            return {ErrorCode::Invalid, "version edit adds segment " +
                                            std::to_string(meta.file_id) +
                                            ", whose id is live or was never allocated"};
        }
        if (meta.seq_min > meta.seq_max) {
            return {ErrorCode::Invalid,
                    "version edit adds segment " + std::to_string(meta.file_id) +
                        " with sequence numbers " + std::to_string(meta.seq_min) + ".." +
                        std::to_string(meta.seq_max)};
        }
    }
    ManifestState next = state_;
    Status applied = next.apply(edit);
    if (!applied.is_ok()) return {ErrorCode::Invalid, std::string(applied.message())};
    return {};
}

Status Manifest::append_record(const VersionEdit& edit) {
    std::string body;
    edit.encode(body);
    std::string bytes;
    encode_record(bytes, superblock_, end_,
                  {ManifestRecordType::Edit, edit_number_ + 1, durable_upto_, body});
    const std::string name = manifest_file_name(superblock_.manifest_id);
    Status written = file_->write_at(end_, as_bytes(bytes));
    if (!written.is_ok()) {
        // The checksum of a part fails, so the edit is not in the file; but nothing may follow it.
        const bool cut = file_->truncate(end_).is_ok();
        if (written.code() != ErrorCode::NoSpace || !cut) poisoned_ = true;
        return std::move(written).with_context(name);
    }
    Status synced = file_->sync(io::SyncMode::Data);
    if (!synced.is_ok()) {
        poisoned_ = true;
        return {ErrorCode::OutcomeUnknown, name + ": " + std::string(synced.message())};
    }
    end_ += bytes.size();
    durable_upto_ = end_;
    ++edit_number_;
    // Checked before, so it cannot fail; the state must follow the file in any case.
    KAUSAL_TRY(state_.apply(edit));
    write_watermark();
    return {};
}

void Manifest::write_watermark() {
    // Tells a later open that the edit was durable, so that rot in it is not taken for a torn tail.
    // Not synced: its loss only brings back the doubt, and its own damage harms nobody.
    std::string bytes;
    encode_record(bytes, superblock_, end_,
                  {ManifestRecordType::Watermark, edit_number_, durable_upto_, ""});
    if (file_->write_at(end_, as_bytes(bytes)).is_ok()) {
        end_ += bytes.size();
        return;
    }
    // Part of it may be there; if it cannot be cut off, the next edit goes to a fresh file.
    if (!file_->truncate(end_).is_ok()) rewrite_needed_ = true;
}

Status Manifest::switch_to(uint64_t manifest_id, uint32_t epoch) {
    Superblock next = superblock_;
    next.manifest_id = manifest_id;
    next.epoch = epoch;
    next.writer_version = kFormatVersion;
    ManifestState state = state_;
    state.next_file_id = std::max(state.next_file_id, manifest_id + 1 + kFileIdsReserved);
    std::string body;
    state.as_edit().encode(body);
    std::string bytes = encode_superblock(next);
    encode_record(bytes, next, bytes.size(), {ManifestRecordType::Snapshot, 1, 0, body});

    // A number tried once is not tried again while this object lives, even when the switch fails.
    next_file_id_ = manifest_id + 1;
    const std::string name = manifest_file_name(manifest_id);
    std::unique_ptr<io::File> file;
    const CurrentPointer pointer{manifest_id, next.uuid, epoch};
    Status status = write_synced(name, bytes, file);
    if (status.is_ok()) status = directory_.sync();
    std::unique_ptr<io::File> temporary;
    if (status.is_ok()) status = write_synced(kCurrentTemporaryName, pointer.encode(), temporary);
    if (!status.is_ok()) {
        // CURRENT still names the former manifest. What is left over is cleared at the next open.
        if (file != nullptr) (void)directory_.unlink(name);
        return status;
    }
    status = directory_.rename(kCurrentTemporaryName, directory_, kCurrentName);
    if (status.is_ok()) status = directory_.sync();
    if (!status.is_ok()) {
        // Which of the two manifests a crash would leave is open, and edits must not go to the
        // wrong one.
        poisoned_ = true;
        return std::move(status).with_context(kCurrentName);
    }
    const uint64_t former_id = superblock_.manifest_id;
    superblock_ = next;
    state_ = std::move(state);
    file_ = std::move(file);
    end_ = bytes.size();
    durable_upto_ = end_;
    snapshot_size_ = end_;
    edit_number_ = 1;
    rewrite_needed_ = false;
    write_watermark();
    // A leftover costs only space and is cleared at the next open.
    if (former_id != 0) (void)directory_.unlink(manifest_file_name(former_id));
    return {};
}

Status Manifest::write_synced(std::string_view name, std::string_view bytes,
                              std::unique_ptr<io::File>& file) {
    // A leftover of an interrupted switch must not lend its bytes to the new file.
    Status removed = directory_.unlink(name);
    if (!removed.is_ok() && removed.code() != ErrorCode::NotFound) return removed;
    file = KAUSAL_TRY(directory_.open(name, {.create = true, .exclusive = true, .write = true}));
    KAUSAL_TRY(file->write_at(0, as_bytes(bytes)));
    return file->sync(io::SyncMode::Full);
}

}  // namespace kausal::manifest
