// Goal: a batch gives back its operations in order, and bytes that are none are Corrupt.
// Method: random batches against a list, every truncation, random bytes, golden bytes.
#include "format/write_batch.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace kausal::format {
namespace {

[[nodiscard]] EdgeRecord random_edge(std::mt19937_64& random) {
    EdgeRecord edge;
    edge.source = {random(), random() | 1};
    edge.target = {random(), random() | 1};
    edge.type =
        random() % 5 == 0 ? static_cast<EdgeType>(60000) : static_cast<EdgeType>(1 + random() % 15);
    edge.certainty = random() % 2 == 0 ? Certainty::Candidate : Certainty::Resolved;
    edge.provenance = static_cast<Provenance>(random() % 64);
    edge.confidence = static_cast<uint8_t>(random());
    edge.site_offset = static_cast<uint32_t>(random());
    edge.site_line = static_cast<uint32_t>(random() % 3);
    return edge;
}

struct Expected {
    OperationKind kind;
    BlockId id;
    std::string head;
    std::string body;
    EdgeRecord edge;
};

TEST(WriteBatch, GivesBackItsOperationsInOrder) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 50; ++round) {
        WriteBatch batch;
        std::vector<Expected> expected;
        for (uint64_t i = 0; i < random() % 60; ++i) {
            Expected& one = expected.emplace_back();
            one.kind = static_cast<OperationKind>(1 + random() % 4);
            const EdgeRecord edge = random_edge(random);
            one.id = edge.source;
            BlockRecord record;
            record.id = one.id;
            const std::string content(random() % 400, 'c');
            record.content = content;
            record.name = "name";
            switch (one.kind) {
                case OperationKind::PutBlock:
                    encode_head(record, one.head);
                    encode_body(record, one.body);
                    ASSERT_TRUE(batch.put_block(record).is_ok());
                    break;
                case OperationKind::DeleteBlock:
                    ASSERT_TRUE(batch.delete_block(one.id).is_ok());
                    break;
                case OperationKind::PutEdge:
                    one.edge = edge;
                    ASSERT_TRUE(batch.put_edge(edge).is_ok());
                    break;
                case OperationKind::DeleteEdge:
                    one.edge.source = edge.source;
                    one.edge.target = edge.target;
                    one.edge.type = edge.type;
                    one.edge.site_offset = edge.site_offset;
                    ASSERT_TRUE(batch.delete_edge(key_of(edge)).is_ok());
                    break;
            }
        }
        EXPECT_EQ(batch.operation_count(), expected.size());
        EXPECT_EQ(batch.is_empty(), expected.empty());
        EXPECT_EQ(batch.size_bytes(), batch.bytes().size());
        BatchReader reader(batch.bytes());
        Operation found;
        for (const Expected& one : expected) {
            ASSERT_TRUE(reader.next(found).value());
            EXPECT_EQ(found.kind, one.kind);
            EXPECT_EQ(found.head, one.head);
            EXPECT_EQ(found.body, one.body);
            EXPECT_EQ(found.edge, one.edge);
            const bool is_block =
                one.kind == OperationKind::PutBlock || one.kind == OperationKind::DeleteBlock;
            EXPECT_EQ(found.id, is_block ? one.id : BlockId{});
        }
        EXPECT_FALSE(reader.next(found).value());
        EXPECT_FALSE(reader.next(found).value());
    }
}

TEST(WriteBatch, RefusedOperationsLeaveNoTrace) {
    WriteBatch batch;
    ASSERT_TRUE(batch.delete_block({1, 1}).is_ok());
    const std::string before(batch.bytes());
    BlockRecord record;
    EXPECT_EQ(batch.put_block(record).code(), ErrorCode::Invalid);
    EXPECT_EQ(batch.delete_block({}).code(), ErrorCode::Invalid);
    EdgeRecord edge;
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    std::mt19937_64 random(2);
    edge = random_edge(random);
    edge.type = static_cast<EdgeType>(16);
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    EXPECT_EQ(batch.delete_edge(key_of(edge)).code(), ErrorCode::Invalid);
    edge = random_edge(random);
    edge.provenance = static_cast<Provenance>(64);
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    edge.provenance = Provenance::User;
    edge.certainty = static_cast<Certainty>(2);
    EXPECT_EQ(batch.put_edge(edge).code(), ErrorCode::Invalid);
    EXPECT_EQ(batch.bytes(), before);
    EXPECT_EQ(batch.operation_count(), 1u);
}

TEST(WriteBatch, AppendAndClear) {
    WriteBatch batch;
    ASSERT_TRUE(batch.delete_block({1, 1}).is_ok());
    WriteBatch other;
    ASSERT_TRUE(other.delete_block({2, 2}).is_ok());
    batch.append(other);
    batch.append(batch);
    EXPECT_EQ(batch.operation_count(), 4u);
    BatchReader reader(batch.bytes());
    Operation found;
    for (const uint64_t id : {1u, 2u, 1u, 2u}) {
        ASSERT_TRUE(reader.next(found).value());
        EXPECT_EQ(found.id.high, id);
    }
    batch.clear();
    EXPECT_TRUE(batch.is_empty());
    EXPECT_EQ(batch.size_bytes(), 0u);
}

TEST(WriteBatch, LargeBodiesHaveLongerLengths) {
    WriteBatch batch;
    BlockRecord record;
    record.id = {1, 1};
    const std::string content(kContentSizeMax, 'c');
    const std::string doc(kTextSizeMax, 'd');
    record.content = content;
    record.doc = doc;
    ASSERT_TRUE(batch.put_block(record).is_ok());
    ASSERT_TRUE(batch.delete_block({2, 2}).is_ok());
    BatchReader reader(batch.bytes());
    Operation found;
    ASSERT_TRUE(reader.next(found).value());
    BlockRecord decoded;
    ASSERT_TRUE(decode_body(found.body, decoded).is_ok());
    EXPECT_TRUE(decoded.content == content);
    EXPECT_TRUE(decoded.doc == doc);
    ASSERT_TRUE(reader.next(found).value());
    EXPECT_EQ(found.id.high, 2u);
}

TEST(BatchReader, TruncatedAndRandomBytesAreCorrupt) {
    std::mt19937_64 random(3);
    WriteBatch batch;
    BlockRecord record;
    record.id = {1, 1};
    record.name = "n";
    record.doc = "doc";
    ASSERT_TRUE(batch.put_block(record).is_ok());
    ASSERT_TRUE(batch.put_edge(random_edge(random)).is_ok());
    ASSERT_TRUE(batch.delete_edge(key_of(random_edge(random))).is_ok());
    const auto read_all = [](std::string_view bytes) {
        BatchReader reader(bytes);
        Operation found;
        while (true) {
            const Result<bool> more = reader.next(found);
            if (!more) return more.error().code();
            if (!*more) return ErrorCode::Ok;
        }
    };
    size_t whole = 0;
    for (size_t size = 1; size < batch.size_bytes(); ++size) {
        const ErrorCode code = read_all(batch.bytes().substr(0, size));
        EXPECT_TRUE(code == ErrorCode::Corrupt || code == ErrorCode::Ok);
        whole += code == ErrorCode::Ok ? 1 : 0;
    }
    EXPECT_EQ(whole, 2u);  // after the first and after the second operation
    for (int round = 0; round < 100000; ++round) {
        std::string bytes(batch.bytes());
        for (uint64_t i = 0; i <= random() % 3; ++i) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        const ErrorCode code = read_all(bytes);
        ASSERT_TRUE(code == ErrorCode::Corrupt || code == ErrorCode::Ok);
    }
    EXPECT_EQ(read_all("\x05"), ErrorCode::Corrupt);
    EXPECT_EQ(read_all(std::string_view("\0", 1)), ErrorCode::Corrupt);
}

}  // namespace
}  // namespace kausal::format
