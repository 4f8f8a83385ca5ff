// Verbs that look after the database: verify, compact, stats.
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace kausal::tool {
namespace {

void add_verify(CLI::App& app, Session& session) {
    CLI::App* verb =
        add_verb(app, "verify", "check every byte of the database and that its indexes agree",
                 "kausal verify\n"
                 "kausal --db /var/lib/code verify --format json");
    verb->callback([&session] {
        session.run = [&session] {
            Rows rows = take(session.read().verify());
            const size_t findings =
                session.output().answer(rows, [](const RowView& row, const Places&) {
                    return std::vector<std::string>{
                        std::string(row.text("file")) + "+" + std::to_string(row.u64("offset")),
                        std::string(row.text("message"))};
                });
            const kausal_summary_t summary = take(rows.summary());
            if (session.output().is_text()) {
                std::cout << (findings == 0 ? "clean" : "damaged") << ": "
                          << std::string_view(summary.note.data, summary.note.size) << '\n';
            }
            return findings == 0 ? Exit::Found : Exit::Failure;
        };
    });
}

void add_compact(CLI::App& app, Session& session) {
    CLI::App* verb =
        add_verb(app, "compact", "merge all segments into one and drop what is superseded",
                 "kausal compact\n"
                 "kausal --db /var/lib/code compact");
    verb->callback([&session] {
        session.run = [&session] {
            take(session.write().compact());
            Rows rows = take(session.write().stats());
            session.output().report(rows);
            return Exit::Found;
        };
    });
}

void add_stats(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "stats", "counters of the storage engine",
                              "kausal stats\n"
                              "kausal stats --format json");
    verb->callback([&session] {
        session.run = [&session] {
            Rows rows = take(session.read().stats());
            session.output().report(rows);
            return Exit::Found;
        };
    });
}

}  // namespace

void add_care_verbs(CLI::App& app, Session& session) {
    add_verify(app, session);
    add_compact(app, session);
    add_stats(app, session);
}

}  // namespace kausal::tool
