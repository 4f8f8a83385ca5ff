// What a BlockChunk holds. Private to the room.
//
// Offsets and numbers are local to the chunk; SegmentWriter adds the places that it gave the
// chunk's heads, frames, texts and documents.
#pragma once

#include "base/block_id.h"
#include "format/block_record.h"
#include "format/tokenizer.h"
#include "segment/segment_layout.h"
#include "segment/segment_writer.h"
#include "segment/text_pool.h"
#include "segment/text_runs.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kausal::segment {

struct ChunkRow {
    BlockId id;
    uint64_t version = 0;      // 0: the sequence of finish
    uint64_t head_offset = 0;  // in heads
    uint32_t head_size = 0;
    uint32_t frame = 0;  // in frames, or of the segment when is_placed
    uint32_t body_offset = 0;
    uint32_t body_size = 0;
    uint32_t name = kNone32;  // in names
    uint32_t uri = kNone32;   // in uris
    uint16_t kind = 0;
    bool is_placed = false;
};

struct ChunkFrame {
    uint64_t offset = 0;  // in frame_bytes
    uint32_t stored_size = 0;
    uint32_t raw_size = 0;
};

struct ChunkKey {
    uint64_t key = 0;
    uint32_t row = 0;
};

struct ChunkDocument {
    uint32_t row = 0;
    uint16_t lengths[format::kTextFieldCount] = {};
};

struct ChunkData {
    std::vector<ChunkRow> rows;
    std::string heads;
    std::vector<ChunkFrame> frames;
    std::string frame_bytes;
    TextPool names;
    TextPool uris;
    std::vector<ChunkKey> keys;
    std::vector<ChunkDocument> documents;
    TextRun text;

    [[nodiscard]] size_t memory_bytes() const noexcept {
        return rows.capacity() * sizeof(ChunkRow) + heads.capacity() + frame_bytes.capacity() +
               frames.capacity() * sizeof(ChunkFrame) + names.memory_bytes() + uris.memory_bytes() +
               keys.capacity() * sizeof(ChunkKey) + documents.capacity() * sizeof(ChunkDocument) +
               text.memory_bytes();
    }
};

/// What SegmentWriter asks of a builder beyond the public interface: blocks that are copied from
/// another segment, whose terms are not counted. Defined in block_chunk.cpp.
class BlockChunkBuilderAccess {
  public:
    [[nodiscard]] static Status add_untokenized(BlockChunkBuilder& builder, const BlockId& id,
                                                std::string_view head, std::string_view body,
                                                uint64_t version);
    [[nodiscard]] static Status add_placed(BlockChunkBuilder& builder, const BlockId& id,
                                           std::string_view head,
                                           const SegmentWriter::BodyPlace& body, uint64_t version);
};

}  // namespace kausal::segment
