// Chunks, summaries and the ends of iterators.
#include "guard.h"
#include "objects.h"

#include <algorithm>
#include <cstring>

namespace kausal::capi {

Result<kausal_status_t> give_answer(std::shared_ptr<DatabaseObject> database, Answer answer,
                                    kausal_iter_t** out) {
    auto object = std::make_shared<IteratorObject>(std::move(database), std::move(answer));
    *out = static_cast<kausal_iter_t*>(
        HandleTable::instance().add(HandleType::Iterator, std::move(object)));
    return KAUSAL_OK;
}

Result<graph::GraphView> view_of(const DatabaseObject& object, engine::Database& database,
                                 const kausal_snapshot_t* snapshot) {
    if (snapshot == nullptr) return database.graph().view();
    auto held = KAUSAL_TRY(find_object<SnapshotObject>(HandleType::Snapshot, snapshot));
    if (held->database.get() != &object) {
        return fail(ErrorCode::Invalid, "the snapshot belongs to another database");
    }
    return held->view;
}

namespace {

constexpr uint32_t kRowsDefault = 1024;
constexpr uint32_t kRowsMax = 2048;

Result<kausal_status_t> next_chunk(IteratorObject& iterator, uint32_t rows_max,
                                   kausal_chunk_t& chunk) {
    if (iterator.database != nullptr) KAUSAL_TRY(iterator.database->check());
    if (!iterator.failure.is_ok()) return fail(iterator.failure);
    Answer& answer = iterator.answer;
    if (answer.table == nullptr)
        answer.table = std::make_unique<Table>(answer.columns, answer.workspaces);
    answer.table->clear();
    const uint32_t rows = rows_max == 0 ? kRowsDefault : std::min(rows_max, kRowsMax);
    iterator.failure = answer.fill(*answer.table, rows);
    if (!iterator.failure.is_ok()) return fail(iterator.failure);
    if (answer.table->row_count() == 0) return KAUSAL_END;
    const auto columns = answer.table->expose();
    chunk.row_count = static_cast<uint32_t>(answer.table->row_count());
    chunk.column_count = static_cast<uint32_t>(columns.size());
    chunk.columns = columns.data();
    return KAUSAL_OK;
}

struct UnknownRow {
    std::string uri;
    uint32_t line = 0;
    BlockId source;
    std::string source_name;
    std::string name;
    std::string reason;
    uint64_t workspace = 0;
};

std::vector<UnknownRow> unknown_rows(const query::Unknown& unknown) {
    std::vector<UnknownRow> rows;
    rows.reserve(unknown.sites.size() + unknown.files.size());
    for (const query::UnresolvedSite& site : unknown.sites) {
        rows.push_back({site.uri, site.line, site.source, site.source_name, site.name,
                        "the call is bound to nothing, only its name is known", site.workspace});
    }
    for (const graph::TroubledFile& file : unknown.files) {
        std::string reason =
            file.is_opaque ? "the file is not indexed" : "the file has syntax errors";
        if (!file.reason.empty()) reason += ": " + file.reason;
        rows.push_back({file.uri, 0, file.id, {}, {}, std::move(reason), file.workspace});
    }
    return rows;
}

}  // namespace
}  // namespace kausal::capi

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

extern "C" {

void kausal_chunk_init(kausal_chunk_t* chunk) {
    if (chunk == nullptr) return;
    std::memset(chunk, 0, sizeof *chunk);
    chunk->struct_size = sizeof *chunk;
}

void kausal_summary_init(kausal_summary_t* summary) {
    if (summary == nullptr) return;
    std::memset(summary, 0, sizeof *summary);
    summary->struct_size = sizeof *summary;
}

kausal_status_t kausal_iter_next_chunk(kausal_iter_t* iter, uint32_t rows_max,
                                       kausal_chunk_t* chunk, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(chunk, "chunk"));
        auto object = KAUSAL_TRY(find_object<IteratorObject>(HandleType::Iterator, iter));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        kausal_chunk_t filled;
        kausal_chunk_init(&filled);
        const kausal_status_t status = KAUSAL_TRY(next_chunk(*object, rows_max, filled));
        KAUSAL_TRY(write_struct(&filled, chunk, sizeof filled, "chunk"));
        return status;
    });
}

kausal_status_t kausal_iter_summary(const kausal_iter_t* iter, kausal_summary_t* summary,
                                    kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(summary, "summary"));
        auto object = KAUSAL_TRY(find_object<IteratorObject>(HandleType::Iterator, iter));
        const AnswerNotes& notes = object->answer.notes;
        kausal_summary_t filled;
        kausal_summary_init(&filled);
        filled.cut = notes.cut;
        filled.rows = notes.rows;
        filled.nodes_visited = notes.nodes_visited;
        filled.unresolved_sites = notes.unknown.unresolved_sites;
        filled.candidate_sites = notes.candidate_sites;
        filled.files_opaque = notes.unknown.files_opaque;
        filled.files_partial = notes.unknown.files_partial;
        filled.workspaces = object->answer.workspaces == nullptr
                                ? 0
                                : static_cast<uint32_t>(object->answer.workspaces->count());
        filled.note = {notes.note.data(), notes.note.size()};
        KAUSAL_TRY(write_struct(&filled, summary, sizeof filled, "summary"));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_iter_unknown(const kausal_iter_t* iter, kausal_iter_t** out,
                                    kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<IteratorObject>(HandleType::Iterator, iter));
        Answer answer = answer_of(
            {{"uri", KAUSAL_COLUMN_TEXT},
             {"line", KAUSAL_COLUMN_U32},
             {"source", KAUSAL_COLUMN_ID},
             {"source_name", KAUSAL_COLUMN_TEXT},
             {"name", KAUSAL_COLUMN_TEXT},
             {"reason", KAUSAL_COLUMN_TEXT},
             {"workspace", KAUSAL_COLUMN_TEXT}},
            unknown_rows(object->answer.notes.unknown),
            [names = object->answer.workspaces](Table& table, const UnknownRow& row) {
                table.text(row.uri)
                    .u32(row.line)
                    .id(row.source)
                    .text(row.source_name)
                    .text(row.name)
                    .text(row.reason)
                    .text(names == nullptr ? std::string_view() : names->name_of(row.workspace));
            });
        return give_answer(object->database, std::move(answer), out);
    });
}

void kausal_iter_destroy(kausal_iter_t* iter) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Iterator, iter);
        return 0;
    });
}

}  // extern "C"
