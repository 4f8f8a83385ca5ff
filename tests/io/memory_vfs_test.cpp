// Goal: the doubles that other tests trust behave like a strict file system and fail when told to.
// Method: what is synced survives a crash, what is not does not; the n-th call fails, once or for
// ever.
#include "io/memory_vfs.h"

#include "io/fault_vfs.h"

#include <gtest/gtest.h>

namespace kausal::test {
namespace {

std::unique_ptr<io::File> make(io::Directory& directory, std::string_view name) {
    return std::move(*directory.open(name, {.create = true, .write = true}));
}

TEST(MemoryVfs, CrashKeepsOnlyWhatWasSynced) {
    MemoryVfs vfs;
    ASSERT_TRUE(vfs.make_directories("/db").is_ok());
    const auto directory = std::move(*vfs.open_directory("/db"));
    const auto kept = make(*directory, "kept");
    ASSERT_TRUE(kept->write_at(0, as_bytes("synced")).is_ok());
    ASSERT_TRUE(kept->sync(io::SyncMode::Data).is_ok());
    ASSERT_TRUE(directory->sync().is_ok());
    ASSERT_TRUE(kept->write_at(6, as_bytes(" not")).is_ok());
    const auto nameless = make(*directory, "nameless");
    ASSERT_TRUE(nameless->sync(io::SyncMode::Full).is_ok());
    vfs.crash(CrashKind::DropUnsynced);
    EXPECT_EQ(vfs.content("/db/kept"), "synced");
    EXPECT_FALSE(vfs.exists("/db/nameless"));
}

TEST(MemoryVfs, MixedCrashesReachOldNewAndBetween) {
    std::set<std::string> seen;
    for (uint64_t seed = 0; seed < 64; ++seed) {
        MemoryVfs vfs;
        ASSERT_TRUE(vfs.make_directories("/db").is_ok());
        const auto directory = std::move(*vfs.open_directory("/db"));
        const auto file = make(*directory, "f");
        ASSERT_TRUE(file->write_at(0, as_bytes(std::string(1024, 'o'))).is_ok());
        ASSERT_TRUE(file->sync(io::SyncMode::Data).is_ok());
        ASSERT_TRUE(directory->sync().is_ok());
        ASSERT_TRUE(file->write_at(0, as_bytes(std::string(1024, 'n'))).is_ok());
        vfs.crash(CrashKind::Mixed, seed);
        const std::string& content = vfs.content("/db/f");
        ASSERT_EQ(content.size(), 1024u);
        seen.insert({content[0], content[1023]});
    }
    EXPECT_EQ(seen, (std::set<std::string>{"oo", "on", "no", "nn"}));
}

TEST(FaultVfs, FailsTheChosenCallOnceOrForEver) {
    for (const bool sticky : {false, true}) {
        MemoryVfs memory;
        ASSERT_TRUE(memory.make_directories("/db").is_ok());
        const auto plan = std::make_shared<FaultPlan>();
        plan->fail_at = 2;
        plan->sticky = sticky;
        plan->partial_writes = true;
        FaultVfs vfs(memory, plan);
        const auto directory = std::move(*vfs.open_directory("/db"));
        const auto file = make(*directory, "f");
        EXPECT_EQ(file->write_at(0, as_bytes("abcd")).code(), ErrorCode::Unavailable);
        EXPECT_EQ(memory.content("/db/f"), "ab");
        EXPECT_EQ(file->sync(io::SyncMode::Data).is_ok(), !sticky);
        EXPECT_EQ(plan->calls, 3u);
        EXPECT_EQ(plan->failures, sticky ? 2u : 1u);
    }
}

TEST(FaultVfs, SpaceIsABudget) {
    MemoryVfs memory;
    ASSERT_TRUE(memory.make_directories("/db").is_ok());
    const auto plan = std::make_shared<FaultPlan>();
    plan->space_bytes = 6;
    FaultVfs vfs(memory, plan);
    const auto directory = std::move(*vfs.open_directory("/db"));
    const auto file = make(*directory, "f");
    ASSERT_TRUE(file->write_at(0, as_bytes("abcd")).is_ok());
    ASSERT_TRUE(file->write_at(0, as_bytes("wxyz")).is_ok());  // overwriting needs none
    EXPECT_EQ(file->write_at(4, as_bytes("efgh")).code(), ErrorCode::NoSpace);
    EXPECT_TRUE(file->write_at(4, as_bytes("ef")).is_ok());
}

}  // namespace
}  // namespace kausal::test
