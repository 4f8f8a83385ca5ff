// Goal: slots are aligned, stable and never shared; whatever comes back wrongly is rejected and
// counted; failure leaves everything usable; snapshots hold their invariants at every moment.
// Method: steps against a model, each misuse once, a backing allocator that fails at every call in
// turn, and threads that pass slots on while another thread reads the counters.
#include "memory/fixed_pool.h"

#include "counting_backing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

struct Pool {
    explicit Pool(FixedPoolConfig config = {}, Budget* budget = nullptr) {
        auto made = FixedPool::create(config, {.backing = &backing, .budget = budget});
        if (made.has_value()) pool = std::move(*made);
    }
    [[nodiscard]] Magazine open() const {
        auto magazine = pool->open_magazine();
        return magazine.has_value() ? std::move(*magazine) : Magazine();
    }
    CountingBacking backing;
    std::unique_ptr<FixedPool> pool;
};

constexpr FixedPoolConfig kSmall{.name = "small", .slab_bytes = 4096, .slab_count_max = 8};

TEST(FixedPool, SlotsAreAlignedStableAndDistinct) {
    for (const size_t alignment : {size_t{8}, size_t{64}, size_t{4096}}) {
        for (const size_t size : {size_t{1}, size_t{24}, size_t{200}, size_t{5000}}) {
            const Pool made({.slot_bytes = size, .slot_alignment = alignment});
            ASSERT_NE(made.pool, nullptr);
            Magazine magazine = made.open();
            std::map<unsigned char*, unsigned char> slots;
            for (unsigned i = 0; i < 300; ++i) {
                auto* slot = static_cast<unsigned char*>(magazine.acquire());
                ASSERT_NE(slot, nullptr);
                ASSERT_EQ(reinterpret_cast<uintptr_t>(slot) % alignment, 0u);
                std::memset(slot, static_cast<int>(i % 251), size);
                ASSERT_TRUE(slots.emplace(slot, i % 251).second);
            }
            for (const auto& [slot, fill] : slots) {
                for (size_t i = 0; i < size; ++i) ASSERT_EQ(slot[i], fill);
            }
            for (const auto& [slot, fill] : slots) {
                ASSERT_EQ(magazine.release(slot), ReleaseOutcome::Released);
            }
            EXPECT_EQ(made.pool->counters().live, 0u);
        }
    }
}

TEST(FixedPool, EqualsAModelOverRandomSteps) {
    std::mt19937 random(11);  // NOLINT: the same steps every time
    const Pool made(kSmall);
    Magazine magazines[3] = {made.open(), made.open(), made.open()};
    std::set<void*> live;
    uint64_t acquires = 0;
    uint64_t releases = 0;
    uint64_t refused = 0;
    size_t peak = 0;
    for (int step = 0; step < 50'000; ++step) {
        Magazine& magazine = magazines[random() % 3];
        if (random() % 1000 == 0) magazine = made.open();  // closes the one before
        if (live.empty() || random() % 2 == 0) {
            void* slot = magazine.acquire();
            refused += slot == nullptr ? 1 : 0;
            if (slot == nullptr) continue;
            ASSERT_TRUE(live.insert(slot).second) << "a slot was handed out twice";
            ++acquires;
        } else {
            auto at = live.begin();
            std::advance(at, static_cast<long>(random() % live.size()));
            const bool has_magazine = random() % 4 != 0;
            ASSERT_EQ(has_magazine ? magazine.release(*at) : made.pool->release(*at),
                      ReleaseOutcome::Released);
            ASSERT_NE(has_magazine ? magazine.release(*at) : made.pool->release(*at),
                      ReleaseOutcome::Released);
            live.erase(at);
            ++releases;
        }
        peak = std::max(peak, live.size());
        const MemoryCounters counters = made.pool->counters();
        ASSERT_TRUE(is_consistent(counters));
        ASSERT_EQ(counters.acquires, acquires);
        ASSERT_EQ(counters.releases, releases);
        ASSERT_EQ(counters.live, live.size());
        ASSERT_GE(counters.live_peak, peak);
        ASSERT_EQ(counters.double_release_rejected, releases);
        ASSERT_EQ(counters.foreign_release_rejected, 0u);
    }
    EXPECT_EQ(acquires - releases, live.size());
    EXPECT_GT(releases, 10'000u);
    EXPECT_GT(refused, 0u) << "the capacity was never reached";
}

TEST(FixedPool, PeakHitsAndBackingCallsAreExactWithOneMagazine) {
    const Pool made(
        {.slab_bytes = 4096, .growth = {.slabs_first = 1, .factor = 1, .slabs_max = 1}});
    Magazine magazine = made.open();
    const size_t per_slab = made.pool->slots_per_slab();
    std::vector<void*> slots;
    for (size_t i = 0; i < 3 * per_slab; ++i) slots.push_back(magazine.acquire());
    for (void* slot : slots) ASSERT_EQ(magazine.release(slot), ReleaseOutcome::Released);
    for (size_t i = 0; i < per_slab; ++i) ASSERT_NE(magazine.acquire(), nullptr);
    const MemoryCounters counters = made.pool->counters();
    EXPECT_EQ(counters.live_peak, 3 * per_slab);
    EXPECT_EQ(counters.live, per_slab);
    EXPECT_EQ(counters.backing_calls, 3u);
    EXPECT_EQ(counters.acquires, 4 * per_slab);
    EXPECT_EQ(counters.hits, 4 * per_slab - 3);
    EXPECT_EQ(counters.bytes_requested, per_slab * 64);
    EXPECT_EQ(counters.bytes_reserved, made.backing.bytes());
}

TEST(FixedPool, RepeatedReleaseIsRejectedAndCounted) {
    const Pool made;
    Magazine magazine = made.open();
    Magazine other = made.open();
    void* slot = magazine.acquire();
    EXPECT_EQ(magazine.release(slot), ReleaseOutcome::Released);
    EXPECT_EQ(magazine.release(slot), ReleaseOutcome::Repeated);
    EXPECT_EQ(other.release(slot), ReleaseOutcome::Repeated);
    EXPECT_EQ(made.pool->release(slot), ReleaseOutcome::Repeated);
    EXPECT_EQ(made.pool->counters().double_release_rejected, 3u);
    // Given back elsewhere, it is free although its lane does not know yet.
    slot = magazine.acquire();
    EXPECT_EQ(other.release(slot), ReleaseOutcome::Released);
    EXPECT_EQ(other.release(slot), ReleaseOutcome::Repeated);
    EXPECT_EQ(magazine.release(slot), ReleaseOutcome::Repeated);
    EXPECT_EQ(made.pool->release(slot), ReleaseOutcome::Repeated);
    const MemoryCounters counters = made.pool->counters();
    EXPECT_EQ(counters.double_release_rejected, 6u);
    EXPECT_EQ(counters.releases, 2u);
    EXPECT_EQ(counters.live, 0u);
    EXPECT_NE(magazine.acquire(), magazine.acquire());
}

TEST(FixedPool, ForeignReleaseIsRejectedAndCounted) {
    const Pool made;
    const Pool stranger;
    Magazine magazine = made.open();
    Magazine foreign = stranger.open();
    auto* slot = static_cast<std::byte*>(magazine.acquire());
    int on_stack = 0;
    const auto on_heap = std::make_unique<int>(0);
    const std::vector<void*> wrong = {
        nullptr, &on_stack, on_heap.get(), foreign.acquire(), slot + 1, slot + 8, slot - 1,
        // NOLINTNEXTLINE: addresses that nothing is mapped at
        reinterpret_cast<void*>(uintptr_t{1} << 60), reinterpret_cast<void*>(UINTPTR_MAX),
        // NOLINTNEXTLINE: the slab's own header
        reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) & ~uintptr_t{0xFFFF})};
    for (void* address : wrong) {
        EXPECT_EQ(magazine.release(address), ReleaseOutcome::Foreign) << address;
        EXPECT_EQ(made.pool->release(address), ReleaseOutcome::Foreign) << address;
    }
    EXPECT_EQ(made.pool->counters().foreign_release_rejected, 2 * wrong.size());
    EXPECT_EQ(made.pool->counters().live, 1u);
    // A slot that exists but was never handed out.
    EXPECT_EQ(magazine.release(slot + 64), ReleaseOutcome::Repeated);
    EXPECT_EQ(magazine.release(slot), ReleaseOutcome::Released);
}

TEST(FixedPool, ASlotReleasedElsewhereComesBackToItsLane) {
    const Pool made({.slab_bytes = 4096, .slab_count_max = 1});
    Magazine owner = made.open();
    std::set<void*> slots;
    while (void* slot = owner.acquire()) slots.insert(slot);
    EXPECT_EQ(slots.size(), made.pool->slots_per_slab());
    std::thread([&] {
        Magazine other = made.open();
        bool through_magazine = false;
        for (void* slot : slots) {
            through_magazine = !through_magazine;
            EXPECT_EQ(through_magazine ? other.release(slot) : made.pool->release(slot),
                      ReleaseOutcome::Released);
        }
        EXPECT_EQ(other.acquire(), nullptr) << "they belong to the lane of their owner";
    }).join();
    EXPECT_EQ(made.pool->counters().live, 0u);
    std::set<void*> again;
    while (void* slot = owner.acquire()) again.insert(slot);
    EXPECT_EQ(again, slots);
    EXPECT_EQ(made.pool->counters().backing_calls, 1u);
}

TEST(FixedPool, AClosedMagazineLeavesItsSlotsToOthers) {
    const Pool made({.slab_bytes = 4096, .slab_count_max = 1, .magazine_count_max = 2});
    Magazine first = made.open();
    Magazine second = made.open();
    EXPECT_EQ(made.pool->open_magazine().error().code(), ErrorCode::Busy);
    void* kept = first.acquire();
    std::memset(kept, 7, 64);
    EXPECT_EQ(second.acquire(), nullptr);
    first.close();
    EXPECT_EQ(first.acquire(), nullptr);
    EXPECT_EQ(first.release(kept), ReleaseOutcome::Foreign);
    size_t count = 0;
    while (second.acquire() != nullptr) ++count;
    EXPECT_EQ(count, made.pool->slots_per_slab() - 1);
    EXPECT_EQ(second.release(kept), ReleaseOutcome::Released);
    EXPECT_EQ(second.acquire(), kept);
    EXPECT_TRUE(made.pool->open_magazine().has_value());
    // Opened and closed many times, it takes no more memory.
    const uint64_t bytes = made.backing.bytes();
    for (int i = 0; i < 1000; ++i) (void)made.open();
    EXPECT_LE(made.backing.bytes(), bytes + 1024);
}

TEST(FixedPool, AMagazineMayOutliveItsPool) {
    CountingBacking backing;
    Magazine magazine;
    {
        auto pool = FixedPool::create(kSmall, {.backing = &backing});
        ASSERT_TRUE(pool.has_value());
        magazine = std::move((*pool)->open_magazine().value());
        ASSERT_NE(magazine.acquire(), nullptr);
    }
    void* slot = magazine.acquire();
    ASSERT_NE(slot, nullptr);
    std::memset(slot, 1, 64);
    EXPECT_EQ(magazine.release(slot), ReleaseOutcome::Released);
    magazine.close();
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(backing.mismatches(), 0u);
}

TEST(FixedPool, EveryBackingCallMayFailOnceAndFromThenOn) {
    for (const bool only_once : {true, false}) {
        uint64_t calls = 0;
        for (uint64_t after = 0;; ++after) {
            CountingBacking backing;
            Budget budget("pools");
            backing.fail_after(after, only_once);
            uint64_t refused = 0;
            {
                auto pool = FixedPool::create(kSmall, {.backing = &backing, .budget = &budget});
                if (!pool.has_value()) {
                    EXPECT_EQ(pool.error().code(), ErrorCode::NoMemory);
                    ++refused;
                    continue;
                }
                auto magazine = (*pool)->open_magazine();
                if (!magazine.has_value()) {
                    EXPECT_EQ(magazine.error().code(), ErrorCode::NoMemory);
                    ++refused;
                    continue;
                }
                const uint64_t bytes_before = backing.bytes();
                std::vector<void*> slots;
                for (int i = 0; i < 300; ++i) {
                    void* slot = magazine->acquire();
                    if (slot == nullptr) ++refused;
                    if (slot != nullptr) slots.push_back(slot);
                }
                const MemoryCounters counters = (*pool)->counters();
                EXPECT_TRUE(is_consistent(counters));
                EXPECT_EQ(counters.live, slots.size());
                EXPECT_EQ(counters.bytes_reserved, backing.bytes());
                EXPECT_EQ(budget.bytes_reserved(), backing.bytes() - bytes_before);
                if (refused > 0) {
                    backing.never_fail();
                    EXPECT_NE(magazine->acquire(), nullptr);
                }
            }
            EXPECT_EQ(backing.outstanding(), 0u);
            calls = backing.calls();
            if (backing.failures() == 0) break;
        }
        EXPECT_GE(calls, 4u);
    }
}

TEST(FixedPool, TheBudgetRefusesAndGetsEverythingBack) {
    Budget budget("pools", {.hard_bytes = 3 * 4096});
    {
        const Pool made(kSmall, &budget);
        Magazine magazine = made.open();
        size_t count = 0;
        while (magazine.acquire() != nullptr) ++count;
        // One slab, then two at once; a third growth of four, and of one, is refused.
        EXPECT_EQ(count, 3 * made.pool->slots_per_slab());
        EXPECT_EQ(budget.bytes_reserved(), 3u * 4096);
        EXPECT_EQ(made.pool->counters().budget_denied, 1u);
        EXPECT_EQ(magazine.acquire(), nullptr);
        EXPECT_EQ(made.pool->counters().budget_denied, 2u);
        EXPECT_EQ(budget.denials(), 4u);
    }
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

TEST(FixedPool, GrowthAsksForMoreSlabsEachTimeUpToItsMost) {
    const Pool made({.slab_bytes = 4096,
                     .slab_count_max = 20,
                     .growth = {.slabs_first = 2, .factor = 3, .slabs_max = 7}});
    Magazine magazine = made.open();
    const uint64_t before = made.backing.bytes();
    std::vector<uint64_t> slabs;
    while (magazine.acquire() != nullptr) {
        const uint64_t now = (made.backing.bytes() - before) / 4096;
        if (slabs.empty() || slabs.back() != now) slabs.push_back(now);
    }
    EXPECT_EQ(slabs, (std::vector<uint64_t>{2, 8, 15, 20}));
}

TEST(FixedPool, SnapshotsHoldWhileThreadsPassSlotsOn) {
    const Pool made({.slab_bytes = 4096, .slab_count_max = 64});
    constexpr int thread_count = 3;
    std::mutex mutex;
    std::vector<void*> passed;
    std::atomic<bool> done{false};
    std::atomic<uint64_t> acquired{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < thread_count; ++number) {
        threads.emplace_back([&, number] {
            Magazine magazine = made.open();
            for (int i = 0; i < 20'000; ++i) {
                if (i % 5000 == 4999) magazine = made.open();
                void* slot = magazine.acquire();
                if (slot != nullptr) {
                    acquired.fetch_add(1);
                    std::memset(slot, number, 64);  // two holders of one slot would race
                }
                void* other = nullptr;
                {
                    const std::lock_guard lock(mutex);
                    if (slot != nullptr) passed.push_back(slot);
                    if (passed.size() > 100) {
                        other = passed[static_cast<size_t>(i) % passed.size()];
                        std::erase(passed, other);
                    }
                }
                if (other == nullptr) continue;
                std::memset(other, number, 64);
                const ReleaseOutcome outcome =
                    i % 3 == 0 ? made.pool->release(other) : magazine.release(other);
                EXPECT_EQ(outcome, ReleaseOutcome::Released);
            }
        });
    }
    std::thread reader([&] {
        uint64_t acquires = 0;
        while (!done.load()) {
            const MemoryCounters counters = made.pool->counters();
            ASSERT_TRUE(is_consistent(counters));
            ASSERT_GE(counters.acquires, acquires);
            // What is passed on at most, and what each thread has in its hands.
            ASSERT_LE(counters.live, 101u + 2 * thread_count + 1);
            acquires = counters.acquires;
        }
    });
    for (std::thread& thread : threads) thread.join();
    done.store(true);
    reader.join();
    const MemoryCounters counters = made.pool->counters();
    EXPECT_EQ(counters.acquires, acquired.load());
    EXPECT_EQ(counters.live, passed.size());
    EXPECT_EQ(counters.double_release_rejected + counters.foreign_release_rejected, 0u);
}

TEST(FixedPool, ARepeatedReleaseAtTheSameMomentIsFoundInTheEnd) {
    const Pool made(kSmall);
    Magazine owner = made.open();
    constexpr uint64_t rounds = 5000;
    std::atomic<void*> shared{nullptr};
    std::atomic<uint64_t> answered{0};
    std::thread other([&] {
        Magazine magazine = made.open();
        for (uint64_t round = 0; round < rounds; ++round) {
            void* slot = nullptr;
            for (int spin = 1; (slot = shared.exchange(nullptr)) == nullptr; ++spin) {
                if (spin % 1000 == 0) std::this_thread::yield();
            }
            (void)magazine.release(slot);
            answered.fetch_add(1);
        }
    });
    // Never acquires in between, so the repeated release cannot meet a new owner.
    std::vector<void*> slots;
    for (uint64_t round = 0; round < rounds; ++round) {
        if (slots.empty()) {
            while (void* slot = owner.acquire()) slots.push_back(slot);
        }
        void* slot = slots.back();
        slots.pop_back();
        shared.store(slot);
        for (uint64_t wait = 0; wait < round % 64; ++wait) (void)answered.load();
        (void)owner.release(slot);
        while (answered.load() != round + 1) std::this_thread::yield();
    }
    other.join();
    for (void* slot : slots) ASSERT_EQ(owner.release(slot), ReleaseOutcome::Released);
    std::set<void*> all;
    while (void* slot = owner.acquire()) ASSERT_TRUE(all.insert(slot).second);
    EXPECT_EQ(all.size(), 8 * made.pool->slots_per_slab());
    const MemoryCounters counters = made.pool->counters();
    EXPECT_TRUE(is_consistent(counters));
    EXPECT_EQ(counters.double_release_rejected, rounds);
    EXPECT_EQ(counters.live, all.size());
}

#if defined(__SANITIZE_ADDRESS__)
TEST(FixedPoolDeathTest, UseAfterReleaseIsCaughtByTheAddressSanitizer) {
    const Pool made;
    Magazine magazine = made.open();
    auto* slot = static_cast<volatile char*>(magazine.acquire());
    *slot = 1;
    (void)magazine.release(const_cast<char*>(slot));
    EXPECT_DEATH(*slot = 2, "use-after-poison");
}
#endif

}  // namespace
}  // namespace kausal::memory
