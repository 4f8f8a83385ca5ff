// Tarjan's algorithm with an explicit stack; see components.h.
#include "query/components.h"

#include <algorithm>

namespace kausal::query {

namespace {
constexpr uint32_t kUnseen = 0;
constexpr uint32_t kNoComponent = 0xffffffff;

struct Frame {
    uint32_t node;
    size_t next;  // which successor is looked at next
};
}  // namespace

Components strong_components(const ArrayGraph& graph) {
    const uint32_t node_count = graph.node_count();
    Components components;
    components.of_node.assign(node_count, kNoComponent);
    std::vector<uint32_t> order(node_count, kUnseen);  // order of discovery, from 1
    std::vector<uint32_t> low(node_count, 0);
    std::vector<uint32_t> open;  // nodes of unfinished components
    std::vector<Frame> frames;
    uint32_t discovered = 0;
    const auto discover = [&](uint32_t node) {
        order[node] = low[node] = ++discovered;
        open.push_back(node);
        frames.push_back({.node = node, .next = graph.first[node]});
    };
    for (uint32_t root = 0; root < node_count; ++root) {
        if (order[root] != kUnseen) continue;
        discover(root);
        while (!frames.empty()) {
            Frame& frame = frames.back();
            const uint32_t node = frame.node;
            if (frame.next < graph.first[node + 1]) {
                const uint32_t successor = graph.targets[frame.next++];
                if (order[successor] == kUnseen) {
                    discover(successor);
                } else if (components.of_node[successor] == kNoComponent) {
                    low[node] = std::min(low[node], order[successor]);
                }
                continue;
            }
            frames.pop_back();
            if (!frames.empty()) {
                const uint32_t parent = frames.back().node;
                low[parent] = std::min(low[parent], low[node]);
            }
            if (low[node] != order[node]) continue;
            uint32_t member = kNoComponent;
            do {
                member = open.back();
                open.pop_back();
                components.of_node[member] = components.count;
            } while (member != node);
            ++components.count;
        }
    }
    return components;
}

}  // namespace kausal::query
