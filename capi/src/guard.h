// The wall between C++ and C: nothing thrown passes it, and every failure becomes a status and an
// error object. Every exported function that can fail has its body inside `guard`.
#pragma once

#include "base/status.h"
#include "kausal/kausal.h"

#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace kausal::capi {

/// Makes the error object, when one is asked for; returns the status number. Never throws: when
/// there is no memory for the object, the static out-of-memory error takes its place.
kausal_status_t report(kausal_error_t** err, const Status& status) noexcept;
kausal_status_t report_no_memory(kausal_error_t** err) noexcept;

/// Runs `body`, which returns Result<kausal_status_t> (a status of zero or above).
template <typename Body>
kausal_status_t guard(kausal_error_t** err, Body&& body) noexcept {
    try {
        Result<kausal_status_t> outcome = body();
        if (outcome.has_value()) return *outcome;
        return report(err, outcome.error());
    } catch (const std::bad_alloc&) {
        return report_no_memory(err);
    } catch (const std::exception& error) {
        return report(err, Status(ErrorCode::Internal, error.what()));
    } catch (...) {
        return report(err, Status(ErrorCode::Internal));
    }
}

/// For functions without a status: what they answer when something goes wrong inside.
template <typename Value, typename Body>
Value guard_value(Value otherwise, Body&& body) noexcept {
    try {
        return body();
    } catch (...) {
        return otherwise;
    }
}

/// For the few places that can only say so by an exception.
[[noreturn]] inline void throw_no_memory() {
    throw std::bad_alloc();
}

[[nodiscard]] inline Status missing(std::string_view argument) {
    return {ErrorCode::Invalid, std::string(argument) + " is NULL"};
}

/// Fails with Invalid when a required pointer is NULL.
template <typename T>
[[nodiscard]] Status require(const T* pointer, std::string_view argument) {
    return pointer != nullptr ? Status() : missing(argument);
}

/// Longest text that a call takes (names, paths, queries). Units: bytes.
inline constexpr size_t kTextArgumentMax = size_t{64} << 20;

/// The view of a (pointer, size) pair: NULL is acceptable for an empty text only.
[[nodiscard]] Result<std::string_view> text_argument(const char* data, size_t size,
                                                     std::string_view argument);
/// The same, which must be UTF-8 and not empty.
[[nodiscard]] Result<std::string_view> name_argument(const char* data, size_t size,
                                                     std::string_view argument);

/// Copies an options struct of the caller into `into` (already initialised): fields that the
/// caller's version has. Errors: Invalid when it is larger than ours and the tail is not zero, or
/// too small to be one.
[[nodiscard]] Status read_struct(const void* from, void* into, size_t own_size,
                                 std::string_view argument);

/// Fills the fields that the caller's version of a struct has (its struct_size says) and zeroes
/// what it has beyond ours.
[[nodiscard]] Status write_struct(const void* from, void* into, size_t own_size,
                                  std::string_view argument);

}  // namespace kausal::capi
