// Texts for shells and for man, made from the same definitions that --help shows.
#include "verbs.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <sstream>

namespace kausal::tool {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App* verb) { return !verb->get_name().empty(); });
}

/// "--kind --lang ...": the long names of a verb's options and the global ones.
std::string option_words(const CLI::App& app, const CLI::App& verb) {
    std::string words;
    for (const CLI::App* from : {&verb, &app}) {
        for (const CLI::Option* option : from->get_options()) {
            for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
        }
    }
    return words;
}

std::string verb_words(const CLI::App& app) {
    std::string words;
    for (const CLI::App* verb : verbs_of(app)) words += verb->get_name() + " ";
    return words;
}

std::string bash_completion(const CLI::App& app) {
    std::ostringstream out;
    out << "# bash completion for kausal\n"
           "_kausal() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} verb= word\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $word in\n";
    for (const CLI::App* verb : verbs_of(app))
        out << "            " << verb->get_name() << ") verb=$word ;;\n";
    out << "        esac\n"
           "    done\n"
           "    case $verb in\n"
           "        '') COMPREPLY=($(compgen -W \""
        << verb_words(app) << "--db --format --color --help\" -- \"$current\")) ;;\n";
    for (const CLI::App* verb : verbs_of(app)) {
        out << "        " << verb->get_name() << ") COMPREPLY=($(compgen -W \""
            << option_words(app, *verb) << "\" -- \"$current\")) ;;\n";
    }
    out << "    esac\n"
           "    [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
           "}\n"
           "complete -F _kausal kausal\n";
    return out.str();
}

/// Single quotes and colons have a meaning in zsh and fish descriptions.
std::string quoted(std::string text) {
    for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4)
        text.replace(at, 1, "'\\''");
    return text;
}

std::string zsh_completion(const CLI::App& app) {
    std::ostringstream out;
    out << "#compdef kausal\n"
           "_kausal() {\n"
           "    local -a verbs\n"
           "    verbs=(\n";
    for (const CLI::App* verb : verbs_of(app)) {
        std::string what = quoted(verb->get_description());
        for (size_t at = 0; (at = what.find(':', at)) != std::string::npos; at += 2)
            what.insert(at, "\\");
        out << "        '" << verb->get_name() << ":" << what << "'\n";
    }
    out << "    )\n"
           "    local verb=${words[(r)("
        << CLI::detail::join(CLI::detail::split(CLI::detail::trim_copy(verb_words(app)), ' '), "|")
        << ")]}\n"
           "    case $verb in\n"
           "        '') _describe 'verb' verbs ;;\n";
    for (const CLI::App* verb : verbs_of(app)) {
        out << "        " << verb->get_name() << ") compadd -- " << option_words(app, *verb)
            << "; _files ;;\n";
    }
    out << "    esac\n"
           "}\n"
           "compdef _kausal kausal\n";
    return out.str();
}

std::string fish_completion(const CLI::App& app) {
    std::ostringstream out;
    out << "# fish completion for kausal\n";
    for (const CLI::App* verb : verbs_of(app)) {
        out << "complete -c kausal -n __fish_use_subcommand -a " << verb->get_name() << " -d '"
            << quoted(verb->get_description()) << "'\n";
        for (const CLI::Option* option : verb->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                out << "complete -c kausal -n '__fish_seen_subcommand_from " << verb->get_name()
                    << "' -l " << name << " -d '" << quoted(option->get_description()) << "'\n";
            }
        }
    }
    return out.str();
}

std::string roff(std::string text) {
    for (size_t at = 0; (at = text.find_first_of("\\-", at)) != std::string::npos; at += 2) {
        text.insert(at, "\\");
        if (text[at + 1] == '\\') text[at + 1] = 'e';
    }
    return text;
}

void man_options(const CLI::App& app, std::ostream& out) {
    for (const CLI::Option* option : app.get_options()) {
        out << ".TP\n.B " << roff(option->get_name(option->get_positional(), true)) << '\n';
        const std::string what = option->get_description();
        out << roff(what.empty() ? "(see above)" : what) << '\n';
    }
}

std::string man_page(const CLI::App& app) {
    std::ostringstream out;
    out << ".TH KAUSAL 1 \"\" \"kausal " << kausal_version()
        << "\" \"User Commands\"\n"
           ".SH NAME\nkausal \\- ask a code base who calls what, what a change breaks, what to "
           "read\n"
           ".SH SYNOPSIS\n.B kausal\n[\\fIoptions\\fR] \\fIverb\\fR [\\fIarguments\\fR]\n"
           ".SH DESCRIPTION\n"
        << roff(app.get_description()) << "\n.SH OPTIONS\n";
    man_options(app, out);
    out << ".SH VERBS\n";
    for (const CLI::App* verb : verbs_of(app)) {
        out << ".SS " << roff(verb->get_name()) << '\n' << roff(verb->get_description()) << ".\n";
        man_options(*verb, out);
        out << ".PP\n.nf\n" << roff(verb->get_footer()) << "\n.fi\n";
    }
    out << ".SH \"EXIT STATUS\"\n"
           "0 found, 1 nothing found, 2 usage, 3 failure, 4 ambiguous target, 5 locked by another "
           "process.\n"
           ".SH ENVIRONMENT\n.TP\n.B KAUSAL_DB\nthe database directory, unless \\-\\-db names one\n"
           ".TP\n.B NO_COLOR\nno colours when set\n"
           ".SH FILES\n.TP\n.B .kausal/\nthe database of a source tree, looked for from the "
           "working folder upwards\n";
    return out.str();
}

}  // namespace

void add_shell_verbs(CLI::App& app, Session& session) {
    CLI::App* completion = add_verb(app, "completion", "a completion script for bash, zsh or fish",
                                    "kausal completion bash > /etc/bash_completion.d/kausal\n"
                                    "kausal completion fish | source");
    auto shell = std::make_shared<std::string>();
    completion->add_option("SHELL", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    completion->callback([&app, &session, shell] {
        session.run = [&app, shell] {
            if (*shell == "bash") std::cout << bash_completion(app);
            if (*shell == "zsh") std::cout << zsh_completion(app);
            if (*shell == "fish") std::cout << fish_completion(app);
            return Exit::Found;
        };
    });
    CLI::App* man = add_verb(app, "man", "the manual page, as roff",
                             "kausal man | man -l -\n"
                             "kausal man > /usr/local/share/man/man1/kausal.1");
    man->callback([&app, &session] {
        session.run = [&app] {
            std::cout << man_page(app);
            return Exit::Found;
        };
    });
}

}  // namespace kausal::tool
