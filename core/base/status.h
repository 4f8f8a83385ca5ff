// The outcome of an operation that may fail, and the only control-flow macro of the project.
//
// `Status` is returned by value from every fallible function that yields nothing, `Result<T>` from
// those that yield a value. Error codes say what the caller can do about it, not where it happened;
// the message says the fact and the value. Nothing below the C border throws on purpose.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace kausal {

/// What a caller can do about a failure. The numbers are those of the C header.
enum class ErrorCode : int32_t {
    Ok = 0,
    Invalid = -1,          // fix the input
    Closed = -2,           // the object is closed; open it again
    Conflict = -3,         // somebody else holds it, or it exists already
    Unavailable = -4,      // the device or the file failed; retry or reopen
    Corrupt = -5,          // stored bytes fail their check; restore or salvage
    NoMemory = -6,         // allocation or budget; free something, retry
    Cancelled = -7,        // the caller asked to stop
    Unsupported = -8,      // this build or format cannot do it
    Handle = -9,           // a handle of the C border is not one
    Busy = -10,            // used by another thread right now
    Forked = -11,          // used in a child process of the one that opened it
    Poisoned = -12,        // an earlier failure closed this database for writing; reopen
    OutcomeUnknown = -13,  // a write may or may not be durable; reopen and look
    NotFound = -14,        // the thing asked for does not exist
    Ambiguous = -15,       // several things fit; choose one
    Locked = -16,          // another process writes to the database
    NewerFormat = -17,     // written by a newer version
    NoSpace = -18,         // the disk is full
    Internal = -99,        // a bug in the library; report it
};

/// Stable lower-case word for a code, e.g. "corrupt". Never null.
[[nodiscard]] std::string_view error_code_name(ErrorCode code) noexcept;

/// Success, or an error code with a one-line message. Cheap to move; success allocates nothing.
/// Threads: a value; confined.
class [[nodiscard]] Status {
  public:
    Status() noexcept = default;
    Status(ErrorCode code, std::string message)
        : code_(code), message_(std::make_unique<std::string>(std::move(message))) {}
    /// A failure without text, for places that must not allocate (out of memory).
    explicit Status(ErrorCode code) noexcept : code_(code) {}
    Status(Status&&) noexcept = default;
    Status& operator=(Status&&) noexcept = default;
    Status(const Status& other)
        : code_(other.code_),
          message_(other.message_ ? std::make_unique<std::string>(*other.message_) : nullptr) {}
    Status& operator=(const Status& other) {
        if (this != &other) *this = Status(other);
        return *this;
    }
    ~Status() = default;

    [[nodiscard]] static Status ok() noexcept { return {}; }
    [[nodiscard]] bool is_ok() const noexcept { return code_ == ErrorCode::Ok; }
    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] std::string_view message() const noexcept {
        return message_ ? std::string_view(*message_) : error_code_name(code_);
    }
    /// The same failure with `context` and ": " put before its message. Success stays success.
    [[nodiscard]] Status with_context(std::string_view context) &&;

  private:
    ErrorCode code_ = ErrorCode::Ok;
    std::unique_ptr<std::string> message_;
};

/// A value or the Status that explains its absence.
template <typename T>
using Result = std::expected<T, Status>;

[[nodiscard]] inline std::unexpected<Status> fail(ErrorCode code, std::string message) {
    return std::unexpected<Status>(Status(code, std::move(message)));
}
[[nodiscard]] inline std::unexpected<Status> fail(Status status) {
    return std::unexpected<Status>(std::move(status));
}

namespace detail {
inline bool try_failed(const Status& status) noexcept {
    return !status.is_ok();
}
template <typename T>
bool try_failed(const Result<T>& result) noexcept {
    return !result.has_value();
}
/// Converts to both Status and Result<T>, so that one macro serves both kinds of function.
struct TryError {
    Status status;
    operator Status() && { return std::move(status); }  // NOLINT(google-explicit-constructor)
    template <typename T>
    operator Result<T>() && {  // NOLINT(google-explicit-constructor)
        return std::unexpected<Status>(std::move(status));
    }
};
inline TryError try_error(Status&& status) {
    return {std::move(status)};
}
template <typename T>
TryError try_error(Result<T>&& result) {
    return {std::move(result).error()};
}
inline void try_value(Status&&) noexcept {}
template <typename T>
T try_value(Result<T>&& result) {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace detail

}  // namespace kausal

/// Evaluates to the value of a Result (to nothing for a Status), or returns its error from the
/// enclosing function, which must itself return Status or Result.
#define KAUSAL_TRY(expression)                                                 \
    __extension__({                                                            \
        auto kausal_try_outcome = (expression);                                \
        if (::kausal::detail::try_failed(kausal_try_outcome)) [[unlikely]]     \
            return ::kausal::detail::try_error(std::move(kausal_try_outcome)); \
        ::kausal::detail::try_value(std::move(kausal_try_outcome));            \
    })
