"""The verbs of the command: what they print for a tree whose answers are known, and how they exit.

Method: a small tree of four languages is linked in a scratch folder; answers are compared with what its
text says, never merely with "something came out".
"""
import csv
import io
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import harness


class Verbs(harness.Case):
    def setUp(self):
        super().setUp()
        self.link()

    def names(self, *arguments, status=0):
        return [row["qualified_name"] or row["name"] for row in self.rows(*arguments, status=status)]

    def test_find_by_name_and_by_type_and_method(self):
        rows = self.rows("find", "Keeper.Save")
        self.assertEqual([(row["uri"], row["line_first"], row["kind"]) for row in rows], [("store/store.go", 10, "method")])
        self.assertEqual([row["uri"] for row in self.rows("find", "square_of")], ["lib/shape.py"])

    def test_find_says_when_it_is_not_exact(self):
        done = self.expect(0, "find", "greetin")
        self.assertIn("app/main.go:11", done.stdout)
        self.assertIn("nothing is called exactly 'greetin'", done.stderr)
        self.expect(1, "find", "--exact", "greetin")

    def test_find_filters_by_kind_and_path(self):
        self.assertEqual({row["uri"] for row in self.rows("find", "area", "--kind", "method")}, {"lib/shape.py"})
        self.expect(1, "find", "area", "--exact", "--in", "store/")

    def test_show_callers_with_their_sites(self):
        rows = self.rows("show", "callers", "Keeper.Save")
        self.assertEqual([(row["site_uri"], row["site_line"], row["name"], row["certainty"]) for row in rows],
                         [("app/main.go", 8, "main", "resolved")])

    def test_show_callees_and_members(self):
        self.assertEqual({row["name"] for row in self.rows("show", "callees", "main") if row["kind"] != "external_symbol"},
                         {"New", "Save", "greeting"})
        members = [row["id"] for row in self.rows("show", "members", "Square")]
        self.assertIn("area", {row["name"] for row in self.rows("show", "members", "Square")})
        self.assertEqual(len(members), len(set(members)))

    def test_show_extends(self):
        self.assertEqual([row["name"] for row in self.rows("show", "extends", "Square")], ["Shape"])

    def test_places_name_the_workspace_where_there_are_several(self):
        self.link()
        alone = self.expect(0, "find", "--exact", "square_of").stdout
        self.assertTrue(alone.startswith("lib/shape.py:14 "), alone)
        other = os.path.join(self.folder, "other")
        harness.write_tree(other)
        self.expect(0, "link", other, "--name", "twin")
        both = self.expect(0, "find", "--exact", "square_of").stdout.splitlines()
        self.assertEqual(sorted(line.split()[0] for line in both[:2]), ["demo/lib/shape.py:14", "twin/lib/shape.py:14"])
        self.assertEqual(sorted(row["workspace"] for row in self.rows("find", "--exact", "square_of")), ["demo", "twin"])
        # What was printed is what is understood.
        self.expect(4, "show", "callers", "lib/shape.py:14")
        callers = self.expect(0, "show", "callers", "twin/lib/shape.py:14").stdout
        self.assertTrue(callers.startswith("twin/lib/shape.py:11 "), callers)
        self.assertIn("demo/lib/shape.py:14", self.expect(0, "export", "--as", "dot").stdout)

    def test_recursion_is_a_caller_of_itself(self):
        self.assertEqual([row["name"] for row in self.rows("show", "callers", "src/count.c:2")], ["count_all"])

    def test_trace_and_path(self):
        rows = self.rows("trace", "callers", "Keeper.check")
        self.assertEqual([(row["depth"], row["name"]) for row in rows], [(0, "check"), (1, "Save"), (2, "main")])
        self.assertEqual([row["name"] for row in self.rows("path", "main", "Keeper.check")], ["main", "Save", "check"])
        self.expect(1, "path", "Keeper.check", "main")

    def test_impact_of_a_symbol(self):
        names = [row["name"] for row in self.rows("impact", "square_of")]
        self.assertEqual(names[0], "square_of")
        self.assertIn("area", names)
        self.assertNotIn("greeting", names)

    def test_impact_of_a_diff(self):
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-qm", "x"]):
            subprocess.run(["git", *command], cwd=self.tree, check=True, capture_output=True)
        path = pathlib.Path(self.tree, "lib/shape.py")
        path.write_text(path.read_text().replace("return x * x", "return x ** 2"))
        self.expect(0, "sync")
        names = [row["name"] for row in self.rows("impact", "--diff", "HEAD")]
        self.assertEqual(names[0], "square_of")
        self.assertIn("area", names)
        text = subprocess.run(["git", "diff"], cwd=self.tree, check=True, capture_output=True, text=True).stdout
        self.assertEqual([row["name"] for row in json.loads(
            self.expect(0, "--format", "json", "impact", "--diff", "-", stdin=text).stdout)["rows"]], names)

    def test_dead_code_names_the_forgotten_function(self):
        self.assertIn("forgotten", [row["name"] for row in self.rows("dead", "--kind", "function")])
        self.assertNotIn("greeting", [row["name"] for row in self.rows("dead", "--kind", "function")])

    def test_search_ranks_the_named_thing_first(self):
        self.assertEqual(self.rows("search", "keeper")[0]["name"], "Keeper")
        self.expect(1, "search", "zzzunknownword")

    def test_context_stays_within_its_budget(self):
        rows = self.rows("context", "save a text in the keeper", "--budget", "200")
        self.assertTrue(any(row["name"] == "Save" for row in rows), rows)
        self.assertLessEqual(sum(row["tokens"] for row in rows), 200)

    def test_cycles(self):
        rows = self.rows("cycles", status=1)
        self.assertEqual(rows, [])

    def test_status_accounts_for_every_file(self):
        row = self.rows("status")[0]
        self.assertEqual((row["name"], row["files"], row["files_opaque"]), ("demo", 7, 2), row)
        text = self.expect(0, "status", "demo").stdout
        self.assertIn("README.md  not indexed", text)
        self.assertIn("up to date", text)

    def test_sync_follows_the_tree(self):
        path = pathlib.Path(self.tree, "app/main.go")
        path.write_text(path.read_text().replace("greeting())", "greeting()); greeting()"))
        self.assertIn("1 files changed", self.expect(0, "status").stdout)
        self.expect(0, "sync")
        self.assertEqual(len(self.rows("show", "callers", "greeting")), 2)
        os.remove(path)
        self.expect(0, "sync", "demo")
        self.expect(1, "find", "--exact", "greeting")

    def test_sync_gives_the_dump_of_a_clean_link(self):
        path = pathlib.Path(self.tree, "store/store.go")
        path.write_text(path.read_text().replace("check", "verify"))
        self.expect(0, "sync")
        synced = self.dump()
        clean = os.path.join(self.folder, "clean")
        self.expect(0, "--db", clean, "link", ".", "--name", "demo")
        self.assertEqual(synced, self.expect(0, "--db", clean, "dump").stdout)

    def test_dump_and_load(self):
        text = self.dump()
        self.assertGreater(text.count("\n"), 30)
        copy = os.path.join(self.folder, "copy")
        self.expect(0, "--db", copy, "load", "-", stdin=text)
        self.assertEqual(self.expect(0, "--db", copy, "dump").stdout, text)

    def test_unlink_removes_everything(self):
        self.expect(0, "unlink", "demo")
        self.expect(1, "find", "Keeper")
        self.assertEqual(self.dump().count("\n"), 1)

    def test_export(self):
        dot = self.expect(0, "export", "--format", "dot", "--around", "Keeper.Save", "--depth", "1").stdout
        self.assertTrue(dot.startswith("digraph"))
        self.assertIn("calls_method", dot)
        graphml = self.expect(0, "export", "--as", "graphml").stdout
        import xml.etree.ElementTree
        root = xml.etree.ElementTree.fromstring(graphml)
        self.assertGreater(len(root.findall(".//{*}edge")), 5)
        for line in self.expect(0, "export", "--as", "jsonl").stdout.splitlines():
            json.loads(line)

    def test_formats_agree(self):
        expected = self.rows("find", "area")
        lines = self.expect(0, "--format", "jsonl", "find", "area").stdout.splitlines()
        self.assertEqual([json.loads(line) for line in lines[:-1]], expected)
        self.assertIn("unknown", json.loads(lines[-1]))
        table = list(csv.DictReader(io.StringIO(self.expect(0, "--format", "csv", "find", "area").stdout)))
        self.assertEqual([row["id"] for row in table], [row["id"] for row in expected])

    def test_a_limit_counts_facts_and_guesses_together(self):
        harness.write_tree(self.tree, {"lib/use.py": "from lib.shape import Shape\n\n" + "".join(
            f"def known{i}():\n    Shape().area()\n\n\ndef guessed{i}(it):\n    it.area()\n\n\n" for i in range(4))})
        self.link()
        all_rows = self.rows("show", "callers", "Shape.area")
        self.assertEqual(collections.Counter(row["certainty"] for row in all_rows), {"resolved": 4, "candidate": 4})
        cut = self.rows("show", "callers", "Shape.area", "--limit", "5")
        self.assertEqual([row["certainty"] for row in cut], ["resolved"] * 4 + ["candidate"])
        self.assertIn("limit of rows", self.expect(0, "show", "callers", "Shape.area", "--limit", "5").stdout)
        # The changed block itself comes on top.
        self.assertEqual(len(self.rows("impact", "Shape.area", "--limit", "5")), 6)

    def test_an_ambiguous_target_is_settled_by_its_place(self):
        self.link()
        done = self.expect(4, "show", "callers", "area")
        self.assertIn("give the place or the id of one", done.stderr)
        places = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("lib/")]
        self.assertEqual(len(places), 2, done.stdout)
        for place in places:
            self.assertIn(place, self.expect(0, "find", "--exact", "area").stdout)
            self.assertIn(self.run_kausal("show", "callers", place).returncode, (0, 1))

    def test_ambiguous_target_lists_ids_and_exits_with_4(self):
        done = self.expect(4, "show", "callers", "area")
        self.assertEqual(len(re.findall(r"\b[0-9a-f]{32}\b", done.stdout)), 2)
        identity = re.findall(r"\b[0-9a-f]{32}\b", done.stdout)[0]
        self.assertIn(self.run_kausal("show", "callers", identity).returncode, (0, 1))

    def test_misspelt_words_get_a_suggestion(self):
        self.assertIn("did you mean 'find'", self.expect(2, "fnd", "x").stderr)
        self.assertIn("did you mean 'callers'", self.expect(2, "show", "calers", "main").stderr)
        self.assertIn("did you mean", self.expect(1, "show", "callers", "gretings").stderr)
        self.assertIn("did you mean 'method'", self.expect(2, "find", "x", "--kind", "metod").stderr)

    def test_verify_stats_compact(self):
        self.assertIn("clean", self.expect(0, "verify").stdout)
        self.expect(0, "compact")
        self.assertEqual(json.loads(self.expect(0, "--format", "json", "stats").stdout)["segments"], "1")
        self.assertIn("clean", self.expect(0, "verify").stdout)

    def test_every_verb_has_help_with_two_examples(self):
        verbs = re.findall(r"^  ([a-z]+) ", self.expect(0, "--help").stdout, re.M)
        self.assertGreaterEqual(len(verbs), 20)
        for verb in verbs:
            text = self.expect(0, verb, "--help").stdout
            self.assertGreaterEqual(len(re.findall(r"^\s+(?:.*\| )?kausal ", text.split("Examples:")[1], re.M)), 2, verb)

    def test_completion_and_man(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("callees" if shell == "none" else "context", self.expect(0, "completion", shell).stdout)
        subprocess.run(["bash", "-n"], input=self.expect(0, "completion", "bash").stdout, text=True, check=True)
        page = self.expect(0, "man").stdout
        self.assertTrue(page.startswith(".TH KAUSAL 1"))
        self.assertIn(".SS impact", page)

    def test_colour_only_when_asked_for(self):
        self.assertNotIn("\033", self.expect(0, "find", "Keeper").stdout)
        self.assertIn("\033[", self.expect(0, "--color", "always", "find", "Keeper").stdout)

    def test_the_database_is_found_from_below(self):
        self.expect(0, "find", "Keeper", cwd=os.path.join(self.tree, "store"))
        self.expect(3, "find", "Keeper", cwd=self.folder)
        self.expect(0, "find", "Keeper", cwd=self.folder, env={"KAUSAL_DB": os.path.join(self.tree, ".kausal")})

    def test_watch_syncs_until_interrupted_and_lets_readers_in(self):
        watcher = subprocess.Popen([harness.KAUSAL, "sync", "--watch", "--interval", "50"], cwd=self.tree,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self.assertIn("demo", watcher.stdout.readline())
            locked = self.expect(5, "sync")
            self.assertIn(str(watcher.pid), locked.stderr)
            path = pathlib.Path(self.tree, "lib/shape.py")
            path.write_text(path.read_text() + "\n\ndef newcomer():\n    return square_of(3)\n")
            deadline = time.monotonic() + 60
            while self.run_kausal("find", "--exact", "newcomer").returncode != 0:
                self.assertLess(time.monotonic(), deadline, "the watcher did not pick the change up")
                time.sleep(0.05)
        finally:
            watcher.send_signal(signal.SIGINT)
            output, errors = watcher.communicate(timeout=60)
        self.assertEqual(watcher.returncode, 0, output + errors)
        self.expect(0, "sync")


if __name__ == "__main__":
    harness.main()
