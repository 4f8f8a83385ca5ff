// Goal: checksums and hashes are the published functions, equal in both implementations, and fixed.
// Method: the vectors of RFC 3720 and of the published check value, the two versions against each
// other over sizes and alignments, fixed hash values that are part of the formats.
#include "base/crc32c.h"
#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace kausal {
namespace {

TEST(Crc32c, MatchesThePublishedVectors) {
    std::string ascending;
    std::string descending;
    for (int i = 0; i < 32; ++i) {
        ascending += static_cast<char>(i);
        descending += static_cast<char>(31 - i);
    }
    EXPECT_EQ(crc32c(as_bytes(std::string(32, '\0'))), 0x8a9136aau);
    EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xff'))), 0x62a8ab43u);
    EXPECT_EQ(crc32c(as_bytes(ascending)), 0x46dd794eu);
    EXPECT_EQ(crc32c(as_bytes(descending)), 0x113fdb5cu);
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32c, BothVersionsAgreeOnAllSizesAndAlignments) {
    std::string bytes(600, '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 151 + i / 7);
    for (size_t start = 0; start < 9; ++start) {
        for (size_t size = 0; start + size < bytes.size(); size += size < 40 ? 1 : 37) {
            const ByteView part = as_bytes(bytes).subspan(start, size);
            ASSERT_EQ(crc32c(part), crc32c_portable(part)) << start << " " << size;
            ASSERT_EQ(crc32c(part, 0x12345678), crc32c_portable(part, 0x12345678));
        }
    }
}

TEST(Crc32c, ContinuesWhereItStopped) {
    const std::string text = "the quick brown fox jumps over the lazy dog";
    const uint32_t whole = crc32c(as_bytes(text));
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        const ByteView bytes = as_bytes(text);
        EXPECT_EQ(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))), whole);
    }
}

TEST(Hash, ValuesNeverChange) {
    EXPECT_EQ(hash64(""), 0x2d06800538d394c2u);
    EXPECT_EQ(hash64("kausal"), 0x4adc30d2b2eeef60u);
    EXPECT_EQ(hash64("kausal", 7), 0x8a1f8e813c7b3a97u);
    const Hash128 hash = hash128(as_bytes("kausal"));
    EXPECT_EQ(hash.low, 0x7391765e024f666bu);
    EXPECT_EQ(hash.high, 0xf326c1ad3cc8801fu);
}

TEST(Hash, MixDependsOnOrderAndBothSides) {
    EXPECT_NE(hash_mix(1, 2), hash_mix(2, 1));
    EXPECT_NE(hash_mix(1, 2), hash_mix(1, 3));
    EXPECT_NE(hash_mix(1, 2), hash_mix(3, 2));
    static_assert(hash_mix(1, 2) == hash_mix(1, 2));
}

}  // namespace
}  // namespace kausal
