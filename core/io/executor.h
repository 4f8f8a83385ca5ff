// The door to threads: background work is a Job that is stepped by an Executor.
//
// Production uses a pool of threads; the simulator will use one thread that picks the next job from
// a tape. For that reason nothing above this room starts a thread, and nothing blocks on a
// condition variable for the sake of a job: it calls `wait_until`, which may run other jobs
// meanwhile.
#pragma once

#include "base/mutex.h"
#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace kausal::io {

enum class StepResult : uint8_t { Again, Done };

/// A piece of work that runs in bounded steps. Each step runs on one thread at a time, possibly on
/// another thread than the step before. Must not throw; a bad_alloc that escapes ends the job.
class Job {
  public:
    virtual ~Job() = default;
    [[nodiscard]] virtual StepResult step() = 0;
};

/// Runs jobs. Threads: shared. Destruction waits for the running steps and drops unfinished jobs.
class Executor {
  public:
    virtual ~Executor() = default;
    virtual void submit(std::unique_ptr<Job> job) = 0;
    /// How many steps can run at the same time.
    [[nodiscard]] virtual size_t parallelism() const noexcept = 0;
    /// Returns when `ready()` (called with `mutex` held) is true. Whoever changes what `ready`
    /// reads does so under `mutex` and then calls `wake`.
    virtual void wait_until(Mutex& mutex, const std::function<bool()>& ready)
        KAUSAL_REQUIRES(mutex) = 0;
    /// Wakes the waiters; call after the change, with or without the mutex.
    virtual void wake() noexcept = 0;
    /// Lets the calling thread rest for about `nanoseconds`; virtual time in the simulator.
    virtual void sleep_ns(uint64_t nanoseconds) = 0;
};

/// A pool of `thread_count` threads (at least 1).
[[nodiscard]] std::unique_ptr<Executor> make_thread_executor(size_t thread_count);
/// Processors that this process may use, at least 1.
[[nodiscard]] size_t processor_count() noexcept;

/// Calls `body(worker, index)` for every index in [0, count), on up to `worker_count` jobs of
/// `executor` plus the calling thread, in increasing order of start. Each worker number (below
/// worker_count) is used by one thread at a time, so scratch can be kept per worker. Returns when
/// all are done; the first failure (lowest index) stops the rest and is returned.
[[nodiscard]] Status parallel_for(Executor& executor, size_t count, size_t worker_count,
                                  const std::function<Status(size_t worker, size_t index)>& body);

}  // namespace kausal::io
