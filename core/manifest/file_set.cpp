// Comparing the directory with the manifest, and clearing leftovers away.
#include "manifest/file_set.h"

#include "io/lost_and_found.h"
#include "manifest/file_names.h"

#include <algorithm>
#include <string_view>

namespace kausal::manifest {
namespace {

enum class NameClass : uint8_t { Needed, Leftover, Foreign };

NameClass class_of(std::string_view name, const Manifest& manifest) {
    const ManifestState& state = manifest.state();
    if (name == kCurrentName || name == kLockName || name == io::kLostAndFoundName) {
        return NameClass::Needed;
    }
    if (name == kCurrentTemporaryName) return NameClass::Leftover;
    std::string_view base = name;
    const bool is_temporary = base.ends_with(kTemporarySuffix);
    if (is_temporary) base.remove_suffix(kTemporarySuffix.size());
    const auto log = number_in_name(base, "", kLogSuffix);
    const auto segment = number_in_name(base, "", kSegmentFileSuffix);
    const auto other_manifest = number_in_name(base, kManifestPrefix, "");
    if (!log && !segment && !other_manifest) return NameClass::Foreign;
    if (is_temporary) return NameClass::Leftover;
    bool is_needed = false;
    if (log) is_needed = *log >= state.wal_first_segment_id;
    if (segment) is_needed = state.find(*segment) != nullptr;
    if (other_manifest) is_needed = *other_manifest == manifest.superblock().manifest_id;
    return is_needed ? NameClass::Needed : NameClass::Leftover;
}

Status check_segment(io::Directory& directory, const SegmentMeta& meta) {
    const std::string name = segment_file_name(meta.file_id);
    auto asked = directory.info(name);
    if (!asked && asked.error().code() == ErrorCode::NotFound) {
        return {ErrorCode::Corrupt, name + ": segment is missing, sequence numbers " +
                                        std::to_string(meta.seq_min) + ".." +
                                        std::to_string(meta.seq_max)};
    }
    const io::FileInfo info = KAUSAL_TRY(std::move(asked));
    if (info.kind != io::EntryKind::File || info.size_bytes != meta.size_bytes) {
        return {ErrorCode::Corrupt, name + ": " + std::to_string(info.size_bytes) +
                                        " bytes instead of " + std::to_string(meta.size_bytes)};
    }
    return {};
}

}  // namespace

Result<FileSetReport> check_file_set(io::Directory& directory, const Manifest& manifest) {
    FileSetReport report;
    report.leftovers_deletable = manifest.was_read_cleanly();
    for (const SegmentMeta& meta : manifest.state().segments) {
        KAUSAL_TRY(check_segment(directory, meta));
    }
    for (io::DirectoryEntry& entry : KAUSAL_TRY(directory.list())) {
        switch (class_of(entry.name, manifest)) {
            case NameClass::Needed:
                break;
            case NameClass::Leftover:
                report.leftovers.push_back(std::move(entry.name));
                break;
            case NameClass::Foreign:
                report.foreign.push_back(std::move(entry.name));
                break;
        }
    }
    return report;
}

Result<size_t> settle_file_set(io::Directory& directory, const FileSetReport& report) {
    for (const std::string& name : report.leftovers) {
        if (report.leftovers_deletable) {
            KAUSAL_TRY(directory.unlink(name));
        } else {
            KAUSAL_TRY(io::keep_file(directory, name));
        }
    }
    if (!report.leftovers.empty()) KAUSAL_TRY(directory.sync());
    return report.leftovers.size();
}

}  // namespace kausal::manifest
