#!/usr/bin/env python3
"""How much of what a change touches `kausal context` shows, measured against the history of a git repository.

For each of the newest commits that change a few existing lines of source, the tree before the commit is indexed and
asked, with the commit's message as the task, what to read. Truth: the lines that the commit then changed (where it only
inserts: the line before). A line counts as shown when what is given of a block around it has its text, as named when
anything is given of such a block. The same is done with plain search: the best hits in full until the budget is spent.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

SOURCES = re.compile(r"\.(c|cc|cpp|h|hpp|go|rs|java|py|js|ts|tsx)$")
TESTS = re.compile(r"(^|/)(tests?|__tests__|testing|spec|deps|third-party|vendor)/|_test\.|\.spec\.|\.test\.")
LINES_MAX = 60  # larger changes are rewrites: nobody could have named their lines beforehand

Change = collections.namedtuple("Change", "commit message lines")


def git(repository, *arguments):
    return subprocess.run(["git", "--git-dir", repository, *arguments], capture_output=True, check=True).stdout.decode(errors="replace")


def touched_lines(diff):
    """{path: set of line numbers before the change}"""
    lines, path = collections.defaultdict(set), None
    for row in diff.split("\n"):
        if row.startswith("--- "):
            path = row[6:] if row.startswith("--- a/") else None
        hunk = re.match(r"@@ -(\d+)(?:,(\d+))? ", row)
        if hunk and path and SOURCES.search(path) and not TESTS.search(path):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines[path].update(range(first, first + count) if count else [max(first, 1)])
    return lines


def changes(repository, wanted):
    found = []
    for commit in git(repository, "log", "--no-merges", "--format=%H", "-n", str(wanted * 30)).split():
        if len(found) == wanted:
            break
        try:
            lines = touched_lines(git(repository, "diff", "--unified=0", "--no-renames", commit + "^", commit))
        except subprocess.CalledProcessError:
            continue  # the first commit, or one that a partial copy does not hold
        count = sum(len(numbers) for numbers in lines.values())
        message = re.sub(r"(?m)^[\w-]+-by: .*$|https?://\S+", "", git(repository, "log", "-1", "--format=%B", commit)).strip()
        if 0 < count <= LINES_MAX and len(lines) <= 5 and len(message.split()) >= 5:
            found.append(Change(commit, message[:2000], lines))
    return found


class Asker:
    def __init__(self, kausal, database):
        self.kausal, self.database = kausal, database

    def run(self, *arguments):
        done = subprocess.run([self.kausal, "--db", self.database, "--no-progress", *arguments], capture_output=True, check=False)
        if done.returncode > 1:
            sys.exit(f"kausal {arguments[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def rows(self, *arguments):
        return json.loads(self.run("--format", "json", *arguments))["rows"]


def share(rows, truth, is_shown):
    """Share of the truth's lines for which a row around the line, other than that of the whole file, satisfies is_shown."""
    around = collections.defaultdict(list)
    for row in rows:
        if row["kind"] != "file":
            around[row["uri"]].append(row)
    hits = [any(row["line_first"] <= line <= row["line_last"] and is_shown(row, text) for row in around[path])
            for path, lines in truth.items() for line, text in lines.items()]
    return sum(hits) / len(hits)


def shown(rows, truth):
    return share(rows, truth, lambda row, text: text in row["text"])


def named(rows, truth):
    return share(rows, truth, lambda row, text: True)


def texts_of(root, lines):
    """{path: {line number: its text}}, without lines that say nothing, such as a lone brace."""
    truth = {}
    for path, numbers in lines.items():
        text = (root / path).read_text(encoding="utf-8", errors="replace").split("\n")
        kept = {number: text[number - 1].strip() for number in numbers if number <= len(text)}
        truth[path] = {number: line for number, line in kept.items() if len(line) > 3}
    return {path: kept for path, kept in truth.items() if kept}


def packed_search(asker, task, budget, root):
    """The baseline: hits of search in order of score, in full, while they fit."""
    rows, spent = [], 0
    for row in asker.rows("search", task, "--limit", "200"):
        if row["kind"] == "file" or not row["line_first"]:
            continue
        lines = (root / row["uri"]).read_text(encoding="utf-8", errors="replace").split("\n")[row["line_first"] - 1:row["line_last"]]
        text = "\n".join([f"{row['uri']}:{row['line_first']}-{row['line_last']} {row['qualified_name']}", *lines])
        tokens = -(-len(text.encode()) // 4)
        if spent + tokens <= budget:
            spent += tokens
            rows.append(row | {"text": text})
    return rows


def measure(options):
    budgets = [int(word) for word in options.budgets.split(",")]
    found = changes(options.repository, options.commits)
    if not found:
        sys.exit("no commit of the repository fits")
    shares = collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="kausal_oracle_") as folder:
        root = pathlib.Path(folder, "tree")
        root.mkdir()
        asker = Asker(os.path.abspath(options.kausal), os.path.join(folder, "db"))
        environment = os.environ | {"GIT_DIR": os.path.abspath(options.repository), "GIT_WORK_TREE": str(root),
                                    "GIT_INDEX_FILE": os.path.join(folder, "index")}
        for number, change in enumerate(found):
            subprocess.run(["git", "checkout", "-q", "-f", change.commit + "^", "--", "."], env=environment, check=True)
            subprocess.run(["git", "read-tree", "-u", "--reset", change.commit + "^"], env=environment, check=True)
            asker.run(*(["link", str(root), "--name", "tree"] if number == 0 else ["sync", "tree"]))
            truth = texts_of(root, change.lines)
            if not truth:
                continue
            for budget in budgets:
                rows = asker.rows("context", change.message, "--budget", str(budget))
                plain = packed_search(asker, change.message, budget, root)
                shares["context", budget].append(shown(rows, truth))
                shares["named", budget].append(named(rows, truth))
                shares["search", budget].append(shown(plain, truth))
            if options.verbose:
                print(change.commit[:10], " ".join(f"{shares['context', b][-1]:.2f}" for b in budgets), change.message.split("\n")[0][:70], flush=True)
    print(f"{len(shares['named', budgets[0]])} commits")
    print(f"{'budget':>8} {'context':>9} {'named':>9} {'search':>9}   mean share of the touched lines")
    for budget in budgets:
        print(f"{budget:8} " + " ".join(f"{statistics.mean(shares[kind, budget]):9.3f}" for kind in ("context", "named", "search")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", help="a .git folder, or a bare repository")
    parser.add_argument("--kausal", default="build/bin/kausal")
    parser.add_argument("--commits", type=int, default=40)
    parser.add_argument("--budgets", default="1000,2000,4000,8000")
    parser.add_argument("--verbose", action="store_true", help="a line per commit")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
