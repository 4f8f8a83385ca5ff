// The whole graph in arrays, for operations that must see all of it: dead code, cycles, orders.
//
// Nodes are numbered in order of id, so that whatever follows from the numbers is the same for the
// same graph. Hidden blocks and workspaces are not nodes. Memory: about 56 bytes per block, 8 per
// edge.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "query/answer.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace kausal::query {

inline constexpr uint32_t kNoNode = 0xffffffff;

struct DenseArc {
    uint32_t node = 0;
    format::EdgeType type = format::EdgeType::Invalid;
    bool is_resolved = true;
};

/// Threads: a value.
class DenseGraph {
  public:
    /// Called for every node's head, in order of number.
    using HeadVisitor = std::function<void(uint32_t node, const format::BlockRecord& head)>;

    /// Reads all blocks, then all edges that the filter accepts. False when the meter said stop;
    /// the graph is incomplete then. Errors: those of reads.
    [[nodiscard]] Result<bool> read(const GraphView& view, const graph::EdgeFilter& filter,
                                    const HeadVisitor& visit_head, Meter& meter);

    [[nodiscard]] uint32_t node_count() const noexcept {
        return static_cast<uint32_t>(ids_.size());
    }
    [[nodiscard]] const BlockId& id_of(uint32_t node) const { return ids_[node]; }
    /// kNoNode for an id that is no node.
    [[nodiscard]] uint32_t node_of(const BlockId& id) const noexcept;
    [[nodiscard]] std::span<const DenseArc> out(uint32_t node) const noexcept {
        return {arcs_.data() + first_out_[node], arcs_.data() + first_out_[node + 1]};
    }
    /// The same edges by target; built on first use by `index_incoming`.
    [[nodiscard]] std::span<const DenseArc> in(uint32_t node) const noexcept {
        return {arcs_in_.data() + first_in_[node], arcs_in_.data() + first_in_[node + 1]};
    }
    void index_incoming();

  private:
    std::vector<BlockId> ids_;
    std::vector<size_t> first_out_;
    std::vector<DenseArc> arcs_;
    std::vector<size_t> first_in_;
    std::vector<DenseArc> arcs_in_;
};

}  // namespace kausal::query
