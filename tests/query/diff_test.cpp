// Goal: diffs as git writes them are read exactly, malformed ones are refused, and lines find their
// innermost blocks.
// Method: diffs by hand; random edits whose diffs are made by a naive writer; truncated and mutated
// input.
#include "query/diff.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

#include <random>

namespace kausal::query {
namespace {

using format::BlockKind;
using test::GraphBuilder;

using Ranges = std::vector<LineRange>;
LineRange lines(uint32_t first, uint32_t last) {
    return {first, last, false};
}
LineRange gap(uint32_t first) {
    return {first, first + 1, true};
}

DiffFile only(std::string_view text) {
    const Result<std::vector<DiffFile>> files = parse_diff(text);
    EXPECT_TRUE(files.has_value()) << files.error().message();
    if (!files || files->size() != 1) return {};
    return files->front();
}

TEST(ParseDiff, FindsChangedLinesNotTheContext) {
    const DiffFile file = only(
        "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n"
        "@@ -10,7 +10,8 @@ int f(void)\n a\n b\n-c\n+C\n+D\n d\n-e\n f\n g\n+h\n");
    EXPECT_EQ(file.path_old, "x.c");
    EXPECT_EQ(file.path_new, "x.c");
    EXPECT_EQ(file.change, FileChange::Modified);
    EXPECT_EQ(file.lines_old, (Ranges{lines(12, 12), lines(14, 14), gap(16)}));
    EXPECT_EQ(file.lines_new, (Ranges{lines(12, 13), gap(14), lines(17, 17)}));
}

TEST(ParseDiff, KnowsNewDeletedRenamedAndBinaryFiles) {
    DiffFile file = only(
        "diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/n.c\n"
        "@@ -0,0 +1,2 @@\n+a\n+b\n");
    EXPECT_EQ(file.change, FileChange::Added);
    EXPECT_EQ(file.path_old, "");
    EXPECT_EQ(file.lines_new, Ranges{lines(1, 2)});
    EXPECT_EQ(file.lines_old, Ranges{gap(0)});

    file = only(
        "diff --git a/d.c b/d.c\ndeleted file mode 100644\n--- a/d.c\n+++ /dev/null\n"
        "@@ -1,2 +0,0 @@\n-a\n-b\n");
    EXPECT_EQ(file.change, FileChange::Deleted);
    EXPECT_EQ(file.path_new, "");
    EXPECT_EQ(file.lines_old, Ranges{lines(1, 2)});

    file = only(
        "diff --git a/old name.c b/new name.c\nsimilarity index 100%\nrename from old name.c\n"
        "rename to new name.c\n");
    EXPECT_EQ(file.change, FileChange::Renamed);
    EXPECT_EQ(file.path_old, "old name.c");
    EXPECT_EQ(file.path_new, "new name.c");
    EXPECT_TRUE(file.lines_new.empty());

    file =
        only("diff --git a/i.png b/i.png\nindex 1..2\nBinary files a/i.png and b/i.png differ\n");
    EXPECT_EQ(file.change, FileChange::Binary);
    EXPECT_EQ(file.path_new, "i.png");

    file = only("diff --git a/s.sh b/s.sh\nold mode 100644\nnew mode 100755\n");
    EXPECT_EQ(file.change, FileChange::ModeOnly);
}

TEST(ParseDiff, ReadsQuotedPathsPlainDiffsAndTimestamps) {
    DiffFile file = only(
        "diff --git \"a/\\303\\244 \\\"q\\\".c\" \"b/\\303\\244 \\\"q\\\".c\"\n"
        "--- \"a/\\303\\244 \\\"q\\\".c\"\n+++ \"b/\\303\\244 \\\"q\\\".c\"\n@@ -1 +1 "
        "@@\n-a\n+b\n");
    EXPECT_EQ(file.path_new, "\xc3\xa4 \"q\".c");
    file = only("--- lib/x.c\t2024-01-01 00:00\n+++ lib/x.c\t2024-01-02\n@@ -1 +1 @@\n-a\n+b\n");
    EXPECT_EQ(file.path_old, "lib/x.c");
    EXPECT_EQ(file.path_new, "lib/x.c");
    file = only(
        "diff --git i/x.c w/x.c\n--- i/x.c\n+++ w/x.c\n@@ -1 +1 @@\n-a\n+b\n"
        "\\ No newline at end of file\n");
    EXPECT_EQ(file.path_new, "x.c");
}

TEST(ParseDiff, SkipsWhatStandsAround) {
    const Result<std::vector<DiffFile>> files = parse_diff(
        "commit 1234\nAuthor: A <a@b>\n\n    --- not a file\n\ndiff --git a/a.c b/a.c\n"
        "--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,2 @@\n--- looks like a header\n+++ so does this\n x\n"
        "diff --git a/b.c b/b.c\n--- a/b.c\n+++ b/b.c\n@@ -5 +5 @@\n-x\n+y\n-- \n2.39.2\n");
    ASSERT_TRUE(files.has_value()) << files.error().message();
    ASSERT_EQ(files->size(), 2u);
    EXPECT_EQ((*files)[0].lines_old, Ranges{lines(1, 1)});
    EXPECT_EQ((*files)[1].path_new, "b.c");
    EXPECT_TRUE(parse_diff("").value().empty());
    EXPECT_TRUE(parse_diff("\n \n").value().empty());
}

TEST(ParseDiff, RefusesWhatDoesNotAddUp) {
    const std::string head = "--- a/a.c\n+++ b/a.c\n";
    const std::string bad[] = {
        "hello",
        "diff --cc a.c\n",
        head + "@@@ -1 -1 +1 @@@\n",
        head + "@@ -1,2 +1,2 @@\n a\n",
        head + "@@ -1,1 +1,1 @@\n-a\n-b\n",
        head + "@@ -1 +1 @@\n*a\n",
        head + "@@ -x +1 @@\n",
        head + "@@ -99999999999 +1 @@\n",
        head + "@@ -1,4000000000 +1 @@\n",
        "@@ -1 +1 @@\n-a\n+b\n",
        "diff --git \"a/x b/x\n",
        "diff --git \"a/\\q\" \"b/\\q\"\n",
    };
    for (const std::string& text : bad) {
        const Result<std::vector<DiffFile>> files = parse_diff(text);
        ASSERT_FALSE(files.has_value()) << text;
        EXPECT_EQ(files.error().code(), ErrorCode::Invalid);
    }
}

TEST(ParseDiff, RandomEditsAreFoundExactly) {
    std::mt19937 random(5);
    size_t changes = 0;
    for (int round = 0; round < 300; ++round) {
        // One hunk over the whole file: keep, remove and add lines at random.
        std::string body;
        uint32_t old_line = 1;
        uint32_t new_line = 1;
        std::set<uint32_t> removed;
        std::set<uint32_t> added;
        for (int i = 0; i < 20; ++i) {
            const uint32_t what = static_cast<uint32_t>(random() % 4);
            if (what == 0) {
                body += "-x\n";
                removed.insert(old_line++);
            } else if (what == 1) {
                body += "+x\n";
                added.insert(new_line++);
            } else {
                body += " x\n";
                ++old_line;
                ++new_line;
            }
        }
        const auto range = [](uint32_t count) {
            return (count == 0 ? "0," : "1,") + std::to_string(count);
        };
        const DiffFile file = only("--- a/f\n+++ b/f\n@@ -" + range(old_line - 1) + " +" +
                                   range(new_line - 1) + " @@\n" + body);
        const auto expand = [](const Ranges& ranges) {
            std::set<uint32_t> all;
            for (const LineRange& range_of_lines : ranges) {
                if (range_of_lines.is_gap) continue;
                for (uint32_t l = range_of_lines.first; l <= range_of_lines.last; ++l)
                    all.insert(l);
            }
            return all;
        };
        ASSERT_EQ(expand(file.lines_old), removed);
        ASSERT_EQ(expand(file.lines_new), added);
        changes += removed.size() + added.size();
    }
    EXPECT_GT(changes, 1000u);
}

TEST(ParseDiff, AnyBytesAreAnErrorOrADiff) {
    const std::string good =
        "diff --git \"a/x\" b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n";
    std::mt19937 random(6);
    for (int round = 0; round < 20000; ++round) {
        std::string text = good.substr(0, random() % (good.size() + 1));
        for (int i = 0; i < 3 && !text.empty(); ++i) {
            text[random() % text.size()] = static_cast<char>(random() % 256);
        }
        const Result<std::vector<DiffFile>> files = parse_diff(text);
        const bool is_fine = files.has_value() || files.error().code() == ErrorCode::Invalid;
        ASSERT_TRUE(is_fine);
    }
}

class TouchedTest : public ::testing::Test {
  protected:
    void SetUp() override {
        place("f.cc", BlockKind::File, 1, 40);
        place("C", BlockKind::Class, 5, 30);
        place("C::a", BlockKind::Method, 7, 10);
        place("C::b", BlockKind::Method, 12, 20);
        place("C::b::inner", BlockKind::Function, 14, 16);
        place("free", BlockKind::Function, 35, 38);
    }
    void place(std::string_view name, BlockKind kind, uint32_t first, uint32_t last) {
        format::BlockRecord record = graph_.block(name, kind);
        record.uri = "f.cc";
        record.line_first = first;
        record.line_last = last;
        graph_.add(record);
    }
    std::vector<std::string> touched(const Ranges& ranges,
                                     FileChange change = FileChange::Modified) {
        DiffFile file;
        file.path_old = file.path_new = "f.cc";
        file.change = change;
        file.lines_new = ranges;
        const TouchedBlocks blocks = touched_blocks(graph_.view(), {file}, DiffSide::New).value();
        EXPECT_TRUE(blocks.files_unknown.empty());
        std::vector<std::string> names;
        for (const TouchedBlock& row : blocks.rows) names.push_back(row.block.qualified_name);
        return names;
    }
    GraphBuilder graph_;
};
using Names = std::vector<std::string>;

TEST_F(TouchedTest, TheInnermostBlockIsTouched) {
    EXPECT_EQ(touched({lines(15, 15)}), Names{"C::b::inner"});
    EXPECT_EQ(touched({lines(13, 13)}), Names{"C::b"});
    EXPECT_EQ(touched({lines(18, 19)}), Names{"C::b"});
    EXPECT_EQ(touched({lines(6, 6)}), Names{"C"});
    EXPECT_EQ(touched({lines(2, 2)}), Names{"f.cc"});
    EXPECT_EQ(touched({lines(39, 60)}), Names{"f.cc"});
    EXPECT_EQ(touched({lines(9, 15)}), (Names{"C", "C::a", "C::b", "C::b::inner"}));
    EXPECT_EQ(touched({}), Names{});
}

TEST_F(TouchedTest, AGapTouchesWhatHoldsBothItsSides) {
    EXPECT_EQ(touched({gap(14)}), Names{"C::b::inner"});
    EXPECT_EQ(touched({gap(10)}), Names{"C"});
    EXPECT_EQ(touched({gap(16)}), Names{"C::b"});
    EXPECT_EQ(touched({gap(32)}), Names{"f.cc"});
    EXPECT_EQ(touched({gap(0)}), Names{"f.cc"});
}

TEST_F(TouchedTest, FilesWithoutLinesAreTouchedAsAWhole) {
    EXPECT_EQ(touched({}, FileChange::Renamed), Names{"f.cc"});
    EXPECT_EQ(touched({}, FileChange::Binary), Names{"f.cc"});
    EXPECT_EQ(touched({}, FileChange::ModeOnly), Names{});
}

TEST_F(TouchedTest, UnknownFilesAreNamed) {
    DiffFile file;
    file.path_old = file.path_new = "other.cc";
    file.lines_new = {lines(1, 1)};
    DiffFile gone;
    gone.path_old = "gone.cc";
    gone.change = FileChange::Deleted;
    const TouchedBlocks blocks = touched_blocks(graph_.view(), {file, gone}, DiffSide::New).value();
    EXPECT_TRUE(blocks.rows.empty());
    EXPECT_EQ(blocks.files_unknown, (Names{"gone.cc", "other.cc"}));
}

TEST_F(TouchedTest, EveryLineAgreesWithTheNaiveInnermostBlock) {
    const std::vector<BlockRow> blocks = graph_.view().blocks_of_file("f.cc").value();
    for (uint32_t line = 1; line <= 40; ++line) {
        const BlockRow* best = nullptr;
        for (const BlockRow& block : blocks) {
            if (block.line_first > line || block.line_last < line) continue;
            const uint32_t span = block.line_last - block.line_first;
            if (best == nullptr || span < best->line_last - best->line_first) best = &block;
        }
        ASSERT_NE(best, nullptr);
        EXPECT_EQ(touched({lines(line, line)}), Names{best->qualified_name}) << line;
    }
}

}  // namespace
}  // namespace kausal::query
