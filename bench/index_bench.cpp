// How close indexing a tree comes to parsing it: the same files, grammars and threads, parsed only
// and then indexed into a fresh database, in turn, so that what disturbs one disturbs the other.
// One JSON document; bench/whole_runs.py makes a table of it.
//
//   kausal_bench_index PATH [ROUNDS] [WORKERS]
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
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
Status parse_only(World& world, const std::vector<ingest::ListedFile>& files) {
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
    Status status = io::parallel_for(
        *world.workers, files.size(), world.worker_count, [&](size_t worker, size_t index) {
            Worker& own = workers[worker];
            own.reader->read(files[index], own.source);
            if (own.source.rules == nullptr) return Status::ok();
            const std::string& text = own.source.text;
            (void)ts_parser_set_language(own.parser, own.source.rules->grammar());
            TSTree* tree = ts_parser_parse_string(own.parser, nullptr, text.data(),
                                                  static_cast<uint32_t>(text.size()));
            ts_tree_delete(tree);
            return Status::ok();
        });
    for (Worker& worker : workers) ts_parser_delete(worker.parser);
    return status;
}

/// What one pass over the tree took.
struct Cost {
    double seconds = 0;
    double processor = 0;
};

struct Round {
    Cost parse;
    Cost index;
    ingest::IngestReport report;
};

template <typename Work>
Cost cost_of(const World& world, Work&& work) {
    const double started = world.seconds();
    const double processor_started = processor_seconds();
    work();
    return {world.seconds() - started, processor_seconds() - processor_started};
}

/// The tree as a workspace of a database that is gone afterwards.
Result<ingest::IngestReport> index_once(World& world, Cost& cost) {
    std::string folder = (std::filesystem::temp_directory_path() / "kausal-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        return kausal::fail(ErrorCode::Unavailable, "no folder for the database could be made");
    }
    storage::StorageOptions storage_options;
    storage_options.create_if_missing = true;
    auto engine = storage::StorageEngine::open(
        {world.vfs.get(), world.clock.get(), world.random.get(), world.background.get()},
        folder + "/db", storage_options);
    if (!engine) return kausal::fail(std::move(engine.error()));
    graph::Graph graph(**engine);
    ingest::Ingest ingest(graph, *world.vfs, *world.workers, *world.clock);
    ingest::IngestOptions options;
    options.worker_count = world.worker_count;
    std::optional<Result<ingest::IngestReport>> report;
    cost = cost_of(world, [&] { report = ingest.link(world.root, "bench", options); });
    const Status closed = (*engine)->close();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (!closed.is_ok()) return kausal::fail(closed);
    return std::move(*report);
}

void print_list(const char* name, const std::vector<Round>& rounds, double (*value)(const Round&)) {
    std::printf(",\n  \"%s\": [", name);
    for (size_t i = 0; i < rounds.size(); ++i) {
        std::printf("%s%.6f", i == 0 ? "" : ", ", value(rounds[i]));
    }
    std::printf("]");
}

void print_json(const World& world, const std::vector<Round>& rounds) {
    const ingest::IngestReport& report = rounds.back().report;
    std::printf("{\n  \"workers\": %zu", world.worker_count);
    const std::pair<const char*, uint64_t> numbers[] = {
        {"files", report.files},
        {"files_indexed", report.files_indexed},
        {"files_partial", report.files_partial},
        {"lines", report.lines},
        {"bytes", report.bytes},
        {"blocks", report.blocks},
        {"edges_resolved", report.edges_resolved},
        {"edges_external", report.edges_external},
        {"edges_candidate", report.edges_candidate},
    };
    for (const auto& [name, number] : numbers) {
        std::printf(",\n  \"%s\": %llu", name, static_cast<unsigned long long>(number));
    }
    print_list("parse_seconds", rounds, [](const Round& round) { return round.parse.seconds; });
    print_list("parse_processor", rounds, [](const Round& round) { return round.parse.processor; });
    print_list("index_seconds", rounds, [](const Round& round) { return round.index.seconds; });
    print_list("index_processor", rounds, [](const Round& round) { return round.index.processor; });
    print_list("phase_list", rounds, [](const Round& round) { return round.report.seconds_list; });
    print_list("phase_parse", rounds,
               [](const Round& round) { return round.report.seconds_parse; });
    print_list("phase_link", rounds, [](const Round& round) { return round.report.seconds_link; });
    print_list("phase_bind", rounds, [](const Round& round) { return round.report.seconds_bind; });
    print_list("phase_commit", rounds,
               [](const Round& round) { return round.report.seconds_commit; });
    std::printf("\n}\n");
}

int stop(std::string_view message) {
    std::fprintf(stderr, "kausal_bench_index: %.*s\n", static_cast<int>(message.size()),
                 message.data());
    return 1;
}

int run(World& world, size_t round_count) {
    const auto files =
        ingest::list_files(*world.vfs, *world.workers, world.root, {world.worker_count, nullptr});
    if (!files) return stop(files.error().message());
    if (const Status warmed = parse_only(world, *files); !warmed.is_ok()) {
        return stop(warmed.message());
    }
    std::vector<Round> rounds(round_count);
    for (Round& round : rounds) {
        Status parsed;
        round.parse = cost_of(world, [&] { parsed = parse_only(world, *files); });
        if (!parsed.is_ok()) return stop(parsed.message());
        auto report = index_once(world, round.index);
        if (!report) return stop(report.error().message());
        round.report = std::move(*report);
    }
    print_json(world, rounds);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s PATH [ROUNDS] [WORKERS]\n", argv[0]);
        return 2;
    }
    World world;
    const size_t round_count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 3;
    world.worker_count = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : io::processor_count();
    world.worker_count = std::max<size_t>(world.worker_count, 1);
    world.workers = io::make_thread_executor(world.worker_count);
    std::error_code missing;
    world.root = std::filesystem::canonical(argv[1], missing).string();
    if (missing) return stop(std::string(argv[1]) + ": " + missing.message());
    return run(world, std::max<size_t>(round_count, 1));
}
