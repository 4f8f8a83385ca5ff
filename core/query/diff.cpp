// Reading unified diffs; see diff.h.
#include "query/diff.h"

#include <optional>
#include <utility>

namespace kausal::query {

namespace {

constexpr uint64_t kLineMax = 0x7fffffff;

/// Takes a decimal number off the front; nothing when there is none or it is out of range.
std::optional<uint32_t> take_number(std::string_view& text) noexcept {
    uint64_t value = 0;
    size_t at = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        value = value * 10 + static_cast<uint64_t>(text[at] - '0');
        if (value > kLineMax) return std::nullopt;
        ++at;
    }
    if (at == 0) return std::nullopt;
    text.remove_prefix(at);
    return static_cast<uint32_t>(value);
}

bool take_text(std::string_view& text, std::string_view expected) noexcept {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

/// Takes a path off the front: quoted with C escapes, or up to `end` (the whole rest when absent).
std::optional<std::string> take_path(std::string_view& text, char end) {
    std::string path;
    if (!take_text(text, "\"")) {
        const size_t size = std::min(text.find(end), text.size());
        path = text.substr(0, size);
        text.remove_prefix(size);
        return path;
    }
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"') return path;
        if (c != '\\') {
            path += c;
            continue;
        }
        if (text.empty()) return std::nullopt;
        const char escaped = text.front();
        if (escaped >= '0' && escaped <= '3') {
            if (text.size() < 3) return std::nullopt;
            unsigned value = 0;
            for (size_t i = 0; i < 3; ++i) {
                if (text[i] < '0' || text[i] > '7') return std::nullopt;
                value = value * 8 + static_cast<unsigned>(text[i] - '0');
            }
            path += static_cast<char>(value);
            text.remove_prefix(3);
            continue;
        }
        constexpr std::string_view names = "abtnvfr\"\\";
        constexpr std::string_view values = "\a\b\t\n\v\f\r\"\\";
        const size_t which = names.find(escaped);
        if (which == std::string_view::npos) return std::nullopt;
        path += values[which];
        text.remove_prefix(1);
    }
    return std::nullopt;
}

/// "a/x" without the side's letter; "/dev/null" becomes empty.
std::string without_side(std::string path, bool is_git) {
    if (path == "/dev/null") return {};
    constexpr std::string_view letters = "abciow";
    if (is_git && path.size() > 2 && path[1] == '/' &&
        letters.find(path[0]) != std::string_view::npos) {
        path.erase(0, 2);
    }
    return path;
}

class DiffParser {
  public:
    Result<std::vector<DiffFile>> parse(std::string_view text) {
        bool has_content = false;
        while (!text.empty()) {
            const size_t size = std::min(text.find('\n'), text.size());
            std::string_view line = text.substr(0, size);
            text.remove_prefix(std::min(size + 1, text.size()));
            if (line.ends_with('\r') && !is_in_hunk()) line.remove_suffix(1);
            ++line_number_;
            has_content = has_content || line.find_first_not_of(" \t\r") != std::string_view::npos;
            KAUSAL_TRY(is_in_hunk() ? take_hunk_line(line) : take_header_line(line));
        }
        if (is_in_hunk()) return fail(ErrorCode::Invalid, at_line("the last hunk is cut off"));
        if (has_content && files_.empty()) {
            return fail(ErrorCode::Invalid, "the text holds no diff");
        }
        return std::move(files_);
    }

  private:
    [[nodiscard]] bool is_in_hunk() const noexcept { return old_left_ > 0 || new_left_ > 0; }
    [[nodiscard]] std::string at_line(std::string_view what) const {
        return "diff line " + std::to_string(line_number_) + ": " + std::string(what);
    }
    [[nodiscard]] Status bad(std::string_view what) const {
        return {ErrorCode::Invalid, at_line(what)};
    }

    Status take_header_line(std::string_view line) {
        std::string_view rest = line;
        if (take_text(rest, "diff --git ")) return start_git_file(rest);
        if (line.starts_with("diff --cc ") || line.starts_with("diff --combined ") ||
            line.starts_with("@@@")) {
            return bad("combined diffs are not read");
        }
        if (take_text(rest, "@@ -")) return start_hunk(rest);
        if (take_text(rest, "--- ")) return take_side(rest, true);
        if (take_text(rest, "+++ ")) return take_side(rest, false);
        return has_git_header_ ? take_git_header(line) : Status::ok();
    }

    Status start_git_file(std::string_view rest) {
        files_.emplace_back();
        has_git_header_ = true;
        has_old_side_ = false;
        DiffFile& file = files_.back();
        file.change = FileChange::ModeOnly;  // until a hunk or a header says more
        // The two names stand side by side; unquoted they are told apart only when they are equal,
        // and when they are not, the lines that follow name them.
        if (rest.starts_with('"')) {
            std::optional<std::string> path = take_path(rest, ' ');
            if (!path) return bad("a quoted path is malformed");
            file.path_old = without_side(std::move(*path), true);
            if (!take_text(rest, " ")) return bad("the second path is missing");
            path = take_path(rest, '\t');
            if (!path) return bad("a quoted path is malformed");
            file.path_new = without_side(std::move(*path), true);
            return Status::ok();
        }
        if (rest.size() % 2 == 1 && rest[rest.size() / 2] == ' ') {
            const std::string_view left = rest.substr(0, rest.size() / 2);
            const std::string_view right = rest.substr(rest.size() / 2 + 1);
            std::string path_old = without_side(std::string(left), true);
            std::string path_new = without_side(std::string(right), true);
            if (path_old == path_new) {
                file.path_old = std::move(path_old);
                file.path_new = std::move(path_new);
            }
        }
        return Status::ok();
    }

    Status take_git_header(std::string_view line) {
        DiffFile& file = files_.back();
        std::string_view rest = line;
        const auto path_of = [&](std::string& into) {
            std::optional<std::string> path = take_path(rest, '\t');
            if (!path) return bad("a quoted path is malformed");
            into = std::move(*path);
            return Status::ok();
        };
        if (take_text(rest, "rename from ") || take_text(rest, "copy from ")) {
            file.change = line[0] == 'r' ? FileChange::Renamed : FileChange::Copied;
            return path_of(file.path_old);
        }
        if (take_text(rest, "rename to ") || take_text(rest, "copy to ")) {
            file.change = line[0] == 'r' ? FileChange::Renamed : FileChange::Copied;
            return path_of(file.path_new);
        }
        if (line.starts_with("new file mode ")) {
            file.change = FileChange::Added;
            file.path_old.clear();
        } else if (line.starts_with("deleted file mode ")) {
            file.change = FileChange::Deleted;
            file.path_new.clear();
        } else if (line.starts_with("Binary files ") || line.starts_with("GIT binary patch")) {
            if (file.change == FileChange::ModeOnly) file.change = FileChange::Binary;
        }
        return Status::ok();
    }

    /// "--- path" and "+++ path"; outside of git diffs the former starts a file.
    Status take_side(std::string_view rest, bool is_old) {
        if (is_old && (!has_git_header_ || has_old_side_)) {
            // Mail signatures and listings have lines of dashes too: only a pair makes a file.
            pending_old_ = std::string(rest);
            has_pending_old_ = true;
            return Status::ok();
        }
        if (!is_old && has_pending_old_) {
            has_pending_old_ = false;
            has_git_header_ = false;
            files_.emplace_back();
            files_.back().change = FileChange::Modified;
            std::string_view old_rest = pending_old_;
            KAUSAL_TRY(set_side(old_rest, true));
        } else if (files_.empty()) {
            return Status::ok();
        }
        has_old_side_ = has_old_side_ || is_old;
        return set_side(rest, is_old);
    }

    Status set_side(std::string_view rest, bool is_old) {
        std::optional<std::string> path = take_path(rest, '\t');
        if (!path) return bad("a quoted path is malformed");
        DiffFile& file = files_.back();
        // Outside of git both sides must carry the letters for them to be taken off.
        const bool has_letters =
            has_git_header_ || path->starts_with(is_old ? "a/" : "b/") || *path == "/dev/null";
        std::string cleaned = without_side(std::move(*path), has_letters);
        if (cleaned.empty()) file.change = is_old ? FileChange::Added : FileChange::Deleted;
        (is_old ? file.path_old : file.path_new) = std::move(cleaned);
        return Status::ok();
    }

    Status start_hunk(std::string_view rest) {
        if (files_.empty()) return bad("a hunk without a file");
        const auto take_range = [&](uint32_t& first, uint32_t& count) {
            const std::optional<uint32_t> start = take_number(rest);
            std::optional<uint32_t> size = 1;
            if (start && take_text(rest, ",")) size = take_number(rest);
            if (!start || !size || uint64_t{*start} + *size > kLineMax) return false;
            // A range of no lines names the line before it.
            first = *size == 0 ? *start + 1 : *start;
            count = *size;
            return true;
        };
        if (!take_range(old_line_, old_left_) || !take_text(rest, " +") ||
            !take_range(new_line_, new_left_) || !take_text(rest, " @@")) {
            old_left_ = 0;
            new_left_ = 0;
            return bad("the head of a hunk is malformed");
        }
        if (files_.back().change == FileChange::ModeOnly) {
            files_.back().change = FileChange::Modified;
        }
        start_change();
        return Status::ok();
    }

    Status take_hunk_line(std::string_view line) {
        const char mark = line.empty() ? ' ' : line.front();
        if (mark == '\\') return Status::ok();  // "\ No newline at end of file"
        const bool needs_old = mark == ' ' || mark == '-' || line == "\r";
        const bool needs_new = mark == ' ' || mark == '+' || line == "\r";
        if (!needs_old && !needs_new) return bad("a hunk is shorter than its head says");
        if ((needs_old && old_left_ == 0) || (needs_new && new_left_ == 0)) {
            return bad("a hunk does not add up to its head");
        }
        if (needs_old && needs_new) end_change();
        if (needs_old && !needs_new) ++removed_;
        if (needs_new && !needs_old) ++added_;
        if (needs_old) {
            ++old_line_;
            --old_left_;
        }
        if (needs_new) {
            ++new_line_;
            --new_left_;
        }
        if (needs_old && needs_new) start_change();
        if (!is_in_hunk()) end_change();
        return Status::ok();
    }

    void start_change() noexcept {
        change_old_ = old_line_;
        change_new_ = new_line_;
        removed_ = 0;
        added_ = 0;
    }

    /// Turns the run of changed lines that ends here into a range or a gap on each side.
    void end_change() {
        if (removed_ == 0 && added_ == 0) return;
        const auto add = [](std::vector<LineRange>& ranges, uint32_t first, uint32_t count) {
            if (count == 0) {
                ranges.push_back({.first = first - 1, .last = first, .is_gap = true});
            } else {
                ranges.push_back({.first = first, .last = first + count - 1, .is_gap = false});
            }
        };
        add(files_.back().lines_old, change_old_, removed_);
        add(files_.back().lines_new, change_new_, added_);
        start_change();
    }

    std::vector<DiffFile> files_;
    uint64_t line_number_ = 0;
    bool has_git_header_ = false;
    bool has_old_side_ = false;
    bool has_pending_old_ = false;
    std::string pending_old_;
    uint32_t old_line_ = 0;  // the next line of each side
    uint32_t new_line_ = 0;
    uint32_t old_left_ = 0;  // lines of the hunk still to come
    uint32_t new_left_ = 0;
    uint32_t change_old_ = 0;  // where the present run of changes began
    uint32_t change_new_ = 0;
    uint32_t removed_ = 0;
    uint32_t added_ = 0;
};

}  // namespace

Result<std::vector<DiffFile>> parse_diff(std::string_view text) {
    if (text.size() > kDiffSizeMax) {
        return fail(ErrorCode::Invalid,
                    "diff of " + std::to_string(text.size()) + " bytes; 256 MiB are possible");
    }
    return DiffParser().parse(text);
}

}  // namespace kausal::query
