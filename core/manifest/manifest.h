// The manifest: the log of version edits whose newest synced record is the truth about the file
// set.
//
// Commit point of flush, bulk load and compaction is the sync in `append`; the caller syncs outputs
// and their directory before. Every open for writing starts a fresh manifest file (new id, next
// epoch, full snapshot) and switches CURRENT to it, so that a tail of doubtful durability is never
// appended to. Format: docs/format/manifest.md.
#pragma once

#include "base/status.h"
#include "format/database_uuid.h"
#include "format/log_record.h"
#include "io/vfs.h"
#include "manifest/version_edit.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kausal::manifest {

inline constexpr std::string_view kCurrentName = "CURRENT";
inline constexpr std::string_view kCurrentTemporaryName = "CURRENT.tmp";
inline constexpr std::string_view kManifestPrefix = "MANIFEST-";
inline constexpr std::string_view kSegmentFileSuffix = ".seg";
inline constexpr std::string_view kTemporarySuffix = ".tmp";
inline constexpr std::string_view kLockName = "LOCK";

/// Version of the whole on-disk format; a database names the lowest that may read it.
inline constexpr uint32_t kFormatVersion = 1;

/// Feature words after the model of ext4. A bit that this build does not know means: `compat`
/// nothing, `read_only_compat` may be read but not written, `incompat` must not be opened.
struct FeatureWords {
    uint32_t compat = 0;
    uint32_t read_only_compat = 0;
    uint32_t incompat = 0;
    friend bool operator==(const FeatureWords&, const FeatureWords&) = default;
};
inline constexpr FeatureWords kFeaturesKnown{};

struct Superblock {
    format::DatabaseUuid uuid;
    uint64_t manifest_id = 0;
    uint32_t epoch = 0;  // counts openings for writing
    FeatureWords features;
    uint32_t reader_version_min = kFormatVersion;
    uint32_t writer_version = kFormatVersion;
};

struct ManifestOptions {
    /// A manifest file larger than this and than four snapshots is rewritten by `append`.
    uint64_t rewrite_size_bytes = uint64_t{1} << 20;
};

/// Empty: nothing, or only LOCK and lost+found. Interrupted: a creation that never finished;
/// `create` may be called. Database: CURRENT exists. Foreign: something else; a missing CURRENT
/// there is corruption or not a database, never a new one.
enum class DirectoryState : uint8_t { Empty, Interrupted, Database, Foreign };
[[nodiscard]] Result<DirectoryState> classify_directory(io::Directory& directory);

[[nodiscard]] std::string manifest_file_name(uint64_t manifest_id);
/// 16 hex digits and ".seg".
[[nodiscard]] std::string segment_file_name(uint64_t file_id);

/// Threads: confined (the caller serialises all calls). The directory must outlive it.
class Manifest {
  public:
    /// Makes a new database: manifest and CURRENT, all synced. Errors: Conflict (not Empty or
    /// Interrupted), Invalid (uuid is zero), NoSpace, Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<Manifest>> create(
        io::Directory& directory, const format::DatabaseUuid& uuid,
        const ManifestOptions& options = {});
    /// Reads the manifest that CURRENT names. Writes nothing when `read_only`. Errors: NotFound (no
    /// CURRENT in an empty directory), Corrupt, NewerFormat (also: features that allow only reading
    /// and not read_only), Unavailable, NoSpace.
    [[nodiscard]] static Result<std::unique_ptr<Manifest>> open(
        io::Directory& directory, bool read_only, const ManifestOptions& options = {});
    ~Manifest();
    Manifest(const Manifest&) = delete;
    Manifest& operator=(const Manifest&) = delete;

    [[nodiscard]] const ManifestState& state() const noexcept { return state_; }
    [[nodiscard]] const Superblock& superblock() const noexcept { return superblock_; }
    /// False when an unacknowledged tail was dropped at open: then files that look like leftovers
    /// must be kept (see file_set.h).
    [[nodiscard]] bool was_read_cleanly() const noexcept { return read_cleanly_; }
    [[nodiscard]] uint64_t tail_bytes_discarded() const noexcept { return tail_bytes_discarded_; }
    /// "lost+found/..." when a copy of a dropped tail was made.
    [[nodiscard]] const std::string& lost_and_found_name() const noexcept { return lost_name_; }

    /// Makes `edit` durable, then part of state(). Errors: Invalid (ids not allocated, unknown,
    /// used twice; nothing happened), NoSpace (nothing happened), Unavailable (not durable;
    /// poisoned), OutcomeUnknown (a sync failed; poisoned), Poisoned, Unsupported (read-only).
    [[nodiscard]] Status append(const VersionEdit& edit);
    /// A file id that was never given before, across restarts too. Now and then appends an edit;
    /// errors as append.
    [[nodiscard]] Result<uint64_t> allocate_file_id();
    /// Starts a fresh manifest file with a snapshot and switches to it. Errors as append.
    [[nodiscard]] Status rewrite();
    [[nodiscard]] bool is_poisoned() const noexcept { return poisoned_; }
    /// Bytes of the manifest file.
    [[nodiscard]] uint64_t size_bytes() const noexcept { return end_; }

  private:
    Manifest(io::Directory& directory, const ManifestOptions& options);
    [[nodiscard]] Status load();
    [[nodiscard]] Status replay(std::string_view bytes, const std::string& name);
    [[nodiscard]] Status check_usable() const;
    [[nodiscard]] Status check_edit(const VersionEdit& edit) const;
    [[nodiscard]] Status append_record(const VersionEdit& edit);
    void write_watermark();
    [[nodiscard]] Status switch_to(uint64_t manifest_id, uint32_t epoch);
    /// Makes the file anew; `file` is set once it exists.
    [[nodiscard]] Status write_synced(std::string_view name, std::string_view bytes,
                                      std::unique_ptr<io::File>& file);

    io::Directory& directory_;
    ManifestOptions options_;
    Superblock superblock_;
    ManifestState state_;
    std::unique_ptr<io::File> file_;
    uint64_t end_ = 0;           // where the next record goes
    uint64_t durable_upto_ = 0;  // everything before it is on disk
    uint64_t snapshot_size_ = 0;
    uint64_t edit_number_ = 0;   // of the newest record
    uint64_t next_file_id_ = 1;  // to give next; below state_.next_file_id
    uint64_t tail_bytes_discarded_ = 0;
    std::string lost_name_;
    bool read_only_ = false;
    bool read_cleanly_ = true;
    bool poisoned_ = false;
    bool rewrite_needed_ = false;  // the tail of the file is not what the next record may follow
};

}  // namespace kausal::manifest
