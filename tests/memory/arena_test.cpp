// Goal: objects never overlap and are aligned, a reset forgets all, keeps what it may and runs the
// destructors it should, everything is counted, and a request that cannot be met leaves the arena
// as it was. Method: many allocations of mixed sizes filled with their own number and checked at
// the end, random operations against a model, a backing allocator that fails on request.
#include "memory/arena.h"

#include "memory/arena_ptr.h"
#include "memory/budget.h"
#include "memory/counting_backing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

namespace kausal::memory {
namespace {

TEST(Arena, ObjectsAreAlignedAndDoNotOverlap) {
    const auto arena = Arena::create();
    struct Piece {
        unsigned char* data;
        size_t size;
        unsigned char fill;
    };
    std::vector<Piece> pieces;
    size_t total = 0;
    for (size_t i = 0; i < 5000; ++i) {
        const size_t size = (i * 37) % 700 + (i % 500 == 0 ? 400'000 : 0);
        const size_t alignment = size_t{1} << (i % 7);
        auto* data = static_cast<unsigned char*>(arena->allocate(size, alignment));
        ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % alignment, 0u);
        const auto fill = static_cast<unsigned char>(i * 31);
        if (size > 0) std::memset(data, fill, size);
        pieces.push_back({data, size, fill});
        total += size;
    }
    for (const Piece& piece : pieces) {
        for (size_t i = 0; i < piece.size; ++i) ASSERT_EQ(piece.data[i], piece.fill);
    }
    EXPECT_EQ(arena->bytes_requested(), total);
    EXPECT_GE(arena->bytes_reserved(), total);
}

TEST(Arena, MakesValuesArraysAndCopies) {
    const auto arena = Arena::create();
    struct Pair {
        int left;
        int right;
        Pair(int l, int r) : left(l), right(r) {}
    };
    const Pair* pair = arena->make<Pair>(3, 4);
    EXPECT_EQ(pair->left + pair->right, 7);
    const auto zeros = arena->make_array<uint64_t>(1000);
    ASSERT_EQ(zeros.size(), 1000u);
    for (const uint64_t value : zeros) EXPECT_EQ(value, 0u);
    std::string text = "copied";
    const std::string_view copy = arena->copy_text(text);
    text.assign(text.size(), 'x');
    EXPECT_EQ(copy, "copied");
    EXPECT_TRUE(arena->copy_text("").empty());
}

TEST(Arena, OversizeObjectsDoNotCloseTheCurrentChunk) {
    const auto arena = Arena::create();
    auto* first = static_cast<char*>(arena->allocate(8, 8));
    (void)arena->allocate(size_t{3} << 20, 64);
    auto* second = static_cast<char*>(arena->allocate(8, 8));
    EXPECT_EQ(second, first + 8 + kArenaRedzoneBytes);
    EXPECT_GE(arena->bytes_reserved(), kArenaChunkSizeMin + (size_t{3} << 20));
    EXPECT_LE(arena->bytes_reserved(), kArenaChunkSizeMin + (size_t{3} << 20) + 128);
}

TEST(Arena, ChunksGrowToTheirLargestSize) {
    const auto arena = Arena::create();
    for (int i = 0; i < 10'000; ++i) (void)arena->allocate(1024, 8);
    // 64 + 128 + 256 + 512 KiB, then 1 MiB each: at most one chunk more than needed.
    EXPECT_LE(arena->bytes_reserved(), arena->bytes_requested() + kArenaChunkSizeMax + 65'536);
}

TEST(Arena, ResetForgetsEverythingAndKeepsAChunk) {
    const auto arena = Arena::create();
    for (int i = 0; i < 3000; ++i) (void)arena->allocate(1000, 8);
    EXPECT_EQ(arena->generation(), 0u);
    arena->reset();
    EXPECT_EQ(arena->generation(), 1u);
    EXPECT_EQ(arena->bytes_requested(), 0u);
    EXPECT_GT(arena->bytes_reserved(), 0u);
    EXPECT_LE(arena->bytes_reserved(), kArenaChunkSizeMax);
    const size_t reserved = arena->bytes_reserved();
    (void)arena->allocate(1000, 8);
    EXPECT_EQ(arena->bytes_reserved(), reserved);
    arena->reset(0);
    EXPECT_EQ(arena->bytes_reserved(), 0u);
    std::memset(arena->allocate(100, 1), 1, 100);
}

TEST(Arena, ImpossibleSizesThrowBadAllocAndHarmNothing) {
    const auto arena = Arena::create();
    auto* before = static_cast<char*>(arena->allocate(16, 8));
    std::memset(before, 'a', 16);
    const size_t requested = arena->bytes_requested();
    const size_t reserved = arena->bytes_reserved();
    // The first wraps around when it is added to the current position.
    for (const size_t size : {std::numeric_limits<size_t>::max() - 64,
                              std::numeric_limits<size_t>::max(), size_t{PTRDIFF_MAX}}) {
        EXPECT_THROW((void)arena->allocate(size, 1), std::bad_alloc);
        EXPECT_EQ(arena->try_allocate(size, 1), nullptr);
    }
    for (const size_t alignment : {size_t{0}, size_t{3}, size_t{48}, size_t{128}}) {
        EXPECT_THROW((void)arena->allocate(8, alignment), std::bad_alloc);
        EXPECT_EQ(arena->try_allocate(8, alignment), nullptr);
    }
    EXPECT_THROW((void)arena->make_array<uint64_t>(std::numeric_limits<size_t>::max() / 4),
                 std::bad_alloc);
    EXPECT_EQ(arena->bytes_requested(), requested);
    EXPECT_EQ(arena->bytes_reserved(), reserved);
    // Later allocations work, small ones in the same chunk.
    EXPECT_EQ(static_cast<char*>(arena->allocate(16, 8)), before + 16 + kArenaRedzoneBytes);
    for (int i = 0; i < 200; ++i) std::memset(arena->allocate(1000, 8), 'b', 1000);
    EXPECT_EQ(std::string_view(before, 16), std::string(16, 'a'));
    arena->reset();
    std::memset(arena->allocate(100, 8), 'c', 100);
}

Arena* must(Result<std::unique_ptr<Arena>>& arena) {
    EXPECT_TRUE(arena.has_value());
    return arena->get();
}

TEST(Arena, OptionsOutOfRangeAreRefused) {
    CountingBacking backing;
    const std::vector<ArenaOptions> wrong = {
        {.chunk_size_min = 4095},
        {.chunk_size_min = 8192, .chunk_size_max = 8191},
        {.chunk_size_max = (size_t{1} << 30) + 1},
        {.growth = 0},
        {.growth = 17},
        {.backing = &backing, .quarantine_chunks = 1},
    };
    for (const ArenaOptions& options : wrong) {
        const auto arena = Arena::try_create(options);
        ASSERT_FALSE(arena.has_value());
        EXPECT_EQ(arena.error().code(), ErrorCode::Invalid);
    }
}

TEST(Arena, ChunksFollowTheOptions) {
    CountingBacking backing;
    auto created = Arena::try_create({.name = "a name that is longer than thirty-one bytes",
                                      .chunk_size_min = 4096,
                                      .chunk_size_max = 65'536,
                                      .growth = 4,
                                      .backing = &backing});
    Arena& arena = *must(created);
    EXPECT_EQ(arena.name(), "a name that is longer than thir");
    (void)arena.allocate(3000, 1);
    EXPECT_EQ(backing.bytes(), 4096u);
    (void)arena.allocate(3000, 1);
    EXPECT_EQ(backing.bytes(), 4096u + 16'384);
    for (int i = 0; i < 10; ++i) (void)arena.allocate(3000, 1);
    EXPECT_EQ(backing.bytes(), 4096u + 16'384 + 65'536);
    created->reset();
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(backing.mismatches(), 0u);
}

TEST(Arena, ResetKeepsABoundedAmountAndUsesIt) {
    CountingBacking backing;
    auto created = Arena::try_create({.backing = &backing});
    Arena& arena = *must(created);
    const auto fill = [&arena] {
        for (int i = 0; i < 4000; ++i) std::memset(arena.allocate(1000, 8), 1, 1000);
        std::memset(arena.allocate(size_t{5} << 20, 8), 1, size_t{5} << 20);
    };
    for (const size_t keep : {size_t{8} << 20, size_t{3} << 20, size_t{200} << 10}) {
        arena.reset(0);
        fill();
        EXPECT_GT(arena.bytes_reserved(), size_t{8} << 20);
        arena.reset(keep);
        EXPECT_GT(arena.bytes_reserved(), 0u) << keep;
        EXPECT_LE(arena.bytes_reserved(), keep);
        EXPECT_EQ(backing.bytes(), arena.bytes_reserved());
        EXPECT_EQ(arena.counts().bytes_retained, arena.bytes_reserved());
    }
    // What was kept serves the next round: the huge object alone needs a call.
    arena.reset(0);
    fill();
    arena.reset(size_t{64} << 20);
    const uint64_t calls = backing.calls();
    fill();
    EXPECT_EQ(backing.calls(), calls + 1);
    EXPECT_LT(arena.counts().bytes_retained, kArenaChunkSizeMin * 2);
    arena.reset(0);
    EXPECT_EQ(backing.outstanding(), 0u);
}

// Writes down when it goes.
struct Witness {
    std::vector<int>* gone;
    int number;
    const int* seen;
    Witness(std::vector<int>& its_gone, int its_number, const int* its_seen)
        : gone(&its_gone), number(its_number), seen(its_seen) {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() { gone->push_back(number + *seen); }
};

TEST(Arena, ManagedObjectsAreDestroyedOnceTheNewestFirst) {
    std::vector<int> gone;
    {
        const auto arena = Arena::create();
        const int* hundred = arena->make<int>(100);
        for (int i = 0; i < 3; ++i) (void)arena->make_managed<Witness>(gone, i, hundred);
        EXPECT_TRUE(gone.empty());
        arena->reset();
        EXPECT_EQ(gone, (std::vector<int>{102, 101, 100}));
        arena->reset();
        EXPECT_EQ(gone.size(), 3u);
        (void)arena->make_managed<Witness>(gone, 7, arena->make<int>(0));
        auto* text = arena->make_managed<std::string>(size_t{1000}, 'x');  // a leak if it stayed
        EXPECT_EQ(text->size(), 1000u);
    }
    EXPECT_EQ(gone, (std::vector<int>{102, 101, 100, 7}));
}

TEST(Arena, CopiesIntoAnotherArenaAreItsOwn) {
    const auto from = Arena::create();
    const auto to = Arena::create();
    const std::string_view text = copy_into(*to, from->copy_text("from one to the other"));
    struct Plain {
        int left;
        int right;
    };
    const Plain* plain = copy_into(*to, *from->make<Plain>(Plain{1, 2}));
    const int* number = copy_into(*to, ArenaPtr(*from, from->make<int>(5)));
    from->reset(0);
    EXPECT_EQ(text, "from one to the other");
    EXPECT_EQ(plain->left + plain->right + *number, 8);
    EXPECT_EQ(copy_into(*to, ArenaPtr<int>()), nullptr);
}

TEST(Arena, CountsHoldAtEveryMoment) {
    // A model that knows only what it asked for.
    CountingBacking backing;
    Budget budget("arena", {.hard_bytes = size_t{6} << 20});
    auto created = Arena::try_create({.budget = &budget, .backing = &backing});
    Arena& arena = *must(created);
    std::mt19937_64 random(11);
    std::vector<std::pair<unsigned char*, size_t>> live;
    uint64_t acquires = 0;
    uint64_t releases = 0;
    uint64_t resets = 0;
    uint64_t denied = 0;
    uint64_t bytes = 0;
    uint64_t live_peak = 0;
    for (int step = 0; step < 60'000; ++step) {
        const uint64_t dice = random() % 2000;
        if (dice == 0) {
            arena.reset((random() % 4) << 20);
            releases += live.size();
            live.clear();
            bytes = 0;
            ++resets;
        } else {
            const size_t size = dice < 10 ? random() % 2'000'000 : random() % 900;
            const size_t alignment = size_t{1} << (random() % 7);
            auto* data = static_cast<unsigned char*>(arena.try_allocate(size, alignment));
            if (data == nullptr) {
                ++denied;
            } else {
                ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % alignment, 0u);
                if (size > 0) {
                    data[0] = static_cast<unsigned char>(acquires);
                    data[size - 1] = static_cast<unsigned char>(size == 1 ? acquires : size);
                }
                live.emplace_back(data, size);
                ++acquires;
                bytes += size;
                live_peak = std::max<uint64_t>(live_peak, live.size());
            }
        }
        const MemoryCounters counters = counters_of("arena", "arena", arena.counts());
        ASSERT_TRUE(is_consistent(counters)) << step;
        ASSERT_EQ(counters.acquires, acquires);
        ASSERT_EQ(counters.releases, releases);
        ASSERT_EQ(counters.live_peak, live_peak);
        ASSERT_EQ(counters.bytes_requested, bytes);
        ASSERT_EQ(counters.bytes_reserved, backing.bytes());
        ASSERT_EQ(counters.backing_calls, backing.calls());
        ASSERT_EQ(counters.budget_denied, denied);
        ASSERT_EQ(counters.resets, resets);
        ASSERT_EQ(budget.bytes_reserved(), backing.bytes());
    }
    uint64_t number = acquires - live.size();
    for (const auto& [data, size] : live) {
        if (size > 1) {
            ASSERT_EQ(data[0], static_cast<unsigned char>(number));
            ASSERT_EQ(data[size - 1], static_cast<unsigned char>(size));
        }
        ++number;
    }
    EXPECT_GT(resets, 5u);
    EXPECT_GT(denied, 5u);
    created->reset();
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

TEST(Arena, EveryCallOfTheBackingMayFail) {
    for (uint64_t call = 0; call < 6; ++call) {
        for (const bool only_once : {false, true}) {
            CountingBacking backing;
            Budget budget("arena");
            auto created = Arena::try_create({.budget = &budget, .backing = &backing});
            Arena& arena = *must(created);
            backing.fail_after(call, only_once);
            std::vector<unsigned char*> objects;
            for (int i = 0; i < 3000; ++i) {
                auto* data = static_cast<unsigned char*>(arena.try_allocate(1000, 8));
                if (data == nullptr) continue;
                std::memset(data, static_cast<int>(objects.size()), 1000);
                objects.push_back(data);
            }
            EXPECT_GT(backing.failures(), 0u);
            EXPECT_EQ(arena.counts().acquires, objects.size());
            EXPECT_EQ(arena.counts().budget_denied, 0u);
            EXPECT_EQ(budget.bytes_reserved(), backing.bytes());
            for (size_t i = 0; i < objects.size(); ++i) {
                ASSERT_EQ(objects[i][999], static_cast<unsigned char>(i));
            }
            if (only_once) {
                EXPECT_GE(objects.size(), 2999u);
            } else {
                EXPECT_EQ(objects.empty(), call == 0);
                using Object = std::array<char, 1000>;
                EXPECT_THROW((void)arena.make<Object>(), std::bad_alloc);
                EXPECT_EQ(arena.try_make<Object>(), nullptr);
                std::vector<int> gone;
                const int zero = 0;
                EXPECT_THROW(
                    {
                        for (;;) (void)arena.make_managed<Witness>(gone, 0, &zero);
                    },
                    std::bad_alloc);
                backing.never_fail();
                arena.reset();
                std::memset(arena.allocate(1000, 8), 1, 1000);
            }
            created->reset();
            EXPECT_EQ(backing.outstanding(), 0u);
            EXPECT_EQ(backing.mismatches(), 0u);
        }
    }
}

TEST(Arena, ABudgetThatHasNoRoomForALargeChunkGetsASmallOne) {
    Budget budget("arena", {.hard_bytes = kArenaChunkSizeMin * 4});
    auto created = Arena::try_create({.budget = &budget});
    Arena& arena = *must(created);
    // 64 + 128 KiB, then 256 do not fit but 64 do.
    for (int i = 0; i < 240; ++i) ASSERT_NE(arena.try_allocate(1000, 8), nullptr) << i;
    EXPECT_EQ(budget.bytes_reserved(), kArenaChunkSizeMin * 4);
    EXPECT_EQ(arena.counts().budget_denied, 0u);
    while (arena.try_allocate(1000, 8) != nullptr) {
    }
    EXPECT_EQ(arena.counts().budget_denied, 1u);
    EXPECT_EQ(arena.try_allocate(1'000'000, 8), nullptr);
    EXPECT_EQ(arena.counts().budget_denied, 2u);
    created->reset();
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

}  // namespace
}  // namespace kausal::memory
