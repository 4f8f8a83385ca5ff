// Goal: call trees expand each block once where it is shallowest, mark the rest, and stay linear.
// Method: trees by hand, a ladder of a thousand rungs, bounded expansion along all ways.
#include "query/trace.h"

#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::EdgeType;
using test::GraphBuilder;
using test::id_of;

TraceRequest callees_of(std::string_view target, uint32_t depth) {
    TraceRequest request;
    request.direction = TraceDirection::Callees;
    request.target = id_of(target);
    request.depth = depth;
    return request;
}

/// "depth:name" with a mark: ~ repeated, @ cycle, + more, ? guess.
std::vector<std::string> lines(const TraceAnswer& answer) {
    std::vector<std::string> text;
    for (const TraceRow& row : answer.rows) {
        text.push_back(std::to_string(row.depth) + ":" + row.block.name +
                       (row.is_repeated ? "~" : "") + (row.is_cycle ? "@" : "") +
                       (row.has_more ? "+" : "") + (row.is_candidate ? "?" : ""));
    }
    return text;
}
using Lines = std::vector<std::string>;

GraphBuilder small() {
    GraphBuilder graph;
    for (const char* name : {"main", "early", "late", "shared", "leaf"}) graph.add(name);
    graph.edge("main", "late", EdgeType::CallsFunction, 9);
    graph.edge("main", "early", EdgeType::CallsFunction, 2);
    graph.edge("early", "shared", EdgeType::CallsFunction, 20);
    graph.edge("late", "shared", EdgeType::CallsFunction, 30);
    graph.edge("shared", "leaf", EdgeType::CallsFunction, 40);
    graph.edge("shared", "main", EdgeType::CallsFunction, 41);
    return graph;
}

TEST(Trace, IsInCallOrderAndMarksWhatItKnows) {
    const TraceAnswer answer = trace(small().view(), callees_of("main", 5), {}).value();
    EXPECT_EQ(lines(answer),
              (Lines{"0:main", "1:early", "2:shared", "3:leaf", "3:main@", "1:late", "2:shared~"}));
    EXPECT_EQ(answer.rows[1].parent_row, 0u);
    EXPECT_EQ(answer.rows[3].parent_row, 2u);
    EXPECT_EQ(answer.rows[6].parent_row, 5u);
    ASSERT_EQ(answer.rows[2].edges.size(), 1u);
    EXPECT_EQ(answer.rows[2].edges[0].site_line, 20u);
    EXPECT_FALSE(answer.truncation.any());
}

TEST(Trace, AllPathsExpandEverywhereButBelowThemselves) {
    TraceRequest request = callees_of("main", 5);
    request.all_paths = true;
    EXPECT_EQ(lines(trace(small().view(), request, {}).value()),
              (Lines{"0:main", "1:early", "2:shared", "3:leaf", "3:main@", "1:late", "2:shared",
                     "3:leaf", "3:main@"}));
}

TEST(Trace, SaysWhereTheDepthCutIt) {
    const TraceAnswer answer = trace(small().view(), callees_of("main", 1), {}).value();
    EXPECT_EQ(lines(answer), (Lines{"0:main", "1:early+", "1:late+"}));
    EXPECT_TRUE(answer.truncation.has(Limit::Depth));
}

TEST(Trace, CallersGoUp) {
    TraceRequest request;
    request.target = id_of("leaf");
    request.depth = 2;
    EXPECT_EQ(lines(trace(small().view(), request, {}).value()),
              (Lines{"0:leaf", "1:shared", "2:early+", "2:late+"}));
}

TEST(Trace, GuessesAreFollowedOnlyWhenAskedFor) {
    GraphBuilder graph = small();
    graph.add("maybe");
    graph.guess("leaf", "maybe", 90, 50);
    TraceRequest request = callees_of("leaf", 3);
    EXPECT_EQ(lines(trace(graph.view(), request, {}).value()), Lines{"0:leaf"});
    request.with_candidates = true;
    EXPECT_EQ(lines(trace(graph.view(), request, {}).value()), (Lines{"0:leaf", "1:maybe?"}));
}

TEST(Trace, ALadderIsLinear) {
    const GraphBuilder graph = test::ladder(1000);
    Budget budget;
    budget.nodes_max = 2001;
    const TraceAnswer answer = trace(graph.view(), callees_of("a0", 1000), budget).value();
    EXPECT_FALSE(answer.truncation.any());
    EXPECT_EQ(answer.rows.size(), 1u + 2u + 999u * 4u);  // one row per edge below the top
}

TEST(Trace, AllPathsOfALadderEndAtTheRowLimit) {
    const GraphBuilder graph = test::ladder(1000);
    TraceRequest request = callees_of("a0", 1000);
    request.all_paths = true;
    Budget budget;
    budget.rows_max = 500;
    const TraceAnswer answer = trace(graph.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 500u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    for (size_t i = 1; i < answer.rows.size(); ++i) {
        ASSERT_LT(answer.rows[i].parent_row, i);
        ASSERT_EQ(answer.rows[i].depth, answer.rows[answer.rows[i].parent_row].depth + 1);
    }
}

TEST(Trace, UnknownIsAboutTheNameForCallersAndTheSitesForCallees) {
    GraphBuilder graph = small();
    graph.guess(id_of("leaf"), graph.unresolved("late"), 10, 77);
    TraceRequest request;
    request.target = id_of("late");
    EXPECT_EQ(trace(graph.view(), request, {}).value().unknown.unresolved_sites, 1u);
    EXPECT_EQ(trace(graph.view(), callees_of("main", 9), {}).value().unknown.unresolved_sites, 1u);
    EXPECT_EQ(trace(graph.view(), callees_of("main", 1), {}).value().unknown.unresolved_sites, 0u);
}

TEST(Trace, BadRequestsAreErrors) {
    EXPECT_EQ(trace(small().view(), callees_of("main", 0), {}).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(trace(small().view(), callees_of("nothing", 1), {}).error().code(),
              ErrorCode::NotFound);
}

}  // namespace
}  // namespace kausal::query
