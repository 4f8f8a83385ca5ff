// One step along a relation of symbols: the ground of show and trace.
//
// A symbol has several faces: itself, its declarations or definitions, and, for calls on a method,
// the methods it overrides (a call on those may reach it). A step gathers the edges of all faces
// and groups them by the block at the other end, facts and guesses apart.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "query/answer.h"

#include <cstdint>
#include <vector>

namespace kausal::query {

/// Edges to follow from a block: one entry per direction and set of types.
struct StepEdges {
    storage::Direction direction = storage::Direction::Out;
    graph::EdgeTypeSet types = {};
};

struct StepPlan {
    std::vector<StepEdges> edges;
    bool with_twins = true;
    bool callers_dispatch = false;  // edges to overridden methods count as edges to the block
    bool callees_dispatch = false;  // a called method stands for its overriders too
    bool with_candidates = true;
    uint8_t confidence_min = 0;
};

struct Step {
    BlockRow block;
    std::vector<format::EdgeRecord> edges;  // by (type, site, source, target)
    bool is_candidate = false;
    bool is_dispatch = false;      // every edge needs dynamic dispatch to mean this block
    bool is_through_twin = false;  // no edge names the block asked about itself
};

/// The steps from `block`, in order of (id, facts first); hidden blocks left out.
[[nodiscard]] Result<std::vector<Step>> steps_from(const GraphView& view, const BlockRow& block,
                                                   const StepPlan& plan);

/// A declaration with exactly one definition gives that; any other block itself.
[[nodiscard]] Result<BlockRow> definition_of(const GraphView& view, BlockRow block);

/// The plans of callers and callees.
[[nodiscard]] StepPlan caller_plan(bool with_dispatch);
[[nodiscard]] StepPlan callee_plan(bool with_dispatch);

}  // namespace kausal::query
