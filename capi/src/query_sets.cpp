// Queries over closures of the graph: impact, dead code, cycles.
#include "blocks.h"
#include "query/cycles.h"
#include "query/dead.h"
#include "query/impact.h"
#include "query_call.h"

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

struct ImpactOutput {
    graph::BlockRow block;
    double score = 0;
    uint32_t depth = 0;
    uint32_t certainty = KAUSAL_CERTAINTY_RESOLVED;
    BlockId via;
    std::string reason;
};

/// "calls_function parse at line 12, then 2 more hops".
std::string reason_of(const query::ImpactRow& row) {
    if (row.steps.empty()) return "part of the change";
    const query::ImpactStep& last = row.steps.back();
    std::string reason;
    if (last.is_twin) {
        reason = "another face of a changed symbol";
    } else if (last.is_dispatch) {
        reason = "may be reached by dispatch";
    } else {
        reason = format::edge_type_name(last.edge.type);
        if (last.edge.site_line != 0) reason += " at line " + std::to_string(last.edge.site_line);
    }
    if (row.steps.size() > 1) reason += ", " + std::to_string(row.steps.size()) + " hops";
    if (row.is_test) reason += ", a test";
    return reason;
}

void add_rows(std::vector<query::ImpactRow>& from, uint32_t certainty,
              std::vector<ImpactOutput>& into) {
    for (query::ImpactRow& row : from) {
        ImpactOutput output{.score = row.score, .depth = row.depth, .certainty = certainty};
        output.via = row.steps.empty() ? row.target : row.steps.back().from;
        output.reason = reason_of(row);
        output.block = std::move(row.block);
        into.push_back(std::move(output));
    }
}

/// Of `rows_max` rows the changed blocks take none.
Answer impact_answer(query::ImpactAnswer found, uint64_t rows_max) {
    std::vector<ImpactOutput> rows;
    rows.reserve(found.targets.size() + found.rows.size() + found.candidates.size());
    for (graph::BlockRow& target : found.targets) {
        rows.push_back({.block = std::move(target), .score = 1, .reason = "changed"});
    }
    add_rows(found.rows, KAUSAL_CERTAINTY_RESOLVED, rows);
    add_rows(found.candidates, KAUSAL_CERTAINTY_CANDIDATE, rows);
    const size_t candidates = found.candidates.size();
    const uint32_t cut = cut_of(found.truncation) | cut_rows(rows, rows_max + found.targets.size());
    Answer answer = answer_of(with_block_columns({}, {{"score", KAUSAL_COLUMN_F64},
                                                      {"depth", KAUSAL_COLUMN_U32},
                                                      {"certainty", KAUSAL_COLUMN_U32},
                                                      {"via", KAUSAL_COLUMN_ID},
                                                      {"reason", KAUSAL_COLUMN_TEXT}}),
                              std::move(rows), [](Table& table, const ImpactOutput& row) {
                                  table.block(row.block)
                                      .f64(row.score)
                                      .u32(row.depth)
                                      .u32(row.certainty)
                                      .id(row.via)
                                      .text(row.reason);
                              });
    answer.notes.cut = cut;
    answer.notes.candidate_sites = candidates;
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note =
        found.is_certain ? "the rows are all there are" : "there may be more than the rows show";
    for (const std::string& file : found.files_unknown) {
        answer.notes.note += "; not indexed: " + file;
    }
    return answer;
}

query::ImpactRequest impact_request(const QueryCall& call) {
    query::ImpactRequest request;
    if (call.options.depth != 0) request.depth = call.options.depth;
    return request;
}

Result<Answer> dead(QueryCall& call) {
    query::DeadRequest request{.workspace = call.workspace, .kinds = call.filter.kinds};
    request.path_prefix = call.uri_prefix;
    request.is_library = call.options.exported_are_roots != 0;
    query::DeadAnswer found = KAUSAL_TRY(query::dead_code(call.view, request, call.budget));
    Answer answer = answer_of(
        with_block_columns({}, {{"confidence", KAUSAL_COLUMN_F64},
                                {"certainty", KAUSAL_COLUMN_TEXT},
                                {"reason", KAUSAL_COLUMN_TEXT}}),
        std::move(found.rows), [](Table& table, const query::DeadRow& row) {
            std::string reason = row.is_used_by_dead ? "used by dead code only" : "nothing uses it";
            for (const std::string& doubt : row.reasons) reason += "; " + doubt;
            table.block(row.block)
                .f64(row.confidence / 100.0)
                .text(query::dead_certainty_name(row.certainty))
                .text(reason);
        });
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note = std::to_string(found.roots) + " roots, " +
                        std::to_string(found.blocks_live) + " of " +
                        std::to_string(found.blocks_judged) + " blocks reached";
    return answer;
}

struct CycleOutput {
    uint32_t cycle = 0;
    uint32_t step = 0;
    graph::BlockRow block;
};

Result<Answer> cycles(QueryCall& call) {
    query::OrderRequest request{.workspace = call.workspace};
    request.path_prefix = call.uri_prefix;
    request.grain = call.options.by_file != 0 ? query::Grain::File : query::Grain::Symbol;
    request.filter.candidates = call.options.candidates != 0;
    if (call.options.edge_type != 0) {
        request.filter.types = {static_cast<format::EdgeType>(call.options.edge_type)};
    }
    query::CyclesAnswer found = KAUSAL_TRY(query::find_cycles(call.view, request, call.budget));
    std::vector<CycleOutput> rows;
    const size_t cycle_count = found.rows.size();
    for (uint32_t cycle = 0; cycle < cycle_count; ++cycle) {
        uint32_t step = 0;
        for (graph::BlockRow& block : found.rows[cycle].blocks) {
            rows.push_back({.cycle = cycle, .step = step++, .block = std::move(block)});
        }
    }
    Answer answer =
        answer_of(with_block_columns({{"cycle", KAUSAL_COLUMN_U32}, {"step", KAUSAL_COLUMN_U32}}),
                  std::move(rows), [](Table& table, const CycleOutput& row) {
                      table.u32(row.cycle).u32(row.step).block(row.block);
                  });
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note = std::to_string(cycle_count) + " cycles";
    return answer;
}

}  // namespace

extern "C" {

kausal_status_t kausal_impact(kausal_db_t* db, const kausal_id_t* ids, size_t id_count,
                              const kausal_query_options_t* options, kausal_iter_t** out,
                              kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        if (id_count == 0 || id_count > 100'000) {
            return fail(ErrorCode::Invalid, std::to_string(id_count) + " ids, not 1 to 100000");
        }
        query::ImpactRequest request = impact_request(call);
        KAUSAL_TRY(require(ids, "ids"));
        for (size_t i = 0; i < id_count; ++i) {
            request.targets.push_back(KAUSAL_TRY(id_from(ids + i, "an id")));
        }
        return impact_answer(KAUSAL_TRY(query::impact(call.view, request, call.budget)),
                             call.budget.rows_max);
    });
}

kausal_status_t kausal_impact_diff(kausal_db_t* db, const char* diff, size_t diff_size,
                                   const kausal_query_options_t* options, kausal_iter_t** out,
                                   kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        query::DiffImpactRequest request{.diff =
                                             KAUSAL_TRY(text_argument(diff, diff_size, "diff"))};
        request.workspace = call.workspace;
        request.options = impact_request(call);
        return impact_answer(KAUSAL_TRY(query::impact_of_diff(call.view, request, call.budget)),
                             call.budget.rows_max);
    });
}

kausal_status_t kausal_dead(kausal_db_t* db, const kausal_query_options_t* options,
                            kausal_iter_t** out, kausal_error_t** err) {
    return run_query(db, options, out, err, dead);
}

kausal_status_t kausal_cycles(kausal_db_t* db, const kausal_query_options_t* options,
                              kausal_iter_t** out, kausal_error_t** err) {
    return run_query(db, options, out, err, cycles);
}

}  // extern "C"
