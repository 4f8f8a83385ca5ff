// Options for opening, querying and ingesting, and the tokens that go with them.
#pragma once

#include "kausal/result.hpp"

#include <kausal/kausal.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kausal {
inline namespace abi0 {

/// Settings for opening, by the names of kausal.h. Checked when the database is opened.
class OpenOptions {
  public:
    OpenOptions& set(std::string key, std::string value) {
        settings_.emplace_back(std::move(key), std::move(value));
        return *this;
    }
    OpenOptions& create_if_missing(bool on = true) {
        return set("create_if_missing", on ? "true" : "false");
    }
    OpenOptions& read_only(bool on = true) { return set("read_only", on ? "true" : "false"); }
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& settings()
        const noexcept {
        return settings_;
    }

  private:
    std::vector<std::pair<std::string, std::string>> settings_;
};

/// Asks running calls to stop. Threads: shared.
class CancelToken {
  public:
    [[nodiscard]] static Result<CancelToken> create() {
        kausal_cancel_t* handle = nullptr;
        auto done = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_cancel_create(&handle, error); });
        if (!done) return done.error();
        return CancelToken(handle);
    }
    void trigger() noexcept { (void)kausal_cancel_trigger(handle_.get(), nullptr); }
    [[nodiscard]] kausal_cancel_t* get() const noexcept { return handle_.get(); }

  private:
    explicit CancelToken(kausal_cancel_t* handle) : handle_(handle) {}
    detail::Owner<kausal_cancel_t, kausal_cancel_destroy> handle_;
};

/// How far a link or sync has come. Threads: shared.
class Progress {
  public:
    [[nodiscard]] static Result<Progress> create() {
        kausal_progress_t* handle = nullptr;
        auto done = detail::checked_void(
            [&](kausal_error_t** error) { return kausal_progress_create(&handle, error); });
        if (!done) return done.error();
        return Progress(handle);
    }
    [[nodiscard]] kausal_progress_info_t now() const noexcept {
        kausal_progress_info_t info;
        kausal_progress_info_init(&info);
        (void)kausal_progress_get(handle_.get(), &info, nullptr);
        return info;
    }
    [[nodiscard]] kausal_progress_t* get() const noexcept { return handle_.get(); }

  private:
    explicit Progress(kausal_progress_t* handle) : handle_(handle) {}
    detail::Owner<kausal_progress_t, kausal_progress_destroy> handle_;
};

/// The options of a query, filled with defaults. Set members of `raw` directly; texts through the
/// setters, which borrow.
struct QueryOptions {
    kausal_query_options_t raw;
    QueryOptions() noexcept { kausal_query_options_init(&raw); }
    QueryOptions& depth(uint32_t hops) noexcept {
        raw.depth = hops;
        return *this;
    }
    QueryOptions& rows_max(uint64_t rows) noexcept {
        raw.rows_max = rows;
        return *this;
    }
    QueryOptions& direction(uint32_t direction) noexcept {
        raw.direction = direction;
        return *this;
    }
    QueryOptions& kind(uint32_t kind) noexcept {
        raw.kind = kind;
        return *this;
    }
    QueryOptions& token_budget(uint32_t tokens) noexcept {
        raw.token_budget = tokens;
        return *this;
    }
    /// Borrowed: `name` must live as long as the options are used.
    QueryOptions& workspace(std::string_view name) noexcept {
        raw.workspace = name.data();
        raw.workspace_size = name.size();
        return *this;
    }
    /// Borrowed likewise.
    QueryOptions& uri_prefix(std::string_view prefix) noexcept {
        raw.uri_prefix = prefix.data();
        raw.uri_prefix_size = prefix.size();
        return *this;
    }
};

struct IngestOptions {
    kausal_ingest_options_t raw;
    IngestOptions() noexcept { kausal_ingest_options_init(&raw); }
};

}  // namespace abi0
}  // namespace kausal
