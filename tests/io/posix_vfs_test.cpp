// Goal: the POSIX Vfs keeps its contract: whole transfers, names that cannot escape, errors a
// caller can act on, locks that exclude other handles and processes. Method: a fresh directory per
// test on the real file system; the outside view is taken with std::filesystem and plain system
// calls.
#include "io/posix_vfs.h"

#include "io/memory_vfs.h"
#include "io/posix_error.h"
#include "io/posix_file.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kausal::io {
namespace {

namespace fs = std::filesystem;

class PosixVfsTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "kausal_io_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
        directory_ = std::move(*vfs_->open_directory(root_));
    }
    void TearDown() override { fs::remove_all(root_); }

    [[nodiscard]] std::unique_ptr<File> make(std::string_view name, std::string_view content = "") {
        auto file = std::move(*directory_->open(name, {.create = true, .write = true}));
        EXPECT_TRUE(file->write_at(0, as_bytes(content)).is_ok());
        return file;
    }
    [[nodiscard]] std::string outside(const std::string& name) const {
        std::ifstream in(root_ + "/" + name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::string root_;
    std::unique_ptr<Vfs> vfs_ = make_posix_vfs();
    std::unique_ptr<Directory> directory_;
};

std::string read(File& file, uint64_t offset, size_t size) {
    std::string into(size, '?');
    const auto count =
        file.read_at(offset, {reinterpret_cast<std::byte*>(into.data()), into.size()});
    EXPECT_TRUE(count.has_value());
    into.resize(count.value_or(0));
    return into;
}

TEST_F(PosixVfsTest, WritesManyPartsAndReadsThemBack) {
    const auto file = make("f");
    std::vector<std::string> parts;
    std::string whole;
    for (size_t i = 0; i < 300; ++i) {
        parts.emplace_back(i % 7 == 0 ? 0 : i, static_cast<char>('a' + i % 26));
        whole += parts.back();
    }
    std::vector<ByteView> views;
    for (const std::string& part : parts) views.push_back(as_bytes(part));
    ASSERT_TRUE(file->write_at(5, views).is_ok());
    EXPECT_EQ(*file->size(), 5 + whole.size());
    EXPECT_EQ(read(*file, 5, whole.size()), whole);
    EXPECT_EQ(outside("f"), std::string(5, '\0') + whole);
    ASSERT_TRUE(file->write_at(0, std::span<const ByteView>()).is_ok());
    ASSERT_TRUE(file->sync(SyncMode::Data).is_ok());
    ASSERT_TRUE(file->sync(SyncMode::Full).is_ok());
    ASSERT_TRUE(directory_->sync().is_ok());
}

TEST_F(PosixVfsTest, ReadsStopAtTheEnd) {
    const auto file = make("f", "abcdef");
    EXPECT_EQ(read(*file, 4, 10), "ef");
    EXPECT_EQ(read(*file, 6, 10), "");
    EXPECT_EQ(read(*file, 1'000'000, 10), "");
    EXPECT_EQ(read(*file, 2, 0), "");
}

TEST_F(PosixVfsTest, TruncatesAndAllocates) {
    const auto file = make("f", "abcdef");
    ASSERT_TRUE(file->truncate(3).is_ok());
    EXPECT_EQ(outside("f"), "abc");
    const Status allocated = file->allocate(0, 4096);
    if (allocated.code() == ErrorCode::Unsupported) GTEST_SKIP() << allocated.message();
    ASSERT_TRUE(allocated.is_ok()) << allocated.message();
    EXPECT_EQ(outside("f"), "abc" + std::string(4093, '\0'));
}

TEST_F(PosixVfsTest, OffsetsBeyondAnyFileAreInvalid) {
    const auto file = make("f", "abc");
    std::byte byte{};
    EXPECT_EQ(file->read_at(~uint64_t{0}, {&byte, 1}).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(file->write_at(~uint64_t{0} >> 1, {&byte, 1}).code(), ErrorCode::Invalid);
    EXPECT_EQ(file->truncate(~uint64_t{0}).code(), ErrorCode::Invalid);
    EXPECT_EQ(file->allocate(1, ~uint64_t{0}).code(), ErrorCode::Invalid);
    EXPECT_EQ(outside("f"), "abc");
}

TEST_F(PosixVfsTest, OpenFollowsItsFlags) {
    EXPECT_EQ(directory_->open("f", {}).error().code(), ErrorCode::NotFound);
    (void)make("f", "x");
    EXPECT_EQ(directory_->open("f", {.create = true, .exclusive = true}).error().code(),
              ErrorCode::Conflict);
    const auto reader = std::move(*directory_->open("f", {}));
    EXPECT_EQ(reader->write_at(0, as_bytes("y")).code(), ErrorCode::Unavailable);
    EXPECT_EQ(outside("f"), "x");
}

TEST_F(PosixVfsTest, OpensRegularFilesOnly) {
    (void)make("target", "x");
    fs::create_symlink("target", root_ + "/link");
    fs::create_directory(root_ + "/folder");
    ASSERT_EQ(::mkfifo((root_ + "/fifo").c_str(), 0600), 0);
    for (const char* name : {"link", "folder", "fifo"}) {
        const auto opened = directory_->open(name, {});
        ASSERT_FALSE(opened.has_value()) << name;
        EXPECT_EQ(opened.error().code(), ErrorCode::Invalid) << name;
        EXPECT_NE(opened.error().message().find(name), std::string_view::npos);
    }
    EXPECT_EQ(directory_->open_directory("link").error().code(), ErrorCode::Invalid);
    EXPECT_EQ(directory_->open_directory("target").error().code(), ErrorCode::Invalid);
    fs::create_directory_symlink("folder", root_ + "/folder_link");
    EXPECT_EQ(directory_->open_directory("folder_link").error().code(), ErrorCode::Invalid);
    EXPECT_TRUE(directory_->open_directory("folder").has_value());
}

TEST_F(PosixVfsTest, NamesOfSeveralComponentsAreInvalidEverywhere) {
    fs::create_directory(root_ + "/a");
    (void)make("f", "x");
    // Inside the scratch folder: where the check is broken, this test must not reach anything else.
    const std::string absolute = root_ + "/a";
    for (const std::string_view name :
         {std::string_view(""), std::string_view("."), std::string_view("a/b"),
          std::string_view("a/.."), std::string_view(absolute), std::string_view("f\0g", 3)}) {
        EXPECT_EQ(directory_->open(name, {}).error().code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->open_directory(name).error().code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->info(name).error().code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->unlink(name).code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->make_directory(name).code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->remove_directory(name).code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->read_link(name).error().code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->rename(name, *directory_, "g").code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->rename("f", *directory_, name).code(), ErrorCode::Invalid);
        EXPECT_EQ(directory_->lock(name, "x").error().code(), ErrorCode::Invalid);
    }
    EXPECT_EQ(outside("f"), "x");
}

TEST_F(PosixVfsTest, HandleStaysWithItsDirectoryWhenThePathIsSwapped) {
    fs::create_directory(root_ + "/data");
    fs::create_directory(root_ + "/evil");
    const auto data = std::move(*directory_->open_directory("data"));
    fs::rename(root_ + "/data", root_ + "/moved");
    fs::create_directory_symlink("evil", root_ + "/data");
    ASSERT_TRUE(data->open("f", {.create = true}).has_value());
    EXPECT_TRUE(fs::exists(root_ + "/moved/f"));
    EXPECT_FALSE(fs::exists(root_ + "/evil/f"));
}

TEST_F(PosixVfsTest, ListIsSortedWithKinds) {
    for (const char* name : {"b", "a", "Z", "10000", "9999"}) (void)make(name);
    fs::create_directory(root_ + "/dir");
    fs::create_symlink("nowhere", root_ + "/sym");
    for (int round = 0; round < 2; ++round) {
        const auto entries = directory_->list();
        ASSERT_TRUE(entries.has_value());
        std::vector<std::string> names;
        for (const DirectoryEntry& entry : *entries) {
            names.push_back(entry.name);
            const EntryKind expected = entry.name == "dir"   ? EntryKind::Directory
                                       : entry.name == "sym" ? EntryKind::Symlink
                                                             : EntryKind::File;
            EXPECT_EQ(entry.kind, expected) << entry.name;
        }
        EXPECT_EQ(names, (std::vector<std::string>{"10000", "9999", "Z", "a", "b", "dir", "sym"}));
    }
}

TEST_F(PosixVfsTest, InfoTellsTheLinkItself) {
    (void)make("f", "12345");
    fs::create_symlink("f", root_ + "/link");
    const auto info = directory_->info("f");
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->kind, EntryKind::File);
    EXPECT_EQ(info->size_bytes, 5u);
    struct stat facts = {};
    ASSERT_EQ(::stat((root_ + "/f").c_str(), &facts), 0);
    EXPECT_EQ(info->inode, facts.st_ino);
    EXPECT_EQ(info->device, facts.st_dev);
    EXPECT_EQ(info->modified_ns, facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec);
    EXPECT_EQ(info->changed_ns, facts.st_ctim.tv_sec * 1'000'000'000 + facts.st_ctim.tv_nsec);
    EXPECT_EQ(directory_->info("link")->kind, EntryKind::Symlink);
    EXPECT_EQ(*directory_->read_link("link"), "f");
    EXPECT_EQ(directory_->read_link("f").error().code(), ErrorCode::Invalid);
    EXPECT_EQ(directory_->info("absent").error().code(), ErrorCode::NotFound);
    EXPECT_EQ(vfs_->info(root_ + "/link")->kind, EntryKind::File);
}

TEST_F(PosixVfsTest, RenameReplacesOrRefuses) {
    (void)make("from", "new");
    (void)make("to", "old");
    EXPECT_EQ(directory_->rename("from", *directory_, "to", true).code(), ErrorCode::Conflict);
    EXPECT_EQ(outside("to"), "old");
    ASSERT_TRUE(directory_->rename("from", *directory_, "to").is_ok());
    EXPECT_EQ(outside("to"), "new");
    ASSERT_TRUE(directory_->make_directory("sub").is_ok());
    const auto sub = std::move(*directory_->open_directory("sub"));
    ASSERT_TRUE(directory_->rename("to", *sub, "there", true).is_ok());
    EXPECT_EQ(outside("sub/there"), "new");
    EXPECT_EQ(directory_->rename("to", *sub, "x").code(), ErrorCode::NotFound);
    test::MemoryDirectory other(std::make_shared<test::MemoryNode>());
    (void)make("f");
    EXPECT_EQ(directory_->rename("f", other, "f").code(), ErrorCode::Invalid);
}

TEST_F(PosixVfsTest, RemovesFilesAndEmptyDirectories) {
    (void)make("f");
    ASSERT_TRUE(directory_->make_directory("d").is_ok());
    EXPECT_EQ(directory_->make_directory("d").code(), ErrorCode::Conflict);
    std::ofstream(root_ + "/d/inside") << "x";
    EXPECT_EQ(directory_->remove_directory("d").code(), ErrorCode::Conflict);
    fs::remove(root_ + "/d/inside");
    ASSERT_TRUE(directory_->remove_directory("d").is_ok());
    ASSERT_TRUE(directory_->unlink("f").is_ok());
    EXPECT_EQ(directory_->unlink("f").code(), ErrorCode::NotFound);
    EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(PosixVfsTest, MapsWithinTheFileOnly) {
    const std::string content(10'000, 'm');
    const auto file = make("f", content);
    const auto mapping = file->map_readonly(4096, 5904);
    ASSERT_TRUE(mapping.has_value());
    EXPECT_EQ(as_text((*mapping)->bytes()), content.substr(4096));
    EXPECT_TRUE((*file->map_readonly(0, 0))->bytes().empty());
    EXPECT_EQ(file->map_readonly(4096, 5905).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(file->map_readonly(1, 10).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(file->map_readonly(0, ~uint64_t{0}).error().code(), ErrorCode::Invalid);
}

TEST_F(PosixVfsTest, ClosedFileRefusesEverything) {
    const auto file = make("f", "x");
    ASSERT_TRUE(file->close().is_ok());
    EXPECT_EQ(file->close().code(), ErrorCode::Closed);
    EXPECT_EQ(file->size().error().code(), ErrorCode::Closed);
    EXPECT_EQ(file->sync(SyncMode::Data).code(), ErrorCode::Closed);
    EXPECT_EQ(file->write_at(0, as_bytes("y")).code(), ErrorCode::Closed);
}

TEST_F(PosixVfsTest, LockExcludesAndNamesItsHolder) {
    auto lock = directory_->lock("LOCK", "pid 123 since 2026-11-20T10:00:00Z");
    ASSERT_TRUE(lock.has_value());
    const auto second = directory_->lock("LOCK", "another");
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code(), ErrorCode::Locked);
    EXPECT_EQ(second.error().message(), "pid 123 since 2026-11-20T10:00:00Z");
    lock->reset();
    auto third = directory_->lock("LOCK", "third");
    ASSERT_TRUE(third.has_value());
    EXPECT_EQ(outside("LOCK"), "third");
}

TEST_F(PosixVfsTest, LockSurvivesClosingAnotherDescriptorOfItsFile) {
    const auto lock = directory_->lock("LOCK", "holder");
    ASSERT_TRUE(lock.has_value());
    const auto reader = std::move(*directory_->open("LOCK", {}));
    ASSERT_TRUE(reader->close().is_ok());
    EXPECT_EQ(directory_->lock("LOCK", "x").error().code(), ErrorCode::Locked);
}

TEST_F(PosixVfsTest, LockExcludesAnotherProcess) {
    const auto lock = directory_->lock("LOCK", "the parent");
    ASSERT_TRUE(lock.has_value());
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto other = std::move(*vfs_->open_directory(root_));
        const auto taken = other->lock("LOCK", "the child");
        const bool refused = !taken && taken.error().code() == ErrorCode::Locked &&
                             taken.error().message() == "the parent";
        ::_exit(refused ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(PosixVfsTest, HolderTextIsMadeOneLine) {
    const auto lock = directory_->lock("LOCK", "line\nwith \x01 bytes\n");
    ASSERT_TRUE(lock.has_value());
    EXPECT_EQ(directory_->lock("LOCK", "x").error().message(), "line with   bytes");
}

TEST_F(PosixVfsTest, MakesDirectoriesAndResolvesPaths) {
    const std::string deep = root_ + "/x/y//z/";
    ASSERT_TRUE(vfs_->make_directories(deep).is_ok());
    ASSERT_TRUE(vfs_->make_directories(deep).is_ok());
    EXPECT_TRUE(fs::is_directory(root_ + "/x/y/z"));
    fs::create_directory_symlink("x", root_ + "/shortcut");
    EXPECT_EQ(*vfs_->canonical(root_ + "/shortcut/../shortcut/y"),
              fs::canonical(root_).string() + "/x/y");
    EXPECT_EQ(vfs_->canonical(root_ + "/absent").error().code(), ErrorCode::NotFound);
    (void)make("file");
    EXPECT_EQ(vfs_->make_directories(root_ + "/file/below").code(), ErrorCode::Invalid);
    EXPECT_EQ(vfs_->make_directories("").code(), ErrorCode::Invalid);
    EXPECT_EQ(vfs_->open_directory(root_ + "/absent").error().code(), ErrorCode::NotFound);
    EXPECT_EQ(vfs_->open_directory(root_ + "/file").error().code(), ErrorCode::Invalid);
    EXPECT_GT(*vfs_->free_bytes(root_), 0u);
}

TEST_F(PosixVfsTest, ReadFileHasALimit) {
    (void)make("f", "12345");
    EXPECT_EQ(*read_file(*directory_, "f", 5), "12345");
    EXPECT_EQ(read_file(*directory_, "f", 4).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(read_file(*directory_, "absent", 4).error().code(), ErrorCode::NotFound);
}

TEST(PosixWrite, ShortAndInterruptedWritesAreCompleted) {
    std::vector<std::string> parts;
    std::string whole;
    for (size_t i = 0; i < 150; ++i) {
        parts.emplace_back(i % 5, static_cast<char>('a' + i % 26));
        whole += parts.back();
    }
    std::vector<ByteView> views;
    for (const std::string& part : parts) views.push_back(as_bytes(part));
    for (size_t most = 1; most < 12; ++most) {
        std::string written;
        size_t calls = 0;
        const posix::WriteCall write = [&](std::span<const iovec> vectors, uint64_t offset) {
            EXPECT_EQ(offset, 1000 + written.size());
            if (++calls % 3 == 0) {
                errno = EINTR;
                return ssize_t{-1};
            }
            std::string offered;
            for (const iovec& vector : vectors) {
                offered.append(static_cast<const char*>(vector.iov_base), vector.iov_len);
            }
            offered.resize(std::min(most, offered.size()));
            written += offered;
            return static_cast<ssize_t>(offered.size());
        };
        ASSERT_TRUE(posix::write_all(write, 1000, views, "f").is_ok());
        EXPECT_EQ(written, whole) << most;
    }
    const posix::WriteCall full = [](std::span<const iovec>, uint64_t) {
        errno = ENOSPC;
        return ssize_t{-1};
    };
    EXPECT_EQ(posix::write_all(full, 0, views, "f").code(), ErrorCode::NoSpace);
}

TEST(PosixError, CodesTellWhatToDo) {
    EXPECT_EQ(posix::system_error(ENOSPC, "write", "f").code(), ErrorCode::NoSpace);
    EXPECT_EQ(posix::system_error(EDQUOT, "write", "f").code(), ErrorCode::NoSpace);
    EXPECT_EQ(posix::system_error(EIO, "sync", "f").code(), ErrorCode::Unavailable);
    EXPECT_EQ(posix::system_error(ENOENT, "open", "f").code(), ErrorCode::NotFound);
    EXPECT_EQ(posix::system_error(EEXIST, "open", "f").code(), ErrorCode::Conflict);
    EXPECT_EQ(posix::system_error(EIO, "sync", "f").message(), "sync f: Input/output error");
}

}  // namespace
}  // namespace kausal::io
