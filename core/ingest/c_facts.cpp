// Corrects C and C++ facts after the query ran.
#include "ingest/c_facts.h"

#include <algorithm>
#include <array>

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::array<std::string_view, 34> kKeywords = {
    "if",         "else",          "for",     "while", "do",      "switch",   "case",
    "return",     "sizeof",        "typeof",  "goto",  "break",   "continue", "default",
    "defined",    "struct",        "union",   "enum",  "static",  "extern",   "const",
    "volatile",   "unsigned",      "signed",  "int",   "long",    "char",     "void",
    "__typeof__", "__attribute__", "__asm__", "asm",   "alignof", "decltype"};

bool is_keyword(std::string_view word) noexcept {
    return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_function(const DefinitionFact& definition) noexcept {
    return definition.kind == BlockKind::Function || definition.kind == BlockKind::Method;
}

/// The function around a definition, not counting itself.
uint32_t function_around(const FileFacts& facts, uint32_t index) {
    for (uint32_t at = facts.definitions[index].container; at != kNone;
         at = facts.definitions[at].container) {
        if (is_function(facts.definitions[at])) return at;
        // Members of a class inside of a function are members.
        if (facts.definitions[at].kind != BlockKind::Module) return kNone;
    }
    return kNone;
}

/// Reads the names that one macro body uses.
class MacroBody {
  public:
    MacroBody(std::string_view source, FileFacts& facts, uint32_t macro)
        : source_(source), facts_(facts), macro_(macro) {}

    void read(std::vector<ReferenceFact>& found) {
        const DefinitionFact& macro = facts_.definitions[macro_];
        parameters_ = facts_.text(macro.parameters);
        const size_t end = macro.range.byte_end;
        line_ = macro.range.line_first;
        counted_to_ = macro.range.byte_first;
        size_t at = macro.body_first;
        char last = 0;
        while (at < end) {
            const char c = source_[at];
            if (c == '"' || c == '\'') {
                at = after_literal(at, end);
                last = c;
            } else if (source_.substr(at, 2) == "/*") {
                at = std::min(source_.find("*/", at), end - 2) + 2;
            } else if (source_.substr(at, 2) == "//") {
                at = std::min(source_.find('\n', at), end);
            } else if (is_word(c)) {
                const size_t start = at;
                while (at < end && is_word(source_[at])) ++at;
                const bool is_number = c >= '0' && c <= '9';
                // Members need a receiver, pasted names do not exist.
                if (!is_number && last != '.' && last != '>' && last != '#' && last != ':')
                    add(start, at, end, found);
                last = c;
            } else {
                if (c != ' ' && c != '\t' && c != '\\' && c != '\n' && c != '\r') last = c;
                ++at;
            }
        }
    }

  private:
    [[nodiscard]] size_t after_literal(size_t at, size_t end) const {
        const char quote = source_[at];
        for (++at; at < end && source_[at] != quote; ++at) {
            if (source_[at] == '\\') ++at;
        }
        return std::min(at + 1, end);
    }

    [[nodiscard]] bool is_parameter(std::string_view word) const {
        size_t at = 0;
        while ((at = parameters_.find(word, at)) != std::string_view::npos) {
            const size_t end = at + word.size();
            const bool starts = at == 0 || !is_word(parameters_[at - 1]);
            if (starts && (end == parameters_.size() || !is_word(parameters_[end]))) return true;
            at = end;
        }
        return false;
    }

    void add(size_t start, size_t stop, size_t end, std::vector<ReferenceFact>& found) {
        const std::string_view word = source_.substr(start, stop - start);
        if (is_keyword(word) || is_parameter(word) || word == "__VA_ARGS__") return;
        size_t next = stop;
        while (next < end && (source_[next] == ' ' || source_[next] == '\t')) ++next;
        if (source_.substr(next, 2) == "##") return;
        ReferenceFact reference;
        const bool is_call = next < end && source_[next] == '(';
        reference.role = is_call ? ReferenceRole::Call : ReferenceRole::Mention;
        const NameIndex name = facts_.intern(word);
        for (const ReferenceFact& other : found) {
            if (other.definition == macro_ && other.name == name && other.role == reference.role)
                return;
        }
        reference.name = name;
        reference.definition = macro_;
        reference.offset = static_cast<uint32_t>(start);
        line_ += static_cast<uint32_t>(
            std::count(source_.begin() + static_cast<ptrdiff_t>(counted_to_),
                       source_.begin() + static_cast<ptrdiff_t>(start), '\n'));
        counted_to_ = start;
        reference.line = line_;
        found.push_back(reference);
    }

    std::string_view source_;
    FileFacts& facts_;
    uint32_t macro_;
    std::string_view parameters_;
    uint32_t line_ = 1;
    size_t counted_to_ = 0;
};

}  // namespace

bool has_specifier(std::string_view signature, std::string_view name,
                   std::string_view word) noexcept {
    size_t at = 0;
    while (at < signature.size()) {
        if (!is_word(signature[at])) {
            // Only specifiers stand before a parameter list, an initialiser or template arguments.
            if (signature[at] == '(' || signature[at] == '=' || signature[at] == '{') return false;
            ++at;
            continue;
        }
        const size_t start = at;
        while (at < signature.size() && is_word(signature[at])) ++at;
        const std::string_view found = signature.substr(start, at - start);
        if (found == word) return true;
        if (found == name) return false;
    }
    return false;
}

void remove_definitions(FileFacts& facts, const std::vector<bool>& removed) {
    std::vector<uint32_t> renumbered(facts.definitions.size(), kNone);
    uint32_t count = 0;
    for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
        DefinitionFact& definition = facts.definitions[i];
        const uint32_t outer =
            definition.container == kNone ? kNone : renumbered[definition.container];
        if (removed[i]) {
            renumbered[i] = outer;
            continue;
        }
        definition.container = outer;
        renumbered[i] = count;
        facts.definitions[count++] = definition;
    }
    facts.definitions.resize(count);
    const auto renumber = [&](uint32_t& index) {
        if (index != kNone) index = renumbered[index];
    };
    for (LocalFact& local : facts.locals) renumber(local.definition);
    for (ReferenceFact& reference : facts.references) renumber(reference.definition);
    for (ImportFact& import : facts.imports) renumber(import.definition);
}

void drop_inner_declarations(FileFacts& facts) {
    std::vector<bool> removed(facts.definitions.size());
    bool has_removed = false;
    std::vector<LocalFact> added;
    for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        bool drops = is_keyword(facts.text(definition.name)) || definition.name == 0;
        const bool may_be_local =
            definition.kind == BlockKind::Variable ||
            (is_function(definition) && (definition.flags & format::kBlockDeclaration) != 0);
        const uint32_t around = may_be_local && !drops ? function_around(facts, i) : kNone;
        if (around != kNone) {
            drops = true;
            LocalFact local;
            local.definition = around;
            local.name = definition.name;
            local.type = definition.type;
            local.value = definition.value;
            local.visible_first = definition.range.byte_end;
            local.visible_end = facts.definitions[around].range.byte_end;
            if (local.visible_first < local.visible_end) added.push_back(local);
        }
        removed[i] = drops;
        has_removed = has_removed || drops;
    }
    facts.locals.insert(facts.locals.end(), added.begin(), added.end());
    // What is declared outside of every function is no local.
    std::erase_if(facts.locals, [](const LocalFact& local) { return local.definition == kNone; });
    std::stable_sort(facts.locals.begin(), facts.locals.end(),
                     [](const LocalFact& left, const LocalFact& right) {
                         return left.visible_first < right.visible_first;
                     });
    if (has_removed) remove_definitions(facts, removed);
}

void set_linkage_flags(FileFacts& facts) {
    for (DefinitionFact& definition : facts.definitions) {
        const std::string_view signature = facts.text(definition.signature);
        const std::string_view name = facts.text(definition.name);
        const bool is_member = definition.container != kNone &&
                               facts.definitions[definition.container].kind != BlockKind::Module;
        bool is_hidden = false;
        if (definition.kind == BlockKind::Function || definition.kind == BlockKind::Variable ||
            definition.kind == BlockKind::Method) {
            if (has_specifier(signature, name, "static")) {
                definition.flags |= format::kBlockStatic;
                is_hidden = !is_member;
            }
            if (definition.kind == BlockKind::Variable &&
                has_specifier(signature, name, "extern") &&
                signature.find('=') == std::string_view::npos)
                definition.flags |= format::kBlockDeclaration;
        }
        if (!is_hidden) definition.flags |= format::kBlockExported;
        if (definition.kind == BlockKind::Function && name == "main" && !is_member)
            definition.flags |= format::kBlockEntryPoint;
        // `f()` of C takes whatever it is given.
        if (facts.language == format::Language::C && facts.text(definition.parameters) == "()")
            definition.is_variadic = true;
    }
}

void mark_tentative_definitions(FileFacts& facts) {
    const auto is_initialised = [&](const DefinitionFact& definition) {
        return facts.text(definition.signature).find('=') != std::string_view::npos;
    };
    std::vector<NameIndex> initialised;
    for (const DefinitionFact& definition : facts.definitions) {
        if (definition.kind == BlockKind::Variable && is_initialised(definition))
            initialised.push_back(definition.name);
    }
    std::sort(initialised.begin(), initialised.end());
    for (DefinitionFact& definition : facts.definitions) {
        if (definition.kind == BlockKind::Variable && !is_initialised(definition) &&
            std::binary_search(initialised.begin(), initialised.end(), definition.name))
            definition.flags |= format::kBlockDeclaration;
    }
}

void mark_scope_operators(std::string_view source, FileFacts& facts) {
    for (ReferenceFact& reference : facts.references) {
        size_t at = reference.offset;
        while (at > 0 && source[at - 1] == ' ') --at;
        if (at < 2 || source.substr(at - 2, 2) != "::") continue;
        if (reference.receiver.count == 0) {
            reference.receiver.first = static_cast<uint32_t>(facts.links.size());
            reference.receiver.count = 1;
            facts.links.push_back({facts.intern(kGlobalScope), ChainLink::kSuper});
        } else {
            facts.links[reference.receiver.first + reference.receiver.count - 1].flags |=
                ChainLink::kSuper;
        }
    }
}

void mark_conditional_macros(std::string_view source, FileFacts& facts) {
    struct Range {
        size_t first;
        size_t end;
    };
    std::vector<size_t> open;
    std::vector<Range> ranges;
    size_t guard_first = std::string_view::npos;  // of the #ifndef of an include guard
    bool has_code = false;
    for (size_t at = 0; at < source.size();) {
        const size_t end = std::min(source.find('\n', at), source.size());
        size_t start = at;
        while (start < end && (source[start] == ' ' || source[start] == '\t')) ++start;
        if (start < end && source[start] == '#') {
            ++start;
            while (start < end && (source[start] == ' ' || source[start] == '\t')) ++start;
            const std::string_view rest = source.substr(start, end - start);
            if (rest.starts_with("if")) {
                if (!has_code && open.empty() && ranges.empty() && rest.starts_with("ifndef"))
                    guard_first = at;
                open.push_back(at);
            } else if (rest.starts_with("endif") && !open.empty()) {
                ranges.push_back({open.back(), end});
                open.pop_back();
            }
            has_code = true;
        }
        at = end + 1;
    }
    for (DefinitionFact& definition : facts.definitions) {
        if (definition.kind != BlockKind::Macro) continue;
        const size_t at = definition.range.byte_first;
        const bool is_conditional =
            std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
                return range.first < at && at < range.end && range.first != guard_first;
            });
        if (is_conditional) definition.type = facts.intern(kConditional);
    }
}

void add_macro_references(std::string_view source, FileFacts& facts) {
    std::vector<ReferenceFact> found;
    std::vector<ReferenceFact> all;
    for (uint32_t i = 0; i < facts.definitions.size(); ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        if (definition.kind != BlockKind::Macro ||
            definition.body_first >= definition.range.byte_end)
            continue;
        found.clear();
        MacroBody(source, facts, i).read(found);
        all.insert(all.end(), found.begin(), found.end());
    }
    if (all.empty()) return;
    facts.references.insert(facts.references.end(), all.begin(), all.end());
    std::stable_sort(facts.references.begin(), facts.references.end(),
                     [](const ReferenceFact& left, const ReferenceFact& right) {
                         return left.offset < right.offset;
                     });
}

}  // namespace kausal::ingest
