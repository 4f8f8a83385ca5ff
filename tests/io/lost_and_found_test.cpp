// Goal: what is dropped is kept under a name of its own, durably; the end of content is found.
// Method: in-memory file system, a crash right after the call.
#include "io/lost_and_found.h"

#include "io/memory_vfs.h"

#include <gtest/gtest.h>

namespace kausal::io {
namespace {

using test::CrashKind;
using test::MemoryVfs;

struct Folder {
    MemoryVfs vfs;
    std::unique_ptr<Directory> handle;

    Folder() {
        EXPECT_TRUE(vfs.make_directories("/db").is_ok());
        handle = std::move(*vfs.open_directory("/db"));
    }
    std::unique_ptr<File> make(std::string_view name, std::string_view content) const {
        auto file = std::move(*handle->open(name, {.create = true, .write = true}));
        EXPECT_TRUE(file->write_at(0, as_bytes(content)).is_ok());
        EXPECT_TRUE(file->sync(SyncMode::Full).is_ok());
        EXPECT_TRUE(handle->sync().is_ok());
        return file;
    }
};

TEST(LostAndFound, KeepsARangeDurably) {
    Folder folder;
    const std::string content(700'000, 'y');
    const auto file = folder.make("log", "head" + content + "tail");
    const auto name = keep_bytes(*folder.handle, *file, "log", 4, 4 + content.size());
    ASSERT_TRUE(name.has_value());
    EXPECT_EQ(*name, "lost+found/log-from-4");
    folder.vfs.crash(CrashKind::DropUnsynced);
    EXPECT_EQ(folder.vfs.content("/db/" + *name), content);
}

TEST(LostAndFound, MovesAFileDurably) {
    Folder folder;
    folder.make("old.seg", "abc");
    const auto name = keep_file(*folder.handle, "old.seg");
    ASSERT_TRUE(name.has_value());
    folder.vfs.crash(CrashKind::DropUnsynced);
    EXPECT_FALSE(folder.vfs.exists("/db/old.seg"));
    EXPECT_EQ(folder.vfs.content("/db/" + *name), "abc");
}

TEST(LostAndFound, NeverOverwritesWhatWasKeptBefore) {
    Folder folder;
    for (const char* content : {"one", "two", "three"}) {
        folder.make("x", content);
        ASSERT_TRUE(keep_file(*folder.handle, "x").has_value());
    }
    EXPECT_EQ(folder.vfs.content("/db/lost+found/x"), "one");
    EXPECT_EQ(folder.vfs.content("/db/lost+found/x.1"), "two");
    EXPECT_EQ(folder.vfs.content("/db/lost+found/x.2"), "three");
    EXPECT_EQ(keep_file(*folder.handle, "absent").error().code(), ErrorCode::NotFound);
}

TEST(LostAndFound, FindsTheEndOfContent) {
    Folder folder;
    const auto file =
        folder.make("f", std::string(1'000'000, '\0') + "x" + std::string(1'000'000, '\0'));
    EXPECT_EQ(*end_of_content(*file, 0, 2'000'001), 1'000'001u);
    EXPECT_EQ(*end_of_content(*file, 0, 1'000'000), 0u);
    EXPECT_EQ(*end_of_content(*file, 1'000'001, 2'000'001), 1'000'001u);
    EXPECT_EQ(*end_of_content(*file, 5, 5), 5u);
}

}  // namespace
}  // namespace kausal::io
