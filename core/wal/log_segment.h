// Names, header and internal record of a log segment, shared by writer and recovery.
//
// Mirrors docs/format/wal.md. A segment is a 64-byte header and 8-byte aligned records; a commit
// group is records followed by one Commit record and lies in one segment. Segment ids grow and
// never repeat.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "format/database_uuid.h"
#include "io/vfs.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::wal {

inline constexpr size_t kSegmentHeaderSize = 64;
inline constexpr uint32_t kSegmentFormatVersion = 1;
inline constexpr std::string_view kSegmentSuffix = ".wal";

/// Of an encoded CommitPayload.
inline constexpr size_t kCommitPayloadSize = 20;

/// Persistent numbers. 3..255 are free for later formats.
enum class LogRecordType : uint8_t { Invalid = 0, Batch = 1, Commit = 2 };

/// A place in the log: the byte `offset` of segment `segment_id`. Segment 0 does not exist.
struct LogPosition {
    uint64_t segment_id = 0;
    uint64_t offset = 0;
    friend auto operator<=>(const LogPosition&, const LogPosition&) = default;
};

/// Which database the log belongs to and which opening of it for writing is at work.
struct LogIdentity {
    format::DatabaseUuid uuid;
    uint32_t epoch = 0;
};

/// Where the next segment starts: what recover_log() hands to LogWriter::create(). For a new log
/// the defaults are right. A caller may raise `first_seq` (numbers used outside of the log),
/// nothing else.
struct LogStart {
    uint64_t segment_id = 1;    // above every id ever used
    LogPosition previous_end;   // fixed for ever by the new header; {0, 0}: no predecessor
    uint64_t previous_seq = 0;  // last sequence number in the log before this segment
    uint64_t first_seq = 1;     // lowest one this segment may hold, > previous_seq
};

struct SegmentHeader {
    LogIdentity identity;
    LogStart start;

    /// Exactly kSegmentHeaderSize bytes.
    [[nodiscard]] std::string encode() const;
    /// Errors: Corrupt (bad magic or checksum), NewerFormat.
    [[nodiscard]] static Result<SegmentHeader> decode(ByteView bytes);
};

/// Payload of a Commit record. A group of no records is a watermark: it only tells what is durable.
struct CommitPayload {
    uint32_t record_count = 0;
    uint64_t durable_upto = 0;  // all bytes of this segment below were synced before the group
    uint64_t previous_seq = 0;  // last sequence number before the group

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<CommitPayload> decode(std::string_view payload) noexcept;
};

/// 16 hex digits and ".wal", so that byte order of names is order of ids.
[[nodiscard]] std::string segment_name(uint64_t segment_id);
/// The id in a well-formed name, or nothing.
[[nodiscard]] std::optional<uint64_t> segment_id_of(std::string_view name) noexcept;
/// Ids of the segments in `directory`, ascending.
[[nodiscard]] Result<std::vector<uint64_t>> list_segments(io::Directory& directory);

}  // namespace kausal::wal
