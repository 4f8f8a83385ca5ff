// Writing one frozen memtable to a segment, in steps of bounded work.
//
// The newest version of every block and edge goes out; deletes stay as tombstones only while there
// is an older segment in which they may have something to hide. Nothing is installed here: see
// maintenance.h.
#pragma once

#include "base/status.h"
#include "format/database_uuid.h"
#include "io/vfs.h"
#include "memtable/memtable.h"
#include "segment/segment_writer.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace kausal::storage {

/// Threads: confined, one step at a time. Borrows the memtable and the directory.
class MemtableWriter {
  public:
    struct Target {
        io::Directory* directory = nullptr;
        uint64_t file_id = 0;
        format::DatabaseUuid uuid;
        segment::SegmentWriterOptions options;  // drop_tombstones: nothing older exists
    };
    MemtableWriter(const memtable::Memtable& memtable, const Target& target)
        : memtable_(memtable), target_(target) {}

    /// True when all is written and synced; the caller syncs the directory. Errors: NoSpace,
    /// Unavailable, Corrupt; the file, if any, is then the caller's to remove.
    [[nodiscard]] Result<bool> step();
    /// Null when the memtable holds nothing worth a segment; set when `step` returned true.
    [[nodiscard]] const segment::SegmentInfo* info() const noexcept {
        return has_entries_ ? &writer_->info() : nullptr;
    }

  private:
    enum class Phase : uint8_t { Blocks, Edges, Finish, Done };

    [[nodiscard]] Status open_writer();
    [[nodiscard]] Status write_blocks();
    [[nodiscard]] Status write_edges();
    [[nodiscard]] Status finish();

    const memtable::Memtable& memtable_;
    Target target_;
    std::unique_ptr<segment::SegmentWriter> writer_;
    Phase phase_ = Phase::Blocks;
    uint32_t position_ = 0;
    bool has_entries_ = false;
    std::vector<const memtable::EdgeCell*> cells_;
};

}  // namespace kausal::storage
