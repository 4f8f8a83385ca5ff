// The text of a diff, from git or from standard input.
#pragma once

#include <string>

namespace kausal::tool {

/// The diff of the working tree at `root` against `revision` ("-": what standard input holds).
/// Stops with Failure when git fails.
[[nodiscard]] std::string diff_text(const std::string& root, const std::string& revision);

}  // namespace kausal::tool
