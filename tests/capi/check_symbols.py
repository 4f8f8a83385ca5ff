"""The shared library exports the names of exports.map, and these are the functions of kausal.h.

Usage: check_symbols.py LIBRARY EXPORTS_MAP HEADER. Prints "N passed, N failed".
"""
import re
import subprocess
import sys


def exported(library):
    listing = subprocess.run(["nm", "--dynamic", "--defined-only", library], check=True, capture_output=True, text=True)
    names = {line.split()[-1].split("@")[0] for line in listing.stdout.splitlines() if line.strip()}
    return {name for name in names if not re.fullmatch(r"KAUSAL_[0-9.]+", name)}


def main():
    library, exports_map, header = sys.argv[1:4]
    mapped = set(re.findall(r"^\s+(\w+);", open(exports_map, encoding="utf-8").read(), re.M))
    declared = set(re.findall(r"KAUSAL_API[^;(]*?\b(kausal_\w+)\(", open(header, encoding="utf-8").read()))
    checks = {
        "declared in the header but not in the map": declared - mapped,
        "in the map but not declared in the header": mapped - declared,
        "in the map but not exported": mapped - exported(library),
        "exported but not in the map": exported(library) - mapped,
    }
    failed = 0
    for what, names in checks.items():
        if names:
            failed += 1
            print(f"{what}: {', '.join(sorted(names))}")
    if not declared:
        failed += 1
        print("no function found in the header")
    print(f"{len(checks) - min(failed, len(checks))} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
