// Executes query files with the grammar library's own engine.
#include "ingest/query_program.h"

#include <regex.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kausal::ingest {
namespace {

struct Predicate {
    enum class Kind : uint8_t { Equal, Match, AnyOf } kind = Kind::Equal;
    bool is_negated = false;
    uint32_t capture = 0;
    int64_t other_capture = -1;
    std::vector<std::string> texts;
    std::shared_ptr<regex_t> regex;
};

class EngineProgram final : public QueryProgram {
  public:
    ~EngineProgram() override {
        if (query_ != nullptr) ts_query_delete(query_);
        if (cursor_ != nullptr) ts_query_cursor_delete(cursor_);
    }
    Status prepare(const LanguageRules& rules) {
        std::string text(rules.query);
        for (const auto comment : rules.comments) text += "\n(" + std::string(comment) + ") @_comment";
        uint32_t offset = 0;
        TSQueryError error = TSQueryErrorNone;
        query_ = ts_query_new(rules.grammar(), text.data(), static_cast<uint32_t>(text.size()),
                              &offset, &error);
        if (query_ == nullptr) {
            const auto line = 1 + std::count(text.begin(), text.begin() + offset, '\n');
            return Status(ErrorCode::Internal,
                          "query of language " + std::to_string(int(rules.language)) + ", line " +
                              std::to_string(line) + ": error " + std::to_string(error) + " at `" +
                              text.substr(offset, 40) + "`");
        }
        comment_pattern_ =
            ts_query_pattern_count(query_) - static_cast<uint32_t>(rules.comments.size());
        for (uint32_t i = 0; i < ts_query_capture_count(query_); ++i) {
            uint32_t length = 0;
            const char* name = ts_query_capture_name_for_id(query_, i, &length);
            const auto kind = capture_kind({name, length});
            if (!kind)
                return Status(ErrorCode::Internal,
                              "unknown capture @" + std::string(name, length) + " in a query");
            kinds_.push_back(*kind);
        }
        cursor_ = ts_query_cursor_new();
        return read_predicates();
    }
    void run(TSNode root, std::string_view source, const MatchVisitor& on_match,
             const CommentVisitor& on_comment) override {
        ts_query_cursor_exec(cursor_, query_, root);
        TSQueryMatch match;
        std::vector<Capture> captures;
        while (ts_query_cursor_next_match(cursor_, &match)) {
            if (match.pattern_index >= comment_pattern_) {
                on_comment(match.captures[0].node);
                continue;
            }
            bool holds = true;
            for (const Predicate& predicate : predicates_[match.pattern_index])
                holds = holds && check(predicate, match, source);
            if (!holds) continue;
            captures.clear();
            for (uint16_t i = 0; i < match.capture_count; ++i)
                captures.push_back({kinds_[match.captures[i].index], match.captures[i].node});
            on_match(match.pattern_index, captures);
        }
    }

  private:
    static std::string_view text_of(TSNode node, std::string_view source) {
        return source.substr(ts_node_start_byte(node),
                             ts_node_end_byte(node) - ts_node_start_byte(node));
    }
    static bool check(const Predicate& predicate, const TSQueryMatch& match,
                      std::string_view source) {
        for (uint16_t i = 0; i < match.capture_count; ++i) {
            if (match.captures[i].index != predicate.capture) continue;
            const std::string text(text_of(match.captures[i].node, source));
            bool holds = false;
            if (predicate.regex)
                holds = regexec(predicate.regex.get(), text.c_str(), 0, nullptr, 0) == 0;
            for (const std::string& other : predicate.texts) holds = holds || other == text;
            for (uint16_t k = 0; k < match.capture_count; ++k)
                if (match.captures[k].index == predicate.other_capture)
                    holds = holds || text_of(match.captures[k].node, source) == text;
            if (holds == predicate.is_negated) return false;
        }
        return true;
    }
    Status read_predicates() {
        predicates_.resize(ts_query_pattern_count(query_));
        for (uint32_t p = 0; p < predicates_.size(); ++p) {
            uint32_t count = 0;
            const TSQueryPredicateStep* steps = ts_query_predicates_for_pattern(query_, p, &count);
            for (uint32_t i = 0; i < count;) {
                std::vector<const TSQueryPredicateStep*> words;
                for (; steps[i].type != TSQueryPredicateStepTypeDone; ++i) words.push_back(&steps[i]);
                ++i;
                uint32_t length = 0;
                const auto string_of = [&](const TSQueryPredicateStep* step) {
                    const char* s = ts_query_string_value_for_id(query_, step->value_id, &length);
                    return std::string(s, length);
                };
                std::string name = string_of(words[0]);
                Predicate predicate;
                if (name.starts_with("not-")) {
                    predicate.is_negated = true;
                    name.erase(0, 4);
                }
                if (words.size() < 3 || words[1]->type != TSQueryPredicateStepTypeCapture)
                    return Status(ErrorCode::Internal, "predicate #" + name + " has bad arguments");
                predicate.capture = words[1]->value_id;
                for (size_t k = 2; k < words.size(); ++k) {
                    if (words[k]->type == TSQueryPredicateStepTypeCapture)
                        predicate.other_capture = words[k]->value_id;
                    else
                        predicate.texts.push_back(string_of(words[k]));
                }
                if (name == "match?") {
                    predicate.kind = Predicate::Kind::Match;
                    predicate.regex = std::shared_ptr<regex_t>(new regex_t(), [](regex_t* r) {
                        regfree(r);
                        delete r;
                    });
                    if (regcomp(predicate.regex.get(), predicate.texts[0].c_str(),
                                REG_EXTENDED | REG_NOSUB) != 0)
                        return Status(ErrorCode::Internal, "bad pattern " + predicate.texts[0]);
                    predicate.texts.clear();
                } else if (name != "eq?" && name != "any-of?") {
                    return Status(ErrorCode::Internal, "unknown predicate #" + name);
                }
                predicates_[p].push_back(std::move(predicate));
            }
        }
        return Status::ok();
    }

    TSQuery* query_ = nullptr;
    TSQueryCursor* cursor_ = nullptr;
    uint32_t comment_pattern_ = 0;
    std::vector<CaptureKind> kinds_;
    std::vector<std::vector<Predicate>> predicates_;
};

}  // namespace

Result<std::unique_ptr<QueryProgram>> QueryProgram::compile(const LanguageRules& rules) {
    auto program = std::make_unique<EngineProgram>();
    KAUSAL_TRY(program->prepare(rules));
    return std::unique_ptr<QueryProgram>(std::move(program));
}

}  // namespace kausal::ingest
