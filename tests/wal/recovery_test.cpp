// Goal: every row of the recovery table (docs/format/wal.md section 4), in read-write, read-only
// and salvage mode. Method: small logs in memory, damaged by hand; the outcome, the delivered
// records and what was kept in lost+found are compared.
#include "wal/recovery.h"

#include "base/coding.h"
#include "format/log_record.h"
#include "wal/log_fixture.h"

#include <gtest/gtest.h>

namespace kausal::wal {
namespace {

using test::append;
using test::log_path;
using test::make_writer;
using test::MemoryVfs;
using test::open_directory;
using test::Records;
using test::recover;

/// A log of some groups; `ends[i]` is the offset behind group i of the only segment.
struct Log {
    MemoryVfs vfs;
    Records written;
    std::vector<uint64_t> ends;

    explicit Log(bool sync, int groups = 4) {
        const auto directory = open_directory(vfs);
        const auto writer = make_writer(*directory);
        ends.push_back(kSegmentHeaderSize);
        for (int i = 0; i < groups; ++i) {
            const auto position = append(*writer, 2, 40, sync, &written);
            ends.push_back(position->offset);
        }
    }
    [[nodiscard]] std::string& bytes() { return vfs.content(log_path(1)); }
    void flip(uint64_t offset) { bytes()[offset] = static_cast<char>(bytes()[offset] ^ 0x10); }
    /// Up to the last byte that is not zero.
    [[nodiscard]] std::string content_from(uint64_t offset) {
        return bytes().substr(offset, bytes().find_last_not_of('\0') + 1 - offset);
    }
    /// The records of the first `groups` groups.
    [[nodiscard]] Records prefix(uint64_t groups) const {
        return {written.begin(), written.upper_bound(2 * groups)};
    }
};

TEST(Recovery, TornTailIsDroppedKeptAndFixedByTheNextSegment) {
    Log log(false);
    log.flip(log.ends[2] + 30);
    const std::string tail = log.content_from(log.ends[2]);
    const auto recovered = recover(log.vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.report.end_kind, LogEnd::Torn);
    EXPECT_EQ(recovered.report.end, (LogPosition{1, log.ends[2]}));
    // Group 4 is readable but lies behind the hole: it goes too.
    EXPECT_EQ(recovered.records, log.prefix(2));
    EXPECT_EQ(recovered.report.bytes_discarded, tail.size());
    ASSERT_FALSE(recovered.report.lost_and_found_name.empty());
    EXPECT_EQ(log.vfs.content("/db/" + recovered.report.lost_and_found_name), tail);
    EXPECT_EQ(log.bytes().size(), log.ends[2]);
    EXPECT_EQ(recovered.report.next.previous_end, recovered.report.end);
    EXPECT_EQ(recovered.report.next.segment_id, 2u);

    // The copy and the cut survive a crash without any further sync.
    log.vfs.crash(test::CrashKind::DropUnsynced);
    EXPECT_EQ(log.vfs.content("/db/" + recovered.report.lost_and_found_name), tail);
    const auto directory = open_directory(log.vfs);
    const auto writer = make_writer(*directory, recovered.report.next);
    ASSERT_TRUE(append(*writer, 1, 40, true).has_value());
    const auto again = recover(log.vfs);
    ASSERT_TRUE(again.status.is_ok()) << again.status.message();
    EXPECT_EQ(again.report.end_kind, LogEnd::Clean);
    EXPECT_EQ(again.records.size(), 5u);
    EXPECT_EQ(again.records.at(5), test::payload_of(5, 40));
}

TEST(Recovery, TornTailInReadOnlyModeWritesNothing) {
    Log log(false);
    log.flip(log.ends[2] + 30);
    const std::string before = log.bytes();
    const auto recovered = recover(log.vfs, RecoveryMode::ReadOnly);
    ASSERT_TRUE(recovered.status.is_ok());
    EXPECT_EQ(recovered.report.end_kind, LogEnd::Torn);
    EXPECT_EQ(recovered.records, log.prefix(2));
    EXPECT_EQ(recovered.report.bytes_discarded, log.content_from(log.ends[2]).size());
    EXPECT_EQ(log.bytes(), before);
    EXPECT_FALSE(log.vfs.exists("/db/lost+found"));
    EXPECT_FALSE(log.vfs.exists(log_path(1) + ".tmp"));
}

TEST(Recovery, GroupWithoutItsCommitIsATornTail) {
    Log log(false);
    const uint64_t second_record = log.ends[3] + format::record_size(40);
    log.bytes().resize(second_record + format::record_size(40));  // both records, no Commit
    const auto recovered = recover(log.vfs);
    ASSERT_TRUE(recovered.status.is_ok());
    EXPECT_EQ(recovered.report.end_kind, LogEnd::Torn);
    EXPECT_EQ(recovered.records, log.prefix(3));
    EXPECT_EQ(recovered.report.end.offset, log.ends[3]);
}

TEST(Recovery, ZerosAreACleanEnd) {
    Log log(true);
    ASSERT_GT(log.bytes().size(), log.ends[4]);
    const auto recovered = recover(log.vfs);
    ASSERT_TRUE(recovered.status.is_ok());
    EXPECT_EQ(recovered.report.end_kind, LogEnd::Clean);
    EXPECT_EQ(recovered.report.bytes_discarded, 0u);
    EXPECT_EQ(recovered.records, log.written);
    EXPECT_FALSE(log.vfs.exists("/db/lost+found"));
}

TEST(Recovery, BadRecordBelowADurableClaimIsCorruption) {
    for (const uint64_t group : {0u, 1u, 2u}) {
        Log log(true);
        log.flip(log.ends[group] + 30);
        const std::string before = log.bytes();
        for (const auto mode : {RecoveryMode::ReadWrite, RecoveryMode::ReadOnly}) {
            const auto recovered = recover(log.vfs, mode);
            EXPECT_EQ(recovered.status.code(), ErrorCode::Corrupt);
            EXPECT_NE(recovered.status.message().find(segment_name(1) + ": offset "),
                      std::string::npos)
                << recovered.status.message();
            EXPECT_EQ(recovered.records, log.prefix(group));
        }
        EXPECT_EQ(log.bytes(), before);
        const auto salvaged = recover(log.vfs, RecoveryMode::SalvageReadOnly);
        ASSERT_TRUE(salvaged.status.is_ok());
        EXPECT_EQ(salvaged.report.end_kind, LogEnd::Corrupt);
        EXPECT_EQ(salvaged.report.damage.code(), ErrorCode::Corrupt);
        EXPECT_EQ(salvaged.records, log.prefix(group));
    }
}

TEST(Recovery, ZeroedRecordBelowADurableClaimIsCorruption) {
    Log log(true);
    log.bytes().replace(log.ends[1], log.ends[2] - log.ends[1], log.ends[2] - log.ends[1], '\0');
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, LastSyncedGroupWithoutLaterRecordIsTheDocumentedAmbiguity) {
    Log log(true);
    log.flip(log.ends[3] + 30);
    const auto recovered = recover(log.vfs);
    ASSERT_TRUE(recovered.status.is_ok());
    EXPECT_EQ(recovered.report.end_kind, LogEnd::Torn);
    EXPECT_EQ(recovered.records, log.prefix(3));
}

TEST(Recovery, CleanCloseRemovesTheAmbiguity) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    const uint64_t start = append(*writer, 1, 40, false)->offset;
    ASSERT_TRUE(append(*writer, 1, 40, false).has_value());
    ASSERT_TRUE(writer->close().is_ok());
    std::string& bytes = vfs.content(log_path(1));
    bytes[start + 30] = static_cast<char>(bytes[start + 30] ^ 1);
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, BadRecordInASealedSegmentIsCorruptionInEveryMode) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    const uint64_t start = append(*writer, 1, 40, false)->offset;
    ASSERT_TRUE(append(*writer, 1, 40, false).has_value());
    ASSERT_TRUE(writer->roll().is_ok());
    std::string& bytes = vfs.content(log_path(1));
    bytes[start + 30] = static_cast<char>(bytes[start + 30] ^ 1);
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
    bytes.resize(start);
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
    // Zeros are no clean end in front of the recorded one either.
    bytes.resize(start + 4096);
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, ZeroedWatermarkInASealedSegmentIsCorruption) {
    // No record is lost with it, but the recorded end says that there were bytes.
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    auto writer = make_writer(*directory);
    const uint64_t start = append(*writer, 1, 40, true)->offset;
    ASSERT_TRUE(writer->close().is_ok());
    writer = make_writer(*directory, recover(vfs).report.next);
    std::string& bytes = vfs.content(log_path(1));
    ASSERT_GT(bytes.size(), start);
    ASSERT_TRUE(recover(vfs).status.is_ok());
    bytes.replace(start, bytes.size() - start, bytes.size() - start, '\0');
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
    bytes.resize(start);
    EXPECT_EQ(recover(vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, BytesBehindTheRecordedEndAreOfNoInterest) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    Records written;
    ASSERT_TRUE(append(*writer, 1, 40, false, &written).has_value());
    ASSERT_TRUE(writer->roll().is_ok());
    vfs.content(log_path(1)) += "garbage that a dropped tail left here";
    const auto recovered = recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, written);
}

TEST(Recovery, MissingSegmentsAreCorruption) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, 4096);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*writer, 1, 4000, true).has_value());
    const auto without = [&](uint64_t id) {
        auto copy = vfs.clone();
        EXPECT_TRUE((*copy->open_directory("/db"))->unlink(segment_name(id)).is_ok());
        return copy;
    };
    EXPECT_EQ(recover(*without(1), 1).status.code(), ErrorCode::Corrupt);
    EXPECT_EQ(recover(*without(2), 1).status.code(), ErrorCode::Corrupt);
    EXPECT_EQ(recover(*without(3), 1).status.code(), ErrorCode::Corrupt);
    EXPECT_EQ(recover(*without(4), 1, {.newest_segment_id_min = 4}).status.code(),
              ErrorCode::Corrupt);
    const auto salvaged = recover(*without(3), 1, {.mode = RecoveryMode::SalvageReadOnly});
    ASSERT_TRUE(salvaged.status.is_ok());
    EXPECT_EQ(salvaged.report.damage.code(), ErrorCode::Corrupt);
    EXPECT_EQ(salvaged.report.last_seq, 2u);
    MemoryVfs empty;
    (void)open_directory(empty);
    EXPECT_EQ(recover(empty, 1).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, MissingSegmentWithoutRecordsIsCorruptionToo) {
    // Sequence numbers show no gap here, only the chain of headers does.
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    for (int session = 0; session < 3; ++session) {
        const auto writer = make_writer(*directory, recover(vfs).report.next);
        if (session != 1) {
            ASSERT_TRUE(append(*writer, 1, 40, true).has_value());
        }
        ASSERT_TRUE(writer->close().is_ok());
    }
    ASSERT_TRUE(recover(vfs).status.is_ok());
    ASSERT_TRUE(directory->unlink(segment_name(2)).is_ok());
    const Status status = recover(vfs).status;
    EXPECT_EQ(status.code(), ErrorCode::Corrupt);
    EXPECT_NE(status.message().find("segment 2 before it is missing"), std::string_view::npos)
        << status.message();
}

TEST(Recovery, SequenceGapIsCorruption) {
    // A group of its own log, readable where it stands, but not following what is before it.
    Log log(true, 2);
    const format::RecordCodec codec(test::kIdentity.uuid, format::RecordFile::Log, 1);
    std::string group;
    codec.append(group, log.ends[2], {.type = 1, .seq = 8}, "x");
    const CommitPayload commit{1, log.ends[2], 7};
    codec.append(group, log.ends[2] + group.size(), {.type = 2, .seq = 8}, commit.encode());
    log.bytes().replace(log.ends[2], group.size(), group);
    const auto recovered = recover(log.vfs);
    EXPECT_EQ(recovered.status.code(), ErrorCode::Corrupt);
    EXPECT_NE(recovered.status.message().find("sequence gap"), std::string::npos)
        << recovered.status.message();
    EXPECT_EQ(recovered.records, log.prefix(2));
}

TEST(Recovery, CommitThatCountsWrongIsCorruption) {
    Log log(true, 2);
    const format::RecordCodec codec(test::kIdentity.uuid, format::RecordFile::Log, 1);
    std::string group;
    codec.append(group, log.ends[2], {.type = 1, .seq = 5}, "x");
    codec.append(group, log.ends[2] + group.size(), {.type = 2, .seq = 5},
                 CommitPayload{2, log.ends[2], 4}.encode());
    log.bytes().replace(log.ends[2], group.size(), group);
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, UnknownCriticalRecordIsANewerFormat) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    Records written;
    ASSERT_TRUE(append(*writer, 1, 10, true, &written).has_value());
    const LogRecord unknown[] = {{.type = 77, .seq = 2, .payload = "?"}};
    ASSERT_TRUE(writer->append_group(unknown, true).has_value());
    const auto recovered = recover(vfs);
    EXPECT_EQ(recovered.status.code(), ErrorCode::NewerFormat);
    const auto salvaged = recover(vfs, RecoveryMode::SalvageReadOnly);
    ASSERT_TRUE(salvaged.status.is_ok());
    EXPECT_EQ(salvaged.report.end_kind, LogEnd::Newer);
    EXPECT_EQ(salvaged.records, written);
}

TEST(Recovery, UnknownIgnorableRecordIsSkippedAndKept) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    const LogRecord records[] = {
        {.seq = 1, .payload = "a"},
        {.type = 77, .flags = format::kRecordIgnorable, .seq = 2, .payload = "unknown"},
        {.seq = 3, .payload = "b"}};
    ASSERT_TRUE(writer->append_group(records, true).has_value());
    const auto recovered = recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, (Records{{1, "a"}, {3, "b"}}));
    EXPECT_EQ(recovered.report.records, 3u);
    EXPECT_EQ(recovered.report.records_ignored, 1u);
    EXPECT_NE(vfs.content(log_path(1)).find("unknown"), std::string::npos);
}

TEST(Recovery, UnfinishedNewestSegmentIsClearedAndItsIdNotReused) {
    for (const size_t size : {0u, 10u, 64u}) {
        Log log(true);
        {
            const auto directory = open_directory(log.vfs);
            const auto file = std::move(*directory->open(segment_name(2), {.create = true}));
            ASSERT_TRUE(file->write_at(0, as_bytes(std::string(size, 'x'))).is_ok());
        }
        const auto recovered = recover(log.vfs);
        ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
        EXPECT_EQ(recovered.records, log.written);
        EXPECT_EQ(recovered.report.next.segment_id, 3u);
        EXPECT_EQ(recovered.report.end.segment_id, 1u);
        EXPECT_FALSE(log.vfs.exists(log_path(2)));
        EXPECT_EQ(log.vfs.exists("/db/lost+found"), size > 0);
    }
}

TEST(Recovery, UnfinishedNewestSegmentProvesTheOneBeforeSealed) {
    Log log(true);
    log.flip(log.ends[3] + 30);
    {
        const auto directory = open_directory(log.vfs);
        ASSERT_TRUE(directory->open(segment_name(2), {.create = true}).has_value());
    }
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, DamagedHeaderOfAUsedSegmentIsCorruption) {
    Log log(true);
    log.flip(20);
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
    // The manifest may know that the segment was in use.
    Log unused(true, 0);
    unused.flip(20);
    EXPECT_EQ(recover(unused.vfs, 1).status.code(), ErrorCode::Corrupt);
    EXPECT_EQ(recover(unused.vfs, 0, {.newest_segment_id_min = 1}).status.code(),
              ErrorCode::Corrupt);
}

TEST(Recovery, ForeignAndRenamedSegmentsAreCorruption) {
    Log log(true);
    {
        const auto directory = open_directory(log.vfs);
        const wal::LogIdentity other{{5, 5}, 7};
        ASSERT_TRUE(
            LogWriter::create(*directory, other, {}, {2, {1, log.ends[4]}, 8, 9}).has_value());
    }
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
    Log renamed(true);
    {
        const auto directory = open_directory(renamed.vfs);
        ASSERT_TRUE(directory->rename(segment_name(1), *directory, segment_name(4)).is_ok());
    }
    EXPECT_EQ(recover(renamed.vfs).status.code(), ErrorCode::Corrupt);
}

TEST(Recovery, EpochsNeverFallAndNeverPassTheManifest) {
    Log log(true);
    {
        const auto directory = open_directory(log.vfs);
        LogIdentity later = test::kIdentity;
        later.epoch += 1;
        ASSERT_TRUE(
            LogWriter::create(*directory, later, {}, {2, {1, log.ends[4]}, 8, 9}).has_value());
    }
    EXPECT_EQ(recover(log.vfs).status.code(), ErrorCode::Corrupt);
    EXPECT_EQ(recover(log.vfs, RecoveryMode::ReadOnly).status.code(), ErrorCode::Unavailable);
}

TEST(Recovery, RewritesTheNewestSegmentDurably) {
    // Unsynced but readable groups are delivered, so they must be on disk when recovery returns.
    Log log(false);
    const auto recovered = recover(log.vfs);
    ASSERT_TRUE(recovered.status.is_ok());
    ASSERT_EQ(recovered.records, log.written);
    log.vfs.crash(test::CrashKind::DropUnsynced);
    EXPECT_EQ(recover(log.vfs).records, log.written);
}

TEST(Recovery, DeliversOnlyAboveTheGivenNumber) {
    Log log(true);
    const auto recovered = recover(log.vfs, 0, {.deliver_above_seq = 5});
    ASSERT_TRUE(recovered.status.is_ok());
    EXPECT_EQ(recovered.records.begin()->first, 6u);
    EXPECT_EQ(recovered.report.records, 8u);
    EXPECT_EQ(recovered.report.last_seq, 8u);
}

TEST(Recovery, VisitorFailureIsReturnedAndNothingIsLost) {
    Log log(true);
    const auto directory = open_directory(log.vfs);
    const auto report = recover_log(
        *directory, test::kIdentity, 0, {}, [](uint64_t seq, uint8_t, std::string_view) {
            return seq == 3 ? Status(ErrorCode::NoMemory, "full") : Status();
        });
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::NoMemory);
    EXPECT_EQ(recover(log.vfs).records, log.written);
}

TEST(Recovery, SeveralTornTailsAreAllKept) {
    Log log(false);
    log.flip(log.ends[3] + 30);
    auto first = recover(log.vfs);
    ASSERT_TRUE(first.status.is_ok());
    // The same place torn again, as after a crash before the next segment was made.
    log.bytes() += "torn again";
    const auto second = recover(log.vfs);
    ASSERT_TRUE(second.status.is_ok());
    EXPECT_NE(first.report.lost_and_found_name, second.report.lost_and_found_name);
    EXPECT_EQ(log.vfs.content("/db/" + second.report.lost_and_found_name), "torn again");
    EXPECT_TRUE(log.vfs.exists("/db/" + first.report.lost_and_found_name));
}

}  // namespace
}  // namespace kausal::wal
