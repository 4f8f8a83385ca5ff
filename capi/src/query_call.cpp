// Reading of query options; the columns of edges.
#include "query_call.h"

#include "base/utf8.h"

#include <cstring>

namespace kausal::capi {
namespace {

constexpr uint64_t kNodesDefault = 1'000'000;
constexpr uint64_t kRowsDefault = 100'000;

Status read_filter(QueryCall& call) {
    const kausal_query_options_t& options = call.options;
    if (options.kind > UINT16_MAX || options.language > UINT8_MAX) {
        return {ErrorCode::Invalid, "kind or language is out of range"};
    }
    if (options.direction > KAUSAL_DIRECTION_BOTH) {
        return {ErrorCode::Invalid,
                "direction " + std::to_string(options.direction) + " is not 0, 1 or 2"};
    }
    if (options.edge_type > UINT16_MAX) {
        return {ErrorCode::Invalid,
                "edge_type " + std::to_string(options.edge_type) + " is out of range"};
    }
    const std::string_view prefix =
        KAUSAL_TRY(text_argument(options.uri_prefix, options.uri_prefix_size, "uri_prefix"));
    if (!is_utf8(prefix)) return {ErrorCode::Invalid, "uri_prefix is not UTF-8"};
    call.uri_prefix = prefix;
    call.filter.path_prefix = call.uri_prefix;
    call.filter.workspace = call.workspace;
    if (options.kind != 0) call.filter.kinds = {static_cast<format::BlockKind>(options.kind)};
    if (options.language != 0) {
        call.filter.languages = {static_cast<format::Language>(options.language)};
    }
    return {};
}

}  // namespace

Result<QueryCall> read_query(DatabaseObject& object, engine::Database& database,
                             const kausal_query_options_t* options) {
    kausal_query_options_t given;
    kausal_query_options_init(&given);
    if (options != nullptr) KAUSAL_TRY(read_struct(options, &given, sizeof given, "options"));
    QueryCall call(KAUSAL_TRY(view_of(object, database, given.snapshot)));
    call.options = given;
    const std::string_view workspace =
        KAUSAL_TRY(text_argument(given.workspace, given.workspace_size, "workspace"));
    if (!workspace.empty()) {
        const auto found = KAUSAL_TRY(call.view.workspace(workspace));
        if (!found) {
            return fail(ErrorCode::NotFound,
                        "no workspace is called '" + std::string(workspace) + "'");
        }
        call.workspace = found->number();
    }
    KAUSAL_TRY(read_filter(call));
    call.budget.clock = &database.clock();
    if (given.timeout_ms != 0) {
        call.budget.deadline_ns = database.clock().monotonic_ns() + given.timeout_ms * 1'000'000;
    }
    call.budget.nodes_max = given.nodes_max != 0 ? given.nodes_max : kNodesDefault;
    call.budget.rows_max = given.rows_max != 0 ? given.rows_max : kRowsDefault;
    if (given.cancel != nullptr) {
        call.cancel = KAUSAL_TRY(find_object<CancelObject>(HandleType::Cancel, given.cancel));
        call.budget.cancel = &call.cancel->triggered;
    }
    return call;
}

uint32_t cut_of(const query::Truncation& truncation) noexcept {
    using query::Limit;
    uint32_t cut = KAUSAL_CUT_NONE;
    if (truncation.has(Limit::Rows)) cut |= KAUSAL_CUT_ROWS;
    if (truncation.has(Limit::Nodes)) cut |= KAUSAL_CUT_NODES;
    if (truncation.has(Limit::Depth)) cut |= KAUSAL_CUT_DEPTH;
    if (truncation.has(Limit::Deadline)) cut |= KAUSAL_CUT_DEADLINE;
    if (truncation.has(Limit::Tokens)) cut |= KAUSAL_CUT_BUDGET;
    if (truncation.has(Limit::Paths)) cut |= KAUSAL_CUT_PATHS;
    if (truncation.has(Limit::Seeds)) cut |= KAUSAL_CUT_SEEDS;
    return cut;
}

std::vector<ColumnSpec> edge_columns(std::vector<ColumnSpec> before) {
    static constexpr ColumnSpec kEdgeColumns[] = {
        {"depth", KAUSAL_COLUMN_U32},      {"edge_source", KAUSAL_COLUMN_ID},
        {"edge_target", KAUSAL_COLUMN_ID}, {"edge_type", KAUSAL_COLUMN_U32},
        {"certainty", KAUSAL_COLUMN_U32},  {"confidence", KAUSAL_COLUMN_U32},
        {"provenance", KAUSAL_COLUMN_U32}, {"site_uri", KAUSAL_COLUMN_TEXT},
        {"site_line", KAUSAL_COLUMN_U32},  {"dispatch", KAUSAL_COLUMN_U32},
        {"via", KAUSAL_COLUMN_ID},         {"reason", KAUSAL_COLUMN_TEXT},
    };
    before.insert(before.end(), std::begin(kEdgeColumns), std::end(kEdgeColumns));
    return with_block_columns(std::move(before));
}

std::vector<ColumnSpec> raw_edge_columns() {
    return {{"source", KAUSAL_COLUMN_ID},       {"target", KAUSAL_COLUMN_ID},
            {"type", KAUSAL_COLUMN_U32},        {"certainty", KAUSAL_COLUMN_U32},
            {"confidence", KAUSAL_COLUMN_U32},  {"provenance", KAUSAL_COLUMN_U32},
            {"site_offset", KAUSAL_COLUMN_U32}, {"site_line", KAUSAL_COLUMN_U32}};
}

void append_raw_edge(Table& table, const format::EdgeRecord& edge) {
    table.id(edge.source)
        .id(edge.target)
        .u32(static_cast<uint32_t>(edge.type))
        .u32(static_cast<uint32_t>(edge.certainty))
        .u32(edge.confidence)
        .u32(static_cast<uint32_t>(edge.provenance))
        .u32(edge.site_offset)
        .u32(edge.site_line);
}

void append_edge(Table& table, const EdgeRow& row) {
    table.u32(row.depth)
        .id(row.edge.source)
        .id(row.edge.target)
        .u32(static_cast<uint32_t>(row.edge.type))
        .u32(static_cast<uint32_t>(row.edge.certainty))
        .u32(row.edge.confidence)
        .u32(static_cast<uint32_t>(row.edge.provenance))
        .text(row.site_uri)
        .u32(row.edge.site_line)
        .u32(row.is_dispatch ? 1 : 0)
        .id(row.via)
        .text(row.reason)
        .block(row.block);
}

}  // namespace kausal::capi

extern "C" void kausal_query_options_init(kausal_query_options_t* options) {
    if (options == nullptr) return;
    std::memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
    options->exported_are_roots = 1;
}
