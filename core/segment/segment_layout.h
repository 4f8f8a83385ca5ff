// Where what stands in a segment file: header, footer, section table, tail. Private to the room.
//
// Mirrors docs/format/segment.md, sections 2 and 3. Everything is little-endian. The chunk grid
// covers the file from offset 0 to the start of the checksums; the checksums are covered by hashes
// in the footer, the footer by a hash in the tail, the tail by its own.
#pragma once

#include "base/bytes.h"
#include "base/hash.h"
#include "base/status.h"
#include "format/tokenizer.h"
#include "segment/segment_format.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kausal::segment {

inline constexpr uint64_t kHeaderMagic = 0x31474553'4c53554bULL;  // "KUSLSEG1"
inline constexpr uint64_t kTailMagic = 0x31444e45'4c53554bULL;    // "KUSLEND1"
inline constexpr uint32_t kSegmentFormatVersion = 1;
inline constexpr size_t kHeaderSize = 64;
inline constexpr size_t kTailSize = 64;
inline constexpr size_t kSectionAlignment = 64;
/// Unit of checking: small enough that a first touch costs microseconds.
inline constexpr size_t kChunkSize = size_t{16} << 10;
inline constexpr uint64_t kFooterSizeMax = uint64_t{1} << 30;

/// Ordinals, edge and document numbers are 32 bits; the highest value means "none".
inline constexpr uint32_t kNone32 = 0xffffffffu;
inline constexpr uint64_t kIdCountMax = kNone32 - 1;
inline constexpr uint64_t kEdgeCountMax = kNone32 - 1;

/// Persistent numbers, never reused.
enum class SectionKind : uint32_t {
    Heap = 1,        // heads, stored frames, text partitions
    Frames = 2,      // FrameEntry
    Ids = 3,         // BlockId as two u64: high, low
    IdIndex = 4,     // u32: first ordinal per bucket of the high bits, and the end
    Rows = 5,        // RowEntry
    Kinds = 6,       // u16 per ordinal, 0 for no put
    OutOffsets = 7,  // u32 per ordinal, and the end
    OutTargets = 8,  // u32
    OutMeta = 9,     // u32
    OutSites = 10,   // EdgeSite
    InOffsets = 11,
    InSources = 12,
    InMeta = 13,
    InEdges = 14,      // u32: index into the out arrays
    NameOffsets = 15,  // u64 per distinct name, and the end
    NameText = 16,
    NamePostingOffsets = 17,  // u32 per distinct name, and the end
    NameOrdinals = 18,        // u32
    UriOffsets = 19,
    UriText = 20,
    UriPostingOffsets = 21,
    UriOrdinals = 22,
    Keys = 23,              // u64, sorted
    KeyOrdinals = 24,       // u32
    DocumentOrdinals = 25,  // u32 per document
    DocumentLengths = 26,   // u16 per document and field
    TextPartitions = 27,    // PartitionEntry
    Filter = 28,
};
inline constexpr size_t kSectionCount = 28;

/// The file range of one section.
struct SectionRange {
    uint64_t offset = 0;
    uint64_t size = 0;
};

/// A stored frame; it is compressed when its sizes differ.
struct FrameEntry {
    uint64_t offset = 0;  // in the heap
    uint32_t stored_size = 0;
    uint32_t raw_size = 0;
};
static_assert(sizeof(FrameEntry) == 16);

/// What is stored per ordinal.
struct RowEntry {
    uint64_t version = 0;
    uint64_t head_offset = 0;          // in the heap
    uint32_t state_and_head_size = 0;  // BlockState in the two highest bits
    uint32_t frame = 0;
    uint32_t body_offset = 0;  // in the frame
    uint32_t body_size = 0;    // 0: no body, frame without meaning
};
static_assert(sizeof(RowEntry) == 32);
inline constexpr uint32_t kHeadSizeBits = 30;
inline constexpr uint32_t kHeadSizeMax = (1u << kHeadSizeBits) - 1;

/// A run of consecutive documents with its own dictionary; offsets in the heap.
struct PartitionEntry {
    uint64_t terms_offset = 0;    // u64 per term, sorted
    uint64_t offsets_offset = 0;  // u32 per term and the end, into the postings
    uint64_t postings_offset = 0;
    uint64_t term_count = 0;
    uint64_t postings_size = 0;
    uint32_t document_first = 0;
    uint32_t document_count = 0;
    uint64_t reserved[2] = {};
};
static_assert(sizeof(PartitionEntry) == 64);

/// What the footer says. Counts also give the size of every section of fixed-size entries.
struct Footer {
    uint64_t data_size = 0;  // where the chunk grid ends and the checksums begin
    uint64_t id_count = 0;
    uint64_t block_count = 0;
    uint64_t tombstone_count = 0;
    uint64_t edge_count = 0;
    uint64_t edge_tombstone_count = 0;
    uint64_t document_count = 0;
    uint64_t frame_count = 0;
    uint64_t name_count = 0;
    uint64_t named_count = 0;  // puts with a name
    uint64_t uri_count = 0;
    uint64_t located_count = 0;  // puts with a URI
    uint64_t key_count = 0;
    uint64_t partition_count = 0;
    uint64_t version_min = 0;
    uint64_t version_max = 0;
    BlockId id_min;
    BlockId id_max;
    uint32_t id_index_bits = 0;
    uint32_t filter_probe_count = 0;
    std::array<uint64_t, format::kTextFieldCount> total_lengths{};
    std::array<SectionRange, kSectionCount> sections{};
    std::vector<uint64_t> checksum_hashes;  // one per kChunkSize bytes of the checksums

    [[nodiscard]] const SectionRange& section(SectionKind kind) const noexcept {
        return sections[static_cast<size_t>(kind) - 1];
    }
    [[nodiscard]] SectionRange& section(SectionKind kind) noexcept {
        return sections[static_cast<size_t>(kind) - 1];
    }
    [[nodiscard]] uint64_t chunk_count() const noexcept {
        return data_size / kChunkSize + (data_size % kChunkSize != 0 ? 1 : 0);
    }
};

/// The seed of the hash over the bytes at `offset` of a file.
[[nodiscard]] uint64_t checksum_seed(const format::DatabaseUuid& uuid, uint64_t file_id,
                                     uint64_t offset) noexcept;

[[nodiscard]] std::string encode_header(const format::DatabaseUuid& uuid, uint64_t file_id);
/// Errors: Corrupt, NewerFormat.
[[nodiscard]] Status check_header(ByteView header, const format::DatabaseUuid& uuid,
                                  uint64_t file_id);

[[nodiscard]] std::string encode_footer(const Footer& footer);
/// Checks every count and range against each other and `footer_offset`. Errors: Corrupt.
[[nodiscard]] Result<Footer> decode_footer(ByteView bytes, uint64_t footer_offset);

struct Tail {
    uint64_t footer_offset = 0;
    uint64_t footer_size = 0;
    uint64_t footer_hash = 0;
};
[[nodiscard]] std::string encode_tail(const Tail& tail, const format::DatabaseUuid& uuid,
                                      uint64_t file_id);
/// `file_size` is that of the whole file, which the tail ends. Errors: Corrupt.
[[nodiscard]] Result<Tail> decode_tail(ByteView bytes, uint64_t file_size,
                                       const format::DatabaseUuid& uuid, uint64_t file_id);

/// The count of buckets is 1 << bits; an id falls into the one of its highest bits.
[[nodiscard]] uint32_t id_index_bits(uint64_t id_count) noexcept;
[[nodiscard]] inline uint64_t id_bucket(const BlockId& id, uint32_t bits) noexcept {
    return bits == 0 ? 0 : id.high >> (64 - bits);
}

}  // namespace kausal::segment
