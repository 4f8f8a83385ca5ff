// Greedy packing; see context_pack.h.
#include "query/context_pack.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>

namespace kausal::query {

namespace {

constexpr size_t kTierCount = 3;
constexpr std::array<double, kTierCount> kTierValue = {0.2, 0.4, 1.0};
constexpr size_t kDocSizeMax = 600;  // of the documentation in a skeleton; bytes
constexpr int kAncestorsMax = 8;
constexpr int kNoTier = -1;

/// An item with its texts; an absent tier does not exist or does not fit at all.
struct Parcel {
    PackItem item;
    std::array<std::optional<std::string>, kTierCount> texts;
    std::array<uint64_t, kTierCount> tokens{};
    std::vector<BlockId> ancestors;
    int chosen = kNoTier;
};

std::string header_of(const BlockRow& block) {
    std::string header = block.uri.empty() ? std::string("(no file)") : block.uri;
    if (block.line_first != 0) {
        header += ':' + std::to_string(block.line_first);
        if (block.line_last > block.line_first) header += '-' + std::to_string(block.line_last);
    }
    header += ' ' + std::string(format::kind_name(block.kind));
    header += ' ' + (block.qualified_name.empty() ? block.name : block.qualified_name);
    header += '\n';
    return header;
}

/// The first paragraph of a comment, cut at a line where it is long.
std::string_view first_paragraph(std::string_view doc) {
    doc = doc.substr(0, std::min(doc.find("\n\n"), doc.size()));
    if (doc.size() <= kDocSizeMax) return doc;
    const size_t line_end = doc.rfind('\n', kDocSizeMax);
    if (line_end != std::string_view::npos && line_end > 0) return doc.substr(0, line_end);
    return {};
}

void set_tier(Parcel& parcel, Tier tier, std::string_view header, std::string_view text,
              uint64_t tokens_max) {
    if (text.empty() || estimate_tokens(header.size() + text.size()) > tokens_max) return;
    const auto index = static_cast<size_t>(tier);
    std::string whole(header);
    whole += utf8_repaired(text);
    if (!whole.ends_with('\n')) whole += '\n';
    parcel.tokens[index] = estimate_tokens(whole.size());
    parcel.texts[index] = std::move(whole);
}

Status fill_texts(const GraphView& view, Parcel& parcel, uint64_t tokens_max, bool& has_rest) {
    const BlockRow& block = parcel.item.block;
    const std::optional<storage::BlockPin> pin =
        KAUSAL_TRY(view.block(block.id, storage::BlockParts::HeadAndBody));
    if (!pin) return Status::ok();
    const format::BlockRecord& record = pin->record;
    const std::string header = header_of(block);
    const std::string_view signature = record.signature.empty() ? record.name : record.signature;
    set_tier(parcel, Tier::Signature, header, signature, tokens_max);
    const bool is_text = record.content.find('\0') == std::string_view::npos;
    const std::string_view content = is_text ? record.content : std::string_view();
    if (graph::is_container_kind(block.kind)) {
        // The content of a container is its skeleton already.
        set_tier(parcel, Tier::Skeleton, header, content, tokens_max);
    } else {
        const std::string_view doc = first_paragraph(record.doc);
        if (!doc.empty()) {
            std::string skeleton(doc);
            skeleton += '\n';
            skeleton += signature;
            set_tier(parcel, Tier::Skeleton, header, skeleton, tokens_max);
        }
        set_tier(parcel, Tier::Full, header, content, tokens_max);
        if (!content.empty() && !parcel.texts[static_cast<size_t>(Tier::Full)]) has_rest = true;
    }
    BlockId parent = block.parent;
    for (int level = 0; level < kAncestorsMax && parent.is_valid(); ++level) {
        parcel.ancestors.push_back(parent);
        const std::optional<BlockRow> row = KAUSAL_TRY(view.row(parent));
        parent = row ? row->parent : BlockId{};
    }
    return Status::ok();
}

/// The next thing to spend tokens on.
struct Offer {
    double density = 0;  // value per token
    double score = 0;
    BlockId id;
    size_t parcel = 0;
    size_t tier = 0;
    friend bool operator<(const Offer& left, const Offer& right) noexcept {
        if (left.density != right.density) return left.density < right.density;
        if (left.score != right.score) return left.score < right.score;
        return right.id < left.id;
    }
};

uint64_t chosen_tokens(const Parcel& parcel) {
    return parcel.chosen == kNoTier ? 0 : parcel.tokens[static_cast<size_t>(parcel.chosen)];
}

/// The best tier above the present one; nothing when there is none.
std::optional<Offer> offer_of(const std::vector<Parcel>& parcels, size_t index) {
    const Parcel& parcel = parcels[index];
    const double value =
        parcel.chosen == kNoTier ? 0.0 : kTierValue[static_cast<size_t>(parcel.chosen)];
    std::optional<Offer> best;
    for (size_t tier = static_cast<size_t>(parcel.chosen + 1); tier < kTierCount; ++tier) {
        if (!parcel.texts[tier]) continue;
        const uint64_t now = chosen_tokens(parcel);
        const uint64_t then = parcel.tokens[tier];
        const auto cost = static_cast<double>(then > now ? then - now : 1);
        Offer offer{.density = parcel.item.score * (kTierValue[tier] - value) / cost,
                    .score = parcel.item.score,
                    .id = parcel.item.block.id,
                    .parcel = index,
                    .tier = tier};
        if (!best || *best < offer) best = offer;
    }
    return best;
}

bool is_inside_a_full_one(const Parcel& parcel, const std::vector<Parcel>& parcels,
                          const std::unordered_map<BlockId, size_t, BlockIdHash>& index_of) {
    return std::any_of(parcel.ancestors.begin(), parcel.ancestors.end(),
                       [&](const BlockId& ancestor) {
                           const auto at = index_of.find(ancestor);
                           return at != index_of.end() &&
                                  parcels[at->second].chosen == static_cast<int>(Tier::Full);
                       });
}

void choose(std::vector<Parcel>& parcels, uint64_t tokens_max, bool& has_rest) {
    std::unordered_map<BlockId, size_t, BlockIdHash> index_of;
    std::priority_queue<Offer> offers;
    for (size_t i = 0; i < parcels.size(); ++i) {
        index_of.emplace(parcels[i].item.block.id, i);
        if (const std::optional<Offer> offer = offer_of(parcels, i)) offers.push(*offer);
    }
    uint64_t spent = 0;
    while (!offers.empty()) {
        const Offer offer = offers.top();
        offers.pop();
        Parcel& parcel = parcels[offer.parcel];
        if (is_inside_a_full_one(parcel, parcels, index_of)) {
            spent -= chosen_tokens(parcel);
            parcel.chosen = kNoTier;
            continue;
        }
        const uint64_t after = spent - chosen_tokens(parcel) + parcel.tokens[offer.tier];
        if (after > tokens_max) {
            parcel.texts[offer.tier].reset();
            has_rest = true;
        } else {
            parcel.chosen = static_cast<int>(offer.tier);
            spent = after;
        }
        if (const std::optional<Offer> next = offer_of(parcels, offer.parcel)) offers.push(*next);
    }
    // What was chosen before the block around it was shown in full is said there already.
    for (Parcel& parcel : parcels) {
        if (is_inside_a_full_one(parcel, parcels, index_of)) parcel.chosen = kNoTier;
    }
}

}  // namespace

Result<std::vector<ContextSpan>> pack_context(const GraphView& view, std::vector<PackItem>&& items,
                                              uint64_t tokens_max, Meter& meter, bool& has_rest) {
    std::vector<Parcel> parcels;
    for (PackItem& item : items) {
        if (parcels.size() == kPackItemsMax) {
            has_rest = true;
            break;
        }
        if (!meter.keep_going()) break;
        Parcel& parcel = parcels.emplace_back();
        parcel.item = std::move(item);
        KAUSAL_TRY(fill_texts(view, parcel, tokens_max, has_rest));
    }
    choose(parcels, tokens_max, has_rest);
    std::vector<ContextSpan> spans;
    for (Parcel& parcel : parcels) {
        if (parcel.chosen == kNoTier) continue;
        const auto tier = static_cast<size_t>(parcel.chosen);
        ContextSpan span;
        span.block = std::move(parcel.item.block);
        span.tier = static_cast<Tier>(tier);
        span.text = std::move(*parcel.texts[tier]);
        span.tokens = parcel.tokens[tier];
        span.score = parcel.item.score;
        span.why = std::move(parcel.item.why);
        spans.push_back(std::move(span));
    }
    std::sort(spans.begin(), spans.end(), [](const ContextSpan& left, const ContextSpan& right) {
        if (left.block.workspace != right.block.workspace) {
            return left.block.workspace < right.block.workspace;
        }
        return graph::comes_before(left.block, right.block);
    });
    return spans;
}

}  // namespace kausal::query
