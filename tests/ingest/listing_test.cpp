// Goal: the listing has every file that a project counts as its own, in order, with a reason where
// a file cannot be read; configuration files are understood. Method: ignore patterns against a
// table of paths as git documents them; real folders with nested ignore files, symlinks, special
// files and names that are not UTF-8.
#include "ingest/file_list.h"
#include "ingest/file_state.h"
#include "ingest/ignore_rules.h"
#include "ingest/source_reader.h"
#include "ingest/workspace_config.h"
#include "tree_fixture.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

namespace kausal::ingest {
namespace {

using test::TemporaryFolder;

struct GlobCase {
    const char* pattern;
    const char* path;
    bool is_folder;
    IgnoreFile::Verdict verdict;
};
constexpr auto kIgnored = IgnoreFile::Verdict::Ignored;
constexpr auto kKept = IgnoreFile::Verdict::Kept;
constexpr auto kSilent = IgnoreFile::Verdict::Silent;

TEST(IgnoreRules, PatternsFollowTheDocumentedRules) {
    static constexpr GlobCase kCases[] = {
        {"*.o", "a.o", false, kIgnored},
        {"*.o", "x/y/a.o", false, kIgnored},
        {"*.o", "a.oo", false, kSilent},
        {"build", "build", true, kIgnored},
        {"build", "a/build", false, kIgnored},
        {"build/", "build", false, kSilent},
        {"build/", "a/build", true, kIgnored},
        {"/build", "build", true, kIgnored},
        {"/build", "a/build", true, kSilent},
        {"a/b", "a/b", false, kIgnored},
        {"a/b", "x/a/b", false, kSilent},
        {"a/*", "a/b", false, kIgnored},
        {"a/*", "a/b/c", false, kSilent},
        {"**/foo", "foo", false, kIgnored},
        {"**/foo", "a/b/foo", false, kIgnored},
        {"**/foo/bar", "a/foo/bar", false, kIgnored},
        {"a/**", "a/x/y", false, kIgnored},
        {"a/**", "a", true, kSilent},
        {"a/**/b", "a/b", false, kIgnored},
        {"a/**/b", "a/x/y/b", false, kIgnored},
        {"a**b", "axxb", false, kIgnored},
        {"a?c", "abc", false, kIgnored},
        {"a?c", "a/c", false, kSilent},
        {"[a-c]x", "bx", false, kIgnored},
        {"[!a-c]x", "bx", false, kSilent},
        {"[^a-c]x", "dx", false, kIgnored},
        {"[]]x", "]x", false, kIgnored},
        {"\\!x", "!x", false, kIgnored},
        {"\\#x", "#x", false, kIgnored},
        {"# comment", "# comment", false, kSilent},
        {"x   ", "x", false, kIgnored},
        {"x\\ ", "x ", false, kIgnored},
        {"*.o\n!keep.o", "keep.o", false, kKept},
        {"!keep.o\n*.o", "keep.o", false, kIgnored},
        {"\r\n*.tmp\r\n", "a.tmp", false, kIgnored},
        {"*", "anything", false, kIgnored},
    };
    for (const GlobCase& one : kCases) {
        EXPECT_EQ(IgnoreFile(one.pattern).judge(one.path, one.is_folder), one.verdict)
            << one.pattern << " on " << one.path;
    }
}

TEST(IgnoreRules, StarsDoNotExplode) {
    std::string pattern;
    for (int i = 0; i < 40; ++i) pattern += "*a";
    EXPECT_FALSE(glob_matches(pattern + "b", std::string(2000, 'a')));
}

std::vector<std::string> listed(const std::string& root, size_t workers = 1) {
    const auto vfs = io::make_posix_vfs();
    const auto executor = io::make_thread_executor(workers);
    auto files = list_files(*vfs, *executor, root, {workers, nullptr});
    EXPECT_TRUE(files.has_value());
    std::vector<std::string> out;
    for (const ListedFile& file : *files)
        out.push_back(file.path + (file.reason.empty() ? "" : " (" + file.reason + ")"));
    return out;
}

TEST(FileList, HonoursNestedIgnoreFilesAndNamesWhatCannotBeRead) {
    TemporaryFolder folder;
    folder.write(".gitignore", "*.log\n/out/\n!keep.log\n");
    folder.write(".git/info/exclude", "secret.txt\n");
    folder.write(".git/config", "");
    folder.write(".kausal/db", "");
    folder.write("a.c", "int a;\n");
    folder.write("b.log", "");
    folder.write("keep.log", "");
    folder.write("secret.txt", "");
    folder.write("out/x.c", "");
    folder.write("sub/out/x.c", "");
    folder.write("sub/.gitignore", "!b.log\nlocal.c\n");
    folder.write("sub/b.log", "");
    folder.write("sub/local.c", "");
    folder.write("sub/deep/local.c", "");
    folder.write("tools/.ignore", "gen.c\n");
    folder.write("tools/gen.c", "");
    std::filesystem::create_symlink("/etc", folder.path() + "/link");
    std::filesystem::create_symlink("a.c", folder.path() + "/sub/alias.c");
    ASSERT_EQ(::mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
    folder.write("bad\xff.c", "");
    const auto files = listed(folder.path());
    EXPECT_EQ(files.size(), 11u) << ::testing::PrintToString(files);
    const std::set<std::string> set(files.begin(), files.end());
    for (const char* path :
         {".gitignore", "a.c", "keep.log", "link (symlink)", "pipe (not a regular file)",
          "sub/.gitignore", "sub/alias.c (symlink)", "sub/b.log", "sub/out/x.c", "tools/.ignore"})
        EXPECT_TRUE(set.contains(path)) << path << " in " << ::testing::PrintToString(files);
    EXPECT_TRUE(std::is_sorted(files.begin(), files.end()));
    EXPECT_EQ(listed(folder.path(), 4), files);
}

TEST(FileList, RootInsideARepositoryObeysTheRulesAround) {
    TemporaryFolder folder;
    folder.write(".git/HEAD", "");
    folder.write(".gitignore", "*.gen\n/inner/skip/\n");
    folder.write("inner/a.c", "");
    folder.write("inner/b.gen", "");
    folder.write("inner/skip/c.c", "");
    EXPECT_EQ(listed(folder.path() + "/inner"), std::vector<std::string>{"a.c"});
}

TEST(FileState, LinesKeepEverythingAndRefuseDamage) {
    FileState state;
    state.size_bytes = 12;
    state.modified_ns = -5;
    state.changed_ns = 1700000000123456789;
    state.inode = 99;
    state.content_hash = ~uint64_t{0};
    state.language = format::Language::Rust;
    state.outcome = FileOutcome::Partial;
    state.is_racy = true;
    state.line_count = 7;
    state.reason = "tab\there\\";
    const std::string path = "odd\tname\nwith\\all";
    const std::string text = encode_states({{path, &state}});
    FileStates decoded;
    ASSERT_TRUE(decode_states(text, decoded).is_ok());
    ASSERT_EQ(decoded.size(), 1u);
    EXPECT_EQ(decoded[0].first, path);
    EXPECT_EQ(decoded[0].second, state);
    for (size_t size = 1; size < text.size(); ++size) {
        FileStates ignored;
        EXPECT_FALSE(decode_states(std::string_view(text).substr(0, size), ignored).is_ok());
    }
}

TEST(FileState, YoungFilesAreNotTrusted) {
    io::FileInfo info;
    info.modified_ns = info.changed_ns = 1'000'000'000'123;
    EXPECT_TRUE(is_racy(info, info.modified_ns));
    EXPECT_TRUE(is_racy(info, info.modified_ns + 5'000'000));
    EXPECT_FALSE(is_racy(info, info.modified_ns + 1'000'000'000));
    info.modified_ns = info.changed_ns = 5'000'000'000;  // whole seconds
    EXPECT_TRUE(is_racy(info, info.modified_ns + 1'500'000'000));
    EXPECT_FALSE(is_racy(info, info.modified_ns + 3'000'000'000));
}

TEST(SourceReader, TellsWhyAFileIsOpaque) {
    TemporaryFolder folder;
    folder.write("binary.go", std::string("package a\0", 10));
    folder.write("minified.go", "package a\nvar x = `" + std::string(40000, 'x') + "`\n");
    folder.write("large.go", "package a\n" + std::string(3000, '\n'));
    folder.write("readme.md", "# hi\n");
    folder.write("fine.go", "package a // \xe9\xc3\xa9\n");
    folder.write("plain", "hello\n");
    const auto vfs = io::make_posix_vfs();
    const auto executor = io::make_thread_executor(1);
    auto files = list_files(*vfs, *executor, folder.path(), {1, nullptr});
    ASSERT_TRUE(files.has_value());
    SourceReader reader(*vfs, folder.path(), 1000000, false);
    std::map<std::string, SourceFile> found;
    for (const ListedFile& file : *files) reader.read(file, found[file.path]);
    EXPECT_EQ(found["binary.go"].reason, "binary");
    EXPECT_EQ(found["minified.go"].reason, "minified (very long lines)");
    EXPECT_EQ(found["readme.md"].reason, "no language");
    EXPECT_EQ(found["plain"].reason, "no language");
    EXPECT_EQ(found["fine.go"].outcome, FileOutcome::Indexed);
    EXPECT_EQ(found["fine.go"].text, "package a // ?\xc3\xa9\n");
    SourceReader small(*vfs, folder.path(), 100, false);
    SourceFile large;
    for (const ListedFile& file : *files)
        if (file.path == "large.go") small.read(file, large);
    EXPECT_EQ(large.reason, "too large (3010 bytes)");
}

TEST(WorkspaceConfig, ReadsTheUsualFiles) {
    TemporaryFolder folder;
    folder.write("go.mod", "// c\nmodule example.com/m // x\n\ngo 1.22\n");
    folder.write("tools/go.mod", "module \"example.com/tools\"\n");
    folder.write("crates/a-b/Cargo.toml", "[package]\nname = \"a-b\" # n\nversion = \"1\"\n");
    folder.write("crates/c/Cargo.toml", "[package]\nname=\"c\"\n[lib]\nname = \"c_lib\"\n");
    folder.write("web/package.json", "{\"name\": \"@x/web\"}");
    folder.write("web/tsconfig.json",
                 "{ // c\n \"compilerOptions\": {\"baseUrl\": \"./src\", \"paths\": {\"@/*\": "
                 "[\"./app/*\",], }, }, /* e */ }");
    folder.write("broken/package.json", "{");
    folder.write("c/include/x.h", "");
    folder.write("py/pyproject.toml", "");
    folder.write("py/src/p/__init__.py", "");
    folder.write("py/src/p/lib/__init__.py", "");
    folder.write("j/src/main/java/p/A.java", "");
    const auto vfs = io::make_posix_vfs();
    const auto executor = io::make_thread_executor(1);
    auto files = list_files(*vfs, *executor, folder.path(), {1, nullptr});
    ASSERT_TRUE(files.has_value());
    SourceReader reader(*vfs, folder.path(), 1000000, false);
    const WorkspaceConfig config = discover_config(
        "w", *files, [&](const ListedFile& file) { return reader.read_all(file, 1 << 20); });
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(config.go_module, "example.com/m");
    EXPECT_EQ(config.go_modules, (Pairs{{"", "example.com/m"}, {"tools", "example.com/tools"}}));
    EXPECT_EQ(config.cargo_crates, (Pairs{{"crates/a-b", "a_b"}, {"crates/c", "c_lib"}}));
    EXPECT_EQ(config.npm_packages, (Pairs{{"web", "@x/web"}}));
    EXPECT_EQ(config.path_aliases, (Pairs{{"", "web/src"}, {"@/", "web/src/app"}}));
    EXPECT_EQ(config.include_folders, std::vector<std::string>{"c/include"});
    EXPECT_EQ(config.python_roots, (std::vector<std::string>{"", "py", "py/src"}));
    EXPECT_EQ(config.java_roots, std::vector<std::string>{"j/src/main/java"});
}

}  // namespace
}  // namespace kausal::ingest
