// An open database: reading, writing, asking, linking source trees.
#pragma once

#include "kausal/block.hpp"
#include "kausal/options.hpp"
#include "kausal/result.hpp"
#include "kausal/rows.hpp"

#include <kausal/kausal.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kausal {
inline namespace abi0 {

/// A consistent view. Threads: shared.
class Snapshot {
  public:
    explicit Snapshot(kausal_snapshot_t* handle) : handle_(handle) {}
    [[nodiscard]] uint64_t sequence() const noexcept {
        return kausal_snapshot_sequence(handle_.get());
    }
    [[nodiscard]] const kausal_snapshot_t* get() const noexcept { return handle_.get(); }

  private:
    detail::Owner<kausal_snapshot_t, kausal_snapshot_destroy> handle_;
};

/// Reads lines of a dump. Threads: confined.
class Loader {
  public:
    explicit Loader(kausal_loader_t* handle) : handle_(handle) {}
    [[nodiscard]] Result<void> feed(std::string_view lines) {
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_loader_feed(handle_.get(), lines.data(), lines.size(), error);
        });
    }
    [[nodiscard]] Result<uint64_t> finish() {
        uint64_t sequence = 0;
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_loader_finish(handle_.get(), &sequence, error);
        });
        if (!done) return done.error();
        return sequence;
    }

  private:
    detail::Owner<kausal_loader_t, kausal_loader_destroy> handle_;
};

/// Threads: shared. Errors of every call: kausal.h.
class Database {
  public:
    [[nodiscard]] static Result<Database> open(std::string_view path,
                                               const OpenOptions& options = {}) {
        kausal_options_t* settings = nullptr;
        auto made = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_options_create(&settings, error); });
        if (!made) return made.error();
        const detail::Owner<kausal_options_t, kausal_options_destroy> owner(settings);
        for (const auto& [key, value] : options.settings()) {
            auto set = detail::checked_void([&](kausal_error_t** error) {
                return kausal_options_set(settings, key.c_str(), value.c_str(), error);
            });
            if (!set) return set.error();
        }
        kausal_db_t* handle = nullptr;
        auto opened = detail::checked_void([&](kausal_error_t** error) {
            return kausal_db_open(path.data(), path.size(), settings, &handle, error);
        });
        if (!opened) return opened.error();
        return Database(handle);
    }
    /// Writes what is in memory and closes; the place where a failure of that shows.
    [[nodiscard]] Result<void> close() {
        return detail::checked_void(
            [&](kausal_error_t** error) { return kausal_db_close(get(), error); });
    }

    [[nodiscard]] Result<void> sync() {
        return detail::checked_void(
            [&](kausal_error_t** error) { return kausal_db_sync(get(), error); });
    }
    [[nodiscard]] Result<void> flush() {
        return detail::checked_void(
            [&](kausal_error_t** error) { return kausal_db_flush(get(), error); });
    }
    [[nodiscard]] Result<void> compact() {
        return detail::checked_void(
            [&](kausal_error_t** error) { return kausal_db_compact(get(), error); });
    }
    [[nodiscard]] Result<Rows> stats() {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_db_stats(get(), out, error);
        });
    }
    [[nodiscard]] Result<Rows> verify() {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_db_verify(get(), out, error);
        });
    }
    [[nodiscard]] Result<Snapshot> snapshot() {
        kausal_snapshot_t* handle = nullptr;
        auto done = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_snapshot_create(get(), &handle, error); });
        if (!done) return done.error();
        return Snapshot(handle);
    }

    [[nodiscard]] Result<Batch> batch() {
        kausal_batch_t* handle = nullptr;
        auto done = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_batch_create(get(), &handle, error); });
        if (!done) return done.error();
        return Batch(handle);
    }
    /// The block, or nothing when there is none.
    [[nodiscard]] Result<std::optional<Block>> get_block(const Id& id,
                                                         const Snapshot* snapshot = nullptr) {
        kausal_block_t* handle = nullptr;
        auto status = detail::checked([&](kausal_error_t** error) {
            return kausal_db_get_block(get(), snapshot != nullptr ? snapshot->get() : nullptr,
                                       &id.raw, &handle, error);
        });
        if (!status) return status.error();
        if (*status == KAUSAL_NOT_FOUND) return std::optional<Block>();
        return std::optional<Block>(std::in_place, handle);
    }

    /// Check `status()` of the rows: KAUSAL_OK, KAUSAL_AMBIGUOUS or KAUSAL_NOT_FOUND.
    [[nodiscard]] Result<Rows> resolve(std::string_view target, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_resolve(get(), target.data(), target.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> find(std::string_view name, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_find(get(), name.data(), name.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> search(std::string_view words, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_search(get(), words.data(), words.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> context(std::string_view task, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_context(get(), task.data(), task.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> edges(const Id& id, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_edges(get(), &id.raw, &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> neighbours(const Id& id, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_neighbours(get(), &id.raw, &options.raw, out, error);
        });
    }
    /// `relation` is a KAUSAL_SHOW_ number.
    [[nodiscard]] Result<Rows> show(uint32_t relation, const Id& id,
                                    const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_show(get(), relation, &id.raw, &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> trace(const Id& id, const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_trace(get(), &id.raw, &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> path(const Id& from, const Id& to,
                                    const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_path(get(), &from.raw, &to.raw, &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> impact(std::span<const Id> ids, const QueryOptions& options = {}) {
        static_assert(sizeof(Id) == sizeof(kausal_id_t));
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_impact(get(), ids.empty() ? nullptr : &ids.front().raw, ids.size(),
                                 &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> impact_of_diff(std::string_view diff,
                                              const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_impact_diff(get(), diff.data(), diff.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> dead(const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_dead(get(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> cycles(const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_cycles(get(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> scan_blocks(const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_scan_blocks(get(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> scan_edges(const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_scan_edges(get(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> dump(const QueryOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_dump(get(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Loader> loader() {
        kausal_loader_t* handle = nullptr;
        auto done = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_loader_create(get(), &handle, error); });
        if (!done) return done.error();
        return Loader(handle);
    }

    /// Registers a source tree and indexes it; `name` empty: the last component of `root`.
    [[nodiscard]] Result<Rows> link(std::string_view root, std::string_view name = {},
                                    const IngestOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspace_link(get(), root.data(), root.size(), name.data(), name.size(),
                                         &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<Rows> sync_workspace(std::string_view name,
                                              const IngestOptions& options = {}) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspace_sync(get(), name.data(), name.size(), &options.raw, out, error);
        });
    }
    [[nodiscard]] Result<void> unlink(std::string_view name) {
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_workspace_unlink(get(), name.data(), name.size(), error);
        });
    }
    /// Names, roots and ids only; nothing is counted.
    [[nodiscard]] Result<Rows> workspace_list() {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspace_list(get(), out, error);
        });
    }
    [[nodiscard]] Result<Rows> workspaces() {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspaces(get(), out, error);
        });
    }
    [[nodiscard]] Result<Rows> staleness(std::string_view name) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspace_staleness(get(), name.data(), name.size(), out, error);
        });
    }
    [[nodiscard]] Result<Rows> notes(std::string_view name) {
        return rows([&](kausal_iter_t** out, kausal_error_t** error) {
            return kausal_workspace_notes(get(), name.data(), name.size(), out, error);
        });
    }

    [[nodiscard]] kausal_db_t* get() const noexcept { return handle_.get(); }

  private:
    explicit Database(kausal_db_t* handle) : handle_(handle) {}

    template <typename Call>
    [[nodiscard]] static Result<Rows> rows(Call&& call) {
        kausal_iter_t* handle = nullptr;
        auto status = detail::checked([&](kausal_error_t** error) { return call(&handle, error); });
        if (!status) return status.error();
        return Rows(handle, *status);
    }

    detail::Owner<kausal_db_t, kausal_db_destroy> handle_;
};

}  // namespace abi0
}  // namespace kausal
