// Opening a database: directory, lock, manifest, file set, segments, log; see engine.h.
//
// Nothing is written before the lock is held, nothing at all when read-only. A read-only opener may
// run beside a writer that removes files between two of its steps; it starts over then, from the
// manifest.
#include "manifest/file_set.h"
#include "storage/engine.h"

#include <algorithm>
#include <utility>

namespace kausal::storage {
namespace {

constexpr int kReadOnlyAttempts = 20;
constexpr uint64_t kReadOnlyPause = 5'000'000;  // nanoseconds
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

std::string two_digits(int64_t value) {
    std::string text = std::to_string(value);
    return text.size() < 2 ? "0" + text : text;
}

/// "2026-03-01T09:30:00Z". Days to dates by counting eras of 400 years from 1 March of year 0.
std::string utc_text(int64_t wall_ns) {
    const int64_t seconds = wall_ns / kNanosecondsPerSecond;
    const int64_t days = seconds / kSecondsPerDay + 719'468;
    const int64_t second_of_day = seconds % kSecondsPerDay;
    const int64_t era = days / 146'097;
    const int64_t day_of_era = days % 146'097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t shifted_month = (5 * day_of_year + 2) / 153;  // 0 is March
    const int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    const int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    return std::to_string(year) + "-" + two_digits(month) + "-" + two_digits(day) + "T" +
           two_digits(second_of_day / 3'600) + ":" + two_digits(second_of_day / 60 % 60) + ":" +
           two_digits(second_of_day % 60) + "Z";
}

Status check_options(const Environment& environment, const StorageOptions& options) {
    if (environment.vfs == nullptr || environment.clock == nullptr ||
        environment.random == nullptr || environment.executor == nullptr) {
        return {ErrorCode::Invalid, "the environment is incomplete"};
    }
    if (options.memtable_size_bytes == 0 || options.memtable_count_max == 0) {
        return {ErrorCode::Invalid, "memtable_size_bytes and memtable_count_max must not be 0"};
    }
    if (options.compaction_fan_in_min < 2 ||
        options.compaction_fan_in_max < options.compaction_fan_in_min) {
        return {ErrorCode::Invalid, "compaction_fan_in_min must be 2 or more and not above max"};
    }
    return Status::ok();
}

Result<std::unique_ptr<io::Directory>> open_directory(const Environment& environment,
                                                      std::string_view path,
                                                      const StorageOptions& options) {
    Result<std::unique_ptr<io::Directory>> directory = environment.vfs->open_directory(path);
    if (directory || directory.error().code() != ErrorCode::NotFound ||
        !options.create_if_missing || options.read_only) {
        return directory;
    }
    KAUSAL_TRY(environment.vfs->make_directories(path));
    return environment.vfs->open_directory(path);
}

/// Whether there is a database to open (true) or to make (false).
Result<bool> has_database(io::Directory& directory, std::string_view path,
                          const StorageOptions& options) {
    switch (KAUSAL_TRY(manifest::classify_directory(directory))) {
        case manifest::DirectoryState::Database:
            return true;
        case manifest::DirectoryState::Foreign:
            return fail(ErrorCode::Corrupt, std::string(path) +
                                                ": the directory is not empty and holds no CURRENT "
                                                "file; it is damaged or not a database");
        case manifest::DirectoryState::Empty:
        case manifest::DirectoryState::Interrupted:
            break;
    }
    if (!options.create_if_missing || options.read_only) {
        return fail(ErrorCode::NotFound, std::string(path) + ": no database here");
    }
    return false;
}

Result<std::unique_ptr<io::Lock>> take_lock(const Environment& environment,
                                            io::Directory& directory) {
    const std::string holder = "pid " + std::to_string(io::process_id()) + " since " +
                               utc_text(environment.clock->wall_ns());
    Result<std::unique_ptr<io::Lock>> lock = directory.lock(manifest::kLockName, holder);
    if (!lock && lock.error().code() == ErrorCode::Locked) {
        return fail(std::move(lock).error().with_context("another process writes to the database"));
    }
    return lock;
}

Result<std::unique_ptr<manifest::Manifest>> open_manifest(const Environment& environment,
                                                          io::Directory& directory,
                                                          std::string_view path,
                                                          const StorageOptions& options) {
    // Judged again now that the lock is held: another process may have made it meanwhile.
    if (KAUSAL_TRY(has_database(directory, path, options))) {
        return manifest::Manifest::open(directory, options.read_only);
    }
    format::DatabaseUuid uuid;
    while (!uuid.is_valid()) {
        uuid = {environment.random->next64(), environment.random->next64()};
    }
    return manifest::Manifest::create(directory, uuid);
}

Result<std::unique_ptr<StorageEngine>> open_once(const Environment& environment,
                                                 std::string_view path,
                                                 const StorageOptions& options) {
    std::unique_ptr<io::Directory> directory =
        KAUSAL_TRY(open_directory(environment, path, options));
    // Before the lock file is made: a directory that is not ours stays untouched.
    (void)KAUSAL_TRY(has_database(*directory, path, options));
    Engine::Parts parts;
    if (!options.read_only) parts.lock = KAUSAL_TRY(take_lock(environment, *directory));
    parts.manifest = KAUSAL_TRY(open_manifest(environment, *directory, path, options));
    if (!options.read_only) {
        const manifest::FileSetReport files =
            KAUSAL_TRY(manifest::check_file_set(*directory, *parts.manifest));
        (void)KAUSAL_TRY(manifest::settle_file_set(*directory, files));
    }
    parts.core = std::make_shared<StorageCore>(std::move(directory), options.cache_size_bytes);
    auto engine = std::make_unique<Engine>(environment, options, std::move(parts));
    KAUSAL_TRY(engine->recover());
    return engine;
}

}  // namespace

Result<std::unique_ptr<StorageEngine>> StorageEngine::open(const Environment& environment,
                                                           std::string_view path,
                                                           const StorageOptions& options) {
    KAUSAL_TRY(check_options(environment, options));
    Result<std::unique_ptr<StorageEngine>> engine = open_once(environment, path, options);
    if (!options.read_only) return engine;
    for (int attempt = 1; attempt < kReadOnlyAttempts && !engine; ++attempt) {
        const ErrorCode code = engine.error().code();
        const bool may_pass = code == ErrorCode::NotFound || code == ErrorCode::Corrupt ||
                              code == ErrorCode::Unavailable;
        if (!may_pass) break;
        // An absent database does not appear by waiting.
        if (!environment.vfs->info(std::string(path) + "/" + std::string(manifest::kCurrentName))) {
            break;
        }
        environment.executor->sleep_ns(kReadOnlyPause);
        engine = open_once(environment, path, options);
    }
    return engine;
}

Status Engine::recover() {
    KAUSAL_TRY(versions_.open_segments());
    const manifest::ManifestState state = versions_.manifest_state();
    const manifest::Superblock superblock = versions_.superblock();
    active_ = std::make_shared<memtable::Memtable>();
    versions_.add_memtable(active_);
    segments_sequence_ = state.last_seq;
    last_sequence_ = state.last_seq;

    wal::RecoveryOptions recovery;
    recovery.mode = options_.read_only ? wal::RecoveryMode::ReadOnly : wal::RecoveryMode::ReadWrite;
    recovery.newest_segment_id_min = state.wal_newest_segment_id;
    recovery.deliver_above_seq = state.last_seq;
    const wal::LogIdentity identity{.uuid = superblock.uuid, .epoch = superblock.epoch};
    const wal::RecoveryReport report = KAUSAL_TRY(wal::recover_log(
        *core_->directory, identity, state.wal_first_segment_id, recovery,
        [this](uint64_t sequence, uint8_t type, std::string_view payload) -> Status {
            if (type != static_cast<uint8_t>(wal::LogRecordType::Batch)) {
                return {ErrorCode::NewerFormat,
                        "log record of unknown type " + std::to_string(type)};
            }
            return replay(sequence, payload);
        }));
    recovery_bytes_discarded_ = report.bytes_discarded;
    lost_and_found_name_ = report.lost_and_found_name;
    last_sequence_ = std::max(last_sequence_, report.last_seq);
    versions_.publish(last_sequence_);
    if (options_.read_only) return Status::ok();
    KAUSAL_TRY(start_log(report));
    maintenance_.schedule_merge();
    return Status::ok();
}

// A group is delivered when any of its records is not in segments yet; the others of it are.
Status Engine::replay(uint64_t sequence, std::string_view payload) {
    if (sequence <= segments_sequence_) return Status::ok();
    if (active_->size_bytes() >= options_.memtable_size_bytes && !options_.read_only) {
        KAUSAL_TRY(maintenance_.wait_for_room());
        auto fresh = std::make_shared<memtable::Memtable>();
        versions_.add_memtable(fresh);
        FrozenMemtable frozen{.memtable = std::move(active_)};
        active_ = std::move(fresh);
        maintenance_.add_frozen(std::move(frozen));
    }
    KAUSAL_TRY(active_->apply(payload, sequence));
    last_sequence_ = sequence;
    ++recovered_records_;
    return Status::ok();
}

Status Engine::start_log(const wal::RecoveryReport& report) {
    const manifest::Superblock superblock = versions_.superblock();
    const wal::LogIdentity identity{.uuid = superblock.uuid, .epoch = superblock.epoch};
    const wal::LogWriterOptions log_options{.segment_size_bytes = options_.wal_segment_size_bytes};
    log_ =
        KAUSAL_TRY(wal::LogWriter::create(*core_->directory, identity, log_options, report.next));
    const uint64_t newest = log_->position().segment_id;
    // With nothing replayed the log before this segment has no more to tell.
    const bool is_replayed = recovered_records_ != 0;
    KAUSAL_TRY(versions_.note_log(is_replayed ? 0 : newest, newest));
    if (!is_replayed) maintenance_.remove_old_log(newest);
    return Status::ok();
}

}  // namespace kausal::storage
