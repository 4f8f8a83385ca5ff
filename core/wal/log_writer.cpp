// How groups get into segments and segments follow one another.
//
// State machine: Open (file_ takes groups) -> Sealed (synced and closed, no successor yet) -> Open
// ...; Poisoned and Closed are final. A write that fails is cut off again, so that only a failed
// sync leaves the outcome of a commit unknown.
#include "wal/log_writer.h"

#include "base/assert.h"
#include "base/coding.h"
#include "format/log_record.h"

#include <algorithm>
#include <limits>

namespace kausal::wal {
namespace {

// Space is reserved in steps, so that commits overwrite instead of growing the file (a sync of a
// file that grew writes its size too: measured 30 % slower on ext4) and small databases stay small.
constexpr uint64_t kReserveStepMin = uint64_t{256} << 10;
constexpr uint64_t kReserveStepMax = uint64_t{4} << 20;
constexpr uint64_t kSegmentSizeMin = 4096;
constexpr uint64_t kSegmentSizeMax = uint64_t{8} << 30;
constexpr uint64_t kGroupSizeMax = uint64_t{4} << 30;
constexpr size_t kScratchKeptMax = size_t{4} << 20;
// The successor's header stores the end of a segment in 32 bits of 8-byte units.
static_assert((kSegmentSizeMax + kGroupSizeMax) / format::kRecordAlignment <=
              std::numeric_limits<uint32_t>::max());

}  // namespace

LogWriter::LogWriter(io::Directory& directory, const LogIdentity& identity,
                     const LogWriterOptions& options)
    : directory_(directory), options_(options) {
    header_.identity = identity;
    options_.segment_size_bytes =
        std::clamp(options.segment_size_bytes, kSegmentSizeMin, kSegmentSizeMax);
}

LogWriter::~LogWriter() = default;

Result<std::unique_ptr<LogWriter>> LogWriter::create(io::Directory& directory,
                                                     const LogIdentity& identity,
                                                     const LogWriterOptions& options,
                                                     const LogStart& start) {
    const uint64_t previous = start.previous_end.segment_id;
    const bool distance_fits = start.segment_id - previous <= std::numeric_limits<uint32_t>::max();
    if (!identity.uuid.is_valid() || start.segment_id == 0 || previous >= start.segment_id ||
        (previous != 0 && !distance_fits) || start.first_seq <= start.previous_seq ||
        start.previous_end.offset % format::kRecordAlignment != 0) {
        return fail(ErrorCode::Invalid, "log cannot start with segment " +
                                            std::to_string(start.segment_id) + " after segment " +
                                            std::to_string(previous) + ", sequence number " +
                                            std::to_string(start.first_seq) + " after " +
                                            std::to_string(start.previous_seq));
    }
    std::unique_ptr<LogWriter> writer(new LogWriter(directory, identity, options));
    writer->next_segment_id_ = start.segment_id + 1;
    writer->last_seq_ = start.previous_seq;
    KAUSAL_TRY(writer->open_segment(start));
    return writer;
}

Result<LogPosition> LogWriter::append_group(std::span<const LogRecord> records, bool sync) {
    KAUSAL_TRY(check_usable());
    KAUSAL_TRY(check_records(records));
    const uint64_t size = group_size(records);
    const bool has_groups = end_ > kSegmentHeaderSize;
    if (state_ == State::Open && has_groups && end_ + size > options_.segment_size_bytes) {
        KAUSAL_TRY(seal());
    }
    if (state_ == State::Sealed) {
        KAUSAL_TRY(open_segment(
            {next_segment_id_++, {header_.start.segment_id, end_}, last_seq_, records[0].seq}));
    }
    encode_group(records);
    if (!KAUSAL_ASSERT(scratch_.size() == size)) {
        return fail(ErrorCode::Internal, "log group has another size than computed");
    }
    KAUSAL_TRY(write_group());
    last_seq_ = records.back().seq;
    if (sync) KAUSAL_TRY(sync_file());
    return position();
}

Status LogWriter::sync() {
    KAUSAL_TRY(check_usable());
    if (state_ == State::Sealed || durable_upto_ == end_) return {};
    return sync_file();
}

Status LogWriter::roll() {
    KAUSAL_TRY(check_usable());
    if (state_ == State::Open) {
        if (end_ == kSegmentHeaderSize) return {};
        KAUSAL_TRY(seal());
    }
    return open_segment(
        {next_segment_id_++, {header_.start.segment_id, end_}, last_seq_, last_seq_ + 1});
}

Result<size_t> LogWriter::remove_segments_below(uint64_t segment_id) {
    segment_id = std::min(segment_id, header_.start.segment_id);
    size_t removed = 0;
    // Oldest first: whatever subset a crash leaves is then a suffix of the chain.
    for (const uint64_t id : KAUSAL_TRY(list_segments(directory_))) {
        if (id >= segment_id) break;
        Status status = directory_.unlink(segment_name(id));
        if (status.code() == ErrorCode::NotFound) continue;
        KAUSAL_TRY(std::move(status));
        ++removed;
    }
    if (removed > 0) KAUSAL_TRY(directory_.sync());
    return removed;
}

Status LogWriter::close() {
    if (state_ == State::Poisoned) file_.reset();
    KAUSAL_TRY(check_usable());
    if (state_ == State::Open) {
        if (durable_upto_ != end_) KAUSAL_TRY(sync_file());
        const bool has_groups = end_ > kSegmentHeaderSize;
        encode_group({});
        // Only a help for the next recovery, and the disk may be full: its write may fail.
        if (has_groups) (void)write_group();
        if (state_ == State::Poisoned) return check_usable();
        KAUSAL_TRY(seal());
    }
    state_ = State::Closed;
    return {};
}

Status LogWriter::check_usable() const {
    if (state_ == State::Closed) return {ErrorCode::Closed, "log is closed"};
    if (state_ == State::Poisoned) return {ErrorCode::Poisoned, poison_reason_};
    return {};
}

Status LogWriter::check_records(std::span<const LogRecord> records) const {
    if (records.empty()) return {ErrorCode::Invalid, "log group has no records"};
    uint64_t previous = std::max(last_seq_, header_.start.first_seq - 1);
    for (const LogRecord& record : records) {
        if (record.type == static_cast<uint8_t>(LogRecordType::Invalid) ||
            record.type == static_cast<uint8_t>(LogRecordType::Commit) ||
            (record.flags & ~format::kRecordFlagsKnown) != 0) {
            return {ErrorCode::Invalid, "log record has reserved type " +
                                            std::to_string(record.type) + " or flags " +
                                            std::to_string(record.flags)};
        }
        if (record.seq <= previous) {
            return {ErrorCode::Invalid, "log record has sequence number " +
                                            std::to_string(record.seq) + " after " +
                                            std::to_string(previous)};
        }
        if (record.payload.size() > format::kRecordPayloadSizeMax) {
            return {ErrorCode::Invalid, "log record has " + std::to_string(record.payload.size()) +
                                            " bytes, more than " +
                                            std::to_string(format::kRecordPayloadSizeMax)};
        }
        previous = record.seq;
    }
    const uint64_t size = group_size(records);
    if (size > kGroupSizeMax || records.size() > std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "log group has " + std::to_string(size) + " bytes, more than " +
                                        std::to_string(kGroupSizeMax)};
    }
    return {};
}

uint64_t LogWriter::group_size(std::span<const LogRecord> records) const noexcept {
    uint64_t size = format::record_size(kCommitPayloadSize);
    for (const LogRecord& record : records) size += format::record_size(record.payload.size());
    return size;
}

void LogWriter::encode_group(std::span<const LogRecord> records) {
    if (scratch_.capacity() > kScratchKeptMax) std::string().swap(scratch_);
    scratch_.clear();
    scratch_.reserve(static_cast<size_t>(group_size(records)));
    const format::RecordCodec codec(header_.identity.uuid, format::RecordFile::Log,
                                    header_.start.segment_id);
    format::RecordHeader header;
    for (const LogRecord& record : records) {
        header.type = record.type;
        header.flags = record.flags;
        header.seq = record.seq;
        codec.append(scratch_, end_ + scratch_.size(), header, record.payload);
    }
    const CommitPayload commit{static_cast<uint32_t>(records.size()), durable_upto_, last_seq_};
    header.type = static_cast<uint8_t>(LogRecordType::Commit);
    header.flags = 0;
    header.seq = records.empty() ? last_seq_ : records.back().seq;
    codec.append(scratch_, end_ + scratch_.size(), header, commit.encode());
}

Status LogWriter::write_group() {
    const uint64_t end = end_ + scratch_.size();
    reserve_space(end);
    Status written = file_->write_at(end_, as_bytes(scratch_));
    if (written.is_ok()) {
        end_ = end;
        return {};
    }
    // Part of the group may be in the file. Without its last bytes it is no group, but what follows
    // must not be written in front of leftovers, so they are cut off or nothing follows.
    Status cut = file_->truncate(end_);
    reserved_upto_ = end_;
    written = std::move(written).with_context(segment_name(header_.start.segment_id));
    if (written.code() == ErrorCode::NoSpace && cut.is_ok()) return written;
    poison(written);
    return written;
}

void LogWriter::reserve_space(uint64_t end) {
    if (!can_reserve_ || end <= reserved_upto_) return;
    const uint64_t step = std::clamp(reserved_upto_, kReserveStepMin, kReserveStepMax);
    uint64_t upto = std::max(end, reserved_upto_ + step);
    upto = std::max(end, std::min(upto, options_.segment_size_bytes));
    // Growing later works as well, only slower; a full disk shows when the write fails.
    if (file_->allocate(reserved_upto_, upto - reserved_upto_).is_ok()) {
        reserved_upto_ = upto;
    } else {
        can_reserve_ = false;
    }
}

Status LogWriter::sync_file() {
    Status synced = file_->sync(io::SyncMode::Data);
    if (synced.is_ok()) {
        durable_upto_ = end_;
        return {};
    }
    // The system may have dropped the pages; asking again would report success for lost data.
    poison(synced);
    return {ErrorCode::OutcomeUnknown,
            segment_name(header_.start.segment_id) + ": " + std::string(synced.message())};
}

Status LogWriter::seal() {
    // Gives reserved space back. Failing or being undone by a crash is harmless: the successor's
    // header says where this segment ends.
    if (reserved_upto_ > end_) (void)file_->truncate(end_);
    Status synced = sync_file();
    if (!synced.is_ok()) return check_usable();
    // Content is synced, so a failing close cannot lose any.
    (void)file_->close();
    file_.reset();
    state_ = State::Sealed;
    return {};
}

Status LogWriter::open_segment(const LogStart& start) {
    SegmentHeader header{header_.identity, start};
    const std::string name = segment_name(start.segment_id);
    const std::string bytes = header.encode();
    std::unique_ptr<io::File> file =
        KAUSAL_TRY(directory_.open(name, {.create = true, .exclusive = true, .write = true}));
    Status status = file->write_at(0, as_bytes(bytes));
    if (status.is_ok()) status = file->sync(io::SyncMode::Full);
    if (status.is_ok()) status = directory_.sync();
    if (!status.is_ok()) {
        // The id stays used. If the name cannot be removed durably, a segment with a header but
        // outside of the chain may come back, which recovery would have to take for damage.
        file.reset();
        Status removed = directory_.unlink(name);
        if (removed.is_ok()) removed = directory_.sync();
        if (!removed.is_ok()) poison(removed);
        return std::move(status).with_context(name);
    }
    header_ = header;
    file_ = std::move(file);
    end_ = kSegmentHeaderSize;
    durable_upto_ = end_;
    reserved_upto_ = end_;
    can_reserve_ = true;
    state_ = State::Open;
    return {};
}

void LogWriter::poison(const Status& cause) {
    state_ = State::Poisoned;
    poison_reason_ = segment_name(header_.start.segment_id) + ": " + std::string(cause.message());
}

}  // namespace kausal::wal
