// Verification of bytes, ids, rows and edges.
#include "segment/verifier.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace kausal::segment {

Status SegmentReader::verify(const Hash128* expected_hash, std::vector<SegmentFinding>& findings,
                             SegmentVerifyCounts& counts) const {
    return Verifier(*this, *state_, findings, counts).run(expected_hash);
}

void Verifier::add(uint64_t offset, std::string message) {
    if (findings_.size() < kFindingCountMax) findings_.push_back({offset, std::move(message)});
}

Status Verifier::run(const Hash128* expected_hash) {
    const size_t findings_before = findings_.size();
    check_bytes(expected_hash);
    if (findings_.size() != findings_before) return {};
    using Check = Status (Verifier::*)();
    for (const Check check :
         {&Verifier::check_ids, &Verifier::check_rows, &Verifier::check_edges,
          &Verifier::check_keys, &Verifier::check_documents, &Verifier::check_postings}) {
        KAUSAL_TRY(note((this->*check)()));
    }
    KAUSAL_TRY(note(check_lookup(TextLookupView::names(state_), SectionKind::NameText,
                                 &format::BlockRecord::name, named_count_)));
    return note(check_lookup(TextLookupView::uris(state_), SectionKind::UriText,
                             &format::BlockRecord::uri, located_count_));
}

// Whatever a read inside a check fails with is a finding, except that there is no memory for the
// check.
Status Verifier::note(Status status) {
    if (status.is_ok() || status.code() == ErrorCode::NoMemory) return status;
    add(0, std::string(status.message()));
    return {};
}

void Verifier::check_bytes(const Hash128* expected_hash) {
    counts_.bytes += state_.bytes.size();
    bool are_checksums_sound = true;
    for (uint64_t part = 0; part < state_.footer.checksum_hashes.size(); ++part) {
        if (state_.checksums_match(part)) continue;
        are_checksums_sound = false;
        add(state_.footer.data_size + part * kChunkSize, "checksums fail their own check");
    }
    for (uint64_t chunk = 0; are_checksums_sound && chunk < state_.footer.chunk_count(); ++chunk) {
        if (!state_.chunk_matches(chunk)) add(chunk * kChunkSize, "chunk fails its checksum");
    }
    if (expected_hash != nullptr && hash128(state_.bytes) != *expected_hash) {
        add(0, "file differs from the hash in the manifest");
    }
}

Status Verifier::check_ids() {
    BlockId before;
    for (uint32_t ordinal = 0; ordinal < state_.id_count; ++ordinal) {
        const BlockId id = KAUSAL_TRY(reader_.id(ordinal));
        if (id <= before) add(SectionKind::Ids, "ids are not increasing at " + id.to_hex());
        const std::optional<uint32_t> found = KAUSAL_TRY(reader_.find(id));
        if (found != ordinal) add(SectionKind::IdIndex, "id " + id.to_hex() + " is not found");
        before = id;
    }
    const BlockId first = state_.id_count == 0 ? BlockId{} : KAUSAL_TRY(reader_.id(0));
    if (state_.footer.id_min != first || state_.footer.id_max != before) {
        add(0, "footer has other bounds of ids");
    }
    return {};
}

Status Verifier::check_rows() {
    uint64_t puts = 0;
    uint64_t tombstones = 0;
    for (uint32_t ordinal = 0; ordinal < state_.id_count; ++ordinal) {
        const BlockEntry entry = KAUSAL_TRY(reader_.entry(ordinal));
        if (entry.state == BlockState::None) continue;
        ++(entry.state == BlockState::Put ? puts : tombstones);
        if (entry.version < state_.footer.version_min ||
            entry.version > state_.footer.version_max) {
            add(SectionKind::Rows,
                "version " + std::to_string(entry.version) + " is outside of the segment's range");
        }
        if (entry.state == BlockState::Put) KAUSAL_TRY(check_row(ordinal));
    }
    counts_.blocks += puts;
    if (puts != state_.footer.block_count || tombstones != state_.footer.tombstone_count) {
        add(SectionKind::Rows, "footer has other counts of blocks");
    }
    return {};
}

Status Verifier::check_row(uint32_t ordinal) {
    format::BlockRecord record;
    record.id = KAUSAL_TRY(reader_.id(ordinal));
    const std::string_view head = KAUSAL_TRY(reader_.head(ordinal));
    const PinnedBody body = KAUSAL_TRY(reader_.body(ordinal));
    const BlockEntry entry = KAUSAL_TRY(reader_.entry(ordinal));
    const Status decoded_head = format::decode_head(head, record);
    const Status decoded_body = format::decode_body(body.bytes, record);
    if (!decoded_head.is_ok() || !decoded_body.is_ok() || record.kind != entry.kind) {
        add(SectionKind::Rows, "block " + record.id.to_hex() + " does not decode");
        return {};
    }
    std::vector<uint64_t> keys;
    format::index_keys(record, keys);
    key_count_ += keys.size();
    if (!record.name.empty()) ++named_count_;
    if (!record.uri.empty()) ++located_count_;
    return {};
}

Status Verifier::check_edges() {
    counts_.edges += state_.footer.edge_count;
    uint32_t next_out = 0;
    uint32_t next_in = 0;
    for (uint32_t node = 0; node < state_.id_count; ++node) {
        KAUSAL_TRY(check_node(node, Direction::Out, next_out));
        KAUSAL_TRY(check_node(node, Direction::In, next_in));
    }
    if (next_out != state_.footer.edge_count || next_in != state_.footer.edge_count) {
        add(SectionKind::OutOffsets, "edges are left over behind the last node");
        return {};
    }
    std::vector<bool> is_seen(state_.footer.edge_count, false);
    for (uint32_t node = 0; node < state_.id_count; ++node) {
        KAUSAL_TRY(check_incoming(node, is_seen));
    }
    // As many incoming as outgoing edges and none twice: then each has its counterpart.
    return {};
}

Status Verifier::check_node(uint32_t node, Direction direction, uint32_t& next_edge) {
    const SectionKind kind =
        direction == Direction::Out ? SectionKind::OutOffsets : SectionKind::InOffsets;
    const SegmentReader::State::EdgeRange range = KAUSAL_TRY(state_.edge_range(node, direction));
    if (range.first != next_edge) add(kind, "edge offsets have a gap");
    next_edge = range.first + range.count;
    std::vector<SegmentEdge> edges;
    KAUSAL_TRY(reader_.edges(node, direction, edges));
    for (size_t i = 1; i < edges.size(); ++i) {
        const auto key_of = [](const SegmentEdge& edge) {
            return std::tuple(edge_meta_type(edge.meta), edge.other, edge.site.offset);
        };
        if (key_of(edges[i - 1]) >= key_of(edges[i])) {
            add(kind, "edges of ordinal " + std::to_string(node) + " are not in order");
        }
    }
    return {};
}

Status Verifier::check_incoming(uint32_t node, std::vector<bool>& is_seen) {
    const SegmentReader::State::EdgeRange range =
        KAUSAL_TRY(state_.edge_range(node, Direction::In));
    const AdjacencyView incoming = KAUSAL_TRY(reader_.adjacency(node, Direction::In));
    for (uint32_t i = 0; i < range.count; ++i) {
        const auto* edge = state_.elements<uint32_t>(SectionKind::InEdges, range.first + i);
        if (edge == nullptr) return state_.damage(SectionKind::InEdges);
        const SegmentReader::State::EdgeRange outgoing =
            KAUSAL_TRY(state_.edge_range(incoming.other[i], Direction::Out));
        const bool is_of_source =
            *edge >= outgoing.first && *edge - outgoing.first < outgoing.count;
        if (!is_of_source || is_seen[*edge]) {
            add(SectionKind::InEdges, "incoming edge of ordinal " + std::to_string(node) +
                                          " has no outgoing counterpart");
            continue;
        }
        is_seen[*edge] = true;
        const auto* target = state_.elements<uint32_t>(SectionKind::OutTargets, *edge);
        const auto* meta = state_.elements<EdgeMeta>(SectionKind::OutMeta, *edge);
        if (target == nullptr || meta == nullptr) return state_.damage(SectionKind::OutTargets);
        if (*target != node || *meta != incoming.meta[i]) {
            add(SectionKind::InEdges, "incoming edge of ordinal " + std::to_string(node) +
                                          " differs from its outgoing counterpart");
        }
    }
    return {};
}

}  // namespace kausal::segment
