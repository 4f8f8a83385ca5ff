// TypeScript as data; language_ecmascript.cpp has what it shares with JavaScript.
#include "ingest/language.h"
#include "ingest/language_ecmascript.h"
#include "ingest/query_text.h"

#include <string>

extern "C" const TSLanguage* tree_sitter_typescript(void);

namespace kausal::ingest {
namespace {

constexpr std::string_view kExtensions[] = {".ts", ".mts", ".cts"};

}  // namespace

const LanguageRules& typescript_language() {
    static const std::string query =
        std::string(query_text("typescript")) + "\n" + std::string(query_text("ecmascript"));
    static const LanguageRules rules = [] {
        LanguageRules r;
        fill_ecmascript_rules(r);
        r.language = format::Language::TypeScript;
        r.grammar = tree_sitter_typescript;
        r.query = query;
        r.extensions = kExtensions;
        return r;
    }();
    return rules;
}

}  // namespace kausal::ingest
