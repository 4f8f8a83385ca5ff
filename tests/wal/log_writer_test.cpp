// Goal: groups come back as written, segments follow one another by the rules, bad calls are
// refused. Method: writer and recovery together on an in-memory file system; calls traced where
// order matters.
#include "wal/log_writer.h"

#include "wal/log_fixture.h"

#include <gtest/gtest.h>

namespace kausal::wal {
namespace {

using test::append;
using test::make_writer;
using test::MemoryVfs;
using test::open_directory;
using test::Records;

TEST(LogWriter, EmptyLogRecoversToNothing) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto before = test::recover(vfs);
    ASSERT_TRUE(before.status.is_ok());
    EXPECT_EQ(before.report.next.segment_id, 1u);
    EXPECT_EQ(before.report.next.first_seq, 1u);
    ASSERT_NE(make_writer(*directory, before.report.next), nullptr);
    const auto after = test::recover(vfs);
    ASSERT_TRUE(after.status.is_ok()) << after.status.message();
    EXPECT_EQ(after.report.end_kind, LogEnd::Clean);
    EXPECT_EQ(after.report.segments, 1u);
    EXPECT_EQ(after.report.next.segment_id, 2u);
    EXPECT_TRUE(after.records.empty());
}

TEST(LogWriter, GroupsOfAllSizesComeBack) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, uint64_t{8} << 20);
    Records written;
    for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{9}, size_t{100},
                              size_t{40'000}, size_t{3} << 20}) {
        ASSERT_TRUE(append(*writer, 1, size, true, &written).has_value());
        ASSERT_TRUE(append(*writer, 3, size, false, &written).has_value());
    }
    ASSERT_TRUE(writer->sync().is_ok());
    EXPECT_EQ(writer->durable_position(), writer->position());
    const auto recovered = test::recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, written);
    EXPECT_EQ(recovered.report.last_seq, 32u);
    EXPECT_EQ(recovered.report.groups, 16u);
    EXPECT_EQ(recovered.report.end, writer->position());
}

TEST(LogWriter, GroupLargerThanASegmentGetsOneAlone) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, 4096);
    Records written;
    ASSERT_TRUE(append(*writer, 1, 100, true, &written).has_value());
    ASSERT_TRUE(append(*writer, 4, 50'000, true, &written).has_value());
    EXPECT_EQ(writer->position().segment_id, 2u);
    ASSERT_TRUE(append(*writer, 1, 100, true, &written).has_value());
    EXPECT_EQ(writer->position().segment_id, 3u);
    const auto recovered = test::recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, written);
}

TEST(LogWriter, TenThousandAndMoreSegmentsStayInOrder) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    LogStart start;
    start.segment_id = 9'998;
    const auto writer = make_writer(*directory, start, 4096);
    Records written;
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(append(*writer, 1, 4000, true, &written).has_value());
    }
    EXPECT_EQ(writer->position().segment_id, 10'002u);
    const auto recovered = test::recover(vfs, 9'998);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.report.segments, 5u);
    EXPECT_EQ(recovered.records, written);
}

TEST(LogWriter, TwoHundredThousandRecordsInOneSegment) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, uint64_t{64} << 20);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(append(*writer, 1000, 16, false).has_value());
    ASSERT_TRUE(writer->close().is_ok());
    EXPECT_EQ(writer->position().segment_id, 1u);
    uint64_t expected = 1;
    const auto report = recover_log(*directory, test::kIdentity, 1, {},
                                    [&](uint64_t seq, uint8_t, std::string_view payload) {
                                        EXPECT_EQ(seq, expected++);
                                        EXPECT_EQ(payload, test::payload_of(seq, 16));
                                        return Status();
                                    });
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->records, 200'000u);
    EXPECT_EQ(report->last_seq, 200'000u);
    EXPECT_EQ(expected, 200'001u);
}

TEST(LogWriter, SealsWithASyncBeforeTheNextSegmentInEveryMode) {
    MemoryVfs memory;
    const auto plan = std::make_shared<test::FaultPlan>();
    plan->records_trace = true;
    test::FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, 4096);
    ASSERT_TRUE(append(*writer, 1, 3000, false).has_value());
    plan->trace.clear();
    ASSERT_TRUE(append(*writer, 1, 3000, false).has_value());
    const std::string one = segment_name(1);
    const std::string two = segment_name(2);
    EXPECT_EQ(plan->trace,
              (std::vector<std::string>{"truncate " + one, "sync " + one, "create " + two,
                                        "write " + two, "sync " + two, "sync directory",
                                        "allocate " + two, "write " + two}));
}

TEST(LogWriter, CommitOverwritesReservedSpaceAndCloseGivesItBack) {
    MemoryVfs memory;
    const auto plan = std::make_shared<test::FaultPlan>();
    test::FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    ASSERT_TRUE(append(*writer, 1, 100, true).has_value());
    const size_t size = memory.content(test::log_path(1)).size();
    EXPECT_GT(size, writer->position().offset);
    plan->records_trace = true;
    ASSERT_TRUE(append(*writer, 1, 100, true).has_value());
    EXPECT_EQ(plan->trace,
              (std::vector<std::string>{"write " + segment_name(1), "sync " + segment_name(1)}));
    EXPECT_EQ(memory.content(test::log_path(1)).size(), size);
    ASSERT_TRUE(writer->close().is_ok());
    EXPECT_EQ(memory.content(test::log_path(1)).size(), writer->position().offset);
}

TEST(LogWriter, RollKeepsTheChainAndIsNoOpOnAnEmptySegment) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    ASSERT_TRUE(writer->roll().is_ok());
    EXPECT_EQ(writer->position().segment_id, 1u);
    Records written;
    ASSERT_TRUE(append(*writer, 2, 10, false, &written).has_value());
    ASSERT_TRUE(writer->roll().is_ok());
    EXPECT_EQ(writer->position().segment_id, 2u);
    ASSERT_TRUE(append(*writer, 2, 10, true, &written).has_value());
    const auto recovered = test::recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, written);
    EXPECT_EQ(recovered.report.segments, 2u);
}

TEST(LogWriter, RemovesOldSegmentsButNeverTheCurrentOne) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory, {}, 4096);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(append(*writer, 1, 4000, true).has_value());
    EXPECT_EQ(*writer->remove_segments_below(3), 2u);
    EXPECT_EQ(*list_segments(*directory), (std::vector<uint64_t>{3, 4}));
    EXPECT_EQ(*writer->remove_segments_below(100), 1u);
    EXPECT_EQ(*list_segments(*directory), (std::vector<uint64_t>{4}));
    EXPECT_EQ(*writer->remove_segments_below(100), 0u);
    // What is left is a log of its own from segment 4 on.
    const auto recovered = test::recover(vfs, 4);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.report.last_seq, 4u);
    EXPECT_EQ(recovered.records.size(), 1u);
}

TEST(LogWriter, SequenceNumbersMayJumpButNotFallBack) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    const LogRecord jump[] = {{.seq = 5, .payload = "a"}, {.seq = 9, .payload = "b"}};
    ASSERT_TRUE(writer->append_group(jump, true).has_value());
    const LogRecord back[] = {{.seq = 9, .payload = "c"}};
    EXPECT_EQ(writer->append_group(back, true).error().code(), ErrorCode::Invalid);
    const LogRecord falling[] = {{.seq = 12, .payload = "d"}, {.seq = 11, .payload = "e"}};
    EXPECT_EQ(writer->append_group(falling, true).error().code(), ErrorCode::Invalid);
    const auto recovered = test::recover(vfs);
    ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
    EXPECT_EQ(recovered.records, (Records{{5, "a"}, {9, "b"}}));
}

TEST(LogWriter, RefusesBadCalls) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto writer = make_writer(*directory);
    EXPECT_EQ(writer->append_group({}, true).error().code(), ErrorCode::Invalid);
    const LogRecord commit[] = {{.type = 2, .seq = 1}};
    EXPECT_EQ(writer->append_group(commit, true).error().code(), ErrorCode::Invalid);
    const LogRecord nothing[] = {{.type = 0, .seq = 1}};
    EXPECT_EQ(writer->append_group(nothing, true).error().code(), ErrorCode::Invalid);
    const LogRecord flags[] = {{.flags = 2, .seq = 1}};
    EXPECT_EQ(writer->append_group(flags, true).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(writer->position().offset, kSegmentHeaderSize);
    ASSERT_TRUE(writer->close().is_ok());
    const LogRecord good[] = {{.seq = 1}};
    EXPECT_EQ(writer->append_group(good, true).error().code(), ErrorCode::Closed);
    EXPECT_EQ(writer->sync().code(), ErrorCode::Closed);
}

TEST(LogWriter, NeverReusesASegment) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    ASSERT_NE(make_writer(*directory), nullptr);
    const auto again = LogWriter::create(*directory, test::kIdentity, {}, {});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code(), ErrorCode::Conflict);
    LogStart impossible;
    impossible.segment_id = 3;
    impossible.previous_end = {3, 64};
    EXPECT_EQ(LogWriter::create(*directory, test::kIdentity, {}, impossible).error().code(),
              ErrorCode::Invalid);
}

TEST(LogWriter, ContinuesAfterRecoveryOverManyOpens) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    Records written;
    for (int open = 0; open < 6; ++open) {
        const auto recovered = test::recover(vfs);
        ASSERT_TRUE(recovered.status.is_ok()) << recovered.status.message();
        ASSERT_EQ(recovered.records, written);
        const auto writer = make_writer(*directory, recovered.report.next);
        ASSERT_NE(writer, nullptr);
        ASSERT_TRUE(append(*writer, 3, 50, true, &written).has_value());
        ASSERT_TRUE(open % 2 != 0 || writer->close().is_ok());
    }
    EXPECT_EQ(test::recover(vfs).records, written);
}

}  // namespace
}  // namespace kausal::wal
