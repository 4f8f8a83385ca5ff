// The graph as of one snapshot: typed reads over storage, the ground every query stands on.
//
// A GraphView is a reference to an immutable snapshot; copying it is cheap, and all reads through
// one view agree with each other. Nothing here writes.
#pragma once

#include "base/status.h"
#include "graph/block_row.h"
#include "graph/edge_filter.h"
#include "graph/edge_types.h"
#include "graph/troubled_files.h"
#include "graph/workspace.h"
#include "storage/snapshot.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::graph {

/// Threads: shared; a value. Errors of all reads: Corrupt, Unavailable.
class GraphView {
  public:
    /// Views that share `troubled` share what they read of troubled files.
    explicit GraphView(storage::SnapshotRef snapshot,
                       std::shared_ptr<TroubledSourceCache> troubled = nullptr)
        : snapshot_(std::move(snapshot)), troubled_(std::move(troubled)) {}

    [[nodiscard]] const storage::Snapshot& snapshot() const noexcept { return *snapshot_; }
    [[nodiscard]] const storage::SnapshotRef& snapshot_ref() const noexcept { return snapshot_; }
    [[nodiscard]] uint64_t sequence() const noexcept { return snapshot_->sequence(); }

    [[nodiscard]] Result<std::optional<storage::BlockPin>> block(
        const BlockId& id, storage::BlockParts parts = storage::BlockParts::Head) const {
        return snapshot_->get(id, parts);
    }
    [[nodiscard]] Result<std::optional<BlockRow>> row(const BlockId& id) const;
    /// One entry per id, order kept; nothing for those that do not exist.
    [[nodiscard]] Result<std::vector<std::optional<BlockRow>>> rows(
        std::span<const BlockId> ids) const;
    /// Replaces `into` with the live edges that the filter accepts, ordered by (type, other id,
    /// site).
    [[nodiscard]] Status edges(const BlockId& id, storage::Direction direction,
                               const EdgeFilter& filter,
                               std::vector<format::EdgeRecord>& into) const;

    /// Blocks with this qualified name (compared, not only hashed), in order of id.
    [[nodiscard]] Result<std::vector<BlockRow>> with_qualified_name(std::string_view name) const;
    /// The other faces of the same symbol: declarations of a definition, definitions and sibling
    /// declarations of a declaration (same qualified name, workspace and language family, callable
    /// with callable and so on). In order of id, without the block itself.
    [[nodiscard]] Result<std::vector<BlockId>> twins(const BlockRow& block) const;

    /// Every shown block of file `uri` (all workspaces when `workspace` is 0), outermost first:
    /// ordered by (workspace, first line, last line descending, id).
    [[nodiscard]] Result<std::vector<BlockRow>> blocks_of_file(std::string_view uri,
                                                               uint64_t workspace = 0) const;

    /// In order of name.
    [[nodiscard]] Result<std::vector<Workspace>> workspaces() const;
    [[nodiscard]] Result<std::optional<Workspace>> workspace(std::string_view name) const;
    [[nodiscard]] Result<EdgeTypeRegistry> edge_types() const;
    /// Files flagged partial or opaque, in order of (uri, id); `workspace` 0 means all.
    [[nodiscard]] Result<TroubledFiles> troubled_files(uint64_t workspace = 0) const;
    /// Those of all workspaces that hold source text, which is what answers miss; without reasons.
    [[nodiscard]] Result<TroubledFilesRef> troubled_sources() const;
    /// Why a file of these is troubled; empty when it is gone.
    [[nodiscard]] Result<std::string> troubled_reason(const BlockId& id) const;

  private:
    storage::SnapshotRef snapshot_;
    std::shared_ptr<TroubledSourceCache> troubled_;  // may be null
};

}  // namespace kausal::graph
