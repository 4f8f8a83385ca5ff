// Bytes of CURRENT, of the manifest header, and the judgement of a manifest's content; private to
// this room.
//
// Mirrors docs/format/manifest.md. Nothing here writes a file.
#pragma once

#include "base/status.h"
#include "manifest/manifest.h"
#include "manifest/version_edit.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::manifest {

inline constexpr size_t kManifestHeaderSize = 64;
inline constexpr size_t kCurrentSize = 40;

/// Persistent numbers.
enum class ManifestRecordType : uint8_t { Invalid = 0, Snapshot = 1, Edit = 2, Watermark = 3 };

/// Exactly kManifestHeaderSize bytes.
[[nodiscard]] std::string encode_superblock(const Superblock& superblock);
/// Errors: Corrupt, NewerFormat. Feature words are returned, not judged.
[[nodiscard]] Result<Superblock> decode_superblock(std::string_view bytes);
/// Errors: NewerFormat, when this build must not read, or with `for_writing` not write, the
/// database.
[[nodiscard]] Status check_features(const Superblock& superblock, bool for_writing);

/// What CURRENT says. Exactly kCurrentSize bytes.
struct CurrentPointer {
    uint64_t manifest_id = 0;
    format::DatabaseUuid uuid;
    uint32_t epoch = 0;

    [[nodiscard]] std::string encode() const;
    /// Errors: Corrupt, NewerFormat.
    [[nodiscard]] static Result<CurrentPointer> decode(std::string_view bytes);
};

/// Appends a record whose payload starts with `durable_upto`.
struct ManifestRecord {
    ManifestRecordType type = ManifestRecordType::Edit;
    uint64_t number = 0;        // of the edit; a watermark carries that of the edit before it
    uint64_t durable_upto = 0;  // all bytes below were synced before this record was written
    std::string_view body;
};
void encode_record(std::string& out, const Superblock& superblock, uint64_t offset,
                   const ManifestRecord& record);

struct ReplayedManifest {
    ManifestState state;
    uint64_t edit_number = 0;
    uint64_t end = 0;          // after the last good record
    uint64_t content_end = 0;  // `end`, or where a torn tail's bytes end
};

/// Applies the records of `bytes`, a whole manifest file with a checked header. Errors: Corrupt,
/// NewerFormat; the messages carry no file name.
[[nodiscard]] Result<ReplayedManifest> replay_manifest(std::string_view bytes,
                                                       const Superblock& superblock);

}  // namespace kausal::manifest
