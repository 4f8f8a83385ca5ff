// Goal: a block comes back from its bytes as it went in, bytes that are none are Corrupt, and the
// bytes themselves never change between versions. Method: round trips of random and extreme blocks,
// every truncation, random bytes, golden bytes.
#include "format/block_record.h"

#include "format/edge_record.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace kausal::format {
namespace {

[[nodiscard]] BlockRecord sample() {
    BlockRecord record;
    record.id = {1, 2};
    record.kind = BlockKind::Method;
    record.language = Language::Go;
    record.flags = kBlockExported | kBlockTest;
    record.workspace = 0x0102030405060708ULL;
    record.parent = {0x1112131415161718ULL, 0x2122232425262728ULL};
    record.line_first = 10;
    record.line_last = 20;
    record.byte_first = 300;
    record.byte_end = 400;
    record.name = "run";
    record.qualified_name = "net.Server.run";
    record.uri = "net/server.go";
    record.signature = "func (s *Server) run()";
    record.binding = "B";
    record.doc = "Runs.";
    record.metadata = "{}";
    record.content = std::string_view("a\0b", 3);
    record.keys = {5, 9};
    return record;
}

void expect_equal(const BlockRecord& left, const BlockRecord& right) {
    EXPECT_EQ(left.kind, right.kind);
    EXPECT_EQ(left.language, right.language);
    EXPECT_EQ(left.flags, right.flags);
    EXPECT_EQ(left.workspace, right.workspace);
    EXPECT_EQ(left.parent, right.parent);
    EXPECT_EQ(left.line_first, right.line_first);
    EXPECT_EQ(left.line_last, right.line_last);
    EXPECT_EQ(left.byte_first, right.byte_first);
    EXPECT_EQ(left.byte_end, right.byte_end);
    EXPECT_EQ(left.name, right.name);
    EXPECT_EQ(left.qualified_name, right.qualified_name);
    EXPECT_EQ(left.uri, right.uri);
    EXPECT_EQ(left.signature, right.signature);
    EXPECT_EQ(left.binding, right.binding);
    EXPECT_EQ(left.doc, right.doc);
    EXPECT_EQ(left.metadata, right.metadata);
    EXPECT_EQ(left.content, right.content);
    EXPECT_EQ(left.keys, right.keys);
}

[[nodiscard]] std::string head_of(const BlockRecord& record) {
    std::string bytes;
    encode_head(record, bytes);
    return bytes;
}
[[nodiscard]] std::string body_of(const BlockRecord& record) {
    std::string bytes;
    encode_body(record, bytes);
    return bytes;
}
[[nodiscard]] std::string hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += kDigits[static_cast<uint8_t>(byte) >> 4];
        text += kDigits[static_cast<uint8_t>(byte) & 15];
    }
    return text;
}

TEST(BlockRecord, RoundTripsHeadAndBodyApart) {
    const BlockRecord record = sample();
    const std::string head = head_of(record);
    const std::string body = body_of(record);
    BlockRecord decoded;
    ASSERT_TRUE(decode_head(head, decoded).is_ok());
    EXPECT_TRUE(decoded.content.empty());
    ASSERT_TRUE(decode_body(body, decoded).is_ok());
    expect_equal(decoded, record);
    BlockRecord empty;
    empty.id = {1, 1};
    EXPECT_EQ(body_of(empty), "");
    const std::string empty_head = head_of(empty);
    ASSERT_TRUE(decode_head(empty_head, decoded).is_ok());
    ASSERT_TRUE(decode_body("", decoded).is_ok());
    expect_equal(decoded, empty);
}

TEST(BlockRecord, BytesAreThoseOfTheFormatPage) {
    EXPECT_EQ(hex(head_of(sample())),
              "010305000900000008070605040302011112131415161718212223242526"
              "27280a000000140000002c010000900100000372756e0e6e65742e536572"
              "7665722e72756e0d6e65742f7365727665722e676f1666756e6320287320"
              "2a536572766572292072756e282901420205000000000000000900000000000000");
    EXPECT_EQ(hex(body_of(sample())), "010552756e732e027b7d610062");
}

TEST(BlockRecord, EveryTruncationOfAHeadIsCorrupt) {
    const std::string head = head_of(sample());
    for (size_t size = 0; size < head.size(); ++size) {
        BlockRecord decoded;
        EXPECT_EQ(decode_head(std::string_view(head).substr(0, size), decoded).code(),
                  ErrorCode::Corrupt)
            << size;
    }
    BlockRecord decoded;
    EXPECT_EQ(decode_head(head + "x", decoded).code(), ErrorCode::Corrupt);
    std::string newer = head;
    newer[0] = 2;
    EXPECT_EQ(decode_head(newer, decoded).code(), ErrorCode::Corrupt);
    // A count of keys far beyond the bytes must not be allocated.
    std::string many = head_of(BlockRecord{});
    many.back() = '\x7f';
    EXPECT_EQ(decode_head(many, decoded).code(), ErrorCode::Corrupt);
    EXPECT_EQ(decode_body("\x02", decoded).code(), ErrorCode::Corrupt);
    EXPECT_EQ(decode_body("\x01\x05", decoded).code(), ErrorCode::Corrupt);
}

TEST(BlockRecord, RandomBytesDecodeOrAreCorrupt) {
    std::mt19937_64 random(1);
    const std::string head = head_of(sample());
    size_t decoded_count = 0;
    for (int round = 0; round < 100000; ++round) {
        std::string bytes = head;
        for (uint64_t i = 0; i <= random() % 3; ++i) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        BlockRecord decoded;
        const Status status = decode_head(bytes, decoded);
        if (!status.is_ok()) {
            ASSERT_EQ(status.code(), ErrorCode::Corrupt);
            continue;
        }
        ++decoded_count;
        ASSERT_LE(decoded.name.data() + decoded.name.size(), bytes.data() + bytes.size());
        std::string random_body(random() % 20, '\0');
        for (char& byte : random_body) byte = static_cast<char>(random() % 6);
        (void)decode_body(random_body, decoded);
    }
    EXPECT_GT(decoded_count, 1000u);
}

TEST(BlockRecord, ValidateRefusesWhatTheBoundsForbid) {
    EXPECT_TRUE(validate(sample()).is_ok());
    const auto refused = [](auto&& change) {
        BlockRecord record = sample();
        change(record);
        return validate(record).code() == ErrorCode::Invalid;
    };
    const std::string long_name(kNameSizeMax + 1, 'a');
    const std::string long_text(kTextSizeMax + 1, 'a');
    EXPECT_TRUE(refused([](BlockRecord& r) { r.id = {}; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.kind = BlockKind::Invalid; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.kind = static_cast<BlockKind>(24); }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.kind = static_cast<BlockKind>(999); }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.name = long_name; }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.qualified_name = long_name; }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.uri = long_name; }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.signature = long_text; }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.doc = long_text; }));
    EXPECT_TRUE(refused([&](BlockRecord& r) { r.metadata = long_text; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.name = "\xff"; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.metadata = "\xc3"; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.keys = {2, 1}; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.keys = {2, 2}; }));
    EXPECT_TRUE(refused([](BlockRecord& r) { r.keys.resize(kKeyCountMax + 1); }));
    BlockRecord user = sample();
    user.kind = BlockKind::UserFirst;
    user.content = "\xff\xfe";
    EXPECT_TRUE(validate(user).is_ok());
}

TEST(BlockRecord, IndexKeysHoldTheQualifiedNameOnce) {
    BlockRecord record = sample();
    const uint64_t key = hash_key(kKeySpaceQualifiedName, record.qualified_name);
    std::vector<uint64_t> keys = {99};
    index_keys(record, keys);
    EXPECT_EQ(keys, (std::vector<uint64_t>{5, 9, key}));
    record.keys = {5, key};
    index_keys(record, keys);
    EXPECT_EQ(keys, (std::vector<uint64_t>{5, key}));
    record.keys = {~uint64_t{0}};
    index_keys(record, keys);
    EXPECT_EQ(keys, (std::vector<uint64_t>{key, ~uint64_t{0}}));
    record.keys = {};
    record.qualified_name = "";
    index_keys(record, keys);
    EXPECT_TRUE(keys.empty());
    EXPECT_NE(hash_key(1, "a"), hash_key(2, "a"));
    EXPECT_EQ(hash_key(1, "net.Server.run"), 0x02a91a44036fa850ULL);
}

TEST(BlockRecord, WordsAndNumbersAgree) {
    for (uint16_t number = 1; number <= 23; ++number) {
        const auto kind = static_cast<BlockKind>(number);
        EXPECT_EQ(kind_from_name(kind_name(kind)), kind);
    }
    EXPECT_EQ(kind_name(BlockKind::Function), "function");
    EXPECT_EQ(kind_name(static_cast<BlockKind>(4000)), "user");
    EXPECT_EQ(kind_name(static_cast<BlockKind>(500)), "invalid");
    EXPECT_EQ(kind_from_name("nonsense"), BlockKind::Invalid);
    EXPECT_EQ(kind_from_name("invalid"), BlockKind::Invalid);
    for (uint8_t number = 1; number <= 9; ++number) {
        const auto language = static_cast<Language>(number);
        EXPECT_EQ(language_from_name(language_name(language)), language);
    }
    EXPECT_EQ(language_name(Language::Cpp), "c++");
    EXPECT_EQ(language_from_name(""), Language::None);
    EXPECT_EQ(language_name(static_cast<Language>(200)), "none");
    for (uint16_t number = 1; number <= 15; ++number) {
        const auto type = static_cast<EdgeType>(number);
        EXPECT_EQ(edge_type_from_name(edge_type_name(type)), type);
    }
    EXPECT_EQ(edge_type_name(EdgeType::CallsFunction), "calls_function");
    EXPECT_EQ(edge_type_from_name("invalid"), EdgeType::Invalid);
    EXPECT_EQ(provenance_name(Provenance::ReceiverType), "receiver_type");
    EXPECT_EQ(provenance_name(Provenance::Arity), "arity");
}

}  // namespace
}  // namespace kausal::format
