// What the handles of the C border stand for.
#pragma once

#include "engine/database.h"
#include "handle_table.h"
#include "kausal/kausal.h"
#include "rows.h"

#include <atomic>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace kausal::capi {

class ErrorObject final : public Object {
  public:
    explicit ErrorObject(const Status& status) : code(status.code()), message(status.message()) {}
    const ErrorCode code;
    const std::string message;
};

class OptionsObject final : public Object {
  public:
    engine::DatabaseOptions options;
};

/// A database with the calls that are inside it: `close` waits for them and keeps others out.
class DatabaseObject final : public Object {
  public:
    explicit DatabaseObject(std::unique_ptr<engine::Database> opened)
        : process_(::getpid()), database_(std::move(opened)) {}

    /// Permission to use the database until it is destroyed.
    class Use {
      public:
        Use(std::shared_lock<std::shared_mutex> lock, engine::Database& database)
            : lock_(std::move(lock)), database_(&database) {}
        engine::Database* operator->() const noexcept { return database_; }
        engine::Database& operator*() const noexcept { return *database_; }

      private:
        std::shared_lock<std::shared_mutex> lock_;
        engine::Database* database_;
    };
    /// Errors: Closed, Forked.
    [[nodiscard]] Result<Use> use();
    [[nodiscard]] Status check() const;
    [[nodiscard]] Status close();
    [[nodiscard]] WorkspaceNamesCache& workspace_names() noexcept { return workspace_names_; }
    ~DatabaseObject() override;

  private:
    const pid_t process_;
    std::atomic<bool> closed_{false};
    std::shared_mutex in_use_;  // held shared by every call, exclusively by close
    std::unique_ptr<engine::Database> database_;
    WorkspaceNamesCache workspace_names_;
};

class SnapshotObject final : public Object {
  public:
    SnapshotObject(std::shared_ptr<DatabaseObject> owner, graph::GraphView shown)
        : database(std::move(owner)), view(std::move(shown)) {}
    const std::shared_ptr<DatabaseObject> database;
    const graph::GraphView view;
};

class CancelObject final : public Object {
  public:
    std::atomic<bool> triggered{false};
};

class ProgressObject final : public Object {
  public:
    std::atomic<uint32_t> phase{0};
    std::atomic<uint64_t> done{0};
    std::atomic<uint64_t> total{0};
    std::atomic<uint64_t> bytes{0};
};

class BlockObject final : public Object {
  public:
    BlockObject(std::shared_ptr<DatabaseObject> owner, storage::BlockPin held)
        : database(std::move(owner)), pin(std::move(held)) {}
    const std::shared_ptr<DatabaseObject> database;  // what the pin holds belongs to it
    const storage::BlockPin pin;
};

/// Confined objects let one call in at a time.
class Confined : public Object {
  public:
    /// True when nobody else is inside; then `leave` must follow.
    [[nodiscard]] bool enter() noexcept { return !busy_.test_and_set(std::memory_order_acquire); }
    void leave() noexcept { busy_.clear(std::memory_order_release); }

  private:
    std::atomic_flag busy_;
};

/// Holds a Confined object for one call.
class ConfinedUse {
  public:
    [[nodiscard]] static Result<ConfinedUse> of(Confined& object) {
        if (!object.enter()) return fail(ErrorCode::Busy, "another thread is using the handle");
        return ConfinedUse(object);
    }
    ConfinedUse(ConfinedUse&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    ConfinedUse& operator=(ConfinedUse&&) = delete;
    ~ConfinedUse() {
        if (object_ != nullptr) object_->leave();
    }

  private:
    explicit ConfinedUse(Confined& object) noexcept : object_(&object) {}
    Confined* object_;
};

class BatchObject final : public Confined {
  public:
    explicit BatchObject(std::shared_ptr<DatabaseObject> owner) : database(std::move(owner)) {}
    const std::shared_ptr<DatabaseObject> database;
    // Kept as operations rather than as a graph batch, which serves one commit only.
    std::vector<std::function<Status(graph::GraphBatch&)>> operations;
};

class IteratorObject final : public Confined {
  public:
    IteratorObject(std::shared_ptr<DatabaseObject> owner, Answer given)
        : database(std::move(owner)), answer(std::move(given)) {}
    const std::shared_ptr<DatabaseObject> database;  // null for answers that need none
    Answer answer;
    Status failure;  // once failed, the iterator stays so
};

/// The view of a snapshot handle, or the newest when it is NULL. Errors: Handle, Invalid (a
/// snapshot of another database).
[[nodiscard]] Result<graph::GraphView> view_of(const DatabaseObject& object,
                                               engine::Database& database,
                                               const kausal_snapshot_t* snapshot);

/// Wraps an answer into an iterator handle; KAUSAL_OK. Throws bad_alloc.
[[nodiscard]] Result<kausal_status_t> give_answer(std::shared_ptr<DatabaseObject> database,
                                                  Answer answer, kausal_iter_t** out);

}  // namespace kausal::capi
