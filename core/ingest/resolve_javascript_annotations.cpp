// TypeScript types as absolute text: Promise<Foo[]> | null -> @!Promise<@!Array<@src/a.ts#Foo>>.
#include "ingest/resolve_javascript_facts.h"
#include "ingest/resolve_javascript_scope.h"

#include <algorithm>

namespace kausal::ingest::javascript {
namespace {

constexpr size_t kTypeDepthMax = 6;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_dotted_name(std::string_view text) {
    return !text.empty() && (text[0] < '0' || text[0] > '9') &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_word(c) || c == '.'; });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Walks the characters that stand outside of brackets and quotes. `visit(c, at)` stops by true.
template <typename Visit>
void for_each_outer(std::string_view text, Visit visit) {
    size_t depth = 0;
    char quote = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != 0) {
            if (c == quote) quote = 0;
            continue;
        }
        if (c == '"' || c == '\'' || c == '`') quote = c;
        const bool is_arrow = c == '>' && at != 0 && text[at - 1] == '=';
        if ((c == ')' || c == ']' || c == '}' || (c == '>' && !is_arrow)) && depth != 0) --depth;
        if (depth == 0 && visit(c, at)) return;
        if (c == '(' || c == '[' || c == '{' || c == '<') ++depth;
    }
}

std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    size_t start = 0;
    for_each_outer(text, [&](char c, size_t at) {
        if (c != separator) return false;
        if (at > start) pieces.push_back(trimmed(text.substr(start, at - start)));
        start = at + 1;
        return false;
    });
    if (start < text.size()) pieces.push_back(trimmed(text.substr(start)));
    return pieces;
}

/// Position of the `=>` of a function type, after its parameters; npos for other types.
size_t arrow_of(std::string_view type) {
    size_t found = std::string_view::npos;
    for_each_outer(type, [&](char c, size_t at) {
        if (c != '=' || at + 1 >= type.size() || type[at + 1] != '>') return false;
        found = at;
        return true;
    });
    return found;
}

/// Takes `readonly`, enclosing parentheses and leading bars away.
std::string_view bare(std::string_view type) {
    for (;;) {
        type = trimmed(type);
        if (type.starts_with("readonly ")) {
            type.remove_prefix(9);
        } else if (type.starts_with("unique ")) {
            type.remove_prefix(7);
        } else if (type.starts_with('|') || type.starts_with('&')) {
            type.remove_prefix(1);
        } else if (type.starts_with('(') && type.ends_with(')')) {
            size_t close = std::string_view::npos;
            for_each_outer(type, [&](char c, size_t at) {
                if (c != ')') return false;
                close = at;
                return true;
            });
            if (close != type.size() - 1) return type;
            type = type.substr(1, type.size() - 2);
        } else {
            return type;
        }
    }
}

std::string_view literal_type(std::string_view type) {
    const char c = type.front();
    if (c == '"' || c == '\'' || c == '`' || type == "string") return "@!String";
    if ((c >= '0' && c <= '9') || c == '-' || type == "number") return "@!Number";
    if (is_one_of(type, {"boolean", "true", "false"}) ||
        type.find(" is ") != std::string_view::npos)
        return "@!Boolean";
    if (type == "bigint") return "@!BigInt";
    if (type == "symbol") return "@!Symbol";
    return {};
}

bool is_nothing(std::string_view type) {
    return is_one_of(type, {"void", "undefined", "null", "never"});
}

}  // namespace

std::string FileScope::base_text(std::string_view written, const Place& place) {
    std::string_view name = trimmed(written.substr(0, written.find('<')));
    if (!is_dotted_name(name)) return "?";
    const Name found = dotted_at(name, place, true);
    if (found.text.empty() || found.text.find_first_of(":|@^") != std::string::npos) return "?";
    return found.text;
}

std::string FileScope::arguments_text(const std::vector<std::string_view>& parts,
                                      const Place& place, size_t depth) {
    std::string text;
    for (const std::string_view part : parts) {
        if (!text.empty()) text += ',';
        std::string argument = type_text(part, place, depth);
        text += argument.empty() ? "?" : argument;
    }
    return text;
}

std::string FileScope::queried_type(std::string_view expression, const Place& place) {
    expression = trimmed(expression);
    if (!is_dotted_name(expression)) return {};
    const size_t dot = expression.find('.');
    const NameIndex first = index_of(expression.substr(0, dot));
    if (first == 0) return {};
    std::string text = name_at(first, place, false).text;
    if (dot == std::string_view::npos) return text;
    for (const std::string_view part : pieces_of(expression.substr(dot + 1), '.'))
        text = with_link(text, ":" + std::string(part));
    return text;
}

/// "import('./a').b.C" as the name of what the module exports.
std::string FileScope::imported_type(std::string_view expression) const {
    const size_t close = expression.find(')');
    if (close == std::string_view::npos) return {};
    const std::string_view specifier = unquoted(trimmed(expression.substr(7, close - 7)));
    const std::string_view rest = expression.substr(close + 1);
    if (specifier.empty() || (!rest.empty() && (rest[0] != '.' || !is_dotted_name(rest.substr(1)))))
        return {};
    const std::string module = module_text(specifier);
    return module.empty() ? module : module + (rest.empty() ? "*" : escape_name(rest.substr(1)));
}

std::string FileScope::named_type(std::string_view name, std::string_view arguments,
                                  const Place& place, size_t depth) {
    const std::vector<std::string_view> parts = pieces_of(arguments, ',');
    const std::string_view first = parts.empty() ? std::string_view() : parts[0];
    const Name found = dotted_at(name, place, true);
    if (found.kind == Name::Kind::Global ||
        (found.text.empty() && found.kind == Name::Kind::Unknown)) {
        if (is_one_of(name,
                      {"Partial", "Readonly", "Required", "NonNullable", "Awaited", "Pick", "Omit",
                       "Extract", "Exclude", "DeepPartial", "DeepReadonly", "NoInfer"}))
            return first.empty() ? std::string() : type_text(first, place, depth);
        if (name == "InstanceType" && first.starts_with("typeof "))
            return with_link(queried_type(first.substr(7), place), "(new)");
        if (name == "ReturnType" && first.starts_with("typeof "))
            return with_link(queried_type(first.substr(7), place), "()");
        if (found.text.empty()) return {};
    }
    // A local type name is a type parameter: its constraint is what is known.
    if (found.kind == Name::Kind::Local) return found.text;
    if (found.text.empty() || found.text.find_first_of(":|@^") != std::string::npos) return {};
    std::string text = "@" + found.text;
    if (!parts.empty()) text += "<" + arguments_text(parts, place, depth) + ">";
    return text;
}

std::string FileScope::united_type(const std::vector<std::string_view>& parts, const Place& place,
                                   size_t depth) {
    Alternatives alternatives;
    for (const std::string_view part : parts) {
        if (!is_nothing(part)) alternatives.add(type_text(part, place, depth));
    }
    return alternatives.text();
}

std::string FileScope::function_type(std::string_view type, const Place& place, size_t depth) {
    const size_t arrow = arrow_of(type);
    const std::string result = type_text(type.substr(arrow + 2), place, depth);
    const bool is_constructor =
        type.starts_with("new ") || type.starts_with("new(") || type.starts_with("abstract new");
    return std::string(is_constructor ? "@!Constructor<" : "@!Function<") +
           (result.empty() ? "?" : result) + ">";
}

/// The type of `new Map<K, V>(...)`, given what stands after `new`.
std::string FileScope::constructed_type(std::string_view expression, const Place& place,
                                        size_t depth) {
    size_t end = expression.size();
    for_each_outer(expression, [&](char c, size_t at) {
        if (c != '(') return false;
        end = at;
        return true;
    });
    return type_text(expression.substr(0, end), place, depth);
}

std::string FileScope::type_text(std::string_view written, const Place& place, size_t depth) {
    if (depth > kTypeDepthMax || written.size() > 2000) return {};
    const std::string_view type = bare(written);
    if (type.empty() || is_nothing(type)) return {};
    if (type.starts_with("new ") && arrow_of(type) == std::string_view::npos)
        return constructed_type(type.substr(4), place, depth + 1);
    if (arrow_of(type) != std::string_view::npos) return function_type(type, place, depth + 1);
    bool is_conditional = false;
    for_each_outer(type, [&](char c, size_t) { return is_conditional = c == '?'; });
    if (is_conditional || type.starts_with('{') || type.starts_with("keyof ") ||
        type.starts_with("infer "))
        return {};
    const auto united = pieces_of(type, '|');
    if (united.size() > 1) return united_type(united, place, depth + 1);
    const auto crossed = pieces_of(type, '&');
    if (crossed.size() > 1) return "@!&<" + arguments_text(crossed, place, depth + 1) + ">";
    if (type.starts_with("typeof ")) {
        const std::string_view queried = type.substr(7);
        return queried.starts_with("import(") ? imported_type(queried)
                                              : queried_type(queried, place);
    }
    if (type.starts_with("import(")) {
        const std::string imported = imported_type(type.substr(0, type.find('<')));
        return imported.empty() ? imported : "@" + imported;
    }
    if (type.starts_with("asserts ")) return {};
    if (type.ends_with("[]")) {
        const std::string element = type_text(type.substr(0, type.size() - 2), place, depth + 1);
        return "@!Array<" + (element.empty() ? "?" : element) + ">";
    }
    if (type.starts_with('[') && type.ends_with(']'))
        return "@!Tuple<" +
               arguments_text(pieces_of(type.substr(1, type.size() - 2), ','), place, depth + 1) +
               ">";
    if (const std::string_view literal = literal_type(type); !literal.empty())
        return std::string(literal);
    if (type == "this") return this_text(place);
    const size_t open = type.find('<');
    if (open != std::string_view::npos && type.ends_with('>') &&
        is_dotted_name(type.substr(0, open)))
        return named_type(type.substr(0, open), type.substr(open + 1, type.size() - open - 2),
                          place, depth + 1);
    if (!is_dotted_name(type) || is_one_of(type, {"any", "unknown", "object", "const"})) return {};
    return named_type(type, {}, place, depth + 1);
}

std::string FileScope::type_text(std::string_view written, const Place& place) {
    return type_text(written, place, 0);
}

}  // namespace kausal::ingest::javascript
