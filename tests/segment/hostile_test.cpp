// Goal: damage is answered with Corrupt or does not matter; it never changes an answer.
// Method: every byte of a small segment is flipped in turn, then every question is asked again and
// each answer compared with that of the sound file; the file is cut at every length; a sound file
// is offered under another id and another database; random bytes with repaired checksums must not
// lead outside.
#include "segment/segment_layout.h"
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

constexpr const char* kCorrupt = "corrupt";

/// Answers in the order of the questions; kCorrupt where there was none.
using Answers = std::vector<std::string>;

template <typename T, typename Print>
std::string answer(const Result<T>& result, Print&& print) {
    if (result) return print(*result);
    return result.error().code() == ErrorCode::Corrupt ? kCorrupt
                                                       : std::string(result.error().message());
}

std::string answer(const Status& status, const std::string& text) {
    if (status.is_ok()) return text;
    return status.code() == ErrorCode::Corrupt ? kCorrupt : std::string(status.message());
}

void ask_node(const SegmentReader& reader, const BlockId& id, Answers& answers) {
    const auto ordinal = reader.find(id);
    answers.push_back(
        answer(ordinal, [](const auto& at) { return at ? std::to_string(*at) : "-"; }));
    if (!ordinal || !*ordinal) {
        answers.insert(answers.end(), 7, kCorrupt);
        return;
    }
    const uint32_t at = **ordinal;
    answers.push_back(answer(reader.lower_bound(id), [](uint32_t x) { return std::to_string(x); }));
    answers.push_back(answer(reader.entry(at), [](const segment::BlockEntry& entry) {
        return std::to_string(static_cast<int>(entry.state)) + "/" +
               std::to_string(static_cast<int>(entry.kind)) + "/" + std::to_string(entry.version);
    }));
    answers.push_back(
        answer(reader.head(at), [](std::string_view head) { return std::string(head); }));
    answers.push_back(answer(
        reader.body(at), [](const segment::PinnedBody& body) { return std::string(body.bytes); }));
    answers.push_back(answer(reader.next_put(at, format::BlockKind::Function),
                             [](uint32_t x) { return std::to_string(x); }));
    for (const Direction direction : {Direction::Out, Direction::In}) {
        std::vector<segment::SegmentEdge> edges;
        const Status status = reader.edges(at, direction, edges);
        std::string text;
        for (const segment::SegmentEdge& edge : edges) {
            text += std::to_string(edge.other) + "," + std::to_string(edge.meta) + "," +
                    std::to_string(edge.site.offset) + "," + std::to_string(edge.site.line) + ";";
        }
        answers.push_back(answer(status, text));
    }
}

void ask_lookups(const SegmentReader& reader, const SegmentModel& model, Answers& answers) {
    const auto ask = [&](auto&& call) {
        std::string text;
        const Status status = call([&](std::string_view found, std::span<const uint32_t> ordinals) {
            text += std::string(found) + ":";
            for (const uint32_t ordinal : ordinals) text += std::to_string(ordinal) + ",";
            return true;
        });
        answers.push_back(answer(status, text));
    };
    ask([&](const auto& visit) { return reader.scan_names(visit); });
    for (const auto& [id, entry] : model.blocks) {
        if (!entry.block) continue;
        const ModelBlock& block = *entry.block;
        ask([&](const auto& visit) {
            return reader.find_names(block.name, SegmentReader::Match::FoldedPrefix, visit);
        });
        ask([&](const auto& visit) {
            return reader.find_uris(block.uri, SegmentReader::Match::Exact, visit);
        });
        std::vector<uint32_t> found;
        const Status status = reader.find_key(
            format::hash_key(format::kKeySpaceQualifiedName, block.qualified_name), found);
        std::string text;
        for (const uint32_t ordinal : found) text += std::to_string(ordinal) + ",";
        answers.push_back(answer(status, text));
    }
}

void ask_text(const SegmentReader& reader, Answers& answers) {
    const segment::TextIndexView text = reader.text();
    answers.push_back(std::to_string(text.document_count()));
    for (uint32_t document = 0; document < text.document_count(); ++document) {
        answers.push_back(
            answer(text.ordinal(document), [](uint32_t x) { return std::to_string(x); }));
        answers.push_back(answer(text.lengths(document), [](const auto& lengths) {
            std::string line;
            for (const uint16_t length : lengths) line += std::to_string(length) + ",";
            return line;
        }));
    }
    for (const format::TermHash term : format::terms_of("run Server value größe http absent")) {
        answers.push_back(
            answer(text.document_frequency(term), [](uint32_t x) { return std::to_string(x); }));
        std::vector<segment::TextPosting> postings;
        const Status status = text.postings(term, postings);
        std::string line;
        for (const segment::TextPosting& posting : postings) {
            line += std::to_string(posting.document) + ":";
            for (const uint8_t count : posting.counts) line += std::to_string(count) + ",";
        }
        answers.push_back(answer(status, line));
    }
}

/// Every question, always the same number of answers; only kCorrupt when the file does not open.
Answers ask_everything(MemoryDirectory& directory, uint64_t file_id, const SegmentModel& model,
                       bool& is_open) {
    FrameCache cache(1 << 20);
    const auto reader = SegmentReader::open(directory, file_id, kTestUuid, cache);
    is_open = reader.has_value();
    if (!is_open) {
        const ErrorCode code = reader.error().code();
        EXPECT_TRUE(code == ErrorCode::Corrupt || code == ErrorCode::NewerFormat)
            << reader.error().message();
        return {};
    }
    Answers answers;
    for (const auto& [id, entry] : model.blocks) ask_node(**reader, id, answers);
    for (const auto& [key, edge] : model.edges) ask_node(**reader, key.target, answers);
    ask_lookups(**reader, model, answers);
    ask_text(**reader, answers);
    return answers;
}

struct SmallSegment {
    MemoryDirectory directory;
    SegmentModel model;
    std::string name = segment::segment_file_name(1);
    segment::SegmentInfo info;
    std::vector<std::byte> sound;
    Answers expected;

    explicit SmallSegment(size_t block_count = 14) {
        TestRandom random(2024);
        std::vector<BlockId> universe;
        for (size_t i = 0; i < block_count; ++i) universe.push_back(random_id(random));
        model = random_model(random, universe, block_count, 20, 3);
        segment::SegmentWriterOptions options;
        options.chunk.frame_size_bytes = 1024;
        options.text_partition_size_bytes = 2048;
        info = write_model(directory, 1, model, random, options);
        sound = directory.content(name).bytes;
        bool is_open = false;
        expected = ask_everything(directory, 1, model, is_open);
        EXPECT_TRUE(is_open);
        EXPECT_EQ(std::ranges::count(expected, kCorrupt), 0);
    }
};

TEST(SegmentHostile, EveryFlippedByteIsFoundOrDoesNotMatter) {
    SmallSegment small;
    size_t noticed = 0;
    for (size_t at = 0; at < small.sound.size(); ++at) {
        std::vector<std::byte> damaged = small.sound;
        damaged[at] ^= std::byte{static_cast<uint8_t>(1u << (at % 8))};
        small.directory.put(small.name, damaged);
        bool is_open = false;
        const Answers answers = ask_everything(small.directory, 1, small.model, is_open);
        if (!is_open) {
            ++noticed;
            continue;
        }
        ASSERT_EQ(answers.size(), small.expected.size());
        bool is_noticed = false;
        for (size_t i = 0; i < answers.size(); ++i) {
            if (answers[i] == kCorrupt) {
                is_noticed = true;
            } else {
                ASSERT_EQ(answers[i], small.expected[i]) << "byte " << at << ", question " << i;
            }
        }
        noticed += is_noticed ? 1 : 0;
        // What no question meets, verify does.
        FrameCache cache(0);
        const auto reader = SegmentReader::open(small.directory, 1, kTestUuid, cache);
        std::vector<segment::SegmentFinding> findings;
        segment::SegmentVerifyCounts counts;
        ASSERT_TRUE((*reader)->verify(&small.info.hash, findings, counts).is_ok());
        EXPECT_FALSE(findings.empty()) << "byte " << at;
    }
    EXPECT_GT(noticed, small.sound.size() * 8 / 10);
}

// In a file of many chunks, damage in one leaves the answers that do not need it.
TEST(SegmentHostile, DamageIsScopedToItsChunk) {
    SmallSegment small(400);
    ASSERT_GT(small.sound.size(), segment::kChunkSize * 7);
    size_t unharmed = 0;
    size_t harmed = 0;
    for (size_t at = 100; at < small.sound.size(); at += 4001) {
        std::vector<std::byte> damaged = small.sound;
        damaged[at] ^= std::byte{0x80};
        small.directory.put(small.name, damaged);
        bool is_open = false;
        const Answers answers = ask_everything(small.directory, 1, small.model, is_open);
        if (!is_open) continue;
        ASSERT_EQ(answers.size(), small.expected.size());
        for (size_t i = 0; i < answers.size(); ++i) {
            if (answers[i] == kCorrupt) {
                ++harmed;
            } else {
                ++unharmed;
                ASSERT_EQ(answers[i], small.expected[i]) << "byte " << at << ", question " << i;
            }
        }
    }
    EXPECT_GT(harmed, 100u);
    EXPECT_GT(unharmed, harmed);
}

TEST(SegmentHostile, EveryTruncationIsCorrupt) {
    SmallSegment small;
    for (size_t size = 0; size < small.sound.size(); ++size) {
        small.directory.put(small.name, {small.sound.begin(),
                                         small.sound.begin() + static_cast<std::ptrdiff_t>(size)});
        FrameCache cache(0);
        const auto reader = SegmentReader::open(small.directory, 1, kTestUuid, cache);
        ASSERT_FALSE(reader.has_value()) << size;
        EXPECT_EQ(reader.error().code(), ErrorCode::Corrupt);
    }
    std::vector<std::byte> longer = small.sound;
    longer.resize(longer.size() + 64);
    small.directory.put(small.name, longer);
    FrameCache cache(0);
    EXPECT_EQ(SegmentReader::open(small.directory, 1, kTestUuid, cache).error().code(),
              ErrorCode::Corrupt);
}

TEST(SegmentHostile, FilesOfOtherIdsAndDatabasesAreRefused) {
    SmallSegment small;
    small.directory.put(segment::segment_file_name(2), small.sound);
    FrameCache cache(0);
    EXPECT_EQ(SegmentReader::open(small.directory, 2, kTestUuid, cache).error().code(),
              ErrorCode::Corrupt);
    EXPECT_EQ(SegmentReader::open(small.directory, 1, {1, 2}, cache).error().code(),
              ErrorCode::Corrupt);
    EXPECT_EQ(SegmentReader::open(small.directory, 3, kTestUuid, cache).error().code(),
              ErrorCode::NotFound);
}

TEST(SegmentHostile, AnotherFormatVersionIsNamed) {
    SmallSegment small;
    std::vector<std::byte> newer = small.sound;
    newer[8] = std::byte{2};
    const uint64_t hash =
        hash64(ByteView(newer).first(56), segment::checksum_seed(kTestUuid, 1, 0));
    std::memcpy(newer.data() + 56, &hash, sizeof(hash));
    small.directory.put(small.name, newer);
    FrameCache cache(0);
    EXPECT_EQ(SegmentReader::open(small.directory, 1, kTestUuid, cache).error().code(),
              ErrorCode::NewerFormat);
}

/// Computes all checksums of a changed file anew, as an attacker would.
void repair_checksums(std::vector<std::byte>& bytes, const segment::Footer& footer,
                      uint64_t footer_offset) {
    const auto seed = [](uint64_t offset) { return segment::checksum_seed(kTestUuid, 1, offset); };
    const auto store = [&](uint64_t at, uint64_t value) {
        std::memcpy(bytes.data() + at, &value, sizeof(value));
    };
    store(56, hash64(ByteView(bytes).first(56), seed(0)));
    const uint64_t chunks = footer.chunk_count();
    for (uint64_t chunk = 0; chunk < chunks; ++chunk) {
        const uint64_t at = chunk * segment::kChunkSize;
        const uint64_t size = std::min<uint64_t>(segment::kChunkSize, footer.data_size - at);
        store(footer.data_size + chunk * 8, hash64(ByteView(bytes).subspan(at, size), seed(at)));
    }
    segment::Footer fresh = footer;
    fresh.checksum_hashes = {
        hash64(ByteView(bytes).subspan(footer.data_size, chunks * 8), seed(footer.data_size))};
    const std::string encoded = segment::encode_footer(fresh);
    std::memcpy(bytes.data() + footer_offset, encoded.data(), encoded.size());
    segment::Tail tail{footer_offset, encoded.size(), hash64(encoded, seed(footer_offset))};
    const std::string encoded_tail = segment::encode_tail(tail, kTestUuid, 1);
    std::memcpy(bytes.data() + bytes.size() - 64, encoded_tail.data(), 64);
}

// With right checksums the content is a lie that may be believed, but it must not lead out of the
// file or into undefined behaviour; the sanitizers are the judge here.
TEST(SegmentHostile, ForgedContentStaysInsideTheFile) {
    SmallSegment small(40);
    const uint64_t footer_offset =
        load_fixed<uint64_t>(small.sound.data() + small.sound.size() - 56);
    const uint64_t footer_size = load_fixed<uint64_t>(small.sound.data() + small.sound.size() - 48);
    const auto footer = segment::decode_footer(
        ByteView(small.sound).subspan(footer_offset, footer_size), footer_offset);
    ASSERT_TRUE(footer.has_value());
    ASSERT_EQ(footer->checksum_hashes.size(), 1u);
    TestRandom random(1);
    size_t opened = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::byte> forged = small.sound;
        segment::Footer forged_footer = *footer;
        const uint64_t changes = 1 + random.below(4);
        for (uint64_t i = 0; i < changes; ++i) {
            // Columns behind the heap are hit more often than their share.
            const uint64_t heap_end = footer->section(segment::SectionKind::Heap).size;
            const uint64_t from = random.chance(70) ? heap_end : 64;
            const uint64_t at = from + random.below(footer->data_size - from);
            forged[at] = static_cast<std::byte>(random.next());
        }
        if (random.chance(20)) {
            auto& range = forged_footer.sections[random.below(segment::kSectionCount)];
            (random.chance(50) ? range.offset : range.size) = random.below(footer->data_size * 2);
        }
        repair_checksums(forged, forged_footer, footer_offset);
        small.directory.put(small.name, forged);
        FrameCache cache(1 << 20);
        const auto reader = SegmentReader::open(small.directory, 1, kTestUuid, cache);
        if (!reader) {
            EXPECT_EQ(reader.error().code(), ErrorCode::Corrupt);
            continue;
        }
        ++opened;
        Answers answers;
        for (const auto& [id, entry] : small.model.blocks) ask_node(**reader, id, answers);
        ask_lookups(**reader, small.model, answers);
        ask_text(**reader, answers);
        std::vector<segment::SegmentFinding> findings;
        segment::SegmentVerifyCounts counts;
        ASSERT_TRUE((*reader)->verify(nullptr, findings, counts).is_ok());
    }
    EXPECT_GT(opened, 2000u);
}

// A lie with right checksums is what verify's comparisons are for.
TEST(SegmentHostile, VerifyFindsForgedColumns) {
    SmallSegment small(40);
    const uint64_t footer_offset =
        load_fixed<uint64_t>(small.sound.data() + small.sound.size() - 56);
    const uint64_t footer_size = load_fixed<uint64_t>(small.sound.data() + small.sound.size() - 48);
    const auto footer = segment::decode_footer(
        ByteView(small.sound).subspan(footer_offset, footer_size), footer_offset);
    ASSERT_TRUE(footer.has_value());
    size_t skipped = 0;
    for (size_t number = 2; number <= segment::kSectionCount; ++number) {
        const segment::SectionRange& range = footer->sections[number - 1];
        const auto kind = static_cast<segment::SectionKind>(number);
        // Nothing else in the file could contradict the place of an edge.
        if (kind == segment::SectionKind::OutSites) continue;
        if (range.size == 0) {
            ++skipped;
            continue;
        }
        std::vector<std::byte> forged = small.sound;
        if (kind == segment::SectionKind::Rows) {
            forged[range.offset + 19] ^= std::byte{0xc0};  // the state of the first row
        } else if (kind == segment::SectionKind::Filter) {
            std::fill_n(forged.begin() + static_cast<std::ptrdiff_t>(range.offset), range.size,
                        std::byte{0});
        } else {
            forged[range.offset + range.size / 2] ^= std::byte{1};
        }
        repair_checksums(forged, *footer, footer_offset);
        small.directory.put(small.name, forged);
        FrameCache cache(1 << 20);
        const auto reader = SegmentReader::open(small.directory, 1, kTestUuid, cache);
        ASSERT_TRUE(reader.has_value()) << reader.error().message();
        std::vector<segment::SegmentFinding> findings;
        segment::SegmentVerifyCounts counts;
        ASSERT_TRUE((*reader)->verify(nullptr, findings, counts).is_ok());
        EXPECT_FALSE(findings.empty()) << "section " << number;
    }
    EXPECT_EQ(skipped, 0u);
}

}  // namespace
}  // namespace kausal::test
