// The layout constants and small types of a segment file, shared by its writer and its reader.
//
// Mirrors docs/format/segment.md. A segment is one immutable file: header, heap (heads, body frames
// and text partitions in the order in which they were written), columns, checksums, footer, tail.
// Nothing here opens a file.
#pragma once

#include "base/block_id.h"
#include "base/hash.h"
#include "format/database_uuid.h"
#include "format/edge_record.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace kausal::segment {

/// "<16 hex digits>.seg"
[[nodiscard]] std::string segment_file_name(uint64_t file_id);

/// What is known of an id in one segment. None: only an endpoint of edges.
enum class BlockState : uint8_t { None = 0, Put = 1, Tombstone = 2 };

enum class Direction : uint8_t { Out, In };

/// Says what a finished segment holds; goes into the manifest.
struct SegmentInfo {
    uint64_t file_id = 0;
    uint64_t size_bytes = 0;
    Hash128 hash;  // XXH3-128 of the whole file, seed 0
    uint64_t id_count = 0;
    uint64_t block_count = 0;      // puts
    uint64_t tombstone_count = 0;  // deleted blocks
    uint64_t edge_count = 0;       // edge tombstones included
    uint64_t edge_tombstone_count = 0;
    uint64_t document_count = 0;  // blocks with search terms
    uint64_t lookup_count = 0;    // distinct names and URIs, and key entries
    uint64_t version_min = 0;     // over blocks, tombstones and the `sequence` of finish()
    uint64_t version_max = 0;
    BlockId id_min;  // both invalid when there is none
    BlockId id_max;
};

/// The 32 bits that describe one edge: type u16 | confidence u8 | flags u8 (bit 0 resolved, bit 1
/// tombstone, bits 2..7 provenance).
using EdgeMeta = uint32_t;
inline constexpr EdgeMeta kEdgeResolved = 1u << 24;
inline constexpr EdgeMeta kEdgeTombstone = 1u << 25;

[[nodiscard]] constexpr EdgeMeta make_edge_meta(const format::EdgeRecord& edge,
                                                bool tombstone) noexcept {
    return static_cast<EdgeMeta>(edge.type) | static_cast<EdgeMeta>(edge.confidence) << 16 |
           (edge.certainty == format::Certainty::Resolved ? kEdgeResolved : 0) |
           (tombstone ? kEdgeTombstone : 0) | (static_cast<EdgeMeta>(edge.provenance) & 63u) << 26;
}
[[nodiscard]] constexpr format::EdgeType edge_meta_type(EdgeMeta meta) noexcept {
    return static_cast<format::EdgeType>(meta & 0xffffu);
}
[[nodiscard]] constexpr uint8_t edge_meta_confidence(EdgeMeta meta) noexcept {
    return static_cast<uint8_t>(meta >> 16);
}
[[nodiscard]] constexpr format::Certainty edge_meta_certainty(EdgeMeta meta) noexcept {
    return (meta & kEdgeResolved) != 0 ? format::Certainty::Resolved : format::Certainty::Candidate;
}
[[nodiscard]] constexpr format::Provenance edge_meta_provenance(EdgeMeta meta) noexcept {
    return static_cast<format::Provenance>(meta >> 26);
}
[[nodiscard]] constexpr bool edge_meta_is_tombstone(EdgeMeta meta) noexcept {
    return (meta & kEdgeTombstone) != 0;
}

/// Where in a file an edge arises.
struct EdgeSite {
    uint32_t offset = 0;
    uint32_t line = 0;
};
static_assert(sizeof(EdgeSite) == 8);

}  // namespace kausal::segment
