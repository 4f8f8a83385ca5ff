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

/// from -> Base.run, which Impl.run overrides and Deep.run overrides again -> to.
GraphBuilder dispatched() {
    GraphBuilder graph;
    graph.add("from").add("to");
    for (const char* name : {"Base.run", "Impl.run", "Deep.run"}) {
        graph.add(name, format::BlockKind::Method);
    }
    graph.edge("from", "Base.run", EdgeType::CallsMethod, 3);
    graph.edge("Impl.run", "Base.run", EdgeType::Overrides);
    graph.edge("Deep.run", "Impl.run", EdgeType::Overrides);
    graph.edge("Deep.run", "to", EdgeType::CallsFunction, 8);
    return graph;
}

PathRequest between(std::string_view from, std::string_view to, bool all = false) {
    PathRequest request;
    request.from = id_of(from);
    request.to = id_of(to);
    request.all = all;
    return request;
}

TEST(DispatchedPath, ACallLeadsToWhatOverridesTheMethodItNames) {
    const GraphBuilder graph = dispatched();
    for (const bool all : {false, true}) {
        const PathAnswer answer = find_paths(graph.view(), between("from", "to", all), {}).value();
        ASSERT_EQ(answer.rows.size(), 1u);
        const PathRow& row = answer.rows[0];
        ASSERT_EQ(row.blocks.size(), 3u);
        EXPECT_EQ(row.blocks[1].id, id_of("Deep.run"));
        EXPECT_EQ(row.is_dispatch, (std::vector<bool>{true, false}));
        EXPECT_EQ(row.edges[0].source, id_of("from"));
        EXPECT_EQ(row.edges[0].target, id_of("Base.run"));  // what the call names
        EXPECT_EQ(row.edges[0].site_line, 3u);
        PathRequest request = between("from", "to", all);
        request.with_dispatch = false;
        EXPECT_TRUE(find_paths(graph.view(), request, {}).value().rows.empty());
        request = between("from", "to", all);
        request.types = {EdgeType::References};
        EXPECT_TRUE(find_paths(graph.view(), request, {}).value().rows.empty());
    }
    // A method that nobody is seen to call does not reach what overrides it.
    EXPECT_TRUE(find_paths(graph.view(), between("Base.run", "to"), {}).value().rows.empty());
}

TEST(DispatchedPath, GuessedCallsDoNotDispatch) {
    GraphBuilder graph = dispatched();
    graph.add("other").guess("other", "Base.run", 200);
    EXPECT_TRUE(find_paths(graph.view(), between("other", "to"), {}).value().rows.empty());
}

TEST(DispatchedPath, ComesAfterAPlainOneOfItsLengthAndBeforeALongerOne) {
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        GraphBuilder graph = dispatched();
        graph.add("x").add("y").edge("from", "x").edge("x", "y").edge("y", "to");
        PathAnswer answer = find_paths(graph.view(), between("from", "to"), {}).value();
        ASSERT_EQ(answer.rows.size(), 1u);
        EXPECT_EQ(answer.rows[0].blocks[1].id, id_of("Deep.run"));
        graph.add(name).edge("from", name).edge(name, "to");
        answer = find_paths(graph.view(), between("from", "to"), {}).value();
        ASSERT_EQ(answer.rows.size(), 1u);
        EXPECT_EQ(answer.rows[0].blocks[1].id, id_of(name));
        EXPECT_EQ(answer.rows[0].is_dispatch, (std::vector<bool>{false, false}));
        answer = find_paths(graph.view(), between("from", "to", true), {}).value();
        ASSERT_EQ(answer.rows.size(), 3u);
        EXPECT_EQ(answer.rows[0].blocks[1].id, id_of(name));
        EXPECT_EQ(answer.rows[1].blocks[1].id, id_of("Deep.run"));
        EXPECT_EQ(answer.rows[2].blocks.size(), 4u);
    }
}

TEST(DispatchedPath, HasTheFewestDispatchesOfItsLength) {
    GraphBuilder graph;
    for (const char* name : {"from", "a", "f", "v", "to"}) graph.add(name);
    const auto dispatch = [&](const std::string& caller, const std::string& overrider) {
        const std::string base = "base of " + overrider;
        graph.add(base, format::BlockKind::Method).add(overrider, format::BlockKind::Method);
        graph.edge(caller, base, EdgeType::CallsMethod);
        graph.edge(overrider, base, EdgeType::Overrides);
    };
    // The way over a, e and u is met first and needs three dispatches, that over d, f and v two.
    dispatch("from", "d");
    dispatch("a", "e");
    dispatch("e", "u");
    dispatch("u", "last");
    graph.edge("from", "a").edge("d", "f").edge("f", "v");
    graph.edge("v", "base of last", EdgeType::CallsMethod).edge("last", "to");
    // Many callers at the end, so that the search goes on from the start.
    for (int i = 0; i < 50; ++i) {
        const std::string name = "other" + std::to_string(i);
        graph.add(name).edge(name, "to");
    }
    const PathAnswer answer = find_paths(graph.view(), between("from", "to"), {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    ASSERT_EQ(answer.rows[0].blocks.size(), 6u);
    EXPECT_EQ(answer.rows[0].blocks[3].id, id_of("v"));
    EXPECT_EQ(answer.rows[0].is_dispatch, (std::vector<bool>{true, false, false, true, false}));
}

TEST(DispatchedPath, LeadsThroughDeclarationsAndTheirDefinitions) {
    // The call names a definition, the hierarchy is told of the declarations in the class bodies.
    GraphBuilder graph;
    graph.add("main").add("to");
    for (const char* name : {"Base::run", "Impl::run"}) {
        format::BlockRecord method = graph.block(name, format::BlockKind::Method);
        graph.add(method);
        method.id = id_of(std::string("declaration of ") + name);
        method.flags = format::kBlockDeclaration;
        method.uri = "lib.h";
        graph.add(method);
    }
    graph.edge("declaration of Impl::run", "declaration of Base::run", EdgeType::Overrides);
    graph.edge("main", "Base::run", EdgeType::CallsMethod).edge("Impl::run", "to");
    for (const bool all : {false, true}) {
        for (const char* to : {"to", "Impl::run"}) {
            const PathAnswer answer =
                find_paths(graph.view(), between("main", to, all), {}).value();
            ASSERT_EQ(answer.rows.size(), 1u) << to << all;
            EXPECT_TRUE(answer.rows[0].is_dispatch[0]);
            EXPECT_EQ(answer.rows[0].blocks.back().id, id_of(to));
        }
    }
}

/// Methods that call and override each other at random, and what that means spelled out.
struct RandomMethods {
    static constexpr uint32_t kCount = 9;
    GraphBuilder graph;
    std::map<std::pair<uint32_t, uint32_t>, bool> hops;  // whether it needs dispatch

    explicit RandomMethods(uint32_t seed) {
        std::mt19937 random(seed);
        bool overrides[kCount][kCount] = {};
        for (uint32_t i = 0; i < kCount; ++i) {
            format::BlockRecord record =
                graph.block(RandomGraph::name(i), format::BlockKind::Method);
            record.language = format::Language::Java;
            graph.add(record);
        }
        std::set<std::pair<uint32_t, uint32_t>> calls;
        for (int i = 0; i < 10; ++i) calls.emplace(random() % kCount, random() % kCount);
        for (int i = 0; i < 5; ++i) {
            const uint32_t base = static_cast<uint32_t>(random() % (kCount - 1));
            const uint32_t sub = base + 1 + static_cast<uint32_t>(random() % (kCount - 1 - base));
            overrides[sub][base] = true;
            graph.edge(RandomGraph::name(sub), RandomGraph::name(base), EdgeType::Overrides);
        }
        for (uint32_t k = 0; k < kCount; ++k) {
            for (uint32_t i = 0; i < kCount; ++i) {
                for (uint32_t j = 0; j < kCount; ++j) {
                    if (overrides[i][k] && overrides[k][j]) overrides[i][j] = true;
                }
            }
        }
        for (const auto& [from, to] : calls) {
            graph.edge(RandomGraph::name(from), RandomGraph::name(to), EdgeType::CallsMethod);
            hops[{from, to}] = false;
            for (uint32_t sub = 0; sub < kCount; ++sub) {
                if (overrides[sub][to]) hops.try_emplace({from, sub}, true);
            }
        }
    }

    using Path = std::vector<BlockId>;
    using Order = std::tuple<size_t, bool, Path>;  // length, with dispatch, ids
    void enumerate(uint32_t at, uint32_t to, std::vector<uint32_t>& path, size_t dispatches,
                   std::map<Order, size_t>& found) const {
        path.push_back(at);
        if (at == to) {
            Path ids;
            for (const uint32_t node : path) ids.push_back(RandomGraph::id(node));
            found[{ids.size(), dispatches > 0, ids}] = dispatches;
        } else {
            for (const auto& [hop, is_dispatch] : hops) {
                const bool is_known = std::find(path.begin(), path.end(), hop.second) != path.end();
                if (hop.first != at || is_known) continue;
                enumerate(hop.second, to, path, dispatches + (is_dispatch ? 1 : 0), found);
            }
        }
        path.pop_back();
    }
};

size_t dispatches_of(const PathRow& row) {
    return static_cast<size_t>(std::count(row.is_dispatch.begin(), row.is_dispatch.end(), true));
}

TEST(DispatchedPath, AgreesWithNaiveEnumeration) {
    size_t paths_seen = 0;
    size_t dispatched_seen = 0;
    for (uint32_t seed = 0; seed < 150; ++seed) {
        const RandomMethods random(seed);
        const GraphView view = random.graph.view();
        for (uint32_t to = 1; to < RandomMethods::kCount; ++to) {
            std::map<RandomMethods::Order, size_t> expected;
            std::vector<uint32_t> path;
            random.enumerate(0, to, path, 0, expected);
            PathRequest request = between(RandomGraph::name(0), RandomGraph::name(to), true);
            request.types = graph::call_edges();
            request.paths_max = 10000;
            const PathAnswer all = find_paths(view, request, {}).value();
            ASSERT_EQ(all.rows.size(), expected.size()) << seed << ' ' << to;
            auto at = expected.begin();
            for (const PathRow& row : all.rows) {
                RandomMethods::Path ids;
                for (const BlockRow& block : row.blocks) ids.push_back(block.id);
                ASSERT_EQ(ids, std::get<2>(at->first)) << seed << ' ' << to;
                ASSERT_EQ(dispatches_of(row), at->second);
                ++at;
            }
            paths_seen += expected.size();
            request.all = false;
            const PathAnswer shortest = find_paths(view, request, {}).value();
            ASSERT_EQ(shortest.rows.size(), expected.empty() ? 0u : 1u) << seed << ' ' << to;
            if (expected.empty()) continue;
            const size_t length = std::get<0>(expected.begin()->first);
            size_t fewest = length;
            for (const auto& [order, dispatches] : expected) {
                if (std::get<0>(order) == length) fewest = std::min(fewest, dispatches);
            }
            ASSERT_EQ(shortest.rows[0].blocks.size(), length) << seed << ' ' << to;
            ASSERT_EQ(dispatches_of(shortest.rows[0]), fewest) << seed << ' ' << to;
            dispatched_seen += fewest > 0 ? 1 : 0;
        }
    }
    EXPECT_GT(paths_seen, 500u);
    EXPECT_GT(dispatched_seen, 50u);
}

TEST(AllPaths, CrossFromADeclarationToItsDefinition) {
    GraphBuilder graph;
    graph.add("main").add("to");
    format::BlockRecord definition = graph.block("lib::run");
    graph.add(definition);
    definition.id = id_of("declaration of run");
    definition.flags = format::kBlockDeclaration;
    definition.uri = "lib.h";
    graph.add(definition);
    graph.edge("main", "declaration of run").edge("lib::run", "to");
    const PathAnswer answer = find_paths(graph.view(), between("main", "to", true), {}).value();
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].blocks.size(), 3u);
}

TEST(ShortestPath, EndsAtADefinitionWhoseDeclarationIsCalled) {
    GraphBuilder graph;
    graph.add("main");
    format::BlockRecord definition = graph.block("lib::run");
    graph.add(definition);
    definition.id = id_of("declaration of run");
    definition.flags = format::kBlockDeclaration;
    definition.uri = "lib.h";
    graph.add(definition);
    graph.edge("main", "declaration of run");
    for (const bool all : {false, true}) {
        const PathAnswer answer =
            find_paths(graph.view(), between("main", "lib::run", all), {}).value();
        ASSERT_EQ(answer.rows.size(), 1u) << all;
        EXPECT_EQ(answer.rows[0].blocks.back().id, id_of("lib::run"));
    }
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
