// Goal: a read-only opener sees a consistent state, writes nothing, needs no lock, and copes with a
// writer that flushes and merges beside it. Method: both on one directory, in one process.
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <map>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class ReadOnly : public DatabaseTest {
  protected:
    static StorageOptions reading() {
        StorageOptions options = small_options();
        options.read_only = true;
        return options;
    }
    std::map<std::string, std::filesystem::file_time_type> listing() const {
        std::map<std::string, std::filesystem::file_time_type> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
            files[entry.path().string()] = entry.last_write_time();
        }
        return files;
    }
};

TEST_F(ReadOnly, SeesSegmentsAndLogAndWritesNothing) {
    open();
    put({.number = 1, .content = "in a segment"});
    ASSERT_TRUE(engine_->flush().is_ok());
    put({.number = 2, .content = "in the log"});
    put(edge_of(1, 2));
    const auto before = listing();
    {
        auto reader = must_open(world_.environment(), directory_.path(), reading());
        EXPECT_EQ(content_of(*reader->snapshot(), 1), "in a segment");
        EXPECT_EQ(content_of(*reader->snapshot(), 2), "in the log");
        EXPECT_EQ(edges_of(*reader->snapshot(), 2, Direction::In).size(), 1u);
        EXPECT_EQ(reader->snapshot()->sequence(), 3u);
        format::WriteBatch batch;
        ASSERT_TRUE(batch.put_edge(edge_of(1, 2)).is_ok());
        EXPECT_EQ(reader->commit(batch).error().code(), ErrorCode::Unsupported);
        EXPECT_EQ(reader->flush().code(), ErrorCode::Unsupported);
        EXPECT_EQ(reader->begin_bulk().error().code(), ErrorCode::Unsupported);
        const Result<VerifyReport> report = reader->verify();
        ASSERT_TRUE(report.has_value());
        EXPECT_TRUE(report->findings.empty());
        EXPECT_TRUE(reader->close().is_ok());
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(ReadOnly, DoesNotMergeWhatAWriterWould) {
    StorageOptions options = small_options();
    options.compaction_enabled = false;
    open(options);
    for (uint64_t number = 0; number < 6; ++number) {
        put({.number = number});
        ASSERT_TRUE(engine_->flush().is_ok());
    }
    close();
    const auto before = listing();
    {
        StorageOptions merging = reading();
        merging.compaction_fan_in_min = 2;
        auto reader = must_open(world_.environment(), directory_.path(), merging);
        EXPECT_EQ(content_of(*reader->snapshot(), 5), "content");
        EXPECT_EQ(reader->stats().segment_count, 6u);
    }
    EXPECT_EQ(listing(), before);
}

TEST_F(ReadOnly, AnAbsentDatabaseIsNotMade) {
    EXPECT_EQ(
        StorageEngine::open(world_.environment(), directory_.path(), reading()).error().code(),
        ErrorCode::NotFound);
    EXPECT_FALSE(std::filesystem::exists(directory_.path()));
}

TEST_F(ReadOnly, KeepsItsStateWhileTheWriterMovesOn) {
    open();
    for (uint64_t number = 0; number < 30; ++number) put({.number = number, .content = "old"});
    ASSERT_TRUE(engine_->flush().is_ok());
    auto reader = must_open(world_.environment(), directory_.path(), reading());
    for (uint64_t number = 0; number < 30; ++number) put({.number = number, .content = "new"});
    ASSERT_TRUE(engine_->compact().is_ok());  // removes the files that the reader has open
    for (uint64_t number = 0; number < 30; ++number) {
        EXPECT_EQ(content_of(*reader->snapshot(), number), "old");
    }
    reader = must_open(world_.environment(), directory_.path(), reading());
    EXPECT_EQ(content_of(*reader->snapshot(), 3), "new");
}

TEST_F(ReadOnly, OpensAgainAndAgainBesideABusyWriter) {
    open();
    put({.number = 0, .content = "0"});
    std::atomic<bool> done{false};
    const auto helper = io::make_thread_executor(1);
    const Status status = io::parallel_for(*helper, 2, 2, [&](size_t, size_t index) -> Status {
        if (index == 1) {
            for (uint64_t round = 1; round <= 300; ++round) {
                put({.number = 0, .content = std::to_string(round)});
                put({.number = round, .content = std::string(700, 'x')});
                if (round % 20 == 0) KAUSAL_TRY(engine_->compact());
            }
            done = true;
            return Status::ok();
        }
        uint64_t last = 0;
        while (!done) {
            Result<std::unique_ptr<StorageEngine>> reader =
                StorageEngine::open(world_.environment(), directory_.path(), reading());
            if (!reader) return std::move(reader).error();
            const auto content = content_of(*(*reader)->snapshot(), 0);
            EXPECT_TRUE(content.has_value());
            const uint64_t seen = std::stoull(content.value_or("0"));
            EXPECT_GE(seen, last);
            last = seen;
        }
        return Status::ok();
    });
    EXPECT_TRUE(status.is_ok()) << status.message();
}

}  // namespace
}  // namespace kausal::storage
