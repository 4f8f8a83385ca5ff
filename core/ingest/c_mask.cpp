// Scans C and C++ once for conditionals, and shows the start of every statement to the
// DeclarationMask.
#include "ingest/c_mask.h"

#include "ingest/c_mask_declarations.h"
#include "ingest/c_mask_text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace kausal::ingest {
namespace c_mask {
namespace {

class Masker {
  public:
    Masker(std::string_view source, std::string& masked)
        : masked_(source, masked), declarations_(masked_), text_(source) {}
    bool run();

  private:
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

    void hide(Span span) { masked_.hide(span); }
    void scan_directive();
    void open_branch(Span directive, bool is_dead);
    void close_branch(size_t end);
    void close_group(Span directive);
    void scan_token();
    void scan_word();
    bool hide_attribute(std::string_view word);
    bool look_at_lone_macro(std::string_view word);
    void look_at_defining_macro(std::string_view word);
    void join_strings(size_t first, size_t next);
    void join_macro_call(std::string_view word);
    void skip_string(char quote);
    void open_bracket(char c);
    void close_bracket();
    [[nodiscard]] std::string_view word_at(size_t at) const { return masked_.word_at(at); }
    [[nodiscard]] char top() const { return brackets_.empty() ? 'n' : brackets_.back(); }
    [[nodiscard]] bool is_complete() const;

    MaskedText masked_;
    DeclarationMask declarations_;
    std::string_view text_;
    size_t at_ = 0;
    bool is_line_start_ = true;
    char last_ = 0;                  // last character of code
    std::string_view last_word_;     // when that ended a word
    bool is_in_class_head_ = false;  // between `class` and its brace
    // ( [ as they are, i: braces of an initialiser, f: of statements, n: of declarations
    std::vector<char> brackets_;
    std::vector<Group> groups_;
};

/// Whether a statement or declaration may start here.
bool Masker::is_complete() const {
    if (top() == 'f') {
        if (last_word_ == "else" || last_word_ == "do") return false;
        return last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' || last_ == 0;
    }
    // `class A` before `#ifdef X`, ` final`, `#endif`, ` : B {`.
    if (is_in_class_head_) return false;
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
        // What starts with a colon goes on with what stands before: initialisers of members.
        const size_t next = skip_blanks(text_, end);
        const bool goes_on =
            next + 1 < text_.size() && text_[next] == ':' && text_[next + 1] != ':';
        group.is_start_complete = !goes_on && is_complete();
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

/// `__attribute__((x))` says nothing about names, and the C++ grammar knows few places for it.
bool Masker::hide_attribute(std::string_view word) {
    static constexpr std::array<std::string_view, 3> kWords = {"__attribute__", "__attribute",
                                                               "__declspec"};
    if (!contains(kWords, word)) return false;
    const size_t open = skip_blanks(text_, at_ + word.size());
    const size_t close =
        open < text_.size() && text_[open] == '(' ? after_bracket(text_, open) : kNone;
    if (close == kNone) return false;
    hide({at_, close});
    at_ = close;
    return true;
}

/// Macros that stand for the ends of a function outside of everything: `TEST_BEGIN(name) {` becomes
/// `TEST_BEGIN name() {`, and a `TEST_END` that has its line for itself goes.
bool Masker::look_at_lone_macro(std::string_view word) {
    if (!brackets_.empty() || !is_line_start_ || !is_capitals(word)) return false;
    if (last_ != '}' && last_ != ';' && last_ != 0) return false;
    const size_t end = at_ + word.size();
    const size_t line_end = std::min(text_.find('\n', end), text_.size());
    const size_t next = skip_blanks(text_, end);
    if (last_ == '}' && next >= line_end &&
        (next >= text_.size() || is_word(text_[next]) || text_[next] == '#')) {
        hide({at_, end});
        at_ = end;
        return true;
    }
    if (end >= text_.size() || text_[end] != '(') return false;
    const size_t name_end = end + 1 + word_at(end + 1).size();
    if (name_end == end + 1 || is_digit(text_[end + 1])) return false;
    if (text_.substr(name_end, 2) != ") ") return false;
    const size_t body = skip_blanks(text_, name_end + 1);
    if (body >= text_.size() || text_[body] != '{') return false;
    masked_.write(end, " ");
    masked_.write(name_end, "()");
    return false;
}

/// `DEFINE(Status, Table::Get)(int a) {` becomes `Status Table::Get (int a) {`.
void Masker::look_at_defining_macro(std::string_view word) {
    const size_t open = at_ + word.size();
    if (top() == 'f' || !is_capitals(word) || open >= text_.size() || text_[open] != '(') return;
    const size_t close = after_bracket(text_, open);
    if (close == kNone) return;
    const size_t comma = text_.substr(0, close).find(',', open);
    if (comma == kNone) return;
    const std::string_view name = text_.substr(comma + 1, close - comma - 2);
    for (const char c : name) {
        if (!is_word(c) && c != ':' && !is_blank(c)) return;
    }
    const size_t parameters = skip_blanks(text_, close);
    if (parameters >= text_.size() || text_[parameters] != '(') return;
    const size_t end = after_bracket(text_, parameters);
    if (end == kNone) return;
    size_t body = skip_blanks(text_, end);
    if (word_at(body) == "const") body = skip_blanks(text_, body + 5);
    if (body >= text_.size() || text_[body] != '{') return;
    hide({at_, open + 1});
    hide({comma, comma + 1});
    hide({close - 1, close});
}

/// Puts an operator between a string and a macro that stands for another one: the grammars read
/// `"a" PRIu64 "b"` and `"a" QUOTE(x) "b"` no further than some of the way.
void Masker::join_strings(size_t first, size_t next) {
    const size_t blank = text_.substr(0, next).find_first_of(" \t", first);
    if (blank != kNone && text_.substr(first, next - first).find('/') == kNone)
        masked_.write(blank, "+");
}

/// `QUOTE(x) "b"` within an expression.
void Masker::join_macro_call(std::string_view word) {
    const size_t open = at_ + word.size();
    if ((top() != '(' && top() != 'i') || !is_macro_like(word)) return;
    size_t end = open;
    if (open < text_.size() && text_[open] == '(') end = after_bracket(text_, open);
    if (end == kNone) return;
    const size_t next = skip_blanks(text_, end);
    if (next > end && next < text_.size() && text_[next] == '"') join_strings(end, next);
}

void Masker::scan_word() {
    const std::string_view word = word_at(at_);
    if (hide_attribute(word) || look_at_lone_macro(word)) return;
    const bool starts = (last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' ||
                         last_ == 0 || is_line_start_) &&
                        top() != '(' && top() != '[' && top() != 'i';
    if (starts && !is_digit(word[0])) {
        look_at_defining_macro(word);
        declarations_.look_at(at_, top() == 'f');
    }
    join_macro_call(word);
    // The C++ grammar knows `int{1}` only.
    const bool is_braced =
        at_ + word.size() < text_.size() && text_[at_ + word.size()] == '{' &&
        (word == "unsigned" || word == "signed" || word == "long" || word == "short");
    if (is_braced)
        masked_.write(at_, word.size() > 5 ? std::string_view("int     ", word.size())
                                           : std::string_view("int  ", word.size()));
    is_in_class_head_ = is_in_class_head_ || word == "class" || word == "struct";
    last_word_ = word;
    last_ = word.back();
    at_ += word.size();
    is_line_start_ = false;
}

void Masker::scan_token() {
    const char c = text_[at_];
    if (is_word(c)) return scan_word();
    const bool starts = last_ == ';' || last_ == '{' || last_ == '}' || last_ == ':' || last_ == 0;
    is_line_start_ = false;
    if (c == '"' ||
        (c == '\'' && !(is_digit(last_) && at_ + 1 < text_.size() && is_word(text_[at_ + 1])))) {
        const bool is_linkage = last_word_ == "extern" || last_word_ == "operator";
        skip_string(c);
        last_ = c;
        last_word_ = {};
        const size_t next = skip_blanks(text_, at_);
        if (c == '"' && !is_linkage && next > at_ && next < text_.size() &&
            is_macro_like(word_at(next)))
            join_strings(at_, next);
        return;
    }
    if (starts && text_.substr(at_, 2) == "[[") {
        // `[[nodiscard]] int f() GUARDED_BY(x);`
        const size_t close = after_bracket(text_, at_);
        const size_t next = close == kNone ? text_.size() : skip_blanks(text_, close);
        if (next < text_.size() && is_word(text_[next]) && !is_digit(text_[next]))
            declarations_.look_at(next, top() == 'f');
    }
    // Template parameters and function results are no heads of classes.
    if (c != ':' && c != ',' && c != '[' && c != ']') is_in_class_head_ = false;
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
    return masked_.has_hidden();
}

}  // namespace

bool mask_source(std::string_view source, std::string& masked) {
    return Masker(source, masked).run();
}

}  // namespace c_mask

bool mask_preprocessor(std::string_view source, std::string& masked) {
    return c_mask::mask_source(source, masked);
}

}  // namespace kausal::ingest
