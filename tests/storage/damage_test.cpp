// Goal: a changed byte anywhere is told or proved harmless, never answered with wrong data, and a
// merge never consumes it. Method: every file of a small database is damaged byte by byte (a sample
// of places), opened and read in full against what was written.
#include "storage/model.h"

#include <gtest/gtest.h>

#include <fstream>

namespace kausal::storage {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class Damage : public DatabaseTest {
  protected:
    void build(const StorageOptions& options) {
        open(options);
        Mutator mutator(99);
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 12; ++i) {
                format::WriteBatch batch;
                mutator.mutate(model_, batch, 8);
                commit(batch);
            }
            ASSERT_TRUE(engine_->flush().is_ok());
        }
    }
    static StorageOptions options() {
        StorageOptions options = small_options();
        options.compaction_enabled = false;
        options.durability = Durability::Full;
        return options;
    }
    static std::string read(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static void write(const std::filesystem::path& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    }

    Model model_;
};

/// Reads everything; true when all agreed, false when something said Corrupt. Wrong data fails.
void expect_equal_or_corrupt(const Snapshot& snapshot, const Model& model, bool& told) {
    for (uint64_t number = 0; number < kModelNumbers; ++number) {
        const auto block = snapshot.get(id_of(number), BlockParts::HeadAndBody);
        if (!block) {
            ASSERT_EQ(block.error().code(), ErrorCode::Corrupt);
            told = true;
            continue;
        }
        const auto expected = model.blocks.find(number);
        ASSERT_EQ(block->has_value(), expected != model.blocks.end());
        if (expected == model.blocks.end()) continue;
        ASSERT_EQ((*block)->record.content, expected->second.content);
        ASSERT_EQ((*block)->record.name, expected->second.name);
    }
    std::vector<format::EdgeRecord> expected;
    for (const auto& [key, edge] : model.edges) expected.push_back(edge);
    std::ranges::sort(expected, {}, [](const format::EdgeRecord& edge) {
        return std::tuple(edge.source, edge_order(edge, Direction::Out));
    });
    std::vector<format::EdgeRecord> found;
    const Status scanned = snapshot.scan_edges([&](const format::EdgeRecord& edge) {
        found.push_back(edge);
        return true;
    });
    if (scanned.is_ok()) {
        ASSERT_EQ(found, expected);
    } else {
        ASSERT_EQ(scanned.code(), ErrorCode::Corrupt);
        told = true;
    }
    size_t names = 0;
    const Status listed = snapshot.find_names(
        "", NameMatch::FoldedPrefix, [&](std::string_view, const BlockId&) { return ++names > 0; });
    if (listed.is_ok()) {
        ASSERT_EQ(names, model.blocks.size());
    } else {
        ASSERT_EQ(listed.code(), ErrorCode::Corrupt);
        told = true;
    }
}

TEST_F(Damage, AFlippedByteInASegmentIsToldOrHarmless) {
    build(options());
    close();
    int told_count = 0;
    int found_count = 0;
    int places = 0;
    for (const std::string& name : directory_.files(".seg")) {
        const auto path = std::filesystem::path(directory_.path()) / name;
        const std::string original = read(path);
        const size_t stride = std::max<size_t>(original.size() / 60, 1);
        for (size_t at = stride / 2; at < original.size(); at += stride) {
            std::string damaged = original;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
            write(path, damaged);
            ++places;
            bool told = false;
            auto engine = StorageEngine::open(world_.environment(), directory_.path(), options());
            if (!engine) {
                ASSERT_EQ(engine.error().code(), ErrorCode::Corrupt) << name << " " << at;
                ++told_count;
                ++found_count;
                continue;
            }
            ASSERT_NO_FATAL_FAILURE(expect_equal_or_corrupt(*(*engine)->snapshot(), model_, told))
                << name << " " << at;
            if (told) {
                ++told_count;
                EXPECT_NE((*engine)->stats().health, Health::Healthy);
                EXPECT_FALSE((*engine)->stats().health_reason.empty());
            }
            // Verify reads every byte, so it finds every one.
            const auto report = (*engine)->verify();
            ASSERT_TRUE(report.has_value());
            EXPECT_FALSE(report->findings.empty()) << name << " " << at;
            if (!report->findings.empty()) ++found_count;
        }
        write(path, original);
    }
    EXPECT_EQ(found_count, places);
    EXPECT_GT(told_count, places / 4);
}

TEST_F(Damage, AMergeDoesNotConsumeDamage) {
    build(options());
    close();
    const std::vector<std::string> names = directory_.files(".seg");
    ASSERT_EQ(names.size(), 2u);
    const auto path = std::filesystem::path(directory_.path()) / names[0];
    std::string bytes = read(path);
    bytes[100] = static_cast<char>(bytes[100] ^ 1);
    write(path, bytes);
    open(options());
    EXPECT_EQ(engine_->compact().code(), ErrorCode::Corrupt);
    EXPECT_EQ(engine_->stats().health, Health::Degraded);
    // Nothing was dropped, nothing is left over, and writing goes on.
    EXPECT_EQ(directory_.files(".seg"), names);
    put({.number = 1'000});
    ASSERT_TRUE(engine_->flush().is_ok());
    EXPECT_EQ(engine_->compact().code(), ErrorCode::Corrupt);
    EXPECT_EQ(directory_.files(".seg").size(), 3u);
    EXPECT_EQ(content_of(*engine_->snapshot(), 1'000), "content");
    close();
    bytes[100] = static_cast<char>(bytes[100] ^ 1);
    write(path, bytes);
    open(options());
    EXPECT_TRUE(engine_->compact().is_ok());
    EXPECT_EQ(engine_->stats().segment_count, 1u);
    model_.put({.number = 1'000});
    ASSERT_NO_FATAL_FAILURE(expect_edges(*engine_->snapshot(), model_));
}

TEST_F(Damage, AFlippedByteInTheManifestIsCorrupt) {
    build(options());
    close();
    for (const std::string& name : directory_.files("")) {
        if (name != "CURRENT" && !name.starts_with("MANIFEST")) continue;
        const auto path = std::filesystem::path(directory_.path()) / name;
        const std::string original = read(path);
        std::string damaged = original;
        damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 8);
        write(path, damaged);
        const auto engine = StorageEngine::open(world_.environment(), directory_.path(), options());
        ASSERT_FALSE(engine.has_value()) << name;
        EXPECT_EQ(engine.error().code(), ErrorCode::Corrupt) << name;
        write(path, original);
    }
    open(options());
    ASSERT_NO_FATAL_FAILURE(expect_equal(*engine_->snapshot(), model_));
}

TEST_F(Damage, ACutSegmentIsCorrupt) {
    build(options());
    close();
    const auto path = std::filesystem::path(directory_.path()) / directory_.files(".seg").front();
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    EXPECT_EQ(
        StorageEngine::open(world_.environment(), directory_.path(), options()).error().code(),
        ErrorCode::Corrupt);
}

}  // namespace
}  // namespace kausal::storage
