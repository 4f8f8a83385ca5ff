// The door to time and randomness.
#pragma once

#include <cstdint>
#include <memory>

namespace kausal::io {

/// Threads: shared.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Never goes back; origin unspecified. Nanoseconds.
    [[nodiscard]] virtual uint64_t monotonic_ns() noexcept = 0;
    /// Nanoseconds since the Unix epoch.
    [[nodiscard]] virtual int64_t wall_ns() noexcept = 0;
};

/// Threads: shared.
class Random {
  public:
    virtual ~Random() = default;
    [[nodiscard]] virtual uint64_t next64() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<Clock> make_system_clock();
/// Seeded from the operating system; for uuids, not for secrets.
[[nodiscard]] std::unique_ptr<Random> make_system_random();

/// Resident set size of this process in bytes, and its peak; 0 where the system does not tell.
[[nodiscard]] uint64_t resident_bytes() noexcept;
[[nodiscard]] uint64_t resident_bytes_peak() noexcept;
[[nodiscard]] uint64_t process_id() noexcept;

}  // namespace kausal::io
