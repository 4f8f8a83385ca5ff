// Whole-database scans of a snapshot in order of id; see snapshot_view.h.
#include "storage/snapshot_view.h"

#include <algorithm>
#include <utility>

namespace kausal::storage {
namespace {

/// The position of the first node whose id is not below `first`.
uint32_t first_node_from(const std::vector<const memtable::NodeEntry*>& nodes,
                         const BlockId& first) {
    const auto at = std::lower_bound(
        nodes.begin(), nodes.end(), first,
        [](const memtable::NodeEntry* node, const BlockId& id) { return node->id < id; });
    return static_cast<uint32_t>(at - nodes.begin());
}

/// Walks the puts of one source in order of id.
class PutCursor {
  public:
    PutCursor(const memtable::Memtable& memtable, uint64_t visible, size_t rank)
        : visible_(visible), nodes_(memtable.sorted_nodes()) {
        place_.rank = rank;
    }
    PutCursor(const SegmentFileRef& file, size_t rank) : file_(&file) {
        place_.rank = rank;
        place_.file = &file;
    }

    /// Skips what lies before `first`.
    [[nodiscard]] Status seek(const BlockId& first) {
        position_ = file_ != nullptr ? KAUSAL_TRY((*file_)->reader().lower_bound(first))
                                     : first_node_from(*nodes_, first);
        return Status::ok();
    }
    /// Goes to the first put at or after the present position. In a segment only puts of `kind`.
    [[nodiscard]] Status settle(format::BlockKind kind) {
        at_end_ = true;
        if (file_ != nullptr) {
            const segment::SegmentReader& reader = (*file_)->reader();
            position_ = KAUSAL_TRY(reader.next_put(position_, kind));
            if (position_ >= reader.id_count()) return Status::ok();
            id_ = KAUSAL_TRY(reader.id(position_));
            place_.ordinal = position_;
            place_.entry = KAUSAL_TRY(reader.entry(position_));
            at_end_ = false;
            return Status::ok();
        }
        for (; position_ < nodes_->size(); ++position_) {
            const memtable::BlockVersion* version = (*nodes_)[position_]->version_at(visible_);
            if (version == nullptr || version->is_tombstone) continue;
            place_.version = version;
            id_ = version->node->id;
            at_end_ = false;
            return Status::ok();
        }
        return Status::ok();
    }
    void advance() noexcept { ++position_; }
    [[nodiscard]] bool is_at_end() const noexcept { return at_end_; }
    [[nodiscard]] const BlockId& id() const noexcept { return id_; }
    [[nodiscard]] const BlockPlace& place() const noexcept { return place_; }

  private:
    uint64_t visible_ = 0;
    memtable::Memtable::SortedNodes nodes_;
    const SegmentFileRef* file_ = nullptr;
    uint32_t position_ = 0;
    bool at_end_ = false;
    BlockId id_;
    BlockPlace place_;
};

/// Walks the ids of one source that have edges of one direction there, in order.
class EdgeEndCursor {
  public:
    EdgeEndCursor(const memtable::Memtable& memtable, uint64_t visible, Direction direction)
        : visible_(visible), direction_(direction), nodes_(memtable.sorted_nodes()) {}
    EdgeEndCursor(const segment::SegmentReader& reader, Direction direction)
        : direction_(direction), reader_(&reader) {}

    /// Skips what lies before `first`.
    [[nodiscard]] Status seek(const BlockId& first) {
        position_ = reader_ != nullptr ? KAUSAL_TRY(reader_->lower_bound(first))
                                       : first_node_from(*nodes_, first);
        return Status::ok();
    }
    [[nodiscard]] Status settle() {
        at_end_ = true;
        if (reader_ != nullptr) {
            for (; position_ < reader_->id_count(); ++position_) {
                const segment::AdjacencyView edges =
                    KAUSAL_TRY(reader_->adjacency(position_, segment_direction(direction_)));
                if (edges.size() == 0) continue;
                id_ = KAUSAL_TRY(reader_->id(position_));
                at_end_ = false;
                return Status::ok();
            }
            return Status::ok();
        }
        for (; position_ < nodes_->size(); ++position_) {
            const memtable::NodeEntry& node = *(*nodes_)[position_];
            if (!node.has_edges(edge_side(direction_), visible_)) continue;
            id_ = node.id;
            at_end_ = false;
            return Status::ok();
        }
        return Status::ok();
    }
    void advance() noexcept { ++position_; }
    [[nodiscard]] bool is_at_end() const noexcept { return at_end_; }
    [[nodiscard]] const BlockId& id() const noexcept { return id_; }

  private:
    uint64_t visible_ = 0;
    Direction direction_;
    memtable::Memtable::SortedNodes nodes_;
    const segment::SegmentReader* reader_ = nullptr;
    uint32_t position_ = 0;
    bool at_end_ = false;
    BlockId id_;
};

/// The cursor with the smallest id; of equal ones the newest source. Null when all are at the end.
template <typename Cursor>
Cursor* smallest(std::vector<Cursor>& cursors) noexcept {
    Cursor* best = nullptr;
    for (Cursor& cursor : cursors) {
        if (cursor.is_at_end()) continue;
        if (best == nullptr || cursor.id() < best->id()) best = &cursor;
    }
    return best;
}

}  // namespace

Status SnapshotView::merge_scan(format::BlockKind kind, BlockParts parts, const BlockId& first,
                                const BlockVisitor& visit) const {
    std::vector<PutCursor> cursors;
    size_t rank = 0;
    for (const MemtableRef& memtable : version_->memtables) {
        if (memtable->block_operations() != 0) cursors.emplace_back(*memtable, sequence_, rank);
        ++rank;
    }
    for (const SegmentFileRef& file : version_->segments) cursors.emplace_back(file, rank++);
    for (PutCursor& cursor : cursors) {
        KAUSAL_TRY(cursor.seek(first));
        KAUSAL_TRY(cursor.settle(kind));
    }
    while (PutCursor* cursor = smallest(cursors)) {
        // A newer source that holds the id decides, be it with a put (of whatever kind) or a
        // delete.
        if (!KAUSAL_TRY(is_superseded(cursor->id(), cursor->place().rank))) {
            const BlockPin block = KAUSAL_TRY(pin(cursor->id(), cursor->place(), parts));
            const bool is_wanted = kind == format::BlockKind::Invalid || block.record.kind == kind;
            if (is_wanted && !visit(block)) return Status::ok();
        }
        cursor->advance();
        KAUSAL_TRY(cursor->settle(kind));
    }
    return Status::ok();
}

Status SnapshotView::scan_blocks(format::BlockKind kind, BlockParts parts, const BlockId& first,
                                 const BlockVisitor& visit) const {
    return core_->noted(merge_scan(kind, parts, first, visit));
}

Status SnapshotView::merge_edge_scan(Direction direction, const BlockId& first,
                                     const EdgeVisitor& visit) const {
    std::vector<EdgeEndCursor> cursors;
    for (const MemtableRef& memtable : version_->memtables) {
        if (memtable->edge_operations() != 0) {
            cursors.emplace_back(*memtable, sequence_, direction);
        }
    }
    for (const SegmentFileRef& file : version_->segments) {
        if (file->reader().edge_count() != 0) cursors.emplace_back(file->reader(), direction);
    }
    for (EdgeEndCursor& cursor : cursors) {
        KAUSAL_TRY(cursor.seek(first));
        KAUSAL_TRY(cursor.settle());
    }
    std::vector<format::EdgeRecord> edges;
    while (const EdgeEndCursor* next = smallest(cursors)) {
        const BlockId end = next->id();
        edges.clear();
        KAUSAL_TRY(gather_edges(end, direction, edges));
        for (const format::EdgeRecord& edge : edges) {
            if (!visit(edge)) return Status::ok();
        }
        for (EdgeEndCursor& cursor : cursors) {
            if (cursor.is_at_end() || cursor.id() != end) continue;
            cursor.advance();
            KAUSAL_TRY(cursor.settle());
        }
    }
    return Status::ok();
}

Status SnapshotView::scan_edges(const BlockId& first, const EdgeVisitor& visit) const {
    return core_->noted(merge_edge_scan(Direction::Out, first, visit));
}

Status SnapshotView::scan_edges_by_target(const EdgeVisitor& visit) const {
    return core_->noted(merge_edge_scan(Direction::In, BlockId{}, visit));
}

}  // namespace kausal::storage
