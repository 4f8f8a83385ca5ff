// Verbs that start from words: find, search, context.
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <iostream>
#include <memory>

namespace kausal::tool {
namespace {

std::string two_digits(double value) {
    char text[32];
    (void)std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

void add_find(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "find", "definitions by name, qualified name or Type.method",
                              "kausal find Server.Serve\n"
                              "kausal find parse --kind function --lang go --in src/");
    auto name = std::make_shared<std::string>();
    auto exact = std::make_shared<bool>(false);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_option("NAME", *name, "what to look for")->required();
    verb->add_flag("--exact", *exact, "no prefix or fuzzy matches when nothing matches exactly");
    filter->add_to(*verb);
    verb->callback([&session, name, exact, filter] {
        session.run = [&session, name, exact, filter] {
            QueryOptions options = filter->query();
            options.raw.exact = *exact ? 1 : 0;
            Rows rows = take(session.read().find(*name, options));
            std::string match;
            const size_t count = session.output().answer(rows, [&](const RowView& row,
                                                                   const Places& places) {
                match = row.text("match");
                return std::vector<std::string>{places.of_block(row), kind_of(row), block_name(row),
                                                std::string(row.text("signature"))};
            });
            const bool is_loose =
                match == "folded_name" || match == "name_prefix" || match == "fuzzy";
            if (is_loose && session.output().is_text()) {
                std::cerr << "kausal: nothing is called exactly '" << *name << "'; these match by "
                          << match << '\n';
            }
            return exit_of(count);
        };
    });
}

void add_search(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "search", "ranked full text over names, paths, docs and bodies",
                              "kausal search \"parse http header\"\n"
                              "kausal search retry --kind function --limit 5");
    auto words = std::make_shared<std::vector<std::string>>();
    auto filter = std::make_shared<FilterOptions>();
    verb->add_option("WORDS", *words, "words to look for")->required();
    filter->add_to(*verb);
    verb->callback([&session, words, filter] {
        session.run = [&session, words, filter] {
            Rows rows =
                take(session.read().search(CLI::detail::join(*words, " "), filter->query()));
            return exit_of(session.output().answer(rows, [](const RowView& row,
                                                            const Places& places) {
                return std::vector<std::string>{places.of_block(row), two_digits(row.f64("score")),
                                                kind_of(row), block_name(row)};
            }));
        };
    });
}

void add_context(CLI::App& app, Session& session) {
    CLI::App* verb =
        add_verb(app, "context", "what to read for a task, packed into a token budget",
                 "kausal context \"make the retry delay configurable\"\n"
                 "kausal context \"who validates tokens\" --budget 2000 --format json");
    auto task = std::make_shared<std::vector<std::string>>();
    auto budget = std::make_shared<uint32_t>(4000);
    auto filter = std::make_shared<FilterOptions>();
    verb->add_option("TASK", *task, "what is to be done, in words")->required();
    verb->add_option("--budget", *budget, "tokens that the answer may take")
        ->check(CLI::Range(1U, 1000000U))
        ->capture_default_str();
    filter->add_to(*verb);
    verb->callback([&session, task, budget, filter] {
        session.run = [&session, task, budget, filter]() -> Exit {
            QueryOptions options = filter->query();
            options.token_budget(*budget);
            Rows rows = take(session.read().context(CLI::detail::join(*task, " "), options));
            Output& output = session.output();
            if (!output.is_text()) return exit_of(output.answer(rows, {}));
            size_t count = 0;
            take(rows.for_each([&](const RowView& row) {
                if (count++ != 0) std::cout << '\n';
                std::cout << output.styled("// " + std::string(row.text("tier")) + ", " +
                                               std::to_string(row.u32("tokens")) +
                                               " tokens: " + std::string(row.text("reason")),
                                           "2")
                          << '\n'
                          << row.text("text");
                if (!row.text("text").ends_with('\n')) std::cout << '\n';
            }));
            const kausal_summary_t summary = take(rows.summary());
            std::cerr << "kausal: " << std::string_view(summary.note.data, summary.note.size)
                      << '\n';
            return exit_of(count);
        };
    });
}

}  // namespace

void add_name_verbs(CLI::App& app, Session& session) {
    add_find(app, session);
    add_search(app, session);
    add_context(app, session);
}

}  // namespace kausal::tool
