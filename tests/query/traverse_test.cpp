// Goal: neighbours, k-hop and subgraphs agree with plain breadth-first search and are stable.
// Method: naive BFS on random graphs; a chain of a million edges; a ladder of a thousand rungs.
#include "query/traverse.h"

#include "query/long_chain.h"
#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

TEST(KHop, AgreesWithBreadthFirstSearch) {
    size_t rows_seen = 0;
    for (uint32_t seed = 0; seed < 30; ++seed) {
        const RandomGraph random(seed, 60, 90);
        const GraphView view = random.builder.view();
        for (const bool against : {false, true}) {
            for (const uint32_t depth : {0u, 1u, 3u, 100u}) {
                HopRequest request;
                request.seeds = {RandomGraph::id(seed), RandomGraph::id(seed + 1)};
                request.walk = against ? Walk::In : Walk::Out;
                request.depth = depth;
                const HopAnswer answer = k_hop(view, request, {}).value();
                std::map<BlockId, uint32_t> expected;
                const std::vector<int> distance = random.distances({seed, seed + 1}, against);
                for (uint32_t node = 0; node < random.node_count; ++node) {
                    const int hops = distance[node];
                    if (hops < 0 || hops > static_cast<int>(depth)) continue;
                    expected[RandomGraph::id(node)] = static_cast<uint32_t>(hops);
                }
                std::map<BlockId, uint32_t> found;
                for (const HopRow& row : answer.rows) found[row.block.id] = row.depth;
                ASSERT_EQ(found, expected) << seed << ' ' << depth;
                ASSERT_FALSE(answer.truncation.any());
                rows_seen += answer.rows.size();
                for (size_t i = 1; i < answer.rows.size(); ++i) {
                    const auto key = [&](size_t k) {
                        return std::pair(answer.rows[k].depth, answer.rows[k].block.id);
                    };
                    ASSERT_LT(key(i - 1), key(i));
                }
                for (const HopRow& row : answer.rows) {
                    if (row.depth == 0) continue;
                    ASSERT_EQ(found.at(row.via) + 1, row.depth);
                    ASSERT_EQ(against ? row.edge.source : row.edge.target, row.block.id);
                }
            }
        }
    }
    EXPECT_GT(rows_seen, 1000u);
}

TEST(KHop, BothWaysReachesTheWholeComponent) {
    GraphBuilder graph;
    for (const char* name : {"a", "b", "c", "d", "alone"}) graph.add(name);
    graph.edge("a", "b").edge("c", "b").edge("c", "d");
    HopRequest request;
    request.seeds = {id_of("a")};
    request.walk = Walk::Both;
    request.depth = 10;
    EXPECT_EQ(k_hop(graph.view(), request, {}).value().rows.size(), 4u);
}

TEST(KHop, AChainOfAMillionEdgesNeedsNoRecursion) {
    constexpr uint32_t length = 1'000'001;
    HopRequest request;
    request.seeds = {test::chain_id(0)};
    request.depth = length;
    Budget budget;
    budget.rows_max = length;
    const HopAnswer answer = k_hop(test::long_chain(length), request, budget).value();
    ASSERT_EQ(answer.rows.size(), length);
    EXPECT_EQ(answer.rows.back().depth, length - 1);
    EXPECT_EQ(answer.rows.back().block.id, test::chain_id(length - 1));
}

TEST(KHop, ALadderIsLinear) {
    const GraphBuilder graph = test::ladder(1000);
    HopRequest request;
    request.seeds = {id_of("a0")};
    request.depth = 1000;
    Budget budget;
    budget.nodes_max = 2001;  // each block once, however many ways lead to it
    const HopAnswer answer = k_hop(graph.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 2001u);
    EXPECT_FALSE(answer.truncation.any());
}

TEST(KHop, HiddenBlocksAreNeitherShownNorCrossed) {
    GraphBuilder graph;
    graph.add("a").add("b").add("facts", format::BlockKind::FileFacts);
    graph.edge("a", "facts", EdgeType::References).edge("facts", "b", EdgeType::References);
    HopRequest request;
    request.seeds = {id_of("a")};
    request.depth = 5;
    const HopAnswer answer = k_hop(graph.view(), request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
}

TEST(KHop, AMissingSeedIsAnError) {
    GraphBuilder graph;
    graph.add("a");
    HopRequest request;
    request.seeds = {id_of("a"), id_of("nothing")};
    EXPECT_EQ(k_hop(graph.view(), request, {}).error().code(), ErrorCode::NotFound);
}

TEST(Neighbours, CountAllAndShowSome) {
    GraphBuilder graph;
    graph.add("hub");
    for (int i = 0; i < 20; ++i) {
        const std::string name = "n" + std::to_string(i);
        graph.add(name).edge("hub", name).edge(name, "hub", EdgeType::References);
    }
    graph.guess("hub", "n3", 80, 99);
    Budget budget;
    budget.rows_max = 25;
    const NeighbourAnswer answer =
        neighbours(graph.view(), id_of("hub"), Walk::Both, {}, budget).value();
    EXPECT_EQ(answer.out_degree, 20u);
    EXPECT_EQ(answer.in_degree, 20u);
    EXPECT_EQ(answer.rows.size(), 25u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    graph::EdgeFilter guesses;
    guesses.resolved = false;
    guesses.candidates = true;
    const NeighbourAnswer guessed =
        neighbours(graph.view(), id_of("hub"), Walk::Out, guesses, {}).value();
    ASSERT_EQ(guessed.rows.size(), 1u);
    EXPECT_EQ(guessed.rows[0].block.name, "n3");
    EXPECT_EQ(neighbours(graph.view(), id_of("x"), Walk::Out, {}, {}).error().code(),
              ErrorCode::NotFound);
}

TEST(Subgraph, HoldsExactlyTheEdgesBetweenItsNodes) {
    for (uint32_t seed = 0; seed < 10; ++seed) {
        const RandomGraph random(seed, 40, 80);
        HopRequest request;
        request.seeds = {RandomGraph::id(0)};
        request.walk = Walk::Both;
        request.depth = 2;
        const SubgraphAnswer answer = subgraph(random.builder.view(), request, {}).value();
        std::set<BlockId> inside;
        for (const HopRow& row : answer.nodes) inside.insert(row.block.id);
        std::set<std::pair<BlockId, BlockId>> expected;
        for (const auto& [from, to] : random.facts) {
            const auto ends = std::pair(RandomGraph::id(from), RandomGraph::id(to));
            if (inside.contains(ends.first) && inside.contains(ends.second)) expected.insert(ends);
        }
        std::set<std::pair<BlockId, BlockId>> found;
        for (const format::EdgeRecord& edge : answer.edges) found.emplace(edge.source, edge.target);
        ASSERT_EQ(found, expected);
        ASSERT_TRUE(std::is_sorted(answer.edges.begin(), answer.edges.end(),
                                   [](const auto& left, const auto& right) {
                                       return format::key_of(left) < format::key_of(right);
                                   }));
    }
}

}  // namespace
}  // namespace kausal::query
