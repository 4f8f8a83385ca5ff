// Goal: buffers are aligned, of the asked size, reused, and never leak, also when memory runs out.
// Method: all knobs; a backing allocator that fails at every call in turn.
#include "memory/io_buffer_pool.h"

#include "counting_backing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

TEST(IoBufferPool, BuffersAreAlignedAndReused) {
    for (const size_t page : {size_t{512}, size_t{4096}, size_t{1} << 20}) {
        CountingBacking backing;
        auto made = make_io_buffer_pool({.page_bytes = page, .buffer_bytes = 3 * page},
                                        {.backing = &backing});
        ASSERT_TRUE(made.has_value());
        IoBufferPool& pool = **made;
        std::byte* first = nullptr;
        for (int round = 0; round < 3; ++round) {
            auto buffer = pool.acquire();
            ASSERT_TRUE(buffer.has_value());
            const auto bytes = (*buffer)->bytes();
            ASSERT_EQ(bytes.size(), 3 * page);
            ASSERT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % page, 0u);
            std::memset(bytes.data(), round, bytes.size());
            if (round == 0) first = bytes.data();
            EXPECT_EQ(bytes.data(), first);
        }
        const MemoryCounters counters = pool.counters();
        EXPECT_EQ(counters.hits, 2u);
        EXPECT_EQ(counters.backing_calls, 1u);
        EXPECT_EQ(counters.bytes_reserved, backing.bytes());
        EXPECT_EQ(counters.bytes_retained, 3 * page);
        EXPECT_EQ(pool.trim(), 1u);
        EXPECT_EQ(backing.outstanding(), 0u);
    }
}

TEST(IoBufferPool, KnobsBoundWhatIsOutAndWhatIsKept) {
    CountingBacking backing;
    auto made =
        make_io_buffer_pool({.live_count_max = 4, .idle_count_max = 2}, {.backing = &backing});
    ASSERT_TRUE(made.has_value());
    std::vector<IoBuffer> buffers;
    for (int i = 0; i < 4; ++i) buffers.push_back((*made)->acquire().value());
    EXPECT_EQ((*made)->acquire().error().code(), ErrorCode::NoMemory);
    buffers.clear();
    EXPECT_EQ(backing.outstanding(), 2u);
    EXPECT_EQ(make_io_buffer_pool({.buffer_bytes = 100}).error().code(), ErrorCode::Invalid);
}

TEST(IoBufferPool, ABufferMayOutliveItsPoolAndEndOnAnotherThread) {
    CountingBacking backing;
    Budget budget("io");
    IoBuffer buffer;
    {
        auto made = make_io_buffer_pool({}, {.backing = &backing, .budget = &budget});
        ASSERT_TRUE(made.has_value());
        buffer = (*made)->acquire().value();
    }
    EXPECT_EQ(budget.bytes_reserved(), 64u << 10);
    std::thread([moved = std::move(buffer)]() mutable {
        std::memset(moved->bytes().data(), 1, moved->bytes().size());
        moved.release();
    }).join();
    EXPECT_EQ(backing.outstanding(), 0u);
    EXPECT_EQ(backing.mismatches(), 0u);
    EXPECT_EQ(budget.bytes_reserved(), 0u);
}

TEST(IoBufferPool, EveryBackingCallMayFail) {
    for (const bool only_once : {true, false}) {
        for (uint64_t after = 0; after < 12; ++after) {
            CountingBacking backing;
            Budget budget("io", {.hard_bytes = size_t{10} * 65'536});
            backing.fail_after(after, only_once);
            {
                auto made = make_io_buffer_pool({}, {.backing = &backing, .budget = &budget});
                ASSERT_TRUE(made.has_value());
                std::vector<IoBuffer> buffers;
                uint64_t refused = 0;
                for (int i = 0; i < 11; ++i) {
                    auto buffer = (*made)->acquire();
                    refused += buffer.has_value() ? 0 : 1;
                    if (buffer.has_value()) buffers.push_back(std::move(*buffer));
                }
                const MemoryCounters counters = (*made)->counters();
                EXPECT_EQ(refused, backing.failures() + counters.budget_denied);
                EXPECT_EQ(counters.live, buffers.size());
                EXPECT_TRUE(is_consistent(counters));
                EXPECT_EQ(budget.bytes_reserved(), backing.bytes());
            }
            EXPECT_EQ(backing.outstanding(), 0u);
            EXPECT_EQ(budget.bytes_reserved(), 0u);
        }
    }
}

#if defined(__SANITIZE_ADDRESS__)
TEST(IoBufferPoolDeathTest, UseAfterReleaseIsCaughtByTheAddressSanitizer) {
    auto made = make_io_buffer_pool({});
    IoBuffer buffer = (*made)->acquire().value();
    auto* first = reinterpret_cast<volatile char*>(buffer->bytes().data());
    *first = 1;
    buffer.release();
    EXPECT_DEATH(*first = 2, "use-after-poison");
}
#endif

}  // namespace
}  // namespace kausal::memory
