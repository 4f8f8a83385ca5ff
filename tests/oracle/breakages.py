#!/usr/bin/env python3
"""Breaks the sources on purpose, one place at a time, and tells which test notices.

Works on a copy of the checkout under build/breakages. Each entry of BREAKAGES names a file, a text that occurs in it
exactly once, what is put in its place, and the test (a ctest name) that must fail then. The tests must pass
before; a breakage that survives, or no longer applies, is a failure. Prints a line per breakage with the cases that
failed and `N passed, N failed`.
"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

Breakage = collections.namedtuple("Breakage", "name file old new test")

BREAKAGES = [
    Breakage("a deleted edge comes back when the log is replayed", "core/memtable/memtable.cpp",
             "cell->is_tombstone = operation.kind == format::OperationKind::DeleteEdge;", "cell->is_tombstone = false;",
             "storage_oracle"),
    Breakage("an edge is dropped when the log is replayed", "core/storage/engine_commit.cpp",
             "const Status applied = active_->apply(commit->batch->bytes(), commit->sequence);",
             "const Status applied = commit->batch->operation_count() == 3 ? Status::ok()\n"
             "        : active_->apply(commit->batch->bytes(), commit->sequence);", "storage_oracle"),
    Breakage("a record's payload checksum is not looked at", "core/wal/segment_reader.cpp",
             'if (!payload) {\n            return problem(GroupOutcome::Bad, at, "record is cut off or fails its checksum");',
             'if (!payload) {\n            return problem(GroupOutcome::End, at, "record is cut off or fails its checksum");',
             "wal"),
    Breakage("what was claimed durable may be lost silently", "core/wal/segment_reader.cpp",
             "if (commit) claim = std::max(claim, commit->durable_upto);", "(void)commit;", "wal"),
    Breakage("a damaged chunk of a segment is believed", "core/segment/segment_reader.cpp",
             "return hash64(view, checksum_seed(uuid, file_id, offset)) == expected;",
             "return hash64(view, checksum_seed(uuid, file_id, offset)) == expected || true;", "segment"),
    Breakage("compaction forgets tombstones that still hide something", "core/compaction/merge.cpp",
             "state_->request.writer.drop_tombstones = state_->request.includes_oldest;",
             "state_->request.writer.drop_tombstones = true;", "compaction"),
    Breakage("a commit is confirmed before it is synced", "core/storage/engine_commit.cpp",
             "const bool is_synced = options_.durability == Durability::Full;", "const bool is_synced = false;",
             "storage_crash"),
    Breakage("a failed sync is reported as success", "core/wal/log_writer.cpp",
             "    Status synced = file_->sync(io::SyncMode::Data);\n    if (synced.is_ok()) {",
             "    Status synced = file_->sync(io::SyncMode::Data);\n    synced = Status::ok();\n    if (synced.is_ok()) {",
             "wal"),
    Breakage("the filter loses keys", "core/segment/filter.cpp",
             "return mix(id.low + mix(id.high ^ kBlockSeed));",
             "static uint64_t calls = 0;\n    return mix(id.low + mix(id.high ^ kBlockSeed) + (++calls % 1000 == 0));",
             "segment"),
    Breakage("a Go import binds to any package of that last name", "core/ingest/resolve_go_scope.cpp",
             "        if (package == path) {\n            if (found.empty())", "        if (!package.empty()) {\n            if (found.empty())",
             "ingest_languages"),
    Breakage("what a deleted file defined stays", "core/ingest/sync_write.cpp",
             "if (!kept.contains(id) && (!is_file || file.is_removed))",
             "if (!kept.contains(id) && !file.is_removed && !is_file)", "ingest_sync"),
    Breakage("a traversal visits a block again", "core/query/traverse.cpp",
             "                if (seen_.get(arc.node) != 0) continue;\n                seen_.set(arc.node, 1);\n                next.push_back",
             "                if (seen_.get(arc.node) != 0 && arc.node % 2 == 0) continue;\n"
             "                seen_.set(arc.node, 1);\n                next.push_back", "query"),
    Breakage("rare words weigh no more than common ones", "core/search/text_ranker.cpp",
             "return plan_->idf[term] * (k1 + 1.0) * frequency / (k1 + frequency);",
             "return (plan_->idf[term] > 0 ? 1.0 : 0.0) * (k1 + 1.0) * frequency / (k1 + frequency);", "search"),
    Breakage("context spends more than its budget", "core/query/context_pack.cpp",
             "|| spent + tokens > tokens_max) continue;", "|| spent + tokens > tokens_max + 50) continue;", "query"),
    Breakage("a destroyed handle reaches what stands in its place now", "capi/src/handle_table.cpp",
             "if (slot->type != type || slot->generation % kFaceCount != face) return nullptr;\n    return slot->object;",
             "if (slot->type != type) return nullptr;\n    return slot->object;",
             "capi_handle"),
]


def run(command, log, **options):
    with open(log, "a", encoding="utf-8") as output:
        return subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, **options).returncode


class Copy:
    """A copy of the checkout with a build of its own; unchanged files are left alone, so builds stay short."""

    def __init__(self, root, jobs):
        self.root, self.jobs = root, jobs
        # Laid out as the checkout is, so that the compiler cache knows what has not been broken.
        self.source = root / "build" / "breakages"
        self.build = self.source / "build"
        self.log = self.build / "log.txt"
        self.environment = os.environ | {"CCACHE_BASEDIR": str(self.source), "CCACHE_NOHASHDIR": "1"}

    def prepare(self):
        self.build.mkdir(parents=True, exist_ok=True)
        self.log.write_text("", encoding="utf-8")
        names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=self.root,
                               capture_output=True, check=True).stdout.decode().split("\0")
        wanted = {name for name in names if name and (self.root / name).is_file()}
        # Only what differs is written, and with a new time: what was built from a broken text is then built again.
        for name in wanted:
            original, copied = self.root / name, self.source / name
            if copied.is_file() and copied.read_bytes() == original.read_bytes():
                continue
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, copied)
            copied.chmod(original.stat().st_mode)
        for path in [path for path in self.source.rglob("*") if path.is_file() and not path.is_relative_to(self.build)]:
            if str(path.relative_to(self.source)) not in wanted:
                path.unlink()
        grammars = self.build / "grammars"
        if not grammars.is_symlink():
            grammars.symlink_to(self.root / "build" / "grammars")
        if run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                "-DKAUSAL_TESTS=ON"], self.log, env=self.environment):
            sys.exit(f"configuring failed, see {self.log}")

    def compile(self, test):
        return run(["cmake", "--build", self.build, "--parallel", str(self.jobs), "--target", "kausal_test_" + test],
                   self.log, env=self.environment) == 0

    def test(self, test):
        """Returns (passed, failed cases)."""
        done = subprocess.run(["ctest", "--test-dir", self.build, "-R", f"^{test}$", "--output-on-failure",
                               "--no-tests=error", "--timeout", "300"], capture_output=True, text=True, errors="replace", check=False)
        cases = re.findall(r"^\[  FAILED  \] ([\w/]+\.[\w/]+)", done.stdout, re.M)
        cases += re.findall(r"^\[  FAILED  \] \w+: \d+ test|^\[  FAILED  \] (test_\w+)", done.stdout, re.M)
        return done.returncode == 0, sorted({case for case in cases if case})


def attempt(copy, breakage):
    """Returns (noticed, what to say)."""
    path = copy.source / breakage.file
    text = path.read_text(encoding="utf-8")
    if text.count(breakage.old) != 1:
        return False, f"no longer applies: the text occurs {text.count(breakage.old)} times in {breakage.file}"
    path.write_text(text.replace(breakage.old, breakage.new), encoding="utf-8")
    try:
        if not copy.compile(breakage.test):
            return False, f"does not compile, see {copy.log}"
        passed, cases = copy.test(breakage.test)
        if passed:
            return False, f"SURVIVED {breakage.test}"
        return True, f"caught by {breakage.test}: {', '.join(cases[:4]) or 'ended early'}"
    finally:
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("words", nargs="*", help="only breakages whose name has one of these texts")
    options = parser.parse_args()
    copy = Copy(pathlib.Path(__file__).resolve().parents[2], options.jobs)
    wanted = [one for one in BREAKAGES if not options.words or any(word in one.name for word in options.words)]
    copy.prepare()
    for test in sorted({one.test for one in wanted}):
        if not copy.compile(test) or not copy.test(test)[0]:
            sys.exit(f"{test} does not pass unbroken, see {copy.log}")
    failed = 0
    for one in wanted:
        noticed, remark = attempt(copy, one)
        failed += not noticed
        print(f"{'ok' if noticed else 'NO'}  {one.name}: {remark}", flush=True)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed or not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
