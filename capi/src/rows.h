// Rows as columns: how every answer of the C border is laid out, a chunk at a time.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "graph/block_row.h"
#include "kausal/kausal.h"
#include "query/answer.h"
#include "workspace_names.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::capi {

struct ColumnSpec {
    const char* name;
    uint32_t type;  // KAUSAL_COLUMN_
};

/// The columns of one chunk under construction. Values are appended row by row, column by column.
/// Threads: confined.
class Table {
  public:
    /// `workspaces` names those of the blocks; may be null where no row is a block.
    Table(const std::vector<ColumnSpec>& columns, WorkspaceNamesRef workspaces);

    Table& u32(uint32_t value);
    Table& u64(uint64_t value);
    Table& f64(double value);
    Table& id(const BlockId& value);
    Table& text(std::string_view value);
    /// All block columns of kausal.h.
    Table& block(const graph::BlockRow& row);

    void clear() noexcept;
    [[nodiscard]] size_t row_count() const noexcept { return rows_; }
    /// The columns as the C header shows them; valid until the table changes.
    [[nodiscard]] std::span<const kausal_column_t> expose();

  private:
    struct Column {
        ColumnSpec spec;
        std::string values;  // fixed-width values
        std::vector<uint32_t> offsets;
        std::string data;
    };
    [[nodiscard]] Column& next(uint32_t type);

    WorkspaceNamesRef workspaces_;
    std::vector<Column> columns_;
    std::vector<kausal_column_t> exposed_;
    size_t at_ = 0;
    size_t rows_ = 0;
};

/// The block columns of kausal.h, put behind `before` and in front of `after`.
[[nodiscard]] std::vector<ColumnSpec> with_block_columns(std::vector<ColumnSpec> before,
                                                         std::vector<ColumnSpec> after = {});

/// What the summary of an answer says besides its rows.
struct AnswerNotes {
    uint32_t cut = 0;  // KAUSAL_CUT_ bits
    uint64_t rows = 0;
    uint64_t nodes_visited = 0;
    uint64_t candidate_sites = 0;
    query::Unknown unknown;
    std::string note;
};

/// An answer: columns, a way to get the next rows, and notes.
struct Answer {
    std::vector<ColumnSpec> columns;
    /// Appends up to `rows_max` rows; none means the end.
    std::function<Status(Table& table, size_t rows_max)> fill;
    AnswerNotes notes;
    WorkspaceNamesRef workspaces;  // of the state that was asked; null for answers without blocks
    std::unique_ptr<Table> table;  // made on the first chunk
};

/// An answer over rows that are at hand; `append` writes one.
template <typename Row, typename Append>
[[nodiscard]] Answer answer_of(std::vector<ColumnSpec> columns, std::vector<Row> rows,
                               Append append) {
    Answer answer;
    answer.columns = std::move(columns);
    answer.notes.rows = rows.size();
    answer.fill = [rows = std::make_shared<const std::vector<Row>>(std::move(rows)),
                   append = std::move(append),
                   at = size_t{0}](Table& table, size_t rows_max) mutable {
        for (size_t i = 0; i < rows_max && at < rows->size(); ++i) append(table, (*rows)[at++]);
        return Status();
    };
    return answer;
}

/// Rows of (name TEXT, value TEXT).
using Report = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Answer answer_of_report(Report report);

}  // namespace kausal::capi
