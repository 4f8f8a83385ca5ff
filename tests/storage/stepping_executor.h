// An Executor without threads: jobs are stepped by whoever waits, one step after the other, so that
// a test is the same every time it runs.
#pragma once

#include "io/executor.h"

#include <deque>
#include <memory>
#include <utility>

namespace kausal::storage::testing {

/// Threads: confined.
class SteppingExecutor final : public io::Executor {
  public:
    void submit(std::unique_ptr<io::Job> job) override { jobs_.push_back(std::move(job)); }
    [[nodiscard]] size_t parallelism() const noexcept override { return 1; }
    void wait_until(Mutex& mutex, const std::function<bool()>& ready) override
        KAUSAL_REQUIRES(mutex) {
        while (!ready()) {
            mutex.unlock();
            (void)step();
            mutex.lock();
        }
    }
    void wake() noexcept override {}
    void sleep_ns(uint64_t) override {}

    /// One step of the oldest job; false when there is none.
    bool step() {
        if (jobs_.empty()) return false;
        std::unique_ptr<io::Job> job = std::move(jobs_.front());
        jobs_.pop_front();
        if (job->step() == io::StepResult::Again) jobs_.push_back(std::move(job));
        return true;
    }
    void run_all() {
        while (step()) {
        }
    }

  private:
    std::deque<std::unique_ptr<io::Job>> jobs_;
};

}  // namespace kausal::storage::testing
