// Goal: what was appended is there after a reopen, ids never repeat, features and versions are
// honoured. Method: create, append, reopen on an in-memory file system; headers rewritten by hand
// for features.
#include "manifest/manifest.h"

#include "base/coding.h"
#include "base/crc32c.h"
#include "manifest/manifest_fixture.h"

#include <gtest/gtest.h>

#include <set>

namespace kausal::manifest {
namespace {

using test::add_segment;
using test::MemoryVfs;
using test::open_directory;
using test::open_manifest;

std::unique_ptr<Manifest> create(io::Directory& directory) {
    auto made = Manifest::create(directory, test::kUuid);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message());
    return made ? std::move(*made) : nullptr;
}

TEST(Manifest, NewOneIsEmptyAndReopens) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    EXPECT_EQ(*classify_directory(*directory), DirectoryState::Empty);
    EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::NotFound);
    EXPECT_TRUE(create(*directory)->state().segments.empty());
    EXPECT_EQ(*classify_directory(*directory), DirectoryState::Database);
    const auto manifest = open_manifest(*directory);
    EXPECT_EQ(manifest->superblock().uuid, test::kUuid);
    EXPECT_TRUE(manifest->was_read_cleanly());
    EXPECT_TRUE(manifest->state().segments.empty());
    EXPECT_EQ(Manifest::create(*directory, test::kUuid).error().code(), ErrorCode::Conflict);
}

TEST(Manifest, EditsAreThereAfterReopen) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    ManifestState expected;
    {
        const auto manifest = create(*directory);
        const uint64_t first = add_segment(*manifest, 10);
        const uint64_t second = add_segment(*manifest, 20);
        ASSERT_NE(first, 0u);
        ASSERT_NE(second, 0u);
        VersionEdit edit;
        edit.segments_removed = {first};
        edit.last_seq = 99;
        edit.wal_first_segment_id = 4;
        edit.properties_set = {{"workspace", "main"}};
        ASSERT_TRUE(manifest->append(edit).is_ok());
        expected = manifest->state();
        ASSERT_EQ(expected.segments.size(), 1u);
        EXPECT_EQ(expected.segments[0], test::segment(second, 20));
    }
    for (const bool read_only : {true, false, true}) {
        const auto manifest = open_manifest(*directory, read_only);
        EXPECT_EQ(manifest->state().segments, expected.segments);
        EXPECT_EQ(manifest->state().last_seq, 99u);
        EXPECT_EQ(manifest->state().wal_first_segment_id, 4u);
        EXPECT_EQ(manifest->state().properties.at("workspace"), "main");
        EXPECT_TRUE(manifest->was_read_cleanly());
    }
}

TEST(Manifest, ReadOnlyOpenWritesNothing) {
    MemoryVfs memory;
    {
        const auto directory = open_directory(memory);
        ASSERT_NE(add_segment(*create(*directory), 1), 0u);
    }
    const auto plan = std::make_shared<test::FaultPlan>();
    test::FaultVfs vfs(memory, plan);
    const auto directory = std::move(*vfs.open_directory(test::kPath));
    const auto manifest = open_manifest(*directory, true);
    EXPECT_EQ(manifest->append({}).code(), ErrorCode::Unsupported);
    EXPECT_EQ(manifest->allocate_file_id().error().code(), ErrorCode::Unsupported);
    EXPECT_EQ(plan->calls, 0u);
}

TEST(Manifest, SwitchesCurrentInTheRightOrder) {
    MemoryVfs memory;
    const auto plan = std::make_shared<test::FaultPlan>();
    test::FaultVfs vfs(memory, plan);
    const auto directory = open_directory(vfs);
    plan->records_trace = true;
    const auto manifest = create(*directory);
    const std::string file = manifest_file_name(1);
    EXPECT_EQ(plan->trace, (std::vector<std::string>{
                               "unlink " + file, "create " + file, "write " + file, "sync " + file,
                               "sync directory", "unlink CURRENT.tmp", "create CURRENT.tmp",
                               "write CURRENT.tmp", "sync CURRENT.tmp",
                               "rename CURRENT.tmp CURRENT", "sync directory", "write " + file}));
    plan->trace.clear();
    ASSERT_TRUE(manifest->append({.last_seq = 5}).is_ok());
    EXPECT_EQ(plan->trace,
              (std::vector<std::string>{"write " + file, "sync " + file, "write " + file}));
}

TEST(Manifest, EveryOpenForWritingHasItsOwnFileAndEpoch) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    std::set<uint64_t> ids{create(*directory)->superblock().manifest_id};
    for (uint32_t epoch = 2; epoch < 6; ++epoch) {
        const auto manifest = open_manifest(*directory);
        EXPECT_EQ(manifest->superblock().epoch, epoch);
        EXPECT_TRUE(ids.insert(manifest->superblock().manifest_id).second);
        EXPECT_EQ(open_manifest(*directory, true)->superblock().epoch, epoch);
    }
    // Former files are gone.
    EXPECT_EQ((*directory->list()).size(), 2u);
}

TEST(Manifest, FileIdsNeverRepeatAcrossRestarts) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    std::set<uint64_t> ids;
    auto manifest = create(*directory);
    for (int session = 0; session < 4; ++session) {
        EXPECT_TRUE(ids.insert(manifest->superblock().manifest_id).second);
        for (int i = 0; i < 700; ++i) {
            const auto id = manifest->allocate_file_id();
            ASSERT_TRUE(id.has_value());
            ASSERT_TRUE(ids.insert(*id).second) << *id;
        }
        manifest.reset();
        vfs.crash(test::CrashKind::DropUnsynced);
        manifest = open_manifest(*directory);
        ASSERT_NE(manifest, nullptr);
    }
}

TEST(Manifest, RefusesEditsThatDoNotFit) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const auto manifest = create(*directory);
    const uint64_t live = add_segment(*manifest, 10);
    const uint64_t size = manifest->size_bytes();
    const ManifestState before = manifest->state();
    VersionEdit never_allocated;
    never_allocated.segments_added = {test::segment(200, 20)};
    VersionEdit live_twice;
    live_twice.segments_added = {test::segment(live, 20)};
    VersionEdit not_live;
    not_live.segments_removed = {live + 1};
    VersionEdit same_rank;
    same_rank.segments_added = {test::segment(*manifest->allocate_file_id(), 10)};
    VersionEdit sets_id;
    sets_id.next_file_id = 5;
    VersionEdit falling;
    falling.segments_added = {test::segment(*manifest->allocate_file_id(), 20)};
    falling.segments_added[0].seq_min = falling.segments_added[0].seq_max + 1;
    for (const VersionEdit* edit :
         {&never_allocated, &live_twice, &not_live, &same_rank, &sets_id, &falling}) {
        EXPECT_EQ(manifest->append(*edit).code(), ErrorCode::Invalid);
    }
    EXPECT_EQ(manifest->size_bytes(), size);
    EXPECT_EQ(manifest->state(), before);
    EXPECT_FALSE(manifest->is_poisoned());
}

TEST(Manifest, RewritesItselfWhenItGrows) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    auto manifest =
        std::move(*Manifest::create(*directory, test::kUuid, {.rewrite_size_bytes = 8192}));
    const uint64_t first_id = manifest->superblock().manifest_id;
    uint64_t live = add_segment(*manifest, 1);
    for (uint64_t i = 2; i < 200; ++i) {
        VersionEdit edit;
        const uint64_t id = *manifest->allocate_file_id();
        edit.segments_removed = {live};
        edit.segments_added = {test::segment(id, i)};
        ASSERT_TRUE(manifest->append(edit).is_ok());
        live = id;
        EXPECT_LT(manifest->size_bytes(), 8192u + 400u);
    }
    EXPECT_NE(manifest->superblock().manifest_id, first_id);
    EXPECT_EQ(manifest->superblock().epoch, 1u);
    const ManifestState expected = manifest->state();
    manifest.reset();
    EXPECT_EQ(open_manifest(*directory, true)->state(), expected);
}

/// Rewrites the header of the manifest file with other features and a right checksum.
void set_header_word(std::string& bytes, size_t offset, uint32_t value) {
    auto* data = reinterpret_cast<std::byte*>(bytes.data());
    store_fixed(data + offset, value);
    store_fixed(data + 60, crc32c(as_bytes(bytes).first(60)));
}

TEST(Manifest, HonoursFeatureWordsAndVersions) {
    constexpr size_t version = 4;
    constexpr size_t compat = 36;
    constexpr size_t read_only_compat = 40;
    constexpr size_t incompat = 44;
    constexpr size_t reader_version = 48;
    struct Case {
        size_t offset;
        uint32_t value;
        bool reads;
        bool writes;
    };
    for (const Case& test_case :
         {Case{compat, 8, true, true}, Case{read_only_compat, 8, true, false},
          Case{incompat, 8, false, false}, Case{reader_version, 2, false, false},
          Case{version, 2, false, false}}) {
        MemoryVfs vfs;
        const auto directory = open_directory(vfs);
        const std::string path = test::manifest_path(*create(*directory));
        set_header_word(vfs.content(path), test_case.offset, test_case.value);
        const auto read = Manifest::open(*directory, true);
        const auto write = Manifest::open(*directory, false);
        EXPECT_EQ(read.has_value(), test_case.reads) << test_case.offset;
        EXPECT_EQ(write.has_value(), test_case.writes) << test_case.offset;
        EXPECT_TRUE(read || read.error().code() == ErrorCode::NewerFormat);
        EXPECT_TRUE(write || write.error().code() == ErrorCode::NewerFormat);
    }
}

TEST(Manifest, UnknownCompatibleFeaturesAreKept) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    set_header_word(vfs.content(test::manifest_path(*create(*directory))), 36, 8);
    (void)open_manifest(*directory);
    EXPECT_EQ(open_manifest(*directory, true)->superblock().features.compat, 8u);
}

TEST(Manifest, MissingCurrentIsCorruptionUnlessTheDirectoryIsNew) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    (void)create(*directory);
    ASSERT_TRUE(directory->unlink(kCurrentName).is_ok());
    // A creation that never finished may be finished.
    EXPECT_EQ(*classify_directory(*directory), DirectoryState::Interrupted);
    EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::NotFound);
    ASSERT_NE(create(*directory), nullptr);
    // A database that was in use may not be made anew.
    ASSERT_TRUE(directory->unlink(kCurrentName).is_ok());
    ASSERT_TRUE(directory->open("0000000000000001.wal", {.create = true}).has_value());
    EXPECT_EQ(*classify_directory(*directory), DirectoryState::Foreign);
    EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::Corrupt);
    EXPECT_EQ(Manifest::create(*directory, test::kUuid).error().code(), ErrorCode::Conflict);
}

TEST(Manifest, LockAndLostAndFoundDoNotMakeADirectoryForeign) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    ASSERT_TRUE(directory->open("LOCK", {.create = true}).has_value());
    ASSERT_TRUE(directory->make_directory("lost+found").is_ok());
    EXPECT_EQ(*classify_directory(*directory), DirectoryState::Empty);
    ASSERT_NE(create(*directory), nullptr);
    MemoryVfs other;
    const auto foreign = open_directory(other);
    ASSERT_TRUE(foreign->open("notes.txt", {.create = true}).has_value());
    EXPECT_EQ(Manifest::create(*foreign, test::kUuid).error().code(), ErrorCode::Conflict);
}

TEST(Manifest, MissingManifestFileIsCorruption) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    const uint64_t id = create(*directory)->superblock().manifest_id;
    ASSERT_TRUE(directory->unlink(manifest_file_name(id)).is_ok());
    EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::Corrupt);
}

TEST(Manifest, ZeroUuidIsRefused) {
    MemoryVfs vfs;
    const auto directory = open_directory(vfs);
    EXPECT_EQ(Manifest::create(*directory, {}).error().code(), ErrorCode::Invalid);
}

TEST(ManifestNames, AreFixedWidth) {
    EXPECT_EQ(manifest_file_name(0x2710), "MANIFEST-0000000000002710");
    EXPECT_EQ(segment_file_name(0x2710), "0000000000002710.seg");
    EXPECT_LT(segment_file_name(9'999), segment_file_name(10'000));
}

}  // namespace
}  // namespace kausal::manifest
