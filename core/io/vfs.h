// The door to files: everything the engine reads or writes on disk passes through a Vfs.
//
// Directories are handles and names are single components below them (openat style), so that no
// symlink swapped in later can redirect a path. Errors are Status: NotFound, Conflict (exists),
// NoSpace (ENOSPC, EDQUOT), Locked, Unavailable (any other failure of the device), Invalid (bad
// name). Short transfers and EINTR are absorbed inside. PosixVfs is the real one; tests and the
// simulator bring their own. Format of nothing here is persistent.
#pragma once

#include "base/bytes.h"
#include "base/status.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::io {

/// Data: content and size on disk. Full: metadata too, and the device cache flushed where the
/// platform needs to be told.
enum class SyncMode : uint8_t { Data, Full };

struct OpenFlags {
    bool create = false;     // make the file when it is absent
    bool exclusive = false;  // with create: Conflict when it exists
    bool write = false;      // reading is always possible
};

/// A read-only view of a part of a file, unmapped on destruction. Threads: shared, immutable.
class Mapping {
  public:
    virtual ~Mapping() = default;
    [[nodiscard]] virtual ByteView bytes() const noexcept = 0;
};

/// An open file. Threads: reads are shared; writes, truncate and sync are confined to one thread.
/// Destruction closes without reporting; call `close` where its failure matters.
class File {
  public:
    virtual ~File() = default;
    /// Reads exactly `into.size()` bytes at `offset`, or fewer at the end of the file; returns the
    /// count. Units: bytes.
    [[nodiscard]] virtual Result<size_t> read_at(uint64_t offset, MutableBytes into) = 0;
    /// Writes all parts one after the other at `offset`.
    [[nodiscard]] virtual Status write_at(uint64_t offset, std::span<const ByteView> parts) = 0;
    [[nodiscard]] Status write_at(uint64_t offset, ByteView bytes) {
        return write_at(offset, std::span<const ByteView>(&bytes, 1));
    }
    [[nodiscard]] virtual Result<uint64_t> size() = 0;
    [[nodiscard]] virtual Status truncate(uint64_t size) = 0;
    /// Reserves zeroed space so that later writes need not grow the file. Optional for a file
    /// system: Unsupported is not an error worth failing for.
    [[nodiscard]] virtual Status allocate(uint64_t offset, uint64_t size) = 0;
    [[nodiscard]] virtual Status sync(SyncMode mode) = 0;
    /// Maps `size` bytes from `offset` (page-aligned). For immutable segments only.
    [[nodiscard]] virtual Result<std::unique_ptr<Mapping>> map_readonly(uint64_t offset,
                                                                        uint64_t size) = 0;
    [[nodiscard]] virtual Status close() = 0;
};

enum class EntryKind : uint8_t { File, Directory, Symlink, Other };

struct DirectoryEntry {
    std::string name;
    EntryKind kind = EntryKind::Other;
};

/// What `stat` tells, without following a symlink in the last component.
struct FileInfo {
    EntryKind kind = EntryKind::Other;
    uint64_t size_bytes = 0;
    int64_t modified_ns = 0;  // since the Unix epoch
    int64_t changed_ns = 0;   // status change, which no program can set back
    uint64_t device = 0;
    uint64_t inode = 0;
};

/// Held until destroyed. Who holds it is text in the lock file: "pid start-time".
class Lock {
  public:
    virtual ~Lock() = default;
};

/// An open directory. Threads: shared.
class Directory {
  public:
    virtual ~Directory() = default;
    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(std::string_view name,
                                                             OpenFlags flags) = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory(
        std::string_view name) = 0;
    /// Names in byte order, without "." and "..".
    [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list() = 0;
    [[nodiscard]] virtual Result<FileInfo> info(std::string_view name) = 0;
    [[nodiscard]] virtual Status sync() = 0;
    /// Replaces `to` when it exists, unless `no_replace`. Both names in this directory, or `to` in
    /// `target`.
    [[nodiscard]] virtual Status rename(std::string_view from, Directory& target,
                                        std::string_view to, bool no_replace = false) = 0;
    [[nodiscard]] virtual Status unlink(std::string_view name) = 0;
    [[nodiscard]] virtual Status make_directory(std::string_view name) = 0;
    [[nodiscard]] virtual Status remove_directory(std::string_view name) = 0;
    /// The target of a symlink, as stored.
    [[nodiscard]] virtual Result<std::string> read_link(std::string_view name) = 0;
    /// Takes the exclusive lock on file `name` (made when absent) and writes `holder` into it, or
    /// fails at once with Locked and the present holder's text as the message.
    [[nodiscard]] virtual Result<std::unique_ptr<Lock>> lock(std::string_view name,
                                                             std::string_view holder) = 0;
};

/// The root of a file system. Threads: shared. Lives longer than all that came from it.
class Vfs {
  public:
    virtual ~Vfs() = default;
    /// Opens `path` (absolute, or relative to the working directory); NotFound when absent.
    [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory(
        std::string_view path) = 0;
    /// Makes `path` and its missing parents.
    [[nodiscard]] virtual Status make_directories(std::string_view path) = 0;
    /// Absolute form with symlinks resolved; NotFound when absent.
    [[nodiscard]] virtual Result<std::string> canonical(std::string_view path) = 0;
    /// Like Directory::info, following symlinks.
    [[nodiscard]] virtual Result<FileInfo> info(std::string_view path) = 0;
    /// Free bytes of the file system that holds `path`.
    [[nodiscard]] virtual Result<uint64_t> free_bytes(std::string_view path) = 0;
};

/// The whole content of `name`; Invalid when it is larger than `size_max`.
[[nodiscard]] Result<std::string> read_file(Directory& directory, std::string_view name,
                                            uint64_t size_max);

}  // namespace kausal::io
