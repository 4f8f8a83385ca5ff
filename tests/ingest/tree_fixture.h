// A source tree in a temporary folder, and databases to index it into, for tests from file to
// graph.
#pragma once

#include "graph/dump.h"
#include "graph/graph.h"
#include "ingest/ingest.h"
#include "io/clock.h"
#include "io/executor.h"
#include "io/posix_vfs.h"
#include "storage/storage_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest::test {

/// A folder that is gone when the test is over.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "kausal-test-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

    void write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = std::filesystem::path(path_) / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out << text;
    }
    void remove(const std::string& name) const {
        std::filesystem::remove_all(std::filesystem::path(path_) / name);
    }
    void move(const std::string& from, const std::string& to) const {
        const std::filesystem::path target = std::filesystem::path(path_) / to;
        std::filesystem::create_directories(target.parent_path());
        std::filesystem::rename(std::filesystem::path(path_) / from, target);
    }

  private:
    std::string path_;
};

/// An open database in a folder of its own.
class Database {
  public:
    explicit Database(size_t threads = 2)
        : vfs(io::make_posix_vfs()),
          clock(io::make_system_clock()),
          random(io::make_system_random()),
          background(io::make_thread_executor(1)),
          workers(io::make_thread_executor(threads)) {
        storage::StorageOptions options;
        options.create_if_missing = true;
        options.durability = storage::Durability::None;
        storage::Environment environment{vfs.get(), clock.get(), random.get(), background.get()};
        auto opened = storage::StorageEngine::open(environment, folder.path() + "/db", options);
        EXPECT_TRUE(opened.has_value()) << opened.error().message();
        engine = std::move(*opened);
        graph = std::make_unique<graph::Graph>(*engine);
    }
    ~Database() {
        graph.reset();
        if (engine) {
            EXPECT_TRUE(engine->close().is_ok());
        }
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] Ingest ingest() { return Ingest(*graph, *vfs, *workers, *clock); }
    IngestReport link(const std::string& root, IngestOptions options = {}) {
        auto report = ingest().link(root, "work", options);
        EXPECT_TRUE(report.has_value()) << report.error().message();
        return report ? *report : IngestReport{};
    }
    IngestReport sync(IngestOptions options = {}) {
        auto report = ingest().sync("work", options);
        EXPECT_TRUE(report.has_value()) << report.error().message();
        return report ? *report : IngestReport{};
    }
    [[nodiscard]] std::vector<std::string> dump() const {
        std::vector<std::string> lines;
        const Status status = graph::dump_lines(graph->view(), [&](std::string_view line) {
            lines.emplace_back(line);
            return true;
        });
        EXPECT_TRUE(status.is_ok()) << status.message();
        return lines;
    }

    TemporaryFolder folder;
    std::unique_ptr<io::Vfs> vfs;
    std::unique_ptr<io::Clock> clock;
    std::unique_ptr<io::Random> random;
    std::unique_ptr<io::Executor> background;
    std::unique_ptr<io::Executor> workers;
    std::unique_ptr<storage::StorageEngine> engine;
    std::unique_ptr<graph::Graph> graph;
};

/// The first few lines in which two dumps differ; empty when they are equal.
inline std::string difference(const std::vector<std::string>& left,
                              const std::vector<std::string>& right) {
    std::vector<std::string> only_left;
    std::vector<std::string> only_right;
    std::vector<std::string> a = left;
    std::vector<std::string> b = right;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_left));
    std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_right));
    std::string out;
    for (size_t i = 0; i < only_left.size() && i < 6; ++i)
        out += "< " + only_left[i].substr(0, 600) + "\n";
    for (size_t i = 0; i < only_right.size() && i < 6; ++i)
        out += "> " + only_right[i].substr(0, 600) + "\n";
    if (out.empty() && left != right) out = "same lines in another order";
    return out;
}

}  // namespace kausal::ingest::test
