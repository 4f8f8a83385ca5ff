// Lookups by name, URI and key.
#include "segment/reader_state.h"
#include "segment/text_pool.h"
#include "segment/uniform_search.h"

#include <algorithm>

namespace kausal::segment {

Result<std::string_view> TextLookupView::text(uint64_t index) const {
    const auto* ends = state_->elements<uint64_t>(section(0), index, 2);
    if (ends == nullptr) return fail(state_->damage(section(0)));
    const SectionRange& range = state_->footer.section(section(1));
    if (ends[0] > ends[1] || ends[1] > range.size) {
        return fail(state_->corrupt("text lookup has a bad offset"));
    }
    const auto* bytes = state_->elements<char>(section(1), ends[0], ends[1] - ends[0]);
    if (bytes == nullptr) return fail(state_->damage(section(1)));
    return std::string_view(bytes, static_cast<size_t>(ends[1] - ends[0]));
}

Result<std::span<const uint32_t>> TextLookupView::ordinals(uint64_t index) const {
    const auto* ends = state_->elements<uint32_t>(section(2), index, 2);
    if (ends == nullptr) return fail(state_->damage(section(2)));
    if (ends[0] > ends[1] || ends[1] > ordinal_count_) {
        return fail(state_->corrupt("text lookup has a bad range"));
    }
    const auto* ordinals = state_->elements<uint32_t>(section(3), ends[0], ends[1] - ends[0]);
    if (ordinals == nullptr) return fail(state_->damage(section(3)));
    const std::span<const uint32_t> view(ordinals, ends[1] - ends[0]);
    for (const uint32_t ordinal : view) {
        if (ordinal >= state_->id_count) {
            return fail(state_->corrupt("text lookup leads to an ordinal out of range"));
        }
    }
    return view;
}

// Folded order comes first, so all spellings of a folded name or prefix are neighbours; the exact
// forms are picked out of them.
Status SegmentReader::find_names(std::string_view name, Match match,
                                 const TextVisitor& visit) const {
    const TextLookupView lookup = TextLookupView::names(*state_);
    const bool is_exact = match == Match::Exact;
    const uint64_t first = KAUSAL_TRY(lookup.lower_bound([&](std::string_view stored) {
        return is_exact ? is_before_folded(stored, name) : compare_folded(stored, name) < 0;
    }));
    const bool is_prefix = match == Match::Prefix || match == Match::FoldedPrefix;
    for (uint64_t index = first; index < lookup.count(); ++index) {
        const std::string_view stored = KAUSAL_TRY(lookup.text(index));
        const std::string_view compared = is_prefix ? stored.substr(0, name.size()) : stored;
        if (compare_folded(compared, name) != 0) return {};
        if ((is_exact || match == Match::Prefix) && compared != name) {
            if (is_exact) return {};
            continue;
        }
        const std::span<const uint32_t> ordinals = KAUSAL_TRY(lookup.ordinals(index));
        if (!visit(stored, ordinals)) return {};
    }
    return {};
}

Status SegmentReader::find_uris(std::string_view uri, Match match, const TextVisitor& visit) const {
    if (match != Match::Exact && match != Match::Prefix) {
        return {ErrorCode::Invalid, "URIs are matched exactly or by prefix"};
    }
    const TextLookupView lookup = TextLookupView::uris(*state_);
    const uint64_t first =
        KAUSAL_TRY(lookup.lower_bound([&](std::string_view stored) { return stored < uri; }));
    for (uint64_t index = first; index < lookup.count(); ++index) {
        const std::string_view stored = KAUSAL_TRY(lookup.text(index));
        const bool fits = match == Match::Exact ? stored == uri : stored.starts_with(uri);
        if (!fits) return {};
        const std::span<const uint32_t> ordinals = KAUSAL_TRY(lookup.ordinals(index));
        if (!visit(stored, ordinals)) return {};
    }
    return {};
}

Status SegmentReader::scan_names(const TextVisitor& visit) const {
    const TextLookupView lookup = TextLookupView::names(*state_);
    for (uint64_t index = 0; index < lookup.count(); ++index) {
        const std::string_view stored = KAUSAL_TRY(lookup.text(index));
        const std::span<const uint32_t> ordinals = KAUSAL_TRY(lookup.ordinals(index));
        if (!visit(stored, ordinals)) return {};
    }
    return {};
}

Status SegmentReader::find_key(uint64_t key, std::vector<uint32_t>& into) const {
    const State& state = *state_;
    const uint64_t count = state.footer.key_count;
    const auto load = [&](uint64_t index) {
        return state.elements<uint64_t>(SectionKind::Keys, index);
    };
    uint64_t index = 0;
    if (!lower_bound_uniform(count, key, load, index)) return state.damage(SectionKind::Keys);
    const size_t size_before = into.size();
    for (; index < count; ++index) {
        const uint64_t* stored = load(index);
        const auto* ordinal = state.elements<uint32_t>(SectionKind::KeyOrdinals, index);
        if (stored == nullptr || ordinal == nullptr || *ordinal >= state.id_count) {
            into.resize(size_before);
            if (stored == nullptr) return state.damage(SectionKind::Keys);
            if (ordinal == nullptr) return state.damage(SectionKind::KeyOrdinals);
            return state.corrupt("key leads to an ordinal out of range");
        }
        if (*stored != key) break;
        into.push_back(*ordinal);
    }
    return {};
}

}  // namespace kausal::segment
