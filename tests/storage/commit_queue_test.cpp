// Goal: the role of the writer is held by one thread at a time, every batch is served once, in
// order of entry per thread. Method: the queue alone, with and without threads.
#include "storage/commit_queue.h"

#include "storage/database_fixture.h"
#include "storage/stepping_executor.h"

#include <gtest/gtest.h>

#include <atomic>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

format::WriteBatch batch_of(size_t content_size) {
    format::WriteBatch batch;
    const Sample sample{.content = std::string(content_size, 'q')};
    EXPECT_TRUE(batch.put_block(sample.record()).is_ok());
    return batch;
}

TEST(CommitQueue, GroupsUpToTheBound) {
    SteppingExecutor executor;
    CommitQueue queue(executor);
    const format::WriteBatch batch = batch_of(1'000);
    std::vector<PendingCommit> commits(5);
    for (PendingCommit& commit : commits) commit.batch = &batch;
    // The role is free in between, so that all can enter from one thread.
    for (PendingCommit& commit : commits) {
        ASSERT_TRUE(queue.enter(commit));
        queue.leave();
    }
    ASSERT_TRUE(queue.try_enter_alone());
    EXPECT_FALSE(queue.try_enter_alone());
    std::vector<PendingCommit*> group;
    queue.take_group(2'500, group);
    ASSERT_EQ(group.size(), 2u);
    EXPECT_EQ(group[0], &commits[0]);
    EXPECT_EQ(group[1], &commits[1]);
    queue.finish_group(group);
    EXPECT_TRUE(commits[1].is_done);
    EXPECT_FALSE(commits[2].is_done);
    queue.withdraw(commits[3]);
    group.clear();
    queue.take_group(10, group);  // at least one, however large
    ASSERT_EQ(group.size(), 1u);
    EXPECT_EQ(group[0], &commits[2]);
    group.clear();
    queue.take_group(1'000'000, group);
    ASSERT_EQ(group.size(), 1u);
    EXPECT_EQ(group[0], &commits[4]);
    queue.leave();
    EXPECT_TRUE(queue.try_enter_alone());
    queue.leave();
}

TEST(CommitQueue, ServesEveryBatchOnceFromManyThreads) {
    const World world(4);
    CommitQueue queue(*world.executor);
    const format::WriteBatch batch = batch_of(10);
    std::atomic<int> inside{0};
    std::atomic<int> served{0};
    std::atomic<int> alone{0};
    const auto helper = io::make_thread_executor(7);
    const Status status = io::parallel_for(*helper, 8, 8, [&](size_t, size_t index) -> Status {
        for (int i = 0; i < 2'000; ++i) {
            if (index == 0) {
                const WriterScope role(queue);
                if (inside.fetch_add(1) != 0) return Status(ErrorCode::Internal);
                alone.fetch_add(1);
                inside.fetch_sub(1);
                continue;
            }
            PendingCommit own;
            own.batch = &batch;
            if (!queue.enter(own)) continue;
            if (inside.fetch_add(1) != 0) return Status(ErrorCode::Internal);
            while (!own.is_done) {
                std::vector<PendingCommit*> group;
                queue.take_group(1 << 20, group);
                served.fetch_add(static_cast<int>(group.size()));
                queue.finish_group(group);
            }
            inside.fetch_sub(1);
            queue.leave();
        }
        return Status::ok();
    });
    ASSERT_TRUE(status.is_ok());
    EXPECT_EQ(served.load(), 7 * 2'000);
    EXPECT_EQ(alone.load(), 2'000);
}

}  // namespace
}  // namespace kausal::storage
