// Relations of a target, breadth first; see relation.h.
#include "query/relation.h"

#include "query/symbol_steps.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kausal::query {

using format::BlockKind;
using format::EdgeType;
using storage::Direction;

namespace {

struct RelationName {
    Relation relation;
    std::string_view name;
};
constexpr RelationName kRelationNames[] = {
    {Relation::Callers, "callers"},
    {Relation::Callees, "callees"},
    {Relation::Imports, "imports"},
    {Relation::ImportedBy, "imported_by"},
    {Relation::Exports, "exports"},
    {Relation::References, "references"},
    {Relation::Members, "members"},
    {Relation::Extends, "extends"},
    {Relation::ExtendedBy, "extended_by"},
    {Relation::Implements, "implements"},
    {Relation::ImplementedBy, "implemented_by"},
    {Relation::Tests, "tests"},
    {Relation::Overrides, "overrides"},
    {Relation::OverriddenBy, "overridden_by"},
};

StepPlan one_way(Direction direction, graph::EdgeTypeSet types) {
    StepPlan plan;
    plan.edges = {{.direction = direction, .types = std::move(types)}};
    return plan;
}

StepPlan member_plan() {
    StepPlan plan;
    plan.edges = {{.direction = Direction::Out, .types = {EdgeType::Contains}},
                  {.direction = Direction::In, .types = {EdgeType::MethodOf, EdgeType::DefinedIn}}};
    plan.with_twins = false;
    return plan;
}

StepPlan reference_plan() {
    graph::EdgeTypeSet types = graph::call_edges();
    types.add(graph::EdgeTypeSet{EdgeType::References, EdgeType::Imports, EdgeType::DependsOn});
    return one_way(Direction::In, std::move(types));
}

StepPlan plan_of(const RelationRequest& request, const BlockRow& target) {
    switch (request.relation) {
        case Relation::Callers:
            return caller_plan(request.with_dispatch);
        case Relation::Callees:
            return callee_plan(request.with_dispatch);
        case Relation::Imports:
            return one_way(Direction::Out, {EdgeType::Imports});
        case Relation::ImportedBy:
            return one_way(Direction::In, {EdgeType::Imports});
        case Relation::Exports:
        case Relation::Members:
            return member_plan();
        case Relation::References:
            return reference_plan();
        case Relation::Extends:
            return one_way(Direction::Out, {EdgeType::Extends});
        case Relation::ExtendedBy:
            return one_way(Direction::In, {EdgeType::Extends});
        case Relation::Implements:
            return one_way(target.kind == BlockKind::Interface ? Direction::In : Direction::Out,
                           {EdgeType::Implements});
        case Relation::ImplementedBy:
            return one_way(Direction::In, {EdgeType::Implements});
        case Relation::Tests:
            return one_way(Direction::In, {EdgeType::Tests});
        case Relation::Overrides:
            return one_way(Direction::Out, {EdgeType::Overrides});
        case Relation::OverriddenBy:
            return one_way(Direction::In, {EdgeType::Overrides});
    }
    return {};
}

RelationRow row_of(Step&& step, uint32_t depth, const BlockId& via) {
    RelationRow row;
    row.block = std::move(step.block);
    row.depth = depth;
    row.via = via;
    row.edges = std::move(step.edges);
    row.is_dispatch = step.is_dispatch;
    row.is_through_twin = step.is_through_twin;
    return row;
}

bool is_containment(Relation relation) noexcept {
    return relation == Relation::Members || relation == Relation::Exports;
}

/// Containment is told from both ends (contains, method_of, defined_in) and has no sites: one edge
/// says it all, the container's own where there is one.
void keep_one_edge(RelationRow& row) {
    const auto contains = std::find_if(
        row.edges.begin(), row.edges.end(),
        [](const format::EdgeRecord& edge) { return edge.type == EdgeType::Contains; });
    const format::EdgeRecord kept = contains == row.edges.end() ? row.edges.front() : *contains;
    row.edges.assign(1, kept);
}

uint8_t best_confidence(const RelationRow& row) {
    uint8_t best = 0;
    for (const format::EdgeRecord& edge : row.edges) best = std::max(best, edge.confidence);
    return best;
}

/// One relation under way.
class RelationWalk {
  public:
    RelationWalk(const GraphView& view, const RelationRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget) {}

    Result<RelationAnswer> run() {
        std::optional<BlockRow> target = KAUSAL_TRY(view_->row(request_->target));
        if (!target) {
            return fail(ErrorCode::NotFound, "no block " + request_->target.to_hex());
        }
        answer_.target = std::move(*target);
        plan_ = plan_of(*request_, answer_.target);
        plan_.confidence_min = request_->confidence_min;
        const bool is_exports = request_->relation == Relation::Exports;
        const uint32_t depth_max = is_exports ? kRelationDepthMax : request_->depth;
        std::vector<BlockRow> frontier{answer_.target};
        expanded_.insert(answer_.target.id);
        for (uint32_t depth = 1; depth <= depth_max && !frontier.empty(); ++depth) {
            frontier = KAUSAL_TRY(level(frontier, depth));
        }
        KAUSAL_TRY(meter_.status());
        if (is_containment(request_->relation)) {
            for (RelationRow& row : answer_.rows) keep_one_edge(row);
        }
        if (is_exports) {
            std::erase_if(answer_.rows, [](const RelationRow& row) {
                return !row.block.has(format::kBlockExported);
            });
        }
        std::sort(answer_.candidates.begin(), answer_.candidates.end(),
                  [](const RelationRow& left, const RelationRow& right) {
                      const uint8_t left_confidence = best_confidence(left);
                      const uint8_t right_confidence = best_confidence(right);
                      if (left_confidence != right_confidence) {
                          return left_confidence > right_confidence;
                      }
                      return graph::comes_before(left.block, right.block);
                  });
        KAUSAL_TRY(add_unknown());
        answer_.truncation = meter_.truncation();
        answer_.is_certain =
            !answer_.truncation.any() && answer_.candidates.empty() && answer_.unknown.is_nothing();
        return std::move(answer_);
    }

  private:
    /// Adds the rows of one level; returns what to expand next, in order of place.
    Result<std::vector<BlockRow>> level(const std::vector<BlockRow>& frontier, uint32_t depth) {
        std::vector<RelationRow> rows;
        std::unordered_map<BlockId, size_t, BlockIdHash> row_of_block;
        for (const BlockRow& block : frontier) {
            if (!meter_.take_node()) break;
            plan_.with_candidates = depth == 1;
            for (Step& step : KAUSAL_TRY(steps_from(*view_, block, plan_))) {
                if (step.is_candidate) {
                    add_candidate(std::move(step), block.id);
                    continue;
                }
                const BlockId id = step.block.id;
                const auto known = row_of_block.find(id);
                if (known != row_of_block.end()) {
                    merge(rows[known->second], std::move(step));
                    continue;
                }
                if (shown_.contains(id)) continue;
                if (!meter_.has_room(answer_.rows.size() + rows.size())) continue;
                shown_.insert(id);
                row_of_block.emplace(id, rows.size());
                rows.push_back(row_of(std::move(step), depth, block.id));
            }
        }
        std::sort(rows.begin(), rows.end(), [](const RelationRow& left, const RelationRow& right) {
            return graph::comes_before(left.block, right.block);
        });
        std::vector<BlockRow> next;
        for (const RelationRow& row : rows) {
            if (expanded_.insert(row.block.id).second) next.push_back(row.block);
        }
        std::move(rows.begin(), rows.end(), std::back_inserter(answer_.rows));
        return next;
    }

    static void merge(RelationRow& row, Step&& step) {
        row.edges.insert(row.edges.end(), step.edges.begin(), step.edges.end());
        row.is_dispatch = row.is_dispatch && step.is_dispatch;
        row.is_through_twin = row.is_through_twin && step.is_through_twin;
    }

    void add_candidate(Step&& step, const BlockId& via) {
        if (!meter_.has_room(answer_.candidates.size())) return;
        const bool is_name_only = step.block.kind == BlockKind::UnresolvedName;
        RelationRow row = row_of(std::move(step), 1, via);
        row.reason = is_name_only ? "only the name is known" : reason_of(row.edges.front());
        answer_.candidates.push_back(std::move(row));
    }

    Status add_unknown() {
        const std::vector<BlockRow> blocks{answer_.target};
        bool is_about_others = false;
        graph::EdgeTypeSet own_types;
        for (const StepEdges& edges : plan_.edges) {
            if (edges.direction == Direction::In) is_about_others = true;
            own_types.add(edges.types);
        }
        answer_.unknown = is_about_others && !is_containment(request_->relation)
                              ? KAUSAL_TRY(unknown_uses_of(*view_, blocks))
                              : KAUSAL_TRY(unknown_inside(*view_, blocks, own_types));
        return Status::ok();
    }

    const GraphView* view_;
    const RelationRequest* request_;
    Meter meter_;
    StepPlan plan_;
    RelationAnswer answer_;
    std::unordered_set<BlockId, BlockIdHash> shown_;
    std::unordered_set<BlockId, BlockIdHash> expanded_;
};

}  // namespace

std::string_view relation_name(Relation relation) noexcept {
    for (const RelationName& entry : kRelationNames) {
        if (entry.relation == relation) return entry.name;
    }
    return "unknown";
}

bool relation_from_name(std::string_view name, Relation& into) noexcept {
    for (const RelationName& entry : kRelationNames) {
        if (entry.name != name) continue;
        into = entry.relation;
        return true;
    }
    return false;
}

Result<RelationAnswer> show_relation(const GraphView& view, const RelationRequest& request,
                                     const Budget& budget) {
    if (request.depth == 0 || request.depth > kRelationDepthMax) {
        return fail(ErrorCode::Invalid,
                    "depth " + std::to_string(request.depth) + " is not in 1..1000");
    }
    return RelationWalk(view, request, budget).run();
}

}  // namespace kausal::query
