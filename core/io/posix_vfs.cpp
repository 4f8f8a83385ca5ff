// Paths: the few operations that start from the root of the file system instead of a handle.
#include "io/posix_vfs.h"

#include "io/posix_directory.h"
#include "io/posix_error.h"
#include "io/posix_file.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace kausal::io {
namespace {

using posix::Descriptor;
using posix::retried;
using posix::system_error;

constexpr mode_t kDirectoryMode = 0755;

class PosixVfs final : public Vfs {
  public:
    Result<std::unique_ptr<Directory>> open_directory(std::string_view path) override;
    Status make_directories(std::string_view path) override;
    Result<std::string> canonical(std::string_view path) override;
    Result<FileInfo> info(std::string_view path) override;
    Result<uint64_t> free_bytes(std::string_view path) override;
};

/// A zero-terminated copy, or Invalid.
Result<std::string> path_text(std::string_view path) {
    if (path.empty() || path.find('\0') != path.npos) {
        return fail(ErrorCode::Invalid, "not a path: '" + std::string(path) + "'");
    }
    return std::string(path);
}

Result<std::unique_ptr<Directory>> PosixVfs::open_directory(std::string_view path) {
    const std::string text = KAUSAL_TRY(path_text(path));
    Descriptor opened(
        retried([&] { return ::open(text.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!opened.is_open()) return fail(system_error(errno, "open directory", path));
    return posix::make_directory_handle(std::move(opened), path);
}

/// Makes the entry of `path` in its parent durable.
Status sync_parent(const std::string& path) {
    const size_t slash = path.find_last_of('/');
    std::string parent = slash == path.npos ? "." : path.substr(0, slash);
    if (parent.empty()) parent = "/";
    const Descriptor opened(
        retried([&] { return ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!opened.is_open()) return system_error(errno, "open directory", parent);
    return posix::sync_descriptor(opened.get(), SyncMode::Full, parent);
}

Status PosixVfs::make_directories(std::string_view path) {
    std::string text = KAUSAL_TRY(path_text(path));
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    size_t end = 0;
    while (end != text.npos) {
        end = text.find('/', end + 1);
        const std::string prefix = text.substr(0, end);
        if (prefix.empty() || prefix.back() == '/') continue;
        if (::mkdir(prefix.c_str(), kDirectoryMode) == 0) {
            // A database whose own directory is lost in a crash would lose everything acknowledged.
            KAUSAL_TRY(sync_parent(prefix));
            continue;
        }
        const int error = errno;
        struct stat facts = {};
        if (::stat(prefix.c_str(), &facts) != 0)
            return system_error(error, "make directory", prefix);
        if (!S_ISDIR(facts.st_mode)) return system_error(ENOTDIR, "make directory", prefix);
    }
    return {};
}

Result<std::string> PosixVfs::canonical(std::string_view path) {
    const std::string text = KAUSAL_TRY(path_text(path));
    const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(text.c_str(), nullptr),
                                                          &std::free);
    if (resolved == nullptr) return fail(system_error(errno, "resolve", path));
    return std::string(resolved.get());
}

Result<FileInfo> PosixVfs::info(std::string_view path) {
    const std::string text = KAUSAL_TRY(path_text(path));
    struct stat facts = {};
    if (::stat(text.c_str(), &facts) != 0) return fail(system_error(errno, "stat", path));
    return posix::file_info(facts);
}

Result<uint64_t> PosixVfs::free_bytes(std::string_view path) {
    const std::string text = KAUSAL_TRY(path_text(path));
    struct statvfs facts = {};
    if (retried([&] { return ::statvfs(text.c_str(), &facts); }) != 0) {
        return fail(system_error(errno, "stat file system", path));
    }
    return uint64_t{facts.f_bavail} * uint64_t{facts.f_frsize};
}

}  // namespace

std::unique_ptr<Vfs> make_posix_vfs() {
    return std::make_unique<PosixVfs>();
}

}  // namespace kausal::io
