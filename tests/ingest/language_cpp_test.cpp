// Goal: C++ facts join declarations, definitions and templates, and calls follow scopes and types.
// Method: small sources per construct; facts as text, edges of several files with same-named
// strangers.
#include "bind_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kausal::ingest::test {
namespace {

using Files = std::map<std::string, std::string>;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(CppFacts, ClassesAndTheirMembers) {
    const std::string text = extract_text(cpp_language(), "a.cc", R"(
namespace a { inline namespace v1 { namespace { int hidden() { return 1; } } } }
namespace a::b {
// Doc of D.
template <typename K, class V = int>
class EXPORT D final : public Base, private ns::Q<K> {
 public:
  explicit D(int x) : y_(x) {}
  virtual ~D();
  virtual int f(int x = 1) const = 0;
  int g() override;
  bool operator==(const D& o) const;
  std::vector<std::unique_ptr<V>> items_;
  enum class Color { kRed };
  int y_ GUARDED_BY(mu_) = 0;
};
template <typename K, class V> int D<K, V>::g() { return 0; }
}
TEST(Suite, Name) { check(); }
TEST_F( Fixture , Name ) { run(); }
auto tail() -> Foo* { return nullptr; }
int main(int argc, char** argv) { return 0; }
)");
    EXPECT_THAT(text, HasSubstr("def function static `hidden`"));
    EXPECT_THAT(text, HasSubstr("def module exported `b` lines 3-18 scope=`a`"));
    EXPECT_THAT(text, HasSubstr("def class exported `D` lines 5-16"));
    EXPECT_THAT(text, HasSubstr("extends=`Base` extends=`ns::Q<K>`"));
    EXPECT_THAT(text, HasSubstr("def method exported constructor `D` lines 8-8 params 1..1"));
    EXPECT_THAT(text, HasSubstr("def method exported declaration `~D`"));
    EXPECT_THAT(text,
                HasSubstr("def method exported abstract declaration `f` lines 10-10 params 0..1"));
    EXPECT_THAT(text, HasSubstr("def method exported override declaration `g`"));
    EXPECT_THAT(text, HasSubstr("`operator==`"));
    EXPECT_THAT(text, HasSubstr("def field exported `items_` lines 13-13 "
                                "type=`std::vector<std::unique_ptr<V>>`"));
    EXPECT_THAT(text, HasSubstr("def field exported `y_` lines 15-15 type=`int`"));
    EXPECT_THAT(text, HasSubstr("def method exported `g` lines 17-17 params 0..0 `()` type=`int` "
                                "scope=`D<K, V>`"));
    EXPECT_THAT(text, HasSubstr("def function exported test `Suite.Name`"));
    EXPECT_THAT(text, HasSubstr("def function exported test `Fixture.Name`"));
    EXPECT_THAT(text, HasSubstr("`tail` lines 21-21 params 0..0 `()` type=`Foo*`"));
    EXPECT_THAT(text, HasSubstr("def function exported entry `main`"));
    EXPECT_THAT(text, Not(HasSubstr("errors")));
}

TEST(CppFacts, ConversionsAreNamedByTheirType) {
    const std::string text = extract_text(cpp_language(), "a.cc", R"(
namespace n {
template <class T> struct Box {
  explicit operator bool() const noexcept { return full_; }
  operator const std::vector<T>*() const;
  operator Other<int (*)()>  () && { return {}; }
  Box& operator << (int n);
  bool full_;
};
template <class T> Box<T>::operator const  std::vector<T>*() const { return nullptr; }
struct Plain { operator int(); };
}
n::Plain::operator int() { return 1; }
)");
    EXPECT_THAT(text, HasSubstr("def method exported `operator bool` lines 4-4 params 0..0 `()` "
                                "type=`bool`"));
    EXPECT_THAT(text, HasSubstr("def method exported declaration `operator const std::vector<T>*` "
                                "lines 5-5 params 0..0"));
    EXPECT_THAT(text, HasSubstr("`operator Other<int(*)()>` lines 6-6"));
    EXPECT_THAT(text, HasSubstr("`operator<<` lines 7-7 params 1..1"));
    EXPECT_THAT(text, HasSubstr("def method exported `operator const std::vector<T>*` lines 10-10 "
                                "params 0..0 `()` type=`const std::vector<T>*` scope=`Box<T>`"));
    EXPECT_THAT(text, HasSubstr("def method exported declaration `operator int` lines 11-11"));
    EXPECT_THAT(text, HasSubstr("def method exported `operator int` lines 13-13 params 0..0 `()` "
                                "type=`int` scope=`n::Plain`"));
    EXPECT_THAT(text, Not(HasSubstr("`operator`")));
}

TEST(CppFacts, LocalsAndReferences) {
    const std::string text = extract_text(cpp_language(), "a.cc", R"(
void f(const Foo& p, int n = 1) {
  auto a = std::make_unique<Foo>(1);
  for (auto& [k, v] : map) v->go(k);
  if (auto it = m.find(1); it != m.end()) it->x();
  Foo b(1, 2);
  auto* c = new ns::Bar{3};
  static_cast<Baz*>(c)->baz();
  auto l = [&](Foo q) { return q.run(); };
  try { g<int>(1); } catch (const Err& e) { e.what(); }
}
)");
    EXPECT_THAT(text, HasSubstr("local `p` in f"));
    EXPECT_THAT(text, HasSubstr("value=`std::make_unique<Foo>()`"));
    EXPECT_THAT(text, HasSubstr("local `v` in f"));
    EXPECT_THAT(text, HasSubstr("each=`map` position 1"));
    EXPECT_THAT(text, HasSubstr("value=`m.find()`"));
    EXPECT_THAT(text, HasSubstr("new 6 `Foo` args 2 in f"));
    EXPECT_THAT(text, HasSubstr("new 7 ns -> `Bar` args 1 in f"));
    EXPECT_THAT(text, HasSubstr("call 8 static_cast<Baz*>() -> `baz` args 0 in f"));
    // Calls in a lambda belong to the function around it.
    EXPECT_THAT(text, HasSubstr("call 9 q -> `run` args 0 in f"));
    EXPECT_THAT(text, HasSubstr("call 10 `g` args 1 in f"));
    EXPECT_THAT(text, HasSubstr("local `e` in f"));
}

TEST(CppBind, MethodsByTypeOfTheReceiver) {
    BindFixture tree(Files{
        {"lib/foo.h", R"(#pragma once
#include <memory>
#include <vector>
namespace lib {
class Foo {
 public:
  Foo(int n);
  void go() const;
  static Foo* make();
  Foo& chain() { return *this; }
};
using FooPtr = std::unique_ptr<Foo>;
}
)"},
        {"lib/foo.cc",
         "#include \"lib/foo.h\"\nnamespace lib {\nFoo::Foo(int n) {}\nvoid Foo::go() const {}\n"
         "Foo* Foo::make() { return nullptr; }\n}\n"},
        {"stranger.cc",
         "class Foo { public: void go() {} };\nnamespace x { struct Bar { void go() {} }; }\nvoid "
         "go() {}\n"},
        {"main.cc", R"(#include "lib/foo.h"
#include <map>
namespace app {
struct Holder {
  lib::Foo* foo_;
  std::vector<lib::FooPtr> all_;
  std::map<int, lib::Foo> by_id_;
  void run(const lib::Foo& p);
};
void Holder::run(const lib::Foo& p) {
  p.go();
  foo_->go();
  this->foo_->go();
  all_[0]->go();
  for (auto& f : all_) f->go();
  by_id_.find(1)->second.go();
  for (auto& [id, foo] : by_id_) foo.go();
  auto made = lib::Foo::make();
  made->chain().go();
  auto owned = std::make_unique<lib::Foo>(1);
  owned->go();
  owned.reset();
  lib::Foo local(3);
  local.go();
  unknown->go();
  std::string s; s.size();
}
}
)"},
    });
    const std::string calls = tree.calls();
    const std::string go =
        " app::Holder::run -> lib::Foo::go calls_method resolved receiver_type\n";
    for (const char* line : {"11", "12", "13", "14", "15", "16", "17", "19", "21", "24"})
        EXPECT_THAT(calls, HasSubstr(std::string("main.cc:") + line + go)) << line;
    for (const char* line : {"18 app::Holder::run -> lib::Foo::make calls_method resolved",
                             "23 app::Holder::run -> lib::Foo::Foo calls_method resolved",
                             "22 app::Holder::run -> external std::unique_ptr::reset calls",
                             "26 app::Holder::run -> external std::string::size calls",
                             "25 app::Holder::run -> x::Bar::go calls_method candidate"})
        EXPECT_THAT(calls, HasSubstr(std::string("main.cc:") + line)) << line;
    for (const char* wrong :
         {"-> Foo::go calls_method resolved", "x::Bar::go calls_method resolved", "-> go "})
        EXPECT_THAT(calls, Not(HasSubstr(wrong))) << wrong;
}

TEST(CppBind, ScopesNamespacesAndUsing) {
    BindFixture tree(Files{
        {"a.cc", R"(
void f() {}
namespace one { void f() {} void only() {} namespace { void inner() {} } }
namespace two {
void f() {}
struct S {
  void f() {}
  void call() { f(); ::f(); one::f(); two::f(); }
};
void call() { f(); one::inner(); missing(); }
}
using namespace one;
using two::call;
namespace alias = two;
void top() { only(); call(); alias::f(); boost::thing(); }
)"},
        {"b.cc",
         "namespace one { namespace { void inner() {} } }\nnamespace three { void missing() {} "
         "}\n"},
    });
    EXPECT_EQ(tree.calls(),
              "a.cc:10 two::call -> one::inner calls_function resolved scope\n"
              "a.cc:10 two::call -> three::missing calls_function candidate name_match 160\n"
              "a.cc:10 two::call -> two::f calls_function resolved scope\n"
              "a.cc:15 top -> external boost::thing calls resolved external\n"
              "a.cc:15 top -> one::only calls_function resolved scope\n"
              "a.cc:15 top -> two::call calls_function resolved scope\n"
              "a.cc:15 top -> two::f calls_function resolved scope\n"
              "a.cc:8 two::S::call -> f calls_function resolved scope\n"
              "a.cc:8 two::S::call -> one::f calls_function resolved scope\n"
              "a.cc:8 two::S::call -> two::S::f calls_method resolved scope\n"
              "a.cc:8 two::S::call -> two::f calls_function resolved scope\n");
}

TEST(CppBind, InheritanceAndOverrides) {
    BindFixture tree(Files{
        {"base.h", R"(#pragma once
struct Base {
  virtual void step() = 0;
  virtual void plain() {}
  void helper() {}
  void fixed() {}
};
)"},
        {"derived.h",
         "#pragma once\n#include \"base.h\"\nstruct Derived : public Base, Outside {\n"
         "  void step() override;\n  void plain();\n  void fixed() {}\n  void use();\n};\n"},
        {"derived.cc", R"(#include "derived.h"
void Derived::step() { helper(); }
void Derived::plain() { Base::plain(); }
void Derived::use() { from_outside(); }
void drive(Base* b) { b->step(); }
)"},
    });
    EXPECT_EQ(tree.edges_of(format::EdgeType::Extends),
              "derived.h:3 Derived -> Base extends resolved import\n"
              "derived.h:3 Derived -> external Outside extends resolved external\n");
    // From the definitions, not from the declarations; what is not virtual hides, it does not
    // override.
    EXPECT_EQ(tree.edges_of(format::EdgeType::Overrides),
              "derived.cc:2 Derived::step -> Base::step overrides resolved inheritance\n"
              "derived.cc:3 Derived::plain -> Base::plain overrides resolved inheritance\n");
    EXPECT_EQ(
        tree.calls(),
        "derived.cc:2 Derived::step -> Base::helper calls_method resolved inheritance\n"
        "derived.cc:3 Derived::plain -> Base::plain calls_method resolved receiver_type\n"
        "derived.cc:4 Derived::use -> external Outside::from_outside calls resolved external\n"
        "derived.cc:5 drive -> Base::step calls_method resolved receiver_type\n");
}

TEST(CppBind, OverloadsByCountAndArgument) {
    BindFixture tree(Files{{"a.cc", R"(
struct Slice { Slice(const char* s); };
struct Key {};
struct W {
  void put(int a) {}
  void put(int a, int b) {}
  void put(const char* s) {}
  void put(const Key& k) {}
};
void f(W& w, Key k, Other o) {
  w.put(1, 2);
  w.put("x");
  w.put(k);
  w.put(o);
}
)"}});
    const std::string calls = tree.calls();
    const auto count = [&](const std::string& text) {
        size_t found = 0;
        for (size_t at = calls.find(text); at != std::string::npos; at = calls.find(text, at + 1))
            ++found;
        return found;
    };
    for (const char* line : {"a.cc:11", "a.cc:12", "a.cc:13"})
        EXPECT_EQ(count(std::string(line) + " f -> W::put calls_method resolved receiver_type\n"),
                  1u)
            << line;
    // Nothing tells which of three takes an Other.
    EXPECT_EQ(count("a.cc:14 f -> W::put calls_method candidate receiver_type"), 3u);
    EXPECT_EQ(count("a.cc:14 f -> W::put calls_method resolved"), 0u);
}

TEST(CppBind, NamesOfTheLibraryStayOutsideWhereItsNamespaceIsReopened) {
    BindFixture tree(Files{
        {"hash.h",
         "#pragma once\n#include <functional>\nstruct Key { void use(); };\nnamespace std {\n"
         "template <> struct hash<Key> { int operator()(const Key& k) const; };\n"
         "namespace chrono { struct mine {}; }\n}\n"},
        {"stranger.cc", "struct Meter { int max(); };\nint to_string(int n) { return n; }\n"},
        {"a.cc",
         "#include \"hash.h\"\nvoid f(Key k) {\n  std::to_string(std::max(1, 2));\n"
         "  auto made = std::make_unique<Key>();\n  made->use();\n"
         "  std::chrono::steady_clock::now();\n  std::hash<Key>()(k);\n}\n"},
    });
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("a.cc:3 f -> external std::to_string calls resolved external\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:3 f -> external std::max calls resolved external\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:5 f -> Key::use calls_method resolved receiver_type\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:6 f -> external std::chrono::steady_clock::now calls"));
    EXPECT_THAT(calls, Not(HasSubstr("Meter::max")));
    EXPECT_THAT(calls, Not(HasSubstr("candidate")));
    EXPECT_THAT(tree.edges(), HasSubstr("a.cc:7 f -> std::hash references resolved import"));
}

TEST(CppBind, TemplateParametersAreNoClasses) {
    BindFixture tree(Files{
        {"list.h", R"(#pragma once
template <typename Key, class Comparator>
class List {
 public:
  bool less(const Key& a) { return compare_(a, a) < 0 || compare_.run(); }
  Comparator compare_;
};
)"},
        {"cmp.h",
         "#pragma once\nstruct Comparator { int operator()(int a, int b); int run(); };\n"},
    });
    EXPECT_THAT(tree.calls(),
                Not(HasSubstr("list.h:5 List::less -> Comparator::run calls_method resolved")));
}

TEST(CppBind, TestsSeeTheirFixture) {
    BindFixture tree(Files{{"t.cc", R"(
namespace n {
class Fix : public ::testing::Test { protected: void prepare() {} };
TEST_F(Fix, Works) { prepare(); HasFailure(); EXPECT_EQ(1, 2); }
}
)"},
                           {"other.cc", "void prepare() {}\nvoid HasFailure2() {}\n"}});
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("t.cc:4 n::Fix.Works -> n::Fix::prepare calls_method resolved"));
    EXPECT_THAT(calls,
                HasSubstr("-> external ::testing::Test::HasFailure calls resolved external"));
    EXPECT_THAT(calls, Not(HasSubstr("-> prepare ")));
}

TEST(CppBind, ClassOfTheIncludedHeaderIsMeant) {
    BindFixture tree(Files{
        {"port/a.h", "#pragma once\nnamespace p { struct Mutex { void Lock(); }; }\n"},
        {"port/b.h", "#pragma once\nnamespace p { struct Mutex { void Lock(); }; }\n"},
        {"port/port.h", "#pragma once\n#include \"port/b.h\"\n"},
        {"impl.h",
         "#pragma once\n#include \"port/port.h\"\nstruct Impl { p::Mutex mu_; void run(); };\n"},
        {"impl.cc", "#include \"impl.h\"\nvoid Impl::run() { mu_.Lock(); }\n"},
    });
    EXPECT_EQ(tree.calls(),
              "impl.cc:2 Impl::run -> p::Mutex::Lock calls_method resolved receiver_type\n");
    EXPECT_THAT(tree.dependencies("impl.cc"), HasSubstr("Mutex\n"));
}

TEST(CppBind, TheFirstVariantThatIsIncludedIsMeant) {
    for (const bool is_a_first : {true, false}) {
        const std::string first = is_a_first ? "a" : "z";
        const std::string second = is_a_first ? "z" : "a";
        BindFixture tree(Files{
            {"port/a.h", "#pragma once\nstruct Mutex {\n  void Lock() {}\n};\n"},
            {"port/z.h", "#pragma once\n\nstruct Mutex {\n\n  void Lock() {}\n};\n"},
            {"port.h", "#ifdef X\n#include \"port/" + first + ".h\"\n#else\n#include \"port/" +
                           second + ".h\"\n#endif\n"},
            {"main.cc", "#include \"port.h\"\nvoid f() {\n  Mutex m;\n  m.Lock();\n}\n"},
        });
        EXPECT_THAT(tree.places(), HasSubstr(is_a_first ? "main.cc:4 -> port/a.h:3\n"
                                                        : "main.cc:4 -> port/z.h:5\n"));
    }
}

TEST(CppBind, UsingDeclarationsKeepWhatTheDerivedClassWouldHide) {
    BindFixture tree(Files{
        {"a.cc", R"(
struct Base { void put(int a); void put(int a, int b); };
struct Middle : Base { using Base::put; void put(int a, int b, int c) {} };
struct Derived : Middle {
  using Middle::put;
  void put() {}
  void run() { put(1); }
};
void f(Derived* d) {
  d->put();
  d->put(1, 2, 3);
  d->put(1, 2);
}
void stranger(int a, int b);
)"},
        {"stranger.cc", "struct Other { void put(int a, int b) {} void put(int a) {} };\n"},
    });
    const std::string calls = tree.calls();
    EXPECT_THAT(calls,
                HasSubstr("a.cc:7 Derived::run -> Base::put calls_method resolved inheritance\n"));
    EXPECT_THAT(calls,
                HasSubstr("a.cc:10 f -> Derived::put calls_method resolved receiver_type\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:11 f -> Middle::put calls_method resolved inheritance\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:12 f -> Base::put calls_method resolved inheritance\n"));
    EXPECT_THAT(calls, Not(HasSubstr("Other")));
}

TEST(CppBind, NestedClassesDefinedInAnotherFile) {
    BindFixture tree(Files{
        {"r.h",
         "#pragma once\n#include <memory>\nnamespace n {\nclass Reader {\n public:\n"
         "  void run();\n private:\n  struct State;\n  std::unique_ptr<State> state_;\n};\n}\n"},
        {"state.h",
         "#pragma once\n#include \"r.h\"\nnamespace n {\n"
         "struct Reader::State { void check() {} };\n}\n"},
        {"other.h", "#pragma once\nnamespace n { struct State { void check() {} }; }\n"},
        {"r.cc",
         "#include \"state.h\"\n#include \"other.h\"\nnamespace n {\n"
         "void Reader::run() { state_->check(); }\n}\n"},
    });
    EXPECT_EQ(tree.calls(),
              "r.cc:4 n::Reader::run -> n::Reader::State::check calls_method resolved "
              "receiver_type\n");
}

TEST(CppBind, NamesAreLookedUpFromWhereTheyStand) {
    BindFixture tree(Files{
        {"in.h",
         "#pragma once\n#include <memory>\nnamespace a::b { namespace inner {\n"
         "struct Types { void look(); };\nint split(int n);\n} }\n"},
        {"main.cc", R"(#include "in.h"
namespace a::b {
using namespace inner;
struct Own { void go() {} };
struct User {
  void run() {
    types_.look();
    split(1);
    auto own = std::make_unique<Own>();
    own->go();
    ::close(split(2));
  }
  Types types_;
};
}
)"},
        {"stranger.cc",
         "namespace x { struct Types { void look() {} }; struct Own { void go() {} };\n"
         "int split(int n) { return n; } }\nvoid close(int n) {}\n"},
    });
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("main.cc:7 a::b::User::run -> a::b::inner::Types::look "
                                 "calls_method resolved receiver_type\n"));
    EXPECT_THAT(calls, HasSubstr("main.cc:8 a::b::User::run -> a::b::inner::split calls_function "
                                 "resolved import\n"));
    EXPECT_THAT(calls, HasSubstr("main.cc:10 a::b::User::run -> a::b::Own::go calls_method "
                                 "resolved receiver_type\n"));
    EXPECT_THAT(calls, HasSubstr("main.cc:11 a::b::User::run -> external close calls"));
    EXPECT_THAT(calls, Not(HasSubstr("x::")));
}

TEST(CppBind, TypesThatTheTreeDoesNotNameAreOutside) {
    BindFixture tree(Files{
        {"a.cc", R"(#include <jni.h>
namespace lib { class App; }
void f(JNIEnv* env, lib::App& app, Missing& m) {
  env->Delete(1);
  app.add(2).check(3);
  m.check(4);
}
template <typename Map>
// A comment between the header and the function.
void g(const Map& map) { map.check(5); }
)"},
        {"stranger.cc", "struct Other { void check(int n) {} void add(int n) {} };\n"},
    });
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("a.cc:4 f -> external JNIEnv::Delete calls resolved external\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:5 f -> external lib::App::add calls resolved external\n"));
    EXPECT_THAT(calls, HasSubstr("a.cc:6 f -> external Missing::check calls"));
    // A parameter of a template may be of any class.
    EXPECT_THAT(calls, HasSubstr("a.cc:10 g -> Other::check calls_method candidate name_match"));
}

TEST(CppBind, TypesInDeclarationsStandBesideWhatTheyDeclare) {
    BindFixture tree(Files{{"a.cc", R"(
namespace n {
struct Token {
  enum class Kind { Word, Mark } kind = Kind::Word;
  struct Place { void go() {} } place;
};
void f(Token t) {
  Token::Kind k = Token::Kind::Mark;
  t.place.go();
}
}
)"}});
    const std::string edges = tree.edges();
    EXPECT_THAT(tree.symbols(), HasSubstr("enum n::Token::Kind "));
    EXPECT_THAT(edges, HasSubstr("a.cc:8 n::f -> n::Token::Kind references resolved scope\n"));
    EXPECT_THAT(edges,
                HasSubstr("a.cc:8 n::f -> n::Token::Kind::Mark references resolved scope\n"));
    EXPECT_THAT(
        edges,
        HasSubstr("a.cc:9 n::f -> n::Token::Place::go calls_method resolved receiver_type\n"));
}

TEST(CppBind, AliasesAreUsedByWhatTheyQualify) {
    BindFixture tree(Files{{"a.cc", R"(
struct Value { enum class Kind { Typed, Other }; static void make(); };
using Kind = Value::Kind;
using Maker = Value;
bool is_cast(int n) { return n != 0; }
bool f(Kind kind) {
  Maker::make();
  return kind == Kind::Typed || kind == Kind::Other || is_cast(static_cast<int>(kind));
}
)"}});
    const std::string edges = tree.edges();
    EXPECT_THAT(edges, HasSubstr("a.cc:8 f -> Kind references resolved scope\n"));
    EXPECT_THAT(edges, HasSubstr("a.cc:8 f -> Value::Kind::Typed references resolved scope\n"));
    EXPECT_THAT(edges, HasSubstr("a.cc:7 f -> Maker references resolved scope\n"));
    EXPECT_THAT(edges, HasSubstr("a.cc:7 f -> Value::make calls_method resolved"));
    EXPECT_THAT(edges, HasSubstr("a.cc:8 f -> is_cast calls_function resolved scope\n"));
    EXPECT_THAT(edges, Not(HasSubstr("static_cast")));
}

}  // namespace
}  // namespace kausal::ingest::test
