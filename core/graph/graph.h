// The graph of one database: the only writer of graph records.
//
// Wraps a StorageEngine: hands out views and batches, commits batches one after the other, keeps
// the registry of workspaces and edge types. Contains no traversal; that is the query room's.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "graph/graph_batch.h"
#include "graph/graph_view.h"
#include "storage/storage_engine.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace kausal::graph {

/// Threads: shared. The engine must outlive it. Errors of writers, besides those named: the ones of
/// StorageEngine::commit and begin_bulk.
class Graph {
  public:
    explicit Graph(storage::StorageEngine& engine)
        : engine_(&engine), troubled_(std::make_shared<TroubledSourceCache>()) {}

    /// The graph after the newest visible commit.
    [[nodiscard]] GraphView view() const { return GraphView(engine_->snapshot(), troubled_); }
    /// An empty batch based on `view()`.
    [[nodiscard]] GraphBatch batch() const { return GraphBatch(view()); }
    /// Makes the batch durable and visible; returns its sequence number. Whatever the outcome, the
    /// batch must not be used again. Errors: Invalid when an edge names a block that does not
    /// exist.
    [[nodiscard]] Result<uint64_t> commit(GraphBatch&& batch);
    /// For batches that do not fit into memory; records must be passed through prepare_record and
    /// edges must obey the rules of GraphBatch::put_edge.
    [[nodiscard]] Result<std::unique_ptr<storage::BulkLoad>> begin_bulk() {
        return engine_->begin_bulk();
    }

    /// Registers a workspace; `id` is set from the name. Errors: Invalid, Conflict (name taken).
    [[nodiscard]] Result<Workspace> create_workspace(Workspace workspace);
    /// Replaces root, settings and revision. Errors: NotFound, Invalid.
    [[nodiscard]] Status update_workspace(Workspace workspace);
    /// Removes the workspace, every block of it (external symbols and unresolved names too) and
    /// every edge at those blocks, as one atomic change. Returns how many blocks went. Errors:
    /// NotFound, Conflict (a bulk load is under way).
    [[nodiscard]] Result<uint64_t> remove_workspace(std::string_view name);

    /// The number of a user edge type, registering it when it is new. Errors: Invalid, Unsupported.
    [[nodiscard]] Result<format::EdgeType> register_edge_type(std::string_view name);

    [[nodiscard]] storage::StorageEngine& storage() const noexcept { return *engine_; }

  private:
    [[nodiscard]] Result<uint64_t> commit_locked(GraphBatch& batch) KAUSAL_REQUIRES(write_mutex_);

    storage::StorageEngine* engine_;
    std::shared_ptr<TroubledSourceCache> troubled_;  // views may outlive the graph
    Mutex write_mutex_;  // orders read-check-commit sequences; taken before any lock of storage
};

}  // namespace kausal::graph
