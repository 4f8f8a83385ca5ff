// Traversals by node number: topology, visited marks without per-query clearing, and the faces of a
// symbol.
//
// Node numbers come from storage::Topology and mean nothing outside one traversal; every order that
// an answer shows is by id. A declaration and its definitions are faces of one symbol: edges of one
// are edges of the other.
#pragma once

#include "base/status.h"
#include "graph/edge_filter.h"
#include "query/answer.h"
#include "storage/snapshot.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace kausal::query {

/// A number per node, 0 where none was set. Pages are made on first touch, so that a small
/// traversal of a large graph stays small and a large one is still an array access. Threads:
/// confined.
class NodeNumbers {
  public:
    [[nodiscard]] uint32_t get(uint32_t node) const noexcept {
        const size_t page = node / kPageSize;
        if (page >= pages_.size() || pages_[page] == nullptr) return 0;
        return (*pages_[page])[node % kPageSize];
    }
    void set(uint32_t node, uint32_t value) {
        const size_t page = node / kPageSize;
        if (page >= pages_.size()) pages_.resize(page + 1);
        if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
        (*pages_[page])[node % kPageSize] = value;
    }

  private:
    static constexpr size_t kPageSize = 4096;
    using Page = std::array<uint32_t, kPageSize>;
    std::vector<std::unique_ptr<Page>> pages_;
};

/// One edge met in a traversal: where it leads, and itself.
struct Arc {
    uint32_t node = 0;
    format::EdgeRecord edge;
};

/// Threads: confined.
class SymbolGraph {
  public:
    explicit SymbolGraph(const GraphView& view)
        : view_(&view), topology_(view.snapshot().topology()) {}

    [[nodiscard]] Result<uint32_t> node_of(const BlockId& id) { return topology_->node_of(id); }
    [[nodiscard]] BlockId id_of(uint32_t node) const { return topology_->id_of(node); }
    /// Appends the accepted edges of one node, in order of (type, other id, site).
    [[nodiscard]] Status arcs(uint32_t node, storage::Direction direction,
                              const graph::EdgeFilter& filter, std::vector<Arc>& into);

    /// What a traversal must know of a node before it expands it.
    struct Symbol {
        bool is_shown = false;  // exists and is not hidden
        format::BlockKind kind = format::BlockKind::Invalid;
        std::vector<uint32_t> faces;  // the node first, then its twins by id
    };
    [[nodiscard]] Result<Symbol> symbol_of(uint32_t node);
    /// Replaces `into` with what overrides a method (In) or what it overrides (Out), transitively;
    /// declarations and definitions count as one on the way. With Out the twins of what is found
    /// are listed too, because a call may name any of them. Nothing for what is no method.
    [[nodiscard]] Status hierarchy_of(uint32_t node, storage::Direction direction,
                                      std::vector<uint32_t>& into);

    [[nodiscard]] const GraphView& view() const noexcept { return *view_; }

  private:
    const GraphView* view_;
    std::unique_ptr<storage::Topology> topology_;
    std::vector<storage::Topology::Neighbour> neighbours_;
};

}  // namespace kausal::query
