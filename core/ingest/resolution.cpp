// The steps that all resolvers share.
#include "ingest/resolution.h"

#include "graph/identity.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace kausal::ingest {
namespace {

using format::BlockKind;

// One fitting name in the whole workspace is a better guess than one of eight, but still a guess.
constexpr uint32_t kConfidenceOfOne = 160;

bool may_be_called(const Symbol& symbol, ReferenceRole role) {
    if (role == ReferenceRole::Macro) return symbol.kind == BlockKind::Macro;
    if (is_callable(symbol.kind)) return role == ReferenceRole::Call;
    const bool is_class = symbol.kind == BlockKind::Class || symbol.kind == BlockKind::Struct;
    if (!is_class) return false;
    if (role == ReferenceRole::New) return true;
    // Where a type is constructed by calling its name.
    return symbol.language == format::Language::Python || symbol.language == format::Language::Cpp;
}

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool drop_word(std::string_view& type) noexcept {
    static constexpr std::string_view kWords[] = {
        "const",  "volatile", "struct",   "class", "enum",   "union",    "mut",       "dyn",
        "impl",   "static",   "readonly", "final", "ref",    "typename", "constexpr", "inline",
        "extern", "register", "restrict", "keyof", "unique", "chan"};
    for (const std::string_view word : kWords) {
        if (type.starts_with(word) && type.size() > word.size() && !is_word(type[word.size()]) &&
            type[word.size()] != ':' && type[word.size()] != '.') {
            type.remove_prefix(word.size());
            return true;
        }
    }
    return false;
}

/// Removes one thing that stands before the name of a type; false when there is none.
bool drop_prefix(std::string_view& type) noexcept {
    if (type.empty()) return false;
    const char c = type.front();
    if (c == ' ' || c == '*' || c == '&' || c == '(' || c == '?') {
        type.remove_prefix(1);
        return true;
    }
    if (c == '\'') {  // a lifetime
        type.remove_prefix(1);
        while (!type.empty() && is_word(type.front())) type.remove_prefix(1);
        return true;
    }
    if (c == '[') {  // []T, [4]T; [T] and [T; n] hold the type inside
        const size_t close = type.find(']');
        if (close != std::string_view::npos && close + 1 < type.size() &&
            (is_word(type[close + 1]) || type[close + 1] == '*' || type[close + 1] == '[')) {
            type.remove_prefix(close + 1);
        } else {
            type.remove_prefix(1);
        }
        return true;
    }
    for (const std::string_view start :
         {std::string_view("..."), std::string_view("<-"), std::string_view("::")}) {
        if (type.starts_with(start)) {
            type.remove_prefix(start.size());
            return true;
        }
    }
    return drop_word(type);
}

}  // namespace

bool is_callable(BlockKind kind) noexcept {
    return kind == BlockKind::Function || kind == BlockKind::Method;
}

bool is_type(BlockKind kind) noexcept {
    return kind >= BlockKind::Class && kind <= BlockKind::TypeAlias;
}

bool accepts(const Symbol& symbol, uint8_t argument_count) noexcept {
    if (argument_count == 255 || !is_callable(symbol.kind)) return true;
    if (argument_count < symbol.parameter_count_min) return false;
    return symbol.is_variadic || argument_count <= symbol.parameter_count;
}

format::EdgeType call_edge_type(const Symbol& target) noexcept {
    if (target.kind == BlockKind::Method) return format::EdgeType::CallsMethod;
    if (target.kind == BlockKind::Function) return format::EdgeType::CallsFunction;
    return format::EdgeType::Calls;
}

std::string_view base_type_name(std::string_view type) noexcept {
    while (drop_prefix(type)) {
    }
    // The name runs over words and their separators; generic arguments in the middle of a path
    // (`A<T>::B`) end it, as nothing after them can be named without them.
    size_t end = 0;
    while (end < type.size()) {
        if (is_word(type[end]) || type[end] == '.') {
            ++end;
        } else if (type[end] == ':' && end + 2 < type.size() && type[end + 1] == ':' &&
                   is_word(type[end + 2])) {
            end += 2;
        } else {
            break;
        }
    }
    while (end != 0 && type[end - 1] == '.') --end;
    return type.substr(0, end);
}

std::vector<std::string_view> split_path(std::string_view path) {
    std::vector<std::string_view> parts;
    size_t start = 0;
    for (size_t at = 0; at <= path.size(); ++at) {
        const bool is_scope = at + 1 < path.size() && path[at] == ':' && path[at + 1] == ':';
        if (at != path.size() && path[at] != '.' && path[at] != '/' && !is_scope) continue;
        if (at > start) parts.push_back(path.substr(start, at - start));
        if (is_scope) ++at;
        start = at + 1;
    }
    return parts;
}

std::string_view last_component(std::string_view path) noexcept {
    const size_t at = path.find_last_of(":./");
    return at == std::string_view::npos ? path : path.substr(at + 1);
}

LocalScopes::LocalScopes(const FileFacts& facts) : facts_(facts) {
    by_name_.reserve(facts.locals.size());
    for (uint32_t i = 0; i < facts.locals.size(); ++i)
        by_name_.emplace_back(facts.locals[i].name, i);
    std::sort(by_name_.begin(), by_name_.end());
}

const LocalFact* LocalScopes::find(NameIndex name, uint32_t offset) const {
    // Locals are in order of visible_first, so the last one that starts before is the innermost.
    auto at = std::upper_bound(by_name_.begin(), by_name_.end(), std::pair(name, kNone));
    while (at != by_name_.begin()) {
        --at;
        if (at->first != name) break;
        const LocalFact& local = facts_.locals[at->second];
        if (local.visible_first <= offset && offset < local.visible_end) return &local;
    }
    return nullptr;
}

void add_candidates(const FileFacts& facts, const ReferenceFact& reference, uint32_t source_index,
                    SymbolSource& source, EdgeSink& sink) {
    if (reference.role != ReferenceRole::Call && reference.role != ReferenceRole::New &&
        reference.role != ReferenceRole::Macro)
        return;
    const std::string_view name = facts.text(reference.name);
    const Symbol* fitting[kCandidatesMax];
    size_t count = 0;
    bool has_definition = false;
    bool has_too_many = false;
    const auto is_declaration = [](const Symbol& symbol) {
        return (symbol.flags & format::kBlockDeclaration) != 0;
    };
    for (const Symbol* symbol : source.named(name)) {
        if (!may_be_called(*symbol, reference.role) || !accepts(*symbol, reference.argument_count))
            continue;
        // Declarations count only while no definition is known.
        if (is_declaration(*symbol) && has_definition) continue;
        if (!is_declaration(*symbol) && !has_definition) {
            has_definition = true;
            has_too_many = false;
            count = 0;
        }
        if (count == kCandidatesMax) {
            has_too_many = true;
            if (has_definition) break;
            continue;
        }
        fitting[count++] = symbol;
    }
    BoundEdge edge;
    edge.source = source_index;
    edge.certainty = format::Certainty::Candidate;
    edge.provenance = format::Provenance::NameMatch;
    edge.site_offset = reference.offset;
    edge.site_line = reference.line;
    if (count == 0 || has_too_many) {
        edge.target = sink.unresolved(name);
        edge.type = format::EdgeType::Calls;
        edge.confidence = 0;
        sink.add(edge);
        return;
    }
    edge.confidence = static_cast<uint8_t>(kConfidenceOfOne / count);
    for (size_t i = 0; i < count; ++i) {
        edge.target = fitting[i]->id;
        edge.type = call_edge_type(*fitting[i]);
        sink.add(edge);
    }
}

MemberFound find_member(SymbolSource& source, const BlockId& type, std::string_view name,
                        uint8_t argument_count, bool callable_only) {
    std::vector<BlockId> level{type};
    std::unordered_set<BlockId, BlockIdHash> seen{type};
    for (uint32_t depth = 0; depth <= kBaseDepthMax && !level.empty(); ++depth) {
        MemberFound found;
        found.depth = depth;
        const Symbol* first = nullptr;
        for (const BlockId& id : level) {
            for (const Symbol* member : source.members(id, name)) {
                if (callable_only && !is_callable(member->kind)) continue;
                ++found.overload_count;
                if (first == nullptr) first = member;
                if (found.symbol == nullptr && accepts(*member, argument_count))
                    found.symbol = member;
            }
        }
        if (first != nullptr) {
            if (found.symbol == nullptr) found.symbol = first;
            return found;
        }
        std::vector<BlockId> next;
        for (const BlockId& id : level) {
            const Symbol* symbol = source.by_id(id);
            if (symbol == nullptr) continue;
            for (const BlockId& base : symbol->base_ids) {
                if (seen.insert(base).second) next.push_back(base);
            }
        }
        level = std::move(next);
    }
    return {};
}

void declare_definitions(const std::string& workspace, const DeclareRules& rules,
                         const FileFacts& facts, FileSymbols& out) {
    const bool has_overloads =
        facts.language == format::Language::Cpp || facts.language == format::Language::Java;
    const BlockId file = BlockId::of(workspace, static_cast<uint16_t>(BlockKind::File), facts.path);
    out.symbols.clear();
    out.symbols.reserve(facts.definitions.size() + 2);
    out.file_index = facts.definitions.size();
    std::unordered_map<BlockId, uint32_t, BlockIdHash> uses;
    std::string identity;
    for (const DefinitionFact& definition : facts.definitions) {
        Symbol symbol;
        symbol.file = file;
        symbol.kind = definition.kind;
        symbol.language = facts.language;
        symbol.flags = definition.flags;
        symbol.parameter_count = definition.parameter_count;
        symbol.parameter_count_min = definition.parameter_count_min;
        symbol.is_variadic = definition.is_variadic;
        symbol.name = facts.text(definition.name);
        symbol.package = rules.package;
        symbol.path = facts.path;
        symbol.type = facts.text(definition.type);
        for (uint32_t i = 0; i < definition.base_count; ++i)
            symbol.bases.emplace_back(facts.text(facts.bases[definition.base_first + i].type));
        const bool is_inner = definition.container != kNone;
        symbol.parent = is_inner ? out.symbols[definition.container].id : file;
        std::string& qualified = symbol.qualified_name;
        qualified = is_inner ? out.symbols[definition.container].qualified_name : rules.package;
        const auto append = [&](std::string_view part) {
            if (part.empty()) return;
            if (!qualified.empty()) qualified += rules.separator;
            qualified += part;
        };
        append(base_type_name(facts.text(definition.scope)));
        append(symbol.name);
        identity = facts.path;
        identity += '#';
        identity += qualified;
        if (definition.trait_scope != 0) {
            identity += '<';
            identity += facts.text(definition.trait_scope);
        }
        if (has_overloads && is_callable(definition.kind)) {
            identity += '(';
            identity += facts.text(definition.parameters);
        }
        symbol.id = BlockId::of(workspace, static_cast<uint16_t>(definition.kind), identity);
        const uint32_t use = ++uses[symbol.id];
        if (use > 1) {
            identity += '~';
            identity += std::to_string(use);
            symbol.id = BlockId::of(workspace, static_cast<uint16_t>(definition.kind), identity);
        }
        out.symbols.push_back(std::move(symbol));
    }
    Symbol self;
    self.id = self.file = file;
    self.parent = graph::workspace_id(workspace);
    self.kind = BlockKind::File;
    self.language = facts.language;
    self.name = facts.path.substr(facts.path.rfind('/') + 1);
    self.qualified_name = facts.path;
    self.package = rules.package;
    self.path = facts.path;
    out.symbols.push_back(std::move(self));
}

void link_owners(const FileFacts& facts, FileSymbols& symbols, SymbolSource& source) {
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        if (definition.scope == 0) continue;
        Symbol& symbol = symbols.symbols[i];
        const std::string_view scope = base_type_name(facts.text(definition.scope));
        if (scope.empty() || symbol.qualified_name.size() <= symbol.name.size()) continue;
        std::string_view owner_name = symbol.qualified_name;
        owner_name.remove_suffix(symbol.name.size());
        while (owner_name.ends_with(':') || owner_name.ends_with('.')) owner_name.remove_suffix(1);
        const Symbol* owner = nullptr;
        for (const Symbol* candidate : source.named(last_component(scope))) {
            if (!is_type(candidate->kind) || candidate->qualified_name != owner_name) continue;
            // The one in the same file, else the first that is no mere declaration, else the first.
            const bool is_better =
                owner == nullptr ||
                (candidate->file == symbol.file && owner->file != symbol.file) ||
                (owner->file != symbol.file && (owner->flags & format::kBlockDeclaration) != 0 &&
                 (candidate->flags & format::kBlockDeclaration) == 0);
            if (is_better) owner = candidate;
        }
        if (owner != nullptr) symbol.parent = owner->id;
    }
}

}  // namespace kausal::ingest
