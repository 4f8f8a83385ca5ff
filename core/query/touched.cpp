// From changed lines to the innermost blocks that hold them; see diff.h.
#include "query/diff.h"

#include <algorithm>
#include <map>
#include <utility>

namespace kausal::query {

namespace {

constexpr size_t kNone = SIZE_MAX;

/// Lines that belong to one block and to none inside it.
struct Stretch {
    uint64_t first = 0;
    uint64_t last = 0;
    size_t block = kNone;
};

/// The stretches of a file's blocks, given outermost first. Blocks that overlap without nesting are
/// cut at the end of the one before.
std::vector<Stretch> stretches_of(const std::vector<BlockRow>& blocks) {
    struct Open {
        size_t block;
        uint64_t last;
    };
    std::vector<Stretch> stretches;
    std::vector<Open> open;
    uint64_t at = 0;
    const auto close_until = [&](uint64_t line) {
        while (!open.empty() && open.back().last < line) {
            if (at <= open.back().last) {
                stretches.push_back(
                    {.first = at, .last = open.back().last, .block = open.back().block});
                at = open.back().last + 1;
            }
            open.pop_back();
        }
    };
    for (size_t i = 0; i < blocks.size(); ++i) {
        const uint64_t first = blocks[i].line_first;
        uint64_t last = blocks[i].line_last;
        if (first == 0 || last < first) continue;
        close_until(first);
        if (!open.empty()) {
            if (at < first) {
                stretches.push_back({.first = at, .last = first - 1, .block = open.back().block});
            }
            last = std::min(last, open.back().last);
        }
        at = std::max(at, first);
        open.push_back({.block = i, .last = last});
    }
    close_until(UINT64_MAX);
    return stretches;
}

size_t file_block(const std::vector<BlockRow>& blocks) {
    for (size_t i = 0; i < blocks.size(); ++i) {
        if (blocks[i].kind == format::BlockKind::File) return i;
    }
    return blocks.empty() ? kNone : 0;
}

/// The smallest block that holds both lines beside a gap.
size_t around_gap(const std::vector<BlockRow>& blocks, const LineRange& gap) {
    size_t best = file_block(blocks);
    uint64_t best_span = UINT64_MAX;
    for (size_t i = 0; i < blocks.size(); ++i) {
        const BlockRow& block = blocks[i];
        if (block.line_first == 0 || block.line_first > gap.first) continue;
        if (block.line_last < gap.last) continue;
        const uint64_t span = block.line_last - block.line_first;
        if (span > best_span) continue;
        best = i;
        best_span = span;
    }
    return best;
}

using Touched = std::map<size_t, std::vector<LineRange>>;  // by index of the block

void touch(const std::vector<BlockRow>& blocks, const std::vector<Stretch>& stretches,
           const LineRange& range, Touched& touched) {
    if (range.is_gap) {
        const size_t block = around_gap(blocks, range);
        if (block != kNone) touched[block].push_back(range);
        return;
    }
    auto at =
        std::lower_bound(stretches.begin(), stretches.end(), uint64_t{range.first},
                         [](const Stretch& stretch, uint64_t line) { return stretch.last < line; });
    uint64_t line = range.first;
    const auto touch_file = [&](uint64_t first, uint64_t last) {
        const size_t file = file_block(blocks);
        if (file == kNone) return;
        touched[file].push_back({.first = static_cast<uint32_t>(first),
                                 .last = static_cast<uint32_t>(last),
                                 .is_gap = false});
    };
    for (; at != stretches.end() && at->first <= range.last; ++at) {
        if (line < at->first) touch_file(line, at->first - 1);
        const uint64_t first = std::max<uint64_t>(range.first, at->first);
        const uint64_t last = std::min<uint64_t>(range.last, at->last);
        touched[at->block].push_back({.first = static_cast<uint32_t>(first),
                                      .last = static_cast<uint32_t>(last),
                                      .is_gap = false});
        line = last + 1;
    }
    if (line <= range.last) touch_file(line, range.last);
}

void touch_file_blocks(std::vector<BlockRow>&& blocks, const DiffFile& file,
                       const std::vector<LineRange>& lines, TouchedBlocks& into) {
    Touched touched;
    const std::vector<Stretch> stretches = stretches_of(blocks);
    for (const LineRange& range : lines) touch(blocks, stretches, range, touched);
    const bool is_whole = file.change != FileChange::Modified &&
                          file.change != FileChange::ModeOnly && file.change != FileChange::Copied;
    const size_t whole = file_block(blocks);
    if (touched.empty() && is_whole && whole != kNone) touched[whole] = {};
    for (auto& [index, ranges] : touched) {
        into.rows.push_back({.block = std::move(blocks[index]), .lines = std::move(ranges)});
    }
}

}  // namespace

Result<TouchedBlocks> touched_blocks(const GraphView& view, const std::vector<DiffFile>& files,
                                     DiffSide side, uint64_t workspace) {
    TouchedBlocks answer;
    for (const DiffFile& file : files) {
        const bool is_old = side == DiffSide::Old;
        const std::string& path = is_old ? file.path_old : file.path_new;
        if (path.empty() && is_old) continue;  // added: the graph cannot know it yet
        if (path.empty()) {
            answer.files_unknown.push_back(file.path_old);
            continue;
        }
        std::vector<BlockRow> blocks = KAUSAL_TRY(view.blocks_of_file(path, workspace));
        std::erase_if(blocks,
                      [](const BlockRow& row) { return !graph::is_definition_kind(row.kind); });
        if (blocks.empty() && file.change != FileChange::ModeOnly) {
            answer.files_unknown.push_back(path);
        }
        // Rows come ordered by workspace; each workspace has a file of its own.
        while (!blocks.empty()) {
            const auto end = std::find_if(blocks.begin(), blocks.end(), [&](const BlockRow& row) {
                return row.workspace != blocks.front().workspace;
            });
            std::vector<BlockRow> own(std::make_move_iterator(blocks.begin()),
                                      std::make_move_iterator(end));
            blocks.erase(blocks.begin(), end);
            touch_file_blocks(std::move(own), file, is_old ? file.lines_old : file.lines_new,
                              answer);
        }
    }
    std::sort(answer.rows.begin(), answer.rows.end(),
              [](const TouchedBlock& left, const TouchedBlock& right) {
                  return graph::comes_before(left.block, right.block);
              });
    std::sort(answer.files_unknown.begin(), answer.files_unknown.end());
    return answer;
}

}  // namespace kausal::query
