// Traversal by dense node numbers: the largest segment's arrays with the other sources laid over
// them.
//
// A node below the base segment's id count is an ordinal there, so that a hop in a database of one
// segment reads three arrays and looks nothing up. Ids that only other sources know get numbers
// from the count on, when they are first seen. Other sources are asked per node whether they know
// it; only when one does are the edges merged by key, the newest source winning.
#include "storage/snapshot_view.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace kausal::storage {
namespace {

/// Edges of one node seen from several sources; `other` decides the order, `node` names it.
struct Candidate {
    BlockId other;
    size_t rank = 0;
    bool is_tombstone = false;
    Topology::Neighbour neighbour;

    [[nodiscard]] auto order() const noexcept {
        return std::tuple(neighbour.type, other, neighbour.site_offset);
    }
};

Topology::Neighbour to_neighbour(const segment::SegmentEdge& edge) noexcept {
    return {.node = edge.other,
            .type = segment::edge_meta_type(edge.meta),
            .certainty = segment::edge_meta_certainty(edge.meta),
            .provenance = segment::edge_meta_provenance(edge.meta),
            .confidence = segment::edge_meta_confidence(edge.meta),
            .site_offset = edge.site.offset,
            .site_line = edge.site.line};
}

Topology::Neighbour to_neighbour(const format::EdgeRecord& edge) noexcept {
    return {.node = 0,
            .type = edge.type,
            .certainty = edge.certainty,
            .provenance = edge.provenance,
            .confidence = edge.confidence,
            .site_offset = edge.site_offset,
            .site_line = edge.site_line};
}

class TopologyView final : public Topology {
  public:
    explicit TopologyView(std::shared_ptr<const SnapshotView> snapshot)
        : snapshot_(std::move(snapshot)) {
        const Version& version = snapshot_->version();
        for (const SegmentFileRef& file : version.segments) {
            const segment::SegmentReader& reader = file->reader();
            if (base_ == nullptr || reader.id_count() > base_->id_count()) base_ = &reader;
        }
        base_count_ = base_ == nullptr ? 0 : base_->id_count();
        size_t rank = 0;
        for (const MemtableRef& memtable : version.memtables) {
            if (memtable->edge_operations() != 0) {
                overlays_.push_back({.rank = rank, .memtable = memtable.get()});
            }
            ++rank;
        }
        for (const SegmentFileRef& file : version.segments) {
            if (&file->reader() == base_) {
                base_rank_ = rank;
            } else if (file->reader().edge_count() != 0) {
                overlays_.push_back({.rank = rank, .reader = &file->reader()});
            }
            ++rank;
        }
    }

    [[nodiscard]] Result<uint32_t> node_of(const BlockId& id) override {
        return snapshot_->core().noted(number_of(id));
    }

    [[nodiscard]] BlockId id_of(uint32_t node) const override {
        if (node >= base_count_) {
            const size_t extra = node - base_count_;
            return extra < extra_ids_.size() ? extra_ids_[extra] : BlockId{};
        }
        return snapshot_->core().noted(base_->id(node)).value_or(BlockId{});
    }

    [[nodiscard]] uint32_t node_limit() const override {
        return base_count_ + static_cast<uint32_t>(extra_ids_.size());
    }

    [[nodiscard]] Status neighbours(uint32_t node, Direction direction,
                                    std::vector<Neighbour>& into) override {
        into.clear();
        return snapshot_->core().noted(gather(node, direction, into));
    }

  private:
    struct Overlay {
        size_t rank = 0;
        const memtable::Memtable* memtable = nullptr;
        const segment::SegmentReader* reader = nullptr;
    };

    [[nodiscard]] Result<uint32_t> number_of(const BlockId& id) {
        if (base_ != nullptr) {
            const std::optional<uint32_t> ordinal = KAUSAL_TRY(base_->find(id));
            if (ordinal) return *ordinal;
        }
        const auto [at, is_new] = extra_numbers_.try_emplace(id, node_limit());
        if (is_new) extra_ids_.push_back(id);
        return at->second;
    }

    [[nodiscard]] Status gather(uint32_t node, Direction direction, std::vector<Neighbour>& into) {
        if (node >= node_limit()) {
            return {ErrorCode::Invalid, "node " + std::to_string(node) + " of a topology of " +
                                            std::to_string(node_limit())};
        }
        if (!overlays_.empty()) {
            candidates_.clear();
            KAUSAL_TRY(collect_overlays(node, direction));
            if (!candidates_.empty()) return merge(node, direction, into);
        }
        if (node >= base_count_) return Status::ok();
        edges_.clear();
        KAUSAL_TRY(base_->edges(node, segment_direction(direction), edges_));
        into.reserve(edges_.size());
        for (const segment::SegmentEdge& edge : edges_) {
            if (!segment::edge_meta_is_tombstone(edge.meta)) into.push_back(to_neighbour(edge));
        }
        return Status::ok();
    }

    [[nodiscard]] Status collect_overlays(uint32_t node, Direction direction) {
        const BlockId id =
            node >= base_count_ ? extra_ids_[node - base_count_] : KAUSAL_TRY(base_->id(node));
        for (const Overlay& overlay : overlays_) {
            if (overlay.memtable != nullptr) {
                const memtable::NodeEntry* entry = overlay.memtable->find(id);
                if (entry == nullptr) continue;
                memtable::Memtable::collect_edges(*entry, edge_side(direction),
                                                  snapshot_->sequence(), cells_);
                for (const memtable::EdgeCell* cell : cells_) {
                    candidates_.push_back({.other = direction == Direction::Out ? cell->edge.target
                                                                                : cell->edge.source,
                                           .rank = overlay.rank,
                                           .is_tombstone = cell->is_tombstone,
                                           .neighbour = to_neighbour(cell->edge)});
                }
                continue;
            }
            const std::optional<uint32_t> ordinal = KAUSAL_TRY(overlay.reader->find(id));
            if (!ordinal) continue;
            KAUSAL_TRY(collect_segment(*overlay.reader, overlay.rank, *ordinal, direction));
        }
        return Status::ok();
    }

    [[nodiscard]] Status collect_segment(const segment::SegmentReader& reader, size_t rank,
                                         uint32_t ordinal, Direction direction) {
        edges_.clear();
        KAUSAL_TRY(reader.edges(ordinal, segment_direction(direction), edges_));
        for (const segment::SegmentEdge& edge : edges_) {
            candidates_.push_back({.other = KAUSAL_TRY(reader.id(edge.other)),
                                   .rank = rank,
                                   .is_tombstone = segment::edge_meta_is_tombstone(edge.meta),
                                   .neighbour = to_neighbour(edge)});
        }
        return Status::ok();
    }

    [[nodiscard]] Status merge(uint32_t node, Direction direction, std::vector<Neighbour>& into) {
        if (node < base_count_) KAUSAL_TRY(collect_segment(*base_, base_rank_, node, direction));
        std::sort(candidates_.begin(), candidates_.end(),
                  [](const Candidate& left, const Candidate& right) {
                      const auto left_order = left.order();
                      const auto right_order = right.order();
                      return left_order != right_order ? left_order < right_order
                                                       : left.rank < right.rank;
                  });
        const Candidate* previous = nullptr;
        for (Candidate& candidate : candidates_) {
            const bool is_first = previous == nullptr || previous->order() != candidate.order();
            previous = &candidate;
            if (!is_first || candidate.is_tombstone) continue;
            if (candidate.rank != base_rank_ || base_ == nullptr) {
                candidate.neighbour.node = KAUSAL_TRY(number_of(candidate.other));
            }
            into.push_back(candidate.neighbour);
        }
        return Status::ok();
    }

    std::shared_ptr<const SnapshotView> snapshot_;  // owners: this and the caller
    const segment::SegmentReader* base_ = nullptr;
    size_t base_rank_ = 0;
    uint32_t base_count_ = 0;
    std::vector<Overlay> overlays_;
    std::unordered_map<BlockId, uint32_t, BlockIdHash> extra_numbers_;
    std::vector<BlockId> extra_ids_;
    std::vector<segment::SegmentEdge> edges_;
    std::vector<const memtable::EdgeCell*> cells_;
    std::vector<Candidate> candidates_;
};

}  // namespace

std::unique_ptr<Topology> make_topology(std::shared_ptr<const SnapshotView> snapshot) {
    return std::make_unique<TopologyView>(std::move(snapshot));
}

}  // namespace kausal::storage
