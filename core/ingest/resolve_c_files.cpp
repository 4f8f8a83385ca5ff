// Finds the file of the tree that an include directive of C or C++ means; see resolve_c_files.h.
#include "ingest/resolve_c_files.h"

#include <algorithm>

namespace kausal::ingest::c {
namespace {

/// "a/b" + "../c/d.h" -> "a/c/d.h"; empty when it leaves the tree.
std::string joined(std::string_view folder, std::string_view path) {
    std::vector<std::string_view> parts;
    const auto add = [&](std::string_view text) {
        while (!text.empty()) {
            const size_t slash = std::min(text.find('/'), text.size());
            const std::string_view part = text.substr(0, slash);
            text.remove_prefix(std::min(slash + 1, text.size()));
            if (part.empty() || part == ".") continue;
            if (part == "..") {
                if (parts.empty()) return false;
                parts.pop_back();
            } else {
                parts.push_back(part);
            }
        }
        return true;
    };
    if (!add(folder) || !add(path)) return {};
    std::string out;
    for (const std::string_view part : parts) {
        if (!out.empty()) out.push_back('/');
        out.append(part);
    }
    return out;
}

/// Ends with whole components: "src/a/b.h" with "a/b.h".
bool ends_with_path(std::string_view whole, std::string_view tail) noexcept {
    return whole.ends_with(tail) &&
           (whole.size() == tail.size() || whole[whole.size() - tail.size() - 1] == '/');
}

/// Headers of the C library, of POSIX and of C++.
bool is_library_header(std::string_view path) noexcept {
    if (path.starts_with("sys/") || path.starts_with("net/") || path.starts_with("netinet/") ||
        path.starts_with("arpa/") || path.starts_with("linux/") || path.starts_with("bits/") ||
        path.find('.') == std::string_view::npos)
        return true;
    static constexpr std::string_view kNames[] = {
        "aio.h",      "alloca.h",   "assert.h",      "complex.h",  "cpio.h",     "ctype.h",
        "dirent.h",   "dlfcn.h",    "endian.h",      "err.h",      "errno.h",    "execinfo.h",
        "fcntl.h",    "fenv.h",     "float.h",       "fnmatch.h",  "ftw.h",      "getopt.h",
        "glob.h",     "grp.h",      "iconv.h",       "ifaddrs.h",  "inttypes.h", "io.h",
        "iso646.h",   "langinfo.h", "libgen.h",      "limits.h",   "link.h",     "locale.h",
        "malloc.h",   "math.h",     "memory.h",      "monetary.h", "mqueue.h",   "netdb.h",
        "paths.h",    "poll.h",     "pthread.h",     "pwd.h",      "regex.h",    "resolv.h",
        "sched.h",    "search.h",   "semaphore.h",   "setjmp.h",   "signal.h",   "spawn.h",
        "stdalign.h", "stdarg.h",   "stdatomic.h",   "stdbool.h",  "stddef.h",   "stdint.h",
        "stdio.h",    "stdlib.h",   "stdnoreturn.h", "string.h",   "strings.h",  "stropts.h",
        "syslog.h",   "tar.h",      "termios.h",     "tgmath.h",   "threads.h",  "time.h",
        "uchar.h",    "ucontext.h", "ulimit.h",      "unistd.h",   "utime.h",    "utmpx.h",
        "wchar.h",    "wctype.h",   "windows.h",     "winsock2.h", "wordexp.h"};
    static_assert(std::is_sorted(std::begin(kNames), std::end(kNames)));
    return std::binary_search(std::begin(kNames), std::end(kNames), path);
}

}  // namespace

std::string_view folder_of(std::string_view path) noexcept {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

size_t shared_folders(std::string_view left, std::string_view right) noexcept {
    size_t count = 0;
    for (size_t i = 0; i < left.size() && i < right.size() && left[i] == right[i]; ++i) {
        if (left[i] == '/') ++count;
    }
    return count;
}

namespace {

const Symbol* file_named(const WorkspaceConfig& config, std::string_view includer,
                         std::string_view path, bool is_system, SymbolSource& source) {
    const auto named = source.named(path.substr(path.rfind('/') + 1));
    const auto file_at = [&](const std::string& wanted) -> const Symbol* {
        for (const Symbol* symbol : named) {
            if (symbol->kind == format::BlockKind::File && symbol->path == wanted) return symbol;
        }
        return nullptr;
    };
    if (!is_system) {
        const Symbol* beside = file_at(joined(folder_of(includer), path));
        if (beside != nullptr) return beside;
    }
    const Symbol* best = nullptr;
    for (const std::string& folder : config.include_folders) {
        const Symbol* found = file_at(joined(folder, path));
        if (found == nullptr) continue;
        if (best == nullptr ||
            shared_folders(found->path, includer) > shared_folders(best->path, includer))
            best = found;
    }
    if (best != nullptr) return best;
    // Up the folders of the includer: "lib/x.h" from "src/app/main.c" may be "src/lib/x.h".
    for (std::string_view folder = folder_of(includer);; folder = folder_of(folder)) {
        const Symbol* found = file_at(joined(folder, path));
        if (found != nullptr) return found;
        if (folder.empty()) break;
    }
    // Headers of the C library and of the system are not the only file that happens to end so.
    if (is_system && is_library_header(path)) return nullptr;
    std::string_view tail = path;
    while (tail.starts_with("../")) tail.remove_prefix(3);
    size_t best_shared = 0;
    bool is_tie = false;
    for (const Symbol* symbol : named) {
        if (symbol->kind != format::BlockKind::File || !ends_with_path(symbol->path, tail))
            continue;
        const size_t shared = shared_folders(symbol->path, includer);
        if (best == nullptr || shared > best_shared) {
            best = symbol;
            best_shared = shared;
            is_tie = false;
        } else if (shared == best_shared) {
            is_tie = true;
        }
    }
    return is_tie ? nullptr : best;
}

}  // namespace

bool is_include(const ImportFact& import) noexcept {
    return (import.flags & (ImportFact::kNamespace | ImportFact::kStatic)) == 0;
}

std::vector<std::string> include_texts(const FileFacts& facts) {
    std::vector<std::string> texts;
    for (const ImportFact& import : facts.imports) {
        if (!is_include(import)) continue;
        const bool is_system = (import.flags & ImportFact::kSystem) != 0;
        texts.push_back((is_system ? "<" : "") + std::string(facts.text(import.path)));
    }
    return texts;
}

const Symbol* included_file(const WorkspaceConfig& config, std::string_view includer,
                            std::string_view path, bool is_system, SymbolSource& source) {
    while (path.starts_with("./")) path.remove_prefix(2);
    if (path.empty()) return nullptr;
    const Symbol* file = file_named(config, includer, path, is_system, source);
    if (file != nullptr || is_library_header(path)) return file;
    // What a build step makes of "x.h.in" is not in the tree; its template is.
    return file_named(config, includer, std::string(path) + ".in", is_system, source);
}

VisibleFiles::VisibleFiles(const WorkspaceConfig& config, const FileFacts& facts,
                           const BlockId& self, SymbolSource& source) {
    (void)add(self);
    std::vector<BlockId> todo;
    for (const ImportFact& import : facts.imports) {
        if (!is_include(import)) continue;
        const bool is_system = (import.flags & ImportFact::kSystem) != 0;
        const Symbol* file =
            included_file(config, facts.path, facts.text(import.path), is_system, source);
        if (file == nullptr) {
            has_outside_ = true;
            has_missing_ = has_missing_ || !is_system;
            continue;
        }
        direct_.push_back(file->id);
        if (add(file->id)) todo.push_back(file->id);
    }
    for (size_t i = 0; i < todo.size() && files_.size() < kFilesMax; ++i) {
        const Symbol* file = source.by_id(todo[i]);
        if (file == nullptr) continue;
        has_outside_ = has_outside_ || file->bases.size() > file->base_ids.size();
        for (const BlockId& next : file->base_ids) {
            if (add(next)) todo.push_back(next);
        }
    }
}

}  // namespace kausal::ingest::c
