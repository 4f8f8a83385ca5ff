// Goal: commits of many threads are grouped, ordered and atomic, and readers beside flushes, merges
// and bulk loads always see whole commits; meant for the thread sanitizer. Method: every commit
// keeps an invariant that readers check.
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <atomic>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

using Concurrency = DatabaseTest;

TEST_F(Concurrency, EightWritersShareGroups) {
    StorageOptions options = small_options();
    options.durability = Durability::Full;
    open(options);
    constexpr uint64_t writers = 8;
    constexpr uint64_t rounds = 60;
    std::vector<std::vector<uint64_t>> sequences(writers);
    const auto helper = io::make_thread_executor(writers - 1);
    const Status status =
        io::parallel_for(*helper, writers, writers, [&](size_t, size_t index) -> Status {
            for (uint64_t round = 0; round < rounds; ++round) {
                format::WriteBatch batch;
                const Sample sample{.number = index * rounds + round,
                                    .content = std::string(200, 'w')};
                KAUSAL_TRY(batch.put_block(sample.record()));
                sequences[index].push_back(KAUSAL_TRY(engine_->commit(batch)));
            }
            return Status::ok();
        });
    ASSERT_TRUE(status.is_ok()) << status.message();
    std::set<uint64_t> all;
    for (const std::vector<uint64_t>& own : sequences) {
        EXPECT_TRUE(std::ranges::is_sorted(own));
        all.insert(own.begin(), own.end());
    }
    EXPECT_EQ(all.size(), writers * rounds);
    EXPECT_EQ(*all.rbegin(), writers * rounds);
    const StorageStats stats = engine_->stats();
    EXPECT_EQ(stats.commits, writers * rounds);
    EXPECT_LE(stats.commit_groups, stats.commits);
    EXPECT_EQ(stats.syncs, stats.commit_groups);
    for (uint64_t number = 0; number < writers * rounds; ++number) {
        ASSERT_TRUE(content_of(*engine_->snapshot(), number).has_value());
    }
    close();
    open(options);
    EXPECT_EQ(engine_->snapshot()->sequence(), writers * rounds);
}

// Commit n writes the number n into blocks 0..3 and replaces the edge that leaves block 0.
void write_rounds(StorageEngine& engine, uint64_t rounds) {
    for (uint64_t round = 1; round <= rounds; ++round) {
        format::WriteBatch batch;
        const std::string text = std::to_string(round) + " " + std::string(300, 'x');
        for (uint64_t number = 0; number < 4; ++number) {
            const Sample sample{
                .number = number, .name = "round" + std::to_string(round), .content = text};
            ASSERT_TRUE(batch.put_block(sample.record()).is_ok());
        }
        ASSERT_TRUE(batch.put_edge(edge_of(0, 1'000 + round)).is_ok());
        if (round > 1) {
            ASSERT_TRUE(batch.delete_edge(format::key_of(edge_of(0, 1'000 + round - 1))).is_ok());
        }
        const Result<uint64_t> sequence = engine.commit(batch);
        ASSERT_TRUE(sequence.has_value()) << sequence.error().message();
        if (round % 100 == 0) {
            ASSERT_TRUE(engine.compact().is_ok());
        }
        if (round % 70 == 0) {
            Result<std::unique_ptr<BulkLoad>> load = engine.begin_bulk();
            ASSERT_TRUE(load.has_value());
            ASSERT_TRUE((*load)->add_block(Sample{.number = 50'000 + round}.record()).is_ok());
            ASSERT_TRUE((*load)->commit().has_value());
        }
    }
}

void read_once(StorageEngine& engine, uint64_t& last) {
    const SnapshotRef snapshot = engine.snapshot();
    const auto first = content_of(*snapshot, 0);
    if (!first) return;
    const uint64_t round = std::stoull(*first);
    ASSERT_GE(round, last);
    last = round;
    for (uint64_t number = 1; number < 4; ++number) {
        ASSERT_EQ(content_of(*snapshot, number), first);
    }
    const auto edges = edges_of(*snapshot, 0, Direction::Out);
    ASSERT_EQ(edges.size(), 1u);
    ASSERT_EQ(edges[0].target, id_of(1'000 + round));
    ASSERT_EQ(edges_of(*snapshot, 1'000 + round, Direction::In).size(), 1u);
    const std::string name = "round" + std::to_string(round);
    ASSERT_EQ(names_of(*snapshot, name, NameMatch::Exact).size(), 4u);
    ASSERT_EQ(names_of(*snapshot, "ROUND", NameMatch::FoldedPrefix).size(), 4u);
    size_t live = 0;
    for (const TextSource* source : snapshot->text_sources()) {
        std::vector<TextSource::Posting> postings;
        ASSERT_TRUE(source->postings(format::term_hash(name), postings).is_ok());
        for (const auto& posting : postings) live += source->is_live(posting.document) ? 1 : 0;
    }
    ASSERT_EQ(live, 4u);
    const auto topology = snapshot->topology();
    std::vector<Topology::Neighbour> neighbours;
    ASSERT_TRUE(
        topology->neighbours(*topology->node_of(id_of(0)), Direction::Out, neighbours).is_ok());
    ASSERT_EQ(neighbours.size(), 1u);
}

TEST_F(Concurrency, ReadersSeeWholeCommits) {
    StorageOptions options = small_options();
    options.durability = Durability::Interval;
    options.sync_interval_ms = 1;
    options.memtable_size_bytes = size_t{16} << 10;
    open(options);
    std::atomic<bool> done{false};
    std::atomic<uint64_t> reads{0};
    const auto helper = io::make_thread_executor(3);
    const Status status = io::parallel_for(*helper, 4, 4, [&](size_t, size_t index) -> Status {
        if (index == 0) {
            write_rounds(*engine_, 500);
            done = true;
            return Status::ok();
        }
        uint64_t last = 0;
        while (!done && !::testing::Test::HasFatalFailure()) {
            read_once(*engine_, last);
            reads.fetch_add(1);
            if (index == 3) (void)engine_->stats();
        }
        return Status::ok();
    });
    ASSERT_TRUE(status.is_ok());
    EXPECT_GT(reads.load(), 0u);
    EXPECT_GT(engine_->stats().flushes, 5u);
    EXPECT_GT(engine_->stats().compactions, 0u);
    uint64_t last = 500;
    read_once(*engine_, last);
    expect_clean_verify();
}

}  // namespace
}  // namespace kausal::storage
