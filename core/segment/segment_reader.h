// Serves one segment from a read-only mapping of its file.
//
// Ids of a segment are numbered by rank ("ordinals", 0 <= ordinal < id_count()); columns, edges and
// lookups speak ordinals. Opening checks header, footer and section table only; every other byte is
// checked against its chunk's checksum the first time it is needed, so that damage shows as Corrupt
// for the reads it touches and for no others. Offsets and ordinals found in the file are
// range-checked on use. Format: docs/format/segment.md.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"
#include "io/vfs.h"
#include "segment/frame_cache.h"
#include "segment/segment_format.h"
#include "segment/text_index.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::segment {

/// The state, version and kind of one id.
struct BlockEntry {
    BlockState state = BlockState::None;
    format::BlockKind kind = format::BlockKind::Invalid;  // of a put
    uint64_t version = 0;                                 // of a put or tombstone
};

/// Body bytes and what keeps them alive: a frame, or (owner null) the reader itself.
struct PinnedBody {
    std::string_view bytes;
    FrameRef owner;
};

/// The edges of one node in one direction, straight from the file, ordered by (type, other, site
/// offset), tombstones included. Every `other` is a valid ordinal. Owner: the reader.
struct AdjacencyView {
    std::span<const uint32_t> other;
    std::span<const EdgeMeta> meta;
    [[nodiscard]] size_t size() const noexcept { return other.size(); }
};

struct SegmentEdge {
    uint32_t other = 0;
    EdgeMeta meta = 0;
    EdgeSite site;
};

struct SegmentFinding {
    uint64_t offset = 0;  // in the file; 0 when it belongs to no place
    std::string message;
};
struct SegmentVerifyCounts {
    uint64_t bytes = 0;
    uint64_t blocks = 0;
    uint64_t edges = 0;
};

/// Threads: shared; all calls const. Owners: every version of the database that lists the segment.
class SegmentReader {
  public:
    /// `cache` must outlive the reader. Errors: NotFound, Corrupt, NewerFormat, Unavailable.
    [[nodiscard]] static Result<std::shared_ptr<const SegmentReader>> open(
        io::Directory& directory, uint64_t file_id, const format::DatabaseUuid& uuid,
        FrameCache& cache);
    ~SegmentReader();
    SegmentReader(const SegmentReader&) = delete;
    SegmentReader& operator=(const SegmentReader&) = delete;

    [[nodiscard]] uint64_t file_id() const noexcept;
    [[nodiscard]] uint64_t size_bytes() const noexcept;
    /// As written, except `hash`, which only `verify` computes (zero here).
    [[nodiscard]] const SegmentInfo& info() const noexcept;
    [[nodiscard]] uint32_t id_count() const noexcept;

    // All of the following can fail with Corrupt; an ordinal out of range is Invalid.

    /// The ordinal of an id, or nothing when this segment does not know it.
    [[nodiscard]] Result<std::optional<uint32_t>> find(const BlockId& id) const;
    /// The first ordinal whose id is not below `id`; id_count() when there is none.
    [[nodiscard]] Result<uint32_t> lower_bound(const BlockId& id) const;
    [[nodiscard]] Result<BlockId> id(uint32_t ordinal) const;
    [[nodiscard]] Result<BlockEntry> entry(uint32_t ordinal) const;
    /// The encoded head of a put (format::decode_head); valid as long as the reader. NotFound when
    /// the ordinal is no put.
    [[nodiscard]] Result<std::string_view> head(uint32_t ordinal) const;
    /// The encoded body of a put.
    [[nodiscard]] Result<PinnedBody> body(uint32_t ordinal) const;
    /// The first ordinal >= `from` that is a put of `kind` (Invalid: of any kind), or id_count().
    [[nodiscard]] Result<uint32_t> next_put(uint32_t from, format::BlockKind kind) const;

    [[nodiscard]] uint64_t edge_count() const noexcept;
    [[nodiscard]] Result<AdjacencyView> adjacency(uint32_t ordinal, Direction direction) const;
    /// Appends the edges with their sites; the same order and content as `adjacency`.
    [[nodiscard]] Status edges(uint32_t ordinal, Direction direction,
                               std::vector<SegmentEdge>& into) const;
    /// The site of edge `position` of that node's adjacency.
    [[nodiscard]] Result<EdgeSite> site(uint32_t ordinal, Direction direction,
                                        size_t position) const;

    // Lookups. Empty names, URIs and qualified names are not indexed. A visitor gets each distinct
    // text with the ordinals of its puts in increasing order and returns false to stop; views are
    // valid as long as the reader.
    using TextVisitor =
        std::function<bool(std::string_view text, std::span<const uint32_t> ordinals)>;
    enum class Match : uint8_t { Exact, FoldedExact, Prefix, FoldedPrefix };
    /// In order of (ASCII-folded name, name).
    [[nodiscard]] Status find_names(std::string_view name, Match match,
                                    const TextVisitor& visit) const;
    /// In byte order; Exact and Prefix only (Invalid otherwise).
    [[nodiscard]] Status find_uris(std::string_view uri, Match match,
                                   const TextVisitor& visit) const;
    /// Appends the ordinals of the puts that carry the key (format::index_keys), increasing.
    [[nodiscard]] Status find_key(uint64_t key, std::vector<uint32_t>& into) const;
    /// All distinct names in order.
    [[nodiscard]] Status scan_names(const TextVisitor& visit) const;

    [[nodiscard]] TextIndexView text() const noexcept { return TextIndexView(*this); }

    // For compaction: frames as stored, and the place of a body.
    struct StoredFrame {
        std::string_view stored;
        uint32_t raw_size = 0;
        bool compressed = false;
    };
    struct BodyLocation {
        uint32_t frame = 0;
        uint32_t offset = 0;
        uint32_t size = 0;
        uint64_t head_offset = 0;  // blocks were written in increasing order of it
    };
    [[nodiscard]] uint32_t frame_count() const noexcept;
    [[nodiscard]] Result<StoredFrame> stored_frame(uint32_t frame) const;
    [[nodiscard]] Result<BodyLocation> body_location(uint32_t ordinal) const;

    /// Checks the checksums of all chunks in [offset, offset + size), clipped to the file. For
    /// readers that must know an input is sound before they use any of it. Errors: Corrupt.
    [[nodiscard]] Status check_range(uint64_t offset, uint64_t size) const;
    /// Checks everything: every checksum, the order of ids, edges in both directions against each
    /// other, lookups and text against the blocks, and the whole-file hash against `expected_hash`
    /// when given. Appends what is wrong to `findings`. Errors only when it cannot run.
    [[nodiscard]] Status verify(const Hash128* expected_hash, std::vector<SegmentFinding>& findings,
                                SegmentVerifyCounts& counts) const;

  private:
    friend class TextIndexView;
    friend class TextLookupView;
    friend class Verifier;
    struct State;
    explicit SegmentReader(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace kausal::segment
