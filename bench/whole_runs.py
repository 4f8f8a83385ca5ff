#!/usr/bin/env python3
"""What the command `kausal` takes on whole source trees, and how that compares with parsing alone.

    whole_runs.py [--build DIR] [--rounds N] [--calls N] [--edits N] [TREE...]

Every figure of the table is taken in this run. The index is compared with bare parsing in one process,
in turn (kausal_bench_index). Latencies are those of whole commands: start, open, answer, end. The
re-sync is that of the command on a copy of the tree in which one drawn file at a time got one more
function; that the function is found afterwards is checked, and that it is gone once it was taken out.

Processor time is printed beside elapsed time, because other work on the machine disturbs it less.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SEED = 20261121
MIB = 1024 * 1024
ADDED = {
    ".c": "\nint {name}(void) {{ return 1; }}\n",
    ".cc": "\nint {name}() {{ return 1; }}\n",
    ".cpp": "\nint {name}() {{ return 1; }}\n",
    ".go": "\nfunc {name}() int {{ return 1 }}\n",
    ".java": "\nclass {name} {{ }}\n",
    ".js": "\nfunction {name}() {{ return 1 }}\n",
    ".py": "\n\ndef {name}():\n    return 1\n",
    ".rs": "\nfn {name}() -> i32 {{ 1 }}\n",
    ".ts": "\nfunction {name}() {{ return 1 }}\n",
}


class Run:
    """One finished command: its output and what it took."""

    def __init__(self, command, allowed=(0,)):
        started = time.perf_counter()
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
            self.output = process.stdout.read().decode()
            process.stdout.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            problem = errors.read().decode(errors="replace")
        self.seconds = time.perf_counter() - started
        self.processor = usage.ru_utime + usage.ru_stime
        self.peak_bytes = usage.ru_maxrss * 1024
        self.status = process.returncode
        if self.status not in allowed:
            sys.exit(f"whole_runs: {' '.join(map(str, command))} ended with {self.status}\n{problem}")


class Spread:
    """Median and range of some figures."""

    def __init__(self, figures):
        self.figures = sorted(figures)
        self.median = statistics.median(self.figures)

    def share(self, share):
        return self.figures[min(len(self.figures) - 1, int(share * len(self.figures)))]

    def text(self, form="{:.2f}"):
        low, high = form.format(self.figures[0]), form.format(self.figures[-1])
        return f"{form.format(self.median)} ({low} to {high})"


def ratios(upper, lower):
    return Spread([above / below for above, below in zip(upper, lower, strict=True)])


def folder_bytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure_index(tools, tree, rounds):
    figures = json.loads(Run([tools / "kausal_bench_index", tree, str(rounds)]).output)
    print(f"  files        {figures['files']}, {figures['files_indexed']} of them indexed, "
          f"{figures['files_partial']} with syntax errors")
    print(f"  size         {figures['lines']} lines, {figures['bytes'] / MIB:.1f} MiB of source, "
          f"{figures['blocks']} blocks")
    print(f"  edges        {figures['edges_resolved']} resolved, {figures['edges_external']} external, "
          f"{figures['edges_candidate']} candidate")
    print(f"  parse only   {Spread(figures['parse_seconds']).text()} s, "
          f"processor {Spread(figures['parse_processor']).text()} s; {figures['workers']} threads")
    print(f"  index        {Spread(figures['index_seconds']).text()} s, "
          f"processor {Spread(figures['index_processor']).text()} s")
    phases = ", ".join(f"{name} {Spread(figures['phase_' + name]).median:.3f}"
                       for name in ("list", "parse", "link", "bind", "commit"))
    print(f"  phases       {phases} s")
    elapsed = ratios(figures["index_seconds"], figures["parse_seconds"])
    processor = ratios(figures["index_processor"], figures["parse_processor"])
    print(f"  index/parse  {elapsed.text()}, processor {processor.text()}; {rounds} rounds in turn")


def measure_link(tools, tree, database):
    run = Run([tools / "kausal", "--db", database, "link", tree, "--name", "measured"])
    print(f"  link         {run.seconds:.2f} s, processor {run.processor:.2f} s, "
          f"peak memory {run.peak_bytes / MIB:.0f} MiB, database {folder_bytes(database) / MIB:.1f} MiB")
    return run


def is_found(tools, database, name):
    return Run([tools / "kausal", "--db", database, "find", "--exact", name], (0, 1)).status == 0


def sync_once(tools, database, path, content):
    """Writes the file and syncs."""
    path.write_bytes(content)
    run = Run([tools / "kausal", "--db", database, "--format", "json", "sync", "measured"])
    return run, json.loads(run.output)


def edit_once(tools, database, path, name):
    """Adds a function and takes it out again. No runs when the file is not one of those indexed, or when
    the parser sees no function there, as behind a macro call without semicolon at the end of a C file.
    """
    before = path.read_bytes()
    changed = before + ADDED[path.suffix].format(name=name).encode()
    runs = []
    for content, expected in ((changed, True), (before, False)):
        run, report = sync_once(tools, database, path, content)
        if int(report["files_parsed"]) == 0:
            path.write_bytes(before)
            return []
        runs.append((run, int(report["files_bound"])))
        if is_found(tools, database, name) is not expected:
            if not expected:
                sys.exit(f"whole_runs: what was taken out of {path.name} is still in the graph: {report}")
            print(f"  set aside    {path.name}: the function added at its end is not seen as one")
            sync_once(tools, database, path, before)
            return []
    return runs


def measure_edits(tools, tree, scratch, edits):
    copy, database = scratch / "copy", scratch / "copy.db"
    shutil.copytree(tree, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", "build", ".kausal"))
    link = Run([tools / "kausal", "--db", database, "link", copy, "--name", "measured"])
    sources = sorted(path for path in copy.rglob("*")
                     if path.suffix in ADDED and path.is_file() and not path.is_symlink())
    random.Random(SEED).shuffle(sources)
    runs = []
    for number, path in enumerate(sources):
        if len(runs) >= 2 * edits:
            break
        runs += edit_once(tools, database, path, f"kausalbench{number}")
    if not runs:
        sys.exit(f"whole_runs: no source file in {tree} that could be changed")
    seconds = Spread([run.seconds for run, _ in runs])
    processor = Spread([run.processor for run, _ in runs])
    bound = Spread([files for _, files in runs])
    print(f"  re-sync      {seconds.text('{:.4f}')} s, processor {processor.text('{:.4f}')} s; "
          f"{len(runs)} changes of one file each, {bound.text('{:.0f}')} files bound")
    print(f"  link/re-sync {link.seconds / seconds.median:.0f}, "
          f"processor {link.processor / processor.median:.0f}")


def drawn_symbol(tools, database):
    """Of up to 100 functions that have callers, the one whose callers are the median in number."""
    rows = Run([tools / "kausal", "--db", database, "--format", "jsonl", "search", "get set read write",
                "--limit", "100"], (0, 1)).output.splitlines()
    names = [row["id"] for row in map(json.loads, rows) if row.get("kind") in ("function", "method")]
    called = []
    for block in names:
        answer = Run([tools / "kausal", "--db", database, "--format", "jsonl", "show", "callers", block], (0, 1))
        if answer.status == 0:
            called.append((answer.output.count("\n"), block))
    if not called:
        sys.exit("whole_runs: no function was found that has callers")
    called.sort()
    return called[len(called) // 2][1]


def measure_commands(tools, database, calls):
    block = drawn_symbol(tools, database)
    callers = Run([tools / "kausal", "--db", database, "--format", "jsonl", "show", "callers", block])
    name = json.loads(callers.output.splitlines()[0])["name"]
    kausal = [tools / "kausal", "--db", database]
    commands = {
        "--version": [tools / "kausal", "--version"],
        "find": [*kausal, "find", name],
        "show callers": [*kausal, "show", "callers", block],
        "status": [*kausal, "status"],
    }
    runs = {what: [] for what in commands}
    for _ in range(calls):  # in turn, so that a disturbance meets them all
        for what, command in commands.items():
            runs[what].append(Run(command))
            if not runs[what][-1].output:
                sys.exit(f"whole_runs: {what} answered nothing")
    for what, done in runs.items():
        elapsed = Spread([run.seconds * 1e3 for run in done])
        processor = Spread([run.processor * 1e3 for run in done])
        print(f"  {what:<12} median {elapsed.median:.2f} ms, 90 % within {elapsed.share(0.9):.2f} ms; "
              f"processor {processor.median:.2f} ms; {len(done)} runs")


def measure_answers(tools, database):
    run = Run([tools / "kausal_bench_query", database, "--benchmark_format=json"])
    for answer in json.loads(run.output)["benchmarks"]:
        if answer.get("error_occurred"):
            sys.exit(f"whole_runs: {answer['name']}: {answer['error_message']}")
        print(f"  in process   {answer['name']:<20} median {answer['p50_us']:.1f} us, "
              f"90 % within {answer['p90_us']:.1f} us, {answer['rows']:.1f} rows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("trees", nargs="*", type=pathlib.Path, metavar="TREE",
                        help="source trees; this repository when none is named")
    here = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--build", type=pathlib.Path, default=here / "build", help="the build folder")
    parser.add_argument("--rounds", type=int, default=5, help="of parsing and indexing in turn")
    parser.add_argument("--calls", type=int, default=40, help="of every command")
    parser.add_argument("--edits", type=int, default=10, help="files that are changed and put back")
    given = parser.parse_args()
    tools = given.build.resolve() / "bin"
    for tree in given.trees or [here]:
        tree = tree.resolve()
        print(f"{tree.name}  {tree}", flush=True)
        with tempfile.TemporaryDirectory(prefix="kausal-bench-") as folder:
            scratch = pathlib.Path(folder)
            measure_index(tools, tree, given.rounds)
            measure_link(tools, tree, scratch / "db")
            measure_commands(tools, scratch / "db", given.calls)
            measure_answers(tools, scratch / "db")
            measure_edits(tools, tree, scratch, given.edits)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
