// Reading and matching of ignore patterns.
#include "ingest/ignore_rules.h"

namespace kausal::ingest {
namespace {

/// Matches one `[...]` at `pattern[at]`; moves `at` behind it. An unclosed bracket is a plain
/// character.
bool class_matches(std::string_view pattern, size_t& at, char c) {
    size_t next = at + 1;
    const bool is_negated = next < pattern.size() && (pattern[next] == '!' || pattern[next] == '^');
    if (is_negated) ++next;
    const size_t first = next;
    bool is_inside = false;
    while (next < pattern.size() && (pattern[next] != ']' || next == first)) {
        if (pattern[next] == '\\' && next + 1 < pattern.size()) ++next;
        const char low = pattern[next];
        char high = low;
        if (next + 2 < pattern.size() && pattern[next + 1] == '-' && pattern[next + 2] != ']') {
            next += 2;
            if (pattern[next] == '\\' && next + 1 < pattern.size()) ++next;
            high = pattern[next];
        }
        const auto byte = static_cast<unsigned char>(c);
        is_inside = is_inside || (static_cast<unsigned char>(low) <= byte &&
                                  byte <= static_cast<unsigned char>(high));
        ++next;
    }
    if (next >= pattern.size()) {
        at += 1;
        return c == '[';
    }
    at = next + 1;
    return is_inside != is_negated && c != '/';
}

/// `steps` bounds the work on patterns with many stars.
bool matches(std::string_view pattern, std::string_view text, size_t& steps) {
    size_t at = 0;
    size_t to = 0;
    while (at < pattern.size()) {
        if (steps == 0) return false;
        --steps;
        const char c = pattern[at];
        if (c == '*') {
            const bool is_double = pattern.substr(at).starts_with("**") &&
                                   (at == 0 || pattern[at - 1] == '/') &&
                                   (at + 2 == pattern.size() || pattern[at + 2] == '/');
            if (is_double) {
                if (at + 2 == pattern.size()) return to < text.size();
                const std::string_view rest = pattern.substr(at + 3);
                for (size_t from = to;;) {
                    if (matches(rest, text.substr(from), steps)) return true;
                    const size_t slash = text.find('/', from);
                    if (slash == std::string_view::npos) return false;
                    from = slash + 1;
                }
            }
            while (at < pattern.size() && pattern[at] == '*') ++at;
            const std::string_view rest = pattern.substr(at);
            for (size_t from = to;; ++from) {
                if (matches(rest, text.substr(from), steps)) return true;
                if (from == text.size() || text[from] == '/') return false;
            }
        }
        if (to == text.size()) return false;
        if (c == '?') {
            if (text[to] == '/') return false;
            ++at;
        } else if (c == '[') {
            if (!class_matches(pattern, at, text[to])) return false;
        } else {
            if (c == '\\' && at + 1 < pattern.size()) ++at;
            if (pattern[at] != text[to]) return false;
            ++at;
        }
        ++to;
    }
    return to == text.size();
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
    size_t steps = 100000;
    return matches(pattern, text, steps);
}

IgnoreFile::IgnoreFile(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (!text.empty()) {
        const size_t newline = text.find('\n');
        std::string_view line = text.substr(0, newline);
        text = newline == std::string_view::npos ? std::string_view{} : text.substr(newline + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        // Spaces at the end count only when escaped.
        while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        Pattern pattern;
        if (line.front() == '!') {
            pattern.is_negated = true;
            line.remove_prefix(1);
        }
        if (line.ends_with('/')) {
            pattern.is_folder_only = true;
            line.remove_suffix(1);
        }
        if (line.empty()) continue;
        pattern.is_anchored = line.find('/') != std::string_view::npos;
        if (line.front() == '/') line.remove_prefix(1);
        if (line.empty()) continue;
        pattern.glob = line;
        pattern.is_literal = line.find_first_of("*?[\\") == std::string_view::npos;
        patterns_.push_back(std::move(pattern));
    }
    // Views of the final strings, which stay where they are from now on.
    for (Pattern& pattern : patterns_) {
        const std::string_view glob = pattern.glob;
        if (!pattern.is_anchored && glob.starts_with('*') &&
            glob.find_first_of("*?[\\", 1) == std::string_view::npos)
            pattern.literal_suffix = glob.substr(1);
    }
}

IgnoreFile::Verdict IgnoreFile::judge(std::string_view path, bool is_folder) const {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (size_t i = patterns_.size(); i-- > 0;) {
        const Pattern& pattern = patterns_[i];
        if (pattern.is_folder_only && !is_folder) continue;
        const std::string_view subject = pattern.is_anchored ? path : name;
        const bool is_hit = pattern.is_literal ? subject == pattern.glob
                            : !pattern.literal_suffix.empty()
                                ? subject.ends_with(pattern.literal_suffix)
                                : glob_matches(pattern.glob, subject);
        if (is_hit) return pattern.is_negated ? Verdict::Kept : Verdict::Ignored;
    }
    return Verdict::Silent;
}

bool IgnoreScope::ignores(std::string_view path, bool is_folder) const {
    for (const IgnoreScope* scope = this; scope != nullptr; scope = scope->outer_.get()) {
        std::string around;
        std::string_view inside = path;
        if (!scope->prefix_.empty()) {
            around = scope->prefix_;
            around += path;
            inside = around;
        } else {
            inside.remove_prefix(scope->folder_.size());
        }
        for (const IgnoreFile& file : scope->files_) {
            const IgnoreFile::Verdict verdict = file.judge(inside, is_folder);
            if (verdict != IgnoreFile::Verdict::Silent)
                return verdict == IgnoreFile::Verdict::Ignored;
        }
    }
    return false;
}

}  // namespace kausal::ingest
