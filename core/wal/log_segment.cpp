// Bytes of the segment header and of the Commit payload; names of segments.
#include "wal/log_segment.h"

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/log_record.h"

namespace kausal::wal {
namespace {

constexpr uint32_t kSegmentMagic = 0x474c534b;  // "KSLG"
constexpr size_t kNameDigits = 16;

// Offsets in the header; 64 bytes hold everything because the predecessor's id is stored as a
// distance and its end in units of the record alignment.
constexpr size_t kVersionAt = 4;
constexpr size_t kUuidAt = 8;
constexpr size_t kSegmentIdAt = 24;
constexpr size_t kPreviousSeqAt = 32;
constexpr size_t kFirstSeqAt = 40;
constexpr size_t kEpochAt = 48;
constexpr size_t kPreviousDistanceAt = 52;
constexpr size_t kPreviousEndAt = 56;
constexpr size_t kCrcAt = 60;
static_assert(kCrcAt + sizeof(uint32_t) == kSegmentHeaderSize);

}  // namespace

std::string SegmentHeader::encode() const {
    std::byte bytes[kSegmentHeaderSize] = {};
    store_fixed(bytes, kSegmentMagic);
    store_fixed(bytes + kVersionAt, kSegmentFormatVersion);
    identity.uuid.store(bytes + kUuidAt);
    store_fixed(bytes + kSegmentIdAt, start.segment_id);
    store_fixed(bytes + kPreviousSeqAt, start.previous_seq);
    store_fixed(bytes + kFirstSeqAt, start.first_seq);
    store_fixed(bytes + kEpochAt, identity.epoch);
    if (start.previous_end.segment_id != 0) {
        store_fixed(bytes + kPreviousDistanceAt,
                    static_cast<uint32_t>(start.segment_id - start.previous_end.segment_id));
        store_fixed(bytes + kPreviousEndAt,
                    static_cast<uint32_t>(start.previous_end.offset / format::kRecordAlignment));
    }
    store_fixed(bytes + kCrcAt, crc32c(ByteView(bytes).first(kCrcAt)));
    return std::string(as_text(bytes));
}

Result<SegmentHeader> SegmentHeader::decode(ByteView bytes) {
    if (bytes.size() < kSegmentHeaderSize) {
        return fail(ErrorCode::Corrupt, "segment header is cut off");
    }
    const std::byte* at = bytes.data();
    if (load_fixed<uint32_t>(at) != kSegmentMagic) {
        return fail(ErrorCode::Corrupt, "segment header has no magic number");
    }
    if (crc32c(bytes.first(kCrcAt)) != load_fixed<uint32_t>(at + kCrcAt)) {
        return fail(ErrorCode::Corrupt, "segment header checksum fails");
    }
    const auto version = load_fixed<uint32_t>(at + kVersionAt);
    if (version != kSegmentFormatVersion) {
        return fail(ErrorCode::NewerFormat, "log format " + std::to_string(version));
    }
    SegmentHeader header;
    header.identity.uuid = format::DatabaseUuid::load(at + kUuidAt);
    header.identity.epoch = load_fixed<uint32_t>(at + kEpochAt);
    header.start.segment_id = load_fixed<uint64_t>(at + kSegmentIdAt);
    header.start.previous_seq = load_fixed<uint64_t>(at + kPreviousSeqAt);
    header.start.first_seq = load_fixed<uint64_t>(at + kFirstSeqAt);
    const auto distance = load_fixed<uint32_t>(at + kPreviousDistanceAt);
    if (distance != 0) {
        if (distance >= header.start.segment_id) {
            return fail(ErrorCode::Corrupt, "segment header names an impossible predecessor");
        }
        header.start.previous_end.segment_id = header.start.segment_id - distance;
        header.start.previous_end.offset =
            uint64_t{load_fixed<uint32_t>(at + kPreviousEndAt)} * format::kRecordAlignment;
    }
    return header;
}

std::string CommitPayload::encode() const {
    std::string out;
    put_fixed(out, record_count);
    put_fixed(out, durable_upto);
    put_fixed(out, previous_seq);
    return out;
}

std::optional<CommitPayload> CommitPayload::decode(std::string_view payload) noexcept {
    if (payload.size() != kCommitPayloadSize) return std::nullopt;
    Decoder decoder(payload);
    CommitPayload commit;
    commit.record_count = decoder.fixed<uint32_t>();
    commit.durable_upto = decoder.fixed<uint64_t>();
    commit.previous_seq = decoder.fixed<uint64_t>();
    return commit;
}

std::string segment_name(uint64_t segment_id) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string name(kNameDigits, '0');
    for (size_t i = kNameDigits; i > 0; --i, segment_id >>= 4)
        name[i - 1] = kDigits[segment_id & 15];
    return name.append(kSegmentSuffix);
}

std::optional<uint64_t> segment_id_of(std::string_view name) noexcept {
    if (name.size() != kNameDigits + kSegmentSuffix.size() || !name.ends_with(kSegmentSuffix)) {
        return std::nullopt;
    }
    uint64_t id = 0;
    for (const char digit : name.substr(0, kNameDigits)) {
        if (digit >= '0' && digit <= '9') {
            id = id << 4 | static_cast<uint64_t>(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            id = id << 4 | static_cast<uint64_t>(digit - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return id;
}

Result<std::vector<uint64_t>> list_segments(io::Directory& directory) {
    // The list is in byte order, which for fixed-width names is the order of ids.
    std::vector<uint64_t> ids;
    for (const io::DirectoryEntry& entry : KAUSAL_TRY(directory.list())) {
        if (const auto id = segment_id_of(entry.name)) ids.push_back(*id);
    }
    return ids;
}

}  // namespace kausal::wal
