// The search for `.kausal`, upwards as git searches for `.git`.
#include "locate.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace kausal::tool {

std::optional<std::string> find_database(const std::string& given) {
    if (!given.empty()) return given;
    if (const char* named = std::getenv("KAUSAL_DB"); named != nullptr && *named != '\0')
        return named;
    std::error_code failure;
    std::filesystem::path folder = std::filesystem::current_path(failure);
    while (!failure && !folder.empty()) {
        const std::filesystem::path candidate = folder / ".kausal";
        std::error_code absent;
        if (std::filesystem::is_directory(candidate, absent)) return candidate.string();
        if (folder == folder.root_path()) break;
        folder = folder.parent_path();
    }
    return std::nullopt;
}

}  // namespace kausal::tool
