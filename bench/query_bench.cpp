// What a find and a one-hop show take inside a process, through the C interface as a guest calls
// it, on a database that `kausal link` made. Functions and methods are drawn with a fixed seed;
// every call is timed alone, so that the median and the tail of single answers can be told.
//
//   kausal_bench_query DATABASE [Google Benchmark's arguments]
#include <kausal/kausal.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr size_t kTargetsMax = 2000;

struct Target {
    kausal::Id id;
    std::string name;
    std::string qualified_name;
};

[[noreturn]] void give_up(std::string_view what) {
    (void)std::fprintf(stderr, "kausal_bench_query: %.*s\n", static_cast<int>(what.size()),
                       what.data());
    std::exit(1);
}

template <typename Value>
Value must(kausal::Result<Value> result) {
    if (!result) give_up(result.error().message());
    return std::move(*result);
}

std::vector<Target> draw_targets(kausal::Database& database) {
    std::vector<Target> targets;
    for (const uint32_t kind : {KAUSAL_KIND_FUNCTION, KAUSAL_KIND_METHOD}) {
        kausal::Rows rows = must(database.scan_blocks(kausal::QueryOptions().kind(kind)));
        auto done = rows.for_each([&](const kausal::RowView& row) {
            targets.push_back({row.id("id"), std::string(row.text("name")),
                               std::string(row.text("qualified_name"))});
        });
        if (!done) give_up(done.error().message());
    }
    if (targets.empty()) give_up("there is no function in this database");
    std::mt19937 random(20261121);
    std::shuffle(targets.begin(), targets.end(), random);
    if (targets.size() > kTargetsMax) targets.resize(kTargetsMax);
    return targets;
}

uint64_t count_rows(kausal::Rows rows) {
    uint64_t count = 0;
    for (;;) {
        const auto chunk = must(rows.next_chunk());
        if (!chunk) return count;
        count += chunk->row_count();
    }
}

double at_share(std::vector<double>& values, double share) {
    const auto place = static_cast<size_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place),
                     values.end());
    return values[place];
}

/// Asks about every target in turn; `ask` returns the number of rows.
template <typename Ask>
void measure(benchmark::State& state, const std::vector<Target>& targets, Ask&& ask) {
    std::vector<double> microseconds;
    uint64_t rows = 0;
    size_t next = 0;
    for (auto _ : state) {
        const Target& target = targets[next++ % targets.size()];
        const auto started = std::chrono::steady_clock::now();
        rows += ask(target);
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - started;
        microseconds.push_back(took.count());
    }
    // Less than a whole turn is only the framework finding out how long to run.
    const bool is_whole_turn = microseconds.size() >= targets.size();
    if (rows == 0 && is_whole_turn) state.SkipWithError("not one row came back");
    state.counters["p50_us"] = at_share(microseconds, 0.5);
    state.counters["p90_us"] = at_share(microseconds, 0.9);
    state.counters["p99_us"] = at_share(microseconds, 0.99);
    state.counters["rows"] = static_cast<double>(rows) / static_cast<double>(microseconds.size());
}

void register_all(kausal::Database& database, const std::vector<Target>& targets) {
    const auto add = [&](const char* name, auto ask) {
        benchmark::RegisterBenchmark(name, [&targets, ask](benchmark::State& state) {
            measure(state, targets, ask);
        })->Unit(benchmark::kMicrosecond);
    };
    add("find_name",
        [&](const Target& target) { return count_rows(must(database.find(target.name))); });
    add("find_qualified_name", [&](const Target& target) {
        return count_rows(must(database.find(target.qualified_name)));
    });
    add("resolve_id", [&](const Target& target) {
        return count_rows(must(database.resolve(target.qualified_name)));
    });
    add("show_callers", [&](const Target& target) {
        return count_rows(must(database.show(KAUSAL_SHOW_CALLERS, target.id)));
    });
    add("show_callees", [&](const Target& target) {
        return count_rows(must(database.show(KAUSAL_SHOW_CALLEES, target.id)));
    });
    add("neighbours",
        [&](const Target& target) { return count_rows(must(database.neighbours(target.id))); });
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (argc < 2) {
        (void)std::fprintf(stderr, "usage: %s DATABASE\n", argv[0]);
        return 2;
    }
    kausal::Database database =
        must(kausal::Database::open(argv[1], kausal::OpenOptions().read_only()));
    const std::vector<Target> targets = draw_targets(database);
    register_all(database, targets);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return database.close() ? 0 : 1;
}
