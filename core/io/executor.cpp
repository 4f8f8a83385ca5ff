// The pool of threads behind Executor, and parallel_for on top of any executor.
//
// Jobs wait in one FIFO queue; a job that wants more steps goes to its end by relinking, without an
// allocation that could fail. Waiters sleep on one generation counter instead of a condition per
// mutex: the counter is read before `ready` is asked, every wake raises it, so a change between the
// question and the sleep is never missed. Lock order: caller's mutex, then queue or wake mutex;
// those two are leaves.
#include "io/executor.h"

#include "base/assert.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <new>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <system_error>
#include <thread>
#include <vector>

namespace kausal::io {
namespace {

using JobList = std::list<std::unique_ptr<Job>>;

class ThreadExecutor final : public Executor {
  public:
    explicit ThreadExecutor(size_t thread_count);
    ThreadExecutor(const ThreadExecutor&) = delete;
    ThreadExecutor& operator=(const ThreadExecutor&) = delete;
    ~ThreadExecutor() override;

    void submit(std::unique_ptr<Job> job) override;
    [[nodiscard]] size_t parallelism() const noexcept override {
        return std::max<size_t>(thread_count_, 1);
    }
    void wait_until(Mutex& mutex, const std::function<bool()>& ready) override;
    void wake() noexcept override;
    void sleep_ns(uint64_t nanoseconds) override {
        std::this_thread::sleep_for(std::chrono::nanoseconds(nanoseconds));
    }

  private:
    void work();
    /// Runs one step of the oldest job; false when the queue was empty.
    [[nodiscard]] bool run_one_step();
    void enqueue(JobList&& one);
    void sleep_until_woken(uint64_t generation);
    /// A thread of the pool that waits must run jobs itself, or a pool full of waiters would stand
    /// still; so must everyone when no thread could be started.
    [[nodiscard]] bool must_help() const noexcept;

    Mutex queue_mutex_;
    CondVar work_available_;
    JobList queue_ KAUSAL_GUARDED_BY(queue_mutex_);
    bool stopping_ KAUSAL_GUARDED_BY(queue_mutex_) = false;

    Mutex wake_mutex_;
    CondVar woken_;
    std::atomic<uint64_t> generation_{0};  // written under wake_mutex_
    std::atomic<size_t> helpers_{0};       // waiters that also watch the queue

    size_t thread_count_ = 0;           // fixed by the constructor
    std::vector<std::thread> threads_;  // fixed before the first submit
};

ThreadExecutor::ThreadExecutor(size_t thread_count) {
    thread_count = std::max<size_t>(thread_count, 1);
    threads_.reserve(thread_count);
    // Signals are the host's: its handlers must not run on threads it does not know.
    sigset_t all = {};
    sigset_t before = {};
    sigfillset(&all);
    const bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    {
        // Threads wait for the first job under this mutex, so none of them reads threads_ early.
        const MutexLock lock(queue_mutex_);
        try {
            for (size_t i = 0; i < thread_count; ++i) threads_.emplace_back([this] { work(); });
        } catch (const std::system_error&) {
            // Fewer threads than asked for; parallelism() tells, waiters help when there is none.
            thread_count = threads_.size();
        }
        thread_count_ = thread_count;
    }
    if (masked) pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ThreadExecutor::~ThreadExecutor() {
    {
        const MutexLock lock(queue_mutex_);
        stopping_ = true;
    }
    work_available_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void ThreadExecutor::submit(std::unique_ptr<Job> job) {
    JobList one;
    one.push_back(std::move(job));
    enqueue(std::move(one));
}

void ThreadExecutor::enqueue(JobList&& one) {
    {
        const MutexLock lock(queue_mutex_);
        queue_.splice(queue_.end(), one);
    }
    work_available_.notify_one();
    if (helpers_.load() > 0) wake();
}

void ThreadExecutor::work() {
    while (true) {
        {
            const MutexLock lock(queue_mutex_);
            while (queue_.empty() && !stopping_) work_available_.wait(queue_mutex_);
            if (stopping_) return;
        }
        (void)run_one_step();
    }
}

bool ThreadExecutor::run_one_step() {
    JobList one;
    {
        const MutexLock lock(queue_mutex_);
        if (queue_.empty() || stopping_) return false;
        one.splice(one.end(), queue_, queue_.begin());
    }
    StepResult result = StepResult::Again;
    try {
        result = one.front()->step();
    } catch (const std::bad_alloc&) {
        // The job ends here; its destructor tells those who wait for it.
        result = StepResult::Done;
    } catch (...) {
        assert_failed("a job threw something other than bad_alloc", __FILE__, __LINE__);
        result = StepResult::Done;
    }
    if (result == StepResult::Again) enqueue(std::move(one));
    return true;
}

bool ThreadExecutor::must_help() const noexcept {
    if (thread_count_ == 0) return true;
    const auto self = std::this_thread::get_id();
    return std::ranges::any_of(threads_,
                               [&](const std::thread& thread) { return thread.get_id() == self; });
}

void ThreadExecutor::sleep_until_woken(uint64_t generation) {
    const MutexLock lock(wake_mutex_);
    while (generation_.load() == generation) woken_.wait(wake_mutex_);
}

void ThreadExecutor::wait_until(Mutex& mutex, const std::function<bool()>& ready)
    KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
    const bool helps = must_help();
    if (helps) helpers_.fetch_add(1);
    while (true) {
        const uint64_t generation = generation_.load();
        if (ready()) break;
        mutex.unlock();
        if (!helps || !run_one_step()) sleep_until_woken(generation);
        mutex.lock();
    }
    if (helps) helpers_.fetch_sub(1);
}

void ThreadExecutor::wake() noexcept {
    {
        const MutexLock lock(wake_mutex_);
        generation_.fetch_add(1);
    }
    woken_.notify_all();
}

/// What the workers of one parallel_for share. Owned by the caller and by its jobs, because a job
/// may still stand in the queue when the caller has returned; such a job finds nothing to claim and
/// never touches `body`.
class ParallelLoop {
  public:
    using Body = std::function<Status(size_t worker, size_t index)>;
    ParallelLoop(Executor& executor, size_t count, const Body& body)
        : executor_(executor), count_(count), body_(body) {}

    /// Runs the next index as `worker`; false when nothing is left to claim.
    [[nodiscard]] bool run_next(size_t worker) {
        size_t index = 0;
        {
            const MutexLock lock(mutex_);
            if (next_ == count_ || !failure_.is_ok()) return false;
            index = next_++;
            ++running_;
        }
        Status status;
        try {
            status = body_(worker, index);
        } catch (const std::bad_alloc&) {
            status = Status(ErrorCode::NoMemory);
        }
        bool last = false;
        {
            const MutexLock lock(mutex_);
            if (!status.is_ok() && (failure_.is_ok() || index < failed_index_)) {
                failure_ = std::move(status);
                failed_index_ = index;
            }
            last = --running_ == 0;
        }
        if (last) executor_.wake();
        return true;
    }

    [[nodiscard]] Status finish() {
        const MutexLock lock(mutex_);
        executor_.wait_until(mutex_, [this]() KAUSAL_NO_THREAD_SAFETY_ANALYSIS {
            return running_ == 0 && (next_ == count_ || !failure_.is_ok());
        });
        return std::move(failure_);
    }

  private:
    Executor& executor_;
    const size_t count_;
    const Body& body_;
    Mutex mutex_;
    size_t next_ KAUSAL_GUARDED_BY(mutex_) = 0;
    size_t running_ KAUSAL_GUARDED_BY(mutex_) = 0;
    size_t failed_index_ KAUSAL_GUARDED_BY(mutex_) = 0;
    Status failure_ KAUSAL_GUARDED_BY(mutex_);
};

class ParallelJob final : public Job {
  public:
    ParallelJob(std::shared_ptr<ParallelLoop> loop, size_t worker)
        : loop_(std::move(loop)), worker_(worker) {}
    [[nodiscard]] StepResult step() override {
        return loop_->run_next(worker_) ? StepResult::Again : StepResult::Done;
    }

  private:
    std::shared_ptr<ParallelLoop> loop_;
    size_t worker_;
};

}  // namespace

std::unique_ptr<Executor> make_thread_executor(size_t thread_count) {
    return std::make_unique<ThreadExecutor>(thread_count);
}

size_t processor_count() noexcept {
#if defined(__linux__)
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
        const int count = CPU_COUNT(&allowed);
        if (count > 0) return static_cast<size_t>(count);
    }
#endif
    return std::max<size_t>(std::thread::hardware_concurrency(), 1);
}

Status parallel_for(Executor& executor, size_t count, size_t worker_count,
                    const std::function<Status(size_t worker, size_t index)>& body) {
    if (count == 0) return {};
    const auto loop = std::make_shared<ParallelLoop>(executor, count, body);
    size_t helpers_left =
        std::min({std::max<size_t>(worker_count, 1) - 1, executor.parallelism(), count - 1});
    try {
        for (; helpers_left > 0; --helpers_left) {
            executor.submit(std::make_unique<ParallelJob>(loop, helpers_left));
        }
    } catch (const std::bad_alloc&) {
        // Fewer helpers; those submitted use `body`, so this function must not leave yet.
        helpers_left = 0;
    }
    while (loop->run_next(0)) {
    }
    return loop->finish();
}

}  // namespace kausal::io
