// Goal: opening restores what was committed, in every state a process can leave, and refuses what
// is damaged or foreign. Method: real directories, copied while open, cut and damaged by hand.
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <fstream>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class Recovery : public DatabaseTest {
  protected:
    /// A copy of the directory as a killed process would leave it; nothing is in the background.
    void copy_to(const ScratchDirectory& copy) {
        std::filesystem::copy(directory_.path(), copy.path(),
                              std::filesystem::copy_options::recursive);
    }
    Result<std::unique_ptr<StorageEngine>> try_open(const std::string& path,
                                                    const StorageOptions& options) {
        return StorageEngine::open(world_.environment(), path, options);
    }
};

TEST_F(Recovery, ACleanOpenReplaysNothing) {
    open();
    for (uint64_t number = 0; number < 20; ++number) put({.number = number});
    close();
    open();
    EXPECT_EQ(engine_->stats().recovered_records, 0u);
    EXPECT_EQ(engine_->snapshot()->sequence(), 20u);
    EXPECT_EQ(put({.number = 1}), 21u);
}

TEST_F(Recovery, TheLogIsReplayedWithBlocksAndEdges) {
    open();
    for (uint64_t number = 0; number < 20; ++number) {
        put({.number = number});
        put(edge_of(number, number + 1));
    }
    erase(4);
    erase(edge_of(5, 6));
    const ScratchDirectory copy;
    copy_to(copy);
    auto engine = must_open(world_.environment(), copy.path(), small_options());
    EXPECT_EQ(engine->stats().recovered_records, 42u);
    const SnapshotRef snapshot = engine->snapshot();
    EXPECT_EQ(snapshot->sequence(), 42u);
    EXPECT_EQ(content_of(*snapshot, 4), std::nullopt);
    EXPECT_EQ(content_of(*snapshot, 19), "content");
    EXPECT_EQ(edges_of(*snapshot, 7, Direction::Out).size(), 1u);
    EXPECT_EQ(edges_of(*snapshot, 7, Direction::In).size(), 1u);
    EXPECT_TRUE(edges_of(*snapshot, 5, Direction::Out).empty());
    EXPECT_TRUE(edges_of(*snapshot, 6, Direction::In).empty());
}

TEST_F(Recovery, ReplaysAgainAndAgain) {
    open();
    put({.number = 1, .content = "first"});
    const ScratchDirectory one;
    copy_to(one);
    auto engine = must_open(world_.environment(), one.path(), small_options());
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(Sample{.number = 2, .content = "second"}.record()).is_ok());
    ASSERT_EQ(*engine->commit(batch), 2u);
    const ScratchDirectory two;
    std::filesystem::copy(one.path(), two.path(), std::filesystem::copy_options::recursive);
    engine = must_open(world_.environment(), two.path(), small_options());
    EXPECT_EQ(engine->stats().recovered_records, 2u);
    EXPECT_EQ(content_of(*engine->snapshot(), 1), "first");
    EXPECT_EQ(content_of(*engine->snapshot(), 2), "second");
}

TEST_F(Recovery, ALogLargerThanAMemtableIsFlushedOnTheWay) {
    StorageOptions options = small_options();
    options.memtable_size_bytes = size_t{4} << 20;
    open(options);
    for (uint64_t number = 0; number < 500; ++number) {
        put({.number = number, .content = std::string(400, 'r')});
        put(edge_of(number, number / 2));
    }
    const ScratchDirectory copy;
    copy_to(copy);
    auto engine = must_open(world_.environment(), copy.path(), small_options());
    EXPECT_EQ(engine->stats().recovered_records, 1'000u);
    ASSERT_TRUE(engine->flush().is_ok());
    EXPECT_GT(engine->stats().flushes, 3u);
    for (uint64_t number = 0; number < 500; ++number) {
        ASSERT_EQ(content_of(*engine->snapshot(), number), std::string(400, 'r'));
        ASSERT_EQ(edges_of(*engine->snapshot(), number, Direction::Out).size(), 1u);
    }
    ASSERT_TRUE(engine->close().is_ok());
    engine = must_open(world_.environment(), copy.path(), small_options());
    EXPECT_EQ(engine->stats().recovered_records, 0u);
}

TEST_F(Recovery, ATornTailIsDroppedAndKeptAside) {
    StorageOptions options = small_options();
    options.durability = Durability::None;
    open(options);
    for (uint64_t number = 0; number < 10; ++number) put({.number = number});
    const ScratchDirectory copy;
    copy_to(copy);
    const auto wal = std::filesystem::path(copy.path()) / copy.files(".wal").back();
    std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    const size_t end = bytes.find_last_not_of('\0');
    ASSERT_GT(end, 200u);
    file.clear();
    file.seekp(static_cast<std::streamoff>(end - 30));
    file.write("torn", 4);
    file.close();
    auto engine = must_open(world_.environment(), copy.path(), small_options());
    EXPECT_EQ(engine->snapshot()->sequence(), 9u);
    EXPECT_EQ(content_of(*engine->snapshot(), 8), "content");
    EXPECT_EQ(content_of(*engine->snapshot(), 9), std::nullopt);
    EXPECT_GT(engine->stats().recovery_bytes_discarded, 0u);
    EXPECT_TRUE(engine->stats().lost_and_found_name.starts_with("lost+found/"));
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(copy.path()) /
                                        engine->stats().lost_and_found_name));
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(Sample{.number = 9, .content = "again"}.record()).is_ok());
    EXPECT_EQ(*engine->commit(batch), 10u);
    EXPECT_EQ(content_of(*engine->snapshot(), 9), "again");
}

TEST_F(Recovery, FileNumbersAreNeverGivenAgain) {
    std::set<std::string> seen;
    for (int round = 0; round < 4; ++round) {
        open();
        put({.number = static_cast<uint64_t>(round)});
        ASSERT_TRUE(engine_->compact().is_ok());
        put({.number = 100});
        close();
        for (const std::string& name : directory_.files(".seg")) seen.insert(name);
        for (const std::string& name : directory_.files(".wal")) seen.insert(name);
    }
    // Every round leaves two segments (the merged one and the last flush) and one log segment; the
    // merge of the next round replaces the former, so all names differ.
    EXPECT_GE(seen.size(), 9u);
    open();
    EXPECT_EQ(engine_->snapshot()->sequence(), 8u);
}

TEST_F(Recovery, AMissingDirectoryIsMadeOnlyWhenAsked) {
    StorageOptions options = small_options();
    options.create_if_missing = false;
    EXPECT_EQ(try_open(directory_.path(), options).error().code(), ErrorCode::NotFound);
    EXPECT_FALSE(std::filesystem::exists(directory_.path()));
    std::filesystem::create_directories(directory_.path());
    EXPECT_EQ(try_open(directory_.path(), options).error().code(), ErrorCode::NotFound);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
    open();
    put({.number = 1});
    close();
    EXPECT_TRUE(try_open(directory_.path(), options).has_value());
}

TEST_F(Recovery, ADirectoryWithoutCurrentIsNotANewDatabase) {
    open();
    put({.number = 1});
    close();
    std::filesystem::remove(std::filesystem::path(directory_.path()) / "CURRENT");
    EXPECT_EQ(try_open(directory_.path(), small_options()).error().code(), ErrorCode::Corrupt);

    const ScratchDirectory foreign;
    std::filesystem::create_directories(foreign.path());
    std::ofstream(std::filesystem::path(foreign.path()) / "letter.txt") << "dear";
    EXPECT_EQ(try_open(foreign.path(), small_options()).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(foreign.files("").size(), 1u);  // not even a lock file
}

TEST_F(Recovery, AMissingSegmentIsCorruption) {
    open();
    put({.number = 1});
    close();
    ASSERT_EQ(directory_.files(".seg").size(), 1u);
    std::filesystem::remove(std::filesystem::path(directory_.path()) / directory_.files(".seg")[0]);
    EXPECT_EQ(try_open(directory_.path(), small_options()).error().code(), ErrorCode::Corrupt);
}

TEST_F(Recovery, AMissingLogSegmentIsCorruption) {
    open();
    put({.number = 1});
    const ScratchDirectory copy;
    copy_to(copy);
    ASSERT_EQ(copy.files(".wal").size(), 1u);
    std::filesystem::remove(std::filesystem::path(copy.path()) / copy.files(".wal")[0]);
    EXPECT_EQ(try_open(copy.path(), small_options()).error().code(), ErrorCode::Corrupt);
}

TEST_F(Recovery, OneWriterAtATime) {
    open();
    const auto second = try_open(directory_.path(), small_options());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code(), ErrorCode::Locked);
    const std::string message(second.error().message());
    EXPECT_NE(message.find("pid " + std::to_string(io::process_id()) + " since 20"),
              std::string::npos)
        << message;
    close();
    EXPECT_TRUE(try_open(directory_.path(), small_options()).has_value());
}

}  // namespace
}  // namespace kausal::storage
