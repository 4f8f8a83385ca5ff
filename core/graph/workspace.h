// A workspace: one linked source tree, the unit of linking, access and removal.
//
// Stored as a block of kind Workspace whose metadata is the JSON object
// {"revision": text, "root": text, "settings": object} (docs/query.md, section Workspaces).
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::graph {

/// Threads: a value.
struct Workspace {
    BlockId id;            // workspace_id(name)
    std::string name;      // 1..=256 bytes, UTF-8, no control characters
    std::string root;      // absolute path, or empty when the workspace has none
    std::string settings;  // a JSON object as text; empty means {}
    std::string revision;  // last synced revision; empty before the first sync
    /// The `workspace` field of the blocks that belong to it.
    [[nodiscard]] uint64_t number() const noexcept { return id.high; }
};

/// The record of a workspace; `metadata` receives the encoded text and, like `workspace`, must live
/// as long as the record is used. Errors: Invalid (name, root or settings).
[[nodiscard]] Result<format::BlockRecord> workspace_record(const Workspace& workspace,
                                                           std::string& metadata);
/// Errors: Corrupt (metadata is not what workspace_record writes).
[[nodiscard]] Result<Workspace> workspace_of(const format::BlockRecord& record);

/// The text member `key` of a JSON object; empty when the text is no object, has no such member or
/// the member is no text. For metadata written by others, such as the reason of an opaque file.
[[nodiscard]] std::string metadata_text(std::string_view json, std::string_view key);

}  // namespace kausal::graph
