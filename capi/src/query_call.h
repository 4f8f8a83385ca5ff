// What every query call has in common: reading its options, entering the database, giving the
// answer.
#pragma once

#include "graph/name_lookup.h"
#include "guard.h"
#include "objects.h"
#include "query/budget.h"

#include <string>
#include <vector>

namespace kausal::capi {

/// A query's options as the rooms of the engine take them.
struct QueryCall {
    kausal_query_options_t options;
    std::string uri_prefix;
    uint64_t workspace = 0;  // number; 0 for all
    query::Budget budget;
    graph::BlockFilter filter;
    graph::GraphView view;
    std::shared_ptr<CancelObject> cancel;

    explicit QueryCall(graph::GraphView shown) : view(std::move(shown)) {}
};

/// Errors: Invalid, Handle, NotFound (workspace).
[[nodiscard]] Result<QueryCall> read_query(DatabaseObject& object, engine::Database& database,
                                           const kausal_query_options_t* options);

/// KAUSAL_CUT_ bits of a truncation.
[[nodiscard]] uint32_t cut_of(const query::Truncation& truncation) noexcept;

/// Cuts rows that were gathered from several lists, each of which kept within the limit alone.
/// Returns KAUSAL_CUT_ROWS when something went.
template <typename Row>
[[nodiscard]] uint32_t cut_rows(std::vector<Row>& rows, uint64_t rows_max) {
    if (rows.size() <= rows_max) return KAUSAL_CUT_NONE;
    rows.erase(rows.begin() + static_cast<ptrdiff_t>(rows_max), rows.end());
    return KAUSAL_CUT_ROWS;
}

/// Runs `body(QueryCall&)`, which returns Result<Answer>, and hands the answer out.
template <typename Body>
kausal_status_t run_query(kausal_db_t* db, const kausal_query_options_t* options,
                          kausal_iter_t** out, kausal_error_t** err, Body&& body) noexcept {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        QueryCall call = KAUSAL_TRY(read_query(*object, *database, options));
        Answer answer = KAUSAL_TRY(body(call));
        answer.workspaces = KAUSAL_TRY(object->workspace_names().get(call.view));
        return give_answer(object, std::move(answer), out);
    });
}

/// One edge and the block at its other end, as the edge columns of kausal.h show it.
struct EdgeRow {
    uint32_t depth = 0;
    format::EdgeRecord edge;
    std::string site_uri;
    bool is_dispatch = false;
    BlockId via;
    std::string reason;
    graph::BlockRow block;
};
[[nodiscard]] std::vector<ColumnSpec> edge_columns(std::vector<ColumnSpec> before = {});
void append_edge(Table& table, const EdgeRow& row);

/// An edge without the blocks at its ends.
[[nodiscard]] std::vector<ColumnSpec> raw_edge_columns();
void append_raw_edge(Table& table, const format::EdgeRecord& edge);

}  // namespace kausal::capi
