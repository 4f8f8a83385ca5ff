// Put, get and hop of KausalDB against RocksDB, LMDB and SQLite on the same data, in one run.
//
// Every store gets a fresh folder on real storage ($KAUSAL_BENCH_DIR, else the working folder).
// Reads are done after the store has settled, with everything warm. KAUSAL_BENCH_BLOCKS and
// KAUSAL_BENCH_EDGES set the sizes.
#include "store.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

namespace kausal::bench {
namespace {

constexpr uint32_t kValueSize = 1000;

uint32_t size_from(const char* name, uint32_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

const Dataset& dataset() {
    static const Dataset data =
        Dataset::make(size_from("KAUSAL_BENCH_BLOCKS", 100'000),
                      size_from("KAUSAL_BENCH_EDGES", 1'000'000), kValueSize);
    return data;
}

/// A folder that goes when the process ends.
class Folders {
  public:
    Folders() {
        const char* base = std::getenv("KAUSAL_BENCH_DIR");
        root_ = std::filesystem::path(base == nullptr ? "." : base) / "kausal_bench_scratch";
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_);
    }
    ~Folders() { std::filesystem::remove_all(root_); }
    std::string next() { return (root_ / std::to_string(count_++)).string(); }

  private:
    std::filesystem::path root_;
    int count_ = 0;
};

Folders& folders() {
    static Folders made;
    return made;
}

std::vector<uint32_t> all_indexes() {
    std::vector<uint32_t> indexes(dataset().keys.size());
    for (uint32_t i = 0; i < indexes.size(); ++i) indexes[i] = i;
    return indexes;
}

/// The whole dataset, written once per store and kept for all read benchmarks.
Store& loaded(Factory factory) {
    static std::map<Factory, std::unique_ptr<Store>> stores;
    auto& store = stores[factory];
    if (store != nullptr) return *store;
    store = factory(folders().next(), Sync::None);
    const auto indexes = all_indexes();
    for (size_t at = 0; at < indexes.size(); at += 1000) {
        store->put(dataset(),
                   std::span(indexes).subspan(at, std::min<size_t>(1000, indexes.size() - at)));
    }
    const std::span<const Edge> edges = dataset().edges;
    for (size_t at = 0; at < edges.size(); at += 10'000) {
        store->put_edges(dataset(), edges.subspan(at, std::min<size_t>(10'000, edges.size() - at)));
    }
    store->settle();
    return *store;
}

/// Commits of `state.range(0)` blocks each; items are blocks.
void put(benchmark::State& state, Factory factory, Sync sync) {
    const auto store = factory(folders().next(), sync);
    const auto indexes = all_indexes();
    const auto count = static_cast<size_t>(state.range(0));
    size_t at = 0;
    for (auto _ : state) {
        if (at + count > indexes.size()) at = 0;
        store->put(dataset(), std::span(indexes).subspan(at, count));
        at += count;
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void put_edges(benchmark::State& state, Factory factory) {
    const auto store = factory(folders().next(), Sync::None);
    const auto indexes = all_indexes();
    for (size_t at = 0; at < indexes.size(); at += 1000) {
        store->put(dataset(),
                   std::span(indexes).subspan(at, std::min<size_t>(1000, indexes.size() - at)));
    }
    const std::span<const Edge> edges = dataset().edges;
    size_t at = 0;
    for (auto _ : state) {
        if (at + 10'000 > edges.size()) at = 0;
        store->put_edges(dataset(), edges.subspan(at, 10'000));
        at += 10'000;
    }
    state.SetItemsProcessed(state.iterations() * 10'000);
}

void get(benchmark::State& state, Factory factory) {
    Store& store = loaded(factory);
    std::mt19937 random(7);
    size_t bytes = 0;
    for (auto _ : state) bytes += store.get(dataset().keys[random() % dataset().keys.size()]);
    if (bytes < static_cast<size_t>(state.iterations()) * kValueSize)
        state.SkipWithError("a block was not found");
}

void get_absent(benchmark::State& state, Factory factory) {
    Store& store = loaded(factory);
    std::mt19937_64 random(8);
    size_t found = 0;
    for (auto _ : state) {
        Key key;
        for (size_t i = 0; i < key.size(); i += 8) {
            const uint64_t word = random();
            std::copy_n(reinterpret_cast<const unsigned char*>(&word), 8,
                        key.begin() + static_cast<std::ptrdiff_t>(i));
        }
        found += store.get(key) != 0;
    }
    if (found != 0) state.SkipWithError("an absent block was found");
}

/// One step from a random block; items are edges.
void hop(benchmark::State& state, Factory factory, bool incoming) {
    Store& store = loaded(factory);
    std::mt19937 random(9);
    std::vector<Key> reached;
    int64_t edges = 0;
    for (auto _ : state) {
        reached.clear();
        // Drawn by edge, so that every block met has at least one.
        const Edge& edge = dataset().edges[random() % dataset().edges.size()];
        store.neighbours(dataset().keys[incoming ? edge.target : edge.source], incoming, reached);
        edges += static_cast<int64_t>(reached.size());
    }
    if (edges < state.iterations()) state.SkipWithError("an edge was not found");
    state.SetItemsProcessed(edges);
}

void register_store(const std::string& name, Factory factory) {
    const auto add = [&](const std::string& work, auto&& body) {
        return benchmark::RegisterBenchmark((work + "/" + name).c_str(), body)->UseRealTime();
    };
    add("put_no_sync", [=](benchmark::State& state) { put(state, factory, Sync::None); })
        ->Arg(1)
        ->Arg(100);
    add("put_full_sync", [=](benchmark::State& state) { put(state, factory, Sync::Full); })
        ->Arg(1)
        ->Arg(100);
    add("put_edges_no_sync", [=](benchmark::State& state) { put_edges(state, factory); });
    add("get_hot", [=](benchmark::State& state) { get(state, factory); });
    add("get_absent", [=](benchmark::State& state) { get_absent(state, factory); });
    add("hop_out", [=](benchmark::State& state) { hop(state, factory, false); });
    add("hop_in", [=](benchmark::State& state) { hop(state, factory, true); });
}

}  // namespace
}  // namespace kausal::bench

int main(int argc, char** argv) {
    using namespace kausal::bench;  // NOLINT(google-build-using-namespace)
    (void)folders();
    register_store("kausal", make_kausal);
    register_store("rocksdb", make_rocksdb);
    register_store("lmdb", make_lmdb);
    register_store("sqlite", make_sqlite);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
