// JavaScript as data; language_ecmascript.cpp has what it shares with TypeScript.
#include "ingest/language.h"
#include "ingest/language_ecmascript.h"
#include "ingest/query_text.h"

#include <string>

extern "C" const TSLanguage* tree_sitter_javascript(void);

namespace kausal::ingest {
namespace {

constexpr std::string_view kExtensions[] = {".js", ".mjs", ".cjs", ".jsx"};
constexpr std::string_view kInterpreters[] = {"node", "nodejs", "bun", "deno"};

}  // namespace

const LanguageRules& javascript_language() {
    static const std::string query = std::string(query_text("javascript")) + "\n" +
                                     std::string(query_text("ecmascript")) + "\n" +
                                     std::string(query_text("jsx"));
    static const LanguageRules rules = [] {
        LanguageRules r;
        fill_ecmascript_rules(r);
        r.language = format::Language::JavaScript;
        r.grammar = tree_sitter_javascript;
        r.query = query;
        r.extensions = kExtensions;
        r.interpreters = kInterpreters;
        return r;
    }();
    return rules;
}

}  // namespace kausal::ingest
