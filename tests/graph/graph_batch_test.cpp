// Goal: a batch changes the graph as one, and a deleted block leaves no edge behind, whoever put
// it. Method: commits over an engine in memory; after each, the whole edge list is compared.
#include "graph/graph.h"
#include "graph/identity.h"
#include "graph/memory_engine.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace kausal::graph {
namespace {

using format::Certainty;
using format::EdgeRecord;
using format::EdgeType;

BlockId id(std::string_view name) {
    return BlockId::of("t", 4, name);
}

format::BlockRecord block(std::string_view name) {
    format::BlockRecord record;
    record.id = id(name);
    record.kind = format::BlockKind::Function;
    record.name = name;
    record.qualified_name = name;
    return record;
}

EdgeRecord call(std::string_view from, std::string_view to, uint32_t site = 0) {
    EdgeRecord edge;
    edge.source = id(from);
    edge.target = id(to);
    edge.type = EdgeType::CallsFunction;
    edge.site_offset = site;
    return edge;
}

class GraphBatchTest : public ::testing::Test {
  protected:
    void SetUp() override {
        GraphBatch batch = graph_.batch();
        for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(batch.put_block(block(name)).is_ok());
        ASSERT_TRUE(batch.put_edge(call("a", "b")).is_ok());
        ASSERT_TRUE(batch.put_edge(call("b", "c")).is_ok());
        ASSERT_TRUE(batch.put_edge(call("c", "a")).is_ok());
        ASSERT_TRUE(graph_.commit(std::move(batch)).has_value());
    }
    std::set<std::pair<BlockId, BlockId>> edges() {
        std::set<std::pair<BlockId, BlockId>> found;
        for (const auto& [key, edge] : engine_.current().state().edges) {
            found.emplace(edge.source, edge.target);
        }
        return found;
    }
    test::MemoryEngine engine_;
    Graph graph_{engine_};
};

TEST_F(GraphBatchTest, DeletingABlockDeletesItsEdgesBothWays) {
    GraphBatch batch = graph_.batch();
    ASSERT_TRUE(batch.delete_block(id("b")).is_ok());
    ASSERT_TRUE(graph_.commit(std::move(batch)).has_value());
    EXPECT_EQ(edges(), (std::set{std::pair(id("c"), id("a"))}));
}

TEST_F(GraphBatchTest, DeletingABlockDeletesEdgesOfTheSameBatch) {
    GraphBatch batch = graph_.batch();
    ASSERT_TRUE(batch.put_block(block("d")).is_ok());
    ASSERT_TRUE(batch.put_edge(call("d", "b", 5)).is_ok());
    ASSERT_TRUE(batch.put_edge(call("b", "b", 6)).is_ok());
    ASSERT_TRUE(batch.put_edge(call("d", "a", 7)).is_ok());
    ASSERT_TRUE(batch.delete_block(id("b")).is_ok());
    ASSERT_TRUE(graph_.commit(std::move(batch)).has_value());
    EXPECT_EQ(edges(), (std::set{std::pair(id("c"), id("a")), std::pair(id("d"), id("a"))}));
}

TEST_F(GraphBatchTest, DeleteThenPutReplacesABlockWithItsEdges) {
    GraphBatch batch = graph_.batch();
    ASSERT_TRUE(batch.delete_block(id("b")).is_ok());
    ASSERT_TRUE(batch.put_block(block("b")).is_ok());
    ASSERT_TRUE(batch.put_edge(call("b", "c")).is_ok());  // the same key as the deleted one
    ASSERT_TRUE(graph_.commit(std::move(batch)).has_value());
    EXPECT_EQ(edges(), (std::set{std::pair(id("b"), id("c")), std::pair(id("c"), id("a"))}));
}

TEST_F(GraphBatchTest, DeletingABlockDeletesEdgesThatOthersPutMeanwhile) {
    GraphBatch slow = graph_.batch();
    ASSERT_TRUE(slow.delete_block(id("b")).is_ok());
    GraphBatch quick = graph_.batch();
    ASSERT_TRUE(quick.put_edge(call("a", "b", 77)).is_ok());
    ASSERT_TRUE(graph_.commit(std::move(quick)).has_value());
    ASSERT_TRUE(graph_.commit(std::move(slow)).has_value());
    EXPECT_EQ(edges(), (std::set{std::pair(id("c"), id("a"))}));
}

TEST_F(GraphBatchTest, AnEdgeToABlockThatWentMeanwhileIsRefused) {
    GraphBatch slow = graph_.batch();
    ASSERT_TRUE(slow.put_edge(call("a", "b", 9)).is_ok());
    GraphBatch quick = graph_.batch();
    ASSERT_TRUE(quick.delete_block(id("b")).is_ok());
    ASSERT_TRUE(graph_.commit(std::move(quick)).has_value());
    const Result<uint64_t> outcome = graph_.commit(std::move(slow));
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code(), ErrorCode::Invalid);
    EXPECT_NE(outcome.error().message().find(id("b").to_hex()), std::string_view::npos);
}

TEST_F(GraphBatchTest, EdgesAreValidated) {
    GraphBatch batch = graph_.batch();
    EdgeRecord edge = call("a", "b");
    edge.source = BlockId{};
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge = call("a", "b");
    edge.type = EdgeType::Invalid;
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge.type = static_cast<EdgeType>(16);
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge.type = static_cast<EdgeType>(1000);
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge = call("a", "b");
    edge.confidence = 254;
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge.certainty = Certainty::Candidate;
    EXPECT_TRUE(batch.put_edge(edge).is_ok());
    edge.confidence = 255;
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    EXPECT_EQ(batch.operation_count(), 1u);
    EXPECT_EQ(batch.delete_block(BlockId{}).code(), ErrorCode::Invalid);
}

TEST_F(GraphBatchTest, AnEdgeToNothingIsRefusedAndNothingHappens) {
    const uint64_t before = graph_.view().sequence();
    GraphBatch batch = graph_.batch();
    ASSERT_TRUE(batch.put_block(block("d")).is_ok());
    ASSERT_TRUE(batch.put_edge(call("d", "ghost")).is_ok());
    EXPECT_FALSE(graph_.commit(std::move(batch)).has_value());
    EXPECT_EQ(graph_.view().sequence(), before);
    EXPECT_FALSE(engine_.current().state().blocks.contains(id("d")));
}

TEST_F(GraphBatchTest, RandomBatchesAgreeWithANaiveGraph) {
    std::mt19937 random(7);
    std::set<std::string> blocks{"a", "b", "c"};
    std::set<std::pair<std::string, std::string>> model{{"a", "b"}, {"b", "c"}, {"c", "a"}};
    size_t edges_seen = 0;
    for (int round = 0; round < 200; ++round) {
        GraphBatch batch = graph_.batch();
        for (int step = 0; step < 8; ++step) {
            const std::string one(1, static_cast<char>('a' + random() % 8));
            const std::string two(1, static_cast<char>('a' + random() % 8));
            const uint32_t what = static_cast<uint32_t>(random() % 4);
            if (what == 0) {
                ASSERT_TRUE(batch.put_block(block(one)).is_ok());
                blocks.insert(one);
            } else if (what == 1) {
                ASSERT_TRUE(batch.delete_block(id(one)).is_ok());
                blocks.erase(one);
                std::erase_if(model,
                              [&](const auto& e) { return e.first == one || e.second == one; });
            } else if (what == 2 && blocks.contains(one) && blocks.contains(two)) {
                ASSERT_TRUE(batch.put_edge(call(one, two)).is_ok());
                model.emplace(one, two);
            } else if (what == 3) {
                ASSERT_TRUE(batch.delete_edge(format::key_of(call(one, two))).is_ok());
                model.erase({one, two});
            }
        }
        ASSERT_TRUE(graph_.commit(std::move(batch)).has_value());
        edges_seen += model.size();
        std::set<std::pair<BlockId, BlockId>> expected;
        for (const auto& [from, to] : model) expected.emplace(id(from), id(to));
        ASSERT_EQ(edges(), expected) << "round " << round;
    }
    EXPECT_GT(edges_seen, 200u);
}

}  // namespace
}  // namespace kausal::graph
