// State transitions of the tracker: upwards only.
#include "wal/corruption_tracker.h"

namespace kausal::wal {
namespace {

std::string describe(const DamagePlace& place, std::string_view what) {
    if (place.file.empty()) return std::string(what);  // the text names the place itself
    std::string text(place.file);
    text += ": offset ";
    text += std::to_string(place.offset);
    text += ": ";
    text += what;
    return text;
}

}  // namespace

void CorruptionTracker::report_scoped_damage(const DamagePlace& place, std::string_view what) {
    scoped_damages_.fetch_add(1);
    raise(HealthState::Degraded, describe(place, what));
}

void CorruptionTracker::report_structural_damage(const DamagePlace& place, std::string_view what) {
    structural_damages_.fetch_add(1);
    raise(HealthState::ReadOnly, describe(place, what));
}

void CorruptionTracker::report_sync_failure(std::string_view file, const Status& cause) {
    sync_failures_.fetch_add(1);
    std::string text(file);
    text += ": ";
    text += cause.message();
    raise(HealthState::Poisoned, std::move(text));
}

std::string CorruptionTracker::reason() const {
    const MutexLock lock(mutex_);
    return reason_;
}

Status CorruptionTracker::check_writable() const {
    // The common case of every commit must not take a mutex.
    if (state() <= HealthState::Degraded) return {};
    const MutexLock lock(mutex_);
    const bool poisoned = state_.load() == HealthState::Poisoned;
    return {poisoned ? ErrorCode::Poisoned : ErrorCode::Corrupt, reason_};
}

void CorruptionTracker::raise(HealthState to, std::string reason) {
    const MutexLock lock(mutex_);
    if (to <= state_.load()) return;
    reason_ = std::move(reason);
    state_.store(to, std::memory_order_release);
}

}  // namespace kausal::wal
