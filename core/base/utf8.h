// Validation and repair of UTF-8, for names, paths and query text.
#pragma once

#include <string>
#include <string_view>

namespace kausal {

/// True for well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
/// `text` with every ill-formed byte replaced by U+FFFD; the same text when it is well formed.
[[nodiscard]] std::string utf8_repaired(std::string_view text);

}  // namespace kausal
