// Verbs along edges: show, trace, path.
#include "suggest.h"
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <array>
#include <iostream>
#include <map>
#include <memory>

namespace kausal::tool {
namespace {

const std::map<std::string, uint32_t>& relations() {
    static const std::map<std::string, uint32_t> words = {
        {"callers", KAUSAL_SHOW_CALLERS},
        {"callees", KAUSAL_SHOW_CALLEES},
        {"imports", KAUSAL_SHOW_IMPORTS},
        {"imported-by", KAUSAL_SHOW_IMPORTED_BY},
        {"exports", KAUSAL_SHOW_EXPORTS},
        {"references", KAUSAL_SHOW_REFERENCES},
        {"members", KAUSAL_SHOW_MEMBERS},
        {"extends", KAUSAL_SHOW_EXTENDS},
        {"extended-by", KAUSAL_SHOW_EXTENDED_BY},
        {"implements", KAUSAL_SHOW_IMPLEMENTS},
        {"implemented-by", KAUSAL_SHOW_IMPLEMENTED_BY},
        {"tests", KAUSAL_SHOW_TESTS},
        {"overrides", KAUSAL_SHOW_OVERRIDES},
        {"overridden-by", KAUSAL_SHOW_OVERRIDDEN_BY},
    };
    return words;
}

uint32_t relation_number(const std::string& word) {
    const auto found = relations().find(word);
    if (found != relations().end()) return found->second;
    std::vector<std::string> words;
    for (const auto& [name, number] : relations()) words.push_back(name);
    throw Stop(Exit::Usage,
               "no relation is called '" + word + "'" + did_you_mean(near_words(word, words)));
}

/// How an edge is known, when that is not plain fact: "may dispatch", "candidate: name_match 60%".
std::string doubt_of(const RowView& row) {
    if (row.u32("dispatch") != 0) return "may dispatch here";
    if (row.u32("certainty") == KAUSAL_CERTAINTY_RESOLVED) return "";
    std::string text = "candidate";
    if (!row.text("reason").empty()) text += ": " + std::string(row.text("reason"));
    return text;
}

void add_show(CLI::App& app, Session& session) {
    CLI::App* verb =
        add_verb(app, "show", "one relation of a symbol: callers, callees, members, ...",
                 "kausal show callers Server.Serve\n"
                 "kausal show members src/net/server.go:40 --format json");
    auto relation = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    auto depth = std::make_shared<uint32_t>(1);
    auto filter = std::make_shared<FilterOptions>();
    std::string words;
    for (const auto& [name, number] : relations()) words += (words.empty() ? "" : ", ") + name;
    verb->add_option("RELATION", *relation, "one of: " + words)->required();
    verb->add_option("TARGET", *target, "a name, qualified name, file:line or id")->required();
    verb->add_option("--depth", *depth, "so many steps")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    filter->add_to(*verb, false);
    verb->callback([&session, relation, target, depth, filter] {
        session.run = [&session, relation, target, depth, filter] {
            const uint32_t number = relation_number(*relation);
            QueryOptions options = filter->query();
            const Id id = session.target(*target, options);
            options.depth(*depth);
            Rows rows = take(session.read().show(number, id, options));
            const size_t count =
                session.output().answer(rows, [](const RowView& row, const Places& places) {
                    std::vector<std::string> cells = {places.of_edge(row), kind_of(row),
                                                      block_name(row)};
                    if (row.u32("depth") > 1)
                        cells.push_back("depth " + std::to_string(row.u32("depth")));
                    const std::string doubt = doubt_of(row);
                    if (!doubt.empty()) cells.push_back("(" + doubt + ")");
                    return cells;
                });
            if (count == 0 && session.output().is_text()) {
                const kausal_summary_t summary = take(rows.summary());
                std::cout << "no " << *relation << "; "
                          << std::string_view(summary.note.data, summary.note.size) << '\n';
            }
            return exit_of(count);
        };
    });
}

std::string trace_line(const RowView& row) {
    std::string text(2 * size_t{row.u32("depth")}, ' ');
    text += block_name(row);
    const uint32_t state = row.u32("state");
    if ((state & KAUSAL_TRACE_CANDIDATE) != 0) text += "  (candidate)";
    if (row.u32("dispatch") != 0) text += "  (may dispatch here)";
    if ((state & KAUSAL_TRACE_CYCLE) != 0) text += "  (cycle)";
    if ((state & KAUSAL_TRACE_REPEATED) != 0) text += "  (shown elsewhere)";
    if ((state & KAUSAL_TRACE_MORE) != 0) text += "  ...";
    return text;
}

void add_trace(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "trace", "the tree of callers or callees, with call sites",
                              "kausal trace callers Server.Serve --depth 3\n"
                              "kausal trace callees main --all-paths");
    auto direction = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    auto depth = std::make_shared<uint32_t>(3);
    auto all_paths = std::make_shared<bool>(false);
    auto candidates = std::make_shared<bool>(false);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_option("DIRECTION", *direction, "callers or callees")
        ->required()
        ->check(CLI::IsMember({"callers", "callees"}));
    verb->add_option("TARGET", *target, "a name, qualified name, file:line or id")->required();
    verb->add_option("--depth", *depth, "so many steps")
        ->check(CLI::Range(1U, 1000U))
        ->capture_default_str();
    verb->add_flag("--all-paths", *all_paths, "expand a symbol wherever it stands, not only once");
    verb->add_flag("--candidates", *candidates, "follow guesses too, marked as such");
    filter->add_to(*verb, false);
    verb->callback([&session, direction, target, depth, all_paths, candidates, filter] {
        session.run = [&session, direction, target, depth, all_paths, candidates, filter] {
            QueryOptions options = filter->query();
            const Id id = session.target(*target, options);
            options.depth(*depth).direction(*direction == "callers" ? KAUSAL_DIRECTION_IN
                                                                    : KAUSAL_DIRECTION_OUT);
            options.raw.all_paths = *all_paths ? 1 : 0;
            options.raw.candidates = *candidates ? 1 : 0;
            Rows rows = take(session.read().trace(id, options));
            const size_t count =
                session.output().answer(rows, [](const RowView& row, const Places& places) {
                    return std::vector<std::string>{places.of_edge(row), trace_line(row)};
                });
            // The first row is the target itself.
            return exit_of(count > 1 ? count - 1 : 0);
        };
    });
}

void add_path(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "path", "how one symbol reaches another",
                              "kausal path main Server.Serve\n"
                              "kausal path handler Store.Write --all --max 5");
    auto from = std::make_shared<std::string>();
    auto to = std::make_shared<std::string>();
    auto all = std::make_shared<bool>(false);
    auto paths_max = std::make_shared<uint32_t>(16);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_option("FROM", *from, "where to start")->required();
    verb->add_option("TO", *to, "what to reach")->required();
    verb->add_flag("--all", *all, "every simple path up to 16 steps, not only a shortest one");
    verb->add_option("--max", *paths_max, "at most so many paths")
        ->check(CLI::Range(1U, 10000U))
        ->capture_default_str();
    filter->add_to(*verb, false);
    verb->callback([&session, from, to, all, paths_max, filter] {
        session.run = [&session, from, to, all, paths_max, filter] {
            QueryOptions options = filter->query();
            const Id start = session.target(*from, options);
            const Id end = session.target(*to, options);
            options.raw.all_paths = *all ? 1 : 0;
            options.raw.paths_max = *paths_max;
            Rows rows = take(session.read().path(start, end, options));
            const size_t count =
                session.output().answer(rows, [](const RowView& row, const Places& places) {
                    std::string step(2 * size_t{row.u32("step")}, ' ');
                    if (row.u32("step") != 0)
                        step += std::string(kausal_edge_type_name(row.u32("edge_type"))) + " ";
                    const std::string doubt = doubt_of(row);
                    return std::vector<std::string>{
                        places.of_edge(row),
                        step + block_name(row) +
                            (doubt.empty() || row.u32("step") == 0 ? "" : "  (" + doubt + ")")};
                });
            if (count == 0 && session.output().is_text()) {
                const kausal_summary_t summary = take(rows.summary());
                std::cout << "no path; " << std::string_view(summary.note.data, summary.note.size)
                          << '\n';
            }
            return exit_of(count);
        };
    });
}

}  // namespace

void add_edge_verbs(CLI::App& app, Session& session) {
    add_show(app, session);
    add_trace(app, session);
    add_path(app, session);
}

}  // namespace kausal::tool
