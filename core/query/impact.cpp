// Reverse closure with scores; see impact.h.
#include "query/impact.h"

#include "query/symbol_graph.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace kausal::query {

using format::Certainty;
using format::EdgeRecord;
using format::EdgeType;
using storage::Direction;

namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr double kDecay = 0.7;        // per hop after the first
constexpr double kGuessWeight = 0.5;  // times confidence
constexpr double kDispatchWeight = 0.6;
constexpr double kTwinWeight = 0.9;
constexpr double kDependentsBoost = 0.25;
constexpr double kDependentsFull = 10.0;  // log2 of the count that earns the whole boost

/// How strongly a change passes along an edge, towards the edge's source.
double weight_of(EdgeType type) noexcept {
    switch (type) {
        case EdgeType::Calls:
        case EdgeType::CallsMethod:
        case EdgeType::CallsFunction:
            return 1.0;
        case EdgeType::Extends:
        case EdgeType::Implements:
        case EdgeType::Overrides:
        case EdgeType::Tests:
            return 0.9;
        case EdgeType::References:
        case EdgeType::DependsOn:
            return 0.8;
        case EdgeType::Imports:
            return 0.5;
        case EdgeType::CoChanged:
            return 0.3;
        default:
            return 0.0;
    }
}

struct Visit {
    uint32_t node = 0;
    uint32_t parent = kNone;
    uint32_t depth = 0;
    bool is_candidate = false;
    bool is_dispatch = false;
    bool is_twin = false;
    double score = 1.0;
    uint64_t dependents = 0;
    EdgeRecord edge;
};

/// A way on from a block to one that may be affected.
struct Spread {
    uint32_t node = 0;
    double weight = 0;
    bool is_dispatch = false;
    bool is_twin = false;
    EdgeRecord edge;
};

class ImpactWalk {
  public:
    ImpactWalk(const GraphView& view, const ImpactRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget), graph_(view) {}

    Result<ImpactAnswer> run() {
        KAUSAL_TRY(add_seeds());
        KAUSAL_TRY(close_over_facts());
        if (request_->with_candidates) KAUSAL_TRY(close_over_guesses());
        KAUSAL_TRY(meter_.status());
        KAUSAL_TRY(count_at_the_rim());
        KAUSAL_TRY(make_rows(false, answer_.rows));
        KAUSAL_TRY(make_rows(true, answer_.candidates));
        answer_.unknown = KAUSAL_TRY(unknown_uses_of(*view_, seed_rows_));
        KAUSAL_TRY(meter_.status());
        answer_.truncation = meter_.truncation();
        answer_.is_certain =
            !answer_.truncation.any() && answer_.candidates.empty() && answer_.unknown.is_nothing();
        return std::move(answer_);
    }

  private:
    /// The targets, and below containers all that they contain.
    Status add_seeds() {
        graph::EdgeFilter down;
        down.types = {EdgeType::Contains};
        graph::EdgeFilter up;
        up.types = {EdgeType::MethodOf, EdgeType::DefinedIn};
        for (const BlockId& id : request_->targets) {
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(id));
            if (!row) return {ErrorCode::NotFound, "no block " + id.to_hex()};
            answer_.targets.push_back(std::move(*row));
            add_seed(KAUSAL_TRY(graph_.node_of(id)));
        }
        std::vector<Arc> arcs;
        for (size_t next = 0; next < visits_.size(); ++next) {
            if (!meter_.take_node()) return Status::ok();
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(graph_.id_of(visits_[next].node)));
            if (!row) continue;
            const bool is_container = request_->with_members && graph::is_container_kind(row->kind);
            seed_rows_.push_back(std::move(*row));
            if (!is_container) continue;
            arcs.clear();
            KAUSAL_TRY(graph_.arcs(visits_[next].node, Direction::Out, down, arcs));
            KAUSAL_TRY(graph_.arcs(visits_[next].node, Direction::In, up, arcs));
            for (const Arc& arc : arcs) add_seed(arc.node);
        }
        return Status::ok();
    }

    void add_seed(uint32_t node) {
        if (visit_of_.get(node) != 0) return;
        visits_.push_back({.node = node, .edge = {}});
        visit_of_.set(node, static_cast<uint32_t>(visits_.size()));
    }

    /// Who depends on a block, over facts, guesses or both; counts the facts.
    Status spread_from(uint32_t index, bool facts, bool guesses, std::vector<Spread>& into) {
        into.clear();
        const Visit visit = visits_[index];
        const SymbolGraph::Symbol symbol = KAUSAL_TRY(graph_.symbol_of(visit.node));
        if (!symbol.is_shown) return Status::ok();
        graph::EdgeFilter filter;
        filter.types = graph::dependency_edges();
        filter.resolved = facts;
        filter.candidates = guesses;
        const bool is_seed = visit.parent == kNone;
        if (is_seed && request_->with_history) filter.types.add(EdgeType::CoChanged);
        std::vector<Arc> arcs;
        for (const uint32_t face : symbol.faces) {
            KAUSAL_TRY(graph_.arcs(face, Direction::In, filter, arcs));
        }
        uint64_t dependents = 0;
        for (const Arc& arc : arcs) {
            if (arc.edge.certainty == Certainty::Resolved) ++dependents;
            into.push_back(spread_of(arc));
        }
        if (facts) visits_[index].dependents = dependents;
        KAUSAL_TRY(add_sideways(visit, symbol, filter, into));
        return Status::ok();
    }

    /// Dispatch to overridden methods, co-change in the other direction, twins of the targets.
    Status add_sideways(const Visit& visit, const SymbolGraph::Symbol& symbol,
                        graph::EdgeFilter filter, std::vector<Spread>& into) {
        std::vector<Arc> arcs;
        const bool is_seed = visit.parent == kNone;
        if (is_seed && request_->with_history) {
            filter.types = {EdgeType::CoChanged};
            KAUSAL_TRY(graph_.arcs(visit.node, Direction::Out, filter, arcs));
            for (const Arc& arc : arcs) into.push_back(spread_of(arc));
            arcs.clear();
        }
        if (request_->with_dispatch && symbol.kind == format::BlockKind::Method) {
            filter.types = {EdgeType::Overrides};
            for (const uint32_t face : symbol.faces) {
                KAUSAL_TRY(graph_.arcs(face, Direction::Out, filter, arcs));
            }
            for (const Arc& arc : arcs) {
                Spread spread = spread_of(arc);
                spread.weight *= kDispatchWeight;
                spread.is_dispatch = true;
                into.push_back(spread);
            }
        }
        if (!is_seed || !filter.resolved) return Status::ok();
        for (size_t i = 1; i < symbol.faces.size(); ++i) {
            into.push_back({.node = symbol.faces[i],
                            .weight = kTwinWeight,
                            .is_dispatch = false,
                            .is_twin = true,
                            .edge = {}});
        }
        return Status::ok();
    }

    static Spread spread_of(const Arc& arc) {
        Spread spread;
        spread.node = arc.node;
        spread.edge = arc.edge;
        spread.weight = weight_of(arc.edge.type);
        if (arc.edge.certainty == Certainty::Candidate) {
            spread.weight *= kGuessWeight * arc.edge.confidence / 255.0;
        }
        return spread;
    }

    /// Takes one way on. A block met twice on the same level keeps the better way; ties go to the
    /// one from the smaller id, which comes first.
    void take(uint32_t from, const Spread& spread, bool is_candidate, std::vector<uint32_t>& next) {
        Visit visit;
        visit.node = spread.node;
        visit.parent = from;
        visit.depth = visits_[from].depth + 1;
        visit.is_candidate = is_candidate;
        visit.is_dispatch = spread.is_dispatch;
        visit.is_twin = spread.is_twin;
        visit.edge = spread.edge;
        visit.score = visits_[from].score * spread.weight * (visit.depth > 1 ? kDecay : 1.0);
        const uint32_t known = visit_of_.get(spread.node);
        if (known == 0) {
            visits_.push_back(visit);
            visit_of_.set(spread.node, static_cast<uint32_t>(visits_.size()));
            next.push_back(static_cast<uint32_t>(visits_.size() - 1));
            return;
        }
        Visit& old = visits_[known - 1];
        const bool is_same_level = old.depth == visit.depth && old.is_candidate == is_candidate;
        if (is_same_level && visit.score > old.score) old = visit;
    }

    void sort_by_id(std::vector<uint32_t>& level) const {
        std::sort(level.begin(), level.end(), [&](uint32_t left, uint32_t right) {
            return graph_.id_of(visits_[left].node) < graph_.id_of(visits_[right].node);
        });
    }

    Status close_over_facts() {
        std::vector<uint32_t> level(visits_.size());
        for (uint32_t i = 0; i < level.size(); ++i) level[i] = i;
        std::vector<Spread> spreads;
        for (uint32_t depth = 0; depth < request_->depth && !level.empty(); ++depth) {
            sort_by_id(level);
            std::vector<uint32_t> next;
            for (const uint32_t index : level) {
                if (!meter_.take_node()) return Status::ok();
                KAUSAL_TRY(spread_from(index, true, false, spreads));
                for (const Spread& spread : spreads) take(index, spread, false, next);
            }
            level = std::move(next);
        }
        facts_end_ = static_cast<uint32_t>(visits_.size());
        return Status::ok();
    }

    /// Level by level again, now over guesses from certain blocks and over everything from the
    /// uncertain ones that come in.
    Status close_over_guesses() {
        if (meter_.truncation().any()) return Status::ok();
        std::vector<std::vector<uint32_t>> levels(request_->depth + 1);
        for (uint32_t i = 0; i < facts_end_; ++i) levels[visits_[i].depth].push_back(i);
        std::vector<Spread> spreads;
        for (uint32_t depth = 0; depth < request_->depth; ++depth) {
            std::vector<uint32_t> level = std::move(levels[depth]);
            sort_by_id(level);
            for (const uint32_t index : level) {
                if (!meter_.take_node()) return Status::ok();
                const bool is_uncertain = visits_[index].is_candidate;
                KAUSAL_TRY(spread_from(index, is_uncertain, true, spreads));
                for (const Spread& spread : spreads) take(index, spread, true, levels[depth + 1]);
            }
        }
        return Status::ok();
    }

    /// Blocks at full depth were not expanded: count their dependents, and see whether any is new.
    Status count_at_the_rim() {
        std::vector<Spread> spreads;
        const size_t count = visits_.size();
        for (uint32_t i = 0; i < count; ++i) {
            if (visits_[i].depth != request_->depth) continue;
            if (!meter_.keep_going()) return meter_.status();
            KAUSAL_TRY(spread_from(i, true, false, spreads));
            for (const Spread& spread : spreads) {
                if (visit_of_.get(spread.node) == 0) meter_.truncation().add(Limit::Depth);
            }
        }
        return Status::ok();
    }

    [[nodiscard]] double final_score(const Visit& visit) const {
        const double share =
            std::log2(1.0 + static_cast<double>(visit.dependents)) / kDependentsFull;
        return visit.score * (1.0 + kDependentsBoost * std::min(1.0, share));
    }

    Status make_rows(bool is_candidate, std::vector<ImpactRow>& into) {
        std::vector<uint32_t> order;
        for (uint32_t i = 0; i < visits_.size(); ++i) {
            const Visit& visit = visits_[i];
            if (visit.parent != kNone && visit.is_candidate == is_candidate) order.push_back(i);
        }
        std::sort(order.begin(), order.end(), [&](uint32_t left, uint32_t right) {
            const double left_score = final_score(visits_[left]);
            const double right_score = final_score(visits_[right]);
            if (left_score != right_score) return left_score > right_score;
            return graph_.id_of(visits_[left].node) < graph_.id_of(visits_[right].node);
        });
        for (const uint32_t index : order) {
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(graph_.id_of(visits_[index].node)));
            if (!row || graph::is_hidden(row->kind, row->uri)) continue;
            if (!meter_.has_room(into.size())) return Status::ok();
            into.push_back(row_of(index, std::move(*row)));
        }
        return Status::ok();
    }

    ImpactRow row_of(uint32_t index, BlockRow&& block) const {
        ImpactRow row;
        row.score = final_score(visits_[index]);
        row.depth = visits_[index].depth;
        row.dependents = visits_[index].dependents;
        row.is_candidate = visits_[index].is_candidate;
        row.is_test = block.has(format::kBlockTest) || visits_[index].edge.type == EdgeType::Tests;
        row.block = std::move(block);
        uint32_t at = index;
        for (; visits_[at].parent != kNone; at = visits_[at].parent) {
            const Visit& visit = visits_[at];
            ImpactStep step;
            step.edge = visit.edge;
            step.from = graph_.id_of(visits_[visit.parent].node);
            step.to = graph_.id_of(visit.node);
            step.is_dispatch = visit.is_dispatch;
            step.is_twin = visit.is_twin;
            row.steps.push_back(step);
        }
        std::reverse(row.steps.begin(), row.steps.end());
        row.target = graph_.id_of(visits_[at].node);
        return row;
    }

    const GraphView* view_;
    const ImpactRequest* request_;
    Meter meter_;
    SymbolGraph graph_;
    std::vector<Visit> visits_;
    NodeNumbers visit_of_;  // index + 1
    uint32_t facts_end_ = 0;
    std::vector<BlockRow> seed_rows_;
    ImpactAnswer answer_;
};

}  // namespace

Result<ImpactAnswer> impact(const GraphView& view, const ImpactRequest& request,
                            const Budget& budget) {
    if (request.targets.empty()) return fail(ErrorCode::Invalid, "no target");
    if (request.depth == 0 || request.depth > kImpactDepthMax) {
        return fail(ErrorCode::Invalid,
                    "depth " + std::to_string(request.depth) + " is not in 1..64");
    }
    return ImpactWalk(view, request, budget).run();
}

Result<ImpactAnswer> impact_of_diff(const GraphView& view, const DiffImpactRequest& request,
                                    const Budget& budget) {
    const std::vector<DiffFile> files = KAUSAL_TRY(parse_diff(request.diff));
    TouchedBlocks touched =
        KAUSAL_TRY(touched_blocks(view, files, request.side, request.workspace));
    ImpactAnswer answer;
    if (touched.rows.empty()) {
        answer.unknown = KAUSAL_TRY(unknown_files(view, request.workspace));
        answer.is_certain = touched.files_unknown.empty() && answer.unknown.is_nothing();
    } else {
        ImpactRequest options = request.options;
        options.targets.clear();
        // A changed line of a file or class beside its members says nothing about the members.
        options.with_members = false;
        for (const TouchedBlock& row : touched.rows) options.targets.push_back(row.block.id);
        answer = KAUSAL_TRY(impact(view, options, budget));
        answer.is_certain = answer.is_certain && touched.files_unknown.empty();
    }
    answer.files_unknown = std::move(touched.files_unknown);
    return answer;
}

}  // namespace kausal::query
