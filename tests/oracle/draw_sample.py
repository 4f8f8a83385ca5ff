#!/usr/bin/env python3
"""Draws resolved call edges and definitions of one language at random and shows their source, to be graded by hand.

Reads the text that `kausal dump` prints (docs/format/dump.md) and the linked tree. The same dump, seed and counts give
the same sample. For each edge: where the call stands with two lines around it, what it was bound to and how, and the
lines of that definition; for each definition: its range as recorded and its first and last lines. With --truth FILE,
lines of "number verdict remark" (verdict: right, wrong or unclear) are counted instead and the precision is printed.
"""
import argparse
import collections
import os
import random
import sys

LANGUAGES = {"c": 1, "c++": 2, "go": 3, "rust": 4, "java": 5, "python": 6, "javascript": 7, "typescript": 8, "tsx": 9}
CALLS = {7: "calls", 10: "calls_method", 11: "calls_function"}
KINDS = {3: "module", 4: "function", 5: "method", 6: "class", 7: "struct", 8: "interface", 9: "enum", 10: "union",
         11: "alias", 12: "constant", 13: "variable", 14: "field", 15: "enum member", 16: "macro", 19: "external"}
PROVENANCES = {1: "syntax", 2: "scope", 3: "import", 4: "package", 5: "receiver type", 6: "inheritance", 7: "dispatch",
               8: "name", 9: "external", 13: "arity"}
RESOLVED, EXTERNAL = "1", 19

Block = collections.namedtuple("Block", "kind language first last qualified uri")
Edge = collections.namedtuple("Edge", "source target type line provenance")


def read_dump(stream, language, with_external):
    """Returns the blocks by id and the resolved call edges that leave blocks of `language`."""
    blocks, edges = {}, []
    for line in stream:
        fields = line.rstrip("\n").split("\t")
        if fields[0] == "B":
            blocks[fields[1]] = Block(int(fields[2]), int(fields[3]), int(fields[7]), int(fields[8]), fields[12],
                                      fields[13])
        elif fields[0] == "E" and int(fields[2]) in CALLS and fields[6] == RESOLVED:
            edges.append(Edge(fields[1], fields[3], int(fields[2]), int(fields[5]), int(fields[8])))
    kept = [edge for edge in edges if edge.source in blocks and edge.target in blocks
            and blocks[edge.source].language == language
            and (with_external or blocks[edge.target].kind != EXTERNAL)]
    return blocks, kept


class Sources:
    """Lines of the files of a linked tree."""

    def __init__(self, root):
        self.root = root

    def show(self, uri, first, last, mark=0):
        try:
            with open(os.path.join(self.root, uri), encoding="utf-8", errors="replace") as file:
                lines = file.read().split("\n")
        except OSError as error:
            print(f"      ({error})")
            return
        for number in range(max(first, 1), min(last, len(lines)) + 1):
            print(f"    {'>' if number == mark else ' '} {number:6} | {lines[number - 1][:160]}")


def show_edges(blocks, edges, sources):
    for number, edge in enumerate(edges, 1):
        source, target = blocks[edge.source], blocks[edge.target]
        how = PROVENANCES.get(edge.provenance, edge.provenance)
        print(f"\n[edge {number}] {CALLS[edge.type]} by {how}: {source.uri}:{edge.line} in {source.qualified}")
        sources.show(source.uri, edge.line - 2, edge.line + 2, edge.line)
        print(f"  -> {KINDS.get(target.kind, target.kind)} {target.qualified}  {target.uri}:{target.first}-{target.last}")
        if target.kind != EXTERNAL:
            sources.show(target.uri, target.first, min(target.last, target.first + 2))


def show_definitions(blocks, definitions, sources):
    for number, name in enumerate(definitions, 1):
        block = blocks[name]
        print(f"\n[definition {number}] {KINDS.get(block.kind, block.kind)} {block.qualified}  "
              f"{block.uri}:{block.first}-{block.last}")
        sources.show(block.uri, block.first, min(block.last, block.first + 2))
        if block.last > block.first + 2:
            print("             ...")
            sources.show(block.uri, max(block.last - 1, block.first + 3), block.last)


def grade(path):
    with open(path, encoding="utf-8") as file:
        verdicts = collections.Counter(line.split()[1] for line in file if len(line.split()) > 1)
    unknown = set(verdicts) - {"right", "wrong", "unclear"}
    if unknown or not verdicts:
        sys.exit(f"{path}: verdicts are right, wrong and unclear, not {sorted(unknown)}")
    decided = verdicts["right"] + verdicts["wrong"]
    print(f"{verdicts['right']} right, {verdicts['wrong']} wrong, {verdicts['unclear']} unclear"
          + (f"; precision {verdicts['right'] / decided:.3f}" if decided else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", help="what `kausal dump` printed")
    parser.add_argument("--root", help="the folder that was linked")
    parser.add_argument("--lang", choices=sorted(LANGUAGES))
    parser.add_argument("--edges", type=int, default=40)
    parser.add_argument("--definitions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--external", action="store_true", help="draw calls that leave the tree too")
    parser.add_argument("--truth", help="count the verdicts in this file")
    options = parser.parse_args()
    if options.truth:
        return grade(options.truth)
    if not (options.dump and options.root and options.lang):
        parser.error("--dump, --root and --lang are needed")
    language = LANGUAGES[options.lang]
    with open(options.dump, encoding="utf-8", errors="replace", newline="\n") as file:
        blocks, edges = read_dump(file, language, options.external)
    definitions = sorted(name for name, block in blocks.items()
                         if block.language == language and 4 <= block.kind <= 16)
    if not edges or not definitions:
        sys.exit(f"nothing of {options.lang} in the dump")
    draw = random.Random(options.seed)
    print(f"{len(edges)} resolved call edges, {len(definitions)} definitions; seed {options.seed}")
    sources = Sources(options.root)
    show_edges(blocks, draw.sample(edges, min(options.edges, len(edges))), sources)
    show_definitions(blocks, draw.sample(definitions, min(options.definitions, len(definitions))), sources)
    return None


if __name__ == "__main__":
    main()
