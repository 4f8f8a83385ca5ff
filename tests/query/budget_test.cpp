// Goal: limits end operations with a mark, cancelling ends them with an error, and nothing runs on.
// Method: a clock that is moved by hand, flags, and small limits on a long chain.
#include "query/budget.h"

#include "query/cycles.h"
#include "query/dead.h"
#include "query/impact.h"
#include "query/long_chain.h"
#include "query/path.h"
#include "query/random_graph.h"
#include "query/relation.h"
#include "query/trace.h"
#include "query/traverse.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

class HandClock final : public io::Clock {
  public:
    uint64_t monotonic_ns() noexcept override { return now_ += step_; }
    int64_t wall_ns() noexcept override { return 0; }
    uint64_t now_ = 0;
    uint64_t step_ = 1;
};

TEST(Meter, StopsAtTheNodeLimit) {
    Budget budget;
    budget.nodes_max = 3;
    Meter meter(budget);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(meter.take_node());
    EXPECT_FALSE(meter.take_node());
    EXPECT_FALSE(meter.keep_going());
    EXPECT_TRUE(meter.truncation().has(Limit::Nodes));
    EXPECT_FALSE(meter.truncation().has(Limit::Deadline));
    EXPECT_TRUE(meter.status().is_ok());
}

TEST(Meter, StopsAtTheDeadline) {
    HandClock clock;
    Budget budget;
    budget.clock = &clock;
    budget.deadline_ns = 100;
    clock.now_ = 100;
    Meter meter(budget);
    EXPECT_FALSE(meter.take_node());
    EXPECT_TRUE(meter.truncation().has(Limit::Deadline));
    EXPECT_TRUE(meter.status().is_ok());
}

TEST(Meter, SeesADeadlineThatComesLater) {
    HandClock clock;
    Budget budget;
    budget.clock = &clock;
    budget.deadline_ns = 4;
    Meter meter(budget);
    int taken = 0;
    while (taken < 100'000 && meter.take_node()) ++taken;
    EXPECT_GT(taken, 0);
    EXPECT_LT(taken, 2000);
}

TEST(Meter, EveryLimitHasAName) {
    std::set<std::string_view> names;
    for (size_t i = 0; i < kLimitCount; ++i) names.insert(limit_name(static_cast<Limit>(i)));
    EXPECT_EQ(names.size(), kLimitCount);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(Budget, CancellingEndsEveryTraversalWithAnError) {
    const GraphView view = test::long_chain(50);
    const std::atomic<bool> cancel{true};
    Budget budget;
    budget.cancel = &cancel;
    const BlockId first = test::chain_id(0);
    const BlockId last = test::chain_id(49);
    const auto code = [](const auto& result) {
        return result.has_value() ? ErrorCode::Ok : result.error().code();
    };
    RelationRequest relation;
    relation.target = first;
    relation.relation = Relation::Callees;
    EXPECT_EQ(code(show_relation(view, relation, budget)), ErrorCode::Cancelled);
    TraceRequest tree;
    tree.target = first;
    tree.direction = TraceDirection::Callees;
    EXPECT_EQ(code(trace(view, tree, budget)), ErrorCode::Cancelled);
    HopRequest hops;
    hops.seeds = {first};
    EXPECT_EQ(code(k_hop(view, hops, budget)), ErrorCode::Cancelled);
    PathRequest path;
    path.from = first;
    path.to = last;
    EXPECT_EQ(code(find_paths(view, path, budget)), ErrorCode::Cancelled);
    ImpactRequest change;
    change.targets = {last};
    EXPECT_EQ(code(impact(view, change, budget)), ErrorCode::Cancelled);
    EXPECT_EQ(code(dead_code(view, {}, budget)), ErrorCode::Cancelled);
    EXPECT_EQ(code(find_cycles(view, {}, budget)), ErrorCode::Cancelled);
    EXPECT_EQ(code(topological_order(view, {}, budget)), ErrorCode::Cancelled);
}

TEST(Budget, LimitsAreReportedAndKeepWhatWasFound) {
    const GraphView view = test::long_chain(50);
    HopRequest hops;
    hops.seeds = {test::chain_id(0)};
    hops.depth = 100;
    Budget budget;
    budget.rows_max = 10;
    HopAnswer answer = k_hop(view, hops, budget).value();
    EXPECT_EQ(answer.rows.size(), 10u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    budget.rows_max = 50;
    answer = k_hop(view, hops, budget).value();
    EXPECT_EQ(answer.rows.size(), 50u);
    EXPECT_FALSE(answer.truncation.any());
    budget.nodes_max = 20;
    answer = k_hop(view, hops, budget).value();
    EXPECT_EQ(answer.rows.size(), 20u);
    EXPECT_TRUE(answer.truncation.has(Limit::Nodes));
}

TEST(Budget, WholeGraphOperationsGiveNoRowsFromAPartOfTheGraph) {
    test::GraphBuilder graph = test::ladder(20);
    graph.edge("a20", "a0");
    Budget budget;
    budget.nodes_max = 5;
    OrderRequest request;
    request.grain = Grain::Symbol;
    const CyclesAnswer cycles = find_cycles(graph.view(), request, budget).value();
    EXPECT_TRUE(cycles.rows.empty());
    EXPECT_TRUE(cycles.truncation.has(Limit::Nodes));
    const DeadAnswer dead = dead_code(graph.view(), {}, budget).value();
    EXPECT_TRUE(dead.rows.empty());
    EXPECT_TRUE(dead.truncation.has(Limit::Nodes));
}

}  // namespace
}  // namespace kausal::query
