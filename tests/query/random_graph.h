// Random graphs for naive evaluators: nodes by number, edges as plain lists.
#pragma once

#include "graph/graph_builder.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kausal::test {

struct RandomGraph {
    uint32_t node_count = 0;
    std::set<std::pair<uint32_t, uint32_t>> facts;
    std::set<std::pair<uint32_t, uint32_t>> guesses;
    GraphBuilder builder;

    static std::string name(uint32_t node) { return "n" + std::to_string(node); }
    [[nodiscard]] static BlockId id(uint32_t node) { return id_of(name(node)); }

    RandomGraph(uint32_t seed, uint32_t nodes, uint32_t fact_count, uint32_t guess_count = 0)
        : node_count(nodes) {
        std::mt19937 random(seed);
        for (uint32_t i = 0; i < nodes; ++i) {
            format::BlockRecord record = builder.block(name(i));
            record.language = format::Language::Go;
            builder.add(record);
        }
        const auto pick = [&] { return static_cast<uint32_t>(random() % nodes); };
        for (uint32_t i = 0; i < fact_count; ++i) {
            const uint32_t from = pick();
            const uint32_t to = pick();
            facts.emplace(from, to);
            builder.edge(name(from), name(to), format::EdgeType::CallsFunction,
                         static_cast<uint32_t>(random() % 50));
        }
        for (uint32_t i = 0; i < guess_count; ++i) {
            const uint32_t from = pick();
            const uint32_t to = pick();
            guesses.emplace(from, to);
            builder.guess(name(from), name(to), 100, 51);
        }
    }

    /// Hops from a set of nodes, along or against the edges; -1 where there is no way.
    [[nodiscard]] std::vector<int> distances(const std::vector<uint32_t>& from, bool against,
                                             bool with_guesses = false) const {
        std::vector<std::vector<uint32_t>> next(node_count);
        const auto add = [&](const auto& edges) {
            for (const auto& [a, b] : edges)
                (against ? next[b] : next[a]).push_back(against ? a : b);
        };
        add(facts);
        if (with_guesses) add(guesses);
        std::vector<int> distance(node_count, -1);
        std::queue<uint32_t> queue;
        for (const uint32_t node : from) {
            distance[node] = 0;
            queue.push(node);
        }
        while (!queue.empty()) {
            const uint32_t node = queue.front();
            queue.pop();
            for (const uint32_t other : next[node]) {
                if (distance[other] >= 0) continue;
                distance[other] = distance[node] + 1;
                queue.push(other);
            }
        }
        return distance;
    }
};

/// Rungs of two blocks, each calling both of the next rung: 2^depth ways from top to bottom.
inline GraphBuilder ladder(uint32_t depth) {
    GraphBuilder graph;
    const auto name = [](uint32_t rung, char side) { return side + std::to_string(rung); };
    for (uint32_t rung = 0; rung <= depth; ++rung) {
        for (const char side : {'a', 'b'}) {
            format::BlockRecord record = graph.block(name(rung, side));
            record.language = format::Language::Go;
            graph.add(record);
        }
    }
    for (uint32_t rung = 0; rung < depth; ++rung) {
        for (const char from : {'a', 'b'}) {
            for (const char to : {'a', 'b'}) {
                graph.edge(name(rung, from), name(rung + 1, to));
            }
        }
    }
    return graph;
}

}  // namespace kausal::test
