// Reads one log segment group by group and searches it for later records; private to this room.
//
// Judges bytes, not their meaning for the database: what a bad record amounts to is decided in
// recovery.cpp. Lengths are checked against the file before memory is taken for them.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "format/log_record.h"
#include "io/vfs.h"
#include "wal/log_segment.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::wal {

/// Group: a whole one. End: nothing but zeros follows. Bad: unreadable bytes. Newer: a record this
/// build must not skip. Broken: readable records that contradict each other or the header.
enum class GroupOutcome : uint8_t { Group, End, Bad, Newer, Broken };

struct GroupRecord {
    uint64_t seq = 0;
    uint64_t payload_at = 0;  // in CommitGroup::bytes
    uint32_t payload_size = 0;
    uint8_t type = 0;
    bool is_known = true;
};

/// A commit group as read; reused from one to the next for its memory.
struct CommitGroup {
    std::string bytes;  // as in the file, Commit record included
    std::vector<GroupRecord> records;
    uint64_t seq_last = 0;  // unchanged by a group without records
};

/// Threads: confined.
class SegmentReader {
  public:
    [[nodiscard]] static Result<std::unique_ptr<SegmentReader>> open(
        io::Directory& directory, const format::DatabaseUuid& database, uint64_t segment_id);

    /// The first bytes, at most kSegmentHeaderSize.
    [[nodiscard]] Result<std::string> read_header_bytes();
    /// Reads the group at `from` that follows sequence number `seq_before`; all numbers must be at
    /// least `seq_first`. Errors: Unavailable.
    [[nodiscard]] Result<GroupOutcome> read_group(uint64_t from, uint64_t seq_before,
                                                  uint64_t seq_first);
    /// After Group.
    [[nodiscard]] const CommitGroup& group() const noexcept { return group_; }
    /// After Bad, Newer, Broken: where and why.
    [[nodiscard]] uint64_t problem_offset() const noexcept { return problem_offset_; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

    /// The highest `durable_upto` of all readable Commit records at or behind `from`; 0 for none.
    [[nodiscard]] Result<uint64_t> durable_claim_behind(uint64_t from);
    /// Forgets what was read, for a file that another process is writing.
    [[nodiscard]] Status refresh();
    [[nodiscard]] io::File& file() noexcept { return *file_; }
    [[nodiscard]] uint64_t size() const noexcept { return size_; }

  private:
    SegmentReader(std::unique_ptr<io::File> file, const format::RecordCodec& codec)
        : file_(std::move(file)), codec_(codec) {}
    /// `size` bytes at `offset`, fewer at the end of the file. Valid until the next call.
    [[nodiscard]] Result<ByteView> view(uint64_t offset, uint64_t size);
    /// The payload with padding, or nothing when the record is cut off or fails its checksum.
    [[nodiscard]] Result<std::optional<ByteView>> read_record(uint64_t at,
                                                              const format::RecordHeader& header);
    [[nodiscard]] Result<GroupOutcome> judge_unreadable(uint64_t from, uint64_t at);
    [[nodiscard]] GroupOutcome finish_group(uint64_t from, uint64_t at,
                                            const format::RecordHeader& header, ByteView payload,
                                            uint64_t seq_before, uint64_t seq_first);
    GroupOutcome problem(GroupOutcome outcome, uint64_t offset, std::string what);

    std::unique_ptr<io::File> file_;
    format::RecordCodec codec_;
    uint64_t size_ = 0;
    std::string window_;
    uint64_t window_at_ = 0;
    CommitGroup group_;
    uint64_t problem_offset_ = 0;
    std::string problem_;
};

}  // namespace kausal::wal
