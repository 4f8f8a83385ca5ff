// Goal: well-formed UTF-8 is accepted whole, everything else is refused and can be repaired.
// Method: the borders of the Unicode table of well-formed sequences, every code point, every pair
// of bytes.
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace kausal {
namespace {

std::string encoded(uint32_t code) {
    const auto byte = [](uint32_t value) { return static_cast<char>(value); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 63))};
    if (code < 0x10000) {
        return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
    }
    return {byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 63)), byte(0x80 | (code >> 6 & 63)),
            byte(0x80 | (code & 63))};
}

TEST(Utf8, AcceptsEveryScalarValueAndNoSurrogate) {
    for (uint32_t code = 0; code <= 0x110000; ++code) {
        const bool is_scalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        ASSERT_EQ(is_utf8(encoded(code)), is_scalar) << code;
    }
}

TEST(Utf8, RefusesOverlongCutAndStrayBytes) {
    for (const std::string_view bad :
         {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
          "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xff", "\x80", "\xbf", "\xc3", "\xe2\x82",
          "\xf0\x9f\x98", "a\xe2\x28\xa1", "\xed\xa0\x80"}) {
        EXPECT_FALSE(is_utf8(bad));
        EXPECT_TRUE(is_utf8(utf8_repaired(bad)));
    }
}

TEST(Utf8, SeesABadByteAnywhereInAsciiText) {
    for (size_t size = 1; size < 40; ++size) {
        for (size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            EXPECT_TRUE(is_utf8(text));
            text[at] = static_cast<char>(0xff);
            EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
            text.replace(at, 1, "\xe2\x82\xac");
            EXPECT_TRUE(is_utf8(text)) << at << " of " << size;
        }
    }
}

TEST(Utf8, RepairReplacesExactlyTheBadBytes) {
    EXPECT_EQ(utf8_repaired("a\xffz"), "a\xef\xbf\xbdz");
    EXPECT_EQ(utf8_repaired("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(utf8_repaired("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(utf8_repaired(""), "");
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RepairOfAnyTwoBytesIsWellFormed) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const std::string repaired = utf8_repaired(text);
            ASSERT_TRUE(is_utf8(repaired));
            ASSERT_EQ(repaired == text, is_utf8(text));
        }
    }
}

}  // namespace
}  // namespace kausal
