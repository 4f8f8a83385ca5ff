// Goal: the registry shows exactly the sources that are registered, in order and while they come
// and go on several threads; the invariants of the counters are really checked.
// Method: sources by hand; every invariant broken once.
#include "memory/counters.h"

#include "memory/backing.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kausal::memory {
namespace {

class FixedSource final : public MemorySource {
  public:
    explicit FixedSource(std::string name, uint64_t bytes = 0) {
        values_.name = std::move(name);
        values_.mode = "pool";
        values_.bytes_reserved = bytes;
        values_.bytes_reserved_peak = bytes;
    }
    [[nodiscard]] MemoryCounters counters() const override { return values_; }

  private:
    MemoryCounters values_;
};

std::string names_of(const MemoryRegistry& registry) {
    std::string names;
    for (const MemoryCounters& one : registry.snapshot()) names += one.name;
    return names;
}

TEST(MemoryRegistry, ShowsItsSourcesInOrder) {
    MemoryRegistry registry;
    EXPECT_TRUE(registry.snapshot().empty());
    const FixedSource a("a", 5);
    const FixedSource b("b", 7);
    const FixedSource c("c", 100);
    {
        const RegistryEntry first(registry, a);
        auto second = std::make_unique<RegistryEntry>(registry, b);
        auto third = std::make_unique<RegistryEntry>(registry, c);
        EXPECT_EQ(names_of(registry), "abc");
        EXPECT_EQ(tracked_bytes(registry.snapshot()), 112u);
        second.reset();
        EXPECT_EQ(names_of(registry), "ac");
        third.reset();
        EXPECT_EQ(names_of(registry), "a");
        const RegistryEntry again(registry, b);
        EXPECT_EQ(names_of(registry), "ab");
    }
    EXPECT_EQ(registry.source_count(), 0u);
}

TEST(MemoryRegistry, SourcesComeAndGoWhileItIsRead) {
    MemoryRegistry registry;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&registry] {
            const FixedSource source("s", 1);
            for (int i = 0; i < 2000; ++i) const RegistryEntry entry(registry, source);
        });
    }
    for (int i = 0; i < 2000; ++i) {
        const auto all = registry.snapshot();
        ASSERT_LE(all.size(), 3u);
        for (const MemoryCounters& one : all) ASSERT_EQ(one.name, "s");
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(registry.source_count(), 0u);
}

TEST(MemoryCounters, EveryInvariantIsChecked) {
    MemoryCounters good;
    good.acquires = 10;
    good.hits = 8;
    good.backing_calls = 2;
    good.releases = 7;
    good.live = 3;
    good.live_peak = 5;
    good.bytes_reserved = 100;
    good.bytes_reserved_peak = 200;
    good.bytes_retained = 60;
    EXPECT_TRUE(is_consistent(good));
    const std::vector<uint64_t MemoryCounters::*> fields = {
        &MemoryCounters::acquires, &MemoryCounters::hits, &MemoryCounters::backing_calls,
        &MemoryCounters::releases, &MemoryCounters::live};
    for (const auto field : fields) {
        MemoryCounters bad = good;
        ++(bad.*field);
        EXPECT_FALSE(is_consistent(bad));
    }
    MemoryCounters bad = good;
    bad.live_peak = 2;
    EXPECT_FALSE(is_consistent(bad));
    bad = good;
    bad.bytes_reserved_peak = 99;
    EXPECT_FALSE(is_consistent(bad));
    bad = good;
    bad.bytes_retained = 101;
    EXPECT_FALSE(is_consistent(bad));
    bad = MemoryCounters{};
    bad.releases = 1;
    bad.live = UINT64_MAX;  // what a difference that wraps around would show
    EXPECT_FALSE(is_consistent(bad));
}

TEST(SystemBacking, AlignsAndRefusesWhatNoSystemHas) {
    BackingAllocator& backing = system_backing();
    for (const size_t alignment : {size_t{16}, size_t{4096}, size_t{2} << 20}) {
        void* data = backing.allocate(100, alignment);
        ASSERT_NE(data, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % alignment, 0u);
        backing.release(data, 100, alignment);
    }
    EXPECT_EQ(backing.allocate(SIZE_MAX, 64), nullptr);
    EXPECT_EQ(backing.allocate(SIZE_MAX - 10, 4096), nullptr);
    backing.release(nullptr, 1, 64);
}

}  // namespace
}  // namespace kausal::memory
