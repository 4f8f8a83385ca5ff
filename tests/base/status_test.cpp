// Goal: statuses carry code and message through copies, moves, context and KAUSAL_TRY; success is
// free. Method: small functions that fail in both ways.
#include "base/status.h"

#include <gtest/gtest.h>

#include <set>

namespace kausal {
namespace {

TEST(Status, SuccessIsTheDefault) {
    const Status status;
    EXPECT_TRUE(status.is_ok());
    EXPECT_EQ(status.code(), ErrorCode::Ok);
    EXPECT_EQ(status.message(), "ok");
    EXPECT_TRUE(Status::ok().is_ok());
    EXPECT_LE(sizeof(Status), 2 * sizeof(void*));
}

TEST(Status, CopiesAndMovesKeepCodeAndText) {
    const Status original(ErrorCode::NoSpace, "write f: full");
    Status copy = original;
    EXPECT_EQ(copy.message(), "write f: full");
    const Status moved = std::move(copy);
    EXPECT_EQ(moved.code(), ErrorCode::NoSpace);
    EXPECT_EQ(moved.message(), "write f: full");
    Status assigned;
    assigned = moved;
    assigned = *&assigned;
    EXPECT_EQ(assigned.message(), "write f: full");
    EXPECT_EQ(original.message(), "write f: full");
}

TEST(Status, WithoutTextTheNameOfTheCodeIsTheMessage) {
    EXPECT_EQ(Status(ErrorCode::NoMemory).message(), "no memory");
}

TEST(Status, ContextGoesInFrontAndSuccessStaysSuccess) {
    const Status status = Status(ErrorCode::Corrupt, "bad").with_context("file");
    EXPECT_EQ(status.message(), "file: bad");
    EXPECT_EQ(status.code(), ErrorCode::Corrupt);
    EXPECT_TRUE(Status().with_context("file").is_ok());
}

TEST(Status, EveryCodeHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (int code = 0; code >= -18; --code) {
        names.insert(error_code_name(static_cast<ErrorCode>(code)));
    }
    EXPECT_EQ(names.size(), 19u);
    EXPECT_FALSE(names.contains("internal"));
    EXPECT_EQ(error_code_name(ErrorCode::Internal), "internal");
    EXPECT_EQ(error_code_name(static_cast<ErrorCode>(12345)), "internal");
}

Result<int> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::Invalid, "odd: " + std::to_string(value));
    return value / 2;
}
Result<std::string> quarter(int value) {
    const int once = KAUSAL_TRY(half(value));
    return std::to_string(KAUSAL_TRY(half(once)));
}
Status check_quarter(int value) {
    KAUSAL_TRY(quarter(value));
    return {};
}
Result<std::unique_ptr<int>> boxed(int value) {
    KAUSAL_TRY(check_quarter(value));
    return std::make_unique<int>(value);
}

TEST(Try, PassesValuesAndReturnsErrorsBetweenBothKinds) {
    EXPECT_EQ(*quarter(8), "2");
    EXPECT_EQ(quarter(6).error().message(), "odd: 3");
    EXPECT_TRUE(check_quarter(8).is_ok());
    EXPECT_EQ(check_quarter(7).message(), "odd: 7");
    EXPECT_EQ(**boxed(8), 8);
    EXPECT_EQ(boxed(6).error().code(), ErrorCode::Invalid);
}

}  // namespace
}  // namespace kausal
