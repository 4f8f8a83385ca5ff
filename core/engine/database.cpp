// Construction and teardown of the object graph of one database.
#include "engine/database.h"

#include "io/posix_vfs.h"

namespace kausal::engine {
namespace {

// Flush and compaction may run side by side; more would only compete for the disk.
constexpr size_t kBackgroundThreads = 2;

}  // namespace

Result<std::unique_ptr<Database>> Database::open(std::string_view path,
                                                 const DatabaseOptions& options) {
    std::unique_ptr<Database> database(new Database());
    database->vfs_ = io::make_posix_vfs();
    database->clock_ = io::make_system_clock();
    database->random_ = io::make_system_random();
    database->background_ = io::make_thread_executor(kBackgroundThreads);
    const size_t workers = options.thread_count != 0 ? options.thread_count : io::processor_count();
    database->workers_ = io::make_thread_executor(workers);
    const storage::Environment environment{database->vfs_.get(), database->clock_.get(),
                                           database->random_.get(), database->background_.get()};
    database->storage_ =
        KAUSAL_TRY(storage::StorageEngine::open(environment, path, options.storage));
    database->graph_ = std::make_unique<graph::Graph>(*database->storage_);
    return database;
}

Database::~Database() = default;

ingest::Ingest Database::ingest() noexcept {
    return {*graph_, *vfs_, *workers_, *clock_};
}

Status Database::close() {
    return storage_->close();
}

}  // namespace kausal::engine
