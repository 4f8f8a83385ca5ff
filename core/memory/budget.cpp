// Reservation accounting up the tree.
#include "memory/budget.h"

#include "base/assert.h"

namespace kausal::memory {

Budget::Budget(std::string_view name, size_t soft_limit_bytes, size_t hard_limit_bytes,
               Budget* parent)
    : name_(name),
      soft_limit_bytes_(soft_limit_bytes),
      hard_limit_bytes_(hard_limit_bytes),
      parent_(parent) {}

bool Budget::add(size_t bytes) noexcept {
    // Not added first and taken back on refusal: a large refused request would make small ones of
    // other threads fail meanwhile, and its sum could wrap around.
    const size_t limit = hard_limit_bytes_ != 0 ? hard_limit_bytes_ : SIZE_MAX;
    size_t before = reserved_.load();
    do {
        if (before > limit || bytes > limit - before) {
            denials_.fetch_add(1);
            return false;
        }
    } while (!reserved_.compare_exchange_weak(before, before + bytes));
    return true;
}

void Budget::note_peak() noexcept {
    const size_t now = reserved_.load();
    size_t peak = peak_.load();
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
    }
}

Status Budget::reserve(size_t bytes) {
    for (Budget* node = this; node != nullptr; node = node->parent_) {
        if (node->add(bytes)) continue;
        for (Budget* undo = this; undo != node; undo = undo->parent_) {
            undo->reserved_.fetch_sub(bytes);
        }
        return {ErrorCode::NoMemory, "memory budget '" + node->name_ + "' of " +
                                         std::to_string(node->hard_limit_bytes_) +
                                         " bytes is used up"};
    }
    // Only after all have agreed, so that a refused request leaves no peak behind.
    for (Budget* node = this; node != nullptr; node = node->parent_) node->note_peak();
    return {};
}

void Budget::release(size_t bytes) noexcept {
    for (Budget* node = this; node != nullptr; node = node->parent_) {
        const size_t before = node->reserved_.fetch_sub(bytes);
        (void)KAUSAL_ASSERT(before >= bytes);
    }
}

bool Budget::is_over_soft_limit() const noexcept {
    for (const Budget* node = this; node != nullptr; node = node->parent_) {
        if (node->soft_limit_bytes_ != 0 && node->reserved_.load() > node->soft_limit_bytes_) {
            return true;
        }
    }
    return false;
}

}  // namespace kausal::memory
