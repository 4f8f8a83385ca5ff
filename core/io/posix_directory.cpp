// Everything that happens to names below one directory handle, and the lock file.
//
// All calls are relative to the handle's descriptor and refuse names of more than one component, so
// a path that is swapped later cannot redirect them. Locks are flock locks: they belong to the open
// file, not to the process, so closing another descriptor of the same file does not drop them.
#include "io/posix_directory.h"

#include "io/posix_error.h"

#include <algorithm>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/fs.h>
#endif

namespace kausal::io::posix {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;
constexpr size_t kHolderTextSizeMax = 256;
constexpr size_t kLinkSizeMax = size_t{1} << 16;

class PosixLock final : public Lock {
  public:
    explicit PosixLock(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}
    PosixLock(const PosixLock&) = delete;
    PosixLock& operator=(const PosixLock&) = delete;
    // The text goes before the lock does, so that nobody reads the name of a holder that has left.
    ~PosixLock() override {
        (void)retried([&] { return ::ftruncate(descriptor_.get(), 0); });
    }

  private:
    Descriptor descriptor_;
};

class PosixDirectory final : public Directory {
  public:
    PosixDirectory(Descriptor descriptor, std::string_view name)
        : descriptor_(std::move(descriptor)), name_(name) {}

    Result<std::unique_ptr<File>> open(std::string_view name, OpenFlags flags) override;
    Result<std::unique_ptr<Directory>> open_directory(std::string_view name) override;
    Result<std::vector<DirectoryEntry>> list() override;
    Result<FileInfo> info(std::string_view name) override;
    Status sync() override { return sync_descriptor(descriptor_.get(), SyncMode::Full, name_); }
    Status rename(std::string_view from, Directory& target, std::string_view to,
                  bool no_replace) override;
    Status unlink(std::string_view name) override;
    Status make_directory(std::string_view name) override;
    Status remove_directory(std::string_view name) override;
    Result<std::string> read_link(std::string_view name) override;
    Result<std::unique_ptr<Lock>> lock(std::string_view name, std::string_view holder) override;

  private:
    [[nodiscard]] Result<EntryKind> kind_of(const char* name) const;

    Descriptor descriptor_;
    std::string name_;
};

/// A zero-terminated copy, or Invalid when `name` is not a single component.
Result<std::string> component(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos ||
        name.find('\0') != name.npos) {
        return fail(ErrorCode::Invalid, "not a file name: '" + std::string(name) + "'");
    }
    return std::string(name);
}

EntryKind kind_of_mode(mode_t mode) noexcept {
    if (S_ISREG(mode)) return EntryKind::File;
    if (S_ISDIR(mode)) return EntryKind::Directory;
    if (S_ISLNK(mode)) return EntryKind::Symlink;
    return EntryKind::Other;
}

Result<std::unique_ptr<File>> PosixDirectory::open(std::string_view name, OpenFlags flags) {
    const std::string text = KAUSAL_TRY(component(name));
    // O_NONBLOCK: opening a FIFO must fail below instead of waiting for its other end.
    int mode = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    mode |= flags.write || flags.create ? O_RDWR : O_RDONLY;
    if (flags.create) mode |= O_CREAT;
    if (flags.create && flags.exclusive) mode |= O_EXCL;
    Descriptor opened(
        retried([&] { return ::openat(descriptor_.get(), text.c_str(), mode, kFileMode); }));
    if (!opened.is_open()) return fail(system_error(errno, "open", name));
    struct stat facts = {};
    if (::fstat(opened.get(), &facts) != 0) return fail(system_error(errno, "stat", name));
    if (!S_ISREG(facts.st_mode)) {
        return fail(ErrorCode::Invalid, "open " + text + ": not a regular file");
    }
    return make_file(std::move(opened), name);
}

Result<std::unique_ptr<Directory>> PosixDirectory::open_directory(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    Descriptor opened(retried([&] {
        return ::openat(descriptor_.get(), text.c_str(),
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    }));
    if (!opened.is_open()) return fail(system_error(errno, "open directory", name));
    return make_directory_handle(std::move(opened), name);
}

Result<EntryKind> PosixDirectory::kind_of(const char* name) const {
    struct stat facts = {};
    if (::fstatat(descriptor_.get(), name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail(system_error(errno, "stat", name));
    }
    return kind_of_mode(facts.st_mode);
}

Result<std::vector<DirectoryEntry>> PosixDirectory::list() {
    // A descriptor of its own, because the read position belongs to the open file.
    Descriptor opened(retried(
        [&] { return ::openat(descriptor_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!opened.is_open()) return fail(system_error(errno, "list", name_));
    DIR* raw = ::fdopendir(opened.get());
    if (raw == nullptr) return fail(system_error(errno, "list", name_));
    (void)opened.release();
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(raw, &::closedir);
    std::vector<DirectoryEntry> entries;
    while (true) {
        errno = 0;
        const dirent* found = ::readdir(stream.get());  // NOLINT: one stream per call
        if (found == nullptr) {
            if (errno != 0) return fail(system_error(errno, "list", name_));
            break;
        }
        const std::string_view name(&found->d_name[0]);
        if (name == "." || name == "..") continue;
        EntryKind kind = EntryKind::Other;
        switch (found->d_type) {
            case DT_REG:
                kind = EntryKind::File;
                break;
            case DT_DIR:
                kind = EntryKind::Directory;
                break;
            case DT_LNK:
                kind = EntryKind::Symlink;
                break;
            case DT_UNKNOWN: {
                auto asked = kind_of(&found->d_name[0]);
                if (!asked && asked.error().code() == ErrorCode::NotFound) continue;
                kind = KAUSAL_TRY(std::move(asked));
                break;
            }
            default:
                break;
        }
        entries.push_back({std::string(name), kind});
    }
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
}

Result<FileInfo> PosixDirectory::info(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    struct stat facts = {};
    if (::fstatat(descriptor_.get(), text.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail(system_error(errno, "stat", name));
    }
    return file_info(facts);
}

/// Rename that fails with EEXIST instead of replacing, also where the system call has no such mode.
int rename_exclusive(int from_directory, const char* from, int to_directory, const char* to) {
#if defined(__linux__)
    if (::renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
#endif
    if (::linkat(from_directory, from, to_directory, to, 0) != 0) return -1;
    return ::unlinkat(from_directory, from, 0);
}

Status PosixDirectory::rename(std::string_view from, Directory& target, std::string_view to,
                              bool no_replace) {
    const std::string from_text = KAUSAL_TRY(component(from));
    const std::string to_text = KAUSAL_TRY(component(to));
    auto* into = dynamic_cast<PosixDirectory*>(&target);
    if (into == nullptr) {
        return {ErrorCode::Invalid, "rename " + from_text + ": target directory of another vfs"};
    }
    const int outcome = retried([&] {
        if (no_replace) {
            return rename_exclusive(descriptor_.get(), from_text.c_str(), into->descriptor_.get(),
                                    to_text.c_str());
        }
        return ::renameat(descriptor_.get(), from_text.c_str(), into->descriptor_.get(),
                          to_text.c_str());
    });
    if (outcome != 0) return system_error(errno, "rename", from_text + " to " + to_text);
    return {};
}

Status PosixDirectory::unlink(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    if (retried([&] { return ::unlinkat(descriptor_.get(), text.c_str(), 0); }) != 0) {
        return system_error(errno, "unlink", name);
    }
    return {};
}

Status PosixDirectory::make_directory(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    if (retried([&] { return ::mkdirat(descriptor_.get(), text.c_str(), kDirectoryMode); }) != 0) {
        return system_error(errno, "make directory", name);
    }
    return {};
}

Status PosixDirectory::remove_directory(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    if (retried([&] { return ::unlinkat(descriptor_.get(), text.c_str(), AT_REMOVEDIR); }) != 0) {
        return system_error(errno, "remove directory", name);
    }
    return {};
}

Result<std::string> PosixDirectory::read_link(std::string_view name) {
    const std::string text = KAUSAL_TRY(component(name));
    for (size_t size = PATH_MAX; size <= kLinkSizeMax; size *= 2) {
        std::string target(size, '\0');
        const ssize_t count =
            ::readlinkat(descriptor_.get(), text.c_str(), target.data(), target.size());
        if (count < 0) return fail(system_error(errno, "read link", name));
        if (static_cast<size_t>(count) < size) {
            target.resize(static_cast<size_t>(count));
            return target;
        }
    }
    return fail(ErrorCode::Invalid, "read link " + text + ": target is too long");
}

/// What the lock file says, made fit for one line of a message.
std::string holder_text(int descriptor) {
    std::string text(kHolderTextSizeMax, '\0');
    const ssize_t count = retried([&] { return ::pread(descriptor, text.data(), text.size(), 0); });
    text.resize(count > 0 ? static_cast<size_t>(count) : 0);
    for (char& character : text) {
        if (character < ' ' || character > '~') character = ' ';
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text.empty() ? "an unnamed process" : text;
}

Result<std::unique_ptr<Lock>> PosixDirectory::lock(std::string_view name, std::string_view holder) {
    const std::string text = KAUSAL_TRY(component(name));
    // The file may be removed between open and flock; a lock on a nameless file excludes nobody.
    while (true) {
        Descriptor opened(retried([&] {
            return ::openat(descriptor_.get(), text.c_str(),
                            O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kFileMode);
        }));
        if (!opened.is_open()) return fail(system_error(errno, "open", name));
        if (retried([&] { return ::flock(opened.get(), LOCK_EX | LOCK_NB); }) != 0) {
            if (errno != EWOULDBLOCK) return fail(system_error(errno, "lock", name));
            return fail(ErrorCode::Locked, holder_text(opened.get()));
        }
        struct stat locked = {};
        struct stat named = {};
        if (::fstat(opened.get(), &locked) != 0) return fail(system_error(errno, "stat", name));
        if (::fstatat(descriptor_.get(), text.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;
            return fail(system_error(errno, "stat", name));
        }
        if (locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) continue;
        if (retried([&] { return ::ftruncate(opened.get(), 0); }) != 0) {
            return fail(system_error(errno, "truncate", name));
        }
        const ByteView bytes = as_bytes(holder);
        KAUSAL_TRY(write_all(opened.get(), 0, std::span<const ByteView>(&bytes, 1), name));
        return std::make_unique<PosixLock>(std::move(opened));
    }
}

}  // namespace

std::unique_ptr<Directory> make_directory_handle(Descriptor descriptor, std::string_view name) {
    return std::make_unique<PosixDirectory>(std::move(descriptor), name);
}

FileInfo file_info(const struct stat& facts) noexcept {
#if defined(__APPLE__)
    const timespec& modified = facts.st_mtimespec;
    const timespec& changed = facts.st_ctimespec;
#else
    const timespec& modified = facts.st_mtim;
    const timespec& changed = facts.st_ctim;
#endif
    constexpr int64_t ns_per_second = 1'000'000'000;
    FileInfo result;
    result.kind = kind_of_mode(facts.st_mode);
    result.size_bytes = static_cast<uint64_t>(facts.st_size);
    result.modified_ns = int64_t{modified.tv_sec} * ns_per_second + modified.tv_nsec;
    result.changed_ns = int64_t{changed.tv_sec} * ns_per_second + changed.tv_nsec;
    result.device = static_cast<uint64_t>(facts.st_dev);
    result.inode = static_cast<uint64_t>(facts.st_ino);
    return result;
}

}  // namespace kausal::io::posix
