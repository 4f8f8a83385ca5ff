// Goal: a merge says exactly what its inputs said together, newest first, and never hides damage.
// Method: random models are laid over each other as maps and as segments; the merged segment is
// compared with the merged map through every reader function. Then damage in every chunk of an
// input, a full disk, dropped jobs.
#include "compaction/merge.h"

#include "base/coding.h"
#include "segment/segment_layout.h"
#include "segment/segment_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace kausal::test {
namespace {

using compaction::CompactionJob;
using compaction::Merge;
using compaction::MergeRequest;
using segment::FrameCache;
using segment::SegmentInfo;
using segment::SegmentReader;
using ReaderRef = std::shared_ptr<const SegmentReader>;

/// Segments 1..n, oldest first, with their models.
struct Stack {
    MemoryDirectory directory;
    FrameCache cache{1 << 20};
    std::vector<SegmentModel> models;
    std::vector<ReaderRef> readers;
    std::vector<SegmentInfo> infos;

    void add(const SegmentModel& model, TestRandom& random,
             const segment::SegmentWriterOptions& options) {
        const uint64_t file_id = models.size() + 1;
        infos.push_back(write_model(directory, file_id, model, random, options));
        readers.push_back(SegmentReader::open(directory, file_id, kTestUuid, cache).value());
        models.push_back(model);
    }
    [[nodiscard]] MergeRequest request(size_t first, size_t count, uint64_t output_id) {
        MergeRequest request;
        request.inputs.assign(readers.begin() + static_cast<std::ptrdiff_t>(first),
                              readers.begin() + static_cast<std::ptrdiff_t>(first + count));
        request.includes_oldest = first == 0;
        request.directory = &directory;
        request.output_file_id = output_id;
        request.uuid = kTestUuid;
        request.writer.chunk.frame_size_bytes = 2048;
        request.writer.text_partition_size_bytes = 24 << 10;
        return request;
    }
    [[nodiscard]] SegmentModel merged_model(size_t first, size_t count) const {
        SegmentModel model;
        for (size_t i = first; i < first + count; ++i) model.absorb(models[i]);
        if (first == 0) model.drop_tombstones();
        return model;
    }
};

[[nodiscard]] segment::SegmentWriterOptions input_options(uint64_t seed) {
    segment::SegmentWriterOptions options;
    options.chunk.frame_size_bytes = size_t{1024} << (seed % 3);
    options.chunk.compression_level = seed % 4 == 0 ? 0 : 1;
    options.text_partition_size_bytes = 8 << 10;
    return options;
}

void fill(Stack& stack, uint64_t seed, size_t segments, size_t blocks) {
    TestRandom random(seed);
    std::vector<BlockId> universe;
    for (size_t i = 0; i < blocks; ++i) universe.push_back(random_id(random));
    for (size_t i = 0; i < segments; ++i) {
        stack.add(random_model(random, universe, blocks / 2, blocks, 100 * (i + 1)), random,
                  input_options(seed + i));
    }
}

/// Steps to the end; the count of steps when it went well.
[[nodiscard]] Result<size_t> run(Merge& merge) {
    for (size_t steps = 1;; ++steps) {
        const bool is_done = KAUSAL_TRY(merge.step());
        if (is_done) return steps;
    }
}

void expect_merge(Stack& stack, size_t first, size_t count, uint64_t output_id) {
    Merge merge(stack.request(first, count, output_id));
    EXPECT_EQ(merge.info().id_count, 0u);
    const auto steps = run(merge);
    ASSERT_TRUE(steps.has_value()) << steps.error().message();
    EXPECT_GT(*steps, 12u);
    EXPECT_TRUE(merge.step().value());
    const auto reader = SegmentReader::open(stack.directory, output_id, kTestUuid, stack.cache);
    ASSERT_TRUE(reader.has_value()) << reader.error().message();
    expect_matches(**reader, merge.info(), stack.merged_model(first, count));
    EXPECT_EQ(merge.info().version_max, stack.infos[first + count - 1].version_max);
}

TEST(Merge, EqualsTheOracle) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        Stack stack;
        fill(stack, seed, 2 + seed % 5, 40 * seed);
        expect_merge(stack, 0, stack.models.size(), 100);
        expect_merge(stack, 1, stack.models.size() - 1, 101);
    }
}

TEST(Merge, OfMergesEqualsTheOracle) {
    Stack stack;
    fill(stack, 50, 6, 200);
    for (const auto& [first, output] : {std::pair<size_t, uint64_t>{0, 100}, {3, 101}}) {
        Merge merge(stack.request(first, 3, output));
        ASSERT_TRUE(run(merge).has_value());
    }
    const SegmentModel expected = stack.merged_model(0, 6);
    MergeRequest request = stack.request(0, 0, 102);
    for (const uint64_t id : {100u, 101u}) {
        request.inputs.push_back(
            SegmentReader::open(stack.directory, id, kTestUuid, stack.cache).value());
    }
    request.includes_oldest = true;
    Merge merge(std::move(request));
    ASSERT_TRUE(run(merge).has_value());
    const auto reader = SegmentReader::open(stack.directory, 102, kTestUuid, stack.cache);
    expect_matches(**reader, merge.info(), expected);
}

TEST(Merge, OfOneSegmentOnlyDropsTombstones) {
    Stack stack;
    fill(stack, 60, 1, 300);
    expect_merge(stack, 0, 1, 100);
}

TEST(Merge, OfNothingButTombstonesIsEmpty) {
    Stack stack;
    TestRandom random(1);
    SegmentModel model;
    model.remove({1, 1}, 3);
    format::EdgeRecord edge;
    edge.source = {2, 2};
    edge.target = {3, 3};
    edge.type = format::EdgeType::Calls;
    edge.confidence = 255;
    model.put_edge(edge, true);
    stack.add(model, random, {});
    Merge merge(stack.request(0, 1, 100));
    ASSERT_TRUE(run(merge).has_value());
    EXPECT_EQ(merge.info().id_count, 0u);
    EXPECT_EQ(merge.info().version_max, 3u);
    const auto reader = SegmentReader::open(stack.directory, 100, kTestUuid, stack.cache);
    expect_matches(**reader, merge.info(), {});
}

// A deletion that hides something in an older segment must survive every merge above that segment.
TEST(Merge, KeepsTombstonesAboveOlderSegments) {
    Stack stack;
    TestRandom random(2);
    SegmentModel old_model;
    ModelBlock block = random_block(random, {5, 5}, 1);
    block.name = "ghost";
    old_model.put(block);
    stack.add(old_model, random, {});
    SegmentModel deletion;
    deletion.remove({5, 5}, 2);
    stack.add(deletion, random, {});
    stack.add({}, random, {});
    Merge merge(stack.request(1, 2, 100));
    ASSERT_TRUE(run(merge).has_value());
    EXPECT_EQ(merge.info().tombstone_count, 1u);
    EXPECT_EQ(merge.info().version_max, 2u);
    const auto reader = SegmentReader::open(stack.directory, 100, kTestUuid, stack.cache);
    const auto ordinal = (*reader)->find({5, 5}).value();
    ASSERT_TRUE(ordinal.has_value());
    EXPECT_EQ((*reader)->entry(*ordinal)->state, segment::BlockState::Tombstone);
}

TEST(Merge, CopiesWholeFramesAsTheyAre) {
    Stack stack;
    TestRandom random(3);
    SegmentModel model;
    for (uint64_t i = 0; i < 300; ++i) {
        ModelBlock block = random_block(random, random_id(random), 1);
        block.content.append(200, static_cast<char>('a' + i % 26));
        model.put(block);
    }
    segment::SegmentWriterOptions options;
    options.chunk.frame_size_bytes = 2048;
    stack.add(model, random, options);
    stack.add({}, random, options);
    // Another level would change the stored bytes of frames that are compressed again.
    MergeRequest request = stack.request(0, 2, 100);
    request.writer.chunk.compression_level = 19;
    Merge merge(std::move(request));
    ASSERT_TRUE(run(merge).has_value());
    const auto reader = SegmentReader::open(stack.directory, 100, kTestUuid, stack.cache);
    expect_matches(**reader, merge.info(), model);
    std::vector<std::string> before;
    for (uint32_t i = 0; i < stack.readers[0]->frame_count(); ++i) {
        before.emplace_back(stack.readers[0]->stored_frame(i)->stored);
    }
    size_t same = 0;
    for (uint32_t i = 0; i < (*reader)->frame_count(); ++i) {
        const std::string stored((*reader)->stored_frame(i)->stored);
        same += std::ranges::find(before, stored) != before.end() ? 1 : 0;
    }
    EXPECT_GT(same, before.size() / 2);
}

TEST(Merge, NeverConsumesADamagedInput) {
    Stack stack;
    fill(stack, 70, 3, 250);
    const std::string name = segment::segment_file_name(2);
    const std::vector<std::byte> sound = stack.directory.content(name).bytes;
    const uint64_t footer_offset = load_fixed<uint64_t>(sound.data() + sound.size() - 56);
    size_t tried = 0;
    for (size_t at = 70; at < footer_offset; at += 997) {
        std::vector<std::byte> damaged = sound;
        damaged[at] ^= std::byte{4};
        stack.directory.put(name, damaged);
        const auto reader = SegmentReader::open(stack.directory, 2, kTestUuid, stack.cache);
        ASSERT_TRUE(reader.has_value());
        MergeRequest request = stack.request(0, 3, 1000 + at);
        request.inputs[1] = *reader;
        Merge merge(std::move(request));
        const auto outcome = run(merge);
        ASSERT_FALSE(outcome.has_value()) << at;
        EXPECT_EQ(outcome.error().code(), ErrorCode::Corrupt);
        EXPECT_FALSE(merge.step().has_value());
        EXPECT_EQ(merge.info().id_count, 0u);
        EXPECT_TRUE(stack.directory.content(name).bytes == damaged);
        ++tried;
    }
    EXPECT_GT(tried, 20u);
}

TEST(Merge, ReportsAFullDiskAndBadRequests) {
    Stack stack;
    fill(stack, 80, 2, 100);
    stack.directory.faults.space_bytes = 5000;
    Merge merge(stack.request(0, 2, 100));
    EXPECT_EQ(run(merge).error().code(), ErrorCode::NoSpace);
    Merge nothing(MergeRequest{});
    EXPECT_EQ(run(nothing).error().code(), ErrorCode::Invalid);
    Merge taken(stack.request(0, 2, 1));
    EXPECT_EQ(run(taken).error().code(), ErrorCode::Conflict);
}

TEST(CompactionJob, ReportsExactlyOnce) {
    Stack stack;
    fill(stack, 90, 3, 100);
    int calls = 0;
    ErrorCode code = ErrorCode::Ok;
    SegmentInfo info;
    const auto done = [&](Result<SegmentInfo> result) {
        ++calls;
        code = result ? ErrorCode::Ok : result.error().code();
        if (result) info = *result;
    };
    {
        CompactionJob job(stack.request(0, 3, 100), done);
        while (job.step() == io::StepResult::Again) EXPECT_EQ(calls, 0);
        EXPECT_EQ(job.step(), io::StepResult::Done);
    }
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(code, ErrorCode::Ok);
    EXPECT_GT(info.block_count, 0u);
    {
        CompactionJob job(stack.request(0, 3, 101), done);
        EXPECT_EQ(job.step(), io::StepResult::Again);
    }
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(code, ErrorCode::Cancelled);
    {
        CompactionJob job(stack.request(0, 3, 100), done);
        EXPECT_EQ(job.step(), io::StepResult::Done);
    }
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(code, ErrorCode::Conflict);
}

}  // namespace
}  // namespace kausal::test
