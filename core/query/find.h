// Find: definitions by name, and blocks by text; the entry to everything else.
#pragma once

#include "base/status.h"
#include "graph/name_lookup.h"
#include "graph/target.h"
#include "query/answer.h"
#include "search/text_search.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

enum class FindMode : uint8_t {
    Auto,       // exact ways first, then folded, prefix, fuzzy; `matched_by` says which one hit
    Exact,      // simple name
    Qualified,  // whole qualified name, or the end of one
    Prefix,     // of the simple name, case apart
    Fuzzy,
    Path,  // blocks of files whose uri starts with the text
};

struct FindRequest {
    std::string_view name = {};
    FindMode mode = FindMode::Auto;
    graph::BlockFilter filter = {};
};

struct FindAnswer {
    graph::MatchedBy matched_by = graph::MatchedBy::Nothing;
    std::vector<BlockRow> rows;  // by place; fuzzy: best first
    Truncation truncation;
    Unknown unknown;  // files only
};

/// Errors: Invalid (empty or over-long name), Cancelled, those of reads. Cost: O(rows); Fuzzy scans
/// all names.
[[nodiscard]] Result<FindAnswer> find(const GraphView& view, const FindRequest& request,
                                      const Budget& budget);

struct TextRow {
    BlockRow block;
    search::TextHit hit;
};
struct TextAnswer {
    std::vector<std::string> terms;
    std::vector<TextRow> rows;  // score descending, ties by id
    Truncation truncation;
    Unknown unknown;  // files only
};
/// Full text search with rows (search/text_search.h has the scoring). Errors: as search_text.
[[nodiscard]] Result<TextAnswer> find_text(const GraphView& view, const search::TextQuery& query,
                                           const Budget& budget);

}  // namespace kausal::query
