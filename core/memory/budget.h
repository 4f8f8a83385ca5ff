// A tree of memory reservations: who may hold how much, asked before it is allocated.
//
// A reservation counts against its own node and every ancestor. Crossing a soft limit tells the
// owner to flush or evict; the hard limit refuses.
#pragma once

#include "base/status.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kausal::memory {

/// One node. Threads: shared (counters are atomic). Children must not outlive their parent.
class Budget {
  public:
    /// Limits in bytes; 0 means none.
    Budget(std::string_view name, size_t soft_limit_bytes, size_t hard_limit_bytes,
           Budget* parent = nullptr);
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    /// Counts `bytes` here and in every ancestor, or fails with NoMemory and counts nothing.
    [[nodiscard]] Status reserve(size_t bytes);
    void release(size_t bytes) noexcept;
    [[nodiscard]] bool is_over_soft_limit() const noexcept;
    [[nodiscard]] size_t bytes_reserved() const noexcept { return reserved_.load(); }
    [[nodiscard]] size_t bytes_reserved_peak() const noexcept { return peak_.load(); }
    [[nodiscard]] uint64_t denials() const noexcept { return denials_.load(); }
    [[nodiscard]] std::string_view name() const noexcept { return name_; }

  private:
    [[nodiscard]] bool add(size_t bytes) noexcept;
    void note_peak() noexcept;

    std::string name_;
    size_t soft_limit_bytes_;
    size_t hard_limit_bytes_;
    Budget* parent_;
    std::atomic<size_t> reserved_{0};
    std::atomic<size_t> peak_{0};
    std::atomic<uint64_t> denials_{0};
};

}  // namespace kausal::memory
