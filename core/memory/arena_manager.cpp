// The depot behind the manager and its task arenas; see arena_manager.h.
#include "memory/arena_manager.h"

#include "base/mutex.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace kausal::memory {
namespace detail {
namespace {

class ArenaResource final : public std::pmr::memory_resource {
  public:
    explicit ArenaResource(Arena& arena) noexcept : arena_(arena) {}

  private:
    void* do_allocate(size_t size, size_t alignment) override {
        return arena_.allocate(size, alignment);
    }
    void do_deallocate(void* /*data*/, size_t /*size*/, size_t /*alignment*/) override {}
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
    Arena& arena_;
};

}  // namespace

struct TaskSlot {
    TaskSlot(ArenaDepot& its_depot, std::unique_ptr<Arena> its_arena) noexcept
        : depot(its_depot), arena(std::move(its_arena)), resource(*arena) {}
    ArenaDepot& depot;
    std::unique_ptr<Arena> arena;
    ArenaResource resource;
    ArenaCounts before;        // what the arena had counted when the present task began
    TaskSlot* next = nullptr;  // while idle
};

/// What the manager and its task arenas share; lives until the last of them is gone. No lock is
/// held while an arena is made, reset or freed.
class ArenaDepot {
  public:
    explicit ArenaDepot(const ArenaManagerOptions& options) noexcept;
    ArenaDepot(const ArenaDepot&) = delete;
    ArenaDepot& operator=(const ArenaDepot&) = delete;
    ~ArenaDepot() = default;

    [[nodiscard]] Status check_options() noexcept;
    [[nodiscard]] TaskSlot* acquire(ArenaClass arena_class) noexcept;
    void give_back(TaskSlot* slot, ArenaClass arena_class) noexcept;
    void count_rejected(ArenaClass arena_class, bool is_foreign) noexcept;
    size_t trim(bool only_unused) noexcept;
    /// Later arenas are freed when they come back.
    void close() noexcept;
    void drop_reference() noexcept {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    [[nodiscard]] const MemorySource& tasks(ArenaClass arena_class) const noexcept {
        return classes_[static_cast<size_t>(arena_class)].tasks;
    }
    [[nodiscard]] const MemorySource& allocations(ArenaClass arena_class) const noexcept {
        return classes_[static_cast<size_t>(arena_class)].allocations;
    }

  private:
    class ClassBacking final : public BackingAllocator {
      public:
        ClassBacking(ArenaDepot& depot, size_t number) noexcept : depot_(depot), number_(number) {}
        void* allocate(size_t size, size_t alignment) noexcept override;
        void release(void* data, size_t size, size_t alignment) noexcept override;

      private:
        ArenaDepot& depot_;
        const size_t number_;
    };
    class Tasks final : public MemorySource {
      public:
        Tasks(const ArenaDepot& depot, size_t number) noexcept : depot_(depot), number_(number) {}
        [[nodiscard]] MemoryCounters counters() const override;

      private:
        const ArenaDepot& depot_;
        const size_t number_;
    };
    class Allocations final : public MemorySource {
      public:
        Allocations(const ArenaDepot& depot, size_t number) noexcept
            : depot_(depot), number_(number) {}
        [[nodiscard]] MemoryCounters counters() const override;

      private:
        const ArenaDepot& depot_;
        const size_t number_;
    };
    struct Class {
        Class(ArenaDepot& depot, size_t number) noexcept
            : backing(depot, number), tasks(depot, number), allocations(depot, number) {}
        ClassBacking backing;
        Tasks tasks;
        Allocations allocations;
        // Guarded by the mutex of the depot.
        TaskSlot* idle = nullptr;  // the one used last comes first
        size_t idle_count = 0;
        size_t idle_count_low = 0;  // since the last trim: so many at the end were not needed
        uint64_t bytes_idle = 0;
        uint64_t hits = 0;
        uint64_t created = 0;
        uint64_t releases = 0;
        uint64_t live_peak = 0;
        uint64_t bytes_reserved = 0;
        uint64_t bytes_reserved_peak = 0;
        uint64_t foreign_release_rejected = 0;
        uint64_t double_release_rejected = 0;
        ArenaCounts ended;  // of all tasks that have
    };
    [[nodiscard]] ArenaOptions arena_options(size_t number) noexcept;
    [[nodiscard]] TaskSlot* make_slot(size_t number) noexcept;
    static uint64_t free_all(TaskSlot* slots) noexcept;

    const ArenaManagerOptions options_;
    BackingAllocator& backing_;
    std::atomic<uint64_t> references_{1};
    mutable Mutex mutex_;
    std::array<Class, kArenaClassCount> classes_;
    bool is_closed_ KAUSAL_GUARDED_BY(mutex_) = false;
};

namespace {

constexpr std::array<std::string_view, kArenaClassCount> kTaskNames = {
    "task/primitive", "task/search", "task/request"};
constexpr std::array<std::string_view, kArenaClassCount> kAllocationNames = {
    "task/primitive/objects", "task/search/objects", "task/request/objects"};

}  // namespace

ArenaDepot::ArenaDepot(const ArenaManagerOptions& options) noexcept
    : options_(options),
      backing_(options.backing != nullptr ? *options.backing : system_backing()),
      classes_{Class(*this, 0), Class(*this, 1), Class(*this, 2)} {}

void* ArenaDepot::ClassBacking::allocate(size_t size, size_t alignment) noexcept {
    void* data = depot_.backing_.allocate(size, alignment);
    if (data == nullptr) return nullptr;
    const MutexLock lock(depot_.mutex_);
    Class& of_class = depot_.classes_[number_];
    of_class.bytes_reserved += size;
    of_class.bytes_reserved_peak = std::max(of_class.bytes_reserved_peak, of_class.bytes_reserved);
    return data;
}

void ArenaDepot::ClassBacking::release(void* data, size_t size, size_t alignment) noexcept {
    depot_.backing_.release(data, size, alignment);
    const MutexLock lock(depot_.mutex_);
    depot_.classes_[number_].bytes_reserved -= size;
}

MemoryCounters ArenaDepot::Tasks::counters() const {
    MemoryCounters counters;
    counters.name = kTaskNames[number_];
    counters.mode = depot_.options_.classes[number_].idle_max == 0 ? "malloc" : "pool";
    const MutexLock lock(depot_.mutex_);
    const Class& of_class = depot_.classes_[number_];
    counters.hits = of_class.hits;
    counters.backing_calls = of_class.created;
    counters.acquires = of_class.hits + of_class.created;
    counters.releases = of_class.releases;
    counters.live = counters.acquires - counters.releases;
    counters.live_peak = of_class.live_peak;
    counters.bytes_reserved = of_class.bytes_reserved;
    counters.bytes_reserved_peak = of_class.bytes_reserved_peak;
    counters.bytes_retained = of_class.bytes_idle;
    counters.resets = of_class.releases;
    counters.foreign_release_rejected = of_class.foreign_release_rejected;
    counters.double_release_rejected = of_class.double_release_rejected;
    return counters;
}

MemoryCounters ArenaDepot::Allocations::counters() const {
    ArenaCounts ended;
    {
        const MutexLock lock(depot_.mutex_);
        ended = depot_.classes_[number_].ended;
    }
    return counters_of(kAllocationNames[number_], "arena", ended);
}

ArenaOptions ArenaDepot::arena_options(size_t number) noexcept {
    const ArenaClassOptions& of_class = options_.classes[number];
    ArenaOptions options;
    options.name = kTaskNames[number];
    options.chunk_size_min = of_class.chunk_size_min;
    options.chunk_size_max = of_class.chunk_size_max;
    options.growth = of_class.growth;
    options.budget = options_.budget;
    options.backing = &classes_[number].backing;
    return options;
}

Status ArenaDepot::check_options() noexcept {
    for (size_t number = 0; number < kArenaClassCount; ++number) {
        KAUSAL_TRY(Arena::try_create(arena_options(number)));
    }
    return {};
}

TaskSlot* ArenaDepot::make_slot(size_t number) noexcept {
    Result<std::unique_ptr<Arena>> arena = Arena::try_create(arena_options(number));
    if (!arena.has_value()) return nullptr;
    return new (std::nothrow) TaskSlot(*this, *std::move(arena));
}

TaskSlot* ArenaDepot::acquire(ArenaClass arena_class) noexcept {
    const auto number = static_cast<size_t>(arena_class);
    Class& of_class = classes_[number];
    const auto count_live = [&of_class] {
        const uint64_t live = of_class.hits + of_class.created - of_class.releases;
        of_class.live_peak = std::max(of_class.live_peak, live);
    };
    TaskSlot* slot = nullptr;
    {
        const MutexLock lock(mutex_);
        if (of_class.idle != nullptr) {
            slot = std::exchange(of_class.idle, of_class.idle->next);
            --of_class.idle_count;
            of_class.idle_count_low = std::min(of_class.idle_count_low, of_class.idle_count);
            of_class.bytes_idle -= slot->arena->bytes_reserved();
            ++of_class.hits;
            count_live();
        }
    }
    if (slot == nullptr) {
        slot = make_slot(number);
        if (slot == nullptr) return nullptr;
        const MutexLock lock(mutex_);
        ++of_class.created;
        count_live();
    }
    references_.fetch_add(1, std::memory_order_relaxed);
    return slot;
}

void ArenaDepot::give_back(TaskSlot* slot, ArenaClass arena_class) noexcept {
    const auto number = static_cast<size_t>(arena_class);
    slot->arena->reset(options_.classes[number].keep_bytes);
    const ArenaCounts counts = slot->arena->counts();
    {
        const MutexLock lock(mutex_);
        Class& of_class = classes_[number];
        ++of_class.releases;
        ArenaCounts& ended = of_class.ended;
        ended.acquires += counts.acquires - slot->before.acquires;
        ended.backing_calls += counts.backing_calls - slot->before.backing_calls;
        ended.releases = ended.acquires;
        ended.live_peak = std::max(ended.live_peak, counts.live_peak);
        ended.resets += 1;
        ended.budget_denied += counts.budget_denied - slot->before.budget_denied;
        slot->before = counts;
        if (!is_closed_ && of_class.idle_count < options_.classes[number].idle_max) {
            slot->next = std::exchange(of_class.idle, slot);
            ++of_class.idle_count;
            of_class.bytes_idle += slot->arena->bytes_reserved();
            slot = nullptr;
        }
    }
    delete slot;
    drop_reference();
}

void ArenaDepot::count_rejected(ArenaClass arena_class, bool is_foreign) noexcept {
    const MutexLock lock(mutex_);
    Class& of_class = classes_[static_cast<size_t>(arena_class)];
    ++(is_foreign ? of_class.foreign_release_rejected : of_class.double_release_rejected);
}

uint64_t ArenaDepot::free_all(TaskSlot* slots) noexcept {
    uint64_t bytes = 0;
    while (slots != nullptr) {
        TaskSlot* slot = std::exchange(slots, slots->next);
        bytes += slot->arena->bytes_reserved();
        delete slot;
    }
    return bytes;
}

size_t ArenaDepot::trim(bool only_unused) noexcept {
    uint64_t bytes = 0;
    for (Class& of_class : classes_) {
        TaskSlot* taken = nullptr;
        {
            const MutexLock lock(mutex_);
            // Those that were not needed are at the end: an idle arena is taken from the front.
            const size_t stay =
                only_unused ? of_class.idle_count - of_class.idle_count_low : size_t{0};
            TaskSlot** link = &of_class.idle;
            for (size_t i = 0; i < stay; ++i) link = &(*link)->next;
            taken = std::exchange(*link, nullptr);
            for (const TaskSlot* slot = taken; slot != nullptr; slot = slot->next) {
                of_class.bytes_idle -= slot->arena->bytes_reserved();
            }
            of_class.idle_count = stay;
            of_class.idle_count_low = stay;
        }
        bytes += free_all(taken);
    }
    return bytes;
}

void ArenaDepot::close() noexcept {
    {
        const MutexLock lock(mutex_);
        is_closed_ = true;
    }
    (void)trim(false);
    drop_reference();
}

}  // namespace detail

TaskArena& TaskArena::operator=(TaskArena&& other) noexcept {
    if (this != &other) {
        if (slot_ != nullptr) slot_->depot.give_back(slot_, class_);
        slot_ = std::exchange(other.slot_, nullptr);
        class_ = other.class_;
    }
    return *this;
}

TaskArena::~TaskArena() {
    if (slot_ != nullptr) slot_->depot.give_back(slot_, class_);
}

Arena& TaskArena::operator*() const noexcept {
    return *slot_->arena;
}

Arena* TaskArena::operator->() const noexcept {
    return slot_->arena.get();
}

std::pmr::memory_resource* TaskArena::resource() const noexcept {
    return &slot_->resource;
}

Result<std::unique_ptr<ArenaManager>> ArenaManager::try_create(const ArenaManagerOptions& options) {
    auto* depot = new (std::nothrow) detail::ArenaDepot(options);
    if (depot == nullptr) return fail(Status(ErrorCode::NoMemory));
    std::unique_ptr<ArenaManager> manager(new (std::nothrow) ArenaManager(depot));
    if (manager == nullptr) {
        depot->drop_reference();
        return fail(Status(ErrorCode::NoMemory));
    }
    KAUSAL_TRY(depot->check_options());
    return manager;
}

ArenaManager::~ArenaManager() {
    depot_->close();
}

Result<TaskArena> ArenaManager::acquire(ArenaClass arena_class) {
    if (static_cast<size_t>(arena_class) >= kArenaClassCount) {
        return fail(ErrorCode::Invalid, "task arena: no such class");
    }
    detail::TaskSlot* slot = depot_->acquire(arena_class);
    if (slot == nullptr) return fail(Status(ErrorCode::NoMemory));
    return TaskArena(slot, arena_class);
}

Status ArenaManager::release(TaskArena& arena) {
    if (arena.slot_ == nullptr || &arena.slot_->depot != depot_) {
        const bool is_foreign = arena.slot_ != nullptr;
        depot_->count_rejected(arena.class_, is_foreign);
        return {ErrorCode::Invalid, is_foreign ? "task arena: belongs to another manager"
                                               : "task arena: given back already"};
    }
    depot_->give_back(std::exchange(arena.slot_, nullptr), arena.class_);
    return {};
}

size_t ArenaManager::trim() noexcept {
    return depot_->trim(true);
}

size_t ArenaManager::trim_all() noexcept {
    return depot_->trim(false);
}

const MemorySource& ArenaManager::tasks(ArenaClass arena_class) const noexcept {
    return depot_->tasks(arena_class);
}

const MemorySource& ArenaManager::allocations(ArenaClass arena_class) const noexcept {
    return depot_->allocations(arena_class);
}

}  // namespace kausal::memory
