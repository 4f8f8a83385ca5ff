// The first half of the builder: matches in, pending records out. fact_order.cpp has the second
// half.
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

ParameterRule parameter_rule(const FlatTree& tree, NodeIndex child, TSFieldId value_field) {
    const std::string_view type = tree.type(child);
    for (const ParameterRule& rule : kParameterRules) {
        if (rule.node == type) return rule;
    }
    ParameterRule rule{type};
    if (type == "required_parameter" || type == "parameter" || type == "typed_parameter") {
        rule.is_optional = value_field != 0 && tree.child_by_field(child, value_field) != kNoNode;
        const NodeIndex inner = tree.first_child(child);
        const std::string_view inner_type = inner == kNoNode ? "" : tree.type(inner);
        if (inner_type == "rest_pattern" || inner_type == "list_splat_pattern" ||
            inner_type == "dictionary_splat_pattern")
            return {type, false, true, true};
        if (inner_type == "this") rule.counts = false;
    }
    return rule;
}

/// Children that are not comments; 255 (unknown) when one of them stands for several.
uint8_t count_arguments(const FlatTree& tree, NodeIndex list) {
    uint32_t count = 0;
    bool is_known = true;
    tree.for_each_child(list, [&](NodeIndex child) {
        if (!tree.is_named(child) || tree.is_extra(child)) return;
        const std::string_view type = tree.type(child);
        if (type.find("splat") != std::string_view::npos ||
            type.find("spread") != std::string_view::npos ||
            type.find("variadic") != std::string_view::npos ||
            type.find("pack_expansion") != std::string_view::npos)
            is_known = false;
        ++count;
    });
    return is_known ? static_cast<uint8_t>(std::min(count, 254u)) : uint8_t{255};
}

/// An operation with a string literal among its operands makes a string.
bool joins_text(const FlatTree& tree, NodeIndex node) {
    while (node != kNoNode && tree.type(node) == "binary_expression") {
        bool is_text = false;
        tree.for_each_child(node, [&](NodeIndex child) {
            if (tree.type(child) == "string_literal") is_text = true;
        });
        if (is_text) return true;
        node = tree.first_child(node);
    }
    return false;
}

/// Where a node stands in its list, for statements that bind several names at once.
struct ListPlace {
    static constexpr uint32_t kUnknown = 253;
    bool is_in_list = false;
    uint32_t index = 0;
    uint32_t count = 1;
};

ListPlace place_in_list(const FlatTree& tree, NodeIndex node) {
    NodeIndex parent = tree[node].parent;
    if (parent != kNoNode && tree.type(parent) == "mut_pattern") {
        node = parent;
        parent = tree[node].parent;
    }
    if (parent == kNoNode) return {};
    const std::string_view type = tree.type(parent);
    static constexpr std::array<std::string_view, 5> kLists = {
        "tuple_pattern", "list_pattern", "array_pattern", "structured_binding_declarator", "tuple"};
    if (!type.ends_with("_list") && std::find(kLists.begin(), kLists.end(), type) == kLists.end())
        return {};
    // Commas are counted for the index: an item may be left out, or be no node (`_`).
    ListPlace place{true, 0, 0};
    uint32_t commas = 0;
    uint32_t at = tree[parent].byte_first;
    bool is_rest_known = true;  // not after `..`
    tree.for_each_child(parent, [&](NodeIndex child) {
        const std::string_view gap = tree.source().substr(at, tree[child].byte_first - at);
        commas += static_cast<uint32_t>(std::count(gap.begin(), gap.end(), ','));
        at = tree[child].byte_end;
        if (!tree.is_named(child) || tree.is_extra(child)) return;
        if (tree.type(child) == "remaining_field_pattern") is_rest_known = false;
        if (child == node) place.index = is_rest_known ? commas : ListPlace::kUnknown;
        ++place.count;
    });
    return place;
}

/// Which part of an object a name in a pattern takes, as LocalFact::position; 0 outside of
/// patterns.
uint8_t part_of_object(const FlatTree& tree, NodeIndex node) {
    const NodeIndex parent = tree[node].parent;
    if (parent == kNoNode) return 0;
    const std::string_view type = tree.type(parent);
    const bool is_member = type == "object_pattern" || type == "object_assignment_pattern";
    if (!is_member && type != "pair_pattern" && type != "rest_pattern") return 0;
    if (type == "rest_pattern") {
        const NodeIndex around = tree[parent].parent;
        return around != kNoNode && tree.type(around) == "object_pattern" ? LocalFact::kInnerPart
                                                                          : 0;
    }
    // Patterns inside of patterns take members of members.
    const NodeIndex pattern = type == "object_pattern" ? parent : tree[parent].parent;
    const NodeIndex around = pattern == kNoNode ? kNoNode : tree[pattern].parent;
    const bool is_inner = around != kNoNode && tree.type(around).ends_with("_pattern");
    return is_member && !is_inner ? LocalFact::kMember : LocalFact::kInnerPart;
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
                        const FlatTree& tree, FileFacts& facts) {
    rules_ = &rules;
    tree_ = &tree;
    source_ = tree.source();
    facts_ = &facts;
    chains_.reset(table, tree, facts);
    lines_.reset(source_);
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

NameIndex FactBuilder::folded_name(NodeIndex node) {
    return facts_->intern(folded(tree_->text(node), scratch_));
}

void FactBuilder::add_comment(NodeIndex node) {
    const uint32_t first = (*tree_)[node].byte_first;
    std::string_view text = tree_->text(node);
    // Some grammars count the line end as part of a comment.
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    comments_.push_back({first, first + static_cast<uint32_t>(text.size())});
}

void FactBuilder::match(uint32_t pattern, std::span<const Capture> captures) {
    const Capture* subject = nullptr;
    for (const Capture& capture : captures) {
        if (capture.kind > kSubjectLast) continue;
        if (capture.kind == CaptureKind::BaseExtends ||
            capture.kind == CaptureKind::BaseImplements) {
            PendingBase base;
            base.offset = (*tree_)[capture.node].byte_first;
            base.fact.type = folded_name(capture.node);
            base.fact.implements = capture.kind == CaptureKind::BaseImplements;
            bases_.push_back(base);
        } else if (subject == nullptr) {
            subject = &capture;
        }
    }
    if (subject == nullptr) return;
    const NodeIndex node = subject->node;
    if (subject->kind <= kDefinitionLast)
        return add_definition(pattern, subject->kind, node, captures);
    switch (subject->kind) {
        case CaptureKind::Container:
            return add_container(node, captures);
        case CaptureKind::Local:
            return add_local(node, captures);
        case CaptureKind::Block:
            blocks_.push_back({(*tree_)[node].byte_first, (*tree_)[node].byte_end});
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
            decorators_.push_back({(*tree_)[node].byte_first, (*tree_)[node].byte_end});
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

void FactBuilder::read_name(NodeIndex node, PendingDefinition& definition) {
    DefinitionFact& fact = definition.fact;
    definition.has_name = true;
    fact.name_offset = (*tree_)[node].byte_first;
    if (tree_->has_named_children(node)) {
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

void FactBuilder::count_parameters(NodeIndex list, DefinitionFact& fact) const {
    const FlatTree& tree = *tree_;
    const TSLanguage* grammar = rules_->grammar();
    const TSFieldId value_field = ts_language_field_id_for_name(grammar, "value", 5);
    const TSFieldId name_field = ts_language_field_id_for_name(grammar, "name", 4);
    uint32_t count = 0;
    uint32_t optional = 0;
    uint32_t children = 0;
    tree.for_each_child(list, [&](NodeIndex child) {
        ++children;
        if (!tree.is_named(child)) {
            // C spells the variadic parameter as a bare token.
            if (tree.text(child) == "...") fact.is_variadic = true;
            return;
        }
        if (tree.is_extra(child)) return;
        const ParameterRule rule = parameter_rule(tree, child, value_field);
        if (rule.is_variadic) fact.is_variadic = true;
        // `f(void)` takes nothing.
        if (!rule.counts || (rules_->family == LanguageFamily::C && tree.text(child) == "void"))
            return;
        // Go declares several names of one type together.
        uint32_t names = 0;
        if (rules_->family == LanguageFamily::Go) {
            tree.for_each_child(child, [&](NodeIndex name) {
                if (tree[name].field == name_field) ++names;
            });
        }
        names = std::max(names, 1u);
        count += names;
        if (rule.is_optional) optional += names;
    });
    // A single bare parameter without parentheses: `x => x`.
    if (children == 0 && !tree.text(list).starts_with('(')) count = 1;
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
            fact.body_first = (*tree_)[capture.node].byte_first;
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

void FactBuilder::add_definition(uint32_t pattern, CaptureKind kind, NodeIndex node,
                                 std::span<const Capture> captures) {
    PendingDefinition definition;
    definition.pattern = pattern;
    DefinitionFact& fact = definition.fact;
    fact.kind = kind_of(kind);
    fact.range.byte_first = (*tree_)[node].byte_first;
    fact.range.byte_end = (*tree_)[node].byte_end;
    fact.name_offset = fact.range.byte_first;
    fact.body_first = kNone;
    for (const Capture& capture : captures) read_definition_part(capture, definition);
    definitions_.push_back(definition);
}

void FactBuilder::add_container(NodeIndex node, std::span<const Capture> captures) {
    PendingContainer container{(*tree_)[node].byte_first, (*tree_)[node].byte_end};
    for (const Capture& capture : captures) {
        if (capture.kind == CaptureKind::Scope) container.scope = folded_name(capture.node);
        if (capture.kind == CaptureKind::Trait) container.trait = folded_name(capture.node);
    }
    containers_.push_back(container);
}

void FactBuilder::add_local(NodeIndex node, std::span<const Capture> captures) {
    PendingLocal local;
    local.node_end = (*tree_)[node].byte_end;
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
    local.name_offset = (*tree_)[name->node].byte_first;
    // Go's type switch declares its name anew in every case.
    if (local.name_offset < (*tree_)[node].byte_first || local.name_offset >= local.node_end) {
        local.is_named_elsewhere = true;
        local.name_offset = (*tree_)[node].byte_first;
    }
    if (value != nullptr) {
        const ListPlace left = place_in_list(*tree_, name->node);
        ListPlace right;
        if (left.is_in_list) right = place_in_list(*tree_, value->node);
        if (right.is_in_list && right.count > 1) {
            if (right.index != left.index) return;
        } else {
            // Of Rust's patterns those of one part are tuples too: `let (a, _) = f();`
            const bool is_rust = rules_->language == format::Language::Rust;
            const uint32_t first = left.is_in_list && is_rust ? LocalFact::kTupleFirst : 0u;
            local.fact.position =
                static_cast<uint8_t>(std::min(left.index + first, ListPlace::kUnknown));
        }
        local.fact.is_iteration = value->kind == CaptureKind::Iterable;
        if (local.fact.type == 0) local.fact.value = chains_.chain_of(value->node);
    }
    if (const uint8_t part = part_of_object(*tree_, name->node); part != 0)
        local.fact.position = part;
    locals_.push_back(local);
}

void FactBuilder::add_reference(ReferenceRole role, NodeIndex node,
                                std::span<const Capture> captures) {
    // Which match explains a place best, by role: call, new, type, mention, decorator, macro.
    static constexpr uint8_t kRanks[] = {3, 1, 4, 5, 0, 2};
    PendingReference reference;
    reference.role = role;
    reference.rank = kRanks[static_cast<size_t>(role)];
    NodeIndex callee = node;
    NodeIndex arguments = kNoNode;
    for (const Capture& capture : captures) {
        if (capture.kind == CaptureKind::Callee) callee = capture.node;
        if (capture.kind != CaptureKind::Arguments) continue;
        arguments = capture.node;
        reference.argument_count = count_arguments(*tree_, arguments);
    }
    const auto& links = chains_.links_of(callee);
    const ChainBuilder::Link& last = links.back();
    constexpr uint8_t kNameless = ChainLink::kOpaque | ChainLink::kCast;
    // What is called through a subscript or through the result of a call has no name here; a
    // decorator that is a call itself (`@route("/")`) is named by its callee.
    const bool is_decorator = role == ReferenceRole::Decorator;
    if ((last.flags & kNameless) != 0 || last.name == 0) return;
    // Where callee and call are one node (Java), the call's own flag is on the last link.
    const uint8_t nameless_calls =
        callee == node ? uint8_t{ChainLink::kIndex} : uint8_t{ChainLink::kIndex | ChainLink::kCall};
    if (role == ReferenceRole::Call && (last.flags & nameless_calls) != 0) return;
    if ((last.flags & ChainLink::kCall) != 0 && !is_decorator && role == ReferenceRole::Mention)
        return;
    reference.offset = last.offset;
    reference.name = last.name;
    reference.link_first = static_cast<uint32_t>(pending_links_.size());
    reference.link_count = static_cast<uint32_t>(links.size() - 1);
    for (size_t i = 0; i + 1 < links.size(); ++i)
        pending_links_.push_back({links[i].name, links[i].flags});
    if (rules_->keeps_arguments && arguments != kNoNode && reference.argument_count != 0)
        reference.arguments = chains_of_arguments(arguments);
    references_.push_back(reference);
}

Chain FactBuilder::chains_of_arguments(NodeIndex list) {
    // Long lists and long chains say little for their price; what is left out counts as opaque.
    constexpr uint32_t kArgumentsMax = 8;
    constexpr size_t kLinksMax = 4;
    Chain chain;
    chain.first = static_cast<uint32_t>(facts_->links.size());
    uint32_t kept = 0;
    tree_->for_each_child(list, [&](NodeIndex child) {
        if (kept == kArgumentsMax || !tree_->is_named(child) || tree_->is_extra(child)) return;
        const auto& links = chains_.links_of(child);
        if (joins_text(*tree_, child)) {
            facts_->links.push_back({facts_->intern("string_literal"), ChainLink::kOpaque});
        } else if (links.size() > kLinksMax) {
            facts_->links.push_back({0, ChainLink::kOpaque});
        } else {
            for (const auto& link : links) facts_->links.push_back({link.name, link.flags});
        }
        facts_->links.push_back({});
        ++kept;
    });
    chain.count = static_cast<uint32_t>(facts_->links.size()) - chain.first;
    return chain;
}

void FactBuilder::add_import(NodeIndex node, std::span<const Capture> captures) {
    PendingImport import;
    ImportFact& fact = import.fact;
    import.node_first = (*tree_)[node].byte_first;
    import_spans_.push_back({import.node_first, (*tree_)[node].byte_end});
    fact.offset = import.node_first;
    bool has_name = false;
    for (const Capture& capture : captures) {
        switch (capture.kind) {
            case CaptureKind::Path: {
                std::string_view text = folded(tree_->text(capture.node), scratch_);
                if (text.starts_with('<')) fact.flags |= ImportFact::kSystem;
                text = unquoted(text);
                while (rules_->family == LanguageFamily::Python && text.starts_with('.')) {
                    text.remove_prefix(1);
                    if (fact.relative_level < 255) ++fact.relative_level;
                }
                while (text.starts_with(' ')) text.remove_prefix(1);
                fact.path = facts_->intern(text);
                if (!has_name) fact.offset = (*tree_)[capture.node].byte_first;
                break;
            }
            case CaptureKind::Name:
                fact.name = folded_name(capture.node);
                fact.offset = (*tree_)[capture.node].byte_first;
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
                if (tree_->is_named(capture.node)) fact.alias = folded_name(capture.node);
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
