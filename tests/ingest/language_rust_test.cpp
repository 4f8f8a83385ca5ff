// Goal: Rust facts and edges say what the language says: modules and use trees, impl blocks and
// traits, receivers behind wrappers, macros; and nothing that only a same-named symbol suggests.
// Method: small sources per construct; the facts are compared as text, the calls of several files
// are compared as a whole list, decoys included.
#include "bind_fixture.h"
#include "ingest/resolve_rust_paths.h"
#include "ingest/resolve_rust_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kausal::ingest::test {
namespace {

using Files = std::map<std::string, std::string>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// The calls of a tree of two crates: `alpha` in a/, `beta-core` in b/.
std::string calls_of_crates(Files files) {
    BindFixture tree(std::move(files));
    tree.config.cargo_crates = {{"a", "alpha"}, {"b", "beta-core"}};
    return tree.calls();
}

constexpr const char* kItems = R"rust(pub mod inner {
    /// A point.
    #[derive(Clone, Debug)]
    pub struct Point<T: Copy> {
        pub x: T,
        y: Vec<T>,
    }
    pub struct Pair(pub u32, String);
    pub struct Unit;
}

pub trait Shape: Clone + fmt::Debug {
    const SIDES: usize;
    type Out;
    fn area(&self) -> f64;
    fn name(&self) -> String { String::new() }
    fn make() -> Self where Self: Sized;
}

impl<T: Copy> inner::Point<T> {
    pub(crate) fn new(x: T) -> Self { todo!() }
    fn shift(&mut self, by: T, scale: u8) {}
}

impl Shape for Local {
    fn area(&self) -> f64 { 0.0 }
}

struct Local;
enum Choice { One, Two(u8, String), Three { deep: bool } }
union Raw { a: u8, b: u16 }
type Alias<T> = Result<T, Error>;
const LIMIT: usize = 4;
static mut STATE: Option<u8> = None;
macro_rules! twice { ($e:expr) => { $e; $e } }

fn main() {}
#[no_mangle]
pub extern "C" fn exposed(a: i32) -> i32 { a }
extern "C" { fn imported(a: i32) -> i32; }

#[cfg(test)]
mod tests {
    #[test]
    fn works() {}
}
)rust";

TEST(RustFacts, ItemsImplsAndTheirFlags) {
    const std::string text = extract_text(rust_language(), "src/lib.rs", kItems);
    EXPECT_THAT(text, HasSubstr("def module exported `inner` lines 1-10"));
    EXPECT_THAT(text, HasSubstr("  def struct exported `Point` lines 3-7"));
    EXPECT_THAT(text, HasSubstr("    def field exported `x` lines 5-5 type=`T`"));
    EXPECT_THAT(text, HasSubstr("    def field `y` lines 6-6 type=`Vec<T>`"));
    EXPECT_THAT(text, HasSubstr("  def struct exported `Pair` lines 8-8 type=`(pub u32, String)`"));
    EXPECT_THAT(text, HasSubstr("  def struct exported `Unit` lines 9-9"));
    EXPECT_THAT(text, HasSubstr("def interface exported `Shape`"));
    EXPECT_THAT(text, HasSubstr("extends=`Clone` extends=`fmt::Debug`"));
    EXPECT_THAT(text, HasSubstr("  def constant exported `SIDES`"));
    EXPECT_THAT(text, HasSubstr("  def alias exported `Out`"));
    EXPECT_THAT(text, HasSubstr("  def method exported abstract `area` lines 15-15"));
    EXPECT_THAT(text, HasSubstr("  def method exported `name` lines 16-16"));
    EXPECT_THAT(text, HasSubstr("  def method exported static abstract `make` lines 17-17"));
    EXPECT_THAT(text, HasSubstr("def method exported static `new` lines 21-21 params 1..1"));
    EXPECT_THAT(text, HasSubstr("scope=`inner::Point<T>`"));
    EXPECT_THAT(text, HasSubstr("def method `shift` lines 22-22 params 2..2"));
    EXPECT_THAT(text, HasSubstr("scope=`Local` trait=`Shape`"));
    EXPECT_THAT(text, HasSubstr("implements=`Shape`"));
    EXPECT_THAT(text, HasSubstr("def enum `Choice` lines 30-30"));
    EXPECT_THAT(text, HasSubstr("  def enum_member `Two` lines 30-30 type=`(u8, String)`"));
    EXPECT_THAT(text, HasSubstr("def union `Raw` lines 31-31"));
    EXPECT_THAT(text, HasSubstr("def alias `Alias` lines 32-32 type=`Result<T, Error>`"));
    EXPECT_THAT(text, HasSubstr("def constant `LIMIT` lines 33-33 type=`usize`"));
    EXPECT_THAT(text, HasSubstr("def variable `STATE` lines 34-34 type=`Option<u8>`"));
    EXPECT_THAT(text, HasSubstr("def macro `twice` lines 35-35"));
    EXPECT_THAT(text, HasSubstr("def function entry `main` lines 37-37"));
    EXPECT_THAT(text, HasSubstr("def function exported reflected `exposed` lines 38-39"));
    EXPECT_THAT(text, HasSubstr("def function declaration `imported` lines 40-40"));
    EXPECT_THAT(text, HasSubstr("def module test `tests` lines 42-46"));
    EXPECT_THAT(text, HasSubstr("  def function test `works` lines 44-45"));
    EXPECT_THAT(text, Not(HasSubstr("errors")));
}

TEST(RustFacts, UseTreesAreTakenApart) {
    const std::string text = extract_text(rust_language(), "src/lib.rs", R"rust(
use std::{collections::{HashMap, BTreeMap as Sorted}, fmt::{self, Display}, io::*};
pub use self::inner::{Point, Shape as Form};
use super::Trait as _;
pub(crate) use crate::deep::*;
mod inner;
extern crate alloc as heap;
fn f() { use a::b; }
)rust");
    EXPECT_THAT(text, HasSubstr("import 2 `std::collections::HashMap`\n"
                                "import 2 `std::collections::BTreeMap` alias=`Sorted`\n"
                                "import 2 `std::fmt`\n"
                                "import 2 `std::fmt::Display`\n"
                                "import 2 `std::io` wildcard\n"));
    EXPECT_THAT(text, HasSubstr("import 3 `self::inner::Point` reexport\n"
                                "import 3 `self::inner::Shape` alias=`Form` reexport\n"
                                "import 4 `super::Trait` alias=`_`\n"
                                "import 5 `crate::deep` wildcard reexport\n"
                                "import 6 `inner` module\n"
                                "import 7 `alloc` alias=`heap` namespace\n"
                                "import 8 `a::b` in f\n"));
}

TEST(RustFacts, MacroArgumentsAreReadAndTokensOfGeneratedCodeAreNot) {
    const std::string text = extract_text(rust_language(), "src/lib.rs", R"rust(
fn f(x: &T) {
    println!("{} {}", x.size(), m::count::<u8>(1, 2));
    assert_eq!(x.list[0].first()?, vec![make(3)]);
    quote! { not_called(1) };
    let s = "no_call()"; // no_call()
}
cfg_if! { if #[cfg(unix)] { fn chosen() { inner() } } else { fn other() {} } }
)rust");
    EXPECT_THAT(text, HasSubstr("call 3 x -> `size` args 0 in f"));
    EXPECT_THAT(text, HasSubstr("call 3 m -> `count` args 2 in f"));
    EXPECT_THAT(text, HasSubstr("call 4 x.list[] -> `first` args 0 in f"));
    EXPECT_THAT(text, HasSubstr("macro 4 `vec` in f"));
    EXPECT_THAT(text, HasSubstr("call 4 `make` args 1 in f"));
    EXPECT_THAT(text, Not(HasSubstr("not_called")));
    EXPECT_THAT(text, Not(HasSubstr("no_call")));
    EXPECT_THAT(text, HasSubstr("def function `chosen` lines 8-8"));
    EXPECT_THAT(text, HasSubstr("call 8 `inner` args 0 in chosen"));
}

TEST(RustTypes, TextsAreCut) {
    EXPECT_THAT(rust::split_segments("a::B<C, D>::d"), ElementsAre("a", "B", "d"));
    EXPECT_THAT(rust::split_segments("Vec::<u8>::new"), ElementsAre("Vec", "new"));
    EXPECT_THAT(rust::split_segments("<A as m::B>::c"), ElementsAre("<A as m::B>", "c"));
    EXPECT_THAT(rust::split_list("A, B<C, D>, (E, F), fn(G) -> H, I"),
                ElementsAre("A", "B<C, D>", "(E, F)", "fn(G) -> H", "I"));
    EXPECT_THAT(rust::split_list(""), IsEmpty());
    EXPECT_EQ(rust::bare_type("&'a mut dyn Shape"), "Shape");
    EXPECT_EQ(rust::bare_type("*const u8"), "u8");
    EXPECT_EQ(rust::bare_type("pub(crate) T"), "T");
    EXPECT_EQ(rust::arguments_of("a::Map<K, V>"), "K, V");
    EXPECT_EQ(rust::arguments_of("a::Map"), "");
    EXPECT_EQ(rust::type_parameters_of("pub fn f<T: Fn(u8) -> V, U>(t: T)", "f"),
              "<T: Fn(u8) -> V, U>");
    EXPECT_EQ(rust::type_parameters_of("pub fn f(t: T)", "f"), "");
}

TEST(RustTypes, FilesAreCratesAndModules) {
    WorkspaceConfig config;
    config.name = "test";
    config.cargo_crates = {{"a", "alpha"}, {"a/nested", "nested-one"}};
    const auto module = [&](std::string_view path) { return rust::place_of(config, path).module; };
    EXPECT_EQ(module("a/src/lib.rs"), "alpha");
    EXPECT_EQ(module("a/src/net/mod.rs"), "alpha::net");
    EXPECT_EQ(module("a/src/net/tcp.rs"), "alpha::net::tcp");
    EXPECT_EQ(module("a/nested/src/x.rs"), "nested_one::x");
    EXPECT_EQ(module("a/tests/it.rs"), "alpha::tests::it");
    EXPECT_EQ(module("a/src/bin/tool/main.rs"), "alpha::bin::tool");
    EXPECT_EQ(module("a/build.rs"), "alpha::build");
    EXPECT_EQ(module("loose-1.2.3/src/lib.rs"), "test::loose-1.2.3::src");
}

// Paths start at the crate, at super, at self or at an import; what a module re-exports is found
// under its new place and name; a function of the same name elsewhere stays out.
TEST(RustBinding, ModulesImportsAndReexports) {
    EXPECT_EQ(calls_of_crates({
                  {"a/src/lib.rs", R"rust(mod net;
pub mod prelude { pub use crate::net::tcp::{connect, listen as serve}; }
use net::tcp::connect;
pub fn run() {
    connect();
    crate::net::tcp::listen();
    net::close();
    self::local();
    beta_core::start();
    std::mem::swap(1, 2);
    hidden();
}
fn local() {}
)rust"},
                  {"a/src/net/mod.rs", R"rust(pub mod tcp;
pub fn close() { super::local(); tcp::listen(); }
fn hidden() {}
)rust"},
                  {"a/src/net/tcp.rs", R"rust(use super::super::prelude::*;
pub fn connect() { serve() }
pub fn listen() { use beta_core::deep::start as go; go(); }
)rust"},
                  {"b/src/lib.rs", R"rust(pub mod deep;
pub use deep::*;
pub fn connect() {}
)rust"},
                  {"b/src/deep.rs", "pub fn start() { crate::connect() }\n"},
              }),
              R"text(a/src/lib.rs:10 alpha::run -> external std::mem::swap calls resolved external
a/src/lib.rs:11 alpha::run -> alpha::net::hidden calls_function candidate name_match 160
a/src/lib.rs:5 alpha::run -> alpha::net::tcp::connect calls_function resolved import
a/src/lib.rs:6 alpha::run -> alpha::net::tcp::listen calls_function resolved package
a/src/lib.rs:7 alpha::run -> alpha::net::close calls_function resolved package
a/src/lib.rs:8 alpha::run -> alpha::local calls_function resolved scope
a/src/lib.rs:9 alpha::run -> beta_core::deep::start calls_function resolved package
a/src/net/mod.rs:2 alpha::net::close -> alpha::local calls_function resolved package
a/src/net/mod.rs:2 alpha::net::close -> alpha::net::tcp::listen calls_function resolved package
a/src/net/tcp.rs:2 alpha::net::tcp::connect -> alpha::net::tcp::listen calls_function resolved scope
a/src/net/tcp.rs:3 alpha::net::tcp::listen -> beta_core::deep::start calls_function resolved import
b/src/deep.rs:1 beta_core::deep::start -> beta_core::connect calls_function resolved package
)text");
}

constexpr const char* kShapes = R"rust(
pub trait Shape {
    fn area(&self) -> f64;
    fn twice(&self) -> f64 { self.area() + Self::unit() }
    fn unit() -> f64 { 1.0 }
}
pub struct Square(f64);
impl Square {
    pub fn new(side: f64) -> Self { let s = Self(side); s.check(); Self::log(); s }
    fn check(&self) {}
    fn log() {}
    fn name(&self) {}
}
impl Shape for Square {
    fn area(&self) -> f64 { self.name(); self.side() }
}
impl Square { fn side(&self) -> f64 { self.0 } }
trait Named { fn name(&self); }
impl Named for Square { fn name(&self) {} }
struct Other;
impl Other { fn area(&self) {} fn check(&self) {} }
fn all(s: &Square, d: &dyn Shape, o: &Other) {
    s.area();
    s.twice();
    d.area();
    o.area();
    Square::new(1.0).check();
    Shape::area(s);
    <Square as Shape>::area(s);
    <Square as Named>::name(s);
    Square::area(s);
}
fn generic<T: Shape + Clone, U>(t: &T, u: U) where U: Named {
    t.area();
    t.clone();
    u.name();
    T::unit();
}
fn hidden(x: impl Shape) -> impl Named { x.twice(); Square(1.0) }
fn after() { hidden(Square(2.0)).name(); }
)rust";

// Impl blocks stand apart from their types; what a type has of its own comes before its traits;
// a trait's default method is found through its implementors.
TEST(RustBinding, ImplsTraitsAndSelf) {
    BindFixture tree(Files{{"src/lib.rs", kShapes}});
    EXPECT_EQ(
        tree.calls(),
        R"text(src/lib.rs:15 test::Square::area -> test::Square::name calls_method resolved receiver_type
src/lib.rs:15 test::Square::area -> test::Square::side calls_method resolved receiver_type
src/lib.rs:23 test::all -> test::Square::area calls_method resolved receiver_type
src/lib.rs:24 test::all -> test::Shape::twice calls_method resolved inheritance
src/lib.rs:25 test::all -> test::Shape::area calls_method resolved receiver_type
src/lib.rs:26 test::all -> test::Other::area calls_method resolved receiver_type
src/lib.rs:27 test::all -> test::Square::check calls_method resolved receiver_type
src/lib.rs:27 test::all -> test::Square::new calls_method resolved scope
src/lib.rs:28 test::all -> test::Shape::area calls_method resolved scope
src/lib.rs:29 test::all -> test::Square::area calls_method resolved scope
src/lib.rs:30 test::all -> test::Square::name calls_method resolved scope
src/lib.rs:31 test::all -> test::Square::area calls_method resolved scope
src/lib.rs:34 test::generic -> test::Shape::area calls_method resolved receiver_type
src/lib.rs:35 test::generic -> external std::clone::Clone::clone calls resolved external
src/lib.rs:36 test::generic -> test::Named::name calls_method resolved receiver_type
src/lib.rs:37 test::generic -> test::Shape::unit calls_method resolved scope
src/lib.rs:39 test::hidden -> test::Shape::twice calls_method resolved receiver_type
src/lib.rs:4 test::Shape::twice -> test::Shape::area calls_method resolved receiver_type
src/lib.rs:4 test::Shape::twice -> test::Shape::unit calls_method resolved scope
src/lib.rs:40 test::after -> test::Named::name calls_method resolved receiver_type
src/lib.rs:40 test::after -> test::hidden calls_function resolved scope
src/lib.rs:9 test::Square::new -> test::Square::check calls_method resolved receiver_type
src/lib.rs:9 test::Square::new -> test::Square::log calls_method resolved scope
)text");
    EXPECT_EQ(tree.edges_of(format::EdgeType::Implements),
              R"text(src/lib.rs:7 test::Square -> test::Named implements resolved scope
src/lib.rs:7 test::Square -> test::Shape implements resolved scope
)text");
    EXPECT_EQ(
        tree.edges_of(format::EdgeType::Overrides),
        R"text(src/lib.rs:15 test::Square::area -> test::Shape::area overrides resolved inheritance
src/lib.rs:19 test::Square::name -> test::Named::name overrides resolved inheritance
)text");
}

constexpr const char* kPool = R"rust(
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
pub struct Conn { id: u32 }
impl Conn {
    pub fn open() -> Result<Conn, Error> { Ok(Conn { id: 1 }) }
    pub fn send(&self) {}
    pub fn peer(&self) -> Option<&Conn> { None }
}
struct Decoy;
impl Decoy { fn send(&self) {} }
struct Pool {
    one: Arc<Mutex<Conn>>,
    list: Vec<Box<Conn>>,
    map: HashMap<String, Conn>,
    maybe: Option<Conn>,
    pair: (Conn, Decoy),
}
enum Event { Got(Conn), Lost { last: Conn } }
impl Pool {
    fn work(&mut self, p: &Conn, event: Event) -> Result<(), Error> {
        self.one.lock().unwrap().send();
        self.list[0].send();
        self.map.get("x").unwrap().send();
        self.pair.0.send();
        self.pair.1.send();
        Conn::open()?.send();
        let c = Conn::open().unwrap();
        c.send();
        for each in &self.list { each.send(); }
        if let Some(m) = &self.maybe { m.send(); }
        let Some(n) = p.peer() else { return Ok(()) };
        n.send();
        match event {
            Event::Got(g) => g.send(),
            Event::Lost { last } => last.send(),
        }
        self.list.iter().filter(|f| f.send()).for_each(|e| e.send());
        let boxed = Box::new(Conn { id: 2 });
        boxed.send();
        unknown().send();
        p.missing();
        Ok(())
    }
}
fn convert(c: Conn) -> Decoy { let c = Decoy; c.send(); c }
)rust";

// The receiver's type behind references, boxes, options, guards, iterators and patterns.
TEST(RustBinding, ReceiversBehindWrappersAndPatterns) {
    BindFixture tree(Files{{"src/lib.rs", kPool}});
    EXPECT_EQ(
        tree.calls(),
        R"text(src/lib.rs:22 test::Pool::work -> external std::result::Result::unwrap calls resolved external
src/lib.rs:22 test::Pool::work -> external std::sync::Mutex::lock calls resolved external
src/lib.rs:22 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:23 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:24 test::Pool::work -> external std::collections::HashMap::get calls resolved external
src/lib.rs:24 test::Pool::work -> external std::option::Option::unwrap calls resolved external
src/lib.rs:24 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:25 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:26 test::Pool::work -> test::Decoy::send calls_method resolved receiver_type
src/lib.rs:27 test::Pool::work -> test::Conn::open calls_method resolved scope
src/lib.rs:27 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:28 test::Pool::work -> external std::result::Result::unwrap calls resolved external
src/lib.rs:28 test::Pool::work -> test::Conn::open calls_method resolved scope
src/lib.rs:29 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:30 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:31 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:32 test::Pool::work -> test::Conn::peer calls_method resolved receiver_type
src/lib.rs:33 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:35 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:36 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:38 test::Pool::work -> external std::iter::Iterator::filter calls resolved external
src/lib.rs:38 test::Pool::work -> external std::iter::Iterator::for_each calls resolved external
src/lib.rs:38 test::Pool::work -> external std::vec::Vec::iter calls resolved external
src/lib.rs:38 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:38 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:39 test::Pool::work -> external std::boxed::Box::new calls resolved external
src/lib.rs:40 test::Pool::work -> test::Conn::send calls_method resolved receiver_type
src/lib.rs:41 test::Pool::work -> test::Conn::send calls_method candidate name_match 80
src/lib.rs:41 test::Pool::work -> test::Decoy::send calls_method candidate name_match 80
src/lib.rs:41 test::Pool::work -> unresolved unknown calls candidate name_match 0
src/lib.rs:42 test::Pool::work -> unresolved missing calls candidate name_match 0
src/lib.rs:46 test::convert -> test::Decoy::send calls_method resolved receiver_type
)text");
}

// Locals hide functions; nested functions are seen in their function only; macros by text, by
// crate and by import; calls among macro arguments are bound as others.
TEST(RustBinding, ScopesAndMacros) {
    EXPECT_EQ(calls_of_crates({
                  {"a/src/lib.rs", R"rust(#[macro_use]
mod macros;
fn run() {}
fn outer(run: impl Fn()) {
    run();
    fn inner() { run2() }
    inner();
    let f = || run2();
    f();
    check!(run2());
    println!("{}", run2());
}
fn run2() { inner(); beta_core::outside!(); }
)rust"},
                  {"a/src/macros.rs", R"rust(macro_rules! check { ($e:expr) => { $e } }
fn inner() {}
)rust"},
                  {"b/src/lib.rs", R"rust(#[macro_export]
macro_rules! outside { () => {} }
macro_rules! check { () => {} }
fn use_it() { check!(); outside!(); }
)rust"},
              }),
              R"text(a/src/lib.rs:10 alpha::outer -> alpha::macros::check calls resolved package
a/src/lib.rs:10 alpha::outer -> alpha::run2 calls_function resolved scope
a/src/lib.rs:11 alpha::outer -> alpha::run2 calls_function resolved scope
a/src/lib.rs:11 alpha::outer -> external std::println calls resolved external
a/src/lib.rs:13 alpha::run2 -> alpha::macros::inner calls_function candidate name_match 80
a/src/lib.rs:13 alpha::run2 -> alpha::outer::inner calls_function candidate name_match 80
a/src/lib.rs:13 alpha::run2 -> beta_core::outside calls resolved package
a/src/lib.rs:6 alpha::outer::inner -> alpha::run2 calls_function resolved scope
a/src/lib.rs:7 alpha::outer -> alpha::outer::inner calls_function resolved scope
a/src/lib.rs:8 alpha::outer -> alpha::run2 calls_function resolved scope
b/src/lib.rs:4 beta_core::use_it -> beta_core::check calls resolved scope
b/src/lib.rs:4 beta_core::use_it -> beta_core::outside calls resolved scope
)text");
}

// What one target has and another has not stands side by side: neither is a fact.
TEST(RustBinding, ConditionalTwinsAreCandidates) {
    BindFixture tree(Files{{"src/lib.rs", R"rust(
#[cfg(unix)]
fn path() {}
#[cfg(windows)]
fn path() {}
fn open() { path() }
)rust"}});
    EXPECT_EQ(tree.calls(),
              R"text(src/lib.rs:6 test::open -> test::path calls_function candidate arity 120
src/lib.rs:6 test::open -> test::path calls_function candidate arity 120
)text");
}

// The parts of a tuple that `let` takes apart have the types that the function states, in its own
// file or in another one.
TEST(RustBinding, TuplesAreTakenApart) {
    BindFixture tree(Files{
        {"src/lib.rs", R"rust(mod channel;
use channel::pair;
pub struct Left;
impl Left { fn go(&self) {} }
pub struct Right;
impl Right { fn go(&self) {} }
fn own() -> (Left, Box<Right>) { (Left, Box::new(Right)) }
fn fallible() -> Result<(Left, u8), String> { Ok((Left, 1)) }
fn run() {
    let (a, b) = own();
    a.go();
    b.go();
    let (tx, rx) = pair();
    tx.send();
    rx.send();
    let (_, other) = channel::Hub::open();
    other.send();
    let (c, _) = fallible().unwrap();
    c.go();
    let (d, e): (Right, Left) = todo!();
    d.go();
    e.go();
    let (.., last) = own();
    last.go();
    let (_, mut changing) = own();
    changing.go();
}
)rust"},
        {"src/channel.rs", R"rust(pub struct Sender;
impl Sender { pub fn send(&self) {} }
pub struct Receiver;
impl Receiver { pub fn send(&self) {} }
pub fn pair() -> (Sender, Receiver) { (Sender, Receiver) }
pub struct Hub;
impl Hub { pub fn open() -> (Sender, Receiver) { pair() } }
)rust"},
    });
    EXPECT_EQ(
        tree.calls(),
        R"text(src/channel.rs:7 test::channel::Hub::open -> test::channel::pair calls_function resolved scope
src/lib.rs:10 test::run -> test::own calls_function resolved scope
src/lib.rs:11 test::run -> test::Left::go calls_method resolved receiver_type
src/lib.rs:12 test::run -> test::Right::go calls_method resolved receiver_type
src/lib.rs:13 test::run -> test::channel::pair calls_function resolved import
src/lib.rs:14 test::run -> test::channel::Sender::send calls_method resolved receiver_type
src/lib.rs:15 test::run -> test::channel::Receiver::send calls_method resolved receiver_type
src/lib.rs:16 test::run -> test::channel::Hub::open calls_method resolved package
src/lib.rs:17 test::run -> test::channel::Receiver::send calls_method resolved receiver_type
src/lib.rs:18 test::run -> external std::result::Result::unwrap calls resolved external
src/lib.rs:18 test::run -> test::fallible calls_function resolved scope
src/lib.rs:19 test::run -> test::Left::go calls_method resolved receiver_type
src/lib.rs:20 test::run -> external std::todo calls resolved external
src/lib.rs:21 test::run -> test::Right::go calls_method resolved receiver_type
src/lib.rs:22 test::run -> test::Left::go calls_method resolved receiver_type
src/lib.rs:23 test::run -> test::own calls_function resolved scope
src/lib.rs:24 test::run -> test::Left::go calls_method candidate name_match 80
src/lib.rs:24 test::run -> test::Right::go calls_method candidate name_match 80
src/lib.rs:25 test::run -> test::own calls_function resolved scope
src/lib.rs:26 test::run -> test::Right::go calls_method resolved receiver_type
src/lib.rs:7 test::own -> external std::boxed::Box::new calls resolved external
)text");
}

// Exported macros stand at the root of their crate, whatever module has them; others do not.
TEST(RustBinding, ExportedMacrosAreFoundAtTheRoot) {
    EXPECT_EQ(
        calls_of_crates({
            {"a/src/lib.rs", "mod deep;\n"},
            {"a/src/deep.rs", R"rust(#[macro_export]
macro_rules! open { () => {} }
macro_rules! closed { () => {} }
)rust"},
            {"b/src/lib.rs", R"rust(use alpha::open as imported;
fn run() { alpha::open!(); imported!(); alpha::closed!(); }
)rust"},
        }),
        R"text(b/src/lib.rs:2 beta_core::run -> alpha::deep::closed calls candidate name_match 160
b/src/lib.rs:2 beta_core::run -> alpha::deep::open calls resolved import
b/src/lib.rs:2 beta_core::run -> alpha::deep::open calls resolved package
)text");
}

// Methods are named after their type also where the impl block names it from elsewhere, and what
// an impl for any `T: Trait` calls on itself is the trait's.
TEST(RustBinding, ImplsFromElsewhereAndForParameters) {
    BindFixture tree(Files{
        {"src/lib.rs", R"rust(mod more;
pub struct Item;
pub trait Shape { fn area(&self); }
impl<T: Shape + ?Sized> Shape for &T { fn area(&self) { (**self).area() } }
)rust"},
        {"src/more.rs",
         R"rust(impl crate::Item { fn grow(&self) { fn inner() {} inner(); self.shrink() } }
impl super::Item { fn shrink(&self) { self.grow() } }
)rust"},
    });
    EXPECT_EQ(
        tree.calls(),
        R"text(src/lib.rs:4 test::T::area -> test::Shape::area calls_method resolved receiver_type
src/more.rs:1 test::Item::grow -> test::Item::grow::inner calls_function resolved scope
src/more.rs:1 test::Item::grow -> test::Item::shrink calls_method resolved receiver_type
src/more.rs:2 test::Item::shrink -> test::Item::grow calls_method resolved receiver_type
)text");
}

}  // namespace
}  // namespace kausal::ingest::test
