// Workspaces: linking, syncing and describing source trees.
#include "guard.h"
#include "objects.h"

#include <cstring>
#include <map>
#include <unordered_map>

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

using format::BlockKind;

/// What a link or sync borrows from its caller for the time of the call.
struct IngestCall {
    ingest::IngestOptions options;
    std::shared_ptr<CancelObject> cancel;
    std::shared_ptr<ProgressObject> progress;
};

Result<IngestCall> read_ingest_options(const kausal_ingest_options_t* options) {
    kausal_ingest_options_t given;
    kausal_ingest_options_init(&given);
    if (options != nullptr) KAUSAL_TRY(read_struct(options, &given, sizeof given, "options"));
    IngestCall call;
    call.options.full = given.full != 0;
    if (given.threads > 256) {
        return fail(ErrorCode::Invalid, std::to_string(given.threads) + " threads, not 0 to 256");
    }
    call.options.worker_count = given.threads;
    if (given.file_size_bytes_max != 0)
        call.options.file_size_bytes_max = given.file_size_bytes_max;
    if (given.cancel != nullptr) {
        call.cancel = KAUSAL_TRY(find_object<CancelObject>(HandleType::Cancel, given.cancel));
        call.options.cancel = &call.cancel->triggered;
    }
    if (given.progress != nullptr) {
        call.progress =
            KAUSAL_TRY(find_object<ProgressObject>(HandleType::Progress, given.progress));
        call.options.progress = [progress = call.progress](const ingest::Progress& now) {
            progress->phase.store(static_cast<uint32_t>(now.phase));
            progress->done.store(now.done);
            progress->total.store(now.total);
            progress->bytes.store(now.bytes);
        };
    }
    return call;
}

Answer report_answer(ingest::IngestReport report) {
    const auto number = [](uint64_t value) { return std::to_string(value); };
    const auto seconds = [](double value) {
        char text[32];
        (void)std::snprintf(text, sizeof text, "%.3f", value);
        return std::string(text);
    };
    Answer answer = answer_of_report({{"files", number(report.files)},
                                      {"files_indexed", number(report.files_indexed)},
                                      {"files_opaque", number(report.files_opaque)},
                                      {"files_partial", number(report.files_partial)},
                                      {"files_failed", number(report.files_failed)},
                                      {"files_parsed", number(report.files_parsed)},
                                      {"files_bound", number(report.files_bound)},
                                      {"files_removed", number(report.files_removed)},
                                      {"lines", number(report.lines)},
                                      {"bytes", number(report.bytes)},
                                      {"blocks", number(report.blocks)},
                                      {"edges_resolved", number(report.edges_resolved)},
                                      {"edges_external", number(report.edges_external)},
                                      {"edges_candidate", number(report.edges_candidate)},
                                      {"sequence", number(report.sequence)},
                                      {"seconds_list", seconds(report.seconds_list)},
                                      {"seconds_parse", seconds(report.seconds_parse)},
                                      {"seconds_link", seconds(report.seconds_link)},
                                      {"seconds_bind", seconds(report.seconds_bind)},
                                      {"seconds_commit", seconds(report.seconds_commit)}});
    answer.notes.unknown.files_opaque = report.files_opaque;
    answer.notes.unknown.files_partial = report.files_partial;
    for (ingest::FileNote& note : report.notes) {
        graph::TroubledFile file;
        file.uri = std::move(note.path);
        file.reason = std::move(note.reason);
        file.is_opaque = true;
        answer.notes.unknown.files.push_back(std::move(file));
    }
    return answer;
}

/// What `status` says of one workspace.
struct WorkspaceCounts {
    uint64_t files = 0, files_opaque = 0, files_partial = 0, blocks = 0;
    uint64_t edges_resolved = 0, edges_candidate = 0, edges_external = 0;
    std::map<std::string_view, uint64_t> languages;
};

void count_block(const format::BlockRecord& record, WorkspaceCounts& counts) {
    if (record.kind == BlockKind::FileFacts || record.kind == BlockKind::Workspace) return;
    ++counts.blocks;
    if (record.kind != BlockKind::File) return;
    ++counts.files;
    if ((record.flags & format::kBlockOpaque) != 0) ++counts.files_opaque;
    if ((record.flags & format::kBlockPartial) != 0) ++counts.files_partial;
    if (record.language != format::Language::None) {
        ++counts.languages[format::language_name(record.language)];
    }
}

using CountsByWorkspace = std::unordered_map<uint64_t, WorkspaceCounts>;

Result<CountsByWorkspace> count_workspaces(const graph::GraphView& view) {
    CountsByWorkspace counts;
    std::unordered_map<BlockId, uint64_t, BlockIdHash> workspace_of;
    std::unordered_map<BlockId, BlockKind, BlockIdHash> outside;
    KAUSAL_TRY(view.snapshot().scan_blocks(BlockKind::Invalid, storage::BlockParts::Head,
                                           [&](const storage::BlockPin& pin) {
                                               const format::BlockRecord& record = pin.record;
                                               count_block(record, counts[record.workspace]);
                                               workspace_of.emplace(record.id, record.workspace);
                                               if (record.kind == BlockKind::ExternalSymbol)
                                                   outside.emplace(record.id, record.kind);
                                               return true;
                                           }));
    KAUSAL_TRY(view.snapshot().scan_edges([&](const format::EdgeRecord& edge) {
        const auto source = workspace_of.find(edge.source);
        if (source == workspace_of.end()) return true;
        WorkspaceCounts& of_source = counts[source->second];
        if (edge.certainty == format::Certainty::Candidate) {
            ++of_source.edges_candidate;
        } else if (outside.contains(edge.target)) {
            ++of_source.edges_external;
        } else {
            ++of_source.edges_resolved;
        }
        return true;
    }));
    return counts;
}

std::string languages_text(const WorkspaceCounts& counts) {
    // Most files first; the map's order by name decides between equals.
    std::vector<std::pair<std::string_view, uint64_t>> languages(counts.languages.begin(),
                                                                 counts.languages.end());
    std::stable_sort(languages.begin(), languages.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    std::string text;
    for (const auto& [language, files] : languages) {
        if (!text.empty()) text += ", ";
        text += std::string(language) + " " + std::to_string(files);
    }
    return text;
}

Result<Answer> workspaces_answer(const graph::GraphView& view) {
    std::vector<graph::Workspace> workspaces = KAUSAL_TRY(view.workspaces());
    auto counts = std::make_shared<CountsByWorkspace>(KAUSAL_TRY(count_workspaces(view)));
    return answer_of({{"name", KAUSAL_COLUMN_TEXT},
                      {"root", KAUSAL_COLUMN_TEXT},
                      {"id", KAUSAL_COLUMN_ID},
                      {"files", KAUSAL_COLUMN_U64},
                      {"files_opaque", KAUSAL_COLUMN_U64},
                      {"files_partial", KAUSAL_COLUMN_U64},
                      {"blocks", KAUSAL_COLUMN_U64},
                      {"edges_resolved", KAUSAL_COLUMN_U64},
                      {"edges_candidate", KAUSAL_COLUMN_U64},
                      {"edges_external", KAUSAL_COLUMN_U64},
                      {"languages", KAUSAL_COLUMN_TEXT}},
                     std::move(workspaces), [counts](Table& table, const graph::Workspace& row) {
                         const WorkspaceCounts& own = (*counts)[row.number()];
                         table.text(row.name)
                             .text(row.root)
                             .id(row.id)
                             .u64(own.files)
                             .u64(own.files_opaque)
                             .u64(own.files_partial)
                             .u64(own.blocks)
                             .u64(own.edges_resolved)
                             .u64(own.edges_candidate)
                             .u64(own.edges_external)
                             .text(languages_text(own));
                     });
}

/// Enters the database and runs `body(Database&)`, which returns Result<Answer>.
template <typename Body>
kausal_status_t run(kausal_db_t* db, kausal_iter_t** out, kausal_error_t** err,
                    Body&& body) noexcept {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        Answer answer = KAUSAL_TRY(body(*database));
        return give_answer(object, std::move(answer), out);
    });
}

}  // namespace

extern "C" {

void kausal_ingest_options_init(kausal_ingest_options_t* options) {
    if (options == nullptr) return;
    std::memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

void kausal_progress_info_init(kausal_progress_info_t* info) {
    if (info == nullptr) return;
    std::memset(info, 0, sizeof *info);
    info->struct_size = sizeof *info;
}

kausal_status_t kausal_progress_create(kausal_progress_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        *out = static_cast<kausal_progress_t*>(
            HandleTable::instance().add(HandleType::Progress, std::make_shared<ProgressObject>()));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_progress_get(const kausal_progress_t* progress, kausal_progress_info_t* info,
                                    kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(info, "info"));
        auto object = KAUSAL_TRY(find_object<ProgressObject>(HandleType::Progress, progress));
        kausal_progress_info_t filled;
        kausal_progress_info_init(&filled);
        filled.phase = object->phase.load();
        filled.done = object->done.load();
        filled.total = object->total.load();
        filled.bytes = object->bytes.load();
        KAUSAL_TRY(write_struct(&filled, info, sizeof filled, "info"));
        return KAUSAL_OK;
    });
}

void kausal_progress_destroy(kausal_progress_t* progress) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Progress, progress);
        return 0;
    });
}

kausal_status_t kausal_workspace_link(kausal_db_t* db, const char* root, size_t root_size,
                                      const char* name, size_t name_size,
                                      const kausal_ingest_options_t* options, kausal_iter_t** out,
                                      kausal_error_t** err) {
    return run(db, out, err, [&](engine::Database& database) -> Result<Answer> {
        const IngestCall call = KAUSAL_TRY(read_ingest_options(options));
        if (root == nullptr || root_size == 0) return fail(missing("root"));
        const std::string_view path = KAUSAL_TRY(text_argument(root, root_size, "root"));
        const std::string_view called = KAUSAL_TRY(text_argument(name, name_size, "name"));
        return report_answer(KAUSAL_TRY(database.ingest().link(path, called, call.options)));
    });
}

kausal_status_t kausal_workspace_sync(kausal_db_t* db, const char* name, size_t name_size,
                                      const kausal_ingest_options_t* options, kausal_iter_t** out,
                                      kausal_error_t** err) {
    return run(db, out, err, [&](engine::Database& database) -> Result<Answer> {
        const IngestCall call = KAUSAL_TRY(read_ingest_options(options));
        const std::string_view called = KAUSAL_TRY(name_argument(name, name_size, "name"));
        return report_answer(KAUSAL_TRY(database.ingest().sync(called, call.options)));
    });
}

kausal_status_t kausal_workspace_unlink(kausal_db_t* db, const char* name, size_t name_size,
                                        kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        const std::string_view called = KAUSAL_TRY(name_argument(name, name_size, "name"));
        auto database = KAUSAL_TRY(object->use());
        KAUSAL_TRY(database->ingest().unlink(called));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_workspace_list(kausal_db_t* db, kausal_iter_t** out, kausal_error_t** err) {
    return run(db, out, err, [](engine::Database& database) -> Result<Answer> {
        return answer_of(
            {{"name", KAUSAL_COLUMN_TEXT}, {"root", KAUSAL_COLUMN_TEXT}, {"id", KAUSAL_COLUMN_ID}},
            KAUSAL_TRY(database.graph().view().workspaces()),
            [](Table& table, const graph::Workspace& row) {
                table.text(row.name).text(row.root).id(row.id);
            });
    });
}

kausal_status_t kausal_workspaces(kausal_db_t* db, kausal_iter_t** out, kausal_error_t** err) {
    return run(db, out, err, [](engine::Database& database) -> Result<Answer> {
        return workspaces_answer(database.graph().view());
    });
}

kausal_status_t kausal_workspace_staleness(kausal_db_t* db, const char* name, size_t name_size,
                                           kausal_iter_t** out, kausal_error_t** err) {
    return run(db, out, err, [&](engine::Database& database) -> Result<Answer> {
        const std::string_view called = KAUSAL_TRY(name_argument(name, name_size, "name"));
        const auto staleness = KAUSAL_TRY(database.ingest().staleness(called));
        return answer_of_report({{"files_added", std::to_string(staleness.files_added)},
                                 {"files_changed", std::to_string(staleness.files_changed)},
                                 {"files_removed", std::to_string(staleness.files_removed)}});
    });
}

kausal_status_t kausal_workspace_notes(kausal_db_t* db, const char* name, size_t name_size,
                                       kausal_iter_t** out, kausal_error_t** err) {
    return run(db, out, err, [&](engine::Database& database) -> Result<Answer> {
        const std::string_view called = KAUSAL_TRY(name_argument(name, name_size, "name"));
        const graph::GraphView view = database.graph().view();
        const auto workspace = KAUSAL_TRY(view.workspace(called));
        if (!workspace) {
            return fail(ErrorCode::NotFound,
                        "no workspace is called '" + std::string(called) + "'");
        }
        return answer_of({{"uri", KAUSAL_COLUMN_TEXT},
                          {"reason", KAUSAL_COLUMN_TEXT},
                          {"partial", KAUSAL_COLUMN_U32}},
                         KAUSAL_TRY(view.troubled_files(workspace->number())),
                         [](Table& table, const graph::TroubledFile& file) {
                             table.text(file.uri).text(file.reason).u32(file.is_opaque ? 0 : 1);
                         });
    });
}

}  // extern "C"
