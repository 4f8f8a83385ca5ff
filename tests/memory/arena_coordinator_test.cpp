// Goal: memory of a subsystem lives until the last reader lets go and is not reset under one;
// counts that another thread reads are of one moment. Method: objects whose destructors tell when
// the memory goes, readers on other threads beside a writer.
#include "memory/arena_coordinator.h"

#include "memory/counting_backing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

struct Flag {
    std::atomic<int>* gone;
    explicit Flag(std::atomic<int>& its_gone) : gone(&its_gone) {}
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;
    ~Flag() { ++*gone; }
};

TEST(SubsystemArena, TheLastHolderFreesAllLanes) {
    CountingBacking backing;
    std::atomic<int> gone{0};
    auto created = SubsystemArena::try_create({.backing = &backing}, 3);
    ASSERT_TRUE(created.has_value());
    SubsystemArena subsystem = *std::move(created);
    EXPECT_EQ(subsystem.coordinator().lane_count(), 3u);
    for (size_t lane = 0; lane < 3; ++lane) (void)subsystem.lane(lane).make_managed<Flag>(gone);
    const std::string_view text = subsystem.lane(1).copy_text("still here");
    ArenaPin pin = subsystem.pin();
    ArenaPin second = pin;
    EXPECT_EQ(subsystem.coordinator().references(), 3u);
    subsystem.close();
    EXPECT_FALSE(subsystem);
    subsystem.close();
    pin.release();
    pin.release();
    EXPECT_FALSE(pin);
    EXPECT_EQ(gone, 0);
    EXPECT_EQ(text, "still here");
    second = ArenaPin();
    EXPECT_EQ(gone, 3);
    EXPECT_EQ(backing.outstanding(), 0u);
}

TEST(SubsystemArena, NoResetWhileAReaderPins) {
    SubsystemArena subsystem = SubsystemArena::create("subsystem", 2);
    std::string_view text = subsystem.lane(0).copy_text("pinned");
    (void)subsystem.lane(1).allocate(10, 1);
    ArenaPin pin = subsystem.pin();
    const Status refused = subsystem.reset();
    EXPECT_EQ(refused.code(), ErrorCode::Busy);
    EXPECT_EQ(text, "pinned");
    EXPECT_EQ(subsystem.lane(0).generation(), 0u);
    EXPECT_EQ(subsystem.lane(0).bytes_requested(), 6u);
    pin.release();
    ASSERT_TRUE(subsystem.reset(kArenaChunkSizeMin).is_ok());
    EXPECT_EQ(subsystem.lane(0).generation(), 1u);
    EXPECT_EQ(subsystem.lane(1).generation(), 1u);
    EXPECT_EQ(subsystem.lane(1).bytes_requested(), 0u);
    EXPECT_EQ(subsystem.coordinator().bytes_reserved(), 2 * kArenaChunkSizeMin);
    ASSERT_TRUE(subsystem.reset().is_ok());
    EXPECT_EQ(subsystem.coordinator().bytes_reserved(), 0u);
    SubsystemArena moved = std::move(subsystem);
    EXPECT_EQ(subsystem.reset().code(), ErrorCode::Closed);  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(moved);
}

TEST(SubsystemArena, AnArenaKeepsItsAddressWhenItsOwnerMoves) {
    static_assert(!std::is_copy_constructible_v<SubsystemArena>);
    static_assert(!std::is_move_constructible_v<ArenaCoordinator>);
    static_assert(!std::is_move_constructible_v<Arena>);
    SubsystemArena subsystem = SubsystemArena::create("subsystem");
    Arena* arena = &subsystem.lane();
    const int* number = arena->make<int>(5);
    std::vector<SubsystemArena> owners;
    owners.push_back(std::move(subsystem));
    owners.emplace_back();
    owners.push_back(SubsystemArena::create("another"));
    EXPECT_EQ(&owners[0].lane(), arena);
    owners[2] = std::move(owners[0]);
    EXPECT_EQ(&owners[2].lane(), arena);
    EXPECT_EQ(*number, 5);
}

TEST(SubsystemArena, ExhaustionAndWrongOptionsAreErrors) {
    CountingBacking backing;
    const auto wrong = SubsystemArena::try_create({.growth = 0});
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code(), ErrorCode::Invalid);
    // Lane counts outside the range become the nearest.
    EXPECT_EQ(SubsystemArena::create("s", 0).coordinator().lane_count(), 1u);
    EXPECT_EQ(SubsystemArena::create("s", 99).coordinator().lane_count(),
              ArenaCoordinator::kLaneMax);
    auto created = SubsystemArena::try_create({.backing = &backing});
    ASSERT_TRUE(created.has_value());
    backing.fail_after(0);
    EXPECT_EQ(created->lane().try_allocate(1, 1), nullptr);
}

TEST(SubsystemArena, CountsAreThoseOfItsLanes) {
    SubsystemArena subsystem = SubsystemArena::create("lanes", 2);
    for (int i = 0; i < 10; ++i) (void)subsystem.lane(0).allocate(100, 8);
    for (int i = 0; i < 5; ++i) (void)subsystem.lane(1).allocate(10, 8);
    EXPECT_EQ(subsystem.coordinator().counters().acquires, 0u);  // nothing published yet
    subsystem.publish(0);
    subsystem.publish(1);
    const MemoryCounters counters = subsystem.coordinator().counters();
    EXPECT_EQ(counters.name, "lanes");
    EXPECT_EQ(counters.acquires, 15u);
    EXPECT_EQ(counters.backing_calls, 2u);
    EXPECT_EQ(counters.bytes_requested, 1050u);
    EXPECT_EQ(counters.bytes_reserved, 2 * kArenaChunkSizeMin);
    EXPECT_TRUE(is_consistent(counters));
}

TEST(SubsystemArena, CountsReadBesideTheWriterAreOfOneMoment) {
    SubsystemArena subsystem = SubsystemArena::create("busy");
    std::atomic<bool> is_done{false};
    std::atomic<uint64_t> reads{0};
    const auto read = [&, pin = subsystem.pin()] {
        uint64_t last = 0;
        while (!is_done.load()) {
            const MemoryCounters counters = subsystem.coordinator().counters();
            ASSERT_TRUE(is_consistent(counters));
            // The writer asks for 8 bytes each time.
            ASSERT_EQ(counters.bytes_requested, counters.live * 8);
            ASSERT_GE(counters.acquires, last);
            last = counters.acquires;
            reads.fetch_add(1);
        }
    };
    std::thread first(read);
    std::thread second(read);
    for (uint64_t i = 0; i < 20'000 || reads.load() < 1000; ++i) {
        Arena& arena = subsystem.lane();
        (void)arena.allocate(8, 8);
        if (i % 512 == 0) arena.reset();  // of the arena itself: the readers look at counts only
        subsystem.publish();
    }
    is_done.store(true);
    first.join();
    second.join();
}

TEST(PublishedCounts, ALoadNeverMixesTwoStores) {
    PublishedCounts published;
    std::atomic<bool> is_done{false};
    std::thread writer([&] {
        for (uint64_t number = 1; !is_done.load(); ++number) {
            ArenaCounts counts;
            counts.acquires = number;
            counts.bytes_reserved = number;
            counts.budget_denied = number;
            published.store(counts);
            // Stores that follow at once would leave a reader no moment in between.
            for (std::atomic<int> pause{0}; pause < 30; ++pause) {
            }
        }
    });
    uint64_t last = 0;
    uint64_t changes = 0;
    for (uint64_t loads = 0; loads < 200'000 || changes < 100; ++loads) {
        const ArenaCounts counts = published.load();
        if (counts.acquires != last) ++changes;
        last = counts.acquires;
        EXPECT_EQ(counts.bytes_reserved, last);
        EXPECT_EQ(counts.budget_denied, last);
        if (::testing::Test::HasFailure()) break;
    }
    is_done.store(true);
    writer.join();
}

TEST(SubsystemArena, ReadersOnOtherThreadsMayBeTheLast) {
    std::atomic<int> gone{0};
    for (int round = 0; round < 50; ++round) {
        SubsystemArena subsystem = SubsystemArena::create("shared");
        (void)subsystem.lane().make_managed<Flag>(gone);
        const std::string_view text = subsystem.lane().copy_text("read by all");
        std::vector<std::thread> readers;
        for (int reader = 0; reader < 4; ++reader) {
            readers.emplace_back([pin = subsystem.pin(), text]() mutable {
                const ArenaPin copy = pin;
                pin.release();
                EXPECT_EQ(text, "read by all");
            });
        }
        subsystem.close();
        for (std::thread& reader : readers) reader.join();
        EXPECT_EQ(gone, round + 1);
    }
}

}  // namespace
}  // namespace kausal::memory
