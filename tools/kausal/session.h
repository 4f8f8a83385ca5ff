// One run of the command: its global options, the database it works on, and how it ends.
#pragma once

#include "output.h"

#include <kausal/kausal.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace kausal::tool {

/// Exit statuses; docs/cli.md.
enum class Exit : int { Found = 0, Nothing = 1, Usage = 2, Failure = 3, Ambiguous = 4, Locked = 5 };

/// Ends the run with a message on standard error.
class Stop : public std::runtime_error {
  public:
    Stop(Exit how, const std::string& message) : std::runtime_error(message), exit(how) {}
    const Exit exit;
};

/// Takes the value out of a result, or stops with its error.
template <typename T>
T take(Result<T> result);
void take(Result<void> result);
[[noreturn]] void stop_with(const Error& error);

/// Global options and what verbs share.
class Session {
  public:
    std::string database_path;  // --db; empty: look for it
    std::string format = "text";
    std::string color = "auto";
    bool no_progress = false;
    std::function<Exit()> run;  // set by the verb that was chosen

    /// The database for reading; never waits for a writer.
    Database& read();
    /// The database for writing. `create_at`: where to make one when none is found; empty: stop.
    Database& write(const std::string& create_at = {});
    [[nodiscard]] Output& output();
    /// Where the opened database is.
    [[nodiscard]] const std::string& database_folder() const noexcept { return folder_; }

    /// The one block that a target names; stops with Ambiguous (after listing) or Nothing.
    Id target(const std::string& text, const QueryOptions& options = {});
    /// Closes what was opened; stops when that fails.
    void close();

  private:
    std::string folder_;
    std::optional<Database> database_;
    std::optional<Output> output_;
};

/// Options that most query verbs have.
struct FilterOptions {
    std::string kind;
    std::string language;
    std::string in_path;
    std::string workspace;
    uint64_t limit = 0;
    uint64_t timeout_ms = 0;

    void add_to(CLI::App& verb, bool with_kind = true);
    /// Stops with Usage for an unknown word. The options borrow from this.
    [[nodiscard]] QueryOptions query() const;
};

template <typename T>
T take(Result<T> result) {
    if (!result) stop_with(result.error());
    return std::move(result).value();
}

}  // namespace kausal::tool
