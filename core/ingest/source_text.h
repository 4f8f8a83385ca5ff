// Reading source text around syntax nodes: folding, lines, what stands between two places.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// `text` with every run of white space as one space and none at the ends. The view is `text`
/// itself when nothing changes, else `scratch`.
[[nodiscard]] std::string_view folded(std::string_view text, std::string& scratch);

/// Cuts at a UTF-8 boundary so that the result has at most `size_max` bytes, "..." included.
[[nodiscard]] std::string shortened(std::string_view text, size_t size_max);

[[nodiscard]] bool is_blank(std::string_view text) noexcept;  // only white space
[[nodiscard]] size_t count_newlines(std::string_view text) noexcept;

/// Line numbers of byte offsets. Threads: confined; holds a view of the source.
class LineIndex {
  public:
    void reset(std::string_view source);
    /// 1-based.
    [[nodiscard]] uint32_t line_of(uint32_t offset) const noexcept;
    [[nodiscard]] uint32_t line_count() const noexcept;

  private:
    std::vector<uint32_t> starts_;  // offsets at which lines start
    size_t size_ = 0;
};

}  // namespace kausal::ingest
