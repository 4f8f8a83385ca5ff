// The oracle of segments: random content and comparison.
#include "segment/segment_model.h"

#include "segment/text_pool.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace kausal::test {
namespace {

using segment::Direction;
using segment::SegmentReader;

constexpr format::BlockKind kKinds[] = {format::BlockKind::Function,
                                        format::BlockKind::Method,
                                        format::BlockKind::Class,
                                        format::BlockKind::File,
                                        format::BlockKind::FileFacts,
                                        static_cast<format::BlockKind>(1000),
                                        static_cast<format::BlockKind>(65535)};
constexpr const char* kWords[] = {"run",   "Run",       "RUN",      "runAll",  "Server",
                                  "http",  "parseJSON", "größe",    "名前",    "x_y_z",
                                  "value", "Value2",    "_private", "running", "A"};

[[nodiscard]] std::string random_word(TestRandom& random) {
    std::string word = kWords[random.below(std::size(kWords))];
    if (random.chance(40)) word += std::to_string(random.below(50));
    return word;
}

[[nodiscard]] std::string random_text(TestRandom& random, size_t word_count) {
    std::string text;
    for (size_t i = 0; i < word_count; ++i) text += random_word(random) + " ";
    return text;
}

[[nodiscard]] std::string lower(std::string text) {
    for (char& character : text) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character | 0x20);
    }
    return text;
}

/// The ids of a segment in order, and what the model says of each.
struct Ordinals {
    std::vector<BlockId> ids;
    [[nodiscard]] uint32_t of(const BlockId& id) const {
        return static_cast<uint32_t>(std::ranges::lower_bound(ids, id) - ids.begin());
    }
};

[[nodiscard]] Ordinals ordinals_of(const SegmentModel& model) {
    std::set<BlockId> ids;
    for (const auto& [id, entry] : model.blocks) ids.insert(id);
    for (const auto& [key, edge] : model.edges) {
        ids.insert(key.source);
        ids.insert(key.target);
    }
    return {{ids.begin(), ids.end()}};
}

void expect_ids(const SegmentReader& reader, const SegmentModel& model, const Ordinals& ordinals) {
    ASSERT_EQ(reader.id_count(), ordinals.ids.size());
    for (uint32_t i = 0; i < ordinals.ids.size(); ++i) {
        const BlockId& id = ordinals.ids[i];
        EXPECT_EQ(reader.id(i).value(), id);
        EXPECT_EQ(reader.find(id).value(), std::optional<uint32_t>(i));
        EXPECT_EQ(reader.lower_bound(id).value(), i);
        EXPECT_EQ(reader.lower_bound({id.high, id.low + 1}).value(), i + 1);
    }
    TestRandom random(reader.file_id());
    for (int i = 0; i < 200; ++i) {
        const BlockId id = random_id(random);
        if (std::ranges::binary_search(ordinals.ids, id)) continue;
        EXPECT_EQ(reader.find(id).value(), std::nullopt);
        EXPECT_EQ(reader.lower_bound(id).value(), ordinals.of(id));
    }
    EXPECT_EQ(reader.id(reader.id_count()).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(reader.entry(reader.id_count()).error().code(), ErrorCode::Invalid);
    for (uint32_t i = 0; i < ordinals.ids.size(); ++i) {
        const auto entry = reader.entry(i);
        ASSERT_TRUE(entry.has_value());
        const auto found = model.blocks.find(ordinals.ids[i]);
        if (found == model.blocks.end()) {
            EXPECT_EQ(entry->state, segment::BlockState::None);
            continue;
        }
        EXPECT_EQ(entry->version, found->second.version);
        const bool is_put = found->second.block.has_value();
        EXPECT_EQ(entry->state, is_put ? segment::BlockState::Put : segment::BlockState::Tombstone);
        if (!is_put) {
            EXPECT_EQ(reader.head(i).error().code(), ErrorCode::NotFound);
        }
    }
}

void expect_block(const SegmentReader& reader, uint32_t ordinal, const ModelBlock& block) {
    const auto head = reader.head(ordinal);
    const auto body = reader.body(ordinal);
    ASSERT_TRUE(head.has_value() && body.has_value());
    format::BlockRecord found;
    ASSERT_TRUE(format::decode_head(*head, found).is_ok());
    ASSERT_TRUE(format::decode_body(body->bytes, found).is_ok());
    EXPECT_EQ(reader.entry(ordinal)->kind, block.kind);
    EXPECT_EQ(found.kind, block.kind);
    EXPECT_EQ(found.flags, block.flags);
    EXPECT_EQ(found.name, block.name);
    EXPECT_EQ(found.qualified_name, block.qualified_name);
    EXPECT_EQ(found.uri, block.uri);
    EXPECT_EQ(found.signature, block.signature);
    EXPECT_EQ(found.binding, block.binding);
    EXPECT_EQ(found.doc, block.doc);
    EXPECT_EQ(found.metadata, block.metadata);
    EXPECT_TRUE(found.content == block.content);
    EXPECT_EQ(found.keys, block.keys);
}

void expect_blocks(const SegmentReader& reader, const SegmentModel& model,
                   const Ordinals& ordinals) {
    std::map<uint16_t, std::vector<uint32_t>> by_kind;
    for (const auto& [id, entry] : model.blocks) {
        if (!entry.block) continue;
        const uint32_t ordinal = ordinals.of(id);
        expect_block(reader, ordinal, *entry.block);
        by_kind[0].push_back(ordinal);
        by_kind[static_cast<uint16_t>(entry.block->kind)].push_back(ordinal);
    }
    by_kind[77];  // a kind that nothing has
    for (const auto& [kind, expected] : by_kind) {
        std::vector<uint32_t> found;
        for (uint32_t at = 0;; ++at) {
            at = reader.next_put(at, static_cast<format::BlockKind>(kind)).value();
            if (at == reader.id_count()) break;
            found.push_back(at);
        }
        EXPECT_EQ(found, expected) << "kind " << kind;
    }
}

void expect_edges(const SegmentReader& reader, const SegmentModel& model,
                  const Ordinals& ordinals) {
    using Key = std::tuple<uint16_t, uint32_t, uint32_t>;  // type, other ordinal, site offset
    std::map<uint32_t, std::map<Key, ModelEdge>> expected[2];
    for (const auto& [key, edge] : model.edges) {
        const uint32_t source = ordinals.of(key.source);
        const uint32_t target = ordinals.of(key.target);
        const auto type = static_cast<uint16_t>(key.type);
        expected[0][source][{type, target, key.site_offset}] = edge;
        expected[1][target][{type, source, key.site_offset}] = edge;
    }
    EXPECT_EQ(reader.edge_count(), model.edges.size());
    for (uint32_t node = 0; node < reader.id_count(); ++node) {
        for (const Direction direction : {Direction::Out, Direction::In}) {
            const auto& wanted = expected[direction == Direction::Out ? 0 : 1][node];
            std::vector<segment::SegmentEdge> found;
            ASSERT_TRUE(reader.edges(node, direction, found).is_ok());
            const auto view = reader.adjacency(node, direction);
            ASSERT_TRUE(view.has_value());
            ASSERT_EQ(found.size(), wanted.size());
            ASSERT_EQ(view->size(), wanted.size());
            size_t at = 0;
            for (const auto& [key, edge] : wanted) {
                EXPECT_EQ(found[at].other, std::get<1>(key));
                EXPECT_EQ(view->other[at], std::get<1>(key));
                EXPECT_EQ(view->meta[at], found[at].meta);
                EXPECT_EQ(found[at].meta, segment::make_edge_meta(edge.record, edge.is_tombstone));
                EXPECT_EQ(found[at].site.offset, edge.record.site_offset);
                EXPECT_EQ(found[at].site.line, edge.record.site_line);
                EXPECT_EQ(reader.site(node, direction, at)->line, edge.record.site_line);
                ++at;
            }
            EXPECT_EQ(reader.site(node, direction, at).error().code(), ErrorCode::Invalid);
        }
    }
}

using TextEntries = std::vector<std::pair<std::string, std::vector<uint32_t>>>;

/// Collects what a lookup visits.
struct Collector {
    TextEntries entries;
    [[nodiscard]] SegmentReader::TextVisitor visitor() {
        return [this](std::string_view text, std::span<const uint32_t> ordinals) {
            entries.emplace_back(std::string(text),
                                 std::vector<uint32_t>(ordinals.begin(), ordinals.end()));
            return true;
        };
    }
};

void expect_names(const SegmentReader& reader, const SegmentModel& model,
                  const Ordinals& ordinals) {
    const auto folded_order = [](const std::string& left, const std::string& right) {
        return std::pair(lower(left), left) < std::pair(lower(right), right);
    };
    std::map<std::string, std::vector<uint32_t>, decltype(folded_order)> names(folded_order);
    for (const auto& [id, entry] : model.blocks) {
        if (entry.block && !entry.block->name.empty()) {
            names[entry.block->name].push_back(ordinals.of(id));
        }
    }
    Collector all;
    ASSERT_TRUE(reader.scan_names(all.visitor()).is_ok());
    EXPECT_EQ(all.entries, TextEntries(names.begin(), names.end()));
    std::set<std::string> queries = {"", "r", "RU", "run", "Run", "zz", "größe", "名"};
    for (const auto& [name, where] : names) {
        if (queries.size() < 60) queries.insert({name, lower(name), name.substr(0, 2)});
    }
    for (const std::string& query : queries) {
        for (const auto match :
             {SegmentReader::Match::Exact, SegmentReader::Match::FoldedExact,
              SegmentReader::Match::Prefix, SegmentReader::Match::FoldedPrefix}) {
            TextEntries expected;
            for (const auto& [name, where] : names) {
                const bool fits = match == SegmentReader::Match::Exact    ? name == query
                                  : match == SegmentReader::Match::Prefix ? name.starts_with(query)
                                  : match == SegmentReader::Match::FoldedExact
                                      ? lower(name) == lower(query)
                                      : lower(name).starts_with(lower(query));
                if (fits) expected.emplace_back(name, where);
            }
            Collector found;
            ASSERT_TRUE(reader.find_names(query, match, found.visitor()).is_ok());
            EXPECT_EQ(found.entries, expected)
                << "'" << query << "' match " << static_cast<int>(match);
        }
    }
}

void expect_uris(const SegmentReader& reader, const SegmentModel& model, const Ordinals& ordinals) {
    std::map<std::string, std::vector<uint32_t>> uris;
    for (const auto& [id, entry] : model.blocks) {
        if (entry.block && !entry.block->uri.empty()) {
            uris[entry.block->uri].push_back(ordinals.of(id));
        }
    }
    std::set<std::string> queries = {"", "src", "src/", "nowhere"};
    for (const auto& [uri, where] : uris) queries.insert({uri, uri.substr(0, uri.size() / 2)});
    for (const std::string& query : queries) {
        for (const auto match : {SegmentReader::Match::Exact, SegmentReader::Match::Prefix}) {
            TextEntries expected;
            for (const auto& [uri, where] : uris) {
                const bool fits =
                    match == SegmentReader::Match::Exact ? uri == query : uri.starts_with(query);
                if (fits) expected.emplace_back(uri, where);
            }
            Collector found;
            ASSERT_TRUE(reader.find_uris(query, match, found.visitor()).is_ok());
            EXPECT_EQ(found.entries, expected) << query;
        }
    }
}

void expect_keys(const SegmentReader& reader, const SegmentModel& model, const Ordinals& ordinals) {
    std::map<uint64_t, std::vector<uint32_t>> keys;
    keys[12345];  // nobody has it
    for (const auto& [id, entry] : model.blocks) {
        if (!entry.block) continue;
        std::vector<uint64_t> of_block;
        format::index_keys(entry.block->record(), of_block);
        for (const uint64_t key : of_block) keys[key].push_back(ordinals.of(id));
    }
    for (const auto& [key, expected] : keys) {
        std::vector<uint32_t> found;
        ASSERT_TRUE(reader.find_key(key, found).is_ok());
        EXPECT_EQ(found, expected) << key;
    }
}

void expect_text(const SegmentReader& reader, const SegmentModel& model, const Ordinals& ordinals) {
    using Counts = std::vector<uint8_t>;
    std::map<format::TermHash, std::map<uint32_t, Counts>> expected;
    std::map<uint32_t, std::vector<uint32_t>> lengths;
    format::TermCounter counter;
    for (const auto& [id, entry] : model.blocks) {
        if (!entry.block) continue;
        uint32_t of_fields[format::kTextFieldCount];
        const auto& terms = counter.count(entry.block->record(), of_fields);
        if (terms.empty()) continue;
        const uint32_t ordinal = ordinals.of(id);
        lengths[ordinal].assign(of_fields, of_fields + format::kTextFieldCount);
        for (const format::TermCount& term : terms) {
            expected[term.term][ordinal].assign(term.counts, term.counts + format::kTextFieldCount);
        }
    }
    expected[42];  // a term that nothing has
    const segment::TextIndexView text = reader.text();
    ASSERT_EQ(text.document_count(), lengths.size());
    std::vector<uint64_t> totals(format::kTextFieldCount, 0);
    for (uint32_t document = 0; document < text.document_count(); ++document) {
        const uint32_t ordinal = text.ordinal(document).value();
        ASSERT_TRUE(lengths.contains(ordinal));
        for (size_t field = 0; field < format::kTextFieldCount; ++field) {
            const uint32_t wanted = std::min<uint32_t>(lengths[ordinal][field], 65535);
            EXPECT_EQ(text.length(document, static_cast<format::TextField>(field)), wanted);
            EXPECT_EQ(text.lengths(document)->at(field), wanted);
            totals[field] += wanted;
        }
    }
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        EXPECT_EQ(text.total_length(static_cast<format::TextField>(field)), totals[field]);
    }
    for (const auto& [term, by_ordinal] : expected) {
        EXPECT_EQ(text.document_frequency(term).value(), by_ordinal.size());
        std::vector<segment::TextPosting> postings;
        ASSERT_TRUE(text.postings(term, postings).is_ok());
        std::map<uint32_t, Counts> found;
        for (size_t i = 0; i < postings.size(); ++i) {
            if (i > 0) {
                EXPECT_LT(postings[i - 1].document, postings[i].document);
            }
            found[text.ordinal(postings[i].document).value()].assign(
                postings[i].counts, postings[i].counts + format::kTextFieldCount);
        }
        EXPECT_EQ(found, by_ordinal);
    }
}

}  // namespace

format::BlockRecord ModelBlock::record() const {
    format::BlockRecord record;
    record.id = id;
    record.kind = kind;
    record.flags = flags;
    record.name = name;
    record.qualified_name = qualified_name;
    record.uri = uri;
    record.signature = signature;
    record.binding = binding;
    record.doc = doc;
    record.metadata = metadata;
    record.content = content;
    record.keys = keys;
    return record;
}

void SegmentModel::put(ModelBlock block) {
    const BlockId id = block.id;
    const uint64_t version = block.version;
    blocks[id] = {std::move(block), version};
}

void SegmentModel::remove(const BlockId& id, uint64_t version) {
    blocks[id] = {std::nullopt, version};
}

void SegmentModel::put_edge(const format::EdgeRecord& edge, bool is_tombstone) {
    edges[format::key_of(edge)] = {edge, is_tombstone};
}

void SegmentModel::absorb(const SegmentModel& newer) {
    for (const auto& [id, entry] : newer.blocks) blocks[id] = entry;
    for (const auto& [key, edge] : newer.edges) edges[key] = edge;
}

void SegmentModel::drop_tombstones() {
    std::erase_if(blocks, [](const auto& item) { return !item.second.block.has_value(); });
    std::erase_if(edges, [](const auto& item) { return item.second.is_tombstone; });
}

BlockId random_id(TestRandom& random) {
    return {random.next(), random.next()};
}

ModelBlock random_block(TestRandom& random, const BlockId& id, uint64_t version) {
    ModelBlock block;
    block.id = id;
    block.version = version;
    block.kind = kKinds[random.below(std::size(kKinds))];
    block.flags = static_cast<uint32_t>(random.next());
    if (random.chance(90)) block.name = random_word(random);
    if (random.chance(80)) block.qualified_name = random_word(random) + "." + block.name;
    if (random.chance(80)) block.uri = "src/" + random_word(random) + ".go";
    if (random.chance(50)) block.signature = "func " + random_text(random, 4);
    if (random.chance(30)) block.binding = "\x01\xff binding";
    if (random.chance(40)) block.doc = random_text(random, random.below(20));
    if (random.chance(20)) block.metadata = "{\"a\":1}";
    if (random.chance(70)) block.content = random_text(random, random.below(120));
    if (random.chance(5)) block.content = std::string("\0\xff binary", 9);
    std::set<uint64_t> keys;
    for (uint64_t i = random.below(4); i > 0 && random.chance(30); --i) {
        keys.insert(random.chance(50) ? random.below(20) : random.next());
    }
    block.keys.assign(keys.begin(), keys.end());
    return block;
}

SegmentModel random_model(TestRandom& random, const std::vector<BlockId>& universe,
                          size_t block_count, size_t edge_count, uint64_t version) {
    SegmentModel model;
    const auto pick = [&] { return universe[random.below(universe.size())]; };
    for (size_t i = 0; i < block_count; ++i) {
        const BlockId id = pick();
        if (random.chance(15)) {
            model.remove(id, version + random.below(10));
        } else {
            model.put(random_block(random, id, version + random.below(10)));
        }
    }
    for (size_t i = 0; i < edge_count; ++i) {
        format::EdgeRecord edge;
        edge.source = random.chance(30) ? universe[0] : pick();
        edge.target = random.chance(20) ? universe[1 % universe.size()] : pick();
        edge.type = random.chance(5) ? static_cast<format::EdgeType>(65535)
                                     : static_cast<format::EdgeType>(1 + random.below(15));
        edge.certainty =
            random.chance(50) ? format::Certainty::Resolved : format::Certainty::Candidate;
        edge.provenance = static_cast<format::Provenance>(random.below(64));
        edge.confidence = static_cast<uint8_t>(random.next());
        edge.site_offset = static_cast<uint32_t>(random.below(3) * 1000000007);
        edge.site_line = static_cast<uint32_t>(random.next());
        const bool is_tombstone = random.chance(20);
        if (is_tombstone) {
            // Only the key of a deleted edge is kept.
            format::EdgeRecord bare;
            bare.source = edge.source;
            bare.target = edge.target;
            bare.type = edge.type;
            bare.site_offset = edge.site_offset;
            edge = bare;
        }
        model.put_edge(edge, is_tombstone);
    }
    return model;
}

void add_model(segment::SegmentWriter& writer, const SegmentModel& model, TestRandom& random) {
    segment::BlockChunkBuilder builder(
        {.frame_size_bytes = 512 + random.below(4096), .compression_level = 1});
    const auto flush = [&] {
        auto chunk = builder.finish();
        ASSERT_TRUE(chunk.has_value());
        ASSERT_TRUE(writer.append(std::move(*chunk)).is_ok());
    };
    std::vector<BlockId> ids;
    for (const auto& [id, entry] : model.blocks) ids.push_back(id);
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[random.below(i)]);
    for (const BlockId& id : ids) {
        const ModelEntry& entry = model.blocks.at(id);
        if (!entry.block) {
            ASSERT_TRUE(writer.add_tombstone(id, entry.version).is_ok());
        } else if (random.chance(40)) {
            ASSERT_TRUE(writer.add_block(entry.block->record(), entry.version).is_ok());
        } else if (random.chance(50)) {
            ASSERT_TRUE(builder.add(entry.block->record(), entry.version).is_ok());
        } else {
            std::string head;
            std::string body;
            format::encode_head(entry.block->record(), head);
            format::encode_body(entry.block->record(), body);
            ASSERT_TRUE(builder.add_encoded(id, head, body, entry.version).is_ok());
        }
        if (random.chance(5)) flush();
    }
    flush();
    std::vector<ModelEdge> edges;
    for (const auto& [key, edge] : model.edges) edges.push_back(edge);
    for (size_t i = edges.size(); i > 1; --i) std::swap(edges[i - 1], edges[random.below(i)]);
    for (const ModelEdge& edge : edges) {
        if (random.chance(20)) {
            // Something older of the same key, which must lose.
            format::EdgeRecord older = edge.record;
            older.site_line = 4711;
            ASSERT_TRUE(writer.add_edge(older, random.chance(50)).is_ok());
        }
        const Status added = edge.is_tombstone ? writer.delete_edge(format::key_of(edge.record))
                                               : writer.add_edge(edge.record);
        ASSERT_TRUE(added.is_ok()) << added.message();
    }
}

segment::SegmentInfo write_model(MemoryDirectory& directory, uint64_t file_id,
                                 const SegmentModel& model, TestRandom& random,
                                 const segment::SegmentWriterOptions& options) {
    auto writer = segment::SegmentWriter::create(directory, file_id, kTestUuid, options);
    EXPECT_TRUE(writer.has_value());
    add_model(**writer, model, random);
    const auto info = (*writer)->finish(1);
    EXPECT_TRUE(info.has_value());
    return info.value_or(segment::SegmentInfo{});
}

void expect_verifies(const segment::SegmentReader& reader, const segment::SegmentInfo& info) {
    std::vector<segment::SegmentFinding> findings;
    segment::SegmentVerifyCounts counts;
    ASSERT_TRUE(reader.verify(&info.hash, findings, counts).is_ok());
    for (const auto& finding : findings) ADD_FAILURE() << finding.offset << " " << finding.message;
    EXPECT_EQ(counts.bytes, info.size_bytes);
    EXPECT_EQ(counts.blocks, info.block_count);
    EXPECT_EQ(counts.edges, info.edge_count);
}

void expect_matches(const segment::SegmentReader& reader, const segment::SegmentInfo& info,
                    const SegmentModel& model) {
    const Ordinals ordinals = ordinals_of(model);
    uint64_t puts = 0;
    for (const auto& [id, entry] : model.blocks) puts += entry.block ? 1 : 0;
    EXPECT_EQ(info.block_count, puts);
    EXPECT_EQ(info.tombstone_count, model.blocks.size() - puts);
    EXPECT_EQ(info.edge_count, model.edges.size());
    EXPECT_EQ(info.size_bytes, reader.size_bytes());
    EXPECT_EQ(info.id_count, ordinals.ids.size());
    expect_ids(reader, model, ordinals);
    expect_blocks(reader, model, ordinals);
    expect_edges(reader, model, ordinals);
    expect_names(reader, model, ordinals);
    expect_uris(reader, model, ordinals);
    expect_keys(reader, model, ordinals);
    expect_text(reader, model, ordinals);
    expect_verifies(reader, info);
}

}  // namespace kausal::test
