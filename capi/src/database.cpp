// Opening and closing of databases, options, snapshots, maintenance.
#include "format/block_record.h"
#include "guard.h"
#include "objects.h"

#include <array>
#include <charconv>

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

template <typename T>
Status parse_number(std::string_view key, std::string_view value, T low, T high, T& into) {
    T number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < low ||
        number > high) {
        return {ErrorCode::Invalid, std::string(key) + " is '" + std::string(value) +
                                        "', not a number from " + std::to_string(low) + " to " +
                                        std::to_string(high)};
    }
    into = number;
    return {};
}

Status parse_bool(std::string_view key, std::string_view value, bool& into) {
    if (value != "true" && value != "false") {
        return {ErrorCode::Invalid,
                std::string(key) + " is '" + std::string(value) + "', not true or false"};
    }
    into = value == "true";
    return {};
}

Status parse_durability(std::string_view value, storage::Durability& into) {
    if (value == "full") {
        into = storage::Durability::Full;
    } else if (value == "interval") {
        into = storage::Durability::Interval;
    } else if (value == "none") {
        into = storage::Durability::None;
    } else {
        return {ErrorCode::Invalid,
                "durability is '" + std::string(value) + "', not full, interval or none"};
    }
    return {};
}

constexpr size_t kMebibyte = size_t{1} << 20;

struct OptionKey {
    const char* name;
    Status (*set)(engine::DatabaseOptions&, std::string_view key, std::string_view value);
};

using Options = engine::DatabaseOptions;
using View = std::string_view;
constexpr std::array kOptionKeys = {
    OptionKey{
        "create_if_missing",
        [](Options& o, View k, View v) { return parse_bool(k, v, o.storage.create_if_missing); }},
    OptionKey{"read_only",
              [](Options& o, View k, View v) { return parse_bool(k, v, o.storage.read_only); }},
    OptionKey{"durability",
              [](Options& o, View, View v) { return parse_durability(v, o.storage.durability); }},
    OptionKey{"sync_interval_ms",
              [](Options& o, View k, View v) {
                  return parse_number<uint32_t>(k, v, 1, 60'000, o.storage.sync_interval_ms);
              }},
    OptionKey{"memtable_size_bytes",
              [](Options& o, View k, View v) {
                  return parse_number<size_t>(k, v, 4096, 4096 * kMebibyte,
                                              o.storage.memtable_size_bytes);
              }},
    OptionKey{"cache_size_bytes",
              [](Options& o, View k, View v) {
                  return parse_number<size_t>(k, v, 0, 1024 * 1024 * kMebibyte,
                                              o.storage.cache_size_bytes);
              }},
    OptionKey{"wal_segment_size_bytes",
              [](Options& o, View k, View v) {
                  return parse_number<size_t>(k, v, 65536, 4096 * kMebibyte,
                                              o.storage.wal_segment_size_bytes);
              }},
    OptionKey{"compression_level",
              [](Options& o, View k, View v) {
                  return parse_number<int>(k, v, 0, 19, o.storage.compression_level);
              }},
    OptionKey{"compaction", [](Options& o, View k,
                               View v) { return parse_bool(k, v, o.storage.compaction_enabled); }},
    OptionKey{"threads", [](Options& o, View k,
                            View v) { return parse_number<size_t>(k, v, 0, 256, o.thread_count); }},
};

std::string health_text(storage::Health health) {
    switch (health) {
        case storage::Health::Healthy:
            return "healthy";
        case storage::Health::Degraded:
            return "degraded";
        case storage::Health::ReadOnly:
            return "read-only";
        case storage::Health::Poisoned:
            return "poisoned";
    }
    return "unknown";
}

Report stats_report(const storage::StorageStats& stats) {
    const auto number = [](uint64_t value) { return std::to_string(value); };
    return {{"health", health_text(stats.health)},
            {"health_reason", stats.health_reason},
            {"sequence", number(stats.sequence)},
            {"blocks", number(stats.blocks)},
            {"edges", number(stats.edges)},
            {"segments", number(stats.segment_count)},
            {"segment_bytes", number(stats.segment_bytes)},
            {"wal_bytes", number(stats.wal_bytes)},
            {"memtables", number(stats.memtable_count)},
            {"memtable_bytes", number(stats.memtable_bytes)},
            {"cache_bytes", number(stats.cache_bytes)},
            {"cache_hits", number(stats.cache_hits)},
            {"cache_misses", number(stats.cache_misses)},
            {"commits", number(stats.commits)},
            {"commit_groups", number(stats.commit_groups)},
            {"syncs", number(stats.syncs)},
            {"flushes", number(stats.flushes)},
            {"compactions", number(stats.compactions)},
            {"compaction_bytes_written", number(stats.compaction_bytes_written)},
            {"resident_bytes", number(io::resident_bytes())},
            {"resident_bytes_peak", number(io::resident_bytes_peak())}};
}

/// Runs one maintenance step of the storage engine.
kausal_status_t maintain(kausal_db_t* db, kausal_error_t** err,
                         Status (storage::StorageEngine::*step)()) noexcept {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        KAUSAL_TRY((database->storage().*step)());
        return KAUSAL_OK;
    });
}

}  // namespace

extern "C" {

kausal_status_t kausal_options_create(kausal_options_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        *out = static_cast<kausal_options_t*>(
            HandleTable::instance().add(HandleType::Options, std::make_shared<OptionsObject>()));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_options_set(kausal_options_t* options, const char* key, const char* value,
                                   kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<OptionsObject>(HandleType::Options, options));
        KAUSAL_TRY(require(key, "key"));
        KAUSAL_TRY(require(value, "value"));
        for (const OptionKey& known : kOptionKeys) {
            if (std::string_view(key) != known.name) continue;
            KAUSAL_TRY(known.set(object->options, key, value));
            return KAUSAL_OK;
        }
        return fail(ErrorCode::Invalid, "no option is called '" + std::string(key) + "'");
    });
}

const char* kausal_options_key(size_t index) {
    return index < kOptionKeys.size() ? kOptionKeys[index].name : nullptr;
}

void kausal_options_destroy(kausal_options_t* options) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Options, options);
        return 0;
    });
}

kausal_status_t kausal_db_open(const char* path, size_t path_size, const kausal_options_t* options,
                               kausal_db_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        if (path == nullptr || path_size == 0) return fail(missing("path"));
        const std::string_view where = KAUSAL_TRY(text_argument(path, path_size, "path"));
        if (where.find('\0') != std::string_view::npos) {
            return fail(ErrorCode::Invalid, "path has a NUL byte inside");
        }
        engine::DatabaseOptions chosen;
        if (options != nullptr) {
            chosen = KAUSAL_TRY(find_object<OptionsObject>(HandleType::Options, options))->options;
        }
        auto object =
            std::make_shared<DatabaseObject>(KAUSAL_TRY(engine::Database::open(where, chosen)));
        *out = static_cast<kausal_db_t*>(
            HandleTable::instance().add(HandleType::Database, std::move(object)));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_db_close(kausal_db_t* db, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        KAUSAL_TRY(object->close());
        return KAUSAL_OK;
    });
}

void kausal_db_destroy(kausal_db_t* db) {
    guard_value(0, [&] {
        auto object = HandleTable::instance().remove(HandleType::Database, db);
        if (object != nullptr) (void)static_cast<DatabaseObject&>(*object).close();
        return 0;
    });
}

kausal_status_t kausal_db_sync(kausal_db_t* db, kausal_error_t** err) {
    return maintain(db, err, &storage::StorageEngine::sync);
}
kausal_status_t kausal_db_flush(kausal_db_t* db, kausal_error_t** err) {
    return maintain(db, err, &storage::StorageEngine::flush);
}
kausal_status_t kausal_db_compact(kausal_db_t* db, kausal_error_t** err) {
    return maintain(db, err, &storage::StorageEngine::compact);
}

kausal_status_t kausal_db_stats(kausal_db_t* db, kausal_iter_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        Answer answer = answer_of_report(stats_report(database->storage().stats()));
        return give_answer(std::move(object), std::move(answer), out);
    });
}

kausal_status_t kausal_db_verify(kausal_db_t* db, kausal_iter_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        storage::VerifyReport report = KAUSAL_TRY(database->storage().verify());
        Answer answer = answer_of(
            {{"file", KAUSAL_COLUMN_TEXT},
             {"offset", KAUSAL_COLUMN_U64},
             {"message", KAUSAL_COLUMN_TEXT}},
            std::move(report.findings), [](Table& table, const storage::VerifyFinding& finding) {
                table.text(finding.file).u64(finding.offset).text(finding.message);
            });
        answer.notes.note = std::to_string(report.files_checked) + " files, " +
                            std::to_string(report.bytes_checked) + " bytes, " +
                            std::to_string(report.blocks_checked) + " blocks and " +
                            std::to_string(report.edges_checked) + " edges checked";
        return give_answer(std::move(object), std::move(answer), out);
    });
}

kausal_status_t kausal_snapshot_create(kausal_db_t* db, kausal_snapshot_t** out,
                                       kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        auto snapshot = std::make_shared<SnapshotObject>(object, database->graph().view());
        *out = static_cast<kausal_snapshot_t*>(
            HandleTable::instance().add(HandleType::Snapshot, std::move(snapshot)));
        return KAUSAL_OK;
    });
}

uint64_t kausal_snapshot_sequence(const kausal_snapshot_t* snapshot) {
    return guard_value<uint64_t>(0, [&]() -> uint64_t {
        auto object = HandleTable::instance().find(HandleType::Snapshot, snapshot);
        return object == nullptr ? 0 : static_cast<SnapshotObject&>(*object).view.sequence();
    });
}

void kausal_snapshot_destroy(kausal_snapshot_t* snapshot) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Snapshot, snapshot);
        return 0;
    });
}

kausal_status_t kausal_cancel_create(kausal_cancel_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        *out = static_cast<kausal_cancel_t*>(
            HandleTable::instance().add(HandleType::Cancel, std::make_shared<CancelObject>()));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_cancel_trigger(kausal_cancel_t* cancel, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(find_object<CancelObject>(HandleType::Cancel, cancel))->triggered.store(true);
        return KAUSAL_OK;
    });
}

void kausal_cancel_destroy(kausal_cancel_t* cancel) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Cancel, cancel);
        return 0;
    });
}

}  // extern "C"
