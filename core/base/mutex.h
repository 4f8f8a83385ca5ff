// Mutex and condition variable with clang's thread-safety annotations.
//
// Fields guarded by a Mutex carry KAUSAL_GUARDED_BY, functions that need it held KAUSAL_REQUIRES;
// clang checks both at compile time, other compilers ignore them. Starting threads is not done here
// but in io/executor.h.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define KAUSAL_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define KAUSAL_THREAD_ANNOTATION(x)
#endif
#define KAUSAL_GUARDED_BY(x) KAUSAL_THREAD_ANNOTATION(guarded_by(x))
#define KAUSAL_REQUIRES(...) KAUSAL_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define KAUSAL_EXCLUDES(...) KAUSAL_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define KAUSAL_NO_THREAD_SAFETY_ANALYSIS KAUSAL_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace kausal {

class KAUSAL_THREAD_ANNOTATION(capability("mutex")) Mutex {
  public:
    void lock() KAUSAL_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
    void unlock() KAUSAL_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
    [[nodiscard]] bool try_lock() KAUSAL_THREAD_ANNOTATION(try_acquire_capability(true)) {
        return mutex_.try_lock();
    }

  private:
    friend class CondVar;
    std::mutex mutex_;
};

/// Holds a Mutex for a scope.
class KAUSAL_THREAD_ANNOTATION(scoped_lockable) MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) KAUSAL_THREAD_ANNOTATION(acquire_capability(mutex))
        : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() KAUSAL_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

  private:
    Mutex& mutex_;
};

class CondVar {
  public:
    /// Releases `mutex`, waits for a notification (or wakes spuriously), takes it again.
    void wait(Mutex& mutex) KAUSAL_REQUIRES(mutex) {
        std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
        condition_.wait(lock);
        (void)lock.release();
    }
    void notify_one() noexcept { condition_.notify_one(); }
    void notify_all() noexcept { condition_.notify_all(); }

  private:
    std::condition_variable condition_;
};

}  // namespace kausal
