// Goal: rows are aligned, distinct and reachable by id for exactly as long as they are live; stale,
// repeated and foreign releases are rejected. Method: steps against a model, each misuse once, a
// backing allocator that fails in turn, threads.
#include "memory/embedding_slabs.h"

#include "counting_backing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

std::unique_ptr<EmbeddingSlabs> make_slabs(const EmbeddingSlabsConfig& config,
                                           PoolMemory memory = {}) {
    auto slabs = EmbeddingSlabs::create(config, memory);
    return slabs.has_value() ? std::move(*slabs) : nullptr;
}

TEST(EmbeddingSlabs, RowsAreAlignedDistinctAndFoundById) {
    for (const size_t row_bytes :
         {size_t{1}, size_t{64}, size_t{1000}, size_t{3072}, kEmbeddingSlabBytes / 4}) {
        CountingBacking backing;
        const auto slabs = make_slabs({.row_bytes = row_bytes}, {.backing = &backing});
        ASSERT_NE(slabs, nullptr);
        EXPECT_EQ(slabs->stride_bytes() % 64, 0u);
        EXPECT_GE(slabs->rows_per_slab() * slabs->stride_bytes(),
                  kEmbeddingSlabBytes * 7 / 10);  // little is lost to the slab's own data
        std::vector<EmbeddingRow> rows;
        const size_t count = std::min<size_t>(slabs->rows_per_slab() * 2 + 1, 70'000);
        for (size_t i = 0; i < count; ++i) {
            rows.push_back(slabs->acquire().value());
            ASSERT_EQ(rows.back().bytes.size(), row_bytes);
            ASSERT_EQ(reinterpret_cast<uintptr_t>(rows.back().bytes.data()) % 64, 0u);
            std::memset(rows.back().bytes.data(), static_cast<int>(i % 251), row_bytes);
        }
        for (size_t i = 0; i < count; ++i) {
            const auto found = slabs->find(rows[i].id);
            ASSERT_EQ(found.data(), rows[i].bytes.data());
            ASSERT_EQ(found.front(), static_cast<std::byte>(i % 251));
            ASSERT_EQ(found.back(), static_cast<std::byte>(i % 251));
        }
        const MemoryCounters counters = slabs->counters();
        EXPECT_TRUE(is_consistent(counters));
        EXPECT_EQ(counters.backing_calls, 3u);
        EXPECT_EQ(counters.bytes_reserved, backing.bytes());
        EXPECT_EQ(counters.bytes_requested, count * row_bytes);
    }
}

TEST(EmbeddingSlabs, RepeatedAndStaleReleasesAreRejectedByGeneration) {
    const auto slabs = make_slabs({.row_bytes = 256});
    const EmbeddingRow first = slabs->acquire().value();
    EXPECT_EQ(slabs->release(first.id), ReleaseOutcome::Released);
    EXPECT_TRUE(slabs->find(first.id).empty());
    EXPECT_EQ(slabs->release(first.id), ReleaseOutcome::Repeated);
    EXPECT_EQ(slabs->release_address(first.bytes.data()), ReleaseOutcome::Repeated);
    const EmbeddingRow second = slabs->acquire().value();
    EXPECT_EQ(second.bytes.data(), first.bytes.data()) << "the same slot again";
    EXPECT_EQ(slabs->release(first.id), ReleaseOutcome::Repeated);
    EXPECT_TRUE(slabs->find(first.id).empty());
    EXPECT_EQ(slabs->find(second.id).data(), second.bytes.data());
    EXPECT_EQ(slabs->release_address(second.bytes.data()), ReleaseOutcome::Released);
    const MemoryCounters counters = slabs->counters();
    EXPECT_EQ(counters.double_release_rejected, 3u);
    EXPECT_EQ(counters.foreign_release_rejected, 0u);
    EXPECT_EQ(counters.live, 0u);
}

TEST(EmbeddingSlabs, ForeignReleasesAreRejected) {
    const auto slabs = make_slabs({.row_bytes = 256});
    const auto others = make_slabs({.row_bytes = 256});
    const EmbeddingRow row = slabs->acquire().value();
    const EmbeddingRow foreign = others->acquire().value();
    EXPECT_EQ(row.id.slab, foreign.id.slab);
    EXPECT_EQ(row.id.slot, foreign.id.slot);
    EXPECT_NE(row.id.generation, foreign.id.generation) << "a slab has generations of its own";
    const std::vector<EmbeddingId> wrong = {
        foreign.id,
        {1, 0, row.id.generation},
        {UINT32_MAX, 0, row.id.generation},
        {0, static_cast<uint32_t>(slabs->rows_per_slab()), row.id.generation},
        {0, UINT32_MAX, row.id.generation},
        {0, 0, row.id.generation + 1},
        {0, 0, row.id.generation + 2},
        {0, 0, row.id.generation - 1},
        {0, 1, row.id.generation}};
    for (const EmbeddingId& id : wrong) {
        EXPECT_EQ(slabs->release(id), ReleaseOutcome::Foreign);
        EXPECT_TRUE(slabs->find(id).empty());
    }
    int on_stack = 0;
    auto* start = reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(row.bytes.data()) &
                                               ~uintptr_t{kEmbeddingSlabBytes - 1});
    const std::vector<const void*> addresses = {
        nullptr, &on_stack, foreign.bytes.data(), row.bytes.data() + 1, row.bytes.data() - 1, start,
        row.bytes.data() + 256, start + kEmbeddingSlabBytes - 1,
        // NOLINTNEXTLINE: an address that nothing is mapped at
        reinterpret_cast<const void*>(UINTPTR_MAX)};
    for (const void* address : addresses) {
        EXPECT_EQ(slabs->release_address(address), ReleaseOutcome::Foreign) << address;
    }
    const MemoryCounters counters = slabs->counters();
    EXPECT_EQ(counters.foreign_release_rejected, wrong.size() + addresses.size());
    EXPECT_EQ(counters.double_release_rejected, 0u);
    EXPECT_EQ(counters.live, 1u);
    EXPECT_EQ(slabs->find(row.id).data(), row.bytes.data());
}

TEST(EmbeddingSlabs, EqualsAModelOverRandomSteps) {
    std::mt19937 random(13);  // NOLINT: the same steps every time
    const auto slabs = make_slabs({.row_bytes = kEmbeddingSlabBytes / 8, .slab_count_max = 3});
    const size_t capacity = 3 * slabs->rows_per_slab();
    std::vector<EmbeddingRow> live;
    std::vector<EmbeddingId> gone;
    size_t peak = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            auto row = slabs->acquire();
            ASSERT_EQ(row.has_value(), live.size() < capacity);
            if (!row.has_value()) continue;
            for (const EmbeddingRow& other : live) ASSERT_NE(other.bytes.data(), row->bytes.data());
            live.push_back(*row);
        } else if (!live.empty()) {
            std::swap(live[random() % live.size()], live.back());
            ASSERT_EQ(random() % 2 == 0 ? slabs->release(live.back().id)
                                        : slabs->release_address(live.back().bytes.data()),
                      ReleaseOutcome::Released);
            gone.push_back(live.back().id);
            live.pop_back();
        }
        if (!gone.empty()) {
            const EmbeddingId stale = gone[random() % gone.size()];
            ASSERT_TRUE(slabs->find(stale).empty());
            ASSERT_EQ(slabs->release(stale), ReleaseOutcome::Repeated);
        }
        peak = std::max(peak, live.size());
        const MemoryCounters counters = slabs->counters();
        ASSERT_TRUE(is_consistent(counters));
        ASSERT_EQ(counters.live, live.size());
        ASSERT_EQ(counters.live_peak, peak);
        ASSERT_EQ(counters.releases, gone.size());
    }
    EXPECT_EQ(peak, capacity);
}

TEST(EmbeddingSlabs, EveryBackingCallMayFailAndTheBudgetRefuses) {
    for (const bool only_once : {true, false}) {
        for (uint64_t after = 0; after < 6; ++after) {
            CountingBacking backing;
            Budget budget("embeddings", {.hard_bytes = 3 * kEmbeddingSlabBytes});
            backing.fail_after(after, only_once);
            {
                const auto slabs = make_slabs({.row_bytes = kEmbeddingSlabBytes / 4},
                                              {.backing = &backing, .budget = &budget});
                ASSERT_EQ(slabs == nullptr, after < 2);
                if (slabs == nullptr) continue;
                uint64_t refused = 0;
                uint64_t live = 0;
                for (int i = 0; i < 20; ++i) ++(slabs->acquire().has_value() ? live : refused);
                const MemoryCounters counters = slabs->counters();
                EXPECT_TRUE(is_consistent(counters));
                EXPECT_EQ(counters.live, live);
                EXPECT_EQ(refused, backing.failures() + counters.budget_denied);
                EXPECT_GT(refused, 0u);
                EXPECT_EQ(budget.bytes_reserved() % kEmbeddingSlabBytes, 0u);
                EXPECT_EQ(budget.bytes_reserved() / kEmbeddingSlabBytes, counters.backing_calls);
                EXPECT_EQ(counters.bytes_reserved, backing.bytes());
            }
            EXPECT_EQ(backing.outstanding(), 0u);
            EXPECT_EQ(budget.bytes_reserved(), 0u);
        }
    }
    EXPECT_EQ(EmbeddingSlabs::create({}).error().code(), ErrorCode::Invalid);
}

TEST(EmbeddingSlabs, ThreadsNeverShareARowAndReleaseOnce) {
    const auto slabs = make_slabs({.row_bytes = 4096, .slab_count_max = 4});
    std::mutex mutex;
    std::vector<EmbeddingRow> passed;
    std::atomic<bool> done{false};
    std::atomic<uint64_t> released{0};
    std::atomic<uint64_t> rejected{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 3; ++number) {
        threads.emplace_back([&, number] {
            for (int i = 0; i < 3000; ++i) {
                auto row = slabs->acquire();
                if (row.has_value()) std::memset(row->bytes.data(), number, 64);
                EmbeddingId id;
                {
                    const std::lock_guard lock(mutex);
                    if (row.has_value()) passed.push_back(*row);
                    if (passed.empty()) continue;
                    // Not taken out: others may release the same one, also at the same time.
                    id = passed[static_cast<size_t>(i) % passed.size()].id;
                    if (passed.size() > 300) passed.erase(passed.begin(), passed.begin() + 100);
                }
                const bool is_released = slabs->release(id) == ReleaseOutcome::Released;
                ++(is_released ? released : rejected);
            }
        });
    }
    std::thread reader([&] {
        while (!done.load()) ASSERT_TRUE(is_consistent(slabs->counters()));
    });
    for (std::thread& thread : threads) thread.join();
    done.store(true);
    reader.join();
    const MemoryCounters counters = slabs->counters();
    EXPECT_EQ(counters.releases, released.load());
    EXPECT_EQ(counters.double_release_rejected, rejected.load());
    EXPECT_EQ(counters.foreign_release_rejected, 0u);
    EXPECT_GT(released.load(), 1000u);
}

#if defined(__SANITIZE_ADDRESS__)
TEST(EmbeddingSlabsDeathTest, UseAfterReleaseIsCaughtByTheAddressSanitizer) {
    const auto slabs = make_slabs({.row_bytes = 100});
    const EmbeddingRow row = slabs->acquire().value();
    auto* first = reinterpret_cast<volatile char*>(row.bytes.data());
    *first = 1;
    (void)slabs->release(row.id);
    EXPECT_DEATH(*first = 2, "use-after-poison");
}
#endif

}  // namespace
}  // namespace kausal::memory
