// The current Version, the visible sequence number, and the manifest that makes changes to the list
// of segments durable.
//
// Every change of the file set goes through here: outputs are on disk, the manifest edit is the
// commit point, then the new Version is installed under a small mutex that readers take for two
// copies. Lock order: edit_mutex_, then version_mutex_.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "manifest/manifest.h"
#include "segment/segment_format.h"
#include "storage/storage_core.h"
#include "storage/version.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace kausal::storage {

/// A memtable that takes no more writes, and the log segment from which on the log is needed once
/// it is in a segment file (0: says nothing about the log).
struct FrozenMemtable {
    MemtableRef memtable;
    uint64_t wal_first_segment_id = 0;
};

/// Threads: shared.
class VersionSet {
  public:
    VersionSet(std::shared_ptr<StorageCore> core, std::unique_ptr<manifest::Manifest> manifest);
    VersionSet(const VersionSet&) = delete;
    VersionSet& operator=(const VersionSet&) = delete;

    /// Opens the readers of all segments that the manifest names. Errors: NotFound, Corrupt,
    /// NewerFormat, Unavailable.
    [[nodiscard]] Status open_segments();

    struct Current {
        VersionRef version;
        uint64_t sequence = 0;
    };
    [[nodiscard]] Current current() const;
    /// Makes everything up to `sequence` visible. With the role of the writer.
    void publish(uint64_t sequence);
    /// Puts an empty memtable in front. With the role of the writer.
    void add_memtable(MemtableRef memtable);

    // Errors of the following: as Manifest::append; failures of a sync poison the database.

    [[nodiscard]] Result<uint64_t> allocate_file_id();
    /// Replaces the oldest memtable by the segment written from it (none when `info` is null).
    [[nodiscard]] Status install_flush(const FrozenMemtable& frozen,
                                       const segment::SegmentInfo* info);
    /// Puts a segment in front of all others and makes `sequence` visible, in one step. With the
    /// role of the writer and all memtables empty.
    [[nodiscard]] Status install_bulk(const segment::SegmentInfo& info, uint64_t sequence);
    /// Replaces neighbours (oldest first) by the segment merged from them (none when it is empty).
    [[nodiscard]] Status install_merge(const std::vector<SegmentFileRef>& inputs,
                                       const segment::SegmentInfo& info);
    /// Tells the manifest where the log begins and ends after recovery.
    [[nodiscard]] Status note_log(uint64_t wal_first_segment_id, uint64_t wal_newest_segment_id);

    /// Reads the manifest again from disk. Errors: Corrupt (also when it is not the one in use and
    /// `must_be_same`) and as Manifest::open.
    [[nodiscard]] Result<manifest::ManifestState> read_manifest(bool must_be_same) const;
    /// A copy of what the manifest says.
    [[nodiscard]] manifest::ManifestState manifest_state() const;
    [[nodiscard]] uint64_t manifest_size_bytes() const;
    [[nodiscard]] manifest::Superblock superblock() const;
    /// Removes the unfinished output of a job. A failure leaves a file that the next open removes.
    void discard_file(uint64_t file_id);

  private:
    [[nodiscard]] Status append(const manifest::VersionEdit& edit) KAUSAL_REQUIRES(edit_mutex_);
    [[nodiscard]] Result<SegmentFileRef> open_output(const segment::SegmentInfo& info,
                                                     uint64_t age_rank)
        KAUSAL_REQUIRES(edit_mutex_);
    [[nodiscard]] uint64_t next_age_rank() const KAUSAL_REQUIRES(edit_mutex_);

    std::shared_ptr<StorageCore> core_;
    mutable Mutex edit_mutex_;
    std::unique_ptr<manifest::Manifest> manifest_ KAUSAL_GUARDED_BY(edit_mutex_);
    mutable Mutex version_mutex_;
    VersionRef version_ KAUSAL_GUARDED_BY(version_mutex_);
    uint64_t sequence_ KAUSAL_GUARDED_BY(version_mutex_) = 0;
};

}  // namespace kausal::storage
