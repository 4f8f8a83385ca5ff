// Cuts the texts of C and C++ types into names and arguments; see resolve_c_types.h.
#include "ingest/resolve_c_types.h"

#include <algorithm>
#include <array>

namespace kausal::ingest::c {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) noexcept {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

constexpr std::array<std::string_view, 13> kQualifiers = {
    "const",  "volatile", "struct", "class",     "union",   "enum",    "typename",
    "static", "extern",   "inline", "constexpr", "mutable", "register"};

bool drop_leading_word(std::string_view& type) noexcept {
    for (const std::string_view word : kQualifiers) {
        if (type.starts_with(word) && type.size() > word.size() && type[word.size()] == ' ') {
            type = trimmed(type.substr(word.size()));
            return true;
        }
    }
    return false;
}

bool drop_trailing(std::string_view& type) noexcept {
    if (type.empty()) return false;
    const char last = type.back();
    if (last == '*' || last == '&' || last == ' ') {
        type.remove_suffix(1);
        return true;
    }
    if (last == ']') {
        const size_t open = type.rfind('[');
        if (open == std::string_view::npos) return false;
        type = type.substr(0, open);
        return true;
    }
    for (const std::string_view word :
         {std::string_view(" const"), std::string_view("*const"), std::string_view("&const"),
          std::string_view(" volatile")}) {
        if (type.ends_with(word)) {
            type.remove_suffix(word.size() - (word[0] == ' ' ? 0 : 1));
            return true;
        }
    }
    return false;
}

constexpr std::array<std::string_view, 8> kPointers = {
    "unique_ptr",        "shared_ptr", "weak_ptr", "optional",
    "reference_wrapper", "auto_ptr",   "atomic",   "scoped_ptr"};
constexpr std::array<std::string_view, 18> kSequences = {"vector",
                                                         "deque",
                                                         "list",
                                                         "set",
                                                         "unordered_set",
                                                         "array",
                                                         "span",
                                                         "queue",
                                                         "stack",
                                                         "initializer_list",
                                                         "forward_list",
                                                         "multiset",
                                                         "priority_queue",
                                                         "future",
                                                         "unordered_multiset",
                                                         "inlined_vector",
                                                         "InlinedVector",
                                                         "Span"};
constexpr std::array<std::string_view, 6> kMaps = {
    "map", "unordered_map", "multimap", "flat_map", "unordered_multimap", "flat_hash_map"};

template <size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// The type of one parameter: without default and without the name at its end.
std::string parameter_type(std::string_view piece) {
    size_t depth = 0;
    for (size_t i = 0; i < piece.size(); ++i) {
        if (piece[i] == '<' || piece[i] == '(') ++depth;
        if ((piece[i] == '>' || piece[i] == ')') && depth != 0) --depth;
        if (piece[i] == '=' && depth == 0) {
            piece = piece.substr(0, i);
            break;
        }
    }
    piece = trimmed(piece);
    std::string_view arrays;
    const size_t open = piece.find('[');
    if (open != std::string_view::npos) {
        arrays = "*";
        piece = trimmed(piece.substr(0, open));
    }
    size_t end = piece.size();
    while (end > 0 && is_word(piece[end - 1])) --end;
    // A single word is the type itself, as is what follows "::", "const" or "unsigned".
    const std::string_view before = trimmed(piece.substr(0, end));
    const bool is_part = before.empty() || before.ends_with(':') || before == "const" ||
                         before == "struct" || before == "unsigned" || before == "volatile";
    const bool ends_type = !before.empty() && (before.back() == '*' || before.back() == '&' ||
                                               before.back() == '>' || is_word(before.back()));
    if (!is_part && ends_type && end < piece.size()) {
        const std::string_view last = piece.substr(end);
        if (last != "int" && last != "char" && last != "long" && last != "const" &&
            last != "double" && last != "short")
            piece = before;
    }
    std::string out;
    for (const char c : piece) {
        if (c != ' ' || (!out.empty() && is_word(out.back()))) out.push_back(c);
    }
    out.append(arrays);
    // A space matters only between words.
    std::string tight;
    for (size_t i = 0; i < out.size(); ++i) {
        if (out[i] == ' ' && (i + 1 == out.size() || !is_word(out[i + 1]))) continue;
        tight.push_back(out[i]);
    }
    return tight;
}

}  // namespace

std::string_view plain_type(std::string_view type) noexcept {
    type = trimmed(type);
    while (drop_leading_word(type)) {
    }
    while (drop_trailing(type)) {
    }
    if (type.starts_with("::")) type.remove_prefix(2);
    return trimmed(type);
}

std::string_view head_of(std::string_view plain) noexcept {
    const size_t open = plain.find('<');
    // "A<T>::B" has the head of its last part; only a name that ends with its arguments is cut.
    if (open == std::string_view::npos || !plain.ends_with('>')) return plain;
    return plain.substr(0, open);
}

std::string_view argument_of(std::string_view plain, size_t index) noexcept {
    const size_t open = plain.find('<');
    if (open == std::string_view::npos || !plain.ends_with('>')) return {};
    const std::string_view list = plain.substr(open + 1, plain.size() - open - 2);
    size_t depth = 0;
    size_t start = 0;
    for (size_t i = 0; i <= list.size(); ++i) {
        const char c = i < list.size() ? list[i] : ',';
        if (c == '<' || c == '(') ++depth;
        if ((c == '>' || c == ')') && depth != 0) --depth;
        if (c != ',' || (depth != 0 && i < list.size())) continue;
        if (index == 0) return trimmed(list.substr(start, i - start));
        --index;
        start = i + 1;
    }
    return {};
}

std::vector<std::string_view> components_of(std::string_view name) {
    std::vector<std::string_view> parts;
    size_t depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '<') ++depth;
        if (name[i] == '>' && depth != 0) --depth;
        if (depth != 0 || !name.substr(i).starts_with("::")) continue;
        if (i > start) parts.push_back(name.substr(start, i - start));
        start = i + 2;
        ++i;
    }
    if (start < name.size()) parts.push_back(name.substr(start));
    return parts;
}

std::string without_arguments(std::string_view name) {
    std::string out;
    size_t depth = 0;
    for (const char c : name) {
        if (c == '<') ++depth;
        if (depth == 0 && c != ' ') out.push_back(c);
        if (c == '>' && depth != 0) --depth;
    }
    return out;
}

Wrapper wrapper_of(std::string_view head) noexcept {
    const size_t scope = head.rfind("::");
    if (scope != std::string_view::npos) head.remove_prefix(scope + 2);
    if (contains(kPointers, head)) return Wrapper::Pointer;
    if (contains(kSequences, head)) return Wrapper::Sequence;
    return contains(kMaps, head) ? Wrapper::Map : Wrapper::None;
}

std::string_view innermost_of(std::string_view type) noexcept {
    for (size_t steps = 0; steps < 8; ++steps) {
        type = plain_type(type);
        const Wrapper wrapper = wrapper_of(head_of(type));
        if (wrapper == Wrapper::None) return type;
        const std::string_view inner = argument_of(type, wrapper == Wrapper::Map ? 1 : 0);
        if (inner.empty()) return type;
        type = inner;
    }
    return type;
}

bool is_pointer_member(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 23> kMembers = {"get",
                                                                  "reset",
                                                                  "release",
                                                                  "swap",
                                                                  "use_count",
                                                                  "lock",
                                                                  "value",
                                                                  "has_value",
                                                                  "expired",
                                                                  "store",
                                                                  "load",
                                                                  "exchange",
                                                                  "fetch_add",
                                                                  "fetch_sub",
                                                                  "fetch_or",
                                                                  "fetch_and",
                                                                  "fetch_xor",
                                                                  "value_or",
                                                                  "and_then",
                                                                  "get_deleter",
                                                                  "emplace",
                                                                  "compare_exchange_weak",
                                                                  "compare_exchange_strong"};
    return contains(kMembers, name);
}

bool gives_element(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 17> kMembers = {
        "front", "back", "at",   "top",   "begin", "end",         "cbegin",      "cend", "rbegin",
        "rend",  "find", "data", "value", "get",   "lower_bound", "upper_bound", "load"};
    return contains(kMembers, name);
}

std::vector<std::string> parameter_types(std::string_view parameters) {
    std::vector<std::string> types;
    if (parameters.size() < 2 || parameters.front() != '(') return types;
    const std::string_view list = parameters.substr(1, parameters.size() - 2);
    size_t depth = 0;
    size_t start = 0;
    for (size_t i = 0; i <= list.size(); ++i) {
        const char c = i < list.size() ? list[i] : ',';
        if (c == '<' || c == '(' || c == '{') ++depth;
        if ((c == '>' || c == ')' || c == '}') && depth != 0) --depth;
        if (c != ',' || (depth != 0 && i < list.size())) continue;
        const std::string_view piece = trimmed(list.substr(start, i - start));
        start = i + 1;
        if (!piece.empty() && piece != "void" && piece != "...")
            types.push_back(parameter_type(piece));
    }
    return types;
}

bool is_library_function(std::string_view name) noexcept {
    // Sorted; only names that trees also like to define for themselves matter, but the list is
    // whole enough to be read as "the C library".
    static constexpr std::string_view kNames[] = {
        "INT16_C",       "INT32_C",      "INT64_C",    "INT8_C",    "INTMAX_C",      "UINT16_C",
        "UINT32_C",      "UINT64_C",     "UINT8_C",    "UINTMAX_C", "abort",         "abs",
        "accept",        "access",       "alarm",      "asprintf",  "assert",        "atexit",
        "atof",          "atoi",         "atol",       "bind",      "bsearch",       "bzero",
        "calloc",        "ceil",         "chdir",      "chmod",     "chown",         "clock",
        "clock_gettime", "close",        "closedir",   "connect",   "cos",           "creat",
        "ctime",         "dirname",      "dlclose",    "dlopen",    "dlsym",         "dup",
        "dup2",          "err",          "errx",       "execl",     "execlp",        "execv",
        "execve",        "execvp",       "exit",       "exp",       "fabs",          "fchmod",
        "fclose",        "fcntl",        "fdopen",     "feof",      "ferror",        "fflush",
        "fgetc",         "fgets",        "fileno",     "floor",     "fmod",          "fnmatch",
        "fopen",         "fork",         "fprintf",    "fputc",     "fputs",         "fread",
        "free",          "freeaddrinfo", "freopen",    "fscanf",    "fseek",         "fseeko",
        "fstat",         "fsync",        "ftell",      "ftello",    "ftruncate",     "fwrite",
        "getaddrinfo",   "getc",         "getchar",    "getcwd",    "getenv",        "getopt",
        "getopt_long",   "getpid",       "getrusage",  "gets",      "gettimeofday",  "getuid",
        "gmtime",        "gmtime_r",     "htonl",      "htons",     "inet_ntop",     "inet_pton",
        "ioctl",         "isalnum",      "isalpha",    "isatty",    "isdigit",       "islower",
        "isprint",       "ispunct",      "isspace",    "isupper",   "isxdigit",      "kill",
        "labs",          "link",         "listen",     "localtime", "localtime_r",   "log",
        "log10",         "longjmp",      "lseek",      "lstat",     "malloc",        "memchr",
        "memcmp",        "memcpy",       "memmem",     "memmove",   "memset",        "mkdir",
        "mkstemp",       "mktime",       "mmap",       "mprotect",  "munmap",        "nanosleep",
        "ntohl",         "ntohs",        "offsetof",   "open",      "opendir",       "pause",
        "pclose",        "perror",       "pipe",       "poll",      "popen",         "pow",
        "pread",         "printf",       "putc",       "putchar",   "putenv",        "puts",
        "pwrite",        "qsort",        "raise",      "rand",      "random",        "read",
        "readdir",       "readlink",     "readv",      "realloc",   "realpath",      "recv",
        "recvfrom",      "remove",       "rename",     "rewind",    "rmdir",         "round",
        "scanf",         "select",       "send",       "sendto",    "setbuf",        "setenv",
        "setjmp",        "setlocale",    "setsockopt", "setvbuf",   "shutdown",      "sigaction",
        "signal",        "sin",          "sleep",      "snprintf",  "socket",        "sprintf",
        "sqrt",          "srand",        "sscanf",     "stat",      "static_assert", "stpcpy",
        "strcasecmp",    "strcat",       "strchr",     "strcmp",    "strcpy",        "strcspn",
        "strdup",        "strerror",     "strftime",   "strlcat",   "strlcpy",       "strlen",
        "strncasecmp",   "strncat",      "strncmp",    "strncpy",   "strndup",       "strnlen",
        "strpbrk",       "strrchr",      "strsep",     "strspn",    "strstr",        "strtod",
        "strtok",        "strtok_r",     "strtol",     "strtoll",   "strtoul",       "strtoull",
        "symlink",       "sysconf",      "system",     "tan",       "time",          "tmpfile",
        "tolower",       "toupper",      "umask",      "uname",     "ungetc",        "unlink",
        "usleep",        "va_arg",       "va_copy",    "va_end",    "va_start",      "vasprintf",
        "vfprintf",      "vprintf",      "vsnprintf",  "vsprintf",  "wait",          "waitpid",
        "warn",          "warnx",        "write",      "writev"};
    static_assert(std::is_sorted(std::begin(kNames), std::end(kNames)));
    return name.starts_with("pthread_") ||
           std::binary_search(std::begin(kNames), std::end(kNames), name);
}

}  // namespace kausal::ingest::c
