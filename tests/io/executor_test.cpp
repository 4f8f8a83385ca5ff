// Goal: jobs are stepped fairly and once at a time, no wake is lost, a failing job harms nobody,
// and parallel_for does what its contract says. Method: jobs that record what happens to them; the
// hand-over tests repeat often, so that a lost wake shows as a hang (the test's time limit) and a
// race under the thread sanitizer.
#include "io/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <string>
#include <vector>

namespace kausal::io {
namespace {

/// A counter that jobs raise and tests wait for.
class Tally {
  public:
    explicit Tally(Executor& executor) : executor_(executor) {}
    void add(std::string_view what = "") {
        // Once the mutex is free the test may end and take this object with it.
        Executor& executor = executor_;
        {
            const MutexLock lock(mutex_);
            ++count_;
            text_ += what;
        }
        executor.wake();
    }
    void wait_for(size_t count) {
        const MutexLock lock(mutex_);
        executor_.wait_until(mutex_, [&] { return count_ >= count; });
    }
    [[nodiscard]] size_t count() {
        const MutexLock lock(mutex_);
        return count_;
    }
    [[nodiscard]] std::string text() {
        const MutexLock lock(mutex_);
        return text_;
    }

  private:
    Executor& executor_;
    Mutex mutex_;
    size_t count_ = 0;
    std::string text_;
};

class FunctionJob final : public Job {
  public:
    explicit FunctionJob(std::function<StepResult()> step) : step_(std::move(step)) {}
    StepResult step() override { return step_(); }

  private:
    std::function<StepResult()> step_;
};

void submit(Executor& executor, std::function<StepResult()> step) {
    executor.submit(std::make_unique<FunctionJob>(std::move(step)));
}

TEST(Executor, StepsEachJobUntilItIsDone) {
    const auto executor = make_thread_executor(3);
    EXPECT_EQ(executor->parallelism(), 3u);
    Tally done(*executor);
    std::vector<std::atomic<int>> steps(50);
    for (auto& count : steps) {
        submit(*executor, [&] {
            if (++count < 20) return StepResult::Again;
            done.add();
            return StepResult::Done;
        });
    }
    done.wait_for(steps.size());
    for (const auto& count : steps) EXPECT_EQ(count.load(), 20);
}

TEST(Executor, JobsTakeTurnsInOrder) {
    const auto executor = make_thread_executor(1);
    Tally record(*executor);
    Tally gate(*executor);
    // The first job holds the only thread until the others stand in the queue.
    submit(*executor, [&, open = false]() mutable {
        while (!open) {
            executor->sleep_ns(1000);
            open = gate.count() > 0;
        }
        return StepResult::Done;
    });
    for (const char* name : {"a", "b", "c"}) {
        submit(*executor, [&record, name, left = 3]() mutable {
            record.add(name);
            return --left > 0 ? StepResult::Again : StepResult::Done;
        });
    }
    gate.add();
    record.wait_for(9);
    EXPECT_EQ(record.text(), "abcabcabc");
}

TEST(Executor, OutOfMemoryEndsTheJobOnly) {
    const auto executor = make_thread_executor(1);
    Tally steps(*executor);
    Tally destroyed(*executor);
    struct Notifier {
        explicit Notifier(Tally& to) : tally(to) {}
        Notifier(const Notifier&) = delete;
        Notifier& operator=(const Notifier&) = delete;
        ~Notifier() { tally.add(); }
        Tally& tally;
    };
    auto notifier = std::make_shared<Notifier>(destroyed);
    submit(*executor, [&steps, notifier]() -> StepResult {
        steps.add();
        throw std::bad_alloc();
    });
    notifier.reset();
    destroyed.wait_for(1);
    submit(*executor, [&] {
        steps.add();
        return StepResult::Done;
    });
    steps.wait_for(2);
    EXPECT_EQ(steps.count(), 2u);
}

TEST(Executor, NoWakeIsLostBetweenTwoMutexes) {
    // Two sides hand a token to each other, each waiting under a mutex of its own.
    const auto executor = make_thread_executor(1);
    constexpr int rounds = 20'000;
    struct Side {
        Mutex mutex;
        int tokens = 0;
    };
    Side left;
    Side right;
    const auto take = [&](Side& side) {
        const MutexLock lock(side.mutex);
        executor->wait_until(side.mutex, [&] { return side.tokens > 0; });
        --side.tokens;
    };
    const auto give = [&](Side& side) {
        {
            const MutexLock lock(side.mutex);
            ++side.tokens;
        }
        executor->wake();
    };
    submit(*executor, [&, round = 0]() mutable {
        take(left);
        give(right);
        return ++round < rounds ? StepResult::Again : StepResult::Done;
    });
    for (int round = 0; round < rounds; ++round) {
        give(left);
        take(right);
    }
    EXPECT_EQ(left.tokens + right.tokens, 0);
}

TEST(Executor, WaitingOnAPoolThreadRunsOtherJobs) {
    // One thread, and its job waits for a job behind it: only helping gets out of this.
    const auto executor = make_thread_executor(1);
    Tally inner(*executor);
    Tally outer(*executor);
    submit(*executor, [&] {
        for (int i = 0; i < 3; ++i) {
            submit(*executor, [&] {
                inner.add();
                return StepResult::Done;
            });
        }
        inner.wait_for(3);
        outer.add();
        return StepResult::Done;
    });
    outer.wait_for(1);
    EXPECT_EQ(inner.count(), 3u);
}

TEST(Executor, AJobSubmittedLaterReachesAPoolOfWaiters) {
    const auto executor = make_thread_executor(2);
    for (size_t round = 0; round < 20; ++round) {
        Tally waiting(*executor);
        Tally inner(*executor);
        Tally outer(*executor);
        for (int i = 0; i < 2; ++i) {
            submit(*executor, [&] {
                waiting.add();
                inner.wait_for(1);
                outer.add();
                return StepResult::Done;
            });
        }
        waiting.wait_for(2);
        // Gives both the time to fall asleep; the outcome does not depend on it.
        executor->sleep_ns(2'000'000);
        submit(*executor, [&] {
            inner.add();
            return StepResult::Done;
        });
        outer.wait_for(2);
        EXPECT_EQ(inner.count(), 1u);
    }
}

TEST(Executor, DestructionDropsWhatIsUnfinished) {
    std::atomic<int> alive{0};
    std::atomic<int> steps{0};
    struct Endless final : Job {
        Endless(std::atomic<int>& living, std::atomic<int>& stepped)
            : alive(living), steps(stepped) {
            ++alive;
        }
        ~Endless() override { --alive; }
        StepResult step() override {
            ++steps;
            return StepResult::Again;
        }
        std::atomic<int>& alive;
        std::atomic<int>& steps;
    };
    {
        const auto executor = make_thread_executor(2);
        for (int i = 0; i < 5; ++i) executor->submit(std::make_unique<Endless>(alive, steps));
        while (steps.load() < 100) executor->sleep_ns(1000);
        EXPECT_EQ(alive.load(), 5);
    }
    EXPECT_EQ(alive.load(), 0);
}

TEST(Executor, ZeroThreadsMeansOne) {
    EXPECT_EQ(make_thread_executor(0)->parallelism(), 1u);
}

TEST(Executor, CountsProcessors) {
    EXPECT_GE(processor_count(), 1u);
}

TEST(ParallelFor, VisitsEveryIndexOnceWithWorkersApart) {
    const auto executor = make_thread_executor(3);
    for (const size_t workers : {size_t{0}, size_t{1}, size_t{4}, size_t{100}}) {
        constexpr size_t count = 2000;
        std::vector<std::atomic<int>> visits(count);
        std::vector<std::atomic<int>> busy(std::max<size_t>(workers, 1));
        const Status status =
            parallel_for(*executor, count, workers, [&](size_t worker, size_t index) {
                EXPECT_LT(worker, busy.size());
                EXPECT_EQ(busy[worker].fetch_add(1), 0);
                ++visits[index];
                busy[worker].fetch_sub(1);
                return Status();
            });
        EXPECT_TRUE(status.is_ok());
        for (const auto& count_of_index : visits) EXPECT_EQ(count_of_index.load(), 1);
    }
}

TEST(ParallelFor, UsesTheThreadsOfThePool) {
    const auto executor = make_thread_executor(2);
    Tally met(*executor);
    // Each body waits for the other two, so three of them must run at the same time.
    const Status status = parallel_for(*executor, 3, 3, [&](size_t, size_t) {
        met.add();
        met.wait_for(3);
        return Status();
    });
    EXPECT_TRUE(status.is_ok());
}

TEST(ParallelFor, ReturnsTheFailureOfTheLowestIndexAndStops) {
    const auto executor = make_thread_executor(3);
    std::atomic<size_t> started{0};
    const Status status = parallel_for(*executor, 100'000, 4, [&](size_t, size_t index) {
        ++started;
        if (index >= 10) return Status(ErrorCode::Invalid, std::to_string(index));
        return Status();
    });
    EXPECT_EQ(status.code(), ErrorCode::Invalid);
    EXPECT_EQ(status.message(), "10");
    EXPECT_LT(started.load(), 100u);
}

TEST(ParallelFor, NothingToDoIsFine) {
    const auto executor = make_thread_executor(1);
    EXPECT_TRUE(parallel_for(*executor, 0, 4, [](size_t, size_t) {
                    ADD_FAILURE();
                    return Status();
                }).is_ok());
}

TEST(ParallelFor, OutOfMemoryInABodyIsItsStatus) {
    const auto executor = make_thread_executor(2);
    const Status status =
        parallel_for(*executor, 100, 3, [](size_t, size_t) -> Status { throw std::bad_alloc(); });
    EXPECT_EQ(status.code(), ErrorCode::NoMemory);
}

TEST(ParallelFor, WorksInsideAJobOfThePool) {
    const auto executor = make_thread_executor(1);
    Tally done(*executor);
    std::atomic<int> visits{0};
    submit(*executor, [&] {
        EXPECT_TRUE(parallel_for(*executor, 50, 4, [&](size_t, size_t) {
                        ++visits;
                        return Status();
                    }).is_ok());
        done.add();
        return StepResult::Done;
    });
    done.wait_for(1);
    EXPECT_EQ(visits.load(), 50);
}

TEST(ParallelFor, ManyShortLoopsLeaveNothingBehind) {
    const auto executor = make_thread_executor(3);
    for (int round = 0; round < 2000; ++round) {
        std::atomic<int> sum{0};
        ASSERT_TRUE(parallel_for(*executor, 5, 4, [&](size_t, size_t index) {
                        sum += static_cast<int>(index);
                        return Status();
                    }).is_ok());
        ASSERT_EQ(sum.load(), 10);
    }
}

}  // namespace
}  // namespace kausal::io
