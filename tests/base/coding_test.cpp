// Goal: what is put is taken back, and no input makes the decoder read past its view.
// Method: round trips at the borders, every cut of an encoded sequence, malformed varints.
#include "base/coding.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace kausal {
namespace {

const std::vector<uint64_t> kBorders = {0,
                                        1,
                                        127,
                                        128,
                                        16'383,
                                        16'384,
                                        std::numeric_limits<uint32_t>::max(),
                                        uint64_t{std::numeric_limits<uint32_t>::max()} + 1,
                                        uint64_t{1} << 63,
                                        std::numeric_limits<uint64_t>::max()};

TEST(Coding, VarintsSurvive) {
    for (const uint64_t value : kBorders) {
        std::string out;
        put_varint(out, value);
        EXPECT_LE(out.size(), 10u);
        Decoder decoder(out);
        EXPECT_EQ(decoder.varint(), value);
        EXPECT_TRUE(decoder.finished());
    }
}

TEST(Coding, VarintSizesAreMinimal) {
    const auto size_of = [](uint64_t value) {
        std::string out;
        put_varint(out, value);
        return out.size();
    };
    EXPECT_EQ(size_of(127), 1u);
    EXPECT_EQ(size_of(128), 2u);
    EXPECT_EQ(size_of(std::numeric_limits<uint64_t>::max()), 10u);
}

TEST(Coding, OverlongAndTooLargeVarintsFail) {
    for (const std::string& bad : {std::string(), std::string("\x80"), std::string(10, '\xff'),
                                   std::string(11, '\x80'), std::string(9, '\xff') + "\x02"}) {
        Decoder decoder(bad);
        EXPECT_EQ(decoder.varint(), 0u);
        EXPECT_TRUE(decoder.failed());
    }
    std::string large;
    put_varint(large, uint64_t{1} << 32);
    Decoder decoder(large);
    EXPECT_EQ(decoder.varint32(), 0u);
    EXPECT_TRUE(decoder.failed());
}

TEST(Coding, ZigzagSurvives) {
    for (const int64_t value :
         {int64_t{0}, int64_t{-1}, int64_t{1}, int64_t{-64}, int64_t{64},
          std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
        EXPECT_EQ(zigzag_decode(zigzag_encode(value)), value);
    }
    EXPECT_EQ(zigzag_encode(-1), 1u);
    EXPECT_EQ(zigzag_encode(1), 2u);
}

TEST(Coding, FixedIsLittleEndian) {
    std::string out;
    put_fixed<uint32_t>(out, 0x01020304);
    EXPECT_EQ(out, std::string("\x04\x03\x02\x01"));
}

std::string sequence() {
    std::string out;
    put_fixed<uint64_t>(out, 42);
    put_string(out, "text");
    put_varint(out, 300);
    put_string(out, std::string(200, 'x'));
    put_fixed<uint16_t>(out, 7);
    return out;
}

TEST(Coding, SequenceSurvives) {
    const std::string bytes = sequence();
    Decoder decoder(bytes);
    EXPECT_EQ(decoder.fixed<uint64_t>(), 42u);
    EXPECT_EQ(decoder.string(), "text");
    EXPECT_EQ(decoder.varint(), 300u);
    EXPECT_EQ(decoder.string(), std::string(200, 'x'));
    EXPECT_EQ(decoder.fixed<uint16_t>(), 7u);
    EXPECT_TRUE(decoder.finished());
}

TEST(Coding, EveryCutFailsAndStaysFailed) {
    const std::string bytes = sequence();
    for (size_t size = 0; size < bytes.size(); ++size) {
        // A buffer of exactly that size, so that the address sanitizer sees any step beyond.
        const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
        Decoder decoder(std::string_view(cut.data(), cut.size()));
        (void)decoder.fixed<uint64_t>();
        (void)decoder.string();
        (void)decoder.varint();
        (void)decoder.string();
        (void)decoder.fixed<uint16_t>();
        EXPECT_TRUE(decoder.failed()) << size;
        EXPECT_EQ(decoder.remaining(), 0u);
        EXPECT_FALSE(decoder.finished());
        EXPECT_EQ(decoder.fixed<uint8_t>(), 0u);
        EXPECT_TRUE(decoder.string().empty());
        EXPECT_TRUE(decoder.failed());
    }
}

TEST(Coding, HugeStringLengthsFailWithoutWrapping) {
    for (const uint64_t size : {uint64_t{5}, std::numeric_limits<uint64_t>::max(),
                                std::numeric_limits<uint64_t>::max() - 4}) {
        std::string out;
        put_varint(out, size);
        out += "abcd";
        Decoder decoder(out);
        EXPECT_TRUE(decoder.string().empty());
        EXPECT_TRUE(decoder.failed()) << size;
    }
}

}  // namespace
}  // namespace kausal
