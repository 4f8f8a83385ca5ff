// Goal: incremental is exact, whatever the order of changes and the number of workers; nothing of a
// run that fails remains; only what has changed is written. Method: made-up programs in several
// languages change at random; after every sync the canonical dump of the database must equal the
// dump of a clean index of the same tree.
#include "random_tree.h"
#include "tree_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

namespace kausal::ingest {
namespace {

using test::Database;
using test::RandomTree;
using test::TemporaryFolder;

/// Makes the folder hold exactly the files of the tree; files that are equal are not touched.
void put_files(const TemporaryFolder& folder, std::map<std::string, std::string>& present,
               const std::map<std::string, std::string>& wanted) {
    for (const auto& [path, text] : present)
        if (!wanted.contains(path)) folder.remove(path);
    for (const auto& [path, text] : wanted) {
        const auto before = present.find(path);
        if (before == present.end() || before->second != text) folder.write(path, text);
    }
    present = wanted;
}

void run_random_steps(uint64_t seed, size_t files, size_t steps, size_t changes) {
    TemporaryFolder folder;
    RandomTree tree(seed, files);
    std::map<std::string, std::string> present;
    put_files(folder, present, tree.files());
    Database incremental;
    incremental.link(folder.path());
    ASSERT_GT(incremental.dump().size(), 50u);
    std::string history;
    for (size_t step = 0; step < steps; ++step) {
        history.clear();
        for (size_t i = 0; i < changes; ++i) history += tree.mutate() + "; ";
        put_files(folder, present, tree.files());
        IngestOptions options;
        options.worker_count = 1 + step % 3;
        const IngestReport synced = incremental.sync(options);
        Database clean;
        options.worker_count = 1 + (step + 1) % 3;
        const IngestReport linked = clean.link(folder.path(), options);
        ASSERT_EQ(test::difference(incremental.dump(), clean.dump()), "")
            << "seed " << seed << " step " << step << ": " << history;
        ASSERT_EQ(synced.blocks, linked.blocks) << "seed " << seed << " step " << step;
        ASSERT_EQ(synced.files, linked.files);
        ASSERT_EQ(synced.lines, linked.lines);
    }
}

TEST(Sync, HundredRandomStepsEqualCleanIndexes) {
    run_random_steps(1, 24, 100, 1);
}

TEST(Sync, ManyChangesAtOnceEqualCleanIndexes) {
    for (uint64_t seed = 10; seed < 14; ++seed) run_random_steps(seed, 40, 6, 12);
}

TEST(Sync, WorkersDoNotMatter) {
    TemporaryFolder folder;
    RandomTree tree(7, 60);
    std::map<std::string, std::string> present;
    put_files(folder, present, tree.files());
    std::vector<std::string> first;
    for (const size_t workers : {1u, 2u, 5u}) {
        Database database(workers);
        IngestOptions options;
        options.worker_count = workers;
        database.link(folder.path(), options);
        if (first.empty()) first = database.dump();
        EXPECT_GT(first.size(), 300u);
        EXPECT_EQ(test::difference(first, database.dump()), "") << workers;
    }
}

TEST(Sync, NothingChangedWritesNothing) {
    TemporaryFolder folder;
    folder.write("a.go", "package a\n\nfunc Act() { Other() }\n");
    folder.write("b.go", "package a\n\nfunc Other() {}\n");
    Database database;
    const IngestReport linked = database.link(folder.path());
    EXPECT_EQ(linked.files_indexed, 2u);
    EXPECT_GT(linked.sequence, 0u);
    // Files as young as a tick of the file system's clock are not trusted by their stamps and are
    // looked at again; the sync after that tick notes that they can be trusted from now on.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    database.sync();
    const auto before = database.dump();
    const IngestReport again = database.sync();
    EXPECT_EQ(again.sequence, 0u);
    EXPECT_EQ(again.files_parsed, 0u);
    EXPECT_EQ(again.files_bound, 0u);
    EXPECT_EQ(again.blocks, linked.blocks);
    EXPECT_EQ(database.dump(), before);
}

TEST(Sync, OneBodyChangedWritesOneBody) {
    TemporaryFolder folder;
    std::string many;
    for (int i = 0; i < 50; ++i) many += "\nfunc F" + std::to_string(i) + "() { G() }\n";
    folder.write("a.go", "package a\n" + many + "\nfunc Last() { F1() }\n");
    folder.write("b.go", "package a\n\nfunc G() {}\n");
    Database database;
    database.link(folder.path());
    folder.write("a.go", "package a\n" + many + "\nfunc Last() { F2() }\n");
    const IngestReport report = database.sync();
    EXPECT_EQ(report.files_parsed, 1u);
    EXPECT_EQ(report.files_bound, 1u);
    std::set<std::string> written;
    const auto view = database.graph->view();
    ASSERT_TRUE(view.snapshot()
                    .scan_blocks(format::BlockKind::Function, storage::BlockParts::Head,
                                 [&](const storage::BlockPin& pin) {
                                     if (pin.version == report.sequence)
                                         written.emplace(pin.record.name);
                                     return true;
                                 })
                    .is_ok());
    EXPECT_EQ(written, std::set<std::string>{"Last"});
}

TEST(Sync, CancelledRunLeavesNothing) {
    TemporaryFolder folder;
    RandomTree tree(3, 20);
    std::map<std::string, std::string> present;
    put_files(folder, present, tree.files());
    Database database;
    std::atomic<bool> cancel = false;
    IngestOptions options;
    options.cancel = &cancel;
    options.progress = [&](const Progress& progress) {
        if (progress.phase == Phase::Bind) cancel = true;
    };
    auto report = database.ingest().link(folder.path(), "work", options);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Cancelled);
    EXPECT_EQ(database.dump().size(), 1u);  // the heading
    database.link(folder.path());
    const auto before = database.dump();
    for (int i = 0; i < 10; ++i) (void)tree.mutate();
    put_files(folder, present, tree.files());
    cancel = false;
    report = database.ingest().sync("work", options);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Cancelled);
    EXPECT_EQ(database.dump(), before);
}

TEST(Sync, FullRunKeepsTheDump) {
    TemporaryFolder folder;
    RandomTree tree(5, 20);
    std::map<std::string, std::string> present;
    put_files(folder, present, tree.files());
    Database database;
    database.link(folder.path());
    const auto before = database.dump();
    IngestOptions options;
    options.full = true;
    const IngestReport report = database.sync(options);
    EXPECT_EQ(report.files_parsed, report.files_indexed);
    EXPECT_GT(report.files_parsed, 4u);
    EXPECT_EQ(test::difference(database.dump(), before), "");
}

TEST(Sync, SourceThatWasNotIndexedIsTold) {
    TemporaryFolder folder;
    folder.write("large.go", "package a\n" + std::string(3000, '\n'));
    folder.write("picture.png", std::string("\x89PNG\0", 5));
    folder.write("fine.go", "package a\n\nfunc f() {}\n");
    IngestOptions options;
    options.file_size_bytes_max = 1000;
    Database database;
    EXPECT_EQ(database.link(folder.path(), options).files_opaque, 2u);
    auto missed = database.graph->view().troubled_sources();
    ASSERT_TRUE(missed.has_value());
    ASSERT_EQ((*missed)->size(), 1u);
    EXPECT_EQ((*missed)->front().uri, "large.go");
    EXPECT_EQ((*missed)->front().language, format::Language::Go);
    folder.write("large.go", "package a\n");
    (void)database.sync(options);
    missed = database.graph->view().troubled_sources();
    ASSERT_TRUE(missed.has_value());
    EXPECT_TRUE((*missed)->empty());
}

TEST(Sync, StalenessCountsWithoutParsing) {
    TemporaryFolder folder;
    folder.write("a.go", "package a\n");
    folder.write("b.go", "package a\n");
    Database database;
    database.link(folder.path());
    auto staleness = database.ingest().staleness("work");
    ASSERT_TRUE(staleness.has_value());
    EXPECT_EQ(staleness->files_added + staleness->files_changed + staleness->files_removed, 0u);
    folder.write("a.go", "package a\n\nfunc F() {}\n");
    folder.remove("b.go");
    folder.write("c.go", "package a\n");
    staleness = database.ingest().staleness("work");
    ASSERT_TRUE(staleness.has_value());
    EXPECT_EQ(staleness->files_added, 1u);
    EXPECT_EQ(staleness->files_changed, 1u);
    EXPECT_EQ(staleness->files_removed, 1u);
    EXPECT_FALSE(database.ingest().staleness("nobody").has_value());
}

TEST(Sync, NamesAndRootsAreChecked) {
    TemporaryFolder folder;
    TemporaryFolder other;
    Database database;
    auto report = database.ingest().link(folder.path() + "/absent", "work", {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::NotFound);
    report = database.ingest().link(folder.path(), "work", {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Invalid);
    folder.write("a.go", "package a\n");
    other.write("a.go", "package a\n");
    report = database.ingest().link(folder.path() + "/a.go", "work", {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Invalid);
    database.link(folder.path());
    report = database.ingest().link(other.path(), "work", {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::Conflict);
    report = database.ingest().sync("nobody", {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code(), ErrorCode::NotFound);
    EXPECT_TRUE(database.ingest().unlink("work").is_ok());
    EXPECT_EQ(database.dump().size(), 1u);
}

}  // namespace
}  // namespace kausal::ingest
