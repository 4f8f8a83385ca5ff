// A live segment: its reader, its line in the manifest, and the end of its file.
//
// A compaction marks its inputs as removed once the manifest no longer names them; the file goes
// when the last Version or reader that still uses the segment lets go of it.
#pragma once

#include "base/status.h"
#include "manifest/version_edit.h"
#include "segment/segment_reader.h"
#include "storage/storage_core.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace kausal::storage {

/// Threads: shared. Owners: the versions that list it and the reads under way.
class SegmentFile {
  public:
    /// Errors: as SegmentReader::open.
    [[nodiscard]] static Result<std::shared_ptr<const SegmentFile>> open(
        const std::shared_ptr<StorageCore>& core, const format::DatabaseUuid& uuid,
        const manifest::SegmentMeta& meta);
    SegmentFile(std::shared_ptr<StorageCore> core, const manifest::SegmentMeta& meta,
                std::shared_ptr<const segment::SegmentReader> reader);
    /// Unlinks the file when it was marked as removed. A failure leaves a file that the next open
    /// removes.
    ~SegmentFile();
    SegmentFile(const SegmentFile&) = delete;
    SegmentFile& operator=(const SegmentFile&) = delete;

    [[nodiscard]] const segment::SegmentReader& reader() const noexcept { return *reader_; }
    [[nodiscard]] const manifest::SegmentMeta& meta() const noexcept { return meta_; }

    /// The manifest does not name it any more.
    void mark_removed() const noexcept { removed_.store(true, std::memory_order_relaxed); }
    /// A merge found damage in it (or in a neighbour): it is not merged again before the next open.
    void mark_damaged() const noexcept { damaged_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_damaged() const noexcept {
        return damaged_.load(std::memory_order_relaxed);
    }

  private:
    std::shared_ptr<StorageCore> core_;
    manifest::SegmentMeta meta_;
    std::shared_ptr<const segment::SegmentReader> reader_;
    mutable std::atomic<bool> removed_{false};
    mutable std::atomic<bool> damaged_{false};
};
using SegmentFileRef = std::shared_ptr<const SegmentFile>;

}  // namespace kausal::storage
