// Goal: a bulk load is invisible until it commits, comes after everything committed before, and
// leaves nothing when it is dropped. Method: other commits run beside it; files are counted.
#include "segment/block_chunk.h"
#include "storage/database_fixture.h"
#include "storage/stepping_executor.h"

#include <gtest/gtest.h>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class Bulk : public DatabaseTest {
  protected:
    std::unique_ptr<BulkLoad> begin() {
        Result<std::unique_ptr<BulkLoad>> load = engine_->begin_bulk();
        EXPECT_TRUE(load.has_value()) << load.error().message();
        return load ? std::move(*load) : nullptr;
    }
};

TEST_F(Bulk, BecomesVisibleAtOnceAndLast) {
    open();
    put({.number = 1, .content = "before"});
    auto load = begin();
    ASSERT_TRUE(load->add_block(Sample{.number = 1, .content = "bulk"}.record()).is_ok());
    ASSERT_TRUE(load->add_block(Sample{.number = 2, .content = "bulk"}.record()).is_ok());
    ASSERT_TRUE(load->delete_block(id_of(3)).is_ok());
    ASSERT_TRUE(load->add_edge(edge_of(1, 2)).is_ok());
    ASSERT_TRUE(load->delete_edge(format::key_of(edge_of(4, 5))).is_ok());
    // Committed while the load is under way, so it comes before the load.
    put({.number = 2, .content = "meanwhile"});
    put({.number = 3, .content = "meanwhile"});
    put(edge_of(4, 5));
    const SnapshotRef before = engine_->snapshot();
    EXPECT_EQ(content_of(*before, 1), "before");

    const Result<uint64_t> sequence = load->commit();
    ASSERT_TRUE(sequence.has_value()) << sequence.error().message();
    EXPECT_EQ(*sequence, 5u);
    load.reset();
    EXPECT_EQ(content_of(*before, 2), "meanwhile");
    const auto check = [&] {
        const SnapshotRef after = engine_->snapshot();
        EXPECT_EQ(content_of(*after, 1), "bulk");
        EXPECT_EQ(content_of(*after, 2), "bulk");
        EXPECT_EQ(content_of(*after, 3), std::nullopt);
        EXPECT_EQ(edges_of(*after, 1, Direction::Out).size(), 1u);
        EXPECT_TRUE(edges_of(*after, 4, Direction::Out).empty());
    };
    check();
    put({.number = 9});
    close();
    open();
    check();
    EXPECT_EQ(put({.number = 2, .content = "after"}), 7u);
    EXPECT_EQ(content_of(*engine_->snapshot(), 2), "after");
    expect_clean_verify();
}

TEST_F(Bulk, ChunksAreMadeApartAndAppended) {
    open();
    auto load = begin();
    for (uint64_t part = 0; part < 4; ++part) {
        const auto builder = load->make_chunk_builder();
        for (uint64_t i = 0; i < 250; ++i) {
            const Sample sample{.number = part * 250 + i, .content = std::string(100, 'c')};
            ASSERT_TRUE(builder->add(sample.record()).is_ok());
        }
        Result<segment::BlockChunk> chunk = builder->finish();
        ASSERT_TRUE(chunk.has_value());
        ASSERT_TRUE(load->add_blocks(std::move(*chunk)).is_ok());
    }
    ASSERT_TRUE(load->commit().has_value());
    const SnapshotRef snapshot = engine_->snapshot();
    for (uint64_t number = 0; number < 1'000; ++number) {
        ASSERT_EQ(content_of(*snapshot, number), std::string(100, 'c'));
    }
    const auto block = snapshot->get(id_of(5), BlockParts::Head);
    EXPECT_EQ((*block)->version, snapshot->sequence());
    load.reset();
    expect_clean_verify();
}

TEST_F(Bulk, DroppedLeavesNothing) {
    open();
    {
        auto load = begin();
        ASSERT_TRUE(load->add_block(Sample{.number = 1}.record()).is_ok());
        EXPECT_EQ(directory_.files(".seg").size(), 1u);
    }
    EXPECT_TRUE(directory_.files(".seg").empty());
    EXPECT_EQ(content_of(*engine_->snapshot(), 1), std::nullopt);
    auto load = begin();  // and another one may begin
    EXPECT_EQ(engine_->begin_bulk().error().code(), ErrorCode::Conflict);
    ASSERT_TRUE(load->add_block(Sample{.number = 2}.record()).is_ok());
    ASSERT_TRUE(load->commit().has_value());
    EXPECT_EQ(load->commit().error().code(), ErrorCode::Closed);
    EXPECT_EQ(load->delete_block(id_of(2)).code(), ErrorCode::Closed);
    EXPECT_EQ(content_of(*engine_->snapshot(), 2), "content");
}

TEST_F(Bulk, AnIdTwiceIsRefusedAtCommitAndChangesNothing) {
    open();
    put({.number = 5, .content = "kept"});
    auto load = begin();
    ASSERT_TRUE(load->add_block(Sample{.number = 5}.record()).is_ok());
    ASSERT_TRUE(load->add_block(Sample{.number = 5}.record()).is_ok());
    EXPECT_EQ(load->commit().error().code(), ErrorCode::Invalid);
    load.reset();
    EXPECT_EQ(content_of(*engine_->snapshot(), 5), "kept");
    EXPECT_EQ(engine_->stats().health, Health::Healthy);
    EXPECT_EQ(put({.number = 6}), 2u);
    EXPECT_EQ(directory_.files(".seg").size(), 1u);  // that of the flushed memtable
}

/// Commits once, from within the wait of somebody else: another thread in a test without threads.
class CommitJob final : public io::Job {
  public:
    CommitJob(StorageEngine& engine, const Sample& sample) : engine_(engine), sample_(sample) {}
    io::StepResult step() override {
        format::WriteBatch batch;
        EXPECT_TRUE(batch.put_block(sample_.record()).is_ok());
        EXPECT_TRUE(engine_.commit(batch).has_value());
        return io::StepResult::Done;
    }

  private:
    StorageEngine& engine_;
    Sample sample_;
};

TEST_F(Bulk, ACommitBetweenFlushAndInstallComesBeforeTheLoad) {
    SteppingExecutor executor;
    Environment environment = world_.environment();
    environment.executor = &executor;
    engine_ = must_open(environment, directory_.path(), small_options());
    put({.number = 1, .content = "first"});
    auto load = begin();
    ASSERT_TRUE(load->add_block(Sample{.number = 1, .content = "bulk"}.record()).is_ok());
    // Runs while `commit` of the load waits for the flush of the first put.
    executor.submit(
        std::make_unique<CommitJob>(*engine_, Sample{.number = 1, .content = "between"}));
    EXPECT_EQ(*load->commit(), 3u);
    EXPECT_EQ(content_of(*engine_->snapshot(), 1), "bulk");
    load.reset();
    close();
    engine_ = must_open(environment, directory_.path(), small_options());
    EXPECT_EQ(content_of(*engine_->snapshot(), 1), "bulk");
    engine_.reset();
}

TEST_F(Bulk, AnEmptyLoadCommitsToNothing) {
    open();
    put({.number = 1});
    auto load = begin();
    EXPECT_EQ(*load->commit(), 1u);
    load.reset();
    EXPECT_EQ(engine_->stats().segment_count, 0u);
    EXPECT_TRUE(directory_.files(".seg").empty());
}

TEST_F(Bulk, AnUnfinishedFileIsRemovedAtOpen) {
    open();
    put({.number = 1});
    auto load = begin();
    ASSERT_TRUE(load->add_block(Sample{.number = 2}.record()).is_ok());
    const ScratchDirectory copy;
    std::filesystem::copy(directory_.path(), copy.path(), std::filesystem::copy_options::recursive);
    EXPECT_EQ(copy.files(".seg").size(), 1u);
    const std::vector<std::string> unfinished = copy.files(".seg");
    auto engine = must_open(world_.environment(), copy.path(), small_options());
    EXPECT_TRUE(copy.files(".seg").empty());
    EXPECT_EQ(content_of(*engine->snapshot(), 1), "content");
    EXPECT_EQ(content_of(*engine->snapshot(), 2), std::nullopt);
    // Its number is not given again.
    ASSERT_TRUE(engine->flush().is_ok());
    ASSERT_EQ(copy.files(".seg").size(), 1u);
    EXPECT_NE(copy.files(".seg"), unfinished);
    load.reset();
}

}  // namespace
}  // namespace kausal::storage
