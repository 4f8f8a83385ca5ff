#!/usr/bin/env python3
"""Counts the cases inside the test programs of one ctest run: prints `PASSED FAILED`.

ctest knows programs; people want to know cases. GoogleTest, cmocka and the project's own scripts all end their
output with a count, which is read back here. A program that failed without leaving a count (crash, time-out,
not built) counts as one failure, and so does a report without any test, so that nothing can vanish silently.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

PASSED = re.compile(r"^\[  PASSED  \] (\d+) test", re.MULTILINE)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test", re.MULTILINE)
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed\s*$", re.MULTILINE)


def cases(output, program_passed):
    """Returns (passed, failed) for one program from what it printed and how it ended."""
    plain = PLAIN.findall(output)
    if plain:
        passed, failed = int(plain[-1][0]), int(plain[-1][1])
    else:
        passed = sum(int(n) for n in PASSED.findall(output))
        failed = sum(int(n) for n in FAILED.findall(output))
    if program_passed:
        return (max(passed, 1) if not plain else passed), failed
    return passed, max(failed, 1)


def count(report):
    """Sums a JUnit report; tells on standard error which programs failed and the end of what they printed."""
    passed = failed = 0
    programs = ElementTree.parse(report).getroot().findall(".//testcase")
    for program in programs:
        output = program.findtext("system-out") or ""
        if program.get("status") == "disabled":
            continue
        one_passed, one_failed = cases(output, program.get("status") == "run")
        passed, failed = passed + one_passed, failed + one_failed
        if one_failed:
            sys.stderr.write(f"--- {program.get('name')} failed\n" + "\n".join(output.splitlines()[-60:]) + "\n")
    return (passed, failed) if programs else (0, 1)


if __name__ == "__main__":
    print("%d %d" % count(sys.argv[1]))
