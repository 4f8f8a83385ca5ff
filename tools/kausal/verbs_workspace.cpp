// Verbs about source trees: link, sync, unlink, status.
#include "progress_bar.h"
#include "suggest.h"
#include "verbs.h"
#include "watch.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

namespace kausal::tool {
namespace {

using Report = std::map<std::string, std::string>;

Report report_of(Rows& rows) {
    Report report;
    take(rows.for_each([&](const RowView& row) {
        report[std::string(row.text("name"))] = std::string(row.text("value"));
    }));
    return report;
}

double seconds_of(const Report& report) {
    double seconds = 0;
    for (const auto& [name, value] : report) {
        if (name.starts_with("seconds_")) seconds += std::stod(value);
    }
    return seconds;
}

/// One line for people: what was indexed and how long it took.
std::string sentence(const std::string& workspace, Report& report) {
    char seconds[32];
    (void)std::snprintf(seconds, sizeof seconds, "%.2f", seconds_of(report));
    if (report["sequence"] == "0")
        return workspace + ": up to date (" + report["files"] + " files, " + seconds + " s)";
    std::string text = workspace + ": " + report["files_parsed"] + " of " + report["files"] +
                       " files parsed, " + report["lines"] + " lines, " + report["blocks"] +
                       " blocks; edges: " + report["edges_resolved"] + " resolved, " +
                       report["edges_external"] + " external, " + report["edges_candidate"] +
                       " candidate";
    if (report["files_opaque"] != "0") text += "; " + report["files_opaque"] + " files not indexed";
    if (report["files_partial"] != "0")
        text += "; " + report["files_partial"] + " with syntax errors";
    if (report["files_failed"] != "0") text += "; " + report["files_failed"] + " unreadable";
    return text + " (" + seconds + " s)";
}

struct IngestArguments {
    uint32_t threads = 0;
    uint64_t file_size_max = 0;
    bool full = false;

    void add_to(CLI::App& verb) {
        verb.add_option("--threads", threads, "workers; 0 means one per processor")
            ->check(CLI::Range(0U, 256U));
        verb.add_option("--max-file-size", file_size_max,
                        "larger files are not indexed; bytes, default 4 MiB");
    }
};

/// Runs `call` with a progress bar and an interruption token.
template <typename Call>
Rows with_progress(const Session& session, const IngestArguments& arguments, Call&& call) {
    ProgressBar bar(!session.no_progress && has_terminal());
    IngestOptions options;
    options.raw.threads = arguments.threads;
    options.raw.file_size_bytes_max = arguments.file_size_max;
    options.raw.full = arguments.full ? 1 : 0;
    options.raw.progress = bar.progress();
    options.raw.cancel = interrupt_token().get();
    auto rows = call(options);
    // A tree that cannot be indexed is not a misspelt command line.
    if (!rows && rows.error().code() == KAUSAL_ERR_INVALID)
        throw Stop(Exit::Failure, rows.error().message());
    return take(std::move(rows));
}

void print_report(Session& session, const std::string& workspace, Rows& rows) {
    if (!session.output().is_text()) {
        session.output().report(rows);
        return;
    }
    Report report = report_of(rows);
    std::cout << sentence(workspace, report) << std::endl;
}

std::string name_of_root(const std::string& path) {
    std::error_code failure;
    std::filesystem::path full = std::filesystem::canonical(path, failure);
    if (failure) full = path;
    return full.filename().empty() ? full.string() : full.filename().string();
}

void add_link(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "link", "register a source tree as a workspace and index it",
                              "kausal link\n"
                              "kausal --db /var/lib/code link ~/src/server --name server");
    auto path = std::make_shared<std::string>(".");
    auto name = std::make_shared<std::string>();
    auto arguments = std::make_shared<IngestArguments>();
    verb->add_option("PATH", *path, "the folder")->capture_default_str();
    verb->add_option("--name", *name, "of the workspace; the folder's own name when not given");
    arguments->add_to(*verb);
    verb->callback([&session, path, name, arguments] {
        session.run = [&session, path, name, arguments] {
            std::error_code failure;
            if (!std::filesystem::is_directory(*path, failure)) {
                throw Stop(Exit::Failure, std::filesystem::exists(*path, failure)
                                              ? "'" + *path + "' is not a folder"
                                              : "no folder is called '" + *path + "'");
            }
            Database& database = session.write((std::filesystem::path(*path) / ".kausal").string());
            Rows rows = with_progress(session, *arguments, [&](const IngestOptions& options) {
                return database.link(*path, *name, options);
            });
            print_report(session, name->empty() ? name_of_root(*path) : *name, rows);
            return Exit::Found;
        };
    });
}

std::vector<std::string> workspace_names(Database& database) {
    std::vector<std::string> names;
    Rows rows = take(database.workspace_list());
    take(rows.for_each([&](const RowView& row) { names.emplace_back(row.text("name")); }));
    return names;
}

/// `given`, or all; stops when one does not exist.
std::vector<std::string> chosen_workspaces(Database& database,
                                           const std::vector<std::string>& given) {
    std::vector<std::string> names = workspace_names(database);
    if (given.empty()) {
        if (names.empty())
            throw Stop(Exit::Nothing, "no workspace is linked; link one with 'kausal link PATH'");
        return names;
    }
    for (const std::string& name : given) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            throw Stop(Exit::Nothing, "no workspace is called '" + name + "'" +
                                          did_you_mean(near_words(name, names)));
        }
    }
    return given;
}

void add_sync(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "sync", "bring workspaces up to date, only what changed",
                              "kausal sync\n"
                              "kausal sync server --watch");
    auto names = std::make_shared<std::vector<std::string>>();
    auto is_watching = std::make_shared<bool>(false);
    auto interval = std::make_shared<uint32_t>(500);
    auto arguments = std::make_shared<IngestArguments>();
    verb->add_option("WORKSPACE", *names, "which; all when not given");
    verb->add_flag("--watch", *is_watching, "keep doing so until interrupted");
    verb->add_option("--interval", *interval, "milliseconds between two looks at the tree")
        ->check(CLI::Range(50U, 3600000U))
        ->capture_default_str();
    verb->add_flag("--full", arguments->full, "parse and write everything again");
    arguments->add_to(*verb);
    verb->callback([&session, names, is_watching, interval, arguments] {
        session.run = [&session, names, is_watching, interval, arguments] {
            Database& database = session.write();
            const auto chosen = chosen_workspaces(database, *names);
            const auto sync_one = [&](const std::string& name) {
                Rows rows = with_progress(session, *arguments, [&](const IngestOptions& options) {
                    return database.sync_workspace(name, options);
                });
                print_report(session, name, rows);
            };
            for (const std::string& name : chosen) sync_one(name);
            arguments->full = false;
            if (*is_watching) watch(database, chosen, *interval, sync_one);
            return Exit::Found;
        };
    });
}

void add_unlink(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "unlink", "remove a workspace and all that it brought",
                              "kausal unlink server\n"
                              "kausal --db /var/lib/code unlink old-server");
    auto name = std::make_shared<std::string>();
    verb->add_option("WORKSPACE", *name, "which")->required();
    verb->callback([&session, name] {
        session.run = [&session, name] {
            Database& database = session.write();
            (void)chosen_workspaces(database, {*name});
            take(database.unlink(*name));
            if (session.output().is_text()) std::cout << *name << ": removed\n";
            return Exit::Found;
        };
    });
}

/// How a workspace stands to its tree, in words.
std::string staleness_text(Database& database, const std::string& name) {
    auto rows = database.staleness(name);
    if (!rows) return "its folder cannot be read: " + rows.error().message();
    Report report = report_of(*rows);
    if (report["files_added"] == "0" && report["files_changed"] == "0" &&
        report["files_removed"] == "0") {
        return "up to date";
    }
    return report["files_changed"] + " files changed, " + report["files_added"] + " added, " +
           report["files_removed"] + " removed since the last sync";
}

uint64_t size_on_disk(const std::string& folder) {
    uint64_t bytes = 0;
    std::error_code failure;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failure)) {
        std::error_code vanished;
        const uint64_t size = entry.is_regular_file(vanished) ? entry.file_size(vanished) : 0;
        if (!vanished) bytes += size;
    }
    return bytes;
}

void print_workspace(Session& session, Database& database, const RowView& row, bool with_notes) {
    Output& output = session.output();
    const std::string name(row.text("name"));
    std::cout << output.styled(name, "1") << "  " << row.text("root") << '\n'
              << "  languages   " << row.text("languages") << '\n'
              << "  files       " << row.u64("files") << ", " << row.u64("files_opaque")
              << " not indexed, " << row.u64("files_partial") << " with syntax errors\n"
              << "  blocks      " << row.u64("blocks") << '\n'
              << "  edges       " << row.u64("edges_resolved") << " resolved, "
              << row.u64("edges_external") << " external, " << row.u64("edges_candidate")
              << " candidate\n"
              << "  tree        " << staleness_text(database, name) << '\n';
    if (!with_notes) return;
    Rows notes = take(database.notes(name));
    take(notes.for_each([&](const RowView& note) {
        std::cout << "  " << output.styled(note.text("uri"), "36") << "  "
                  << (note.u32("partial") != 0 ? "partly understood: " : "not indexed: ")
                  << note.text("reason") << '\n';
    }));
}

void add_status(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "status", "workspaces, what is in them, what was not understood",
                              "kausal status\n"
                              "kausal status server --format json");
    auto name = std::make_shared<std::string>();
    auto files = std::make_shared<bool>(false);
    verb->add_option("WORKSPACE", *name, "only this one, with the files that were not understood");
    verb->add_flag("--files", *files, "list the files that were not understood, with the reason");
    verb->callback([&session, name, files] {
        session.run = [&session, name, files] {
            Database& database = session.read();
            std::vector<std::string> wanted;
            if (!name->empty()) wanted.push_back(*name);
            const auto chosen = chosen_workspaces(database, wanted);
            Rows rows = take(database.workspaces());
            if (!session.output().is_text()) return exit_of(session.output().answer(rows, {}));
            take(rows.for_each([&](const RowView& row) {
                const std::string shown(row.text("name"));
                if (std::find(chosen.begin(), chosen.end(), shown) == chosen.end()) return;
                print_workspace(session, database, row, *files || !name->empty());
            }));
            const std::string folder = session.database_folder();
            std::cout << "database  " << folder << "  " << human_bytes(size_on_disk(folder))
                      << '\n';
            return Exit::Found;
        };
    });
}

}  // namespace

void add_workspace_verbs(CLI::App& app, Session& session) {
    add_link(app, session);
    add_sync(app, session);
    add_unlink(app, session);
    add_status(app, session);
}

}  // namespace kausal::tool
