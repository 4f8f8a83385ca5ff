// The file under construction: sequential bytes, hashed as they pass. Private to the room.
//
// Keeps one checksum per chunk of the data part and the hash of the whole file. Failures stick: the
// first one is kept, later bytes are dropped, so that callers check at the end of a piece of work.
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "format/database_uuid.h"
#include "io/vfs.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace kausal::segment {

/// Threads: confined.
class SegmentOutput {
  public:
    SegmentOutput(std::unique_ptr<io::File> file, const format::DatabaseUuid& uuid,
                  uint64_t file_id);
    ~SegmentOutput();
    SegmentOutput(const SegmentOutput&) = delete;
    SegmentOutput& operator=(const SegmentOutput&) = delete;

    void append(ByteView bytes) {
        if (bytes.empty()) return;
        if (bytes.size() <= capacity_ - used_) [[likely]] {
            std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
            used_ += bytes.size();
            return;
        }
        append_slow(bytes);
    }
    template <typename T>
    void append_value(const T& value) {
        append(std::as_bytes(std::span<const T>(&value, 1)));
    }
    template <typename T>
    void append_values(std::span<const T> values) {
        append(std::as_bytes(values));
    }
    /// Zero bytes up to a multiple of `alignment`.
    void align(size_t alignment);
    [[nodiscard]] uint64_t offset() const noexcept { return flushed_ + used_; }

    /// Ends the chunk grid here; what follows is not in a chunk.
    void end_data();
    [[nodiscard]] const std::vector<uint64_t>& chunk_hashes() const noexcept { return hashes_; }

    [[nodiscard]] const Status& status() const noexcept { return status_; }
    /// Writes the rest, syncs, closes; returns the hash of the file.
    [[nodiscard]] Result<Hash128> finish();

  private:
    struct FileHash;
    void append_slow(ByteView bytes);
    void flush();

    std::unique_ptr<io::File> file_;
    format::DatabaseUuid uuid_;
    uint64_t file_id_;
    std::unique_ptr<std::byte[]> buffer_;
    size_t capacity_;
    size_t used_ = 0;
    uint64_t flushed_ = 0;  // a multiple of the chunk size as long as data is written
    bool in_data_ = true;
    std::vector<uint64_t> hashes_;
    std::unique_ptr<FileHash> file_hash_;
    Status status_;
};

}  // namespace kausal::segment
