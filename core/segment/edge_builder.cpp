// Sorting of edges and writing of their arrays.
#include "segment/edge_builder.h"

#include <algorithm>

namespace kausal::segment {
namespace {

[[nodiscard]] uint64_t type_and_other(EdgeMeta meta, uint32_t other) noexcept {
    return uint64_t{static_cast<uint16_t>(edge_meta_type(meta))} << 32 | other;
}

/// An edge as its target sees it.
struct IncomingEdge {
    uint32_t source = 0;
    EdgeMeta meta = 0;
    uint32_t edge = 0;  // position in the outgoing order

    friend bool operator<(const IncomingEdge& left, const IncomingEdge& right) noexcept {
        return type_and_other(left.meta, left.edge) < type_and_other(right.meta, right.edge);
    }
};

}  // namespace

// (type, target, site offset, position): the position makes the newest of equal keys the last.
struct EdgeBuilder::SortEntry {
    uint64_t type_and_target = 0;
    uint32_t site_offset = 0;
    uint32_t position = 0;

    [[nodiscard]] bool has_key_of(const SortEntry& other) const noexcept {
        return type_and_target == other.type_and_target && site_offset == other.site_offset;
    }
    friend bool operator<(const SortEntry& left, const SortEntry& right) noexcept {
        if (left.type_and_target != right.type_and_target) {
            return left.type_and_target < right.type_and_target;
        }
        return (uint64_t{left.site_offset} << 32 | left.position) <
               (uint64_t{right.site_offset} << 32 | right.position);
    }
};

Status EdgeBuilder::add(const BuildEdge& edge) {
    if (added_ >= kEdgeCountMax) {
        return {ErrorCode::Invalid,
                "segment holds " + std::to_string(added_) + " edges and can take no more"};
    }
    if ((added_ & (kBlockEdges - 1)) == 0) {
        blocks_.push_back(std::make_unique_for_overwrite<BuildEdge[]>(kBlockEdges));
    }
    at(added_++) = edge;
    return {};
}

void EdgeBuilder::sort(const std::vector<uint32_t>& ordinal_of, uint32_t id_count,
                       bool drop_tombstones) {
    std::vector<uint32_t> ends(size_t{id_count} + 1, 0);
    for (uint32_t i = 0; i < added_; ++i) {
        BuildEdge& edge = at(i);
        edge.source = ordinal_of[edge.source];
        edge.target = ordinal_of[edge.target];
        ++ends[edge.source + 1];
    }
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    order_.resize(added_);
    for (uint32_t i = 0; i < added_; ++i) order_[ends[at(i).source]++] = i;
    std::vector<SortEntry> scratch;
    uint32_t kept = 0;
    uint32_t first = 0;
    for (uint32_t node = 0; node < id_count; ++node) {
        const uint32_t last = ends[node];
        sort_node(first, last, scratch);
        for (size_t i = 0; i < scratch.size(); ++i) {
            if (i + 1 < scratch.size() && scratch[i].has_key_of(scratch[i + 1])) continue;
            const bool is_tombstone = edge_meta_is_tombstone(at(scratch[i].position).meta);
            if (is_tombstone && drop_tombstones) continue;
            tombstone_count_ += is_tombstone ? 1 : 0;
            order_[kept++] = scratch[i].position;
        }
        first = last;
    }
    order_.resize(kept);
}

void EdgeBuilder::sort_node(uint32_t first, uint32_t last, std::vector<SortEntry>& scratch) {
    scratch.clear();
    for (uint32_t i = first; i < last; ++i) {
        const BuildEdge& edge = at(order_[i]);
        scratch.push_back({type_and_other(edge.meta, edge.target), edge.site.offset, order_[i]});
    }
    std::sort(scratch.begin(), scratch.end());
}

void EdgeBuilder::mark_ends(std::vector<bool>& is_used) const {
    for (const uint32_t position : order_) {
        is_used[at(position).source] = true;
        is_used[at(position).target] = true;
    }
}

void EdgeBuilder::renumber(const std::vector<uint32_t>& ordinal_of) {
    for (const uint32_t position : order_) {
        BuildEdge& edge = at(position);
        edge.source = ordinal_of[edge.source];
        edge.target = ordinal_of[edge.target];
    }
}

void EdgeBuilder::write_out(SegmentOutput& out, uint32_t id_count, const Bracket& begin,
                            const Bracket& end) const {
    begin(SectionKind::OutOffsets);
    uint32_t at_edge = 0;
    for (uint32_t node = 0; node < id_count; ++node) {
        out.append_value(at_edge);
        while (at_edge < order_.size() && at(order_[at_edge]).source == node) ++at_edge;
    }
    out.append_value(at_edge);
    end(SectionKind::OutOffsets);
    begin(SectionKind::OutTargets);
    for (const uint32_t position : order_) out.append_value(at(position).target);
    end(SectionKind::OutTargets);
    begin(SectionKind::OutMeta);
    for (const uint32_t position : order_) out.append_value(at(position).meta);
    end(SectionKind::OutMeta);
    begin(SectionKind::OutSites);
    for (const uint32_t position : order_) out.append_value(at(position).site);
    end(SectionKind::OutSites);
}

// The counting sort visits edges in outgoing order, so inside a node they come by (source, type,
// site), and the position alone orders those of one type. What is written of an edge moves along
// with it: the edges themselves are far apart by now.
void EdgeBuilder::write_in(SegmentOutput& out, uint32_t id_count, const Bracket& begin,
                           const Bracket& end) {
    std::vector<uint32_t> ends(size_t{id_count} + 1, 0);
    for (const uint32_t position : order_) ++ends[at(position).target + 1];
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    begin(SectionKind::InOffsets);
    out.append_values(std::span<const uint32_t>(ends));
    end(SectionKind::InOffsets);
    std::vector<IncomingEdge> incoming(order_.size());
    for (uint32_t edge = 0; edge < order_.size(); ++edge) {
        const BuildEdge& from = at(order_[edge]);
        incoming[ends[from.target]++] = {from.source, from.meta, edge};
    }
    blocks_.clear();
    order_ = {};
    uint32_t first = 0;
    for (uint32_t node = 0; node < id_count; ++node) {
        std::sort(incoming.begin() + first, incoming.begin() + ends[node]);
        first = ends[node];
    }
    begin(SectionKind::InSources);
    for (const IncomingEdge& edge : incoming) out.append_value(edge.source);
    end(SectionKind::InSources);
    begin(SectionKind::InMeta);
    for (const IncomingEdge& edge : incoming) out.append_value(edge.meta);
    end(SectionKind::InMeta);
    begin(SectionKind::InEdges);
    for (const IncomingEdge& edge : incoming) out.append_value(edge.edge);
    end(SectionKind::InEdges);
}

}  // namespace kausal::segment
