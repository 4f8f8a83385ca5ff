// Finding blocks by name; see name_lookup.h.
#include "graph/name_lookup.h"

#include "graph/identity.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace kausal::graph {

using storage::NameMatch;

namespace {

/// Names longer than this are not compared fuzzily: the work grows with the square.
constexpr size_t kFuzzyNameSizeMax = 256;

bool is_under(std::string_view uri, std::string_view prefix) noexcept {
    if (prefix.starts_with("./")) prefix.remove_prefix(2);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (prefix.empty() || prefix == ".") return true;
    if (!uri.starts_with(prefix)) return false;
    return uri.size() == prefix.size() || uri[prefix.size()] == '/';
}

template <typename T>
bool holds(const std::vector<T>& values, T value) noexcept {
    return std::find(values.begin(), values.end(), value) != values.end();
}

/// What a candidate name is worth: near spellings first, then subsequences. Smaller is better.
struct NameRank {
    uint32_t distance = 0;
    uint32_t reversed_score = 0;  // of the subsequence; smaller is better
    std::string name;
    friend bool operator<(const NameRank& left, const NameRank& right) noexcept {
        return std::tie(left.distance, left.reversed_score, left.name) <
               std::tie(right.distance, right.reversed_score, right.name);
    }
};

constexpr uint32_t kNoDistance = 1000;

/// Nothing when the names are not alike at all.
bool rank_name(std::string_view wanted, std::string_view name, uint32_t bound, NameRank& into) {
    if (name.empty() || name.size() > kFuzzyNameSizeMax) return false;
    const uint32_t distance = edit_distance(wanted, name, bound);
    const uint32_t score = subsequence_score(wanted, name);
    // Two letters in order stand in almost every name; a subsequence that short says nothing.
    if (distance > bound && (score == 0 || wanted.size() < 3)) return false;
    into.distance = distance <= bound ? distance : kNoDistance;
    into.reversed_score = ~score;
    return true;
}

}  // namespace

bool BlockFilter::accepts(const format::BlockRecord& head) const noexcept {
    if (is_hidden(head.kind, head.uri)) return false;
    if (kinds.empty() ? !is_definition_kind(head.kind) : !holds(kinds, head.kind)) return false;
    if (!languages.empty() && !holds(languages, head.language)) return false;
    if (workspace != 0 && head.workspace != workspace) return false;
    if ((head.flags & flags_all) != flags_all || (head.flags & flags_none) != 0) return false;
    return path_prefix.empty() || is_under(head.uri, path_prefix);
}

Result<bool> lookup_names(const GraphView& view, std::string_view name, NameMatch match,
                          const BlockFilter& filter, size_t rows_max, std::vector<BlockRow>& into) {
    Status failure;
    bool has_more = false;
    size_t taken = 0;
    KAUSAL_TRY(view.snapshot().find_names(name, match, [&](std::string_view, const BlockId& id) {
        Result<std::optional<storage::BlockPin>> pin = view.block(id);
        if (!pin) {
            failure = std::move(pin).error();
            return false;
        }
        if (!pin->has_value() || !filter.accepts((*pin)->record)) return true;
        if (taken == rows_max) {
            has_more = true;
            return false;
        }
        into.push_back(row_of(**pin));
        ++taken;
        return true;
    }));
    KAUSAL_TRY(std::move(failure));
    return has_more;
}

Result<bool> lookup_qualified_suffix(const GraphView& view, std::string_view tail,
                                     const BlockFilter& filter, size_t rows_max,
                                     std::vector<BlockRow>& into) {
    Status failure;
    bool has_more = false;
    size_t taken = 0;
    KAUSAL_TRY(view.snapshot().find_names(
        last_component(tail), NameMatch::Exact, [&](std::string_view, const BlockId& id) {
            Result<std::optional<storage::BlockPin>> pin = view.block(id);
            if (!pin) {
                failure = std::move(pin).error();
                return false;
            }
            if (!pin->has_value() || !filter.accepts((*pin)->record)) return true;
            if (!ends_with_components((*pin)->record.qualified_name, tail)) return true;
            if (taken == rows_max) {
                has_more = true;
                return false;
            }
            into.push_back(row_of(**pin));
            ++taken;
            return true;
        }));
    KAUSAL_TRY(std::move(failure));
    return has_more;
}

Status lookup_fuzzy(const GraphView& view, std::string_view name, const BlockFilter& filter,
                    size_t rows_max, const KeepGoing& keep_going, std::vector<BlockRow>& into) {
    if (name.empty() || name.size() > kFuzzyNameSizeMax || rows_max == 0) return Status::ok();
    const uint32_t bound = static_cast<uint32_t>(std::min<size_t>(3, name.size() / 3));
    // The filter is applied after ranking, so more names are kept than rows are wanted.
    const size_t names_max = std::max<size_t>(64, rows_max * 8);
    std::set<NameRank> best;
    KAUSAL_TRY(view.snapshot().scan_names([&](std::string_view candidate) {
        if (keep_going && !keep_going()) return false;
        NameRank rank;
        if (!rank_name(name, candidate, bound, rank)) return true;
        rank.name = candidate;
        best.insert(std::move(rank));
        if (best.size() > names_max) best.erase(std::prev(best.end()));
        return true;
    }));
    for (const NameRank& rank : best) {
        if (into.size() >= rows_max) break;
        std::vector<BlockRow> rows;
        (void)KAUSAL_TRY(lookup_names(view, rank.name, NameMatch::Exact, filter, rows_max, rows));
        std::sort(rows.begin(), rows.end(), comes_before);
        for (BlockRow& row : rows) {
            if (into.size() < rows_max) into.push_back(std::move(row));
        }
    }
    return Status::ok();
}

}  // namespace kausal::graph
