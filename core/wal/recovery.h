// Reading the log back: delivers every whole commit group in order and decides what the end means.
//
// Runs once per open. The rules are the recovery table of docs/format/wal.md section 4: a torn tail
// is dropped with a copy kept, zeros are a clean end, anything else is corruption and refuses. A
// group is delivered only after its Commit record has been read and checked; memory holds one group
// at a time.
#pragma once

#include "base/status.h"
#include "io/vfs.h"
#include "wal/log_segment.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kausal::wal {

/// ReadWrite: may copy a torn tail to lost+found/, rewrites the newest segment so that what was
/// delivered is on disk, and leaves the directory ready for LogWriter::create(). ReadOnly: writes
/// nothing; otherwise the same judgement. SalvageReadOnly: writes nothing; corruption ends the
/// prefix instead of failing.
enum class RecoveryMode : uint8_t { ReadWrite, ReadOnly, SalvageReadOnly };

struct RecoveryOptions {
    RecoveryMode mode = RecoveryMode::ReadWrite;
    /// A segment of this id or a later one must exist (0: not checked). Detects a lost newest
    /// segment.
    uint64_t newest_segment_id_min = 0;
    /// Records up to this sequence number are checked and counted but not delivered. Usually the
    /// last one that segments hold already.
    uint64_t deliver_above_seq = 0;
};

/// Clean: zeros or the end of the file. Torn: unsynced bytes were dropped. Corrupt, Newer: only in
/// SalvageReadOnly, see RecoveryReport::damage.
enum class LogEnd : uint8_t { Clean, Torn, Corrupt, Newer };

struct RecoveryReport {
    LogEnd end_kind = LogEnd::Clean;
    LogPosition end;        // after the last whole group
    uint64_t last_seq = 0;  // of the last group, or what the first header says; 0 for no log
    LogStart next;          // for LogWriter::create()
    uint64_t segments = 0;
    uint64_t groups = 0;
    uint64_t records = 0;             // in whole groups, ignored ones included
    uint64_t records_ignored = 0;     // of unknown, ignorable type
    uint64_t bytes_discarded = 0;     // of the torn tail, trailing zeros not counted
    std::string lost_and_found_name;  // "lost+found/..." when a copy was made
    Status damage;                    // SalvageReadOnly: why the prefix ends where it does
};

/// Called per record in order. A failure ends the recovery and is returned.
using RecordVisitor = std::function<Status(uint64_t seq, uint8_t type, std::string_view payload)>;

/// Recovers the log in `directory` from segment `first_segment_id` on (earlier ones are ignored); 0
/// means from the oldest there is, or an empty log. Errors: Corrupt (file, offset and sequence
/// number in the message; what was delivered is the readable prefix), NewerFormat, Unavailable,
/// NoSpace, whatever `visit` returns. After an error nothing was lost and the call can be repeated.
[[nodiscard]] Result<RecoveryReport> recover_log(io::Directory& directory,
                                                 const LogIdentity& identity,
                                                 uint64_t first_segment_id,
                                                 const RecoveryOptions& options,
                                                 const RecordVisitor& visit);

}  // namespace kausal::wal
