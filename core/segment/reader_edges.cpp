// Reading of edges: ranges of the CSR arrays, and the sites behind them.
#include "segment/reader_state.h"

namespace kausal::segment {
namespace {

/// The three arrays of a direction, and that of its offsets.
struct EdgeSections {
    SectionKind offsets;
    SectionKind other;
    SectionKind meta;
};

[[nodiscard]] constexpr EdgeSections sections_of(Direction direction) noexcept {
    if (direction == Direction::Out) {
        return {SectionKind::OutOffsets, SectionKind::OutTargets, SectionKind::OutMeta};
    }
    return {SectionKind::InOffsets, SectionKind::InSources, SectionKind::InMeta};
}

}  // namespace

uint64_t SegmentReader::edge_count() const noexcept {
    return state_->footer.edge_count;
}

Result<SegmentReader::State::EdgeRange> SegmentReader::State::edge_range(
    uint32_t ordinal, Direction direction) const {
    KAUSAL_TRY(check_ordinal(ordinal));
    const SectionKind kind = sections_of(direction).offsets;
    const auto* ends = elements<uint32_t>(kind, ordinal, 2);
    if (ends == nullptr) return fail(damage(kind));
    if (ends[0] > ends[1] || ends[1] > footer.edge_count) {
        return fail(corrupt("edge offsets of a node are bad"));
    }
    return EdgeRange{ends[0], ends[1] - ends[0]};
}

Result<AdjacencyView> SegmentReader::adjacency(uint32_t ordinal, Direction direction) const {
    const State& state = *state_;
    const State::EdgeRange range = KAUSAL_TRY(state.edge_range(ordinal, direction));
    if (range.count == 0) return AdjacencyView{};
    const EdgeSections sections = sections_of(direction);
    const auto* other = state.elements<uint32_t>(sections.other, range.first, range.count);
    if (other == nullptr) return fail(state.damage(sections.other));
    const auto* meta = state.elements<EdgeMeta>(sections.meta, range.first, range.count);
    if (meta == nullptr) return fail(state.damage(sections.meta));
    // Gathered without branches: the callers may then use every ordinal as an index.
    bool is_valid = true;
    for (uint32_t i = 0; i < range.count; ++i) is_valid &= other[i] < state.id_count;
    if (!is_valid) return fail(state.corrupt("edge leads to an ordinal out of range"));
    return AdjacencyView{{other, range.count}, {meta, range.count}};
}

Status SegmentReader::edges(uint32_t ordinal, Direction direction,
                            std::vector<SegmentEdge>& into) const {
    const State& state = *state_;
    const AdjacencyView view = KAUSAL_TRY(adjacency(ordinal, direction));
    if (view.size() == 0) return {};
    const State::EdgeRange range = KAUSAL_TRY(state.edge_range(ordinal, direction));
    const size_t size_before = into.size();
    into.resize(size_before + view.size());
    SegmentEdge* to = into.data() + size_before;
    if (direction == Direction::Out) {
        const auto* sites =
            state.elements<EdgeSite>(SectionKind::OutSites, range.first, range.count);
        if (sites == nullptr) {
            into.resize(size_before);
            return state.damage(SectionKind::OutSites);
        }
        for (size_t i = 0; i < view.size(); ++i) to[i] = {view.other[i], view.meta[i], sites[i]};
        return {};
    }
    const auto* positions =
        state.elements<uint32_t>(SectionKind::InEdges, range.first, range.count);
    if (positions == nullptr) {
        into.resize(size_before);
        return state.damage(SectionKind::InEdges);
    }
    for (size_t i = 0; i < view.size(); ++i) {
        const EdgeSite* site = positions[i] < state.footer.edge_count
                                   ? state.elements<EdgeSite>(SectionKind::OutSites, positions[i])
                                   : nullptr;
        if (site == nullptr) {
            into.resize(size_before);
            return state.damage(SectionKind::OutSites);
        }
        to[i] = {view.other[i], view.meta[i], *site};
    }
    return {};
}

Result<EdgeSite> SegmentReader::site(uint32_t ordinal, Direction direction, size_t position) const {
    const State& state = *state_;
    const State::EdgeRange range = KAUSAL_TRY(state.edge_range(ordinal, direction));
    if (position >= range.count) {
        return fail(ErrorCode::Invalid, state.name + ": edge position out of range");
    }
    auto edge = static_cast<uint32_t>(range.first + position);
    if (direction == Direction::In) {
        const auto* out_edge = state.elements<uint32_t>(SectionKind::InEdges, edge);
        if (out_edge == nullptr) return fail(state.damage(SectionKind::InEdges));
        if (*out_edge >= state.footer.edge_count) {
            return fail(state.corrupt("incoming edge names an edge out of range"));
        }
        edge = *out_edge;
    }
    const auto* site = state.elements<EdgeSite>(SectionKind::OutSites, edge);
    if (site == nullptr) return fail(state.damage(SectionKind::OutSites));
    return *site;
}

}  // namespace kausal::segment
