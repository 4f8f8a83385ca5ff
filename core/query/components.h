// Strongly connected components of a graph in arrays, by Tarjan's algorithm without recursion.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kausal::query {

/// A directed graph: the successors of node n are targets[first[n] .. first[n + 1]).
struct ArrayGraph {
    std::vector<size_t> first;  // node count + 1 entries
    std::vector<uint32_t> targets;

    [[nodiscard]] uint32_t node_count() const noexcept {
        return first.empty() ? 0 : static_cast<uint32_t>(first.size() - 1);
    }
    [[nodiscard]] std::span<const uint32_t> successors(uint32_t node) const noexcept {
        return {targets.data() + first[node], targets.data() + first[node + 1]};
    }
};

struct Components {
    std::vector<uint32_t> of_node;  // component per node
    uint32_t count = 0;             // numbered so that successors have smaller numbers
};

/// Time and memory linear in nodes and edges; no recursion.
[[nodiscard]] Components strong_components(const ArrayGraph& graph);

}  // namespace kausal::query
