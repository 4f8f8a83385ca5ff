// The list of sources behind the registry, and the invariants of their counters.
#include "memory/counters.h"

#include "base/assert.h"

namespace kausal::memory {

bool is_consistent(const MemoryCounters& counters) noexcept {
    return counters.acquires >= counters.releases &&
           counters.acquires - counters.releases == counters.live &&
           counters.hits + counters.backing_calls == counters.acquires &&
           counters.live <= counters.live_peak &&
           counters.bytes_reserved <= counters.bytes_reserved_peak &&
           counters.bytes_retained <= counters.bytes_reserved;
}

uint64_t tracked_bytes(std::span<const MemoryCounters> counters) noexcept {
    uint64_t sum = 0;
    for (const MemoryCounters& one : counters) sum += one.bytes_reserved;
    return sum;
}

MemoryRegistry::~MemoryRegistry() {
    (void)KAUSAL_ASSERT(source_count() == 0);
}

std::vector<MemoryCounters> MemoryRegistry::snapshot() const {
    std::vector<MemoryCounters> all;
    const MutexLock lock(mutex_);
    all.reserve(count_);
    for (const RegistryEntry* entry = first_; entry != nullptr; entry = entry->next_) {
        all.push_back(entry->source_.counters());
    }
    return all;
}

size_t MemoryRegistry::source_count() const {
    const MutexLock lock(mutex_);
    return count_;
}

RegistryEntry::RegistryEntry(MemoryRegistry& registry, const MemorySource& source)
    : registry_(registry), source_(source) {
    const MutexLock lock(registry_.mutex_);
    previous_ = registry_.last_;
    (previous_ != nullptr ? previous_->next_ : registry_.first_) = this;
    registry_.last_ = this;
    ++registry_.count_;
}

RegistryEntry::~RegistryEntry() {
    const MutexLock lock(registry_.mutex_);
    (previous_ != nullptr ? previous_->next_ : registry_.first_) = next_;
    (next_ != nullptr ? next_->previous_ : registry_.last_) = previous_;
    --registry_.count_;
}

}  // namespace kausal::memory
