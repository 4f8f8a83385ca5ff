// The text form of a database: a dump is stable, a load restores it, damage is refused with its
// line. Method: a graph with awkward texts on the real engine in a scratch folder, dumped, loaded
// into another database, dumped again and compared; then one malformed line after the other.
#include "graph/dump.h"

#include "io/clock.h"
#include "io/posix_vfs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace kausal::graph {
namespace {

/// A database in a folder of its own.
class Scratch {
  public:
    explicit Scratch(const std::string& name)
        : folder_((std::filesystem::temp_directory_path() /
                   ("kausal_dump_" + name + "_" + std::to_string(io::process_id())))
                      .string()) {
        std::filesystem::remove_all(folder_);
        storage::StorageOptions options;
        options.create_if_missing = true;
        auto opened = storage::StorageEngine::open(
            {vfs_.get(), clock_.get(), random_.get(), executor_.get()}, folder_, options);
        EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message());
        engine_ = std::move(*opened);
        graph_ = std::make_unique<Graph>(*engine_);
    }
    ~Scratch() {
        graph_.reset();
        EXPECT_TRUE(engine_->close().is_ok());
        engine_.reset();
        std::filesystem::remove_all(folder_);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    Graph& graph() { return *graph_; }

    std::string dump() {
        std::string text;
        const Status status = dump_lines(graph_->view(), [&](std::string_view line) {
            text.append(line);
            text += '\n';
            return true;
        });
        EXPECT_TRUE(status.is_ok()) << status.message();
        return text;
    }

  private:
    std::string folder_;
    std::unique_ptr<io::Vfs> vfs_ = io::make_posix_vfs();
    std::unique_ptr<io::Clock> clock_ = io::make_system_clock();
    std::unique_ptr<io::Random> random_ = io::make_system_random();
    std::unique_ptr<io::Executor> executor_ = io::make_thread_executor(1);
    std::unique_ptr<storage::StorageEngine> engine_;
    std::unique_ptr<Graph> graph_;
};

void put(GraphBatch& batch, const BlockId& id, std::string_view name, std::string_view content) {
    format::BlockRecord record;
    record.id = id;
    record.kind = format::BlockKind::Function;
    record.name = name;
    record.qualified_name = name;
    record.uri = "a b/\xc3\xa4.c";
    record.doc = "tab\there\nand\\there";
    record.content = content;
    ASSERT_TRUE(batch.put_block(record).is_ok());
}

void fill(Graph& graph) {
    GraphBatch batch = graph.batch();
    const BlockId first = BlockId::of("w", 4, "first");
    const BlockId second = BlockId::of("w", 4, "second");
    put(batch, first, "first", std::string_view("\x00\xff\x01 raw", 7));
    put(batch, second, "zwei\xc3\xbc", "");
    for (uint32_t site = 1; site <= 3; ++site) {
        ASSERT_TRUE(batch
                        .put_edge({.source = first,
                                   .target = second,
                                   .type = format::EdgeType::CallsFunction,
                                   .site_offset = site,
                                   .site_line = site})
                        .is_ok());
    }
    ASSERT_TRUE(graph.commit(std::move(batch)).has_value());
}

/// Feeds the text in pieces of `piece` bytes.
Result<uint64_t> load(Graph& graph, std::string_view text, size_t piece) {
    auto loader = DumpLoader::start(graph);
    if (!loader) return fail(loader.error());
    for (size_t at = 0; at < text.size(); at += piece) {
        const Status status = (*loader)->feed(text.substr(at, piece));
        if (!status.is_ok()) return fail(status);
    }
    return (*loader)->finish();
}

TEST(Dump, ALoadedDumpDumpsTheSame) {
    Scratch from("from");
    fill(from.graph());
    const std::string text = from.dump();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 2 + 3) << text;
    for (const size_t piece : {size_t{1}, size_t{7}, text.size()}) {
        Scratch to("to");
        const auto loaded = load(to.graph(), text, piece);
        ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
        EXPECT_EQ(to.dump(), text) << "in pieces of " << piece;
    }
}

TEST(Dump, KeepsEveryByteOfTheContent) {
    Scratch from("bytes");
    GraphBatch batch = from.graph().batch();
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    const BlockId id = BlockId::of("w", 4, "every");
    put(batch, id, "every", every);
    ASSERT_TRUE(from.graph().commit(std::move(batch)).has_value());
    Scratch to("bytes_to");
    ASSERT_TRUE(load(to.graph(), from.dump(), 4096).has_value());
    const auto read = to.graph().view().block(id, storage::BlockParts::HeadAndBody);
    ASSERT_TRUE(read.has_value());
    ASSERT_TRUE(read->has_value());
    EXPECT_EQ((*read)->record.content, every);
}

TEST(Dump, RefusesDamageWithItsLineAndKeepsTheDatabase) {
    Scratch from("damage_from");
    fill(from.graph());
    const std::string text = from.dump();
    const std::vector<std::pair<std::string, std::string>> damages = {
        {"kausal-dump 9\n", "line 1"},     {"", "line 1"},
        {text + "X\tnothing\n", "line 7"}, {text + "E\tnot an id\n", "line 7"},
        {text + "B\t00\n", "line 7"},      {text.substr(0, text.size() - 1), "line 6"},
    };
    for (const auto& [damaged, place] : damages) {
        Scratch to("damage");
        const std::string before = to.dump();
        const auto loaded = load(to.graph(), damaged, 64);
        ASSERT_FALSE(loaded.has_value()) << damaged;
        EXPECT_EQ(loaded.error().code(), ErrorCode::Invalid);
        EXPECT_NE(loaded.error().message().find(place), std::string_view::npos)
            << loaded.error().message();
        EXPECT_EQ(to.dump(), before);
    }
}

}  // namespace
}  // namespace kausal::graph
