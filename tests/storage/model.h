// What a database must hold, kept in maps, and the comparison of a snapshot with it through every
// read.
#pragma once

#include "base/hash.h"
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace kausal::storage::testing {

inline constexpr uint64_t kModelNumbers = 48;
inline constexpr std::string_view kModelWords[] = {"apple", "pear", "plum", "kiwi", "fig"};
inline constexpr std::string_view kModelNames[] = {"run",  "Run",   "runAll", "RUN",
                                                   "stop", "stop2", "x",      "Alpha"};

struct Model {
    std::map<uint64_t, Sample> blocks;
    std::map<std::tuple<uint64_t, uint64_t, uint16_t, uint32_t>, format::EdgeRecord> edges;

    void put(const Sample& sample) { blocks[sample.number] = sample; }
    void put_edge(uint64_t source, uint64_t target, const format::EdgeRecord& edge) {
        edges[{source, target, static_cast<uint16_t>(edge.type), edge.site_offset}] = edge;
    }
    void erase_edge(uint64_t source, uint64_t target, const format::EdgeRecord& edge) {
        edges.erase({source, target, static_cast<uint16_t>(edge.type), edge.site_offset});
    }
};

/// Changes model and batch alike.
class Mutator {
  public:
    explicit Mutator(uint64_t seed) : random_(seed) {}

    uint64_t next(uint64_t limit) { return random_() % limit; }
    Sample sample() {
        Sample made;
        made.number = next(kModelNumbers);
        made.name = kModelNames[next(std::size(kModelNames))];
        made.uri = next(8) == 0
                       ? ""
                       : "dir" + std::to_string(next(3)) + "/f" + std::to_string(next(4)) + ".c";
        made.kind = next(2) == 0 ? format::BlockKind::Function : format::BlockKind::Class;
        made.content.clear();
        for (uint64_t words = next(12); words > 0; --words) {
            made.content += kModelWords[next(std::size(kModelWords))];
            made.content += ' ';
        }
        if (next(6) == 0) made.content += std::string(next(3000), 'z');
        for (uint64_t key = 1; key < 5; ++key) {
            if (next(3) == 0) made.keys.push_back(key);
        }
        return made;
    }
    format::EdgeRecord edge(uint64_t source, uint64_t target) {
        format::EdgeRecord made =
            edge_of(source, target, static_cast<uint32_t>(next(3)),
                    next(2) == 0 ? format::EdgeType::Calls : format::EdgeType::References);
        made.site_line = static_cast<uint32_t>(next(500));
        made.provenance = static_cast<format::Provenance>(next(14));
        if (next(3) == 0) {
            made.certainty = format::Certainty::Candidate;
            made.confidence = static_cast<uint8_t>(next(255));
        }
        return made;
    }
    /// `into` has put_block, delete_block, put_edge, delete_edge.
    template <typename Target>
    void mutate(Model& model, Target& into, uint64_t operations) {
        for (; operations > 0; --operations) {
            const uint64_t source = next(kModelNumbers);
            const uint64_t target = next(kModelNumbers);
            switch (next(7)) {
                case 0:
                case 1: {
                    const Sample made = sample();
                    model.put(made);
                    ASSERT_TRUE(into.put_block(made.record()).is_ok());
                    break;
                }
                case 2:
                    model.blocks.erase(source);
                    ASSERT_TRUE(into.delete_block(id_of(source)).is_ok());
                    break;
                case 3:
                case 4:
                case 5: {
                    const format::EdgeRecord made = edge(source, target);
                    model.put_edge(source, target, made);
                    ASSERT_TRUE(into.put_edge(made).is_ok());
                    break;
                }
                default: {
                    const format::EdgeRecord made = edge(source, target);
                    model.erase_edge(source, target, made);
                    ASSERT_TRUE(into.delete_edge(format::key_of(made)).is_ok());
                    break;
                }
            }
        }
    }

  private:
    std::mt19937_64 random_;
};

inline auto edge_order(const format::EdgeRecord& edge, Direction direction) {
    return std::tuple(edge.type, direction == Direction::Out ? edge.target : edge.source,
                      edge.site_offset);
}

inline std::string folded(std::string_view text) {
    std::string result(text);
    for (char& letter : result) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return result;
}

inline void expect_blocks(const Snapshot& snapshot, const Model& model) {
    std::vector<BlockId> expected_ids;
    for (uint64_t number = 0; number < kModelNumbers; ++number) {
        const auto expected = model.blocks.find(number);
        const auto block = snapshot.get(id_of(number), BlockParts::HeadAndBody);
        ASSERT_TRUE(block.has_value()) << block.error().message();
        ASSERT_EQ(block->has_value(), expected != model.blocks.end()) << number;
        const auto contained = snapshot.contains(id_of(number));
        ASSERT_TRUE(contained.has_value());
        ASSERT_EQ(*contained, expected != model.blocks.end());
        if (expected == model.blocks.end()) continue;
        const Sample& sample = expected->second;
        ASSERT_EQ((*block)->record.name, sample.name);
        ASSERT_EQ((*block)->record.uri, sample.uri);
        ASSERT_EQ((*block)->record.content, sample.content);
        ASSERT_EQ((*block)->record.kind, sample.kind);
        ASSERT_EQ((*block)->record.keys, sample.keys);
        ASSERT_LE((*block)->version, snapshot.sequence());
        ASSERT_GT((*block)->version, 0u);
        expected_ids.push_back(id_of(number));
    }
    std::ranges::sort(expected_ids);
    for (const auto kind : {format::BlockKind::Invalid, format::BlockKind::Function,
                            format::BlockKind::Class, format::BlockKind::Macro}) {
        std::vector<BlockId> expected;
        for (const auto& [number, sample] : model.blocks) {
            if (kind == format::BlockKind::Invalid || sample.kind == kind) {
                expected.push_back(id_of(number));
            }
        }
        std::ranges::sort(expected);
        std::vector<BlockId> found;
        ASSERT_TRUE(snapshot
                        .scan_blocks(kind, BlockParts::Head,
                                     [&](const BlockPin& block) {
                                         found.push_back(block.record.id);
                                         return true;
                                     })
                        .is_ok());
        ASSERT_EQ(found, expected);
    }
}

inline void expect_edges(const Snapshot& snapshot, const Model& model) {
    const std::unique_ptr<Topology> topology = snapshot.topology();
    std::vector<Topology::Neighbour> neighbours;
    for (uint64_t number = 0; number < kModelNumbers; ++number) {
        for (const Direction direction : {Direction::Out, Direction::In}) {
            std::vector<format::EdgeRecord> expected;
            for (const auto& [key, edge] : model.edges) {
                const BlockId& end = direction == Direction::Out ? edge.source : edge.target;
                if (end == id_of(number)) expected.push_back(edge);
            }
            std::ranges::sort(expected, {}, [direction](const format::EdgeRecord& edge) {
                return edge_order(edge, direction);
            });
            ASSERT_EQ(edges_of(snapshot, number, direction), expected) << number;

            const Result<uint32_t> node = topology->node_of(id_of(number));
            ASSERT_TRUE(node.has_value());
            ASSERT_EQ(topology->id_of(*node), id_of(number));
            ASSERT_TRUE(topology->neighbours(*node, direction, neighbours).is_ok());
            ASSERT_EQ(neighbours.size(), expected.size());
            for (size_t i = 0; i < expected.size(); ++i) {
                ASSERT_LT(neighbours[i].node, topology->node_limit());
                ASSERT_EQ(topology->id_of(neighbours[i].node),
                          direction == Direction::Out ? expected[i].target : expected[i].source);
                ASSERT_EQ(neighbours[i].type, expected[i].type);
                ASSERT_EQ(neighbours[i].certainty, expected[i].certainty);
                ASSERT_EQ(neighbours[i].provenance, expected[i].provenance);
                ASSERT_EQ(neighbours[i].confidence, expected[i].confidence);
                ASSERT_EQ(neighbours[i].site_offset, expected[i].site_offset);
                ASSERT_EQ(neighbours[i].site_line, expected[i].site_line);
            }
        }
    }
    std::vector<format::EdgeRecord> expected;
    for (const auto& [key, edge] : model.edges) expected.push_back(edge);
    std::ranges::sort(expected, {}, [](const format::EdgeRecord& edge) {
        return std::tuple(edge.source, edge_order(edge, Direction::Out));
    });
    std::vector<format::EdgeRecord> found;
    ASSERT_TRUE(snapshot
                    .scan_edges([&](const format::EdgeRecord& edge) {
                        found.push_back(edge);
                        return true;
                    })
                    .is_ok());
    ASSERT_EQ(found, expected);
}

using Texts = std::vector<std::tuple<std::string, std::string, BlockId>>;  // (order, text, id)

inline void expect_names(const Snapshot& snapshot, const Model& model) {
    const auto check = [&](std::string_view wanted, NameMatch match, auto&& matches) {
        Texts expected;
        for (const auto& [number, sample] : model.blocks) {
            if (matches(sample.name)) {
                expected.emplace_back(folded(sample.name), sample.name, id_of(number));
            }
        }
        std::ranges::sort(expected);
        Texts found;
        ASSERT_TRUE(snapshot
                        .find_names(wanted, match,
                                    [&](std::string_view name, const BlockId& id) {
                                        found.emplace_back(folded(name), std::string(name), id);
                                        return true;
                                    })
                        .is_ok());
        ASSERT_EQ(found, expected) << wanted;
    };
    for (const std::string_view wanted : {"run", "RUN", "stop", "nothing", "", "r", "S"}) {
        if (!wanted.empty()) {
            check(wanted, NameMatch::Exact,
                  [&](const std::string& name) { return name == wanted; });
            check(wanted, NameMatch::FoldedExact,
                  [&](const std::string& name) { return folded(name) == folded(wanted); });
        }
        check(wanted, NameMatch::Prefix,
              [&](const std::string& name) { return name.starts_with(wanted); });
        check(wanted, NameMatch::FoldedPrefix,
              [&](const std::string& name) { return folded(name).starts_with(folded(wanted)); });
    }
    std::set<std::string> all;
    ASSERT_TRUE(snapshot
                    .scan_names([&](std::string_view name) {
                        all.emplace(name);
                        return true;
                    })
                    .is_ok());
    for (const auto& [number, sample] : model.blocks) ASSERT_TRUE(all.contains(sample.name));
}

inline void expect_lookups(const Snapshot& snapshot, const Model& model) {
    expect_names(snapshot, model);
    for (const std::string& wanted :
         {std::string("dir1/f2.c"), std::string("dir1/"), std::string(""), std::string("dir")}) {
        for (const bool prefix : {false, true}) {
            Texts expected;
            for (const auto& [number, sample] : model.blocks) {
                if (sample.uri.empty()) continue;
                if (prefix ? sample.uri.starts_with(wanted) : sample.uri == wanted) {
                    expected.emplace_back("", sample.uri, id_of(number));
                }
            }
            std::ranges::sort(expected);
            Texts found;
            ASSERT_TRUE(snapshot
                            .find_uris(wanted, prefix,
                                       [&](std::string_view uri, const BlockId& id) {
                                           found.emplace_back("", std::string(uri), id);
                                           return true;
                                       })
                            .is_ok());
            ASSERT_EQ(found, expected);
        }
    }
    const uint64_t run_key = format::hash_key(format::kKeySpaceQualifiedName, "run");
    for (const uint64_t key :
         {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{4}, uint64_t{99}, run_key}) {
        std::vector<BlockId> expected;
        for (const auto& [number, sample] : model.blocks) {
            const bool has_key = key == run_key
                                     ? sample.name == "run"
                                     : std::ranges::find(sample.keys, key) != sample.keys.end();
            if (has_key) expected.push_back(id_of(number));
        }
        std::ranges::sort(expected);
        std::vector<BlockId> found;
        ASSERT_TRUE(snapshot.find_key(key, found).is_ok());
        ASSERT_EQ(found, expected);
    }
}

inline void expect_text(const Snapshot& snapshot, const Model& model) {
    for (const std::string_view word : kModelWords) {
        std::map<BlockId, int> expected;
        for (const auto& [number, sample] : model.blocks) {
            int count = 0;
            for (size_t at = sample.content.find(word); at != std::string::npos;
                 at = sample.content.find(word, at + 1)) {
                ++count;
            }
            if (count > 0) expected[id_of(number)] = count;
        }
        std::map<BlockId, int> found;
        for (const TextSource* source : snapshot.text_sources()) {
            std::vector<TextSource::Posting> postings;
            const format::TermHash term = format::term_hash(word);
            ASSERT_TRUE(source->postings(term, postings).is_ok());
            ASSERT_EQ(source->document_frequency(term), postings.size());
            uint32_t previous = 0;
            for (const TextSource::Posting& posting : postings) {
                ASSERT_LT(posting.document, source->document_count());
                ASSERT_TRUE(&posting == postings.data() || posting.document > previous);
                previous = posting.document;
                if (!source->is_live(posting.document)) continue;
                const bool is_new =
                    found
                        .emplace(source->block(posting.document),
                                 posting.counts[static_cast<size_t>(format::TextField::Body)])
                        .second;
                ASSERT_TRUE(is_new) << "one block lives in two sources";
                ASSERT_NE(source->kind(posting.document), format::BlockKind::Invalid);
            }
        }
        ASSERT_EQ(found, expected) << word;
    }
}

/// Every read of the snapshot against the model.
inline void expect_equal(const Snapshot& snapshot, const Model& model) {
    ASSERT_NO_FATAL_FAILURE(expect_blocks(snapshot, model));
    ASSERT_NO_FATAL_FAILURE(expect_edges(snapshot, model));
    ASSERT_NO_FATAL_FAILURE(expect_lookups(snapshot, model));
    ASSERT_NO_FATAL_FAILURE(expect_text(snapshot, model));
}

}  // namespace kausal::storage::testing
