// TSX as data: TypeScript with elements, which needs a grammar of its own.
#include "ingest/language.h"
#include "ingest/language_ecmascript.h"
#include "ingest/query_text.h"

#include <string>

extern "C" const TSLanguage* tree_sitter_tsx(void);

namespace kausal::ingest {
namespace {

constexpr std::string_view kExtensions[] = {".tsx"};

}  // namespace

const LanguageRules& tsx_language() {
    static const std::string query = std::string(query_text("typescript")) + "\n" +
                                     std::string(query_text("ecmascript")) + "\n" +
                                     std::string(query_text("jsx"));
    static const LanguageRules rules = [] {
        LanguageRules r;
        fill_ecmascript_rules(r);
        r.language = format::Language::Tsx;
        r.grammar = tree_sitter_tsx;
        r.query = query;
        r.extensions = kExtensions;
        return r;
    }();
    return rules;
}

}  // namespace kausal::ingest
