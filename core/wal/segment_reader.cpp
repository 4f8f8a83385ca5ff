// Windowed reading of a segment, the walk over a group's records, and the scan for later ones.
#include "wal/segment_reader.h"

#include "base/coding.h"
#include "io/lost_and_found.h"

#include <algorithm>

namespace kausal::wal {
namespace {

constexpr uint64_t kWindowSize = uint64_t{256} << 10;

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(io::Directory& directory,
                                                           const format::DatabaseUuid& database,
                                                           uint64_t segment_id) {
    std::unique_ptr<io::File> file = KAUSAL_TRY(directory.open(segment_name(segment_id), {}));
    const format::RecordCodec codec(database, format::RecordFile::Log, segment_id);
    std::unique_ptr<SegmentReader> reader(new SegmentReader(std::move(file), codec));
    KAUSAL_TRY(reader->refresh());
    return reader;
}

Status SegmentReader::refresh() {
    window_.clear();
    size_ = KAUSAL_TRY(file_->size());
    return {};
}

Result<std::string> SegmentReader::read_header_bytes() {
    return std::string(as_text(KAUSAL_TRY(view(0, kSegmentHeaderSize))));
}

Result<ByteView> SegmentReader::view(uint64_t offset, uint64_t size) {
    if (offset >= size_) return ByteView();
    size = std::min(size, size_ - offset);
    if (offset < window_at_ || offset + size > window_at_ + window_.size()) {
        const uint64_t wanted = std::min(std::max(size, kWindowSize), size_ - offset);
        window_.resize(static_cast<size_t>(wanted));
        window_at_ = offset;
        const MutableBytes into(reinterpret_cast<std::byte*>(window_.data()), window_.size());
        const size_t count = KAUSAL_TRY(file_->read_at(offset, into));
        window_.resize(count);
        // The writer gives reserved space back when it seals; the file then ends where it ends.
        if (count < wanted) size_ = offset + count;
        size = std::min<uint64_t>(size, count);
    }
    const ByteView all = as_bytes(window_);
    return all.subspan(static_cast<size_t>(offset - window_at_), static_cast<size_t>(size));
}

Result<std::optional<ByteView>> SegmentReader::read_record(uint64_t at,
                                                           const format::RecordHeader& header) {
    const uint64_t padded = format::record_padded(header.payload_size);
    const uint64_t payload_at = at + format::kRecordHeaderSize;
    if (payload_at > size_ || padded > size_ - payload_at) return std::nullopt;
    const ByteView payload = KAUSAL_TRY(view(payload_at, padded));
    if (!codec_.payload_matches(header, payload, at)) return std::nullopt;
    return payload;
}

GroupOutcome SegmentReader::problem(GroupOutcome outcome, uint64_t offset, std::string what) {
    problem_offset_ = offset;
    problem_ = std::move(what);
    return outcome;
}

Result<GroupOutcome> SegmentReader::judge_unreadable(uint64_t from, uint64_t at) {
    if (KAUSAL_TRY(io::end_of_content(*file_, std::min(at, size_), size_)) <= at) {
        if (at == from) return GroupOutcome::End;
        return problem(GroupOutcome::Bad, at, "commit group has no end");
    }
    return problem(GroupOutcome::Bad, at, "record header fails its checksum");
}

Result<GroupOutcome> SegmentReader::read_group(uint64_t from, uint64_t seq_before,
                                               uint64_t seq_first) {
    group_.bytes.clear();
    group_.records.clear();
    group_.seq_last = seq_before;
    for (uint64_t at = from;;) {
        const ByteView header_bytes = KAUSAL_TRY(view(at, format::kRecordHeaderSize));
        const auto header = codec_.decode_header(header_bytes, at);
        if (!header) return judge_unreadable(from, at);
        group_.bytes += as_text(header_bytes);
        const auto payload = KAUSAL_TRY(read_record(at, *header));
        if (!payload) {
            return problem(GroupOutcome::Bad, at, "record is cut off or fails its checksum");
        }
        const uint64_t payload_at = group_.bytes.size();
        group_.bytes += as_text(*payload);
        const bool is_commit = header->type == static_cast<uint8_t>(LogRecordType::Commit);
        const bool is_batch = header->type == static_cast<uint8_t>(LogRecordType::Batch);
        const bool flags_known = (header->flags & ~format::kRecordFlagsKnown) == 0;
        const bool ignorable = (header->flags & format::kRecordIgnorable) != 0;
        if (!flags_known || (!is_commit && !is_batch && !ignorable)) {
            return problem(GroupOutcome::Newer, at,
                           "record of type " + std::to_string(header->type) + " with flags " +
                               std::to_string(header->flags));
        }
        if (is_commit) {
            return finish_group(from, at, *header, payload->first(header->payload_size), seq_before,
                                seq_first);
        }
        group_.records.push_back(
            {header->seq, payload_at, header->payload_size, header->type, is_batch});
        at += format::record_size(header->payload_size);
    }
}

GroupOutcome SegmentReader::finish_group(uint64_t from, uint64_t at,
                                         const format::RecordHeader& header, ByteView payload,
                                         uint64_t seq_before, uint64_t seq_first) {
    const auto commit = CommitPayload::decode(as_text(payload));
    if (!commit) return problem(GroupOutcome::Newer, at, "commit record of unknown size");
    if (commit->previous_seq != seq_before) {
        return problem(GroupOutcome::Broken, at,
                       "sequence gap: group follows number " +
                           std::to_string(commit->previous_seq) + ", the log has " +
                           std::to_string(seq_before));
    }
    if (commit->record_count != group_.records.size()) {
        return problem(GroupOutcome::Broken, at,
                       "group of " + std::to_string(commit->record_count) + " records has " +
                           std::to_string(group_.records.size()));
    }
    if (commit->durable_upto > from) {
        return problem(GroupOutcome::Broken, at,
                       "group at " + std::to_string(from) + " claims itself durable");
    }
    for (const GroupRecord& record : group_.records) {
        if (record.seq <= group_.seq_last || record.seq < seq_first) {
            return problem(GroupOutcome::Broken, from,
                           "sequence number " + std::to_string(record.seq) + " after " +
                               std::to_string(group_.seq_last));
        }
        group_.seq_last = record.seq;
    }
    if (header.seq != group_.seq_last) {
        return problem(GroupOutcome::Broken, at,
                       "commit of sequence number " + std::to_string(header.seq) +
                           " ends a group at " + std::to_string(group_.seq_last));
    }
    return GroupOutcome::Group;
}

Result<uint64_t> SegmentReader::durable_claim_behind(uint64_t from) {
    uint64_t claim = 0;
    const uint64_t first = format::record_padded(std::max<uint64_t>(from, kSegmentHeaderSize));
    for (uint64_t at = first; at + format::kRecordHeaderSize <= size_;) {
        const ByteView bytes = KAUSAL_TRY(view(at, format::kRecordHeaderSize));
        const auto header = codec_.decode_header(bytes, at);
        if (!header) {
            at += format::kRecordAlignment;
            continue;
        }
        const auto payload = KAUSAL_TRY(read_record(at, *header));
        if (!payload) {
            at += format::kRecordAlignment;
            continue;
        }
        if (header->type == static_cast<uint8_t>(LogRecordType::Commit)) {
            const auto commit =
                CommitPayload::decode(as_text(payload->first(header->payload_size)));
            if (commit) claim = std::max(claim, commit->durable_upto);
        }
        at += format::record_size(header->payload_size);
    }
    return claim;
}

}  // namespace kausal::wal
