// The inner loop of text search: one source after the other into one heap of the best documents.
//
// Document at a time with MaxScore: lists whose bounds together cannot lift a document over the
// worst one kept are only looked up, not walked. Documents that carry a word as their whole name
// are scored first; they raise the threshold and need no bound for their bonus afterwards.
#pragma once

#include "base/status.h"
#include "graph/name_lookup.h"
#include "search/query_words.h"
#include "search/text_search.h"
#include "storage/snapshot.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace kausal::search {

inline constexpr size_t kTermsMax = 256;

/// Everything about one query that holds for all sources.
struct RankPlan {
    const graph::GraphView* view = nullptr;
    const TextQuery* query = nullptr;
    const QueryWords* words = nullptr;
    const graph::KeepGoing* keep_going = nullptr;
    std::vector<double> idf;                                       // per term
    std::array<double, format::kTextFieldCount> length_average{};  // per field, at least 1
    std::unordered_map<BlockId, double, BlockIdHash> name_bonus;
    std::vector<bool> has_exact_names;  // per term: some block has it as its whole name
};

/// One document kept: where it is and what it is worth.
struct RankedDocument {
    double score = 0;
    BlockId id;
    uint32_t source = 0;
    uint32_t document = 0;
    double name_bonus = 0;
};

/// Threads: confined. Borrows the plan.
class TextRanker {
  public:
    explicit TextRanker(const RankPlan& plan) : plan_(&plan) {}

    /// Ranks the documents of the next source. Errors: those of reads.
    [[nodiscard]] Status add_source(const storage::TextSource& source);
    /// The best documents, best first; the ranker is spent.
    [[nodiscard]] std::vector<RankedDocument> take_best();
    /// What each term and field gave to a document of the answer.
    void explain(const RankedDocument& document, TextHit& into) const;

    [[nodiscard]] bool is_stopped() const noexcept { return is_stopped_; }
    [[nodiscard]] uint64_t documents_scored() const noexcept { return documents_scored_; }

  private:
    using Posting = storage::TextSource::Posting;
    struct TermList {
        uint32_t term = 0;
        double bound = 0;  // the most that the term can give
        std::vector<Posting> postings;
        size_t at = 0;
    };
    struct SourceLists {
        const storage::TextSource* source = nullptr;
        std::vector<TermList> lists;    // by bound, smallest first
        std::vector<uint32_t> by_term;  // list indexes in order of term, for exact sums
    };

    [[nodiscard]] Result<SourceLists> read_lists(const storage::TextSource& source) const;
    [[nodiscard]] Status rank_boosted(const SourceLists& lists);
    [[nodiscard]] Status rank_others(SourceLists& lists);
    [[nodiscard]] Status consider(const SourceLists& lists, uint32_t document, double name_bonus,
                                  std::span<const Posting* const> found);
    [[nodiscard]] Result<bool> is_wanted(const storage::TextSource& source,
                                         uint32_t document) const;
    [[nodiscard]] bool carries_all_words(const SourceLists& lists,
                                         std::span<const Posting* const> found) const;
    [[nodiscard]] double term_frequency(const storage::TextSource& source, const Posting& posting,
                                        double (&shares)[format::kTextFieldCount]) const;
    [[nodiscard]] double part_of(uint32_t term, double frequency) const noexcept;
    [[nodiscard]] double threshold() const noexcept;

    const RankPlan* plan_;
    std::vector<SourceLists> sources_;
    std::vector<RankedDocument> heap_;   // worst first
    std::vector<uint32_t> boosted_;      // documents of the current source, sorted
    std::vector<const Posting*> found_;  // scratch: per list, null where the term is missing
    bool is_stopped_ = false;
    uint64_t documents_scored_ = 0;
};

}  // namespace kausal::search
