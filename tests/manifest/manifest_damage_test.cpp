// Goal: no damage to manifest or CURRENT yields a wrong file set. A torn tail drops only edits that
// were never acknowledged, and is kept; anything else refuses. Method: exhaustive: every flipped
// byte of both files, every length of a manifest, hand-made tails.
#include "base/coding.h"
#include "format/log_record.h"
#include "manifest/manifest_fixture.h"

#include <gtest/gtest.h>

#include <vector>

namespace kausal::manifest {
namespace {

using test::add_segment;
using test::MemoryVfs;
using test::open_directory;
using test::open_manifest;

struct Database {
    MemoryVfs vfs;
    std::string path;
    std::vector<ManifestState> states;  // after 0, 1, 2 ... edits
    std::vector<uint64_t> ends;         // size of the file then, watermark included

    explicit Database(int edits = 3) {
        const auto directory = open_directory(vfs);
        const auto manifest = std::move(*Manifest::create(*directory, test::kUuid));
        path = test::manifest_path(*manifest);
        remember(*manifest);
        for (int i = 0; i < edits; ++i) {
            EXPECT_NE(add_segment(*manifest, static_cast<uint64_t>(i)), 0u);
            remember(*manifest);
        }
    }
    void remember(const Manifest& manifest) {
        states.push_back(manifest.state());
        ends.push_back(manifest.size_bytes());
    }
};

/// Bytes of a watermark record.
constexpr uint64_t kWatermarkSize = format::record_size(sizeof(uint64_t));

TEST(ManifestDamage, EveryFlippedByteIsDetectedOrHarmless) {
    const Database database;
    const size_t size = database.ends.back();
    size_t detected = 0;
    for (size_t at = 0; at < size; ++at) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            const auto vfs = database.vfs.clone();
            std::string& bytes = vfs->content(database.path);
            ASSERT_EQ(bytes.size(), size);
            bytes[at] = static_cast<char>(bytes[at] ^ mask);
            const auto directory = open_directory(*vfs);
            const auto opened = Manifest::open(*directory, false);
            if (!opened) {
                EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt) << at;
                ++detected;
                continue;
            }
            // Only the last watermark says nothing that anybody needs.
            EXPECT_GE(at, size - kWatermarkSize) << at;
            EXPECT_EQ((*opened)->state().segments, database.states.back().segments) << at;
        }
    }
    EXPECT_EQ(detected, 3 * (size - kWatermarkSize));
}

TEST(ManifestDamage, EveryFlippedByteOfCurrentIsDetected) {
    const Database database(1);
    const std::string path = "/db/CURRENT";
    const size_t size = database.vfs.clone()->content(path).size();
    ASSERT_EQ(size, 40u);
    for (size_t at = 0; at < size; ++at) {
        const auto vfs = database.vfs.clone();
        vfs->content(path)[at] = static_cast<char>(vfs->content(path)[at] ^ 4);
        const auto directory = open_directory(*vfs);
        const auto opened = Manifest::open(*directory, false);
        ASSERT_FALSE(opened.has_value()) << at;
        EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt) << at;
    }
    for (const size_t wrong : {0u, 39u, 41u, 5000u}) {
        const auto vfs = database.vfs.clone();
        vfs->content(path).resize(wrong);
        const auto directory = open_directory(*vfs);
        EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::Corrupt) << wrong;
    }
}

TEST(ManifestDamage, EveryLengthGivesAPrefixOfEditsOrIsRefused) {
    const Database database;
    size_t opened_count = 0;
    for (size_t length = 0; length <= database.ends.back(); ++length) {
        const auto vfs = database.vfs.clone();
        vfs->content(database.path).resize(length);
        const auto directory = open_directory(*vfs);
        const auto opened = Manifest::open(*directory, true);
        const uint64_t snapshot_end = database.ends[0] - kWatermarkSize;
        ASSERT_EQ(opened.has_value(), length >= snapshot_end) << length;
        if (!opened) {
            EXPECT_EQ(opened.error().code(), ErrorCode::Corrupt);
            continue;
        }
        ++opened_count;
        size_t whole = 0;
        while (whole + 1 < database.ends.size() &&
               database.ends[whole + 1] - kWatermarkSize <= length) {
            ++whole;
        }
        EXPECT_EQ((*opened)->state().segments, database.states[whole].segments) << length;
    }
    EXPECT_GT(opened_count, 100u);
}

TEST(ManifestDamage, TornTailIsDroppedKeptAndReported) {
    Database database;
    const std::string tail = "half of an edit that nobody was told about";
    database.vfs.content(database.path) += tail;
    const auto directory = open_directory(database.vfs);
    const auto looked = open_manifest(*directory, true);
    EXPECT_FALSE(looked->was_read_cleanly());
    EXPECT_FALSE(database.vfs.exists("/db/lost+found"));
    const auto manifest = open_manifest(*directory);
    EXPECT_FALSE(manifest->was_read_cleanly());
    EXPECT_EQ(manifest->tail_bytes_discarded(), tail.size());
    EXPECT_EQ(manifest->state().segments, database.states.back().segments);
    EXPECT_EQ(database.vfs.content("/db/" + manifest->lost_and_found_name()), tail);
    // The fresh manifest is whole.
    EXPECT_TRUE(open_manifest(*directory, true)->was_read_cleanly());
}

TEST(ManifestDamage, ZerosAtTheEndAreClean) {
    Database database;
    database.vfs.content(database.path).append(5000, '\0');
    const auto directory = open_directory(database.vfs);
    const auto manifest = open_manifest(*directory);
    EXPECT_TRUE(manifest->was_read_cleanly());
    EXPECT_EQ(manifest->state().segments, database.states.back().segments);
}

TEST(ManifestDamage, LostWatermarkBeforeAnUnacknowledgedEditIsATornTail) {
    // The watermark is not synced: a crash may lose it and keep the edit behind it, which then was
    // never acknowledged either.
    Database database;
    std::string& bytes = database.vfs.content(database.path);
    const uint64_t watermark_at = database.ends[2] - kWatermarkSize;
    bytes.resize(database.ends[3] - kWatermarkSize);
    bytes.replace(watermark_at, kWatermarkSize, kWatermarkSize, '\0');
    const auto directory = open_directory(database.vfs);
    const auto manifest = open_manifest(*directory);
    ASSERT_NE(manifest, nullptr);
    EXPECT_FALSE(manifest->was_read_cleanly());
    EXPECT_EQ(manifest->state().segments, database.states[2].segments);
}

/// Replaces what follows the last edit by one more record.
void put_record(Database& database, const Superblock& superblock, uint8_t type, uint8_t flags,
                uint64_t number, std::string_view body) {
    std::string& bytes = database.vfs.content(database.path);
    const format::RecordCodec codec(superblock.uuid, format::RecordFile::Manifest,
                                    superblock.manifest_id);
    std::string payload;
    put_fixed(payload, uint64_t{0});
    payload += body;
    codec.append(bytes, bytes.size(), {.type = type, .flags = flags, .seq = number}, payload);
}

TEST(ManifestDamage, GapsAndUnknownRecordsFollowTheTable) {
    struct Case {
        uint8_t type;
        uint8_t flags;
        uint64_t number;
        ErrorCode expected;
    };
    for (const Case& test_case :
         {Case{2, 0, 5, ErrorCode::Ok}, Case{2, 0, 6, ErrorCode::Corrupt},
          Case{2, 0, 4, ErrorCode::Corrupt}, Case{1, 0, 5, ErrorCode::Corrupt},
          Case{9, 0, 5, ErrorCode::NewerFormat}, Case{9, 1, 5, ErrorCode::Ok},
          Case{2, 2, 5, ErrorCode::NewerFormat}}) {
        Database database;
        const auto directory = open_directory(database.vfs);
        const Superblock superblock = open_manifest(*directory, true)->superblock();
        put_record(database, superblock, test_case.type, test_case.flags, test_case.number, "");
        const auto opened = Manifest::open(*directory, true);
        const ErrorCode code = opened ? ErrorCode::Ok : opened.error().code();
        EXPECT_EQ(code, test_case.expected)
            << int{test_case.type} << " " << int{test_case.flags} << " " << test_case.number;
    }
}

TEST(ManifestDamage, ManifestOfAnotherDatabaseIsCorruption) {
    Database database;
    MemoryVfs other;
    const auto other_directory = open_directory(other);
    const auto foreign = std::move(*Manifest::create(*other_directory, {9, 9}));
    ASSERT_EQ(test::manifest_path(*foreign), database.path);
    database.vfs.content(database.path) = other.content(database.path);
    const auto directory = open_directory(database.vfs);
    EXPECT_EQ(Manifest::open(*directory, false).error().code(), ErrorCode::Corrupt);
}

}  // namespace
}  // namespace kausal::manifest
