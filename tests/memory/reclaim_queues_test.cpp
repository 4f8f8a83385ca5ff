// Goal: what is handed over comes back once, in order and with its bytes; the bound holds; misuse
// is rejected. Method: a small pair by hand; two threads at full speed with a third that counts.
#include "memory/reclaim_queues.h"

#include "counting_backing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace kausal::memory {
namespace {

std::unique_ptr<ReclaimQueues> make_queues(size_t capacity) {
    auto queues = ReclaimQueues::create({.capacity = capacity});
    return queues.has_value() ? std::move(*queues) : nullptr;
}

TEST(ReclaimQueues, HandsOverAndBringsBackInOrder) {
    const auto queues = make_queues(3);
    ASSERT_NE(queues, nullptr);
    int objects[4] = {};
    EXPECT_FALSE(queues->take());
    EXPECT_EQ(queues->reclaim(), nullptr);
    EXPECT_FALSE(queues->hand_over(nullptr));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queues->hand_over(&objects[i]));
    EXPECT_FALSE(queues->hand_over(&objects[3])) << "all places are away";
    const HandedOver first = queues->take();
    const HandedOver second = queues->take();
    EXPECT_EQ(first.object, &objects[0]);
    EXPECT_EQ(second.object, &objects[1]);
    EXPECT_FALSE(queues->hand_over(&objects[3])) << "taken is still away";
    EXPECT_EQ(queues->give_back(second), ReleaseOutcome::Released);
    EXPECT_FALSE(queues->hand_over(&objects[3])) << "on its way back is still away";
    EXPECT_EQ(queues->reclaim(), &objects[1]);
    EXPECT_EQ(queues->away_count(), 2u);
    EXPECT_TRUE(queues->hand_over(&objects[3]));
    const MemoryCounters counters = queues->counters();
    EXPECT_TRUE(is_consistent(counters));
    EXPECT_EQ(counters.acquires, 4u);
    EXPECT_EQ(counters.releases, 1u);
    EXPECT_EQ(counters.live, 3u);
    EXPECT_EQ(counters.live_peak, 3u);
}

TEST(ReclaimQueues, WrongReturnsAreRejectedAndCounted) {
    const auto queues = make_queues(4);
    const auto others = make_queues(4);
    int objects[2] = {};
    int stranger = 0;
    ASSERT_TRUE(queues->hand_over(&objects[0]));
    ASSERT_TRUE(others->hand_over(&stranger));
    const HandedOver taken = queues->take();
    EXPECT_EQ(queues->give_back(others->take()), ReleaseOutcome::Foreign);
    EXPECT_EQ(queues->give_back({}), ReleaseOutcome::Foreign);
    EXPECT_EQ(queues->give_back({&objects[0], 4}), ReleaseOutcome::Foreign);
    EXPECT_EQ(queues->give_back({&objects[0], UINT32_MAX}), ReleaseOutcome::Foreign);
    EXPECT_EQ(queues->give_back(taken), ReleaseOutcome::Released);
    EXPECT_EQ(queues->give_back(taken), ReleaseOutcome::Repeated);
    EXPECT_EQ(queues->counters().foreign_release_rejected, 4u);
    EXPECT_EQ(queues->counters().double_release_rejected, 1u);
    EXPECT_EQ(queues->reclaim(), &objects[0]);
    EXPECT_EQ(queues->reclaim(), nullptr);
}

TEST(ReclaimQueues, WhatWasNeverTakenCanBeReclaimedAfterTheOtherHasStopped) {
    const auto queues = make_queues(8);
    int objects[5] = {};
    for (int& object : objects) ASSERT_TRUE(queues->hand_over(&object));
    const HandedOver lost = queues->take();
    EXPECT_EQ(queues->give_back(queues->take()), ReleaseOutcome::Released);
    std::vector<void*> back;
    while (void* object = queues->reclaim_untaken()) back.push_back(object);
    EXPECT_EQ(back, (std::vector<void*>{&objects[1], &objects[2], &objects[3], &objects[4]}));
    EXPECT_EQ(lost.object, &objects[0]);
    EXPECT_EQ(queues->away_count(), 1u);
}

TEST(ReclaimQueues, EqualsAModelOverRandomSteps) {
    std::mt19937 random(3);  // NOLINT: the same steps every time
    for (const size_t capacity : {size_t{1}, size_t{2}, size_t{5}, size_t{64}}) {
        const auto queues = make_queues(capacity);
        std::vector<int> objects(1000);
        std::deque<void*> outward;
        std::deque<HandedOver> taken;
        std::deque<void*> homeward;
        size_t away = 0;
        for (int step = 0; step < 20'000; ++step) {
            int* object = &objects[random() % objects.size()];
            switch (random() % 4) {
                case 0:
                    ASSERT_EQ(queues->hand_over(object), away < capacity);
                    if (away == capacity) break;
                    outward.push_back(object);
                    ++away;
                    break;
                case 1: {
                    const HandedOver got = queues->take();
                    ASSERT_EQ(got.object, outward.empty() ? nullptr : outward.front());
                    if (!got) break;
                    outward.pop_front();
                    taken.push_back(got);
                    break;
                }
                case 2: {
                    if (taken.empty()) break;
                    std::swap(taken.front(), taken[random() % taken.size()]);
                    ASSERT_EQ(queues->give_back(taken.front()), ReleaseOutcome::Released);
                    homeward.push_back(taken.front().object);
                    taken.pop_front();
                    break;
                }
                default: {
                    void* back = queues->reclaim();
                    ASSERT_EQ(back, homeward.empty() ? nullptr : homeward.front());
                    if (back == nullptr) break;
                    homeward.pop_front();
                    --away;
                }
            }
            ASSERT_EQ(queues->away_count(), away);
            ASSERT_TRUE(is_consistent(queues->counters()));
        }
    }
}

TEST(ReclaimQueues, TwoThreadsLoseNothing) {
    constexpr uint64_t total = 30'000;
    const auto queues = make_queues(16);
    std::atomic<bool> done{false};
    std::thread other([&] {
        for (uint64_t seen = 0; seen < total;) {
            const HandedOver got = queues->take();
            if (!got) {
                std::this_thread::yield();
                continue;
            }
            auto& number = *static_cast<uint64_t*>(got.object);
            EXPECT_EQ(number, seen);  // the bytes arrive with the pointer
            number = ~number;
            EXPECT_EQ(queues->give_back(got), ReleaseOutcome::Released);
            ++seen;
        }
    });
    std::thread reader([&] {
        while (!done.load()) {
            const MemoryCounters counters = queues->counters();
            ASSERT_TRUE(is_consistent(counters));
            ASSERT_LE(counters.live_peak, 16u);
            std::this_thread::yield();
        }
    });
    std::vector<uint64_t> numbers(16);
    std::vector<uint64_t*> idle;
    for (uint64_t& number : numbers) idle.push_back(&number);
    uint64_t sent = 0;
    uint64_t back = 0;
    while (back < total) {
        if (!idle.empty() && sent < total) {
            *idle.back() = sent;
            ASSERT_TRUE(queues->hand_over(idle.back()));
            idle.pop_back();
            ++sent;
        }
        if (auto* number = static_cast<uint64_t*>(queues->reclaim())) {
            ASSERT_EQ(*number, ~back);  // so does what the other thread wrote
            idle.push_back(number);
            ++back;
        } else if (idle.empty()) {
            std::this_thread::yield();
        }
    }
    other.join();
    done.store(true);
    reader.join();
    EXPECT_EQ(queues->counters().acquires, total);
    EXPECT_EQ(queues->counters().live, 0u);
}

TEST(ReclaimQueues, BadCapacityAndNoMemoryAreErrors) {
    for (const size_t capacity : {size_t{0}, (size_t{1} << 20) + 1, SIZE_MAX}) {
        EXPECT_EQ(ReclaimQueues::create({.capacity = capacity}).error().code(), ErrorCode::Invalid);
    }
    CountingBacking backing;
    backing.fail_after(0);
    EXPECT_EQ(ReclaimQueues::create({}, backing).error().code(), ErrorCode::NoMemory);
    backing.never_fail();
    {
        EXPECT_TRUE(ReclaimQueues::create({}, backing).has_value());
    }
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(backing.mismatches(), 0u);
}

}  // namespace
}  // namespace kausal::memory
