#!/usr/bin/env python3
"""Runs clang-tidy over the project's sources, several at a time, and looks at each content only once.

A source that passed leaves a stamp named after the hash of itself, of every project header it reads, of its compile
command and of the lint settings; as long as none of these changes it is not looked at again. Prints the findings and
`N passed, N failed` over the sources. With --quick the path-sensitive analyzer, two thirds of the time, is left out.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

from source_text import Tree, include_closure

# Sources with findings that are still to be mended. The list may only get shorter: a new source never goes on it,
# and one that has become clean is named so that it can be taken off.
RATCHET = "tests/structure/tidy_ratchet.json"

FOLDERS = ("core", "capi", "sdk", "tools", "tests", "bench")


def settings(tree, path):
    """The .clang-tidy files that apply to a path."""
    folders = path.split("/")[:-1]
    names = ["/".join(folders[:depth] + [".clang-tidy"]) for depth in range(len(folders) + 1)]
    return [name for name in names if tree.exists(name)]


QUICK = ["--checks=-clang-analyzer-*"]


def fingerprint(tree, path, command):
    """A name for everything that the verdict over a source depends on."""
    digest = hashlib.sha256(command.encode())
    for name in sorted(include_closure(tree, path)) + settings(tree, path):
        digest.update(name.encode() + b"\0" + tree.read(name).encode() + b"\0")
    return digest.hexdigest()


def judge(program, build, extra, path):
    """Returns (path, ok, text, seconds) for one source."""
    start = time.monotonic()
    run = subprocess.run([program, "-p", build, "--quiet", *extra, path], capture_output=True, text=True, check=False)
    return path, run.returncode == 0, run.stdout + run.stderr * (run.returncode != 0 and not run.stdout), \
        time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="folder with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="without the path-sensitive analyzer")
    parser.add_argument("files", nargs="*", help="only these sources")
    options = parser.parse_args()
    program = shutil.which("clang-tidy-19") or shutil.which("clang-tidy")
    if not program:
        sys.exit("clang-tidy is missing: run ./dev setup test")

    tree = Tree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    stamps = os.path.join(options.build, "tidy")
    os.makedirs(stamps, exist_ok=True)
    with open(os.path.join(options.build, "compile_commands.json"), encoding="utf-8") as file:
        commands = {os.path.relpath(entry["file"], tree.root): entry["command"] for entry in json.load(file)}
    wanted = {os.path.relpath(os.path.abspath(name), tree.root) for name in options.files}
    extra = QUICK if options.quick else []
    sources = {path: fingerprint(tree, path, " ".join([command, *extra])) for path, command in commands.items()
               if path.startswith(tuple(folder + "/" for folder in FOLDERS)) and tree.exists(path)
               and (not wanted or path in wanted)}
    waiting = [path for path, name in sources.items() if not os.path.exists(os.path.join(stamps, name))]
    known = set(json.loads(tree.read(RATCHET)) if tree.exists(RATCHET) else [])
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(judge, program, options.build, extra, os.path.join(tree.root, path)) for path in sorted(waiting)]
        for job in concurrent.futures.as_completed(jobs):
            path, ok, text, seconds = job.result()
            path = os.path.relpath(path, tree.root)
            if ok and path in known:
                print(f"{path} is clean now: take it off {RATCHET}", flush=True)
            elif ok:
                with open(os.path.join(stamps, sources[path]), "w", encoding="utf-8") as stamp:
                    stamp.write(path + "\n")
            elif path not in known:
                failed += 1
                print(f"{path} ({seconds:.1f} s)\n{text.strip()}", flush=True)
    gone = sorted(known - set(commands))
    if gone and not wanted:
        print(f"{RATCHET} names sources that are not built: {gone}")
    print(f"clang-tidy: {len(waiting)} of {len(sources)} sources looked at")
    print(f"{len(sources) - failed} passed, {failed} failed")
    return 1 if failed or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
