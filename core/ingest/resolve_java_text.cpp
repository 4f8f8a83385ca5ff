// Peels Java type texts: prefixes, names, arguments, dimensions.
#include "ingest/resolve_java_text.h"

#include <algorithm>

namespace kausal::ingest::java {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Past "final", annotations and wildcard bounds in front of a type.
std::string_view without_prefixes(std::string_view text) {
    for (;;) {
        text = trimmed(text);
        bool changed = false;
        for (const std::string_view word :
             {std::string_view("final "), std::string_view("? extends "),
              std::string_view("? super ")}) {
            if (text.starts_with(word)) {
                text.remove_prefix(word.size());
                changed = true;
            }
        }
        if (text.starts_with('@')) {
            size_t at = 1;
            while (at < text.size() && (is_word(text[at]) || text[at] == '.')) ++at;
            if (at < text.size() && text[at] == '(')
                at = std::min(text.find(')', at), text.size() - 1) + 1;
            text.remove_prefix(at);
            changed = true;
        }
        if (!changed) return text;
    }
}

/// The end of the bracket that opens at `at`.
size_t closing_angle(std::string_view text, size_t at) {
    int depth = 0;
    for (; at < text.size(); ++at) {
        if (text[at] == '<') ++depth;
        if (text[at] == '>' && --depth == 0) return at;
    }
    return text.size();
}

}  // namespace

TypeText split_type(std::string_view text) {
    TypeText parts;
    text = without_prefixes(text);
    if (text.ends_with("...")) {
        text.remove_suffix(3);
        ++parts.dimensions;
    }
    for (text = trimmed(text); text.ends_with(']'); text = trimmed(text)) {
        const size_t open = text.rfind('[');
        if (open == std::string_view::npos) break;
        text = text.substr(0, open);
        ++parts.dimensions;
    }
    const size_t angle = text.find('<');
    if (angle == std::string_view::npos) {
        parts.name = trimmed(text.substr(0, text.find(' ')));
        return parts;
    }
    parts.name = trimmed(text.substr(0, angle));
    const size_t close = closing_angle(text, angle);
    parts.arguments = text.substr(angle + 1, close - angle - 1);
    // `Outer<A>.Inner<B>`: the arguments of the last component count, the name is kept whole.
    if (close + 1 < text.size() && text[close + 1] == '.') parts.name = {};
    return parts;
}

std::vector<std::string_view> split_arguments(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    size_t start = 0;
    for (size_t at = 0; at <= text.size(); ++at) {
        const char c = at < text.size() ? text[at] : ',';
        if (c == '<' || c == '(') ++depth;
        if (c == '>' || c == ')') --depth;
        if (c != ',' || (depth != 0 && at < text.size())) continue;
        const std::string_view part = trimmed(text.substr(start, at - start));
        if (!part.empty()) parts.push_back(part);
        start = at + 1;
    }
    return parts;
}

std::vector<std::pair<std::string_view, std::string_view>> split_type_parameters(
    std::string_view text) {
    std::vector<std::pair<std::string_view, std::string_view>> parameters;
    if (text.size() < 2) return parameters;
    for (const std::string_view written : split_arguments(text.substr(1, text.size() - 2))) {
        const std::string_view part = without_prefixes(written);
        const size_t space = part.find(' ');
        std::string_view bound;
        if (space != std::string_view::npos) {
            bound = trimmed(part.substr(space));
            bound = bound.starts_with("extends ") ? trimmed(bound.substr(8)) : std::string_view();
            bound = trimmed(bound.substr(0, bound.find('&')));
        }
        parameters.emplace_back(part.substr(0, space), bound);
    }
    return parameters;
}

bool is_primitive(std::string_view name) {
    return name == "int" || name == "boolean" || name == "long" || name == "void" ||
           name == "char" || name == "byte" || name == "double" || name == "float" ||
           name == "short";
}

}  // namespace kausal::ingest::java
