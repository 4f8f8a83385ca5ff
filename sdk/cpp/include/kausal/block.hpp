// Ids, blocks, edges and batches.
#pragma once

#include "kausal/result.hpp"

#include <kausal/kausal.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace kausal {
inline namespace abi0 {

/// The 16-byte name of a block.
struct Id {
    kausal_id_t raw{};

    [[nodiscard]] bool is_valid() const noexcept {
        return std::any_of(std::begin(raw.bytes), std::end(raw.bytes),
                           [](uint8_t b) { return b != 0; });
    }
    [[nodiscard]] std::string hex() const {
        char text[33];
        kausal_id_to_hex(&raw, text);
        return text;
    }
    [[nodiscard]] static Result<Id> from_hex(std::string_view hex) {
        Id id;
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_id_from_hex(hex.data(), hex.size(), &id.raw, error);
        });
        if (!done) return done.error();
        return id;
    }
    /// The id of an identity; the same in every process.
    [[nodiscard]] static Result<Id> make(std::string_view workspace, uint32_t kind,
                                         std::string_view symbol) {
        Id id;
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_id_make(workspace.data(), workspace.size(), kind, symbol.data(),
                                  symbol.size(), &id.raw, error);
        });
        if (!done) return done.error();
        return id;
    }
    friend bool operator==(const Id& left, const Id& right) noexcept {
        return std::equal(std::begin(left.raw.bytes), std::end(left.raw.bytes), right.raw.bytes);
    }
    friend std::strong_ordering operator<=>(const Id& left, const Id& right) noexcept {
        return std::lexicographical_compare_three_way(
            std::begin(left.raw.bytes), std::end(left.raw.bytes), std::begin(right.raw.bytes),
            std::end(right.raw.bytes));
    }
};

/// A block to be written: views that need to live for the call only.
struct BlockFields {
    Id id;
    Id parent;
    uint32_t kind = KAUSAL_KIND_RECORD;
    uint32_t language = 0;
    uint32_t flags = 0;
    uint32_t line_first = 0;
    uint32_t line_last = 0;
    uint32_t byte_first = 0;
    uint32_t byte_end = 0;
    std::string_view name;
    std::string_view qualified_name;
    std::string_view uri;
    std::string_view signature;
    std::string_view doc;
    std::string_view metadata;
    std::string_view content;

    [[nodiscard]] kausal_block_fields_t raw() const noexcept {
        kausal_block_fields_t fields;
        kausal_block_fields_init(&fields);
        fields.id = id.raw;
        fields.parent = parent.raw;
        fields.kind = kind;
        fields.language = language;
        fields.flags = flags;
        fields.line_first = line_first;
        fields.line_last = line_last;
        fields.byte_first = byte_first;
        fields.byte_end = byte_end;
        const auto text = [](std::string_view view) {
            return kausal_text_t{view.data(), view.size()};
        };
        fields.name = text(name);
        fields.qualified_name = text(qualified_name);
        fields.uri = text(uri);
        fields.signature = text(signature);
        fields.doc = text(doc);
        fields.metadata = text(metadata);
        fields.content = text(content);
        return fields;
    }
};

struct EdgeFields {
    Id source;
    Id target;
    uint32_t type = KAUSAL_EDGE_REFERENCES;
    uint32_t certainty = KAUSAL_CERTAINTY_RESOLVED;
    uint32_t confidence = 255;
    uint32_t site_offset = 0;
    uint32_t site_line = 0;

    [[nodiscard]] kausal_edge_fields_t raw() const noexcept {
        kausal_edge_fields_t fields;
        kausal_edge_fields_init(&fields);
        fields.source = source.raw;
        fields.target = target.raw;
        fields.type = type;
        fields.certainty = certainty;
        fields.confidence = confidence;
        fields.site_offset = site_offset;
        fields.site_line = site_line;
        return fields;
    }
};

/// A block that was read; the views of `fields` live as long as this. Threads: shared.
class Block {
  public:
    explicit Block(kausal_block_t* handle) : handle_(handle) {
        kausal_block_fields_init(&fields_);
        (void)kausal_block_get_fields(handle, &fields_, nullptr);
    }
    [[nodiscard]] const kausal_block_fields_t& fields() const noexcept { return fields_; }
    [[nodiscard]] Id id() const noexcept { return {fields_.id}; }
    [[nodiscard]] uint32_t kind() const noexcept { return fields_.kind; }
    [[nodiscard]] std::string_view name() const noexcept { return view(fields_.name); }
    [[nodiscard]] std::string_view qualified_name() const noexcept {
        return view(fields_.qualified_name);
    }
    [[nodiscard]] std::string_view uri() const noexcept { return view(fields_.uri); }
    [[nodiscard]] std::string_view signature() const noexcept { return view(fields_.signature); }
    [[nodiscard]] std::string_view doc() const noexcept { return view(fields_.doc); }
    [[nodiscard]] std::string_view metadata() const noexcept { return view(fields_.metadata); }
    [[nodiscard]] std::string_view content() const noexcept { return view(fields_.content); }

  private:
    [[nodiscard]] static std::string_view view(const kausal_text_t& text) noexcept {
        return {text.data, text.size};
    }
    detail::Owner<kausal_block_t, kausal_block_destroy> handle_;
    kausal_block_fields_t fields_{};
};

/// Changes that are committed together. Threads: confined.
class Batch {
  public:
    explicit Batch(kausal_batch_t* handle) : handle_(handle) {}
    [[nodiscard]] Result<void> put(const BlockFields& block) {
        const kausal_block_fields_t fields = block.raw();
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_batch_put_block(handle_.get(), &fields, error);
        });
    }
    [[nodiscard]] Result<void> put(const EdgeFields& edge) {
        const kausal_edge_fields_t fields = edge.raw();
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_batch_put_edge(handle_.get(), &fields, error);
        });
    }
    /// Removes the block and all its edges.
    [[nodiscard]] Result<void> remove(const Id& id) {
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_batch_delete_block(handle_.get(), &id.raw, error);
        });
    }
    [[nodiscard]] Result<void> remove(const EdgeFields& edge) {
        const kausal_edge_fields_t fields = edge.raw();
        return detail::checked_void([&](kausal_error_t** error) {
            return kausal_batch_delete_edge(handle_.get(), &fields, error);
        });
    }
    [[nodiscard]] size_t size() const noexcept { return kausal_batch_count(handle_.get()); }
    void clear() noexcept { (void)kausal_batch_clear(handle_.get(), nullptr); }
    /// All of it or nothing; the sequence number.
    [[nodiscard]] Result<uint64_t> commit() {
        uint64_t sequence = 0;
        auto done = detail::checked_void([&](kausal_error_t** error) {
            return kausal_batch_commit(handle_.get(), &sequence, error);
        });
        if (!done) return done.error();
        return sequence;
    }

  private:
    detail::Owner<kausal_batch_t, kausal_batch_destroy> handle_;
};

}  // namespace abi0
}  // namespace kausal
