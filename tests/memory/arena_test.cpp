// Goal: objects never overlap and are aligned, a reset forgets all, sizes are counted, and a
// request that cannot be met leaves the arena as it was. Method: many allocations of mixed sizes
// filled with their own number and checked at the end; impossible sizes.
#include "memory/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

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
    EXPECT_EQ(second, first + 8);
    EXPECT_EQ(arena->bytes_reserved(), kArenaChunkSizeMin + (size_t{3} << 20));
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
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers end the process where operator new throws";
#endif
    const auto arena = Arena::create();
    auto* before = static_cast<char*>(arena->allocate(16, 8));
    std::memset(before, 'a', 16);
    const size_t requested = arena->bytes_requested();
    const size_t reserved = arena->bytes_reserved();
    // The first wraps around when it is added to the current position.
    for (const size_t size :
         {std::numeric_limits<size_t>::max() - 64, std::numeric_limits<size_t>::max(),
          std::numeric_limits<size_t>::max() / 2}) {
        EXPECT_THROW((void)arena->allocate(size, 1), std::bad_alloc);
    }
    EXPECT_THROW((void)arena->make_array<uint64_t>(std::numeric_limits<size_t>::max() / 4),
                 std::bad_alloc);
    EXPECT_EQ(arena->bytes_requested(), requested);
    EXPECT_EQ(arena->bytes_reserved(), reserved);
    // Later allocations work, small ones in the same chunk.
    EXPECT_EQ(static_cast<char*>(arena->allocate(16, 8)), before + 16);
    for (int i = 0; i < 200; ++i) std::memset(arena->allocate(1000, 8), 'b', 1000);
    EXPECT_EQ(std::string_view(before, 16), std::string(16, 'a'));
    arena->reset();
    std::memset(arena->allocate(100, 8), 'c', 100);
}

}  // namespace
}  // namespace kausal::memory
