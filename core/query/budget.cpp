// Counting what an operation spends; see budget.h.
#include "query/budget.h"

namespace kausal::query {

namespace {
constexpr uint64_t kLookInterval = 256;  // calls between two looks at clock and flag
}  // namespace

std::string_view limit_name(Limit limit) noexcept {
    switch (limit) {
        case Limit::Deadline:
            return "deadline";
        case Limit::Nodes:
            return "nodes";
        case Limit::Rows:
            return "rows";
        case Limit::Depth:
            return "depth";
        case Limit::Paths:
            return "paths";
        case Limit::Tokens:
            return "tokens";
        case Limit::Seeds:
            return "seeds";
    }
    return "unknown";
}

bool Meter::look() noexcept {
    if (budget_->cancel != nullptr && budget_->cancel->load(std::memory_order_relaxed)) {
        cancelled_ = true;
        stopped_ = true;
        return false;
    }
    if (budget_->clock != nullptr && budget_->deadline_ns != 0 &&
        budget_->clock->monotonic_ns() >= budget_->deadline_ns) {
        truncation_.add(Limit::Deadline);
        stopped_ = true;
        return false;
    }
    return true;
}

bool Meter::keep_going() noexcept {
    if (stopped_) return false;
    if (ticks_++ % kLookInterval != 0) return true;
    return look();
}

bool Meter::take_node() noexcept {
    if (!keep_going()) return false;
    if (nodes_ >= budget_->nodes_max) {
        truncation_.add(Limit::Nodes);
        stopped_ = true;
        return false;
    }
    ++nodes_;
    return true;
}

bool Meter::has_room(size_t row_count) noexcept {
    if (row_count < budget_->rows_max) return true;
    truncation_.add(Limit::Rows);
    return false;
}

Status Meter::status() const {
    if (cancelled_) return {ErrorCode::Cancelled, "the caller asked to stop"};
    return Status::ok();
}

}  // namespace kausal::query
