// Checks that stay on in every build and never end the host process.
//
// A failed assertion reports file, line and condition to the process-wide handler. Under test the
// handler stops the run; in production it records the failure (the C border turns the record into
// KAUSAL_ERR_INTERNAL) and the function carries on to a safe exit chosen at the call site.
#pragma once

#include <cstdint>

namespace kausal {

/// Called with the condition's text and place. Must not throw.
using AssertHandler = void (*)(const char* condition, const char* file, int line) noexcept;

/// Replaces the handler; returns the former one. Threads: shared (atomic).
AssertHandler set_assert_handler(AssertHandler handler) noexcept;
/// How many assertions have failed in this process. Threads: shared.
[[nodiscard]] uint64_t assert_failures() noexcept;
/// Counts, reports; always returns false, so that KAUSAL_ASSERT can be used as a condition.
bool assert_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace kausal

/// True when the condition holds. Use as a statement, or as `if (!KAUSAL_ASSERT(x)) return
/// fail(...)`.
#define KAUSAL_ASSERT(condition) \
    ((condition) ? true : ::kausal::assert_failed(#condition, __FILE__, __LINE__))
