// Goal: the three single-writer containers keep every element through all their growth. Method:
// many elements, with hashes and orders that collide.
#include "base/hash.h"
#include "memory/arena.h"
#include "memtable/chunked_array.h"
#include "memtable/ordered_index.h"
#include "memtable/position_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace kausal::memtable {
namespace {

TEST(ChunkedArray, ElementsKeepPlaceAndValue) {
    const auto arena = memory::Arena::create();
    ChunkedArray<uint64_t> array(*arena);
    std::vector<const uint64_t*> places;
    for (uint32_t i = 0; i < 100'000; ++i) {
        ASSERT_EQ(array.push(uint64_t{i} * 3), i);
        places.push_back(&array.at(i));
    }
    ASSERT_EQ(array.size(), 100'000u);
    for (uint32_t i = 0; i < array.size(); ++i) {
        ASSERT_EQ(&array.at(i), places[i]);
        ASSERT_EQ(array.at(i), uint64_t{i} * 3);
    }
}

TEST(PositionIndex, FindsEveryKeyThroughGrowthAndCollisions) {
    const auto arena = memory::Arena::create();
    PositionIndex index(*arena);
    std::vector<uint64_t> keys;
    for (uint64_t i = 0; i < 20'000; ++i) keys.push_back(i);
    const auto hash_of = [](uint64_t key) { return hash_mix(key / 4, 0); };  // four of each
    const auto find = [&](uint64_t key) {
        return index.find(hash_of(key), [&](uint32_t at) { return keys[at] == key; });
    };
    for (uint32_t i = 0; i < keys.size(); ++i) {
        ASSERT_EQ(find(keys[i]), PositionIndex::kNone);
        index.insert(hash_of(keys[i]), i);
    }
    for (uint32_t i = 0; i < keys.size(); ++i) ASSERT_EQ(find(keys[i]), i);
    EXPECT_EQ(find(1u << 30), PositionIndex::kNone);
}

TEST(PositionIndex, EqualHashesOnlyCostTime) {
    const auto arena = memory::Arena::create();
    PositionIndex index(*arena);
    for (uint32_t i = 0; i < 500; ++i) index.insert(~uint64_t{0}, i);
    for (uint32_t i = 0; i < 500; ++i) {
        ASSERT_EQ(index.find(~uint64_t{0}, [&](uint32_t at) { return at == i; }), i);
    }
}

struct Less {
    bool operator()(const int& left, const int& right) const { return left < right; }
};

TEST(OrderedIndex, WalksInOrderFromAnyPlace) {
    const auto arena = memory::Arena::create();
    OrderedIndex<int, Less> index(*arena);
    std::vector<int> values;
    for (int i = 0; i < 5'000; ++i) values.push_back(i * 2);
    std::vector<int> shuffled = values;
    std::ranges::shuffle(shuffled, std::mt19937(7));
    for (const int& value : shuffled) index.insert(&value);
    const auto* node = index.seek([](const int&) { return false; });
    for (const int value : values) {
        ASSERT_NE(node, nullptr);
        ASSERT_EQ(*node->item, value);
        node = node->successor();
    }
    EXPECT_EQ(node, nullptr);
    for (const int wanted : {-1, 0, 1, 777, 9'998}) {
        const auto* at = index.seek([wanted](const int& value) { return value < wanted; });
        ASSERT_NE(at, nullptr);
        EXPECT_EQ(*at->item, std::max(0, wanted + (wanted & 1)));
    }
    EXPECT_EQ(index.seek([](const int&) { return true; }), nullptr);
}

}  // namespace
}  // namespace kausal::memtable
