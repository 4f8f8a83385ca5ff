// The second half of the builder: pending records merged, nested and put in order.
#include "base/hash.h"
#include "ingest/fact_builder.h"
#include "ingest/resolution.h"

#include <algorithm>
#include <numeric>

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr size_t kSignatureBytesMax = 400;

template <typename T>
void fill(T& into, const T& from, const T& empty = T{}) {
    if (into == empty) into = from;
}

}  // namespace

SourceRange FactBuilder::range_of(uint32_t first, uint32_t end) const {
    return {first, end, lines_.line_of(first), lines_.line_of(end > first ? end - 1 : first)};
}

void FactBuilder::merge_definitions() {
    std::stable_sort(definitions_.begin(), definitions_.end(), [](const auto& a, const auto& b) {
        if (a.fact.name_offset != b.fact.name_offset)
            return a.fact.name_offset < b.fact.name_offset;
        if (a.has_name != b.has_name) return a.has_name;
        return a.pattern < b.pattern;
    });
    size_t kept = 0;
    for (size_t i = 0; i < definitions_.size(); ++i) {
        PendingDefinition& next = definitions_[i];
        if (kept != 0) {
            PendingDefinition& last = definitions_[kept - 1];
            if (last.fact.name_offset == next.fact.name_offset && last.has_name == next.has_name) {
                DefinitionFact& into = last.fact;
                const DefinitionFact& from = next.fact;
                into.range.byte_first = std::min(into.range.byte_first, from.range.byte_first);
                into.range.byte_end = std::max(into.range.byte_end, from.range.byte_end);
                into.flags |= from.flags;
                fill(into.scope, from.scope);
                fill(into.trait_scope, from.trait_scope);
                fill(into.type, from.type);
                if (into.value.count == 0) into.value = from.value;
                if (into.parameters == 0 && from.parameters != 0) {
                    into.parameters = from.parameters;
                    into.parameter_count = from.parameter_count;
                    into.parameter_count_min = from.parameter_count_min;
                    into.is_variadic = from.is_variadic;
                }
                if (into.body_first == kNone) {
                    into.body_first = from.body_first;
                    last.body = next.body;
                }
                continue;
            }
        }
        if (kept != i) definitions_[kept] = next;
        ++kept;
    }
    definitions_.resize(kept);
}

void FactBuilder::absorb_decorators() {
    std::sort(decorators_.begin(), decorators_.end());
    std::sort(comments_.begin(), comments_.end());
    for (PendingDefinition& definition : definitions_) {
        SourceRange& range = definition.fact.range;
        definition.signature_first = range.byte_first;
        // Backwards over decorators that stand directly before the node.
        auto before =
            std::lower_bound(decorators_.begin(), decorators_.end(), Span{range.byte_first, 0});
        while (before != decorators_.begin()) {
            --before;
            if (before->end > range.byte_first) continue;
            if (!is_blank(source_.substr(before->end, range.byte_first - before->end))) break;
            range.byte_first = before->first;
        }
        // Forwards over those that are part of it.
        uint32_t& first = definition.signature_first;
        auto after = std::lower_bound(decorators_.begin(), decorators_.end(), Span{first, 0});
        for (; after != decorators_.end() && after->end <= range.byte_end; ++after) {
            if (after->first < first) continue;
            if (!is_blank(source_.substr(first, after->first - first))) break;
            first = after->end;
        }
    }
}

void FactBuilder::nest_definitions() {
    const auto wider_first = [](uint32_t a_first, uint32_t a_end, uint32_t b_first,
                                uint32_t b_end) {
        return a_first != b_first ? a_first < b_first : a_end > b_end;
    };
    std::stable_sort(definitions_.begin(), definitions_.end(), [&](const auto& a, const auto& b) {
        const SourceRange& x = a.fact.range;
        const SourceRange& y = b.fact.range;
        return wider_first(x.byte_first, x.byte_end, y.byte_first, y.byte_end);
    });
    std::stable_sort(containers_.begin(), containers_.end(), [&](const auto& a, const auto& b) {
        return wider_first(a.first, a.end, b.first, b.end);
    });
    NestedRanges containers;
    for (const PendingContainer& container : containers_)
        containers.add(container.first, container.end);
    definition_ranges_.clear();
    for (uint32_t i = 0; i < definitions_.size(); ++i) {
        DefinitionFact& fact = definitions_[i].fact;
        const uint32_t first = fact.range.byte_first;
        const uint32_t end = fact.range.byte_end;
        definition_ranges_.add(first, end);
        uint32_t parent = definition_ranges_.parent_of(i);
        while (parent != NestedRanges::kOutside && definition_ranges_.first_of(parent) == first &&
               definition_ranges_.end_of(parent) == end)
            parent = definition_ranges_.parent_of(parent);
        fact.container = parent;  // kOutside == kNone
        const uint32_t around = containers.innermost(first);
        const bool is_inside_container =
            around != NestedRanges::kOutside && containers.end_of(around) >= end &&
            (parent == kNone || containers.first_of(around) >= definition_ranges_.first_of(parent));
        bool is_member = parent != kNone && is_type(definitions_[parent].fact.kind);
        if (is_inside_container) {
            fill(fact.scope, containers_[around].scope);
            fill(fact.trait_scope, containers_[around].trait);
            is_member = is_member || containers_[around].scope != 0;
        }
        if (is_member && fact.kind == BlockKind::Function) fact.kind = BlockKind::Method;
    }
}

void FactBuilder::write_signatures() {
    for (PendingDefinition& definition : definitions_) {
        DefinitionFact& fact = definition.fact;
        const SourceRange range = range_of(fact.range.byte_first, fact.range.byte_end);
        fact.range = range;
        fact.name_offset = std::clamp(fact.name_offset, range.byte_first, range.byte_end);
        if (fact.body_first == kNone) fact.body_first = range.byte_end;
        fact.body_first = std::clamp(fact.body_first, range.byte_first, range.byte_end);
        const uint32_t first = std::min(definition.signature_first, fact.body_first);
        std::string_view text = folded(source_.substr(first, fact.body_first - first), scratch_);
        while (text.ends_with('{') || text.ends_with(':') || text.ends_with(' ') ||
               text.ends_with(';') || text.ends_with(','))
            text.remove_suffix(1);
        if (text.ends_with("=>")) text.remove_suffix(2);
        while (text.ends_with(' ')) text.remove_suffix(1);
        fact.signature = text.size() > kSignatureBytesMax
                             ? facts_->intern(shortened(text, kSignatureBytesMax))
                             : facts_->intern(text);
    }
}

SourceRange FactBuilder::doc_before(uint32_t offset) const {
    auto comment = std::upper_bound(comments_.begin(), comments_.end(), Span{offset, 0});
    uint32_t first = offset;
    uint32_t end = offset;
    while (comment != comments_.begin()) {
        --comment;
        if (comment->end > first) continue;
        const std::string_view between = source_.substr(comment->end, first - comment->end);
        if (!is_blank(between) || count_newlines(between) > 1) break;
        const size_t newline = source_.rfind('\n', comment->first);
        const size_t line = newline == std::string_view::npos ? 0 : newline + 1;
        // A comment after code on its line speaks of that code.
        if (line < comment->first && !is_blank(source_.substr(line, comment->first - line))) break;
        if (end == offset) end = comment->end;
        first = comment->first;
    }
    if (first == offset) return {};
    return range_of(first, end);
}

SourceRange FactBuilder::docstring_of(NodeIndex body) const {
    if (body == kNoNode) return {};
    NodeIndex child = tree_->first_child(body);
    if (child != kNoNode && tree_->type(child) == "expression_statement")
        child = tree_->first_child(child);
    if (child == kNoNode || tree_->type(child) != "string") return {};
    return range_of((*tree_)[child].byte_first, (*tree_)[child].byte_end);
}

void FactBuilder::write_docs() {
    for (PendingDefinition& definition : definitions_) {
        DefinitionFact& fact = definition.fact;
        if (rules_->has_docstrings) fact.doc = docstring_of(definition.body);
        if (fact.doc.byte_end == 0) fact.doc = doc_before(fact.range.byte_first);
    }
}

void FactBuilder::write_bases() {
    for (PendingBase& base : bases_) {
        uint32_t index = definition_ranges_.innermost(base.offset);
        while (index != NestedRanges::kOutside && !is_type(definitions_[index].fact.kind))
            index = definition_ranges_.parent_of(index);
        base.definition = index;
    }
    std::stable_sort(bases_.begin(), bases_.end(), [](const auto& a, const auto& b) {
        return a.definition != b.definition ? a.definition < b.definition : a.offset < b.offset;
    });
    uint32_t offset_last = kNone;
    for (const PendingBase& base : bases_) {
        if (base.definition == kNone || base.offset == offset_last) continue;
        offset_last = base.offset;
        DefinitionFact& fact = definitions_[base.definition].fact;
        if (fact.base_count == 0) fact.base_first = static_cast<uint32_t>(facts_->bases.size());
        ++fact.base_count;
        facts_->bases.push_back(base.fact);
    }
}

void FactBuilder::write_locals() {
    std::sort(blocks_.begin(), blocks_.end(), [](const Span& a, const Span& b) {
        return a.first != b.first ? a.first < b.first : a.end > b.end;
    });
    block_ranges_.clear();
    for (const Span& block : blocks_) block_ranges_.add(block.first, block.end);
    std::stable_sort(locals_.begin(), locals_.end(), [](const auto& a, const auto& b) {
        return a.name_offset != b.name_offset ? a.name_offset < b.name_offset
                                              : a.fact.name < b.fact.name;
    });
    for (size_t i = 0; i < locals_.size(); ++i) {
        LocalFact fact = locals_[i].fact;
        const uint32_t offset = locals_[i].name_offset;
        uint32_t node_end = locals_[i].node_end;
        const bool is_named_elsewhere = locals_[i].is_named_elsewhere;
        // Several names may be declared at one place that is none of theirs: in a comprehension.
        for (; i + 1 < locals_.size() && locals_[i + 1].name_offset == offset &&
               locals_[i + 1].fact.name == fact.name;
             ++i) {
            const LocalFact& more = locals_[i + 1].fact;
            fill(fact.type, more.type);
            node_end = std::max(node_end, locals_[i + 1].node_end);
            if (fact.value.count == 0 && more.value.count != 0) {
                fact.value = more.value;
                fact.position = more.position;
                fact.is_iteration = more.is_iteration;
            }
        }
        const uint32_t definition = definition_ranges_.innermost(offset);
        const uint32_t block = block_ranges_.innermost(offset);
        fact.definition = definition;
        uint32_t outer_first = 0;
        uint32_t outer_end = static_cast<uint32_t>(source_.size());
        if (definition != NestedRanges::kOutside) {
            outer_first = definition_ranges_.first_of(definition);
            outer_end = definition_ranges_.end_of(definition);
        }
        if (block != NestedRanges::kOutside && block_ranges_.first_of(block) >= outer_first)
            outer_end = std::min(outer_end, block_ranges_.end_of(block));
        // A loop or a lambda may be the declaring node and the block at once.
        fact.visible_first = node_end < outer_end ? node_end : offset;
        fact.visible_end = std::max(outer_end, fact.visible_first);
        facts_->locals.push_back(fact);
        if (!is_named_elsewhere) name_offsets_.push_back(offset);
    }
    std::stable_sort(
        facts_->locals.begin(), facts_->locals.end(),
        [](const auto& a, const auto& b) { return a.visible_first < b.visible_first; });
}

void FactBuilder::write_imports() {
    const auto says = [](const ImportFact& fact) {
        return fact.name != 0 || fact.alias != 0 ||
               (fact.flags & ~(ImportFact::kSystem | ImportFact::kTypeOnly | ImportFact::kReExport |
                               ImportFact::kStatic)) != 0;
    };
    // More telling matches first, so that the bare ones of the same statement find them.
    std::stable_sort(imports_.begin(), imports_.end(), [&](const auto& a, const auto& b) {
        if (a.node_first != b.node_first) return a.node_first < b.node_first;
        return says(a.fact) && !says(b.fact);
    });
    for (size_t i = 0; i < imports_.size(); ++i) {
        const PendingImport& import = imports_[i];
        bool is_told = false;
        for (size_t k = i; k-- > 0 && imports_[k].node_first == import.node_first && !is_told;) {
            const ImportFact& other = imports_[k].fact;
            if (other.path != import.fact.path) continue;
            is_told = !says(import.fact) ||
                      (other.name == import.fact.name && other.offset == import.fact.offset &&
                       (import.fact.alias == 0 || import.fact.alias == other.alias));
        }
        if (is_told) continue;
        ImportFact fact = import.fact;
        fact.line = lines_.line_of(fact.offset);
        fact.definition = definition_ranges_.innermost(fact.offset);
        facts_->imports.push_back(fact);
    }
    std::stable_sort(facts_->imports.begin(), facts_->imports.end(),
                     [](const auto& a, const auto& b) { return a.offset < b.offset; });
}

bool FactBuilder::is_first_mention(const PendingReference& reference, uint32_t definition,
                                   bool is_in_declaration) {
    // Numbers are small: each pair must be mixed on its own before the next is added, or two of
    // (definition, name) meet in one hash and one of them is lost.
    uint64_t hash = hash_mix(0, uint64_t{definition} << 32 | reference.name);
    hash =
        hash_mix(hash, static_cast<uint64_t>(reference.role) << 1 | (is_in_declaration ? 1u : 0u));
    for (uint32_t i = 0; i < reference.link_count; ++i) {
        const ChainLink& link = pending_links_[reference.link_first + i];
        hash = hash_mix(hash, uint64_t{link.name} << 8 | link.flags);
    }
    if (hash == 0) hash = 1;
    const size_t mask = seen_.size() - 1;
    size_t at = hash & mask;
    for (; seen_[at] != 0; at = (at + 1) & mask) {
        if (seen_[at] == hash) return false;
    }
    seen_[at] = hash;
    return true;
}

void FactBuilder::write_references() {
    for (const DefinitionFact& definition : facts_->definitions)
        name_offsets_.push_back(definition.name_offset);
    std::sort(name_offsets_.begin(), name_offsets_.end());
    std::sort(import_spans_.begin(), import_spans_.end());
    std::stable_sort(references_.begin(), references_.end(), [](const auto& a, const auto& b) {
        return a.offset != b.offset ? a.offset < b.offset : a.rank < b.rank;
    });
    size_t capacity = 64;
    while (capacity < references_.size() * 2) capacity *= 2;
    seen_.assign(capacity, 0);
    const LocalScopes scopes(*facts_);
    size_t name_at = 0;
    size_t span_at = 0;
    uint32_t offset_last = kNone;
    for (const PendingReference& pending : references_) {
        const uint32_t offset = pending.offset;
        if (offset == offset_last) continue;
        offset_last = offset;
        while (name_at < name_offsets_.size() && name_offsets_[name_at] < offset) ++name_at;
        if (name_at < name_offsets_.size() && name_offsets_[name_at] == offset) continue;
        while (span_at < import_spans_.size() && import_spans_[span_at].end <= offset) ++span_at;
        if (span_at < import_spans_.size() && import_spans_[span_at].first <= offset &&
            (pending.role == ReferenceRole::Type || pending.role == ReferenceRole::Mention))
            continue;
        ReferenceFact fact;
        fact.role = pending.role;
        fact.argument_count = pending.argument_count;
        fact.name = pending.name;
        fact.offset = offset;
        fact.definition = definition_ranges_.innermost(offset);
        fact.is_in_declaration =
            fact.definition != kNone && offset < facts_->definitions[fact.definition].body_first;
        if (pending.role == ReferenceRole::Mention && pending.link_count == 0 &&
            scopes.find(pending.name, offset) != nullptr)
            continue;
        if ((pending.role == ReferenceRole::Mention || pending.role == ReferenceRole::Type) &&
            !is_first_mention(pending, fact.definition, fact.is_in_declaration))
            continue;
        fact.line = lines_.line_of(offset);
        fact.arguments = pending.arguments;
        fact.receiver.count = pending.link_count;
        if (pending.link_count != 0) {
            fact.receiver.first = static_cast<uint32_t>(facts_->links.size());
            const auto first = pending_links_.begin() + static_cast<ptrdiff_t>(pending.link_first);
            facts_->links.insert(facts_->links.end(), first,
                                 first + static_cast<ptrdiff_t>(pending.link_count));
        }
        facts_->references.push_back(fact);
    }
}

void FactBuilder::finish() {
    facts_->line_count = lines_.line_count();
    merge_definitions();
    absorb_decorators();
    nest_definitions();
    write_signatures();
    write_docs();
    write_bases();
    facts_->definitions.reserve(definitions_.size());
    for (const PendingDefinition& definition : definitions_)
        facts_->definitions.push_back(definition.fact);
    write_locals();
    write_imports();
    write_references();
}

}  // namespace kausal::ingest
