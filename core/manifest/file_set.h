// The files in the directory against the files in the manifest.
//
// Runs at open, after the manifest was read and before any file of it is used. Missing or resized
// files are corruption. Leftovers of unfinished jobs and removed inputs are deleted, but only when
// the manifest was read to a clean end; otherwise an edit that named them may be the one that was
// lost, and they are moved to lost+found/ instead.
#pragma once

#include "base/status.h"
#include "io/vfs.h"
#include "manifest/manifest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kausal::manifest {

struct FileSetReport {
    std::vector<std::string> leftovers;  // files of our naming that the manifest does not name
    std::vector<std::string> foreign;    // names that are not ours; never touched
    bool leftovers_deletable = false;
};

/// Errors: Corrupt (a live segment is missing or has another size), Unavailable. Log segments count
/// as leftovers when their id is below state().wal_first_segment_id; the others are recovery's
/// business.
[[nodiscard]] Result<FileSetReport> check_file_set(io::Directory& directory,
                                                   const Manifest& manifest);
/// Deletes the leftovers, or moves them to lost+found/, and syncs the directories. Returns how
/// many.
[[nodiscard]] Result<size_t> settle_file_set(io::Directory& directory, const FileSetReport& report);

}  // namespace kausal::manifest
