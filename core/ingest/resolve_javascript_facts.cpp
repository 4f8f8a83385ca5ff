// Reads of the facts that need no other file.
#include "ingest/resolve_javascript_facts.h"

#include <algorithm>
#include <vector>

namespace kausal::ingest::javascript {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool is_test_path(std::string_view path) noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (const std::string_view part : {".test.", ".spec.", "_test.", ".test-d."}) {
        if (name.find(part) != std::string_view::npos) return true;
    }
    return path.find("__tests__/") != std::string_view::npos || path.starts_with("test/") ||
           path.starts_with("tests/") || path.find("/test/") != std::string_view::npos ||
           path.find("/tests/") != std::string_view::npos;
}

std::string_view unquoted(std::string_view text) noexcept {
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'' || text.front() == '`') &&
        text.back() == text.front())
        return text.substr(1, text.size() - 2);
    return text;
}

bool is_relative(std::string_view specifier) noexcept {
    return specifier == "." || specifier == ".." || specifier.starts_with("./") ||
           specifier.starts_with("../") || specifier.starts_with('/');
}

std::string join_path(std::string_view path, std::string_view specifier) {
    std::vector<std::string_view> parts;
    const auto add = [&](std::string_view text) {
        for (size_t start = 0; start <= text.size();) {
            const size_t end = std::min(text.find('/', start), text.size());
            const std::string_view part = text.substr(start, end - start);
            start = end + 1;
            if (part.empty() || part == ".") continue;
            if (part != "..") {
                parts.push_back(part);
            } else if (parts.empty()) {
                return false;
            } else {
                parts.pop_back();
            }
        }
        return true;
    };
    const size_t slash = path.rfind('/');
    const bool is_absolute = specifier.starts_with('/');
    if (!is_absolute && slash != std::string_view::npos && !add(path.substr(0, slash))) return {};
    if (!add(specifier)) return {};
    std::string joined;
    for (const std::string_view part : parts) {
        if (!joined.empty()) joined += '/';
        joined += part;
    }
    return joined.empty() ? "." : joined;
}

std::string_view export_name(const FileFacts& facts, const ImportFact& import) noexcept {
    const std::string_view alias = facts.text(import.alias != 0 ? import.alias : import.name);
    if (import.alias != 0 && (alias == "=" || alias == "module.exports")) return kWholeExport;
    return unquoted(alias);
}

bool has_modifier(const FileFacts& facts, const DefinitionFact& definition,
                  std::string_view word) noexcept {
    const std::string_view signature = facts.text(definition.signature);
    const std::string_view name = facts.text(definition.name);
    size_t start = 0;
    while (start < signature.size()) {
        if (!is_word(signature[start])) {
            // Decorators and their arguments stand before the modifiers.
            if (signature[start] == '(' || signature[start] == '{' || signature[start] == '=')
                return false;
            ++start;
            continue;
        }
        size_t end = start;
        while (end < signature.size() && is_word(signature[end])) ++end;
        const std::string_view found = signature.substr(start, end - start);
        const bool is_name =
            found == name && (end == signature.size() || signature[end] != ' ' || found != word);
        if (is_name) return false;
        if (found == word) {
            // `static() {}` and `get = 1` are members of that name.
            return end < signature.size() && signature[end] == ' ' && end + 1 < signature.size() &&
                   signature[end + 1] != '=';
        }
        start = end;
    }
    return false;
}

bool has_own_this(const FileFacts& facts, const DefinitionFact& definition) noexcept {
    if (definition.kind == format::BlockKind::Method) {
        // `handle = () => {}` of a class has the `this` of the class all the same.
        return true;
    }
    const std::string_view signature = facts.text(definition.signature);
    for (size_t at = signature.find("function"); at != std::string_view::npos;
         at = signature.find("function", at + 1)) {
        const bool starts = at == 0 || !is_word(signature[at - 1]);
        const size_t end = at + 8;
        if (starts && (end >= signature.size() || !is_word(signature[end]))) return true;
    }
    return false;
}

bool has_variable_type(const FileFacts& facts, const DefinitionFact& definition) noexcept {
    if (definition.kind != format::BlockKind::Function) return false;
    const std::string_view signature = facts.text(definition.signature);
    const std::string_view name = facts.text(definition.name);
    for (size_t at = signature.find(name); at != std::string_view::npos;
         at = signature.find(name, at + 1)) {
        const size_t end = at + name.size();
        const bool is_whole = (at == 0 || !is_word(signature[at - 1])) &&
                              (end >= signature.size() || !is_word(signature[end]));
        if (is_whole) return end < signature.size() && signature[end] == ':';
    }
    return false;
}

}  // namespace kausal::ingest::javascript
