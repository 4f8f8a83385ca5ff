// Verification of a live database: every file, then the merged view; see engine.h.
#include "storage/cross_check.h"
#include "storage/engine.h"

#include <utility>

namespace kausal::storage {
namespace {

constexpr int kLogAttempts = 10;
constexpr uint64_t kLogPause = 5'000'000;  // nanoseconds

}  // namespace

void Engine::verify_segments(const Version& version, VerifyReport& report) {
    for (const SegmentFileRef& file : version.segments) {
        const std::string name = segment::segment_file_name(file->meta().file_id);
        std::vector<segment::SegmentFinding> findings;
        segment::SegmentVerifyCounts counts;
        const Status ran = file->reader().verify(&file->meta().hash, findings, counts);
        for (segment::SegmentFinding& finding : findings) {
            report.findings.push_back({name, finding.offset, std::move(finding.message)});
        }
        if (!ran.is_ok()) report.findings.push_back({name, 0, std::string(ran.message())});
        if (!findings.empty()) {
            core_->tracker.report_scoped_damage({name, findings.front().offset},
                                                report.findings.back().message);
        }
        ++report.files_checked;
        report.bytes_checked += counts.bytes;
        report.blocks_checked += counts.blocks;
        report.edges_checked += counts.edges;
    }
}

void Engine::verify_manifest(VerifyReport& report) {
    report.files_checked += 2;  // CURRENT and the manifest it names
    report.bytes_checked += versions_.manifest_size_bytes();
    // A reader beside a writer may find a newer manifest than its own.
    const Result<manifest::ManifestState> state = versions_.read_manifest(!options_.read_only);
    if (!state) {
        report.findings.push_back({manifest::manifest_file_name(versions_.superblock().manifest_id),
                                   0, std::string(state.error().message())});
    }
}

Status Engine::read_log(VerifyReport& report) {
    const manifest::ManifestState state = KAUSAL_TRY(versions_.read_manifest(!options_.read_only));
    const manifest::Superblock superblock = versions_.superblock();
    wal::RecoveryOptions options;
    options.mode = wal::RecoveryMode::ReadOnly;
    options.newest_segment_id_min = state.wal_newest_segment_id;
    uint64_t files = 0;
    uint64_t bytes = 0;
    for (const uint64_t id : KAUSAL_TRY(wal::list_segments(*core_->directory))) {
        if (id < state.wal_first_segment_id) continue;
        ++files;
        bytes += KAUSAL_TRY(core_->directory->info(wal::segment_name(id))).size_bytes;
    }
    const wal::RecoveryReport found = KAUSAL_TRY(
        wal::recover_log(*core_->directory, {.uuid = superblock.uuid, .epoch = superblock.epoch},
                         state.wal_first_segment_id, options,
                         [](uint64_t, uint8_t, std::string_view) { return Status::ok(); }));
    if (log_ != nullptr && found.last_seq < log_->last_seq()) {
        return {ErrorCode::Corrupt, "the log ends at sequence number " +
                                        std::to_string(found.last_seq) + " instead of " +
                                        std::to_string(log_->last_seq())};
    }
    report.files_checked += files;
    report.bytes_checked += bytes;
    return Status::ok();
}

void Engine::verify_log(VerifyReport& report) {
    Status status;
    if (options_.read_only) {
        // A writer beside us may remove what is being read; what is really damaged stays so.
        status = read_log(report);
        for (int attempt = 1; attempt < kLogAttempts && !status.is_ok(); ++attempt) {
            environment_.executor->sleep_ns(kLogPause);
            status = read_log(report);
        }
    } else {
        // With the role the log does not grow, and once nothing is left to flush it does not
        // shrink. A flush that fails removes nothing.
        const WriterScope role(queue_);
        (void)maintenance_.wait_until_flushed();
        status = read_log(report);
    }
    if (!status.is_ok()) report.findings.push_back({"log", 0, std::string(status.message())});
}

Result<VerifyReport> Engine::verify() {
    if (closed_.load()) return fail(ErrorCode::Closed, "the database is closed");
    VerifyReport report;
    const VersionSet::Current current = versions_.current();
    verify_manifest(report);
    verify_log(report);
    verify_segments(*current.version, report);
    const SnapshotView snapshot(core_, current.version, current.sequence);
    KAUSAL_TRY(cross_check(snapshot, report));
    return report;
}

}  // namespace kausal::storage
