// Which resolver serves which language.
#include "ingest/resolver.h"

#include "ingest/resolution.h"

namespace kausal::ingest {
namespace {

/// Serves a family that has no rules of its own: declares, proves nothing, keeps calls as candidates.
class NameResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override {
        DeclareRules rules;
        rules.separator = ".";
        declare_definitions(config.name, rules, facts, out);
    }
    void link_types(const WorkspaceConfig&, const FileFacts&, FileSymbols&,
                    SymbolSource&) const override {}
    void bind(const WorkspaceConfig&, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        for (const ReferenceFact& reference : facts.references) {
            const uint32_t index = reference.definition == kNone
                                       ? static_cast<uint32_t>(symbols.file_index)
                                       : reference.definition;
            add_candidates(facts, reference, index, source, sink);
        }
    }
};

const Resolver& name_resolver() {
    static const NameResolver resolver;
    return resolver;
}

}  // namespace

const Resolver& resolver_of(LanguageFamily family) {
    switch (family) {
#ifdef KAUSAL_RESOLVER_C
        case LanguageFamily::C:
            return c_resolver();
#endif
#ifdef KAUSAL_RESOLVER_GO
        case LanguageFamily::Go:
            return go_resolver();
#endif
#ifdef KAUSAL_RESOLVER_RUST
        case LanguageFamily::Rust:
            return rust_resolver();
#endif
#ifdef KAUSAL_RESOLVER_JAVA
        case LanguageFamily::Java:
            return java_resolver();
#endif
#ifdef KAUSAL_RESOLVER_PYTHON
        case LanguageFamily::Python:
            return python_resolver();
#endif
#ifdef KAUSAL_RESOLVER_JAVASCRIPT
        case LanguageFamily::JavaScript:
            return javascript_resolver();
#endif
        default:
            return name_resolver();
    }
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
