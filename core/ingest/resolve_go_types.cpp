// Peels Go type texts and evaluates build constraints.
#include "ingest/resolve_go_types.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace kausal::ingest::go {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) noexcept {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// Position after the bracket that closes the one at `open`; the size when none does.
size_t after_bracket(std::string_view text, size_t open) noexcept {
    size_t depth = 0;
    for (size_t i = open; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '(' || c == '[' || c == '{') ++depth;
        if ((c == ')' || c == ']' || c == '}') && --depth == 0) return i + 1;
    }
    return text.size();
}

/// Starts with the keyword and something that cannot continue a name.
bool has_keyword(std::string_view text, std::string_view keyword) noexcept {
    return text.starts_with(keyword) &&
           (text.size() == keyword.size() || !is_word(text[keyword.size()]));
}

std::string_view channel_element(std::string_view type) noexcept {
    if (type.starts_with("<-")) type.remove_prefix(2);
    type = trimmed(type);
    if (!has_keyword(type, "chan")) return {};
    type = trimmed(type.substr(4));
    if (type.starts_with("<-")) type = trimmed(type.substr(2));
    return type;
}

/// Where the type starts in a piece of a parameter list: "err error" -> 4, "error" -> 0.
size_t type_start(std::string_view piece) noexcept {
    size_t at = 0;
    while (at < piece.size() && is_word(piece[at])) ++at;
    if (at == 0 || at >= piece.size() || piece[at] != ' ') return 0;
    const std::string_view word = piece.substr(0, at);
    if (word == "chan" || word == "func" || word == "struct" || word == "interface") return 0;
    return at + 1;
}

bool is_version(std::string_view text) noexcept {
    if (text.size() < 2 || text[0] != 'v') return false;
    return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::array<std::string_view, 17> kSystems = {
    "aix",   "android", "darwin", "dragonfly", "freebsd", "hurd",    "illumos", "ios",    "js",
    "linux", "nacl",    "netbsd", "openbsd",   "plan9",   "solaris", "wasip1",  "windows"};
constexpr std::array<std::string_view, 20> kProcessors = {
    "386",      "amd64",  "arm",     "arm64",   "loong64",  "mips",    "mips64",
    "mips64le", "mipsle", "ppc64",   "ppc64le", "riscv",    "riscv64", "s390",
    "s390x",    "sparc",  "sparc64", "wasm",    "amd64p32", "armbe"};

template <typename List>
std::string_view known(const List& list, std::string_view word) noexcept {
    const auto found = std::find(list.begin(), list.end(), word);
    return found == list.end() ? std::string_view{} : *found;
}

struct Suffixes {
    std::string_view os;
    std::string_view arch;
};

/// "net/poll_linux_amd64_test.go" -> linux, amd64.
Suffixes suffixes_of(std::string_view path) noexcept {
    Suffixes found;
    path.remove_prefix(path.rfind('/') + 1);
    if (path.ends_with(".go")) path.remove_suffix(3);
    if (path.ends_with("_test")) path.remove_suffix(5);
    const size_t last = path.rfind('_');
    if (last == std::string_view::npos) return found;
    found.arch = known(kProcessors, path.substr(last + 1));
    if (found.arch.empty()) {
        found.os = known(kSystems, path.substr(last + 1));
        return found;
    }
    path = path.substr(0, last);
    const size_t before = path.rfind('_');
    if (before != std::string_view::npos) found.os = known(kSystems, path.substr(before + 1));
    return found;
}

bool is_unix(std::string_view os) noexcept {
    return os != "windows" && os != "plan9" && os != "js" && os != "wasip1" && os != "nacl";
}

/// Evaluates `a && (b || !c)`. Recursion is bounded by the length of the constraint line.
class Constraint {
  public:
    Constraint(const BuildTarget& target, std::string_view text) : target_(target), text_(text) {}
    bool evaluate() { return either(0); }

  private:
    static constexpr size_t kDepthMax = 64;
    void skip_blanks() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(std::string_view token) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(token)) return false;
        at_ += token.size();
        return true;
    }
    bool either(size_t depth) {
        bool value = both(depth);
        while (take("||")) value = both(depth) || value;
        return value;
    }
    bool both(size_t depth) {
        bool value = one(depth);
        while (take("&&")) value = one(depth) && value;
        return value;
    }
    bool one(size_t depth) {
        if (depth > kDepthMax) return true;
        if (take("!")) return !one(depth + 1);
        if (take("(")) {
            const bool value = either(depth + 1);
            (void)take(")");
            return value;
        }
        skip_blanks();
        const size_t start = at_;
        while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.')) ++at_;
        return holds(text_.substr(start, at_ - start));
    }
    [[nodiscard]] bool holds(std::string_view tag) const {
        if (tag == target_.os || tag == target_.arch || tag == "gc" || tag == "cgo") return true;
        if (tag == "unix") return is_unix(target_.os);
        return tag.starts_with("go1.");
    }

    BuildTarget target_;
    std::string_view text_;
    size_t at_ = 0;
};

}  // namespace

std::string_view without_pointers(std::string_view type) noexcept {
    for (;;) {
        type = trimmed(type);
        if (type.starts_with('*') || type.starts_with('&') || type.starts_with('~')) {
            type.remove_prefix(1);
        } else if (type.starts_with('(') && after_bracket(type, 0) == type.size()) {
            type = type.substr(1, type.size() - 2);
        } else {
            return type;
        }
    }
}

TypeName name_of(std::string_view type) noexcept {
    type = without_pointers(type);
    size_t end = 0;
    while (end < type.size() && (is_word(type[end]) || type[end] == '.' || type[end] == '/' ||
                                 type[end] == '-' || type[end] == '~'))
        ++end;
    TypeName result;
    if (end == 0) return result;
    // What follows the name can only be the arguments of an instantiation.
    if (end < type.size()) {
        if (type[end] != '[' || after_bracket(type, end) != type.size()) return result;
        result.arguments = type.substr(end + 1, type.size() - end - 2);
    }
    const std::string_view whole = type.substr(0, end);
    if (has_keyword(whole, "map") || has_keyword(whole, "chan") || has_keyword(whole, "func") ||
        has_keyword(whole, "struct") || has_keyword(whole, "interface"))
        return TypeName{};
    const size_t dot = whole.rfind('.');
    if (dot == std::string_view::npos) {
        result.name = whole;
    } else {
        result.path = whole.substr(0, dot);
        result.name = whole.substr(dot + 1);
    }
    return result;
}

std::string_view element_of(std::string_view type) noexcept {
    type = trimmed(type);
    if (type.starts_with("...")) return trimmed(type.substr(3));
    type = without_pointers(type);
    if (type.starts_with('[')) return trimmed(type.substr(after_bracket(type, 0)));
    if (has_keyword(type, "map") && type.size() > 3)
        return trimmed(type.substr(after_bracket(type, 3)));
    return channel_element(type);
}

std::string_view key_of(std::string_view type) noexcept {
    type = without_pointers(type);
    if (!type.starts_with("map[")) return {};
    const size_t end = after_bracket(type, 3);
    return end > 5 ? trimmed(type.substr(4, end - 5)) : std::string_view{};
}

std::string_view results_of(std::string_view type) noexcept {
    type = without_pointers(type);
    if (!type.starts_with("func(")) return {};
    return trimmed(type.substr(after_bracket(type, 4)));
}

std::vector<std::string_view> split_list(std::string_view list, char separator) {
    std::vector<std::string_view> pieces;
    size_t depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < list.size(); ++i) {
        const char c = list[i];
        if (c == '(' || c == '[' || c == '{') ++depth;
        if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
        if (c != separator || depth != 0) continue;
        pieces.push_back(trimmed(list.substr(start, i - start)));
        start = i + 1;
    }
    const std::string_view last = trimmed(list.substr(std::min(start, list.size())));
    if (!last.empty()) pieces.push_back(last);
    return pieces;
}

std::vector<StructField> fields_of(std::string_view type) {
    std::vector<StructField> fields;
    type = without_pointers(type);
    if (!type.starts_with("struct{") || !type.ends_with('}')) return fields;
    for (const std::string_view piece : split_list(type.substr(7, type.size() - 8), ';')) {
        const size_t before = fields.size();
        size_t at = 0;
        for (;;) {
            const size_t start = at;
            while (at < piece.size() && is_word(piece[at])) ++at;
            const bool is_name = at > start && at < piece.size();
            if (is_name) fields.push_back({piece.substr(start, at - start), {}});
            if (!is_name || piece[at] != ',') break;
            while (at < piece.size() && (piece[at] == ',' || piece[at] == ' ')) ++at;
        }
        // "a T" has a blank behind its names; "C", "*C", "p.C" and "C[K]" are embedded.
        const bool is_embedded = at >= piece.size() || piece[at] != ' ';
        if (is_embedded) {
            fields.resize(before);
            fields.push_back({{}, piece});
        }
        const std::string_view of = trimmed(piece.substr(std::min(at, piece.size())));
        for (size_t i = before; i < fields.size() && !is_embedded; ++i) fields[i].type = of;
    }
    return fields;
}

std::string_view result_at(std::string_view results, size_t position) noexcept {
    results = trimmed(results);
    if (!results.starts_with('(') || after_bracket(results, 0) != results.size())
        return position == 0 ? results : std::string_view{};
    const auto pieces = split_list(results.substr(1, results.size() - 2));
    if (position >= pieces.size()) return {};
    const bool named = std::any_of(pieces.begin(), pieces.end(),
                                   [](std::string_view piece) { return type_start(piece) != 0; });
    if (!named) return pieces[position];
    // "(a, b int)": a name without a type takes that of the next one.
    for (size_t i = position; i < pieces.size(); ++i) {
        const size_t start = type_start(pieces[i]);
        if (start != 0) return trimmed(pieces[i].substr(start));
    }
    return {};
}

TypeName innermost_name(std::string_view type) noexcept {
    for (size_t steps = 0; steps < 16 && !type.empty(); ++steps) {
        const std::string_view element = element_of(type);
        if (!element.empty()) {
            type = element;
            continue;
        }
        const std::string_view plain = without_pointers(type);
        if (plain.starts_with("func(")) {
            type = result_at(results_of(plain), 0);
            continue;
        }
        return name_of(plain);
    }
    return {};
}

std::string_view usual_package_name(std::string_view path) noexcept {
    std::string_view last = path.substr(path.rfind('/') + 1);
    if (is_version(last) && last.size() < path.size()) {
        path.remove_suffix(last.size() + 1);
        last = path.substr(path.rfind('/') + 1);
    }
    const size_t dot = last.rfind('.');
    if (dot != std::string_view::npos && is_version(last.substr(dot + 1)))
        last = last.substr(0, dot);
    return last;
}

bool may_be_named(std::string_view path, std::string_view local) noexcept {
    const std::string_view usual = usual_package_name(path);
    if (usual == local) return true;
    // "go-isatty", "uuid.go", "yaml-go": one of the parts is the name.
    const size_t at = usual.find(local);
    if (at == std::string_view::npos) return false;
    const bool starts = at == 0 || !is_word(usual[at - 1]);
    const size_t end = at + local.size();
    return starts && (end == usual.size() || !is_word(usual[end]));
}

const ImportFact* import_named(const FileFacts& facts, std::string_view local) noexcept {
    const ImportFact* likely = nullptr;
    for (const ImportFact& import : facts.imports) {
        const std::string_view alias = facts.text(import.alias);
        if (!alias.empty()) {
            if (alias == local) return &import;
            continue;
        }
        const std::string_view path = facts.text(import.path);
        if (usual_package_name(path) == local) return &import;
        if (likely == nullptr && may_be_named(path, local)) likely = &import;
    }
    return likely;
}

std::string with_import_paths(const FileFacts& facts, std::string_view type) {
    std::string out;
    if (type.find('.') == std::string_view::npos) return std::string(type);
    size_t at = 0;
    while (at < type.size()) {
        if (!is_word(type[at])) {
            out.push_back(type[at++]);
            continue;
        }
        const size_t start = at;
        while (at < type.size() && is_word(type[at])) ++at;
        const std::string_view word = type.substr(start, at - start);
        const bool is_qualifier = at + 1 < type.size() && type[at] == '.' && is_word(type[at + 1]);
        const ImportFact* import = is_qualifier ? import_named(facts, word) : nullptr;
        out.append(import != nullptr ? facts.text(import->path) : word);
        if (!is_qualifier) continue;
        // The member must not be taken for a qualifier of what follows.
        out.push_back(type[at++]);
        while (at < type.size() && is_word(type[at])) out.push_back(type[at++]);
    }
    return out;
}

std::string comparable_results(std::string_view results) {
    std::string joined;
    for (size_t i = 0;; ++i) {
        const std::string_view one = result_at(results, i);
        if (one.empty()) break;
        joined.append(one).push_back(',');
    }
    std::string out;
    size_t at = 0;
    while (at < joined.size()) {
        if (joined[at] == ' ') {
            ++at;
            continue;
        }
        if (!is_word(joined[at])) {
            out.push_back(joined[at++]);
            continue;
        }
        size_t end = at;
        while (end < joined.size() && (is_word(joined[end]) || joined[end] == '/' ||
                                       joined[end] == '-' || joined[end] == '.'))
            ++end;
        std::string_view word = std::string_view(joined).substr(at, end - at);
        word.remove_prefix(word.rfind('.') + 1);
        out.append(word == "any" ? "interface{}" : word);
        at = end;
    }
    return out;
}

BuildTarget target_of(std::string_view path, std::string_view constraint) noexcept {
    const Suffixes suffixes = suffixes_of(path);
    const auto target_with = [&suffixes](std::string_view os, std::string_view arch) {
        BuildTarget target{suffixes.os.empty() ? os : suffixes.os,
                           suffixes.arch.empty() ? arch : suffixes.arch};
        // These go together.
        const bool is_web = target.os == "js" || target.os == "wasip1";
        if (is_web && suffixes.arch.empty()) target.arch = "wasm";
        if (target.arch == "wasm" && !is_web && suffixes.os.empty()) target.os = "js";
        return target;
    };
    const BuildTarget host;
    const BuildTarget target = target_with(host.os, host.arch);
    if (constraint.empty() || Constraint(target, constraint).evaluate()) return target;
    // Another system that satisfies the line, in a fixed order.
    for (const std::string_view os : {"darwin", "windows", "freebsd", "openbsd", "netbsd",
                                      "solaris", "plan9", "js", "wasip1", "aix"}) {
        const BuildTarget other = target_with(os, target.arch);
        if (Constraint(other, constraint).evaluate()) return other;
    }
    for (const std::string_view arch :
         {"arm64", "386", "arm", "riscv64", "s390x", "ppc64le", "wasm"}) {
        const BuildTarget other = target_with(target.os, arch);
        if (Constraint(other, constraint).evaluate()) return other;
    }
    return target;
}

bool exclude_each_other(std::string_view path, std::string_view other) noexcept {
    const Suffixes left = suffixes_of(path);
    const Suffixes right = suffixes_of(other);
    // A build for android takes the files of linux too.
    const auto system = [](std::string_view os) {
        return os == "android" ? std::string_view("linux") : os;
    };
    const bool other_system =
        !left.os.empty() && !right.os.empty() && system(left.os) != system(right.os);
    return other_system || (!left.arch.empty() && !right.arch.empty() && left.arch != right.arch);
}

bool builds_for(const BuildTarget& target, std::string_view path,
                std::string_view constraint) noexcept {
    const Suffixes suffixes = suffixes_of(path);
    const bool android_is_linux = suffixes.os == "linux" && target.os == "android";
    if (!suffixes.os.empty() && suffixes.os != target.os && !android_is_linux) return false;
    if (!suffixes.arch.empty() && suffixes.arch != target.arch) return false;
    return constraint.empty() || Constraint(target, constraint).evaluate();
}

}  // namespace kausal::ingest::go
