// The text that masking works on, and how C and C++ are cut into words: shared by the scan for
// conditionals (c_mask.cpp) and the look at declarations (c_mask_declarations.cpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace kausal::ingest::c_mask {

inline constexpr size_t kNone = std::string_view::npos;

[[nodiscard]] constexpr bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

template <size_t Size>
[[nodiscard]] bool contains(const std::array<std::string_view, Size>& words,
                            std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A name as macros have it: capitals only, three characters at least.
[[nodiscard]] bool is_capitals(std::string_view word) noexcept;
/// `PRIu64`, `QUOTE`: two capitals at the start.
[[nodiscard]] bool is_macro_like(std::string_view word) noexcept;
/// Position after the bracket that closes the one at `at`, within one declaration; kNone when not
/// found.
[[nodiscard]] size_t after_bracket(std::string_view text, size_t at) noexcept;
/// Position after comments and blanks.
[[nodiscard]] size_t skip_blanks(std::string_view text, size_t at) noexcept;

struct Span {
    size_t first = 0;
    size_t end = 0;
};

/// The source, and the copy in which parts of it are hidden; copied at the first of them. Threads:
/// confined.
class MaskedText {
  public:
    MaskedText(std::string_view source, std::string& masked) : source_(source), masked_(masked) {}
    [[nodiscard]] std::string_view source() const noexcept { return source_; }
    [[nodiscard]] bool has_hidden() const noexcept { return has_hidden_; }
    [[nodiscard]] std::string_view word_at(size_t at) const noexcept;
    void hide(Span span);
    /// Writes over what stands there, without moving anything.
    void write(size_t at, std::string_view text);

  private:
    std::string_view source_;
    std::string& masked_;
    bool has_hidden_ = false;
};

}  // namespace kausal::ingest::c_mask
