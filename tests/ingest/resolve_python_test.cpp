// Goal: Python names are bound by evidence and nothing else. Method: a few files per rule, with
// unrelated symbols of the same names among them, and all edges compared, so that an invented one
// fails too.
#include "bind_fixture.h"

#include <gtest/gtest.h>

namespace kausal::ingest {
namespace {

using Files = std::map<std::string, std::string>;
using test::BindFixture;

// Modules by path, relative and absolute imports, aliases, submodules; a same-named function
// elsewhere stays out.
TEST(PythonBinding, ModulesImportsAndAliases) {
    BindFixture tree(Files{
        {"pkg/__init__.py", ""},
        {"pkg/a.py", R"kausal(import os.path
import pkg.b
import pkg.b as short
from . import b
from .b import run as go, Helper
from .missing import lost
import json as j


def main():
    pkg.b.run()
    short.run()
    b.run()
    go()
    Helper().help()
    os.path.join("x")
    j.dumps(1)
    lost()
)kausal"},
        {"pkg/b.py", R"kausal(def run():
    pass


class Helper:
    def help(self):
        run()
)kausal"},
        {"other/decoy.py", R"kausal(def run():
    pass


def join(x):
    pass


class Helper:
    def help(self):
        pass
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(pkg/a.py:11 pkg.a.main -> pkg.b.run calls_function resolved import
pkg/a.py:12 pkg.a.main -> pkg.b.run calls_function resolved import
pkg/a.py:13 pkg.a.main -> pkg.b.run calls_function resolved import
pkg/a.py:14 pkg.a.main -> pkg.b.run calls_function resolved import
pkg/a.py:15 pkg.a.main -> pkg.b.Helper calls resolved import
pkg/a.py:15 pkg.a.main -> pkg.b.Helper.help calls_method resolved receiver_type
pkg/a.py:16 pkg.a.main -> external os.path.join calls resolved external
pkg/a.py:17 pkg.a.main -> external json.dumps calls resolved external
pkg/a.py:18 pkg.a.main -> unresolved lost calls candidate name_match 0
pkg/b.py:7 pkg.b.Helper.help -> pkg.b.run calls_function resolved scope
)kausal");
}

// Names reach users through __init__.py, through chains of modules and through wildcards.
TEST(PythonBinding, ReExportsAndWildcards) {
    BindFixture tree(Files{
        {"pkg/__init__.py", R"kausal(from .impl import Thing as Public
from .deep import *
from . import tools
)kausal"},
        {"pkg/impl.py", R"kausal(class Thing:
    def __init__(self):
        pass

    def act(self):
        pass
)kausal"},
        {"pkg/deep.py", R"kausal(from .deeper import *


def shallow():
    pass
)kausal"},
        {"pkg/deeper.py", R"kausal(def bottom():
    pass


def _private():
    pass
)kausal"},
        {"pkg/tools.py", R"kausal(def fix():
    pass
)kausal"},
        {"app.py", R"kausal(import pkg
from pkg import Public, bottom, shallow
from pkg import *


def use():
    Public().act()
    bottom()
    shallow()
    pkg.tools.fix()
    pkg.bottom()
    tools.fix()
    _private()
)kausal"},
        {"decoy.py", R"kausal(class Public:
    def act(self):
        pass


def bottom():
    pass
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(app.py:10 app.use -> pkg.tools.fix calls_function resolved import
app.py:11 app.use -> pkg.deeper.bottom calls_function resolved import
app.py:12 app.use -> pkg.tools.fix calls_function resolved import
app.py:13 app.use -> pkg.deeper._private calls_function candidate name_match 160
app.py:7 app.use -> pkg.impl.Thing.__init__ calls_method resolved import
app.py:7 app.use -> pkg.impl.Thing.act calls_method resolved receiver_type
app.py:8 app.use -> pkg.deeper.bottom calls_function resolved import
app.py:9 app.use -> pkg.deep.shallow calls_function resolved import
)kausal");
}

// Locals, nested functions, class bodies and imports inside functions follow the rules of scope.
TEST(PythonBinding, ScopesShadowAndNest) {
    BindFixture tree(Files{
        {"m.py", R"kausal(def f():
    pass


def g(f):
    f()


def outer():
    def f():
        pass

    def inner():
        f()

    inner()
    f()


class C:
    def f(self):
        pass

    def call(self):
        f()

    def local_import(self):
        from n import f
        f()


def assigned():
    len = make()
    len()
    print(1)


h = lambda: f()
h()
)kausal"},
        {"n.py", R"kausal(def f():
    pass
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(m.py:14 m.outer.inner -> m.outer.f calls_function resolved scope
m.py:16 m.outer -> m.outer.inner calls_function resolved scope
m.py:17 m.outer -> m.outer.f calls_function resolved scope
m.py:25 m.C.call -> m.f calls_function resolved scope
m.py:29 m.C.local_import -> n.f calls_function resolved import
m.py:33 m.assigned -> unresolved make calls candidate name_match 0
m.py:35 m.assigned -> external builtins.print calls resolved external
m.py:38 m.h -> m.f calls_function resolved scope
m.py:39 m.py -> m.h calls_function resolved scope
)kausal");
}

// Methods through self, cls and super, across modules; overrides; a class of the same name
// elsewhere stays out.
TEST(PythonBinding, SelfSuperAndInheritance) {
    BindFixture tree(Files{
        {"base.py", R"kausal(class Base:
    def __init__(self):
        self.setup()

    def setup(self):
        pass

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def tool():
        pass
)kausal"},
        {"app.py", R"kausal(import unittest

from base import Base


class App(Base):
    def __init__(self):
        super().__init__()
        self.tool()

    def setup(self):
        super().setup()

    def run(self):
        pass

    @classmethod
    def start(cls):
        cls.make().run()


class Case(unittest.TestCase):
    def test_it(self):
        self.assertEqual(1, App.make())
)kausal"},
        {"decoy.py", R"kausal(class Base:
    def setup(self):
        pass
)kausal"},
    });
    EXPECT_EQ(tree.edges(), R"kausal(app.py:1 app.py -> external unittest imports resolved external
app.py:11 app.App.setup -> base.Base.setup overrides resolved inheritance
app.py:12 app.App.setup -> base.Base.setup calls_method resolved inheritance
app.py:12 app.App.setup -> external builtins.super calls resolved external
app.py:19 app.App.start -> app.App.run calls_method resolved receiver_type
app.py:19 app.App.start -> base.Base.make calls_method resolved inheritance
app.py:22 app.Case -> external unittest.TestCase extends resolved external
app.py:24 app.Case.test_it -> app.App references resolved scope
app.py:24 app.Case.test_it -> base.Base.make calls_method resolved inheritance
app.py:24 app.Case.test_it -> external unittest.TestCase.assertEqual calls resolved external
app.py:3 app.py -> base.Base imports resolved import
app.py:3 app.py -> base.py imports resolved import
app.py:6 app.App -> base.Base extends resolved import
app.py:6 app.App -> base.Base references resolved import
app.py:8 app.App.__init__ -> base.Base.__init__ calls_method resolved inheritance
app.py:8 app.App.__init__ -> external builtins.super calls resolved external
app.py:9 app.App.__init__ -> base.Base.tool calls_method resolved inheritance
base.py:10 base.Base.make -> base.Base.__init__ calls_method resolved scope
base.py:3 base.Base.__init__ -> base.Base.setup calls_method resolved receiver_type
)kausal");
}

// Constructed, stated and returned types of attributes, locals and parameters.
constexpr const char* kAttributeCalls =
    R"kausal(m.py:17 m.Car.__init__ -> m.Engine calls resolved scope
m.py:23 m.Car.go -> m.Engine.start calls_method resolved receiver_type
m.py:24 m.Car.go -> m.Wheel.turn calls_method resolved receiver_type
m.py:25 m.Car.go -> m.Engine.start calls_method candidate name_match 80
m.py:25 m.Car.go -> m.Wheel.start calls_method candidate name_match 80
m.py:26 m.Car.go -> m.Engine.start calls_method resolved receiver_type
m.py:28 m.Car.go -> m.Wheel.turn calls_method resolved receiver_type
m.py:29 m.Car.go -> m.Wheel.turn calls_method resolved receiver_type
m.py:30 m.Car.go -> external builtins.dict.get calls resolved external
m.py:30 m.Car.go -> m.Wheel.turn calls_method resolved receiver_type
m.py:31 m.Car.go -> m.Wheel.turn calls_method resolved receiver_type
m.py:32 m.Car.go -> m.Car.pick calls_method resolved receiver_type
m.py:33 m.Car.go -> m.Engine.start calls_method resolved receiver_type
m.py:40 m.build -> m.Car.__init__ calls_method resolved scope
m.py:44 m.use -> m.build calls_function resolved scope
m.py:45 m.use -> m.Car.go calls_method resolved receiver_type
m.py:46 m.use -> m.Engine calls resolved scope
m.py:47 m.use -> m.Engine.start calls_method resolved receiver_type
m.py:48 m.use -> m.Wheel calls resolved scope
m.py:49 m.use -> m.Wheel.start calls_method resolved receiver_type
m.py:50 m.use -> m.Engine calls resolved scope
m.py:51 m.use -> m.Engine.start calls_method resolved receiver_type
m.py:53 m.use -> external builtins.str.start calls resolved external
)kausal";

TEST(PythonBinding, AttributeAndLocalTypes) {
    BindFixture tree(Files{
        {"m.py", R"kausal(from typing import Optional


class Engine:
    def start(self): pass


class Wheel:
    def start(self): pass
    def turn(self): pass


class Car:
    spare: "Wheel"

    def __init__(self, wheels: list[Wheel], by_name: dict[str, Wheel], unknown):
        self.engine = Engine()
        self.wheels = wheels
        self.by_name = by_name
        self.unknown = unknown

    def go(self, other: Optional["Car"] = None):
        self.engine.start()
        self.spare.turn()
        self.unknown.start()
        other.engine.start()
        for wheel in self.wheels:
            wheel.turn()
        self.by_name["a"].turn()
        self.by_name.get("b").turn()
        [w.turn() for w in self.wheels]
        engine = self.pick()
        engine.start()

    def pick(self):
        return self.engine


def build() -> "Car":
    return Car([], {}, None)


def use():
    car = build()
    car.go()
    thing = Engine()
    thing.start()
    thing = Wheel()
    thing.start()
    with Engine() as entered:
        entered.start()
    text = "a"
    text.start()
)kausal"},
    });
    EXPECT_EQ(tree.calls(), kAttributeCalls);
}

// A name that branches assign may be any of them; with a part unknown nothing is certain.
TEST(PythonBinding, BranchesGiveAllTypes) {
    BindFixture tree(Files{
        {"m.py", R"kausal(class A:
    def run(self): pass


class B:
    def run(self): pass


def both(flag):
    if flag:
        x = A()
    else:
        x = B()
    x.run()


def maybe(x, flag):
    if flag:
        x = A()
    x.run()


def none(flag):
    x = None
    if flag:
        x = A()
    x.run()
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.py:11 m.both -> m.A calls resolved scope
m.py:13 m.both -> m.B calls resolved scope
m.py:14 m.both -> m.A.run calls_method resolved receiver_type
m.py:14 m.both -> m.B.run calls_method resolved receiver_type
m.py:19 m.maybe -> m.A calls resolved scope
m.py:20 m.maybe -> m.A.run calls_method candidate receiver_type 192
m.py:26 m.none -> m.A calls resolved scope
m.py:27 m.none -> m.A.run calls_method resolved receiver_type
)kausal");
}

// Both sides of try/except ImportError are kept.
TEST(PythonBinding, FallbackImportsKeepBoth) {
    BindFixture tree(Files{
        {"fast.py", R"kausal(def load(): pass
)kausal"},
        {"slow.py", R"kausal(def load(): pass
)kausal"},
        {"third.py", R"kausal(def load(): pass
)kausal"},
        {"m.py", R"kausal(try:
    from fast import load
except ImportError:
    from slow import load

try:
    from gone import dump
except ImportError:
    def dump(): pass


def use():
    load()
    dump()
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.py:13 m.use -> fast.load calls_function resolved import
m.py:13 m.use -> slow.load calls_function resolved import
m.py:14 m.use -> external gone.dump calls resolved external
m.py:14 m.use -> m.dump calls_function resolved scope
)kausal");
}

// Functions passed as values are references, properties that are read are calls, decorators are
// called.
TEST(PythonBinding, CallbacksPropertiesDecorators) {
    BindFixture tree(Files{
        {"m.py", R"kausal(import functools


def register(f):
    return f


def handler(): pass


class Box:
    @property
    def size(self):
        return 1

    @size.setter
    def size(self, value):
        pass

    def on_click(self): pass

    def wire(self, button):
        button.connect(self.on_click, key=handler)
        return self.size


@register
def job(): pass


@functools.lru_cache
def cached(): pass


TABLE = {"a": handler}
)kausal"},
    });
    EXPECT_EQ(tree.edges(), R"kausal(m.py:1 m.py -> external functools imports resolved external
m.py:16 m.Box.size -> external builtins.int.setter calls resolved external
m.py:23 m.Box.wire -> m.Box.on_click references resolved receiver_type
m.py:23 m.Box.wire -> m.handler references resolved scope
m.py:23 m.Box.wire -> unresolved connect calls candidate name_match 0
m.py:24 m.Box.wire -> m.Box.size calls_method resolved receiver_type
m.py:27 m.job -> m.register calls_function resolved scope
m.py:31 m.cached -> external functools.lru_cache calls resolved external
m.py:35 m.TABLE -> m.handler references resolved scope
)kausal");
}

// Generic names on unknown receivers never become facts; what only exists outside is external.
TEST(PythonBinding, UnknownReceiversStayCandidates) {
    BindFixture tree(Files{
        {"m.py", R"kausal(class Store:
    def get(self, key): pass
    def append(self, item): pass


def use(x, items: list):
    x.get("a")
    items.append(1)
    {}.get("a")
    "a".join([])
    open("f").read()
    helper.call()
    undefined()
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(m.py:10 m.use -> external builtins.str.join calls resolved external
m.py:11 m.use -> external builtins.open calls resolved external
m.py:11 m.use -> external io.TextIOWrapper.read calls resolved external
m.py:12 m.use -> unresolved call calls candidate name_match 0
m.py:13 m.use -> unresolved undefined calls candidate name_match 0
m.py:7 m.use -> m.Store.get calls_method candidate name_match 160
m.py:8 m.use -> external builtins.list.append calls resolved external
m.py:9 m.use -> external builtins.dict.get calls resolved external
)kausal");
}

// A root on the import path and the folder of a script find modules; a package does not see its own
// folder.
TEST(PythonBinding, ScriptFoldersAndRoots) {
    BindFixture tree(Files{
        {"src/lib/__init__.py", ""},
        {"src/lib/core.py", R"kausal(def go(): pass
)kausal"},
        {"src/lib/json.py", R"kausal(def dumps(): pass
)kausal"},
        {"src/lib/user.py", R"kausal(import json
from lib.core import go
import core


def f():
    json.dumps()
    go()
    core.go()
)kausal"},
        {"tools/helper.py", R"kausal(def help_me(): pass
)kausal"},
        {"tools/run.py", R"kausal(import helper
from lib import core

helper.help_me()
if __name__ == "__main__":
    core.go()
)kausal"},
    });
    tree.config.python_roots = {"src"};
    EXPECT_EQ(tree.calls(),
              R"kausal(src/lib/user.py:7 lib.user.f -> external json.dumps calls resolved external
src/lib/user.py:8 lib.user.f -> lib.core.go calls_function resolved import
src/lib/user.py:9 lib.user.f -> external core.go calls resolved external
tools/run.py:4 tools/run.py -> tools.helper.help_me calls_function resolved import
tools/run.py:6 tools/run.py -> lib.core.go calls_function resolved import
)kausal");
}

TEST(PythonBinding, ModulesBelowARootAreFoundByTheirWholePathToo) {
    BindFixture tree({
        {"main.py", R"kausal(from src.shape import Shape
import src.deep.inner

Shape().area()
src.deep.inner.helper()
)kausal"},
        {"other/src/shape.py", "class Shape:\n    def area(self): pass\n"},
        {"src/deep/inner.py", "def helper(): pass\n"},
        {"src/shape.py", "class Shape:\n    def area(self): pass\n"},
    });
    tree.config.python_roots = {"", "other/src", "src"};
    EXPECT_EQ(tree.places(), R"kausal(main.py:1 -> src/shape.py:1
main.py:4 -> src/shape.py:1
main.py:4 -> src/shape.py:2
main.py:5 -> src/deep/inner.py:1
)kausal");
}

}  // namespace
}  // namespace kausal::ingest
