// The end of a segment: everything that was collected is numbered, ordered and written as columns.
//
// One stage per step, in the order of the table below; each writes at most a few sections. Ids that
// are left without a block, tombstone or edge (compaction drops these) get no ordinal.
#include "base/coding.h"
#include "segment/bucket_sort.h"
#include "segment/filter.h"
#include "segment/writer_state.h"

#include <algorithm>
#include <limits>

namespace kausal::segment {
namespace {

struct IdEntry {
    BlockId id;
    uint32_t number = 0;
};

struct TextEntry {
    uint64_t prefix = 0;  // the first eight bytes in order, so that most comparisons end here
    uint32_t number = 0;
};

[[nodiscard]] uint64_t prefix_of(std::string_view text, bool folded) noexcept {
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; ++i) {
        uint8_t byte = i < text.size() ? static_cast<uint8_t>(text[i]) : 0;
        if (folded && byte >= 'A' && byte <= 'Z') byte = static_cast<uint8_t>(byte | 0x20);
        prefix = prefix << 8 | byte;
    }
    return prefix;
}

/// The numbers of a pool's texts in their order.
[[nodiscard]] std::vector<TextEntry> sorted_texts(const TextPool& pool, bool folded) {
    std::vector<TextEntry> entries(pool.size());
    for (uint32_t number = 0; number < entries.size(); ++number) {
        entries[number] = {prefix_of(pool.text(number), folded), number};
    }
    std::ranges::sort(entries, [&](const TextEntry& left, const TextEntry& right) {
        if (left.prefix != right.prefix) return left.prefix < right.prefix;
        const std::string_view left_text = pool.text(left.number);
        const std::string_view right_text = pool.text(right.number);
        return folded ? is_before_folded(left_text, right_text) : left_text < right_text;
    });
    return entries;
}

[[nodiscard]] BlockState state_of(const RowEntry& row) noexcept {
    return static_cast<BlockState>(row.state_and_head_size >> kHeadSizeBits);
}

}  // namespace

Result<bool> SegmentWriter::finish_step(uint64_t sequence) {
    State& state = *state_;
    KAUSAL_TRY(state.check_usable());
    Status done;
    switch (state.stage) {
        case 0:
            done = state.finish_input();
            break;
        case 1:
            done = state.order_ids();
            break;
        case 2:
            done = state.order_edges();
            break;
        case 3:
            done = state.assign_rows(sequence);
            break;
        case 4:
            done = state.write_ids();
            break;
        case 5:
            done = state.write_rows();
            break;
        case 6:
            done = state.write_edges(true);
            break;
        case 7:
            done = state.write_edges(false);
            break;
        case 8:
            done = state.write_names();
            break;
        case 9:
            done = state.write_uris();
            break;
        case 10:
            done = state.write_keys();
            break;
        case 11:
            done = state.write_documents();
            break;
        case 12:
            done = state.write_end();
            break;
        default:
            return true;
    }
    KAUSAL_TRY(state.settle(std::move(done)));
    KAUSAL_TRY(state.check_usable());
    return ++state.stage > 12;
}

void SegmentWriter::State::begin_section(SectionKind kind) {
    out.align(kSectionAlignment);
    footer.section(kind).offset = out.offset();
}

void SegmentWriter::State::end_section(SectionKind kind) {
    footer.section(kind).size = out.offset() - footer.section(kind).offset;
}

Status SegmentWriter::State::finish_input() {
    KAUSAL_TRY(check_no_open_partition());
    KAUSAL_TRY(flush_builder(true));
    KAUSAL_TRY(number_pending_edges());
    KAUSAL_TRY(close_partition());
    end_section(SectionKind::Heap);
    return {};
}

Status SegmentWriter::State::order_ids() {
    const std::vector<BlockId>& unordered = ids.ids();
    std::vector<IdEntry> entries(unordered.size());
    for (uint32_t number = 0; number < entries.size(); ++number) {
        entries[number] = {unordered[number], number};
    }
    bucket_sort(
        entries, [](const IdEntry& entry) { return entry.id.high; },
        [](const IdEntry& left, const IdEntry& right) { return left.id < right.id; });
    sorted_ids.resize(entries.size());
    ordinal_of.resize(entries.size());
    for (uint32_t ordinal = 0; ordinal < entries.size(); ++ordinal) {
        sorted_ids[ordinal] = entries[ordinal].id;
        ordinal_of[entries[ordinal].number] = ordinal;
    }
    ids = IdTable();
    return {};
}

Status SegmentWriter::State::order_edges() {
    edges.sort(ordinal_of, static_cast<uint32_t>(sorted_ids.size()), options.drop_tombstones);
    std::vector<bool> is_used(sorted_ids.size(), false);
    edges.mark_ends(is_used);
    for (const WriterRow& row : rows) {
        const bool is_kept = state_of(row.entry) == BlockState::Put || !options.drop_tombstones;
        if (is_kept) is_used[ordinal_of[row.build_number]] = true;
    }
    if (std::ranges::find(is_used, false) != is_used.end()) drop_unused_ids(is_used);
    return {};
}

void SegmentWriter::State::drop_unused_ids(const std::vector<bool>& is_used) {
    std::vector<uint32_t> renumbered(sorted_ids.size(), kNone32);
    uint32_t kept = 0;
    for (uint32_t ordinal = 0; ordinal < sorted_ids.size(); ++ordinal) {
        if (!is_used[ordinal]) continue;
        sorted_ids[kept] = sorted_ids[ordinal];
        renumbered[ordinal] = kept++;
    }
    sorted_ids.resize(kept);
    for (uint32_t& ordinal : ordinal_of) ordinal = renumbered[ordinal];
    edges.renumber(renumbered);
}

Status SegmentWriter::State::assign_rows(uint64_t sequence) {
    row_of_ordinal.assign(sorted_ids.size(), kNone32);
    info.version_min = std::numeric_limits<uint64_t>::max();
    for (uint32_t number = 0; number < rows.size(); ++number) {
        WriterRow& row = rows[number];
        const bool is_put = state_of(row.entry) == BlockState::Put;
        if (!is_put && options.drop_tombstones) continue;
        const uint32_t ordinal = ordinal_of[row.build_number];
        if (row_of_ordinal[ordinal] != kNone32) {
            return {ErrorCode::Invalid,
                    "block " + sorted_ids[ordinal].to_hex() + " is put or deleted twice"};
        }
        row_of_ordinal[ordinal] = number;
        if (row.entry.version == 0) row.entry.version = sequence;
        info.version_min = std::min(info.version_min, row.entry.version);
        info.version_max = std::max(info.version_max, row.entry.version);
        ++(is_put ? info.block_count : info.tombstone_count);
    }
    // Edges carry no version: the segment reaches to `sequence` even if no block of it does.
    info.version_min = std::min(info.version_min, sequence);
    info.version_max = std::max(info.version_max, sequence);
    info.id_count = sorted_ids.size();
    if (!sorted_ids.empty()) {
        info.id_min = sorted_ids.front();
        info.id_max = sorted_ids.back();
    }
    info.edge_count = edges.count();
    info.edge_tombstone_count = edges.tombstone_count();
    info.document_count = documents.size();
    info.lookup_count = names.size() + uris.size() + keys.size();
    return {};
}

Status SegmentWriter::State::write_ids() {
    begin_section(SectionKind::Ids);
    out.append_values(std::span<const BlockId>(sorted_ids));
    end_section(SectionKind::Ids);
    footer.id_index_bits = id_index_bits(sorted_ids.size());
    begin_section(SectionKind::IdIndex);
    uint32_t ordinal = 0;
    const uint64_t bucket_count = uint64_t{1} << footer.id_index_bits;
    for (uint64_t bucket = 0; bucket < bucket_count; ++bucket) {
        while (ordinal < sorted_ids.size() &&
               id_bucket(sorted_ids[ordinal], footer.id_index_bits) < bucket) {
            ++ordinal;
        }
        out.append_value(ordinal);
    }
    out.append_value(static_cast<uint32_t>(sorted_ids.size()));
    end_section(SectionKind::IdIndex);
    footer.filter_probe_count = filter_probe_count(options.filter_bits_per_key);
    begin_section(SectionKind::Filter);
    out.append(build_filter(sorted_ids, options.filter_bits_per_key));
    end_section(SectionKind::Filter);
    return {};
}

Status SegmentWriter::State::write_rows() {
    begin_section(SectionKind::Rows);
    for (const uint32_t row : row_of_ordinal) {
        out.append_value(row == kNone32 ? RowEntry{} : rows[row].entry);
    }
    end_section(SectionKind::Rows);
    begin_section(SectionKind::Kinds);
    for (const uint32_t row : row_of_ordinal) {
        out.append_value(row == kNone32 ? uint16_t{0} : rows[row].kind);
    }
    end_section(SectionKind::Kinds);
    begin_section(SectionKind::Frames);
    out.append_values(std::span<const FrameEntry>(frames));
    end_section(SectionKind::Frames);
    return {};
}

Status SegmentWriter::State::write_edges(bool outgoing) {
    const auto begin = [this](SectionKind kind) { begin_section(kind); };
    const auto end = [this](SectionKind kind) { end_section(kind); };
    const auto id_count = static_cast<uint32_t>(sorted_ids.size());
    if (outgoing) {
        edges.write_out(out, id_count, begin, end);
    } else {
        edges.write_in(out, id_count, begin, end);
    }
    return {};
}

uint64_t SegmentWriter::State::write_lookup(const TextPool& pool, bool folded,
                                            uint32_t WriterRow::* number_of,
                                            const LookupSections& sections) {
    const std::vector<TextEntry> entries = sorted_texts(pool, folded);
    begin_section(sections.text);
    for (const TextEntry& entry : entries) out.append(as_bytes(pool.text(entry.number)));
    end_section(sections.text);
    begin_section(sections.offsets);
    uint64_t offset = 0;
    out.append_value(offset);
    for (const TextEntry& entry : entries) {
        offset += pool.text(entry.number).size();
        out.append_value(offset);
    }
    end_section(sections.offsets);
    std::vector<uint32_t> rank(pool.size());
    for (uint32_t i = 0; i < entries.size(); ++i) rank[entries[i].number] = i;
    // Rows are visited in order of ordinals, so the counting sort leaves every list increasing.
    std::vector<uint32_t> ends(pool.size() + 1, 0);
    for (const uint32_t row : row_of_ordinal) {
        if (row != kNone32 && rows[row].*number_of != kNone32) {
            ++ends[rank[rows[row].*number_of] + 1];
        }
    }
    for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
    begin_section(sections.posting_offsets);
    out.append_values(std::span<const uint32_t>(ends));
    end_section(sections.posting_offsets);
    std::vector<uint32_t> ordinals(ends.back());
    for (uint32_t ordinal = 0; ordinal < row_of_ordinal.size(); ++ordinal) {
        const uint32_t row = row_of_ordinal[ordinal];
        if (row == kNone32 || rows[row].*number_of == kNone32) continue;
        ordinals[ends[rank[rows[row].*number_of]]++] = ordinal;
    }
    begin_section(sections.ordinals);
    out.append_values(std::span<const uint32_t>(ordinals));
    end_section(sections.ordinals);
    return ordinals.size();
}

Status SegmentWriter::State::write_names() {
    footer.name_count = names.size();
    footer.named_count = write_lookup(names, true, &WriterRow::name,
                                      {SectionKind::NameOffsets, SectionKind::NameText,
                                       SectionKind::NamePostingOffsets, SectionKind::NameOrdinals});
    return {};
}

Status SegmentWriter::State::write_uris() {
    footer.uri_count = uris.size();
    footer.located_count = write_lookup(uris, false, &WriterRow::uri,
                                        {SectionKind::UriOffsets, SectionKind::UriText,
                                         SectionKind::UriPostingOffsets, SectionKind::UriOrdinals});
    return {};
}

Status SegmentWriter::State::write_keys() {
    for (WriterKey& key : keys) key.number = ordinal_of[key.number];
    bucket_sort(
        keys, [](const WriterKey& key) { return key.key; },
        [](const WriterKey& left, const WriterKey& right) {
            return left.key != right.key ? left.key < right.key : left.number < right.number;
        });
    footer.key_count = keys.size();
    begin_section(SectionKind::Keys);
    for (const WriterKey& key : keys) out.append_value(key.key);
    end_section(SectionKind::Keys);
    begin_section(SectionKind::KeyOrdinals);
    for (const WriterKey& key : keys) out.append_value(key.number);
    end_section(SectionKind::KeyOrdinals);
    return {};
}

Status SegmentWriter::State::write_documents() {
    footer.document_count = documents.size();
    footer.partition_count = partitions.size();
    begin_section(SectionKind::DocumentOrdinals);
    for (const WriterDocument& document : documents) {
        out.append_value(ordinal_of[document.number]);
    }
    end_section(SectionKind::DocumentOrdinals);
    begin_section(SectionKind::DocumentLengths);
    for (const WriterDocument& document : documents) {
        for (size_t field = 0; field < format::kTextFieldCount; ++field) {
            out.append_value(document.lengths[field]);
            footer.total_lengths[field] += document.lengths[field];
        }
    }
    end_section(SectionKind::DocumentLengths);
    begin_section(SectionKind::TextPartitions);
    out.append_values(std::span<const PartitionEntry>(partitions));
    end_section(SectionKind::TextPartitions);
    return {};
}

Status SegmentWriter::State::write_end() {
    out.align(kSectionAlignment);
    out.end_data();
    footer.data_size = out.offset();
    footer.id_count = info.id_count;
    footer.block_count = info.block_count;
    footer.tombstone_count = info.tombstone_count;
    footer.edge_count = info.edge_count;
    footer.edge_tombstone_count = info.edge_tombstone_count;
    footer.frame_count = frames.size();
    footer.version_min = info.version_min;
    footer.version_max = info.version_max;
    footer.id_min = info.id_min;
    footer.id_max = info.id_max;
    const ByteView checksums = std::as_bytes(std::span<const uint64_t>(out.chunk_hashes()));
    for (size_t at = 0; at < checksums.size(); at += kChunkSize) {
        const ByteView part = checksums.subspan(at, std::min(kChunkSize, checksums.size() - at));
        footer.checksum_hashes.push_back(
            hash64(part, checksum_seed(uuid, file_id, footer.data_size + at)));
    }
    out.append(checksums);
    out.align(kSectionAlignment);
    Tail tail;
    tail.footer_offset = out.offset();
    const std::string footer_bytes = encode_footer(footer);
    tail.footer_size = footer_bytes.size();
    tail.footer_hash = hash64(footer_bytes, checksum_seed(uuid, file_id, tail.footer_offset));
    out.append(as_bytes(footer_bytes));
    out.append(as_bytes(encode_tail(tail, uuid, file_id)));
    info.size_bytes = out.offset();
    info.hash = KAUSAL_TRY(out.finish());
    return {};
}

}  // namespace kausal::segment
