// Errors, results and the ownership of handles.
#pragma once

#include <kausal/kausal.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace kausal {
inline namespace abi0 {

/// Why a call failed: a status of kausal.h (negative) and one line of text.
class Error {
  public:
    Error(kausal_status_t code, std::string message) : code_(code), message_(std::move(message)) {}
    /// Takes the error object of a C call over; `error` may be null.
    static Error take(kausal_status_t code, kausal_error_t* error) {
        std::string message =
            error != nullptr ? kausal_error_message(error) : kausal_status_name(code);
        kausal_error_destroy(error);
        return {code, std::move(message)};
    }
    [[nodiscard]] kausal_status_t code() const noexcept { return code_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }

  private:
    kausal_status_t code_;
    std::string message_;
};

/// What value_or_throw throws.
class Exception : public std::runtime_error {
  public:
    explicit Exception(const Error& error)
        : std::runtime_error(error.message()), code_(error.code()) {}
    [[nodiscard]] kausal_status_t code() const noexcept { return code_; }

  private:
    kausal_status_t code_;
};

/// A value or the error that explains its absence.
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
    [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }
    [[nodiscard]] T& value() & { return std::get<0>(state_); }
    [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
    [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
    [[nodiscard]] T value_or_throw() && {
        if (!ok()) throw Exception(error());
        return std::get<0>(std::move(state_));
    }

  private:
    std::variant<T, Error> state_;
};

/// Success, or an error.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}  // NOLINT
    [[nodiscard]] bool ok() const noexcept { return error_ == nullptr; }
    explicit operator bool() const noexcept { return ok(); }
    [[nodiscard]] const Error& error() const { return *error_; }
    void value_or_throw() && {
        if (!ok()) throw Exception(error());
    }

  private:
    std::unique_ptr<Error> error_;
};

namespace detail {

/// Owns one handle; `Destroy` ends it.
template <typename Handle, void (*Destroy)(Handle*)>
struct Destroyer {
    void operator()(Handle* handle) const noexcept { Destroy(handle); }
};
template <typename Handle, void (*Destroy)(Handle*)>
using Owner = std::unique_ptr<Handle, Destroyer<Handle, Destroy>>;

/// Runs `call(kausal_error_t**)`; its error becomes an Error, a status of zero or above the value.
template <typename Call>
Result<kausal_status_t> checked(Call&& call) {
    kausal_error_t* error = nullptr;
    const kausal_status_t status = call(&error);
    if (status < 0) return Error::take(status, error);
    return status;
}
template <typename Call>
Result<void> checked_void(Call&& call) {
    auto status = checked(std::forward<Call>(call));
    if (!status) return status.error();
    return {};
}

}  // namespace detail
}  // namespace abi0
}  // namespace kausal
