// Sharded cache of frames with a clock for replacement, and the pool of decompression contexts.
//
// Each shard is one flat table, so that a hit touches a slot and the frame and nothing else; a hand
// runs over the table and evicts what has not been used since it last came by, which keeps what a
// list in order of use would keep without moving anything on a hit. Decompression happens outside
// all locks; two readers that miss the same frame at once both decompress it, and the first to
// arrive keeps it.
#include "segment/frame_cache.h"

#include "base/hash.h"
#include "base/mutex.h"

#include <zstd.h>

#include <algorithm>
#include <vector>

namespace kausal::segment {
namespace {

struct Slot {
    uint64_t file_id = 0;
    uint32_t frame = 0;
    bool is_used = false;        // since the hand last came by
    const char* data = nullptr;  // of `bytes`, so that they can be fetched before the frame is
    FrameRef bytes;              // null: free
};

// What an entry costs beside its bytes, so that many tiny frames are counted too.
constexpr size_t kEntryOverhead = 160;

struct ContextDeleter {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, ContextDeleter>;

}  // namespace

// Linear probing; an entry that goes pulls later ones of its run back, so there are no gaps to
// skip.
struct alignas(64) FrameCache::Shard {
    Mutex mutex;
    std::vector<Slot> slots KAUSAL_GUARDED_BY(mutex);  // a power of two, at most half full
    size_t count KAUSAL_GUARDED_BY(mutex) = 0;
    size_t hand KAUSAL_GUARDED_BY(mutex) = 0;
    size_t bytes KAUSAL_GUARDED_BY(mutex) = 0;
    uint64_t hits KAUSAL_GUARDED_BY(mutex) = 0;
    uint64_t misses KAUSAL_GUARDED_BY(mutex) = 0;

    [[nodiscard]] size_t home_of(uint64_t file_id, uint32_t frame) const KAUSAL_REQUIRES(mutex) {
        return static_cast<size_t>(hash_mix(file_id, frame)) & (slots.size() - 1);
    }
    /// The entry, or the free slot where it would go. The table must not be empty.
    [[nodiscard]] Slot& slot_of(uint64_t file_id, uint32_t frame) KAUSAL_REQUIRES(mutex) {
        size_t at = home_of(file_id, frame);
        while (slots[at].bytes && (slots[at].file_id != file_id || slots[at].frame != frame)) {
            at = (at + 1) & (slots.size() - 1);
        }
        return slots[at];
    }
    void insert(uint64_t file_id, uint32_t frame, FrameRef fresh) KAUSAL_REQUIRES(mutex) {
        if ((count + 1) * 2 > slots.size()) grow();
        bytes += fresh->size + kEntryOverhead;
        ++count;
        const char* data = fresh->bytes.get();
        slot_of(file_id, frame) = {file_id, frame, true, data, std::move(fresh)};
    }
    void erase(size_t at) KAUSAL_REQUIRES(mutex) {
        bytes -= slots[at].bytes->size + kEntryOverhead;
        --count;
        const size_t mask = slots.size() - 1;
        for (size_t next = (at + 1) & mask; slots[next].bytes; next = (next + 1) & mask) {
            const size_t home = home_of(slots[next].file_id, slots[next].frame);
            // Stays where it is when its home lies behind the hole.
            if (((next - home) & mask) < ((next - at) & mask)) continue;
            slots[at] = std::move(slots[next]);
            at = next;
        }
        slots[at] = {};
    }
    /// Evicts until the shard fits. The hand clears every mark within one round, so it ends.
    void shrink_to(size_t capacity) KAUSAL_REQUIRES(mutex) {
        while (bytes > capacity) {
            hand = (hand + 1) & (slots.size() - 1);
            Slot& slot = slots[hand];
            if (!slot.bytes) continue;
            if (slot.is_used) {
                slot.is_used = false;
                continue;
            }
            erase(hand);
            // What moved into the hole has not been looked at.
            hand = (hand - 1) & (slots.size() - 1);
        }
    }
    void grow() KAUSAL_REQUIRES(mutex) {
        std::vector<Slot> before(std::max<size_t>(slots.size() * 2, 64));
        before.swap(slots);
        for (Slot& slot : before) {
            if (slot.bytes) slot_of(slot.file_id, slot.frame) = std::move(slot);
        }
    }
};

struct FrameCache::Contexts {
    Mutex mutex;
    std::vector<Context> free KAUSAL_GUARDED_BY(mutex);

    [[nodiscard]] Context take() {
        {
            MutexLock lock(mutex);
            if (!free.empty()) {
                Context context = std::move(free.back());
                free.pop_back();
                return context;
            }
        }
        return Context(ZSTD_createDCtx());
    }
    void give_back(Context context) {
        MutexLock lock(mutex);
        free.push_back(std::move(context));
    }
};

FrameCache::FrameCache(size_t capacity_bytes)
    : shards_(std::make_unique<Shard[]>(kShardCount)),
      contexts_(std::make_unique<Contexts>()),
      shard_capacity_bytes_(capacity_bytes / kShardCount) {}

FrameCache::~FrameCache() = default;

FrameCache::Shard& FrameCache::shard_of(uint64_t file_id, uint32_t frame) const noexcept {
    return shards_[(hash_mix(file_id, frame) >> 32) % kShardCount];
}

FrameRef FrameCache::find(uint64_t file_id, uint32_t frame, size_t offset) {
    Shard& shard = shard_of(file_id, frame);
    MutexLock lock(shard.mutex);
    Slot* slot = shard.slots.empty() ? nullptr : &shard.slot_of(file_id, frame);
    if (slot == nullptr || !slot->bytes) {
        ++shard.misses;
        return nullptr;
    }
    ++shard.hits;
    slot->is_used = true;
    __builtin_prefetch(slot->data + offset);
    return slot->bytes;
}

Result<FrameRef> FrameCache::load(uint64_t file_id, uint32_t frame, std::string_view stored,
                                  size_t raw_size, bool keep) {
    Context context = contexts_->take();
    if (!context) return fail(ErrorCode::NoMemory, "decompression context");
    auto loaded = std::make_shared<Frame>();
    loaded->bytes = std::make_unique_for_overwrite<char[]>(raw_size);
    loaded->size = raw_size;
    const size_t size = ZSTD_decompressDCtx(context.get(), loaded->bytes.get(), raw_size,
                                            stored.data(), stored.size());
    contexts_->give_back(std::move(context));
    if (ZSTD_isError(size) != 0 || size != raw_size) {
        return fail(ErrorCode::Corrupt, "frame " + std::to_string(frame) + " does not decompress");
    }
    const size_t cost = raw_size + kEntryOverhead;
    if (!keep || cost > shard_capacity_bytes_) return loaded;
    Shard& shard = shard_of(file_id, frame);
    MutexLock lock(shard.mutex);
    if (!shard.slots.empty()) {
        const FrameRef& known = shard.slot_of(file_id, frame).bytes;
        if (known) return known;
    }
    shard.insert(file_id, frame, loaded);
    shard.shrink_to(shard_capacity_bytes_);
    return loaded;
}

void FrameCache::erase_file(uint64_t file_id) {
    for (size_t i = 0; i < kShardCount; ++i) {
        Shard& shard = shards_[i];
        MutexLock lock(shard.mutex);
        for (size_t at = 0; at < shard.slots.size();) {
            const Slot& slot = shard.slots[at];
            if (slot.bytes && slot.file_id == file_id) {
                shard.erase(at);  // what moved here is looked at next
            } else {
                ++at;
            }
        }
    }
}

FrameCacheStats FrameCache::stats() const {
    FrameCacheStats stats;
    for (size_t i = 0; i < kShardCount; ++i) {
        Shard& shard = shards_[i];
        MutexLock lock(shard.mutex);
        stats.bytes += shard.bytes;
        stats.hits += shard.hits;
        stats.misses += shard.misses;
    }
    return stats;
}

}  // namespace kausal::segment
