// Goal: details of reading that the oracle does not reach: early stops, long lists that need
// several rounds, order across sources, pins that outlive everything, numbers of the topology.
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class SnapshotReads : public DatabaseTest {
  protected:
    static StorageOptions without_merges() {
        StorageOptions options = small_options();
        options.compaction_enabled = false;
        options.memtable_size_bytes = size_t{8} << 20;
        return options;
    }
};

std::string padded(uint64_t number) {
    std::string text = std::to_string(number);
    return "n" + std::string(6 - text.size(), '0') + text;
}

TEST_F(SnapshotReads, ManyNamesOverThreeSourcesComeOnceAndInOrder) {
    open(without_merges());
    // Every third number is in the oldest, middle and newest source; every ninth moved to a new
    // name.
    for (uint64_t source = 0; source < 3; ++source) {
        format::WriteBatch batch;
        for (uint64_t number = source; number < 6'000; number += 3) {
            const Sample sample{.number = number, .name = padded(number), .uri = padded(number)};
            ASSERT_TRUE(batch.put_block(sample.record()).is_ok());
        }
        for (uint64_t number = 0; number < source * 90; number += 9) {
            const Sample sample{.number = number, .name = "moved", .uri = "moved"};
            ASSERT_TRUE(batch.put_block(sample.record()).is_ok());
        }
        commit(batch);
        if (source < 2) {
            ASSERT_TRUE(engine_->flush().is_ok());
        }
    }
    ASSERT_EQ(engine_->stats().segment_count, 2u);
    std::vector<std::string> expected;
    for (uint64_t number = 0; number < 6'000; ++number) {
        if (number % 9 == 0 && number < 180) continue;
        expected.push_back(padded(number));
    }
    const SnapshotRef snapshot = engine_->snapshot();
    EXPECT_EQ(names_of(*snapshot, "n", NameMatch::Prefix), expected);
    EXPECT_EQ(names_of(*snapshot, "N", NameMatch::FoldedPrefix), expected);
    EXPECT_EQ(names_of(*snapshot, "moved", NameMatch::Exact).size(), 20u);
    std::vector<std::string> uris;
    ASSERT_TRUE(snapshot
                    ->find_uris("n", true,
                                [&](std::string_view uri, const BlockId&) {
                                    uris.emplace_back(uri);
                                    return uris.size() < 3'000;
                                })
                    .is_ok());
    expected.resize(3'000);
    EXPECT_EQ(uris, expected);
}

TEST_F(SnapshotReads, VisitorsStopWhereTheySay) {
    open(without_merges());
    for (uint64_t number = 0; number < 10; ++number) {
        put({.number = number});
        put(edge_of(number, number + 1));
        if (number == 4) {
            ASSERT_TRUE(engine_->flush().is_ok());
        }
    }
    const SnapshotRef snapshot = engine_->snapshot();
    int count = 0;
    ASSERT_TRUE(snapshot
                    ->scan_blocks(format::BlockKind::Invalid, BlockParts::Head,
                                  [&](const BlockPin&) { return ++count < 3; })
                    .is_ok());
    EXPECT_EQ(count, 3);
    count = 0;
    ASSERT_TRUE(
        snapshot->scan_edges([&](const format::EdgeRecord&) { return ++count < 7; }).is_ok());
    EXPECT_EQ(count, 7);
    count = 0;
    ASSERT_TRUE(snapshot
                    ->find_names("name", NameMatch::Exact,
                                 [&](std::string_view, const BlockId&) { return ++count < 2; })
                    .is_ok());
    EXPECT_EQ(count, 2);
    count = 0;
    ASSERT_TRUE(snapshot->scan_names([&](std::string_view) { return ++count < 1; }).is_ok());
    EXPECT_EQ(count, 1);
}

TEST_F(SnapshotReads, PinsOutliveEngineAndSnapshot) {
    open();
    put({.number = 1, .content = "from a memtable"});
    BlockPin young = **engine_->snapshot()->get(id_of(1), BlockParts::HeadAndBody);
    ASSERT_TRUE(engine_->flush().is_ok());
    BlockPin old = **engine_->snapshot()->get(id_of(1), BlockParts::HeadAndBody);
    put({.number = 1, .content = "newer"});
    ASSERT_TRUE(engine_->compact().is_ok());
    close();
    EXPECT_EQ(young.record.content, "from a memtable");
    EXPECT_EQ(old.record.content, "from a memtable");
    EXPECT_EQ(old.record.name, "name");
    EXPECT_EQ(old.version, 1u);
}

TEST_F(SnapshotReads, FilesGoWhenTheLastSnapshotGoes) {
    open(without_merges());
    put({.number = 1, .content = "one"});
    ASSERT_TRUE(engine_->flush().is_ok());
    put({.number = 1, .content = "two"});
    ASSERT_TRUE(engine_->flush().is_ok());
    SnapshotRef snapshot = engine_->snapshot();
    const std::vector<std::string> inputs = directory_.files(".seg");
    ASSERT_EQ(inputs.size(), 2u);
    ASSERT_TRUE(engine_->compact().is_ok());
    EXPECT_EQ(directory_.files(".seg").size(), 3u);
    EXPECT_EQ(content_of(*snapshot, 1), "two");
    snapshot.reset();
    ASSERT_EQ(directory_.files(".seg").size(), 1u);
    EXPECT_EQ(std::ranges::find(inputs, directory_.files(".seg")[0]), inputs.end());
}

TEST_F(SnapshotReads, TopologyNumbersIdsOfAllSources) {
    open(without_merges());
    for (uint64_t number = 0; number < 20; ++number) put(edge_of(number, number + 1));
    ASSERT_TRUE(engine_->flush().is_ok());
    put(edge_of(3, 100));  // a node that only the memtable knows
    erase(edge_of(3, 4));  // an edge that the segment has
    const SnapshotRef snapshot = engine_->snapshot();
    const auto topology = snapshot->topology();
    EXPECT_EQ(topology->node_limit(), 21u);
    const uint32_t three = *topology->node_of(id_of(3));
    EXPECT_LT(three, 21u);
    std::vector<Topology::Neighbour> found;
    ASSERT_TRUE(topology->neighbours(three, Direction::Out, found).is_ok());
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(topology->id_of(found[0].node), id_of(100));
    EXPECT_EQ(found[0].node, 21u);
    EXPECT_EQ(topology->node_limit(), 22u);
    ASSERT_TRUE(topology->neighbours(21, Direction::In, found).is_ok());
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].node, three);
    ASSERT_TRUE(topology->neighbours(*topology->node_of(id_of(4)), Direction::In, found).is_ok());
    EXPECT_TRUE(found.empty());
    // An id that nobody knows gets a number and has no edges.
    const uint32_t unknown = *topology->node_of(id_of(5'000));
    EXPECT_EQ(unknown, 22u);
    ASSERT_TRUE(topology->neighbours(unknown, Direction::Out, found).is_ok());
    EXPECT_TRUE(found.empty());
    EXPECT_EQ(topology->neighbours(23, Direction::Out, found).code(), ErrorCode::Invalid);
    EXPECT_FALSE(topology->id_of(23).is_valid());
}

TEST_F(SnapshotReads, AnEmptyDatabaseAnswersEverything) {
    open();
    const SnapshotRef snapshot = engine_->snapshot();
    EXPECT_EQ(snapshot->sequence(), 0u);
    EXPECT_EQ(content_of(*snapshot, 1), std::nullopt);
    EXPECT_TRUE(names_of(*snapshot, "", NameMatch::FoldedPrefix).empty());
    EXPECT_TRUE(edges_of(*snapshot, 1, Direction::Out).empty());
    EXPECT_TRUE(snapshot->text_sources().empty());
    std::vector<BlockId> ids;
    ASSERT_TRUE(snapshot->find_key(1, ids).is_ok());
    EXPECT_TRUE(ids.empty());
    EXPECT_EQ(*snapshot->topology()->node_of(id_of(1)), 0u);
    expect_clean_verify();
}

}  // namespace
}  // namespace kausal::storage
