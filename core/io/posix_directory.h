// Directory on POSIX systems; private to this room.
#pragma once

#include "io/posix_file.h"
#include "io/vfs.h"

#include <memory>
#include <string_view>
#include <sys/stat.h>

namespace kausal::io::posix {

/// Wraps an open descriptor of a directory; `name` is for messages.
[[nodiscard]] std::unique_ptr<Directory> make_directory_handle(Descriptor descriptor,
                                                               std::string_view name);
[[nodiscard]] FileInfo file_info(const struct stat& facts) noexcept;

}  // namespace kausal::io::posix
