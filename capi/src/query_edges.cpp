// Queries along edges: neighbours, show, trace, path.
#include "blocks.h"
#include "query/path.h"
#include "query/relation.h"
#include "query/trace.h"
#include "query/traverse.h"
#include "query_call.h"

#include <algorithm>
#include <unordered_map>

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

/// Paths of blocks by id: the file of a site is that of the edge's source.
class SiteFiles {
  public:
    explicit SiteFiles(const graph::GraphView& view) : view_(view) {}
    void know(const graph::BlockRow& row) { uris_.emplace(row.id, row.uri); }
    [[nodiscard]] Result<std::string> of(const format::EdgeRecord& edge) {
        const auto known = uris_.find(edge.source);
        if (known != uris_.end()) return known->second;
        const auto row = KAUSAL_TRY(view_.row(edge.source));
        return uris_.emplace(edge.source, row ? row->uri : std::string()).first->second;
    }

  private:
    const graph::GraphView& view_;
    std::unordered_map<BlockId, std::string, BlockIdHash> uris_;
};

graph::EdgeFilter edge_filter(const QueryCall& call) {
    graph::EdgeFilter filter;
    if (call.options.edge_type != 0) {
        filter.types = {static_cast<format::EdgeType>(call.options.edge_type)};
    }
    filter.candidates = call.options.candidates != 0;
    return filter;
}

Result<Answer> edges_of(QueryCall& call, const BlockId& block) {
    const graph::EdgeFilter filter = edge_filter(call);
    std::vector<format::EdgeRecord> rows;
    const auto add = [&](storage::Direction direction) -> Status {
        std::vector<format::EdgeRecord> found;
        KAUSAL_TRY(call.view.edges(block, direction, filter, found));
        rows.insert(rows.end(), found.begin(), found.end());
        return {};
    };
    if (call.options.direction != KAUSAL_DIRECTION_IN) KAUSAL_TRY(add(storage::Direction::Out));
    if (call.options.direction != KAUSAL_DIRECTION_OUT) KAUSAL_TRY(add(storage::Direction::In));
    const bool is_cut = rows.size() > call.budget.rows_max;
    if (is_cut) rows.resize(call.budget.rows_max);
    Answer answer = answer_of(raw_edge_columns(), std::move(rows), append_raw_edge);
    if (is_cut) answer.notes.cut = KAUSAL_CUT_ROWS;
    return answer;
}

query::Walk walk_of(uint32_t direction) {
    if (direction == KAUSAL_DIRECTION_IN) return query::Walk::In;
    return direction == KAUSAL_DIRECTION_OUT ? query::Walk::Out : query::Walk::Both;
}

Answer answer_of_edges(std::vector<EdgeRow> rows) {
    return answer_of(edge_columns(), std::move(rows), append_edge);
}

Result<Answer> neighbours(QueryCall& call, const BlockId& target) {
    SiteFiles files(call.view);
    std::vector<EdgeRow> rows;
    query::Truncation truncation;
    if (call.options.depth <= 1) {
        auto found = KAUSAL_TRY(query::neighbours(
            call.view, target, walk_of(call.options.direction), edge_filter(call), call.budget));
        truncation = found.truncation;
        for (query::NeighbourRow& row : found.rows) {
            files.know(row.block);
            rows.push_back(
                {.depth = 1, .edge = row.edge, .via = target, .block = std::move(row.block)});
        }
    } else {
        const query::HopRequest request{.seeds = {target},
                                        .walk = walk_of(call.options.direction),
                                        .depth = call.options.depth,
                                        .filter = edge_filter(call)};
        auto found = KAUSAL_TRY(query::k_hop(call.view, request, call.budget));
        truncation = found.truncation;
        for (query::HopRow& row : found.rows) {
            files.know(row.block);
            if (row.depth == 0) continue;  // the target itself
            rows.push_back({.depth = row.depth,
                            .edge = row.edge,
                            .via = row.via,
                            .block = std::move(row.block)});
        }
    }
    for (EdgeRow& row : rows) row.site_uri = KAUSAL_TRY(files.of(row.edge));
    Answer answer = answer_of_edges(std::move(rows));
    answer.notes.cut = cut_of(truncation);
    return answer;
}

Result<query::Relation> relation_of(uint32_t relation) {
    using query::Relation;
    switch (relation) {
        case KAUSAL_SHOW_CALLERS:
            return Relation::Callers;
        case KAUSAL_SHOW_CALLEES:
            return Relation::Callees;
        case KAUSAL_SHOW_IMPORTS:
            return Relation::Imports;
        case KAUSAL_SHOW_EXPORTS:
            return Relation::Exports;
        case KAUSAL_SHOW_REFERENCES:
            return Relation::References;
        case KAUSAL_SHOW_MEMBERS:
            return Relation::Members;
        case KAUSAL_SHOW_EXTENDS:
            return Relation::Extends;
        case KAUSAL_SHOW_IMPLEMENTS:
            return Relation::Implements;
        case KAUSAL_SHOW_TESTS:
            return Relation::Tests;
        case KAUSAL_SHOW_OVERRIDES:
            return Relation::Overrides;
        case KAUSAL_SHOW_IMPORTED_BY:
            return Relation::ImportedBy;
        case KAUSAL_SHOW_EXTENDED_BY:
            return Relation::ExtendedBy;
        case KAUSAL_SHOW_IMPLEMENTED_BY:
            return Relation::ImplementedBy;
        case KAUSAL_SHOW_OVERRIDDEN_BY:
            return Relation::OverriddenBy;
        default:
            break;
    }
    return fail(ErrorCode::Invalid, "relation " + std::to_string(relation) + " is not one");
}

/// One row per call site, or one without a site when the edge list is empty.
Status add_relation_rows(SiteFiles& files, std::vector<query::RelationRow>& from,
                         std::vector<EdgeRow>& into) {
    for (query::RelationRow& row : from) {
        files.know(row.block);
        for (const format::EdgeRecord& edge : row.edges) {
            into.push_back({.depth = row.depth,
                            .edge = edge,
                            .site_uri = KAUSAL_TRY(files.of(edge)),
                            .is_dispatch = row.is_dispatch,
                            .via = row.via,
                            .reason = row.reason,
                            .block = row.block});
        }
    }
    return {};
}

Result<Answer> show(QueryCall& call, uint32_t relation, const BlockId& target) {
    query::RelationRequest request{.relation = KAUSAL_TRY(relation_of(relation)), .target = target};
    if (call.options.depth != 0) request.depth = call.options.depth;
    query::RelationAnswer found = KAUSAL_TRY(query::show_relation(call.view, request, call.budget));
    SiteFiles files(call.view);
    files.know(found.target);
    std::vector<EdgeRow> rows;
    KAUSAL_TRY(add_relation_rows(files, found.rows, rows));
    const size_t resolved = rows.size();
    KAUSAL_TRY(add_relation_rows(files, found.candidates, rows));
    const size_t candidates = rows.size() - resolved;
    const uint32_t cut = cut_of(found.truncation) | cut_rows(rows, call.budget.rows_max);
    Answer answer = answer_of_edges(std::move(rows));
    answer.notes.cut = cut;
    answer.notes.candidate_sites = candidates;
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note =
        found.is_certain ? "the rows are all there are" : "there may be more than the rows show";
    return answer;
}

struct TraceOutput {
    uint32_t row = 0;
    uint32_t parent_row = 0;
    uint32_t state = 0;
    std::string site_lines;
    EdgeRow edge;
};

TraceOutput trace_output(uint32_t index, query::TraceRow& row) {
    TraceOutput output{.row = index, .parent_row = row.parent_row};
    if (row.is_repeated) output.state |= KAUSAL_TRACE_REPEATED;
    if (row.is_cycle) output.state |= KAUSAL_TRACE_CYCLE;
    if (row.has_more) output.state |= KAUSAL_TRACE_MORE;
    if (row.is_candidate) output.state |= KAUSAL_TRACE_CANDIDATE;
    for (const format::EdgeRecord& edge : row.edges) {
        if (!output.site_lines.empty()) output.site_lines += ',';
        output.site_lines += std::to_string(edge.site_line);
    }
    output.edge.depth = row.depth;
    if (!row.edges.empty()) output.edge.edge = row.edges.front();
    output.edge.is_dispatch = row.is_dispatch;
    output.edge.block = std::move(row.block);
    return output;
}

Result<Answer> trace(QueryCall& call, const BlockId& target) {
    query::TraceRequest request{.target = target};
    request.direction = call.options.direction == KAUSAL_DIRECTION_IN
                            ? query::TraceDirection::Callers
                            : query::TraceDirection::Callees;
    if (call.options.depth != 0) request.depth = call.options.depth;
    request.all_paths = call.options.all_paths != 0;
    request.with_candidates = call.options.candidates != 0;
    query::TraceAnswer found = KAUSAL_TRY(query::trace(call.view, request, call.budget));
    SiteFiles files(call.view);
    std::vector<TraceOutput> rows;
    for (query::TraceRow& row : found.rows) {
        files.know(row.block);
        rows.push_back(trace_output(static_cast<uint32_t>(rows.size()), row));
        if (rows.back().edge.edge.source.is_valid()) {
            rows.back().edge.site_uri = KAUSAL_TRY(files.of(rows.back().edge.edge));
        }
    }
    Answer answer =
        answer_of(edge_columns({{"row", KAUSAL_COLUMN_U32},
                                {"parent_row", KAUSAL_COLUMN_U32},
                                {"state", KAUSAL_COLUMN_U32},
                                {"site_lines", KAUSAL_COLUMN_TEXT}}),
                  std::move(rows), [](Table& table, const TraceOutput& row) {
                      table.u32(row.row).u32(row.parent_row).u32(row.state).text(row.site_lines);
                      append_edge(table, row.edge);
                  });
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    return answer;
}

struct PathOutput {
    uint32_t path = 0;
    uint32_t step = 0;
    EdgeRow edge;
};

Result<Answer> path(QueryCall& call, const BlockId& from, const BlockId& to) {
    query::PathRequest request{.from = from, .to = to, .all = call.options.all_paths != 0};
    if (call.options.edge_type != 0) {
        request.types = {static_cast<format::EdgeType>(call.options.edge_type)};
    }
    request.hops_max = call.options.depth;
    request.paths_max = call.options.paths_max != 0 ? call.options.paths_max : 16;
    query::PathAnswer found = KAUSAL_TRY(query::find_paths(call.view, request, call.budget));
    SiteFiles files(call.view);
    std::vector<PathOutput> rows;
    for (uint32_t index = 0; index < found.rows.size(); ++index) {
        query::PathRow& row = found.rows[index];
        for (uint32_t step = 0; step < row.blocks.size(); ++step) {
            files.know(row.blocks[step]);
            PathOutput output{.path = index, .step = step, .edge = {.depth = step}};
            if (step > 0) {
                output.edge.edge = row.edges[step - 1];
                output.edge.via = row.blocks[step - 1].id;
                output.edge.is_dispatch = row.is_dispatch[step - 1];
                output.edge.site_uri = KAUSAL_TRY(files.of(output.edge.edge));
            }
            output.edge.block = row.blocks[step];
            rows.push_back(std::move(output));
        }
    }
    Answer answer =
        answer_of(edge_columns({{"path", KAUSAL_COLUMN_U32}, {"step", KAUSAL_COLUMN_U32}}),
                  std::move(rows), [](Table& table, const PathOutput& row) {
                      table.u32(row.path).u32(row.step);
                      append_edge(table, row.edge);
                  });
    answer.notes.cut = cut_of(found.truncation);
    const bool has_dispatch =
        std::any_of(found.rows.begin(), found.rows.end(), [](const query::PathRow& row) {
            return std::find(row.is_dispatch.begin(), row.is_dispatch.end(), true) !=
                   row.is_dispatch.end();
        });
    answer.notes.note = !found.is_certain ? "calls that are bound to nothing may add paths"
                        : has_dispatch ? "known calls; some may go to another method that overrides"
                                       : "known facts only";
    return answer;
}

}  // namespace

extern "C" {

kausal_status_t kausal_edges(kausal_db_t* db, const kausal_id_t* id,
                             const kausal_query_options_t* options, kausal_iter_t** out,
                             kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return edges_of(call, KAUSAL_TRY(id_from(id, "id")));
    });
}

kausal_status_t kausal_neighbours(kausal_db_t* db, const kausal_id_t* id,
                                  const kausal_query_options_t* options, kausal_iter_t** out,
                                  kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return neighbours(call, KAUSAL_TRY(id_from(id, "id")));
    });
}

kausal_status_t kausal_show(kausal_db_t* db, uint32_t relation, const kausal_id_t* id,
                            const kausal_query_options_t* options, kausal_iter_t** out,
                            kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return show(call, relation, KAUSAL_TRY(id_from(id, "id")));
    });
}

kausal_status_t kausal_trace(kausal_db_t* db, const kausal_id_t* id,
                             const kausal_query_options_t* options, kausal_iter_t** out,
                             kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return trace(call, KAUSAL_TRY(id_from(id, "id")));
    });
}

kausal_status_t kausal_path(kausal_db_t* db, const kausal_id_t* from, const kausal_id_t* to,
                            const kausal_query_options_t* options, kausal_iter_t** out,
                            kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        const BlockId start = KAUSAL_TRY(id_from(from, "from"));
        return path(call, start, KAUSAL_TRY(id_from(to, "to")));
    });
}

}  // extern "C"
