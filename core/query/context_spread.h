// How relevance spreads from the seeds of a context to what they are connected with.
//
// Personalised propagation by forward push: a block keeps a fifth of what reaches it and passes the
// rest to its neighbours by the weight of the edges, until the shares are too small to matter. Each
// block remembers the edge that brought it most, which is the reason shown.
#pragma once

#include "base/status.h"
#include "query/answer.h"

#include <cstdint>
#include <vector>

namespace kausal::query {

struct SpreadSeed {
    BlockId id;
    double weight = 1.0;
};

struct SpreadNode {
    BlockId id;
    double score = 0;         // shares sum to at most 1 over all nodes
    format::EdgeRecord edge;  // that brought the most; type Invalid for seeds nothing led to
    BlockId from;             // its other end
};

/// Score descending, ties by id. Errors: those of reads. Work: at most 4096 pushes.
[[nodiscard]] Result<std::vector<SpreadNode>> spread_relevance(const GraphView& view,
                                                               const std::vector<SpreadSeed>& seeds,
                                                               Meter& meter);

}  // namespace kausal::query
