// The command line of KausalDB: parses, runs one verb, turns the outcome into an exit status.
#include "suggest.h"
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

namespace kausal::tool {

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& what,
                   const std::string& examples) {
    CLI::App* verb = app.add_subcommand(name, what);
    verb->fallthrough();  // global options may stand behind the verb, too
    std::string footer = "Examples:";
    for (const std::string& example : CLI::detail::split(examples, '\n'))
        footer += "\n  " + example;
    verb->footer(footer);
    return verb;
}

namespace {

void add_global_options(CLI::App& app, Session& session) {
    app.description(
        "Keeps source trees as a causal graph and answers who calls this, what breaks if I change "
        "it, what must I read for this task.");
    app.add_option("--db", session.database_path,
                   "the database directory; otherwise $KAUSAL_DB or the nearest .kausal");
    app.add_option("--format", session.format, "text, json, jsonl or csv")
        ->check(CLI::IsMember({"text", "json", "jsonl", "csv"}))
        ->capture_default_str();
    app.add_option("--color", session.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
    app.add_flag("--no-progress", session.no_progress, "no progress bar");
    app.set_version_flag("--version", std::string("kausal ") + kausal_version());
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 found, 1 nothing found, 2 usage, 3 failure, 4 ambiguous target, 5 "
        "locked.\n'kausal VERB --help' explains a verb.");
}

/// The first word that is neither an option nor the value of one.
std::string first_word(const CLI::App& app, int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word.empty() || word[0] != '-') return word;
        const CLI::Option* option = app.get_option_no_throw(word);
        if (option != nullptr && option->get_items_expected_max() > 0) ++i;
    }
    return "";
}

/// A misspelt verb gets a better answer than the parser's.
void check_verb(const CLI::App& app, int argc, char** argv) {
    const std::string word = first_word(app, argc, argv);
    if (word.empty()) return;
    std::vector<std::string> verbs;
    for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
    if (std::find(verbs.begin(), verbs.end(), word) != verbs.end()) return;
    throw Stop(Exit::Usage,
               "no verb is called '" + word + "'" + did_you_mean(near_words(word, verbs)));
}

Exit parse_and_run(int argc, char** argv) {
    Session session;
    CLI::App app;
    app.name("kausal");
    add_global_options(app, session);
    add_workspace_verbs(app, session);
    add_name_verbs(app, session);
    add_edge_verbs(app, session);
    add_set_verbs(app, session);
    add_export_verbs(app, session);
    add_care_verbs(app, session);
    add_shell_verbs(app, session);
    check_verb(app, argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? Exit::Found : Exit::Usage;
    }
    const Exit exit = session.run();
    session.close();
    std::cout.flush();
    if (!std::cout) throw Stop(Exit::Failure, "standard output cannot be written");
    return exit;
}

}  // namespace
}  // namespace kausal::tool

int main(int argc, char** argv) {
    using kausal::tool::Exit;
    // A reader that goes away ("| head") ends the output, not with an error of ours.
    (void)std::signal(SIGPIPE, SIG_DFL);
    try {
        return static_cast<int>(kausal::tool::parse_and_run(argc, argv));
    } catch (const kausal::tool::Stop& stop) {
        std::cout.flush();
        std::cerr << "kausal: " << stop.what() << '\n';
        return static_cast<int>(stop.exit);
    } catch (const std::exception& error) {
        std::cerr << "kausal: " << error.what() << '\n';
        return static_cast<int>(Exit::Failure);
    }
}
