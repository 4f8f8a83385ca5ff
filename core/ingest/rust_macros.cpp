// Tokens of Rust macro arguments, and the calls among them.
#include "ingest/rust_macros.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kausal::ingest::rust {
namespace {

constexpr uint32_t kNoToken = 0xffffffff;
// Larger invocations are tables and generated code.
constexpr size_t kTokensMax = 20000;
constexpr size_t kLinksMax = 12;

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_open(char c) noexcept {
    return c == '(' || c == '[' || c == '{';
}
bool is_close(char c) noexcept {
    return c == ')' || c == ']' || c == '}';
}

template <size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Past the comment, string or character that starts at `at`; `at` itself when there is none.
size_t skip_opaque(std::string_view text, size_t at) {
    const char c = text[at];
    if (c == '/' && text.substr(at).starts_with("//"))
        return std::min(text.find('\n', at), text.size());
    if (c == '/' && text.substr(at).starts_with("/*")) {
        const size_t end = text.find("*/", at + 2);
        return end == std::string_view::npos ? text.size() : end + 2;
    }
    if (c == '"') {
        for (++at; at < text.size() && text[at] != '"'; ++at)
            if (text[at] == '\\') ++at;
        return std::min(at + 1, text.size());
    }
    if (c == 'r' || c == 'b') {
        // r"...", r#"..."#, b"...", br"..."
        size_t start = at + 1;
        if (c == 'b' && start < text.size() && text[start] == 'r') ++start;
        const bool is_raw = text[start - 1] == 'r';
        size_t hashes = 0;
        while (is_raw && start + hashes < text.size() && text[start + hashes] == '#') ++hashes;
        if (start + hashes >= text.size() || text[start + hashes] != '"') return at;
        if (!is_raw) return skip_opaque(text, start);
        const std::string close = "\"" + std::string(hashes, '#');
        const size_t end = text.find(close, start + hashes + 1);
        return end == std::string_view::npos ? text.size() : end + close.size();
    }
    if (c == '\'') {
        if (at + 2 < text.size() && text[at + 1] == '\\') {
            const size_t end = text.find('\'', at + 3);
            return end == std::string_view::npos ? text.size() : end + 1;
        }
        // A character has its quote right behind it; a lifetime has none.
        size_t end = at + 1;
        while (end < text.size() && end < at + 5 && text[end] != '\'') ++end;
        const bool is_lifetime = end != at + 2 && at + 1 < text.size() &&
                                 static_cast<unsigned char>(text[at + 1]) < 0x80;
        if (!is_lifetime && end < text.size() && text[end] == '\'') return end + 1;
        end = at + 1;
        while (end < text.size() && is_word(text[end])) ++end;
        return end;
    }
    return at;
}

struct Token {
    enum class Kind : uint8_t { Word, Number, Text, Mark, Open, Close } kind = Kind::Mark;
    char mark = 0;  // of marks and brackets; ':' stands for "::"
    uint32_t offset = 0;
    uint32_t end = 0;
    uint32_t partner = kNoToken;  // of brackets
};

/// The tokens of the bracketed list that opens at `at`; empty when it does not close.
std::vector<Token> tokens_of(std::string_view text, size_t at) {
    std::vector<Token> tokens;
    std::vector<uint32_t> open;
    while (at < text.size() && tokens.size() < kTokensMax) {
        const char c = text[at];
        if (is_space(c)) {
            ++at;
            continue;
        }
        Token token;
        token.offset = static_cast<uint32_t>(at);
        const size_t after = skip_opaque(text, at);
        if (after != at) {
            at = after;
            if (c == '/') continue;
            token.kind = Token::Kind::Text;
        } else if (is_digit(c)) {
            while (at < text.size() && is_word(text[at])) ++at;
            token.kind = Token::Kind::Number;
        } else if (is_word(c)) {
            while (at < text.size() && is_word(text[at])) ++at;
            token.kind = Token::Kind::Word;
        } else {
            token.mark = c;
            ++at;
            if (c == ':' && at < text.size() && text[at] == ':') {
                ++at;
            } else if (c == ':') {
                token.mark = ';';  // a single colon parts things as a semicolon does
            }
        }
        token.end = static_cast<uint32_t>(at);
        const auto index = static_cast<uint32_t>(tokens.size());
        if (is_open(c) && token.kind == Token::Kind::Mark) {
            token.kind = Token::Kind::Open;
            open.push_back(index);
        } else if (is_close(c) && token.kind == Token::Kind::Mark) {
            token.kind = Token::Kind::Close;
            if (open.empty()) return {};
            token.partner = open.back();
            tokens[open.back()].partner = index;
            open.pop_back();
        }
        tokens.push_back(token);
        if (open.empty()) return tokens;
    }
    return {};
}

constexpr std::array<std::string_view, 31> kKeywords{
    "as",     "async",  "await", "box",  "break",  "const", "continue", "dyn",
    "else",   "enum",   "fn",    "for",  "if",     "impl",  "in",       "let",
    "loop",   "match",  "mod",   "move", "mut",    "pub",   "ref",      "return",
    "static", "struct", "trait", "type", "unsafe", "where", "while"};

// Their arguments are no expressions of the program.
constexpr std::array<std::string_view, 16> kOpaqueMacros{
    "quote",     "quote_spanned", "parse_quote", "parse_quote_spanned",
    "stringify", "concat",        "include_str", "include_bytes",
    "include",   "asm",           "global_asm",  "cfg",
    "env",       "option_env",    "macro_rules", "compile_error"};

class ArgumentReader {
  public:
    ArgumentReader(std::string_view source, FileFacts& facts) : source_(source), facts_(facts) {}

    void read(const ReferenceFact& macro) {
        size_t at = macro.offset + facts_.text(macro.name).size();
        while (at < source_.size() && (is_space(source_[at]) || source_[at] == '!')) ++at;
        if (at >= source_.size() || !is_open(source_[at])) return;
        tokens_ = tokens_of(source_, at);
        line_ = macro.line;
        line_offset_ = macro.offset;
        for (uint32_t i = 0; i < tokens_.size(); ++i) read_token(i, macro.definition);
    }
    [[nodiscard]] std::vector<ReferenceFact>& found() { return found_; }

  private:
    [[nodiscard]] std::string_view text(uint32_t token) const {
        return source_.substr(tokens_[token].offset, tokens_[token].end - tokens_[token].offset);
    }
    [[nodiscard]] bool is_mark(uint32_t token, char mark) const {
        return token < tokens_.size() && tokens_[token].mark == mark;
    }
    /// The token behind `::<...>` that starts at `token`; `token` itself when there is none.
    [[nodiscard]] uint32_t after_turbofish(uint32_t token) const {
        if (!is_mark(token, ':') || !is_mark(token + 1, '<')) return token;
        int depth = 0;
        for (uint32_t at = token + 1; at < tokens_.size(); ++at) {
            if (is_mark(at, '<')) ++depth;
            if (is_mark(at, '>') && --depth == 0) return at + 1;
        }
        return token;
    }
    /// The token in front of the `<...>` that ends at `token`, and of the `::` before it.
    [[nodiscard]] uint32_t before_angles(uint32_t token) const {
        int depth = 0;
        for (uint32_t at = token;; --at) {
            if (is_mark(at, '>')) ++depth;
            if (is_mark(at, '<') && --depth == 0) {
                if (at >= 2 && is_mark(at - 1, ':')) return at - 2;
                return at == 0 ? kNoToken : at - 1;
            }
            if (at == 0) return kNoToken;
        }
    }

    void read_token(uint32_t i, uint32_t definition) {
        if (tokens_[i].kind != Token::Kind::Word || contains(kKeywords, text(i))) return;
        if (i > 0 && tokens_[i - 1].kind == Token::Kind::Word && text(i - 1) == "fn") return;
        const bool is_macro = is_mark(i + 1, '!') && i + 2 < tokens_.size() &&
                              tokens_[i + 2].kind == Token::Kind::Open;
        const uint32_t list = is_macro ? i + 2 : after_turbofish(i + 1);
        if (list >= tokens_.size() || tokens_[list].kind != Token::Kind::Open ||
            (!is_macro && tokens_[list].mark != '('))
            return;
        ReferenceFact reference;
        reference.role = is_macro ? ReferenceRole::Macro : ReferenceRole::Call;
        if (!is_macro) reference.argument_count = count_arguments(list);
        reference.definition = definition;
        reference.name = facts_.intern(text(i));
        reference.offset = tokens_[i].offset;
        reference.line = line_of(reference.offset);
        read_receiver(i, reference);
        found_.push_back(reference);
    }

    uint32_t line_of(uint32_t offset) {
        line_ += static_cast<uint32_t>(
            std::count(source_.begin() + line_offset_, source_.begin() + offset, '\n'));
        line_offset_ = offset;
        return line_;
    }

    [[nodiscard]] uint8_t count_arguments(uint32_t open) const {
        const uint32_t close = tokens_[open].partner;
        uint32_t count = 0;
        bool is_filled = false;
        bool in_bars = false;
        for (uint32_t at = open + 1; at < close; ++at) {
            if (tokens_[at].kind == Token::Kind::Open) {
                at = tokens_[at].partner;
                is_filled = true;
            } else if (is_mark(at, '|')) {
                in_bars = !in_bars;  // the commas between a closure's parameters
                is_filled = true;
            } else if (is_mark(at, ',') && !in_bars) {
                if (is_filled) ++count;
                is_filled = false;
            } else {
                is_filled = true;
            }
        }
        return static_cast<uint8_t>(std::min(count + (is_filled ? 1u : 0u), 254u));
    }

    /// Reads backwards from the name of a call.
    void read_receiver(uint32_t name, ReferenceFact& reference) {
        std::vector<ChainLink> links;  // last first
        uint32_t at = name;
        while (at >= 1 && links.size() < kLinksMax) {
            const bool is_scope = is_mark(at - 1, ':');
            if (!is_scope && !is_mark(at - 1, '.')) break;
            if (at < 2) break;
            if (!links.empty() && is_scope) links.back().flags |= ChainLink::kScope;
            at -= 2;
            if (!read_link(at, links)) break;
        }
        if (links.empty()) return;
        reference.receiver.first = static_cast<uint32_t>(facts_.links.size());
        reference.receiver.count = static_cast<uint32_t>(links.size());
        facts_.links.insert(facts_.links.end(), links.rbegin(), links.rend());
    }

    /// One link that ends at token `at`, which moves to its first token. False where the chain
    /// starts.
    bool read_link(uint32_t& at, std::vector<ChainLink>& links) {
        uint8_t flags = 0;
        const auto opaque = [&] {
            links.push_back(
                {facts_.intern("token_tree"), static_cast<uint8_t>(flags | ChainLink::kOpaque)});
            return false;
        };
        while (at > 0 && is_mark(at, '?')) {
            flags |= ChainLink::kIndex;
            --at;
        }
        if (tokens_[at].kind == Token::Kind::Word && text(at) == "await" && at >= 2) {
            at -= 2;
            return read_link(at, links);
        }
        while (tokens_[at].kind == Token::Kind::Close && tokens_[at].mark == ']') {
            flags |= ChainLink::kIndex;
            if (tokens_[at].partner == 0) return opaque();
            at = tokens_[at].partner - 1;
        }
        if (tokens_[at].kind == Token::Kind::Close && tokens_[at].mark == ')') {
            if (tokens_[at].partner == 0) return opaque();
            const uint32_t before = tokens_[at].partner - 1;
            at = is_mark(before, '>') ? before_angles(before) : before;
            if (at == kNoToken || tokens_[at].kind != Token::Kind::Word ||
                contains(kKeywords, text(at)))
                return opaque();
            flags |= ChainLink::kCall;
        } else if (is_mark(at, '>')) {
            at = before_angles(at);
            if (at == kNoToken || tokens_[at].kind != Token::Kind::Word) return opaque();
        }
        const Token::Kind kind = tokens_[at].kind;
        if (kind == Token::Kind::Text) {
            links.push_back({facts_.intern("string_literal"),
                             static_cast<uint8_t>(flags | ChainLink::kOpaque)});
            return false;
        }
        if (kind != Token::Kind::Word && kind != Token::Kind::Number) return opaque();
        if (text(at) == "self") flags |= ChainLink::kSelf;
        links.push_back({facts_.intern(text(at)), flags});
        return true;
    }

    std::string_view source_;
    FileFacts& facts_;
    std::vector<Token> tokens_;
    std::vector<ReferenceFact> found_;
    uint32_t line_ = 0;
    uint32_t line_offset_ = 0;
};

/// The closing bracket of the one that opens at `at`; npos when there is none.
size_t closing(std::string_view text, size_t at) {
    int depth = 0;
    while (at < text.size()) {
        const size_t after = skip_opaque(text, at);
        if (after != at) {
            at = after;
            continue;
        }
        if (is_open(text[at])) ++depth;
        if (is_close(text[at]) && --depth == 0) return at;
        ++at;
    }
    return std::string_view::npos;
}

void blank(std::string& text, size_t first, size_t end) {
    for (size_t at = first; at < end; ++at)
        if (text[at] != '\n') text[at] = ' ';
}

/// `if #[cfg(x)] { ... } else if #[cfg(y)] { ... } else { ... }`: keeps what is in the branches.
void unwrap_branches(std::string& text, size_t first, size_t end) {
    size_t at = first;
    while (at < end) {
        size_t open = text.find('{', at);
        if (open == std::string::npos || open >= end) break;
        const size_t close = closing(text, open);
        if (close == std::string_view::npos || close >= end) return;
        blank(text, at, open + 1);
        text[close] = ' ';
        at = close + 1;
    }
    blank(text, at, end);
}

/// At the start of a line, up to blanks: an item may begin there.
bool is_line_start(std::string_view text, size_t at) {
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
    return at == 0 || text[at - 1] == '\n';
}

}  // namespace

bool unwrap_conditional_items(std::string_view source, std::string& prepared) {
    bool is_changed = false;
    for (size_t at = source.find("cfg_"); at != std::string_view::npos;
         at = source.find("cfg_", at + 4)) {
        if (!is_line_start(source, at)) continue;
        size_t end = at;
        while (end < source.size() && is_word(source[end])) ++end;
        const std::string_view name = source.substr(at, end - at);
        if (end >= source.size() || source[end] != '!') continue;
        size_t open = end + 1;
        while (open < source.size() && is_space(source[open])) ++open;
        if (open >= source.size() || source[open] != '{') continue;
        if (!is_changed) prepared = source;
        const size_t close = closing(prepared, open);
        if (close == std::string_view::npos) continue;
        is_changed = true;
        if (name == "cfg_if") {
            unwrap_branches(prepared, open + 1, close);
        }
        blank(prepared, at, open + 1);
        prepared[close] = ' ';
    }
    return is_changed;
}

void read_macro_arguments(std::string_view source, FileFacts& facts) {
    ArgumentReader reader(source, facts);
    for (const ReferenceFact& reference : facts.references) {
        if (reference.role != ReferenceRole::Macro || reference.definition == kNone) continue;
        const format::BlockKind kind = facts.definitions[reference.definition].kind;
        const bool runs =
            kind == format::BlockKind::Function || kind == format::BlockKind::Method ||
            kind == format::BlockKind::Constant || kind == format::BlockKind::Variable;
        if (!runs || contains(kOpaqueMacros, facts.text(reference.name))) continue;
        reader.read(reference);
    }
    if (reader.found().empty()) return;
    facts.references.insert(facts.references.end(), reader.found().begin(), reader.found().end());
    std::stable_sort(facts.references.begin(), facts.references.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
}

}  // namespace kausal::ingest::rust
