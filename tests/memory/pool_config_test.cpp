// Goal: every knob has bounds, and the error names the knob. Method: each one set wrongly.
#include "memory/pool_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace kausal::memory {
namespace {

template <typename Config>
struct Wrong {
    std::string knob;
    std::function<void(Config&)> set;
};

template <typename Config>
void expect_rejected(const Config& good, const std::vector<Wrong<Config>>& all) {
    ASSERT_TRUE(check(good).is_ok()) << check(good).message();
    for (const Wrong<Config>& wrong : all) {
        Config bad = good;
        wrong.set(bad);
        const Status status = check(bad);
        EXPECT_EQ(status.code(), ErrorCode::Invalid) << wrong.knob;
        EXPECT_TRUE(status.message().starts_with(wrong.knob)) << status.message();
    }
}

TEST(PoolConfig, FixedPool) {
    using C = FixedPoolConfig;
    expect_rejected<C>({}, {{"slot_bytes", [](C& c) { c.slot_bytes = 0; }},
                            {"slot_bytes", [](C& c) { c.slot_bytes = c.slab_bytes / 4 + 1; }},
                            {"slot_alignment", [](C& c) { c.slot_alignment = 4; }},
                            {"slot_alignment", [](C& c) { c.slot_alignment = 24; }},
                            {"slot_alignment", [](C& c) { c.slot_alignment = 8192; }},
                            {"slot_alignment",
                             [](C& c) {
                                 c.slot_alignment = 2048;
                                 c.slab_bytes = 4096;
                             }},
                            {"slab_bytes", [](C& c) { c.slab_bytes = 2048; }},
                            {"slab_bytes", [](C& c) { c.slab_bytes = 65'537; }},
                            {"slab_bytes", [](C& c) { c.slab_bytes = size_t{32} << 20; }},
                            {"slab_count_max", [](C& c) { c.slab_count_max = 0; }},
                            {"slab_count_max", [](C& c) { c.slab_count_max = SIZE_MAX; }},
                            {"magazine_count_max", [](C& c) { c.magazine_count_max = 0; }},
                            {"growth.slabs_first", [](C& c) { c.growth.slabs_first = 0; }},
                            {"growth.factor", [](C& c) { c.growth.factor = 0; }},
                            {"growth.slabs_max", [](C& c) { c.growth.slabs_first = 9; }}});
}

TEST(PoolConfig, OtherPools) {
    using O = ObjectPoolConfig;
    expect_rejected<O>({}, {{"live_count_max", [](O& c) { c.live_count_max = 0; }},
                            {"idle_count_max", [](O& c) { c.idle_count_max = SIZE_MAX; }},
                            {"object_bytes", [](O& c) { c.object_bytes = SIZE_MAX; }}});
    using I = IoBufferPoolConfig;
    expect_rejected<I>({}, {{"page_bytes", [](I& c) { c.page_bytes = 256; }},
                            {"page_bytes", [](I& c) { c.page_bytes = 4097; }},
                            {"buffer_bytes", [](I& c) { c.buffer_bytes = 2048; }},
                            {"buffer_bytes", [](I& c) { c.buffer_bytes = 4096 + 512; }},
                            {"live_count_max", [](I& c) { c.live_count_max = 0; }},
                            {"idle_count_max", [](I& c) { c.idle_count_max = SIZE_MAX; }}});
    using E = EmbeddingSlabsConfig;
    expect_rejected<E>({.row_bytes = 1024},
                       {{"row_bytes", [](E& c) { c.row_bytes = 0; }},
                        {"row_bytes", [](E& c) { c.row_bytes = kEmbeddingSlabBytes / 4 + 1; }},
                        {"slab_count_max", [](E& c) { c.slab_count_max = 0; }}});
}

TEST(PoolConfig, AllTogether) {
    using M = MemoryConfig;
    expect_rejected<M>(
        {}, {{"budget.soft_bytes", [](M& c) { c.budget = {.soft_bytes = 101, .hard_bytes = 100}; }},
             {"slot_bytes", [](M& c) { c.handles.slot_bytes = 0; }},
             {"live_count_max", [](M& c) { c.query_scratch.live_count_max = 0; }},
             {"page_bytes", [](M& c) { c.io_buffers.page_bytes = 0; }},
             {"row_bytes", [](M& c) { c.embeddings.row_bytes = 0; }}});
    EXPECT_TRUE(check(M{.budget = {.soft_bytes = 5}}).is_ok());
    EXPECT_TRUE(check(M{.budget = {.hard_bytes = 5}}).is_ok());
}

}  // namespace
}  // namespace kausal::memory
