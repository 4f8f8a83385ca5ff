"""Bad input gets one clear line and loses nothing.

Method: every case ends with the database still answering and clean; messages must name the offending thing.
"""
import os
import pathlib
import shutil
import subprocess
import time

import harness


def incompressible_tree():
    """About four megabytes of source that no codec makes small."""
    def text(number):
        noise = "\n".join("# " + os.urandom(40).hex() for _ in range(250))
        return f"def b{number}():\n{noise.replace('#', '    #')}\n    pass\n"
    return {f"big/b{i}.py": text(i) for i in range(200)}


class BadInput(harness.Case):
    def assert_one_line(self, done, *words):
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])

    def assert_whole(self):
        self.assertIn("clean", self.expect(0, "verify").stdout)
        self.assertEqual([row["uri"] for row in self.rows("find", "--exact", "square_of")], ["lib/shape.py"])

    def test_a_folder_that_does_not_exist(self):
        self.assert_one_line(self.expect(3, "link", "no/such/folder"), "no/such/folder")
        self.assertFalse(os.path.exists(os.path.join(self.tree, "no")))

    def test_a_file_instead_of_a_folder(self):
        self.assert_one_line(self.expect(3, "link", "README.md"), "README.md", "not a folder")

    def test_an_empty_folder(self):
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        self.assert_one_line(self.expect(3, "--db", os.path.join(self.folder, "db"), "link", empty), "empty")

    def test_odd_files_are_accounted_for(self):
        harness.write_tree(self.tree, {
            "odd/binary.c": bytes(range(256)) * 64,
            "odd/latin1.py": b"def caf\xe9():\n    return 1\n\ndef plain():\n    return 2\n",
            "odd/broken.go": "package odd\nfunc good() {}\nfunc (((\n",
            "odd/nothing.c": "",
        })
        os.symlink("loop", os.path.join(self.tree, "odd/loop"))
        os.symlink("..", os.path.join(self.tree, "odd/up"))
        os.symlink("/etc/passwd", os.path.join(self.tree, "odd/outside.c"))
        os.mkfifo(os.path.join(self.tree, "odd/pipe.c"))
        self.link()
        notes = self.expect(0, "status", "demo").stdout
        for name in ("odd/binary.c", "odd/broken.go", "odd/loop", "odd/up", "odd/outside.c", "odd/pipe.c"):
            self.assertIn(name, notes)
        self.assertEqual([row["uri"] for row in self.rows("find", "--exact", "plain")], ["odd/latin1.py"])
        self.assertEqual([row["uri"] for row in self.rows("find", "--exact", "good")], ["odd/broken.go"])
        self.assert_whole()

    def test_a_single_line_of_fifty_megabytes(self):
        with open(os.path.join(self.tree, "giant.js"), "wb") as giant:
            giant.write(b"var a = [" + b"1," * (25 << 20) + b"1];")
        self.link()
        self.assertIn("giant.js  not indexed: too large", self.expect(0, "status", "demo").stdout)
        self.assert_whole()

    def test_a_file_that_vanishes_during_the_index(self):
        crowd = {f"crowd/f{i}.py": f"def f{i}():\n    return {i}\n" * 50 for i in range(400)}
        harness.write_tree(self.tree, crowd)
        linking = subprocess.Popen([harness.KAUSAL, "link", ".", "--name", "demo"], cwd=self.tree,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in list(crowd)[::-1]:
            try:
                os.remove(os.path.join(self.tree, name))
            except FileNotFoundError:
                pass
        output, errors = linking.communicate(timeout=120)
        self.assertEqual(linking.returncode, 0, output + errors)
        self.expect(0, "sync")
        self.assert_whole()
        self.assertEqual(self.rows("find", "--exact", "f399", status=1), [])

    def test_an_unreadable_command_line(self):
        self.link()
        self.expect(2)
        self.expect(2, "find")
        self.expect(2, "find", "x", "--limit", "many")
        self.expect(2, "--format", "yaml", "find", "x")
        self.expect(2, "context", "x", "--budget", "0")
        self.expect(1, "show", "callers", "nosuchsymbolatall")
        self.expect(1, "show", "callers", "lib/shape.py:99999")
        self.expect(2, "impact")
        self.assert_whole()

    def test_a_diff_that_is_none(self):
        self.link()
        self.expect(2, "impact", "--diff", "-", stdin="@@ this is no diff\n")
        self.assert_whole()

    def test_a_full_disk(self):
        """A small file system of its own, where the machine lets us mount one."""
        small = os.path.join(self.folder, "small")
        os.mkdir(small)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.assert_full_disk_by_limit()
            return
        try:
            database = os.path.join(small, "db")
            self.expect(0, "--db", database, "link", ".", "--name", "demo")
            harness.write_tree(self.tree, incompressible_tree())
            done = self.expect(3, "--db", database, "sync")
            self.assert_one_line(done, "space")
            self.assertIn("clean", self.expect(0, "--db", database, "verify").stdout)
            self.expect(0, "--db", database, "find", "--exact", "square_of")
            shutil.rmtree(os.path.join(self.tree, "big"))
            self.expect(0, "--db", database, "sync")
            self.expect(0, "--db", database, "find", "--exact", "square_of")
        finally:
            subprocess.run(["umount", small], check=False)

    def assert_full_disk_by_limit(self):
        """Without mount: a limit on the size of a file makes every larger write fail."""
        self.link()
        harness.write_tree(self.tree, incompressible_tree())
        limited = subprocess.run(["bash", "-c", 'trap "" XFSZ; ulimit -f 256; exec "$0" sync', harness.KAUSAL], cwd=self.tree,
                                 capture_output=True, text=True, check=False)
        self.assertEqual(limited.returncode, 3, limited.stderr)
        self.assert_whole()
        self.expect(0, "sync")


class DamagedDatabase(harness.Case):
    def setUp(self):
        super().setUp()
        self.link()
        self.database = pathlib.Path(self.tree, ".kausal")
        self.truth = self.dump()

    def files(self, pattern):
        found = sorted(self.database.glob(pattern), key=lambda path: path.stat().st_size)
        self.assertTrue(found, pattern)
        return found

    def answers_truth_or_says_so(self):
        done = self.run_kausal("dump")
        if done.returncode == 0:
            self.assertEqual(done.stdout, self.truth)
        else:
            self.assertEqual(done.returncode, 3)
            self.assertTrue(done.stderr.startswith("kausal: "), done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.returncode

    def test_a_flipped_bit_is_never_a_wrong_answer(self):
        path = self.files("*.seg")[-1]
        original = path.read_bytes()
        noticed = 0
        for offset in range(0, len(original), max(1, len(original) // 60)):
            path.write_bytes(original[:offset] + bytes([original[offset] ^ 0x10]) + original[offset + 1:])
            noticed += self.answers_truth_or_says_so() != 0
            self.assertEqual(self.run_kausal("verify").returncode, 3, f"offset {offset}")
        self.assertGreater(noticed, 0)
        path.write_bytes(original)
        self.assertEqual(self.answers_truth_or_says_so(), 0)

    def test_a_truncated_file(self):
        path = self.files("*.seg")[-1]
        original = path.read_bytes()
        for size in (0, 1, len(original) // 2, len(original) - 1):
            path.write_bytes(original[:size])
            self.assertEqual(self.answers_truth_or_says_so(), 3, size)
        path.write_bytes(original)
        self.assertEqual(self.answers_truth_or_says_so(), 0)

    def test_a_missing_file(self):
        for path in (self.files("*.seg")[-1], self.database / "CURRENT"):
            kept = path.read_bytes()
            path.unlink()
            self.assertEqual(self.answers_truth_or_says_so(), 3, path)
            path.write_bytes(kept)
        self.assertEqual(self.answers_truth_or_says_so(), 0)

    def test_a_folder_that_is_no_database(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other)
        pathlib.Path(other, "letter.txt").write_text("not a database")
        done = self.expect(3, "--db", other, "find", "x")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.expect(3, "--db", other, "link", ".")
        self.assertEqual(os.listdir(other), ["letter.txt"])

    def test_a_database_held_by_another_process(self):
        watcher = subprocess.Popen([harness.KAUSAL, "sync", "--watch"], cwd=self.tree, stdout=subprocess.PIPE, text=True)
        try:
            watcher.stdout.readline()
            done = self.expect(5, "sync")
            self.assertIn(str(watcher.pid), done.stderr)
            self.assertEqual(self.dump(), self.truth)
        finally:
            watcher.kill()
            watcher.wait()
            watcher.stdout.close()
        time.sleep(0.1)
        self.expect(0, "sync")


if __name__ == "__main__":
    harness.main()
