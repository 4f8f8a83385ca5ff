// Neighbours, k-hop reach and the subgraph around a target: plain traversals with a filter.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "query/answer.h"

#include <cstdint>
#include <vector>

namespace kausal::query {

enum class Walk : uint8_t { Out, In, Both };

struct NeighbourRow {
    BlockRow block;
    format::EdgeRecord edge;
    storage::Direction direction = storage::Direction::Out;
};
struct NeighbourAnswer {
    std::vector<NeighbourRow> rows;  // outgoing first; by (type, other id, site)
    uint64_t out_degree = 0;         // edges that the filter accepts, rows_max or not
    uint64_t in_degree = 0;
    Truncation truncation;
};
/// Errors: NotFound, Cancelled, those of reads.
[[nodiscard]] Result<NeighbourAnswer> neighbours(const GraphView& view, const BlockId& target,
                                                 Walk walk, const graph::EdgeFilter& filter,
                                                 const Budget& budget);

struct HopRequest {
    std::vector<BlockId> seeds = {};
    Walk walk = Walk::Out;
    uint32_t depth = 1;
    graph::EdgeFilter filter = {};
};
struct HopRow {
    BlockRow block;
    uint32_t depth = 0;       // seeds: 0
    format::EdgeRecord edge;  // by which it was first reached; type Invalid for seeds
    BlockId via;
};
struct HopAnswer {
    std::vector<HopRow> rows;  // breadth first; within a level by id
    Truncation truncation;
};
/// Every block within `depth` edges of the seeds. Errors: NotFound (a seed), Cancelled, those of
/// reads. Time: linear in the edges met.
[[nodiscard]] Result<HopAnswer> k_hop(const GraphView& view, const HopRequest& request,
                                      const Budget& budget);

struct SubgraphAnswer {
    std::vector<HopRow> nodes;              // as k_hop
    std::vector<format::EdgeRecord> edges;  // all accepted edges between them, in key order
    Truncation truncation;
};
/// The induced subgraph of what k_hop reaches. rows_max bounds nodes, and edges apart. Errors: as
/// k_hop.
[[nodiscard]] Result<SubgraphAnswer> subgraph(const GraphView& view, const HopRequest& request,
                                              const Budget& budget);

}  // namespace kausal::query
