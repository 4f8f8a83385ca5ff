"""The measure of context against history counts what it says.

Method: a git repository of three commits made here. The second changes a line of the function that its message names,
so all of the truth is in the answer; the third one's message names another function than it changes, so nothing is.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

KAUSAL = ""
ORACLE = pathlib.Path(__file__).with_name("context_recall.py")

SHIPPING = "def shipping_cost(order):\n    weight = sum(order)\n    return weight * {factor}\n"
WEATHER = "def weather_report(city):\n    clouds = len(city)\n    return clouds + {factor}\n"


class ContextRecall(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kausal_oracle_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.git("init", "-q")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=kausal", "-c", "user.email=kausal@example.org", *arguments], cwd=self.root,
                       check=True, capture_output=True)

    def commit(self, message, **files):
        for name, text in files.items():
            (self.root / f"{name}.py").write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def shares(self):
        done = subprocess.run([sys.executable, "-B", ORACLE, self.root / ".git", "--kausal", KAUSAL, "--budgets", "500"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        commits, _, row = done.stdout.strip().split("\n")
        return commits, [float(word) for word in row.split()]

    def test_what_is_named_is_shown(self):
        self.commit("first", shipping=SHIPPING.format(factor=2), weather=WEATHER.format(factor=1))
        self.commit("Charge more in shipping_cost for every order", shipping=SHIPPING.format(factor=3))
        self.assertEqual(self.shares(), ("1 commits", [500, 1.0, 1.0, 1.0]))
        self.commit("Charge more in shipping_cost for every order again", weather=WEATHER.format(factor=5))
        self.assertEqual(self.shares(), ("2 commits", [500, 0.5, 0.5, 0.5]))

    def test_a_repository_without_such_commits_is_an_error(self):
        self.commit("first", shipping=SHIPPING.format(factor=2))
        done = subprocess.run([sys.executable, "-B", ORACLE, self.root / ".git", "--kausal", KAUSAL], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no commit", done.stderr)


if __name__ == "__main__":
    KAUSAL = os.path.abspath(sys.argv.pop(1))
    program = unittest.main(exit=False, verbosity=2)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or program.result.testsRun == 0 else 0)
