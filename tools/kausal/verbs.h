// The verbs of the command: each function adds its subcommands to the parser.
#pragma once

#include "session.h"

namespace CLI {
class App;
}

namespace kausal::tool {

void add_workspace_verbs(CLI::App& app, Session& session);  // link sync unlink status
void add_name_verbs(CLI::App& app, Session& session);       // find search context
void add_edge_verbs(CLI::App& app, Session& session);       // show trace path
void add_set_verbs(CLI::App& app, Session& session);        // impact dead cycles
void add_export_verbs(CLI::App& app, Session& session);     // export dump load
void add_care_verbs(CLI::App& app, Session& session);       // verify compact stats
void add_shell_verbs(CLI::App& app, Session& session);      // completion man

/// A subcommand with its examples (shown by --help and in the man page).
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& what,
                   const std::string& examples);

/// Found when there are rows, else Nothing.
[[nodiscard]] inline Exit exit_of(size_t rows) {
    return rows != 0 ? Exit::Found : Exit::Nothing;
}

}  // namespace kausal::tool
