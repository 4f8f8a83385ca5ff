// What an operation may spend, and what cut it short.
//
// Clocks are injected; a deadline ends an operation with what it has and a truncation mark, while a
// cancel flag ends it with the error Cancelled and no rows.
#pragma once

#include "base/status.h"
#include "io/clock.h"

#include <atomic>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kausal::query {

/// Units: nodes = blocks taken up by a traversal, rows = rows of the answer, each list apart.
struct Budget {
    io::Clock* clock = nullptr;  // needed only for a deadline
    uint64_t deadline_ns = 0;    // of clock->monotonic_ns(); 0 = none
    uint64_t nodes_max = 10'000'000;
    uint64_t rows_max = 10'000;
    const std::atomic<bool>* cancel = nullptr;  // true asks to stop
};

/// What can cut an answer short.
enum class Limit : uint8_t {
    Deadline,
    Nodes,
    Rows,
    Depth,   // there is more beyond the depth asked for
    Paths,   // more paths exist than were asked for
    Tokens,  // the token budget of a context is used up
    Seeds,   // more starting points than were used
};
inline constexpr size_t kLimitCount = 7;
[[nodiscard]] std::string_view limit_name(Limit limit) noexcept;  // "deadline"

/// A set of limits that were met. Threads: a value.
class Truncation {
  public:
    void add(Limit limit) noexcept { bits_ |= 1u << static_cast<unsigned>(limit); }
    void add(const Truncation& other) noexcept { bits_ |= other.bits_; }
    [[nodiscard]] bool has(Limit limit) const noexcept {
        return (bits_ >> static_cast<unsigned>(limit) & 1u) != 0;
    }
    [[nodiscard]] bool any() const noexcept { return bits_ != 0; }
    [[nodiscard]] uint32_t bits() const noexcept { return bits_; }

  private:
    uint32_t bits_ = 0;
};

/// Counts what an operation spends against its budget. Threads: confined.
class Meter {
  public:
    explicit Meter(const Budget& budget) noexcept : budget_(&budget) {}

    /// Takes one node: false when the operation must stop (see `truncation`, `status`). The clock
    /// and the cancel flag are looked at on the first and every 256th call.
    [[nodiscard]] bool take_node() noexcept;
    /// Looks at the clock and the flag without taking anything, at the same rhythm.
    [[nodiscard]] bool keep_going() noexcept;
    /// True while a list of `row_count` rows may grow; otherwise marks Rows.
    [[nodiscard]] bool has_room(size_t row_count) noexcept;
    /// Cancelled, or success.
    [[nodiscard]] Status status() const;
    [[nodiscard]] Truncation& truncation() noexcept { return truncation_; }
    [[nodiscard]] uint64_t nodes_taken() const noexcept { return nodes_; }
    [[nodiscard]] uint64_t rows_max() const noexcept { return budget_->rows_max; }

  private:
    [[nodiscard]] bool look() noexcept;

    const Budget* budget_;
    Truncation truncation_;
    uint64_t nodes_ = 0;
    uint64_t ticks_ = 0;
    bool cancelled_ = false;
    bool stopped_ = false;
};

}  // namespace kausal::query
