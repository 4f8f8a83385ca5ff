// Keeping what is about to be dropped: copies of doubtful bytes and files go to lost+found/.
//
// Called by recovery before it cuts a tail or clears a file away. Names are never reused: when one
// is taken, a number is added, so that nothing kept earlier is overwritten.
#pragma once

#include "base/status.h"
#include "io/vfs.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::io {

inline constexpr std::string_view kLostAndFoundName = "lost+found";

/// Copies bytes [from, until) of `file` to a new file in lost+found/ named after `name` and `from`;
/// syncs it and the directories. Returns the path below `directory`. Errors: NoSpace, Unavailable.
[[nodiscard]] Result<std::string> keep_bytes(Directory& directory, File& file,
                                             std::string_view name, uint64_t from, uint64_t until);
/// Moves file `name` to lost+found/ and syncs the directories. Returns its new path.
[[nodiscard]] Result<std::string> keep_file(Directory& directory, std::string_view name);
/// Offset after the last byte of `file` in [from, until) that is not zero; `from` when all are.
[[nodiscard]] Result<uint64_t> end_of_content(File& file, uint64_t from, uint64_t until);

}  // namespace kausal::io
