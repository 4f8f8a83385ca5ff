// The names of the files of a database, and back; private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kausal::manifest {

inline constexpr std::string_view kLogSuffix = ".wal";

/// The number in `prefix` + 16 lower-case hex digits + `suffix`, or nothing.
[[nodiscard]] std::optional<uint64_t> number_in_name(std::string_view name, std::string_view prefix,
                                                     std::string_view suffix) noexcept;

}  // namespace kausal::manifest
