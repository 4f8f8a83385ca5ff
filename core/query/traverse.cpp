// Plain traversals; see traverse.h.
#include "query/traverse.h"

#include "query/symbol_graph.h"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace kausal::query {

using format::EdgeRecord;
using storage::Direction;

namespace {

std::vector<Direction> directions_of(Walk walk) {
    if (walk == Walk::Out) return {Direction::Out};
    if (walk == Walk::In) return {Direction::In};
    return {Direction::Out, Direction::In};
}

/// A node on its way into the answer.
struct Reached {
    uint32_t node = 0;
    BlockId id;
    EdgeRecord edge;
    BlockId via;
};

class HopWalk {
  public:
    HopWalk(const GraphView& view, const HopRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget), graph_(view) {}

    Result<HopAnswer> run() {
        std::vector<Reached> level = KAUSAL_TRY(seeds());
        for (uint32_t depth = 0; !level.empty(); ++depth) {
            if (!KAUSAL_TRY(show(level, depth)) || depth == request_->depth) break;
            level = KAUSAL_TRY(next_level(level));
        }
        KAUSAL_TRY(meter_.status());
        answer_.truncation = meter_.truncation();
        return std::move(answer_);
    }

  private:
    Result<std::vector<Reached>> seeds() {
        std::vector<Reached> level;
        for (const BlockId& id : request_->seeds) {
            if (!KAUSAL_TRY(view_->snapshot().contains(id))) {
                return fail(ErrorCode::NotFound, "no block " + id.to_hex());
            }
            const uint32_t node = KAUSAL_TRY(graph_.node_of(id));
            if (seen_.get(node) != 0) continue;
            seen_.set(node, 1);
            level.push_back({.node = node, .id = id, .edge = {}, .via = {}});
        }
        sort(level);
        return level;
    }

    static void sort(std::vector<Reached>& level) {
        std::sort(level.begin(), level.end(),
                  [](const Reached& left, const Reached& right) { return left.id < right.id; });
    }

    /// Adds the rows of a level; leaves out, and does not go on from, what is hidden or gone.
    /// False when the answer is full.
    Result<bool> show(std::vector<Reached>& level, uint32_t depth) {
        std::vector<Reached> kept;
        for (Reached& reached : level) {
            if (!meter_.take_node()) return false;
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(reached.id));
            if (!row || graph::is_hidden(row->kind, row->uri)) continue;
            if (!meter_.has_room(answer_.rows.size())) return false;
            answer_.rows.push_back({.block = std::move(*row),
                                    .depth = depth,
                                    .edge = reached.edge,
                                    .via = reached.via});
            kept.push_back(reached);
        }
        level = std::move(kept);
        return true;
    }

    Result<std::vector<Reached>> next_level(const std::vector<Reached>& level) {
        std::vector<Reached> next;
        std::vector<Arc> arcs;
        for (const Reached& reached : level) {
            if (!meter_.keep_going()) break;
            arcs.clear();
            for (const Direction direction : directions_of(request_->walk)) {
                KAUSAL_TRY(graph_.arcs(reached.node, direction, request_->filter, arcs));
            }
            for (const Arc& arc : arcs) {
                if (seen_.get(arc.node) != 0) continue;
                seen_.set(arc.node, 1);
                next.push_back({.node = arc.node,
                                .id = graph_.id_of(arc.node),
                                .edge = arc.edge,
                                .via = reached.id});
            }
        }
        sort(next);
        return next;
    }

    const GraphView* view_;
    const HopRequest* request_;
    Meter meter_;
    SymbolGraph graph_;
    NodeNumbers seen_;
    HopAnswer answer_;
};

}  // namespace

Result<NeighbourAnswer> neighbours(const GraphView& view, const BlockId& target, Walk walk,
                                   const graph::EdgeFilter& filter, const Budget& budget) {
    Meter meter(budget);
    if (!KAUSAL_TRY(view.snapshot().contains(target))) {
        return fail(ErrorCode::NotFound, "no block " + target.to_hex());
    }
    NeighbourAnswer answer;
    std::vector<EdgeRecord> edges;
    for (const Direction direction : directions_of(walk)) {
        KAUSAL_TRY(view.edges(target, direction, filter, edges));
        const bool is_out = direction == Direction::Out;
        (is_out ? answer.out_degree : answer.in_degree) = edges.size();
        for (const EdgeRecord& edge : edges) {
            if (!meter.has_room(answer.rows.size()) || !meter.take_node()) break;
            std::optional<BlockRow> row = KAUSAL_TRY(view.row(is_out ? edge.target : edge.source));
            if (!row || graph::is_hidden(row->kind, row->uri)) continue;
            answer.rows.push_back({.block = std::move(*row), .edge = edge, .direction = direction});
        }
    }
    KAUSAL_TRY(meter.status());
    answer.truncation = meter.truncation();
    return answer;
}

Result<HopAnswer> k_hop(const GraphView& view, const HopRequest& request, const Budget& budget) {
    return HopWalk(view, request, budget).run();
}

Result<SubgraphAnswer> subgraph(const GraphView& view, const HopRequest& request,
                                const Budget& budget) {
    HopAnswer hops = KAUSAL_TRY(k_hop(view, request, budget));
    SubgraphAnswer answer;
    answer.truncation = hops.truncation;
    answer.nodes = std::move(hops.rows);
    std::unordered_set<BlockId, BlockIdHash> inside;
    std::vector<BlockId> ids;
    for (const HopRow& row : answer.nodes) {
        inside.insert(row.block.id);
        ids.push_back(row.block.id);
    }
    // In order of source, so that the edges come in order of their keys.
    std::sort(ids.begin(), ids.end());
    Meter meter(budget);
    std::vector<EdgeRecord> edges;
    for (const BlockId& id : ids) {
        KAUSAL_TRY(view.edges(id, Direction::Out, request.filter, edges));
        for (const EdgeRecord& edge : edges) {
            if (!inside.contains(edge.target)) continue;
            if (!meter.has_room(answer.edges.size()) || !meter.keep_going()) break;
            answer.edges.push_back(edge);
        }
    }
    KAUSAL_TRY(meter.status());
    answer.truncation.add(meter.truncation());
    return answer;
}

}  // namespace kausal::query
