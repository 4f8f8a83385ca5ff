// Blocks and edges of a snapshot; see snapshot_view.h.
#include "storage/snapshot_view.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace kausal::storage {
namespace {

/// An edge from one of several sources, before the newest word on its key is known.
struct EdgeCandidate {
    format::EdgeRecord edge;
    size_t rank = 0;
    bool is_tombstone = false;
};

auto order_of(const format::EdgeRecord& edge, Direction direction) noexcept {
    const BlockId& other = direction == Direction::Out ? edge.target : edge.source;
    return std::tuple(edge.type, other, edge.site_offset);
}

void append_newest(std::vector<EdgeCandidate>& candidates, Direction direction,
                   std::vector<format::EdgeRecord>& into) {
    std::sort(candidates.begin(), candidates.end(),
              [direction](const EdgeCandidate& left, const EdgeCandidate& right) {
                  const auto left_order = order_of(left.edge, direction);
                  const auto right_order = order_of(right.edge, direction);
                  return left_order != right_order ? left_order < right_order
                                                   : left.rank < right.rank;
              });
    const EdgeCandidate* previous = nullptr;
    for (const EdgeCandidate& candidate : candidates) {
        const bool is_first = previous == nullptr || order_of(previous->edge, direction) !=
                                                         order_of(candidate.edge, direction);
        previous = &candidate;
        if (is_first && !candidate.is_tombstone) into.push_back(candidate.edge);
    }
}

}  // namespace

SnapshotView::SnapshotView(std::shared_ptr<StorageCore> core, VersionRef version, uint64_t sequence)
    : core_(std::move(core)), version_(std::move(version)), sequence_(sequence) {}

SnapshotView::~SnapshotView() = default;

Result<BlockPlace> SnapshotView::find(const BlockId& id) const {
    BlockPlace place;
    for (const MemtableRef& memtable : version_->memtables) {
        place.version = memtable->find_block(id, sequence_);
        if (place.version != nullptr) return place;
        ++place.rank;
    }
    for (const SegmentFileRef& file : version_->segments) {
        const std::optional<uint32_t> ordinal = KAUSAL_TRY(file->reader().find(id));
        if (ordinal) {
            place.entry = KAUSAL_TRY(file->reader().entry(*ordinal));
            if (place.entry.state != segment::BlockState::None) {
                place.file = &file;
                place.ordinal = *ordinal;
                return place;
            }
        }
        ++place.rank;
    }
    return place;
}

Result<BlockPin> SnapshotView::pin(const BlockId& id, const BlockPlace& place,
                                   BlockParts parts) const {
    BlockPin block;
    block.record.id = id;
    if (place.version != nullptr) {
        block.version = place.version->sequence;
        block.head_owner = version_->memtables[place.rank];
        KAUSAL_TRY(format::decode_head(place.version->head(), block.record));
        if (parts == BlockParts::Head) return block;
        block.body_owner = block.head_owner;
        KAUSAL_TRY(format::decode_body(place.version->body(), block.record));
        return block;
    }
    const segment::SegmentReader& reader = (*place.file)->reader();
    block.version = place.entry.version;
    block.head_owner = *place.file;
    const std::string_view head = KAUSAL_TRY(reader.head(place.ordinal));
    KAUSAL_TRY(format::decode_head(head, block.record));
    if (parts == BlockParts::Head) return block;
    segment::PinnedBody body = KAUSAL_TRY(reader.body(place.ordinal));
    KAUSAL_TRY(format::decode_body(body.bytes, block.record));
    if (body.owner != nullptr) {
        block.body_owner = std::move(body.owner);
    } else {
        block.body_owner = block.head_owner;
    }
    return block;
}

Result<std::optional<BlockPin>> SnapshotView::get(const BlockId& id, BlockParts parts) const {
    const auto read = [&]() -> Result<std::optional<BlockPin>> {
        const BlockPlace place = KAUSAL_TRY(find(id));
        const bool is_put =
            place.version != nullptr
                ? !place.version->is_tombstone
                : place.file != nullptr && place.entry.state == segment::BlockState::Put;
        if (!is_put) return std::nullopt;
        return std::optional<BlockPin>(KAUSAL_TRY(pin(id, place, parts)));
    };
    return core_->noted(read());
}

Result<bool> SnapshotView::contains(const BlockId& id) const {
    Result<BlockPlace> place = core_->noted(find(id));
    if (!place) return fail(std::move(place).error());
    if (place->version != nullptr) return !place->version->is_tombstone;
    return place->file != nullptr && place->entry.state == segment::BlockState::Put;
}

Result<bool> SnapshotView::is_superseded(const BlockId& id, size_t rank) const {
    const size_t memtable_count = version_->memtables.size();
    for (size_t newer = 0; newer < std::min(rank, memtable_count); ++newer) {
        if (version_->memtables[newer]->find_block(id, sequence_) != nullptr) return true;
    }
    for (size_t newer = memtable_count; newer < rank; ++newer) {
        const segment::SegmentReader& reader = version_->segments[newer - memtable_count]->reader();
        const std::optional<uint32_t> ordinal = KAUSAL_TRY(reader.find(id));
        if (!ordinal) continue;
        const segment::BlockEntry entry = KAUSAL_TRY(reader.entry(*ordinal));
        if (entry.state != segment::BlockState::None) return true;
    }
    return false;
}

format::EdgeRecord edge_record(const segment::SegmentEdge& edge, const BlockId& node,
                               const BlockId& other, Direction direction) noexcept {
    format::EdgeRecord record;
    record.source = direction == Direction::Out ? node : other;
    record.target = direction == Direction::Out ? other : node;
    record.type = segment::edge_meta_type(edge.meta);
    record.certainty = segment::edge_meta_certainty(edge.meta);
    record.provenance = segment::edge_meta_provenance(edge.meta);
    record.confidence = segment::edge_meta_confidence(edge.meta);
    record.site_offset = edge.site.offset;
    record.site_line = edge.site.line;
    return record;
}

Status SnapshotView::append_edges(const segment::SegmentReader& reader, uint32_t ordinal,
                                  const BlockId& id, Direction direction,
                                  std::vector<format::EdgeRecord>& into,
                                  std::vector<bool>* tombstones) const {
    std::vector<segment::SegmentEdge> found;
    KAUSAL_TRY(reader.edges(ordinal, segment_direction(direction), found));
    into.reserve(into.size() + found.size());
    for (const segment::SegmentEdge& edge : found) {
        const bool is_tombstone = segment::edge_meta_is_tombstone(edge.meta);
        if (is_tombstone && tombstones == nullptr) continue;
        const BlockId other = KAUSAL_TRY(reader.id(edge.other));
        into.push_back(edge_record(edge, id, other, direction));
        if (tombstones != nullptr) tombstones->push_back(is_tombstone);
    }
    return Status::ok();
}

Status SnapshotView::gather_edges(const BlockId& id, Direction direction,
                                  std::vector<format::EdgeRecord>& into) const {
    struct Holder {
        size_t rank = 0;
        const memtable::NodeEntry* node = nullptr;
        const segment::SegmentReader* reader = nullptr;
        uint32_t ordinal = 0;
    };
    constexpr size_t inline_count = 8;
    Holder inline_holders[inline_count];
    std::vector<Holder> more_holders;
    size_t holder_count = 0;
    const auto add = [&](const Holder& holder) {
        if (holder_count < inline_count) {
            inline_holders[holder_count] = holder;
        } else {
            more_holders.push_back(holder);
        }
        ++holder_count;
    };
    size_t rank = 0;
    for (const MemtableRef& memtable : version_->memtables) {
        const memtable::NodeEntry* node = memtable->find(id);
        if (node != nullptr && node->has_edges(edge_side(direction), sequence_)) {
            add({.rank = rank, .node = node});
        }
        ++rank;
    }
    for (const SegmentFileRef& file : version_->segments) {
        const segment::SegmentReader& reader = file->reader();
        const std::optional<uint32_t> ordinal =
            reader.edge_count() == 0 ? std::nullopt : KAUSAL_TRY(reader.find(id));
        if (ordinal) add({.rank = rank, .reader = &reader, .ordinal = *ordinal});
        ++rank;
    }
    if (holder_count == 0) return Status::ok();
    if (holder_count == 1 && inline_holders[0].reader != nullptr) {
        const Holder& holder = inline_holders[0];
        return append_edges(*holder.reader, holder.ordinal, id, direction, into, nullptr);
    }
    std::vector<EdgeCandidate> candidates;
    std::vector<const memtable::EdgeCell*> cells;
    std::vector<format::EdgeRecord> records;
    std::vector<bool> tombstones;
    for (size_t i = 0; i < holder_count; ++i) {
        const Holder& holder =
            i < inline_count ? inline_holders[i] : more_holders[i - inline_count];
        if (holder.node != nullptr) {
            memtable::Memtable::collect_edges(*holder.node, edge_side(direction), sequence_, cells);
            for (const memtable::EdgeCell* cell : cells) {
                candidates.push_back({cell->edge, holder.rank, cell->is_tombstone});
            }
            continue;
        }
        records.clear();
        tombstones.clear();
        KAUSAL_TRY(
            append_edges(*holder.reader, holder.ordinal, id, direction, records, &tombstones));
        for (size_t edge = 0; edge < records.size(); ++edge) {
            candidates.push_back({records[edge], holder.rank, tombstones[edge]});
        }
    }
    append_newest(candidates, direction, into);
    return Status::ok();
}

Status SnapshotView::edges(const BlockId& id, Direction direction,
                           std::vector<format::EdgeRecord>& into) const {
    return core_->noted(gather_edges(id, direction, into));
}

const std::vector<const TextSource*>& SnapshotView::text_sources() const {
    MutexLock lock(text_mutex_);
    if (!text_ready_) {
        text_owned_ = make_text_sources(*this);
        for (const std::unique_ptr<TextSource>& source : text_owned_) {
            text_sources_.push_back(source.get());
        }
        text_ready_ = true;
    }
    return text_sources_;
}

std::unique_ptr<Topology> SnapshotView::topology() const {
    return make_topology(shared_from_this());
}

}  // namespace kausal::storage
