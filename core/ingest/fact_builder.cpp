// The first half of the builder: matches in, pending records out. fact_order.cpp has the second half.
#include "ingest/fact_builder.h"

#include <algorithm>
#include <array>

namespace kausal::ingest {
namespace {

using format::BlockKind;

BlockKind kind_of(CaptureKind kind) noexcept {
    switch (kind) {
        case CaptureKind::DefModule:
            return BlockKind::Module;
        case CaptureKind::DefClass:
            return BlockKind::Class;
        case CaptureKind::DefStruct:
            return BlockKind::Struct;
        case CaptureKind::DefInterface:
            return BlockKind::Interface;
        case CaptureKind::DefEnum:
            return BlockKind::Enum;
        case CaptureKind::DefUnion:
            return BlockKind::Union;
        case CaptureKind::DefAlias:
            return BlockKind::TypeAlias;
        case CaptureKind::DefMethod:
        case CaptureKind::DefConstructor:
            return BlockKind::Method;
        case CaptureKind::DefField:
            return BlockKind::Field;
        case CaptureKind::DefVariable:
            return BlockKind::Variable;
        case CaptureKind::DefConstant:
            return BlockKind::Constant;
        case CaptureKind::DefMember:
            return BlockKind::EnumMember;
        case CaptureKind::DefMacro:
            return BlockKind::Macro;
        default:
            return BlockKind::Function;
    }
}

uint32_t flag_of(CaptureKind kind) noexcept {
    switch (kind) {
        case CaptureKind::FlagExported:
            return format::kBlockExported;
        case CaptureKind::FlagStatic:
            return format::kBlockStatic;
        case CaptureKind::FlagAbstract:
            return format::kBlockAbstract;
        case CaptureKind::FlagDeclaration:
            return format::kBlockDeclaration;
        case CaptureKind::FlagOverride:
            return format::kBlockOverride;
        case CaptureKind::FlagTest:
            return format::kBlockTest;
        case CaptureKind::FlagEntry:
            return format::kBlockEntryPoint;
        case CaptureKind::FlagReflected:
            return format::kBlockReflected;
        case CaptureKind::DefConstructor:
            return format::kBlockConstructor;
        default:
            return 0;
    }
}

/// How a child of a parameter list counts, by the node names that the grammars use.
struct ParameterRule {
    std::string_view node;
    bool counts = true;
    bool is_optional = false;
    bool is_variadic = false;
};
constexpr ParameterRule kParameterRules[] = {
    {"optional_parameter_declaration", true, true, false},
    {"default_parameter", true, true, false},
    {"typed_default_parameter", true, true, false},
    {"assignment_pattern", true, true, false},
    {"optional_parameter", true, true, false},
    {"variadic_parameter_declaration", true, true, true},
    {"variadic_parameter", false, true, true},
    {"spread_parameter", true, true, true},
    {"list_splat_pattern", false, true, true},
    {"dictionary_splat_pattern", false, true, true},
    {"rest_pattern", false, true, true},
    {"self_parameter", false, false, false},
    {"receiver_parameter", false, false, false},
    {"keyword_separator", false, false, false},
    {"positional_separator", false, false, false},
    {"attribute_item", false, false, false},
};

ParameterRule parameter_rule(TSNode child) {
    const std::string_view type = ts_node_type(child);
    for (const ParameterRule& rule : kParameterRules) {
        if (rule.node == type) return rule;
    }
    ParameterRule rule{type};
    if (type == "required_parameter" || type == "parameter" || type == "typed_parameter") {
        const TSNode value = ts_node_child_by_field_name(child, "value", 5);
        rule.is_optional = !ts_node_is_null(value);
        const TSNode inner = ts_node_named_child(child, 0);
        const std::string_view inner_type = ts_node_is_null(inner) ? "" : ts_node_type(inner);
        if (inner_type == "rest_pattern" || inner_type == "list_splat_pattern" ||
            inner_type == "dictionary_splat_pattern")
            return {type, false, true, true};
        if (inner_type == "this") rule.counts = false;
    }
    return rule;
}

/// Named children that are not comments; kNone-like 255 when one of them stands for several.
uint8_t count_arguments(TSNode list) {
    const uint32_t children = ts_node_named_child_count(list);
    uint32_t count = 0;
    for (uint32_t i = 0; i < children; ++i) {
        const TSNode child = ts_node_named_child(list, i);
        if (ts_node_is_extra(child)) continue;
        const std::string_view type = ts_node_type(child);
        if (type.find("splat") != std::string_view::npos ||
            type.find("spread") != std::string_view::npos ||
            type.find("variadic") != std::string_view::npos ||
            type.find("pack_expansion") != std::string_view::npos)
            return 255;
        ++count;
    }
    return static_cast<uint8_t>(std::min(count, 254u));
}

/// Where a node stands in its list, for statements that bind several names at once.
struct ListPlace {
    bool is_in_list = false;
    uint32_t index = 0;
    uint32_t count = 1;
};

ListPlace place_in_list(TSNode node) {
    const TSNode parent = ts_node_parent(node);
    if (ts_node_is_null(parent)) return {};
    const std::string_view type = ts_node_type(parent);
    static constexpr std::array<std::string_view, 5> kLists = {
        "tuple_pattern", "list_pattern", "array_pattern", "structured_binding_declarator", "tuple"};
    if (!type.ends_with("_list") && std::find(kLists.begin(), kLists.end(), type) == kLists.end())
        return {};
    ListPlace place{true, 0, 0};
    const uint32_t children = ts_node_named_child_count(parent);
    for (uint32_t i = 0; i < children; ++i) {
        const TSNode child = ts_node_named_child(parent, i);
        if (ts_node_is_extra(child)) continue;
        if (ts_node_eq(child, node)) place.index = place.count;
        ++place.count;
    }
    return place;
}

std::string_view unquoted(std::string_view text) {
    while (text.size() >= 2) {
        const char open = text.front();
        const char close = text.back();
        const bool is_quoted = (open == '"' || open == '\'' || open == '`') && close == open;
        if (!is_quoted && !(open == '<' && close == '>')) break;
        text = text.substr(1, text.size() - 2);
    }
    return text;
}

}  // namespace

void FactBuilder::start(const LanguageRules& rules, const ExpressionTable& table,
                        std::string_view source, FileFacts& facts) {
    rules_ = &rules;
    source_ = source;
    facts_ = &facts;
    chains_.reset(table, source, facts);
    lines_.reset(source);
    definitions_.clear();
    containers_.clear();
    bases_.clear();
    locals_.clear();
    references_.clear();
    pending_links_.clear();
    imports_.clear();
    import_spans_.clear();
    blocks_.clear();
    comments_.clear();
    decorators_.clear();
    name_offsets_.clear();
}

std::string_view FactBuilder::source_of(TSNode node) const {
    const uint32_t first = ts_node_start_byte(node);
    return source_.substr(first, ts_node_end_byte(node) - first);
}

NameIndex FactBuilder::folded_name(TSNode node) {
    return facts_->intern(folded(source_of(node), scratch_));
}

void FactBuilder::add_comment(TSNode node) {
    const uint32_t first = ts_node_start_byte(node);
    std::string_view text = source_of(node);
    // Some grammars count the line end as part of a comment.
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    comments_.push_back({first, first + static_cast<uint32_t>(text.size())});
}

void FactBuilder::add_match(uint32_t pattern, std::span<const Capture> captures) {
    const Capture* subject = nullptr;
    for (const Capture& capture : captures) {
        if (capture.kind > kSubjectLast) continue;
        if (capture.kind == CaptureKind::BaseExtends ||
            capture.kind == CaptureKind::BaseImplements) {
            PendingBase base;
            base.offset = ts_node_start_byte(capture.node);
            base.fact.type = folded_name(capture.node);
            base.fact.implements = capture.kind == CaptureKind::BaseImplements;
            bases_.push_back(base);
        } else if (subject == nullptr) {
            subject = &capture;
        }
    }
    if (subject == nullptr) return;
    const TSNode node = subject->node;
    if (subject->kind <= kDefinitionLast)
        return add_definition(pattern, subject->kind, node, captures);
    switch (subject->kind) {
        case CaptureKind::Container:
            return add_container(node, captures);
        case CaptureKind::Local:
            return add_local(node, captures);
        case CaptureKind::Block:
            blocks_.push_back({ts_node_start_byte(node), ts_node_end_byte(node)});
            return;
        case CaptureKind::Call:
            return add_reference(ReferenceRole::Call, node, captures);
        case CaptureKind::New:
            return add_reference(ReferenceRole::New, node, captures);
        case CaptureKind::Macro:
            return add_reference(ReferenceRole::Macro, node, captures);
        case CaptureKind::TypeReference:
            return add_reference(ReferenceRole::Type, node, captures);
        case CaptureKind::Mention:
            return add_reference(ReferenceRole::Mention, node, captures);
        case CaptureKind::Decorator:
            decorators_.push_back({ts_node_start_byte(node), ts_node_end_byte(node)});
            return add_reference(ReferenceRole::Decorator, node, captures);
        case CaptureKind::Import:
            return add_import(node, captures);
        case CaptureKind::Package:
            facts_->package = folded_name(node);
            return;
        default:
            return;
    }
}

void FactBuilder::read_name(TSNode node, PendingDefinition& definition) {
    DefinitionFact& fact = definition.fact;
    definition.has_name = true;
    fact.name_offset = ts_node_start_byte(node);
    if (ts_node_named_child_count(node) != 0) {
        const auto& links = chains_.links_of(node);
        const uint32_t last = links.back().offset;
        if (last > fact.name_offset && (links.back().flags & ChainLink::kOpaque) == 0) {
            std::string_view scope = source_.substr(fact.name_offset, last - fact.name_offset);
            while (scope.ends_with(':') || scope.ends_with('.') || scope.ends_with(' '))
                scope.remove_suffix(1);
            fact.name = links.back().name;
            fact.scope = facts_->intern(folded(scope, scratch_));
            fact.name_offset = last;
            return;
        }
    }
    fact.name = folded_name(node);
}

void FactBuilder::count_parameters(TSNode list, DefinitionFact& fact) const {
    uint32_t count = 0;
    uint32_t optional = 0;
    const uint32_t children = ts_node_child_count(list);
    for (uint32_t i = 0; i < children; ++i) {
        const TSNode child = ts_node_child(list, i);
        if (!ts_node_is_named(child)) {
            // C spells the variadic parameter as a bare token.
            if (source_of(child) == "...") fact.is_variadic = true;
            continue;
        }
        if (ts_node_is_extra(child)) continue;
        const ParameterRule rule = parameter_rule(child);
        if (rule.is_variadic) fact.is_variadic = true;
        if (!rule.counts) continue;
        // Go declares several names of one type together.
        uint32_t names = 0;
        for (uint32_t k = 0; rules_->family == LanguageFamily::Go && k < ts_node_child_count(child);
             ++k) {
            const char* field = ts_node_field_name_for_child(child, k);
            if (field != nullptr && std::string_view(field) == "name") ++names;
        }
        names = std::max(names, 1u);
        // `f(void)` takes nothing.
        if (rules_->family == LanguageFamily::C && source_of(child) == "void") continue;
        count += names;
        if (rule.is_optional) optional += names;
    }
    // A single bare parameter without parentheses: `x => x`.
    if (children == 0) count = 1;
    fact.parameter_count = static_cast<uint16_t>(std::min(count, 0xffffu));
    fact.parameter_count_min = static_cast<uint16_t>(std::min(count - optional, 0xffffu));
}

void FactBuilder::read_definition_part(const Capture& capture, PendingDefinition& definition) {
    DefinitionFact& fact = definition.fact;
    switch (capture.kind) {
        case CaptureKind::Name:
            return read_name(capture.node, definition);
        case CaptureKind::Body:
            definition.body = capture.node;
            fact.body_first = ts_node_start_byte(capture.node);
            return;
        case CaptureKind::Parameters:
            count_parameters(capture.node, fact);
            fact.parameters = folded_name(capture.node);
            return;
        case CaptureKind::Type:
            fact.type = folded_name(capture.node);
            return;
        case CaptureKind::Value:
            fact.value = chains_.chain_of(capture.node);
            return;
        case CaptureKind::Scope:
            fact.scope = folded_name(capture.node);
            return;
        case CaptureKind::Trait:
            fact.trait_scope = folded_name(capture.node);
            return;
        default:
            fact.flags |= flag_of(capture.kind);
            return;
    }
}

void FactBuilder::add_definition(uint32_t pattern, CaptureKind kind, TSNode node,
                                 std::span<const Capture> captures) {
    PendingDefinition definition;
    definition.pattern = pattern;
    DefinitionFact& fact = definition.fact;
    fact.kind = kind_of(kind);
    fact.range.byte_first = ts_node_start_byte(node);
    fact.range.byte_end = ts_node_end_byte(node);
    fact.name_offset = fact.range.byte_first;
    fact.body_first = kNone;
    for (const Capture& capture : captures) read_definition_part(capture, definition);
    definitions_.push_back(definition);
}

void FactBuilder::add_container(TSNode node, std::span<const Capture> captures) {
    PendingContainer container{ts_node_start_byte(node), ts_node_end_byte(node)};
    for (const Capture& capture : captures) {
        if (capture.kind == CaptureKind::Scope) container.scope = folded_name(capture.node);
        if (capture.kind == CaptureKind::Trait) container.trait = folded_name(capture.node);
    }
    containers_.push_back(container);
}

void FactBuilder::add_local(TSNode node, std::span<const Capture> captures) {
    PendingLocal local;
    local.node_end = ts_node_end_byte(node);
    const Capture* name = nullptr;
    const Capture* value = nullptr;
    for (const Capture& capture : captures) {
        if (capture.kind == CaptureKind::Name) name = &capture;
        if (capture.kind == CaptureKind::Type) local.fact.type = folded_name(capture.node);
        if (capture.kind == CaptureKind::Value || capture.kind == CaptureKind::Iterable)
            value = &capture;
    }
    if (name == nullptr) return;
    local.fact.name = folded_name(name->node);
    local.name_offset = ts_node_start_byte(name->node);
    if (value != nullptr) {
        const ListPlace left = place_in_list(name->node);
        ListPlace right;
        if (left.is_in_list) right = place_in_list(value->node);
        if (right.is_in_list && right.count > 1) {
            if (right.index != left.index) return;
        } else {
            local.fact.position = static_cast<uint8_t>(std::min(left.index, 255u));
        }
        local.fact.is_iteration = value->kind == CaptureKind::Iterable;
        if (local.fact.type == 0) local.fact.value = chains_.chain_of(value->node);
    }
    locals_.push_back(local);
}

void FactBuilder::add_reference(ReferenceRole role, TSNode node,
                                std::span<const Capture> captures) {
    // Which match explains a place best, by role: call, new, type, mention, decorator, macro.
    static constexpr uint8_t kRanks[] = {3, 1, 4, 5, 0, 2};
    PendingReference reference;
    reference.role = role;
    reference.rank = kRanks[static_cast<size_t>(role)];
    TSNode callee = node;
    for (const Capture& capture : captures) {
        if (capture.kind == CaptureKind::Callee) callee = capture.node;
        if (capture.kind == CaptureKind::Arguments)
            reference.argument_count = count_arguments(capture.node);
    }
    const auto& links = chains_.links_of(callee);
    const ChainBuilder::Link& last = links.back();
    constexpr uint8_t kNameless = ChainLink::kOpaque | ChainLink::kCast;
    // What is called through a subscript or through the result of a call has no name here; a
    // decorator that is a call itself (`@route("/")`) is named by its callee.
    const bool is_decorator = role == ReferenceRole::Decorator;
    if ((last.flags & kNameless) != 0 || last.name == 0) return;
    if (role == ReferenceRole::Call && (last.flags & (ChainLink::kIndex | ChainLink::kCall)) != 0)
        return;
    if ((last.flags & ChainLink::kCall) != 0 && !is_decorator && role == ReferenceRole::Mention)
        return;
    reference.offset = last.offset;
    reference.name = last.name;
    reference.link_first = static_cast<uint32_t>(pending_links_.size());
    reference.link_count = static_cast<uint32_t>(links.size() - 1);
    for (size_t i = 0; i + 1 < links.size(); ++i)
        pending_links_.push_back({links[i].name, links[i].flags});
    references_.push_back(reference);
}

void FactBuilder::add_import(TSNode node, std::span<const Capture> captures) {
    PendingImport import;
    ImportFact& fact = import.fact;
    import.node_first = ts_node_start_byte(node);
    import_spans_.push_back({import.node_first, ts_node_end_byte(node)});
    fact.offset = import.node_first;
    bool has_name = false;
    for (const Capture& capture : captures) {
        switch (capture.kind) {
            case CaptureKind::Path: {
                std::string_view text = folded(source_of(capture.node), scratch_);
                if (text.starts_with('<')) fact.flags |= ImportFact::kSystem;
                text = unquoted(text);
                while (rules_->family == LanguageFamily::Python && text.starts_with('.')) {
                    text.remove_prefix(1);
                    if (fact.relative_level < 255) ++fact.relative_level;
                }
                while (text.starts_with(' ')) text.remove_prefix(1);
                fact.path = facts_->intern(text);
                if (!has_name) fact.offset = ts_node_start_byte(capture.node);
                break;
            }
            case CaptureKind::Name:
                fact.name = folded_name(capture.node);
                fact.offset = ts_node_start_byte(capture.node);
                has_name = true;
                break;
            case CaptureKind::Alias:
                fact.alias = folded_name(capture.node);
                break;
            case CaptureKind::Wildcard:
                fact.flags |= ImportFact::kWildcard;
                break;
            case CaptureKind::Static:
                fact.flags |= ImportFact::kStatic;
                break;
            case CaptureKind::Default:
                // Captured on the local name, which is what the default export is called here.
                fact.flags |= ImportFact::kDefault;
                if (ts_node_is_named(capture.node)) fact.alias = folded_name(capture.node);
                break;
            case CaptureKind::Namespace:
                fact.flags |= ImportFact::kNamespace;
                break;
            case CaptureKind::TypeOnly:
                fact.flags |= ImportFact::kTypeOnly;
                break;
            case CaptureKind::ReExport:
                fact.flags |= ImportFact::kReExport;
                break;
            case CaptureKind::System:
                fact.flags |= ImportFact::kSystem;
                break;
            case CaptureKind::Module:
                fact.flags |= ImportFact::kModule;
                break;
            default:
                break;
        }
    }
    imports_.push_back(import);
}

}  // namespace kausal::ingest
