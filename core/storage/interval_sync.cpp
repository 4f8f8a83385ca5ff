// The timer job; see interval_sync.h.
#include "storage/interval_sync.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace kausal::storage {
namespace {

constexpr uint64_t kSliceMax = 2'000'000;  // nanoseconds

}  // namespace

class IntervalSync::SyncJob final : public io::Job {
  public:
    explicit SyncJob(IntervalSync& owner)
        : owner_(owner), due_ns_(owner.environment_.clock->monotonic_ns() + owner.interval_ns_) {}
    SyncJob(const SyncJob&) = delete;
    SyncJob& operator=(const SyncJob&) = delete;
    ~SyncJob() override {
        if (is_started_ && !is_ended_) {
            owner_.is_dirty_.store(false);
            (void)owner_.end_job();
        }
    }

    [[nodiscard]] io::StepResult step() override {
        is_started_ = true;
        if (!owner_.stopping_) {
            const uint64_t now = owner_.environment_.clock->monotonic_ns();
            if (now < due_ns_) {
                owner_.environment_.executor->sleep_ns(std::min(due_ns_ - now, kSliceMax));
                return io::StepResult::Again;
            }
            if (owner_.is_dirty() && !owner_.try_sync_()) {
                owner_.environment_.executor->sleep_ns(kSliceMax / 20);
                return io::StepResult::Again;
            }
            due_ns_ = now + owner_.interval_ns_;
        }
        is_ended_ = owner_.end_job();
        return is_ended_ ? io::StepResult::Done : io::StepResult::Again;
    }

  private:
    IntervalSync& owner_;
    uint64_t due_ns_;
    bool is_started_ = false;
    bool is_ended_ = false;
};

IntervalSync::IntervalSync(const Environment& environment, uint64_t interval_ns,
                           std::function<bool()> try_sync)
    : environment_(environment), interval_ns_(interval_ns), try_sync_(std::move(try_sync)) {}

IntervalSync::~IntervalSync() {
    stop();
}

void IntervalSync::arm() {
    MutexLock lock(mutex_);
    is_dirty_.store(true);
    if (job_running_ || stopping_) return;
    environment_.executor->submit(std::make_unique<SyncJob>(*this));
    job_running_ = true;
}

// False when there is work again and the job must go on.
bool IntervalSync::end_job() {
    io::Executor* executor = environment_.executor;
    {
        MutexLock lock(mutex_);
        if (is_dirty_ && !stopping_) return false;
        job_running_ = false;
    }
    executor->wake();
    return true;
}

void IntervalSync::stop() {
    MutexLock lock(mutex_);
    stopping_ = true;
    environment_.executor->wait_until(
        mutex_, [this]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS { return !job_running_; });
}

}  // namespace kausal::storage
