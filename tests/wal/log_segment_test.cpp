// Goal: names order like ids, headers and commits survive their encoding, and damage to either is
// seen. Method: round trips, and every single bit of a header flipped.
#include "wal/log_segment.h"

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/log_record.h"
#include "io/memory_vfs.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kausal::wal {
namespace {

SegmentHeader example() {
    SegmentHeader header;
    header.identity = {{1, 2}, 3};
    header.start = {10'000, {9'999, 4096}, 77, 80};
    return header;
}

TEST(SegmentName, IsFixedWidthAndOrdersLikeIds) {
    EXPECT_EQ(segment_name(0x2710), "0000000000002710.wal");
    EXPECT_LT(segment_name(9'999), segment_name(10'000));
    EXPECT_LT(segment_name(0xffff'ffff), segment_name(0x1'0000'0000));
    for (const uint64_t id : {uint64_t{1}, uint64_t{10'000}, ~uint64_t{0}}) {
        EXPECT_EQ(segment_id_of(segment_name(id)), id);
    }
}

TEST(SegmentName, RefusesOtherNames) {
    for (const char* name :
         {"", ".wal", "1.wal", "000000000000271G.wal", "000000000000271A.wal",
          "0000000000002710.wal.tmp", "0000000000002710.seg", "00000000000002710.wal", "LOCK"}) {
        EXPECT_FALSE(segment_id_of(name)) << name;
    }
}

TEST(SegmentName, ListIsAscendingAcrossTenThousand) {
    test::MemoryVfs vfs;
    ASSERT_TRUE(vfs.make_directories("/db").is_ok());
    auto directory = std::move(*vfs.open_directory("/db"));
    for (const uint64_t id : {10'000u, 9'999u, 10'001u, 1u}) {
        ASSERT_TRUE(directory->open(segment_name(id), {.create = true}).has_value());
    }
    ASSERT_TRUE(directory->open("LOCK", {.create = true}).has_value());
    EXPECT_EQ(*list_segments(*directory), (std::vector<uint64_t>{1, 9'999, 10'000, 10'001}));
}

TEST(SegmentHeader, SurvivesEncoding) {
    const std::string bytes = example().encode();
    ASSERT_EQ(bytes.size(), kSegmentHeaderSize);
    const auto header = SegmentHeader::decode(as_bytes(bytes));
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->identity.uuid, example().identity.uuid);
    EXPECT_EQ(header->identity.epoch, 3u);
    EXPECT_EQ(header->start.segment_id, 10'000u);
    EXPECT_EQ(header->start.previous_end, (LogPosition{9'999, 4096}));
    EXPECT_EQ(header->start.previous_seq, 77u);
    EXPECT_EQ(header->start.first_seq, 80u);
}

TEST(SegmentHeader, EveryFlippedBitIsSeen) {
    const std::string bytes = example().encode();
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto header = SegmentHeader::decode(as_bytes(damaged));
        ASSERT_FALSE(header.has_value()) << bit;
        EXPECT_EQ(header.error().code(), ErrorCode::Corrupt) << bit;
    }
}

TEST(SegmentHeader, CutOffAndNewerAreRefused) {
    std::string bytes = example().encode();
    EXPECT_EQ(SegmentHeader::decode(as_bytes(bytes).first(63)).error().code(), ErrorCode::Corrupt);
    bytes[4] = 2;
    store_fixed(reinterpret_cast<std::byte*>(bytes.data()) + 60, crc32c(as_bytes(bytes).first(60)));
    EXPECT_EQ(SegmentHeader::decode(as_bytes(bytes)).error().code(), ErrorCode::NewerFormat);
}

TEST(CommitPayload, SurvivesEncodingAndRefusesOtherSizes) {
    const CommitPayload commit{3, 4096, 17};
    const std::string bytes = commit.encode();
    ASSERT_EQ(bytes.size(), kCommitPayloadSize);
    const auto decoded = CommitPayload::decode(bytes);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->record_count, 3u);
    EXPECT_EQ(decoded->durable_upto, 4096u);
    EXPECT_EQ(decoded->previous_seq, 17u);
    EXPECT_FALSE(CommitPayload::decode(bytes + "x"));
    EXPECT_FALSE(CommitPayload::decode(bytes.substr(1)));
}

TEST(RecordCodec, ReadsOnlyWhatWasWrittenThere) {
    const format::DatabaseUuid uuid{1, 2};
    const format::RecordCodec codec(uuid, format::RecordFile::Log, 5);
    std::string bytes;
    codec.append(bytes, 64, {.type = 1, .seq = 9}, "hello");
    ASSERT_EQ(bytes.size(), format::record_size(5));
    const ByteView header_bytes = as_bytes(bytes).first(format::kRecordHeaderSize);
    const ByteView padded = as_bytes(bytes).subspan(format::kRecordHeaderSize);
    const auto header = codec.decode_header(header_bytes, 64);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->seq, 9u);
    EXPECT_EQ(header->payload_size, 5u);
    EXPECT_TRUE(codec.payload_matches(*header, padded, 64));
    EXPECT_FALSE(codec.payload_matches(*header, padded, 72));
    // Another place, segment, database or kind of file makes it noise.
    EXPECT_FALSE(codec.decode_header(header_bytes, 72));
    const format::RecordCodec others[] = {{uuid, format::RecordFile::Log, 6},
                                          {{1, 3}, format::RecordFile::Log, 5},
                                          {uuid, format::RecordFile::Manifest, 5}};
    for (const format::RecordCodec& other : others) {
        EXPECT_FALSE(other.decode_header(header_bytes, 64));
    }
}

TEST(RecordCodec, EveryFlippedBitIsSeen) {
    const format::RecordCodec codec({1, 2}, format::RecordFile::Log, 5);
    std::string bytes;
    codec.append(bytes, 64, {.type = 1, .seq = 9}, "hello");
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto header = codec.decode_header(as_bytes(damaged), 64);
        const bool readable =
            header && header->payload_size == 5 &&
            codec.payload_matches(*header, as_bytes(damaged).subspan(format::kRecordHeaderSize),
                                  64);
        EXPECT_FALSE(readable) << bit;
    }
}

}  // namespace
}  // namespace kausal::wal
