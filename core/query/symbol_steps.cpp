// Gathering the edges of all faces of a symbol; see symbol_steps.h.
#include "query/symbol_steps.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace kausal::query {

using format::BlockKind;
using format::EdgeRecord;
using format::EdgeType;
using storage::Direction;

namespace {

/// Methods looked at above or below one in its override hierarchy.
constexpr size_t kHierarchyMax = 4096;

struct Face {
    BlockId id;
    bool is_twin = false;
    bool is_dispatch = false;
};

/// A step under construction; flags hold while all edges agree.
struct Gathered {
    std::vector<EdgeRecord> edges;
    bool is_dispatch = true;
    bool is_through_twin = true;
};
using GatheredByEnd = std::map<std::pair<BlockId, bool>, Gathered>;  // (block, is candidate)

const graph::EdgeTypeSet& override_edges() {
    static const graph::EdgeTypeSet set{EdgeType::Overrides};
    return set;
}

/// What a method overrides (Out) or is overridden by (In), transitively, in order of discovery.
Result<std::vector<BlockId>> hierarchy_of(const GraphView& view, const BlockId& method,
                                          Direction direction) {
    std::vector<BlockId> found;
    std::set<BlockId> seen{method};
    graph::EdgeFilter filter;
    filter.types = override_edges();
    std::vector<EdgeRecord> edges;
    BlockId at = method;
    for (size_t next = 0;; ++next) {
        KAUSAL_TRY(view.edges(at, direction, filter, edges));
        for (const EdgeRecord& edge : edges) {
            const BlockId& other = direction == Direction::Out ? edge.target : edge.source;
            if (found.size() < kHierarchyMax && seen.insert(other).second) found.push_back(other);
        }
        if (next == found.size()) return found;
        at = found[next];
    }
}

Status add_twins(const GraphView& view, const BlockRow& block, bool is_dispatch,
                 std::vector<Face>& faces) {
    for (const BlockId& twin : KAUSAL_TRY(view.twins(block))) {
        faces.push_back({.id = twin, .is_twin = true, .is_dispatch = is_dispatch});
    }
    return Status::ok();
}

Result<std::vector<Face>> faces_of(const GraphView& view, const BlockRow& block,
                                   const StepPlan& plan) {
    std::vector<Face> faces{{.id = block.id}};
    if (plan.with_twins) KAUSAL_TRY(add_twins(view, block, false, faces));
    if (!plan.callers_dispatch || block.kind != BlockKind::Method) return faces;
    const size_t own_count = faces.size();
    for (size_t i = 0; i < own_count; ++i) {
        for (const BlockId& base : KAUSAL_TRY(hierarchy_of(view, faces[i].id, Direction::Out))) {
            faces.push_back({.id = base, .is_dispatch = true});
            const std::optional<BlockRow> row = KAUSAL_TRY(view.row(base));
            if (row && plan.with_twins) KAUSAL_TRY(add_twins(view, *row, true, faces));
        }
    }
    return faces;
}

void gather(const Face& face, Direction direction, const std::vector<EdgeRecord>& edges,
            GatheredByEnd& into) {
    for (const EdgeRecord& edge : edges) {
        const BlockId& end = direction == Direction::Out ? edge.target : edge.source;
        Gathered& step = into[{end, edge.certainty == format::Certainty::Candidate}];
        step.is_dispatch = step.is_dispatch &&
                           (face.is_dispatch || edge.provenance == format::Provenance::Dispatch);
        step.is_through_twin = step.is_through_twin && face.is_twin;
        step.edges.push_back(edge);
    }
}

/// Called methods bring the methods that override them, as steps by dispatch.
Status add_overriders(const GraphView& view, GatheredByEnd& into) {
    std::vector<std::pair<BlockId, std::vector<EdgeRecord>>> extra;
    for (const auto& [end, step] : into) {
        if (end.second) continue;
        const std::optional<BlockRow> row = KAUSAL_TRY(view.row(end.first));
        if (!row || row->kind != BlockKind::Method) continue;
        for (const BlockId& overrider : KAUSAL_TRY(hierarchy_of(view, end.first, Direction::In))) {
            extra.emplace_back(overrider, step.edges);
        }
    }
    for (const auto& [id, edges] : extra) {
        const auto [at, is_new] = into.try_emplace({id, false});
        if (!is_new && !at->second.is_dispatch) continue;  // called directly as well
        at->second.is_through_twin = false;
        at->second.edges.insert(at->second.edges.end(), edges.begin(), edges.end());
    }
    return Status::ok();
}

bool edge_before(const EdgeRecord& left, const EdgeRecord& right) noexcept {
    return std::tie(left.type, left.site_offset, left.source, left.target) <
           std::tie(right.type, right.site_offset, right.source, right.target);
}

}  // namespace

Result<BlockRow> definition_of(const GraphView& view, BlockRow block) {
    if (!block.has(format::kBlockDeclaration)) return block;
    std::optional<BlockRow> definition;
    for (const BlockId& twin : KAUSAL_TRY(view.twins(block))) {
        std::optional<BlockRow> row = KAUSAL_TRY(view.row(twin));
        if (!row || row->has(format::kBlockDeclaration)) continue;
        if (definition) return block;  // overloads: the declaration does not say which
        definition = std::move(row);
    }
    return definition ? std::move(*definition) : std::move(block);
}

Result<std::vector<Step>> steps_from(const GraphView& view, const BlockRow& block,
                                     const StepPlan& plan) {
    GatheredByEnd gathered;
    graph::EdgeFilter filter;
    filter.candidates = plan.with_candidates;
    filter.confidence_min = plan.confidence_min;
    std::vector<EdgeRecord> edges;
    for (const Face& face : KAUSAL_TRY(faces_of(view, block, plan))) {
        for (const StepEdges& step : plan.edges) {
            filter.types = step.types;
            KAUSAL_TRY(view.edges(face.id, step.direction, filter, edges));
            gather(face, step.direction, edges, gathered);
        }
    }
    if (plan.callees_dispatch) KAUSAL_TRY(add_overriders(view, gathered));
    std::map<std::pair<BlockId, bool>, Step> steps;
    for (auto& [end, found] : gathered) {
        std::optional<BlockRow> row = KAUSAL_TRY(view.row(end.first));
        if (!row || graph::is_hidden(row->kind, row->uri)) continue;
        BlockRow shown = *row;
        if (plan.with_twins) shown = KAUSAL_TRY(definition_of(view, std::move(shown)));
        const bool is_replaced = shown.id != end.first;
        const auto [at, is_new] = steps.try_emplace({shown.id, end.second});
        Step& step = at->second;
        step.is_candidate = end.second;
        step.is_dispatch = found.is_dispatch && (is_new || step.is_dispatch);
        step.is_through_twin =
            (found.is_through_twin || is_replaced) && (is_new || step.is_through_twin);
        step.edges.insert(step.edges.end(), found.edges.begin(), found.edges.end());
        step.block = std::move(shown);
    }
    std::vector<Step> ordered;
    for (auto& [end, step] : steps) {
        std::sort(step.edges.begin(), step.edges.end(), edge_before);
        step.edges.erase(std::unique(step.edges.begin(), step.edges.end()), step.edges.end());
        ordered.push_back(std::move(step));
    }
    return ordered;
}

StepPlan caller_plan(bool with_dispatch) {
    StepPlan plan;
    plan.edges = {{.direction = Direction::In, .types = graph::call_edges()}};
    plan.callers_dispatch = with_dispatch;
    return plan;
}

StepPlan callee_plan(bool with_dispatch) {
    StepPlan plan;
    plan.edges = {{.direction = Direction::Out, .types = graph::call_edges()}};
    plan.callees_dispatch = with_dispatch;
    return plan;
}

}  // namespace kausal::query
