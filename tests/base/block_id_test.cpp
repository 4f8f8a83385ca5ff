// Goal: ids follow from identity alone and for ever, print and read back, and order as they print.
// Method: fixed values that must never change, round trips, a spread over many symbols.
#include "base/block_id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace kausal {
namespace {

TEST(BlockId, IsTheSameForEver) {
    EXPECT_EQ(BlockId::of("main", 4, "pkg/file.go#Run").to_hex(),
              "ea7a11feb7b60b1e7638e18d80d503e5");
    EXPECT_EQ(BlockId::of("", 0, "").to_hex(), "603362d8b84344ad19fe6f1c41d6ec3b");
}

TEST(BlockId, EveryPartOfTheIdentityCounts) {
    const std::set<BlockId> ids = {
        BlockId::of("a", 1, "b"), BlockId::of("a", 2, "b"), BlockId::of("a", 1, "c"),
        BlockId::of("b", 1, "b"),
        // A border moved between workspace and symbol is another identity.
        BlockId::of("ab", 1, ""), BlockId::of("", 1, "ab")};
    EXPECT_EQ(ids.size(), 6u);
}

TEST(BlockId, PrintsAndReadsBack) {
    const BlockId id{0x0123456789abcdef, 0xfedcba9876543210};
    EXPECT_EQ(id.to_hex(), "0123456789abcdeffedcba9876543210");
    EXPECT_EQ(BlockId::from_hex(id.to_hex()), id);
    EXPECT_EQ(BlockId::from_hex("0123456789ABCDEFfedcba9876543210"), id);
    for (const char* bad :
         {"", "0", "0123456789abcdeffedcba987654321", "0123456789abcdeffedcba98765432100",
          "0123456789abcdeffedcba987654321g", " 123456789abcdeffedcba9876543210"}) {
        EXPECT_FALSE(BlockId::from_hex(bad)) << bad;
    }
}

TEST(BlockId, ByteOrderIsNumericOrderIsPrintedOrder) {
    std::vector<BlockId> ids;
    for (int i = 0; i < 200; ++i) ids.push_back(BlockId::of("w", 1, std::to_string(i)));
    std::ranges::sort(ids);
    std::vector<std::string> stored;
    std::vector<std::string> printed;
    for (const BlockId& id : ids) {
        std::byte bytes[16];
        id.store(bytes);
        EXPECT_EQ(BlockId::load(bytes), id);
        stored.emplace_back(reinterpret_cast<const char*>(bytes), sizeof(bytes));
        printed.push_back(id.to_hex());
    }
    EXPECT_TRUE(std::ranges::is_sorted(stored));
    EXPECT_TRUE(std::ranges::is_sorted(printed));
}

TEST(BlockId, ZeroIsNoBlock) {
    EXPECT_FALSE(BlockId{}.is_valid());
    EXPECT_TRUE((BlockId{0, 1}).is_valid());
    EXPECT_TRUE((BlockId{1, 0}).is_valid());
}

TEST(BlockId, IsSpreadUniformly) {
    std::vector<int> buckets(64);
    for (int i = 0; i < 64'000; ++i) {
        ++buckets[BlockId::of("w", 4, "symbol" + std::to_string(i)).high >> 58];
    }
    // 1000 expected; six standard deviations are about 190.
    for (const int count : buckets) EXPECT_NEAR(count, 1000, 190);
}

}  // namespace
}  // namespace kausal
