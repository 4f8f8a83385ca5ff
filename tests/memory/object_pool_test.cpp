// Goal: objects are reused, never shared, made ready in between and not hoarded; every misuse and
// every failure is an answer. Method: a maker that counts and can be told to fail; a model; threads
// that take, pass on and give back.
#include "memory/object_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

struct Scratch {
    explicit Scratch(std::atomic<int>& alive_count) : alive(&alive_count) { ++*alive; }
    ~Scratch() { --*alive; }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    Scratch(Scratch&&) = delete;
    Scratch& operator=(Scratch&&) = delete;
    std::atomic<int>* alive;
    size_t bytes = 100;
    int used = 0;
    bool is_broken = false;
};
using Item = std::unique_ptr<Scratch>;
static_assert(!std::is_copy_constructible_v<Lease<Item>>);

/// What the tests see of a maker, which itself belongs to its pool.
struct MakerLog {
    std::atomic<int> alive{0};
    std::atomic<int> made{0};
    std::atomic<int> readied{0};
    std::atomic<bool> fails{false};
};

class ScratchMaker final : public ObjectMaker<Item> {
  public:
    explicit ScratchMaker(MakerLog& log) : log_(log) {}
    bool make(Item& item) noexcept override {
        if (log_.fails) return false;
        ++log_.made;
        item = std::make_unique<Scratch>(log_.alive);
        return true;
    }
    bool make_ready(Item& item) noexcept override {
        ++log_.readied;
        item->used = 0;
        return !item->is_broken;
    }
    [[nodiscard]] size_t bytes_held(const Item& item) const noexcept override {
        return item->bytes;
    }

  private:
    MakerLog& log_;
};

std::unique_ptr<ObjectPool<Item>> make_pool(MakerLog& log, const ObjectPoolConfig& config = {},
                                            Budget* budget = nullptr) {
    auto pool = ObjectPool<Item>::create(config, std::make_unique<ScratchMaker>(log), budget);
    return pool.has_value() ? std::move(*pool) : nullptr;
}

TEST(ObjectPool, ReusesTheLastOneAndMakesItReady) {
    MakerLog log;
    const auto pool = make_pool(log);
    const Scratch* first = nullptr;
    {
        auto lease = pool->acquire();
        ASSERT_TRUE(lease.has_value());
        first = (*lease)->get();
        (**lease)->used = 5;
    }
    auto lease = pool->acquire();
    ASSERT_TRUE(lease.has_value());
    EXPECT_EQ((*lease)->get(), first);
    EXPECT_EQ((**lease)->used, 0);
    const auto second = pool->acquire();
    ASSERT_TRUE(second.has_value());
    const MemoryCounters counters = pool->counters();
    EXPECT_TRUE(is_consistent(counters));
    EXPECT_EQ(counters.acquires, 3u);
    EXPECT_EQ(counters.hits, 1u);
    EXPECT_EQ(counters.backing_calls, 2u);
    EXPECT_EQ(counters.live, 2u);
    EXPECT_EQ(counters.live_peak, 2u);
    EXPECT_EQ(counters.bytes_reserved, 200u);
    EXPECT_EQ(counters.mode, "pool");
}

TEST(ObjectPool, KeepsNeitherTooManyNorTooLargeNorBrokenOnes) {
    MakerLog log;
    const auto pool = make_pool(log, {.idle_count_max = 2, .idle_object_bytes_max = 1000});
    {
        std::vector<Lease<Item>> leases;
        for (int i = 0; i < 5; ++i) leases.push_back(pool->acquire().value());
    }
    EXPECT_EQ(log.alive, 2);
    EXPECT_EQ(pool->counters().bytes_retained, 200u);
    {
        auto large = pool->acquire().value();
        (*large)->bytes = 1001;
        auto broken = pool->acquire().value();
        (*broken)->is_broken = true;
    }
    EXPECT_EQ(log.alive, 0);
    EXPECT_EQ(pool->counters().bytes_reserved, 0u);
    {
        const auto lease = pool->acquire();
    }
    EXPECT_EQ(pool->trim(), 1u);
    EXPECT_EQ(pool->trim(), 0u);
    EXPECT_EQ(log.alive, 0);
    EXPECT_TRUE(is_consistent(pool->counters()));
}

TEST(ObjectPool, WithoutIdleOnesItIsMalloc) {
    MakerLog log;
    const auto pool = make_pool(log, {.idle_count_max = 0});
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(pool->acquire().has_value());
    EXPECT_EQ(log.made, 10);
    EXPECT_EQ(log.alive, 0);
    EXPECT_EQ(pool->counters().hits, 0u);
    EXPECT_EQ(pool->counters().mode, "malloc");
}

TEST(ObjectPool, ForeignAndRepeatedReleaseAreRejectedAndCounted) {
    MakerLog log;
    const auto pool = make_pool(log);
    const auto stranger = make_pool(log);
    Lease<Item> foreign = stranger->acquire().value();
    EXPECT_EQ(pool->release(foreign), ReleaseOutcome::Foreign);
    EXPECT_TRUE(foreign) << "it still belongs to its holder";
    Lease<Item> lease = pool->acquire().value();
    EXPECT_EQ(pool->release(lease), ReleaseOutcome::Released);
    EXPECT_EQ(pool->release(lease), ReleaseOutcome::Repeated);
    lease.release();
    const MemoryCounters counters = pool->counters();
    EXPECT_EQ(counters.releases, 1u);
    EXPECT_EQ(counters.foreign_release_rejected, 1u);
    EXPECT_EQ(counters.double_release_rejected, 1u);
    EXPECT_EQ(stranger->release(foreign), ReleaseOutcome::Released);
    Lease<Item> moved = pool->acquire().value();
    Lease<Item> target = std::move(moved);
    EXPECT_FALSE(moved);  // NOLINT(bugprone-use-after-move): that is what is tested
    target = Lease<Item>();
    EXPECT_EQ(pool->counters().live, 0u);
}

TEST(ObjectPool, ALeaseMayOutliveItsPool) {
    MakerLog log;
    auto pool = make_pool(log);
    Lease<Item> lease = pool->acquire().value();
    Lease<Item> second = pool->acquire().value();
    {
        const auto idle = pool->acquire();
    }
    EXPECT_EQ(log.alive, 3);
    pool.reset();
    EXPECT_EQ(log.alive, 2) << "idle ones go with the pool";
    second.release();
    EXPECT_EQ(log.alive, 1) << "nothing is kept for a pool that has gone";
    (*lease)->used = 3;
    lease.release();
    EXPECT_EQ(log.alive, 0);
}

TEST(ObjectPool, FailuresOfTheMakerTheBudgetAndTheLimitAreNoMemory) {
    MakerLog log;
    Budget budget("scratch", {.hard_bytes = 250});
    {
        const auto pool = make_pool(log, {.live_count_max = 3, .object_bytes = 80}, &budget);
        log.fails = true;
        EXPECT_EQ(pool->acquire().error().code(), ErrorCode::NoMemory);
        EXPECT_EQ(budget.bytes_reserved(), 0u);
        log.fails = false;
        std::vector<Lease<Item>> leases;
        leases.push_back(pool->acquire().value());
        leases.push_back(pool->acquire().value());
        EXPECT_EQ(budget.bytes_reserved(), 200u) << "what they hold, not what was asked for";
        EXPECT_EQ(pool->acquire().error().code(), ErrorCode::NoMemory);
        EXPECT_EQ(pool->counters().budget_denied, 1u);
        leases.clear();
        EXPECT_EQ(budget.bytes_reserved(), 200u) << "idle ones still count";
        EXPECT_EQ(pool->trim(1), 1u);
        EXPECT_EQ(budget.bytes_reserved(), 100u);
        {
            Lease<Item> grown = pool->acquire().value();
            (*grown)->bytes = 300;
        }
        EXPECT_EQ(budget.bytes_reserved(), 0u) << "no room to keep what has grown";
        EXPECT_EQ(log.alive, 0);
        EXPECT_TRUE(is_consistent(pool->counters()));
    }
    const auto limited = make_pool(log, {.live_count_max = 2});
    const auto one = limited->acquire();
    auto two = limited->acquire();
    EXPECT_EQ(limited->acquire().error().code(), ErrorCode::NoMemory);
    two->release();
    EXPECT_TRUE(limited->acquire().has_value());
    EXPECT_EQ(ObjectPool<Item>::create({}, nullptr).error().code(), ErrorCode::NoMemory);
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

TEST(ObjectPool, EqualsAModelOverRandomSteps) {
    std::mt19937 random(5);  // NOLINT: the same steps every time
    MakerLog log;
    Budget budget("scratch");
    const auto pool = make_pool(
        log, {.live_count_max = 10, .idle_count_max = 4, .idle_object_bytes_max = 500}, &budget);
    std::vector<Lease<Item>> leases;
    size_t idle = 0;
    for (int step = 0; step < 20'000; ++step) {
        const auto choice = random() % 10;
        if (choice == 0) {
            const size_t keep = random() % 3;
            ASSERT_EQ(pool->trim(keep), idle > keep ? idle - keep : 0);
            idle = std::min(idle, keep);
        } else if (choice < 6) {
            auto lease = pool->acquire();
            ASSERT_EQ(lease.has_value(), leases.size() < 10);
            if (!lease.has_value()) continue;
            idle -= idle > 0 ? 1 : 0;
            (**lease)->bytes = random() % 800;
            leases.push_back(std::move(*lease));
        } else if (!leases.empty()) {
            const size_t at = random() % leases.size();
            if ((*leases[at])->bytes <= 500 && idle < 4) ++idle;
            std::swap(leases[at], leases.back());
            leases.pop_back();
        }
        const MemoryCounters counters = pool->counters();
        ASSERT_TRUE(is_consistent(counters));
        ASSERT_EQ(counters.live, leases.size());
        ASSERT_EQ(static_cast<size_t>(log.alive), leases.size() + idle);
        ASSERT_EQ(counters.bytes_reserved, budget.bytes_reserved());
    }
    EXPECT_GT(pool->counters().hits, 1000u);
}

TEST(ObjectPool, ThreadsTakePassOnAndGiveBack) {
    MakerLog log;
    Budget budget("scratch");
    {
        const auto pool = make_pool(log, {.idle_count_max = 3}, &budget);
        std::mutex mutex;
        std::vector<Lease<Item>> passed;
        std::atomic<bool> done{false};
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 3; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < 5000; ++i) {
                    Lease<Item> lease = pool->acquire().value();
                    ASSERT_EQ((*lease)->used, 0) << "somebody else has it";
                    (*lease)->used = 1;
                    const std::lock_guard lock(mutex);
                    passed.push_back(std::move(lease));
                    std::swap(passed.front(), passed.back());
                    if (passed.size() > 5) passed.pop_back();
                }
            });
        }
        std::thread reader([&] {
            while (!done.load()) {
                ASSERT_TRUE(is_consistent(pool->counters()));
                (void)pool->trim(1);
            }
        });
        for (std::thread& thread : threads) thread.join();
        done.store(true);
        reader.join();
        passed.clear();
        const MemoryCounters counters = pool->counters();
        EXPECT_EQ(counters.acquires, 15'000u);
        EXPECT_EQ(counters.live, 0u);
        EXPECT_EQ(counters.bytes_reserved, budget.bytes_reserved());
    }
    EXPECT_EQ(log.alive, 0);
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

}  // namespace
}  // namespace kausal::memory
