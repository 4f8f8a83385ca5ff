// Impact: what a change of some blocks may affect, ranked, each row with its reason.
//
// The reverse closure over dependency edges, breadth first. A block's score is the best over its
// shortest ways back to a changed block of the product of edge weights times 0.7 per hop, raised by
// up to a quarter for blocks that much else depends on (docs/query.md lists the weights). What only
// guesses connect is listed apart.
#pragma once

#include "base/status.h"
#include "query/answer.h"
#include "query/diff.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

inline constexpr uint32_t kImpactDepthMax = 64;

struct ImpactRequest {
    std::vector<BlockId> targets = {};
    uint32_t depth = 8;        // 1..=kImpactDepthMax
    bool with_members = true;  // of targets that are containers
    bool with_candidates = true;
    bool with_dispatch = true;
    bool with_history = true;  // co_changed edges, one hop
};

/// One edge of the way from the changed block to the row's block. `edge` runs from the dependent to
/// what it depends on, except for dispatch (an override to its base) and co-change (either way).
struct ImpactStep {
    format::EdgeRecord edge;
    BlockId from;  // nearer to the change
    BlockId to;
    bool is_dispatch = false;
    bool is_twin = false;  // from a definition to its declaration or back; edge has type Invalid
};

struct ImpactRow {
    BlockRow block;
    double score = 0;  // 0..=1.25
    uint32_t depth = 1;
    BlockId target;                 // the changed block it depends on
    std::vector<ImpactStep> steps;  // from the change to the block
    uint64_t dependents = 0;        // edges that depend on the block
    bool is_test = false;
    bool is_candidate = false;
};

struct ImpactAnswer {
    std::vector<BlockRow> targets;
    std::vector<ImpactRow> rows;             // score descending, then id
    std::vector<ImpactRow> candidates;       // reached over at least one guess; same order
    std::vector<std::string> files_unknown;  // from a diff: paths that the graph does not have
    Truncation truncation;
    Unknown unknown;  // uses of the targets
    bool is_certain = false;
};

/// Errors: NotFound (a target), Invalid (no target, depth), Cancelled, those of reads. Time: linear
/// in the edges of the blocks reached.
[[nodiscard]] Result<ImpactAnswer> impact(const GraphView& view, const ImpactRequest& request,
                                          const Budget& budget);

struct DiffImpactRequest {
    std::string_view diff = {};
    DiffSide side = DiffSide::New;
    uint64_t workspace = 0;
    ImpactRequest options = {};  // targets are taken from the diff, and stand for themselves only
};
/// Impact of the blocks that a diff touches. Errors: as parse_diff and impact; a diff that touches
/// no known block is an answer without rows.
[[nodiscard]] Result<ImpactAnswer> impact_of_diff(const GraphView& view,
                                                  const DiffImpactRequest& request,
                                                  const Budget& budget);

}  // namespace kausal::query
