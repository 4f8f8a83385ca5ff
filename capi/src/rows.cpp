// Appending values to columns and laying them out for the C header.
#include "rows.h"

#include "base/assert.h"
#include "base/coding.h"

namespace kausal::capi {

Table::Table(const std::vector<ColumnSpec>& columns, WorkspaceNamesRef workspaces)
    : workspaces_(std::move(workspaces)) {
    columns_.reserve(columns.size());
    for (const ColumnSpec& spec : columns) columns_.push_back({spec, {}, {0}, {}});
}

Table::Column& Table::next(uint32_t type) {
    Column& column = columns_[at_];
    (void)KAUSAL_ASSERT(column.spec.type == type);
    if (++at_ == columns_.size()) {
        at_ = 0;
        ++rows_;
    }
    return column;
}

Table& Table::u32(uint32_t value) {
    put_fixed(next(KAUSAL_COLUMN_U32).values, value);
    return *this;
}

Table& Table::u64(uint64_t value) {
    put_fixed(next(KAUSAL_COLUMN_U64).values, value);
    return *this;
}

Table& Table::f64(double value) {
    put_fixed(next(KAUSAL_COLUMN_F64).values, value);
    return *this;
}

Table& Table::id(const BlockId& value) {
    std::byte bytes[16];
    value.store(bytes);
    next(KAUSAL_COLUMN_ID).values.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
    return *this;
}

Table& Table::text(std::string_view value) {
    Column& column = next(KAUSAL_COLUMN_TEXT);
    column.data.append(value);
    column.offsets.push_back(static_cast<uint32_t>(column.data.size()));
    return *this;
}

Table& Table::block(const graph::BlockRow& row) {
    return id(row.id)
        .u32(static_cast<uint32_t>(row.kind))
        .u32(static_cast<uint32_t>(row.language))
        .u32(row.flags)
        .u32(row.line_first)
        .u32(row.line_last)
        .id(row.parent)
        .text(row.name)
        .text(row.qualified_name)
        .text(row.uri)
        .text(row.signature)
        .text(workspaces_ == nullptr ? std::string_view() : workspaces_->name_of(row.workspace));
}

void Table::clear() noexcept {
    for (Column& column : columns_) {
        column.values.clear();
        column.data.clear();
        column.offsets.resize(1);
    }
    at_ = 0;
    rows_ = 0;
}

std::span<const kausal_column_t> Table::expose() {
    exposed_.clear();
    for (const Column& column : columns_) {
        kausal_column_t shown{};
        shown.type = column.spec.type;
        shown.name = column.spec.name;
        if (column.spec.type == KAUSAL_COLUMN_TEXT) {
            shown.offsets = column.offsets.data();
            shown.data = column.data.data();
        } else {
            shown.values = column.values.data();
        }
        exposed_.push_back(shown);
    }
    return exposed_;
}

std::vector<ColumnSpec> with_block_columns(std::vector<ColumnSpec> before,
                                           std::vector<ColumnSpec> after) {
    static constexpr ColumnSpec kBlockColumns[] = {
        {"id", KAUSAL_COLUMN_ID},
        {"kind", KAUSAL_COLUMN_U32},
        {"language", KAUSAL_COLUMN_U32},
        {"flags", KAUSAL_COLUMN_U32},
        {"line_first", KAUSAL_COLUMN_U32},
        {"line_last", KAUSAL_COLUMN_U32},
        {"parent", KAUSAL_COLUMN_ID},
        {"name", KAUSAL_COLUMN_TEXT},
        {"qualified_name", KAUSAL_COLUMN_TEXT},
        {"uri", KAUSAL_COLUMN_TEXT},
        {"signature", KAUSAL_COLUMN_TEXT},
        {"workspace", KAUSAL_COLUMN_TEXT},
    };
    before.insert(before.end(), std::begin(kBlockColumns), std::end(kBlockColumns));
    before.insert(before.end(), after.begin(), after.end());
    return before;
}

Answer answer_of_report(Report report) {
    return answer_of(
        std::vector<ColumnSpec>{{"name", KAUSAL_COLUMN_TEXT}, {"value", KAUSAL_COLUMN_TEXT}},
        std::move(report), [](Table& table, const Report::value_type& row) {
            table.text(row.first).text(row.second);
        });
}

}  // namespace kausal::capi
