// The text form of a whole database, the same for the same content whatever the way it came about.
//
// docs/format/dump.md: a heading line, then one line per block in order of id, then one line per
// edge in order of (source, type, target, site). Fields are separated by tabs; a byte that is a
// tab, a line break, a backslash, another control byte or not UTF-8 is written as an escape.
// Versions (when a block was written) and the state that sync keeps about files on disk are left
// out.
#pragma once

#include "base/status.h"
#include "graph/graph.h"
#include "graph/graph_view.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace kausal::graph {

inline constexpr std::string_view kDumpHeading = "kausal-dump 1";

/// One line of a dump, without its line break.
[[nodiscard]] std::string dump_line(const format::BlockRecord& record);
[[nodiscard]] std::string dump_line(const format::EdgeRecord& edge);

/// Calls `visit` with every line, without its line break, until it returns false. Errors: those of
/// reads.
[[nodiscard]] Status dump_lines(const GraphView& view,
                                const std::function<bool(std::string_view line)>& visit);

/// Reads lines back into a database, all in one commit. Threads: confined.
class DumpLoader {
  public:
    /// Starts a bulk load. Errors: those of begin_bulk.
    [[nodiscard]] static Result<std::unique_ptr<DumpLoader>> start(Graph& graph);
    /// Takes any piece of the text; pieces need not end at line breaks. Errors: Invalid with the
    /// line number; the loader then takes no more.
    [[nodiscard]] Status feed(std::string_view text);
    /// Commits; returns the sequence number. Errors: Invalid (no heading, text that ends in the
    /// middle of a line, a block twice), those of BulkLoad::commit.
    [[nodiscard]] Result<uint64_t> finish();

  private:
    explicit DumpLoader(std::unique_ptr<storage::BulkLoad> load) : load_(std::move(load)) {}
    [[nodiscard]] Status take_line(std::string_view line);
    [[nodiscard]] Status take_block(std::string_view line);
    [[nodiscard]] Status take_edge(std::string_view line);

    std::unique_ptr<storage::BulkLoad> load_;
    std::string partial_;
    uint64_t line_number_ = 0;
    bool failed_ = false;
};

}  // namespace kausal::graph
