// Bytes of version edits and their application to a state.
//
// An edit is a sequence of fields: varint tag, varint length, bytes. Tags below kIgnorableTagMin
// must be understood; others may be skipped.
#include "manifest/version_edit.h"

#include "base/coding.h"

#include <algorithm>

namespace kausal::manifest {
namespace {

enum class Tag : uint32_t {
    SegmentAdded = 1,
    SegmentRemoved = 2,
    WalFirstSegment = 3,
    WalNewestSegment = 4,
    LastSeq = 5,
    NextFileId = 6,
    PropertySet = 7,
    PropertyRemoved = 8,
};
constexpr uint32_t kIgnorableTagMin = 128;

void put_field(std::string& out, Tag tag, std::string_view bytes) {
    put_varint(out, static_cast<uint32_t>(tag));
    put_string(out, bytes);
}

void put_number(std::string& out, Tag tag, uint64_t value) {
    std::string bytes;
    put_varint(bytes, value);
    put_field(out, tag, bytes);
}

void put_optional_number(std::string& out, Tag tag, uint64_t value) {
    if (value != 0) put_number(out, tag, value);
}

void put_id(std::string& out, const BlockId& id) {
    std::byte bytes[sizeof(BlockId)];
    id.store(bytes);
    out += as_text(bytes);
}

BlockId take_id(Decoder& decoder) {
    const std::string_view bytes = decoder.raw(sizeof(BlockId));
    return bytes.empty() ? BlockId{} : BlockId::load(as_bytes(bytes).data());
}

std::string encode_segment(const SegmentMeta& meta) {
    std::string out;
    put_varint(out, meta.file_id);
    put_varint(out, meta.age_rank);
    put_varint(out, meta.level);
    put_varint(out, meta.size_bytes);
    put_fixed(out, meta.hash.low);
    put_fixed(out, meta.hash.high);
    put_varint(out, meta.block_count);
    put_varint(out, meta.edge_count);
    put_varint(out, meta.lookup_count);
    put_varint(out, meta.seq_min);
    put_varint(out, meta.seq_max);
    put_id(out, meta.id_min);
    put_id(out, meta.id_max);
    return out;
}

SegmentMeta decode_segment(Decoder& decoder) {
    SegmentMeta meta;
    meta.file_id = decoder.varint();
    meta.age_rank = decoder.varint();
    meta.level = decoder.varint32();
    meta.size_bytes = decoder.varint();
    meta.hash.low = decoder.fixed<uint64_t>();
    meta.hash.high = decoder.fixed<uint64_t>();
    meta.block_count = decoder.varint();
    meta.edge_count = decoder.varint();
    meta.lookup_count = decoder.varint();
    meta.seq_min = decoder.varint();
    meta.seq_max = decoder.varint();
    meta.id_min = take_id(decoder);
    meta.id_max = take_id(decoder);
    return meta;
}

/// Reads one field into `edit`; false when the tag is unknown.
bool decode_field(Tag tag, Decoder& field, VersionEdit& edit) {
    switch (tag) {
        case Tag::SegmentAdded:
            edit.segments_added.push_back(decode_segment(field));
            return true;
        case Tag::SegmentRemoved:
            edit.segments_removed.push_back(field.varint());
            return true;
        case Tag::WalFirstSegment:
            edit.wal_first_segment_id = field.varint();
            return true;
        case Tag::WalNewestSegment:
            edit.wal_newest_segment_id = field.varint();
            return true;
        case Tag::LastSeq:
            edit.last_seq = field.varint();
            return true;
        case Tag::NextFileId:
            edit.next_file_id = field.varint();
            return true;
        case Tag::PropertySet: {
            std::string key(field.string());
            edit.properties_set.insert_or_assign(std::move(key), std::string(field.string()));
            return true;
        }
        case Tag::PropertyRemoved:
            edit.properties_removed.emplace_back(field.string());
            return true;
    }
    return false;
}

/// Where a segment with that rank belongs in a list with the newest first.
auto place_of(std::vector<SegmentMeta>& segments, uint64_t age_rank) {
    return std::ranges::lower_bound(segments, age_rank, std::greater<>(), &SegmentMeta::age_rank);
}

}  // namespace

void VersionEdit::encode(std::string& out) const {
    for (const uint64_t id : segments_removed) put_number(out, Tag::SegmentRemoved, id);
    for (const SegmentMeta& meta : segments_added) {
        put_field(out, Tag::SegmentAdded, encode_segment(meta));
    }
    put_optional_number(out, Tag::WalFirstSegment, wal_first_segment_id);
    put_optional_number(out, Tag::WalNewestSegment, wal_newest_segment_id);
    put_optional_number(out, Tag::LastSeq, last_seq);
    put_optional_number(out, Tag::NextFileId, next_file_id);
    for (const std::string& key : properties_removed) {
        std::string bytes;
        put_string(bytes, key);
        put_field(out, Tag::PropertyRemoved, bytes);
    }
    for (const auto& [key, value] : properties_set) {
        std::string bytes;
        put_string(bytes, key);
        put_string(bytes, value);
        put_field(out, Tag::PropertySet, bytes);
    }
}

Result<VersionEdit> VersionEdit::decode(std::string_view bytes) {
    VersionEdit edit;
    Decoder decoder(bytes);
    while (decoder.remaining() > 0) {
        const uint32_t tag = decoder.varint32();
        Decoder field(decoder.string());
        if (decoder.failed()) return fail(ErrorCode::Corrupt, "version edit is cut off");
        if (!decode_field(static_cast<Tag>(tag), field, edit)) {
            if (tag >= kIgnorableTagMin) continue;
            return fail(ErrorCode::NewerFormat, "version edit has field " + std::to_string(tag));
        }
        if (!field.finished()) {
            return fail(ErrorCode::Corrupt,
                        "version edit field " + std::to_string(tag) + " is malformed");
        }
    }
    return edit;
}

const SegmentMeta* ManifestState::find(uint64_t file_id) const noexcept {
    const auto found = std::ranges::find(segments, file_id, &SegmentMeta::file_id);
    return found == segments.end() ? nullptr : &*found;
}

Status ManifestState::apply(const VersionEdit& edit) {
    std::vector<SegmentMeta> next = segments;
    std::erase_if(next, [&](const SegmentMeta& meta) {
        return std::ranges::find(edit.segments_removed, meta.file_id) !=
               edit.segments_removed.end();
    });
    for (const SegmentMeta& meta : edit.segments_added) {
        const auto same = std::ranges::find(next, meta.file_id, &SegmentMeta::file_id);
        if (same != next.end()) {
            if (*same == meta) continue;
            return {ErrorCode::Corrupt,
                    "segment " + std::to_string(meta.file_id) + " is added twice"};
        }
        const auto place = place_of(next, meta.age_rank);
        if (place != next.end() && place->age_rank == meta.age_rank) {
            return {ErrorCode::Corrupt, "segments " + std::to_string(place->file_id) + " and " +
                                            std::to_string(meta.file_id) + " have one age rank " +
                                            std::to_string(meta.age_rank)};
        }
        next.insert(place, meta);
    }
    segments = std::move(next);
    wal_first_segment_id = std::max(wal_first_segment_id, edit.wal_first_segment_id);
    wal_newest_segment_id = std::max(wal_newest_segment_id, edit.wal_newest_segment_id);
    last_seq = std::max(last_seq, edit.last_seq);
    next_file_id = std::max(next_file_id, edit.next_file_id);
    for (const std::string& key : edit.properties_removed) properties.erase(key);
    for (const auto& [key, value] : edit.properties_set) properties.insert_or_assign(key, value);
    return {};
}

VersionEdit ManifestState::as_edit() const {
    VersionEdit edit;
    edit.segments_added = segments;
    edit.wal_first_segment_id = wal_first_segment_id;
    edit.wal_newest_segment_id = wal_newest_segment_id;
    edit.last_seq = last_seq;
    edit.next_file_id = next_file_id;
    edit.properties_set = properties;
    return edit;
}

}  // namespace kausal::manifest
