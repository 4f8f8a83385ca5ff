// A backing allocator for tests: counts, remembers what is out, and can be told to fail.
#pragma once

#include "memory/backing.h"

#include <cstdint>
#include <map>
#include <mutex>

namespace kausal::memory {

/// Passes calls on to the system until it is told to fail. Threads: shared.
class CountingBacking final : public BackingAllocator {
  public:
    void* allocate(size_t size, size_t alignment) noexcept override {
        const std::lock_guard lock(mutex_);
        if (calls_until_failure_ == 0) {
            ++failures_;
            if (fails_once_) calls_until_failure_ = UINT64_MAX;
            return nullptr;
        }
        if (calls_until_failure_ != UINT64_MAX) --calls_until_failure_;
        void* data = system_backing().allocate(size, alignment);
        if (data != nullptr) {
            ++calls_;
            out_[data] = {size, alignment};
            bytes_ += size;
        }
        return data;
    }
    void release(void* data, size_t size, size_t alignment) noexcept override {
        const std::lock_guard lock(mutex_);
        if (data == nullptr) return;
        const auto found = out_.find(data);
        if (found == out_.end() || found->second.size != size ||
            found->second.alignment != alignment) {
            ++mismatches_;
            return;
        }
        out_.erase(found);
        bytes_ -= size;
        system_backing().release(data, size, alignment);
    }

    /// Lets `calls` more calls succeed, then fails all (or only the next one).
    void fail_after(uint64_t calls, bool only_once = false) {
        const std::lock_guard lock(mutex_);
        calls_until_failure_ = calls;
        fails_once_ = only_once;
    }
    void never_fail() { fail_after(UINT64_MAX); }
    [[nodiscard]] uint64_t calls() const { return locked(calls_); }
    [[nodiscard]] uint64_t failures() const { return locked(failures_); }
    [[nodiscard]] uint64_t bytes() const { return locked(bytes_); }
    [[nodiscard]] uint64_t mismatches() const { return locked(mismatches_); }
    [[nodiscard]] size_t outstanding() const {
        const std::lock_guard lock(mutex_);
        return out_.size();
    }

  private:
    struct Shape {
        size_t size;
        size_t alignment;
    };
    uint64_t locked(const uint64_t& value) const {
        const std::lock_guard lock(mutex_);
        return value;
    }
    mutable std::mutex mutex_;
    std::map<void*, Shape> out_;
    uint64_t calls_until_failure_ = UINT64_MAX;
    bool fails_once_ = false;
    uint64_t calls_ = 0;
    uint64_t failures_ = 0;
    uint64_t bytes_ = 0;
    uint64_t mismatches_ = 0;
};

}  // namespace kausal::memory
