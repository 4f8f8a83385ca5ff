// Finding blocks by name, path and text; see find.h.
#include "query/find.h"

#include "base/utf8.h"
#include "graph/identity.h"

#include <algorithm>
#include <utility>

namespace kausal::query {

using graph::MatchedBy;
using storage::NameMatch;

namespace {

constexpr size_t kNameSizeMax = 8192;

/// One find under way, handed from way to way.
struct Finder {
    const GraphView* view = nullptr;
    const FindRequest* request = nullptr;
    Meter* meter = nullptr;
    FindAnswer* answer = nullptr;

    /// Takes what a way found; false when that was nothing.
    bool accept(std::vector<BlockRow>&& rows, MatchedBy matched_by, bool has_more) {
        if (rows.empty()) return false;
        if (has_more) meter->truncation().add(Limit::Rows);
        if (matched_by != MatchedBy::Fuzzy)
            std::sort(rows.begin(), rows.end(), graph::comes_before);
        answer->rows = std::move(rows);
        answer->matched_by = matched_by;
        return true;
    }
    [[nodiscard]] size_t rows_max() const {
        return static_cast<size_t>(std::min<uint64_t>(meter->rows_max(), SIZE_MAX / 2));
    }
};

Result<bool> by_name(Finder& finder, NameMatch match, MatchedBy matched_by) {
    std::vector<BlockRow> rows;
    const bool has_more =
        KAUSAL_TRY(graph::lookup_names(*finder.view, finder.request->name, match,
                                       finder.request->filter, finder.rows_max(), rows));
    return finder.accept(std::move(rows), matched_by, has_more);
}

Result<bool> by_qualified_name(Finder& finder) {
    std::vector<BlockRow> rows;
    const std::string_view name = finder.request->name;
    const bool has_more = KAUSAL_TRY(graph::lookup_qualified_suffix(
        *finder.view, name, finder.request->filter, finder.rows_max(), rows));
    const bool is_exact = std::any_of(
        rows.begin(), rows.end(), [&](const BlockRow& row) { return row.qualified_name == name; });
    if (is_exact) {
        std::erase_if(rows, [&](const BlockRow& row) { return row.qualified_name != name; });
    }
    return finder.accept(std::move(rows),
                         is_exact ? MatchedBy::QualifiedName : MatchedBy::QualifiedSuffix,
                         has_more);
}

Result<bool> by_likeness(Finder& finder) {
    std::vector<BlockRow> rows;
    // Beyond a few dozen, names that are merely alike are noise.
    const size_t rows_max = std::min<size_t>(finder.rows_max(), 50);
    KAUSAL_TRY(graph::lookup_fuzzy(
        *finder.view, graph::last_component(finder.request->name), finder.request->filter, rows_max,
        [&] { return finder.meter->keep_going(); }, rows));
    return finder.accept(std::move(rows), MatchedBy::Fuzzy, false);
}

Result<bool> by_path(Finder& finder) {
    std::vector<BlockRow> rows;
    Status failure;
    KAUSAL_TRY(finder.view->snapshot().find_uris(
        finder.request->name, true, [&](std::string_view, const BlockId& id) {
            Result<std::optional<storage::BlockPin>> pin = finder.view->block(id);
            if (!pin) {
                failure = std::move(pin).error();
                return false;
            }
            if (!pin->has_value() || !finder.request->filter.accepts((*pin)->record)) {
                return finder.meter->keep_going();
            }
            if (!finder.meter->has_room(rows.size())) return false;
            rows.push_back(graph::row_of(**pin));
            return finder.meter->keep_going();
        }));
    KAUSAL_TRY(std::move(failure));
    return finder.accept(std::move(rows), MatchedBy::FilePath, false);
}

/// From exact to loose; stops at the first way that finds anything.
Result<bool> by_any_way(Finder& finder) {
    const std::string_view name = finder.request->name;
    if (graph::last_component(name) != name && KAUSAL_TRY(by_qualified_name(finder))) return true;
    if (KAUSAL_TRY(by_name(finder, NameMatch::Exact, MatchedBy::Name))) return true;
    if (KAUSAL_TRY(by_name(finder, NameMatch::FoldedExact, MatchedBy::FoldedName))) return true;
    if (KAUSAL_TRY(by_name(finder, NameMatch::FoldedPrefix, MatchedBy::NamePrefix))) return true;
    return by_likeness(finder);
}

Result<bool> run(Finder& finder) {
    switch (finder.request->mode) {
        case FindMode::Auto:
            return by_any_way(finder);
        case FindMode::Exact:
            return by_name(finder, NameMatch::Exact, MatchedBy::Name);
        case FindMode::Qualified:
            return by_qualified_name(finder);
        case FindMode::Prefix:
            return by_name(finder, NameMatch::FoldedPrefix, MatchedBy::NamePrefix);
        case FindMode::Fuzzy:
            return by_likeness(finder);
        case FindMode::Path:
            return by_path(finder);
    }
    return fail(ErrorCode::Invalid, "unknown way to find");
}

}  // namespace

Result<FindAnswer> find(const GraphView& view, const FindRequest& request, const Budget& budget) {
    if (request.name.empty() && request.mode != FindMode::Path) {
        return fail(ErrorCode::Invalid, "empty name");
    }
    if (request.name.size() > kNameSizeMax || !is_utf8(request.name)) {
        return fail(ErrorCode::Invalid, "name is longer than 8192 bytes or not UTF-8");
    }
    FindAnswer answer;
    Meter meter(budget);
    Finder finder{.view = &view, .request = &request, .meter = &meter, .answer = &answer};
    if (meter.keep_going()) (void)KAUSAL_TRY(run(finder));
    KAUSAL_TRY(meter.status());
    answer.unknown = KAUSAL_TRY(unknown_files(view, request.filter.workspace));
    answer.truncation = meter.truncation();
    return answer;
}

Result<TextAnswer> find_text(const GraphView& view, const search::TextQuery& query,
                             const Budget& budget) {
    Meter meter(budget);
    search::TextResult result =
        KAUSAL_TRY(search::search_text(view, query, [&] { return meter.keep_going(); }));
    KAUSAL_TRY(meter.status());
    TextAnswer answer;
    answer.terms = std::move(result.terms);
    for (search::TextHit& hit : result.hits) {
        if (!meter.has_room(answer.rows.size())) break;
        std::optional<BlockRow> row = KAUSAL_TRY(view.row(hit.id));
        if (row) answer.rows.push_back({.block = std::move(*row), .hit = std::move(hit)});
    }
    answer.unknown = KAUSAL_TRY(unknown_files(view, query.filter.workspace));
    answer.truncation = meter.truncation();
    return answer;
}

}  // namespace kausal::query
