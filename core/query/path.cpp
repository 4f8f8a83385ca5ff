// Shortest and all simple paths; see path.h.
#include "query/path.h"

#include "query/symbol_graph.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace kausal::query {

using format::EdgeRecord;
using storage::Direction;

namespace {

constexpr uint32_t kPathsMax = 10'000;
constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
/// Blocks whose names are looked up before a "no" is called certain.
constexpr size_t kCheckedMax = 256;

/// A node reached from one end.
struct Visit {
    uint32_t node = 0;
    uint32_t parent = kNone;  // index of the visit it was reached from
    uint32_t depth = 0;
    EdgeRecord edge;
};

/// One of the two searches that meet.
struct Side {
    Direction direction = Direction::Out;
    std::vector<Visit> visits;
    NodeNumbers visit_of;  // index + 1
    size_t frontier = 0;   // first visit not yet expanded

    void add(const Visit& visit) {
        visits.push_back(visit);
        visit_of.set(visit.node, static_cast<uint32_t>(visits.size()));
    }
    [[nodiscard]] bool is_done() const { return frontier == visits.size(); }
};

class PathSearch {
  public:
    PathSearch(const GraphView& view, const PathRequest& request, bool with_candidates,
               Meter& meter)
        : request_(&request), meter_(&meter), graph_(view) {
        filter_.types = request.types;
        filter_.candidates = with_candidates;
    }

    Result<std::vector<PathRow>> shortest() {
        forward_.add({.node = KAUSAL_TRY(graph_.node_of(request_->from)), .edge = {}});
        backward_.direction = Direction::In;
        backward_.add({.node = KAUSAL_TRY(graph_.node_of(request_->to)), .edge = {}});
        uint32_t meeting =
            forward_.visits[0].node == backward_.visits[0].node ? forward_.visits[0].node : kNone;
        uint32_t levels = 0;
        while (meeting == kNone && !forward_.is_done() && !backward_.is_done()) {
            if (request_->hops_max != 0 && levels == request_->hops_max) {
                meter_->truncation().add(Limit::Depth);
                break;
            }
            const bool is_forward_smaller = forward_.visits.size() - forward_.frontier <=
                                            backward_.visits.size() - backward_.frontier;
            Side& side = is_forward_smaller ? forward_ : backward_;
            Side& other = is_forward_smaller ? backward_ : forward_;
            if (!KAUSAL_TRY(expand_level(side, other, meeting))) break;
            ++levels;
        }
        std::vector<PathRow> rows;
        if (meeting != kNone) rows.push_back(KAUSAL_TRY(joined_at(meeting)));
        return rows;
    }

    Result<std::vector<PathRow>> all() {
        const uint32_t hops_max = request_->hops_max == 0 ? kAllPathsHopsMax : request_->hops_max;
        const uint32_t from = KAUSAL_TRY(graph_.node_of(request_->from));
        const uint32_t to = KAUSAL_TRY(graph_.node_of(request_->to));
        KAUSAL_TRY(measure_distances(to, hops_max));
        std::vector<PathRow> rows;
        if (distance_.get(from) == 0) return rows;
        // One length after the other, so that what is cut off is longer than what is shown.
        for (uint32_t hops = distance_.get(from) - 1; hops <= hops_max; ++hops) {
            if (!KAUSAL_TRY(paths_of_length(from, to, hops, rows))) break;
        }
        return rows;
    }

    /// True when the search has seen all there is and nothing unknown could join in.
    Result<bool> is_complete() {
        if (meter_->truncation().any()) return false;
        const Unknown files = KAUSAL_TRY(unknown_files(graph_.view(), 0));
        if (!files.is_nothing()) return false;
        if (!request_->all && forward_.is_done()) return !saw_unresolved_;
        if (!backward_.is_done()) return false;
        std::vector<BlockRow> rows;
        for (const Visit& visit : backward_.visits) {
            if (rows.size() == kCheckedMax) return false;
            std::optional<BlockRow> row = KAUSAL_TRY(graph_.view().row(graph_.id_of(visit.node)));
            if (row) rows.push_back(std::move(*row));
        }
        const Unknown unknown = KAUSAL_TRY(unknown_uses_of(graph_.view(), rows));
        return unknown.is_nothing();
    }

  private:
    /// Arcs of all faces of a node; none for hidden blocks.
    Status arcs_of(uint32_t node, Direction direction, std::vector<Arc>& into) {
        into.clear();
        const SymbolGraph::Symbol symbol = KAUSAL_TRY(graph_.symbol_of(node));
        if (!symbol.is_shown) return Status::ok();
        saw_unresolved_ = saw_unresolved_ || symbol.kind == format::BlockKind::UnresolvedName;
        for (const uint32_t face : symbol.faces) {
            KAUSAL_TRY(graph_.arcs(face, direction, filter_, into));
        }
        return Status::ok();
    }

    /// Expands every visit of the frontier; `meeting` receives the node of the shortest join, ties
    /// by id. False when the budget is spent.
    Result<bool> expand_level(Side& side, const Side& other, uint32_t& meeting) {
        const size_t end = side.visits.size();
        uint32_t best = kNone;
        std::vector<Arc> arcs;
        for (; side.frontier < end; ++side.frontier) {
            if (!meter_->take_node()) return false;
            const Visit here = side.visits[side.frontier];
            KAUSAL_TRY(arcs_of(here.node, side.direction, arcs));
            for (const Arc& arc : arcs) {
                if (side.visit_of.get(arc.node) != 0) continue;
                side.add({.node = arc.node,
                          .parent = static_cast<uint32_t>(side.frontier),
                          .depth = here.depth + 1,
                          .edge = arc.edge});
                const uint32_t met = other.visit_of.get(arc.node);
                if (met == 0) continue;
                const uint32_t total = here.depth + 1 + other.visits[met - 1].depth;
                const bool is_better =
                    meeting == kNone || total < best ||
                    (total == best && graph_.id_of(arc.node) < graph_.id_of(meeting));
                if (!is_better) continue;
                meeting = arc.node;
                best = total;
            }
        }
        return true;
    }

    Result<PathRow> joined_at(uint32_t meeting) {
        std::vector<uint32_t> nodes;
        std::vector<EdgeRecord> edges;
        for (uint32_t at = forward_.visit_of.get(meeting) - 1; at != kNone;
             at = forward_.visits[at].parent) {
            nodes.push_back(forward_.visits[at].node);
            if (forward_.visits[at].parent != kNone) edges.push_back(forward_.visits[at].edge);
        }
        std::reverse(nodes.begin(), nodes.end());
        std::reverse(edges.begin(), edges.end());
        uint32_t at = backward_.visit_of.get(meeting) - 1;
        while (backward_.visits[at].parent != kNone) {
            edges.push_back(backward_.visits[at].edge);
            at = backward_.visits[at].parent;
            nodes.push_back(backward_.visits[at].node);
        }
        return row_of(nodes, edges);
    }

    Result<PathRow> row_of(const std::vector<uint32_t>& nodes,
                           const std::vector<EdgeRecord>& edges) {
        PathRow row;
        for (const uint32_t node : nodes) {
            std::optional<BlockRow> block = KAUSAL_TRY(graph_.view().row(graph_.id_of(node)));
            if (!block) return fail(ErrorCode::Corrupt, "an edge leads to a block that is gone");
            row.blocks.push_back(std::move(*block));
        }
        row.edges = edges;
        row.is_certain = std::all_of(edges.begin(), edges.end(), [](const EdgeRecord& edge) {
            return edge.certainty == format::Certainty::Resolved;
        });
        return row;
    }

    /// Hops to the end, plus one, for every node within reach of it.
    Status measure_distances(uint32_t to, uint32_t hops_max) {
        backward_.direction = Direction::In;
        backward_.add({.node = to, .edge = {}});
        distance_.set(to, 1);
        std::vector<Arc> arcs;
        for (; backward_.frontier < backward_.visits.size(); ++backward_.frontier) {
            const Visit here = backward_.visits[backward_.frontier];
            if (here.depth == hops_max) return Status::ok();
            if (!meter_->take_node()) return Status::ok();
            KAUSAL_TRY(arcs_of(here.node, Direction::In, arcs));
            for (const Arc& arc : arcs) {
                if (backward_.visit_of.get(arc.node) != 0) continue;
                backward_.add({.node = arc.node, .parent = 0, .depth = here.depth + 1, .edge = {}});
                distance_.set(arc.node, here.depth + 2);
            }
        }
        return Status::ok();
    }

    /// Ways on from a node, one per neighbour, in order of id.
    Result<const std::vector<Arc>*> ways_from(uint32_t node) {
        const auto known = ways_.find(node);
        if (known != ways_.end()) return &known->second;
        std::vector<Arc> arcs;
        KAUSAL_TRY(arcs_of(node, Direction::Out, arcs));
        std::erase_if(arcs, [&](const Arc& arc) { return distance_.get(arc.node) == 0; });
        std::stable_sort(arcs.begin(), arcs.end(), [&](const Arc& left, const Arc& right) {
            return graph_.id_of(left.node) < graph_.id_of(right.node);
        });
        arcs.erase(std::unique(arcs.begin(), arcs.end(),
                               [](const Arc& a, const Arc& b) { return a.node == b.node; }),
                   arcs.end());
        return &ways_.emplace(node, std::move(arcs)).first->second;
    }

    /// Adds the simple paths of exactly `hops` edges. False when a limit was met.
    Result<bool> paths_of_length(uint32_t from, uint32_t to, uint32_t hops,
                                 std::vector<PathRow>& rows) {
        std::vector<uint32_t> nodes{from};
        std::vector<EdgeRecord> edges;
        std::vector<size_t> next{0};  // per node of the path: which way is tried next
        while (!nodes.empty()) {
            const auto done = static_cast<uint32_t>(edges.size());
            if (nodes.back() == to && done == hops) {
                if (rows.size() >= request_->paths_max) {
                    meter_->truncation().add(Limit::Paths);
                    return false;
                }
                if (!meter_->has_room(rows.size())) return false;
                rows.push_back(KAUSAL_TRY(row_of(nodes, edges)));
            }
            const bool is_end = done == hops || nodes.back() == to;
            const std::vector<Arc>* ways = nullptr;
            if (!is_end) {
                if (next.back() == 0 && !meter_->take_node()) return false;
                ways = KAUSAL_TRY(ways_from(nodes.back()));
                while (next.back() < ways->size() &&
                       !leads_on((*ways)[next.back()], nodes, hops - done - 1)) {
                    ++next.back();
                }
            }
            if (is_end || next.back() == ways->size()) {
                nodes.pop_back();
                next.pop_back();
                if (!edges.empty()) edges.pop_back();
                continue;
            }
            const Arc& way = (*ways)[next.back()++];
            nodes.push_back(way.node);
            edges.push_back(way.edge);
            next.push_back(0);
        }
        return true;
    }

    bool leads_on(const Arc& way, const std::vector<uint32_t>& nodes, uint32_t hops_left) const {
        if (distance_.get(way.node) - 1 > hops_left) return false;
        return std::find(nodes.begin(), nodes.end(), way.node) == nodes.end();
    }

    const PathRequest* request_;
    Meter* meter_;
    SymbolGraph graph_;
    graph::EdgeFilter filter_;
    Side forward_;
    Side backward_;
    NodeNumbers distance_;  // hops to the end + 1
    std::unordered_map<uint32_t, std::vector<Arc>> ways_;
    bool saw_unresolved_ = false;
};

Status validate(const GraphView& view, const PathRequest& request) {
    if (request.paths_max == 0 || request.paths_max > kPathsMax) {
        return {ErrorCode::Invalid,
                "paths_max " + std::to_string(request.paths_max) + " is not in 1..10000"};
    }
    if (request.all && request.hops_max > kAllPathsHopsMax) {
        return {ErrorCode::Invalid,
                "hops_max " + std::to_string(request.hops_max) + " is above 16 for all paths"};
    }
    for (const BlockId& id : {request.from, request.to}) {
        if (KAUSAL_TRY(view.snapshot().contains(id))) continue;
        return {ErrorCode::NotFound, "no block " + id.to_hex()};
    }
    return Status::ok();
}

}  // namespace

Result<PathAnswer> find_paths(const GraphView& view, const PathRequest& request,
                              const Budget& budget) {
    KAUSAL_TRY(validate(view, request));
    Meter meter(budget);
    PathAnswer answer;
    for (const bool with_candidates : {false, true}) {
        if (with_candidates && !request.allow_candidates) break;
        PathSearch search(view, request, with_candidates, meter);
        answer.rows = request.all ? KAUSAL_TRY(search.all()) : KAUSAL_TRY(search.shortest());
        KAUSAL_TRY(meter.status());
        answer.is_certain =
            answer.rows.empty() ? KAUSAL_TRY(search.is_complete()) : answer.rows.front().is_certain;
        if (!answer.rows.empty() || meter.truncation().has(Limit::Deadline)) break;
    }
    answer.truncation = meter.truncation();
    return answer;
}

}  // namespace kausal::query
