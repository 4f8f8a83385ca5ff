// Batches of graph changes; see graph_batch.h.
#include "graph/graph_batch.h"

#include "base/hash.h"
#include "graph/identity.h"

#include <utility>

namespace kausal::graph {

using format::Certainty;
using format::EdgeKey;
using format::EdgeRecord;
using storage::Direction;

size_t GraphBatch::EdgeKeyHash::operator()(const EdgeKey& key) const noexcept {
    const uint64_t ends = hash_mix(key.source.low ^ key.source.high, key.target.low);
    const uint64_t rest = (uint64_t{static_cast<uint16_t>(key.type)} << 32) | key.site_offset;
    return static_cast<size_t>(hash_mix(ends, rest));
}

Status GraphBatch::put_block(format::BlockRecord record) {
    prepare_record(record);
    KAUSAL_TRY(operations_.put_block(record));
    blocks_[record.id] = true;
    return Status::ok();
}

Status GraphBatch::put_workspace(const Workspace& workspace) {
    std::string metadata;
    return put_block(KAUSAL_TRY(workspace_record(workspace, metadata)));
}

Status GraphBatch::delete_block(const BlockId& id) {
    if (!id.is_valid()) return {ErrorCode::Invalid, "block id is all zero"};
    KAUSAL_TRY(delete_edges_of(base_, id));
    if (const auto own = incident_.find(id); own != incident_.end()) {
        for (const EdgeKey& key : own->second) {
            bool& is_put = edges_[key];
            if (!is_put) continue;
            KAUSAL_TRY(operations_.delete_edge(key));
            is_put = false;
        }
        own->second.clear();
    }
    KAUSAL_TRY(operations_.delete_block(id));
    blocks_[id] = false;
    deleted_.push_back(id);
    return Status::ok();
}

Status GraphBatch::delete_edges_of(const GraphView& view, const BlockId& id) {
    std::vector<EdgeRecord> found;
    for (const Direction direction : {Direction::Out, Direction::In}) {
        KAUSAL_TRY(view.snapshot().edges(id, direction, found));
    }
    for (const EdgeRecord& edge : found) {
        const EdgeKey key = format::key_of(edge);
        // Edges that the batch has touched are decided already: put ones go by `incident_`.
        if (edges_.contains(key)) continue;
        KAUSAL_TRY(operations_.delete_edge(key));
        edges_.emplace(key, false);
    }
    return Status::ok();
}

Status GraphBatch::put_edge(const EdgeRecord& edge) {
    if (!edge.source.is_valid() || !edge.target.is_valid()) {
        return {ErrorCode::Invalid, "edge with an invalid block id"};
    }
    if (edge.certainty == Certainty::Resolved && edge.confidence != 255) {
        return {ErrorCode::Invalid,
                "resolved edge with confidence " + std::to_string(edge.confidence)};
    }
    if (edge.certainty == Certainty::Candidate && edge.confidence == 255) {
        return {ErrorCode::Invalid, "candidate edge with the confidence of a resolved one"};
    }
    const auto number = static_cast<uint16_t>(edge.type);
    if (number >= static_cast<uint16_t>(format::EdgeType::UserFirst) && !edge_types_) {
        edge_types_ = KAUSAL_TRY(base_.edge_types());
    }
    const bool is_known = number >= static_cast<uint16_t>(format::EdgeType::UserFirst)
                              ? edge_types_->contains(edge.type)
                              : EdgeTypeRegistry().contains(edge.type);
    if (!is_known) {
        return {ErrorCode::Invalid, "edge type " + std::to_string(number) + " is not registered"};
    }
    KAUSAL_TRY(operations_.put_edge(edge));
    const EdgeKey key = format::key_of(edge);
    const auto [at, is_new] = edges_.try_emplace(key, true);
    if (is_new || !at->second) {
        at->second = true;
        incident_[edge.source].push_back(key);
        if (edge.target != edge.source) incident_[edge.target].push_back(key);
        put_order_.push_back(key);
    }
    return Status::ok();
}

Status GraphBatch::delete_edge(const EdgeKey& key) {
    KAUSAL_TRY(operations_.delete_edge(key));
    edges_[key] = false;
    return Status::ok();
}

Status GraphBatch::delete_late_edges(const GraphView& now) {
    if (now.sequence() == base_.sequence()) return Status::ok();
    for (const BlockId& id : deleted_) KAUSAL_TRY(delete_edges_of(now, id));
    return Status::ok();
}

Status GraphBatch::check_endpoints(const GraphView& now) const {
    std::unordered_map<BlockId, bool, BlockIdHash> known;
    const auto exists = [&](const BlockId& id) -> Result<bool> {
        if (const auto own = blocks_.find(id); own != blocks_.end()) return own->second;
        if (const auto seen = known.find(id); seen != known.end()) return seen->second;
        const bool is_there = KAUSAL_TRY(now.snapshot().contains(id));
        known.emplace(id, is_there);
        return is_there;
    };
    for (const EdgeKey& key : put_order_) {
        if (!edges_.at(key)) continue;
        for (const BlockId& id : {key.source, key.target}) {
            if (KAUSAL_TRY(exists(id))) continue;
            return {ErrorCode::Invalid, "edge " + key.source.to_hex() + " -> " +
                                            key.target.to_hex() + ": block " + id.to_hex() +
                                            " does not exist"};
        }
    }
    return Status::ok();
}

}  // namespace kausal::graph
