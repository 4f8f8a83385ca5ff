// File states as lines of numbers.
#include "ingest/file_state.h"

#include "base/hash.h"

#include <algorithm>
#include <charconv>

namespace kausal::ingest {
namespace {

// File systems stamp with the tick of the kernel's clock, at most 10 ms behind; some keep whole
// seconds (or two) only, which shows as stamps without a fraction.
constexpr int64_t kTickNs = 20'000'000;
constexpr int64_t kSecondNs = 1'000'000'000;

template <typename T>
bool read_number(std::string_view& line, T& value) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc{}) return false;
    line.remove_prefix(static_cast<size_t>(end - line.data()));
    if (line.starts_with(' ')) line.remove_prefix(1);
    return true;
}

/// Text up to the next tab, with \t, \n and \\ written as escapes.
void append_text(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            out += c;
        }
    }
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        ++i;
        out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
    }
    return out;
}

}  // namespace

bool is_racy(const io::FileInfo& info, int64_t read_at_ns) noexcept {
    const int64_t newest = std::max(info.modified_ns, info.changed_ns);
    const bool is_coarse = info.modified_ns % kSecondNs == 0 && info.changed_ns % kSecondNs == 0;
    return newest + (is_coarse ? 2 * kSecondNs : kTickNs) >= read_at_ns;
}

size_t state_shard(std::string_view path) noexcept {
    return hash64(path) % kStateShardCount;
}

BlockId state_block_id(std::string_view workspace, size_t shard) {
    return BlockId::of(workspace, static_cast<uint16_t>(format::BlockKind::FileFacts),
                       "kausal:file-state/" + std::to_string(shard));
}

std::string encode_states(const StateLines& files) {
    std::string out;
    for (const auto& [path, state] : files) {
        const auto put = [&](auto value) {
            out += std::to_string(value);
            out += ' ';
        };
        put(state->size_bytes);
        put(state->modified_ns);
        put(state->changed_ns);
        put(state->inode);
        put(state->content_hash);
        put(static_cast<unsigned>(state->language));
        put(static_cast<unsigned>(state->outcome));
        put(state->is_racy ? 1 : 0);
        put(state->line_count);
        append_text(out, path);
        out += '\t';
        append_text(out, state->reason);
        out += '\n';
    }
    return out;
}

Status decode_states(std::string_view text, FileStates& into) {
    Status corrupt(ErrorCode::Corrupt, "state of files is malformed");
    while (!text.empty()) {
        const size_t newline = text.find('\n');
        if (newline == std::string_view::npos) return corrupt;
        std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline + 1);
        FileState state;
        unsigned language = 0;
        unsigned outcome = 0;
        unsigned is_racy = 0;
        const bool is_read =
            read_number(line, state.size_bytes) && read_number(line, state.modified_ns) &&
            read_number(line, state.changed_ns) && read_number(line, state.inode) &&
            read_number(line, state.content_hash) && read_number(line, language) &&
            read_number(line, outcome) && read_number(line, is_racy) &&
            read_number(line, state.line_count);
        const size_t tab = line.find('\t');
        if (!is_read || tab == std::string_view::npos || language > 255 ||
            outcome > static_cast<unsigned>(FileOutcome::Failed))
            return corrupt;
        state.language = static_cast<format::Language>(language);
        state.outcome = static_cast<FileOutcome>(outcome);
        state.is_racy = is_racy != 0;
        state.reason = unescaped(line.substr(tab + 1));
        into.emplace_back(unescaped(line.substr(0, tab)), std::move(state));
    }
    return Status::ok();
}

}  // namespace kausal::ingest
