// Which files are read, and what makes a file opaque.
#include "ingest/source_reader.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <algorithm>
#include <cstring>

namespace kausal::ingest {
namespace {

constexpr size_t kProbeBytes = 8192;
// Lines of that length are made by programs: bundles, packed data, dumps.
constexpr size_t kLineBytesMax = 32768;
constexpr size_t kMinifiedBytesMin = 16384;
constexpr size_t kAverageLineBytesMax = 800;

bool looks_minified(std::string_view text) {
    size_t lines = 1;
    size_t longest = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        const auto* newline =
            static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
        const char* const line_end = newline == nullptr ? end : newline;
        longest = std::max(longest, static_cast<size_t>(line_end - at));
        if (newline == nullptr) break;
        ++lines;
        at = newline + 1;
    }
    return longest > kLineBytesMax ||
           (text.size() > kMinifiedBytesMin && text.size() / lines > kAverageLineBytesMax);
}

std::string_view first_line_of(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

/// Size of the well-formed sequence at `at`; 0 when there is none.
size_t sequence_size(std::string_view text, size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) return 1;
    const size_t size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    if (size == 0 || at + size > text.size() || !is_utf8(text.substr(at, size))) return 0;
    return size;
}

bool has_extension(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const size_t dot = name.rfind('.');
    return dot != std::string_view::npos && dot != 0;
}

}  // namespace

void mask_invalid_utf8(std::string& text) {
    if (is_utf8(text)) return;
    for (size_t at = 0; at < text.size();) {
        const size_t size = sequence_size(text, at);
        if (size == 0) {
            text[at++] = '?';
        } else {
            at += size;
        }
    }
}

Result<io::Directory*> SourceReader::folder_of(std::string_view disk_path) {
    const size_t slash = disk_path.rfind('/');
    const std::string_view folder =
        slash == std::string_view::npos ? std::string_view{} : disk_path.substr(0, slash);
    if (folder_ == nullptr || folder != folder_path_) {
        std::string absolute = root_;
        if (!folder.empty()) {
            absolute += '/';
            absolute += folder;
        }
        folder_ = KAUSAL_TRY(vfs_.open_directory(absolute));
        folder_path_ = folder;
    }
    return folder_.get();
}

Result<std::string> SourceReader::read_all(const ListedFile& file, uint64_t size_max) {
    const std::string_view path = file.disk_path();
    io::Directory* folder = KAUSAL_TRY(folder_of(path));
    return io::read_file(*folder, path.substr(path.rfind('/') + 1), size_max);
}

void SourceReader::read(const ListedFile& file, SourceFile& into) {
    into = SourceFile{};
    if (!file.reason.empty()) {
        into.reason = file.reason;
        if (file.reason == "cannot be read") into.outcome = FileOutcome::Failed;
        return;
    }
    into.rules = detect_language(file.path, {}, header_is_cpp_);
    // Files of other kinds are known by name only; those without an extension may start with "#!".
    if (into.rules == nullptr && has_extension(file.path)) {
        into.reason = "no language";
        return;
    }
    if (file.info.size_bytes > size_max_) {
        into.rules = nullptr;
        into.reason = "too large (" + std::to_string(file.info.size_bytes) + " bytes)";
        return;
    }
    read_text(file, into);
}

void SourceReader::read_text(const ListedFile& file, SourceFile& into) {
    auto text = read_all(file, size_max_);
    if (!text) {
        into.rules = nullptr;
        // A file that has grown past the limit since it was listed is looked at again next time.
        into.outcome = FileOutcome::Failed;
        into.reason = text.error().code() == ErrorCode::NotFound ? "vanished" : "cannot be read";
        return;
    }
    into.text = std::move(*text);
    into.content_hash = hash64(into.text);
    const std::string_view probe = std::string_view(into.text).substr(0, kProbeBytes);
    if (probe.find('\0') != std::string_view::npos) {
        into.reason = "binary";
    } else if (into.rules == nullptr) {
        into.rules = detect_language(file.path, first_line_of(probe), header_is_cpp_);
        if (into.rules == nullptr) into.reason = "no language";
    }
    const bool is_c_header = into.rules != nullptr && into.rules->language == format::Language::C &&
                             (file.path.ends_with(".h") || file.path.ends_with(".h.in"));
    if (is_c_header && is_cpp_header(into.text)) into.rules = rules_of(format::Language::Cpp);
    if (into.rules != nullptr && into.reason.empty() && looks_minified(into.text))
        into.reason = "minified (very long lines)";
    if (!into.reason.empty()) {
        into.rules = nullptr;
        into.text.clear();
        return;
    }
    into.outcome = FileOutcome::Indexed;
    mask_invalid_utf8(into.text);
}

}  // namespace kausal::ingest
