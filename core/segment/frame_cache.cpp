// Sharded least-recently-used cache of frames, and the pool of decompression contexts.
//
// Each shard is a hash map into a list in order of use. Decompression happens outside all locks;
// two readers that miss the same frame at once both decompress it, and the first to arrive keeps
// it.
#include "segment/frame_cache.h"

#include "base/hash.h"
#include "base/mutex.h"

#include <zstd.h>

#include <list>
#include <unordered_map>
#include <vector>

namespace kausal::segment {
namespace {

struct FrameKey {
    uint64_t file_id = 0;
    uint32_t frame = 0;
    friend bool operator==(const FrameKey&, const FrameKey&) = default;
};
struct FrameKeyHash {
    size_t operator()(const FrameKey& key) const noexcept {
        return static_cast<size_t>(hash_mix(key.file_id, key.frame));
    }
};
struct CachedFrame {
    FrameKey key;
    FrameRef frame;
};

// What an entry costs beside its bytes, so that many tiny frames are counted too.
constexpr size_t kEntryOverhead = 160;

struct ContextDeleter {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, ContextDeleter>;

}  // namespace

struct alignas(64) FrameCache::Shard {
    Mutex mutex;
    std::list<CachedFrame> frames KAUSAL_GUARDED_BY(mutex);  // most recently used first
    std::unordered_map<FrameKey, std::list<CachedFrame>::iterator, FrameKeyHash> index
        KAUSAL_GUARDED_BY(mutex);
    size_t bytes KAUSAL_GUARDED_BY(mutex) = 0;
    uint64_t hits KAUSAL_GUARDED_BY(mutex) = 0;
    uint64_t misses KAUSAL_GUARDED_BY(mutex) = 0;

    void erase(std::list<CachedFrame>::iterator at) KAUSAL_REQUIRES(mutex) {
        bytes -= at->frame->size + kEntryOverhead;
        index.erase(at->key);
        frames.erase(at);
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

FrameRef FrameCache::find(uint64_t file_id, uint32_t frame) {
    Shard& shard = shard_of(file_id, frame);
    MutexLock lock(shard.mutex);
    const auto found = shard.index.find(FrameKey{file_id, frame});
    if (found == shard.index.end()) {
        ++shard.misses;
        return nullptr;
    }
    ++shard.hits;
    if (found->second != shard.frames.begin()) {
        shard.frames.splice(shard.frames.begin(), shard.frames, found->second);
    }
    return found->second->frame;
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
    const FrameKey key{file_id, frame};
    const auto [known, is_new] = shard.index.try_emplace(key);
    if (!is_new) return known->second->frame;
    shard.frames.push_front({key, loaded});
    known->second = shard.frames.begin();
    shard.bytes += cost;
    while (shard.bytes > shard_capacity_bytes_) shard.erase(std::prev(shard.frames.end()));
    return loaded;
}

void FrameCache::erase_file(uint64_t file_id) {
    for (size_t i = 0; i < kShardCount; ++i) {
        Shard& shard = shards_[i];
        MutexLock lock(shard.mutex);
        for (auto at = shard.frames.begin(); at != shard.frames.end();) {
            const auto next = std::next(at);
            if (at->key.file_id == file_id) shard.erase(at);
            at = next;
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
