// How close indexing a tree comes to parsing it: the same files, grammars and threads, first parsed
// only, then indexed into a fresh database; then a sync without changes and one after a changed
// function.
//
//   kausal_bench_index PATH [workers] [FILE]
//
// FILE (relative to PATH, optional) gets one more function for the last measurement and is put
// back.
#include "graph/graph.h"
#include "ingest/file_list.h"
#include "ingest/ingest.h"
#include "ingest/language.h"
#include "ingest/source_reader.h"
#include "ingest/workspace_config.h"
#include "io/clock.h"
#include "io/executor.h"
#include "io/posix_vfs.h"
#include "storage/storage_engine.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace kausal;  // NOLINT(google-build-using-namespace): a program of one file

namespace {

struct World {
    std::unique_ptr<io::Vfs> vfs = io::make_posix_vfs();
    std::unique_ptr<io::Clock> clock = io::make_system_clock();
    std::unique_ptr<io::Random> random = io::make_system_random();
    std::unique_ptr<io::Executor> background = io::make_thread_executor(1);
    std::unique_ptr<io::Executor> workers;
    size_t worker_count = 1;
    std::string root;

    [[nodiscard]] double seconds() const {
        return static_cast<double>(clock->monotonic_ns()) / 1e9;
    }
};

/// Of all threads of this process: what counts on a machine that others use too.
double processor_seconds() {
    return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

/// Reads and parses every file that has a language; nothing is kept.
double parse_only(World& world, const std::vector<ingest::ListedFile>& files, uint64_t& lines) {
    struct Worker {
        std::unique_ptr<ingest::SourceReader> reader;
        TSParser* parser = nullptr;
        ingest::SourceFile source;
    };
    std::vector<Worker> workers(world.worker_count);
    const bool header_is_cpp = ingest::has_cpp_sources(files);
    for (Worker& worker : workers) {
        worker.reader = std::make_unique<ingest::SourceReader>(*world.vfs, world.root,
                                                               uint64_t{4} << 20, header_is_cpp);
        worker.parser = ts_parser_new();
    }
    std::atomic<uint64_t> line_count = 0;
    const double started = world.seconds();
    const Status status = io::parallel_for(
        *world.workers, files.size(), world.worker_count, [&](size_t worker, size_t index) {
            Worker& own = workers[worker];
            own.reader->read(files[index], own.source);
            if (own.source.rules == nullptr) return Status::ok();
            const std::string& text = own.source.text;
            (void)ts_parser_set_language(own.parser, own.source.rules->grammar());
            TSTree* tree = ts_parser_parse_string(own.parser, nullptr, text.data(),
                                                  static_cast<uint32_t>(text.size()));
            ts_tree_delete(tree);
            line_count += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
            return Status::ok();
        });
    const double seconds = world.seconds() - started;
    for (Worker& worker : workers) ts_parser_delete(worker.parser);
    if (!status.is_ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    lines = line_count;
    return seconds;
}

void print_run(const char* name, double seconds, const ingest::IngestReport& report) {
    std::printf(
        "%-12s %8.3f s  (list %.3f parse %.3f link %.3f bind %.3f commit %.3f)  parsed %lu "
        "bound %lu\n",
        name, seconds, report.seconds_list, report.seconds_parse, report.seconds_link,
        report.seconds_bind, report.seconds_commit, static_cast<unsigned long>(report.files_parsed),
        static_cast<unsigned long>(report.files_bound));
}

bool run_sync(World& world, graph::Graph& graph, const char* name,
              const ingest::IngestOptions& options) {
    ingest::Ingest ingest(graph, *world.vfs, *world.workers, *world.clock);
    const double started = world.seconds();
    const auto report = ingest.sync("bench", options);
    if (!report) {
        std::fprintf(stderr, "%s\n", std::string(report.error().message()).c_str());
        return false;
    }
    print_run(name, world.seconds() - started, *report);
    return true;
}

std::string added_function(std::string_view path) {
    if (path.ends_with(".go")) return "\nfunc kausalBench() int { return 1 }\n";
    if (path.ends_with(".py")) return "\n\ndef kausal_bench():\n    return 1\n";
    if (path.ends_with(".rs")) return "\nfn kausal_bench() -> i32 { 1 }\n";
    return "\nint kausal_bench(void) { return 1; }\n";
}

bool measure_edit(World& world, graph::Graph& graph, const std::string& path,
                  const ingest::IngestOptions& options) {
    const std::string full = world.root + "/" + path;
    std::stringstream text;
    text << std::ifstream(full, std::ios::binary).rdbuf();
    std::ofstream(full, std::ios::binary | std::ios::trunc) << text.str() << added_function(path);
    bool is_done = run_sync(world, graph, "one function", options);
    std::ofstream(full, std::ios::binary | std::ios::trunc) << text.str();
    is_done = run_sync(world, graph, "put back", options) && is_done;
    return is_done;
}

int run(World& world, const std::string& edited) {
    const auto files =
        ingest::list_files(*world.vfs, *world.workers, world.root, {world.worker_count, nullptr});
    if (!files) {
        std::fprintf(stderr, "%s\n", std::string(files.error().message()).c_str());
        return 1;
    }
    uint64_t lines = 0;
    (void)parse_only(world, *files, lines);  // warms the page cache
    double processor_started = processor_seconds();
    const double parse_seconds = parse_only(world, *files, lines);
    const double parse_processor = processor_seconds() - processor_started;
    const uint64_t resident_before = io::resident_bytes();
    std::string folder = (std::filesystem::temp_directory_path() / "kausal-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return 1;
    storage::StorageOptions storage_options;
    storage_options.create_if_missing = true;
    auto engine = storage::StorageEngine::open(
        {world.vfs.get(), world.clock.get(), world.random.get(), world.background.get()},
        folder + "/db", storage_options);
    if (!engine) {
        std::fprintf(stderr, "%s\n", std::string(engine.error().message()).c_str());
        return 1;
    }
    graph::Graph graph(**engine);
    ingest::Ingest ingest(graph, *world.vfs, *world.workers, *world.clock);
    ingest::IngestOptions options;
    options.worker_count = world.worker_count;
    processor_started = processor_seconds();
    const double started = world.seconds();
    const auto report = ingest.link(world.root, "bench", options);
    const double index_seconds = world.seconds() - started;
    const double index_processor = processor_seconds() - processor_started;
    if (!report) {
        std::fprintf(stderr, "%s\n", std::string(report.error().message()).c_str());
        return 1;
    }
    std::printf("files %lu (indexed %lu, partial %lu), lines %lu, workers %zu\n",
                static_cast<unsigned long>(report->files),
                static_cast<unsigned long>(report->files_indexed),
                static_cast<unsigned long>(report->files_partial),
                static_cast<unsigned long>(lines), world.worker_count);
    std::printf("parse only   %8.3f s  %.0f K lines/s; processor %.3f s, %.0f K lines/s\n",
                parse_seconds, static_cast<double>(lines) / parse_seconds / 1e3, parse_processor,
                static_cast<double>(lines) / parse_processor / 1e3);
    print_run("index", index_seconds, *report);
    std::printf("processor    %8.3f s  ratio %.2f\n", index_processor,
                index_processor / parse_processor);
    std::printf(
        "ratio        %8.2f    %.0f K lines/s; blocks %lu, edges resolved %lu external %lu "
        "candidate %lu\n",
        index_seconds / parse_seconds, static_cast<double>(lines) / index_seconds / 1e3,
        static_cast<unsigned long>(report->blocks),
        static_cast<unsigned long>(report->edges_resolved),
        static_cast<unsigned long>(report->edges_external),
        static_cast<unsigned long>(report->edges_candidate));
    const auto stats = (*engine)->stats();
    std::printf("resident     %8.1f MiB before, %.1f MiB peak; database %.1f MiB\n",
                static_cast<double>(resident_before) / 1048576.0,
                static_cast<double>(io::resident_bytes_peak()) / 1048576.0,
                static_cast<double>(stats.segment_bytes + stats.wal_bytes) / 1048576.0);
    bool is_done = run_sync(world, graph, "no change", options);
    is_done = run_sync(world, graph, "no change", options) && is_done;
    if (!edited.empty()) is_done = measure_edit(world, graph, edited, options) && is_done;
    is_done = (*engine)->close().is_ok() && is_done;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return is_done ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s PATH [workers] [FILE]\n", argv[0]);
        return 2;
    }
    World world;
    world.worker_count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : io::processor_count();
    world.worker_count = std::max<size_t>(world.worker_count, 1);
    world.workers = io::make_thread_executor(world.worker_count);
    world.root = std::filesystem::canonical(argv[1]).string();
    return run(world, argc > 3 ? argv[3] : "");
}
