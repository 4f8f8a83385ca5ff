// Goal: limits hold on every level of the tree, a refusal counts nothing, and threads cannot exceed
// them. Method: small trees by hand; several jobs that reserve and release at the same time.
#include "memory/budget.h"

#include "io/executor.h"

#include <gtest/gtest.h>

#include <limits>

namespace kausal::memory {
namespace {

TEST(Budget, CountsUpTheTreeAndBack) {
    Budget root("root", 0, 0);
    Budget child("child", 0, 0, &root);
    ASSERT_TRUE(child.reserve(100).is_ok());
    ASSERT_TRUE(root.reserve(50).is_ok());
    EXPECT_EQ(child.bytes_reserved(), 100u);
    EXPECT_EQ(root.bytes_reserved(), 150u);
    child.release(100);
    EXPECT_EQ(child.bytes_reserved(), 0u);
    EXPECT_EQ(root.bytes_reserved(), 50u);
    EXPECT_EQ(root.bytes_reserved_peak(), 150u);
    EXPECT_EQ(child.bytes_reserved_peak(), 100u);
}

TEST(Budget, HardLimitOfAnyLevelRefusesAndCountsNothing) {
    Budget root("root", 0, 100);
    Budget child("child", 0, 80, &root);
    EXPECT_EQ(child.reserve(81).code(), ErrorCode::NoMemory);
    EXPECT_EQ(child.denials(), 1u);
    ASSERT_TRUE(root.reserve(60).is_ok());
    const Status refused = child.reserve(41);
    EXPECT_EQ(refused.code(), ErrorCode::NoMemory);
    EXPECT_NE(refused.message().find("'root' of 100 bytes"), std::string_view::npos);
    EXPECT_EQ(root.denials(), 1u);
    EXPECT_EQ(child.bytes_reserved(), 0u);
    EXPECT_EQ(child.bytes_reserved_peak(), 0u);
    EXPECT_EQ(root.bytes_reserved(), 60u);
    EXPECT_TRUE(child.reserve(40).is_ok());
}

TEST(Budget, SumsThatWrapAroundAreRefused) {
    for (const size_t limit : {size_t{0}, size_t{1000}}) {
        Budget budget("b", 0, limit);
        ASSERT_TRUE(budget.reserve(10).is_ok());
        EXPECT_EQ(budget.reserve(std::numeric_limits<size_t>::max()).code(), ErrorCode::NoMemory);
        EXPECT_EQ(budget.reserve(std::numeric_limits<size_t>::max() - 5).code(),
                  ErrorCode::NoMemory);
        EXPECT_EQ(budget.bytes_reserved(), 10u);
    }
}

TEST(Budget, SoftLimitTellsButAllows) {
    Budget root("root", 100, 0);
    Budget child("child", 0, 0, &root);
    ASSERT_TRUE(child.reserve(100).is_ok());
    EXPECT_FALSE(child.is_over_soft_limit());
    ASSERT_TRUE(child.reserve(1).is_ok());
    EXPECT_TRUE(child.is_over_soft_limit());
    EXPECT_TRUE(root.is_over_soft_limit());
    child.release(1);
    EXPECT_FALSE(root.is_over_soft_limit());
}

TEST(Budget, ThreadsNeverExceedTheLimit) {
    constexpr size_t limit = 1000;
    Budget root("root", 0, limit);
    Budget left("left", 0, 0, &root);
    Budget right("right", 0, 0, &root);
    const auto executor = io::make_thread_executor(3);
    ASSERT_TRUE(io::parallel_for(*executor, 40'000, 4, [&](size_t, size_t index) {
                    Budget& budget = index % 2 == 0 ? left : right;
                    const size_t bytes = index % 400;
                    if (budget.reserve(bytes).is_ok()) budget.release(bytes);
                    return Status();
                }).is_ok());
    EXPECT_EQ(root.bytes_reserved(), 0u);
    EXPECT_EQ(left.bytes_reserved() + right.bytes_reserved(), 0u);
    EXPECT_LE(root.bytes_reserved_peak(), limit);
    EXPECT_GT(root.bytes_reserved_peak(), 0u);
}

}  // namespace
}  // namespace kausal::memory
