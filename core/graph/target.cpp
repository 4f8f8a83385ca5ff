// Target resolution: the ladder from exact to loose; see target.h.
#include "graph/target.h"

#include "base/utf8.h"
#include "graph/identity.h"
#include "graph/name_lookup.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace kausal::graph {

using format::BlockKind;
using storage::NameMatch;

namespace {

constexpr size_t kTextSizeMax = 8192;
constexpr size_t kGatherMax = 10'000;  // same-named blocks looked at before a list is cut
constexpr size_t kIdPrefixSizeMin = 6;

/// The state of one resolution, handed from rung to rung.
struct Search {
    const GraphView* view = nullptr;
    const TargetRequest* request = nullptr;
    std::string_view text;
    BlockFilter filter;
    TargetResolution outcome;
};

BlockFilter filter_of(const TargetRequest& request) {
    BlockFilter filter;
    if (request.kind != BlockKind::Invalid) filter.kinds = {request.kind};
    if (request.language != format::Language::None) filter.languages = {request.language};
    filter.path_prefix = request.path_prefix;
    filter.workspace = request.workspace;
    return filter;
}

bool is_same_symbol(const BlockRow& left, const BlockRow& right) noexcept {
    return left.qualified_name == right.qualified_name && left.workspace == right.workspace &&
           language_family(left.language) == language_family(right.language);
}

/// Declarations go where a definition of the same symbol is in the list.
void yield_declarations(std::vector<BlockRow>& rows) {
    std::vector<BlockRow> kept;
    for (BlockRow& row : rows) {
        const bool yields =
            row.has(format::kBlockDeclaration) &&
            std::any_of(rows.begin(), rows.end(), [&](const BlockRow& other) {
                return !other.has(format::kBlockDeclaration) && is_same_symbol(row, other);
            });
        if (!yields) kept.push_back(row);
    }
    rows = std::move(kept);
}

/// Takes the rows as the outcome; false when there are none.
bool accept(Search& search, std::vector<BlockRow>&& rows, MatchedBy matched_by, bool is_cut) {
    std::sort(rows.begin(), rows.end(), comes_before);
    rows.erase(std::unique(rows.begin(), rows.end(),
                           [](const BlockRow& a, const BlockRow& b) { return a.id == b.id; }),
               rows.end());
    // Quadratic in the list, so only for lists that a person could look through.
    if (rows.size() <= 1000) yield_declarations(rows);
    if (rows.empty()) return false;
    TargetResolution& outcome = search.outcome;
    outcome.matched_by = matched_by;
    outcome.outcome = rows.size() == 1 && !is_cut ? TargetOutcome::One : TargetOutcome::Ambiguous;
    outcome.matches_cut = is_cut;
    const size_t matches_max = std::max<size_t>(search.request->matches_max, 2);
    if (rows.size() > matches_max) {
        rows.resize(matches_max);
        outcome.matches_cut = true;
    }
    outcome.matches = std::move(rows);
    return true;
}

Result<bool> try_id(Search& search) {
    const std::optional<BlockId> id = BlockId::from_hex(search.text);
    if (!id) return false;
    std::optional<BlockRow> row = KAUSAL_TRY(search.view->row(*id));
    if (!row || is_hidden(row->kind, row->uri)) return false;
    std::vector<BlockRow> rows;
    rows.push_back(std::move(*row));
    return accept(search, std::move(rows), MatchedBy::Id, false);
}

/// Files whose path is `path` or ends with it on a component boundary; exact ones alone if any.
Result<std::vector<BlockRow>> files_below_roots(const Search& search, const BlockFilter& any_kind,
                                                std::string_view path) {
    std::vector<BlockRow> exact;
    std::vector<BlockRow> others;
    if (path.empty()) return exact;
    BlockFilter filter = any_kind;
    filter.kinds = {BlockKind::File};
    Status failure;
    KAUSAL_TRY(
        search.view->snapshot().find_uris(path, false, [&](std::string_view, const BlockId& id) {
            Result<std::optional<storage::BlockPin>> pin = search.view->block(id);
            if (!pin) {
                failure = std::move(pin).error();
                return false;
            }
            if (pin->has_value() && filter.accepts((*pin)->record)) exact.push_back(row_of(**pin));
            return true;
        }));
    KAUSAL_TRY(std::move(failure));
    if (!exact.empty()) return exact;
    const size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    std::vector<BlockRow> named;
    (void)KAUSAL_TRY(lookup_names(*search.view, name, NameMatch::Exact, filter, kGatherMax, named));
    for (BlockRow& row : named) {
        const std::string_view uri = row.uri;
        if (!uri.ends_with(path)) continue;
        if (uri.size() > path.size() && uri[uri.size() - path.size() - 1] != '/') continue;
        others.push_back(std::move(row));
    }
    return others;
}

/// The same, also where the path begins with the name of a workspace, as text answers write it.
Result<std::vector<BlockRow>> files_of(const Search& search, std::string_view path) {
    if (path.starts_with("./")) path.remove_prefix(2);
    std::vector<BlockRow> files = KAUSAL_TRY(files_below_roots(search, search.filter, path));
    if (!files.empty()) return files;
    for (const Workspace& workspace : KAUSAL_TRY(search.view->workspaces())) {
        const std::string_view name = workspace.name;
        if (!path.starts_with(name) || path.substr(name.size()).substr(0, 1) != "/") continue;
        if (search.filter.workspace != 0 && search.filter.workspace != workspace.number()) continue;
        BlockFilter filter = search.filter;
        filter.workspace = workspace.number();
        for (BlockRow& row :
             KAUSAL_TRY(files_below_roots(search, filter, path.substr(name.size() + 1)))) {
            files.push_back(std::move(row));
        }
    }
    return files;
}

/// The block of the file that holds the line most closely.
Result<std::optional<BlockRow>> innermost_at(const Search& search, const BlockRow& file,
                                             uint32_t line) {
    std::optional<BlockRow> best;
    for (BlockRow& row : KAUSAL_TRY(search.view->blocks_of_file(file.uri, file.workspace))) {
        if (!is_definition_kind(row.kind) || row.line_first > line || row.line_last < line)
            continue;
        if (search.request->kind != BlockKind::Invalid && row.kind != search.request->kind)
            continue;
        const auto span = [](const BlockRow& block) { return block.line_last - block.line_first; };
        // Outermost comes first, so of equal spans the later one is the inner one.
        if (!best || span(row) <= span(*best)) best = std::move(row);
    }
    return best;
}

/// Splits "path:12" and "path:12:7"; false for any other shape.
bool split_place(std::string_view text, std::string_view& path, uint32_t& line) noexcept {
    const auto take_number = [](std::string_view& rest, uint32_t& number) {
        const size_t colon = rest.rfind(':');
        if (colon == std::string_view::npos || colon + 1 == rest.size()) return false;
        const std::string_view digits = rest.substr(colon + 1);
        if (digits.size() > 9) return false;
        number = 0;
        for (const char c : digits) {
            if (c < '0' || c > '9') return false;
            number = number * 10 + static_cast<uint32_t>(c - '0');
        }
        rest = rest.substr(0, colon);
        return true;
    };
    path = text;
    if (!take_number(path, line)) return false;
    uint32_t first = 0;
    std::string_view shorter = path;
    if (take_number(shorter, first)) {
        path = shorter;
        line = first;
    }
    return !path.empty() && !path.ends_with(':') && line > 0;
}

Result<bool> try_place(Search& search) {
    std::string_view path;
    uint32_t line = 0;
    if (!split_place(search.text, path, line)) return false;
    std::vector<BlockRow> rows;
    for (const BlockRow& file : KAUSAL_TRY(files_of(search, path))) {
        std::optional<BlockRow> row = KAUSAL_TRY(innermost_at(search, file, line));
        if (row) rows.push_back(std::move(*row));
    }
    return accept(search, std::move(rows), MatchedBy::FileLine, false);
}

Result<bool> try_file(Search& search) {
    if (search.request->kind != BlockKind::Invalid && search.request->kind != BlockKind::File) {
        return false;
    }
    return accept(search, KAUSAL_TRY(files_of(search, search.text)), MatchedBy::FilePath, false);
}

/// "::name" and ".name" mean the whole qualified name.
std::string_view without_leading_separator(std::string_view text) noexcept {
    if (text.starts_with("::")) return text.substr(2);
    if (text.starts_with('.') || text.starts_with('#')) return text.substr(1);
    return text;
}

Result<bool> try_qualified(Search& search, const BlockFilter& filter) {
    const std::string_view name = without_leading_separator(search.text);
    const bool is_whole = name.size() != search.text.size();
    if (name.empty() || (!is_whole && last_component(name) == name)) return false;
    std::vector<BlockRow> rows;
    for (BlockRow& row : KAUSAL_TRY(search.view->with_qualified_name(name))) {
        format::BlockRecord head;
        head.kind = row.kind;
        head.language = row.language;
        head.flags = row.flags;
        head.workspace = row.workspace;
        head.uri = row.uri;
        if (filter.accepts(head)) rows.push_back(std::move(row));
    }
    if (accept(search, std::move(rows), MatchedBy::QualifiedName, false)) return true;
    if (is_whole) return false;
    rows.clear();
    const bool is_cut =
        KAUSAL_TRY(lookup_qualified_suffix(*search.view, name, filter, kGatherMax, rows));
    return accept(search, std::move(rows), MatchedBy::QualifiedSuffix, is_cut);
}

Result<bool> try_name(Search& search, const BlockFilter& filter, NameMatch match,
                      MatchedBy matched_by) {
    std::vector<BlockRow> rows;
    const bool is_cut =
        KAUSAL_TRY(lookup_names(*search.view, search.text, match, filter, kGatherMax, rows));
    return accept(search, std::move(rows), matched_by, is_cut);
}

Result<bool> try_id_prefix(Search& search) {
    const std::string_view text = search.text;
    if (text.size() < kIdPrefixSizeMin || text.size() >= 32) return false;
    const auto bound = [&](char filling) {
        std::string hex(text);
        hex.resize(32, filling);
        return BlockId::from_hex(hex);
    };
    const std::optional<BlockId> first = bound('0');
    const std::optional<BlockId> last = bound('f');
    if (!first || !last) return false;
    std::vector<BlockRow> rows;
    bool is_cut = false;
    KAUSAL_TRY(search.view->snapshot().scan_blocks(
        BlockKind::Invalid, storage::BlockParts::Head, *first, [&](const storage::BlockPin& pin) {
            if (*last < pin.record.id) return false;
            if (is_hidden(pin.record.kind, pin.record.uri)) return true;
            is_cut = rows.size() >= search.request->matches_max + 1;
            if (!is_cut) rows.push_back(row_of(pin));
            return !is_cut;
        }));
    return accept(search, std::move(rows), MatchedBy::IdPrefix, is_cut);
}

Status suggest(Search& search) {
    std::vector<BlockRow> rows;
    const std::string_view name = last_component(without_leading_separator(search.text));
    const size_t rows_max = search.request->suggestions_max;
    if (name.empty() || rows_max == 0) return Status::ok();
    (void)KAUSAL_TRY(
        lookup_names(*search.view, name, NameMatch::FoldedPrefix, search.filter, rows_max, rows));
    search.outcome.matched_by = rows.empty() ? MatchedBy::Fuzzy : MatchedBy::NamePrefix;
    if (rows.empty()) {
        KAUSAL_TRY(lookup_fuzzy(*search.view, name, search.filter, rows_max, {}, rows));
    }
    if (rows.empty()) search.outcome.matched_by = MatchedBy::Nothing;
    search.outcome.suggestions = std::move(rows);
    return Status::ok();
}

/// Climbs the ladder; true as soon as one rung holds.
Result<bool> resolve_exactly(Search& search) {
    if (KAUSAL_TRY(try_id(search))) return true;
    if (KAUSAL_TRY(try_place(search))) return true;
    if (KAUSAL_TRY(try_file(search))) return true;
    std::vector<BlockFilter> filters{search.filter};
    if (search.request->kind == BlockKind::Invalid) {
        filters.push_back(search.filter);
        filters.back().kinds = {BlockKind::ExternalSymbol};
        filters.push_back(search.filter);
        filters.back().kinds = {BlockKind::Workspace};
    }
    for (const BlockFilter& filter : filters) {
        if (KAUSAL_TRY(try_qualified(search, filter))) return true;
        if (KAUSAL_TRY(try_name(search, filter, NameMatch::Exact, MatchedBy::Name))) return true;
    }
    if (KAUSAL_TRY(try_id_prefix(search))) return true;
    return try_name(search, search.filter, NameMatch::FoldedExact, MatchedBy::FoldedName);
}

std::string_view trimmed(std::string_view text) noexcept {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string_view matched_by_name(MatchedBy matched_by) noexcept {
    switch (matched_by) {
        case MatchedBy::Nothing:
            return "nothing";
        case MatchedBy::Id:
            return "id";
        case MatchedBy::FileLine:
            return "file_line";
        case MatchedBy::FilePath:
            return "file_path";
        case MatchedBy::QualifiedName:
            return "qualified_name";
        case MatchedBy::QualifiedSuffix:
            return "qualified_suffix";
        case MatchedBy::Name:
            return "name";
        case MatchedBy::IdPrefix:
            return "id_prefix";
        case MatchedBy::FoldedName:
            return "folded_name";
        case MatchedBy::NamePrefix:
            return "name_prefix";
        case MatchedBy::Fuzzy:
            return "fuzzy";
    }
    return "nothing";
}

Result<TargetResolution> resolve_target(const GraphView& view, const TargetRequest& request) {
    Search search;
    search.view = &view;
    search.request = &request;
    search.text = trimmed(request.text);
    search.filter = filter_of(request);
    if (search.text.empty()) return fail(ErrorCode::Invalid, "empty target");
    if (search.text.size() > kTextSizeMax || !is_utf8(search.text)) {
        return fail(ErrorCode::Invalid, "target is longer than 8192 bytes or not UTF-8");
    }
    if (!KAUSAL_TRY(resolve_exactly(search))) KAUSAL_TRY(suggest(search));
    return std::move(search.outcome);
}

Result<BlockRow> one_target(const GraphView& view, const TargetRequest& request) {
    TargetResolution resolution = KAUSAL_TRY(resolve_target(view, request));
    if (resolution.outcome == TargetOutcome::One) return std::move(resolution.matches.front());
    const bool is_ambiguous = resolution.outcome == TargetOutcome::Ambiguous;
    const std::vector<BlockRow>& near = is_ambiguous ? resolution.matches : resolution.suggestions;
    std::string message = "'" + std::string(trimmed(request.text)) + "' ";
    message += is_ambiguous ? "fits " + std::to_string(near.size()) +
                                  (resolution.matches_cut ? " or more" : "") + " blocks"
                            : "is not in the graph";
    const size_t shown = std::min<size_t>(near.size(), 5);
    for (size_t i = 0; i < shown; ++i) {
        message += i == 0 ? (is_ambiguous ? ": " : "; near: ") : ", ";
        message += near[i].qualified_name.empty() ? near[i].name : near[i].qualified_name;
        if (is_ambiguous) message += " (" + near[i].id.to_hex() + ")";
    }
    return fail(is_ambiguous ? ErrorCode::Ambiguous : ErrorCode::NotFound, std::move(message));
}

}  // namespace kausal::graph
