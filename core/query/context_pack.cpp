// Packing by rank; see context_pack.h.
#include "query/context_pack.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace kausal::query {

namespace {

constexpr size_t kTierCount = 3;
/// Both were chosen with tests/oracle/context_recall.py; docs/query.md has its figures.
constexpr uint64_t kOutlinePercent = 10;  // of the budget, kept for signatures: what else there is
constexpr double kOutlineWorth = 0.6;     // of a container, which shows no code, against code
constexpr size_t kDocSizeMax = 600;       // of the documentation in a skeleton; bytes
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

/// The most that can be shown of an item; kNoTier when there is nothing.
int fullest_tier(const Parcel& parcel) noexcept {
    for (int tier = kTierCount - 1; tier >= 0; --tier) {
        if (parcel.texts[static_cast<size_t>(tier)]) return tier;
    }
    return kNoTier;
}

uint64_t tokens_of(const Parcel& parcel, int tier) noexcept {
    return tier == kNoTier ? 0 : parcel.tokens[static_cast<size_t>(tier)];
}

double worth_of(const Parcel& parcel) noexcept {
    const bool has_code = parcel.texts[static_cast<size_t>(Tier::Full)].has_value();
    return parcel.item.score * (has_code ? 1.0 : kOutlineWorth);
}

/// Where the blocks of the parcels are.
using ParcelIndex = std::unordered_map<BlockId, size_t, BlockIdHash>;

bool is_inside_a_full_one(const Parcel& parcel, const std::vector<Parcel>& parcels,
                          const ParcelIndex& index_of) {
    return std::any_of(parcel.ancestors.begin(), parcel.ancestors.end(),
                       [&](const BlockId& ancestor) {
                           const auto at = index_of.find(ancestor);
                           return at != index_of.end() &&
                                  parcels[at->second].chosen == static_cast<int>(Tier::Full);
                       });
}

/// Shows the best as whole as they can be, while `tokens_max` lasts. Returns what that took.
uint64_t choose_whole(std::vector<Parcel>& parcels, const ParcelIndex& index_of,
                      uint64_t tokens_max, bool& has_rest) {
    uint64_t spent = 0;
    for (Parcel& parcel : parcels) {
        const int tier = fullest_tier(parcel);
        if (tier == kNoTier || is_inside_a_full_one(parcel, parcels, index_of)) continue;
        if (spent + tokens_of(parcel, tier) > tokens_max) {
            has_rest = true;
            continue;
        }
        parcel.chosen = tier;
        spent += tokens_of(parcel, tier);
    }
    // What was chosen before the block around it is said there already.
    for (Parcel& parcel : parcels) {
        if (!is_inside_a_full_one(parcel, parcels, index_of)) continue;
        spent -= tokens_of(parcel, parcel.chosen);
        parcel.chosen = kNoTier;
    }
    return spent;
}

/// Parcels come best first. What the whole ones leave goes to the others, each as far as it fits.
void choose(std::vector<Parcel>& parcels, uint64_t tokens_max, bool& has_rest) {
    ParcelIndex index_of;
    for (size_t i = 0; i < parcels.size(); ++i) index_of.emplace(parcels[i].item.block.id, i);
    const uint64_t kept_back = tokens_max * kOutlinePercent / 100;
    uint64_t spent = choose_whole(parcels, index_of, tokens_max - kept_back, has_rest);
    for (Parcel& parcel : parcels) {
        if (parcel.chosen != kNoTier || is_inside_a_full_one(parcel, parcels, index_of)) continue;
        for (int tier = fullest_tier(parcel); tier != kNoTier; --tier) {
            const uint64_t tokens = tokens_of(parcel, tier);
            if (!parcel.texts[static_cast<size_t>(tier)] || spent + tokens > tokens_max) continue;
            parcel.chosen = tier;
            spent += tokens;
            break;
        }
    }
}

/// File by file, the one with the best span first, each from top to bottom.
void sort_for_reading(std::vector<ContextSpan>& spans) {
    using File = std::pair<uint64_t, std::string>;
    std::map<File, double> best;
    for (const ContextSpan& span : spans) {
        double& score = best[{span.block.workspace, span.block.uri}];
        score = std::max(score, span.score);
    }
    std::sort(spans.begin(), spans.end(), [&](const ContextSpan& left, const ContextSpan& right) {
        const File left_file{left.block.workspace, left.block.uri};
        const File right_file{right.block.workspace, right.block.uri};
        if (left_file == right_file) return graph::comes_before(left.block, right.block);
        const double left_score = best.at(left_file);
        const double right_score = best.at(right_file);
        return left_score != right_score ? left_score > right_score : left_file < right_file;
    });
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
    std::stable_sort(parcels.begin(), parcels.end(), [](const Parcel& left, const Parcel& right) {
        return worth_of(left) > worth_of(right);
    });
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
    sort_for_reading(spans);
    return spans;
}

}  // namespace kausal::query
