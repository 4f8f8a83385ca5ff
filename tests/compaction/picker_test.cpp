// Goal: the picker merges neighbours only, keeps the number of segments small and rewrites little.
// Method: single cases by hand, then a simulation of many flushes that counts segments and bytes.
#include "compaction/picker.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace kausal::test {
namespace {

using compaction::pick;
using compaction::PickerOptions;

constexpr uint64_t kMiB = uint64_t{1} << 20;

[[nodiscard]] std::optional<compaction::Run> pick_mib(std::vector<uint64_t> sizes,
                                                      const PickerOptions& options = {}) {
    for (uint64_t& size : sizes) size *= kMiB;
    return pick(sizes, options);
}

TEST(Picker, LeavesFewSegmentsAlone) {
    EXPECT_EQ(pick({}, {}), std::nullopt);
    EXPECT_EQ(pick_mib({1}), std::nullopt);
    EXPECT_EQ(pick_mib({1, 1, 1}), std::nullopt);
    EXPECT_EQ(pick_mib({500, 100, 20, 4, 1}), std::nullopt);
}

TEST(Picker, TakesNeighboursOfOneTier) {
    EXPECT_EQ(pick_mib({1, 1, 1, 1}), (compaction::Run{0, 4}));
    EXPECT_EQ(pick_mib({100, 1, 2, 3, 1}), (compaction::Run{1, 4}));
    EXPECT_EQ(pick_mib({100, 100, 1, 1, 1, 1, 100}), (compaction::Run{2, 4}));
    // The cheaper run first.
    EXPECT_EQ(pick_mib({5, 5, 5, 5, 100, 1, 1, 1, 1}), (compaction::Run{5, 4}));
    // Smaller ones between them go along.
    EXPECT_EQ(pick_mib({5, 1, 5, 5, 1, 5}), (compaction::Run{0, 6}));
}

TEST(Picker, LeavesAStaircaseAlone) {
    EXPECT_EQ(pick_mib({2000, 2000, 2000, 300, 300, 300, 20, 20, 20, 5, 5, 5, 1, 1, 1}),
              std::nullopt);
    EXPECT_EQ(pick_mib({1, 1, 100, 1, 1}), std::nullopt);
}

TEST(Picker, TakesSmallSegmentsAlongThatAreShutIn) {
    EXPECT_EQ(pick_mib({1, 1, 20, 1, 1, 20, 1, 1}), (compaction::Run{0, 8}));
    EXPECT_EQ(pick_mib({1, 1, 1, 100, 1, 1}), (compaction::Run{0, 6}));
    EXPECT_EQ(pick_mib({1000, 1, 1, 1, 100, 1, 1}), (compaction::Run{1, 6}));
}

TEST(Picker, KeepsToTheLargestFanIn) {
    const std::vector<uint64_t> sizes(40, kMiB);
    const auto run = pick(sizes, {.fan_in_min = 4, .fan_in_max = 16});
    ASSERT_TRUE(run.has_value());
    EXPECT_EQ(run->count, 16u);
    // Options without sense are read as the nearest that have some.
    EXPECT_EQ(pick_mib({1, 1}, {.fan_in_min = 0, .fan_in_max = 0, .size_floor_bytes = 0}),
              (compaction::Run{0, 2}));
}

TEST(Picker, ManyFlushesStayFewSegmentsAtLowCost) {
    std::vector<uint64_t> sizes;
    uint64_t flushed = 0;
    uint64_t merged = 0;
    size_t segments_max = 0;
    for (int i = 0; i < 5000; ++i) {
        const uint64_t size = kMiB * static_cast<uint64_t>(1 + i % 7);
        sizes.push_back(size);
        flushed += size;
        while (const auto run = pick(sizes, {})) {
            const auto first = sizes.begin() + static_cast<std::ptrdiff_t>(run->first);
            const auto last = first + static_cast<std::ptrdiff_t>(run->count);
            ASSERT_LE(run->first + run->count, sizes.size());
            ASSERT_GE(run->count, 2u);
            const uint64_t sum = std::accumulate(first, last, uint64_t{0});
            merged += sum;
            *first = sum;
            sizes.erase(first + 1, last);
        }
        segments_max = std::max(segments_max, sizes.size());
    }
    EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), uint64_t{0}), flushed);
    EXPECT_LE(segments_max, 40u);
    // Each tier rewrites every byte about once: log4(20,000) is 7.
    EXPECT_LE(merged, flushed * 9);
    EXPECT_GE(merged, flushed);
}

}  // namespace
}  // namespace kausal::test
