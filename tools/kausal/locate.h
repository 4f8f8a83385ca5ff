// Where the database of a run is.
#pragma once

#include <optional>
#include <string>

namespace kausal::tool {

/// `given` when it is not empty, else $KAUSAL_DB, else the nearest `.kausal` at or above the
/// working folder; nothing when there is none of these. A given path is returned whether it exists
/// or not.
[[nodiscard]] std::optional<std::string> find_database(const std::string& given);

}  // namespace kausal::tool
