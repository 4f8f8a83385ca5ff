// Which resolver serves which language.
#include "ingest/resolver.h"

namespace kausal::ingest {

const Resolver& resolver_of(LanguageFamily family) {
    switch (family) {
        case LanguageFamily::C:
            return c_resolver();
        case LanguageFamily::Go:
            return go_resolver();
        case LanguageFamily::Rust:
            return rust_resolver();
        case LanguageFamily::Java:
            return java_resolver();
        case LanguageFamily::Python:
            return python_resolver();
        case LanguageFamily::JavaScript:
            return javascript_resolver();
    }
    return c_resolver();
}

LanguageFamily family_of(format::Language language) noexcept {
    switch (language) {
        case format::Language::Go:
            return LanguageFamily::Go;
        case format::Language::Rust:
            return LanguageFamily::Rust;
        case format::Language::Java:
            return LanguageFamily::Java;
        case format::Language::Python:
            return LanguageFamily::Python;
        case format::Language::JavaScript:
        case format::Language::TypeScript:
        case format::Language::Tsx:
            return LanguageFamily::JavaScript;
        case format::Language::None:
        case format::Language::C:
        case format::Language::Cpp:
            break;
    }
    return LanguageFamily::C;
}

}  // namespace kausal::ingest
