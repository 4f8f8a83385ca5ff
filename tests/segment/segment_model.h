// An oracle for segments: ordered maps with the same meaning, random content for them, and the
// comparison of a reader with them through every function that it has.
#pragma once

#include "format/block_record.h"
#include "format/edge_record.h"
#include "segment/memory_directory.h"
#include "segment/segment_reader.h"
#include "segment/segment_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kausal::test {

/// A small generator whose stream never changes (splitmix64).
class TestRandom {
  public:
    explicit TestRandom(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    uint64_t below(uint64_t limit) { return next() % limit; }
    bool chance(uint64_t percent) { return below(100) < percent; }

  private:
    uint64_t state_;
};

/// A block that owns its text.
struct ModelBlock {
    BlockId id;
    format::BlockKind kind = format::BlockKind::Function;
    uint64_t version = 0;
    uint32_t flags = 0;
    std::string name;
    std::string qualified_name;
    std::string uri;
    std::string signature;
    std::string binding;
    std::string doc;
    std::string metadata;
    std::string content;
    std::vector<uint64_t> keys;

    [[nodiscard]] format::BlockRecord record() const;
};

/// No value: a tombstone.
struct ModelEntry {
    std::optional<ModelBlock> block;
    uint64_t version = 0;
};

struct ModelEdge {
    format::EdgeRecord record;
    bool is_tombstone = false;
};

struct SegmentModel {
    std::map<BlockId, ModelEntry> blocks;
    std::map<format::EdgeKey, ModelEdge> edges;

    void put(ModelBlock block);
    void remove(const BlockId& id, uint64_t version);
    void put_edge(const format::EdgeRecord& edge, bool is_tombstone = false);
    /// Lets `newer` win.
    void absorb(const SegmentModel& newer);
    void drop_tombstones();
};

[[nodiscard]] BlockId random_id(TestRandom& random);
/// A block with an id out of `universe`.
[[nodiscard]] ModelBlock random_block(TestRandom& random, const BlockId& id, uint64_t version);
[[nodiscard]] SegmentModel random_model(TestRandom& random, const std::vector<BlockId>& universe,
                                        size_t block_count, size_t edge_count, uint64_t version);

inline constexpr format::DatabaseUuid kTestUuid{0x1122334455667788ULL, 0x99aabbccddeeff00ULL};

/// Adds all of `model`, in an order drawn from `random`, partly through chunks.
void add_model(segment::SegmentWriter& writer, const SegmentModel& model, TestRandom& random);
/// Writes `model` as segment `file_id`.
[[nodiscard]] segment::SegmentInfo write_model(MemoryDirectory& directory, uint64_t file_id,
                                               const SegmentModel& model, TestRandom& random,
                                               const segment::SegmentWriterOptions& options);

/// Compares everything; `info` as it came from the writer.
void expect_matches(const segment::SegmentReader& reader, const segment::SegmentInfo& info,
                    const SegmentModel& model);
/// Expects that verify finds nothing.
void expect_verifies(const segment::SegmentReader& reader, const segment::SegmentInfo& info);

}  // namespace kausal::test
