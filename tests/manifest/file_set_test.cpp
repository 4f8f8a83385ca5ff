// Goal: live files must be there, leftovers go, nothing goes that a lost edit may have named.
// Method: a directory with files of all kinds, checked and settled with a clean and with a torn
// manifest.
#include "manifest/file_set.h"

#include "manifest/manifest_fixture.h"

#include <gtest/gtest.h>

namespace kausal::manifest {
namespace {

using test::MemoryVfs;
using test::open_directory;
using test::open_manifest;

void make_file(io::Directory& directory, std::string_view name, size_t size) {
    const auto file = std::move(*directory.open(name, {.create = true}));
    ASSERT_TRUE(file->write_at(0, as_bytes(std::string(size, 'x'))).is_ok());
}

/// One live segment, log segments 3 and 4 with 4 as the first needed, and leftovers of every kind.
struct Directory {
    MemoryVfs vfs;
    std::unique_ptr<io::Directory> handle = open_directory(vfs);
    uint64_t live = 0;
    std::string manifest_path;

    Directory() {
        const auto manifest = std::move(*Manifest::create(*handle, test::kUuid));
        live = test::add_segment(*manifest, 1);
        EXPECT_TRUE(manifest->append({.wal_first_segment_id = 4}).is_ok());
        manifest_path = test::manifest_path(*manifest);
        make_file(*handle, segment_file_name(live), test::segment(live, 1).size_bytes);
        for (const char* name :
             {"LOCK", "0000000000000003.wal", "0000000000000004.wal", "0000000000000005.wal.tmp",
              "00000000000000aa.seg", "00000000000000ab.seg.tmp", "MANIFEST-00000000000000ac",
              "CURRENT.tmp", "notes.txt"}) {
            make_file(*handle, name, 3);
        }
    }
};

const std::vector<std::string> kLeftovers = {"0000000000000003.wal", "0000000000000005.wal.tmp",
                                             "00000000000000aa.seg", "00000000000000ab.seg.tmp",
                                             "CURRENT.tmp",          "MANIFEST-00000000000000ac"};

TEST(FileSet, TellsLiveLeftoverAndForeignApart) {
    Directory directory;
    const auto manifest = open_manifest(*directory.handle, true);
    const auto report = check_file_set(*directory.handle, *manifest);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->leftovers, kLeftovers);
    EXPECT_EQ(report->foreign, (std::vector<std::string>{"notes.txt"}));
    EXPECT_TRUE(report->leftovers_deletable);
}

TEST(FileSet, SettlingDeletesLeftoversOnly) {
    Directory directory;
    const auto manifest = open_manifest(*directory.handle, true);
    const auto report = check_file_set(*directory.handle, *manifest);
    EXPECT_EQ(*settle_file_set(*directory.handle, *report), kLeftovers.size());
    for (const std::string& name : kLeftovers) {
        EXPECT_FALSE(directory.vfs.exists("/db/" + name)) << name;
    }
    for (const std::string& name :
         {std::string("notes.txt"), std::string("CURRENT"), std::string("LOCK"),
          std::string("0000000000000004.wal"), segment_file_name(directory.live)}) {
        EXPECT_TRUE(directory.vfs.exists("/db/" + name)) << name;
    }
    EXPECT_FALSE(directory.vfs.exists("/db/lost+found"));
    EXPECT_TRUE(check_file_set(*directory.handle, *manifest)->leftovers.empty());
    EXPECT_EQ(*settle_file_set(*directory.handle, *check_file_set(*directory.handle, *manifest)),
              0u);
}

TEST(FileSet, AfterATornManifestLeftoversAreMovedNotDeleted) {
    Directory directory;
    directory.vfs.content(directory.manifest_path) += "torn";
    const auto manifest = open_manifest(*directory.handle, true);
    const auto report = check_file_set(*directory.handle, *manifest);
    ASSERT_TRUE(report.has_value());
    EXPECT_FALSE(report->leftovers_deletable);
    EXPECT_EQ(*settle_file_set(*directory.handle, *report), kLeftovers.size());
    for (const std::string& name : kLeftovers) {
        EXPECT_FALSE(directory.vfs.exists("/db/" + name)) << name;
        EXPECT_EQ(directory.vfs.content("/db/lost+found/" + name), "xxx") << name;
    }
}

TEST(FileSet, MissingOrResizedSegmentIsCorruption) {
    Directory directory;
    const auto manifest = open_manifest(*directory.handle, true);
    const std::string name = segment_file_name(directory.live);
    directory.vfs.content("/db/" + name) += "x";
    EXPECT_EQ(check_file_set(*directory.handle, *manifest).error().code(), ErrorCode::Corrupt);
    ASSERT_TRUE(directory.handle->unlink(name).is_ok());
    const auto report = check_file_set(*directory.handle, *manifest);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Corrupt);
    EXPECT_TRUE(report.error().message().starts_with(name)) << report.error().message();
    // Nothing was touched.
    EXPECT_TRUE(directory.vfs.exists("/db/00000000000000aa.seg"));
}

TEST(FileSet, NoLogIsALeftoverBeforeTheFirstIsKnown) {
    MemoryVfs vfs;
    const auto handle = open_directory(vfs);
    const auto manifest = std::move(*Manifest::create(*handle, test::kUuid));
    make_file(*handle, "0000000000000001.wal", 64);
    EXPECT_TRUE(check_file_set(*handle, *manifest)->leftovers.empty());
}

}  // namespace
}  // namespace kausal::manifest
