// Texts of the error codes and the joining of context to messages.
#include "base/status.h"

namespace kausal {

std::string_view error_code_name(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::Ok:
            return "ok";
        case ErrorCode::Invalid:
            return "invalid";
        case ErrorCode::Closed:
            return "closed";
        case ErrorCode::Conflict:
            return "conflict";
        case ErrorCode::Unavailable:
            return "unavailable";
        case ErrorCode::Corrupt:
            return "corrupt";
        case ErrorCode::NoMemory:
            return "no memory";
        case ErrorCode::Cancelled:
            return "cancelled";
        case ErrorCode::Unsupported:
            return "unsupported";
        case ErrorCode::Handle:
            return "bad handle";
        case ErrorCode::Busy:
            return "busy";
        case ErrorCode::Forked:
            return "forked";
        case ErrorCode::Poisoned:
            return "poisoned";
        case ErrorCode::OutcomeUnknown:
            return "outcome unknown";
        case ErrorCode::NotFound:
            return "not found";
        case ErrorCode::Ambiguous:
            return "ambiguous";
        case ErrorCode::Locked:
            return "locked";
        case ErrorCode::NewerFormat:
            return "newer format";
        case ErrorCode::NoSpace:
            return "no space";
        case ErrorCode::Internal:
            return "internal";
    }
    return "internal";
}

Status Status::with_context(std::string_view context) && {
    if (is_ok()) return {};
    std::string text(context);
    text += ": ";
    text += message();
    return {code_, std::move(text)};
}

}  // namespace kausal
