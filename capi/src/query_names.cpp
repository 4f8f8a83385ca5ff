// Queries that start from words: resolve, find, search, context.
#include "graph/target.h"
#include "query/context.h"
#include "query/find.h"
#include "query_call.h"

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

Answer rows_with_match(std::vector<graph::BlockRow> rows, graph::MatchedBy matched_by) {
    const std::string_view match = graph::matched_by_name(matched_by);
    return answer_of(
        with_block_columns({}, {{"match", KAUSAL_COLUMN_TEXT}}), std::move(rows),
        [match](Table& table, const graph::BlockRow& row) { table.block(row).text(match); });
}

struct ResolvedTarget {
    kausal_status_t status = KAUSAL_NOT_FOUND;
    Answer answer;
};

Result<ResolvedTarget> resolve(QueryCall& call, std::string_view text) {
    graph::TargetRequest request{.text = text, .workspace = call.workspace};
    request.kind = static_cast<format::BlockKind>(call.options.kind);
    request.language = static_cast<format::Language>(call.options.language);
    request.path_prefix = call.uri_prefix;
    if (call.options.rows_max != 0) request.matches_max = call.options.rows_max;
    graph::TargetResolution found = KAUSAL_TRY(graph::resolve_target(call.view, request));
    ResolvedTarget resolved;
    if (found.outcome == graph::TargetOutcome::None) {
        resolved.answer = rows_with_match(std::move(found.suggestions), graph::MatchedBy::Fuzzy);
        resolved.answer.notes.note = "nothing is called that; the rows come near";
        return resolved;
    }
    resolved.status = found.outcome == graph::TargetOutcome::One ? KAUSAL_OK : KAUSAL_AMBIGUOUS;
    resolved.answer = rows_with_match(std::move(found.matches), found.matched_by);
    if (found.matches_cut) resolved.answer.notes.cut = KAUSAL_CUT_ROWS;
    return resolved;
}

Result<Answer> answer_find(QueryCall& call, std::string_view name) {
    query::FindRequest request{.name = name, .mode = query::FindMode::Auto, .filter = call.filter};
    query::FindAnswer found;
    if (call.options.exact != 0) {
        request.mode = query::FindMode::Exact;
        found = KAUSAL_TRY(query::find(call.view, request, call.budget));
        if (found.rows.empty()) {
            request.mode = query::FindMode::Qualified;
            found = KAUSAL_TRY(query::find(call.view, request, call.budget));
        }
    } else {
        found = KAUSAL_TRY(query::find(call.view, request, call.budget));
    }
    Answer answer = rows_with_match(std::move(found.rows), found.matched_by);
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note = "matched by " + std::string(graph::matched_by_name(found.matched_by));
    return answer;
}

Result<Answer> answer_search(QueryCall& call, std::string_view words) {
    search::TextQuery request{.text = words, .limit = 20, .filter = call.filter};
    if (call.options.rows_max != 0) request.limit = std::min<size_t>(call.options.rows_max, 10'000);
    query::TextAnswer found = KAUSAL_TRY(query::find_text(call.view, request, call.budget));
    Answer answer = answer_of(with_block_columns({}, {{"score", KAUSAL_COLUMN_F64},
                                                      {"score_path", KAUSAL_COLUMN_F64},
                                                      {"score_name", KAUSAL_COLUMN_F64},
                                                      {"score_signature", KAUSAL_COLUMN_F64},
                                                      {"score_doc", KAUSAL_COLUMN_F64},
                                                      {"score_body", KAUSAL_COLUMN_F64}}),
                              std::move(found.rows), [](Table& table, const query::TextRow& row) {
                                  table.block(row.block).f64(row.hit.score);
                                  for (const double part : row.hit.field_scores) table.f64(part);
                              });
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    return answer;
}

Result<Answer> answer_context(QueryCall& call, std::string_view task) {
    query::ContextRequest request{.task = task, .filter = call.filter};
    if (call.options.token_budget != 0) request.tokens_max = call.options.token_budget;
    query::ContextAnswer found = KAUSAL_TRY(query::context(call.view, request, call.budget));
    const size_t blocks = found.rows.size();
    Answer answer =
        answer_of(with_block_columns({}, {{"tier", KAUSAL_COLUMN_TEXT},
                                          {"tokens", KAUSAL_COLUMN_U32},
                                          {"score", KAUSAL_COLUMN_F64},
                                          {"reason", KAUSAL_COLUMN_TEXT},
                                          {"text", KAUSAL_COLUMN_TEXT}}),
                  std::move(found.rows), [](Table& table, const query::ContextSpan& row) {
                      table.block(row.block)
                          .text(query::tier_name(row.tier))
                          .u32(static_cast<uint32_t>(row.tokens))
                          .f64(row.score)
                          .text(row.why)
                          .text(row.text);
                  });
    answer.notes.cut = cut_of(found.truncation);
    answer.notes.unknown = std::move(found.unknown);
    answer.notes.note = std::to_string(blocks) + " blocks, " + std::to_string(found.tokens) +
                        " of " + std::to_string(request.tokens_max) + " tokens, estimated as " +
                        std::string(found.token_estimate);
    return answer;
}

}  // namespace

extern "C" {

kausal_status_t kausal_resolve(kausal_db_t* db, const char* target, size_t target_size,
                               const kausal_query_options_t* options, kausal_iter_t** out,
                               kausal_error_t** err) {
    kausal_status_t found = KAUSAL_NOT_FOUND;
    const kausal_status_t status =
        run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
            const std::string_view text = KAUSAL_TRY(name_argument(target, target_size, "target"));
            ResolvedTarget resolved = KAUSAL_TRY(resolve(call, text));
            found = resolved.status;
            return std::move(resolved.answer);
        });
    return status < 0 ? status : found;
}

kausal_status_t kausal_find(kausal_db_t* db, const char* name, size_t name_size,
                            const kausal_query_options_t* options, kausal_iter_t** out,
                            kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return answer_find(call, KAUSAL_TRY(name_argument(name, name_size, "name")));
    });
}

kausal_status_t kausal_search(kausal_db_t* db, const char* words, size_t words_size,
                              const kausal_query_options_t* options, kausal_iter_t** out,
                              kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return answer_search(call, KAUSAL_TRY(name_argument(words, words_size, "words")));
    });
}

kausal_status_t kausal_context(kausal_db_t* db, const char* task, size_t task_size,
                               const kausal_query_options_t* options, kausal_iter_t** out,
                               kausal_error_t** err) {
    return run_query(db, options, out, err, [&](QueryCall& call) -> Result<Answer> {
        return answer_context(call, KAUSAL_TRY(name_argument(task, task_size, "task")));
    });
}

}  // extern "C"
