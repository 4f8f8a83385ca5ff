// Ranked full text over blocks: BM25F on path, name, signature, documentation and body.
//
// For a term t and a block d: tf = sum over fields f of w_f * count_f / (1 - b_f + b_f * len_f /
// avg_f); part(t) = idf(t) * (k1 + 1) * tf / (k1 + tf), idf = ln(1 + (N - n + 0.5) / (n + 0.5));
// the score is the sum of the parts. A block whose whole name is a word of the query gets idf * (k1
// + 1) on top, more than any count of that word can earn elsewhere. Terms follow
// format/tokenizer.h: a word gives itself and its camelCase and snake_case parts. Statistics
// include superseded versions until compaction; results never do. Lists are merged document by
// document with MaxScore skipping.
#pragma once

#include "base/status.h"
#include "format/tokenizer.h"
#include "graph/graph_view.h"
#include "graph/name_lookup.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::search {

/// Weights of a field and how much its length matters; documented in docs/query.md.
struct FieldWeight {
    double weight = 1.0;
    double length_influence = 0.75;  // b, 0..1
};
struct TextWeights {
    double k1 = 1.2;
    std::array<FieldWeight, format::kTextFieldCount> fields = {{
        {.weight = 2.0, .length_influence = 0.4},   // path
        {.weight = 4.0, .length_influence = 0.3},   // name
        {.weight = 2.0, .length_influence = 0.5},   // signature
        {.weight = 1.5, .length_influence = 0.75},  // doc
        {.weight = 1.0, .length_influence = 0.75},  // body
    }};
};

enum class TermMode : uint8_t {
    Any,  // a block must carry one word or part of one
    All,  // a block must carry every word, whole or all its parts
};

struct TextQuery {
    std::string_view text = {};
    TermMode mode = TermMode::Any;
    size_t limit = 20;               // 1..=10000
    graph::BlockFilter filter = {};  // no kinds: every indexed kind
    TextWeights weights = {};
};

/// What one word or part of the query gave to a hit.
struct TermPart {
    uint32_t term = 0;  // index into TextResult::terms
    double score = 0;
};

struct TextHit {
    BlockId id;
    double score = 0;
    double name_bonus = 0;                                       // included in score
    std::array<double, format::kTextFieldCount> field_scores{};  // sum = score - name_bonus
    std::vector<TermPart> parts;                                 // sum = score - name_bonus
};

struct TextResult {
    std::vector<std::string> terms;              // what was looked for, lower case, without repeats
    std::vector<uint64_t> document_frequencies;  // per term, superseded versions included
    std::vector<TextHit> hits;                   // score descending, ties by id ascending
    bool is_cut_off = false;  // `keep_going` said stop: hits are the best of what was seen
    uint64_t documents_scored = 0;
};

/// Errors: Invalid (limit, weights, more than 256 terms, text over 64 KiB), those of reads.
/// `keep_going` may be empty. Threads: shared.
[[nodiscard]] Result<TextResult> search_text(const graph::GraphView& view, const TextQuery& query,
                                             const graph::KeepGoing& keep_going = {});

}  // namespace kausal::search
