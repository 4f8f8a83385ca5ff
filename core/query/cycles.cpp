// Cycles and orders at the grain of symbols, files or modules; see cycles.h.
#include "query/cycles.h"

#include "base/hash.h"
#include "query/components.h"
#include "query/dense_graph.h"

#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <unordered_map>
#include <utility>

namespace kausal::query {

using format::BlockKind;
using format::EdgeRecord;

namespace {

/// One dependency between grains with the blocks that first show it.
struct GrainArc {
    uint32_t from = 0;
    uint32_t to = 0;
    uint32_t witness_from = 0;  // nodes of the dense graph
    uint32_t witness_to = 0;
};

/// The graph at the grain asked for; its nodes are a subset of the dense graph's, in order of id.
class GrainGraph {
  public:
    GrainGraph(const GraphView& view, const OrderRequest& request)
        : view_(&view), request_(&request) {
        filter_.workspace = request.workspace;
        filter_.path_prefix = request.path_prefix;
    }

    /// False when the meter said stop.
    Result<bool> read(Meter& meter) {
        std::unordered_map<uint64_t, uint32_t> files;  // (workspace, uri) to node
        std::vector<uint64_t> file_keys;
        std::vector<BlockId> parents;
        std::vector<BlockKind> kinds;
        std::vector<bool> is_wanted;
        const bool is_complete = KAUSAL_TRY(dense_.read(
            *view_, request_->filter,
            [&](uint32_t node, const format::BlockRecord& head) {
                const uint64_t key = hash64(head.uri, head.workspace);
                if (head.kind == BlockKind::File) files.try_emplace(key, node);
                file_keys.push_back(head.uri.empty() ? 0 : key);
                parents.push_back(head.parent);
                kinds.push_back(head.kind);
                is_wanted.push_back(filter_.accepts(head));
            },
            meter));
        if (!is_complete) return false;
        grain_of_.assign(dense_.node_count(), kNoNode);
        for (uint32_t node = 0; node < dense_.node_count(); ++node) {
            if (!is_wanted[node]) continue;
            if (request_->grain == Grain::Symbol) {
                grain_of_[node] = node;
                continue;
            }
            if (request_->grain == Grain::Module) {
                grain_of_[node] = module_of(node, parents, kinds);
                if (grain_of_[node] != kNoNode) continue;
            }
            const auto file = files.find(file_keys[node]);
            if (file_keys[node] != 0 && file != files.end()) grain_of_[node] = file->second;
        }
        collect_arcs();
        return true;
    }

    [[nodiscard]] uint32_t node_count() const { return static_cast<uint32_t>(members_.size()); }
    [[nodiscard]] const BlockId& id_of(uint32_t node) const { return dense_.id_of(members_[node]); }
    [[nodiscard]] const std::vector<GrainArc>& arcs() const { return arcs_; }
    [[nodiscard]] bool has_self_loop(uint32_t node) const { return self_loops_[node]; }
    [[nodiscard]] const ArrayGraph& array() const { return array_; }

    /// The first edge, in key order, that makes `arc` true.
    [[nodiscard]] Result<std::optional<EdgeRecord>> witness(uint32_t from, uint32_t to) const {
        const auto at =
            std::lower_bound(arcs_.begin(), arcs_.end(), std::pair(from, to),
                             [](const GrainArc& arc, const std::pair<uint32_t, uint32_t>& wanted) {
                                 return std::pair(arc.from, arc.to) < wanted;
                             });
        if (at == arcs_.end() || at->from != from || at->to != to) return std::nullopt;
        std::vector<EdgeRecord> edges;
        KAUSAL_TRY(view_->edges(dense_.id_of(at->witness_from), storage::Direction::Out,
                                request_->filter, edges));
        for (const EdgeRecord& edge : edges) {
            if (edge.target == dense_.id_of(at->witness_to)) return edge;
        }
        return std::nullopt;
    }

  private:
    /// The nearest module above a block, itself included; kNoNode where there is none.
    [[nodiscard]] uint32_t module_of(uint32_t node, const std::vector<BlockId>& parents,
                                     const std::vector<BlockKind>& kinds) const {
        constexpr int levels_max = 64;
        for (int level = 0; level < levels_max && node != kNoNode; ++level) {
            if (kinds[node] == BlockKind::Module) return node;
            node = parents[node].is_valid() ? dense_.node_of(parents[node]) : kNoNode;
        }
        return kNoNode;
    }

    void collect_arcs() {
        std::vector<uint32_t> number(dense_.node_count(), kNoNode);
        for (const uint32_t grain : grain_of_) {
            if (grain != kNoNode) number[grain] = 0;
        }
        for (uint32_t node = 0; node < dense_.node_count(); ++node) {
            if (number[node] == kNoNode) continue;
            number[node] = node_count();
            members_.push_back(node);
        }
        self_loops_.assign(members_.size(), false);
        for (uint32_t node = 0; node < dense_.node_count(); ++node) {
            if (grain_of_[node] == kNoNode) continue;
            const uint32_t from = number[grain_of_[node]];
            for (const DenseArc& arc : dense_.out(node)) {
                if (grain_of_[arc.node] == kNoNode) continue;
                const uint32_t to = number[grain_of_[arc.node]];
                arcs_.push_back(
                    {.from = from, .to = to, .witness_from = node, .witness_to = arc.node});
                // Inside one file everything depends on everything; only symbols loop on
                // themselves.
                if (from == to && request_->grain == Grain::Symbol) self_loops_[from] = true;
            }
        }
        std::stable_sort(arcs_.begin(), arcs_.end(), [](const GrainArc& a, const GrainArc& b) {
            return std::pair(a.from, a.to) < std::pair(b.from, b.to);
        });
        arcs_.erase(std::unique(arcs_.begin(), arcs_.end(),
                                [](const GrainArc& a, const GrainArc& b) {
                                    return a.from == b.from && a.to == b.to;
                                }),
                    arcs_.end());
        array_.first.assign(members_.size() + 1, 0);
        for (const GrainArc& arc : arcs_) ++array_.first[arc.from + 1];
        for (size_t i = 1; i < array_.first.size(); ++i) array_.first[i] += array_.first[i - 1];
        for (const GrainArc& arc : arcs_) array_.targets.push_back(arc.to);
    }

    const GraphView* view_;
    const OrderRequest* request_;
    graph::BlockFilter filter_;
    DenseGraph dense_;
    std::vector<uint32_t> grain_of_;  // per dense node
    std::vector<uint32_t> members_;   // dense nodes that are grains
    std::vector<GrainArc> arcs_;      // by (from, to), without repeats
    std::vector<bool> self_loops_;
    ArrayGraph array_;
};

/// A shortest closed walk through `start` that stays in its component and, where that has other
/// members, visits one; the nodes in order, without the return to the start.
std::vector<uint32_t> closed_walk(const ArrayGraph& graph, const Components& components,
                                  uint32_t start, bool is_alone) {
    std::unordered_map<uint32_t, uint32_t> parent;
    std::deque<uint32_t> queue{start};
    while (!queue.empty()) {
        const uint32_t node = queue.front();
        queue.pop_front();
        for (const uint32_t successor : graph.successors(node)) {
            if (components.of_node[successor] != components.of_node[start]) continue;
            if (successor == start && node == start && !is_alone) continue;
            if (successor == start) {
                std::vector<uint32_t> walk;
                for (uint32_t at = node; at != start; at = parent.at(at)) walk.push_back(at);
                walk.push_back(start);
                std::reverse(walk.begin(), walk.end());
                return walk;
            }
            if (parent.try_emplace(successor, node).second) queue.push_back(successor);
        }
    }
    return {};
}

std::vector<std::vector<uint32_t>> members_of(const Components& components) {
    std::vector<std::vector<uint32_t>> members(components.count);
    for (uint32_t node = 0; node < components.of_node.size(); ++node) {
        members[components.of_node[node]].push_back(node);
    }
    return members;
}

Result<CycleRow> cycle_row(const GraphView& view, const GrainGraph& graph,
                           const Components& components, const std::vector<uint32_t>& members,
                           Meter& meter) {
    CycleRow row;
    for (const uint32_t node : members) {
        if (!meter.has_room(row.blocks.size())) break;
        std::optional<BlockRow> block = KAUSAL_TRY(view.row(graph.id_of(node)));
        if (block) row.blocks.push_back(std::move(*block));
    }
    const uint32_t component = components.of_node[members.front()];
    for (const uint32_t node : members) {
        for (const uint32_t successor : graph.array().successors(node)) {
            if (components.of_node[successor] == component) ++row.edges_inside;
        }
    }
    const std::vector<uint32_t> walk =
        closed_walk(graph.array(), components, members.front(), members.size() == 1);
    for (size_t i = 0; i < walk.size(); ++i) {
        std::optional<EdgeRecord> edge =
            KAUSAL_TRY(graph.witness(walk[i], walk[(i + 1) % walk.size()]));
        if (edge) row.edges.push_back(*edge);
    }
    return row;
}

/// Components in an order in which dependencies come first; ties by the smallest id.
std::vector<uint32_t> component_order(const ArrayGraph& graph, const Components& components,
                                      const std::vector<std::vector<uint32_t>>& members) {
    std::vector<uint32_t> open_dependencies(components.count, 0);
    std::vector<std::vector<uint32_t>> dependents(components.count);
    for (uint32_t node = 0; node < graph.node_count(); ++node) {
        const uint32_t from = components.of_node[node];
        for (const uint32_t successor : graph.successors(node)) {
            const uint32_t to = components.of_node[successor];
            if (from == to) continue;
            ++open_dependencies[from];
            dependents[to].push_back(from);
        }
    }
    // Nodes are numbered by id, so the first member stands for the component's smallest id.
    using Entry = std::pair<uint32_t, uint32_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
    for (uint32_t component = 0; component < components.count; ++component) {
        if (open_dependencies[component] == 0) ready.emplace(members[component].front(), component);
    }
    std::vector<uint32_t> order;
    while (!ready.empty()) {
        const uint32_t component = ready.top().second;
        ready.pop();
        order.push_back(component);
        for (const uint32_t dependent : dependents[component]) {
            if (--open_dependencies[dependent] == 0) {
                ready.emplace(members[dependent].front(), dependent);
            }
        }
    }
    return order;
}

}  // namespace

Result<CyclesAnswer> find_cycles(const GraphView& view, const OrderRequest& request,
                                 const Budget& budget) {
    Meter meter(budget);
    GrainGraph graph(view, request);
    CyclesAnswer answer;
    const bool is_complete = KAUSAL_TRY(graph.read(meter));
    KAUSAL_TRY(meter.status());
    if (is_complete) {
        const Components components = strong_components(graph.array());
        std::vector<std::vector<uint32_t>> cyclic = members_of(components);
        std::erase_if(cyclic, [&](const std::vector<uint32_t>& members) {
            if (members.size() > 1) return false;
            return !request.with_self_loops || !graph.has_self_loop(members.front());
        });
        std::sort(cyclic.begin(), cyclic.end(), [](const auto& left, const auto& right) {
            if (left.size() != right.size()) return left.size() > right.size();
            return left.front() < right.front();
        });
        for (const std::vector<uint32_t>& members : cyclic) {
            if (!meter.has_room(answer.rows.size()) || !meter.keep_going()) break;
            answer.rows.push_back(KAUSAL_TRY(cycle_row(view, graph, components, members, meter)));
        }
        KAUSAL_TRY(meter.status());
    }
    answer.unknown = KAUSAL_TRY(unknown_files(view, request.workspace));
    answer.truncation = meter.truncation();
    return answer;
}

Result<OrderAnswer> topological_order(const GraphView& view, const OrderRequest& request,
                                      const Budget& budget) {
    Meter meter(budget);
    GrainGraph graph(view, request);
    OrderAnswer answer;
    const bool is_complete = KAUSAL_TRY(graph.read(meter));
    KAUSAL_TRY(meter.status());
    if (!is_complete) {
        answer.truncation = meter.truncation();
        return answer;
    }
    const Components components = strong_components(graph.array());
    const std::vector<std::vector<uint32_t>> members = members_of(components);
    uint32_t number = 0;
    for (const uint32_t component : component_order(graph.array(), components, members)) {
        for (const uint32_t node : members[component]) {
            if (!meter.has_room(answer.rows.size())) break;
            std::optional<BlockRow> row = KAUSAL_TRY(view.row(graph.id_of(node)));
            if (row) answer.rows.push_back({.block = std::move(*row), .component = number});
        }
        ++number;
    }
    for (const GrainArc& arc : graph.arcs()) {
        // Inside a component rows go by id; an edge to a later row runs against the order.
        if (components.of_node[arc.from] != components.of_node[arc.to] || arc.from >= arc.to) {
            continue;
        }
        if (!meter.has_room(answer.back_edges.size())) break;
        std::optional<EdgeRecord> edge = KAUSAL_TRY(graph.witness(arc.from, arc.to));
        if (edge) answer.back_edges.push_back(*edge);
    }
    std::sort(answer.back_edges.begin(), answer.back_edges.end(),
              [](const EdgeRecord& left, const EdgeRecord& right) {
                  return format::key_of(left) < format::key_of(right);
              });
    answer.truncation = meter.truncation();
    return answer;
}

}  // namespace kausal::query
