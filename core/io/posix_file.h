// File, Mapping and their descriptor on POSIX systems; private to this room.
#pragma once

#include "io/vfs.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>
#include <utility>

namespace kausal::io::posix {

/// Owns a file descriptor. Threads: confined.
class Descriptor {
  public:
    explicit Descriptor(int value = -1) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return value_; }
    [[nodiscard]] bool is_open() const noexcept { return value_ >= 0; }
    [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }

  private:
    int value_;
};

/// Wraps an open descriptor of a regular file; `name` is for messages.
[[nodiscard]] std::unique_ptr<File> make_file(Descriptor descriptor, std::string_view name);
/// Makes what `descriptor` refers to durable, or fails with the call and `name` in the message.
[[nodiscard]] Status sync_descriptor(int descriptor, SyncMode mode, std::string_view name);
/// Writes some of the bytes at `offset` and returns how many, or -1 with errno set, as pwritev
/// does.
using WriteCall = std::function<ssize_t(std::span<const iovec> vectors, uint64_t offset)>;
/// Calls `write` until all of `parts` are written from `offset` on, however little it takes at a
/// time.
[[nodiscard]] Status write_all(const WriteCall& write, uint64_t offset,
                               std::span<const ByteView> parts, std::string_view name);
/// The same with the system's call on `descriptor`.
[[nodiscard]] Status write_all(int descriptor, uint64_t offset, std::span<const ByteView> parts,
                               std::string_view name);

}  // namespace kausal::io::posix
