// Goal: owned bytes have one owner at a time, and a stack buffer spills only what does not fit.
// Method: moves in every combination, sizes at the edges, an arena that is out of memory.
#include "memory/owned_bytes.h"

#include "memory/counting_backing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

namespace kausal::memory {
namespace {

OwnedBytes make(std::string_view text) {
    auto owned = OwnedBytes::try_copy(as_bytes(text));
    EXPECT_TRUE(owned.has_value());
    return *std::move(owned);
}

TEST(OwnedBytes, MovesLeaveNothingBehind) {
    static_assert(!std::is_copy_constructible_v<OwnedBytes>);
    static_assert(!std::is_copy_assignable_v<OwnedBytes>);
    OwnedBytes first = make("first");
    const std::byte* place = first.view().data();
    OwnedBytes second = std::move(first);
    EXPECT_EQ(second.view().data(), place);
    EXPECT_EQ(first.size(), 0u);  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(first.view().empty());
    OwnedBytes third = make("the third");
    third = std::move(second);
    EXPECT_EQ(as_text(third.view()), "first");
    EXPECT_TRUE(second.view().empty());  // NOLINT(bugprone-use-after-move)
    OwnedBytes& same = third;
    third = std::move(same);
    EXPECT_EQ(third.size(), third.view().size());
    third = OwnedBytes();
    EXPECT_EQ(third.size(), 0u);
}

TEST(OwnedBytes, CopiesAreNamed) {
    OwnedBytes owned = make("owned");
    const auto arena = Arena::create();
    const ByteView copy = copy_into(*arena, owned.view());
    owned.bytes()[0] = std::byte{'O'};
    EXPECT_EQ(as_text(owned.view()), "Owned");
    EXPECT_EQ(as_text(copy), "owned");
}

TEST(OwnedBytes, EmptyAndImpossibleSizes) {
    const auto empty = OwnedBytes::try_copy({});
    ASSERT_TRUE(empty.has_value());
    EXPECT_EQ(empty->size(), 0u);
    const auto impossible = OwnedBytes::try_make(SIZE_MAX);
    ASSERT_FALSE(impossible.has_value());
    EXPECT_EQ(impossible.error().code(), ErrorCode::NoMemory);
}

TEST(StackBuffer, SpillsOnlyWhatDoesNotFit) {
    static_assert(!std::is_move_constructible_v<StackBuffer<64>>);
    CountingBacking backing;
    auto arena = Arena::try_create({.backing = &backing});
    ASSERT_TRUE(arena.has_value());
    StackBuffer<64> buffer(**arena);
    for (const size_t size : {size_t{0}, size_t{1}, size_t{64}}) {
        auto bytes = buffer.take(size);
        ASSERT_TRUE(bytes.has_value());
        EXPECT_EQ(bytes->size(), size);
        EXPECT_EQ(backing.calls(), 0u);
        if (size > 0) std::memset(bytes->data(), 1, size);
    }
    auto large = buffer.take(65);
    ASSERT_TRUE(large.has_value());
    std::memset(large->data(), 1, large->size());
    EXPECT_EQ(backing.calls(), 1u);
    backing.fail_after(0);
    const auto refused = buffer.take(1'000'000);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::NoMemory);
    EXPECT_TRUE(buffer.take(64).has_value());
}

}  // namespace
}  // namespace kausal::memory
