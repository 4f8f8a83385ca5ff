// An open database: wires the rooms together and owns them in the right order. No algorithm lives
// here.
#pragma once

#include "base/status.h"
#include "graph/graph.h"
#include "ingest/ingest.h"
#include "io/clock.h"
#include "io/executor.h"
#include "io/vfs.h"
#include "storage/storage_engine.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace kausal::engine {

struct DatabaseOptions {
    storage::StorageOptions storage;
    size_t thread_count = 0;  // of background work and ingest; 0 = one per processor
};

/// Threads: shared, except `close` (once, after all other calls have returned).
class Database {
  public:
    /// Errors: those of StorageEngine::open.
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(std::string_view path,
                                                                const DatabaseOptions& options);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] graph::Graph& graph() noexcept { return *graph_; }
    [[nodiscard]] storage::StorageEngine& storage() noexcept { return *storage_; }
    [[nodiscard]] io::Clock& clock() noexcept { return *clock_; }
    /// A fresh Ingest over this database; cheap.
    [[nodiscard]] ingest::Ingest ingest() noexcept;
    /// Closes the storage; reads through snapshots that are still held go on.
    [[nodiscard]] Status close();

  private:
    Database() = default;

    // In order of construction; destroyed in reverse, so that what is used outlives its users.
    std::unique_ptr<io::Vfs> vfs_;
    std::unique_ptr<io::Clock> clock_;
    std::unique_ptr<io::Random> random_;
    std::unique_ptr<io::Executor> background_;
    std::unique_ptr<io::Executor> workers_;
    std::unique_ptr<storage::StorageEngine> storage_;
    std::unique_ptr<graph::Graph> graph_;
};

}  // namespace kausal::engine
