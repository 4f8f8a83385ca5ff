// The list of languages and how a file's language is found.
#include "ingest/language.h"

#include <algorithm>
#include <string>
#include <vector>

namespace kausal::ingest {
namespace {

std::vector<LanguageRules> make_languages() {
    std::vector<LanguageRules> languages;
    languages.push_back(c_language());
    languages.push_back(cpp_language());
    languages.push_back(go_language());
    languages.push_back(rust_language());
    languages.push_back(java_language());
    languages.push_back(python_language());
    languages.push_back(javascript_language());
    languages.push_back(typescript_language());
    languages.push_back(tsx_language());
    return languages;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equals_folded(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

/// The program of "#!/usr/bin/env -S python3.11 -u" without its version: "python".
std::string_view interpreter_of(std::string_view first_line) {
    if (!first_line.starts_with("#!")) return {};
    first_line.remove_prefix(2);
    std::string_view program;
    while (!first_line.empty()) {
        const size_t start = first_line.find_first_not_of(" \t\r");
        if (start == std::string_view::npos) break;
        first_line.remove_prefix(start);
        const size_t end = std::min(first_line.find_first_of(" \t\r"), first_line.size());
        program = first_line.substr(0, end);
        first_line.remove_prefix(end);
        program.remove_prefix(program.rfind('/') + 1);
        if (program != "env" && !program.starts_with('-')) break;
    }
    while (!program.empty() &&
           (program.back() == '.' || (program.back() >= '0' && program.back() <= '9')))
        program.remove_suffix(1);
    return program;
}

}  // namespace

std::span<const LanguageRules> all_languages() {
    static const std::vector<LanguageRules> languages = make_languages();
    return languages;
}

const LanguageRules* rules_of(format::Language language) {
    for (const LanguageRules& rules : all_languages()) {
        if (rules.language == language) return &rules;
    }
    return nullptr;
}

const LanguageRules* detect_language(std::string_view path, std::string_view first_line,
                                     bool header_is_cpp) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    // "config.h.in" is the header that a build step fills in.
    if (name.ends_with(".h.in") || name.ends_with(".hpp.in")) name.remove_suffix(3);
    const size_t dot = name.rfind('.');
    // A leading dot starts a hidden file, not an extension.
    if (dot != std::string_view::npos && dot != 0) {
        const std::string_view extension = name.substr(dot);
        if (extension == ".h" || extension == ".H")
            return rules_of(header_is_cpp || extension == ".H" ? format::Language::Cpp
                                                               : format::Language::C);
        // ".C" is C++ by tradition, everything else is the same in both cases.
        if (extension == ".C") return rules_of(format::Language::Cpp);
        for (const LanguageRules& rules : all_languages()) {
            for (const std::string_view known : rules.extensions) {
                if (equals_folded(known, extension)) return &rules;
            }
        }
    }
    for (const LanguageRules& rules : all_languages()) {
        if (std::find(rules.file_names.begin(), rules.file_names.end(), name) !=
            rules.file_names.end())
            return &rules;
    }
    const std::string_view interpreter = interpreter_of(first_line);
    if (interpreter.empty()) return nullptr;
    for (const LanguageRules& rules : all_languages()) {
        if (std::find(rules.interpreters.begin(), rules.interpreters.end(), interpreter) !=
            rules.interpreters.end())
            return &rules;
    }
    return nullptr;
}

}  // namespace kausal::ingest
