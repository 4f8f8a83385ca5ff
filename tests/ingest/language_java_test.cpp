// Goal: Java facts and edges say what the language says, and nothing a same-named symbol suggests.
// Method: small sources per construct. The facts are searched as text; of the edges of several
// files both the lines that must be there and the targets that must not are named. Every tree holds
// a same-named symbol that a resolver by name alone would take.
#include "bind_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kausal::ingest::test {
namespace {

using Files = std::map<std::string, std::string>;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kTypes = R"(package a.b;
import java.util.*;
import static x.Y.z;

/** Doc of A. */
@Bean public abstract class A<T extends Foo> extends Base<T> implements I, J {
    @Inject private static final Map.Entry<String, Foo> E = make(1);
    protected byte data[];
    A(int x, String... rest) { super(x); }
    record P(int x, Foo y) { P { check(x); } }
    enum Color { RED(1, "a,b"), BLUE { void f() { g(); } }, GREEN; Color(int i, String s) {} }
    @Override public String toString() { return ""; }
    @Test void tests() {}
    public static void main(String[] args) {}
    interface Inner { void demand(); default int given() { return 1; } }
    @interface Ann { String value() default "x"; }
}
)";

TEST(JavaFacts, TypesAndMembersWithTheirFlags) {
    const std::string text = extract_text(java_language(), "a/b/A.java", kTypes);
    EXPECT_THAT(text, HasSubstr("package a.b\n"));
    EXPECT_THAT(text, HasSubstr("def class exported abstract reflected `A` lines 6-17"));
    EXPECT_THAT(text, HasSubstr("extends=`Base<T>` implements=`I` implements=`J` doc 5-5"));
    EXPECT_THAT(text, HasSubstr("  def constant static reflected `E` lines 7-7 "
                                "type=`Map.Entry<String, Foo>`"));
    // Brackets behind the name belong to the type.
    EXPECT_THAT(text, HasSubstr("  def field exported `data` lines 8-8 type=`byte[]`"));
    EXPECT_THAT(text, HasSubstr("  def method constructor `A` lines 9-9 params 1..2+"));
    EXPECT_THAT(text, HasSubstr("  def method exported override `toString`"));
    EXPECT_THAT(text, HasSubstr("  def method test reflected `tests`"));
    EXPECT_THAT(text, HasSubstr("  def method exported static entry `main`"));
    EXPECT_THAT(text, HasSubstr("    def method exported abstract `demand`"));
    EXPECT_THAT(text, HasSubstr("    def method exported `given`"));
    EXPECT_THAT(text, HasSubstr("  def interface abstract `Ann`"));
    EXPECT_THAT(text, HasSubstr("import 2 `java.util` wildcard\n"));
    EXPECT_THAT(text, HasSubstr("import 3 `x.Y.z` static\n"));
}

TEST(JavaFacts, RecordsAndEnumsConstruct) {
    const std::string text = extract_text(java_language(), "a/b/A.java", kTypes);
    EXPECT_THAT(text, HasSubstr("  def class `P` lines 10-10 signature=`record P(int x, Foo y)` "
                                "extends=`java.lang.Record`"));
    EXPECT_THAT(text, HasSubstr("    def field `y` lines 10-10 type=`Foo`"));
    EXPECT_THAT(text, Not(HasSubstr("local `y`"))) << "components are fields";
    // A comma inside of a string is none between arguments; GREEN passes nothing.
    EXPECT_THAT(text, HasSubstr("new 11 `Color` args 2 in RED\n"));
    EXPECT_THAT(text, Not(HasSubstr("in GREEN\n")));
    EXPECT_THAT(text, HasSubstr("call 11 `g` args 0 in f\n"));
}

TEST(JavaFacts, AnonymousClassesLeaveTheirArgumentsOutside) {
    const std::string text = extract_text(java_language(), "A.java", R"(class A {
    void m() {
        Runnable r = new Task<String>(make(), x -> x.go()) { public void run() { tick(); } };
    }
}
)");
    EXPECT_THAT(text,
                HasSubstr("    def class `new Task` lines 3-3 signature=`new Task<String>(make(), "
                          "x -> x.go())` extends=`Task<String>`"));
    EXPECT_THAT(text, HasSubstr("call 3 `make` args 0 in m\n"));
    EXPECT_THAT(text, HasSubstr("call 3 x -> `go` args 0 in m\n"));
    EXPECT_THAT(text, HasSubstr("call 3 `tick` args 0 in run\n"));
}

TEST(JavaFacts, FieldsOfOneDeclarationHaveTheirOwnParts) {
    const std::string text = extract_text(java_language(), "A.java", R"(class A {
    @Deprecated
    int a = f(), b,
        c = g(h(1, 2)),
        d = new B() { int e() { return i(); } }.e();
    int last;
}
)");
    EXPECT_THAT(text, HasSubstr("def field `a` lines 2-3"));
    EXPECT_THAT(text, HasSubstr("def field `b` lines 3-3"));
    EXPECT_THAT(text, HasSubstr("def field `c` lines 4-4"));
    EXPECT_THAT(text, HasSubstr("def field `d` lines 5-5"));
    EXPECT_THAT(text, HasSubstr("def field `last` lines 6-6"));
    EXPECT_THAT(text, HasSubstr("call 3 `f` args 0 in a (declaration)\n"));
    EXPECT_THAT(text, HasSubstr("call 4 `h` args 2 in c (declaration)\n"));
    EXPECT_THAT(text, HasSubstr("new 5 `B` args 0 in d (declaration)\n"));
    EXPECT_THAT(text, HasSubstr("call 5 `i` args 0 in e\n"));
}

TEST(JavaFacts, LocalsOfEveryKind) {
    const std::string text = extract_text(java_language(), "A.java", R"(class A {
    void m(final Foo foo, int... rest) {
        var made = new ArrayList<Foo>();
        for (var each : made) each.run();
        for (Foo f : made) f.run(foo::bar, Foo::new);
        made.forEach(x -> x.run());
        if (foo instanceof Bar b) b.ok();
        try (Reader r = open()) { r.read(); } catch (E1 | E2 e) { e.print(); }
        char chars[] = take();
        switch (foo) { case Bar p -> p.x(); default -> {} }
    }
}
)");
    EXPECT_THAT(text, HasSubstr("type=`var` value=`new ArrayList<Foo>()`"));
    EXPECT_THAT(text, HasSubstr("type=`var` each=`made`"));
    // A lambda's parameter carries the call that it is handed to.
    EXPECT_THAT(text, HasSubstr(" value=`made.forEach()`"));
    for (const char* local :
         {"`foo` in m", "`rest` in m", "`f` in m", "`b` in m", "`r` in m", "`e` in m", "`p` in m"})
        EXPECT_THAT(text, HasSubstr(std::string("local ") + local));
    EXPECT_THAT(text, HasSubstr("type=`char[]`"));
    EXPECT_THAT(text, HasSubstr("mention 5 foo -> `bar` in m"));
    EXPECT_THAT(text, HasSubstr("call 8 `open` args 0 in m"));
}

Files packages() {
    return {
        {"src/p/Engine.java", R"(package p;
import q.Pump;
import q.*;
import static q.Tools.tighten;
public class Engine extends Base {
    private final Pump pump = new Pump(3);
    Valve valve;
    Side side;
    void start() {
        pump.run();
        this.pump.run();
        valve.open();
        side.turn();
        tighten(1);
        Tools.loosen();
        inherited();
        start(2);
        q.Pump.make().run();
        java.util.Objects.hash(1);
    }
    void start(int speed) { run(); }
    void run() {}
}
)"},
        {"src/p/Base.java", "package p;\nclass Base { void inherited() {} void run() {} }\n"},
        {"src/p/Valve.java", "package p;\nclass Valve { void open() {} }\n"},
        {"src/q/Pump.java", R"(package q;
public class Pump {
    public Pump() {}
    public Pump(int size) {}
    public static Pump make() { return new Pump(); }
    public void run() {}
}
)"},
        {"src/q/Tools.java", R"(package q;
public class Tools {
    public static void tighten(int turns) {}
    public static void loosen() {}
}
)"},
        {"src/q/Side.java", "package q;\npublic class Side { public void turn() {} }\n"},
        // Namesakes that nothing here names.
        {"src/r/Pump.java", R"(package r;
public class Pump {
    public void run() {} public void open() {} public void turn() {} public void inherited() {}
    public static void tighten(int a) {} public static void loosen() {}
    public static void hash(int a) {}
}
)"},
        {"src/r/Valve.java", "package r;\npublic class Valve { public void open() {} }\n"},
        {"src/r/Side.java", "package r;\npublic class Side { public void turn() {} }\n"},
    };
}

TEST(JavaBind, ImportsPackagesAndInheritanceDecide) {
    BindFixture tree(packages());
    const std::string calls = tree.calls();
    for (
        const char* line : {
            "src/p/Engine.java:6 p.Engine.pump -> q.Pump.Pump calls_method resolved import",
            "src/p/Engine.java:10 p.Engine.start -> q.Pump.run calls_method resolved receiver_type",
            "src/p/Engine.java:11 p.Engine.start -> q.Pump.run calls_method resolved receiver_type",
            "src/p/Engine.java:12 p.Engine.start -> p.Valve.open calls_method resolved "
            "receiver_type",
            "src/p/Engine.java:13 p.Engine.start -> q.Side.turn calls_method resolved "
            "receiver_type",
            "src/p/Engine.java:14 p.Engine.start -> q.Tools.tighten calls_method resolved import",
            "src/p/Engine.java:15 p.Engine.start -> q.Tools.loosen calls_method resolved import",
            "src/p/Engine.java:16 p.Engine.start -> p.Base.inherited calls_method resolved "
            "inheritance",
            "src/p/Engine.java:17 p.Engine.start -> p.Engine.start calls_method resolved scope",
            "src/p/Engine.java:18 p.Engine.start -> q.Pump.make calls_method resolved",
            "src/p/Engine.java:18 p.Engine.start -> q.Pump.run calls_method resolved receiver_type",
            "src/p/Engine.java:19 p.Engine.start -> external java.util.Objects.hash calls resolved "
            "external",
            "src/p/Engine.java:21 p.Engine.start -> p.Engine.run calls_method resolved scope",
        })
        EXPECT_THAT(calls, HasSubstr(line));
    EXPECT_THAT(calls, Not(HasSubstr("-> r."))) << "nothing here sees package r";
    EXPECT_THAT(calls, Not(HasSubstr("candidate")));
}

TEST(JavaBind, OverloadsAreToldApartByCountThenByType) {
    BindFixture tree(Files{{"A.java", R"(class Sink {
    void put(int a) {}
    void put(String s) {}
    void put(String s, int a) {}
    void put(Object[] all) {}
    Sink chain(String s) { return this; }
    int chain(int i) { return i; }
}
class Use {
    void m(Sink sink, String text, Unknown other) {
        sink.put(1);
        sink.put("a" + 1);
        sink.put(text, 2);
        sink.put(other.thing());
        sink.chain("x").put(3);
    }
}
)"}});
    const std::string calls = tree.calls();
    // Overloads share a qualified name; the ids behind are told apart by the lines below.
    EXPECT_THAT(calls,
                HasSubstr("A.java:11 Use.m -> Sink.put calls_method resolved receiver_type"));
    EXPECT_THAT(calls,
                HasSubstr("A.java:12 Use.m -> Sink.put calls_method resolved receiver_type"));
    EXPECT_THAT(calls,
                HasSubstr("A.java:13 Use.m -> Sink.put calls_method resolved receiver_type"));
    EXPECT_THAT(calls, HasSubstr("A.java:15 Use.m -> Sink.chain calls_method resolved"));
    EXPECT_THAT(calls,
                HasSubstr("A.java:15 Use.m -> Sink.put calls_method resolved receiver_type"));
    // The type of line 14's argument is not known: three overloads take one, none is preferred.
    EXPECT_THAT(calls, Not(HasSubstr("A.java:14 Use.m -> Sink.put calls_method resolved")));
    EXPECT_THAT(calls, HasSubstr("A.java:14 Use.m -> Sink.put calls_method candidate arity 80"));
}

TEST(JavaBind, AnArgumentThatCannotFitLooksFurtherUp) {
    BindFixture tree(Files{{"A.java", R"(class Top { void write(String s) {} }
class Low extends Top { void write(int i) {} void own() { write("text"); write(1); } }
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls,
                HasSubstr("A.java:2 Low.own -> Top.write calls_method resolved inheritance"));
    EXPECT_THAT(calls, HasSubstr("A.java:2 Low.own -> Low.write calls_method resolved scope"));
}

TEST(JavaBind, ChainsFollowFieldsResultsGenericsAndLambdas) {
    BindFixture tree(Files{{"p/A.java", R"(package p;
import java.util.*;
class Box<T extends Item> { T get() { return null; } }
class FooBox extends Box<Foo> {}
class Item { void weigh() {} }
class Foo extends Item { Foo next; Foo[] all; void run() {} Foo self() { return this; } }
class Bar { void run() {} void weigh() {} }
class Use {
    Map<String, List<Foo>> index;
    void m(Box<Foo> box, FooBox made, List<Foo> list, Optional<Foo> maybe) {
        box.get().run();
        made.get().run();
        list.get(0).self().next.all[1].run();
        for (var each : list) each.run();
        list.stream().filter(x -> x.self() != null).forEach(y -> y.run());
        maybe.ifPresent(z -> z.run());
        index.get("a").get(0).run();
        index.values().iterator().next().get(2).run();
        var local = new Foo();
        local.run();
        list.stream().map(w -> w.self()).forEach(v -> v.run());
    }
}
class Holder<U extends Item> { U held; void m() { held.weigh(); } }
)"}});
    const std::string calls = tree.calls();
    for (const int line : {11, 12, 13, 14, 15, 16, 17, 18, 20})
        EXPECT_THAT(calls, HasSubstr("p/A.java:" + std::to_string(line) +
                                     " p.Use.m -> p.Foo.run calls_method resolved receiver_type"))
            << line;
    EXPECT_THAT(calls, HasSubstr("p/A.java:15 p.Use.m -> p.Foo.self calls_method resolved"));
    EXPECT_THAT(calls,
                HasSubstr("p/A.java:11 p.Use.m -> p.Box.get calls_method resolved receiver_type"));
    EXPECT_THAT(calls,
                HasSubstr("p/A.java:12 p.Use.m -> p.Box.get calls_method resolved inheritance"));
    EXPECT_THAT(calls, HasSubstr("p/A.java:14 p.Use.m -> p.Foo.run"));
    EXPECT_THAT(calls,
                HasSubstr("p/A.java:13 p.Use.m -> external java.util.List.get calls resolved"));
    EXPECT_THAT(calls, HasSubstr("p.Holder.m -> p.Item.weigh calls_method resolved receiver_type"));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.Bar.run calls_method resolved")));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.Bar.weigh")));
    // What a mapping gives is not followed: only candidates for line 21's last call.
    EXPECT_THAT(calls, Not(HasSubstr("p/A.java:21 p.Use.m -> p.Foo.run calls_method resolved")));
    EXPECT_THAT(calls,
                HasSubstr("p/A.java:21 p.Use.m -> p.Foo.run calls_method candidate name_match"));
}

TEST(JavaBind, NestedAnonymousAndSuper) {
    BindFixture tree(Files{{"p/Outer.java", R"(package p;
class Outer extends Base {
    void tick() {}
    static class Nested extends Other { void m() { tick(); own(); } void own() {} }
    class Inner { void m() { tick(); Outer.this.tick(); Outer.super.tick(); } }
    void m() {
        Runnable r = new Runnable() { public void run() { tick(); toString(); } };
        class Local { void go() { tick(); } }
        new Local().go();
        super.tick();
    }
    Outer() { this(1); }
    Outer(int a) { super("x"); }
    @Override public boolean equals(Object o) { return super.equals(o); }
}
class Base { Base(String s) {} void tick() {} }
class Other { void tick() {} }
)"}});
    const std::string calls = tree.calls();
    for (
        const char* line : {
            "p/Outer.java:4 p.Outer.Nested.m -> p.Other.tick calls_method resolved inheritance",
            "p/Outer.java:4 p.Outer.Nested.m -> p.Outer.Nested.own calls_method resolved scope",
            "p/Outer.java:5 p.Outer.Inner.m -> p.Outer.tick calls_method resolved scope",
            "p/Outer.java:7 p.Outer.m.new Runnable.run -> p.Outer.tick calls_method resolved scope",
            "p/Outer.java:7 p.Outer.m.new Runnable.run -> external java.lang.Object.toString calls",
            "p/Outer.java:7 p.Outer.m -> external java.lang.Runnable calls resolved external",
            "p/Outer.java:8 p.Outer.m.Local.go -> p.Outer.tick calls_method resolved scope",
            "p/Outer.java:9 p.Outer.m -> p.Outer.m.Local.go calls_method resolved receiver_type",
            "p/Outer.java:9 p.Outer.m -> p.Outer.m.Local calls resolved scope",
            "p/Outer.java:10 p.Outer.m -> p.Base.tick calls_method resolved inheritance",
            "p/Outer.java:12 p.Outer.Outer -> p.Outer.Outer calls_method resolved scope",
            "p/Outer.java:13 p.Outer.Outer -> p.Base.Base calls_method resolved",
            "p/Outer.java:14 p.Outer.equals -> external java.lang.Object.equals calls resolved",
        })
        EXPECT_THAT(calls, HasSubstr(line));
    EXPECT_THAT(calls, Not(HasSubstr("Nested.m -> p.Outer.tick")));
    EXPECT_THAT(calls, Not(HasSubstr("Inner.m -> p.Other.tick")));
}

TEST(JavaBind, WhatLeavesTheTreeGoesOutside) {
    BindFixture tree(Files{{"p/A.java", R"(package p;
import java.util.List;
import org.lib.Client;
import org.gone.*;
import static org.junit.Assert.*;
class A extends org.lib.Frame {
    void m(List<String> names, Client client, Widget widget, String s) {
        names.add("x");
        client.send();
        "text".length();
        s.trim().isEmpty();
        widget.send();
        assertEquals(1, 2);
        System.out.println("x");
        names.get(0).length();
    }
}
enum Mode { ON; static void m() { valueOf("ON"); ON.name(); values(); } }
)"},
                           {"p/B.java", R"(package p;
class B { void add(String s) {} void send() {} int length() { return 0; } void trim() {}
    void assertEquals(int a, int b) {} void println(String s) {} void name() {} void values() {} }
)"}});
    const std::string calls = tree.calls();
    for (const char* target :
         {"java.util.List.add", "org.lib.Client.send", "java.lang.String.length",
          "java.lang.String.isEmpty", "org.gone.Widget.send", "org.junit.Assert.assertEquals",
          "java.lang.Enum.valueOf", "java.lang.Enum.name", "java.lang.Enum.values"})
        EXPECT_THAT(calls,
                    HasSubstr("-> external " + std::string(target) + " calls resolved external"));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.B.add")));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.B.send")));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.B.length")));
    EXPECT_THAT(calls, Not(HasSubstr("-> p.B.assertEquals")));
    EXPECT_THAT(calls, Not(HasSubstr("resolved receiver_type")));
}

TEST(JavaBind, AKnownTypeWithoutTheMethodTakesNoNamesake) {
    // Getters that a generator makes: the class is known, another class has one of that name.
    BindFixture tree(
        Files{{"p/A.java", "package p;\nclass A { void m(Data d) { d.getName(); } }\n"},
              {"p/Data.java", "package p;\n@Getter class Data { String name; }\n"},
              {"p/C.java", "package p;\nclass C { String getName() { return null; } }\n"}});
    EXPECT_EQ(tree.calls(),
              "p/A.java:2 p.A.m -> unresolved getName calls candidate name_match 0\n");
}

TEST(JavaBind, OverridesImplementsAndReferences) {
    BindFixture tree(Files{{"p/A.java", R"(package p;
interface Shape { double area(); default void draw(int a) {} }
abstract class Round implements Shape { public abstract double area(); }
class Disc extends Round implements Runnable {
    @Override public double area() { return Limits.MAX; }
    @Override public void run() {}
    @Override public String toString() { return ""; }
    public void draw(String other) {}
    public void draw() {}
    Color color = Color.RED;
    java.util.function.Supplier<Disc> maker() { return Disc::new; }
    Runnable runner() { return this::run; }
}
class Limits { static final double MAX = 1; }
enum Color { RED }
class Free { double area() { return 0; } }
)"}});
    const std::string edges = tree.edges();
    for (const char* line : {
             "p.Round -> p.Shape implements resolved scope",
             "p.Disc -> p.Round extends resolved scope",
             "p.Disc -> external java.lang.Runnable implements resolved external",
             "p.Disc.area -> p.Round.area overrides resolved inheritance",
             "p.Round.area -> p.Shape.area overrides resolved inheritance",
             "p.Disc.run -> external java.lang.Runnable.run overrides resolved external",
             "p.Disc.toString -> external java.lang.Object.toString overrides resolved external",
             "p.Disc.area -> p.Limits.MAX references resolved",
             "p.Disc.color -> p.Color.RED references resolved",
             "p.Disc.runner -> p.Disc.run references resolved",
         })
        EXPECT_THAT(edges, HasSubstr(line));
    EXPECT_THAT(edges, Not(HasSubstr("p.Disc.draw -> p.Shape.draw overrides resolved external")));
    EXPECT_THAT(edges, Not(HasSubstr("p.Free.area ->"))) << "same name, no base";
    EXPECT_THAT(edges, Not(HasSubstr("p.Disc.draw ->"))) << "other parameters override nothing";
    EXPECT_THAT(edges, Not(HasSubstr("-> p.Free.area")));
}

TEST(JavaBind, SuperclassesComeBeforeInterfaces) {
    BindFixture tree(Files{{"A.java", R"(interface Channel { boolean isOpen(); void own(); }
class Top { public boolean isOpen() { return true; } }
class Middle extends Top {}
abstract class Low extends Middle implements Channel {
    void m(Low other) { isOpen(); other.isOpen(); own(); }
}
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("Low.m -> Top.isOpen calls_method resolved inheritance"));
    EXPECT_THAT(calls, HasSubstr("Low.m -> Channel.own calls_method resolved inheritance"));
    EXPECT_THAT(calls, Not(HasSubstr("-> Channel.isOpen")));
}

TEST(JavaBind, WhatOtherPackagesHideIsNotMeant) {
    BindFixture tree(Files{{"a/Fault.java", R"(package a;
public class Fault {
    private Fault(String text) {}
    public Fault(Object text) {}
    void hidden() {}
    static class Part { Part() {} }
    protected static class Shown {}
}
)"},
                           {"a/Near.java",
                            "package a;\nclass Near { Fault.Part m(Fault f) "
                            "{ f.hidden(); return new Fault.Part(); } }\n"},
                           {"b/Part.java", "package b;\nclass Part { Part(int a) {} }\n"},
                           {"b/Use.java", R"(package b;
import a.Fault;
class Use extends Fault {
    Use() { super("x"); }
    Object m(Use u) { u.hidden(); return new Part(1); }
    Object n() { return new Shown(); }
    Object o() { return new Fault("x"); }
}
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("b.Use.m -> b.Part.Part calls_method resolved package"));
    EXPECT_THAT(calls, HasSubstr("b.Use.n -> a.Fault.Shown calls resolved"));
    EXPECT_THAT(calls, HasSubstr("b.Use.o -> a.Fault.Fault calls_method resolved import"));
    EXPECT_THAT(calls, HasSubstr("b.Use.Use -> a.Fault.Fault calls_method resolved"));
    EXPECT_THAT(calls, Not(HasSubstr("b.Use.m -> a.Fault")));
    EXPECT_THAT(calls, HasSubstr("a.Near.m -> a.Fault.hidden calls_method resolved"));
    EXPECT_THAT(calls, HasSubstr("a.Near.m -> a.Fault.Part.Part calls_method resolved"));
}

// What an overload returns tells which one it is.
TEST(JavaBind, ArraysAndLiteralsChooseAmongOverloads) {
    BindFixture tree(Files{{"A.java", R"(class One { void go() {} }
class Many { void go() {} }
class Seq {
    static <E> One of(E one) { return null; }
    static <E> Many of(E... all) { return null; }
    static One number(int a) { return null; }
    static Many number(long a) { return null; }
    static One real(double a) { return null; }
    static Many real(float a) { return null; }
}
class Use {
    void m(String[] all, int[] numbers, String text) {
        Seq.of(all).go();
        Seq.of(numbers).go();
        Seq.of(text).go();
        Seq.number(7).go();
        Seq.number(7L).go();
        Seq.number(0x7fL).go();
        Seq.number(0x7f).go();
        Seq.real(.5f).go();
        Seq.real(1e3).go();
    }
}
)"}});
    const std::string calls = tree.calls();
    for (const int line : {14, 15, 16, 19, 21})
        EXPECT_THAT(calls, HasSubstr("A.java:" + std::to_string(line) +
                                     " Use.m -> One.go calls_method resolved receiver_type"));
    for (const int line : {13, 17, 18, 20})
        EXPECT_THAT(calls, HasSubstr("A.java:" + std::to_string(line) +
                                     " Use.m -> Many.go calls_method resolved receiver_type"));
}

TEST(JavaBind, AnUnknownArgumentLeavesOverloadsOpen) {
    BindFixture tree(Files{{"A.java", R"(class Sums {
    static int least(int a, int b) { return a; }
    static long least(long a, long b) { return a; }
    static void log(int level, Object what) {}
    static void log(Object level, Object what) {}
    void m(int a, long b) { least(a, b - 1); least(a, a); log(a, b - 1); }
}
)"}});
    const std::string calls = tree.calls();
    // `b - 1` is not looked into: int and long are open; where both take the same it does not
    // matter.
    EXPECT_THAT(calls, HasSubstr("Sums.m -> Sums.least calls_method candidate arity 120"));
    EXPECT_THAT(calls, HasSubstr("Sums.m -> Sums.least calls_method resolved scope"));
    EXPECT_THAT(calls, HasSubstr("Sums.m -> Sums.log calls_method resolved scope"));
    EXPECT_THAT(calls, Not(HasSubstr("Sums.log calls_method candidate")));
}

TEST(JavaBind, EnumConstantsConstruct) {
    BindFixture tree(Files{{"A.java", R"(enum Plain { A, B }
enum Full { A, B(1), C("x", true), D("x", "y");
    Full() {}
    Full(int a) {}
    Full(String a, boolean b) {}
    Full(String a, String b, String... c) {}
}
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("Full.A -> Full.Full calls_method resolved scope"));
    EXPECT_THAT(calls, HasSubstr("Full.B -> Full.Full calls_method resolved scope"));
    // Two constructors take two arguments, which nothing tells apart.
    EXPECT_THAT(calls, HasSubstr("Full.C -> Full.Full calls_method candidate arity 120"));
    EXPECT_THAT(calls, HasSubstr("Full.D -> Full.Full calls_method candidate arity 120"));
    EXPECT_THAT(calls, Not(HasSubstr("Plain.A ->"))) << "no constructor is written";
}

TEST(JavaBind, TheLibraryItselfMayBeTheTree) {
    BindFixture tree(Files{{"java/lang/Object.java", R"(package java.lang;
public class Object {
    public final native Class<?> getClass();
    public boolean equals(Object o) { return this == o; }
    protected native Object clone();
}
)"},
                           {"p/A.java", R"(package p;
interface Shape {}
class A { void m(Shape shape, int[] all) { shape.equals(this); getClass(); all.getClass(); all.clone(); } }
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("p.A.m -> java.lang.Object.equals calls_method resolved"));
    EXPECT_THAT(calls, HasSubstr("p.A.m -> java.lang.Object.getClass calls_method resolved"));
    EXPECT_THAT(calls, HasSubstr("p.A.m -> external java.lang.Object.clone calls resolved"));
    EXPECT_THAT(calls, Not(HasSubstr("-> java.lang.Object.clone")));
}

TEST(JavaBind, DependenciesNameWhatWasAskedFor) {
    BindFixture tree(packages());
    const std::string names = tree.dependencies("src/p/Engine.java");
    for (const char* name : {"Pump\n", "run\n", "tighten\n", "inherited\n", "Valve\n"})
        EXPECT_THAT(names, HasSubstr(name));
}

TEST(JavaBind, DamagedSourcesEnd) {
    BindFixture tree(Files{
        {"A.java", R"(class A extends B<A { void m() { var x = x.y(); var p = q; var q = p; p.z(); }
class B extends A { int f = f.g.h(1, ; } class C extends C { void m() { m2(); this.m3(
)"},
        {"B.java", "class X<T extends T> extends X<X<T>> { T t; void m() { t.t.t.m(); } }\n"}});
    EXPECT_EQ(tree.errors(), "");
    EXPECT_THAT(tree.edges(), HasSubstr("-> unresolved m2 calls candidate name_match 0"));
}

}  // namespace
}  // namespace kausal::ingest::test
