"""Running the command in scratch folders, and reporting in the form that the test runner counts."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

KAUSAL = ""

# A tree of several languages in which every answer can be worked out by hand.
TREE = {
    "app/main.go": 'package main\n\nimport "example.com/demo/store"\n\n'
                   "// main saves one greeting.\nfunc main() {\n\tkeeper := store.New()\n\tkeeper.Save(greeting())\n}\n\n"
                   'func greeting() string { return "hello" }\n\nfunc forgotten() int { return 1 }\n',
    "store/store.go": "package store\n\n// Keeper holds texts.\ntype Keeper struct{ texts []string }\n\n"
                      "// New makes a Keeper.\nfunc New() *Keeper { return &Keeper{} }\n\n"
                      "// Save keeps one text.\nfunc (k *Keeper) Save(text string) { k.check(text); k.texts = append(k.texts, text) }\n\n"
                      "func (k *Keeper) check(text string) {}\n",
    "go.mod": "module example.com/demo\n\ngo 1.22\n",
    "lib/shape.py": "class Shape:\n    def area(self):\n        return 0\n\n\nclass Square(Shape):\n"
                    "    def __init__(self, side):\n        self.side = side\n\n    def area(self):\n        return square_of(self.side)\n\n\n"
                    "def square_of(x):\n    return x * x\n",
    "src/count.c": '#include "count.h"\nint count_all(int n) { return n > 0 ? 1 + count_all(n - 1) : 0; }\n',
    "src/count.h": "int count_all(int n);\n",
    "README.md": "# Demo\n",
}


def write_tree(folder, tree=None):
    for name, text in (TREE if tree is None else tree).items():
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


class Case(unittest.TestCase):
    """A test with a scratch folder that holds TREE in `tree`."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kausal_cli_")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree = os.path.join(self.folder, "tree")
        os.mkdir(self.tree)
        write_tree(self.tree)

    def run_kausal(self, *arguments, cwd=None, stdin=None, env=None, binary=False):
        environment = {key: value for key, value in os.environ.items() if key != "KAUSAL_DB"}
        environment.update(env or {})
        return subprocess.run([KAUSAL, *arguments], cwd=cwd or self.tree, input=stdin, capture_output=True,
                              text=not binary, env=environment, timeout=300, check=False)

    def expect(self, status, *arguments, **keywords):
        done = self.run_kausal(*arguments, **keywords)
        self.assertEqual(done.returncode, status, f"kausal {arguments}: {done.stdout}\n{done.stderr}")
        return done

    def rows(self, *arguments, status=0):
        return json.loads(self.expect(status, "--format", "json", *arguments).stdout)["rows"]

    def link(self):
        self.expect(0, "link", ".", "--name", "demo")

    def dump(self):
        return self.expect(0, "dump").stdout


def main():
    global KAUSAL
    KAUSAL = os.path.abspath(sys.argv.pop(1))
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed or program.result.testsRun == 0 else 0)
