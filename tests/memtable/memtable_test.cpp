// Goal: every read at a sequence number sees exactly the puts and deletes up to it, for blocks and
// for edges from both ends. Method: fixed cases, then random batches against a model that keeps all
// states.
#include "memtable/memtable.h"

#include "memtable/block_samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace kausal::memtable {
namespace {

using testing::edge_of;
using testing::id_of;
using testing::record_of;
using testing::Sample;

std::string content_of(const BlockVersion& version) {
    format::BlockRecord record;
    EXPECT_TRUE(format::decode_body(version.body(), record).is_ok());
    return std::string(record.content);
}

void put(format::WriteBatch& batch, const Sample& sample) {
    ASSERT_TRUE(batch.put_block(record_of(sample)).is_ok());
}

TEST(Memtable, ReadersSeeTheNewestVersionUpToTheirSequence) {
    Memtable memtable;
    format::WriteBatch batch;
    put(batch, {1, "f", "a.c", "one"});
    ASSERT_TRUE(memtable.apply(batch.bytes(), 5).is_ok());
    batch.clear();
    put(batch, {1, "f", "a.c", "two"});
    ASSERT_TRUE(memtable.apply(batch.bytes(), 7).is_ok());
    batch.clear();
    ASSERT_TRUE(batch.delete_block(id_of(1)).is_ok());
    ASSERT_TRUE(memtable.apply(batch.bytes(), 9).is_ok());

    EXPECT_EQ(memtable.find_block(id_of(1), 4), nullptr);
    ASSERT_NE(memtable.find_block(id_of(1), 5), nullptr);
    EXPECT_EQ(content_of(*memtable.find_block(id_of(1), 6)), "one");
    EXPECT_EQ(content_of(*memtable.find_block(id_of(1), 8)), "two");
    EXPECT_EQ(memtable.find_block(id_of(1), 8)->sequence, 7u);
    EXPECT_TRUE(memtable.find_block(id_of(1), 9)->is_tombstone);
    EXPECT_EQ(memtable.find_block(id_of(2), 9), nullptr);
    EXPECT_EQ(memtable.first_sequence(), 5u);
    EXPECT_EQ(memtable.last_sequence(), 9u);
}

TEST(Memtable, LaterOperationsOfABatchWin) {
    Memtable memtable;
    format::WriteBatch batch;
    put(batch, {1, "f", "", "old"});
    ASSERT_TRUE(batch.delete_block(id_of(1)).is_ok());
    put(batch, {1, "f", "", "new"});
    ASSERT_TRUE(batch.put_edge(edge_of(1, 2, 0, 10)).is_ok());
    ASSERT_TRUE(batch.delete_edge(format::key_of(edge_of(1, 2))).is_ok());
    ASSERT_TRUE(memtable.apply(batch.bytes(), 1).is_ok());
    EXPECT_EQ(content_of(*memtable.find_block(id_of(1), 1)), "new");
    std::vector<const EdgeCell*> cells;
    Memtable::collect_edges(*memtable.find(id_of(1)), EdgeSide::Out, 1, cells);
    ASSERT_EQ(cells.size(), 1u);
    EXPECT_TRUE(cells[0]->is_tombstone);
}

TEST(Memtable, ADamagedBatchChangesNothing) {
    Memtable memtable;
    format::WriteBatch batch;
    put(batch, {1, "f", "", "kept out"});
    put(batch, {2, "g", "", "cut"});
    const std::string_view bytes = batch.bytes();
    EXPECT_EQ(memtable.apply(bytes.substr(0, bytes.size() - 3), 1).code(), ErrorCode::Corrupt);
    EXPECT_EQ(memtable.find(id_of(1)), nullptr);
    EXPECT_TRUE(memtable.is_empty());
    EXPECT_EQ(memtable.block_operations(), 0u);
}

TEST(Memtable, AnEdgeToItselfIsSeenFromBothSides) {
    Memtable memtable;
    format::WriteBatch batch;
    ASSERT_TRUE(batch.put_edge(edge_of(3, 3, 8)).is_ok());
    ASSERT_TRUE(memtable.apply(batch.bytes(), 1).is_ok());
    std::vector<const EdgeCell*> cells;
    for (const EdgeSide side : {EdgeSide::Out, EdgeSide::In}) {
        Memtable::collect_edges(*memtable.find(id_of(3)), side, 1, cells);
        ASSERT_EQ(cells.size(), 1u);
        EXPECT_EQ(cells[0]->edge, edge_of(3, 3, 8));
    }
}

TEST(Memtable, SortedNodesGrowAndStayInOrder) {
    Memtable memtable;
    format::WriteBatch batch;
    for (uint64_t number = 0; number < 300; ++number) {
        batch.clear();
        put(batch, {number, "f", "", ""});
        ASSERT_TRUE(memtable.apply(batch.bytes(), number + 1).is_ok());
        if (number % 97 == 0) {
            EXPECT_EQ(memtable.sorted_nodes()->size(), number + 1);
        }
    }
    const Memtable::SortedNodes nodes = memtable.sorted_nodes();
    ASSERT_EQ(nodes->size(), 300u);
    EXPECT_TRUE(std::is_sorted(
        nodes->begin(), nodes->end(),
        [](const NodeEntry* left, const NodeEntry* right) { return left->id < right->id; }));
}

struct ModelState {
    std::map<uint64_t, std::string> blocks;
    std::map<uint64_t, bool> known;                                      // ever put or deleted here
    std::map<std::tuple<uint64_t, uint64_t, uint32_t>, uint32_t> edges;  // to line
};

std::vector<format::EdgeRecord> live_edges(const Memtable& memtable, uint64_t number, EdgeSide side,
                                           uint64_t visible) {
    std::vector<format::EdgeRecord> edges;
    const NodeEntry* node = memtable.find(id_of(number));
    if (node == nullptr) return edges;
    std::vector<const EdgeCell*> cells;
    Memtable::collect_edges(*node, side, visible, cells);
    for (const EdgeCell* cell : cells) {
        if (!cell->is_tombstone) edges.push_back(cell->edge);
    }
    return edges;
}

void expect_state(const Memtable& memtable, const ModelState& state, uint64_t visible,
                  uint64_t number_limit) {
    for (uint64_t number = 0; number < number_limit; ++number) {
        const BlockVersion* version = memtable.find_block(id_of(number), visible);
        ASSERT_EQ(version != nullptr, state.known.contains(number)) << number << "@" << visible;
        if (version != nullptr) {
            const auto block = state.blocks.find(number);
            ASSERT_EQ(!version->is_tombstone, block != state.blocks.end());
            if (!version->is_tombstone) {
                ASSERT_EQ(content_of(*version), block->second);
            }
        }
        for (const EdgeSide side : {EdgeSide::Out, EdgeSide::In}) {
            std::vector<format::EdgeRecord> expected;
            for (const auto& [key, line] : state.edges) {
                const auto [source, target, site] = key;
                if ((side == EdgeSide::Out ? source : target) != number) continue;
                expected.push_back(edge_of(source, target, site, line));
            }
            std::ranges::sort(expected, {}, [side](const format::EdgeRecord& edge) {
                return std::tuple(edge.type, side == EdgeSide::Out ? edge.target : edge.source,
                                  edge.site_offset);
            });
            ASSERT_EQ(live_edges(memtable, number, side, visible), expected)
                << number << "@" << visible;
        }
    }
}

TEST(Memtable, AgreesWithTheModelAtEverySequence) {
    constexpr uint64_t number_limit = 24;
    std::mt19937_64 random(20260301);
    Memtable memtable;
    ModelState state;
    std::vector<ModelState> states{state};
    for (uint64_t sequence = 1; sequence <= 120; ++sequence) {
        format::WriteBatch batch;
        const size_t count = 1 + random() % 6;
        for (size_t i = 0; i < count; ++i) {
            const uint64_t number = random() % number_limit;
            const uint64_t other = random() % number_limit;
            const auto site = static_cast<uint32_t>(random() % 3);
            const auto line = static_cast<uint32_t>(random() % 1000);
            switch (random() % 4) {
                case 0:
                    state.blocks[number] = "text " + std::to_string(random() % 1000);
                    state.known[number] = true;
                    put(batch, {number, "f", "u", state.blocks[number]});
                    break;
                case 1:
                    state.blocks.erase(number);
                    state.known[number] = true;
                    ASSERT_TRUE(batch.delete_block(id_of(number)).is_ok());
                    break;
                case 2:
                    state.edges[{number, other, site}] = line;
                    ASSERT_TRUE(batch.put_edge(edge_of(number, other, site, line)).is_ok());
                    break;
                default:
                    state.edges.erase({number, other, site});
                    ASSERT_TRUE(
                        batch.delete_edge(format::key_of(edge_of(number, other, site))).is_ok());
                    break;
            }
        }
        ASSERT_TRUE(memtable.apply(batch.bytes(), sequence).is_ok());
        states.push_back(state);
    }
    for (uint64_t visible = 0; visible < states.size(); visible += 7) {
        expect_state(memtable, states[visible], visible, number_limit);
    }
    expect_state(memtable, states.back(), states.size() - 1, number_limit);
    EXPECT_GT(memtable.size_bytes(), 10'000u);
    EXPECT_GE(memtable.memory_bytes(), memtable.size_bytes());
}

TEST(Memtable, WhatAReaderPinnedOutlivesIt) {
    auto memtable = std::make_unique<Memtable>();
    format::WriteBatch batch;
    put(batch, {1, "f", "a.c", "kept for the reader"});
    put(batch, {2, "g", "a.c", "another"});
    ASSERT_TRUE(batch.put_edge(edge_of(1, 2)).is_ok());
    ASSERT_TRUE(memtable->apply(batch.bytes(), 1).is_ok());
    const memory::ArenaPin pin = memtable->pin();
    const BlockVersion* version = memtable->find_block(id_of(1), 1);
    ASSERT_NE(version, nullptr);
    memtable.reset();
    EXPECT_EQ(content_of(*version), "kept for the reader");
    std::vector<const EdgeCell*> cells;
    Memtable::collect_edges(*version->node, EdgeSide::Out, 1, cells);
    ASSERT_EQ(cells.size(), 1u);
    EXPECT_EQ(cells[0]->edge.target, id_of(2));
}

TEST(Memtable, SortedNodesPinWhatTheyPointAt) {
    auto memtable = std::make_unique<Memtable>();
    format::WriteBatch batch;
    for (uint64_t number = 1; number <= 100; ++number) put(batch, {number, "f", "a.c", "text"});
    ASSERT_TRUE(memtable->apply(batch.bytes(), 1).is_ok());
    const Memtable::SortedNodes nodes = memtable->sorted_nodes();
    memtable.reset();
    ASSERT_EQ(nodes->size(), 100u);
    for (size_t i = 0; i < nodes->size(); ++i) {
        if (i > 0) {
            EXPECT_TRUE((*nodes)[i - 1]->id < (*nodes)[i]->id);
        }
        EXPECT_EQ(content_of(*(*nodes)[i]->version_at(1)), "text");
    }
}

TEST(Memtable, ItsArenaIsCounted) {
    Memtable memtable;
    const memory::MemoryCounters before = memtable.memory_source().counters();
    EXPECT_EQ(before.name, "memtable");
    EXPECT_EQ(before.bytes_reserved, 3 * memory::kArenaChunkSizeMin);
    format::WriteBatch batch;
    put(batch, {1, "f", "a.c", std::string(5000, 'x')});
    ASSERT_TRUE(memtable.apply(batch.bytes(), 1).is_ok());
    const memory::MemoryCounters after = memtable.memory_source().counters();
    EXPECT_TRUE(is_consistent(after));
    EXPECT_GE(after.bytes_requested, before.bytes_requested + 5000);
    EXPECT_GT(after.acquires, before.acquires);
    EXPECT_EQ(after.bytes_reserved, memtable.memory_bytes());
    // Looking names up and searching take memory of the same arena.
    for (uint64_t number = 2; number <= 3000; ++number) {
        batch.clear();
        const std::string text = std::to_string(number);
        put(batch, {number, "name" + text, "uri" + text, "word" + text});
        ASSERT_TRUE(memtable.apply(batch.bytes(), number).is_ok());
    }
    const size_t written = memtable.memory_bytes();
    ASSERT_TRUE(memtable.lookups(3000).has_value());
    const size_t looked_up = memtable.memory_bytes();
    EXPECT_GT(looked_up, written);
    ASSERT_TRUE(memtable.text(3000).has_value());
    EXPECT_GT(memtable.memory_bytes(), looked_up);
}

}  // namespace
}  // namespace kausal::memtable
