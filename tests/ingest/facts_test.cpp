// Goal: interning is stable, the stored form of facts keeps everything and refuses damage.
// Method: facts made by hand with every field set; encode, decode, compare as text; then every
// prefix and every single-byte change must decode or fail, never crash or index out of range.
// Many names in the signatures and bodies of many functions, each of which must come out once.
#include "facts_dump.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace kausal::ingest {
namespace {

FileFacts sample() {
    FileFacts facts;
    facts.language = format::Language::Go;
    facts.path = "a/b.go";
    facts.package = facts.intern("b");
    facts.line_count = 40;
    facts.error_count = 2;
    facts.error_lines = {3, 9};
    facts.links.push_back({facts.intern("x"), ChainLink::kCall});
    facts.links.push_back({facts.intern("y"), ChainLink::kIndex});
    facts.bases.push_back({facts.intern("Base"), true});
    DefinitionFact type;
    type.kind = format::BlockKind::Struct;
    type.name = facts.intern("T");
    type.range = {10, 200, 2, 12};
    type.name_offset = 15;
    type.body_first = 20;
    type.base_count = 1;
    facts.definitions.push_back(type);
    DefinitionFact method;
    method.kind = format::BlockKind::Method;
    method.flags = format::kBlockExported;
    method.container = 0;
    method.name = facts.intern("Run");
    method.scope = facts.intern("*T");
    method.trait_scope = facts.intern("Trait");
    method.type = facts.intern("error");
    method.value = {0, 1};
    method.parameter_count = 3;
    method.parameter_count_min = 1;
    method.is_variadic = true;
    method.parameters = facts.intern("(a, b, c int)");
    method.range = {30, 90, 4, 8};
    method.name_offset = 36;
    method.body_first = 60;
    method.signature = facts.intern("func (t *T) Run(a, b, c int) error");
    method.doc = {22, 29, 3, 3};
    method.base_first = 1;
    facts.definitions.push_back(method);
    facts.locals.push_back({1, facts.intern("v"), facts.intern("int"), {1, 1}, true, 62, 88, 2});
    facts.references.push_back(
        {ReferenceRole::Call, false, 2, 1, facts.intern("go"), {0, 2}, {1, 1}, 70, 6});
    facts.references.push_back(
        {ReferenceRole::Type, true, 255, kNone, facts.intern("T"), {}, {}, 95, 9});
    facts.imports.push_back(
        {facts.intern("net/http"), 0, facts.intern("h"), ImportFact::kDefault, 1, kNone, 5, 1});
    return facts;
}

TEST(Facts, InterningGivesOneIndexPerText) {
    FileFacts facts;
    std::vector<NameIndex> indexes;
    for (int i = 0; i < 5000; ++i) indexes.push_back(facts.intern("name" + std::to_string(i)));
    const std::string large(100000, 'x');
    const NameIndex big = facts.intern(large);
    for (int i = 0; i < 5000; ++i) {
        EXPECT_EQ(facts.intern("name" + std::to_string(i)), indexes[static_cast<size_t>(i)]);
        EXPECT_EQ(facts.text(indexes[static_cast<size_t>(i)]), "name" + std::to_string(i));
    }
    EXPECT_EQ(facts.text(big), large);
    EXPECT_EQ(facts.intern(""), 0u);
    EXPECT_EQ(facts.name_count(), 5002u);
}

TEST(Facts, StoredFormKeepsEverything) {
    const FileFacts facts = sample();
    std::string bytes;
    facts.encode(bytes);
    auto decoded = FileFacts::decode(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message();
    EXPECT_EQ(test::facts_text(*decoded), test::facts_text(facts));
    EXPECT_EQ(decoded->path, facts.path);
    EXPECT_EQ(decoded->error_lines, facts.error_lines);
    EXPECT_EQ(decoded->definitions[1].doc.byte_first, 22u);
    EXPECT_EQ(decoded->definitions[1].name_offset, 36u);
    EXPECT_EQ(decoded->locals[0].visible_end, 88u);
    std::string again;
    decoded->encode(again);
    EXPECT_EQ(again, bytes);
}

void touch_all(const FileFacts& facts) {
    // Walks every index, so that the sanitizers see a bad one.
    EXPECT_FALSE(test::facts_text(facts).empty());
}

TEST(Facts, DamageIsRefusedOrHarmless) {
    std::string bytes;
    sample().encode(bytes);
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(FileFacts::decode(std::string_view(bytes).substr(0, size)).has_value())
            << size;
    }
    size_t refused = 0;
    for (size_t at = 0; at < bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            auto decoded = FileFacts::decode(damaged);
            if (decoded) {
                touch_all(*decoded);
            } else {
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, bytes.size());
    EXPECT_FALSE(FileFacts::decode(bytes + "x").has_value());
}

TEST(Facts, NewerFormatIsNamed) {
    std::string bytes;
    sample().encode(bytes);
    bytes[0] = 9;
    auto decoded = FileFacts::decode(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code(), ErrorCode::NewerFormat);
}

TEST(Facts, NamesOfSignatureAndBodyDoNotHideEachOther) {
    constexpr size_t kFunctions = 20;
    constexpr size_t kNames = 200;
    std::string source;
    std::string types;
    std::string values;
    for (size_t n = 0; n < kNames; ++n) {
        const std::string number = std::to_string(n);
        types += (n == 0 ? "T" : ", T") + number + " a" + number + ", T" + number + " b" + number;
        source += "extern int k" + number + ";\n";
        values += " + k" + number + " + k" + number;
    }
    for (size_t f = 0; f < kFunctions; ++f)
        source += "int f" + std::to_string(f) + "(" + types + ") { return 0" + values + "; }\n";
    const auto extractor = Extractor::create();
    auto facts = extractor->extract(cpp_language(), "a.cc", source);
    ASSERT_TRUE(facts.has_value());
    std::set<std::pair<uint32_t, std::string_view>> found;
    for (const ReferenceFact& reference : facts->references) {
        const std::string_view name = facts->text(reference.name);
        EXPECT_EQ(reference.role,
                  name.front() == 'T' ? ReferenceRole::Type : ReferenceRole::Mention);
        EXPECT_TRUE(found.emplace(reference.definition, name).second) << name;
    }
    EXPECT_EQ(found.size(), kFunctions * kNames * 2);
}

}  // namespace
}  // namespace kausal::ingest
