"""kill -9 at random moments of link and sync: the database opens, is clean, and the next sync repairs all.

Method: the kills are spread over the measured length of an undisturbed run; after each the database must
verify clean and the next sync must give the dump of an undisturbed run. Kills that came too late do not count;
KAUSAL_KILLS sets the number of the others.
"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import harness

KILLS = int(os.environ.get("KAUSAL_KILLS", "12"))


def crowd(version):
    return {f"crowd/m{i}.py": f"import crowd.m{(i + 1) % 120}\n\n" + "".join(
        f"def f{i}_{j}(x):\n    return crowd.m{(i + 1) % 120}.f{(i + 1) % 120}_{j}(x + {version})\n\n" for j in range(40))
        for i in range(120)}


class Kill(harness.Case):
    def killed(self, delay, *arguments):
        """Runs the command and kills it after `delay` seconds; True when it was still running."""
        running = subprocess.Popen([harness.KAUSAL, *arguments], cwd=self.tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            running.wait(timeout=delay)
            return False
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            return True

    def report(self, hits, tries):
        print(f"{hits} of {tries} kills met a running command", file=sys.stderr)
        self.assertEqual(hits, KILLS, "too few kills met a running command")

    def length_of(self, *arguments):
        start = time.monotonic()
        self.expect(0, *arguments)
        return time.monotonic() - start

    def test_link(self):
        harness.write_tree(self.tree, crowd(0))
        database = os.path.join(self.tree, ".kausal")
        length = self.length_of("link", ".", "--name", "demo")
        truth = self.dump()
        hits = tries = 0
        while hits < KILLS and tries < 4 * KILLS:
            tries += 1
            shutil.rmtree(database)
            hits += self.killed(random.uniform(0, length * 1.05), "link", ".", "--name", "demo")
            if os.path.exists(os.path.join(database, "CURRENT")):
                self.assertIn("clean", self.expect(0, "verify").stdout)
            self.expect(0, "link", ".", "--name", "demo")
            self.assertIn("clean", self.expect(0, "verify").stdout)
            self.assertEqual(self.dump(), truth)
        self.report(hits, tries)

    def test_sync(self):
        harness.write_tree(self.tree, crowd(0))
        self.link()
        saved = os.path.join(self.folder, "saved")
        database = os.path.join(self.tree, ".kausal")
        shutil.copytree(database, saved)
        harness.write_tree(self.tree, crowd(1))
        pathlib.Path(self.tree, "crowd/m7.py").unlink()
        length = self.length_of("sync")
        truth = self.dump()
        hits = tries = 0
        while hits < KILLS and tries < 4 * KILLS:
            tries += 1
            shutil.rmtree(database)
            shutil.copytree(saved, database)
            hits += self.killed(random.uniform(0, length * 1.05), "sync")
            self.assertIn("clean", self.expect(0, "verify").stdout)
            self.expect(0, "sync")
            self.assertIn("clean", self.expect(0, "verify").stdout)
            self.assertEqual(self.dump(), truth)
        self.report(hits, tries)


if __name__ == "__main__":
    harness.main()
