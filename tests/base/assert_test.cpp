// Goal: a failed assertion is counted and reported, and the process goes on.
// Method: a handler that records, put in and taken out again.
#include "base/assert.h"

#include <gtest/gtest.h>

#include <string>

namespace kausal {
namespace {

std::string& reported() {
    static std::string text;
    return text;
}
void record(const char* condition, const char* file, int line) noexcept {
    reported() = std::string(condition) + " " + (line > 0 ? "line" : "?") + " " + file;
}

TEST(Assert, ReportsCountsAndGoesOn) {
    const AssertHandler former = set_assert_handler(record);
    const uint64_t before = assert_failures();
    const int two = 2;
    EXPECT_TRUE(KAUSAL_ASSERT(two == 2));
    EXPECT_EQ(assert_failures(), before);
    EXPECT_FALSE(KAUSAL_ASSERT(two == 3));
    EXPECT_EQ(assert_failures(), before + 1);
    EXPECT_TRUE(reported().starts_with("two == 3 line ")) << reported();
    EXPECT_NE(reported().find("assert_test.cpp"), std::string::npos);
    EXPECT_EQ(set_assert_handler(former), record);
}

TEST(Assert, NullHandlerMeansTheDefaultOne) {
    const AssertHandler former = set_assert_handler(nullptr);
    EXPECT_NE(set_assert_handler(former), nullptr);
}

}  // namespace
}  // namespace kausal
