// Names of the workspaces, for the rows that say where a block belongs.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "graph/graph_view.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kausal::capi {

/// The workspaces of one state of the graph. Threads: shared; immutable.
class WorkspaceNames {
  public:
    explicit WorkspaceNames(std::vector<graph::Workspace> workspaces);

    [[nodiscard]] size_t count() const noexcept { return names_.size(); }
    /// Empty for blocks of no workspace.
    [[nodiscard]] std::string_view name_of(uint64_t number) const noexcept;

  private:
    std::vector<std::pair<uint64_t, std::string>> names_;
};

using WorkspaceNamesRef = std::shared_ptr<const WorkspaceNames>;

/// Keeps the names of the state that was asked about last: most queries ask about the newest.
/// Threads: shared.
class WorkspaceNamesCache {
  public:
    /// Errors: Corrupt, Unavailable.
    [[nodiscard]] Result<WorkspaceNamesRef> get(const graph::GraphView& view);

  private:
    Mutex mutex_;
    uint64_t sequence_ KAUSAL_GUARDED_BY(mutex_) = 0;
    WorkspaceNamesRef names_ KAUSAL_GUARDED_BY(mutex_);
};

}  // namespace kausal::capi
