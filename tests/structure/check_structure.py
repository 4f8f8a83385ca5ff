#!/usr/bin/env python3
"""Checks the shape of the source tree: who includes whom, what is banned where, how large things are, what is listed.

Each check is a function from a Tree to a list of findings; an empty list passes. The include table is read from
docs/architecture.md, reasons for exceptions from allowed.json, present offenders of the size rules from ratchet.json.
`--shrink` lowers the entries of ratchet.json to the present sizes; it never raises or adds one.
check_structure_test.py proves for each check that it can fail.
"""
import json
import os
import re
import sys

from source_text import (CPP_SUFFIXES, HAND_WRITTEN, Tree, code_only, functions, include_closure, includes,
                         resolve_include)

FILE_LINES_MAX = 600
PUBLIC_HEADER = "capi/include/kausal/kausal.h"
FUNCTION_LINES_MAX = 70
RATCHET = "tests/structure/ratchet.json"
ALLOWED = "tests/structure/allowed.json"
TABLE = "docs/architecture.md"

# Outside libraries by the start of the header's path.
LIBRARIES = {"zstd": "zstd", "xxhash": "xxhash", "git2": "libgit2", "tree_sitter/": "tree-sitter",
             "nlohmann/": "json", "CLI/": "cli11"}
SYSTEM_HEADER = re.compile(r"^(?:sys/|linux/|arpa/|netinet/|(?:unistd|fcntl|dirent|pthread|dlfcn|poll|sched|"
                           r"signal|spawn|termios|ftw|glob|pwd|syslog|time|execinfo)\.h$)")
INTRINSICS = re.compile(r"^(?:\w+intrin|arm_neon|arm_acle|cpuid)\.h$")

# What the engine leaves to core/io, by name of the rule. The last two hold in core/io as well.
BANS = {
    "clock": r"\b(?:steady_clock|system_clock|high_resolution_clock|clock_gettime|gettimeofday)\b|\bstd::time\b",
    "random": r"\brandom_device\b|\bs?rand\s*\(|\bgetrandom\b",
    "thread": r"\bstd::(?:jthread|thread|async)\b|\bpthread_create\b|\bthis_thread::sleep|<thread>",
    "file": r"\bf(?:re|d)?open\s*\(|(?<![\w>])::open\s*\(|\b[io]?fstream\b|\bstd::filesystem\b|<filesystem>",
    "environment": r"\b(?:secure_)?getenv\s*\(",
    "console": r"\bstd::(?:cout|cerr|clog|print|println)\b|\bf?printf\s*\(|\bputs\s*\(",
    "end-of-process": r"\b(?:std::)?(?:abort|_Exit|quick_exit|terminate)\s*\(|\bstd::exit\b|(?<![\w.>:])exit\s*\(",
    "exception": r"\bthrow\b|\bcatch\s*\(|\btry\s*\{",
}
EVERYWHERE = ("end-of-process", "exception")

FOLDERS_BANNED = {"utils", "util", "common", "helpers", "helper", "misc", "vendor", "vendored", "third_party",
                  "thirdparty", "3rdparty", "external", "extern"}


class IncludeTable:
    """The table of docs/architecture.md: rooms in link order with their direct and transitive permissions."""

    def __init__(self, text):
        match = re.search(r"<!-- include-table:begin -->(.*?)<!-- include-table:end -->", text, re.DOTALL)
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
                for line in (match.group(1) if match else "").splitlines() if line.strip().startswith("|")]
        self.errors, self.rooms, self.outside, self.permitted = [], [], {}, {}
        for room, named, outside in (row for row in rows[2:] if len(row) == 3):
            direct = list(self.rooms) if named == "all above" else [n.strip() for n in named.split(",") if n.strip()]
            unknown = [name for name in direct if name not in self.rooms]
            if unknown:
                self.errors.append(f"{TABLE}: {room} names {', '.join(unknown)}, not above it")
            self.permitted[room] = self.closure(direct)
            self.outside[room] = {name.strip() for name in outside.split(",") if name.strip()}
            self.rooms.append(room)
        if not self.rooms:
            self.errors.append(f"{TABLE}: no include table between the markers")

    def closure(self, rooms):
        """The rooms and everything that they may include."""
        return set(rooms).union(*(self.permitted.get(room, set()) for room in rooms))


def allowed(tree, rule):
    """Paths that may break the named rule; allowed.json maps rule -> path -> reason."""
    return json.loads(tree.read(ALLOWED)).get(rule, {}) if tree.exists(ALLOWED) else {}


def _library(target):
    if SYSTEM_HEADER.match(target):
        return "system"
    if INTRINSICS.match(target):
        return None
    return next((name for start, name in LIBRARIES.items() if target.startswith(start)), None)


def check_room_includes(tree):
    """A file under core/ includes only rooms and libraries that the row of its room permits."""
    table = IncludeTable(tree.read(TABLE)) if tree.exists(TABLE) else IncludeTable("")
    findings = list(table.errors)
    for path in tree.under("core", suffixes=CPP_SUFFIXES):
        room = path.split("/")[1]
        if room not in table.permitted:
            findings.append(f"{path}: room {room} is not in the include table")
            continue
        permitted = table.permitted[room] | {room}
        for line, is_quoted, target in includes(tree.read(path)):
            found = resolve_include(tree, path, is_quoted, target)
            library = _library(target)
            if is_quoted and not found:
                findings.append(f"{path}:{line}: \"{target}\" is no file under core/")
            elif found and not (found.startswith("core/") and found.split("/")[1] in permitted):
                findings.append(f"{path}:{line}: {room} may not include {target}")
            elif not found and library and library not in table.outside[room]:
                findings.append(f"{path}:{line}: {room} may not include <{target}> ({library})")
    return findings


def _room_calls(tree):
    for path in tree.under("core", suffixes=("CMakeLists.txt",)):
        for call in re.findall(r"kausal_room\(([^)]*)\)", re.sub(r"#[^\n]*", "", tree.read(path))):
            lists, keyword = {}, ""
            for word in call.split():
                if word in ("NAME", "SOURCES", "DEPS", "LIBS"):
                    keyword = word
                    lists[keyword] = []
                elif keyword:
                    lists[keyword].append(word)
            yield path, lists


def check_room_links(tree):
    """The DEPS of each kausal_room() give the same permission as the room's row; every row is built, in order."""
    table = IncludeTable(tree.read(TABLE)) if tree.exists(TABLE) else IncludeTable("")
    findings, lists = [], "core/CMakeLists.txt"
    if tree.exists(lists):
        built = [word for word in re.sub(r"#[^\n]*", "", tree.read(lists)).replace(")", " ").split() if word in table.rooms]
        if built != table.rooms:
            findings.append(f"{lists}: builds {built}, the table has {table.rooms}")
    for path, lists in _room_calls(tree):
        room = (lists.get("NAME") or ["?"])[0]
        links = table.closure(lists.get("DEPS", []))
        permitted = table.permitted.get(room)
        if path != f"core/{room}/CMakeLists.txt":
            findings.append(f"{path}: declares room {room}")
        elif permitted is None:
            findings.append(f"{path}: room {room} is not in the include table")
        elif links != permitted:
            more, less = sorted(links - permitted), sorted(permitted - links)
            findings.append(f"{path}: DEPS differ from the table: too many {more}, missing {less}")
    return findings


# The rooms whose operations and values the C border hands out.
BORDER_ROOMS = ("core/engine/", "core/base/", "core/format/", "core/graph/", "core/search/", "core/query/")


def check_border_includes(tree):
    """capi sees the border's rooms and what engine's headers expose; tools and sdk/cpp see only the public headers."""
    findings, exposed = [], set()
    for header in tree.under("core/engine", suffixes=(".h",)):
        exposed |= include_closure(tree, header)
    for path in tree.under("capi", "tools", "sdk/cpp", suffixes=CPP_SUFFIXES):
        folder = path.split("/")[0]
        own = "sdk/cpp/" if folder == "sdk" else "/".join(path.split("/")[:2]) + "/" if folder == "tools" else "capi/"
        for line, is_quoted, target in includes(tree.read(path)):
            found = resolve_include(tree, path, is_quoted, target)
            if not found or found.startswith(own) or target.startswith("kausal/"):
                continue
            if folder == "capi" and (found in exposed or found.startswith(BORDER_ROOMS)):
                continue
            findings.append(f"{path}:{line}: {folder} may not include {target}")
    return findings


def check_public_header_is_c(tree):
    """The public C header includes only headers of the C standard."""
    return [f"{path}:{line}: <{target}> is not a header of C"
            for path in tree.under("capi/include", suffixes=(".h",))
            for line, _, target in includes(tree.read(path))
            if target not in ("stddef.h", "stdint.h", "stdbool.h") and not target.startswith("kausal/")]


def check_bans(tree):
    """Time, chance, threads, files and the console belong to core/io; exceptions end at capi/src/guard.h."""
    findings = []
    for path in tree.under("core", "capi", suffixes=CPP_SUFFIXES):
        if path == "capi/src/guard.h":
            continue
        lines = code_only(tree.read(path)).splitlines()
        for rule, pattern in BANS.items():
            if (path.startswith("core/io/") and rule not in EVERYWHERE) or path in allowed(tree, rule):
                continue
            findings += [f"{path}:{number}: {rule}: {line.strip()}"
                         for number, line in enumerate(lines, 1) if re.search(pattern, line)]
    return findings


def check_exceptions_are_used(tree):
    """Every entry of allowed.json names an existing file, a known rule and a reason."""
    entries = json.loads(tree.read(ALLOWED)) if tree.exists(ALLOWED) else {}
    return [f"{ALLOWED}: {rule}: {path}: no such rule, no such file, or no reason"
            for rule, paths in entries.items() for path, reason in paths.items()
            if rule not in BANS or not tree.exists(path) or len(reason) < 15]


def measured(tree):
    """What exceeds a size rule at present: path -> lines, path:function -> lines."""
    files, bodies = {}, {}
    for path in tree.files:
        # The public surface is one file by design, most of it contracts.
        if path == PUBLIC_HEADER or not path.endswith(HAND_WRITTEN) or "generated by" in tree.read(path)[:400].lower():
            continue
        text = tree.read(path)
        if text.count("\n") > FILE_LINES_MAX:
            files[path] = text.count("\n")
        if path.endswith(CPP_SUFFIXES):
            for name, _, lines in functions(text):
                if lines > FUNCTION_LINES_MAX:
                    key = f"{path}:{name}"
                    bodies[key] = max(lines, bodies.get(key, 0))
    return {"files": files, "functions": bodies}


def check_sizes(tree):
    """Files and functions stay within their limits, or within their entry of the ratchet, which only shrinks."""
    ratchet = json.loads(tree.read(RATCHET)) if tree.exists(RATCHET) else {}
    limits = {"files": FILE_LINES_MAX, "functions": FUNCTION_LINES_MAX}
    findings = []
    for kind, now in measured(tree).items():
        recorded = ratchet.get(kind, {})
        findings += [f"{key}: {lines} lines, limit {recorded.get(key, limits[kind])}"
                     for key, lines in now.items() if lines > recorded.get(key, limits[kind])]
        findings += [f"{RATCHET}: {key} has shrunk to {now.get(key, 'within the limit')}: run --shrink"
                     for key, lines in recorded.items() if now.get(key, 0) < lines]
    return findings


def shrink(tree):
    """Lowers the ratchet to the present sizes."""
    ratchet, now = json.loads(tree.read(RATCHET)), measured(tree)
    lowered = {kind: {key: min(lines, now[kind][key]) for key, lines in entries.items() if key in now[kind]}
               for kind, entries in ratchet.items()}
    with open(os.path.join(tree.root, RATCHET), "w", encoding="utf-8") as file:
        file.write(json.dumps(lowered, indent=2, sort_keys=True) + "\n")


def _is_listed(tree, path):
    """Whether the nearest CMakeLists.txt at or above the file names it."""
    folder = os.path.dirname(path)
    while folder:
        lists = f"{folder}/CMakeLists.txt"
        if tree.exists(lists):
            name = re.escape(os.path.relpath(path, folder))
            return re.search(rf"(?:(?<![\w/.-])|(?<=DIR\}}/)){name}(?![\w.-])", re.sub(r"#[^\n]*", "", tree.read(lists))) is not None
        folder = os.path.dirname(folder)
    return False


def check_listed(tree):
    """Every source and every test is named in the build, so none is written and never compiled."""
    sources = tree.under("core", "capi", "tools", "bench", suffixes=(".cpp", ".c"))
    tests = [path for path in tree.under("tests") if re.search(r"_test\.(?:cpp|c|py|sh)$", path)]
    return [f"{path}: not named in a CMakeLists.txt" for path in sources + tests if not _is_listed(tree, path)]


def check_folders(tree):
    """No folder without a meaning, no copied-in code."""
    folders = {folder for path in tree.files for folder in [os.path.dirname(path)] if folder}
    return [f"{folder}: folder name is banned" for folder in sorted(folders)
            if FOLDERS_BANNED & set(folder.lower().split("/"))]


def check_no_promises(tree):
    """No notes to do something later: it is done now or it is an issue."""
    pattern = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    return [f"{path}:{number}: {line.strip()[:80]}" for path in tree.files if path != "LICENSE"
            for number, line in enumerate(tree.read(path).splitlines(), 1) if pattern.search(line)]


def _opening(path, text):
    """The first comment or doc string of a file that stands before any code."""
    if path.endswith(CPP_SUFFIXES):
        match = re.match(r"\s*(?:#pragma once\s+|#ifndef \w+\s+#define \w+\s+)?(//[^\n]*(?:\n//[^\n]*)*|/\*.*?\*/)",
                         text, re.DOTALL)
        return match.group(1) if match else ""
    text = re.sub(r"\A#![^\n]*\n", "", text)
    if path.endswith(".py"):
        match = re.match(r'\s*(?:#[^\n]*\n\s*)*("""|\'\'\')(.*?)\1', text, re.DOTALL)
        return match.group(2) if match else ""
    if path.endswith((".go", ".rs", ".java")):
        match = re.match(r"\s*(?://go:build[^\n]*\n\s*)?(?:package [\w.]+;\s*(?:import [^\n]*\n\s*)*)?"
                         r"(//[^\n]*(?:\n//[^\n]*)*|/\*.*?\*/)", text, re.DOTALL)
        return match.group(1) if match else ""
    match = re.match(r"\s*(#[^\n]*(?:\n#[^\n]*)*)", text)
    return match.group(1) if match else ""


def check_openings(tree):
    """Every source says in its first paragraph what it is."""
    return [f"{path}: the first paragraph does not say what the file is" for path in tree.files
            if path.endswith(HAND_WRITTEN) and tree.read(path).strip()
            and len(re.sub(r"[\W_]+", "", _opening(path, tree.read(path)))) < 20]


def check_lock_is_portable(tree):
    """Lock files name packages and their hashes, not the servers that somebody happened to use."""
    return [f"{path}: names a server: {host}" for path in tree.files if path.endswith("package-lock.json")
            for host in sorted(set(re.findall(r'"resolved": *"(\w+://[^/"]*)', tree.read(path))))]


CHECKS = [check_room_includes, check_room_links, check_border_includes, check_public_header_is_c, check_bans,
          check_exceptions_are_used, check_sizes, check_listed, check_folders, check_no_promises, check_openings,
          check_lock_is_portable]


def main(arguments):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    tree, failed = Tree(root), 0
    if arguments == ["--shrink"]:
        shrink(tree)
        return 0
    for check in CHECKS:
        findings = check(tree)
        failed += bool(findings)
        if findings:
            print(f"{check.__name__}: {check.__doc__}")
            print("\n".join("  " + finding for finding in findings))
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
