// The one implementation of Snapshot: a Version and a sequence number.
//
// Reads ask the sources newest first. What a source says of names, URIs, keys and terms counts only
// for blocks that no newer source holds. Split over snapshot_view.cpp (blocks and edges),
// snapshot_lookups.cpp and snapshot_scans.cpp.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "storage/snapshot.h"
#include "storage/version.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace kausal::storage {

/// Where the newest word on a block is: in a memtable (`version` set) or a segment (`file` set), or
/// nowhere.
struct BlockPlace {
    const memtable::BlockVersion* version = nullptr;
    const SegmentFileRef* file = nullptr;
    uint32_t ordinal = 0;
    segment::BlockEntry entry;
    size_t rank = 0;
};

/// Threads: shared.
class SnapshotView final : public Snapshot, public std::enable_shared_from_this<SnapshotView> {
  public:
    SnapshotView(std::shared_ptr<StorageCore> core, VersionRef version, uint64_t sequence);
    ~SnapshotView() override;
    SnapshotView(const SnapshotView&) = delete;
    SnapshotView& operator=(const SnapshotView&) = delete;

    [[nodiscard]] uint64_t sequence() const noexcept override { return sequence_; }
    [[nodiscard]] Result<std::optional<BlockPin>> get(const BlockId& id,
                                                      BlockParts parts) const override;
    [[nodiscard]] Result<bool> contains(const BlockId& id) const override;
    [[nodiscard]] Status edges(const BlockId& id, Direction direction,
                               std::vector<format::EdgeRecord>& into) const override;
    [[nodiscard]] Status find_names(std::string_view name, NameMatch match,
                                    const NameVisitor& visit) const override;
    [[nodiscard]] Status scan_names(
        const std::function<bool(std::string_view name)>& visit) const override;
    [[nodiscard]] Status find_uris(std::string_view uri, bool prefix,
                                   const NameVisitor& visit) const override;
    [[nodiscard]] Status find_key(uint64_t key, std::vector<BlockId>& into) const override;
    using Snapshot::scan_blocks;
    using Snapshot::scan_edges;
    [[nodiscard]] Status scan_blocks(format::BlockKind kind, BlockParts parts, const BlockId& first,
                                     const BlockVisitor& visit) const override;
    [[nodiscard]] Status scan_edges(const BlockId& first, const EdgeVisitor& visit) const override;
    [[nodiscard]] const std::vector<const TextSource*>& text_sources() const override;
    [[nodiscard]] std::unique_ptr<Topology> topology() const override;

    [[nodiscard]] const Version& version() const noexcept { return *version_; }
    [[nodiscard]] StorageCore& core() const noexcept { return *core_; }

    /// Every live edge as the index of incoming edges has it, in order of (target, type, source,
    /// site offset): what verify compares with scan_edges.
    [[nodiscard]] Status scan_edges_by_target(
        const std::function<bool(const format::EdgeRecord&)>& visit) const;
    /// True when a source newer than `rank` holds a put or delete of the block.
    [[nodiscard]] Result<bool> is_superseded(const BlockId& id, size_t rank) const;

  private:
    /// A text of an index together with one block that carries it, before it is known to live.
    struct TextHit {
        std::string_view text;
        BlockId id;
        size_t rank = 0;
    };
    /// One lookup over all sources: which index, what it looks for.
    struct TextQuery {
        std::string_view text;
        NameMatch match = NameMatch::Exact;
        bool is_uri = false;
    };

    [[nodiscard]] Result<BlockPlace> find(const BlockId& id) const;
    [[nodiscard]] Result<BlockPin> pin(const BlockId& id, const BlockPlace& place,
                                       BlockParts parts) const;
    [[nodiscard]] Status gather_edges(const BlockId& id, Direction direction,
                                      std::vector<format::EdgeRecord>& into) const;
    [[nodiscard]] Status append_edges(const segment::SegmentReader& reader, uint32_t ordinal,
                                      const BlockId& id, Direction direction,
                                      std::vector<format::EdgeRecord>& into,
                                      std::vector<bool>* tombstones) const;

    [[nodiscard]] Status find_texts(const TextQuery& query, const NameVisitor& visit) const;
    [[nodiscard]] Result<bool> gather_memtable(const TextQuery& query, size_t rank, size_t limit,
                                               std::vector<TextHit>& into) const;
    [[nodiscard]] Result<bool> gather_segment(const TextQuery& query, size_t rank, size_t limit,
                                              std::vector<TextHit>& into) const;
    [[nodiscard]] Status merge_scan(format::BlockKind kind, BlockParts parts, const BlockId& first,
                                    const BlockVisitor& visit) const;
    [[nodiscard]] Status merge_edge_scan(Direction direction, const BlockId& first,
                                         const EdgeVisitor& visit) const;

    std::shared_ptr<StorageCore> core_;
    VersionRef version_;
    uint64_t sequence_;
    mutable Mutex text_mutex_;
    mutable bool text_ready_ KAUSAL_GUARDED_BY(text_mutex_) = false;
    mutable std::vector<std::unique_ptr<TextSource>> text_owned_;  // fixed once text_ready_
    mutable std::vector<const TextSource*> text_sources_;          // the same
};

/// The text sources of a snapshot, newest first; those that cannot be read are left out and degrade
/// the database. They borrow the snapshot. (text_sources.cpp)
[[nodiscard]] std::vector<std::unique_ptr<TextSource>> make_text_sources(
    const SnapshotView& snapshot);
/// (topology_view.cpp)
[[nodiscard]] std::unique_ptr<Topology> make_topology(std::shared_ptr<const SnapshotView> snapshot);

/// An edge of a segment as the rest of the engine knows it.
[[nodiscard]] format::EdgeRecord edge_record(const segment::SegmentEdge& edge, const BlockId& node,
                                             const BlockId& other, Direction direction) noexcept;
[[nodiscard]] constexpr memtable::EdgeSide edge_side(Direction direction) noexcept {
    return direction == Direction::Out ? memtable::EdgeSide::Out : memtable::EdgeSide::In;
}
[[nodiscard]] constexpr segment::Direction segment_direction(Direction direction) noexcept {
    return direction == Direction::Out ? segment::Direction::Out : segment::Direction::In;
}

}  // namespace kausal::storage
