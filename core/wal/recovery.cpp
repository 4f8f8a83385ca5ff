// The recovery table of docs/format/wal.md section 4, row by row.
//
// Order of work: find the chain of segments, read it group by group, judge the end, and in
// read-write mode leave a directory in which everything delivered is durable. Nothing is changed
// before the whole log has been judged, except that the copy of the newest segment grows under a
// temporary name.
#include "wal/recovery.h"

#include "io/lost_and_found.h"
#include "wal/segment_reader.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace kausal::wal {
namespace {

constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr size_t kCopyBufferSize = size_t{1} << 20;

/// Writes the checked bytes of the newest segment to a fresh file and puts it in place. After a
/// failed sync the pages in memory may differ from the disk; only a new file, synced, makes them
/// durable. The bytes come from the groups as they were checked, so nothing unchecked is copied.
class SegmentCopy {
  public:
    explicit SegmentCopy(io::Directory& directory) : directory_(directory) {}

    [[nodiscard]] Status begin(uint64_t segment_id, std::string_view header_bytes) {
        name_ = segment_name(segment_id);
        temporary_name_ = name_ + std::string(kTemporarySuffix);
        file_ = KAUSAL_TRY(
            directory_.open(temporary_name_, {.create = true, .exclusive = true, .write = true}));
        return append(header_bytes);
    }
    [[nodiscard]] bool has_begun() const noexcept { return file_ != nullptr; }
    [[nodiscard]] Status append(std::string_view bytes) {
        buffer_ += bytes;
        return buffer_.size() >= kCopyBufferSize ? write_buffer() : Status();
    }
    [[nodiscard]] Status put_in_place() {
        KAUSAL_TRY(write_buffer());
        KAUSAL_TRY(file_->sync(io::SyncMode::Full));
        KAUSAL_TRY(file_->close());
        KAUSAL_TRY(directory_.rename(temporary_name_, directory_, name_));
        return directory_.sync();
    }

  private:
    [[nodiscard]] Status write_buffer() {
        KAUSAL_TRY(file_->write_at(written_, as_bytes(buffer_)));
        written_ += buffer_.size();
        buffer_.clear();
        return {};
    }

    io::Directory& directory_;
    std::string name_;
    std::string temporary_name_;
    std::unique_ptr<io::File> file_;
    std::string buffer_;
    uint64_t written_ = 0;
};

/// How a segment's end is known. Recorded: the successor's header says it. Sealed: there is a
/// successor but its header was never finished; the segment is synced all the same. Open: the
/// newest.
enum class EndKnowledge : uint8_t { Recorded, Sealed, Open };

class Recovery {
  public:
    Recovery(io::Directory& directory, const LogIdentity& identity, const RecoveryOptions& options,
             const RecordVisitor& visit)
        : directory_(directory),
          identity_(identity),
          options_(options),
          visit_(visit),
          copy_(directory) {}

    [[nodiscard]] Result<RecoveryReport> run(uint64_t first_segment_id);

  private:
    [[nodiscard]] bool writes() const noexcept { return options_.mode == RecoveryMode::ReadWrite; }
    [[nodiscard]] Status remove_temporaries();
    [[nodiscard]] Status find_segments(uint64_t first_segment_id);
    [[nodiscard]] Status add_segment(uint64_t id, bool is_newest, uint64_t required_id);
    [[nodiscard]] Status check_chain(const SegmentHeader& header) const;
    [[nodiscard]] Status read_segments();
    [[nodiscard]] Status read_segment(size_t index);
    [[nodiscard]] Status take_group(const SegmentReader& reader, const SegmentHeader& header,
                                    EndKnowledge knowledge);
    [[nodiscard]] Status judge_end(SegmentReader& reader, GroupOutcome outcome,
                                   EndKnowledge knowledge, bool& retry);
    [[nodiscard]] Status drop_tail(SegmentReader& reader);
    [[nodiscard]] Status drop_unfinished_segment();
    [[nodiscard]] Status damaged(ErrorCode code, std::string_view name, uint64_t offset,
                                 std::string_view what) const;

    io::Directory& directory_;
    const LogIdentity& identity_;
    const RecoveryOptions& options_;
    const RecordVisitor& visit_;
    SegmentCopy copy_;
    RecoveryReport report_;
    std::vector<SegmentHeader> chain_;
    std::optional<uint64_t> unfinished_segment_id_;
    uint64_t highest_id_ = 0;
    std::optional<uint64_t> retried_at_;
};

Status Recovery::damaged(ErrorCode code, std::string_view name, uint64_t offset,
                         std::string_view what) const {
    std::string text(name);
    text += ": offset " + std::to_string(offset) + ": ";
    text += what;
    text += "; sequence numbers from " + std::to_string(report_.last_seq + 1) + " on not read";
    return {code, std::move(text)};
}

bool is_damage(const Status& status) noexcept {
    return status.code() == ErrorCode::Corrupt || status.code() == ErrorCode::NewerFormat;
}

Result<RecoveryReport> Recovery::run(uint64_t first_segment_id) {
    if (writes()) KAUSAL_TRY(remove_temporaries());
    Status status = find_segments(first_segment_id);
    // Salvage shows what there is in front of the damage, so it reads the part of the chain found.
    const bool salvage = options_.mode == RecoveryMode::SalvageReadOnly;
    if (!status.is_ok() && !(salvage && is_damage(status))) return fail(std::move(status));
    if (Status read = read_segments(); !read.is_ok()) {
        if (!(salvage && is_damage(read))) return fail(std::move(read));
        status = std::move(read);
    }
    if (!status.is_ok()) {
        report_.end_kind =
            status.code() == ErrorCode::NewerFormat ? LogEnd::Newer : LogEnd::Corrupt;
        report_.damage = std::move(status);
    }
    if (writes() && copy_.has_begun()) KAUSAL_TRY(copy_.put_in_place());
    if (unfinished_segment_id_) KAUSAL_TRY(drop_unfinished_segment());
    report_.next.segment_id = highest_id_ + 1;
    report_.next.previous_end = report_.end;
    report_.next.previous_seq = report_.last_seq;
    report_.next.first_seq = report_.last_seq + 1;
    return std::move(report_);
}

Status Recovery::remove_temporaries() {
    for (const io::DirectoryEntry& entry : KAUSAL_TRY(directory_.list())) {
        std::string_view name = entry.name;
        if (!name.ends_with(kTemporarySuffix)) continue;
        name.remove_suffix(kTemporarySuffix.size());
        if (segment_id_of(name)) KAUSAL_TRY(directory_.unlink(entry.name));
    }
    return {};
}

Status Recovery::find_segments(uint64_t first_segment_id) {
    std::vector<uint64_t> ids = KAUSAL_TRY(list_segments(directory_));
    const uint64_t required_id = std::max(first_segment_id, options_.newest_segment_id_min);
    highest_id_ = std::max(required_id, ids.empty() ? 0 : ids.back());
    std::erase_if(ids, [&](uint64_t id) { return id < first_segment_id; });
    if (first_segment_id != 0 && (ids.empty() || ids.front() != first_segment_id)) {
        return damaged(ErrorCode::Corrupt, segment_name(first_segment_id), 0, "segment is missing");
    }
    for (const uint64_t id : ids) KAUSAL_TRY(add_segment(id, id == ids.back(), required_id));
    if (options_.newest_segment_id_min > (ids.empty() ? 0 : ids.back())) {
        return damaged(ErrorCode::Corrupt, segment_name(options_.newest_segment_id_min), 0,
                       "segment is missing");
    }
    return {};
}

Status Recovery::add_segment(uint64_t id, bool is_newest, uint64_t required_id) {
    const std::string name = segment_name(id);
    auto opened = SegmentReader::open(directory_, identity_.uuid, id);
    if (!opened && opened.error().code() == ErrorCode::NotFound) {
        return {ErrorCode::Unavailable, name + ": removed while the log was read"};
    }
    const std::unique_ptr<SegmentReader> reader = KAUSAL_TRY(std::move(opened));
    const std::string bytes = KAUSAL_TRY(reader->read_header_bytes());
    Result<SegmentHeader> header = SegmentHeader::decode(as_bytes(bytes));
    if (!header) {
        // A segment takes groups only after its header was synced, and every group then says so.
        const bool never_used = header.error().code() == ErrorCode::Corrupt && is_newest &&
                                id > required_id &&
                                KAUSAL_TRY(reader->durable_claim_behind(0)) == 0;
        if (!never_used) {
            return damaged(header.error().code(), name, 0, header.error().message());
        }
        unfinished_segment_id_ = id;
        return {};
    }
    if (header->identity.uuid != identity_.uuid || header->start.segment_id != id) {
        return damaged(ErrorCode::Corrupt, name, 0,
                       "segment " + std::to_string(header->start.segment_id) + " of database " +
                           header->identity.uuid.to_hex());
    }
    KAUSAL_TRY(check_chain(*header));
    chain_.push_back(*header);
    return {};
}

Status Recovery::check_chain(const SegmentHeader& header) const {
    const std::string name = segment_name(header.start.segment_id);
    const uint32_t epoch_min = chain_.empty() ? 0 : chain_.back().identity.epoch;
    if (header.identity.epoch > identity_.epoch && options_.mode == RecoveryMode::ReadOnly) {
        return {ErrorCode::Unavailable, name + ": made after the manifest was read"};
    }
    if (header.identity.epoch < epoch_min || header.identity.epoch > identity_.epoch) {
        return damaged(ErrorCode::Corrupt, name, 0,
                       "epoch " + std::to_string(header.identity.epoch) + " is not in " +
                           std::to_string(epoch_min) + ".." + std::to_string(identity_.epoch));
    }
    if (chain_.empty()) return {};
    const uint64_t before = chain_.back().start.segment_id;
    if (header.start.previous_end.segment_id != before) {
        return damaged(ErrorCode::Corrupt, name, 0,
                       "segment " + std::to_string(header.start.previous_end.segment_id) +
                           " before it is missing, found " + std::to_string(before));
    }
    return {};
}

Status Recovery::read_segments() {
    if (chain_.empty()) return {};
    report_.last_seq = chain_.front().start.previous_seq;
    for (size_t i = 0; i < chain_.size(); ++i) KAUSAL_TRY(read_segment(i));
    return {};
}

Status Recovery::read_segment(size_t index) {
    const SegmentHeader& header = chain_[index];
    const uint64_t id = header.start.segment_id;
    if (header.start.previous_seq != report_.last_seq) {
        return damaged(ErrorCode::Corrupt, segment_name(id), 0,
                       "sequence gap: segment follows number " +
                           std::to_string(header.start.previous_seq) + ", the log has " +
                           std::to_string(report_.last_seq));
    }
    EndKnowledge knowledge = EndKnowledge::Open;
    uint64_t recorded_end = 0;
    if (index + 1 < chain_.size()) {
        knowledge = EndKnowledge::Recorded;
        recorded_end = chain_[index + 1].start.previous_end.offset;
    } else if (unfinished_segment_id_) {
        knowledge = EndKnowledge::Sealed;
    }
    const std::unique_ptr<SegmentReader> reader =
        KAUSAL_TRY(SegmentReader::open(directory_, identity_.uuid, id));
    report_.end = {id, kSegmentHeaderSize};
    ++report_.segments;
    while (knowledge != EndKnowledge::Recorded || report_.end.offset != recorded_end) {
        const GroupOutcome outcome = KAUSAL_TRY(
            reader->read_group(report_.end.offset, report_.last_seq, header.start.first_seq));
        if (outcome != GroupOutcome::Group) {
            bool retry = false;
            KAUSAL_TRY(judge_end(*reader, outcome, knowledge, retry));
            if (retry) continue;
            break;
        }
        const uint64_t end = report_.end.offset + reader->group().bytes.size();
        if (knowledge == EndKnowledge::Recorded && end > recorded_end) {
            return damaged(ErrorCode::Corrupt, segment_name(id), report_.end.offset,
                           "group passes the recorded end " + std::to_string(recorded_end));
        }
        KAUSAL_TRY(take_group(*reader, header, knowledge));
    }
    return {};
}

Status Recovery::take_group(const SegmentReader& reader, const SegmentHeader& header,
                            EndKnowledge knowledge) {
    const CommitGroup& group = reader.group();
    if (writes() && knowledge == EndKnowledge::Open) {
        if (!copy_.has_begun()) {
            KAUSAL_TRY(copy_.begin(header.start.segment_id, header.encode()));
        }
        KAUSAL_TRY(copy_.append(group.bytes));
    }
    for (const GroupRecord& record : group.records) {
        ++report_.records;
        if (!record.is_known) {
            ++report_.records_ignored;
        } else if (record.seq > options_.deliver_above_seq) {
            const std::string_view payload(group.bytes.data() + record.payload_at,
                                           record.payload_size);
            KAUSAL_TRY(visit_(record.seq, record.type, payload));
        }
    }
    ++report_.groups;
    report_.last_seq = group.seq_last;
    report_.end.offset += group.bytes.size();
    return {};
}

Status Recovery::judge_end(SegmentReader& reader, GroupOutcome outcome, EndKnowledge knowledge,
                           bool& retry) {
    const std::string name = segment_name(report_.end.segment_id);
    if (outcome == GroupOutcome::Newer) {
        return damaged(ErrorCode::NewerFormat, name, reader.problem_offset(), reader.problem());
    }
    if (outcome == GroupOutcome::Broken) {
        return damaged(ErrorCode::Corrupt, name, reader.problem_offset(), reader.problem());
    }
    if (outcome == GroupOutcome::End) {
        if (knowledge != EndKnowledge::Recorded) return {};
        return damaged(ErrorCode::Corrupt, name, report_.end.offset,
                       "segment ends before its recorded end");
    }
    if (knowledge != EndKnowledge::Open) {
        return damaged(ErrorCode::Corrupt, name, reader.problem_offset(), reader.problem());
    }
    const uint64_t claim = KAUSAL_TRY(reader.durable_claim_behind(report_.end.offset));
    if (claim <= report_.end.offset) return drop_tail(reader);
    // A reader beside a live writer may have seen half of a group; by now the writer is past it.
    if (!writes() && retried_at_ != report_.end.offset) {
        retried_at_ = report_.end.offset;
        retry = true;
        return reader.refresh();
    }
    return damaged(ErrorCode::Corrupt, name, reader.problem_offset(),
                   reader.problem() + " below " + std::to_string(claim) + ", known durable");
}

Status Recovery::drop_tail(SegmentReader& reader) {
    const uint64_t from = report_.end.offset;
    const uint64_t until = KAUSAL_TRY(io::end_of_content(reader.file(), from, reader.size()));
    report_.end_kind = LogEnd::Torn;
    report_.bytes_discarded = until - from;
    if (writes() && until > from) {
        report_.lost_and_found_name = KAUSAL_TRY(io::keep_bytes(
            directory_, reader.file(), segment_name(report_.end.segment_id), from, until));
    }
    return {};
}

Status Recovery::drop_unfinished_segment() {
    const std::string name = segment_name(*unfinished_segment_id_);
    auto opened = SegmentReader::open(directory_, identity_.uuid, *unfinished_segment_id_);
    // Beside a live writer it may be gone or have become a segment by now; that is the writer's
    // affair.
    if (!opened && !writes()) return {};
    const std::unique_ptr<SegmentReader> reader = KAUSAL_TRY(std::move(opened));
    const uint64_t content = KAUSAL_TRY(io::end_of_content(reader->file(), 0, reader->size()));
    if (content > 0 && report_.end_kind == LogEnd::Clean) report_.end_kind = LogEnd::Torn;
    report_.bytes_discarded += content;
    if (!writes()) return {};
    if (content > 0) {
        report_.lost_and_found_name = KAUSAL_TRY(io::keep_file(directory_, name));
        return {};
    }
    KAUSAL_TRY(directory_.unlink(name));
    return directory_.sync();
}

}  // namespace

Result<RecoveryReport> recover_log(io::Directory& directory, const LogIdentity& identity,
                                   uint64_t first_segment_id, const RecoveryOptions& options,
                                   const RecordVisitor& visit) {
    return Recovery(directory, identity, options, visit).run(first_segment_id);
}

}  // namespace kausal::wal
