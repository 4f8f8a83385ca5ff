// Path: how one block reaches another.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "query/answer.h"

#include <cstdint>
#include <vector>

namespace kausal::query {

inline constexpr uint32_t kAllPathsHopsMax = 16;

struct PathRequest {
    BlockId from = {};
    BlockId to = {};
    graph::EdgeTypeSet types = graph::dependency_edges();
    bool all = false;              // every simple path, not only a shortest one
    uint32_t hops_max = 0;         // 0: no bound for the shortest, 16 for all; at most 16 for all
    uint32_t paths_max = 100;      // 1..=10000
    bool allow_candidates = true;  // when facts alone give no path
    bool with_dispatch = true;     // a call on a method may reach what overrides it
};

struct PathRow {
    std::vector<BlockRow> blocks;           // hops + 1
    std::vector<format::EdgeRecord> edges;  // hops; of several sites the first
    /// Hops: the call names a method that the next block overrides, and may reach it.
    std::vector<bool> is_dispatch;
    bool is_certain = true;  // facts only
};

struct PathAnswer {
    std::vector<PathRow> rows;  // by hops, those without dispatch first, then ids along the path
    Truncation truncation;
    /// No row and false: nothing known leads there, but the search was cut or unresolved sites
    /// exist.
    bool is_certain = false;
};

/// Shortest: bidirectional breadth first, linear. All: depth first, pruned by distance to the end.
/// A declaration and its definition are one stop; a call and its dispatch are one hop. Errors:
/// NotFound, Invalid (bounds), Cancelled, those of reads.
[[nodiscard]] Result<PathAnswer> find_paths(const GraphView& view, const PathRequest& request,
                                            const Budget& budget);

}  // namespace kausal::query
