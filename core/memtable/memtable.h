// The newest writes, in memory: blocks by id with their versions, edges by node in both directions.
//
// Stands between the log and the segments: what a commit has logged is applied here and read from
// here until a flush has written it to a segment. One writer applies batches in order of their
// sequence numbers; readers take no lock and bring the sequence number up to which they may see.
// Everything lives in one reference-counted arena, with a lane for each of the three that write:
// the writer, the lookups and the text index. It is freed in one go when the memtable and the last
// reader that pinned it are gone. What lookups and text search need (names, URIs, keys, terms) is
// not built by the writer but by the first reader that asks: see lookup_index.h.
#pragma once

#include "base/block_id.h"
#include "base/mutex.h"
#include "base/status.h"
#include "format/edge_record.h"
#include "format/write_batch.h"
#include "memory/arena_coordinator.h"
#include "memtable/chunked_array.h"
#include "memtable/pointer_index.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace kausal::memtable {

class LookupIndex;
class TextIndex;
struct NodeEntry;

/// One put or delete of a block. Immutable once published.
struct BlockVersion {
    uint64_t sequence = 0;
    const BlockVersion* older = nullptr;
    const NodeEntry* node = nullptr;
    const char* payload = nullptr;  // head, then body
    uint32_t head_size = 0;
    uint32_t body_size = 0;
    bool is_tombstone = false;

    [[nodiscard]] std::string_view head() const noexcept { return {payload, head_size}; }
    [[nodiscard]] std::string_view body() const noexcept {
        return {payload + head_size, body_size};
    }
};

/// One put or delete of an edge, member of two lists. Immutable once published.
struct EdgeCell {
    uint64_t sequence = 0;
    const EdgeCell* older_out = nullptr;
    const EdgeCell* older_in = nullptr;
    uint32_t ordinal = 0;  // order of application within the memtable
    bool is_tombstone = false;
    format::EdgeRecord edge;
};

enum class EdgeSide : uint8_t { Out, In };

/// All that is known of one id.
struct NodeEntry {
    explicit NodeEntry(const BlockId& its_id) noexcept : id(its_id) {}
    const BlockId id;
    std::atomic<const BlockVersion*> newest{nullptr};
    std::atomic<const EdgeCell*> newest_out{nullptr};
    std::atomic<const EdgeCell*> newest_in{nullptr};

    [[nodiscard]] const EdgeCell* newest_edge(EdgeSide side) const noexcept {
        return (side == EdgeSide::Out ? newest_out : newest_in).load(std::memory_order_acquire);
    }
    /// The version that a reader at `visible` sees; null when there is none, which says nothing
    /// about older sources.
    [[nodiscard]] const BlockVersion* version_at(uint64_t visible) const noexcept {
        const BlockVersion* version = newest.load(std::memory_order_acquire);
        while (version != nullptr && version->sequence > visible) version = version->older;
        return version;
    }
    /// Whether any edge put or delete of this side is visible.
    [[nodiscard]] bool has_edges(EdgeSide side, uint64_t visible) const noexcept {
        const EdgeCell* cell = newest_edge(side);
        while (cell != nullptr && cell->sequence > visible) {
            cell = side == EdgeSide::Out ? cell->older_out : cell->older_in;
        }
        return cell != nullptr;
    }
};

/// Threads: `apply` confined to the write path, the rest shared. Always held by shared_ptr: the
/// owners are the versions of the database and, through them, the snapshots.
class Memtable {
  public:
    Memtable();
    ~Memtable();
    Memtable(const Memtable&) = delete;
    Memtable& operator=(const Memtable&) = delete;

    /// Applies all operations of the encoded batch under `sequence`, which must exceed every
    /// earlier one. Readers below `sequence` do not see any of it. Errors: Corrupt (nothing
    /// applied).
    [[nodiscard]] Status apply(std::string_view batch, uint64_t sequence);

    /// Null when neither the block nor an edge of `id` was ever written here.
    [[nodiscard]] const NodeEntry* find(const BlockId& id) const noexcept;
    [[nodiscard]] const BlockVersion* find_block(const BlockId& id,
                                                 uint64_t visible) const noexcept {
        const NodeEntry* node = find(id);
        return node == nullptr ? nullptr : node->version_at(visible);
    }

    /// The newest visible cell of every edge of the node, tombstones included, ordered by (type,
    /// other id, site offset). Replaces what `into` held.
    static void collect_edges(const NodeEntry& node, EdgeSide side, uint64_t visible,
                              std::vector<const EdgeCell*>& into);

    /// All nodes in order of id, those added after the call began perhaps missing. The vector stays
    /// as it is; a later call may give a longer one. It pins what it points at.
    using SortedNodes = std::shared_ptr<const std::vector<const NodeEntry*>>;
    [[nodiscard]] SortedNodes sorted_nodes() const;

    /// Names, URIs and keys, complete up to `visible`. Errors: Corrupt (a head that does not
    /// decode).
    [[nodiscard]] Result<LookupIndex*> lookups(uint64_t visible) const;
    /// Terms, complete up to `visible`. Errors: Corrupt.
    [[nodiscard]] Result<const TextIndex*> text(uint64_t visible) const;

    [[nodiscard]] bool is_empty() const noexcept { return last_sequence() == 0; }
    /// Sequence numbers of the first and the last batch applied; 0 when empty.
    [[nodiscard]] uint64_t first_sequence() const noexcept {
        return first_sequence_.load(std::memory_order_acquire);
    }
    [[nodiscard]] uint64_t last_sequence() const noexcept {
        return last_sequence_.load(std::memory_order_acquire);
    }
    /// Bytes the writes have taken so far: what decides about a flush.
    [[nodiscard]] size_t size_bytes() const noexcept {
        return size_bytes_.load(std::memory_order_relaxed);
    }
    /// Bytes held from the system, the readers' indexes included.
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return memory_.coordinator().bytes_reserved();
    }
    /// What its arena has counted. Lives as long as the memtable or a pin.
    [[nodiscard]] const memory::MemorySource& memory_source() const noexcept {
        return memory_.coordinator();
    }
    /// Keeps nodes, versions, edges and payloads found here valid, also beyond the memtable.
    [[nodiscard]] memory::ArenaPin pin() const noexcept { return memory_.pin(); }
    /// Puts and deletes so far, superseded ones included; `version_at` gives them in order of
    /// application.
    [[nodiscard]] uint32_t block_operations() const noexcept { return versions_.size(); }
    [[nodiscard]] const BlockVersion& version_at(uint32_t position) const noexcept {
        return *versions_.at(position);
    }
    /// Ids met so far, in order of appearance.
    [[nodiscard]] uint32_t node_count() const noexcept { return nodes_.size(); }
    [[nodiscard]] const NodeEntry& node_at(uint32_t position) const noexcept {
        return *nodes_.at(position);
    }
    [[nodiscard]] uint32_t edge_operations() const noexcept {
        return edge_operations_.load(std::memory_order_relaxed);
    }

  private:
    friend class LookupIndex;
    friend class TextIndex;

    NodeEntry& node_of(const BlockId& id);
    void apply_block(const format::Operation& operation, uint64_t sequence);
    void apply_edge(const format::Operation& operation, uint64_t sequence);

    static constexpr size_t kWriterLane = 0;
    static constexpr size_t kLookupLane = 1;
    static constexpr size_t kTextLane = 2;

    memory::SubsystemArena memory_ = memory::SubsystemArena::create("memtable", 3);
    memory::Arena& arena_ = memory_.lane(kWriterLane);
    ChunkedArray<NodeEntry*> nodes_;  // in order of appearance
    PointerIndex<NodeEntry> nodes_by_id_;
    ChunkedArray<const BlockVersion*> versions_;  // in order of application
    std::atomic<uint64_t> first_sequence_{0};
    std::atomic<uint64_t> last_sequence_{0};
    std::atomic<size_t> size_bytes_{0};
    std::atomic<uint32_t> edge_operations_{0};

    mutable Mutex sorted_mutex_;
    mutable SortedNodes sorted_ KAUSAL_GUARDED_BY(sorted_mutex_);
    std::unique_ptr<LookupIndex> lookups_;
    std::unique_ptr<TextIndex> text_;
};

}  // namespace kausal::memtable
