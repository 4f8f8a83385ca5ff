// C and C++: scopes, includes, overloads, members along stated types.
//
// declare: qualified names with transparent namespaces. link_types: includes, bases, stated types.
// bind is in resolve_c_bind.cpp. The rules and their limits are in docs/languages.md.
#include "ingest/c_facts.h"
#include "ingest/resolution.h"
#include "ingest/resolve_c_bind.h"
#include "ingest/resolve_c_files.h"
#include "ingest/resolve_c_scope.h"
#include "ingest/resolve_c_types.h"
#include "ingest/resolver.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using format::BlockKind;

void append_scope(std::string& scope, std::string_view name) {
    if (name.empty()) return;
    if (!scope.empty()) scope.append("::");
    scope.append(name);
}

bool is_scoped_enum(const FileFacts& facts, const DefinitionFact& definition) {
    const std::string_view signature = facts.text(definition.signature);
    return signature.starts_with("enum class") || signature.starts_with("enum struct");
}

class CResolver final : public Resolver {
  public:
    void declare(const WorkspaceConfig& config, const FileFacts& facts,
                 FileSymbols& out) const override;
    void link_types(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols,
                    SymbolSource& source) const override;
    void bind(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
              SymbolSource& source, EdgeSink& sink) const override {
        c::bind_file(config, facts, symbols, source, sink);
    }
};

void CResolver::declare(const WorkspaceConfig& config, const FileFacts& facts,
                        FileSymbols& out) const {
    declare_definitions(config.name, DeclareRules{{}, "::"}, facts, out);
    const bool is_cpp = facts.language == format::Language::Cpp;
    // The scope that the members of each definition are in.
    std::vector<std::string> inner(facts.definitions.size());
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        Symbol& symbol = out.symbols[i];
        const std::string_view signature = facts.text(definition.signature);
        std::string scope;
        if (definition.container != kNone) {
            const BlockKind around = facts.definitions[definition.container].kind;
            // C knows no nested types.
            const bool is_flat =
                !is_cpp && (is_type(symbol.kind) || symbol.kind == BlockKind::EnumMember);
            // `enum class Kind { A } kind;` declares Kind beside the field.
            const bool is_beside = is_type(symbol.kind) &&
                                   (around == BlockKind::Field || around == BlockKind::Variable);
            if (!is_flat)
                scope = is_beside ? out.symbols[definition.container].package
                                  : inner[definition.container];
            if (symbol.kind == BlockKind::EnumMember && around == BlockKind::Enum && is_cpp &&
                !is_scoped_enum(facts, facts.definitions[definition.container]))
                scope = out.symbols[definition.container].package;
        }
        if (definition.kind == BlockKind::Macro) scope.clear();
        const bool is_test = (definition.flags & format::kBlockTest) != 0;
        std::string own = scope;
        append_scope(scope, c::without_arguments(facts.text(definition.scope)));
        const bool is_transparent =
            symbol.kind == BlockKind::Module &&
            (symbol.name == "(anonymous)" || signature.starts_with("inline "));
        symbol.package = scope;
        // A test of a fixture stands beside it and sees its members.
        std::string& qualified = is_test ? own : scope;
        append_scope(qualified, symbol.name);
        symbol.qualified_name = qualified;
        inner[i] = is_transparent ? symbol.package : symbol.qualified_name;
        if (!is_callable(symbol.kind)) continue;
        symbol.member_names = c::parameter_types(facts.text(definition.parameters));
        if (has_specifier(signature, symbol.name, "virtual") ||
            (symbol.flags & format::kBlockOverride) != 0)
            symbol.alias_of = c::kVirtual;
    }
    Symbol& file = out.symbols[out.file_index];
    file.bases = c::include_texts(facts);
}

void CResolver::link_types(const WorkspaceConfig& config, const FileFacts& facts,
                           FileSymbols& symbols, SymbolSource& source) const {
    c::Scope scope(config, facts, symbols, source);
    Symbol& file = symbols.symbols[symbols.file_index];
    file.base_ids = scope.files().direct();
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        Symbol& symbol = symbols.symbols[i];
        const DefinitionFact& definition = facts.definitions[i];
        if (!symbol.type.empty()) {
            const std::string_view named = c::innermost_of(symbol.type);
            const Symbol* type = scope.type_named(c::without_arguments(named), symbol.package);
            if (type != nullptr && type->id != symbol.id) symbol.type_id = type->id;
        }
        if (is_type(symbol.kind)) {
            for (const std::string& base : symbol.bases) {
                const Symbol* type = scope.type_named(c::without_arguments(base), symbol.package);
                if (type != nullptr && type->id != symbol.id) symbol.base_ids.push_back(type->id);
            }
        }
        if (definition.scope == 0 || symbol.kind != BlockKind::Method) continue;
        const Symbol* owner = scope.class_of_scope(symbol.package);
        if (owner != nullptr) symbol.parent = owner->id;
    }
}

}  // namespace

const Resolver& c_resolver() {
    static const CResolver resolver;
    return resolver;
}

}  // namespace kausal::ingest
