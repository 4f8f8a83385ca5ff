// A tree of memory reservations: who may hold how much, asked before it is allocated.
//
// Every byte is reserved at one node and counts there and in every ancestor, so at any moment a
// node's sum is exactly its own reservations plus the sums of its children. Crossing a soft limit
// tells a listener to flush or evict; the hard limit refuses. One mutex serves the whole tree: a
// reservation stands for a chunk or a slab, not for an object, so it is rarely taken, and a refused
// request is never visible to others, not even for a moment.
#pragma once

#include "base/mutex.h"
#include "base/status.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kausal::memory {

class Budget;

enum class Pressure : uint8_t {
    Soft,  // the sum has just grown beyond the soft limit: give something back soon
    Hard,  // a request has just been refused here: give something back, then it can be repeated
};

/// Is told when memory runs short. Called on the thread that reserves, without any lock of the
/// budget held, so it may itself release and reserve. Must outlive the nodes it listens to.
class PressureListener {
  public:
    virtual void on_pressure(Budget& budget, Pressure pressure) noexcept = 0;

  protected:
    PressureListener() = default;
    PressureListener(const PressureListener&) = default;
    PressureListener& operator=(const PressureListener&) = default;
    PressureListener(PressureListener&&) = default;
    PressureListener& operator=(PressureListener&&) = default;
    ~PressureListener() = default;
};

/// In bytes; 0 means none.
struct BudgetLimits {
    size_t soft_bytes = 0;
    size_t hard_bytes = 0;
};

/// One node of the tree as it stood when all nodes were read together.
struct BudgetCounters {
    std::string_view name;
    size_t depth = 0;  // 0 for the node that was asked
    BudgetLimits limits;
    uint64_t bytes_own = 0;       // reserved at this node itself
    uint64_t bytes_reserved = 0;  // bytes_own and the children's sums
    uint64_t bytes_reserved_peak = 0;
    uint64_t denials = 0;         // requests that this node's hard limit refused
    uint64_t soft_crossings = 0;  // how often the sum grew beyond the soft limit
};

/// Bytes that are reserved as long as this lives. Moves, does not copy: nobody can give the same
/// bytes back twice, and nobody can forget to. Must not outlive its budget.
/// Threads: confined; different reservations of one budget may be used on different threads.
class Reservation {
  public:
    Reservation() noexcept = default;
    ~Reservation() { release(); }
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&& other) noexcept;
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    /// Reserves `bytes` more, or counts nothing and returns false: a hard limit refuses, the sum
    /// would wrap around, or this belongs to no budget. Allocates nothing.
    [[nodiscard]] bool try_grow(size_t bytes) noexcept;
    /// The same with a reason. Errors: NoMemory (names the budget), Invalid (belongs to none).
    [[nodiscard]] Status grow(size_t bytes);
    /// Gives `bytes` back. Errors: Invalid (more than is held; nothing is changed).
    [[nodiscard]] Status shrink(size_t bytes);
    /// Grows or shrinks to `bytes`; when refused the old size stays.
    [[nodiscard]] bool try_resize(size_t bytes) noexcept;
    /// Gives everything back; it still belongs to its budget and can grow again.
    void release() noexcept;
    [[nodiscard]] size_t bytes() const noexcept { return bytes_; }
    /// Null when it belongs to none.
    [[nodiscard]] Budget* budget() const noexcept { return budget_; }

  private:
    friend class Budget;
    explicit Reservation(Budget& budget) noexcept : budget_(&budget) {}

    Budget* budget_ = nullptr;
    size_t bytes_ = 0;
};

/// One node. Threads: shared. Must outlive its children and reservations; `name` is text that
/// outlives it, normally a literal.
class Budget {
  public:
    explicit Budget(std::string_view name, BudgetLimits limits = {}, Budget* parent = nullptr,
                    PressureListener* listener = nullptr) noexcept;
    ~Budget();
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;
    Budget(Budget&&) = delete;
    Budget& operator=(Budget&&) = delete;

    /// Errors: NoMemory, naming the node whose hard limit refused; nothing is counted then.
    [[nodiscard]] Result<Reservation> reserve(size_t bytes);
    /// An empty reservation to be grown.
    [[nodiscard]] Reservation open() noexcept { return Reservation(*this); }
    /// Whether this node or one above it holds more than its soft limit. Cheap enough to be asked
    /// before every write.
    [[nodiscard]] bool is_over_soft_limit() const noexcept;
    [[nodiscard]] uint64_t bytes_reserved() const noexcept;
    [[nodiscard]] uint64_t bytes_reserved_peak() const noexcept;
    [[nodiscard]] uint64_t denials() const noexcept;
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    /// This node and all below it, parents before children, read at one moment. Throws bad_alloc
    /// (caught at the C border).
    [[nodiscard]] std::vector<BudgetCounters> snapshot() const;

  private:
    friend class Reservation;
    /// Null when granted, otherwise the node that refused.
    [[nodiscard]] Budget* add(size_t bytes) noexcept;
    [[nodiscard]] Budget* add_everywhere(size_t bytes, uint64_t& crossed) noexcept;
    void subtract(size_t bytes) noexcept;
    [[nodiscard]] size_t count_nodes() const noexcept;
    void collect(std::vector<BudgetCounters>& all, size_t depth) const;
    [[nodiscard]] uint64_t read(const uint64_t& field) const noexcept;

    const std::string_view name_;
    const BudgetLimits limits_;
    Budget* const parent_;
    PressureListener* const listener_;
    Mutex own_mutex_;  // used in the root only
    Mutex& mutex_;     // the root's; guards everything below in every node
    Budget* first_child_ = nullptr;
    Budget* next_sibling_ = nullptr;
    uint64_t own_bytes_ = 0;
    uint64_t sum_bytes_ = 0;
    uint64_t sum_bytes_peak_ = 0;
    uint64_t denials_ = 0;
    uint64_t soft_crossings_ = 0;
    std::atomic<bool> is_over_soft_{false};  // written under the mutex, read without
};

}  // namespace kausal::memory
