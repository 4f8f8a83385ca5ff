// From the words of a query to ranked blocks; see text_search.h.
#include "search/text_search.h"

#include "search/query_words.h"
#include "search/text_ranker.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace kausal::search {

using format::kTextFieldCount;
using storage::TextSource;

namespace {

constexpr size_t kTextSizeMax = size_t{64} << 10;
constexpr size_t kHitsMax = 10'000;
/// A name that more blocks share than this lifts none of them: it distinguishes nothing.
constexpr size_t kExactNamesMax = 1000;

bool is_fraction(double value) noexcept {
    return value >= 0.0 && value <= 1.0;
}
bool is_weight(double value) noexcept {
    return value >= 0.0 && value <= 1e6;
}

Status validate(const TextQuery& query, const QueryWords& words) {
    if (query.limit == 0 || query.limit > kHitsMax) {
        return {ErrorCode::Invalid,
                "search limit " + std::to_string(query.limit) + " is not in 1..10000"};
    }
    if (words.terms.size() > kTermsMax) {
        return {ErrorCode::Invalid, "search text of " + std::to_string(words.terms.size()) +
                                        " terms; 256 are possible"};
    }
    bool is_valid = is_weight(query.weights.k1);
    for (const FieldWeight& field : query.weights.fields) {
        is_valid = is_valid && is_weight(field.weight) && is_fraction(field.length_influence);
    }
    if (!is_valid) return {ErrorCode::Invalid, "search weights out of range"};
    return Status::ok();
}

/// Counts over all sources: how many documents, how long their fields, how frequent the terms.
void fill_statistics(const std::vector<const TextSource*>& sources, RankPlan& plan,
                     std::vector<uint64_t>& frequencies) {
    uint64_t documents = 0;
    std::array<uint64_t, kTextFieldCount> lengths{};
    frequencies.assign(plan.words->terms.size(), 0);
    for (const TextSource* source : sources) {
        documents += source->document_count();
        for (size_t f = 0; f < kTextFieldCount; ++f) {
            lengths[f] += source->total_length(static_cast<format::TextField>(f));
        }
        for (size_t t = 0; t < frequencies.size(); ++t) {
            frequencies[t] += source->document_frequency(plan.words->hashes[t]);
        }
    }
    const auto count = static_cast<double>(documents);
    for (size_t f = 0; f < kTextFieldCount; ++f) {
        const double average = documents == 0 ? 0.0 : static_cast<double>(lengths[f]) / count;
        plan.length_average[f] = std::max(average, 1.0);
    }
    for (const uint64_t frequency : frequencies) {
        const auto n = static_cast<double>(frequency);
        plan.idf.push_back(std::log(1.0 + std::max(count - n + 0.5, 0.5) / (n + 0.5)));
    }
}

/// Which blocks are called exactly like a word of the query, case apart.
Status fill_name_bonus(RankPlan& plan) {
    plan.has_exact_names.assign(plan.words->terms.size(), false);
    const double most = plan.query->weights.k1 + 1.0;
    for (const QueryWord& word : plan.words->words) {
        std::vector<BlockId> ids;
        KAUSAL_TRY(plan.view->snapshot().find_names(plan.words->terms[word.whole],
                                                    storage::NameMatch::FoldedExact,
                                                    [&](std::string_view, const BlockId& id) {
                                                        ids.push_back(id);
                                                        return ids.size() <= kExactNamesMax;
                                                    }));
        if (ids.empty() || ids.size() > kExactNamesMax) continue;
        plan.has_exact_names[word.whole] = true;
        for (const BlockId& id : ids) plan.name_bonus[id] += plan.idf[word.whole] * most;
    }
    return Status::ok();
}

}  // namespace

Result<TextResult> search_text(const graph::GraphView& view, const TextQuery& query,
                               const graph::KeepGoing& keep_going) {
    if (query.text.size() > kTextSizeMax) {
        return fail(ErrorCode::Invalid, "search text of " + std::to_string(query.text.size()) +
                                            " bytes; 65536 are possible");
    }
    QueryWords words = words_of(query.text);
    KAUSAL_TRY(validate(query, words));
    TextResult result;
    RankPlan plan;
    plan.view = &view;
    plan.query = &query;
    plan.words = &words;
    plan.keep_going = &keep_going;
    const std::vector<const TextSource*>& sources = view.snapshot().text_sources();
    fill_statistics(sources, plan, result.document_frequencies);
    KAUSAL_TRY(fill_name_bonus(plan));

    TextRanker ranker(plan);
    for (const TextSource* source : sources) {
        if (!ranker.is_stopped()) KAUSAL_TRY(ranker.add_source(*source));
    }
    for (const RankedDocument& document : ranker.take_best()) {
        ranker.explain(document, result.hits.emplace_back());
    }
    result.is_cut_off = ranker.is_stopped();
    result.documents_scored = ranker.documents_scored();
    result.terms = std::move(words.terms);
    return result;
}

}  // namespace kausal::search
