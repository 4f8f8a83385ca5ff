// Goal: time goes forward, random numbers differ, the process knows its size.
// Method: plausibility of the system's answers; nothing is timed.
#include "io/clock.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace kausal::io {
namespace {

TEST(Clock, MonotonicNeverGoesBack) {
    const auto clock = make_system_clock();
    uint64_t last = clock->monotonic_ns();
    EXPECT_GT(last, 0u);
    for (int i = 0; i < 10'000; ++i) {
        const uint64_t now = clock->monotonic_ns();
        ASSERT_GE(now, last);
        last = now;
    }
}

TEST(Clock, WallIsInThisCentury) {
    constexpr int64_t ns_per_year = 31'556'952'000'000'000;
    const int64_t now = make_system_clock()->wall_ns();
    EXPECT_GT(now, 50 * ns_per_year);
    EXPECT_LT(now, 130 * ns_per_year);
}

TEST(Random, NumbersAndSourcesDiffer) {
    const auto one = make_system_random();
    const auto two = make_system_random();
    std::set<uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
        seen.insert(one->next64());
        seen.insert(two->next64());
    }
    EXPECT_EQ(seen.size(), 2000u);
}

TEST(Process, KnowsItsSize) {
    EXPECT_GT(process_id(), 0u);
    const uint64_t before = resident_bytes();
    constexpr size_t size = size_t{64} << 20;
    const std::vector<char> block(size, 'x');
    const uint64_t with_block = resident_bytes();
    EXPECT_GT(before, 0u);
    EXPECT_GE(with_block, before + size / 2);
    EXPECT_GE(resident_bytes_peak(), size);
    EXPECT_EQ(block.back(), 'x');
}

}  // namespace
}  // namespace kausal::io
