// The process-wide record of failed assertions.
#include "base/assert.h"

#include <atomic>
#include <cstdio>

namespace kausal {
namespace {

void report_to_stderr(const char* condition, const char* file, int line) noexcept {
    (void)std::fprintf(stderr, "kausal: assertion failed: %s (%s:%d)\n", condition, file, line);
}

std::atomic<AssertHandler> current_handler{report_to_stderr};
std::atomic<uint64_t> failure_count{0};

}  // namespace

AssertHandler set_assert_handler(AssertHandler handler) noexcept {
    return current_handler.exchange(handler != nullptr ? handler : report_to_stderr);
}

uint64_t assert_failures() noexcept {
    return failure_count.load(std::memory_order_relaxed);
}

bool assert_failed(const char* condition, const char* file, int line) noexcept {
    failure_count.fetch_add(1, std::memory_order_relaxed);
    current_handler.load()(condition, file, line);
    return false;
}

}  // namespace kausal
