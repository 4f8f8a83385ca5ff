// Goal: task arenas are handed out warm, to one task at a time, and given back once; what is idle
// is bounded and trimmed; mistakes are refused and counted. Method: the backing allocator counts
// what really happens, random tasks against a model, tasks on several threads.
#include "memory/arena_manager.h"

#include "memory/budget.h"
#include "memory/counting_backing.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory_resource>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

constexpr std::array<ArenaClass, kArenaClassCount> kAllClasses = {
    ArenaClass::Primitive, ArenaClass::Search, ArenaClass::Request};

std::unique_ptr<ArenaManager> make_manager(CountingBacking& backing, size_t idle_max = 8) {
    ArenaManagerOptions options;
    options.backing = &backing;
    for (ArenaClassOptions& of_class : options.classes) of_class.idle_max = idle_max;
    auto manager = ArenaManager::try_create(options);
    EXPECT_TRUE(manager.has_value());
    return *std::move(manager);
}

TaskArena take(ArenaManager& manager, ArenaClass arena_class = ArenaClass::Primitive) {
    auto arena = manager.acquire(arena_class);
    EXPECT_TRUE(arena.has_value());
    return *std::move(arena);
}

void use(TaskArena& arena, int kilobytes) {
    for (int i = 0; i < kilobytes; ++i) std::memset(arena->allocate(1024, 8), i, 1024);
}

TEST(ArenaManager, ATaskGetsTheWarmArenaOfTheOneBefore) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    const Arena* first = nullptr;
    {
        TaskArena arena = take(*manager);
        first = &*arena;
        use(arena, 50);
    }
    const uint64_t calls = backing.calls();
    for (int task = 0; task < 100; ++task) {
        TaskArena arena = take(*manager);
        EXPECT_EQ(&*arena, first);
        EXPECT_EQ(arena->bytes_requested(), 0u);
        EXPECT_EQ(arena->generation(), static_cast<uint64_t>(task) + 1);
        use(arena, 50);
    }
    EXPECT_EQ(backing.calls(), calls);
    const MemoryCounters tasks = manager->tasks(ArenaClass::Primitive).counters();
    EXPECT_EQ(tasks.acquires, 101u);
    EXPECT_EQ(tasks.hits, 100u);
    EXPECT_EQ(tasks.live, 0u);
    EXPECT_EQ(tasks.live_peak, 1u);
    EXPECT_EQ(tasks.bytes_reserved, backing.bytes());
    EXPECT_EQ(tasks.bytes_retained, backing.bytes());
    const MemoryCounters objects = manager->allocations(ArenaClass::Primitive).counters();
    EXPECT_EQ(objects.acquires, 101u * 50);
    EXPECT_EQ(objects.backing_calls, calls);
    EXPECT_EQ(objects.live, 0u);
    EXPECT_EQ(objects.live_peak, 50u);
    EXPECT_EQ(manager->tasks(ArenaClass::Search).counters().acquires, 0u);
}

TEST(ArenaManager, TasksAtTheSameTimeNeverShare) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    for (int round = 0; round < 3; ++round) {
        TaskArena first = take(*manager);
        TaskArena second = take(*manager);
        TaskArena other = take(*manager, ArenaClass::Request);
        EXPECT_NE(&*first, &*second);
        EXPECT_NE(&*first, &*other);
        EXPECT_NE(&*second, &*other);
    }
    EXPECT_EQ(manager->tasks(ArenaClass::Primitive).counters().backing_calls, 2u);
}

TEST(ArenaManager, AHugeTaskDoesNotPinItsMemory) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    {
        TaskArena arena = take(*manager);
        use(arena, 20'000);
        (void)arena->allocate(size_t{30} << 20, 64);
        EXPECT_GT(backing.bytes(), size_t{49} << 20);
    }
    EXPECT_LE(backing.bytes(), ArenaManagerOptions().classes[0].keep_bytes);
    EXPECT_GT(manager->tasks(ArenaClass::Primitive).counters().bytes_reserved_peak,
              size_t{49} << 20);
}

TEST(ArenaManager, IdleArenasAreBounded) {
    CountingBacking backing;
    const auto manager = make_manager(backing, 2);
    {
        std::vector<TaskArena> arenas;
        for (int i = 0; i < 5; ++i) {
            arenas.push_back(take(*manager));
            use(arenas.back(), 1);
        }
    }
    EXPECT_EQ(backing.outstanding(), 2u);
    const auto cold = make_manager(backing, 0);
    {
        TaskArena arena = take(*cold);
    }
    {
        TaskArena arena = take(*cold);
    }
    EXPECT_EQ(cold->tasks(ArenaClass::Primitive).counters().hits, 0u);
    EXPECT_EQ(cold->tasks(ArenaClass::Primitive).counters().mode, "malloc");
}

TEST(ArenaManager, TrimFreesWhatNoTaskHasNeeded) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    const auto run_together = [&](int count) {
        std::vector<TaskArena> arenas;
        for (int i = 0; i < count; ++i) {
            arenas.push_back(take(*manager));
            use(arenas.back(), 1);
        }
    };
    run_together(4);
    EXPECT_EQ(manager->trim(), 0u);  // all four were in use since the beginning
    EXPECT_EQ(backing.outstanding(), 4u);
    run_together(1);
    run_together(2);
    EXPECT_EQ(manager->trim(), 2 * kArenaChunkSizeMin);
    EXPECT_EQ(backing.outstanding(), 2u);
    EXPECT_EQ(manager->trim(), 2 * kArenaChunkSizeMin);
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(manager->trim(), 0u);
    run_together(3);
    EXPECT_EQ(manager->trim_all(), 3 * kArenaChunkSizeMin);
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(manager->tasks(ArenaClass::Primitive).counters().bytes_retained, 0u);
}

TEST(ArenaManager, ReleasingTwiceIsRefused) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    TaskArena arena = take(*manager, ArenaClass::Search);
    ASSERT_TRUE(manager->release(arena).is_ok());
    EXPECT_FALSE(arena);
    EXPECT_EQ(manager->release(arena).code(), ErrorCode::Invalid);
    TaskArena moved_from = take(*manager, ArenaClass::Search);
    TaskArena owner = std::move(moved_from);
    // NOLINTNEXTLINE(bugprone-use-after-move): the mistake is the point
    EXPECT_EQ(manager->release(moved_from).code(), ErrorCode::Invalid);
    EXPECT_TRUE(owner);
    const MemoryCounters tasks = manager->tasks(ArenaClass::Search).counters();
    EXPECT_EQ(tasks.double_release_rejected, 2u);
    EXPECT_EQ(tasks.releases, 1u);
    EXPECT_EQ(tasks.live, 1u);
    // Nobody got the same arena twice.
    TaskArena another = take(*manager, ArenaClass::Search);
    EXPECT_NE(&*another, &*owner);
}

TEST(ArenaManager, ReleasingToAnotherManagerIsRefused) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    const auto other = make_manager(backing);
    {
        TaskArena arena = take(*manager);
        use(arena, 1);
        EXPECT_EQ(other->release(arena).code(), ErrorCode::Invalid);
        EXPECT_TRUE(arena);
        EXPECT_EQ(arena->bytes_requested(), 1024u);
        EXPECT_EQ(other->tasks(ArenaClass::Primitive).counters().foreign_release_rejected, 1u);
        EXPECT_EQ(other->tasks(ArenaClass::Primitive).counters().releases, 0u);
    }
    EXPECT_EQ(manager->tasks(ArenaClass::Primitive).counters().releases, 1u);
}

TEST(ArenaManager, ATaskMayEndOnAnotherThreadAndAfterTheManager) {
    CountingBacking backing;
    std::atomic<bool> is_free_to_end{false};
    std::thread thread;
    {
        const auto manager = make_manager(backing);
        TaskArena arena = take(*manager);
        use(arena, 1);
        thread = std::thread([&is_free_to_end, owned = std::move(arena)]() mutable {
            while (!is_free_to_end.load()) {
            }
            use(owned, 100);
        });
        TaskArena ended_elsewhere = take(*manager);
        std::thread([owned = std::move(ended_elsewhere)]() mutable { use(owned, 1); }).join();
        EXPECT_EQ(manager->tasks(ArenaClass::Primitive).counters().releases, 1u);
    }
    EXPECT_EQ(backing.outstanding(), 1u);
    is_free_to_end.store(true);
    thread.join();
    EXPECT_EQ(backing.outstanding(), 0u);
}

TEST(ArenaManager, ContainersOfATaskTakeItsMemory) {
    CountingBacking backing;
    const auto manager = make_manager(backing);
    TaskArena arena = take(*manager, ArenaClass::Request);
    std::pmr::vector<std::pmr::string> texts(arena.resource());
    for (int i = 0; i < 100; ++i) texts.emplace_back("text of some length, " + std::to_string(i));
    EXPECT_EQ(texts[99], "text of some length, 99");
    EXPECT_GT(arena->bytes_requested(), 2000u);
    EXPECT_TRUE(arena.resource()->is_equal(*texts.get_allocator().resource()));
    TaskArena second = take(*manager, ArenaClass::Request);
    EXPECT_FALSE(arena.resource()->is_equal(*second.resource()));
    EXPECT_THROW((void)arena.resource()->allocate(8, 128), std::bad_alloc);
}

TEST(ArenaManager, WrongOptionsAndClassesAreRefused) {
    ArenaManagerOptions options;
    options.classes[2].growth = 0;
    const auto wrong = ArenaManager::try_create(options);
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code(), ErrorCode::Invalid);
    CountingBacking backing;
    const auto manager = make_manager(backing);
    const auto arena = manager->acquire(static_cast<ArenaClass>(9));
    ASSERT_FALSE(arena.has_value());
    EXPECT_EQ(arena.error().code(), ErrorCode::Invalid);
}

TEST(ArenaManager, ATaskBeyondTheBudgetFailsAndIsCounted) {
    CountingBacking backing;
    Budget budget("queries", {.hard_bytes = size_t{1} << 20});
    ArenaManagerOptions options;
    options.backing = &backing;
    options.budget = &budget;
    auto created = ArenaManager::try_create(options);
    ASSERT_TRUE(created.has_value());
    const auto manager = *std::move(created);
    {
        TaskArena arena = take(*manager, ArenaClass::Search);
        EXPECT_EQ(arena->try_allocate(size_t{2} << 20, 8), nullptr);
        EXPECT_NE(arena->try_allocate(100, 8), nullptr);
    }
    EXPECT_EQ(manager->allocations(ArenaClass::Search).counters().budget_denied, 1u);
    EXPECT_EQ(budget.bytes_reserved(), backing.bytes());
    (void)manager->trim_all();
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

TEST(ArenaManager, AgreesWithAModel) {
    CountingBacking backing;
    const size_t idle_max = 3;
    const auto manager = make_manager(backing, idle_max);
    std::mt19937_64 random(5);
    std::array<std::vector<TaskArena>, kArenaClassCount> tasks;
    std::array<uint64_t, kArenaClassCount> idle = {};
    std::array<uint64_t, kArenaClassCount> hits = {};
    std::array<uint64_t, kArenaClassCount> acquires = {};
    for (int step = 0; step < 8000; ++step) {
        const size_t number = random() % kArenaClassCount;
        auto& of_class = tasks[number];
        const uint64_t dice = random() % 100;
        if (dice < 50 && of_class.size() < 6) {
            of_class.push_back(take(*manager, kAllClasses[number]));
            ++acquires[number];
            if (idle[number] > 0) {
                ++hits[number];
                --idle[number];
            }
            use(of_class.back(), static_cast<int>(random() % 300));
        } else if (dice < 99 && !of_class.empty()) {
            std::swap(of_class[random() % of_class.size()], of_class.back());
            of_class.pop_back();
            if (idle[number] < idle_max) ++idle[number];
        } else if (dice == 99) {
            (void)manager->trim_all();
            idle = {};
        }
        uint64_t reserved = 0;
        for (size_t at = 0; at < kArenaClassCount; ++at) {
            const MemoryCounters counters = manager->tasks(kAllClasses[at]).counters();
            ASSERT_TRUE(is_consistent(counters));
            ASSERT_TRUE(is_consistent(manager->allocations(kAllClasses[at]).counters()));
            ASSERT_EQ(counters.acquires, acquires[at]);
            ASSERT_EQ(counters.hits, hits[at]);
            ASSERT_EQ(counters.live, tasks[at].size());
            reserved += counters.bytes_reserved;
        }
        ASSERT_EQ(reserved, backing.bytes());
    }
    EXPECT_GT(hits[0], 100u);
}

TEST(ArenaManager, ThreadsTakeGiveBackTrimAndCount) {
    CountingBacking backing;
    const auto manager = make_manager(backing, 2);
    std::atomic<int> running{3};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 1500; ++i) {
                TaskArena arena = take(*manager, kAllClasses[static_cast<size_t>(i % 2)]);
                auto* mine = arena->make<int>(thread);
                use(arena, i % 90);
                EXPECT_EQ(*mine, thread);
            }
            --running;
        });
    }
    uint64_t looks = 0;
    while (running.load() > 0) {
        for (const ArenaClass arena_class : kAllClasses) {
            ASSERT_TRUE(is_consistent(manager->tasks(arena_class).counters()));
            ASSERT_TRUE(is_consistent(manager->allocations(arena_class).counters()));
        }
        (void)manager->trim();
        ++looks;
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(looks, 0u);
    const uint64_t acquires = manager->tasks(ArenaClass::Primitive).counters().acquires +
                              manager->tasks(ArenaClass::Search).counters().acquires;
    EXPECT_EQ(acquires, 4500u);
    (void)manager->trim_all();
    EXPECT_EQ(backing.outstanding(), 0u);
}

}  // namespace
}  // namespace kausal::memory
