// Verbs over closures: impact, dead, cycles.
#include "diff_source.h"
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace kausal::tool {
namespace {

std::string two_digits(double value) {
    char text[32];
    (void)std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

/// The root of the workspace that a diff is about: the named one, or the only one.
std::string diff_root(Session& session, const std::string& workspace) {
    Rows rows = take(session.read().workspace_list());
    std::vector<std::string> roots;
    take(rows.for_each([&](const RowView& row) {
        if (workspace.empty() || row.text("name") == workspace)
            roots.emplace_back(row.text("root"));
    }));
    if (roots.empty()) throw Stop(Exit::Nothing, "no workspace is linked");
    if (roots.size() > 1)
        throw Stop(Exit::Usage, "several workspaces are linked; choose one with --workspace");
    return roots.front();
}

struct ImpactArguments {
    std::vector<std::string> targets;
    std::string revision = "HEAD";
    bool has_diff = false;
    uint32_t depth = 8;
    FilterOptions filter;
};

Exit run_impact(Session& session, const ImpactArguments& arguments) {
    QueryOptions options = arguments.filter.query();
    if (arguments.has_diff == !arguments.targets.empty()) {
        throw Stop(Exit::Usage, "give targets or --diff, one of them");
    }
    options.depth(arguments.depth);
    const auto ask = [&]() -> Rows {
        if (arguments.has_diff) {
            const std::string root =
                arguments.revision == "-" ? "" : diff_root(session, arguments.filter.workspace);
            return take(
                session.read().impact_of_diff(diff_text(root, arguments.revision), options));
        }
        std::vector<Id> ids;
        ids.reserve(arguments.targets.size());
        for (const std::string& target : arguments.targets)
            ids.push_back(session.target(target, options));
        return take(session.read().impact(ids, options));
    };
    Rows rows = ask();
    size_t affected = 0;
    session.output().answer(rows, [](const RowView& row, const Places& places) {
        std::string reason(row.text("reason"));
        if (row.u32("certainty") != KAUSAL_CERTAINTY_RESOLVED) reason += " (candidate)";
        return std::vector<std::string>{places.of_block(row), two_digits(row.f64("score")),
                                        kind_of(row), block_name(row), reason};
    });
    const kausal_summary_t summary = take(rows.summary());
    affected = summary.rows;
    if (session.output().is_text() && summary.note.size != 0) {
        std::cerr << "kausal: " << std::string_view(summary.note.data, summary.note.size) << '\n';
    }
    return exit_of(affected);
}

void add_impact(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "impact", "what a change affects, ranked, each with its reason",
                              "kausal impact Store.Write\n"
                              "kausal impact --diff HEAD~1");
    auto arguments = std::make_shared<ImpactArguments>();
    verb->add_option("TARGET", arguments->targets, "what is changed");
    CLI::Option* diff = verb->add_option(
        "--diff", arguments->revision,
        "what changed since REV (default HEAD); '-' reads a diff from standard input");
    diff->expected(0, 1);
    verb->add_option("--depth", arguments->depth, "so many steps")
        ->check(CLI::Range(1U, 64U))
        ->capture_default_str();
    arguments->filter.add_to(*verb, false);
    verb->callback([&session, arguments, diff] {
        arguments->has_diff = diff->count() != 0;
        if (arguments->revision.empty()) arguments->revision = "HEAD";
        session.run = [&session, arguments] { return run_impact(session, *arguments); };
    });
}

void add_dead(CLI::App& app, Session& session) {
    CLI::App* verb =
        add_verb(app, "dead", "symbols that nothing reaches from the entry points and tests",
                 "kausal dead --kind function\n"
                 "kausal dead --application --in src/");
    auto application = std::make_shared<bool>(false);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_flag("--application", *application,
                   "exported symbols count as unused too, when nothing here uses them");
    filter->add_to(*verb);
    verb->callback([&session, application, filter] {
        session.run = [&session, application, filter] {
            QueryOptions options = filter->query();
            options.raw.exported_are_roots = *application ? 0 : 1;
            Rows rows = take(session.read().dead(options));
            return exit_of(session.output().answer(rows, [](const RowView& row,
                                                            const Places& places) {
                return std::vector<std::string>{
                    places.of_block(row), two_digits(row.f64("confidence")), kind_of(row),
                    block_name(row),
                    std::string(row.text("certainty")) + ": " + std::string(row.text("reason"))};
            }));
        };
    });
}

void add_cycles(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "cycles", "dependency cycles between files or symbols",
                              "kausal cycles\n"
                              "kausal cycles --symbols --in src/net/");
    auto symbols = std::make_shared<bool>(false);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_flag("--symbols", *symbols, "between symbols rather than files");
    filter->add_to(*verb, false);
    verb->callback([&session, symbols, filter] {
        session.run = [&session, symbols, filter] {
            QueryOptions options = filter->query();
            options.raw.by_file = *symbols ? 0 : 1;
            Rows rows = take(session.read().cycles(options));
            return exit_of(
                session.output().answer(rows, [](const RowView& row, const Places& places) {
                    return std::vector<std::string>{places.of_block(row),
                                                    "cycle " + std::to_string(row.u32("cycle") + 1),
                                                    kind_of(row), block_name(row)};
                }));
        };
    });
}

}  // namespace

void add_set_verbs(CLI::App& app, Session& session) {
    add_impact(app, session);
    add_dead(app, session);
    add_cycles(app, session);
}

}  // namespace kausal::tool
