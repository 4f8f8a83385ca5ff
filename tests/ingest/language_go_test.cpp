// Goal: Go facts and edges say what the language says, and nothing a same-named symbol suggests.
// Method: small sources per construct; the facts are compared as text, the edges of several files
// are searched for lines that must be there and for targets that must not.
#include "bind_fixture.h"
#include "ingest/resolve_go_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kausal::ingest::test {
namespace {

using Files = std::map<std::string, std::string>;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(GoFacts, FunctionsMethodsAndTypes) {
    const std::string text = extract_text(go_language(), "a/a.go", R"(package a

// Doc of T.
type T[K any] struct {
	Base
	*pkg.Other
	x, y int
	f    func(int) error
}

type I interface {
	io.Reader
	~int | string
	Do(a, b int) (n int, err error)
}

type Fn func(int) error
type Al = T

func (t *T[K]) Run(a, b int, rest ...string) error { return t.f(a) }
func init() {}
func low() {}
)");
    EXPECT_THAT(text, HasSubstr("package a\n"));
    EXPECT_THAT(text, HasSubstr("def struct exported `T`"));
    EXPECT_THAT(text, HasSubstr("extends=`Base` extends=`pkg.Other`"));
    EXPECT_THAT(text, HasSubstr("  def field `x` lines 7-7 type=`int`"));
    EXPECT_THAT(text, HasSubstr("  def field `y` lines 7-7 type=`int`"));
    EXPECT_THAT(text, HasSubstr("  def field `f` lines 8-8 type=`func(int) error`"));
    EXPECT_THAT(text, HasSubstr("def interface exported `I`"));
    // A constraint union is no embedded interface.
    EXPECT_THAT(text, HasSubstr("extends=`io.Reader`\n"));
    EXPECT_THAT(text, HasSubstr("  def method exported abstract `Do` lines 14-14 params 2..2"));
    EXPECT_THAT(text, HasSubstr("def alias exported `Fn` lines 17-17 type=`func(int) error`"));
    EXPECT_THAT(text, HasSubstr("def alias exported `Al` lines 18-18 type=`T` signature=`Al = T`"));
    EXPECT_THAT(text, HasSubstr("def method exported `Run` lines 20-20 params 2..3+"));
    EXPECT_THAT(text, HasSubstr("type=`error` scope=`T`"));
    EXPECT_THAT(text, HasSubstr("def function entry `init`"));
    EXPECT_THAT(text, HasSubstr("def function `low`"));
    EXPECT_THAT(text, HasSubstr("call 20 t -> `f` args 1 in Run"));
}

TEST(GoFacts, LocalsKnowTheirTypeOrValue) {
    const std::string text = extract_text(go_language(), "a.go", R"(package a

func f(p *T, rest ...pkg.U) (err error) {
	a, b := g(), h()
	c, d := two()
	m := make(map[string]*T, 1)
	n := new(pkg.U)
	for i, v := range m {
		v.Do(i)
	}
	switch s := p.x.(type) {
	case *A:
		s.A()
	case B:
		s.B()
	}
	return
}
)");
    EXPECT_THAT(text, HasSubstr("local `p` in f bytes"));
    EXPECT_THAT(text, HasSubstr("type=`rest ...pkg.U`"));
    EXPECT_THAT(text, HasSubstr("local `a` in f bytes 70-241 value=`g()`\n"));
    EXPECT_THAT(text, HasSubstr("local `b` in f bytes 70-241 value=`h()`\n"));
    EXPECT_THAT(text, Not(HasSubstr("local `a` in f bytes 70-241 value=`h()`")));
    EXPECT_THAT(text, HasSubstr("value=`two()`\n"));
    EXPECT_THAT(text, HasSubstr("value=`two()` position 1"));
    EXPECT_THAT(text, HasSubstr("value=`cast map[string]*T`"));
    EXPECT_THAT(text, HasSubstr("value=`cast pkg.U`"));
    EXPECT_THAT(text, HasSubstr("each=`m` position 1"));
    // The name of a type switch has another type in every case.
    EXPECT_THAT(text, HasSubstr("type=`*A`"));
    EXPECT_THAT(text, HasSubstr("type=`B`"));
}

TEST(GoFacts, FieldKeysAreNoMentions) {
    const std::string text = extract_text(go_language(), "a.go", R"(package a

func f() { use(T{key: value}, handler) }
)");
    EXPECT_THAT(text, HasSubstr("mention 3 `value` in f"));
    EXPECT_THAT(text, HasSubstr("mention 3 `handler` in f"));
    EXPECT_THAT(text, Not(HasSubstr("`key`")));
    EXPECT_THAT(text, HasSubstr("new 3 `T`"));
}

TEST(GoFacts, WhatIsReadIsMentioned) {
    const std::string text = extract_text(go_language(), "a.go", R"(package a

var _ I = (*T)(nil)
const _ = 1

func f() {
	use(cut[:0], rest...)
	if asked { count++ }
	for going {}
	for i := 0; more; i++ {}
	out <- sent
	switch chosen {}
	switch kind.(type) {}
	_ = held.(T)
}
)");
    for (const char* name : {"cut", "rest", "asked", "count", "going", "more", "out", "sent",
                             "chosen", "kind", "held"})
        EXPECT_THAT(text, HasSubstr("`" + std::string(name) + "` in f")) << name;
    EXPECT_THAT(text, Not(HasSubstr("def variable `_`"))) << "nothing can name it";
    EXPECT_THAT(text, Not(HasSubstr("def constant `_`")));
}

TEST(GoTypes, TextsAreCut) {
    EXPECT_EQ(go::element_of("map[string]*net/http.Server"), "*net/http.Server");
    EXPECT_EQ(go::element_of("rest ...T"), "");
    EXPECT_EQ(go::element_of("...T"), "T");
    EXPECT_EQ(go::element_of("<-chan []T"), "[]T");
    EXPECT_EQ(go::element_of("T"), "");
    EXPECT_EQ(go::key_of("map[pkg.K]V"), "pkg.K");
    EXPECT_EQ(go::result_at("(n int, err error)", 1), "error");
    EXPECT_EQ(go::result_at("(a, b int)", 0), "int");
    EXPECT_EQ(go::result_at("(T, func(a int) error)", 1), "func(a int) error");
    EXPECT_EQ(go::result_at("error", 1), "");
    EXPECT_EQ(go::name_of("*example.com/a/b.T[int]").path, "example.com/a/b");
    EXPECT_EQ(go::name_of("*example.com/a/b.T[int]").name, "T");
    EXPECT_EQ(go::name_of("map[string]T").name, "");
    EXPECT_EQ(go::innermost_name("func() []*a.T").name, "T");
    EXPECT_EQ(go::comparable_results("(n int, err a/b.E)"), go::comparable_results("(int, c.E)"));
    EXPECT_NE(go::comparable_results("(int, error)"), go::comparable_results("error"));
    EXPECT_EQ(go::usual_package_name("example.com/yaml/v2"), "yaml");
    EXPECT_EQ(go::usual_package_name("gopkg.in/yaml.v3"), "yaml");
    EXPECT_TRUE(go::may_be_named("example.com/go-isatty", "isatty"));
    EXPECT_FALSE(go::may_be_named("example.com/isattyx", "isatty"));
}

TEST(GoTypes, BuildConstraints) {
    const go::BuildTarget host;
    EXPECT_TRUE(go::builds_for(host, "poll_linux.go", ""));
    EXPECT_FALSE(go::builds_for(host, "poll_windows.go", ""));
    EXPECT_FALSE(go::builds_for(host, "poll_linux_arm64_test.go", ""));
    EXPECT_TRUE(go::builds_for(host, "linux.go", ""));
    EXPECT_FALSE(go::builds_for(host, "stub.go", "!linux && !(darwin || freebsd)"));
    EXPECT_TRUE(go::builds_for(host, "x.go", "unix && !windows"));
    EXPECT_FALSE(go::builds_for(host, "gen.go", "ignore"));
    EXPECT_EQ(go::target_of("x_windows.go", "").os, "windows");
    EXPECT_EQ(go::target_of("x.go", "darwin").os, "darwin");
    // The web has a processor of its own.
    EXPECT_EQ(go::target_of("x.go", "js || wasip1").arch, "wasm");
    EXPECT_EQ(go::target_of("x_js.go", "").arch, "wasm");
    EXPECT_EQ(go::target_of("x_wasm.go", "").os, "js");
    EXPECT_TRUE(go::exclude_each_other("a/x_linux.go", "b/y_windows_test.go"));
    EXPECT_TRUE(go::exclude_each_other("x_linux_amd64.go", "y_arm64.go"));
    EXPECT_FALSE(go::exclude_each_other("x_linux.go", "y_arm64.go"));
    EXPECT_FALSE(go::exclude_each_other("x_linux.go", "y_android.go"));
    EXPECT_FALSE(go::exclude_each_other("x_linux.go", "y.go"));
}

std::string module_tree_calls(std::map<std::string, std::string> files) {
    BindFixture tree(std::move(files));
    tree.config.go_module = "example.com/m";
    tree.config.go_modules = {{"", "example.com/m"}};
    return tree.calls();
}

TEST(GoBind, PackageScopeAndImports) {
    const std::string calls = module_tree_calls({
        {"main.go", R"(package main

import (
	"fmt"
	str "example.com/m/text"
	"example.com/m/yaml.v3"
	. "example.com/m/dot"
)

func main() {
	helper()
	str.Join()
	yaml.Parse()
	Dotted()
	fmt.Println(len("x"), string(1))
	missing()
	str.hidden()
}
)"},
        {"other.go", "package main\n\nfunc helper() {}\n"},
        {"text/text.go", "package text\n\nfunc Join() {}\nfunc helper() {}\nfunc hidden() {}\n"},
        {"yaml.v3/y.go", "package yaml\n\nfunc Parse() {}\n"},
        {"dot/d.go", "package dot\n\nfunc Dotted() {}\nfunc Println() {}\n"},
        {"fmt/fmt.go", "package fmt\n\nfunc Println() {}\nfunc missing() {}\n"},
    });
    const std::string main = "main.go:11 example.com/m.main -> ";
    EXPECT_THAT(calls, HasSubstr(main + "example.com/m.helper calls_function resolved package\n"));
    EXPECT_THAT(calls, HasSubstr("-> example.com/m/text.Join calls_function resolved import\n"));
    EXPECT_THAT(calls,
                HasSubstr("-> example.com/m/yaml.v3.Parse calls_function resolved import\n"));
    EXPECT_THAT(calls, HasSubstr("-> example.com/m/dot.Dotted calls_function resolved import\n"));
    EXPECT_THAT(calls, HasSubstr("-> external fmt.Println calls resolved external\n"));
    // "fmt" is not the tree's folder of that name, and a plain name never leaves its package.
    EXPECT_THAT(calls, Not(HasSubstr("m/fmt.")));
    EXPECT_THAT(calls, Not(HasSubstr("m/text.helper")));
    EXPECT_THAT(calls, HasSubstr("-> unresolved missing calls candidate name_match 0\n"));
    EXPECT_THAT(calls, Not(HasSubstr("m/text.hidden")));
    EXPECT_THAT(calls, Not(HasSubstr("len")));
    EXPECT_THAT(calls, Not(HasSubstr("string")));
}

TEST(GoBind, StandardLibraryIsImportedByFolder) {
    BindFixture tree(
        {{"net/http/s.go", "package http\n\nimport \"io\"\n\nfunc F(r io.Reader) { r.Read() }\n"},
         {"io/io.go", "package io\n\ntype Reader interface { Read() }\n"}});
    EXPECT_EQ(tree.calls(),
              "net/http/s.go:5 net/http.F -> io.Reader.Read calls_method resolved receiver_type\n");
}

TEST(GoBind, ReceiversByStatedAndInferredTypes) {
    const std::string calls = module_tree_calls({
        {"a.go", R"(package m

import "example.com/m/lib"

type S struct {
	c  lib.Conn
	cs []*lib.Conn
	m  map[string]lib.Conn
}

func (s *S) f(p *lib.Conn) {
	p.Close()
	s.c.Close()
	s.cs[0].Close()
	s.m["x"].Close()
	x := lib.New()
	x.Close()
	y, err := lib.Open()
	y.Close()
	err.Error()
	z := &lib.Conn{}
	z.Close()
	for _, e := range s.cs {
		e.Close()
	}
	if q, ok := s.any().(*lib.Conn); ok {
		q.Close()
	}
	new(lib.Conn).Close()
	lib.New().Chain().Close()
	func(w lib.Conn) { w.Close() }(s.c)
	unknown().Close()
}

func (s *S) any() interface{} { return nil }
)"},
        {"b.go", "package m\n\ntype Other struct{}\n\nfunc (o Other) Close() {}\n"},
        {"lib/lib.go", R"(package lib

type Conn struct{}

func New() *Conn           { return nil }
func Open() (*Conn, error) { return nil, nil }
func (c *Conn) Close()     {}
func (c *Conn) Chain() *Conn { return c }
)"},
    });
    for (const char* line :
         {"12", "13", "14", "15", "17", "19", "22", "24", "27", "29", "30", "31"}) {
        EXPECT_THAT(calls,
                    HasSubstr(std::string("a.go:") + line +
                              " example.com/m.S.f -> example.com/m/lib.Conn.Close calls_method "
                              "resolved receiver_type\n"))
            << line;
    }
    EXPECT_THAT(calls,
                HasSubstr("a.go:20 example.com/m.S.f -> external error.Error calls resolved"));
    // Nothing states the type of unknown(): both methods are candidates, neither is a fact.
    EXPECT_THAT(calls,
                HasSubstr("a.go:32 example.com/m.S.f -> example.com/m.Other.Close calls_method "
                          "candidate name_match 80\n"));
    EXPECT_THAT(calls, Not(HasSubstr("m.Other.Close calls_method resolved")));
}

TEST(GoBind, EmbeddingPromotesAndOutsideBasesStayOutside) {
    const std::string calls = module_tree_calls({
        {"a.go", R"(package m

import "sync"

type Base struct{}

func (b *Base) Hello() {}

type D struct {
	*Base
	sync.Mutex
}

func f(d *D) {
	d.Hello()
	d.Base.Hello()
	d.Lock()
}
)"},
        {"lock.go", "package m\n\ntype L struct{}\n\nfunc (l *L) Lock() {}\n"},
    });
    EXPECT_EQ(
        calls,
        "a.go:15 example.com/m.f -> example.com/m.Base.Hello calls_method resolved inheritance\n"
        "a.go:16 example.com/m.f -> example.com/m.Base.Hello calls_method resolved receiver_type\n"
        "a.go:17 example.com/m.f -> external sync.Mutex.Lock calls resolved external\n");
}

TEST(GoBind, LocalsHidePackageNames) {
    const std::string calls = module_tree_calls({
        {"a.go", R"(package m

func run() {}

func f(run func()) {
	run()
	g := run2
	g()
}

func run2() {}
)"},
    });
    EXPECT_THAT(calls, Not(HasSubstr("m.run calls")));
    // A local may hold something else by now.
    EXPECT_THAT(calls,
                HasSubstr("a.go:8 example.com/m.f -> example.com/m.run2 calls_function candidate"));
}

TEST(GoBind, TypesOfFunctionsHideThoseOfThePackage) {
    BindFixture tree(Files{{"p/a.go", R"(package p

type In struct{}

func (In) Type() {}

var K = func(text string) {}

func use(any) {}

func f() {
	type K string
	use(K("a"))
	type item struct{ in In }
	items := []item{{}}
	for _, it := range items {
		it.in.Type()
	}
}

func g() {
	K("a")
	{
		type K int
		K(1)
	}
	type twice struct{ in In }
	twice{}.in.Type()
}

func h() {
	type twice struct{ in *In }
	twice{}.in.Type()
}
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("p/a.go:17 p.f -> p.In.Type calls_method resolved receiver_type"));
    EXPECT_THAT(calls, HasSubstr("p/a.go:22 p.g -> p.K calls resolved scope"));
    EXPECT_THAT(calls, Not(HasSubstr("p/a.go:13 p.f -> p.K")));
    EXPECT_THAT(calls, Not(HasSubstr("p/a.go:25")));
    // Two functions have a type of that name: nothing tells here which one is meant.
    EXPECT_THAT(calls, Not(HasSubstr("p/a.go:28 p.g -> p.In.Type calls_method resolved")));
}

TEST(GoBind, StructsWithoutANameAreFollowed) {
    BindFixture tree(Files{{"p/a.go", R"(package p

type In struct{}

func (In) Type() *In { return nil }

type Other struct{}

func (Other) Type() {}
func (Other) Lock() {}

type Mutex struct{}

func (*Mutex) Lock() {}

var cache struct {
	*Mutex // held while reading
	a, b   In `json:"x.y"`
}

func f() {
	cache.Lock()
	cache.b.Type().Type()
	cache.Mutex.Lock()
	tests := []struct {
		name string
		in   In
		sub  struct {
			deep []In
		}
		run func()
	}{
		{name: "x"},
	}
	for _, test := range tests {
		test.in.Type()
		test.sub.deep[0].Type()
		test.run()
	}
}
)"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls,
                HasSubstr("p/a.go:22 p.f -> p.Mutex.Lock calls_method resolved inheritance"));
    EXPECT_THAT(calls, HasSubstr("p/a.go:24 p.f -> p.Mutex.Lock calls_method resolved"));
    for (const int line : {23, 36, 37})
        EXPECT_THAT(calls, HasSubstr("p/a.go:" + std::to_string(line) +
                                     " p.f -> p.In.Type calls_method resolved receiver_type"));
    EXPECT_THAT(calls, Not(HasSubstr("p.Other"))) << "another type has methods of these names";
    EXPECT_THAT(calls, Not(HasSubstr("p/a.go:38"))) << "a function in a field";
}

TEST(GoBind, GenericsAndConversions) {
    const std::string calls = module_tree_calls({
        {"a.go", R"(package m

import "example.com/m/lib"

type Int int

type Stack[T any] struct{}

func (s *Stack[T]) Push(t T) {}

func f() {
	one[int](1)
	two[int, string](1, 2)
	none[int]()
	lib.Make[Int](3)
	_ = Int(3)
	s := Stack[int]{}
	s.Push(1)
}

func one[T any](t T)        {}
func two[T, U any](t, u T)  {}
func none[T any]()          {}
)"},
        {"lib/l.go", "package lib\n\nfunc Make[T any](t T) {}\n"},
    });
    for (const char* name : {"m.one", "m.two", "m.none", "m/lib.Make", "m.Stack.Push"})
        EXPECT_THAT(calls, HasSubstr(std::string(name) + " calls_")) << name;
    EXPECT_THAT(calls, Not(HasSubstr("m.Int calls")));
}

TEST(GoBind, BuildVariantsHaveOneFact) {
    const std::string calls = module_tree_calls({
        {"a.go", "package m\n\nfunc f() { poll() }\n"},
        {"poll_linux.go", "package m\n\nfunc poll() {}\n"},
        {"poll_windows.go", "package m\n\nfunc poll() {}\n"},
        {"poll_stub.go", "//go:build !linux && !windows\n\npackage m\n\nfunc poll() {}\n"},
        {"w_windows.go", "package m\n\nfunc g() { poll() }\n"},
    });
    // A file of one system never meets that of another.
    EXPECT_EQ(
        calls,
        "a.go:3 example.com/m.f -> example.com/m.poll calls_function candidate package 200\n"
        "a.go:3 example.com/m.f -> example.com/m.poll calls_function candidate package 200\n"
        "a.go:3 example.com/m.f -> example.com/m.poll calls_function resolved package\n"
        "w_windows.go:3 example.com/m.g -> example.com/m.poll calls_function candidate package "
        "200\n"
        "w_windows.go:3 example.com/m.g -> example.com/m.poll calls_function resolved package\n");
}

TEST(GoBind, TestFilesAreSeenByTestsOnly) {
    const std::string calls = module_tree_calls({
        {"a.go", "package m\n\nfunc F() { helper() }\n"},
        {"a_test.go",
         "package m\n\nimport \"testing\"\n\nfunc helper() {}\n\nfunc TestF(t *testing.T) { F(); "
         "helper() }\n"},
        {"b_test.go",
         "package m_test\n\nimport \"example.com/m\"\n\nfunc G() { m.F(); helper() }\n"},
    });
    EXPECT_THAT(calls, HasSubstr("a.go:3 example.com/m.F -> unresolved helper"));
    EXPECT_THAT(
        calls, HasSubstr("a_test.go:7 example.com/m.TestF -> example.com/m.helper calls_function"));
    EXPECT_THAT(calls,
                HasSubstr("b_test.go:5 example.com/m_test.G -> example.com/m.F calls_function "
                          "resolved import"));
    EXPECT_THAT(calls, HasSubstr("b_test.go:5 example.com/m_test.G -> unresolved helper"));
}

TEST(GoBind, InterfacesAreSatisfiedByMethodSets) {
    BindFixture tree(Files{
        {"a/a.go", R"(package a

type Closer interface{ Close() error }
type File interface {
	Closer
	Read(p []byte) (n int, err error)
}

type Disk struct{}

func (d *Disk) Close() error                 { return nil }
func (d *Disk) Read(b []byte) (int, error)   { return 0, nil }

type Half struct{}

func (h Half) Close() {}

func use(f File) { f.Close() }
)"},
        {"b/b.go",
         "package b\n\ntype quiet interface{ close() }\ntype Q struct{}\nfunc (q Q) Close() error "
         "{ return nil }\n"},
    });
    EXPECT_EQ(tree.edges_of(format::EdgeType::Implements),
              "a/a.go:9 a.Disk -> a.Closer implements resolved package\n"
              "a/a.go:9 a.Disk -> a.File implements resolved package\n"
              "b/b.go:4 b.Q -> a.Closer implements resolved dispatch\n");
    const std::string overrides = tree.edges_of(format::EdgeType::Overrides);
    EXPECT_THAT(overrides, HasSubstr("a.Disk.Close -> a.Closer.Close overrides"));
    EXPECT_THAT(overrides, HasSubstr("a.Disk.Read -> a.File.Read overrides"));
    // Half.Close gives no error, so it closes nothing that a Closer is.
    EXPECT_THAT(overrides, Not(HasSubstr("a.Half")));
    EXPECT_THAT(tree.calls(),
                HasSubstr("a.use -> a.Closer.Close calls_method resolved inheritance"));
}

TEST(GoBind, VendoredPackagesHideTheirOriginals) {
    BindFixture tree(Files{
        {"cmd/x.go", "package x\n\nimport \"golang.org/x/sys\"\n\nfunc F() { sys.Call() }\n"},
        {"cmd/vendor/golang.org/x/sys/s.go", "package sys\n\nfunc Call() {}\n"},
        {"vendor/golang.org/x/sys/s.go", "package sys\n\nfunc Call() {}\n"},
    });
    EXPECT_EQ(tree.calls(),
              "cmd/x.go:5 cmd.F -> cmd/vendor/golang.org/x/sys.Call calls_function resolved "
              "import\n");
}

TEST(GoBind, FunctionsAsValuesAreReferences) {
    BindFixture tree(Files{{"a.go", R"(package a

var table = map[string]func(){"x": handler}

var made = build()

func handler() {}
func build() int { return 0 }
func use()       { register(handler); v := T{handler: 1}; _ = v }
func register(f func()) {}

type T struct{ handler int }
)"}});
    const std::string references = tree.edges_of(format::EdgeType::References);
    EXPECT_THAT(references, HasSubstr("a.go:3 a.table -> a.handler references resolved scope"));
    EXPECT_THAT(references, HasSubstr("a.go:9 a.use -> a.handler references resolved scope"));
    // What an initialiser calls runs with the file, the variable only refers to it.
    EXPECT_THAT(references, HasSubstr("a.go:5 a.made -> a.build references"));
    EXPECT_THAT(tree.calls(), HasSubstr("a.go:5 a.go -> a.build calls_function resolved scope"));
}

}  // namespace
}  // namespace kausal::ingest::test
