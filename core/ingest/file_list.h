// Every file of a source tree that the project counts as its own, in order of path.
#pragma once

#include "base/status.h"
#include "io/executor.h"
#include "io/vfs.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

struct ListedFile {
    std::string path;  // relative to the root, '/' separated, valid UTF-8
    io::FileInfo info;
    std::string reason;   // why it cannot be read as a file: "symlink", ...; else empty
    std::string on_disk;  // the name as stored when it is not UTF-8; else empty

    [[nodiscard]] std::string_view disk_path() const { return on_disk.empty() ? path : on_disk; }
};

struct ListOptions {
    size_t worker_count = 1;
    const std::atomic<bool>* cancel = nullptr;
};

/// Walks the tree at `root` (absolute). Ignored files are left out; symlinks, special files and
/// folders that cannot be read are in, with a reason. The result is the same for any worker count.
/// Errors: NotFound, Invalid (no folder), Cancelled, Unavailable.
[[nodiscard]] Result<std::vector<ListedFile>> list_files(io::Vfs& vfs, io::Executor& executor,
                                                         std::string_view root,
                                                         const ListOptions& options);

}  // namespace kausal::ingest
