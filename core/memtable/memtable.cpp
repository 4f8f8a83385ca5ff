// The write path of the memtable and the reads that need no index of their own; see memtable.h.
#include "memtable/memtable.h"

#include "base/assert.h"
#include "memtable/lookup_index.h"
#include "memtable/text_index.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace kausal::memtable {
namespace {

// Ids are uniform when the graph room makes them, but a user may bring his own, so both halves are
// mixed before the upper bits choose a slot.
uint64_t hash_of(const BlockId& id) noexcept {
    return hash_mix(id.high, id.low);
}

// The pin goes last.
struct PinnedNodes {
    explicit PinnedNodes(memory::ArenaPin its_pin) noexcept : pin(std::move(its_pin)) {}
    memory::ArenaPin pin;
    std::vector<const NodeEntry*> nodes;
};

// The order of edges seen from one end.
auto order_of(const EdgeCell& cell, EdgeSide side) noexcept {
    const BlockId& other = side == EdgeSide::Out ? cell.edge.target : cell.edge.source;
    return std::tuple(cell.edge.type, other, cell.edge.site_offset);
}

}  // namespace

Memtable::Memtable()
    : nodes_(arena_),
      nodes_by_id_(arena_),
      versions_(arena_),
      lookups_(std::make_unique<LookupIndex>(memory_, kLookupLane)),
      text_(std::make_unique<TextIndex>(memory_, kTextLane)) {
    for (const size_t lane : {kWriterLane, kLookupLane, kTextLane}) memory_.publish(lane);
}

Memtable::~Memtable() = default;

Status Memtable::apply(std::string_view batch, uint64_t sequence) {
    KAUSAL_ASSERT(sequence > last_sequence_.load(std::memory_order_relaxed));
    // Walked once before anything changes, so that a bad batch leaves nothing behind.
    format::Operation operation;
    format::BatchReader checker(batch);
    while (KAUSAL_TRY(checker.next(operation))) {
    }
    format::BatchReader reader(batch);
    while (KAUSAL_TRY(reader.next(operation))) {
        switch (operation.kind) {
            case format::OperationKind::PutBlock:
            case format::OperationKind::DeleteBlock:
                apply_block(operation, sequence);
                break;
            case format::OperationKind::PutEdge:
            case format::OperationKind::DeleteEdge:
                apply_edge(operation, sequence);
                break;
        }
    }
    if (first_sequence_.load(std::memory_order_relaxed) == 0) {
        first_sequence_.store(sequence, std::memory_order_release);
    }
    last_sequence_.store(sequence, std::memory_order_release);
    size_bytes_.store(arena_.bytes_requested(), std::memory_order_relaxed);
    memory_.publish(kWriterLane);
    return Status::ok();
}

// A new entry lies in front of what is written for it next, so that finding a block touches
// neighbouring cache lines.
NodeEntry& Memtable::node_of(const BlockId& id) {
    const uint64_t hash = hash_of(id);
    NodeEntry* node = nodes_by_id_.find(hash, [&](const NodeEntry& at) { return at.id == id; });
    if (node == nullptr) {
        node = arena_.make<NodeEntry>(id);
        nodes_.push(node);
        nodes_by_id_.insert(hash, node);
    }
    return *node;
}

void Memtable::apply_block(const format::Operation& operation, uint64_t sequence) {
    NodeEntry& node = node_of(operation.id);
    auto* version = arena_.make<BlockVersion>();
    version->sequence = sequence;
    version->older = node.newest.load(std::memory_order_relaxed);
    version->node = &node;
    version->is_tombstone = operation.kind == format::OperationKind::DeleteBlock;
    if (!version->is_tombstone) {
        const size_t size = operation.head.size() + operation.body.size();
        char* payload = static_cast<char*>(arena_.allocate(size, 1));
        std::memcpy(payload, operation.head.data(), operation.head.size());
        if (!operation.body.empty()) {
            std::memcpy(payload + operation.head.size(), operation.body.data(),
                        operation.body.size());
        }
        version->payload = payload;
        version->head_size = static_cast<uint32_t>(operation.head.size());
        version->body_size = static_cast<uint32_t>(operation.body.size());
    }
    versions_.push(version);
    node.newest.store(version, std::memory_order_release);
}

void Memtable::apply_edge(const format::Operation& operation, uint64_t sequence) {
    NodeEntry& source = node_of(operation.edge.source);
    NodeEntry& target = node_of(operation.edge.target);
    auto* cell = arena_.make<EdgeCell>();
    cell->sequence = sequence;
    cell->older_out = source.newest_out.load(std::memory_order_relaxed);
    cell->older_in = target.newest_in.load(std::memory_order_relaxed);
    cell->ordinal = edge_operations_.load(std::memory_order_relaxed);
    cell->is_tombstone = operation.kind == format::OperationKind::DeleteEdge;
    cell->edge = operation.edge;
    edge_operations_.store(cell->ordinal + 1, std::memory_order_relaxed);
    source.newest_out.store(cell, std::memory_order_release);
    target.newest_in.store(cell, std::memory_order_release);
}

const NodeEntry* Memtable::find(const BlockId& id) const noexcept {
    return nodes_by_id_.find(hash_of(id), [&](const NodeEntry& at) { return at.id == id; });
}

void Memtable::collect_edges(const NodeEntry& node, EdgeSide side, uint64_t visible,
                             std::vector<const EdgeCell*>& into) {
    into.clear();
    for (const EdgeCell* cell = node.newest_edge(side); cell != nullptr;
         cell = side == EdgeSide::Out ? cell->older_out : cell->older_in) {
        if (cell->sequence <= visible) into.push_back(cell);
    }
    std::sort(into.begin(), into.end(), [side](const EdgeCell* left, const EdgeCell* right) {
        const auto left_order = order_of(*left, side);
        const auto right_order = order_of(*right, side);
        if (left_order != right_order) return left_order < right_order;
        return left->ordinal > right->ordinal;  // the newest first
    });
    const auto same_edge = [side](const EdgeCell* left, const EdgeCell* right) {
        return order_of(*left, side) == order_of(*right, side);
    };
    into.erase(std::unique(into.begin(), into.end(), same_edge), into.end());
}

Memtable::SortedNodes Memtable::sorted_nodes() const {
    MutexLock lock(sorted_mutex_);
    const uint32_t count = nodes_.size();
    const size_t known = sorted_ == nullptr ? 0 : sorted_->size();
    if (sorted_ != nullptr && known == count) return sorted_;
    const auto by_id = [](const NodeEntry* left, const NodeEntry* right) {
        return left->id < right->id;
    };
    std::vector<const NodeEntry*> fresh;
    fresh.reserve(count - known);
    for (auto position = static_cast<uint32_t>(known); position < count; ++position) {
        fresh.push_back(nodes_.at(position));
    }
    std::sort(fresh.begin(), fresh.end(), by_id);
    auto sorted = std::make_shared<PinnedNodes>(pin());
    if (sorted_ == nullptr) {
        sorted->nodes = std::move(fresh);
    } else {
        sorted->nodes.resize(count);
        std::merge(sorted_->begin(), sorted_->end(), fresh.begin(), fresh.end(),
                   sorted->nodes.begin(), by_id);
    }
    sorted_ = SortedNodes(sorted, &sorted->nodes);
    return sorted_;
}

Result<LookupIndex*> Memtable::lookups(uint64_t visible) const {
    KAUSAL_TRY(lookups_->catch_up(*this, visible));
    return lookups_.get();
}

Result<const TextIndex*> Memtable::text(uint64_t visible) const {
    KAUSAL_TRY(text_->catch_up(*this, visible));
    return text_.get();
}

}  // namespace kausal::memtable
