"""Reads sources as text for the structure checks: which files there are, code without comments, includes, functions.

This is a scanner, not a parser: it knows comments, string and raw string literals, preprocessor lines and braces.
That is enough for rules about shape, and it needs no compiler. Line numbers survive every step.
"""
import os
import re
import subprocess

CPP_SUFFIXES = (".h", ".hpp", ".c", ".cpp")
HAND_WRITTEN = CPP_SUFFIXES + (".py", ".go", ".rs", ".java", ".sh", ".cmake")

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_CONTROL = re.compile(r"^\s*(?:else\b|do\b|if\b|for\b|while\b|switch\b|try\b|catch\b)")
_SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|\bextern\s+\"")


class Tree:
    """The files of one checkout: what git would commit, or every file where there is no git."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.files = sorted(path for path in self._list() if os.path.isfile(os.path.join(self.root, path)))
        self._texts = {}

    def _list(self):
        if os.path.exists(os.path.join(self.root, ".git")):
            command = ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return set(path for path in listing.split("\0") if path)
        found = set()
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in ("build", ".git", "node_modules")]
            found.update(os.path.relpath(os.path.join(folder, file), self.root) for file in files)
        return found

    def read(self, path):
        """The text of a file, or an empty string when it is not text."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), "rb") as file:
                data = file.read()
            self._texts[path] = "" if b"\0" in data[:8192] else data.decode("utf-8", "replace")
        return self._texts[path]

    def exists(self, path):
        return os.path.isfile(os.path.join(self.root, path))

    def under(self, *folders, suffixes=None):
        """Paths below any of the folders, optionally with one of the suffixes."""
        starts = tuple(folder + "/" for folder in folders)
        return [path for path in self.files if path.startswith(starts) and (not suffixes or path.endswith(suffixes))]


def _blank(match):
    text = match.group(0)
    kept = "\n" * text.count("\n")
    if text.startswith(("//", "/*")):
        return " " + kept
    return '""' + kept if text[0] in '"R' else "' '"


def code_only(text):
    """The code with comments removed and literals emptied; every line keeps its number."""
    return _TOKEN.sub(_blank, text)


def includes(text):
    """Yields (line, is_quoted, path) of every include directive."""
    without_comments = _TOKEN.sub(lambda m: _blank(m) if m.group(0).startswith(("//", "/*")) else m.group(0), text)
    for match in _INCLUDE.finditer(without_comments):
        yield without_comments.count("\n", 0, match.start()) + 1, match.group(1) == '"', match.group(2).strip()


def _function_name(head):
    """The name in a function's head, e.g. `Writer::append`; None when the head is no function's."""
    if _CONTROL.match(head) or "(" not in head:
        return None
    before = head[:head.index("(")]
    if _SCOPE.search(re.sub(r"template\s*<[^{}]*?>\s*(?=\w)", "", before)) or before.rstrip().endswith("="):
        return None
    match = re.search(r"(~?[\w:]+|operator\s*\S+)\s*$", before)
    if not match:
        return None
    name = match.group(1)
    case = re.match(r"[^(]*\(\s*(\w+)\s*,\s*(\w+)\s*\)\s*$", head)
    return f"{name}({case.group(1)}, {case.group(2)})" if name.startswith("TEST") and case else name


def _attribute_free(head):
    return re.sub(r"\[\[[^\]]*\]\]|__attribute__\s*\(\(.*?\)\)|KAUSAL_[A-Z_]+(?:\s*\([^()]*\))?", " ", head)


def _is_initializer(head):
    """Whether a brace after this head starts a value: a default argument or a member in a constructor's list."""
    if head.count("(") > head.count(")"):
        return True
    return bool(re.search(r"\)[^:]*(?<!:):(?!:)", head)) and bool(re.search(r"[\w>]\s*$", head))


def functions(text):
    """Yields (name, first line, number of lines) of every function body outside other functions."""
    code = _PREPROCESSOR.sub(lambda m: "\n" * m.group(0).count("\n"), code_only(text))
    line, head, head_line = 1, "", 0
    scopes = []  # Of every open brace: the (name, line) of a function's body, "value", or None for any other scope.
    inside = 0  # How many of them, from the innermost outwards, lie within a function or a value.
    for character in code:
        if character == "{":
            if inside:
                scopes.append(None)
                inside += 1
            elif _is_initializer(_attribute_free(head)):
                scopes.append("value")
                inside = 1
            else:
                name = _function_name(_attribute_free(head))
                scopes.append((name, head_line or line) if name else None)
                inside = 1 if name else 0
                head, head_line = "", 0
        elif character == "}":
            scope = scopes.pop() if scopes else None
            inside = max(inside - 1, 0)
            if isinstance(scope, tuple):
                yield scope[0], scope[1], line - scope[1] + 1
            if scope == "value":
                head += "()"
            elif not inside:
                head, head_line = "", 0
        elif inside:
            pass
        elif character == ";" and head.count("(") <= head.count(")"):
            head, head_line = "", 0
        else:
            if not head_line and not character.isspace():
                head_line = line
            head += character
        if character == "\n":
            line += 1


def resolve_include(tree, path, is_quoted, target):
    """The file of the checkout that an include means, or None for one from outside."""
    candidates = [f"core/{target}", f"capi/include/{target}", f"sdk/cpp/include/{target}"]
    if is_quoted:
        candidates.insert(0, os.path.normpath(os.path.join(os.path.dirname(path), target)))
        candidates.append(f"tests/{target}")
    return next((candidate for candidate in candidates if tree.exists(candidate)), None)


def include_closure(tree, path):
    """The set of files of the checkout that a source reads, itself included."""
    seen, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for _, is_quoted, target in includes(tree.read(current)):
            found = resolve_include(tree, current, is_quoted, target)
            if found:
                waiting.append(found)
    return seen
