// Turns errno into Status and retries interrupted calls; private to the POSIX files of this room.
#pragma once

#include "base/status.h"

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace kausal::io::posix {

/// "operation name: text of the error", with the code that tells what a caller can do.
[[nodiscard]] inline Status system_error(int error, std::string_view operation,
                                         std::string_view name) {
    ErrorCode code = ErrorCode::Unavailable;
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            code = ErrorCode::NoSpace;
            break;
        case ENOENT:
            code = ErrorCode::NotFound;
            break;
        case EEXIST:
        case ENOTEMPTY:
            code = ErrorCode::Conflict;
            break;
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
        case EINVAL:
            code = ErrorCode::Invalid;
            break;
        case ENOMEM:
            code = ErrorCode::NoMemory;
            break;
        default:
            break;
    }
    std::string text(operation);
    text += ' ';
    text += name;
    text += ": ";
    text += std::error_code(error, std::generic_category()).message();
    return {code, std::move(text)};
}

/// Repeats `call` while a signal interrupts it; returns its result, -1 with errno set on failure.
template <typename Call>
auto retried(const Call& call) noexcept {
    auto result = call();
    while (result == -1 && errno == EINTR) result = call();
    return result;
}

}  // namespace kausal::io::posix
