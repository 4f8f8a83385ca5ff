// Encoding, decoding and replay of the manifest's bytes.
#include "manifest/manifest_file.h"

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/log_record.h"

#include <algorithm>

namespace kausal::manifest {
namespace {

constexpr uint32_t kManifestMagic = 0x464d534b;  // "KSMF"
constexpr uint32_t kCurrentMagic = 0x5543534b;   // "KSCU"
constexpr uint32_t kCurrentVersion = 1;
constexpr size_t kCurrentCrcAt = kCurrentSize - sizeof(uint32_t);
constexpr size_t kHeaderCrcAt = kManifestHeaderSize - sizeof(uint32_t);
constexpr size_t kHeaderReservedSize = 4;

uint32_t checksum_of(std::string_view bytes) {
    return crc32c(as_bytes(bytes));
}

}  // namespace

std::string encode_superblock(const Superblock& superblock) {
    std::string out;
    std::byte uuid[format::kDatabaseUuidSize];
    superblock.uuid.store(uuid);
    put_fixed(out, kManifestMagic);
    put_fixed(out, kFormatVersion);
    out += as_text(uuid);
    put_fixed(out, superblock.manifest_id);
    put_fixed(out, superblock.epoch);
    put_fixed(out, superblock.features.compat);
    put_fixed(out, superblock.features.read_only_compat);
    put_fixed(out, superblock.features.incompat);
    put_fixed(out, superblock.reader_version_min);
    put_fixed(out, superblock.writer_version);
    out.append(kHeaderReservedSize, '\0');
    put_fixed(out, checksum_of(out));
    return out;
}

Result<Superblock> decode_superblock(std::string_view bytes) {
    if (bytes.size() < kManifestHeaderSize) {
        return fail(ErrorCode::Corrupt, "manifest header is cut off");
    }
    bytes = bytes.substr(0, kManifestHeaderSize);
    Decoder decoder(bytes);
    if (decoder.fixed<uint32_t>() != kManifestMagic) {
        return fail(ErrorCode::Corrupt, "manifest header has no magic number");
    }
    Decoder crc(bytes.substr(kHeaderCrcAt));
    if (crc.fixed<uint32_t>() != checksum_of(bytes.substr(0, kHeaderCrcAt))) {
        return fail(ErrorCode::Corrupt, "manifest header checksum fails");
    }
    const auto version = decoder.fixed<uint32_t>();
    if (version != kFormatVersion) {
        return fail(ErrorCode::NewerFormat, "manifest format " + std::to_string(version));
    }
    Superblock superblock;
    superblock.uuid =
        format::DatabaseUuid::load(as_bytes(decoder.raw(format::kDatabaseUuidSize)).data());
    superblock.manifest_id = decoder.fixed<uint64_t>();
    superblock.epoch = decoder.fixed<uint32_t>();
    superblock.features.compat = decoder.fixed<uint32_t>();
    superblock.features.read_only_compat = decoder.fixed<uint32_t>();
    superblock.features.incompat = decoder.fixed<uint32_t>();
    superblock.reader_version_min = decoder.fixed<uint32_t>();
    superblock.writer_version = decoder.fixed<uint32_t>();
    return superblock;
}

Status check_features(const Superblock& superblock, bool for_writing) {
    if (superblock.reader_version_min > kFormatVersion) {
        return {ErrorCode::NewerFormat, "database needs a reader of format " +
                                            std::to_string(superblock.reader_version_min) +
                                            ", this is " + std::to_string(kFormatVersion)};
    }
    const uint32_t incompat = superblock.features.incompat & ~kFeaturesKnown.incompat;
    if (incompat != 0) {
        return {ErrorCode::NewerFormat,
                "database has unknown incompatible features " + std::to_string(incompat)};
    }
    const uint32_t read_only =
        superblock.features.read_only_compat & ~kFeaturesKnown.read_only_compat;
    if (for_writing && read_only != 0) {
        return {ErrorCode::NewerFormat, "database has unknown features " +
                                            std::to_string(read_only) + " that allow only reading"};
    }
    return {};
}

std::string CurrentPointer::encode() const {
    std::string out;
    std::byte uuid_bytes[format::kDatabaseUuidSize];
    uuid.store(uuid_bytes);
    put_fixed(out, kCurrentMagic);
    put_fixed(out, kCurrentVersion);
    out += as_text(uuid_bytes);
    put_fixed(out, manifest_id);
    put_fixed(out, epoch);
    put_fixed(out, checksum_of(out));
    return out;
}

Result<CurrentPointer> CurrentPointer::decode(std::string_view bytes) {
    if (bytes.size() != kCurrentSize) {
        return fail(ErrorCode::Corrupt, std::to_string(bytes.size()) + " bytes instead of " +
                                            std::to_string(kCurrentSize));
    }
    Decoder crc(bytes.substr(kCurrentCrcAt));
    Decoder decoder(bytes);
    const auto magic = decoder.fixed<uint32_t>();
    if (magic != kCurrentMagic ||
        crc.fixed<uint32_t>() != checksum_of(bytes.substr(0, kCurrentCrcAt))) {
        return fail(ErrorCode::Corrupt, "checksum fails");
    }
    const auto version = decoder.fixed<uint32_t>();
    if (version != kCurrentVersion) {
        return fail(ErrorCode::NewerFormat, "pointer format " + std::to_string(version));
    }
    CurrentPointer current;
    current.uuid =
        format::DatabaseUuid::load(as_bytes(decoder.raw(format::kDatabaseUuidSize)).data());
    current.manifest_id = decoder.fixed<uint64_t>();
    current.epoch = decoder.fixed<uint32_t>();
    return current;
}

void encode_record(std::string& out, const Superblock& superblock, uint64_t offset,
                   const ManifestRecord& record) {
    const format::RecordCodec codec(superblock.uuid, format::RecordFile::Manifest,
                                    superblock.manifest_id);
    format::RecordHeader header;
    header.type = static_cast<uint8_t>(record.type);
    header.seq = record.number;
    std::string payload;
    put_fixed(payload, record.durable_upto);
    payload += record.body;
    codec.append(out, offset, header, payload);
}

namespace {

/// Walks the records of one manifest held in memory. Threads: confined. Views the caller's bytes.
class ReplayView {
  public:
    ReplayView(std::string_view bytes, const Superblock& superblock)
        : bytes_(bytes),
          codec_(superblock.uuid, format::RecordFile::Manifest, superblock.manifest_id) {}

    [[nodiscard]] Result<ReplayedManifest> run() {
        replayed_.end = kManifestHeaderSize;
        while (const auto record = read(replayed_.end)) {
            KAUSAL_TRY(apply(*record));
            replayed_.end += format::record_size(record->header.payload_size);
        }
        // A manifest becomes current only after its snapshot was synced.
        if (!has_snapshot_) return fail(damaged("no snapshot record"));
        const size_t last = bytes_.find_last_not_of('\0');
        replayed_.content_end = std::max<uint64_t>(replayed_.end, last + 1);
        if (replayed_.content_end > replayed_.end) {
            const uint64_t claim = durable_claim_behind(replayed_.end);
            if (claim > replayed_.end) {
                return fail(damaged("record is damaged below " + std::to_string(claim) +
                                    ", known durable"));
            }
        }
        return std::move(replayed_);
    }

  private:
    struct Record {
        format::RecordHeader header;
        std::string_view payload;
    };

    [[nodiscard]] std::optional<Record> read(uint64_t at) const {
        if (at > bytes_.size()) return std::nullopt;
        const std::string_view rest = bytes_.substr(static_cast<size_t>(at));
        const auto header = codec_.decode_header(as_bytes(rest), at);
        if (!header || format::record_size(header->payload_size) > rest.size()) {
            return std::nullopt;
        }
        const std::string_view padded =
            rest.substr(format::kRecordHeaderSize,
                        static_cast<size_t>(format::record_padded(header->payload_size)));
        if (!codec_.payload_matches(*header, as_bytes(padded), at)) return std::nullopt;
        return Record{*header, padded.substr(0, header->payload_size)};
    }

    [[nodiscard]] Status apply(const Record& record) {
        const auto type = static_cast<ManifestRecordType>(record.header.type);
        const bool is_edit =
            type == ManifestRecordType::Snapshot || type == ManifestRecordType::Edit;
        const bool flags_known = (record.header.flags & ~format::kRecordFlagsKnown) == 0;
        if (!flags_known || (!is_edit && type != ManifestRecordType::Watermark)) {
            const bool ignorable = (record.header.flags & format::kRecordIgnorable) != 0;
            if (flags_known && ignorable) return {};
            return {ErrorCode::NewerFormat, "record of type " + std::to_string(record.header.type) +
                                                " at offset " + std::to_string(replayed_.end)};
        }
        Decoder decoder(record.payload);
        if (decoder.fixed<uint64_t>() > replayed_.end || decoder.failed()) {
            return damaged("record claims itself durable");
        }
        if ((type == ManifestRecordType::Snapshot) == has_snapshot_) {
            return damaged(has_snapshot_ ? "second snapshot record" : "no snapshot record");
        }
        const uint64_t expected = replayed_.edit_number + (is_edit ? 1 : 0);
        if (record.header.seq != expected) {
            return damaged("sequence gap: edit " + std::to_string(record.header.seq) +
                           " instead of " + std::to_string(expected));
        }
        if (!is_edit) return {};
        const std::string_view body = decoder.raw(decoder.remaining());
        auto edit = VersionEdit::decode(body);
        if (!edit) return std::move(edit).error();
        Status applied = replayed_.state.apply(*edit);
        if (!applied.is_ok()) return damaged(applied.message());
        replayed_.edit_number = expected;
        has_snapshot_ = true;
        return {};
    }

    [[nodiscard]] uint64_t durable_claim_behind(uint64_t from) const {
        uint64_t claim = 0;
        for (uint64_t at = from; at < bytes_.size();) {
            const auto record = read(at);
            if (!record) {
                at += format::kRecordAlignment;
                continue;
            }
            Decoder decoder(record->payload);
            claim = std::max(claim, decoder.fixed<uint64_t>());
            at += format::record_size(record->header.payload_size);
        }
        return claim;
    }

    [[nodiscard]] Status damaged(std::string_view what) const {
        return {ErrorCode::Corrupt, "offset " + std::to_string(replayed_.end) + ": " +
                                        std::string(what) + "; edits from " +
                                        std::to_string(replayed_.edit_number + 1) + " on not read"};
    }

    std::string_view bytes_;
    format::RecordCodec codec_;
    ReplayedManifest replayed_;
    bool has_snapshot_ = false;
};

}  // namespace

Result<ReplayedManifest> replay_manifest(std::string_view bytes, const Superblock& superblock) {
    return ReplayView(bytes, superblock).run();
}

}  // namespace kausal::manifest
