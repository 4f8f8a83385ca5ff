// Goal: components are exactly the classes of mutual reachability, numbered against the edges.
// Method: a transitive closure by matrix on random graphs; a chain and a ring of a million nodes.
#include "query/components.h"

#include <gtest/gtest.h>

#include <random>

namespace kausal::query {
namespace {

ArrayGraph array_of(uint32_t nodes, const std::vector<std::pair<uint32_t, uint32_t>>& edges) {
    ArrayGraph graph;
    graph.first.assign(nodes + 1, 0);
    for (const auto& [from, to] : edges) ++graph.first[from + 1];
    for (uint32_t i = 0; i < nodes; ++i) graph.first[i + 1] += graph.first[i];
    std::vector<size_t> next(graph.first.begin(), graph.first.end() - 1);
    graph.targets.resize(edges.size());
    for (const auto& [from, to] : edges) graph.targets[next[from]++] = to;
    return graph;
}

TEST(Components, AgreeWithMutualReachability) {
    std::mt19937 random(11);
    uint32_t merged = 0;
    for (int round = 0; round < 200; ++round) {
        const uint32_t nodes = 1 + static_cast<uint32_t>(random() % 25);
        const uint32_t edge_count = static_cast<uint32_t>(random() % (nodes * 2));
        std::vector<std::pair<uint32_t, uint32_t>> edges;
        std::vector<std::vector<bool>> reach(nodes, std::vector<bool>(nodes, false));
        for (uint32_t i = 0; i < edge_count; ++i) {
            edges.emplace_back(random() % nodes, random() % nodes);
            reach[edges.back().first][edges.back().second] = true;
        }
        for (uint32_t k = 0; k < nodes; ++k) {
            for (uint32_t i = 0; i < nodes; ++i) {
                for (uint32_t j = 0; j < nodes; ++j) {
                    if (reach[i][k] && reach[k][j]) reach[i][j] = true;
                }
            }
        }
        const Components components = strong_components(array_of(nodes, edges));
        for (uint32_t i = 0; i < nodes; ++i) {
            for (uint32_t j = 0; j < nodes; ++j) {
                const bool expected = i == j || (reach[i][j] && reach[j][i]);
                ASSERT_EQ(components.of_node[i] == components.of_node[j], expected);
                if (i != j && expected) ++merged;
            }
        }
        for (const auto& [from, to] : edges) {
            ASSERT_GE(components.of_node[from], components.of_node[to]);
        }
    }
    EXPECT_GT(merged, 100u);
}

TEST(Components, AMillionNodesNeedNoRecursion) {
    constexpr uint32_t nodes = 1'000'000;
    std::vector<std::pair<uint32_t, uint32_t>> edges;
    for (uint32_t i = 0; i + 1 < nodes; ++i) edges.emplace_back(i, i + 1);
    EXPECT_EQ(strong_components(array_of(nodes, edges)).count, nodes);
    edges.emplace_back(nodes - 1, 0);
    EXPECT_EQ(strong_components(array_of(nodes, edges)).count, 1u);
}

TEST(Components, OfNothing) {
    EXPECT_EQ(strong_components({}).count, 0u);
    EXPECT_EQ(strong_components(array_of(1, {})).count, 1u);
}

}  // namespace
}  // namespace kausal::query
