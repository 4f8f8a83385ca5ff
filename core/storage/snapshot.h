// A consistent view of the database: an immutable set of memtables and segments and a sequence
// number.
//
// Everything visible at `sequence()` is seen, nothing later. A snapshot never blocks writers,
// flushes or compactions, and files it needs stay until it goes. Reads go newest source first; a
// block's index entries count only where its newest version lives, so indexes always agree with
// blocks.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"
#include "format/tokenizer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace kausal::storage {

/// A block read from the database together with what keeps its text alive. Movable; the views
/// inside `record` stay valid as long as this object does. Threads: a value.
struct BlockPin {
    format::BlockRecord record;
    uint64_t version = 0;  // sequence number of the commit that wrote it
    std::shared_ptr<const void> head_owner;
    std::shared_ptr<const void> body_owner;
};

enum class BlockParts : uint8_t { Head, HeadAndBody };
enum class Direction : uint8_t { Out, In };
enum class NameMatch : uint8_t { Exact, FoldedExact, Prefix, FoldedPrefix };  // folded = ASCII case

/// What one source (a memtable or a segment) offers to text search. Documents are numbered from 0
/// per source. Threads: shared. Lives as long as the snapshot.
class TextSource {
  public:
    struct Posting {
        uint32_t document = 0;
        uint8_t counts[format::kTextFieldCount] = {};
    };
    virtual ~TextSource() = default;
    [[nodiscard]] virtual uint32_t document_count() const = 0;
    [[nodiscard]] virtual uint64_t total_length(format::TextField field) const = 0;
    /// Length of one field of one document in terms (may be quantised).
    [[nodiscard]] virtual uint32_t length(uint32_t document, format::TextField field) const = 0;
    [[nodiscard]] virtual BlockId block(uint32_t document) const = 0;
    [[nodiscard]] virtual format::BlockKind kind(uint32_t document) const = 0;
    /// How many documents carry the term (stale ones included).
    [[nodiscard]] virtual uint32_t document_frequency(format::TermHash term) const = 0;
    /// Appends postings in increasing document order.
    [[nodiscard]] virtual Status postings(format::TermHash term,
                                          std::vector<Posting>& into) const = 0;
    /// True when the document is the newest version of its block in this snapshot.
    [[nodiscard]] virtual bool is_live(uint32_t document) const = 0;
};

/// Edges by dense node numbers, for traversals. Nodes of the largest segment are its ordinals,
/// others get numbers on first sight. Threads: confined; holds its snapshot.
class Topology {
  public:
    struct Neighbour {
        uint32_t node = 0;
        format::EdgeType type = format::EdgeType::Invalid;
        format::Certainty certainty = format::Certainty::Resolved;
        format::Provenance provenance = format::Provenance::Unknown;
        uint8_t confidence = 255;
        uint32_t site_offset = 0;
        uint32_t site_line = 0;
    };
    virtual ~Topology() = default;
    /// The node of an id; a new number when the id has been in no source (it then has no edges).
    [[nodiscard]] virtual Result<uint32_t> node_of(const BlockId& id) = 0;
    [[nodiscard]] virtual BlockId id_of(uint32_t node) const = 0;
    /// Upper bound of the numbers given so far; grows during a traversal.
    [[nodiscard]] virtual uint32_t node_limit() const = 0;
    /// All live edges of a node in one direction, replacing what `into` held; ordered by (type,
    /// other id, site offset).
    [[nodiscard]] virtual Status neighbours(uint32_t node, Direction direction,
                                            std::vector<Neighbour>& into) = 0;
};

/// Threads: shared; all calls const.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
    [[nodiscard]] virtual uint64_t sequence() const noexcept = 0;

    /// The block, or nothing when it does not exist. Errors: Corrupt, Unavailable.
    [[nodiscard]] virtual Result<std::optional<BlockPin>> get(const BlockId& id,
                                                              BlockParts parts) const = 0;
    [[nodiscard]] virtual Result<bool> contains(const BlockId& id) const = 0;

    /// Appends the live edges of `id` in one direction, ordered by (type, other id, site offset).
    [[nodiscard]] virtual Status edges(const BlockId& id, Direction direction,
                                       std::vector<format::EdgeRecord>& into) const = 0;

    /// Live blocks whose name matches: `visit(name, id)` in order of (folded name, name, id) until
    /// it returns false.
    using NameVisitor = std::function<bool(std::string_view name, const BlockId& id)>;
    [[nodiscard]] virtual Status find_names(std::string_view name, NameMatch match,
                                            const NameVisitor& visit) const = 0;
    /// Every distinct name of every source once or more, in no order and without a check that its
    /// blocks live: the raw material of fuzzy search.
    [[nodiscard]] virtual Status scan_names(
        const std::function<bool(std::string_view name)>& visit) const = 0;
    /// Live blocks by URI: exactly `uri`, or every URI that starts with it. Order: (uri, id).
    [[nodiscard]] virtual Status find_uris(std::string_view uri, bool prefix,
                                           const NameVisitor& visit) const = 0;
    /// Live blocks that carry `key` (format::hash_key), in order of id. A hash may collide: compare
    /// the text where it matters.
    [[nodiscard]] virtual Status find_key(uint64_t key, std::vector<BlockId>& into) const = 0;

    /// Every live block from id `first` on, in order of id, until `visit` returns false; `kind`
    /// Invalid means all kinds.
    using BlockVisitor = std::function<bool(const BlockPin& block)>;
    [[nodiscard]] virtual Status scan_blocks(format::BlockKind kind, BlockParts parts,
                                             const BlockId& first,
                                             const BlockVisitor& visit) const = 0;
    [[nodiscard]] Status scan_blocks(format::BlockKind kind, BlockParts parts,
                                     const BlockVisitor& visit) const {
        return scan_blocks(kind, parts, BlockId{}, visit);
    }
    /// Every live edge from source `first` on, in order of (source, type, target, site offset).
    using EdgeVisitor = std::function<bool(const format::EdgeRecord&)>;
    [[nodiscard]] virtual Status scan_edges(const BlockId& first,
                                            const EdgeVisitor& visit) const = 0;
    [[nodiscard]] Status scan_edges(const EdgeVisitor& visit) const {
        return scan_edges(BlockId{}, visit);
    }

    [[nodiscard]] virtual const std::vector<const TextSource*>& text_sources() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Topology> topology() const = 0;
};

using SnapshotRef = std::shared_ptr<const Snapshot>;

}  // namespace kausal::storage
