// The rows of an answer: by chunk without copies, or one after the other.
#pragma once

#include "kausal/block.hpp"
#include "kausal/result.hpp"

#include <kausal/kausal.h>

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace kausal {
inline namespace abi0 {

/// Views of up to 2,048 rows; they live until the next call on their Rows.
class ChunkView {
  public:
    explicit ChunkView(const kausal_chunk_t& chunk) noexcept : chunk_(chunk) {}
    [[nodiscard]] uint32_t row_count() const noexcept { return chunk_.row_count; }
    [[nodiscard]] uint32_t column_count() const noexcept { return chunk_.column_count; }
    [[nodiscard]] const kausal_column_t& column(uint32_t index) const noexcept {
        return chunk_.columns[index];
    }
    /// The number of the column called `name`, or nothing.
    [[nodiscard]] std::optional<uint32_t> find(std::string_view name) const noexcept {
        for (uint32_t i = 0; i < chunk_.column_count; ++i) {
            if (name == chunk_.columns[i].name) return i;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::span<const uint32_t> u32(uint32_t column) const noexcept {
        return {static_cast<const uint32_t*>(chunk_.columns[column].values), chunk_.row_count};
    }
    [[nodiscard]] std::span<const uint64_t> u64(uint32_t column) const noexcept {
        return {static_cast<const uint64_t*>(chunk_.columns[column].values), chunk_.row_count};
    }
    [[nodiscard]] std::span<const double> f64(uint32_t column) const noexcept {
        return {static_cast<const double*>(chunk_.columns[column].values), chunk_.row_count};
    }
    [[nodiscard]] Id id(uint32_t column, uint32_t row) const noexcept {
        return {static_cast<const kausal_id_t*>(chunk_.columns[column].values)[row]};
    }
    [[nodiscard]] std::string_view text(uint32_t column, uint32_t row) const noexcept {
        const kausal_column_t& from = chunk_.columns[column];
        return {from.data + from.offsets[row], from.offsets[row + 1] - from.offsets[row]};
    }

  private:
    kausal_chunk_t chunk_;
};

/// One row of a chunk. Getters by column name answer zero or empty for a column that is not there.
class RowView {
  public:
    RowView(const ChunkView& chunk, uint32_t row) noexcept : chunk_(&chunk), row_(row) {}
    [[nodiscard]] uint32_t u32(std::string_view name) const noexcept {
        const auto column = typed(name, KAUSAL_COLUMN_U32);
        return column ? chunk_->u32(*column)[row_] : 0;
    }
    [[nodiscard]] uint64_t u64(std::string_view name) const noexcept {
        const auto column = typed(name, KAUSAL_COLUMN_U64);
        return column ? chunk_->u64(*column)[row_] : 0;
    }
    [[nodiscard]] double f64(std::string_view name) const noexcept {
        const auto column = typed(name, KAUSAL_COLUMN_F64);
        return column ? chunk_->f64(*column)[row_] : 0;
    }
    [[nodiscard]] Id id(std::string_view name) const noexcept {
        const auto column = typed(name, KAUSAL_COLUMN_ID);
        return column ? chunk_->id(*column, row_) : Id{};
    }
    [[nodiscard]] std::string_view text(std::string_view name) const noexcept {
        const auto column = typed(name, KAUSAL_COLUMN_TEXT);
        return column ? chunk_->text(*column, row_) : std::string_view();
    }
    [[nodiscard]] const ChunkView& chunk() const noexcept { return *chunk_; }
    [[nodiscard]] uint32_t index() const noexcept { return row_; }

  private:
    [[nodiscard]] std::optional<uint32_t> typed(std::string_view name,
                                                uint32_t type) const noexcept {
        const auto column = chunk_->find(name);
        return column && chunk_->column(*column).type == type ? column : std::nullopt;
    }
    const ChunkView* chunk_;
    uint32_t row_;
};

/// The rows of an answer and what it could not see. Threads: confined.
class Rows {
  public:
    explicit Rows(kausal_iter_t* handle, kausal_status_t status = KAUSAL_OK)
        : handle_(handle), status_(status) {}

    /// KAUSAL_OK, or what a resolve answered: KAUSAL_AMBIGUOUS, KAUSAL_NOT_FOUND.
    [[nodiscard]] kausal_status_t status() const noexcept { return status_; }

    /// The next chunk, or nothing at the end.
    [[nodiscard]] Result<std::optional<ChunkView>> next_chunk(uint32_t rows_max = 0) {
        kausal_chunk_t chunk;
        kausal_chunk_init(&chunk);
        auto status = detail::checked([&](kausal_error_t** error) {
            return kausal_iter_next_chunk(handle_.get(), rows_max, &chunk, error);
        });
        if (!status) return status.error();
        if (*status == KAUSAL_END) return std::optional<ChunkView>();
        return std::optional<ChunkView>(ChunkView(chunk));
    }

    /// Calls `visit(RowView)` for every row that is left.
    template <typename Visit>
    [[nodiscard]] Result<void> for_each(Visit&& visit) {
        for (;;) {
            auto chunk = next_chunk();
            if (!chunk) return chunk.error();
            if (!chunk->has_value()) return {};
            for (uint32_t row = 0; row < (*chunk)->row_count(); ++row) visit(RowView(**chunk, row));
        }
    }

    /// Notes about the answer as a whole; its text lives as long as this.
    [[nodiscard]] Result<kausal_summary_t> summary() const {
        kausal_summary_t summary;
        kausal_summary_init(&summary);
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_iter_summary(handle_.get(), &summary, error);
        });
        if (!done) return done.error();
        return summary;
    }
    /// The sites and files that the answer could not see.
    [[nodiscard]] Result<Rows> unknown() const {
        kausal_iter_t* rows = nullptr;
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_iter_unknown(handle_.get(), &rows, error);
        });
        if (!done) return done.error();
        return Rows(rows);
    }
    /// Range over the rows: `for (const RowView& row : rows.range())`. Stops at the end or at an
    /// error, which `range_error` then holds.
    class Iterator;
    class Range;
    [[nodiscard]] Range range();
    [[nodiscard]] const std::optional<Error>& range_error() const noexcept { return range_error_; }

  private:
    friend class Iterator;
    detail::Owner<kausal_iter_t, kausal_iter_destroy> handle_;
    kausal_status_t status_;
    std::optional<Error> range_error_;
};

/// A single-pass input iterator.
class Rows::Iterator {
  public:
    using value_type = RowView;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    Iterator() = default;
    explicit Iterator(Rows& rows) : rows_(&rows) { load(); }
    [[nodiscard]] RowView operator*() const noexcept { return {*chunk_, row_}; }
    Iterator& operator++() {
        if (++row_ == chunk_->row_count()) load();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) noexcept {
        return !iterator.chunk_.has_value();
    }

  private:
    void load() {
        row_ = 0;
        auto chunk = rows_->next_chunk();
        if (!chunk) {
            rows_->range_error_ = chunk.error();
            chunk_.reset();
            return;
        }
        chunk_ = *chunk;
    }
    Rows* rows_ = nullptr;
    std::optional<ChunkView> chunk_;
    uint32_t row_ = 0;
};

class Rows::Range {
  public:
    explicit Range(Rows& rows) : rows_(&rows) {}
    [[nodiscard]] Iterator begin() const { return Iterator(*rows_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  private:
    Rows* rows_;
};

inline Rows::Range Rows::range() {
    return Range(*this);
}

}  // namespace abi0
}  // namespace kausal
