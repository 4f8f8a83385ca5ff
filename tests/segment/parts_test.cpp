// Goal: the parts below writer and reader hold by themselves.
// Method: frame cache against its capacity and from several threads, posting lists against their
// input and against random bytes, the search in sorted hashes against std::lower_bound on uniform
// and skewed keys.
#include "base/coding.h"
#include "io/executor.h"
#include "segment/frame_cache.h"
#include "segment/postings.h"
#include "segment/segment_model.h"
#include "segment/uniform_search.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kausal::test {
namespace {

[[nodiscard]] std::string compressed(const std::string& raw) {
    std::string stored(ZSTD_compressBound(raw.size()), '\0');
    stored.resize(ZSTD_compress(stored.data(), stored.size(), raw.data(), raw.size(), 1));
    return stored;
}

TEST(FrameCache, KeepsFramesWithinItsCapacity) {
    segment::FrameCache cache(size_t{16} * 10000);
    const std::string raw(1000, 'x');
    const std::string stored = compressed(raw);
    for (uint32_t frame = 0; frame < 1000; ++frame) {
        EXPECT_EQ(cache.find(1, frame), nullptr);
        const auto loaded = cache.load(1, frame, stored, raw.size());
        ASSERT_TRUE(loaded.has_value());
        EXPECT_EQ((*loaded)->view(), raw);
        EXPECT_LE(cache.stats().bytes, size_t{16} * 10000);
    }
    EXPECT_GT(cache.stats().bytes, size_t{16} * 5000);
    EXPECT_EQ(cache.stats().misses, 1000u);
    EXPECT_NE(cache.find(1, 999), nullptr);
    EXPECT_EQ(cache.find(1, 0), nullptr);
    EXPECT_EQ(cache.find(2, 999), nullptr);
    EXPECT_EQ(cache.stats().hits, 1u);
    cache.erase_file(1);
    EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(FrameCache, UsedFramesStayAndHeldFramesSurviveEviction) {
    segment::FrameCache cache(size_t{16} * 10000);
    const std::string stored = compressed(std::string(1000, 'y'));
    const auto held = cache.load(1, 0, stored, 1000).value();
    for (uint32_t frame = 1; frame < 500; ++frame) {
        ASSERT_TRUE(cache.load(1, frame, stored, 1000).has_value());
        EXPECT_NE(cache.find(1, 0), nullptr);  // in use, so never the least recent
    }
    cache.erase_file(1);
    EXPECT_EQ(held->view(), std::string(1000, 'y'));
    segment::FrameCache nothing(0);
    EXPECT_TRUE(nothing.load(1, 0, stored, 1000).has_value());
    EXPECT_EQ(nothing.find(1, 0), nullptr);
}

TEST(FrameCache, DamagedFramesAreCorrupt) {
    segment::FrameCache cache(1 << 20);
    const std::string stored = compressed(std::string(1000, 'z'));
    EXPECT_EQ(cache.load(1, 0, stored, 999).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(cache.load(1, 0, stored, 1001).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(cache.load(1, 0, "nonsense", 1000).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(cache.load(1, 0, "", 1).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(cache.find(1, 0), nullptr);
}

TEST(FrameCache, ThreadsShareIt) {
    segment::FrameCache cache(size_t{16} * 20000);
    const auto executor = io::make_thread_executor(3);
    std::vector<std::string> raw;
    std::vector<std::string> stored;
    for (int i = 0; i < 64; ++i) {
        raw.push_back(std::string(500 + static_cast<size_t>(i), static_cast<char>('a' + i % 26)));
        stored.push_back(compressed(raw.back()));
    }
    const Status status = io::parallel_for(*executor, 64, 4, [&](size_t, size_t index) -> Status {
        TestRandom random(index);
        for (int i = 0; i < 500; ++i) {
            const auto frame = static_cast<uint32_t>(random.below(64));
            segment::FrameRef found = cache.find(9, frame);
            if (!found) found = KAUSAL_TRY(cache.load(9, frame, stored[frame], raw[frame].size()));
            if (found->view() != raw[frame]) return Status(ErrorCode::Internal);
            if (i % 100 == 0) cache.erase_file(9);
        }
        return {};
    });
    EXPECT_TRUE(status.is_ok());
}

TEST(Postings, ListsRoundTrip) {
    TestRandom random(1);
    for (int round = 0; round < 300; ++round) {
        std::vector<segment::TextPosting> expected;
        std::string list;
        uint32_t document = 0;
        const uint64_t count = 1 + random.below(50);
        put_varint(list, count);
        for (uint64_t i = 0; i < count; ++i) {
            const uint32_t delta =
                static_cast<uint32_t>(random.below(random.chance(10) ? 50'000'000 : 100)) +
                (i == 0 ? 0 : 1);
            document += delta;
            segment::TextPosting posting;
            posting.document = 7 + document;
            for (uint8_t& field : posting.counts) {
                if (random.chance(30)) field = static_cast<uint8_t>(1 + random.below(3));
            }
            if (random.chance(50)) {
                std::ranges::fill(posting.counts, uint8_t{0});
                posting.counts[4] = 1;
            }
            if (std::ranges::count(posting.counts, 0) == 5) posting.counts[1] = 255;
            uint8_t buffer[segment::kPostingSizeMax];
            const size_t size = segment::encode_posting(delta, posting.counts, buffer);
            ASSERT_LE(size, segment::kPostingSizeMax);
            list.append(reinterpret_cast<const char*>(buffer), size);
            expected.push_back(posting);
        }
        std::vector<segment::TextPosting> found;
        ASSERT_TRUE(segment::decode_postings(as_bytes(list), 7, document + 1, found));
        ASSERT_EQ(found.size(), expected.size());
        for (size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].document, expected[i].document);
            EXPECT_TRUE(std::ranges::equal(found[i].counts, expected[i].counts));
        }
        EXPECT_FALSE(segment::decode_postings(as_bytes(list), 7, document, found));
        EXPECT_FALSE(segment::decode_postings(as_bytes(list.substr(0, list.size() - 1)), 7,
                                              document + 1, found));
        EXPECT_FALSE(segment::decode_postings(as_bytes(list + '\0'), 7, document + 1, found));
        EXPECT_EQ(found.size(), expected.size());
    }
}

TEST(Postings, RandomBytesNeverLeadOutside) {
    TestRandom random(2);
    size_t accepted = 0;
    for (int round = 0; round < 200000; ++round) {
        std::string bytes;
        const uint64_t size = random.below(12);
        for (uint64_t i = 0; i < size; ++i) {
            bytes += static_cast<char>(random.chance(70) ? random.below(8) : random.next());
        }
        std::vector<segment::TextPosting> found;
        if (!segment::decode_postings(as_bytes(bytes), 100, 50, found)) {
            EXPECT_TRUE(found.empty());
            continue;
        }
        ++accepted;
        for (const segment::TextPosting& posting : found) {
            EXPECT_GE(posting.document, 100u);
            EXPECT_LT(posting.document, 150u);
        }
    }
    EXPECT_GT(accepted, 100u);
}

TEST(UniformSearch, AgreesWithLowerBoundOnAnyKeys) {
    TestRandom random(3);
    for (int round = 0; round < 60; ++round) {
        std::vector<uint64_t> keys(random.below(round < 40 ? 200 : 20000));
        const uint64_t shape = random.below(4);
        for (uint64_t& key : keys) {
            key = random.next();
            if (shape == 1) key %= 50;
            if (shape == 2) key |= 0xffffffffffff0000ULL;
            if (shape == 3 && random.chance(50)) key = 77;
        }
        std::ranges::sort(keys);
        for (int i = 0; i < 2000; ++i) {
            uint64_t wanted = random.chance(50) && !keys.empty() ? keys[random.below(keys.size())]
                                                                 : random.next();
            if (random.chance(20)) wanted += 1;
            if (random.chance(2)) wanted = random.chance(50) ? 0 : ~uint64_t{0};
            uint64_t found = 0;
            ASSERT_TRUE(segment::lower_bound_uniform(
                keys.size(), wanted, [&](uint64_t index) { return &keys.at(index); }, found));
            const auto expected = std::ranges::lower_bound(keys, wanted) - keys.begin();
            ASSERT_EQ(found, static_cast<uint64_t>(expected)) << shape;
        }
    }
    uint64_t found = 0;
    const auto damaged = [](uint64_t) -> const uint64_t* { return nullptr; };
    EXPECT_FALSE(segment::lower_bound_uniform(10, 5, damaged, found));
    EXPECT_TRUE(segment::lower_bound_uniform(0, 5, damaged, found));
}

}  // namespace
}  // namespace kausal::test
