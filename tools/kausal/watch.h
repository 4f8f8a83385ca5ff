// Staying up to date: looks at the trees again and again and syncs what changed.
#pragma once

#include "session.h"

#include <functional>
#include <string>
#include <vector>

namespace kausal::tool {

/// Calls `sync_one(name)` for every workspace whose tree differs from what is indexed, every
/// `interval_ms`, until interrupted.
void watch(Database& database, const std::vector<std::string>& workspaces, uint32_t interval_ms,
           const std::function<void(const std::string&)>& sync_one);

/// A token that SIGINT and SIGTERM trigger, for calls that should stop cleanly.
[[nodiscard]] CancelToken& interrupt_token();
[[nodiscard]] bool is_interrupted() noexcept;

}  // namespace kausal::tool
