// What the engine, its segments and its snapshots share and what must outlive each of them.
//
// A snapshot may be held longer than the engine that made it; the directory handle (to unlink files
// whose last reader goes), the frame cache and the health live here for that reason.
#pragma once

#include "format/database_uuid.h"
#include "io/vfs.h"
#include "segment/frame_cache.h"
#include "wal/corruption_tracker.h"

#include <memory>
#include <utility>

namespace kausal::storage {

/// Threads: shared. Owners: the engine, every SegmentFile, every snapshot.
struct StorageCore {
    StorageCore(std::unique_ptr<io::Directory> its_directory, size_t cache_size_bytes)
        : directory(std::move(its_directory)), cache(cache_size_bytes) {}

    const std::unique_ptr<io::Directory> directory;
    segment::FrameCache cache;
    wal::CorruptionTracker tracker;

    /// Makes the names of new files durable. A failure poisons the database: what the directory
    /// holds after it is unknown, and asking again would prove nothing.
    [[nodiscard]] Status sync_directory() {
        Status status = directory->sync();
        if (!status.is_ok()) tracker.report_sync_failure("database directory", status);
        return status;
    }
    [[nodiscard]] bool is_poisoned() const noexcept {
        return tracker.state() == wal::HealthState::Poisoned;
    }

    /// Passes an outcome through; damage that it tells of degrades the database.
    [[nodiscard]] Status noted(Status status) {
        if (status.code() == ErrorCode::Corrupt) {
            tracker.report_scoped_damage({}, status.message());
        }
        return status;
    }
    template <typename T>
    [[nodiscard]] Result<T> noted(Result<T> result) {
        if (!result && result.error().code() == ErrorCode::Corrupt) {
            tracker.report_scoped_damage({}, result.error().message());
        }
        return result;
    }
};

}  // namespace kausal::storage
