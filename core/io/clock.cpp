// Time, randomness and the process's own size from the operating system.
#include "io/clock.h"

#include "base/hash.h"
#include "io/posix_error.h"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace kausal::io {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

int64_t now_ns(clockid_t clock) noexcept {
    timespec now = {};
    (void)::clock_gettime(clock, &now);
    return int64_t{now.tv_sec} * kNsPerSecond + now.tv_nsec;
}

class SystemClock final : public Clock {
  public:
    uint64_t monotonic_ns() noexcept override {
        return static_cast<uint64_t>(now_ns(CLOCK_MONOTONIC));
    }
    int64_t wall_ns() noexcept override { return now_ns(CLOCK_REALTIME); }
};

// Asks the system for every number: a generator of our own would repeat itself in a forked child.
class SystemRandom final : public Random {
  public:
    uint64_t next64() noexcept override {
        uint64_t value = 0;
        if (::getentropy(&value, sizeof(value)) == 0) return value;
        // Without entropy (a very old kernel or a strict sandbox) time, process and count remain.
        const uint64_t count = fallback_count_.fetch_add(1);
        const uint64_t time = hash_mix(static_cast<uint64_t>(now_ns(CLOCK_REALTIME)),
                                       static_cast<uint64_t>(now_ns(CLOCK_MONOTONIC)));
        return hash_mix(hash_mix(time, process_id()), count);
    }

  private:
    std::atomic<uint64_t> fallback_count_{0};
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() {
    return std::make_unique<SystemClock>();
}
std::unique_ptr<Random> make_system_random() {
    return std::make_unique<SystemRandom>();
}

uint64_t resident_bytes() noexcept {
#if defined(__linux__)
    // "size resident shared ..." in pages.
    const int descriptor =
        posix::retried([] { return ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC); });
    if (descriptor < 0) return 0;
    char text[128] = {};
    const ssize_t count =
        posix::retried([&] { return ::read(descriptor, &text[0], sizeof(text) - 1); });
    ::close(descriptor);
    if (count <= 0) return 0;
    char* end = nullptr;
    (void)std::strtoull(&text[0], &end, 10);
    const uint64_t pages = std::strtoull(end, nullptr, 10);
    return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
#else
    return 0;
#endif
}

uint64_t resident_bytes_peak() noexcept {
    rusage usage = {};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
    return static_cast<uint64_t>(usage.ru_maxrss);
#else
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

uint64_t process_id() noexcept {
    return static_cast<uint64_t>(::getpid());
}

}  // namespace kausal::io
