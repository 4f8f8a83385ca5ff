// Opening the database, resolving targets, turning errors into exits.
#include "session.h"

#include "locate.h"
#include "suggest.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace kausal::tool {

void stop_with(const Error& error) {
    Exit exit = Exit::Failure;
    if (error.code() == KAUSAL_ERR_LOCKED) exit = Exit::Locked;
    if (error.code() == KAUSAL_ERR_INVALID) exit = Exit::Usage;
    throw Stop(exit, error.message());
}

void take(Result<void> result) {
    if (!result) stop_with(result.error());
}

namespace {

Database open(const std::string& path, const OpenOptions& options) {
    auto opened = Database::open(path, options);
    if (!opened && opened.error().code() == KAUSAL_ERR_INVALID) {
        throw Stop(Exit::Failure, opened.error().message());
    }
    return take(std::move(opened));
}

std::string must_find(const std::string& given) {
    const auto found = find_database(given);
    if (!found) {
        throw Stop(Exit::Failure,
                   "no database here or in a folder above; make one with 'kausal link PATH'");
    }
    return *found;
}

}  // namespace

Database& Session::read() {
    if (database_) return *database_;
    folder_ = must_find(database_path);
    database_ = open(folder_, OpenOptions().read_only());
    return *database_;
}

Database& Session::write(const std::string& create_at) {
    if (database_) return *database_;
    OpenOptions options;
    if (create_at.empty()) {
        folder_ = must_find(database_path);
    } else {
        folder_ = find_database(database_path).value_or(create_at);
        options.create_if_missing();
    }
    database_ = open(folder_, options);
    return *database_;
}

Output& Session::output() {
    if (!output_) output_.emplace(format, color);
    return *output_;
}

void Session::close() {
    if (!database_) return;
    take(database_->close());
    database_.reset();
}

Id Session::target(const std::string& text, const QueryOptions& options) {
    Rows rows = take(read().resolve(text, options));
    if (rows.status() == KAUSAL_OK) {
        Id id;
        take(rows.for_each([&](const RowView& row) { id = row.id("id"); }));
        return id;
    }
    if (rows.status() == KAUSAL_AMBIGUOUS) {
        output().candidates(rows);
        throw Stop(Exit::Ambiguous,
                   "'" + text +
                       "' names several things; give the place or the id of one, a longer name, or "
                       "narrow it with --in PATH");
    }
    std::vector<std::string> near;
    take(rows.for_each([&](const RowView& row) {
        near.push_back(std::string(
            row.text("qualified_name").empty() ? row.text("name") : row.text("qualified_name")));
    }));
    throw Stop(Exit::Nothing, "nothing is called '" + text + "'" + did_you_mean(near));
}

void FilterOptions::add_to(CLI::App& verb, bool with_kind) {
    if (with_kind)
        verb.add_option("--kind", kind, "only blocks of this kind (function, method, class, ...)");
    verb.add_option("--lang", language, "only this language (c, c++, go, rust, java, python, ...)");
    verb.add_option("--in", in_path, "only files whose path starts with this");
    verb.add_option("--workspace", workspace, "only this workspace");
    verb.add_option("--limit", limit, "at most so many rows");
    verb.add_option("--timeout", timeout_ms, "cut the answer after so many milliseconds");
}

QueryOptions FilterOptions::query() const {
    QueryOptions options;
    if (!kind.empty()) {
        options.raw.kind = kausal_kind_from_name(kind.data(), kind.size());
        if (options.raw.kind == 0)
            throw Stop(Exit::Usage, "no kind is called '" + kind + "'" +
                                        did_you_mean(near_words(kind, all_kinds())));
    }
    if (!language.empty()) {
        options.raw.language = kausal_language_from_name(language.data(), language.size());
        if (options.raw.language == 0) {
            throw Stop(Exit::Usage, "no language is called '" + language + "'" +
                                        did_you_mean(near_words(language, all_languages())));
        }
    }
    options.workspace(workspace).uri_prefix(in_path);
    options.raw.rows_max = limit;
    options.raw.timeout_ms = timeout_ms;
    return options;
}

}  // namespace kausal::tool
