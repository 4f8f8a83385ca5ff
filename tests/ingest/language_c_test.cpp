// Goal: C facts survive declarators and the preprocessor, and calls go where linkage and includes
// say. Method: small sources per construct; facts as text, edges of several files with same-named
// strangers.
#include "bind_fixture.h"
#include "ingest/c_mask.h"
#include "ingest/resolve_c_files.h"
#include "ingest/resolve_c_types.h"
#include "ingest/workspace_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kausal::ingest::test {
namespace {

using Files = std::map<std::string, std::string>;
using ::testing::HasSubstr;
using ::testing::Not;

std::string masked(std::string_view source) {
    std::string out;
    return mask_preprocessor(source, out) ? out : std::string(source);
}

TEST(CMask, KeepsSizeAndLines) {
    const std::string source = "class API X {\n#if 0\nbad {{\n#endif\n};\n";
    const std::string out = masked(source);
    ASSERT_EQ(out.size(), source.size());
    for (size_t i = 0; i < source.size(); ++i) EXPECT_EQ(out[i] == '\n', source[i] == '\n') << i;
}

TEST(CMask, BranchesThatCutBracesKeepTheFirst) {
    EXPECT_EQ(
        masked(
            "void f(void) {\n#ifdef A\n  if (a) {\n#else\n  if (b) {\n#endif\n    g();\n  }\n}\n"),
        "void f(void) {\n        \n  if (a) {\n     \n          \n      \n    g();\n  }\n}\n");
    // Whole statements in both branches are left to the grammar.
    const std::string whole = "void f(void) {\n#ifdef A\n  a();\n#else\n  b();\n#endif\n}\n";
    EXPECT_EQ(masked(whole), whole);
}

TEST(CMask, ConditionsInListsGo) {
    EXPECT_EQ(masked("int t[] = {\n#ifdef A\n 1,\n#endif\n 2 };\n"),
              "int t[] = {\n        \n 1,\n      \n 2 };\n");
    EXPECT_EQ(masked("void f(void) { g(a,\n#ifdef A\n  b);\n#else\n  c);\n#endif\n}\n"),
              "void f(void) { g(a,\n        \n  b);\n     \n     \n      \n}\n");
}

TEST(CMask, DeadBranchGoes) {
    EXPECT_EQ(masked("#if 0\nint a;\n#else\nint b;\n#endif\n"),
              "#if 0\n      \n#else\nint b;\n#endif\n");
}

TEST(CMask, MacrosInDeclarationsGo) {
    EXPECT_EQ(masked("class EXPORT Slice {"), "class        Slice {");
    EXPECT_EQ(masked("API int f(void);"), "    int f(void);");
    EXPECT_EQ(masked("local uint f(s *x) {}"), "      uint f(s *x) {}");
    EXPECT_EQ(masked("int WINAPI f(void);"), "int        f(void);");
    EXPECT_EQ(masked("bool done GUARDED_BY(mu);"), "bool done               ;");
    EXPECT_EQ(masked("void f() EXCLUDES(mu);"), "void f()             ;");
    // Types in capitals, plain declarations and calls stay.
    for (const char* same :
         {"BOOL f(int a);", "FILE *f;", "DWORD x = 1;", "int f(int a, char b);", "return FOO(x);",
          "static const struct s *f(void);", "unsigned long n;", "struct s t = { 0 };",
          "a::B<c> f(d e);", "x = y * z;", "Foo bar(1, 2);", "Foo bar(*it);", "int (f)(int a);",
          "int (*f)(int a);"})
        EXPECT_EQ(masked(same), same);
    EXPECT_EQ(masked("API void *(*f)(int a) ATTR;"), "    void *(*f)(int a)     ;");
    EXPECT_EQ(masked("API void (f) (int a);"), "    void (f) (int a);");
    EXPECT_EQ(masked("struct a f(int b) { }"), "struct a f(int b) { }");
    EXPECT_EQ(masked("[[nodiscard]] Status f(int a) REQUIRES(mu);"),
              "[[nodiscard]] Status f(int a)             ;");
    EXPECT_EQ(masked("std::vector<int> slots GUARDED_BY(mu);"),
              "std::vector<int> slots               ;");
    EXPECT_EQ(masked("void f() { int x __attribute__((unused)) = g(1); }"),
              "void f() { int x                         = g(1); }");
}

TEST(CMask, MacrosAmongStringsAreJoined) {
    EXPECT_EQ(masked("f(\"a %\" PRIu64 \" b\", 3);"), "f(\"a %\"+PRIu64+\" b\", 3);");
    EXPECT_EQ(masked("f(QL(\"a\") \" or \" QL(\"b\") \"c\");"),
              "f(QL(\"a\")+\" or \"+QL(\"b\")+\"c\");");
    for (const char* same :
         {"extern \"C\" INT f(void);", "f((const char *) \"a\");", "f(L\"a\" L\"b\");",
          "f(\"a\" \"b\");", "f(A, \"b\");", "auto x = \"a\"s;"})
        EXPECT_EQ(masked(same), same);
}

TEST(CMask, MacrosThatOpenFunctionsLeaveTheirName) {
    EXPECT_EQ(masked("TEST_BEGIN(one) {\n  g();\n}\nTEST_END\n\nTEST_BEGIN(two) {\n}\nTEST_END\n"),
              "TEST_BEGIN one(){\n  g();\n}\n        \n\nTEST_BEGIN two(){\n}\n        \n");
    const std::string text = extract_text(
        c_language(), "a.c",
        "int z;\nTEST_BEGIN(one) {\n  g();\n}\nTEST_END\nTEST_BEGIN(two) {\n}\nTEST_END\n");
    EXPECT_THAT(text, HasSubstr("def function exported `one` lines 2-4"));
    EXPECT_THAT(text, HasSubstr("def function exported `two` lines 6-7"));
    EXPECT_THAT(text, HasSubstr("call 3 `g` args 0 in one"));
    for (const char* same : {"main(argc) { }", "struct s { int a; }\nPACKED;\n",
                             "namespace n { BOX(int) { } }", "f(int a) { g(); }"})
        EXPECT_EQ(masked(same), same);
}

TEST(CMask, ConditionsInTheHeadOfAClassGo) {
    EXPECT_EQ(masked("class A\n#ifdef NDEBUG\n final\n#endif\n : public B {\n int f();\n};\n"),
              "class A\n             \n final\n      \n : public B {\n int f();\n};\n");
    EXPECT_EQ(
        masked("class A { A(int n)\n#ifdef X\n : a_(n)\n#else\n : b_(n)\n#endif\n { g(); } };\n"),
        "class A { A(int n)\n        \n : a_(n)\n     \n        \n      \n { g(); } };\n");
    const std::string whole = "struct a f(int b) {\n#ifdef X\n g();\n#endif\n}\n";
    EXPECT_EQ(masked(whole), whole);
}

TEST(CMask, BracedValuesOfShortTypeNames) {
    EXPECT_EQ(masked("auto x = (unsigned{1} << 3) - long{1};"),
              "auto x = (int     {1} << 3) - int {1};");
}

TEST(CMask, StringsAndCommentsAreNoCode) {
    for (const char* same : {"const char *s = \"\\n#if 0\\n\"; int x;", "/* #if 0\n{ */ int x;\n",
                             "int x; // {\nint y;\n", "char c = '\"'; int z = 1'000;"})
        EXPECT_EQ(masked(same), same);
}

TEST(CFacts, DeclaratorsNest) {
    const std::string text = extract_text(c_language(), "a.c", R"(
static char **names(int n, ...);
void *(alloc)(unsigned long n) { return 0; }
int kr(a, b) int a; char *b; { return a; }
int none() { return 0; }
static int table[2], *pointer, (*hook)(int);
extern int shared;
typedef struct { int z; } anon_t;
typedef struct node_s { struct node_s *next; int (*cmp)(int, int); char buf[10]; } node_t;
enum color { RED, BLUE };
#define SQUARE(x) (mul((x), (x)))
#define RENAMED kr
int main(void) { return 0; }
)");
    EXPECT_THAT(text, HasSubstr("def function static declaration `names` lines 2-2 params 1..1+"));
    EXPECT_THAT(text, HasSubstr("def function exported `alloc` lines 3-3 params 1..1"));
    EXPECT_THAT(text, HasSubstr("def function exported `kr` lines 4-4 params 2..2"));
    EXPECT_THAT(text, HasSubstr("def function exported `none` lines 5-5 params 0..0+"));
    for (const char* name : {"`table`", "`pointer`", "`hook`"})
        EXPECT_THAT(text, HasSubstr(std::string("def variable static ") + name)) << name;
    EXPECT_THAT(text, HasSubstr("def variable exported declaration `shared`"));
    EXPECT_THAT(text, HasSubstr("def struct exported `anon_t`"));
    EXPECT_THAT(text, HasSubstr("def struct exported `node_s`"));
    EXPECT_THAT(text, HasSubstr("def alias exported `node_t` lines 9-9 type=`node_s`"));
    EXPECT_THAT(text, HasSubstr("  def field exported `cmp`"));
    EXPECT_THAT(text, HasSubstr("  def field exported `buf`"));
    EXPECT_THAT(text, HasSubstr("  def enum_member exported `BLUE`"));
    EXPECT_THAT(text, HasSubstr("def macro exported `SQUARE` lines 11-11 params 1..1"));
    EXPECT_THAT(text, HasSubstr("call 11 `mul` in SQUARE"));
    EXPECT_THAT(text, HasSubstr("mention 12 `kr` in RENAMED"));
    EXPECT_THAT(text, HasSubstr("def function exported entry `main` lines 13-13 params 0..0"));
    EXPECT_THAT(text, Not(HasSubstr("errors")));
}

TEST(CFacts, PrototypesInsideFunctionsAreNoDefinitions) {
    const std::string text =
        extract_text(c_language(), "a.c", "void f(void) { int g(int); extern int h; g(h); }\n");
    EXPECT_THAT(text, Not(HasSubstr("`g` lines")));
    EXPECT_THAT(text, HasSubstr("call 1 `g` args 1 in f"));
}

TEST(CTypes, ParameterTypesCompare) {
    using c::parameter_types;
    EXPECT_EQ(parameter_types("(const Slice& key, std::string *value)"),
              parameter_types("(const Slice &, std::string* v)"));
    EXPECT_EQ(parameter_types("(void)").size(), 0u);
    EXPECT_EQ(parameter_types("(int a = f(1, 2), unsigned int b)").size(), 2u);
    EXPECT_NE(parameter_types("(int a)"), parameter_types("(char a)"));
    EXPECT_EQ(c::innermost_of("const std::vector<std::unique_ptr<a::T>>&"), "a::T");
    EXPECT_EQ(c::innermost_of("std::map<K, V*>"), "V");
    EXPECT_EQ(c::plain_type("const struct s *const"), "s");
    EXPECT_EQ(c::without_arguments("a::B<c::D>::E"), "a::B::E");
    EXPECT_TRUE(c::is_library_function("malloc"));
    EXPECT_FALSE(c::is_library_function("zmalloc"));
}

TEST(CBind, LinkageAndIncludesDecide) {
    BindFixture tree(
        {
            {"a.c", R"(#include "lib/api.h"
#include <stdio.h>
static int helper(void) { return 1; }
int run(void) {
  helper();
  api_open(1);
  printf("x");
  api_inline();
  return API_MAX(1);
}
)"},
            {"lib/api.h",
             "int api_open(int n);\nstatic inline int api_inline(void) { return 0; }\n"
             "#define API_MAX(x) api_max((x))\n"},
            {"lib/api.c",
             "#include \"api.h\"\nint api_open(int n) { return n; }\n"
             "static int helper(void) { return 2; }\n"},
            {"other/x.c",
             "int printf(const char *f) { return 0; }\nstatic int api_open(int n) { return n; }\n"
             "static int helper(void) { return 3; }\n"},
        },
        false);
    EXPECT_EQ(tree.calls(),
              "a.c:5 run -> helper calls_function resolved scope\n"
              "a.c:6 run -> api_open calls_function resolved import\n"
              "a.c:7 run -> external printf calls resolved external\n"
              "a.c:8 run -> api_inline calls_function resolved import\n"
              "a.c:9 run -> API_MAX calls resolved import\n"
              "lib/api.h:3 API_MAX -> unresolved api_max calls candidate name_match 0\n");
}

TEST(CBind, TargetsAreTheRightFiles) {
    BindFixture tree(
        {
            {"one/main.c",
             "static void usage(void) {}\nint main(void) { usage(); shared(); return 0; }\n"},
            {"one/shared.c", "void shared(void) {}\n"},
            {"two/main.c",
             "void usage(void) {}\nint main(void) { usage(); shared(); return 0; }\n"},
            {"two/shared.c", "void shared(void) {}\n"},
            {"three/main.c", "int main(void) { usage(); lonely(); return 0; }\n"},
        },
        false);
    const std::string symbols = tree.symbols();
    EXPECT_THAT(tree.calls(),
                HasSubstr("one/main.c:2 main -> usage calls_function resolved scope"));
    EXPECT_THAT(tree.calls(),
                HasSubstr("one/main.c:2 main -> shared calls_function resolved package"));
    EXPECT_THAT(tree.calls(),
                HasSubstr("two/main.c:2 main -> shared calls_function resolved package"));
    EXPECT_THAT(tree.calls(), HasSubstr("three/main.c:1 main -> unresolved lonely"));
}

TEST(CBind, DefinitionOfTheIncludedHeaderWins) {
    BindFixture tree(
        {
            {"app.c", "#include \"p.h\"\nvoid f(void) { p_init(); }\n"},
            {"p.h", "void p_init(void);\n"},
            {"posix/p.c", "#include \"../p.h\"\nvoid p_init(void) {}\n"},
            {"fake/p.c", "void p_init(void) {}\n"},
        },
        false);
    BindFixture both(
        {
            {"app.c", "#include \"p.h\"\nvoid f(void) { p_init(); }\n"},
            {"p.h", "void p_init(void);\n"},
            {"posix/p.c", "#include \"../p.h\"\nvoid p_init(void) {}\n"},
            {"win/p.c", "#include \"../p.h\"\nvoid p_init(void) {}\n"},
        },
        false);
    EXPECT_EQ(tree.calls(), "app.c:2 f -> p_init calls_function resolved import\n");
    // Two platforms, one declaration: the call goes to what is declared.
    EXPECT_EQ(both.calls(), "app.c:2 f -> p_init calls_function resolved import\n");
}

TEST(CBind, StructMembersAreNoFunctions) {
    BindFixture tree(
        {
            {"a.c", R"(struct ops { int (*read)(int); };
int read(int n) { return n; }
int my_read(int n) { return n; }
static struct ops table = { .read = my_read };
int f(struct ops *o, void (*cb)(int)) { cb(1); unknown->read(2); return o->read(1); }
)"},
        },
        false);
    EXPECT_EQ(tree.calls(),
              "a.c:5 f -> ops::read calls resolved receiver_type\n"
              "a.c:5 f -> unresolved read calls candidate name_match 0\n");
    EXPECT_THAT(tree.edges_of(format::EdgeType::References),
                HasSubstr("a.c:4 table -> my_read references resolved scope\n"));
}

TEST(CBind, MacrosReplaceFunctionsUnlessConditional) {
    const std::map<std::string, std::string> sources = {
        {"a.c", "#include \"r.h\"\nvoid f(void) { open_it(); }\n"},
        {"open.c", "#include \"r.h\"\nvoid open_it(void) {}\n"},
    };
    auto renamed = sources;
    renamed["r.h"] =
        "#ifndef R\n#define R\nvoid open_it(void);\n#define open_it my_open_it\n#endif\n";
    auto optional = sources;
    optional["r.h"] =
        "#ifndef R\n#define R\nvoid open_it(void);\n#ifdef PREFIX\n#define open_it "
        "my_open_it\n#endif\n#endif\n";
    EXPECT_EQ(BindFixture(renamed, false).calls(), "a.c:2 f -> open_it calls resolved import\n");
    EXPECT_EQ(BindFixture(optional, false).calls(),
              "a.c:2 f -> open_it calls_function resolved import\n");
}

TEST(CBind, IncludesFindTheirFiles) {
    BindFixture tree(
        {
            {"src/a/a.c",
             "#include \"a.h\"\n#include \"b/b.h\"\n#include <lib/l.h>\n#include <string.h>\n"
             "#include \"twice.h\"\n"},
            {"src/a/a.h", ""},
            {"src/b/b.h", ""},
            {"include/lib/l.h", ""},
            {"compat/string.h", ""},
            {"x/twice.h", ""},
            {"y/twice.h", ""},
        },
        false);
    tree.config.include_folders = {"include"};
    EXPECT_EQ(tree.edges_of(format::EdgeType::Imports),
              "src/a/a.c:1 src/a/a.c -> src/a/a.h imports resolved import\n"
              "src/a/a.c:2 src/a/a.c -> src/b/b.h imports resolved import\n"
              "src/a/a.c:3 src/a/a.c -> include/lib/l.h imports resolved import\n"
              "src/a/a.c:4 src/a/a.c -> external string.h imports resolved external\n"
              "src/a/a.c:5 src/a/a.c -> external twice.h imports resolved external\n");
}

TEST(CBind, TemplatesOfHeadersStandForThem) {
    BindFixture tree(
        Files{
            {"inc/config.h.in", "#define CHECK(x) do_check(x)\nvoid api(int n);\n"},
            {"inc/string.h.in", "void lost(void);\n"},
            {"a.c",
             "#include \"inc/config.h\"\n#include <string.h>\nvoid f(void) {\n  CHECK(1);\n"
             "  api(2);\n  lost();\n}\n"},
        },
        false);
    const std::string edges = tree.edges();
    EXPECT_THAT(edges, HasSubstr("-> inc/config.h.in imports resolved import\n"));
    EXPECT_THAT(edges, HasSubstr("a.c:4 f -> CHECK calls resolved import\n"));
    EXPECT_THAT(edges, HasSubstr("a.c:5 f -> api calls_function resolved import\n"));
    EXPECT_THAT(edges, HasSubstr("-> external string.h imports"));
}

TEST(CBind, PointersToFunctionsInHeaders) {
    BindFixture tree(
        Files{
            {"api.h",
             "API void *(*Api_Alloc)(unsigned long n) ATTR;\nAPI void (Api_free) (void *p);\n"
             "struct type { int (*get)(void *p); };\n"},
            {"a.c",
             "#include \"api.h\"\n#include <stdlib.h>\nvoid f(struct type *t) {\n"
             "  Api_Alloc(1);\n  Api_free(0);\n  t->get(0);\n  pthread_join(0, 0);\n}\n"},
            {"stranger.c", "int get(void *p) { return 0; }\nvoid pthread_join(int a, int b) {}\n"},
        },
        false);
    const std::string calls = tree.calls();
    EXPECT_THAT(calls, HasSubstr("a.c:4 f -> Api_Alloc calls resolved"));
    EXPECT_THAT(calls, HasSubstr("a.c:5 f -> Api_free calls_function resolved import\n"));
    EXPECT_THAT(calls, HasSubstr("a.c:6 f -> type::get calls resolved receiver_type\n"));
    EXPECT_THAT(calls, HasSubstr("a.c:7 f -> external pthread_join calls"));
}

TEST(CFacts, HeadersOfATreeAreWhatItsSourcesAre) {
    const auto is_cpp = [](size_t c_count, size_t cpp_count) {
        std::vector<ListedFile> files;
        for (size_t i = 0; i < c_count + cpp_count; ++i) {
            ListedFile& file = files.emplace_back();
            file.path = "f" + std::to_string(i) + (i < c_count ? ".c" : ".cc");
        }
        return has_cpp_sources(files);
    };
    EXPECT_FALSE(is_cpp(0, 0));
    EXPECT_FALSE(is_cpp(9, 0));
    EXPECT_FALSE(is_cpp(9, 1));
    EXPECT_TRUE(is_cpp(8, 1));
    EXPECT_TRUE(is_cpp(0, 1));
}

TEST(CFacts, HeadersOfCAreToldFromThoseOfCpp) {
    for (const char* cpp : {"namespace a { }", "  template <class T>\nT f();", "class A\n{\n};",
                            "struct A {\npublic:\n};", "namespace a::b\n{\n}"})
        EXPECT_TRUE(is_cpp_header(cpp)) << cpp;
    for (const char* c : {"", "struct a { int class; };", "/* a\n * namespace of it\n */",
                          "int template;", "class of things: x", "namespace;", "#define public: x"})
        EXPECT_FALSE(is_cpp_header(c)) << c;
}

TEST(CMask, MacrosThatTakeTypeAndNameOfAFunction) {
    EXPECT_EQ(masked("DEFINE(Status, A::f)\n(int a) {\n  g();\n}\n"),
              "       Status  A::f \n(int a) {\n  g();\n}\n");
    for (const char* same : {"DEFINE(Status, A::f)(int a);", "void h() { RUN(a, b)(c) { } }",
                             "DEFINE(Status, \"f\")(int a) { }", "DEFINE(f)(int a) { }"})
        EXPECT_EQ(masked(same), same);
}

TEST(CBind, VariablesBindToTheirDefinition) {
    BindFixture tree(Files{{"a.c",
                            "struct kind { int (*read)(void); };\nint take(struct kind *k);\n"
                            "static int do_read(void) { return 1; }\nstatic struct kind only;\n"
                            "static struct kind both;\nint early(void) { return take(&both); }\n"
                            "static struct kind both = { .read = do_read };\n"
                            "int late(void) { return take(&both) + take(&only); }\n"}},
                     false);
    const std::string facts = tree.facts("a.c");
    EXPECT_THAT(facts, HasSubstr("def variable static declaration `both` lines 5-5"));
    EXPECT_THAT(facts, HasSubstr("def variable static `both` lines 7-7"));
    EXPECT_THAT(facts, HasSubstr("def variable static `only` lines 4-4"));
    const std::string places = tree.places();
    EXPECT_THAT(places, HasSubstr("a.c:6 -> a.c:7\n"));
    EXPECT_THAT(places, HasSubstr("a.c:8 -> a.c:7\n"));
    EXPECT_THAT(places, HasSubstr("a.c:8 -> a.c:4\n"));
    EXPECT_THAT(places, Not(HasSubstr("-> a.c:5\n")));
}

TEST(CBind, MacrosOfTheSameBranchAreMeant) {
    BindFixture tree(
        Files{{"a.h",
               "#ifdef A\n#define ATTR(x) one(x)\n#define PURE ATTR(1)\n#else\n"
               "#define ATTR(x)\n#define PURE ATTR(2)\n#endif\nint f(void) { return PURE; }\n"}},
        false);
    const std::string places = tree.places();
    EXPECT_THAT(places, HasSubstr("a.h:3 -> a.h:2\n"));
    EXPECT_THAT(places, HasSubstr("a.h:6 -> a.h:5\n"));
    EXPECT_THAT(places, Not(HasSubstr("a.h:6 -> a.h:2\n")));
}

}  // namespace
}  // namespace kausal::ingest::test
