// From a task to what to read; see context.h.
#include "query/context.h"

#include "query/context_pack.h"
#include "query/context_spread.h"
#include "search/text_search.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace kausal::query {

using format::EdgeType;

namespace {

constexpr uint64_t kTokensMax = 1'000'000;
constexpr uint32_t kSeedsMax = 1000;
constexpr double kNeighbourhoodWeight = 0.3;  // of the best neighbour against the best seed
constexpr double kScoreFloor = 0.02;          // of the best score; what is below is noise
constexpr size_t kTermsNamed = 5;

/// Words that sentences are made of; a block that shares only these with a task has nothing to do
/// with it. Sorted.
constexpr std::string_view kFillers[] = {
    "a",    "an",   "and",   "are",   "as",   "at",     "be",    "but",   "by",   "can", "does",
    "for",  "from", "has",   "have",  "how",  "i",      "in",    "into",  "is",   "it",  "its",
    "not",  "of",   "on",    "or",    "our",  "should", "so",    "some",  "that", "the", "their",
    "them", "then", "there", "these", "they", "this",   "those", "to",    "was",  "we",  "were",
    "what", "when", "where", "which", "why",  "will",   "with",  "would", "you",  "your"};

/// The task without its fillers; the whole task when nothing else is in it.
std::string without_fillers(std::string_view task) {
    std::string kept;
    size_t at = 0;
    while (at < task.size()) {
        const size_t end = std::min(task.find_first_of(" \t\r\n", at), task.size());
        const std::string_view word = task.substr(at, end - at);
        std::string letters;
        for (const char c : word) {
            if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
            if (c >= 'a' && c <= 'z') letters += c;
        }
        const bool is_filler =
            letters.size() + 1 >= word.size() &&
            std::binary_search(std::begin(kFillers), std::end(kFillers), std::string_view(letters));
        if (!is_filler) kept.append(word).append(" ");
        at = end + 1;
    }
    const bool is_empty = kept.find_first_not_of(' ') == std::string::npos;
    return is_empty ? std::string(task) : kept;
}

/// What the text of the task says of a block.
struct TextMatch {
    double score = 0;  // of the best hit's
    std::string why;
};
using Matches = std::unordered_map<BlockId, TextMatch, BlockIdHash>;

std::string why_matched(const search::TextResult& result, const search::TextHit& hit) {
    std::vector<search::TermPart> parts = hit.parts;
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& left, const auto& right) { return left.score > right.score; });
    std::string why = "matches ";
    for (size_t i = 0; i < parts.size() && i < kTermsNamed; ++i) {
        if (i > 0) why += ", ";
        why += result.terms[parts[i].term];
    }
    return why;
}

std::string_view verb_of(EdgeType type, bool is_source) noexcept {
    switch (type) {
        case EdgeType::Calls:
        case EdgeType::CallsMethod:
        case EdgeType::CallsFunction:
            return is_source ? "calls " : "called by ";
        case EdgeType::Extends:
            return is_source ? "extends " : "extended by ";
        case EdgeType::Implements:
            return is_source ? "implements " : "implemented by ";
        case EdgeType::Overrides:
            return is_source ? "overrides " : "overridden by ";
        case EdgeType::Contains:
            return is_source ? "contains " : "member of ";
        case EdgeType::MethodOf:
        case EdgeType::DefinedIn:
            return is_source ? "member of " : "contains ";
        case EdgeType::Imports:
            return is_source ? "imports " : "imported by ";
        case EdgeType::Tests:
            return is_source ? "tests " : "tested by ";
        case EdgeType::CoChanged:
            return "changes with ";
        default:
            return is_source ? "uses " : "used by ";
    }
}

class ContextBuilder {
  public:
    ContextBuilder(const GraphView& view, const ContextRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget) {}

    Result<ContextAnswer> run() {
        KAUSAL_TRY(take_given_seeds());
        KAUSAL_TRY(take_text_seeds());
        KAUSAL_TRY(meter_.status());
        const std::vector<SpreadNode> nodes = KAUSAL_TRY(spread_relevance(*view_, seeds_, meter_));
        std::vector<PackItem> items = KAUSAL_TRY(rank(nodes));
        bool has_rest = false;
        answer_.rows = KAUSAL_TRY(
            pack_context(*view_, std::move(items), request_->tokens_max, meter_, has_rest));
        KAUSAL_TRY(meter_.status());
        if (has_rest) meter_.truncation().add(Limit::Tokens);
        for (const ContextSpan& span : answer_.rows) answer_.tokens += span.tokens;
        answer_.unknown = KAUSAL_TRY(unknown_files(*view_, request_->filter.workspace));
        answer_.truncation = meter_.truncation();
        return std::move(answer_);
    }

  private:
    Status take_given_seeds() {
        for (const BlockId& id : request_->seeds) {
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(id));
            if (!row) return {ErrorCode::NotFound, "no block " + id.to_hex()};
            if (!matches_.try_emplace(id, TextMatch{.score = 1.0, .why = "given"}).second) continue;
            seeds_.push_back({.id = id, .weight = 1.0});
            answer_.seeds.push_back(std::move(*row));
        }
        return Status::ok();
    }

    Status take_text_seeds() {
        search::TextQuery query;
        const std::string words = without_fillers(request_->task);
        query.text = words;
        query.filter = request_->filter;
        query.limit = std::min<size_t>(size_t{request_->seeds_max} * 2 + 16, 10'000);
        const search::TextResult result =
            KAUSAL_TRY(search::search_text(*view_, query, [&] { return meter_.keep_going(); }));
        const double best = result.hits.empty() ? 1.0 : std::max(result.hits.front().score, 1e-9);
        uint32_t taken = 0;
        for (const search::TextHit& hit : result.hits) {
            std::optional<BlockRow> row = KAUSAL_TRY(view_->row(hit.id));
            if (!row || !graph::is_definition_kind(row->kind)) continue;
            TextMatch match{.score = hit.score / best, .why = why_matched(result, hit)};
            const auto [at, is_new] = matches_.try_emplace(hit.id, std::move(match));
            if (!is_new) continue;
            if (taken == request_->seeds_max) {
                // Still ranked by its own match, but nothing spreads from it.
                meter_.truncation().add(Limit::Seeds);
                continue;
            }
            ++taken;
            seeds_.push_back({.id = hit.id, .weight = at->second.score});
            answer_.seeds.push_back(std::move(*row));
        }
        return Status::ok();
    }

    /// Joins what the text says with what the neighbourhood says, best first.
    Result<std::vector<PackItem>> rank(const std::vector<SpreadNode>& nodes) {
        std::unordered_map<BlockId, const SpreadNode*, BlockIdHash> spread;
        std::vector<BlockId> ids;
        for (const SpreadNode& node : nodes) {
            spread.emplace(node.id, &node);
            ids.push_back(node.id);
        }
        for (const auto& [id, match] : matches_) {
            if (!spread.contains(id)) ids.push_back(id);
        }
        const double best = nodes.empty() ? 1.0 : nodes.front().score;
        std::vector<std::pair<double, BlockId>> order;
        for (const BlockId& id : ids) {
            const auto match = matches_.find(id);
            const auto node = spread.find(id);
            double score = match == matches_.end() ? 0.0 : match->second.score;
            if (node != spread.end()) score += kNeighbourhoodWeight * node->second->score / best;
            order.emplace_back(-score, id);
        }
        std::sort(order.begin(), order.end());
        std::vector<PackItem> items;
        for (const auto& [negative_score, id] : order) {
            if (-negative_score < kScoreFloor * -order.front().first) break;
            if (items.size() > kPackItemsMax) break;
            const std::optional<storage::BlockPin> pin = KAUSAL_TRY(view_->block(id));
            const bool is_given = std::find(request_->seeds.begin(), request_->seeds.end(), id) !=
                                  request_->seeds.end();
            if (!pin || (!is_given && !request_->filter.accepts(pin->record))) continue;
            const auto node = spread.find(id);
            PackItem item;
            item.block = graph::row_of(*pin);
            item.score = -negative_score;
            item.why = KAUSAL_TRY(why_of(id, node == spread.end() ? nullptr : node->second));
            items.push_back(std::move(item));
        }
        return items;
    }

    Result<std::string> why_of(const BlockId& id, const SpreadNode* node) const {
        const auto match = matches_.find(id);
        if (match != matches_.end()) return match->second.why;
        if (node == nullptr || node->edge.type == EdgeType::Invalid) return std::string();
        const std::optional<BlockRow> other = KAUSAL_TRY(view_->row(node->from));
        const bool is_source = node->edge.source == id;
        std::string why(verb_of(node->edge.type, is_source));
        if (other) why += other->qualified_name.empty() ? other->name : other->qualified_name;
        if (node->edge.certainty == format::Certainty::Candidate) why += " (a guess)";
        return why;
    }

    const GraphView* view_;
    const ContextRequest* request_;
    Meter meter_;
    Matches matches_;
    std::vector<SpreadSeed> seeds_;
    ContextAnswer answer_;
};

}  // namespace

std::string_view tier_name(Tier tier) noexcept {
    switch (tier) {
        case Tier::Signature:
            return "signature";
        case Tier::Skeleton:
            return "skeleton";
        case Tier::Full:
            return "full";
    }
    return "signature";
}

Result<ContextAnswer> context(const GraphView& view, const ContextRequest& request,
                              const Budget& budget) {
    const bool has_text = request.task.find_first_not_of(" \t\r\n") != std::string_view::npos;
    if (!has_text && request.seeds.empty()) {
        return fail(ErrorCode::Invalid, "neither a task nor a seed");
    }
    if (request.tokens_max == 0 || request.tokens_max > kTokensMax) {
        return fail(ErrorCode::Invalid,
                    "token budget " + std::to_string(request.tokens_max) + " is not in 1..1000000");
    }
    if (request.seeds_max == 0 || request.seeds_max > kSeedsMax) {
        return fail(ErrorCode::Invalid,
                    "seeds_max " + std::to_string(request.seeds_max) + " is not in 1..1000");
    }
    return ContextBuilder(view, request, budget).run();
}

}  // namespace kausal::query
