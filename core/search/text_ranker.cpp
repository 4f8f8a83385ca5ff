// MaxScore over posting lists; see text_ranker.h.
#include "search/text_ranker.h"

#include "base/assert.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace kausal::search {

using format::kTextFieldCount;
using storage::TextSource;

namespace {

constexpr uint32_t kNoDocument = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kPollInterval = 1024;  // documents between two looks at keep_going
/// Bounds are sums of rounded numbers; a hair above keeps them bounds.
constexpr double kBoundSlack = 1.0 + 1e-9;

/// What ranks higher: score, then the smaller id.
bool is_better(const RankedDocument& left, const RankedDocument& right) noexcept {
    if (left.score != right.score) return left.score > right.score;
    return left.id < right.id;
}

/// The first posting at or after `document`, by steps that double.
size_t gallop(const std::vector<TextSource::Posting>& postings, size_t from, uint32_t document) {
    size_t step = 1;
    size_t low = from;
    size_t high = from;
    while (high < postings.size() && postings[high].document < document) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    high = std::min(high, postings.size());
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (postings[middle].document < document) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace

double TextRanker::threshold() const noexcept {
    return heap_.size() < plan_->query->limit ? -1.0 : heap_.front().score;
}

double TextRanker::term_frequency(const TextSource& source, const Posting& posting,
                                  double (&shares)[kTextFieldCount]) const {
    double sum = 0;
    for (size_t f = 0; f < kTextFieldCount; ++f) {
        shares[f] = 0;
        if (posting.counts[f] == 0) continue;
        const FieldWeight& field = plan_->query->weights.fields[f];
        const double length = source.length(posting.document, static_cast<format::TextField>(f));
        const double norm = 1.0 - field.length_influence +
                            field.length_influence * length / plan_->length_average[f];
        // A length of 0 with an influence of 1 would divide by zero; a field that holds a term has
        // at least that one.
        shares[f] = field.weight * posting.counts[f] / std::max(norm, 1e-6);
        sum += shares[f];
    }
    return sum;
}

double TextRanker::part_of(uint32_t term, double frequency) const noexcept {
    if (frequency <= 0) return 0;
    const double k1 = plan_->query->weights.k1;
    return plan_->idf[term] * (k1 + 1.0) * frequency / (k1 + frequency);
}

Result<TextRanker::SourceLists> TextRanker::read_lists(const TextSource& source) const {
    SourceLists lists;
    lists.source = &source;
    for (uint32_t term = 0; term < plan_->words->hashes.size(); ++term) {
        const format::TermHash hash = plan_->words->hashes[term];
        if (source.document_frequency(hash) == 0) continue;
        TermList list;
        list.term = term;
        list.bound = plan_->idf[term] * (plan_->query->weights.k1 + 1.0) * kBoundSlack;
        KAUSAL_TRY(source.postings(hash, list.postings));
        if (!list.postings.empty()) lists.lists.push_back(std::move(list));
    }
    std::sort(lists.lists.begin(), lists.lists.end(), [](const TermList& a, const TermList& b) {
        return a.bound != b.bound ? a.bound < b.bound : a.term < b.term;
    });
    lists.by_term.resize(lists.lists.size());
    for (uint32_t i = 0; i < lists.by_term.size(); ++i) lists.by_term[i] = i;
    std::sort(lists.by_term.begin(), lists.by_term.end(),
              [&](uint32_t a, uint32_t b) { return lists.lists[a].term < lists.lists[b].term; });
    return lists;
}

Result<bool> TextRanker::is_wanted(const TextSource& source, uint32_t document) const {
    if (!source.is_live(document)) return false;
    const graph::BlockFilter& filter = plan_->query->filter;
    const format::BlockKind kind = source.kind(document);
    const bool is_kind = filter.kinds.empty() || std::find(filter.kinds.begin(), filter.kinds.end(),
                                                           kind) != filter.kinds.end();
    if (!is_kind) return false;
    const bool needs_head = !filter.languages.empty() || !filter.path_prefix.empty() ||
                            filter.workspace != 0 || filter.flags_all != 0 ||
                            filter.flags_none != 0 || kind == format::BlockKind::Record;
    if (!needs_head) return true;
    const std::optional<storage::BlockPin> pin =
        KAUSAL_TRY(plan_->view->block(source.block(document)));
    if (!pin) return false;
    if (!filter.kinds.empty()) return filter.accepts(pin->record);
    graph::BlockFilter own_kind = filter;
    own_kind.kinds = {kind};
    return own_kind.accepts(pin->record);
}

bool TextRanker::carries_all_words(const SourceLists& lists,
                                   std::span<const Posting* const> found) const {
    std::bitset<kTermsMax> present;
    for (size_t i = 0; i < found.size(); ++i) {
        if (found[i] != nullptr) present.set(lists.lists[i].term);
    }
    return std::all_of(plan_->words->words.begin(), plan_->words->words.end(),
                       [&](const QueryWord& word) {
                           if (present.test(word.whole)) return true;
                           return !word.parts.empty() &&
                                  std::all_of(word.parts.begin(), word.parts.end(),
                                              [&](uint32_t part) { return present.test(part); });
                       });
}

Status TextRanker::consider(const SourceLists& lists, uint32_t document, double name_bonus,
                            std::span<const Posting* const> found) {
    ++documents_scored_;
    if (plan_->query->mode == TermMode::All && !carries_all_words(lists, found)) {
        return Status::ok();
    }
    RankedDocument entry;
    entry.source = static_cast<uint32_t>(sources_.size());
    entry.document = document;
    entry.name_bonus = name_bonus;
    double shares[kTextFieldCount];
    for (const uint32_t index : lists.by_term) {
        if (found[index] == nullptr) continue;
        const double frequency = term_frequency(*lists.source, *found[index], shares);
        entry.score += part_of(lists.lists[index].term, frequency);
    }
    entry.score += name_bonus;
    const bool is_full = heap_.size() >= plan_->query->limit;
    if (is_full && entry.score < heap_.front().score) return Status::ok();
    if (!KAUSAL_TRY(is_wanted(*lists.source, document))) return Status::ok();
    entry.id = lists.source->block(document);
    if (is_full && !is_better(entry, heap_.front())) return Status::ok();
    if (is_full) {
        std::pop_heap(heap_.begin(), heap_.end(), is_better);
        heap_.back() = entry;
    } else {
        heap_.push_back(entry);
    }
    std::push_heap(heap_.begin(), heap_.end(), is_better);
    return Status::ok();
}

Status TextRanker::rank_boosted(const SourceLists& lists) {
    boosted_.clear();
    std::vector<double> bonuses;
    std::vector<std::pair<uint32_t, double>> found_bonuses;
    for (const TermList& list : lists.lists) {
        if (!plan_->has_exact_names[list.term]) continue;
        for (const Posting& posting : list.postings) {
            if (posting.counts[static_cast<size_t>(format::TextField::Name)] == 0) continue;
            const auto bonus = plan_->name_bonus.find(lists.source->block(posting.document));
            if (bonus == plan_->name_bonus.end()) continue;
            found_bonuses.emplace_back(posting.document, bonus->second);
        }
    }
    std::sort(found_bonuses.begin(), found_bonuses.end());
    found_bonuses.erase(std::unique(found_bonuses.begin(), found_bonuses.end()),
                        found_bonuses.end());
    for (const auto& [document, bonus] : found_bonuses) {
        boosted_.push_back(document);
        for (size_t i = 0; i < lists.lists.size(); ++i) {
            const std::vector<Posting>& postings = lists.lists[i].postings;
            const size_t at = gallop(postings, 0, document);
            const bool is_there = at < postings.size() && postings[at].document == document;
            found_[i] = is_there ? &postings[at] : nullptr;
        }
        KAUSAL_TRY(consider(lists, document, bonus, found_));
    }
    return Status::ok();
}

Status TextRanker::rank_others(SourceLists& lists) {
    const size_t count = lists.lists.size();
    std::vector<double> bound_below(count + 1, 0.0);  // sum of the bounds of lists before i
    for (size_t i = 0; i < count; ++i) bound_below[i + 1] = bound_below[i] + lists.lists[i].bound;
    size_t first_essential = 0;
    size_t next_boosted = 0;
    uint64_t ticks = 0;
    while (true) {
        while (first_essential < count && bound_below[first_essential + 1] < threshold()) {
            ++first_essential;
        }
        uint32_t document = kNoDocument;
        for (size_t i = first_essential; i < count; ++i) {
            const TermList& list = lists.lists[i];
            if (list.at < list.postings.size()) {
                document = std::min(document, list.postings[list.at].document);
            }
        }
        if (document == kNoDocument) return Status::ok();
        if (++ticks % kPollInterval == 0 && *plan_->keep_going && !(*plan_->keep_going)()) {
            is_stopped_ = true;
            return Status::ok();
        }
        double bound = bound_below[first_essential];
        for (size_t i = first_essential; i < count; ++i) {
            TermList& list = lists.lists[i];
            found_[i] = nullptr;
            if (list.at < list.postings.size() && list.postings[list.at].document == document) {
                found_[i] = &list.postings[list.at++];
                bound += list.bound;
            }
        }
        while (next_boosted < boosted_.size() && boosted_[next_boosted] < document) ++next_boosted;
        if (next_boosted < boosted_.size() && boosted_[next_boosted] == document) continue;
        // The lists that were only looked up, dearest first, while the document can still get in.
        bool is_hopeless = bound < threshold();
        for (size_t i = first_essential; i-- > 0 && !is_hopeless;) {
            TermList& list = lists.lists[i];
            list.at = gallop(list.postings, list.at, document);
            const bool is_there =
                list.at < list.postings.size() && list.postings[list.at].document == document;
            found_[i] = is_there ? &list.postings[list.at] : nullptr;
            if (!is_there) bound -= list.bound;
            is_hopeless = bound < threshold();
        }
        if (!is_hopeless) KAUSAL_TRY(consider(lists, document, 0.0, found_));
    }
}

Status TextRanker::add_source(const TextSource& source) {
    SourceLists lists = KAUSAL_TRY(read_lists(source));
    if (!lists.lists.empty()) {
        found_.assign(lists.lists.size(), nullptr);
        KAUSAL_TRY(rank_boosted(lists));
        KAUSAL_TRY(rank_others(lists));
    }
    sources_.push_back(std::move(lists));
    return Status::ok();
}

std::vector<RankedDocument> TextRanker::take_best() {
    std::sort(heap_.begin(), heap_.end(), is_better);
    return std::move(heap_);
}

void TextRanker::explain(const RankedDocument& document, TextHit& into) const {
    if (!KAUSAL_ASSERT(document.source < sources_.size())) return;
    const SourceLists& lists = sources_[document.source];
    into.id = document.id;
    into.score = document.score;
    into.name_bonus = document.name_bonus;
    double shares[kTextFieldCount];
    for (const uint32_t index : lists.by_term) {
        const TermList& list = lists.lists[index];
        const size_t at = gallop(list.postings, 0, document.document);
        if (at == list.postings.size() || list.postings[at].document != document.document) continue;
        const double frequency = term_frequency(*lists.source, list.postings[at], shares);
        const double part = part_of(list.term, frequency);
        into.parts.push_back({.term = list.term, .score = part});
        if (frequency <= 0) continue;
        for (size_t f = 0; f < kTextFieldCount; ++f) {
            into.field_scores[f] += part * shares[f] / frequency;
        }
    }
}

}  // namespace kausal::search
