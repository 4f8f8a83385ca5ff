// Names of the workspaces; see workspace_names.h.
#include "workspace_names.h"

#include <algorithm>

namespace kausal::capi {

WorkspaceNames::WorkspaceNames(std::vector<graph::Workspace> workspaces) {
    names_.reserve(workspaces.size());
    for (graph::Workspace& workspace : workspaces) {
        names_.emplace_back(workspace.number(), std::move(workspace.name));
    }
}

std::string_view WorkspaceNames::name_of(uint64_t number) const noexcept {
    // A handful at most, so that a search would cost more than it saves.
    const auto found = std::find_if(names_.begin(), names_.end(),
                                    [&](const auto& entry) { return entry.first == number; });
    return found == names_.end() ? std::string_view() : found->second;
}

Result<WorkspaceNamesRef> WorkspaceNamesCache::get(const graph::GraphView& view) {
    const uint64_t sequence = view.snapshot().sequence();
    {
        const MutexLock lock(mutex_);
        if (names_ != nullptr && sequence_ == sequence) return names_;
    }
    // Read outside the mutex: two that read the same do no harm.
    auto names = std::make_shared<const WorkspaceNames>(KAUSAL_TRY(view.workspaces()));
    const MutexLock lock(mutex_);
    sequence_ = sequence;
    names_ = names;
    return names;
}

}  // namespace kausal::capi
