// The framing of a record in a log: the write-ahead log and the manifest share it.
//
// Mirrors docs/format/wal.md section 2. A record starts at a multiple of 8 and is a 24-byte header,
// the payload, and zeros up to the next multiple of 8. Both checksums are seeded with (database,
// file, offset), so that a record is readable only where it was written: stale, moved and foreign
// bytes fail like noise. Alignment plus the header's own checksum let a scanner find later records
// behind a damaged one, which is what recovery needs to tell a torn tail from corruption.
#pragma once

#include "base/bytes.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "format/database_uuid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kausal::format {

inline constexpr size_t kRecordHeaderSize = 24;
inline constexpr size_t kRecordAlignment = 8;
/// Bytes of payload; a larger one is refused by writers and unreadable for readers.
inline constexpr uint32_t kRecordPayloadSizeMax = uint32_t{1} << 30;

/// A reader that does not know the type may skip the record. Without it, it must refuse the file.
inline constexpr uint8_t kRecordIgnorable = 1;
inline constexpr uint8_t kRecordFlagsKnown = kRecordIgnorable;

/// Persistent numbers. Part of the seed, so that a log and a manifest of one number do not mix.
enum class RecordFile : uint8_t { Log = 1, Manifest = 2 };

struct RecordHeader {
    uint32_t payload_crc = 0;
    uint32_t payload_size = 0;
    uint8_t type = 0;  // 0 is invalid: zeroed space is never a record
    uint8_t flags = 0;
    uint64_t seq = 0;
};

[[nodiscard]] constexpr uint64_t record_padded(uint64_t payload_size) noexcept {
    return (payload_size + kRecordAlignment - 1) & ~uint64_t{kRecordAlignment - 1};
}
/// Bytes that a record with so much payload takes in the file.
[[nodiscard]] constexpr uint64_t record_size(uint64_t payload_size) noexcept {
    return kRecordHeaderSize + record_padded(payload_size);
}

/// Encodes and checks the records of one file. Threads: a value, immutable.
class RecordCodec {
  public:
    RecordCodec(const DatabaseUuid& database, RecordFile file, uint64_t file_id) noexcept {
        std::byte place[kDatabaseUuidSize + sizeof(file_id) + 1];
        database.store(place);
        store_fixed(place + kDatabaseUuidSize, file_id);
        store_fixed(place + kDatabaseUuidSize + sizeof(file_id), static_cast<uint8_t>(file));
        file_seed_ = crc32c(place);
    }

    /// Appends the record that will be written at `offset` (a multiple of 8); `header` gives type,
    /// flags and seq.
    void append(std::string& out, uint64_t offset, const RecordHeader& header,
                std::string_view payload) const {
        static constexpr char kZeros[kRecordAlignment] = {};
        const uint32_t place_seed = seed(offset);
        const size_t padding = record_padded(payload.size()) - payload.size();
        uint32_t payload_crc = crc32c(as_bytes(payload), place_seed);
        payload_crc = crc32c(as_bytes({kZeros, padding}), payload_crc);
        std::byte bytes[kRecordHeaderSize] = {};
        store_fixed(bytes + 4, payload_crc);
        store_fixed(bytes + 8, static_cast<uint32_t>(payload.size()));
        store_fixed(bytes + 12, header.type);
        store_fixed(bytes + 13, header.flags);
        store_fixed(bytes + 16, header.seq);
        store_fixed(bytes, crc32c(ByteView(bytes).subspan(4), place_seed));
        out += as_text(bytes);
        out += payload;
        out.append(kZeros, padding);
    }

    /// The header at `offset`, or nothing when `bytes` (at least 24) do not hold one written there.
    [[nodiscard]] std::optional<RecordHeader> decode_header(ByteView bytes,
                                                            uint64_t offset) const noexcept {
        if (bytes.size() < kRecordHeaderSize) return std::nullopt;
        const auto stored = load_fixed<uint32_t>(bytes.data());
        if (crc32c(bytes.subspan(4, kRecordHeaderSize - 4), seed(offset)) != stored) {
            return std::nullopt;
        }
        RecordHeader header;
        header.payload_crc = load_fixed<uint32_t>(bytes.data() + 4);
        header.payload_size = load_fixed<uint32_t>(bytes.data() + 8);
        header.type = load_fixed<uint8_t>(bytes.data() + 12);
        header.flags = load_fixed<uint8_t>(bytes.data() + 13);
        const auto reserved = load_fixed<uint16_t>(bytes.data() + 14);
        header.seq = load_fixed<uint64_t>(bytes.data() + 16);
        if (header.type == 0 || header.payload_size > kRecordPayloadSizeMax || reserved != 0) {
            return std::nullopt;
        }
        return header;
    }

    /// `padded` is the payload with its padding, record_padded(header.payload_size) bytes; `offset`
    /// that of the record.
    [[nodiscard]] bool payload_matches(const RecordHeader& header, ByteView padded,
                                       uint64_t offset) const noexcept {
        return padded.size() == record_padded(header.payload_size) &&
               crc32c(padded, seed(offset)) == header.payload_crc;
    }

  private:
    [[nodiscard]] uint32_t seed(uint64_t offset) const noexcept {
        std::byte bytes[sizeof(offset)];
        store_fixed(bytes, offset);
        return crc32c(bytes, file_seed_);
    }

    uint32_t file_seed_;
};

}  // namespace kausal::format
