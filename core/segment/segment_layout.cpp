// Header, footer and tail of a segment: bytes to structs and back, with every number checked.
#include "segment/segment_layout.h"

#include "base/coding.h"

#include <bit>

namespace kausal::segment {
namespace {

constexpr uint32_t kIdIndexBitsMax = 32;
constexpr uint32_t kProbeCountMax = 16;
constexpr size_t kHeaderHashAt = kHeaderSize - sizeof(uint64_t);
constexpr size_t kTailHashAt = kTailSize - sizeof(uint64_t);

[[nodiscard]] Status corrupt(std::string what) {
    return {ErrorCode::Corrupt, "segment " + std::move(what)};
}

[[nodiscard]] uint64_t size_of(uint64_t count, uint64_t entry_size) noexcept {
    return count * entry_size;
}

// The size that a section of fixed entries must have; sections of free size give their own.
[[nodiscard]] uint64_t expected_size(const Footer& footer, SectionKind kind) noexcept {
    switch (kind) {
        case SectionKind::Frames:
            return size_of(footer.frame_count, sizeof(FrameEntry));
        case SectionKind::Ids:
            return size_of(footer.id_count, sizeof(BlockId));
        case SectionKind::IdIndex:
            return size_of((uint64_t{1} << footer.id_index_bits) + 1, sizeof(uint32_t));
        case SectionKind::Rows:
            return size_of(footer.id_count, sizeof(RowEntry));
        case SectionKind::Kinds:
            return size_of(footer.id_count, sizeof(uint16_t));
        case SectionKind::OutOffsets:
        case SectionKind::InOffsets:
            return size_of(footer.id_count + 1, sizeof(uint32_t));
        case SectionKind::OutTargets:
        case SectionKind::OutMeta:
        case SectionKind::InSources:
        case SectionKind::InMeta:
        case SectionKind::InEdges:
            return size_of(footer.edge_count, sizeof(uint32_t));
        case SectionKind::OutSites:
            return size_of(footer.edge_count, sizeof(EdgeSite));
        case SectionKind::NameOffsets:
            return size_of(footer.name_count + 1, sizeof(uint64_t));
        case SectionKind::NamePostingOffsets:
            return size_of(footer.name_count + 1, sizeof(uint32_t));
        case SectionKind::NameOrdinals:
            return size_of(footer.named_count, sizeof(uint32_t));
        case SectionKind::UriOffsets:
            return size_of(footer.uri_count + 1, sizeof(uint64_t));
        case SectionKind::UriPostingOffsets:
            return size_of(footer.uri_count + 1, sizeof(uint32_t));
        case SectionKind::UriOrdinals:
            return size_of(footer.located_count, sizeof(uint32_t));
        case SectionKind::Keys:
            return size_of(footer.key_count, sizeof(uint64_t));
        case SectionKind::KeyOrdinals:
            return size_of(footer.key_count, sizeof(uint32_t));
        case SectionKind::DocumentOrdinals:
            return size_of(footer.document_count, sizeof(uint32_t));
        case SectionKind::DocumentLengths:
            return size_of(footer.document_count, sizeof(uint16_t) * format::kTextFieldCount);
        case SectionKind::TextPartitions:
            return size_of(footer.partition_count, sizeof(PartitionEntry));
        case SectionKind::Heap:
        case SectionKind::NameText:
        case SectionKind::UriText:
        case SectionKind::Filter:
            break;
    }
    return footer.section(kind).size;
}

[[nodiscard]] bool are_counts_plausible(const Footer& footer) noexcept {
    return footer.id_count <= kIdCountMax && footer.edge_count <= kEdgeCountMax &&
           footer.block_count <= footer.id_count &&
           footer.tombstone_count <= footer.id_count - footer.block_count &&
           footer.edge_tombstone_count <= footer.edge_count &&
           footer.document_count <= footer.block_count && footer.frame_count <= kNone32 &&
           footer.named_count <= footer.block_count && footer.name_count <= footer.named_count &&
           footer.located_count <= footer.block_count && footer.uri_count <= footer.located_count &&
           footer.key_count <= footer.data_size &&
           footer.partition_count <= footer.document_count &&
           footer.id_index_bits <= kIdIndexBitsMax && footer.filter_probe_count >= 1 &&
           footer.filter_probe_count <= kProbeCountMax;
}

[[nodiscard]] Status check_sections(const Footer& footer) {
    for (size_t i = 0; i < kSectionCount; ++i) {
        const SectionRange& range = footer.sections[i];
        const auto kind = static_cast<SectionKind>(i + 1);
        if (range.offset % kSectionAlignment != 0 || range.offset < kHeaderSize ||
            range.offset > footer.data_size || range.size > footer.data_size - range.offset ||
            range.size != expected_size(footer, kind)) {
            return corrupt("section " + std::to_string(i + 1) + " has a bad range");
        }
    }
    const uint64_t filter_size = footer.section(SectionKind::Filter).size;
    if (filter_size == 0 || filter_size % kSectionAlignment != 0) {
        return corrupt("filter has a bad size");
    }
    return {};
}

// The one list of the footer's plain numbers, for both directions.
template <typename FooterType, typename Visit>
void for_each_number(FooterType& footer, Visit&& visit) {
    visit(footer.data_size);
    visit(footer.id_count);
    visit(footer.block_count);
    visit(footer.tombstone_count);
    visit(footer.edge_count);
    visit(footer.edge_tombstone_count);
    visit(footer.document_count);
    visit(footer.frame_count);
    visit(footer.name_count);
    visit(footer.named_count);
    visit(footer.uri_count);
    visit(footer.located_count);
    visit(footer.key_count);
    visit(footer.partition_count);
    visit(footer.version_min);
    visit(footer.version_max);
    visit(footer.id_min.high);
    visit(footer.id_min.low);
    visit(footer.id_max.high);
    visit(footer.id_max.low);
    visit(footer.id_index_bits);
    visit(footer.filter_probe_count);
    for (auto& length : footer.total_lengths) visit(length);
    for (auto& range : footer.sections) {
        visit(range.offset);
        visit(range.size);
    }
}

}  // namespace

std::string segment_file_name(uint64_t file_id) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string name(16, '0');
    for (size_t i = 0; i < 16; ++i) name[i] = kDigits[(file_id >> (60 - 4 * i)) & 0xf];
    return name + ".seg";
}

uint64_t checksum_seed(const format::DatabaseUuid& uuid, uint64_t file_id,
                       uint64_t offset) noexcept {
    return hash_mix(hash_mix(hash_mix(uuid.low, uuid.high), file_id), offset);
}

std::string encode_header(const format::DatabaseUuid& uuid, uint64_t file_id) {
    std::string out;
    put_fixed(out, kHeaderMagic);
    put_fixed(out, kSegmentFormatVersion);
    put_fixed(out, static_cast<uint32_t>(kHeaderSize));
    put_fixed(out, file_id);
    put_fixed(out, uuid.low);
    put_fixed(out, uuid.high);
    out.resize(kHeaderHashAt, '\0');
    put_fixed(out, hash64(out, checksum_seed(uuid, file_id, 0)));
    return out;
}

Status check_header(ByteView header, const format::DatabaseUuid& uuid, uint64_t file_id) {
    if (header.size() < kHeaderSize) return corrupt("header is cut off");
    const std::byte* at = header.data();
    if (load_fixed<uint64_t>(at) != kHeaderMagic) return corrupt("header has another magic");
    const auto version = load_fixed<uint32_t>(at + 8);
    const uint64_t hash = hash64(header.first(kHeaderHashAt), checksum_seed(uuid, file_id, 0));
    if (load_fixed<uint64_t>(at + kHeaderHashAt) != hash) {
        return corrupt("header fails its checksum (damaged, or of another file or database)");
    }
    if (version > kSegmentFormatVersion) {
        return {ErrorCode::NewerFormat, "segment format " + std::to_string(version) +
                                            " is newer than " +
                                            std::to_string(kSegmentFormatVersion)};
    }
    if (version != kSegmentFormatVersion || load_fixed<uint32_t>(at + 12) != kHeaderSize) {
        return corrupt("header has a bad version");
    }
    return {};
}

std::string encode_footer(const Footer& footer) {
    std::string out;
    for_each_number(footer, [&](const auto& number) { put_fixed(out, number); });
    put_fixed(out, static_cast<uint64_t>(footer.checksum_hashes.size()));
    for (const uint64_t hash : footer.checksum_hashes) put_fixed(out, hash);
    return out;
}

Result<Footer> decode_footer(ByteView bytes, uint64_t footer_offset) {
    Decoder decoder(bytes);
    Footer footer;
    for_each_number(footer, [&](auto& number) {
        number = decoder.fixed<std::remove_reference_t<decltype(number)>>();
    });
    const auto hash_count = decoder.fixed<uint64_t>();
    if (decoder.failed() || hash_count != decoder.remaining() / sizeof(uint64_t) ||
        decoder.remaining() % sizeof(uint64_t) != 0) {
        return fail(corrupt("footer does not decode"));
    }
    if (footer.data_size < kHeaderSize || footer.data_size > footer_offset ||
        footer.data_size % kSectionAlignment != 0) {
        return fail(corrupt("footer has a bad data size"));
    }
    const uint64_t checksums_size = footer.chunk_count() * sizeof(uint64_t);
    if (checksums_size > footer_offset - footer.data_size ||
        hash_count != (checksums_size + kChunkSize - 1) / kChunkSize) {
        return fail(corrupt("footer has a bad count of checksums"));
    }
    if (!are_counts_plausible(footer)) return fail(corrupt("footer has bad counts"));
    KAUSAL_TRY(check_sections(footer));
    footer.checksum_hashes.resize(static_cast<size_t>(hash_count));
    for (uint64_t& hash : footer.checksum_hashes) hash = decoder.fixed<uint64_t>();
    return footer;
}

std::string encode_tail(const Tail& tail, const format::DatabaseUuid& uuid, uint64_t file_id) {
    std::string out;
    put_fixed(out, kTailMagic);
    put_fixed(out, tail.footer_offset);
    put_fixed(out, tail.footer_size);
    put_fixed(out, tail.footer_hash);
    put_fixed(out, tail.footer_offset + tail.footer_size + kTailSize);
    out.resize(kTailHashAt, '\0');
    put_fixed(out, hash64(out, checksum_seed(uuid, file_id, tail.footer_offset)));
    return out;
}

Result<Tail> decode_tail(ByteView bytes, uint64_t file_size, const format::DatabaseUuid& uuid,
                         uint64_t file_id) {
    if (bytes.size() != kTailSize) return fail(corrupt("tail is cut off"));
    const std::byte* at = bytes.data();
    Tail tail{load_fixed<uint64_t>(at + 8), load_fixed<uint64_t>(at + 16),
              load_fixed<uint64_t>(at + 24)};
    const uint64_t hash =
        hash64(bytes.first(kTailHashAt), checksum_seed(uuid, file_id, tail.footer_offset));
    if (load_fixed<uint64_t>(at) != kTailMagic || load_fixed<uint64_t>(at + kTailHashAt) != hash) {
        return fail(corrupt("tail fails its checksum"));
    }
    if (load_fixed<uint64_t>(at + 32) != file_size || tail.footer_size > kFooterSizeMax ||
        tail.footer_offset < kHeaderSize || tail.footer_offset > file_size - kTailSize ||
        tail.footer_size != file_size - kTailSize - tail.footer_offset) {
        return fail(corrupt("tail has a bad footer range"));
    }
    return tail;
}

uint32_t id_index_bits(uint64_t id_count) noexcept {
    // About eight ids, two or three cache lines, per bucket.
    const auto bits = static_cast<uint32_t>(std::bit_width(id_count / 8));
    return bits < kIdIndexBitsMax ? bits : kIdIndexBitsMax;
}

}  // namespace kausal::segment
