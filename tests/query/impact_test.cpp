// Goal: impact is the reverse closure, scored as documented, with a true way for every row.
// Method: naive closures on random graphs; scores and marks by hand; bounds on ladder and chain.
#include "query/impact.h"

#include "query/random_graph.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

ImpactAnswer impact_of(const GraphBuilder& graph, std::string_view target, uint32_t depth = 8) {
    ImpactRequest request;
    request.targets = {id_of(target)};
    request.depth = depth;
    return impact(graph.view(), request, {}).value();
}

const ImpactRow* find_row(const std::vector<ImpactRow>& rows, std::string_view name) {
    for (const ImpactRow& row : rows) {
        if (row.block.qualified_name == name) return &row;
    }
    return nullptr;
}

/// Every step starts where the last one ended and its edge joins the two.
void expect_way(const ImpactRow& row) {
    ASSERT_EQ(row.steps.size(), row.depth);
    BlockId at = row.target;
    for (const ImpactStep& step : row.steps) {
        EXPECT_EQ(step.from, at);
        EXPECT_EQ(step.edge.target, step.from);
        EXPECT_EQ(step.edge.source, step.to);
        at = step.to;
    }
    EXPECT_EQ(at, row.block.id);
}

TEST(Impact, IsTheReverseClosureAndGuessesAddTheRest) {
    size_t certain = 0;
    size_t guessed = 0;
    for (uint32_t seed = 0; seed < 40; ++seed) {
        const RandomGraph random(seed, 40, 45, 8);
        for (const uint32_t depth : {1u, 3u, 64u}) {
            ImpactRequest request;
            request.targets = {RandomGraph::id(0), RandomGraph::id(1)};
            request.depth = depth;
            const ImpactAnswer answer = impact(random.builder.view(), request, {}).value();
            const std::vector<int> facts = random.distances({0, 1}, true);
            std::map<BlockId, uint32_t> expected;
            for (uint32_t node = 2; node < random.node_count; ++node) {
                if (facts[node] < 0 || facts[node] > static_cast<int>(depth)) continue;
                expected[RandomGraph::id(node)] = static_cast<uint32_t>(facts[node]);
            }
            std::map<BlockId, uint32_t> found;
            for (const ImpactRow& row : answer.rows) {
                found[row.block.id] = row.depth;
                expect_way(row);
                EXPECT_FALSE(row.is_candidate);
            }
            ASSERT_EQ(found, expected) << seed;
            certain += found.size();

            const std::vector<int> all = random.distances({0, 1}, true, true);
            std::set<BlockId> expected_guesses;
            std::set<BlockId> found_guesses;
            for (uint32_t node = 2; node < random.node_count; ++node) {
                const bool is_reached = all[node] >= 0 && all[node] <= static_cast<int>(depth);
                if (is_reached && !expected.contains(RandomGraph::id(node))) {
                    expected_guesses.insert(RandomGraph::id(node));
                }
            }
            for (const ImpactRow& row : answer.candidates) {
                found_guesses.insert(row.block.id);
                expect_way(row);
                EXPECT_TRUE(row.is_candidate);
            }
            // Depths over guesses count along the certain depths, so only the full closure is
            // exact.
            if (depth == 64) {
                ASSERT_EQ(found_guesses, expected_guesses) << seed;
            }
            guessed += found_guesses.size();
        }
    }
    EXPECT_GT(certain, 300u);
    EXPECT_GT(guessed, 50u);
}

TEST(Impact, ScoresFollowTheDocumentedProduct) {
    GraphBuilder graph;
    for (const char* name : {"target", "caller", "importer", "far", "user"}) graph.add(name);
    graph.edge("caller", "target").edge("importer", "target", EdgeType::Imports);
    graph.edge("user", "target", EdgeType::References).edge("far", "caller");
    graph.guess("importer", "caller", 51);
    const ImpactAnswer answer = impact_of(graph, "target");
    ASSERT_EQ(answer.rows.size(), 4u);
    EXPECT_EQ(answer.rows[0].block.name, "caller");
    const double boost = 1 + 0.25 * std::log2(2.0) / 10;
    EXPECT_DOUBLE_EQ(answer.rows[0].score, 1.0 * boost);
    EXPECT_EQ(answer.rows[0].dependents, 1u);
    EXPECT_EQ(answer.rows[1].block.name, "user");
    EXPECT_DOUBLE_EQ(answer.rows[1].score, 0.8);
    EXPECT_EQ(answer.rows[2].block.name, "far");
    EXPECT_DOUBLE_EQ(answer.rows[2].score, 0.7);
    EXPECT_EQ(answer.rows[3].block.name, "importer");
    EXPECT_DOUBLE_EQ(answer.rows[3].score, 0.5);
    EXPECT_TRUE(answer.candidates.empty());
}

TEST(Impact, GuessesAreWeakerAndApart) {
    GraphBuilder graph;
    graph.add("target").add("maybe").add("above");
    graph.guess("maybe", "target", 102);
    graph.edge("above", "maybe");
    const ImpactAnswer answer = impact_of(graph, "target");
    EXPECT_TRUE(answer.rows.empty());
    ASSERT_EQ(answer.candidates.size(), 2u);
    EXPECT_EQ(answer.candidates[0].block.name, "maybe");
    EXPECT_NEAR(answer.candidates[0].score, 0.5 * 0.4 * (1 + 0.025), 1e-12);
    EXPECT_EQ(answer.candidates[1].block.name, "above");
    EXPECT_FALSE(answer.is_certain);
    ImpactRequest request;
    request.targets = {id_of("target")};
    request.with_candidates = false;
    EXPECT_TRUE(impact(graph.view(), request, {}).value().candidates.empty());
}

TEST(Impact, ContainersStandForTheirMembers) {
    GraphBuilder graph;
    graph.add("C", BlockKind::Class).add("C::m", BlockKind::Method).add("user").add("outside");
    graph.edge("C", "C::m", EdgeType::Contains).edge("user", "C::m", EdgeType::CallsMethod);
    EXPECT_NE(find_row(impact_of(graph, "C").rows, "user"), nullptr);
    ImpactRequest request;
    request.targets = {id_of("C")};
    request.with_members = false;
    EXPECT_TRUE(impact(graph.view(), request, {}).value().rows.empty());
}

TEST(Impact, PassesThroughOverriddenMethods) {
    GraphBuilder graph;
    graph.add("Base::draw", BlockKind::Method).add("Circle::draw", BlockKind::Method).add("paint");
    graph.edge("Circle::draw", "Base::draw", EdgeType::Overrides);
    graph.edge("paint", "Base::draw", EdgeType::CallsMethod);
    const ImpactAnswer answer = impact_of(graph, "Circle::draw");
    const ImpactRow* paint = find_row(answer.rows, "paint");
    ASSERT_NE(paint, nullptr);
    ASSERT_EQ(paint->steps.size(), 2u);
    EXPECT_TRUE(paint->steps[0].is_dispatch);
    EXPECT_FALSE(paint->steps[1].is_dispatch);
    ImpactRequest request;
    request.targets = {id_of("Circle::draw")};
    request.with_dispatch = false;
    EXPECT_TRUE(impact(graph.view(), request, {}).value().rows.empty());
}

TEST(Impact, DeclarationsAreTwinsOfTheTarget) {
    GraphBuilder graph;
    graph.add("api::run").add("user");
    format::BlockRecord declaration = graph.block("api::run");
    declaration.id = id_of("declaration");
    declaration.flags = format::kBlockDeclaration;
    declaration.uri = "api.h";
    graph.add(declaration);
    graph.edge("user", "declaration");
    const ImpactAnswer answer = impact_of(graph, "api::run");
    ASSERT_EQ(answer.rows.size(), 2u);
    EXPECT_EQ(answer.rows[0].block.name, "user");
    EXPECT_EQ(answer.rows[0].depth, 1u);
    EXPECT_EQ(answer.rows[1].block.id, id_of("declaration"));
    EXPECT_TRUE(answer.rows[1].steps.at(0).is_twin);
}

TEST(Impact, CoChangeCountsOneHopBothWays) {
    GraphBuilder graph;
    for (const char* name : {"target", "with", "against", "second"}) graph.add(name);
    graph.edge("target", "with", EdgeType::CoChanged)
        .edge("against", "target", EdgeType::CoChanged);
    graph.edge("second", "with", EdgeType::CoChanged);
    const ImpactAnswer answer = impact_of(graph, "target");
    EXPECT_EQ(answer.rows.size(), 2u);
    EXPECT_EQ(find_row(answer.rows, "second"), nullptr);
}

TEST(Impact, TestsAreMarked) {
    GraphBuilder graph;
    graph.add("target").add("check", BlockKind::Function, format::kBlockTest).add("plain");
    graph.edge("check", "target").edge("plain", "target");
    const ImpactAnswer answer = impact_of(graph, "target");
    EXPECT_TRUE(find_row(answer.rows, "check")->is_test);
    EXPECT_FALSE(find_row(answer.rows, "plain")->is_test);
}

TEST(Impact, DepthIsReportedOnlyWhenMoreIsBeyond) {
    GraphBuilder graph;
    graph.add("a").add("b").add("c");
    graph.edge("b", "a").edge("c", "b");
    ImpactAnswer answer = impact_of(graph, "a", 1);
    EXPECT_EQ(answer.rows.size(), 1u);
    EXPECT_TRUE(answer.truncation.has(Limit::Depth));
    EXPECT_FALSE(answer.is_certain);
    answer = impact_of(graph, "a", 2);
    EXPECT_EQ(answer.rows.size(), 2u);
    EXPECT_FALSE(answer.truncation.any());
    EXPECT_TRUE(answer.is_certain);
}

TEST(Impact, ALadderIsLinear) {
    const GraphBuilder graph = test::ladder(60);
    ImpactRequest request;
    request.targets = {id_of("a60")};
    request.depth = 64;
    request.with_candidates = false;
    Budget budget;
    budget.nodes_max = 250;
    const ImpactAnswer answer = impact(graph.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 120u);
    EXPECT_FALSE(answer.truncation.any());
}

TEST(Impact, NothingIsNotNothingKnown) {
    GraphBuilder graph;
    graph.add("target").add("other");
    EXPECT_TRUE(impact_of(graph, "target").is_certain);
    graph.guess(id_of("other"), graph.unresolved("target"), 9);
    const ImpactAnswer answer = impact_of(graph, "target");
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_FALSE(answer.is_certain);
    EXPECT_EQ(answer.unknown.unresolved_sites, 1u);
}

TEST(Impact, BadRequestsAreErrors) {
    GraphBuilder graph;
    graph.add("a");
    ImpactRequest request;
    EXPECT_EQ(impact(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.targets = {id_of("nothing")};
    EXPECT_EQ(impact(graph.view(), request, {}).error().code(), ErrorCode::NotFound);
    request.targets = {id_of("a")};
    request.depth = 65;
    EXPECT_EQ(impact(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
}

TEST(ImpactOfDiff, StartsAtTheBlocksThatHunksTouch) {
    GraphBuilder graph;
    const auto place = [&](std::string_view name, BlockKind kind, uint32_t first, uint32_t last) {
        format::BlockRecord record = graph.block(name, kind);
        record.uri = "src/a.cc";
        record.line_first = first;
        record.line_last = last;
        graph.add(record);
    };
    place("src/a.cc", BlockKind::File, 1, 30);
    place("one", BlockKind::Function, 3, 8);
    place("two", BlockKind::Function, 10, 20);
    graph.add("calls one").add("calls two");
    graph.edge("calls one", "one").edge("calls two", "two");
    DiffImpactRequest request;
    request.diff =
        "diff --git a/src/a.cc b/src/a.cc\n--- a/src/a.cc\n+++ b/src/a.cc\n"
        "@@ -11,3 +11,3 @@\n x\n-y\n+z\n w\n"
        "diff --git a/gone.cc b/gone.cc\n--- a/gone.cc\n+++ b/gone.cc\n@@ -1 +1 @@\n-a\n+b\n";
    const ImpactAnswer answer = impact_of_diff(graph.view(), request, {}).value();
    ASSERT_EQ(answer.targets.size(), 1u);
    EXPECT_EQ(answer.targets[0].name, "two");
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].block.name, "calls two");
    EXPECT_EQ(answer.files_unknown, std::vector<std::string>{"gone.cc"});
    EXPECT_FALSE(answer.is_certain);
    request.diff = "not a diff";
    EXPECT_EQ(impact_of_diff(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.diff = "";
    EXPECT_TRUE(impact_of_diff(graph.view(), request, {}).value().rows.empty());
}

}  // namespace
}  // namespace kausal::query
