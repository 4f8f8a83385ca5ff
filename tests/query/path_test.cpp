// Goal: a shortest path is shortest, all simple paths are all, "no path" is certain only when it
// is. Method: naive BFS and naive enumeration on random graphs; ladder and chain for the bounds.
#include "query/path.h"

#include "query/long_chain.h"
#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

void expect_connected(const PathRow& row, const PathRequest& request) {
    ASSERT_EQ(row.blocks.size(), row.edges.size() + 1);
    EXPECT_EQ(row.blocks.front().id, request.from);
    EXPECT_EQ(row.blocks.back().id, request.to);
    for (size_t i = 0; i < row.edges.size(); ++i) {
        EXPECT_EQ(row.edges[i].source, row.blocks[i].id);
        EXPECT_EQ(row.edges[i].target, row.blocks[i + 1].id);
    }
}

TEST(ShortestPath, AgreesWithBreadthFirstSearch) {
    int found = 0;
    int absent = 0;
    for (uint32_t seed = 0; seed < 20; ++seed) {
        const RandomGraph random(seed, 50, 70, 10);
        const GraphView view = random.builder.view();
        for (uint32_t from = 0; from < 10; ++from) {
            const std::vector<int> facts = random.distances({from}, false);
            const std::vector<int> all = random.distances({from}, false, true);
            for (uint32_t to = 0; to < 50; to += 3) {
                PathRequest request;
                request.from = RandomGraph::id(from);
                request.to = RandomGraph::id(to);
                const PathAnswer answer = find_paths(view, request, {}).value();
                if (all[to] < 0) {
                    ASSERT_TRUE(answer.rows.empty());
                    ASSERT_TRUE(answer.is_certain);
                    ++absent;
                    continue;
                }
                ASSERT_EQ(answer.rows.size(), 1u);
                const PathRow& row = answer.rows[0];
                const int expected = facts[to] >= 0 ? facts[to] : all[to];
                ASSERT_EQ(static_cast<int>(row.edges.size()), expected);
                ASSERT_EQ(row.is_certain, facts[to] >= 0);
                expect_connected(row, request);
                ++found;
            }
        }
    }
    EXPECT_GT(found, 500);
    EXPECT_GT(absent, 100);
}

TEST(ShortestPath, IsTheSameOneWhateverTheOrderOfWriting) {
    // Three ways of two hops; the answer must not depend on how the graph was put together.
    std::vector<std::string> middles{"m1", "m2", "m3"};
    std::set<BlockId> chosen;
    do {
        GraphBuilder graph;
        for (const std::string& name : middles) graph.add(name);
        graph.add("from").add("to");
        for (const std::string& name : middles) graph.edge("from", name).edge(name, "to");
        PathRequest request;
        request.from = id_of("from");
        request.to = id_of("to");
        const PathAnswer answer = find_paths(graph.view(), request, {}).value();
        ASSERT_EQ(answer.rows.size(), 1u);
        chosen.insert(answer.rows[0].blocks[1].id);
    } while (std::next_permutation(middles.begin(), middles.end()));
    EXPECT_EQ(chosen.size(), 1u);
}

TEST(ShortestPath, CrossesFromADeclarationToItsDefinition) {
    GraphBuilder graph;
    graph.add("main").add("helper");
    format::BlockRecord definition = graph.block("lib::run");
    graph.add(definition);
    definition.id = id_of("declaration of run");
    definition.flags = format::kBlockDeclaration;
    definition.uri = "lib.h";
    graph.add(definition);
    graph.edge("main", "declaration of run").edge("lib::run", "helper");
    PathRequest request;
    request.from = id_of("main");
    request.to = id_of("helper");
    const PathAnswer answer = find_paths(graph.view(), request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].edges.size(), 2u);
}

TEST(ShortestPath, FromABlockToItselfHasNoHops) {
    GraphBuilder graph;
    graph.add("a");
    PathRequest request;
    request.from = request.to = id_of("a");
    const PathAnswer answer = find_paths(graph.view(), request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_TRUE(answer.rows[0].edges.empty());
}

TEST(ShortestPath, NoIsNotCertainWhileNamesAreUnresolved) {
    GraphBuilder graph;
    graph.add("a").add("b");
    PathRequest request;
    request.from = id_of("a");
    request.to = id_of("b");
    PathAnswer answer = find_paths(graph.view(), request, {}).value();
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_TRUE(answer.is_certain);
    const BlockId name = graph.unresolved("b");
    graph.guess(id_of("a"), name, 50, 3);
    answer = find_paths(graph.view(), request, {}).value();
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_FALSE(answer.is_certain);
}

TEST(ShortestPath, AChainOfAMillionEdges) {
    constexpr uint32_t length = 1'000'001;
    PathRequest request;
    request.from = test::chain_id(0);
    request.to = test::chain_id(length - 1);
    const GraphView view = test::long_chain(length);
    const PathAnswer answer = find_paths(view, request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].edges.size(), length - 1);
    request.hops_max = 10;
    const PathAnswer bounded = find_paths(view, request, {}).value();
    EXPECT_TRUE(bounded.rows.empty());
    EXPECT_TRUE(bounded.truncation.has(Limit::Depth));
    EXPECT_FALSE(bounded.is_certain);
}

void enumerate(const RandomGraph& graph, uint32_t at, uint32_t to, size_t hops_max,
               std::vector<uint32_t>& path, std::set<std::vector<BlockId>>& found) {
    path.push_back(at);
    if (at == to) {
        std::vector<BlockId> ids;
        for (const uint32_t node : path) ids.push_back(RandomGraph::id(node));
        found.insert(ids);
    } else if (path.size() <= hops_max) {
        for (const auto& [from, next] : graph.facts) {
            if (from != at || std::find(path.begin(), path.end(), next) != path.end()) continue;
            enumerate(graph, next, to, hops_max, path, found);
        }
    }
    path.pop_back();
}

TEST(AllPaths, AgreeWithNaiveEnumeration) {
    size_t paths_seen = 0;
    for (uint32_t seed = 0; seed < 40; ++seed) {
        const RandomGraph random(seed, 10, 24);
        const GraphView view = random.builder.view();
        for (uint32_t to = 1; to < 10; to += 2) {
            for (const uint32_t hops_max : {2u, 5u, 16u}) {
                PathRequest request;
                request.from = RandomGraph::id(0);
                request.to = RandomGraph::id(to);
                request.all = true;
                request.hops_max = hops_max;
                request.paths_max = 10000;
                const PathAnswer answer = find_paths(view, request, {}).value();
                std::set<std::vector<BlockId>> expected;
                std::vector<uint32_t> path;
                enumerate(random, 0, to, hops_max, path, expected);
                std::vector<std::vector<BlockId>> order;
                for (const PathRow& row : answer.rows) {
                    expect_connected(row, request);
                    std::vector<BlockId> ids;
                    for (const BlockRow& block : row.blocks) ids.push_back(block.id);
                    order.push_back(std::move(ids));
                }
                ASSERT_TRUE(std::is_sorted(order.begin(), order.end(),
                                           [](const auto& left, const auto& right) {
                                               if (left.size() != right.size()) {
                                                   return left.size() < right.size();
                                               }
                                               return left < right;
                                           }));
                ASSERT_EQ(std::set(order.begin(), order.end()), expected);
                ASSERT_EQ(order.size(), expected.size());
                paths_seen += order.size();
            }
        }
    }
    EXPECT_GT(paths_seen, 1000u);
}

TEST(AllPaths, AreCutAtTheCountAskedForAndSaySo) {
    const GraphBuilder graph = test::ladder(14);
    PathRequest request;
    request.from = id_of("a0");
    request.to = id_of("a14");
    request.all = true;
    request.paths_max = 5;
    PathAnswer answer = find_paths(graph.view(), request, {}).value();
    EXPECT_EQ(answer.rows.size(), 5u);
    EXPECT_TRUE(answer.truncation.has(Limit::Paths));
    request.paths_max = 10000;  // there are 2^13
    answer = find_paths(graph.view(), request, {}).value();
    EXPECT_EQ(answer.rows.size(), 8192u);
    EXPECT_FALSE(answer.truncation.any());
}

TEST(AllPaths, DeadEndsCostNothing) {
    // A ladder that leads nowhere beside a short way: without pruning, 2^1000 attempts.
    GraphBuilder graph = test::ladder(1000);
    graph.add("end");
    graph.edge("a0", "end");
    PathRequest request;
    request.from = id_of("a0");
    request.to = id_of("end");
    request.all = true;
    Budget budget;
    budget.nodes_max = 100;
    const PathAnswer answer = find_paths(graph.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 1u);
    EXPECT_FALSE(answer.truncation.any());
}

TEST(Paths, BadRequestsAreErrors) {
    GraphBuilder graph;
    graph.add("a");
    PathRequest request;
    request.from = id_of("a");
    request.to = id_of("nothing");
    EXPECT_EQ(find_paths(graph.view(), request, {}).error().code(), ErrorCode::NotFound);
    request.to = id_of("a");
    request.paths_max = 0;
    EXPECT_EQ(find_paths(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.paths_max = 1;
    request.all = true;
    request.hops_max = 17;
    EXPECT_EQ(find_paths(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
}

}  // namespace
}  // namespace kausal::query
