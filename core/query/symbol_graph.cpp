// Arcs and faces; see symbol_graph.h.
#include "query/symbol_graph.h"

#include "graph/identity.h"

#include <unordered_set>

namespace kausal::query {

using format::Language;
using storage::Direction;

namespace {

/// Methods looked at above or below one in its override hierarchy.
constexpr size_t kHierarchyMax = 4096;

/// Only these languages declare in one place what they define in another.
bool can_have_twins(const BlockRow& block) noexcept {
    if (!graph::is_definition_kind(block.kind) || block.qualified_name.empty()) return false;
    if (block.has(format::kBlockDeclaration)) return true;
    const Language family = graph::language_family(block.language);
    return family == Language::C || family == Language::JavaScript || family == Language::None;
}

}  // namespace

Status SymbolGraph::arcs(uint32_t node, Direction direction, const graph::EdgeFilter& filter,
                         std::vector<Arc>& into) {
    KAUSAL_TRY(topology_->neighbours(node, direction, neighbours_));
    const BlockId here = topology_->id_of(node);
    for (const storage::Topology::Neighbour& neighbour : neighbours_) {
        if (!filter.accepts(neighbour.type, neighbour.certainty, neighbour.confidence)) continue;
        const BlockId there = topology_->id_of(neighbour.node);
        Arc arc;
        arc.node = neighbour.node;
        arc.edge.source = direction == Direction::Out ? here : there;
        arc.edge.target = direction == Direction::Out ? there : here;
        arc.edge.type = neighbour.type;
        arc.edge.certainty = neighbour.certainty;
        arc.edge.provenance = neighbour.provenance;
        arc.edge.confidence = neighbour.confidence;
        arc.edge.site_offset = neighbour.site_offset;
        arc.edge.site_line = neighbour.site_line;
        into.push_back(arc);
    }
    return Status::ok();
}

Result<SymbolGraph::Symbol> SymbolGraph::symbol_of(uint32_t node) {
    Symbol symbol;
    symbol.faces.push_back(node);
    const std::optional<BlockRow> row = KAUSAL_TRY(view_->row(topology_->id_of(node)));
    if (!row || graph::is_hidden(row->kind, row->uri)) return symbol;
    symbol.is_shown = true;
    symbol.kind = row->kind;
    if (!can_have_twins(*row)) return symbol;
    for (const BlockId& twin : KAUSAL_TRY(view_->twins(*row))) {
        symbol.faces.push_back(KAUSAL_TRY(topology_->node_of(twin)));
    }
    return symbol;
}

Status SymbolGraph::hierarchy_of(uint32_t node, Direction direction, std::vector<uint32_t>& into) {
    into.clear();
    const Symbol own = KAUSAL_TRY(symbol_of(node));
    if (own.kind != format::BlockKind::Method) return Status::ok();
    graph::EdgeFilter filter;
    filter.types = {format::EdgeType::Overrides};
    std::vector<uint32_t> queue = own.faces;
    std::unordered_set<uint32_t> queued(queue.begin(), queue.end());
    std::unordered_set<uint32_t> listed(queue.begin(), queue.end());
    std::vector<Arc> found;
    for (size_t next = 0; next < queue.size() && listed.size() < kHierarchyMax; ++next) {
        found.clear();
        KAUSAL_TRY(arcs(queue[next], direction, filter, found));
        for (const Arc& arc : found) {
            if (listed.insert(arc.node).second) into.push_back(arc.node);
            if (queued.contains(arc.node)) continue;
            const Symbol symbol = KAUSAL_TRY(symbol_of(arc.node));
            for (const uint32_t face : symbol.faces) {
                if (queued.insert(face).second) queue.push_back(face);
                if (direction == Direction::In) continue;
                if (listed.insert(face).second) into.push_back(face);
            }
        }
    }
    return Status::ok();
}

}  // namespace kausal::query
