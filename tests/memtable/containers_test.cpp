// Goal: the three single-writer containers keep every element through all their growth. Method:
// many elements, with hashes and orders that collide.
#include "base/hash.h"
#include "memory/arena.h"
#include "memtable/chunked_array.h"
#include "memtable/ordered_index.h"
#include "memtable/pointer_index.h"

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

TEST(PointerIndex, FindsEveryKeyThroughGrowthAndCollisions) {
    const auto arena = memory::Arena::create();
    PointerIndex<uint64_t> index(*arena);
    std::vector<uint64_t> keys;
    for (uint64_t i = 0; i < 20'000; ++i) keys.push_back(i);
    const auto hash_of = [](uint64_t key) { return hash_mix(key / 4, 0); };  // four of each
    const auto find = [&](uint64_t key) {
        return index.find(hash_of(key), [&](uint64_t at) { return at == key; });
    };
    for (uint64_t& key : keys) {
        ASSERT_EQ(find(key), nullptr);
        index.insert(hash_of(key), &key);
    }
    for (const uint64_t& key : keys) ASSERT_EQ(find(key), &key);
    EXPECT_EQ(find(1u << 30), nullptr);
}

TEST(PointerIndex, EqualHashesOnlyCostTime) {
    const auto arena = memory::Arena::create();
    PointerIndex<int> index(*arena);
    std::vector<int> values(500);
    for (int& value : values) {
        value = static_cast<int>(&value - values.data());
        index.insert(~uint64_t{0}, &value);
    }
    for (const int value : values) {
        ASSERT_EQ(index.find(~uint64_t{0}, [&](int at) { return at == value; }),
                  &values[static_cast<size_t>(value)]);
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
