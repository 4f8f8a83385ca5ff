// Chunk handling of the arena; the fast path is in the header.
#include "memory/arena.h"

#include <algorithm>
#include <cstring>

namespace kausal::memory {
namespace {

constexpr size_t kChunkSizeLimit = size_t{PTRDIFF_MAX} - kArenaAlignmentMax;

}  // namespace

Arena::~Arena() {
    for (const Chunk& chunk : chunks_) {
        ::operator delete(chunk.data, std::align_val_t{kArenaAlignmentMax});
    }
}

void Arena::add_chunk(size_t size) {
    // The entry comes first, so that a chunk cannot leak when the list cannot grow. When the chunk
    // itself fails, the empty entry is harmless.
    chunks_.push_back({nullptr, 0});
    // The library rounds a size up to the alignment and may wrap; no system has as much as this.
    size = std::min(size, kChunkSizeLimit);
    chunks_.back().data =
        static_cast<std::byte*>(::operator new(size, std::align_val_t{kArenaAlignmentMax}));
    chunks_.back().size = size;
    bytes_reserved_ += size;
}

void* Arena::allocate_slow(size_t size, size_t alignment) {
    if (size > kArenaChunkSizeMax / 4) {
        // An oversize object gets its own chunk; the current one stays open for small objects.
        add_chunk(size);
        bytes_requested_ += size;
        return chunks_.back().data;
    }
    add_chunk(std::max(next_chunk_size_, size + alignment));
    next_chunk_size_ = std::min(next_chunk_size_ * 2, kArenaChunkSizeMax);
    at_ = chunks_.back().data;
    end_ = at_ + chunks_.back().size;
    return allocate(size, alignment);
}

ByteView Arena::copy_bytes(ByteView bytes) {
    if (bytes.empty()) return {};
    auto* to = static_cast<std::byte*>(allocate(bytes.size(), 1));
    std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
}

void Arena::reset(size_t keep_bytes) noexcept {
    // Chunks are kept from the newest back, because the newest are the largest regular ones.
    size_t kept_bytes = 0;
    auto keep = [&](const Chunk& chunk) {
        if (chunk.size > kArenaChunkSizeMax || kept_bytes + chunk.size > keep_bytes) return false;
        kept_bytes += chunk.size;
        return true;
    };
    Chunk open{nullptr, 0};
    for (size_t i = chunks_.size(); i > 0; --i) {
        const Chunk chunk = chunks_[i - 1];
        if (open.data == nullptr && keep(chunk)) {
            open = chunk;
        } else {
            ::operator delete(chunk.data, std::align_val_t{kArenaAlignmentMax});
        }
    }
    chunks_.clear();
    if (open.data != nullptr) chunks_.push_back(open);
    at_ = open.data;
    end_ = open.data == nullptr ? nullptr : open.data + open.size;
    bytes_reserved_ = kept_bytes;
    bytes_requested_ = 0;
    next_chunk_size_ = kArenaChunkSizeMin;
    ++generation_;
}

}  // namespace kausal::memory
