// Goal: a segment gives back exactly what was put into it, whatever its shape.
// Method: random models are written in random order by all ways of adding, read through every
// function of the reader and compared with ordered maps; then the shapes that broke others: nothing
// at all, a huge body, empty values, ids that are not uniform, a node with 200,000 edges, names in
// many scripts.
#include "io/posix_vfs.h"
#include "segment/segment_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kausal::test {
namespace {

using segment::Direction;
using segment::FrameCache;
using segment::SegmentReader;
using segment::SegmentWriter;
using segment::SegmentWriterOptions;

[[nodiscard]] SegmentWriterOptions small_options() {
    SegmentWriterOptions options;
    options.chunk.frame_size_bytes = 2048;
    options.text_partition_size_bytes = 16 << 10;
    return options;
}

/// Writes, opens and compares.
void expect_round_trip(const SegmentModel& model, uint64_t seed,
                       const SegmentWriterOptions& options) {
    MemoryDirectory directory;
    FrameCache cache(64 << 10);
    TestRandom random(seed);
    const segment::SegmentInfo info = write_model(directory, seed, model, random, options);
    EXPECT_TRUE(directory.content(segment::segment_file_name(seed)).is_synced);
    const auto reader = SegmentReader::open(directory, seed, kTestUuid, cache);
    ASSERT_TRUE(reader.has_value()) << reader.error().message();
    expect_matches(**reader, info, model);
}

TEST(Segment, RandomModelsRoundTrip) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(seed);
        TestRandom random(seed);
        std::vector<BlockId> universe;
        for (uint64_t i = 0; i < 30 + seed * 60; ++i) universe.push_back(random_id(random));
        const SegmentModel model = random_model(random, universe, seed * 80, seed * 150, 100);
        SegmentWriterOptions options = small_options();
        options.chunk.compression_level = seed % 3 == 0 ? 0 : 1;
        expect_round_trip(model, seed, options);
    }
}

TEST(Segment, IdsThatAreNotUniformAreFound) {
    TestRandom random(99);
    std::vector<BlockId> universe;
    for (uint64_t i = 1; i <= 3000; ++i) universe.push_back({i % 3, i});
    expect_round_trip(random_model(random, universe, 2500, 2000, 5), 77, small_options());
}

TEST(Segment, EmptySegmentAnswersEverythingWithNothing) {
    expect_round_trip({}, 3, {});
}

TEST(Segment, EdgesWithoutBlocksAndBlocksWithoutEdges) {
    TestRandom random(5);
    std::vector<BlockId> universe;
    for (int i = 0; i < 40; ++i) universe.push_back(random_id(random));
    expect_round_trip(random_model(random, universe, 0, 100, 9), 1, {});
    expect_round_trip(random_model(random, universe, 60, 0, 9), 2, {});
}

TEST(Segment, EmptyValuesAndHugeBodies) {
    TestRandom random(6);
    SegmentModel model;
    ModelBlock bare;
    bare.id = {1, 1};
    bare.version = 4;
    model.put(bare);
    ModelBlock huge;
    huge.id = {2, 2};
    huge.version = 5;
    for (size_t i = 0; i < (size_t{17} << 20); i += 8) {
        const uint64_t word = random.next() | 1;
        huge.content.append(reinterpret_cast<const char*>(&word), 8);
    }
    huge.content[0] = '\0';
    model.put(huge);
    huge.id = {3, 3};
    huge.content.assign(size_t{20} << 20, 'a');
    model.put(huge);
    expect_round_trip(model, 8, {});
}

TEST(Segment, NamesInManyScriptsAndCases) {
    SegmentModel model;
    uint64_t number = 0;
    for (const char* name : {"größe", "GRÖSSE", "Größe", "名前", "名", "имя", "Имя", "a", "A", "aB",
                             "Ab", "AB", "ab", "🙂", "[", "_", "z", "Z", "~"}) {
        ModelBlock block;
        block.id = {++number, number};
        block.version = 1;
        block.name = name;
        block.uri = name;
        model.put(block);
    }
    ModelBlock longest;
    longest.id = {++number, number};
    longest.version = 1;
    longest.name = std::string(format::kNameSizeMax, 'n');
    model.put(longest);
    expect_round_trip(model, 9, {});
}

TEST(Segment, NodeWith200000Edges) {
    MemoryDirectory directory;
    FrameCache cache(0);
    auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
    ASSERT_TRUE(writer.has_value());
    constexpr uint32_t count = 200000;
    format::EdgeRecord edge;
    edge.source = {7, 7};
    edge.type = format::EdgeType::Calls;
    for (uint32_t i = 0; i < count; ++i) {
        edge.target = {1000 + i % 1000, 1};
        edge.site_offset = i;
        ASSERT_TRUE((*writer)->add_edge(edge).is_ok());
    }
    const auto info = (*writer)->finish(3);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->version_max, 3u);
    const auto reader = SegmentReader::open(directory, 1, kTestUuid, cache);
    ASSERT_TRUE(reader.has_value());
    EXPECT_EQ((*reader)->edge_count(), count);
    const uint32_t node = (*reader)->find({7, 7})->value();
    EXPECT_EQ((*reader)->adjacency(node, Direction::Out)->size(), count);
    std::vector<segment::SegmentEdge> incoming;
    ASSERT_TRUE(
        (*reader)->edges((*reader)->find({1999, 1})->value(), Direction::In, incoming).is_ok());
    ASSERT_EQ(incoming.size(), 200u);
    EXPECT_EQ(incoming.back().site.offset, 199999u);
    expect_verifies(**reader, *info);
}

TEST(Segment, VersionZeroBecomesTheSequenceOfFinish) {
    MemoryDirectory directory;
    FrameCache cache(0);
    auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
    ModelBlock block;
    block.id = {1, 2};
    ASSERT_TRUE((*writer)->add_block(block.record()).is_ok());
    ASSERT_TRUE((*writer)->add_tombstone({1, 3}).is_ok());
    const auto info = (*writer)->finish(4242);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->version_min, 4242u);
    EXPECT_EQ(info->version_max, 4242u);
    const auto reader = SegmentReader::open(directory, 1, kTestUuid, cache);
    EXPECT_EQ((*reader)->entry(0)->version, 4242u);
    EXPECT_EQ((*reader)->entry(1)->version, 4242u);
}

TEST(Segment, AnIdTwiceIsRefusedAtFinish) {
    for (int second = 0; second < 2; ++second) {
        MemoryDirectory directory;
        auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
        ModelBlock block;
        block.id = {1, 2};
        ASSERT_TRUE((*writer)->add_block(block.record(), 1).is_ok());
        const Status again = second == 0 ? (*writer)->add_block(block.record(), 2)
                                         : (*writer)->add_tombstone(block.id, 2);
        ASSERT_TRUE(again.is_ok());
        EXPECT_EQ((*writer)->finish(2).error().code(), ErrorCode::Invalid);
    }
}

TEST(Segment, BadInputIsRefusedAndChangesNothing) {
    MemoryDirectory directory;
    FrameCache cache(0);
    auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
    format::BlockRecord record;
    EXPECT_EQ((*writer)->add_block(record).code(), ErrorCode::Invalid);
    record.id = {1, 1};
    record.name = "\xff";
    EXPECT_EQ((*writer)->add_block(record).code(), ErrorCode::Invalid);
    EXPECT_EQ((*writer)->add_tombstone({}).code(), ErrorCode::Invalid);
    EXPECT_EQ((*writer)->add_edge({}).code(), ErrorCode::Invalid);
    EXPECT_EQ((*writer)->add_encoded_block({1, 1}, "short", "", 1).code(), ErrorCode::Corrupt);
    const segment::TextPosting posting{};
    EXPECT_EQ((*writer)->add_term(1, std::span(&posting, 1)).code(), ErrorCode::Invalid);
    EXPECT_EQ((*writer)->add_placed_block({1, 1}, "", {9, 0, 1}, 1).error().code(),
              ErrorCode::Invalid);
    const auto info = (*writer)->finish(1);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->id_count, 0u);
    EXPECT_EQ(SegmentWriter::create(directory, 1, kTestUuid, {}).error().code(),
              ErrorCode::Conflict);
}

TEST(Segment, FailuresOfTheDeviceReachTheCaller) {
    TestRandom random(31);
    std::vector<BlockId> universe;
    for (int i = 0; i < 200; ++i) universe.push_back(random_id(random));
    const SegmentModel model = random_model(random, universe, 200, 200, 1);
    MemoryDirectory whole;
    const uint64_t size = write_model(whole, 1, model, random, {}).size_bytes;
    for (uint64_t space = 0; space < size * 9 / 10; space += size / 7) {
        MemoryDirectory directory;
        directory.faults.space_bytes = space;
        auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
        TestRandom order(1);
        add_model(**writer, model, order);
        EXPECT_EQ((*writer)->finish(1).error().code(), ErrorCode::NoSpace);
        EXPECT_EQ((*writer)->finish(1).error().code(), ErrorCode::NoSpace);
    }
    MemoryDirectory directory;
    directory.faults.sync_fails = true;
    auto writer = SegmentWriter::create(directory, 1, kTestUuid, {});
    add_model(**writer, model, random);
    EXPECT_EQ((*writer)->finish(1).error().code(), ErrorCode::Unavailable);
}

TEST(Segment, ReadsWithoutMappingAndFromARealFile) {
    TestRandom random(17);
    std::vector<BlockId> universe;
    for (int i = 0; i < 300; ++i) universe.push_back(random_id(random));
    const SegmentModel model = random_model(random, universe, 300, 500, 1);
    FrameCache cache(1 << 20);
    MemoryDirectory memory;
    const segment::SegmentInfo info = write_model(memory, 5, model, random, small_options());
    memory.faults.can_map = false;
    const auto copied = SegmentReader::open(memory, 5, kTestUuid, cache);
    ASSERT_TRUE(copied.has_value());
    expect_matches(**copied, info, model);

    const auto vfs = io::make_posix_vfs();
    const std::string path = testing::TempDir() + "kausal_segment_test";
    ASSERT_TRUE(vfs->make_directories(path).is_ok());
    const auto directory = vfs->open_directory(path);
    ASSERT_TRUE(directory.has_value());
    const std::string name = segment::segment_file_name(6);
    (void)(*directory)->unlink(name);
    auto writer = SegmentWriter::create(**directory, 6, kTestUuid, small_options());
    ASSERT_TRUE(writer.has_value());
    add_model(**writer, model, random);
    const auto real_info = (*writer)->finish(1);
    ASSERT_TRUE(real_info.has_value());
    const auto mapped = SegmentReader::open(**directory, 6, kTestUuid, cache);
    ASSERT_TRUE(mapped.has_value());
    expect_matches(**mapped, *real_info, model);
    EXPECT_TRUE((*directory)->unlink(name).is_ok());
}

TEST(Segment, VisitorsCanStop) {
    TestRandom random(18);
    std::vector<BlockId> universe;
    for (int i = 0; i < 50; ++i) universe.push_back(random_id(random));
    MemoryDirectory directory;
    FrameCache cache(0);
    (void)write_model(directory, 5, random_model(random, universe, 50, 0, 1), random, {});
    const auto reader = SegmentReader::open(directory, 5, kTestUuid, cache);
    int visits = 0;
    const auto once = [&](std::string_view, std::span<const uint32_t>) {
        ++visits;
        return false;
    };
    EXPECT_TRUE((*reader)->scan_names(once).is_ok());
    EXPECT_TRUE((*reader)->find_names("", SegmentReader::Match::Prefix, once).is_ok());
    EXPECT_TRUE((*reader)->find_uris("", SegmentReader::Match::Prefix, once).is_ok());
    EXPECT_EQ(visits, 3);
    EXPECT_EQ((*reader)->find_uris("", SegmentReader::Match::FoldedPrefix, once).code(),
              ErrorCode::Invalid);
}

}  // namespace
}  // namespace kausal::test
