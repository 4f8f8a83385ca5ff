// Goal: limits hold on every level of the tree, a refusal counts nothing, every parent is the sum
// of its children at any moment, and listeners hear of every crossing once. Method: small trees by
// hand; random steps against a model; threads that reserve while another reads whole snapshots.
#include "memory/budget.h"

#include "io/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

static_assert(!std::is_copy_constructible_v<Reservation>);
static_assert(!std::is_copy_assignable_v<Reservation>);
static_assert(std::is_nothrow_move_constructible_v<Reservation>);

/// Every parent equals its own bytes plus its children's sums.
void expect_exact_sums(const std::vector<BudgetCounters>& nodes) {
    ASSERT_FALSE(nodes.empty());
    for (size_t i = 0; i < nodes.size(); ++i) {
        uint64_t sum = nodes[i].bytes_own;
        for (size_t j = i + 1; j < nodes.size() && nodes[j].depth > nodes[i].depth; ++j) {
            if (nodes[j].depth == nodes[i].depth + 1) sum += nodes[j].bytes_reserved;
        }
        ASSERT_EQ(nodes[i].bytes_reserved, sum) << nodes[i].name;
        ASSERT_LE(nodes[i].bytes_reserved, nodes[i].bytes_reserved_peak) << nodes[i].name;
    }
}

TEST(Budget, CountsUpTheTreeAndBack) {
    Budget root("root");
    Budget child("child", {}, &root);
    {
        const Result<Reservation> held = child.reserve(100);
        ASSERT_TRUE(held.has_value());
        const Result<Reservation> other = root.reserve(50);
        ASSERT_TRUE(other.has_value());
        EXPECT_EQ(child.bytes_reserved(), 100u);
        EXPECT_EQ(root.bytes_reserved(), 150u);
        expect_exact_sums(root.snapshot());
    }
    EXPECT_EQ(child.bytes_reserved(), 0u);
    EXPECT_EQ(root.bytes_reserved(), 0u);
    EXPECT_EQ(root.bytes_reserved_peak(), 150u);
    EXPECT_EQ(child.bytes_reserved_peak(), 100u);
}

TEST(Budget, HardLimitOfAnyLevelRefusesAndCountsNothing) {
    Budget root("root", {.hard_bytes = 100});
    Budget child("child", {.hard_bytes = 80}, &root);
    EXPECT_EQ(child.reserve(81).error().code(), ErrorCode::NoMemory);
    EXPECT_EQ(child.denials(), 1u);
    Result<Reservation> held = root.reserve(60);
    ASSERT_TRUE(held.has_value());
    const Result<Reservation> refused = child.reserve(41);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::NoMemory);
    EXPECT_NE(refused.error().message().find("'root' of 100 bytes has no room for 41"),
              std::string_view::npos);
    EXPECT_EQ(root.denials(), 1u);
    EXPECT_EQ(child.bytes_reserved(), 0u);
    EXPECT_EQ(child.bytes_reserved_peak(), 0u);
    EXPECT_EQ(root.bytes_reserved(), 60u);
    EXPECT_TRUE(child.reserve(40).has_value());
}

TEST(Budget, SumsThatWrapAroundAreRefused) {
    for (const size_t limit : {size_t{0}, size_t{1000}}) {
        Budget budget("b", {.hard_bytes = limit});
        Result<Reservation> held = budget.reserve(10);
        ASSERT_TRUE(held.has_value());
        for (const size_t bytes :
             {std::numeric_limits<size_t>::max(), std::numeric_limits<size_t>::max() - 5}) {
            EXPECT_EQ(budget.reserve(bytes).error().code(), ErrorCode::NoMemory);
            EXPECT_FALSE(held->try_grow(bytes));
            EXPECT_FALSE(held->try_resize(bytes));
        }
        EXPECT_EQ(budget.bytes_reserved(), 10u);
        EXPECT_EQ(held->bytes(), 10u);
    }
}

TEST(Budget, ReservationMovesGrowsAndShrinks) {
    Budget budget("b", {.hard_bytes = 100});
    Reservation held = budget.open();
    EXPECT_EQ(held.bytes(), 0u);
    ASSERT_TRUE(held.grow(60).is_ok());
    EXPECT_EQ(held.shrink(61).code(), ErrorCode::Invalid);
    EXPECT_EQ(budget.bytes_reserved(), 60u);
    ASSERT_TRUE(held.shrink(10).is_ok());
    EXPECT_EQ(budget.bytes_reserved(), 50u);
    EXPECT_FALSE(held.try_resize(101));
    EXPECT_EQ(held.bytes(), 50u);
    EXPECT_TRUE(held.try_resize(100));
    EXPECT_TRUE(held.try_resize(30));
    Reservation moved = std::move(held);
    EXPECT_EQ(moved.bytes(), 30u);
    // NOLINTBEGIN(bugprone-use-after-move): what was moved away belongs to no budget and says so.
    EXPECT_EQ(held.bytes(), 0u);
    EXPECT_EQ(held.grow(1).code(), ErrorCode::Invalid);
    EXPECT_FALSE(held.try_grow(1));
    EXPECT_TRUE(held.shrink(0).is_ok());
    EXPECT_EQ(held.shrink(1).code(), ErrorCode::Invalid);
    EXPECT_FALSE(held.try_resize(5));
    held.release();
    // NOLINTEND(bugprone-use-after-move)
    EXPECT_EQ(budget.bytes_reserved(), 30u);
    Result<Reservation> other = budget.reserve(20);
    ASSERT_TRUE(other.has_value());
    moved = std::move(*other);  // the 30 go back first
    EXPECT_EQ(budget.bytes_reserved(), 20u);
    moved.release();
    moved.release();
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

/// Counts what it hears and frees what it was given to free.
class Listener final : public PressureListener {
  public:
    void on_pressure(Budget& budget, Pressure pressure) noexcept override {
        (pressure == Pressure::Soft ? soft : hard) += 1;
        last = &budget;
        // Taking the budget's lock here would block for ever if it were still held.
        sum_seen = budget.bytes_reserved();
        evict.release();
    }
    int soft = 0;
    int hard = 0;
    Budget* last = nullptr;
    uint64_t sum_seen = 0;
    Reservation evict;
};

TEST(Budget, SoftLimitTellsOncePerCrossingAndAllows) {
    Listener listener;
    Budget root("root", {.soft_bytes = 100}, nullptr, &listener);
    Budget child("child", {}, &root);
    Reservation held = child.open();
    ASSERT_TRUE(held.try_grow(100));
    EXPECT_FALSE(child.is_over_soft_limit());
    EXPECT_EQ(listener.soft, 0);
    ASSERT_TRUE(held.try_grow(1));
    EXPECT_TRUE(child.is_over_soft_limit());
    EXPECT_TRUE(root.is_over_soft_limit());
    EXPECT_EQ(listener.soft, 1);
    EXPECT_EQ(listener.last, &root);
    EXPECT_EQ(listener.sum_seen, 101u);
    ASSERT_TRUE(held.try_grow(50));
    EXPECT_EQ(listener.soft, 1);
    ASSERT_TRUE(held.try_resize(100));
    EXPECT_FALSE(root.is_over_soft_limit());
    ASSERT_TRUE(held.try_grow(1));
    EXPECT_EQ(listener.soft, 2);
    EXPECT_EQ(root.snapshot()[0].soft_crossings, 2u);
    EXPECT_EQ(root.snapshot()[1].soft_crossings, 0u);
    EXPECT_EQ(listener.hard, 0);
}

TEST(Budget, ListenerMayEvictSoThatARefusedRequestSucceedsWhenRepeated) {
    Listener listener;
    Budget root("root", {.soft_bytes = 1000, .hard_bytes = 100}, nullptr, &listener);
    Budget cache("cache", {}, &root);
    Budget query("query", {}, &root);
    Result<Reservation> cached = cache.reserve(90);
    ASSERT_TRUE(cached.has_value());
    listener.evict = std::move(*cached);
    EXPECT_FALSE(query.reserve(20).has_value());
    EXPECT_EQ(listener.hard, 1);
    EXPECT_EQ(cache.bytes_reserved(), 0u);
    EXPECT_TRUE(query.reserve(20).has_value());
}

TEST(Budget, EqualsAModelOverRandomSteps) {
    std::mt19937 random(7);  // NOLINT: the same steps every time
    Budget root("root", {.hard_bytes = 5000});
    Budget left("left", {.hard_bytes = 3000}, &root);
    Budget right("right", {}, &root);
    Budget deep("deep", {.hard_bytes = 1000}, &left);
    Budget* nodes[] = {&root, &left, &right, &deep};
    const std::vector<int> chain[] = {{0}, {1, 0}, {2, 0}, {3, 1, 0}};
    const size_t limits[] = {5000, 3000, SIZE_MAX, 1000};
    size_t sums[4] = {};
    std::vector<std::pair<int, Reservation>> held;
    size_t refused = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (!held.empty() && random() % 2 == 0) {
            const size_t at = random() % held.size();
            for (const int node : chain[held[at].first]) sums[node] -= held[at].second.bytes();
            std::swap(held[at], held.back());
            held.pop_back();
        } else {
            const int at = static_cast<int>(random() % 4);
            const size_t bytes = random() % 900;
            bool fits = true;
            for (const int node : chain[at]) fits = fits && sums[node] + bytes <= limits[node];
            Reservation got = nodes[at]->open();
            ASSERT_EQ(got.try_grow(bytes), fits);
            refused += fits ? 0 : 1;
            if (!fits) continue;
            for (const int node : chain[at]) sums[node] += bytes;
            held.emplace_back(at, std::move(got));
        }
        for (int node = 0; node < 4; ++node) ASSERT_EQ(nodes[node]->bytes_reserved(), sums[node]);
        expect_exact_sums(root.snapshot());
    }
    EXPECT_GT(refused, 100u);
    uint64_t denials = 0;
    for (const BudgetCounters& node : root.snapshot()) denials += node.denials;
    EXPECT_EQ(denials, refused);
}

TEST(Budget, ThreadsNeverExceedTheLimitAndSumsAreExactMeanwhile) {
    constexpr size_t limit = 1000;
    Budget root("root", {.soft_bytes = 500, .hard_bytes = limit});
    Budget left("left", {}, &root);
    Budget right("right", {}, &root);
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done.load()) expect_exact_sums(root.snapshot());
    });
    const auto executor = io::make_thread_executor(3);
    EXPECT_TRUE(io::parallel_for(*executor, 40'000, 4, [&](size_t, size_t index) {
                    Budget& budget = index % 2 == 0 ? left : right;
                    Reservation held = budget.open();
                    (void)held.try_grow(index % 400);
                    return Status();
                }).is_ok());
    done.store(true);
    reader.join();
    EXPECT_EQ(root.bytes_reserved(), 0u);
    EXPECT_EQ(left.bytes_reserved() + right.bytes_reserved(), 0u);
    EXPECT_LE(root.bytes_reserved_peak(), limit);
    EXPECT_GT(root.bytes_reserved_peak(), 0u);
    EXPECT_FALSE(left.is_over_soft_limit());
}

TEST(Budget, ChildrenComeAndGo) {
    Budget root("root");
    auto first = std::make_unique<Budget>("first", BudgetLimits{}, &root);
    auto second = std::make_unique<Budget>("second", BudgetLimits{}, &root);
    auto third = std::make_unique<Budget>("third", BudgetLimits{}, &root);
    second.reset();
    const auto nodes = root.snapshot();
    ASSERT_EQ(nodes.size(), 3u);
    EXPECT_EQ(nodes[1].name, "first");
    EXPECT_EQ(nodes[2].name, "third");
    first.reset();
    third.reset();
    EXPECT_EQ(root.snapshot().size(), 1u);
}

}  // namespace
}  // namespace kausal::memory
