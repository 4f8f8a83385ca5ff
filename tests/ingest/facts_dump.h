// Prints facts as stable text, one fact per line, for golden tests of the language rules.
#pragma once

#include "ingest/extractor.h"
#include "ingest/facts.h"
#include "ingest/language.h"

#include <string>
#include <string_view>

namespace kausal::ingest::test {

/// `a.b()[].c` style text of a chain.
inline std::string chain_text(const FileFacts& facts, const Chain& chain) {
    std::string out;
    for (uint32_t i = 0; i < chain.count; ++i) {
        const ChainLink& link = facts.links[chain.first + i];
        if (i != 0) out += (link.flags & ChainLink::kScope) != 0 ? "::" : ".";
        if ((link.flags & ChainLink::kNew) != 0) out += "new ";
        if ((link.flags & ChainLink::kOpaque) != 0) out += "#";
        if ((link.flags & ChainLink::kCast) != 0) out += "cast ";
        out += facts.text(link.name);
        if ((link.flags & ChainLink::kCall) != 0) out += "()";
        if ((link.flags & ChainLink::kIndex) != 0) out += "[]";
    }
    return out;
}

/// Prints the facts of one file, kind by kind.
class FactsPrinter {
  public:
    FactsPrinter(const FileFacts& facts, std::string_view source)
        : facts_(facts), source_(source) {}

    std::string run() {
        if (facts_.package != 0) out_ += "package " + text(facts_.package) + "\n";
        for (const DefinitionFact& definition : facts_.definitions) print(definition);
        for (const ImportFact& import : facts_.imports) print(import);
        for (const LocalFact& local : facts_.locals) print(local);
        for (const ReferenceFact& reference : facts_.references) print(reference);
        if (facts_.error_count != 0) out_ += "errors " + std::to_string(facts_.error_count) + "\n";
        return std::move(out_);
    }

  private:
    std::string text(NameIndex name) const { return std::string(facts_.text(name)); }

    void add_quoted(const char* label, NameIndex name) {
        if (name != 0) out_ += std::string(" ") + label + "=`" + text(name) + "`";
    }

    std::string owner(uint32_t definition) const {
        return definition == kNone ? "-" : text(facts_.definitions[definition].name);
    }

    template <size_t N>
    void add_flags(const char* const (&words)[N], uint32_t flags) {
        for (size_t i = 0; i < N; ++i)
            if ((flags & (1u << i)) != 0) out_ += std::string(" ") + words[i];
    }

    void print(const DefinitionFact& definition) {
        static constexpr const char* kFlags[] = {
            "exported", "static",      "abstract",  "test",   "entry",   "constructor",
            "override", "declaration", "generated", "opaque", "partial", "reflected"};
        static constexpr const char* kKinds[] = {
            "invalid",  "workspace", "file",      "module",      "function", "method",
            "class",    "struct",    "interface", "enum",        "union",    "alias",
            "constant", "variable",  "field",     "enum_member", "macro"};
        for (uint32_t up = definition.container; up != kNone; up = facts_.definitions[up].container)
            out_ += "  ";
        const auto kind = static_cast<size_t>(definition.kind);
        out_ += std::string("def ") + (kind < std::size(kKinds) ? kKinds[kind] : "?");
        add_flags(kFlags, definition.flags);
        out_ += " `" + text(definition.name) + "` lines " +
                std::to_string(definition.range.line_first) + "-" +
                std::to_string(definition.range.line_last);
        if (definition.parameters != 0) {
            out_ += " params " + std::to_string(definition.parameter_count_min) + ".." +
                    std::to_string(definition.parameter_count) +
                    (definition.is_variadic ? "+" : "") + " `" + text(definition.parameters) + "`";
        }
        add_quoted("type", definition.type);
        add_quoted("scope", definition.scope);
        add_quoted("trait", definition.trait_scope);
        if (definition.value.count != 0)
            out_ += " value=`" + chain_text(facts_, definition.value) + "`";
        add_quoted("signature", definition.signature);
        for (uint32_t i = 0; i < definition.base_count; ++i) {
            const BaseFact& base = facts_.bases[definition.base_first + i];
            add_quoted(base.implements ? "implements" : "extends", base.type);
        }
        print_doc(definition.doc);
        out_ += "\n";
    }

    void print_doc(const SourceRange& doc) {
        if (doc.byte_end == 0) return;
        out_ += " doc " + std::to_string(doc.line_first) + "-" + std::to_string(doc.line_last);
        if (source_.empty()) return;
        out_ += " `";
        out_ += source_.substr(doc.byte_first, doc.byte_end - doc.byte_first);
        out_ += "`";
    }

    void print(const ImportFact& import) {
        static constexpr const char* kFlags[] = {"wildcard", "reexport",  "static",   "system",
                                                 "default",  "namespace", "typeonly", "module"};
        out_ += "import " + std::to_string(import.line) + " `" + text(import.path) + "`";
        add_quoted("name", import.name);
        add_quoted("alias", import.alias);
        add_flags(kFlags, import.flags);
        if (import.relative_level != 0) out_ += " level " + std::to_string(import.relative_level);
        if (import.definition != kNone) out_ += " in " + owner(import.definition);
        out_ += "\n";
    }

    void print(const LocalFact& local) {
        out_ += "local `" + text(local.name) + "` in " + owner(local.definition) + " bytes " +
                std::to_string(local.visible_first) + "-" + std::to_string(local.visible_end);
        add_quoted("type", local.type);
        if (local.value.count != 0)
            out_ += std::string(local.is_iteration ? " each=`" : " value=`") +
                    chain_text(facts_, local.value) + "`";
        if (local.position != 0) out_ += " position " + std::to_string(local.position);
        out_ += "\n";
    }

    void print(const ReferenceFact& reference) {
        static constexpr const char* kRoles[] = {"call",    "new",       "type",
                                                 "mention", "decorator", "macro"};
        out_ += std::string(kRoles[static_cast<size_t>(reference.role)]) + " " +
                std::to_string(reference.line) + " ";
        if (reference.receiver.count != 0) out_ += chain_text(facts_, reference.receiver) + " -> ";
        out_ += "`" + text(reference.name) + "`";
        if (reference.argument_count != 255)
            out_ += " args " + std::to_string(reference.argument_count);
        out_ += " in " + owner(reference.definition) +
                (reference.is_in_declaration ? " (declaration)" : "") + "\n";
    }

    const FileFacts& facts_;
    std::string_view source_;
    std::string out_;
};

/// Definitions (indented by depth), then imports, locals and references.
///   def method exported `Server.Run` lines 3-5 params 1..2 type=`error` scope=`*Server` ...
inline std::string facts_text(const FileFacts& facts, std::string_view source = {}) {
    return FactsPrinter(facts, source).run();
}

/// Extracts and prints; the error's text when that fails. Checks that the stored form keeps
/// everything.
inline std::string extract_text(const LanguageRules& rules, std::string_view path,
                                std::string_view source) {
    const auto extractor = Extractor::create();
    auto facts = extractor->extract(rules, path, source);
    if (!facts) return "failed: " + std::string(facts.error().message());
    std::string bytes;
    facts->encode(bytes);
    auto decoded = FileFacts::decode(bytes);
    if (!decoded) return "decode failed: " + std::string(decoded.error().message());
    const std::string text = facts_text(*facts, source);
    if (facts_text(*decoded, source) != text) return "decoded facts differ";
    return text;
}

}  // namespace kausal::ingest::test
