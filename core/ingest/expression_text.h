// Expressions and types as text that means the same in every file.
//
// Python and JavaScript state few types, so what a function returns or a field holds must often be
// read off an expression of another file. A resolver writes such an expression with absolute names
// when it declares the symbol (level 0), and any file may evaluate the text later. Grammar:
//
//   text        := alternative ('|' alternative)*        any of these; `?` is one that is not known
//   alternative := head link*
//   head        := NAME                                  what an absolute name stands for
//                | '@' type                              a value of that type
//                | '^' NAME                              what super() is in the class NAME
//   link        := ':' member | '()' called | '(new)' constructed | '[]' an element
//                | '[*]' what iterating yields
//                | '[N]' value N of a tuple
//   type        := NAME ('<' text (',' text)* '>')?      arguments are texts
//
// NAME and member hold none of  : ( ) [ ] < > | , @ ^ ? %  ; `escape_name` sees to that.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Texts longer than this are given up: they name generated tables, not types.
inline constexpr size_t kExpressionTextMax = 600;
inline constexpr size_t kAlternativesMax = 4;

/// The last link of one alternative and what stands before it.
struct ExpressionTail {
    enum class Link : unsigned char { None, Member, Call, New, Index, Each, Position };
    std::string_view base;
    Link link = Link::None;
    std::string_view member;  // of Member
    size_t position = 0;      // of Position
};

[[nodiscard]] inline ExpressionTail expression_tail(std::string_view text) noexcept {
    using Link = ExpressionTail::Link;
    const size_t size = text.size();
    if (text.ends_with("()")) return {text.substr(0, size - 2), Link::Call, {}, 0};
    if (text.ends_with("(new)")) return {text.substr(0, size - 5), Link::New, {}, 0};
    if (text.ends_with("[]")) return {text.substr(0, size - 2), Link::Index, {}, 0};
    if (text.ends_with("[*]")) return {text.substr(0, size - 3), Link::Each, {}, 0};
    if (size > 3 && text.ends_with(']') && text[size - 3] == '[')
        return {text.substr(0, size - 3),
                Link::Position,
                {},
                static_cast<size_t>(text[size - 2] - '0')};
    size_t depth = 0;
    for (size_t at = size; at-- > 0;) {
        if (text[at] == '>') ++depth;
        if (text[at] == '<' && depth != 0) --depth;
        if (text[at] == ':' && depth == 0)
            return {text.substr(0, at), Link::Member, text.substr(at + 1), 0};
    }
    return {text, Link::None, {}, 0};
}

/// Calls `visit` with each piece of `text` between top-level separators.
template <typename Visit>
void for_each_piece(std::string_view text, char separator, Visit visit) {
    size_t depth = 0;
    size_t start = 0;
    for (size_t at = 0; at <= text.size(); ++at) {
        const bool is_end = at == text.size();
        if (!is_end && text[at] == '<') ++depth;
        if (!is_end && text[at] == '>' && depth != 0) --depth;
        if (!is_end && (text[at] != separator || depth != 0)) continue;
        if (at > start) visit(text.substr(start, at - start));
        start = at + 1;
    }
}

/// "NAME<a,b>" in two.
struct TypeParts {
    std::string_view name;
    std::string_view arguments;
};
[[nodiscard]] inline TypeParts type_parts(std::string_view type) noexcept {
    const size_t open = type.find('<');
    if (open == std::string_view::npos || !type.ends_with('>')) return {type, {}};
    return {type.substr(0, open), type.substr(open + 1, type.size() - open - 2)};
}

/// Argument `index` of a type; empty when there is none.
[[nodiscard]] inline std::string_view type_argument(std::string_view arguments, size_t index) {
    std::string_view found;
    size_t at = 0;
    for_each_piece(arguments, ',', [&](std::string_view piece) {
        if (at++ == index) found = piece;
    });
    return found;
}

/// Alternatives without repetition; more than kAlternativesMax become unknown.
class Alternatives {
  public:
    void add(std::string_view text) {
        if (text.empty()) return add_unknown();
        for_each_piece(text, '|', [&](std::string_view piece) {
            if (piece == "?") return add_unknown();
            for (const std::string& known : items_) {
                if (known == piece) return;
            }
            if (items_.size() == kAlternativesMax || piece.size() > kExpressionTextMax)
                return add_unknown();
            items_.emplace_back(piece);
        });
    }
    void add_unknown() { has_unknown_ = true; }
    [[nodiscard]] bool is_empty() const { return items_.empty(); }
    /// Appends `link` to every alternative.
    [[nodiscard]] std::string with(std::string_view link) const {
        std::string out;
        for (const std::string& item : items_) {
            if (!out.empty()) out += '|';
            out += item;
            out += link;
        }
        if (has_unknown_ && !out.empty()) out += "|?";
        return out;
    }
    [[nodiscard]] std::string text() const { return with({}); }

  private:
    std::vector<std::string> items_;
    bool has_unknown_ = false;
};

/// `text` with `link` behind each of its alternatives.
[[nodiscard]] inline std::string with_link(std::string_view text, std::string_view link) {
    if (text.empty()) return {};
    if (text.find('|') == std::string_view::npos) {
        std::string out(text);
        out += link;
        return out;
    }
    Alternatives alternatives;
    alternatives.add(text);
    return alternatives.with(link);
}

/// A path or name with the characters of the grammar replaced by %XX.
[[nodiscard]] inline std::string escape_name(std::string_view name) {
    static constexpr std::string_view kReserved = ":()[]<>|,@^?%";
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(name.size());
    for (const char c : name) {
        if (kReserved.find(c) == std::string_view::npos) {
            out += c;
            continue;
        }
        out += '%';
        out += kHex[static_cast<unsigned char>(c) >> 4];
        out += kHex[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace kausal::ingest
