// Goal: an address is found exactly when it lies in a slab that was inserted, whatever its hash.
// Method: made-up addresses, which the table never follows; every place of it in use.
#include "memory/slab_table.h"

#include "counting_backing.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace kausal::memory {
namespace {

std::byte* address(uintptr_t number) {
    return reinterpret_cast<std::byte*>(number);  // NOLINT: never followed
}

TEST(SlabTable, FindsWhatWasInsertedAndNothingElse) {
    CountingBacking backing;
    {
        SlabTable table(backing);
        ASSERT_TRUE(table.prepare(1000, 4096));
        EXPECT_EQ(table.bytes(), backing.bytes());
        EXPECT_EQ(table.slab_of(address(4096 * 7)), nullptr);
        for (uintptr_t i = 1; i <= 1000; ++i) ASSERT_TRUE(table.insert(address(i * 3 * 4096)));
        EXPECT_FALSE(table.insert(address(5000 * 4096))) << "it is full";
        for (uintptr_t i = 1; i < 10'000; ++i) {
            const bool is_in = i % 3 == 0 && i <= 3000;
            for (const uintptr_t offset : {uintptr_t{0}, uintptr_t{1}, uintptr_t{4095}}) {
                std::byte* expected = is_in ? address(i * 4096) : nullptr;
                ASSERT_EQ(table.slab_of(address(i * 4096 + offset)), expected) << i;
            }
        }
        EXPECT_EQ(table.slab_of(nullptr), nullptr);
        EXPECT_EQ(table.slab_of(address(UINTPTR_MAX)), nullptr);
    }
    EXPECT_EQ(backing.outstanding(), 0u);
    SlabTable refused(backing);
    backing.fail_after(0);
    EXPECT_FALSE(refused.prepare(10, 4096));
    EXPECT_FALSE(refused.prepare(SIZE_MAX, 4096));
}

}  // namespace
}  // namespace kausal::memory
