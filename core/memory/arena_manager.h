// Arenas for one task each (a query, a compaction, a request, a parsed file), kept warm in between.
//
// A task takes an arena of its class, uses it alone, and gives it back by letting go of it. The
// manager resets it, which keeps a bounded amount of its memory, and hands it to the next task. It
// has no thread and no clock: the owner calls `trim` now and then, which frees what no task has
// needed since the call before.
#pragma once

#include "base/status.h"
#include "memory/arena.h"
#include "memory/counters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <utility>

namespace kausal::memory {

/// What a task does with its arena. Primitive: few small objects (a point read, a parsed file);
/// Search: lists of rows and scores; Request: what a message is decoded to and encoded from.
enum class ArenaClass : uint8_t { Primitive, Search, Request };
inline constexpr size_t kArenaClassCount = 3;

/// Sizes in bytes.
struct ArenaClassOptions {
    size_t chunk_size_min = kArenaChunkSizeMin;
    size_t chunk_size_max = kArenaChunkSizeMax;
    size_t growth = 2;
    size_t keep_bytes = kArenaChunkSizeMax;  // of each idle arena, at most
    size_t idle_max = 8;                     // arenas; further ones are freed when they come back
};

struct ArenaManagerOptions {
    std::array<ArenaClassOptions, kArenaClassCount> classes = {{
        {.chunk_size_min = kArenaChunkSizeMin, .keep_bytes = kArenaChunkSizeMin * 2},
        {.chunk_size_min = kArenaChunkSizeMin * 4, .keep_bytes = kArenaChunkSizeMax * 2},
        {.chunk_size_min = kArenaChunkSizeMin, .keep_bytes = kArenaChunkSizeMax},
    }};
    Budget* budget = nullptr;             // outlives the manager and every task arena
    BackingAllocator* backing = nullptr;  // the same; null: that of the process
};

namespace detail {
class ArenaDepot;
struct TaskSlot;
}  // namespace detail

/// The arena of one task. Moves only; the end of its life gives the arena back, on whichever thread
/// that is, and also after the manager itself is gone. Empty after a move. Threads: confined.
class TaskArena {
  public:
    TaskArena() noexcept = default;
    TaskArena(TaskArena&& other) noexcept
        : slot_(std::exchange(other.slot_, nullptr)), class_(other.class_) {}
    TaskArena& operator=(TaskArena&& other) noexcept;
    TaskArena(const TaskArena&) = delete;
    TaskArena& operator=(const TaskArena&) = delete;
    ~TaskArena();

    explicit operator bool() const noexcept { return slot_ != nullptr; }
    /// Not when empty.
    [[nodiscard]] Arena& operator*() const noexcept;
    [[nodiscard]] Arena* operator->() const noexcept;
    /// For containers that die with the task: their memory comes from the arena and is not reused
    /// before the reset. Not for members that live longer. Not when empty.
    [[nodiscard]] std::pmr::memory_resource* resource() const noexcept;

  private:
    friend class ArenaManager;
    TaskArena(detail::TaskSlot* slot, ArenaClass arena_class) noexcept
        : slot_(slot), class_(arena_class) {}
    detail::TaskSlot* slot_ = nullptr;
    ArenaClass class_ = ArenaClass::Primitive;  // also after it was given back, to count mistakes
};

/// Threads: shared.
class ArenaManager {
  public:
    /// Errors: NoMemory; Invalid (options outside their range, see ArenaOptions).
    [[nodiscard]] static Result<std::unique_ptr<ArenaManager>> try_create(
        const ArenaManagerOptions& options = {});
    ~ArenaManager();
    ArenaManager(const ArenaManager&) = delete;
    ArenaManager& operator=(const ArenaManager&) = delete;
    ArenaManager(ArenaManager&&) = delete;
    ArenaManager& operator=(ArenaManager&&) = delete;

    /// An arena that no other task has, the one used last of those that are idle. Errors: NoMemory;
    /// Invalid (no such class).
    [[nodiscard]] Result<TaskArena> acquire(ArenaClass arena_class);
    /// The same as letting go of it, but tells of mistakes and counts them. Errors: Invalid when it
    /// is empty (given back before) or another manager's; it is then left as it is.
    [[nodiscard]] Status release(TaskArena& arena);
    /// Frees idle arenas that no task has needed since the last call; returns their bytes.
    size_t trim() noexcept;
    /// Frees all idle arenas; returns their bytes.
    size_t trim_all() noexcept;

    /// Arenas handed out: an acquire is a task's, a hit was served by an idle arena, a backing call
    /// made a new one. Bytes are those of the arenas' chunks; bytes_requested is 0, because what a
    /// task asks for is known when it has ended: see `allocations`.
    [[nodiscard]] const MemorySource& tasks(ArenaClass arena_class) const noexcept;
    /// Allocations within the arenas of tasks that have ended; a backing call is one for a chunk.
    /// Bytes are not told twice: they are 0 here.
    [[nodiscard]] const MemorySource& allocations(ArenaClass arena_class) const noexcept;

  private:
    explicit ArenaManager(detail::ArenaDepot* depot) noexcept : depot_(depot) {}
    detail::ArenaDepot* const depot_;
};

}  // namespace kausal::memory
