// Rows on standard output: aligned text for people, json, jsonl and csv for programs.
#pragma once

#include <kausal/kausal.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::tool {

/// Writes places. Paths are relative to the root of their workspace; where several are linked, the
/// name of the workspace stands in front, as if it were the folder around its root.
class Places {
  public:
    explicit Places(bool named) noexcept : named_(named) {}

    /// "path:line", or the path when the line is 0.
    [[nodiscard]] std::string at(std::string_view workspace, std::string_view uri,
                                 uint32_t line) const;
    /// Of a row's block; "(external_symbol)" where it has none.
    [[nodiscard]] std::string of_block(const RowView& row) const;
    /// Of a row's edge, or of the block where the edge has none.
    [[nodiscard]] std::string of_edge(const RowView& row) const;

  private:
    bool named_;
};

/// What a verb shows of a row in text: cells, aligned per column except the last. The first cell is
/// the place.
using TextRow = std::function<std::vector<std::string>(const RowView&, const Places&)>;

class Output {
  public:
    Output(std::string format, const std::string& color);

    /// Writes all rows and what the answer could not see. Returns how many rows there were.
    size_t answer(Rows& rows, const TextRow& text);
    /// A report of (name, value) rows; in the other formats one object.
    void report(Rows& rows);
    /// The candidates of an ambiguous target.
    void candidates(Rows& rows);
    [[nodiscard]] bool is_text() const noexcept { return format_ == "text"; }
    [[nodiscard]] bool has_color() const noexcept { return color_; }
    /// `text` in a terminal style ("1;34"), when colours are on.
    [[nodiscard]] std::string styled(std::string_view text, std::string_view style) const;

  private:
    size_t text_answer(Rows& rows, const TextRow& text);
    size_t json_answer(Rows& rows);
    size_t jsonl_answer(Rows& rows);
    size_t csv_answer(Rows& rows);
    void text_unknown(const Rows& rows, const Places& places);

    std::string format_;
    bool color_;
};

/// Qualified name, or name, of a row's block.
[[nodiscard]] std::string block_name(const RowView& row);
[[nodiscard]] std::string kind_of(const RowView& row);
/// Seconds, bytes, counts for people.
[[nodiscard]] std::string human_bytes(uint64_t bytes);

}  // namespace kausal::tool
