// Reads the text of a query file.
#include "ingest/query_syntax.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

constexpr TSSymbol kErrorSymbol = 0xffff;
constexpr size_t kDepthMax = 64;

class QueryReader {
  public:
    QueryReader(const TSLanguage* grammar, std::string_view text)
        : grammar_(grammar), text_(text) {}
    Result<std::vector<QueryPattern>> read();

  private:
    Status wrong(const std::string& what) const {
        const auto line =
            1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at_), '\n');
        return Status(ErrorCode::Internal, "query line " + std::to_string(line) + ": " + what);
    }
    void skip_blank() {
        while (at_ < text_.size()) {
            if (text_[at_] == ';') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
                ++at_;
            } else {
                return;
            }
        }
    }
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        skip_blank();
        return true;
    }
    std::string_view word() {
        const size_t first = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' ||
                text_[at_] == '-' || text_[at_] == '.' || text_[at_] == '?' || text_[at_] == '!'))
            ++at_;
        return text_.substr(first, at_ - first);
    }
    /// A name without the quantifier that may follow it directly.
    std::string_view node_word() {
        std::string_view name = word();
        while (name.ends_with('?') || name.ends_with('.') || name.ends_with('!')) {
            name.remove_suffix(1);
            --at_;
        }
        skip_blank();
        return name;
    }
    Result<std::string> quoted();
    Result<QueryNode> element(size_t depth);
    Status elements(QueryNode& into, char close, size_t depth);
    Result<QueryNode> parenthesized(size_t depth);
    Status suffixes(QueryNode& node);
    Status predicate();
    Status set_symbol(std::string_view name, QueryNode& node);
    Result<uint32_t> capture(std::string_view name);
    Result<uint32_t> known_capture();
    static void expand(std::vector<QueryNode>& into, QueryNode&& node);
    static bool mark_captures(QueryNode& node);

    const TSLanguage* grammar_;
    std::string_view text_;
    size_t at_ = 0;
    QueryPattern pattern_;
};

Result<std::string> QueryReader::quoted() {
    std::string out;
    ++at_;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            const char c = text_[at_];
            out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        } else {
            out += text_[at_];
        }
    }
    if (at_ >= text_.size()) return fail(wrong("a quote is not closed"));
    ++at_;
    skip_blank();
    return out;
}

Result<uint32_t> QueryReader::capture(std::string_view name) {
    const auto found =
        std::find(pattern_.capture_names.begin(), pattern_.capture_names.end(), name);
    if (found != pattern_.capture_names.end())
        return static_cast<uint32_t>(found - pattern_.capture_names.begin());
    const auto kind = capture_kind(name);
    if (!kind) return fail(wrong("unknown capture @" + std::string(name)));
    pattern_.capture_names.emplace_back(name);
    pattern_.captures.push_back(*kind);
    return static_cast<uint32_t>(pattern_.captures.size() - 1);
}

Result<uint32_t> QueryReader::known_capture() {
    if (!take('@')) return fail(wrong("a predicate needs a capture"));
    const std::string name(word());
    skip_blank();
    const auto found =
        std::find(pattern_.capture_names.begin(), pattern_.capture_names.end(), name);
    if (found == pattern_.capture_names.end())
        return fail(wrong("@" + name + " is not captured before the predicate"));
    return static_cast<uint32_t>(found - pattern_.capture_names.begin());
}

Status QueryReader::set_symbol(std::string_view name, QueryNode& node) {
    if (name == "ERROR") {
        node.symbol = kErrorSymbol;
        return Status::ok();
    }
    node.symbol = ts_language_symbol_for_name(grammar_, name.data(),
                                              static_cast<uint32_t>(name.size()), true);
    if (node.symbol == 0) return wrong("the grammar has no node " + std::string(name));
    return Status::ok();
}

/// x+ stands for x x*.
void QueryReader::expand(std::vector<QueryNode>& into, QueryNode&& node) {
    if (node.is_repeated && !node.is_optional) {
        QueryNode once = node;
        once.is_repeated = false;
        into.push_back(std::move(once));
        node.is_optional = true;
        node.is_adjacent = false;
    }
    into.push_back(std::move(node));
}

Status QueryReader::elements(QueryNode& into, char close, size_t depth) {
    bool is_adjacent = false;
    for (;;) {
        skip_blank();
        if (at_ >= text_.size()) return wrong("a bracket is not closed");
        if (take(close)) break;
        if (peek() == '.') {
            ++at_;
            skip_blank();
            is_adjacent = true;
            continue;
        }
        if (peek() == '!') {
            ++at_;
            const std::string_view name = node_word();
            const TSFieldId field = ts_language_field_id_for_name(
                grammar_, name.data(), static_cast<uint32_t>(name.size()));
            if (field == 0) return wrong("the grammar has no field " + std::string(name));
            into.absent_fields.push_back(field);
            continue;
        }
        if (text_.substr(at_).starts_with("(#")) {
            KAUSAL_TRY(predicate());
            continue;
        }
        QueryNode child = KAUSAL_TRY(element(depth));
        child.is_adjacent = is_adjacent;
        is_adjacent = false;
        expand(into.children, std::move(child));
    }
    if (is_adjacent) {
        if (into.children.empty()) return wrong("an anchor has nothing to hold to");
        into.children.back().is_last = true;
    }
    return Status::ok();
}

Result<QueryNode> QueryReader::parenthesized(size_t depth) {
    QueryNode node;
    const char c = peek();
    if (c == '(' || c == '[' || c == '"') {
        // A group: one node with predicates.
        KAUSAL_TRY(elements(node, ')', depth + 1));
        if (node.children.size() != 1 || !node.absent_fields.empty())
            return fail(wrong("a group must hold exactly one node"));
        QueryNode inner = std::move(node.children.front());
        return inner;
    }
    const std::string_view name = node_word();
    if (name.empty()) return fail(wrong("a node name is missing"));
    if (name == "_") {
        node.kind = QueryNode::Kind::AnyNamed;
    } else {
        KAUSAL_TRY(set_symbol(name, node));
    }
    if (peek() == '/') return fail(wrong("supertype/subtype is not supported; use #has-parent?"));
    KAUSAL_TRY(elements(node, ')', depth + 1));
    return node;
}

Status QueryReader::suffixes(QueryNode& node) {
    skip_blank();
    for (;;) {
        if (peek() == '?') {
            node.is_optional = true;
            ++at_;
        } else if (peek() == '*') {
            node.is_optional = node.is_repeated = true;
            ++at_;
        } else if (peek() == '+') {
            node.is_repeated = true;
            ++at_;
        } else if (peek() == '@') {
            ++at_;
            std::string_view name = word();
            while (name.ends_with('.')) {
                name.remove_suffix(1);
                --at_;
            }
            node.captures.push_back(KAUSAL_TRY(capture(name)));
        } else {
            return Status::ok();
        }
        skip_blank();
    }
}

Result<QueryNode> QueryReader::element(size_t depth) {
    if (depth > kDepthMax) return fail(wrong("nested too deeply"));
    QueryNode node;
    TSFieldId field = 0;
    if (std::isalpha(static_cast<unsigned char>(peek())) != 0) {
        const std::string_view name = node_word();
        if (!take(':'))
            return fail(wrong("expected a field or a bracket at `" + std::string(name) + "`"));
        field = ts_language_field_id_for_name(grammar_, name.data(),
                                              static_cast<uint32_t>(name.size()));
        if (field == 0) return fail(wrong("the grammar has no field " + std::string(name)));
    }
    if (take('(')) {
        node = KAUSAL_TRY(parenthesized(depth));
    } else if (take('[')) {
        node.kind = QueryNode::Kind::Alternation;
        KAUSAL_TRY(elements(node, ']', depth + 1));
        if (node.children.empty()) return fail(wrong("an alternation is empty"));
    } else if (peek() == '"') {
        const std::string token = KAUSAL_TRY(quoted());
        node.symbol = ts_language_symbol_for_name(grammar_, token.data(),
                                                  static_cast<uint32_t>(token.size()), false);
        if (node.symbol == 0) return fail(wrong("the grammar has no token \"" + token + "\""));
    } else if (peek() == '_') {
        ++at_;
        node.kind = QueryNode::Kind::Any;
    } else {
        return fail(wrong(std::string("unexpected `") + peek() + "`"));
    }
    node.field = field != 0 ? field : node.field;
    KAUSAL_TRY(suffixes(node));
    return node;
}

Status QueryReader::predicate() {
    at_ += 2;
    std::string name(word());
    skip_blank();
    QueryPredicate predicate;
    if (name.starts_with("not-")) {
        predicate.is_negated = true;
        name.erase(0, 4);
    }
    predicate.capture = KAUSAL_TRY(known_capture());
    while (!take(')')) {
        if (peek() == '@') {
            predicate.other_capture = KAUSAL_TRY(known_capture());
        } else if (peek() == '"') {
            predicate.texts.push_back(KAUSAL_TRY(quoted()));
        } else {
            const std::string_view text = word();
            if (text.empty()) return wrong("bad argument of #" + name);
            predicate.texts.emplace_back(text);
            skip_blank();
        }
    }
    if (predicate.texts.empty() && predicate.other_capture < 0)
        return wrong("#" + name + " compares with nothing");
    if (name == "match?") {
        predicate.kind = QueryPredicate::Kind::Match;
        predicate.regex = std::shared_ptr<regex_t>(new regex_t(), [](regex_t* regex) {
            regfree(regex);
            delete regex;
        });
        if (predicate.texts.empty() || regcomp(predicate.regex.get(), predicate.texts[0].c_str(),
                                               REG_EXTENDED | REG_NOSUB) != 0)
            return wrong("bad pattern of #match?");
    } else if (name == "has-parent?") {
        predicate.kind = QueryPredicate::Kind::HasParent;
        for (const std::string& text : predicate.texts) {
            QueryNode node;
            KAUSAL_TRY(set_symbol(text, node));
            predicate.symbols.push_back(node.symbol);
        }
    } else if (name == "any-of?") {
        predicate.kind = QueryPredicate::Kind::AnyOf;
    } else if (name != "eq?") {
        return wrong("unknown predicate #" + name);
    }
    pattern_.predicates.push_back(std::move(predicate));
    return Status::ok();
}

bool QueryReader::mark_captures(QueryNode& node) {
    bool has = !node.captures.empty();
    for (QueryNode& child : node.children) has = mark_captures(child) || has;
    node.has_captures = has;
    return has;
}

Result<std::vector<QueryPattern>> QueryReader::read() {
    std::vector<QueryPattern> patterns;
    skip_blank();
    while (at_ < text_.size()) {
        pattern_ = QueryPattern{};
        pattern_.line = static_cast<uint32_t>(
            1 + std::count(text_.begin(), text_.begin() + static_cast<ptrdiff_t>(at_), '\n'));
        pattern_.root = KAUSAL_TRY(element(0));
        skip_blank();
        if (!mark_captures(pattern_.root)) return fail(wrong("a pattern captures nothing"));
        if (pattern_.root.is_optional || pattern_.root.field != 0)
            return fail(wrong("the root of a pattern must be one node"));
        patterns.push_back(std::move(pattern_));
    }
    return patterns;
}

}  // namespace

Result<std::vector<QueryPattern>> parse_query(const TSLanguage* grammar, std::string_view text) {
    return QueryReader(grammar, text).read();
}

}  // namespace kausal::ingest
