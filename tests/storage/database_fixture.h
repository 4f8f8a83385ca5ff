// A database in a directory of its own with everything the engine gets from outside, and small
// blocks and edges to put into it.
#pragma once

#include "base/hash.h"
#include "io/clock.h"
#include "io/executor.h"
#include "io/posix_vfs.h"
#include "storage/storage_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kausal::storage::testing {

inline BlockId id_of(uint64_t number) {
    return {hash_mix(number, 1), hash_mix(number, 2) | 1};
}

inline format::EdgeRecord edge_of(uint64_t source, uint64_t target, uint32_t site = 0,
                                  format::EdgeType type = format::EdgeType::Calls) {
    format::EdgeRecord edge;
    edge.source = id_of(source);
    edge.target = id_of(target);
    edge.type = type;
    edge.site_offset = site;
    edge.site_line = site + 1;
    return edge;
}

/// A block that owns its text.
struct Sample {
    uint64_t number = 0;
    std::string name = "name";
    std::string content = "content";
    std::string uri = "file.c";
    format::BlockKind kind = format::BlockKind::Function;
    std::vector<uint64_t> keys;

    [[nodiscard]] format::BlockRecord record() const {
        format::BlockRecord record;
        record.id = id_of(number);
        record.kind = kind;
        record.name = name;
        record.qualified_name = name;
        record.uri = uri;
        record.content = content;
        record.keys = keys;
        return record;
    }
};

/// A directory that is removed at the end.
class ScratchDirectory {
  public:
    ScratchDirectory() {
        static std::atomic<int> counter{0};
        path_ = std::filesystem::path(::testing::TempDir()) /
                ("kausal-storage-" + std::to_string(io::process_id()) + "-" +
                 std::to_string(counter.fetch_add(1)));
        std::filesystem::remove_all(path_);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::vector<std::string> files(std::string_view suffix) const {
        std::vector<std::string> names;
        if (!std::filesystem::exists(path_)) return names;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) {
            std::string name = entry.path().filename().string();
            if (name.ends_with(suffix)) names.push_back(std::move(name));
        }
        std::sort(names.begin(), names.end());
        return names;
    }

  private:
    std::filesystem::path path_;
};

/// What outlives every engine of a test.
struct World {
    explicit World(size_t threads = 2)
        : vfs(io::make_posix_vfs()),
          clock(io::make_system_clock()),
          random(io::make_system_random()),
          executor(io::make_thread_executor(threads)) {}
    [[nodiscard]] Environment environment() const {
        return {.vfs = vfs.get(),
                .clock = clock.get(),
                .random = random.get(),
                .executor = executor.get()};
    }
    std::unique_ptr<io::Vfs> vfs;
    std::unique_ptr<io::Clock> clock;
    std::unique_ptr<io::Random> random;
    std::unique_ptr<io::Executor> executor;
};

/// Small sizes, so that few operations already flush and merge.
inline StorageOptions small_options() {
    StorageOptions options;
    options.create_if_missing = true;
    options.memtable_size_bytes = size_t{32} << 10;
    options.wal_segment_size_bytes = size_t{64} << 10;
    options.frame_size_bytes = 1024;
    options.cache_size_bytes = size_t{64} << 10;
    options.compaction_fan_in_min = 3;
    options.compaction_fan_in_max = 6;
    options.durability = Durability::None;
    return options;
}

inline std::unique_ptr<StorageEngine> must_open(const Environment& environment,
                                                const std::string& path,
                                                const StorageOptions& options) {
    Result<std::unique_ptr<StorageEngine>> engine = StorageEngine::open(environment, path, options);
    EXPECT_TRUE(engine.has_value()) << engine.error().message();
    return engine ? std::move(*engine) : nullptr;
}

class DatabaseTest : public ::testing::Test {
  protected:
    void open(const StorageOptions& options) {
        engine_ = must_open(world_.environment(), directory_.path(), options);
        ASSERT_NE(engine_, nullptr);
    }
    void open() { open(small_options()); }
    void close() {
        ASSERT_TRUE(engine_->close().is_ok());
        engine_.reset();
    }
    uint64_t commit(const format::WriteBatch& batch) {
        Result<uint64_t> sequence = engine_->commit(batch);
        EXPECT_TRUE(sequence.has_value()) << sequence.error().message();
        return sequence.value_or(0);
    }
    uint64_t put(const Sample& sample) {
        format::WriteBatch batch;
        EXPECT_TRUE(batch.put_block(sample.record()).is_ok());
        return commit(batch);
    }
    uint64_t erase(uint64_t number) {
        format::WriteBatch batch;
        EXPECT_TRUE(batch.delete_block(id_of(number)).is_ok());
        return commit(batch);
    }
    uint64_t put(const format::EdgeRecord& edge) {
        format::WriteBatch batch;
        EXPECT_TRUE(batch.put_edge(edge).is_ok());
        return commit(batch);
    }
    uint64_t erase(const format::EdgeRecord& edge) {
        format::WriteBatch batch;
        EXPECT_TRUE(batch.delete_edge(format::key_of(edge)).is_ok());
        return commit(batch);
    }
    void expect_clean_verify() {
        const Result<VerifyReport> report = engine_->verify();
        ASSERT_TRUE(report.has_value()) << report.error().message();
        for (const VerifyFinding& finding : report->findings) {
            ADD_FAILURE() << finding.file << ": " << finding.offset << ": " << finding.message;
        }
        EXPECT_GE(report->files_checked, 3u);
    }

    ScratchDirectory directory_;
    World world_;
    std::unique_ptr<StorageEngine> engine_;
};

/// The content, or nothing when the block does not exist.
inline std::optional<std::string> content_of(const Snapshot& snapshot, uint64_t number) {
    const Result<std::optional<BlockPin>> block =
        snapshot.get(id_of(number), BlockParts::HeadAndBody);
    EXPECT_TRUE(block.has_value()) << block.error().message();
    if (!block || !*block) return std::nullopt;
    EXPECT_EQ((*block)->record.id, id_of(number));
    return std::string((*block)->record.content);
}

inline std::vector<format::EdgeRecord> edges_of(const Snapshot& snapshot, uint64_t number,
                                                Direction direction) {
    std::vector<format::EdgeRecord> edges;
    const Status status = snapshot.edges(id_of(number), direction, edges);
    EXPECT_TRUE(status.is_ok()) << status.message();
    return edges;
}

inline std::vector<std::string> names_of(const Snapshot& snapshot, std::string_view name,
                                         NameMatch match) {
    std::vector<std::string> names;
    const Status status =
        snapshot.find_names(name, match, [&](std::string_view found, const BlockId&) {
            names.emplace_back(found);
            return true;
        });
    EXPECT_TRUE(status.is_ok()) << status.message();
    return names;
}

}  // namespace kausal::storage::testing
