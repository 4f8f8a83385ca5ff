// Scans C and C++ once for conditionals, and the start of every statement for macros in
// declarations.
#include "ingest/c_mask.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kausal::ingest {
namespace {

constexpr size_t kDeclarationTokensMax = 24;
constexpr size_t kNone = std::string_view::npos;

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

template <size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

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
constexpr std::array<std::string_view, 41> kOtherKeywords = {
    "return",    "if",       "else",          "for",       "while",    "do",       "switch",
    "case",      "default",  "goto",          "break",     "continue", "sizeof",   "using",
    "namespace", "public",   "private",       "protected", "new",      "delete",   "throw",
    "try",       "catch",    "operator",      "typedef",   "asm",      "__asm__",  "co_return",
    "co_await",  "co_yield", "static_assert", "this",      "concept",  "requires", "_Static_assert",
    "and",       "or",       "not",           "signals",   "slots",    "import"};

bool is_capitals(std::string_view word) noexcept {
    bool has_letter = false;
    for (const char c : word) {
        if (c >= 'a' && c <= 'z') return false;
        has_letter = has_letter || (c >= 'A' && c <= 'Z');
    }
    return has_letter && word.size() >= 3;
}

bool is_class_key(std::string_view word) noexcept {
    return word == "class" || word == "struct" || word == "union" || word == "enum";
}

/// Position after comments and blanks.
size_t skip_blanks(std::string_view text, size_t at) noexcept {
    while (at < text.size()) {
        if (is_blank(text[at])) {
            ++at;
        } else if (text.substr(at).starts_with("\\\n")) {
            at += 2;
        } else if (text.substr(at).starts_with("//")) {
            at = std::min(text.find('\n', at), text.size());
        } else if (text.substr(at).starts_with("/*")) {
            const size_t end = text.find("*/", at + 2);
            at = end == kNone ? text.size() : end + 2;
        } else {
            break;
        }
    }
    return at;
}

/// Position after the bracket that closes the one at `at`, within one declaration; kNone when not
/// found.
size_t after_bracket(std::string_view text, size_t at) noexcept {
    constexpr size_t kSpanMax = 4000;
    size_t depth = 0;
    const size_t end = std::min(text.size(), at + kSpanMax);
    for (size_t i = at; i < end; ++i) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            for (++i; i < end && text[i] != c && text[i] != '\n'; ++i) {
                if (text[i] == '\\') ++i;
            }
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            if (--depth == 0) return i + 1;
        } else if (c == '#' && (i == 0 || text[i - 1] == '\n')) {
            return kNone;
        }
    }
    return kNone;
}

class Masker {
  public:
    Masker(std::string_view source, std::string& masked) : text_(source), masked_(masked) {}
    bool run();

  private:
    struct Span {
        size_t first = 0;
        size_t end = 0;
    };
    struct Branch {
        Span directive;
        Span body;
        std::vector<char> brackets;  // at its end
        bool is_balanced = true;
        bool is_complete = true;
        bool is_dead = false;
    };
    struct Group {
        std::vector<char> brackets;  // at its start
        bool is_start_complete = true;
        bool has_dipped = false;  // the running branch closed a bracket opened before the group
        std::vector<Branch> branches;
    };
    struct Token {
        Span span;
        std::string_view text;
    };

    void hide(Span span);
    void scan_directive();
    void open_branch(Span directive, bool is_dead);
    void close_branch(size_t end);
    void close_group(Span directive);
    void scan_token();
    void skip_string(char quote);
    void open_bracket(char c);
    void close_bracket();
    void look_at_statement();
    /// True when it is the head of a definition.
    bool look_at_class(size_t at);
    size_t hide_macro_call(const Token& token);
    bool read_declaration(size_t at, std::vector<Token>& tokens, size_t& end) const;
    void hide_decorations(const std::vector<Token>& tokens, size_t end);
    void hide_trailing(size_t at);
    [[nodiscard]] std::string_view word_at(size_t at) const;
    [[nodiscard]] char top() const { return brackets_.empty() ? 'n' : brackets_.back(); }
    [[nodiscard]] bool is_complete() const;

    std::string_view text_;
    std::string& masked_;
    size_t at_ = 0;
    bool is_line_start_ = true;
    bool has_hidden_ = false;
    char last_ = 0;               // last character of code
    std::string_view last_word_;  // when that ended a word
    // ( [ as they are, i: braces of an initialiser, f: of statements, n: of declarations
    std::vector<char> brackets_;
    std::vector<Group> groups_;
    std::vector<Token> tokens_;
};

std::string_view Masker::word_at(size_t at) const {
    size_t end = at;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(at, end - at);
}

void Masker::hide(Span span) {
    if (span.first >= span.end) return;
    if (!has_hidden_) masked_.assign(text_);
    has_hidden_ = true;
    for (size_t i = span.first; i < span.end; ++i) {
        if (masked_[i] != '\n') masked_[i] = ' ';
    }
}

/// Whether a statement or declaration may start here.
bool Masker::is_complete() const {
    if (top() == 'f') {
        if (last_word_ == "else" || last_word_ == "do") return false;
        return last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' || last_ == 0;
    }
    // Outside of functions a macro may stand where a semicolon would be.
    return last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' || last_ == 0 ||
           last_ == ')' || is_word(last_);
}

void Masker::open_branch(Span directive, bool is_dead) {
    Group& group = groups_.back();
    brackets_ = group.brackets;
    group.has_dipped = false;
    Branch branch;
    branch.directive = directive;
    branch.body = {directive.end, directive.end};
    branch.is_dead = is_dead;
    group.branches.push_back(std::move(branch));
}

void Masker::close_branch(size_t end) {
    Group& group = groups_.back();
    if (group.branches.empty()) return;
    Branch& branch = group.branches.back();
    branch.body.end = end;
    branch.is_balanced = !group.has_dipped && brackets_.size() == group.brackets.size();
    branch.is_complete = is_complete();
    branch.brackets = brackets_;
}

void Masker::close_group(Span directive) {
    Group group = std::move(groups_.back());
    groups_.pop_back();
    const char around = group.brackets.empty() ? 'n' : group.brackets.back();
    const bool is_in_list = around == 'i';
    bool cuts = around == '(' || around == '[' || !group.is_start_complete;
    bool is_balanced = true;
    size_t kept = 0;
    if (group.branches.front().is_dead && group.branches.size() > 1) kept = 1;
    for (const Branch& branch : group.branches) {
        is_balanced = is_balanced && branch.is_balanced;
        cuts = cuts || (!is_in_list && !branch.is_complete && branch.body.end > branch.body.first);
    }
    brackets_ = group.branches[kept].brackets;
    if (!groups_.empty() && brackets_.size() < groups_.back().brackets.size())
        groups_.back().has_dipped = true;
    const bool hides_others = cuts || !is_balanced;
    for (size_t i = 0; i < group.branches.size(); ++i) {
        const Branch& branch = group.branches[i];
        if (hides_others || is_in_list) hide(branch.directive);
        if ((hides_others && i != kept) || (branch.is_dead && i == 0)) hide(branch.body);
    }
    if (hides_others || is_in_list) hide(directive);
}

void Masker::scan_directive() {
    const size_t first = at_;
    size_t end = at_;
    for (;;) {
        end = std::min(text_.find('\n', end), text_.size());
        // A comment that starts here may run over the line.
        const size_t comment = text_.substr(at_, end - at_).find("/*");
        if (comment != kNone &&
            text_.substr(at_ + comment, end - at_ - comment).find("*/") == kNone) {
            const size_t close = text_.find("*/", end);
            if (close != kNone) {
                end = close;
                at_ = close;
                continue;
            }
        }
        size_t last = end;
        if (last > first && text_[last - 1] == '\r') --last;
        if (end >= text_.size() || last == first || text_[last - 1] != '\\') break;
        ++end;
    }
    size_t word = first + 1;
    while (word < end && (text_[word] == ' ' || text_[word] == '\t')) ++word;
    const std::string_view name = word_at(word);
    const Span line{first, end};
    at_ = end;
    if (name == "if" || name == "ifdef" || name == "ifndef") {
        const size_t condition = skip_blanks(text_, word + name.size());
        const bool is_dead = name == "if" && condition < end && word_at(condition) == "0" &&
                             (condition + 1 == end || is_blank(text_[condition + 1]));
        Group group;
        group.brackets = brackets_;
        group.is_start_complete = is_complete();
        groups_.push_back(std::move(group));
        open_branch(line, is_dead);
    } else if (!groups_.empty() &&
               (name == "else" || name == "elif" || name == "elifdef" || name == "elifndef")) {
        close_branch(first);
        open_branch(line, false);
    } else if (!groups_.empty() && name == "endif") {
        close_branch(first);
        close_group(line);
    }
}

void Masker::skip_string(char quote) {
    // Raw strings end with their own delimiter.
    if (quote == '"' && last_ == 'R' && last_word_.ends_with('R')) {
        const size_t open = text_.find('(', at_);
        if (open != kNone && open - at_ <= 18) {
            std::string close(1, ')');
            close.append(text_.substr(at_ + 1, open - at_ - 1)).push_back('"');
            const size_t end = text_.find(close, open);
            at_ = end == kNone ? text_.size() : end + close.size();
            return;
        }
    }
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
        if (text_[at_] == '\\') ++at_;
    }
    if (at_ < text_.size()) ++at_;
}

void Masker::open_bracket(char c) {
    if (c != '{') return brackets_.push_back(c);
    const char around = top();
    static constexpr std::array<std::string_view, 7> kBeforeBody = {
        "else", "do", "try", "const", "noexcept", "override", "final"};
    if (last_ == '=' || last_ == ',' || last_ == '(' || around == 'i' || last_word_ == "return") {
        brackets_.push_back('i');
    } else if (around == 'f' || last_ == ')' || contains(kBeforeBody, last_word_)) {
        brackets_.push_back('f');
    } else {
        brackets_.push_back('n');
    }
}

void Masker::close_bracket() {
    if (brackets_.empty()) return;
    brackets_.pop_back();
    if (!groups_.empty() && brackets_.size() < groups_.back().brackets.size())
        groups_.back().has_dipped = true;
}

void Masker::scan_token() {
    const char c = text_[at_];
    if (is_word(c)) {
        const bool starts = (last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' ||
                             last_ == 0 || is_line_start_) &&
                            top() != '(' && top() != '[' && top() != 'i';
        if (starts && !is_digit(c)) look_at_statement();
        last_word_ = word_at(at_);
        last_ = last_word_.back();
        at_ += last_word_.size();
        is_line_start_ = false;
        return;
    }
    is_line_start_ = false;
    if (c == '"' ||
        (c == '\'' && !(is_digit(last_) && at_ + 1 < text_.size() && is_word(text_[at_ + 1])))) {
        skip_string(c);
        last_ = c;
        last_word_ = {};
        return;
    }
    if (c == '(' || c == '[' || c == '{') open_bracket(c);
    if (c == ')' || c == ']' || c == '}') close_bracket();
    last_ = c;
    last_word_ = {};
    ++at_;
}

bool Masker::run() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '\n') {
            is_line_start_ = true;
            ++at_;
        } else if (is_blank(c) || c == '\\') {
            ++at_;
        } else if (c == '/' && at_ + 1 < text_.size() &&
                   (text_[at_ + 1] == '/' || text_[at_ + 1] == '*')) {
            at_ = skip_blanks(text_, at_);
            // skip_blanks went over the line ends, where directives start.
            while (at_ > 0 && at_ < text_.size() && text_[at_ - 1] != '\n' &&
                   is_blank(text_[at_ - 1]))
                --at_;
            is_line_start_ = is_line_start_ || (at_ > 0 && text_[at_ - 1] == '\n');
        } else if (c == '#' && is_line_start_) {
            scan_directive();
        } else {
            scan_token();
        }
    }
    return has_hidden_;
}

/// `EXPORT(x) int f();`: hides the macro and its arguments; returns where the declaration goes on.
size_t Masker::hide_macro_call(const Token& token) {
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
bool Masker::read_declaration(size_t at, std::vector<Token>& tokens, size_t& end) const {
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
        if (contains(kOtherKeywords, word)) return word == "operator" && (end = at, true);
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
void Masker::hide_trailing(size_t at) {
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

void Masker::hide_decorations(const std::vector<Token>& tokens, size_t end) {
    const char stop = end < text_.size() ? text_[end] : ';';
    if (tokens.size() < 2 || (stop != '(' && stop != '[' && stop != '=' && stop != ';' &&
                              stop != ',' && stop != '{' && stop != ':' && stop != 'o'))
        return;
    // The declared name stands last, unless `operator` follows.
    size_t types_end = stop == 'o' ? tokens.size() : tokens.size() - 1;
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
        const size_t close = after_bracket(text_, end);
        if (close != kNone) hide_trailing(close);
    }
}

/// `class EXPORT Name final : ...`: only the last name before the body stays.
bool Masker::look_at_class(size_t at) {
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
        }
        if (word != "final" && word != "class" && word != "struct") names.push_back(token);
    }
    for (size_t i = 0; i + 1 < names.size(); ++i) hide(names[i].span);
    return true;
}

void Masker::look_at_statement() {
    size_t at = at_;
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
                           !contains(kTypeWords, first) && !is_class_key(first) && top() != 'f';
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

}  // namespace

bool mask_preprocessor(std::string_view source, std::string& masked) {
    return Masker(source, masked).run();
}

}  // namespace kausal::ingest
