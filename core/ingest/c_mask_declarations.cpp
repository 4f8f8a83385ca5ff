// Reads the start of one declaration for macros; see c_mask_declarations.h.
#include "ingest/c_mask_declarations.h"

namespace kausal::ingest::c_mask {
namespace {

constexpr size_t kDeclarationTokensMax = 24;

constexpr std::array<std::string_view, 21> kTypeWords = {
    "int",     "char",    "void",     "bool",     "float",    "double",   "long",
    "short",   "signed",  "unsigned", "size_t",   "ssize_t",  "int8_t",   "int16_t",
    "int32_t", "int64_t", "uint8_t",  "uint16_t", "uint32_t", "uint64_t", "auto"};
constexpr std::array<std::string_view, 20> kSpecifiers = {
    "static",     "extern",       "inline",        "const",     "volatile",
    "register",   "constexpr",    "virtual",       "explicit",  "mutable",
    "friend",     "typename",     "restrict",      "__inline",  "__inline__",
    "__restrict", "thread_local", "__extension__", "_Noreturn", "consteval"};
// What can only stand first in a declaration: a name before one of these is a macro.
constexpr std::array<std::string_view, 13> kStarters = {
    "static", "extern",  "inline",   "typedef", "class",     "template", "namespace",
    "using",  "virtual", "explicit", "friend",  "constexpr", "__inline"};
// Words of Qt that are names for everybody else.
constexpr std::array<std::string_view, 3> kQtWords = {"signals", "slots", "import"};
constexpr std::array<std::string_view, 41> kOtherKeywords = {
    "return",    "if",       "else",          "for",       "while",    "do",       "switch",
    "case",      "default",  "goto",          "break",     "continue", "sizeof",   "using",
    "namespace", "public",   "private",       "protected", "new",      "delete",   "throw",
    "try",       "catch",    "operator",      "typedef",   "asm",      "__asm__",  "co_return",
    "co_await",  "co_yield", "static_assert", "this",      "concept",  "requires", "_Static_assert",
    "and",       "or",       "not",           "signals",   "slots",    "import"};

bool is_class_key(std::string_view word) noexcept {
    return word == "class" || word == "struct" || word == "union" || word == "enum";
}

}  // namespace

/// `EXPORT(x) int f();`: hides the macro and its arguments; returns where the declaration goes on.
size_t DeclarationMask::hide_macro_call(const Token& token) {
    const size_t open = skip_blanks(text_, token.span.end);
    if (open >= text_.size() || text_[open] != '(') return kNone;
    const size_t close = after_bracket(text_, open);
    if (close == kNone) return kNone;
    const size_t next = skip_blanks(text_, close);
    if (next >= text_.size() || !is_word(text_[next]) || is_digit(text_[next])) return kNone;
    hide({token.span.first, close});
    return next;
}

/// Reads names up to the first character that is no part of types; false when it is no declaration.
bool DeclarationMask::read_declaration(size_t at, std::vector<Token>& tokens, size_t& end) const {
    tokens.clear();
    while (tokens.size() < kDeclarationTokensMax) {
        at = skip_blanks(text_, at);
        if (at >= text_.size()) return false;
        const char c = text_[at];
        if (c == '*' || c == '&') {
            ++at;
            continue;
        }
        if (!is_word(c)) break;
        if (is_digit(c)) return false;
        const std::string_view word = word_at(at);
        if (contains(kOtherKeywords, word) && !contains(kQtWords, word))
            return word == "operator" && (end = at, true);
        Token token{{at, at + word.size()}, word};
        at += word.size();
        if (word == "__attribute__" || word == "__declspec" || word == "alignas" ||
            word == "_Alignas") {
            const size_t open = skip_blanks(text_, at);
            const size_t close =
                open < text_.size() && text_[open] == '(' ? after_bracket(text_, open) : kNone;
            if (close == kNone) return false;
            at = close;
            continue;
        }
        // Template arguments and qualifiers belong to the name before them.
        for (;;) {
            const size_t next = skip_blanks(text_, at);
            if (next < text_.size() && text_[next] == '<' && next == at) {
                size_t depth = 0;
                size_t i = next;
                for (; i < text_.size() && i < next + 400; ++i) {
                    if (text_[i] == '<') ++depth;
                    if (text_[i] == '>' && --depth == 0) break;
                    if (text_[i] == ';' || text_[i] == '{' || text_[i] == '"') return false;
                }
                if (i >= text_.size() || text_[i] != '>') return false;
                at = i + 1;
            } else if (text_.substr(next).starts_with("::")) {
                at = skip_blanks(text_, next + 2);
                if (at < text_.size() && text_[at] == '~') ++at;
                if (at >= text_.size() || !is_word(text_[at])) break;
                if (word_at(at) == "operator") return end = at, true;
                at += word_at(at).size();
            } else {
                break;
            }
        }
        token.span.end = at;
        tokens.push_back(token);
    }
    end = at;
    return tokens.size() < kDeclarationTokensMax;
}

/// `) const GUARDED_BY(x) OVERRIDE;`: hides capitals between a parameter list and the end.
void DeclarationMask::hide_trailing(size_t at) {
    static constexpr std::array<std::string_view, 6> kQualifiers = {"const", "noexcept", "override",
                                                                    "final", "volatile", "mutable"};
    for (size_t steps = 0; steps < 8; ++steps) {
        at = skip_blanks(text_, at);
        if (at >= text_.size()) return;
        if (text_[at] == '&') {
            ++at;
            continue;
        }
        if (!is_word(text_[at])) return;
        const std::string_view word = word_at(at);
        size_t end = at + word.size();
        const bool is_macro =
            !contains(kQualifiers, word) && (is_capitals(word) || word.starts_with("__"));
        if (!is_macro && !contains(kQualifiers, word)) return;
        const size_t open = skip_blanks(text_, end);
        if (open < text_.size() && text_[open] == '(' && word != "__attribute__") {
            end = after_bracket(text_, open);
            if (end == kNone) return;
        } else if (word == "__attribute__") {
            end = open < text_.size() ? after_bracket(text_, open) : kNone;
            if (end == kNone) return;
            at = end;
            continue;
        }
        if (is_macro) {
            // Only what is followed by the end of the declarator, its body or another such word.
            const size_t next = skip_blanks(text_, end);
            if (next >= text_.size() ||
                (text_[next] != ';' && text_[next] != '{' && text_[next] != '=' &&
                 text_[next] != ':' && !is_word(text_[next])))
                return;
            hide({at, end});
        }
        at = end;
    }
}

/// `(*name)(` or `(name)(` at the bracket.
bool DeclarationMask::is_bracketed_name(size_t open) const {
    size_t name = skip_blanks(text_, open + 1);
    if (name < text_.size() && text_[name] == '*') name = skip_blanks(text_, name + 1);
    const size_t close = skip_blanks(text_, name + word_at(name).size());
    if (close == name || close >= text_.size() || text_[close] != ')') return false;
    const size_t next = skip_blanks(text_, close + 1);
    return next < text_.size() && text_[next] == '(';
}

void DeclarationMask::hide_decorations(const std::vector<Token>& tokens, size_t end) {
    const char stop = end < text_.size() ? text_[end] : ';';
    if (tokens.size() < 2 || (stop != '(' && stop != '[' && stop != '=' && stop != ';' &&
                              stop != ',' && stop != '{' && stop != ':' && stop != 'o'))
        return;
    // The declared name stands last, unless `operator` or the brackets of `(*name)(int)` follow.
    const bool is_bracketed = stop == '(' && is_bracketed_name(end);
    size_t types_end = stop == 'o' || is_bracketed ? tokens.size() : tokens.size() - 1;
    bool has_type = false;
    std::vector<const Token*> names;
    for (size_t i = 0; i < types_end; ++i) {
        const std::string_view word = tokens[i].text;
        if (is_class_key(word)) {
            has_type = true;
            ++i;
        } else if (contains(kTypeWords, word)) {
            has_type = true;
        } else if (!contains(kSpecifiers, word)) {
            names.push_back(&tokens[i]);
        }
    }
    if (stop == '(' && types_end + 1 == tokens.size() && is_capitals(tokens.back().text) &&
        types_end >= 2) {
        // `bool done GUARDED_BY(mutex);`: the macro follows the name.
        const Token& before = tokens[types_end - 1];
        const bool is_name = !is_capitals(before.text) && !contains(kTypeWords, before.text) &&
                             !contains(kSpecifiers, before.text);
        const bool has_other_type = has_type || names.size() >= 2;
        if (is_name && has_other_type) {
            const size_t close = after_bracket(text_, end);
            if (close != kNone) hide({tokens.back().span.first, close});
            return;
        }
    }
    if (has_type) {
        for (const Token* name : names) hide(name->span);
    } else if (names.size() >= 2) {
        // One of them is the type: the last that is not in capitals, else the last.
        const Token* type = names.back();
        for (const Token* name : names) {
            if (!is_capitals(name->text)) type = name;
        }
        for (const Token* name : names) {
            if (name != type) hide(name->span);
        }
    }
    if (stop == '(') {
        size_t close = after_bracket(text_, end);
        if (is_bracketed && close != kNone) {
            close = skip_blanks(text_, close);
            close =
                close < text_.size() && text_[close] == '(' ? after_bracket(text_, close) : kNone;
        }
        if (close != kNone) hide_trailing(close);
    }
}

/// `class EXPORT Name final : ...`: only the last name before the body stays.
bool DeclarationMask::look_at_class(size_t at) {
    std::vector<Token> names;
    for (size_t steps = 0; steps < 8; ++steps) {
        at = skip_blanks(text_, at);
        if (at >= text_.size()) return false;
        const char c = text_[at];
        if (c == '{' || (c == ':' && !text_.substr(at).starts_with("::"))) break;
        if (c == '[') {
            at = after_bracket(text_, at);
            if (at == kNone) return false;
            continue;
        }
        if (c == '<' || c == ':') {
            // A specialisation or a qualified name: the name is what stands before.
            if (names.size() >= 2) break;
            return false;
        }
        if (!is_word(c) || is_digit(c)) return false;
        const std::string_view word = word_at(at);
        Token token{{at, at + word.size()}, word};
        at += word.size();
        const size_t open = skip_blanks(text_, at);
        if (open < text_.size() && text_[open] == '(') {
            at = after_bracket(text_, open);
            if (at == kNone) return false;
            token.span.end = at;
            if (word == "__attribute__" || word == "alignas" || word == "__declspec") continue;
            // `struct a f(int b) {`
            if (!is_capitals(word)) return false;
        }
        if (word != "final" && word != "class" && word != "struct") names.push_back(token);
    }
    for (size_t i = 0; i + 1 < names.size(); ++i) hide(names[i].span);
    return true;
}

void DeclarationMask::look_at(size_t at, bool is_in_function) {
    std::string_view first = word_at(at);
    if (first == "template") {
        at = skip_blanks(text_, at + first.size());
        if (at >= text_.size() || text_[at] != '<') return;
        size_t depth = 0;
        for (; at < text_.size(); ++at) {
            if (text_[at] == '<') ++depth;
            if (text_[at] == '>' && --depth == 0) break;
            if (text_[at] == ';' || text_[at] == '{') return;
        }
        at = skip_blanks(text_, std::min(at + 1, text_.size()));
        first = at < text_.size() ? word_at(at) : std::string_view{};
    }
    if (first == "typedef") {
        at = skip_blanks(text_, at + first.size());
        first = at < text_.size() ? word_at(at) : std::string_view{};
        if (is_class_key(first)) (void)look_at_class(at + first.size());
        return;
    }
    if (first.empty() || is_digit(first[0])) return;
    if (is_class_key(first) ? look_at_class(at + first.size()) : contains(kOtherKeywords, first))
        return;
    // Macros before a keyword that starts a declaration.
    for (size_t steps = 0; steps < 4 && !contains(kSpecifiers, first) &&
                           !contains(kTypeWords, first) && !is_class_key(first) && !is_in_function;
         ++steps) {
        const Token token{{at, at + first.size()}, first};
        size_t next = kNone;
        if (is_capitals(first)) next = hide_macro_call(token);
        if (next == kNone) {
            next = skip_blanks(text_, token.span.end);
            if (next >= text_.size() || !is_word(text_[next]) ||
                !contains(kStarters, word_at(next)))
                break;
            hide(token.span);
        }
        at = next;
        first = word_at(at);
        if (is_class_key(first) && look_at_class(at + first.size())) return;
    }
    size_t end = 0;
    if (read_declaration(at, tokens_, end)) hide_decorations(tokens_, end);
}

}  // namespace kausal::ingest::c_mask
