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

/// Definitions (indented by depth), then imports, locals and references.
///   def method exported `Server.Run` lines 3-5 params 1..2 type=`error` scope=`*Server` ...
inline std::string facts_text(const FileFacts& facts, std::string_view source = {}) {
    static constexpr const char* kRoles[] = {"call",    "new",       "type",
                                             "mention", "decorator", "macro"};
    static constexpr const char* kFlags[] = {"exported",  "static",      "abstract", "test",
                                             "entry",     "constructor", "override", "declaration",
                                             "generated", "opaque",      "partial",  "reflected"};
    static constexpr const char* kImportFlags[] = {"wildcard", "reexport",  "static",   "system",
                                                   "default",  "namespace", "typeonly", "module"};
    static constexpr const char* kKinds[] = {
        "invalid",  "workspace", "file",      "module",      "function", "method",
        "class",    "struct",    "interface", "enum",        "union",    "alias",
        "constant", "variable",  "field",     "enum_member", "macro"};
    std::string out;
    const auto quoted = [&](const char* label, NameIndex name) {
        if (name != 0) out += std::string(" ") + label + "=`" + std::string(facts.text(name)) + "`";
    };
    const auto owner = [&](uint32_t definition) {
        return definition == kNone ? std::string("-")
                                   : std::string(facts.text(facts.definitions[definition].name));
    };
    if (facts.package != 0) out += "package " + std::string(facts.text(facts.package)) + "\n";
    for (const DefinitionFact& d : facts.definitions) {
        for (uint32_t up = d.container; up != kNone; up = facts.definitions[up].container)
            out += "  ";
        const auto kind = static_cast<size_t>(d.kind);
        out += std::string("def ") + (kind < std::size(kKinds) ? kKinds[kind] : "?");
        for (size_t i = 0; i < std::size(kFlags); ++i)
            if ((d.flags & (1u << i)) != 0) out += std::string(" ") + kFlags[i];
        out += " `" + std::string(facts.text(d.name)) + "` lines " +
               std::to_string(d.range.line_first) + "-" + std::to_string(d.range.line_last);
        if (d.parameters != 0) {
            out += " params " + std::to_string(d.parameter_count_min) + ".." +
                   std::to_string(d.parameter_count) + (d.is_variadic ? "+" : "") + " `" +
                   std::string(facts.text(d.parameters)) + "`";
        }
        quoted("type", d.type);
        quoted("scope", d.scope);
        quoted("trait", d.trait_scope);
        if (d.value.count != 0) out += " value=`" + chain_text(facts, d.value) + "`";
        quoted("signature", d.signature);
        for (uint32_t i = 0; i < d.base_count; ++i) {
            const BaseFact& base = facts.bases[d.base_first + i];
            quoted(base.implements ? "implements" : "extends", base.type);
        }
        if (d.doc.byte_end != 0) {
            out +=
                " doc " + std::to_string(d.doc.line_first) + "-" + std::to_string(d.doc.line_last);
            if (!source.empty())
                out += " `" +
                       std::string(
                           source.substr(d.doc.byte_first, d.doc.byte_end - d.doc.byte_first)) +
                       "`";
        }
        out += "\n";
    }
    for (const ImportFact& i : facts.imports) {
        out += "import " + std::to_string(i.line) + " `" + std::string(facts.text(i.path)) + "`";
        quoted("name", i.name);
        quoted("alias", i.alias);
        for (size_t k = 0; k < std::size(kImportFlags); ++k)
            if ((i.flags & (1u << k)) != 0) out += std::string(" ") + kImportFlags[k];
        if (i.relative_level != 0) out += " level " + std::to_string(i.relative_level);
        if (i.definition != kNone) out += " in " + owner(i.definition);
        out += "\n";
    }
    for (const LocalFact& l : facts.locals) {
        out += "local `" + std::string(facts.text(l.name)) + "` in " + owner(l.definition) +
               " bytes " + std::to_string(l.visible_first) + "-" + std::to_string(l.visible_end);
        quoted("type", l.type);
        if (l.value.count != 0)
            out += std::string(l.is_iteration ? " each=`" : " value=`") +
                   chain_text(facts, l.value) + "`";
        if (l.position != 0) out += " position " + std::to_string(l.position);
        out += "\n";
    }
    for (const ReferenceFact& r : facts.references) {
        out +=
            std::string(kRoles[static_cast<size_t>(r.role)]) + " " + std::to_string(r.line) + " ";
        if (r.receiver.count != 0) out += chain_text(facts, r.receiver) + " -> ";
        out += "`" + std::string(facts.text(r.name)) + "`";
        if (r.argument_count != 255) out += " args " + std::to_string(r.argument_count);
        out += " in " + owner(r.definition) + (r.is_in_declaration ? " (declaration)" : "") + "\n";
    }
    if (facts.error_count != 0) out += "errors " + std::to_string(facts.error_count) + "\n";
    return out;
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
