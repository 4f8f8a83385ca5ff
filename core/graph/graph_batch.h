// A change to the graph under construction: validated puts and deletes that commit as one.
//
// Deleting a block deletes its edges in both directions: those of the snapshot the batch started
// from, those the batch itself has put so far, and (added at commit) those that other writers put
// meanwhile. Later operations win over earlier ones, so delete_block(x), put_block(x), put_edge(x,
// y) replaces x with all its edges.
#pragma once

#include "base/status.h"
#include "format/write_batch.h"
#include "graph/graph_view.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kausal::graph {

/// Threads: confined. Made by Graph::batch.
class GraphBatch {
  public:
    explicit GraphBatch(GraphView base) : base_(std::move(base)) {}

    /// Adds the graph room's keys (prepare_record) and puts the block. Errors: Invalid.
    [[nodiscard]] Status put_block(format::BlockRecord record);
    /// Removes the block, if it exists, and all its edges. Errors: Invalid (id), Corrupt,
    /// Unavailable.
    [[nodiscard]] Status delete_block(const BlockId& id);
    /// Errors: Invalid when an id is invalid, the type is unknown, a resolved edge has a confidence
    /// below 255, or a candidate one has 255. That both blocks exist is checked at commit.
    [[nodiscard]] Status put_edge(const format::EdgeRecord& edge);
    [[nodiscard]] Status delete_edge(const format::EdgeKey& key);
    /// Puts the record of a workspace (new root, settings or revision). Errors: Invalid.
    [[nodiscard]] Status put_workspace(const Workspace& workspace);

    [[nodiscard]] bool is_empty() const noexcept { return operations_.is_empty(); }
    [[nodiscard]] size_t size_bytes() const noexcept { return operations_.size_bytes(); }
    [[nodiscard]] uint32_t operation_count() const noexcept {
        return operations_.operation_count();
    }
    [[nodiscard]] const GraphView& base() const noexcept { return base_; }

  private:
    friend class Graph;
    struct EdgeKeyHash {
        size_t operator()(const format::EdgeKey& key) const noexcept;
    };
    /// Deletes the edges of deleted blocks that `now` has and the batch does not know.
    [[nodiscard]] Status delete_late_edges(const GraphView& now);
    /// Every edge put must join blocks that exist after the batch. Errors: Invalid.
    [[nodiscard]] Status check_endpoints(const GraphView& now) const;
    [[nodiscard]] Status delete_edges_of(const GraphView& view, const BlockId& id);

    GraphView base_;
    format::WriteBatch operations_;
    std::unordered_map<format::EdgeKey, bool, EdgeKeyHash> edges_;  // touched; true = put
    std::unordered_map<BlockId, std::vector<format::EdgeKey>, BlockIdHash>
        incident_;                                           // of put ones
    std::unordered_map<BlockId, bool, BlockIdHash> blocks_;  // touched; true = exists afterwards
    std::vector<BlockId> deleted_;                           // every id ever deleted, in order
    std::vector<format::EdgeKey> put_order_;
    std::optional<EdgeTypeRegistry> edge_types_;  // read when a user type is first met
};

}  // namespace kausal::graph
