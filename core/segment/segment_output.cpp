// Buffering, chunk checksums and the whole-file hash of a segment under construction.
#include "segment/segment_output.h"

#include "segment/segment_layout.h"

#include <xxhash.h>

#include <algorithm>

namespace kausal::segment {
namespace {

constexpr size_t kBufferSize = 16 * kChunkSize;

}  // namespace

struct SegmentOutput::FileHash {
    FileHash() : state(XXH3_createState()) { XXH3_128bits_reset(state); }
    ~FileHash() { XXH3_freeState(state); }
    FileHash(const FileHash&) = delete;
    FileHash& operator=(const FileHash&) = delete;
    XXH3_state_t* state;
};

SegmentOutput::SegmentOutput(std::unique_ptr<io::File> file, const format::DatabaseUuid& uuid,
                             uint64_t file_id)
    : file_(std::move(file)),
      uuid_(uuid),
      file_id_(file_id),
      buffer_(std::make_unique<std::byte[]>(kBufferSize)),
      capacity_(kBufferSize),
      file_hash_(std::make_unique<FileHash>()) {}

SegmentOutput::~SegmentOutput() = default;

void SegmentOutput::append_slow(ByteView bytes) {
    while (!bytes.empty()) {
        if (used_ == capacity_) flush();
        const size_t size = std::min(bytes.size(), capacity_ - used_);
        std::memcpy(buffer_.get() + used_, bytes.data(), size);
        used_ += size;
        bytes = bytes.subspan(size);
    }
}

void SegmentOutput::align(size_t alignment) {
    static constexpr std::byte kZeros[kSectionAlignment] = {};
    const size_t past = static_cast<size_t>(offset() % alignment);
    if (past != 0) append(ByteView(kZeros, alignment - past));
}

// Inside the data part the buffer is flushed only when full, or for good by end_data, so that
// chunks never straddle two flushes.
void SegmentOutput::flush() {
    const ByteView bytes(buffer_.get(), used_);
    if (in_data_) {
        for (size_t at = 0; at < used_; at += kChunkSize) {
            const ByteView chunk = bytes.subspan(at, std::min(kChunkSize, used_ - at));
            hashes_.push_back(hash64(chunk, checksum_seed(uuid_, file_id_, flushed_ + at)));
        }
    }
    XXH3_128bits_update(file_hash_->state, bytes.data(), bytes.size());
    if (status_.is_ok()) status_ = file_->write_at(flushed_, bytes);
    flushed_ += used_;
    used_ = 0;
}

void SegmentOutput::end_data() {
    flush();
    in_data_ = false;
}

Result<Hash128> SegmentOutput::finish() {
    flush();
    KAUSAL_TRY(Status(status_));
    KAUSAL_TRY(file_->sync(io::SyncMode::Full));
    KAUSAL_TRY(file_->close());
    const XXH128_hash_t hash = XXH3_128bits_digest(file_hash_->state);
    return Hash128{hash.low64, hash.high64};
}

}  // namespace kausal::segment
