// Python annotations as absolute text: Optional["Foo"] -> @pkg.mod.Foo, dict[str, Foo] -> ...
#include "ingest/resolve_python_library.h"
#include "ingest/resolve_python_scope.h"

#include <algorithm>

namespace kausal::ingest::python {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Takes quotes and enclosing parentheses away.
std::string_view bare(std::string_view text) {
    text = trimmed(text);
    while (text.size() >= 2) {
        const char open = text.front();
        const bool is_quoted = (open == '"' || open == '\'') && text.back() == open &&
                               text.find(open, 1) == text.size() - 1;
        if (!is_quoted && !(open == '(' && text.back() == ')')) break;
        text = trimmed(text.substr(1, text.size() - 2));
    }
    return text;
}

/// Pieces between `separator` that stand outside of brackets and quotes.
std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    size_t depth = 0;
    size_t start = 0;
    char quote = 0;
    for (size_t at = 0; at <= text.size(); ++at) {
        const char c = at == text.size() ? separator : text[at];
        if (at != text.size() && quote != 0) {
            if (c == quote) quote = 0;
            continue;
        }
        if (at != text.size() && (c == '"' || c == '\'')) quote = c;
        if (c == '[' || c == '(' || c == '{') ++depth;
        if ((c == ']' || c == ')' || c == '}') && depth != 0) --depth;
        if (c != separator || (depth != 0 && at != text.size())) continue;
        pieces.push_back(trimmed(text.substr(start, at - start)));
        start = at + 1;
    }
    return pieces;
}

bool is_dotted_name(std::string_view text) {
    return !text.empty() && (text[0] < '0' || text[0] > '9') &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.' || (c & 0x80) != 0;
           });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string FileScope::type_name(std::string_view dotted, uint32_t scope) {
    const size_t dot = dotted.find('.');
    const std::string_view first = dotted.substr(0, dot);
    const NameIndex index = index_of(first);
    std::string text;
    if (index != 0) {
        // The body of what carries the annotation has not run yet: its own names are not meant.
        const Name name = name_at(index, {scope, 0});
        if (name.kind == Name::Kind::Local) return {};
        text = name.text;
    } else {
        // A name inside a string or a subscript is no name of the facts.
        for (const ImportFact& import : facts_.imports) {
            if (import.alias != 0 || import.name != 0) continue;
            const std::string_view path = facts_.text(import.path);
            if (path.substr(0, path.find('.')) == first) text = first;
        }
        if (text.empty() && is_builtin(first)) text = "builtins." + std::string(first);
        if (text.empty() && has_wildcard_) text = module_ + "." + std::string(first);
    }
    if (text.empty() || text.find('|') != std::string::npos ||
        text.find(':') != std::string::npos || text.starts_with('@'))
        return {};
    if (dot != std::string_view::npos) text += dotted.substr(dot);
    return text;
}

std::string FileScope::base_text(std::string_view written, uint32_t scope) {
    const std::string_view name = bare(written.substr(0, written.find('[')));
    if (!is_dotted_name(name)) return "?";
    const std::string text = type_name(name, scope);
    return text.empty() ? "?" : text;
}

std::string FileScope::generic_text(std::string_view name, std::string_view arguments,
                                    uint32_t scope, size_t depth) {
    const std::string_view last = name.substr(name.rfind('.') + 1);
    std::vector<std::string_view> parts = pieces_of(arguments, ',');
    if (is_one_of(last, {"Optional", "Annotated", "ClassVar", "Final", "Required", "NotRequired",
                         "ReadOnly", "InitVar"}))
        return type_text(parts[0], scope, depth);
    if (last == "Union") {
        Alternatives alternatives;
        for (const std::string_view part : parts) {
            if (part != "None") alternatives.add(type_text(part, scope, depth));
        }
        return alternatives.text();
    }
    if (is_one_of(last, {"Awaitable", "Coroutine", "Future", "Task"}))
        return type_text(parts.back(), scope, depth);
    if (last == "Literal") return {};
    if (is_one_of(last, {"Type", "type"})) {
        const std::string type = type_text(parts[0], scope, depth);
        const bool is_plain = type.starts_with('@') && type.find('|') == std::string::npos &&
                              type.find('<') == std::string::npos;
        return is_plain ? type.substr(1) : std::string();
    }
    const std::string absolute = type_name(name, scope);
    if (absolute.empty()) return {};
    std::string text = "@" + absolute + "<";
    if (last == "Callable") parts.erase(parts.begin(), parts.end() - 1);
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) text += ',';
        const std::string argument =
            parts[i] == "..." ? std::string("...") : type_text(parts[i], scope, depth);
        text += argument.empty() ? std::string("?") : argument;
    }
    return text + ">";
}

std::string FileScope::type_text(std::string_view written, uint32_t scope, size_t depth) {
    constexpr size_t kTypeDepthMax = 6;
    if (depth > kTypeDepthMax) return {};
    const std::string_view type = bare(written);
    const std::vector<std::string_view> united = pieces_of(type, '|');
    if (united.size() > 1 || pieces_of(type, ',').size() > 1) {
        Alternatives alternatives;
        // (A, B) is what an except clause names.
        for (const std::string_view part : united.size() > 1 ? united : pieces_of(type, ',')) {
            if (part != "None" && !part.empty())
                alternatives.add(type_text(part, scope, depth + 1));
        }
        return alternatives.text();
    }
    const size_t open = type.find('[');
    if (open != std::string_view::npos && type.ends_with(']')) {
        const std::string_view name = trimmed(type.substr(0, open));
        if (!is_dotted_name(name)) return {};
        return generic_text(name, type.substr(open + 1, type.size() - open - 2), scope, depth + 1);
    }
    if (!is_dotted_name(type) || is_one_of(type, {"None", "Any", "object", "typing.Any"}))
        return {};
    if (type == "Self" || type == "typing.Self") {
        const uint32_t around = class_around(scope);
        return around == kNone ? std::string() : "@" + qualified(around);
    }
    const std::string name = type_name(type, scope);
    return name.empty() ? std::string() : "@" + name;
}

std::string FileScope::type_text(std::string_view written, uint32_t scope) {
    return type_text(written, scope, 0);
}

}  // namespace kausal::ingest::python
