// C as data: node names of expressions, and what the query cannot say.
#include "ingest/c_facts.h"
#include "ingest/c_mask.h"
#include "ingest/language.h"
#include "ingest/query_text.h"

#include <tree_sitter/api.h>

extern "C" const TSLanguage* tree_sitter_c(void);

namespace kausal::ingest {
namespace {

constexpr std::string_view kExtensions[] = {".c", ".h"};
constexpr std::string_view kComments[] = {"comment"};
constexpr ExpressionRules::Access kAccesses[] = {{"field_expression", "argument", "field", 0}};
constexpr ExpressionRules::Call kCalls[] = {{"call_expression", "function", 0}};
constexpr ExpressionRules::Transparent kTransparents[] = {
    {"parenthesized_expression", "", false},       {"pointer_expression", "argument", false},
    {"update_expression", "argument", false},      {"cast_expression", "type", true},
    {"compound_literal_expression", "type", true},
};
constexpr std::string_view kIndexes[] = {"subscript_expression"};
constexpr std::string_view kIdentifiers[] = {"identifier", "field_identifier", "type_identifier"};

void finish(const TSNode& /*root*/, std::string_view source, FileFacts& facts) {
    drop_inner_declarations(facts);
    set_linkage_flags(facts);
    mark_tentative_definitions(facts);
    mark_conditional_macros(source, facts);
    add_macro_references(source, facts);
}

}  // namespace

const LanguageRules& c_language() {
    static const LanguageRules rules = [] {
        LanguageRules made;
        made.language = format::Language::C;
        made.family = LanguageFamily::C;
        made.grammar = tree_sitter_c;
        made.query = query_text("c");
        made.extensions = kExtensions;
        made.comments = kComments;
        made.expressions = {kAccesses, kCalls, kTransparents, kIndexes, kIdentifiers, {}, {}, {}};
        made.prepare = mask_preprocessor;
        made.finish = finish;
        return made;
    }();
    return rules;
}

}  // namespace kausal::ingest
