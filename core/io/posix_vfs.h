// The Vfs of Linux, macOS and other POSIX systems.
#pragma once

#include "io/vfs.h"

#include <memory>

namespace kausal::io {

/// A Vfs on the operating system's own files. Threads: shared.
[[nodiscard]] std::unique_ptr<Vfs> make_posix_vfs();

}  // namespace kausal::io
