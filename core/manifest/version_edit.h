// Which files are live, and the steps from one such set to the next.
//
// Format: docs/format/manifest.md. Edits are monotone and idempotent: numbers only grow, applying
// an edit twice gives the same state.
#pragma once

#include "base/block_id.h"
#include "base/hash.h"
#include "base/status.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::manifest {

/// What the manifest knows about a segment file (name: segment_file_name(file_id)).
struct SegmentMeta {
    uint64_t file_id = 0;   // from Manifest::allocate_file_id
    uint64_t age_rank = 0;  // larger is newer; unique among live segments; reads go newest first
    uint32_t level = 0;     // size tier, for the picker of compactions
    uint64_t size_bytes = 0;
    Hash128 hash;              // XXH3-128 of the whole file
    uint64_t block_count = 0;  // entries, tombstones included
    uint64_t edge_count = 0;
    uint64_t lookup_count = 0;
    uint64_t seq_min = 0;
    uint64_t seq_max = 0;
    BlockId id_min;  // smallest and largest block or edge end; both invalid when there is none
    BlockId id_max;
    friend bool operator==(const SegmentMeta&, const SegmentMeta&) = default;
};

/// One atomic change. Unset numbers (0) change nothing.
struct VersionEdit {
    std::vector<SegmentMeta> segments_added;
    std::vector<uint64_t> segments_removed;  // file ids
    uint64_t wal_first_segment_id = 0;   // the log is needed from here on; that segment must exist
    uint64_t wal_newest_segment_id = 0;  // this log segment is known to exist
    uint64_t last_seq = 0;               // highest sequence number in segments
    uint64_t next_file_id = 0;           // set by the Manifest itself; callers leave it 0
    std::map<std::string, std::string, std::less<>> properties_set;
    std::vector<std::string> properties_removed;

    /// Appends the encoded form.
    void encode(std::string& out) const;
    /// Errors: Corrupt, NewerFormat (unknown critical field).
    [[nodiscard]] static Result<VersionEdit> decode(std::string_view bytes);
};

/// The sum of a manifest's edits.
struct ManifestState {
    std::vector<SegmentMeta> segments;  // newest first (age_rank descending)
    uint64_t wal_first_segment_id = 0;
    uint64_t wal_newest_segment_id = 0;
    uint64_t last_seq = 0;
    uint64_t next_file_id = 1;  // no file has this id or a higher one
    std::map<std::string, std::string, std::less<>> properties;

    [[nodiscard]] const SegmentMeta* find(uint64_t file_id) const noexcept;
    /// Errors: Corrupt (an id added twice with different content, two segments of one rank); the
    /// state is unchanged then.
    [[nodiscard]] Status apply(const VersionEdit& edit);
    /// One edit that makes this state from an empty one.
    [[nodiscard]] VersionEdit as_edit() const;
    friend bool operator==(const ManifestState&, const ManifestState&) = default;
};

}  // namespace kausal::manifest
