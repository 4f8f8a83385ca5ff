// What the tests of the manifest share: a directory in memory and segments to add.
#pragma once

#include "io/fault_vfs.h"
#include "io/memory_vfs.h"
#include "manifest/manifest.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace kausal::test {

inline constexpr format::DatabaseUuid kUuid{0x1122334455667788, 0x99aabbccddeeff00};
inline constexpr std::string_view kPath = "/db";

inline std::unique_ptr<io::Directory> open_directory(io::Vfs& vfs) {
    (void)vfs.make_directories(kPath);
    auto directory = vfs.open_directory(kPath);
    return directory ? std::move(*directory) : nullptr;
}

inline manifest::SegmentMeta segment(uint64_t file_id, uint64_t age_rank) {
    manifest::SegmentMeta meta;
    meta.file_id = file_id;
    meta.age_rank = age_rank;
    meta.level = static_cast<uint32_t>(age_rank % 5);
    meta.size_bytes = 1000 + file_id;
    meta.hash = {file_id * 3, file_id * 5};
    meta.block_count = 10 * file_id;
    meta.edge_count = 20 * file_id;
    meta.lookup_count = 30 * file_id;
    meta.seq_min = file_id;
    meta.seq_max = file_id + 9;
    meta.id_min = {1, file_id};
    meta.id_max = {2, file_id};
    return meta;
}

/// Adds one segment with a fresh id; returns the id, 0 on failure.
inline uint64_t add_segment(manifest::Manifest& manifest, uint64_t age_rank) {
    const auto id = manifest.allocate_file_id();
    if (!id) return 0;
    manifest::VersionEdit edit;
    edit.segments_added.push_back(segment(*id, age_rank));
    return manifest.append(edit).is_ok() ? *id : 0;
}

inline std::unique_ptr<manifest::Manifest> open_manifest(io::Directory& directory,
                                                         bool read_only = false) {
    auto opened = manifest::Manifest::open(directory, read_only);
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message());
    return opened ? std::move(*opened) : nullptr;
}

inline std::string manifest_path(const manifest::Manifest& manifest) {
    return std::string(kPath) + "/" +
           manifest::manifest_file_name(manifest.superblock().manifest_id);
}

}  // namespace kausal::test
