// Reading the whole graph; see dense_graph.h.
#include "query/dense_graph.h"

#include <algorithm>

namespace kausal::query {

uint32_t DenseGraph::node_of(const BlockId& id) const noexcept {
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (at == ids_.end() || *at != id) return kNoNode;
    return static_cast<uint32_t>(at - ids_.begin());
}

Result<bool> DenseGraph::read(const GraphView& view, const graph::EdgeFilter& filter,
                              const HeadVisitor& visit_head, Meter& meter) {
    bool is_complete = true;
    KAUSAL_TRY(view.snapshot().scan_blocks(format::BlockKind::Invalid, storage::BlockParts::Head,
                                           [&](const storage::BlockPin& pin) {
                                               const format::BlockRecord& head = pin.record;
                                               if (head.kind == format::BlockKind::Workspace ||
                                                   graph::is_hidden(head.kind, head.uri)) {
                                                   return true;
                                               }
                                               is_complete = meter.take_node();
                                               if (!is_complete) return false;
                                               visit_head(node_count(), head);
                                               ids_.push_back(head.id);
                                               return true;
                                           }));
    if (!is_complete) return false;
    first_out_.assign(ids_.size() + 1, 0);
    uint32_t source = 0;  // edges come in order of source, as the nodes do
    KAUSAL_TRY(view.snapshot().scan_edges([&](const format::EdgeRecord& edge) {
        is_complete = meter.keep_going();
        if (!is_complete) return false;
        if (!filter.accepts(edge.type, edge.certainty, edge.confidence)) return true;
        while (source < ids_.size() && ids_[source] < edge.source) ++source;
        if (source == ids_.size() || ids_[source] != edge.source) return true;
        const uint32_t target = node_of(edge.target);
        if (target == kNoNode) return true;
        arcs_.push_back({.node = target,
                         .type = edge.type,
                         .is_resolved = edge.certainty == format::Certainty::Resolved});
        first_out_[source + 1] = arcs_.size();
        return true;
    }));
    // Nodes without edges begin where the one before ends.
    for (size_t i = 1; i < first_out_.size(); ++i) {
        first_out_[i] = std::max(first_out_[i], first_out_[i - 1]);
    }
    return is_complete;
}

void DenseGraph::index_incoming() {
    first_in_.assign(ids_.size() + 1, 0);
    arcs_in_.resize(arcs_.size());
    for (const DenseArc& arc : arcs_) ++first_in_[arc.node + 1];
    for (size_t i = 1; i < first_in_.size(); ++i) first_in_[i] += first_in_[i - 1];
    std::vector<size_t> next(first_in_.begin(), first_in_.end() - 1);
    for (uint32_t node = 0; node < node_count(); ++node) {
        for (const DenseArc& arc : out(node)) {
            arcs_in_[next[arc.node]++] = {
                .node = node, .type = arc.type, .is_resolved = arc.is_resolved};
        }
    }
}

}  // namespace kausal::query
