// Goal: cycles and orders are right at every grain and the same for the same graph.
// Method: naive reachability on random graphs, files and modules by hand, a ring of many blocks.
#include "query/cycles.h"

#include "query/long_chain.h"
#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

OrderRequest symbols() {
    OrderRequest request;
    request.grain = Grain::Symbol;
    return request;
}

TEST(Cycles, AgreeWithMutualReachability) {
    size_t cycles = 0;
    for (uint32_t seed = 0; seed < 40; ++seed) {
        const RandomGraph random(seed, 30, 36);
        std::set<std::set<BlockId>> expected;
        for (uint32_t node = 0; node < random.node_count; ++node) {
            const std::vector<int> down = random.distances({node}, false);
            const std::vector<int> up = random.distances({node}, true);
            std::set<BlockId> component;
            for (uint32_t other = 0; other < random.node_count; ++other) {
                if (down[other] >= 0 && up[other] >= 0) component.insert(RandomGraph::id(other));
            }
            if (component.size() > 1) expected.insert(component);
        }
        const CyclesAnswer answer = find_cycles(random.builder.view(), symbols(), {}).value();
        std::set<std::set<BlockId>> found;
        for (const CycleRow& row : answer.rows) {
            std::set<BlockId> component;
            for (const BlockRow& block : row.blocks) component.insert(block.id);
            found.insert(component);
            // The walk is closed, inside, and starts at the first block.
            ASSERT_GT(row.edges.size(), 1u);
            EXPECT_EQ(row.edges.front().source, row.blocks.front().id);
            for (size_t i = 0; i < row.edges.size(); ++i) {
                EXPECT_EQ(row.edges[i].target, row.edges[(i + 1) % row.edges.size()].source);
                EXPECT_TRUE(component.contains(row.edges[i].source));
            }
        }
        ASSERT_EQ(found, expected) << seed;
        ASSERT_EQ(answer.rows.size(), expected.size());
        cycles += found.size();
    }
    EXPECT_GT(cycles, 20u);
}

TEST(Cycles, SelfLoopsCountOnlyWhenAskedFor) {
    GraphBuilder graph;
    graph.add("f").add("g");
    graph.edge("f", "f").edge("f", "g");
    EXPECT_TRUE(find_cycles(graph.view(), symbols(), {}).value().rows.empty());
    OrderRequest request = symbols();
    request.with_self_loops = true;
    const CyclesAnswer answer = find_cycles(graph.view(), request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    ASSERT_EQ(answer.rows[0].edges.size(), 1u);
    EXPECT_EQ(answer.rows[0].blocks[0].name, "f");
}

GraphBuilder two_files() {
    GraphBuilder graph;
    const auto place = [&](std::string_view name, BlockKind kind, std::string_view uri,
                           std::string_view parent) {
        format::BlockRecord record = graph.block(name, kind);
        record.uri = graph.keep(uri);
        if (!parent.empty()) record.parent = id_of(parent);
        graph.add(record);
    };
    place("m1", BlockKind::Module, "", "");
    place("m2", BlockKind::Module, "", "");
    place("a.cc", BlockKind::File, "a.cc", "m1");
    place("b.cc", BlockKind::File, "b.cc", "m1");
    place("c.cc", BlockKind::File, "c.cc", "m2");
    place("fa", BlockKind::Function, "a.cc", "a.cc");
    place("ga", BlockKind::Function, "a.cc", "a.cc");
    place("fb", BlockKind::Function, "b.cc", "b.cc");
    place("fc", BlockKind::Function, "c.cc", "c.cc");
    graph.edge("fa", "fb").edge("fb", "ga").edge("fa", "ga").edge("fb", "fc");
    return graph;
}

TEST(Cycles, BetweenFilesAndModules) {
    OrderRequest request;
    CyclesAnswer answer = find_cycles(two_files().view(), request, {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    std::set<std::string> names;
    for (const BlockRow& block : answer.rows[0].blocks) names.insert(block.name);
    EXPECT_EQ(names, (std::set<std::string>{"a.cc", "b.cc"}));
    ASSERT_EQ(answer.rows[0].edges.size(), 2u);  // witnesses between symbols
    EXPECT_TRUE(find_cycles(two_files().view(), symbols(), {}).value().rows.empty());
    request.grain = Grain::Module;
    EXPECT_TRUE(find_cycles(two_files().view(), request, {}).value().rows.empty());
    GraphBuilder graph = two_files();
    graph.edge("fc", "fa");
    EXPECT_EQ(find_cycles(graph.view(), request, {}).value().rows.size(), 1u);
}

TEST(Cycles, HonourTheFilters) {
    GraphBuilder graph = two_files();
    graph.edge("fb", "fa", EdgeType::References);
    OrderRequest request = symbols();
    EXPECT_EQ(find_cycles(graph.view(), request, {}).value().rows.size(), 1u);
    request.filter.types = graph::call_edges();
    EXPECT_TRUE(find_cycles(graph.view(), request, {}).value().rows.empty());
    request = symbols();
    request.path_prefix = "a.cc";
    EXPECT_TRUE(find_cycles(graph.view(), request, {}).value().rows.empty());
    request.path_prefix = "";
    request.workspace = 77;
    EXPECT_TRUE(find_cycles(graph.view(), request, {}).value().rows.empty());
}

TEST(Cycles, ARingOfAMillionBlocksIsOneCycle) {
    constexpr uint32_t length = 1'000'000;
    Budget budget;
    budget.rows_max = 1000;
    const CyclesAnswer answer =
        find_cycles(test::long_chain(length, true), symbols(), budget).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].blocks.size(), 1000u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    EXPECT_EQ(answer.rows[0].edges.size(), length);
    EXPECT_EQ(answer.rows[0].edges_inside, length);
    EXPECT_TRUE(find_cycles(test::long_chain(length, false), symbols(), {}).value().rows.empty());
}

TEST(TopologicalOrder, PutsDependenciesFirst) {
    for (uint32_t seed = 0; seed < 30; ++seed) {
        const RandomGraph random(seed, 30, 40);
        const OrderAnswer answer = topological_order(random.builder.view(), symbols(), {}).value();
        ASSERT_EQ(answer.rows.size(), random.node_count);
        std::map<BlockId, size_t> place;
        std::map<BlockId, uint32_t> component;
        for (size_t i = 0; i < answer.rows.size(); ++i) {
            place[answer.rows[i].block.id] = i;
            component[answer.rows[i].block.id] = answer.rows[i].component;
        }
        std::set<std::pair<BlockId, BlockId>> expected_back;
        for (const auto& [from, to] : random.facts) {
            const BlockId source = RandomGraph::id(from);
            const BlockId target = RandomGraph::id(to);
            if (component[source] != component[target]) {
                ASSERT_GT(place[source], place[target]) << seed;
            } else if (place[source] < place[target]) {
                expected_back.emplace(source, target);
            }
        }
        std::set<std::pair<BlockId, BlockId>> back;
        for (const format::EdgeRecord& edge : answer.back_edges) {
            back.emplace(edge.source, edge.target);
        }
        ASSERT_EQ(back, expected_back);
    }
}

TEST(TopologicalOrder, BreaksTiesById) {
    GraphBuilder graph;
    std::vector<BlockId> ids;
    for (int i = 0; i < 20; ++i) {
        graph.add("n" + std::to_string(i));
        ids.push_back(id_of("n" + std::to_string(i)));
    }
    std::sort(ids.begin(), ids.end());
    const OrderAnswer answer = topological_order(graph.view(), symbols(), {}).value();
    std::vector<BlockId> found;
    for (const OrderRow& row : answer.rows) found.push_back(row.block.id);
    EXPECT_EQ(found, ids);
}

}  // namespace
}  // namespace kausal::query
