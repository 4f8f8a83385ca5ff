// Goal: what one Python file says on its own. Method: golden facts of one small source per
// construct, whole, so that what must not be there shows as well.
#include "bind_fixture.h"

#include <gtest/gtest.h>

namespace kausal::ingest {
namespace {

using Files = std::map<std::string, std::string>;
using test::BindFixture;

// Functions, classes, decorated and asynchronous definitions, constants of file and class.
constexpr const char* kNestedFacts =
    R"kausal(def variable exported `LIMIT` lines 2-2 type=`int` value=`#integer` signature=`LIMIT: int = 3`
def variable exported `names` lines 3-3 value=`load()` signature=`names = load()`
def class exported `Point` lines 7-25 signature=`class Point(Base, mod.Mixin[T], metaclass=Meta)` extends=`Base` extends=`mod.Mixin[T]` doc 9-9 `"""A point."""`
  def field exported `x` lines 10-10 type=`float` value=`#integer` signature=`x: float = 0`
  def field exported `y` lines 11-11 value=`#integer` signature=`y = 1`
  def method exported constructor `__init__` lines 13-16 params 1..3+ `(self, a, b: "int" = 1, *rest, key=None, **more)` type=`None` signature=`def __init__(self, a, b: "int" = 1, *rest, key=None, **more) -> None`
  def field exported `a` lines 14-14 signature=`self.a = a`
  def field exported `total` lines 15-15 type=`int` signature=`self.total: int = b`
  def method exported `norm` lines 18-19 params 0..0 `(self)` signature=`def norm(self)`
  def method exported static `make` lines 21-22 params 1..1 `(x)` signature=`def make(x)`
  def method `_wait` lines 24-25 params 0..0 `(self)` signature=`async def _wait(self)`
    def function `inner` lines 25-25 params 0..0 `()` signature=`def inner()`
def function exported reflected `test_page` lines 28-29 params 0..0 `()` signature=`def test_page()`
def function exported `short` lines 32-32 params 1..1 `v` value=`#lambda` signature=`short = lambda v`
local `names` in - bytes 0-0 value=`other()`
local `names` in - bytes 44-59 value=`other()`
local `self` in __init__ bytes 190-311
local `a` in __init__ bytes 193-311
local `b` in __init__ bytes 207-311 type=`"int"`
local `rest` in __init__ bytes 214-311
local `key` in __init__ bytes 224-311 value=`#none`
local `more` in __init__ bytes 232-311
local `self.a` in __init__ bytes 261-311 value=`a`
local `self.total` in __init__ bytes 289-311 value=`b`
local `self.a` in __init__ bytes 298-311 value=`#none`
local `self` in norm bytes 344-360
local `return` in norm bytes 347-360 value=`self.a`
local `x` in make bytes 394-401
local `self` in _wait bytes 427-455
local `v` in short bytes 514-517
mention 2 `int` in LIMIT (declaration)
call 3 `load` args 0 in names (declaration)
call 4 `other` args 0 in -
decorator 7 `dataclass` in Point (declaration)
mention 8 `Base` in Point (declaration)
mention 8 `mod` in Point (declaration)
mention 8 mod -> `Mixin` in Point (declaration)
mention 8 `T` in Point (declaration)
mention 8 `Meta` in Point (declaration)
mention 10 `float` in x (declaration)
mention 15 `int` in __init__
decorator 18 `property` in norm (declaration)
mention 19 self -> `a` in norm
decorator 21 `staticmethod` in make (declaration)
mention 28 `app` in test_page (declaration)
decorator 28 app -> `route` in test_page (declaration)
)kausal";

TEST(PythonFacts, DefinitionsNestWithDocsAndFlags) {
    BindFixture tree(Files{
        {"m.py", R"kausal("""Module."""
LIMIT: int = 3
names = load()
names = other()


@dataclass
class Point(Base, mod.Mixin[T], metaclass=Meta):
    """A point."""
    x: float = 0
    y = 1

    def __init__(self, a, b: "int" = 1, *rest, key=None, **more) -> None:
        self.a = a
        self.total: int = b
        self.a = None

    @property
    def norm(self): return self.a

    @staticmethod
    def make(x): pass

    async def _wait(self):
        def inner(): pass


@app.route("/")
def test_page(): pass


short = lambda v: v
)kausal"},
    });
    EXPECT_EQ(tree.facts("m.py"), kNestedFacts);
}

// Aliases, relative levels, wildcards, imports inside functions.
TEST(PythonFacts, ImportsOfAllKinds) {
    BindFixture tree(Files{
        {"pkg/m.py", R"kausal(import os, a.b.c as abc
import x.y
from . import one
from ..up import two as deux, three
from .all import *
from __future__ import annotations


def f():
    from late import thing
)kausal"},
    });
    EXPECT_EQ(tree.facts("pkg/m.py"),
              R"kausal(def function exported `f` lines 9-10 params 0..0 `()` signature=`def f()`
import 1 `os` namespace
import 1 `a.b.c` alias=`abc` namespace
import 2 `x.y` namespace
import 3 `` name=`one` level 1
import 4 `up` name=`two` alias=`deux` level 2
import 4 `up` name=`three` level 2
import 5 `all` wildcard level 1
import 10 `late` name=`thing` in f
)kausal");
}

// Parameters, assignments, loops, comprehensions, with, except, walrus, returns.
TEST(PythonFacts, LocalsWithTypesAndValues) {
    BindFixture tree(Files{
        {"m.py", R"kausal(def f(p, q: Foo, d=dict(), *args, **kw):
    x = make(p).thing
    a, b = pair()
    for i, (j) in enumerate(xs):
        y: Bar = i
    with open(p) as fh, lock:
        pass
    try:
        pass
    except (E1, mod.E2) as error:
        pass
    if (n := size()):
        pass
    z = [u.go() for u in us if u]
    w = {k: v for k, v in z.items()}
    return x
)kausal"},
    });
    EXPECT_EQ(
        tree.facts("m.py"),
        R"kausal(def function exported `f` lines 1-16 params 2..3+ `(p, q: Foo, d=dict(), *args, **kw)` signature=`def f(p, q: Foo, d=dict(), *args, **kw)`
local `p` in f bytes 7-363
local `q` in f bytes 15-363 type=`Foo`
local `d` in f bytes 25-363 value=`dict()`
local `args` in f bytes 32-363
local `kw` in f bytes 38-363
local `x` in f bytes 62-363 value=`make().thing`
local `a` in f bytes 80-363 value=`pair()`
local `b` in f bytes 80-363 value=`pair()` position 1
local `i` in f bytes 90-363 each=`enumerate()`
local `y` in f bytes 122-132 type=`Bar`
local `fh` in f bytes 155-363 value=`open()`
local `error` in f bytes 230-363 type=`(E1, mod.E2)` value=`#tuple`
local `n` in f bytes 264-363 value=`size()`
local `u` in f bytes 289-313 each=`us`
local `z` in f bytes 313-363 value=`#list_comprehension`
local `k` in f bytes 323-350 each=`z.items()`
local `v` in f bytes 323-350 each=`z.items()` position 1
local `w` in f bytes 350-363 value=`#dictionary_comprehension`
local `return` in f bytes 355-363 value=`x`
mention 1 `Foo` in f (declaration)
call 1 `dict` args 0 in f (declaration)
call 2 `make` args 1 in f
mention 2 make() -> `thing` in f
call 3 `pair` args 0 in f
mention 4 `j` in f
call 4 `enumerate` args 1 in f
mention 4 `xs` in f
mention 5 `Bar` in f
call 6 `open` args 1 in f
mention 6 `lock` in f
mention 10 `E1` in f
mention 10 `mod` in f
mention 10 mod -> `E2` in f
call 12 `size` args 0 in f
call 14 u -> `go` args 0 in f
mention 14 `us` in f
call 15 z -> `items` args 0 in f
)kausal");
}

// Calls with receivers, values that are passed, attributes read, decorators.
TEST(PythonFacts, ReferencesByRole) {
    BindFixture tree(Files{
        {"m.py", R"kausal(@deco(1)
def f(a):
    g(a, key=handler)
    a.b.c(1).d()
    "x".join(names)
    (a or b).run()
    a[0].go()
    self_made()()
    return TABLE[KEY].value
)kausal"},
    });
    EXPECT_EQ(
        tree.facts("m.py"),
        R"kausal(def function exported reflected `f` lines 1-9 params 1..1 `(a)` signature=`def f(a)`
local `a` in f bytes 16-156
local `return` in f bytes 133-156 value=`TABLE[].value`
decorator 1 `deco` in f (declaration)
call 3 `g` args 2 in f
mention 3 `handler` in f
mention 4 a -> `b` in f
call 4 a.b -> `c` args 1 in f
call 4 a.b.c() -> `d` args 0 in f
call 5 #string -> `join` args 1 in f
mention 5 `names` in f
mention 6 `b` in f
call 6 #boolean_operator -> `run` args 0 in f
call 7 a[] -> `go` args 0 in f
call 8 `self_made` args 0 in f
mention 9 `TABLE` in f
mention 9 `KEY` in f
mention 9 TABLE[] -> `value` in f
)kausal");
}

}  // namespace
}  // namespace kausal::ingest
