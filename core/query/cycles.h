// Cycles and topological order, between symbols, files or modules.
//
// Both read the whole graph into arrays numbered in order of id, so results never depend on how the
// graph was written. Strongly connected components by Tarjan's algorithm without recursion.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "graph/name_lookup.h"
#include "query/answer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kausal::query {

/// What a node is: a block itself, or the file or directory-like module that contains it.
enum class Grain : uint8_t { Symbol, File, Module };

struct OrderRequest {
    graph::EdgeFilter filter{.types = graph::dependency_edges()};
    Grain grain = Grain::File;
    uint64_t workspace = 0;  // 0: all
    std::string_view path_prefix = {};
    bool with_self_loops = false;  // a block that depends on itself is a cycle too
};

struct CycleRow {
    std::vector<BlockRow> blocks;  // of one component, by id
    /// A shortest closed walk through the component's first block: edges between symbols, one per
    /// step (for files and modules: one witness per step).
    std::vector<format::EdgeRecord> edges;
    uint64_t edges_inside = 0;
};
struct CyclesAnswer {
    std::vector<CycleRow> rows;  // largest first, then by first id
    Truncation truncation;
    Unknown unknown;
};
/// Errors: Cancelled, those of reads. A limit met before the graph is read gives no rows and says
/// so.
[[nodiscard]] Result<CyclesAnswer> find_cycles(const GraphView& view, const OrderRequest& request,
                                               const Budget& budget);

struct OrderRow {
    BlockRow block;
    uint32_t component = 0;  // blocks of one cycle share it; numbered in order of rows
};
struct OrderAnswer {
    std::vector<OrderRow> rows;                  // what is depended on comes first; ties by id
    std::vector<format::EdgeRecord> back_edges;  // run against the order (inside cycles), key order
    Truncation truncation;
};
/// Errors: as find_cycles.
[[nodiscard]] Result<OrderAnswer> topological_order(const GraphView& view,
                                                    const OrderRequest& request,
                                                    const Budget& budget);

}  // namespace kausal::query
