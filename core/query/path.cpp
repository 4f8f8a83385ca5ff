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

/// One hop: where it leads and the edge it goes over. With dispatch the edge ends at a method that
/// is overridden at the hop's end.
struct Hop {
    uint32_t node = 0;
    EdgeRecord edge;
    bool is_dispatch = false;
};

/// A node reached from one end.
struct Visit {
    uint32_t node = 0;
    uint32_t parent = kNone;  // index of the visit it was reached from
    uint32_t depth = 0;
    uint32_t dispatches = 0;  // on the way; the fewest of all ways of this depth
    EdgeRecord edge;
    bool is_dispatch = false;
};

/// One of the two searches that meet.
struct Side {
    Direction direction = Direction::Out;
    std::vector<Visit> visits;
    NodeNumbers visit_of;  // index + 1
    size_t frontier = 0;   // first visit not yet expanded
    /// Per method whose calls were taken as dispatched: the fewest dispatches it happened at, + 1.
    /// A method is taken again only to better that, so that a search stays linear though thousands
    /// of methods override one.
    NodeNumbers dispatched_at;

    void add(const Visit& visit) {
        visits.push_back(visit);
        visit_of.set(visit.node, static_cast<uint32_t>(visits.size()));
    }
    [[nodiscard]] bool is_done() const { return frontier == visits.size(); }
    /// True when calls on `method` are worth taking as dispatched, `dispatches` on the way there.
    bool take_dispatch(uint32_t method, uint32_t dispatches) {
        const uint32_t known = dispatched_at.get(method);
        if (known != 0 && known <= dispatches + 1) return false;
        dispatched_at.set(method, dispatches + 1);
        return true;
    }
};

/// The nodes and hops of a path under construction.
struct Route {
    std::vector<uint32_t> nodes;
    std::vector<Hop> hops;
    uint32_t dispatches = 0;
};

bool is_dispatched_call(const EdgeRecord& edge) {
    static const graph::EdgeTypeSet calls = graph::call_edges();
    return edge.certainty == format::Certainty::Resolved && calls.contains(edge.type);
}

class PathSearch {
  public:
    PathSearch(const GraphView& view, const PathRequest& request, bool with_candidates,
               Meter& meter)
        : request_(&request), meter_(&meter), graph_(view) {
        filter_.types = request.types;
        filter_.candidates = with_candidates;
        with_dispatch_ = request.with_dispatch;
    }

    Result<std::vector<PathRow>> shortest() {
        const uint32_t from = KAUSAL_TRY(graph_.node_of(request_->from));
        const uint32_t to = KAUSAL_TRY(graph_.node_of(request_->to));
        backward_.direction = Direction::In;
        KAUSAL_TRY(start_at(from, forward_));
        KAUSAL_TRY(start_at(to, backward_));
        uint32_t meeting = backward_.visit_of.get(from) != 0 ? from : kNone;
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
        KAUSAL_TRY(measure_distances(from, to, hops_max, backward_, distance_));
        std::vector<PathRow> rows;
        if (distance_.get(from) == 0) return rows;
        // One length after the other, so that what is cut off is longer than what is shown, and
        // within a length what needs no dispatch first.
        if (saw_dispatch_) {
            Side plain;
            with_dispatch_ = false;
            KAUSAL_TRY(measure_distances(from, to, hops_max, plain, plain_distance_));
            with_dispatch_ = true;
        }
        for (uint32_t hops = distance_.get(from) - 1; hops <= hops_max; ++hops) {
            if (saw_dispatch_ && plain_distance_.get(from) != 0) {
                if (!KAUSAL_TRY(paths_of_length(from, hops, Ways::Plain, rows))) break;
            }
            const Ways ways = saw_dispatch_ ? Ways::Dispatch : Ways::All;
            if (!KAUSAL_TRY(paths_of_length(from, hops, ways, rows))) break;
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
    /// Which paths are listed: those without dispatch, those with it, or both.
    enum class Ways : uint8_t { Plain, Dispatch, All };

    /// A declaration and its definitions are one end.
    Status start_at(uint32_t node, Side& side) {
        const SymbolGraph::Symbol symbol = KAUSAL_TRY(graph_.symbol_of(node));
        for (const uint32_t face : symbol.faces) {
            if (side.visit_of.get(face) == 0) side.add({.node = face, .edge = {}});
        }
        return Status::ok();
    }

    /// Arcs of all faces of a node; none for hidden blocks.
    Status arcs_of(uint32_t node, Direction direction, std::vector<Arc>& into) {
        into.clear();
        faces_.clear();
        const SymbolGraph::Symbol symbol = KAUSAL_TRY(graph_.symbol_of(node));
        if (!symbol.is_shown) return Status::ok();
        saw_unresolved_ = saw_unresolved_ || symbol.kind == format::BlockKind::UnresolvedName;
        faces_ = symbol.faces;
        for (const uint32_t face : faces_) {
            KAUSAL_TRY(graph_.arcs(face, direction, filter_, into));
        }
        return Status::ok();
    }

    /// The hops from a node: its arcs, then the calls that reach it or leave it by dispatch and
    /// that `side` has not taken as well before.
    Status hops_of(const Visit& here, Side& side, std::vector<Hop>& into) {
        into.clear();
        std::vector<Arc> arcs;
        KAUSAL_TRY(arcs_of(here.node, side.direction, arcs));
        for (const Arc& arc : arcs) into.push_back({arc.node, arc.edge, false});
        if (!with_dispatch_) return Status::ok();
        if (side.direction == Direction::In) return add_dispatched_callers(here, side, into);
        for (const Arc& arc : arcs) {
            if (!is_dispatched_call(arc.edge)) continue;
            if (!side.take_dispatch(arc.node, here.dispatches)) continue;
            KAUSAL_TRY(graph_.hierarchy_of(arc.node, Direction::In, hierarchy_));
            for (const uint32_t overrider : hierarchy_) into.push_back({overrider, arc.edge, true});
        }
        return Status::ok();
    }

    Status add_dispatched_callers(const Visit& here, Side& side, std::vector<Hop>& into) {
        KAUSAL_TRY(graph_.hierarchy_of(here.node, Direction::Out, hierarchy_));
        std::vector<Arc> arcs;
        for (const uint32_t base : hierarchy_) {
            if (!side.take_dispatch(base, here.dispatches)) continue;
            arcs.clear();
            KAUSAL_TRY(graph_.arcs(base, Direction::In, filter_, arcs));
            for (const Arc& arc : arcs) {
                if (!is_dispatched_call(arc.edge)) continue;
                into.push_back({arc.node, arc.edge, true});
                saw_dispatch_ = true;
            }
        }
        return Status::ok();
    }

    /// Takes up a hop from the visit at `parent`; false when a way as good was known.
    static bool reach(Side& side, size_t parent, const Hop& hop) {
        const Visit& here = side.visits[parent];
        const Visit visit{.node = hop.node,
                          .parent = static_cast<uint32_t>(parent),
                          .depth = here.depth + 1,
                          .dispatches = here.dispatches + (hop.is_dispatch ? 1 : 0),
                          .edge = hop.edge,
                          .is_dispatch = hop.is_dispatch};
        const uint32_t known = side.visit_of.get(hop.node);
        if (known == 0) {
            side.add(visit);
            return true;
        }
        Visit& before = side.visits[known - 1];
        if (before.depth != visit.depth || before.dispatches <= visit.dispatches) return false;
        before = visit;
        return true;
    }

    /// Expands every visit of the frontier; `meeting` receives the node of the shortest join, of
    /// these one of the fewest dispatches, ties by id. False when the budget is spent.
    Result<bool> expand_level(Side& side, const Side& other, uint32_t& meeting) {
        const size_t end = side.visits.size();
        std::pair<uint32_t, uint32_t> best{kNone, kNone};  // hops, dispatches
        std::vector<Hop> hops;
        for (; side.frontier < end; ++side.frontier) {
            if (!meter_->take_node()) return false;
            const Visit here = side.visits[side.frontier];
            KAUSAL_TRY(hops_of(here, side, hops));
            for (const Hop& hop : hops) {
                if (!reach(side, side.frontier, hop)) continue;
                const uint32_t met = other.visit_of.get(hop.node);
                if (met == 0) continue;
                const Visit& mine = side.visits[side.visit_of.get(hop.node) - 1];
                const Visit& others = other.visits[met - 1];
                const std::pair total{mine.depth + others.depth,
                                      mine.dispatches + others.dispatches};
                if (total > best) continue;
                if (total == best && graph_.id_of(meeting) < graph_.id_of(hop.node)) continue;
                meeting = hop.node;
                best = total;
            }
        }
        return true;
    }

    Result<PathRow> joined_at(uint32_t meeting) {
        Route route;
        uint32_t at = forward_.visit_of.get(meeting) - 1;
        for (; at != kNone; at = forward_.visits[at].parent) {
            const Visit& visit = forward_.visits[at];
            route.nodes.push_back(visit.node);
            if (visit.parent == kNone) break;
            route.hops.push_back({visit.node, visit.edge, visit.is_dispatch});
        }
        std::reverse(route.nodes.begin(), route.nodes.end());
        std::reverse(route.hops.begin(), route.hops.end());
        at = backward_.visit_of.get(meeting) - 1;
        while (backward_.visits[at].parent != kNone) {
            const Visit& visit = backward_.visits[at];
            at = visit.parent;
            const uint32_t next = backward_.visits[at].node;
            route.nodes.push_back(next);
            route.hops.push_back({next, visit.edge, visit.is_dispatch});
        }
        return row_of(route);
    }

    Result<PathRow> row_of(const Route& route) {
        PathRow row;
        for (size_t i = 0; i < route.nodes.size(); ++i) {
            // The ends are the blocks asked for, whichever of their faces was met.
            BlockId id = graph_.id_of(route.nodes[i]);
            if (i + 1 == route.nodes.size()) id = request_->to;
            if (i == 0) id = request_->from;
            std::optional<BlockRow> block = KAUSAL_TRY(graph_.view().row(id));
            if (!block) return fail(ErrorCode::Corrupt, "an edge leads to a block that is gone");
            row.blocks.push_back(std::move(*block));
        }
        for (const Hop& hop : route.hops) {
            row.edges.push_back(hop.edge);
            row.is_dispatch.push_back(hop.is_dispatch);
            if (hop.edge.certainty != format::Certainty::Resolved) row.is_certain = false;
        }
        return row;
    }

    /// Hops to the end, plus one, for every node within reach of it.
    Status measure_distances(uint32_t from, uint32_t to, uint32_t hops_max, Side& side,
                             NodeNumbers& distance) {
        side.direction = Direction::In;
        KAUSAL_TRY(start_at(to, side));
        std::vector<Hop> hops;
        for (; side.frontier < side.visits.size(); ++side.frontier) {
            if (side.visits[side.frontier].depth == hops_max) break;
            if (!meter_->take_node()) break;
            // Fewest dispatches do not matter here: counted as none, each is taken once.
            Visit here = side.visits[side.frontier];
            here.dispatches = 0;
            KAUSAL_TRY(hops_of(here, side, hops));
            for (const Hop& hop : hops) reach(side, side.frontier, hop);
            for (const uint32_t face : faces_) set_nearest(face, here.depth + 1, distance);
        }
        for (const Visit& visit : side.visits) set_nearest(visit.node, visit.depth + 1, distance);
        const SymbolGraph::Symbol start = KAUSAL_TRY(graph_.symbol_of(from));
        for (const uint32_t face : start.faces) {
            if (distance.get(face) != 0) set_nearest(from, distance.get(face), distance);
        }
        return Status::ok();
    }

    static void set_nearest(uint32_t node, uint32_t value, NodeNumbers& distance) {
        const uint32_t known = distance.get(node);
        if (known == 0 || value < known) distance.set(node, value);
    }

    /// Ways on from a node, one per neighbour, in order of id; what needs no dispatch goes first.
    Result<const std::vector<Hop>*> ways_from(uint32_t node) {
        const auto known = ways_.find(node);
        if (known != ways_.end()) return &known->second;
        Side once;
        std::vector<Hop> hops;
        KAUSAL_TRY(hops_of({.node = node, .edge = {}}, once, hops));
        std::erase_if(hops, [&](const Hop& hop) { return distance_.get(hop.node) == 0; });
        std::stable_sort(hops.begin(), hops.end(), [&](const Hop& left, const Hop& right) {
            if (left.node == right.node) return left.is_dispatch < right.is_dispatch;
            return graph_.id_of(left.node) < graph_.id_of(right.node);
        });
        hops.erase(std::unique(hops.begin(), hops.end(),
                               [](const Hop& a, const Hop& b) { return a.node == b.node; }),
                   hops.end());
        return &ways_.emplace(node, std::move(hops)).first->second;
    }

    /// Adds a path that was found. False when a limit was met.
    Result<bool> add_path(const Route& route, std::vector<PathRow>& rows) {
        if (rows.size() >= request_->paths_max) {
            meter_->truncation().add(Limit::Paths);
            return false;
        }
        if (!meter_->has_room(rows.size())) return false;
        rows.push_back(KAUSAL_TRY(row_of(route)));
        return true;
    }

    /// Adds the simple paths of exactly `hops` hops. False when a limit was met.
    Result<bool> paths_of_length(uint32_t from, uint32_t hops, Ways kind,
                                 std::vector<PathRow>& rows) {
        Route route{.nodes = {from}, .hops = {}};
        std::vector<size_t> next{0};  // per node of the path: which way is tried next
        while (!route.nodes.empty()) {
            const auto done = static_cast<uint32_t>(route.hops.size());
            const bool is_there = distance_.get(route.nodes.back()) == 1;
            const bool is_listed = kind != Ways::Dispatch || route.dispatches > 0;
            if (is_there && done == hops && is_listed) {
                if (!KAUSAL_TRY(add_path(route, rows))) return false;
            }
            const bool is_end = done == hops || is_there;
            const std::vector<Hop>* ways = nullptr;
            if (!is_end) {
                if (next.back() == 0 && !meter_->take_node()) return false;
                ways = KAUSAL_TRY(ways_from(route.nodes.back()));
                while (next.back() < ways->size() &&
                       !leads_on((*ways)[next.back()], route.nodes, hops - done - 1, kind)) {
                    ++next.back();
                }
            }
            if (is_end || next.back() == ways->size()) {
                route.nodes.pop_back();
                next.pop_back();
                if (route.hops.empty()) continue;
                if (route.hops.back().is_dispatch) --route.dispatches;
                route.hops.pop_back();
                continue;
            }
            const Hop& way = (*ways)[next.back()++];
            route.nodes.push_back(way.node);
            route.hops.push_back(way);
            if (way.is_dispatch) ++route.dispatches;
            next.push_back(0);
        }
        return true;
    }

    bool leads_on(const Hop& way, const std::vector<uint32_t>& nodes, uint32_t hops_left,
                  Ways kind) const {
        const bool is_plain = kind == Ways::Plain;
        if (is_plain && way.is_dispatch) return false;
        const uint32_t distance = (is_plain ? plain_distance_ : distance_).get(way.node);
        if (distance == 0 || distance - 1 > hops_left) return false;
        return std::find(nodes.begin(), nodes.end(), way.node) == nodes.end();
    }

    const PathRequest* request_;
    Meter* meter_;
    SymbolGraph graph_;
    graph::EdgeFilter filter_;
    Side forward_;
    Side backward_;
    NodeNumbers distance_;        // hops to the end + 1
    NodeNumbers plain_distance_;  // those without dispatch; where there is any
    std::unordered_map<uint32_t, std::vector<Hop>> ways_;
    std::vector<uint32_t> hierarchy_;  // kept for its room
    std::vector<uint32_t> faces_;      // of the node whose arcs were read last
    bool with_dispatch_ = true;
    bool saw_dispatch_ = false;  // against the direction of calls
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
