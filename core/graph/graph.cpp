// The writer of graph records; see graph.h.
#include "graph/graph.h"

#include "graph/identity.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kausal::graph {

using format::EdgeRecord;
using storage::Direction;

namespace {

Status delete_with_edges(storage::BulkLoad& load, const GraphView& view, const BlockId& id,
                         const std::vector<BlockId>& doomed, std::vector<EdgeRecord>& edges) {
    edges.clear();
    KAUSAL_TRY(view.snapshot().edges(id, Direction::Out, edges));
    for (const EdgeRecord& edge : edges) KAUSAL_TRY(load.delete_edge(format::key_of(edge)));
    edges.clear();
    KAUSAL_TRY(view.snapshot().edges(id, Direction::In, edges));
    for (const EdgeRecord& edge : edges) {
        // Edges from doomed sources go with the source, so that each is deleted once.
        if (std::binary_search(doomed.begin(), doomed.end(), edge.source)) continue;
        KAUSAL_TRY(load.delete_edge(format::key_of(edge)));
    }
    return load.delete_block(id);
}

}  // namespace

Result<uint64_t> Graph::commit(GraphBatch&& batch) {
    GraphBatch own = std::move(batch);
    const MutexLock lock(write_mutex_);
    return commit_locked(own);
}

Result<uint64_t> Graph::commit_locked(GraphBatch& batch) {
    const GraphView now = view();
    KAUSAL_TRY(batch.delete_late_edges(now));
    KAUSAL_TRY(batch.check_endpoints(now));
    return engine_->commit(batch.operations_);
}

Result<Workspace> Graph::create_workspace(Workspace workspace) {
    const MutexLock lock(write_mutex_);
    GraphBatch batch(view());
    workspace.id = workspace_id(workspace.name);
    if (KAUSAL_TRY(batch.base().workspace(workspace.name))) {
        return fail(ErrorCode::Conflict, "workspace " + workspace.name + " exists already");
    }
    KAUSAL_TRY(batch.put_workspace(workspace));
    (void)KAUSAL_TRY(commit_locked(batch));
    return workspace;
}

Status Graph::update_workspace(Workspace workspace) {
    const MutexLock lock(write_mutex_);
    GraphBatch batch(view());
    workspace.id = workspace_id(workspace.name);
    if (!KAUSAL_TRY(batch.base().workspace(workspace.name))) {
        return {ErrorCode::NotFound, "no workspace named " + workspace.name};
    }
    KAUSAL_TRY(batch.put_workspace(workspace));
    (void)KAUSAL_TRY(commit_locked(batch));
    return Status::ok();
}

Result<uint64_t> Graph::remove_workspace(std::string_view name) {
    const MutexLock lock(write_mutex_);
    std::unique_ptr<storage::BulkLoad> load = KAUSAL_TRY(engine_->begin_bulk());
    const GraphView now = view();
    const std::optional<Workspace> workspace = KAUSAL_TRY(now.workspace(name));
    if (!workspace) return fail(ErrorCode::NotFound, "no workspace named " + std::string(name));
    std::vector<BlockId> doomed;  // in order of id, as the scan goes
    KAUSAL_TRY(now.snapshot().scan_blocks(
        format::BlockKind::Invalid, storage::BlockParts::Head, [&](const storage::BlockPin& pin) {
            if (pin.record.workspace == workspace->number() || pin.record.id == workspace->id) {
                doomed.push_back(pin.record.id);
            }
            return true;
        }));
    std::vector<EdgeRecord> edges;
    for (const BlockId& id : doomed) {
        KAUSAL_TRY(delete_with_edges(*load, now, id, doomed, edges));
    }
    (void)KAUSAL_TRY(load->commit());
    return doomed.size();
}

Result<format::EdgeType> Graph::register_edge_type(std::string_view name) {
    KAUSAL_TRY(validate_edge_type_name(name));
    const MutexLock lock(write_mutex_);
    GraphBatch batch(view());
    const EdgeTypeRegistry registry = KAUSAL_TRY(batch.base().edge_types());
    const format::EdgeType known = registry.find(name);
    if (known != format::EdgeType::Invalid) return known;
    const format::EdgeType type = KAUSAL_TRY(registry.next_free());

    const std::string uri = "kausal:edge-type/" + std::string(name);
    const std::string metadata = "{\"number\":" + std::to_string(static_cast<uint16_t>(type)) + "}";
    format::BlockRecord record;
    record.kind = format::BlockKind::Record;
    record.id = BlockId::of("", static_cast<uint16_t>(record.kind), uri);
    record.name = name;
    record.uri = uri;
    record.metadata = metadata;
    KAUSAL_TRY(batch.put_block(record));
    (void)KAUSAL_TRY(commit_locked(batch));
    return type;
}

}  // namespace kausal::graph
