// Goal: commits are atomic, ordered, durable as asked, and refused when they must be. Method: a
// real directory; what a reopened copy of it shows is what was durable for a killed process.
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

using Commit = DatabaseTest;

TEST_F(Commit, GivesIncreasingSequenceNumbersAndShowsWholeBatches) {
    open();
    const SnapshotRef before = engine_->snapshot();
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_block(Sample{.number = 1, .content = "one"}.record()).is_ok());
    ASSERT_TRUE(batch.put_block(Sample{.number = 2, .content = "two"}.record()).is_ok());
    ASSERT_TRUE(batch.put_edge(edge_of(1, 2)).is_ok());
    const uint64_t first = commit(batch);
    EXPECT_EQ(first, 1u);
    EXPECT_EQ(put({.number = 3}), 2u);
    const SnapshotRef after = engine_->snapshot();
    EXPECT_EQ(after->sequence(), 2u);
    EXPECT_EQ(content_of(*after, 1), "one");
    EXPECT_EQ(content_of(*after, 2), "two");
    EXPECT_EQ(edges_of(*after, 1, Direction::Out).size(), 1u);
    EXPECT_EQ(edges_of(*after, 2, Direction::In).size(), 1u);
    EXPECT_EQ(before->sequence(), 0u);
    EXPECT_EQ(content_of(*before, 1), std::nullopt);
    EXPECT_TRUE(edges_of(*before, 2, Direction::In).empty());
}

TEST_F(Commit, AnEmptyBatchChangesNothing) {
    open();
    put({.number = 1});
    EXPECT_EQ(commit(format::WriteBatch{}), 1u);
    EXPECT_EQ(engine_->stats().commits, 1u);
}

TEST_F(Commit, EveryDurabilityModeSurvivesAReopen) {
    for (const Durability durability : {Durability::Full, Durability::Interval, Durability::None}) {
        const ScratchDirectory directory;
        StorageOptions options = small_options();
        options.durability = durability;
        auto engine = must_open(world_.environment(), directory.path(), options);
        for (uint64_t number = 0; number < 50; ++number) {
            format::WriteBatch batch;
            ASSERT_TRUE(batch.put_block(Sample{.number = number}.record()).is_ok());
            ASSERT_TRUE(engine->commit(batch).has_value());
        }
        if (durability == Durability::Full) {
            EXPECT_EQ(engine->stats().syncs, 50u);
        }
        if (durability == Durability::None) {
            EXPECT_EQ(engine->stats().syncs, 0u);
            ASSERT_TRUE(engine->sync().is_ok());
            EXPECT_EQ(engine->stats().syncs, 1u);
        }
        ASSERT_TRUE(engine->close().is_ok());
        engine = must_open(world_.environment(), directory.path(), options);
        for (uint64_t number = 0; number < 50; ++number) {
            EXPECT_TRUE(content_of(*engine->snapshot(), number).has_value()) << number;
        }
    }
}

TEST_F(Commit, IntervalSyncsWithoutAFurtherCommit) {
    StorageOptions options = small_options();
    options.durability = Durability::Interval;
    options.sync_interval_ms = 1;
    open(options);
    put({.number = 1});
    // No deadline is asserted: the wait ends when the job has synced.
    while (engine_->stats().syncs == 0) world_.executor->sleep_ns(100'000);
    EXPECT_GE(engine_->stats().syncs, 1u);
}

TEST_F(Commit, MemtablesAreFlushedAsTheyFill) {
    open();
    for (uint64_t number = 0; number < 400; ++number) {
        put({.number = number, .content = std::string(500, 'a') + std::to_string(number)});
    }
    ASSERT_TRUE(engine_->flush().is_ok());
    EXPECT_GT(engine_->stats().flushes, 3u);
    EXPECT_EQ(engine_->stats().memtable_count, 1u);
    for (uint64_t number = 0; number < 400; ++number) {
        EXPECT_EQ(content_of(*engine_->snapshot(), number),
                  std::string(500, 'a') + std::to_string(number));
    }
    // The log of flushed memtables is gone.
    EXPECT_EQ(directory_.files(".wal").size(), 1u);
    expect_clean_verify();
}

TEST_F(Commit, AnOversizedBatchIsOneCommit) {
    open();
    put({.number = 7, .content = "old"});
    const SnapshotRef before = engine_->snapshot();
    format::WriteBatch batch;
    for (uint64_t number = 0; number < 200; ++number) {
        const Sample sample{.number = number, .content = std::string(300, 'b')};
        ASSERT_TRUE(batch.put_block(sample.record()).is_ok());
        ASSERT_TRUE(batch.put_edge(edge_of(number, number + 1)).is_ok());
    }
    // Later operations of a batch win, also past the log.
    ASSERT_TRUE(batch.delete_block(id_of(3)).is_ok());
    ASSERT_TRUE(batch.put_block(Sample{.number = 4, .content = "last"}.record()).is_ok());
    ASSERT_TRUE(batch.delete_edge(format::key_of(edge_of(5, 6))).is_ok());
    ASSERT_GT(batch.size_bytes(), small_options().memtable_size_bytes / 2);
    EXPECT_EQ(commit(batch), 2u);
    EXPECT_EQ(put({.number = 300}), 3u);
    const SnapshotRef after = engine_->snapshot();
    EXPECT_EQ(content_of(*after, 7), std::string(300, 'b'));
    EXPECT_EQ(content_of(*after, 3), std::nullopt);
    EXPECT_EQ(content_of(*after, 4), "last");
    EXPECT_TRUE(edges_of(*after, 5, Direction::Out).empty());
    EXPECT_EQ(edges_of(*after, 6, Direction::Out).size(), 1u);
    EXPECT_EQ(content_of(*before, 7), "old");
    EXPECT_EQ(content_of(*before, 0), std::nullopt);
    close();
    open();
    EXPECT_EQ(content_of(*engine_->snapshot(), 199), std::string(300, 'b'));
    EXPECT_EQ(put({.number = 301}), 4u);
    expect_clean_verify();
}

TEST_F(Commit, TombstonesSurviveFlushAndMerge) {
    StorageOptions options = small_options();
    options.compaction_enabled = false;
    open(options);
    put({.number = 1, .content = "gone"});
    put({.number = 2, .content = "stays"});
    put(edge_of(1, 2));
    put(edge_of(2, 1));
    ASSERT_TRUE(engine_->flush().is_ok());
    erase(1);
    erase(edge_of(1, 2));
    ASSERT_TRUE(engine_->flush().is_ok());
    EXPECT_EQ(engine_->stats().segment_count, 2u);
    const auto check = [&] {
        const SnapshotRef snapshot = engine_->snapshot();
        EXPECT_EQ(content_of(*snapshot, 1), std::nullopt);
        EXPECT_EQ(content_of(*snapshot, 2), "stays");
        EXPECT_TRUE(edges_of(*snapshot, 1, Direction::Out).empty());
        EXPECT_TRUE(edges_of(*snapshot, 2, Direction::In).empty());
        EXPECT_EQ(edges_of(*snapshot, 2, Direction::Out).size(), 1u);
        EXPECT_EQ(names_of(*snapshot, "name", NameMatch::Exact).size(), 1u);
    };
    check();
    close();
    open(options);
    check();
    ASSERT_TRUE(engine_->compact().is_ok());
    EXPECT_EQ(engine_->stats().segment_count, 1u);
    EXPECT_EQ(engine_->stats().blocks, 1u);  // the tombstone had nothing left to hide
    check();
    EXPECT_EQ(directory_.files(".seg").size(), 1u);
}

TEST_F(Commit, WhatIsPutAndDeletedInOneMemtableVanishes) {
    open();
    put({.number = 1});
    put(edge_of(1, 2));
    erase(1);
    erase(edge_of(1, 2));
    ASSERT_TRUE(engine_->flush().is_ok());
    EXPECT_EQ(engine_->stats().segment_count, 0u);
    EXPECT_TRUE(directory_.files(".seg").empty());
    close();
    open();
    EXPECT_EQ(engine_->stats().recovered_records, 0u);
    EXPECT_EQ(engine_->snapshot()->sequence(), 4u);
}

TEST_F(Commit, AClosedDatabaseRefuses) {
    open();
    put({.number = 1});
    const SnapshotRef snapshot = engine_->snapshot();
    ASSERT_TRUE(engine_->close().is_ok());
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_edge(edge_of(1, 2)).is_ok());
    EXPECT_EQ(engine_->commit(batch).error().code(), ErrorCode::Closed);
    EXPECT_EQ(engine_->flush().code(), ErrorCode::Closed);
    EXPECT_EQ(engine_->begin_bulk().error().code(), ErrorCode::Closed);
    EXPECT_EQ(engine_->verify().error().code(), ErrorCode::Closed);
    EXPECT_TRUE(engine_->close().is_ok());
    engine_.reset();
    EXPECT_EQ(content_of(*snapshot, 1), "content");  // a snapshot may outlive its engine
}

TEST_F(Commit, BadOptionsAreRefused) {
    StorageOptions options = small_options();
    options.memtable_size_bytes = 0;
    EXPECT_EQ(StorageEngine::open(world_.environment(), directory_.path(), options).error().code(),
              ErrorCode::Invalid);
    options = small_options();
    options.compaction_fan_in_min = 1;
    EXPECT_EQ(StorageEngine::open(world_.environment(), directory_.path(), options).error().code(),
              ErrorCode::Invalid);
    EXPECT_EQ(StorageEngine::open({}, directory_.path(), small_options()).error().code(),
              ErrorCode::Invalid);
}

}  // namespace
}  // namespace kausal::storage
