// Goal: using memory of an arena after its reset, or beyond an object's end, is caught. Method:
// both kinds of ArenaPtr in every build, with an assert handler that counts; processes that are
// expected to die of a locked page or, under the address sanitizer, of a poisoned byte.
#include "base/assert.h"
#include "memory/arena.h"
#include "memory/arena_ptr.h"
#include "memory/quarantined_pages.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <memory>

namespace kausal::memory {
namespace {

void ignore(const char* /*condition*/, const char* /*file*/, int /*line*/) noexcept {}

// Counts the assertions that fail while it lives, instead of ending the test.
class ExpectedAssertions {
  public:
    ExpectedAssertions() : former_(set_assert_handler(&ignore)), before_(assert_failures()) {}
    ~ExpectedAssertions() { set_assert_handler(former_); }
    ExpectedAssertions(const ExpectedAssertions&) = delete;
    ExpectedAssertions& operator=(const ExpectedAssertions&) = delete;
    [[nodiscard]] uint64_t count() const { return assert_failures() - before_; }

  private:
    AssertHandler former_;
    uint64_t before_;
};

TEST(ArenaMisuse, ACheckedPointerIsStaleAfterAReset) {
    const auto arena = Arena::create();
    const ArenaPtr<int, true> pointer(*arena, arena->make<int>(3));
    EXPECT_EQ(*pointer, 3);
    EXPECT_FALSE(pointer.is_stale());
    arena->reset();
    EXPECT_TRUE(pointer.is_stale());
    const ExpectedAssertions assertions;
    EXPECT_EQ(pointer.get(), nullptr);
    EXPECT_EQ(assertions.count(), 1u);
    // The next object takes the same place; the old pointer does not become its.
    const ArenaPtr<int, true> next(*arena, arena->make<int>(4));
    EXPECT_EQ(pointer.get(), nullptr);
    EXPECT_EQ(*next.get(), 4);
    EXPECT_EQ((copy_into<int, true>(*arena, pointer)), nullptr);
    EXPECT_EQ(assertions.count(), 3u);
}

TEST(ArenaMisuse, NullPointersAreNeverStale) {
    const auto arena = Arena::create();
    const ArenaPtr<int, true> none;
    const ArenaPtr<int, true> null(*arena, nullptr);
    arena->reset();
    EXPECT_EQ(none.get(), nullptr);
    EXPECT_EQ(null.get(), nullptr);
    EXPECT_FALSE(null);
}

TEST(ArenaMisuse, AnUncheckedPointerIsNoMoreThanAPointer) {
    static_assert(sizeof(ArenaPtr<int, false>) == sizeof(int*));
    static_assert(std::is_trivially_copyable_v<ArenaPtr<int, false>>);
    const auto arena = Arena::create();
    int* object = arena->make<int>(3);
    const ArenaPtr<int, false> pointer(*arena, object);
    EXPECT_EQ(pointer.get(), object);
}

#ifdef KAUSAL_POISON

using ArenaMisuseDeath = ::testing::Test;

TEST(ArenaMisuseDeath, UseAfterResetOfAKeptChunkIsPoisoned) {
    const auto arena = Arena::create();
    auto* object = static_cast<volatile char*>(arena->allocate(5, 1));
    object[4] = 1;
    arena->reset();
    ASSERT_GT(arena->bytes_reserved(), 0u);
    EXPECT_DEATH(object[4] = 2, "use-after-poison");
}

TEST(ArenaMisuseDeath, UseAfterResetOfAFreedChunkIsCaught) {
    const auto arena = Arena::create();
    auto* object = static_cast<volatile char*>(arena->allocate(5, 1));
    arena->reset(0);
    EXPECT_DEATH(object[4] = 2, "heap-use-after-free");
}

TEST(ArenaMisuseDeath, TheBytesBesideAnObjectArePoisoned) {
    const auto arena = Arena::create();
    auto* first = static_cast<volatile char*>(arena->allocate(13, 1));
    auto* second = static_cast<volatile char*>(arena->allocate(13, 1));
    auto* huge = static_cast<volatile char*>(arena->allocate(500'001, 64));
    first[12] = 1;
    second[12] = 1;
    huge[500'000] = 1;
    EXPECT_DEATH(first[13] = 1, "use-after-poison");
    EXPECT_DEATH(second[-1] = 1, "use-after-poison");
    EXPECT_DEATH(second[13] = 1, "use-after-poison");
    EXPECT_DEATH(huge[500'001] = 1, "use-after-poison");
}

#endif

class Quarantine : public ::testing::Test {
  protected:
    void SetUp() override {
        // Only the tests' own process may have threads when it is forked.
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        auto created = Arena::try_create({.name = "watched", .quarantine_chunks = 4});
        ASSERT_TRUE(created.has_value());
        arena_ = *std::move(created);
    }
    std::unique_ptr<Arena> arena_;
};

using QuarantineDeath = Quarantine;

TEST_F(QuarantineDeath, UseAfterResetFaults) {
    auto* object = static_cast<volatile char*>(arena_->allocate(100, 8));
    object[0] = 1;
    arena_->reset();
    EXPECT_EQ(arena_->bytes_reserved(), 0u);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    EXPECT_DEATH(object[0] = 2, "SEGV|use-after-poison");
#else
    EXPECT_EXIT(object[0] = 2, ::testing::KilledBySignal(SIGSEGV), "");
#endif
}

TEST_F(Quarantine, LockedAddressesAreNotGivenOutAgain) {
    auto pages = QuarantinedPages::try_create(3);
    ASSERT_NE(pages, nullptr);
    std::vector<void*> locked;
    for (size_t round = 0; round < 10; ++round) {
        void* data = pages->allocate(65'536, 64);
        ASSERT_NE(data, nullptr);
        for (size_t back = 1; back <= std::min<size_t>(round, 3); ++back) {
            EXPECT_NE(data, locked[locked.size() - back]);
        }
        std::memset(data, 1, 65'536);
        pages->release(data, 65'536, 64);
        locked.push_back(data);
        EXPECT_EQ(pages->locked_chunks(), std::min<size_t>(round + 1, 3));
    }
    EXPECT_EQ(pages->allocate(0, 64), nullptr);
    EXPECT_EQ(pages->allocate(SIZE_MAX, 64), nullptr);
    EXPECT_EQ(pages->allocate(64, 8192), nullptr);
    EXPECT_EQ(QuarantinedPages::try_create(SIZE_MAX), nullptr);
}

TEST_F(Quarantine, TheArenaWorksAsEver) {
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 300; ++i) std::memset(arena_->allocate(1000, 8), 1, 1000);
        std::memset(arena_->allocate(400'000, 64), 1, 400'000);
        arena_->reset(size_t{1} << 20);
        EXPECT_EQ(arena_->counts().bytes_retained, 0u);
    }
    EXPECT_EQ(arena_->generation(), 20u);
}

}  // namespace
}  // namespace kausal::memory
