#!/usr/bin/env python3
"""Proves that every structure check can fail: each runs on a small tree that obeys and on one that breaks one rule."""
import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import check_structure as checks
import count_cases
from source_text import Tree, code_only, functions, includes

TABLE = """# Page
<!-- include-table:begin -->
| room | may include | from outside |
|---|---|---|
| base | | |
| io | base | system |
| wal | io | zstd |
| storage | all above | |
| engine | storage | |
<!-- include-table:end -->
"""
OPENING = "// A sentence that says what this file is.\n"


class StructureCase(unittest.TestCase):
    """Builds a tree from a dictionary of texts and runs one check on it."""

    def run_check(self, check, files):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in {checks.TABLE: TABLE, **files}.items():
                full = os.path.join(folder, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return check(Tree(folder))

    def passes(self, check, files):
        self.assertEqual(self.run_check(check, files), [])

    def fails(self, check, files, part):
        findings = self.run_check(check, files)
        self.assertTrue(any(part in finding for finding in findings), findings)


class RoomTest(StructureCase):
    """Includes and links against the table."""

    base = {"core/base/a.h": "", "core/io/b.h": "", "core/wal/c.h": ""}

    def test_include_of_a_permitted_room(self):
        self.passes(checks.check_room_includes, {**self.base, "core/wal/w.cpp": '#include "io/b.h"\n#include <vector>\n'})

    def test_include_through_a_permitted_room(self):
        self.passes(checks.check_room_includes, {**self.base, "core/wal/w.cpp": '#include "base/a.h"\n'})

    def test_include_upwards(self):
        self.fails(checks.check_room_includes, {**self.base, "core/io/x.h": '#include "wal/c.h"\n'}, "io may not include")

    def test_include_in_a_comment_or_string_is_none(self):
        self.passes(checks.check_room_includes, {**self.base, "core/io/x.h": '// #include "wal/c.h"\n'})

    def test_include_of_the_border(self):
        files = {"capi/include/kausal/kausal.h": "", "core/base/x.h": "#include <kausal/kausal.h>\n"}
        self.fails(checks.check_room_includes, files, "may not include kausal/kausal.h")

    def test_include_of_nothing(self):
        self.fails(checks.check_room_includes, {"core/base/x.h": '#include "base/gone.h"\n'}, "is no file")

    def test_include_of_a_library(self):
        self.passes(checks.check_room_includes, {"core/wal/x.cpp": "#include <zstd.h>\n"})
        self.fails(checks.check_room_includes, {"core/base/x.cpp": "#include <zstd.h>\n"}, "(zstd)")

    def test_include_of_the_system(self):
        self.passes(checks.check_room_includes, {"core/io/x.cpp": "#include <sys/mman.h>\n"})
        self.fails(checks.check_room_includes, {"core/wal/x.cpp": "#include <unistd.h>\n"}, "(system)")

    def test_room_without_a_row(self):
        self.fails(checks.check_room_includes, {"core/attic/x.h": ""}, "not in the include table")

    def test_table_missing_or_upside_down(self):
        self.fails(checks.check_room_includes, {checks.TABLE: "nothing"}, "no include table")
        self.fails(checks.check_room_includes, {checks.TABLE: TABLE.replace("| io | base |", "| io | wal |")}, "not above")

    def test_links(self):
        lists = "core/wal/CMakeLists.txt"
        self.passes(checks.check_room_links, {lists: "kausal_room(NAME wal SOURCES a.cpp DEPS io LIBS zstd)"})
        self.passes(checks.check_room_links, {lists: "kausal_room(NAME wal SOURCES a.cpp DEPS io base)"})
        self.fails(checks.check_room_links, {lists: "kausal_room(NAME wal SOURCES a.cpp DEPS base)"}, "missing ['io']")
        self.fails(checks.check_room_links, {lists: "kausal_room(NAME wal DEPS io storage)"}, "too many")
        self.fails(checks.check_room_links, {lists: "kausal_room(NAME io DEPS base)"}, "declares room io")

    def test_rooms_are_built_in_order(self):
        lists = "core/CMakeLists.txt"
        self.passes(checks.check_room_links, {lists: "foreach(room IN ITEMS base io wal storage engine)"})
        self.fails(checks.check_room_links, {lists: "foreach(room IN ITEMS base wal io storage engine)"}, "builds")
        self.fails(checks.check_room_links, {lists: "foreach(room IN ITEMS base io wal # storage\n engine)"}, "builds")


class BorderTest(StructureCase):
    """What capi, tools and the SDK may see."""

    files = {"core/engine/engine.h": '#include "wal/log.h"\n', "core/wal/log.h": "", "core/io/file.h": "",
             "capi/include/kausal/kausal.h": "#include <stdint.h>\n"}

    def test_capi(self):
        good = '#include "engine/engine.h"\n#include "wal/log.h"\n#include <kausal/kausal.h>\n'
        self.passes(checks.check_border_includes, {**self.files, "capi/src/db.cpp": good})
        bad = '#include "io/file.h"\n'
        self.fails(checks.check_border_includes, {**self.files, "capi/src/db.cpp": bad}, "capi may not include io/file.h")

    def test_guests(self):
        for path in ("tools/kausal/main.cpp", "sdk/cpp/include/kausal/kausal.hpp"):
            self.passes(checks.check_border_includes, {**self.files, path: "#include <kausal/kausal.h>\n"})
            self.fails(checks.check_border_includes, {**self.files, path: '#include "engine/engine.h"\n'}, "may not")

    def test_public_header(self):
        self.passes(checks.check_public_header_is_c, self.files)
        bad = {"capi/include/kausal/kausal.h": "#include <string>\n"}
        self.fails(checks.check_public_header_is_c, bad, "not a header of C")


class BanTest(StructureCase):
    """The ban list, rule by rule."""

    samples = {
        "clock": "auto t = std::chrono::steady_clock::now();", "random": "std::random_device seed;",
        "thread": "std::jthread worker;", "file": "auto* f = fopen(name, mode);", "environment": "getenv(name);",
        "console": "std::cerr << text;", "end-of-process": "std::abort();", "exception": "throw Failure{};",
    }

    def test_every_rule_has_a_sample(self):
        self.assertEqual(set(self.samples), set(checks.BANS))

    def test_every_rule_fails_outside_io(self):
        for rule, line in self.samples.items():
            self.fails(checks.check_bans, {"core/wal/x.cpp": line + "\n"}, f"x.cpp:1: {rule}")

    def test_io_is_the_door(self):
        for rule, line in self.samples.items():
            check = self.fails if rule in checks.EVERYWHERE else self.passes
            check(checks.check_bans, {"core/io/x.cpp": line + "\n"}, *([rule] if rule in checks.EVERYWHERE else []))

    def test_words_in_comments_and_strings(self):
        self.passes(checks.check_bans, {"core/wal/x.cpp": '// throw\nauto s = "std::abort()"; /* getenv( */\n'})

    def test_methods_of_the_same_name(self):
        self.passes(checks.check_bans, {"core/wal/x.cpp": "vfs.open(name); Result<Db> Db::open(int x); fs->open(y);\n"})

    def test_guard_may_catch(self):
        self.passes(checks.check_bans, {"capi/src/guard.h": "catch (...) {}\n"})
        self.fails(checks.check_bans, {"capi/src/db.cpp": "catch (...) {}\n"}, "exception")

    def test_exceptions_to_the_list(self):
        reason = {"thread": {"core/wal/x.cpp": "a reason that can be read"}}
        files = {"core/wal/x.cpp": "std::thread t;\n", checks.ALLOWED: json.dumps(reason)}
        self.passes(checks.check_bans, files)
        self.passes(checks.check_exceptions_are_used, files)
        self.fails(checks.check_exceptions_are_used, {checks.ALLOWED: json.dumps(reason)}, "no such file")
        short = {"core/wal/x.cpp": "", checks.ALLOWED: json.dumps({"thread": {"core/wal/x.cpp": "because"}})}
        self.fails(checks.check_exceptions_are_used, short, "no reason")


class SizeTest(StructureCase):
    """Limits of files and functions, and the ratchet."""

    long_file = {"core/wal/x.cpp": "int a;\n" * 601}
    long_function = {"core/wal/x.cpp": "int f(int a) {\n" + "  a++;\n" * 75 + "}\n"}

    def test_limits(self):
        self.passes(checks.check_sizes, {"core/wal/x.cpp": "int a;\n" * 600})
        self.fails(checks.check_sizes, self.long_file, "601 lines, limit 600")
        self.fails(checks.check_sizes, self.long_function, "core/wal/x.cpp:f: 77 lines, limit 70")

    def test_generated_files_are_exempt(self):
        self.passes(checks.check_sizes, {"core/wal/x.cpp": "// Generated by make_tables.\n" + "int a;\n" * 700})

    def test_ratchet(self):
        def entry(lines):
            return {checks.RATCHET: json.dumps({"files": {"core/wal/x.cpp": lines}})}
        self.passes(checks.check_sizes, {**self.long_file, **entry(601)})
        self.fails(checks.check_sizes, {**self.long_file, **entry(600)}, "601 lines, limit 600")
        self.fails(checks.check_sizes, {**self.long_file, **entry(650)}, "has shrunk to 601")
        self.fails(checks.check_sizes, {"core/wal/x.cpp": "int a;\n", **entry(650)}, "has shrunk to within")

    def test_functions_are_recognised(self):
        code = """
namespace a {
template <class T> Result<T> first(T x = {}) { return x; }
class B : public C {
    B(int x) : x_{x}, y_(0) {
    }
    [[nodiscard]] bool second() const noexcept { if (x_) { return true; } return false; }
    int z_ = 0;
};
enum class E : int { One, Two };
constexpr int kTable[] = {1, 2, 3};
struct D { int x; };
Result<D> B::third(std::span<const int> s)
    const {
}
}
TEST(Wal, replays) {
    auto f = [](int x) { return x; };
}
"""
        found = [(name, lines) for name, _, lines in functions(code)]
        self.assertEqual(found, [("first", 1), ("B", 2), ("second", 1), ("B::third", 3), ("TEST(Wal, replays)", 3)])


class ListingTest(StructureCase):
    """Sources and tests against the build."""

    def test_sources(self):
        lists = {"core/wal/CMakeLists.txt": "kausal_room(NAME wal SOURCES a.cpp sub/b.cpp)"}
        self.passes(checks.check_listed, {**lists, "core/wal/a.cpp": "", "core/wal/sub/b.cpp": ""})
        self.fails(checks.check_listed, {**lists, "core/wal/extra_a.cpp": ""}, "extra_a.cpp: not named")
        self.fails(checks.check_listed, {"core/wal/a.cpp": ""}, "not named")

    def test_tests(self):
        lists = {"tests/wal/CMakeLists.txt": "kausal_test(ROOM wal SOURCES a_test.cpp)\n# b_test.cpp"}
        self.passes(checks.check_listed, {**lists, "tests/wal/a_test.cpp": ""})
        self.fails(checks.check_listed, {**lists, "tests/wal/b_test.cpp": ""}, "b_test.cpp: not named")


class TextTest(StructureCase):
    """Folders, promises, openings, locks."""

    def test_folders(self):
        self.passes(checks.check_folders, {"core/wal/a.h": ""})
        self.fails(checks.check_folders, {"core/Utils/a.h": ""}, "core/Utils")
        self.fails(checks.check_folders, {"third_party/zstd/a.h": ""}, "third_party")

    def test_promises(self):
        self.passes(checks.check_no_promises, {"core/wal/a.h": "// TODOs are none\n"})
        self.fails(checks.check_no_promises, {"core/wal/a.h": "// TO" "DO later\n"}, "core/wal/a.h:1")

    def test_openings(self):
        self.passes(checks.check_openings, {"core/wal/a.h": OPENING, "tests/a.py": '#!/x\n"""What this whole file here is."""\n'})
        self.passes(checks.check_openings, {"core/wal/a.h": "#pragma once\n" + OPENING})
        for path in ("core/wal/a.h", "tests/a.py", "sdk-go/a.go", "cmake/a.cmake"):
            self.fails(checks.check_openings, {path: "int a;\n"}, path)

    def test_lock(self):
        lock = "tools/grammars/package-lock.json"
        self.passes(checks.check_lock_is_portable, {lock: '{"integrity": "sha512-x"}'})
        self.fails(checks.check_lock_is_portable, {lock: '"resolved": "https://example.org/x.tgz"'}, "example.org")


class ScannerTest(unittest.TestCase):
    """The text scanner under the checks."""

    def test_lines_survive(self):
        text = 'a /* x\n y */ b "s // t" R"(\n{)" // c\n\'"\' 1\'000 d\n'
        self.assertEqual(code_only(text).count("\n"), text.count("\n"))
        self.assertNotIn("{", code_only(text))
        self.assertIn("1'000 d", code_only(text))

    def test_includes(self):
        self.assertEqual(list(includes('#include "a/b.h"\n # include <x.h> // y\n')),
                         [(1, True, "a/b.h"), (2, False, "x.h")])


class CountTest(unittest.TestCase):
    """Counting cases: nothing that failed may count as passed, nothing may vanish."""

    def test_frameworks(self):
        self.assertEqual(count_cases.cases("[  PASSED  ] 12 tests.\n", True), (12, 0))
        self.assertEqual(count_cases.cases("[  PASSED  ] 3 test(s).\n[  FAILED  ] 2 test(s), listed below:\n", False), (3, 2))
        self.assertEqual(count_cases.cases("x\n7 passed, 0 failed\n", True), (7, 0))

    def test_silence(self):
        self.assertEqual(count_cases.cases("", True), (1, 0))
        self.assertEqual(count_cases.cases("segmentation fault", False), (0, 1))
        self.assertEqual(count_cases.cases("[  PASSED  ] 5 tests.\n", False), (5, 1))


class CompletenessTest(unittest.TestCase):
    """Every check is exercised above."""

    def test_every_check_has_a_failing_case(self):
        with open(__file__, encoding="utf-8") as file:
            text = file.read()
        for check in checks.CHECKS:
            self.assertIn(f"self.fails(checks.{check.__name__},", text)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    broken = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - broken} passed, {broken} failed")
    sys.exit(1 if broken else 0)
