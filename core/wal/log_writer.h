// The write side of the log: commit groups into segments, synced when asked.
//
// First step of every commit. A group is written with one call and ends in a Commit record; it lies
// in one segment. A full segment is sealed with a sync, whatever the durability mode, before the
// next one is made, because recovery takes everything in a segment that has a successor as durable.
// Format: docs/format/wal.md.
#pragma once

#include "base/status.h"
#include "io/vfs.h"
#include "wal/log_segment.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace kausal::wal {

/// One record to append; `payload` is borrowed for the call.
struct LogRecord {
    uint8_t type = static_cast<uint8_t>(LogRecordType::Batch);
    uint8_t flags = 0;  // format::kRecordIgnorable or 0
    uint64_t seq = 0;
    std::string_view payload;
};

struct LogWriterOptions {
    /// A segment is sealed when the next group does not fit. A larger group gets a segment alone.
    uint64_t segment_size_bytes = uint64_t{64} << 20;
};

/// Threads: confined (the caller serialises all calls). The directory must outlive the writer.
class LogWriter {
  public:
    /// Makes segment `start.segment_id` with its header, file and directory synced. Errors:
    /// Conflict (the segment exists: ids never repeat), Invalid (bad start), NoSpace, Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<LogWriter>> create(io::Directory& directory,
                                                                   const LogIdentity& identity,
                                                                   const LogWriterOptions& options,
                                                                   const LogStart& start);
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    /// Appends `records` (at least one, sequence numbers strictly increasing and above all earlier
    /// ones) as one atomic group and, with `sync`, makes it durable. Returns the position after the
    /// group. Errors: OutcomeUnknown (the sync failed: the group may or may not survive; the writer
    /// is poisoned); with any other code the group is not in the log: NoSpace (the writer stays
    /// usable), Unavailable (the writer is poisoned), Poisoned, Invalid (record too large or out of
    /// order, reserved type), Closed.
    [[nodiscard]] Result<LogPosition> append_group(std::span<const LogRecord> records, bool sync);
    /// Makes everything appended durable. Errors: OutcomeUnknown (sync failed, writer poisoned),
    /// Poisoned, Closed.
    [[nodiscard]] Status sync();
    /// Seals the segment and starts the next one, so that all before can be removed once flushed.
    /// Errors: as append_group; nothing appended is lost by a failure other than Poisoned.
    [[nodiscard]] Status roll();
    /// Removes segments with an id below `segment_id`, oldest first, never the current one. Returns
    /// how many. Errors: Unavailable.
    [[nodiscard]] Result<size_t> remove_segments_below(uint64_t segment_id);
    /// Syncs, leaves a watermark that lets the next recovery tell rot from a torn tail, gives
    /// unused space back, closes. Later calls fail with Closed. The destructor only closes the
    /// file.
    [[nodiscard]] Status close();

    /// End of the last appended group; `segment_id` is the current segment.
    [[nodiscard]] LogPosition position() const noexcept { return {header_.start.segment_id, end_}; }
    /// Everything before it is on disk.
    [[nodiscard]] LogPosition durable_position() const noexcept {
        return {header_.start.segment_id, durable_upto_};
    }
    [[nodiscard]] uint64_t last_seq() const noexcept { return last_seq_; }
    /// True after a failure that leaves the tail of the log unknown; reopen the database.
    [[nodiscard]] bool is_poisoned() const noexcept { return state_ == State::Poisoned; }

  private:
    enum class State : uint8_t { Open, Sealed, Poisoned, Closed };

    LogWriter(io::Directory& directory, const LogIdentity& identity,
              const LogWriterOptions& options);
    [[nodiscard]] Status check_usable() const;
    [[nodiscard]] Status check_records(std::span<const LogRecord> records) const;
    void encode_group(std::span<const LogRecord> records);
    [[nodiscard]] uint64_t group_size(std::span<const LogRecord> records) const noexcept;
    [[nodiscard]] Status write_group();
    void reserve_space(uint64_t end);
    [[nodiscard]] Status sync_file();
    [[nodiscard]] Status seal();
    [[nodiscard]] Status open_segment(const LogStart& start);
    void poison(const Status& cause);

    io::Directory& directory_;
    LogWriterOptions options_;
    SegmentHeader header_;  // of the current segment
    std::unique_ptr<io::File> file_;
    std::string scratch_;  // the encoded group; kept for its capacity
    uint64_t end_ = 0;     // where the next group goes
    uint64_t durable_upto_ = 0;
    uint64_t reserved_upto_ = 0;  // the file is at least this long, zeros from end_ on
    bool can_reserve_ = true;     // until the file system refuses
    uint64_t last_seq_ = 0;
    uint64_t next_segment_id_ = 0;  // never one that was tried before
    State state_ = State::Open;
    std::string poison_reason_;
};

}  // namespace kausal::wal
