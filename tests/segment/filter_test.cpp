// Goal: the filter never denies an id that it holds, and lets absent ids pass no more often than it
// says, at a thousand and at ten million keys. Method: filters are built from random and from
// consecutive ids and probed with ids that they do not hold.
#include "segment/filter.h"

#include "segment/segment_model.h"

#include <gtest/gtest.h>

#include <vector>

namespace kausal::test {
namespace {

struct Rates {
    double measured = 0;
    double stated = 0;
};

[[nodiscard]] Rates rates_of(const std::vector<BlockId>& ids, double bits_per_key, uint64_t seed) {
    const std::vector<std::byte> filter = segment::build_filter(ids, bits_per_key);
    EXPECT_EQ(filter.size(), segment::filter_size_bytes(ids.size(), bits_per_key));
    const uint32_t probes = segment::filter_probe_count(bits_per_key);
    const auto passes = [&](const BlockId& id) {
        const size_t block = segment::filter_block_offset(id, filter.size());
        return segment::filter_may_contain(filter.data() + block, id, probes);
    };
    size_t denied = 0;
    for (const BlockId& id : ids) denied += passes(id) ? 0 : 1;
    EXPECT_EQ(denied, 0u);
    constexpr int absent_count = 400000;
    TestRandom random(seed);
    int passed = 0;
    for (int i = 0; i < absent_count; ++i) passed += passes(random_id(random)) ? 1 : 0;
    return {static_cast<double>(passed) / absent_count,
            segment::filter_false_positive_rate(bits_per_key)};
}

[[nodiscard]] std::vector<BlockId> random_ids(size_t count) {
    TestRandom random(count);
    std::vector<BlockId> ids;
    ids.reserve(count);
    for (size_t i = 0; i < count; ++i) ids.push_back(random_id(random));
    return ids;
}

TEST(SegmentFilter, HoldsItsRateAtAThousandKeys) {
    const Rates rates = rates_of(random_ids(1000), 10, 1);
    // Twenty blocks only: their loads are a small sample, so the bound is wider here.
    EXPECT_LT(rates.measured, rates.stated * 1.4);
    EXPECT_GT(rates.measured, rates.stated * 0.5);
}

TEST(SegmentFilter, HoldsItsRateAtTenMillionKeys) {
    const Rates rates = rates_of(random_ids(10'000'000), 10, 2);
    EXPECT_LT(rates.measured, rates.stated * 1.1);
    EXPECT_GT(rates.measured, rates.stated * 0.9);
    EXPECT_LT(rates.stated, 0.015);
}

TEST(SegmentFilter, HoldsItsRateForConsecutiveIds) {
    std::vector<BlockId> ids;
    for (uint64_t i = 0; i < 200000; ++i) ids.push_back({0, i + 1});
    const Rates rates = rates_of(ids, 10, 3);
    EXPECT_LT(rates.measured, rates.stated * 1.1);
}

TEST(SegmentFilter, MoreBitsGiveAlowerRate) {
    double before = 1;
    for (const double bits : {2.0, 4.0, 8.0, 12.0, 16.0, 24.0}) {
        const Rates rates = rates_of(random_ids(100000), bits, 4);
        EXPECT_LT(rates.measured, rates.stated * 1.15 + 0.0002) << bits;
        EXPECT_LT(rates.stated, before);
        before = rates.stated;
    }
}

TEST(SegmentFilter, AnEmptyFilterDeniesEverything) {
    const Rates rates = rates_of({}, 10, 5);
    EXPECT_EQ(rates.measured, 0);
}

}  // namespace
}  // namespace kausal::test
