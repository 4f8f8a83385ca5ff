// What is known to be wrong with an open database, and what may still be done with it.
//
// One unexplained bad record is enough: there is no threshold, no counting to a limit and no way
// back before the next open. Counters are metrics only. The host process is never ended.
#pragma once

#include "base/mutex.h"
#include "base/status.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::wal {

/// Healthy; Degraded: reads of some range fail, all else works; ReadOnly: writes are refused;
/// Poisoned: a sync failed, what is on disk is unknown, acknowledged data stays readable.
enum class HealthState : uint8_t { Healthy, Degraded, ReadOnly, Poisoned };

/// Where damage was seen; `offset` in bytes. Without a file, `what` names the place itself.
struct DamagePlace {
    std::string_view file;
    uint64_t offset = 0;
};

/// Threads: shared. States only rise; the reason kept is that of the highest state's first report.
class CorruptionTracker {
  public:
    /// A range of one file fails its check: Degraded.
    void report_scoped_damage(const DamagePlace& place, std::string_view what);
    /// The structure (log, manifest, file set) fails its check: ReadOnly.
    void report_structural_damage(const DamagePlace& place, std::string_view what);
    /// A sync or the write of a commit failed: Poisoned.
    void report_sync_failure(std::string_view file, const Status& cause);

    [[nodiscard]] HealthState state() const noexcept {
        return state_.load(std::memory_order_acquire);
    }
    /// One line, empty when healthy.
    [[nodiscard]] std::string reason() const;
    /// Ok when writing is allowed (Healthy, Degraded), else Corrupt or Poisoned with the reason.
    [[nodiscard]] Status check_writable() const;
    [[nodiscard]] uint64_t scoped_damages() const noexcept { return scoped_damages_.load(); }
    [[nodiscard]] uint64_t structural_damages() const noexcept {
        return structural_damages_.load();
    }
    [[nodiscard]] uint64_t sync_failures() const noexcept { return sync_failures_.load(); }

  private:
    void raise(HealthState to, std::string reason);

    mutable Mutex mutex_;
    std::atomic<HealthState> state_{HealthState::Healthy};  // written under mutex_
    std::string reason_ KAUSAL_GUARDED_BY(mutex_);
    std::atomic<uint64_t> scoped_damages_{0};
    std::atomic<uint64_t> structural_damages_{0};
    std::atomic<uint64_t> sync_failures_{0};
};

}  // namespace kausal::wal
