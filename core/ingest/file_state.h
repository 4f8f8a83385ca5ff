// What the last sync saw of each file on disk: enough to tell without reading whether it has
// changed.
//
// Kept in a fixed number of blocks per workspace (kind FileFacts, no content, the state as text in
// their metadata, which a canonical dump leaves out), each file in the one that its path hashes to.
// docs/format/facts.md has the encoding.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"
#include "io/vfs.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

inline constexpr size_t kStateShardCount = 64;

enum class FileOutcome : uint8_t {
    Indexed = 0,
    Partial = 1,  // with syntax errors
    Opaque = 2,
    Failed = 3,  // vanished or unreadable; tried again by the next sync
};

struct FileState {
    uint64_t size_bytes = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;
    uint64_t inode = 0;
    uint64_t content_hash = 0;
    format::Language language = format::Language::None;
    FileOutcome outcome = FileOutcome::Indexed;
    // The file may have been written again within the resolution of its time stamps after it was
    // read, so equal stamps prove nothing.
    bool is_racy = false;
    uint32_t line_count = 0;
    std::string reason;  // of opaque, partial and failed files
    friend bool operator==(const FileState&, const FileState&) = default;

    /// True when the stamps say that the file is the one that was read.
    [[nodiscard]] bool fits(const io::FileInfo& info) const noexcept {
        return !is_racy && outcome != FileOutcome::Failed && size_bytes == info.size_bytes &&
               modified_ns == info.modified_ns && changed_ns == info.changed_ns &&
               inode == info.inode;
    }
};

/// True when a write after `read_at_ns` (wall clock) could leave the stamps as they are.
[[nodiscard]] bool is_racy(const io::FileInfo& info, int64_t read_at_ns) noexcept;

/// Path and state; in order of path once all shards are in and sorted.
using FileStates = std::vector<std::pair<std::string, FileState>>;

[[nodiscard]] size_t state_shard(std::string_view path) noexcept;
[[nodiscard]] BlockId state_block_id(std::string_view workspace, size_t shard);
/// One line per file, in order of path; the paths must all belong to one shard.
using StateLines = std::vector<std::pair<std::string_view, const FileState*>>;
[[nodiscard]] std::string encode_states(const StateLines& files);
/// Appends what `text` says to `into`. Errors: Corrupt.
[[nodiscard]] Status decode_states(std::string_view text, FileStates& into);

}  // namespace kausal::ingest
