// Reservation accounting up the tree.
#include "memory/budget.h"

#include "base/assert.h"

#include <algorithm>
#include <string>
#include <utility>

namespace kausal::memory {

Reservation::Reservation(Reservation&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
    if (this != &other) {
        release();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
}

bool Reservation::try_grow(size_t bytes) noexcept {
    if (budget_ == nullptr || budget_->add(bytes) != nullptr) return false;
    bytes_ += bytes;
    return true;
}

Status Reservation::grow(size_t bytes) {
    if (budget_ == nullptr) return {ErrorCode::Invalid, "the reservation belongs to no budget"};
    const Budget* refused = budget_->add(bytes);
    if (refused != nullptr) {
        return {ErrorCode::NoMemory, "memory budget '" + std::string(refused->name_) + "' of " +
                                         std::to_string(refused->limits_.hard_bytes) +
                                         " bytes has no room for " + std::to_string(bytes)};
    }
    bytes_ += bytes;
    return {};
}

Status Reservation::shrink(size_t bytes) {
    if (bytes > bytes_) {
        return {ErrorCode::Invalid, "the reservation holds " + std::to_string(bytes_) +
                                        " bytes, not " + std::to_string(bytes)};
    }
    if (bytes == 0) return {};
    budget_->subtract(bytes);
    bytes_ -= bytes;
    return {};
}

bool Reservation::try_resize(size_t bytes) noexcept {
    if (bytes > bytes_) return try_grow(bytes - bytes_);
    if (bytes < bytes_) budget_->subtract(bytes_ - bytes);
    bytes_ = bytes;
    return true;
}

void Reservation::release() noexcept {
    if (bytes_ == 0) return;
    budget_->subtract(bytes_);
    bytes_ = 0;
}

Budget::Budget(std::string_view name, BudgetLimits limits, Budget* parent,
               PressureListener* listener) noexcept
    : name_(name),
      limits_(limits),
      parent_(parent),
      listener_(listener),
      mutex_(parent != nullptr ? parent->mutex_ : own_mutex_) {
    if (parent_ == nullptr) return;
    const MutexLock lock(mutex_);
    Budget** place = &parent_->first_child_;
    while (*place != nullptr) place = &(*place)->next_sibling_;
    *place = this;
}

Budget::~Budget() {
    const MutexLock lock(mutex_);
    (void)KAUSAL_ASSERT(first_child_ == nullptr);
    (void)KAUSAL_ASSERT(own_bytes_ == 0);
    if (parent_ == nullptr) return;
    Budget** place = &parent_->first_child_;
    while (*place != this) place = &(*place)->next_sibling_;
    *place = next_sibling_;
}

Budget* Budget::add_everywhere(size_t bytes, uint64_t& crossed) noexcept {
    const MutexLock lock(mutex_);
    for (Budget* node = this; node != nullptr; node = node->parent_) {
        // Compared as what is left, because a sum with a huge size would wrap around.
        const uint64_t limit = node->limits_.hard_bytes != 0 ? node->limits_.hard_bytes : INT64_MAX;
        if (node->sum_bytes_ <= limit && bytes <= limit - node->sum_bytes_) continue;
        ++node->denials_;
        return node;
    }
    own_bytes_ += bytes;
    uint64_t bit = 1;
    for (Budget* node = this; node != nullptr; node = node->parent_, bit <<= 1) {
        const uint64_t before = node->sum_bytes_;
        node->sum_bytes_ += bytes;
        node->sum_bytes_peak_ = std::max(node->sum_bytes_peak_, node->sum_bytes_);
        const uint64_t soft = node->limits_.soft_bytes;
        if (soft == 0 || before > soft || node->sum_bytes_ <= soft) continue;
        ++node->soft_crossings_;
        node->is_over_soft_.store(true, std::memory_order_relaxed);
        crossed |= bit;
    }
    return nullptr;
}

Budget* Budget::add(size_t bytes) noexcept {
    uint64_t crossed = 0;
    Budget* refused = add_everywhere(bytes, crossed);
    if (refused != nullptr) {
        if (refused->listener_ != nullptr)
            refused->listener_->on_pressure(*refused, Pressure::Hard);
        return refused;
    }
    // A tree deeper than the bits of `crossed` would still count right, only its listeners far
    // above would not be called.
    for (Budget* node = this; crossed != 0; node = node->parent_, crossed >>= 1) {
        if ((crossed & 1) != 0 && node->listener_ != nullptr) {
            node->listener_->on_pressure(*node, Pressure::Soft);
        }
    }
    return nullptr;
}

void Budget::subtract(size_t bytes) noexcept {
    const MutexLock lock(mutex_);
    own_bytes_ -= bytes;
    for (Budget* node = this; node != nullptr; node = node->parent_) {
        node->sum_bytes_ -= bytes;
        if (node->sum_bytes_ <= node->limits_.soft_bytes) {
            node->is_over_soft_.store(false, std::memory_order_relaxed);
        }
    }
}

Result<Reservation> Budget::reserve(size_t bytes) {
    Reservation held(*this);
    KAUSAL_TRY(held.grow(bytes));
    return held;
}

bool Budget::is_over_soft_limit() const noexcept {
    for (const Budget* node = this; node != nullptr; node = node->parent_) {
        if (node->is_over_soft_.load(std::memory_order_relaxed)) return true;
    }
    return false;
}

uint64_t Budget::read(const uint64_t& field) const noexcept {
    const MutexLock lock(mutex_);
    return field;
}

uint64_t Budget::bytes_reserved() const noexcept {
    return read(sum_bytes_);
}
uint64_t Budget::bytes_reserved_peak() const noexcept {
    return read(sum_bytes_peak_);
}
uint64_t Budget::denials() const noexcept {
    return read(denials_);
}

size_t Budget::count_nodes() const noexcept {
    size_t count = 1;
    for (const Budget* child = first_child_; child != nullptr; child = child->next_sibling_) {
        count += child->count_nodes();
    }
    return count;
}

void Budget::collect(std::vector<BudgetCounters>& all, size_t depth) const {
    all.push_back({.name = name_,
                   .depth = depth,
                   .limits = limits_,
                   .bytes_own = own_bytes_,
                   .bytes_reserved = sum_bytes_,
                   .bytes_reserved_peak = sum_bytes_peak_,
                   .denials = denials_,
                   .soft_crossings = soft_crossings_});
    for (const Budget* child = first_child_; child != nullptr; child = child->next_sibling_) {
        child->collect(all, depth + 1);
    }
}

std::vector<BudgetCounters> Budget::snapshot() const {
    std::vector<BudgetCounters> all;
    const MutexLock lock(mutex_);
    all.reserve(count_nodes());
    collect(all, 0);
    return all;
}

}  // namespace kausal::memory
