// The four output formats. Numbers with meanings are written as their words.
#include "output.h"

#include "session.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <unistd.h>

namespace kausal::tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kFlagNames = {"exported",    "static",      "abstract", "test",
                                   "entry_point", "constructor", "override", "declaration",
                                   "generated",   "opaque",      "partial",  "reflected"};
constexpr std::array kTraceStates = {"repeated", "cycle", "more", "candidate"};
constexpr std::array kCutNames = {"rows", "nodes", "depth", "deadline", "tokens", "paths", "seeds"};

template <size_t Count>
Json bit_names(uint32_t bits, const std::array<const char*, Count>& names) {
    Json list = Json::array();
    for (size_t bit = 0; bit < Count; ++bit) {
        if ((bits >> bit & 1) != 0) list.push_back(names[bit]);
    }
    return list;
}

Json number_value(std::string_view column, uint32_t value) {
    if (column == "kind") return kausal_kind_name(value);
    if (column == "language") return value == 0 ? Json("") : Json(kausal_language_name(value));
    if (column == "edge_type" || column == "type")
        return value == 0 ? Json("") : Json(kausal_edge_type_name(value));
    if (column == "provenance") return kausal_provenance_name(value);
    if (column == "certainty") return value == KAUSAL_CERTAINTY_RESOLVED ? "resolved" : "candidate";
    if (column == "flags") return bit_names(value, kFlagNames);
    if (column == "state") return bit_names(value, kTraceStates);
    if (column == "dispatch" || column == "partial") return value != 0;
    if (column == "parent_row") return value == UINT32_MAX ? Json() : Json(value);
    return value;
}

Json cell(const ChunkView& chunk, uint32_t column, uint32_t row) {
    const kausal_column_t& shown = chunk.column(column);
    switch (shown.type) {
        case KAUSAL_COLUMN_U32:
            return number_value(shown.name, chunk.u32(column)[row]);
        case KAUSAL_COLUMN_U64:
            return chunk.u64(column)[row];
        case KAUSAL_COLUMN_F64:
            return chunk.f64(column)[row];
        case KAUSAL_COLUMN_ID: {
            const Id id = chunk.id(column, row);
            return id.is_valid() ? Json(id.hex()) : Json();
        }
        default:
            return std::string(chunk.text(column, row));
    }
}

Json row_object(const RowView& row) {
    Json object = Json::object();
    for (uint32_t column = 0; column < row.chunk().column_count(); ++column) {
        object[row.chunk().column(column).name] = cell(row.chunk(), column, row.index());
    }
    return object;
}

/// Content may be any bytes; what is not UTF-8 is replaced so that the document stays valid.
std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json unknown_object(const Rows& rows) {
    const kausal_summary_t summary = take(rows.summary());
    Json unknown = Json::object();
    unknown["unresolved_sites"] = summary.unresolved_sites;
    unknown["candidate_sites"] = summary.candidate_sites;
    unknown["files_opaque"] = summary.files_opaque;
    unknown["files_partial"] = summary.files_partial;
    unknown["cut"] = bit_names(summary.cut, kCutNames);
    Json samples = Json::array();
    Rows sites = take(rows.unknown());
    take(sites.for_each([&](const RowView& row) { samples.push_back(row_object(row)); }));
    unknown["samples"] = std::move(samples);
    return unknown;
}

std::string csv_field(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>()
                       : value.is_null() ? ""
                                         : dumped(value, -1);
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

/// Width on a terminal, near enough: code points.
size_t width_of(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool wants_color(const std::string& color) {
    if (color == "always") return true;
    if (color == "never") return false;
    const char* no_color = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) != 0 && (no_color == nullptr || *no_color == '\0');
}

std::string plural(uint64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Output::Output(std::string format, const std::string& color)
    : format_(std::move(format)), color_(format_ == "text" && wants_color(color)) {}

std::string Output::styled(std::string_view text, std::string_view style) const {
    if (!color_ || text.empty()) return std::string(text);
    return "\033[" + std::string(style) + "m" + std::string(text) + "\033[0m";
}

size_t Output::answer(Rows& rows, const TextRow& text) {
    if (format_ == "json") return json_answer(rows);
    if (format_ == "jsonl") return jsonl_answer(rows);
    if (format_ == "csv") return csv_answer(rows);
    return text_answer(rows, text);
}

size_t Output::text_answer(Rows& rows, const TextRow& text) {
    // Cells are kept until the end, because a column is as wide as its widest cell.
    constexpr size_t kColumnWidthMax = 60;
    std::vector<std::vector<std::string>> lines;
    const Places places(take(rows.summary()).workspaces > 1);
    take(rows.for_each([&](const RowView& row) { lines.push_back(text(row, places)); }));
    std::vector<size_t> widths;
    for (const auto& line : lines) {
        widths.resize(std::max(widths.size(), line.size()));
        for (size_t i = 0; i + 1 < line.size(); ++i) {
            widths[i] = std::max(widths[i], std::min(width_of(line[i]), kColumnWidthMax));
        }
    }
    for (const auto& line : lines) {
        std::string shown;
        for (size_t i = 0; i < line.size(); ++i) {
            shown += i == 0 ? styled(line[i], "36") : line[i];
            const size_t width = width_of(line[i]);
            if (i + 1 < line.size()) shown.append(std::max(widths[i], width) - width + 2, ' ');
        }
        while (shown.ends_with(' ')) shown.pop_back();
        std::cout << shown << '\n';
    }
    text_unknown(rows, places);
    return lines.size();
}

void Output::text_unknown(const Rows& rows, const Places& places) {
    const kausal_summary_t summary = take(rows.summary());
    std::vector<std::string> notes;
    if (summary.unresolved_sites != 0) {
        notes.push_back(plural(summary.unresolved_sites, "call site carries", "call sites carry") +
                        " this name and could not be bound");
    }
    if (summary.files_partial != 0) {
        notes.push_back(plural(summary.files_partial, "file has", "files have") + " syntax errors");
    }
    if (summary.files_opaque != 0) {
        notes.push_back(plural(summary.files_opaque, "file was", "files were") + " not indexed");
    }
    if (summary.cut != 0) {
        std::string limits;
        for (const auto& name : bit_names(summary.cut, kCutNames)) {
            limits += (limits.empty() ? "" : ", ") + name.get<std::string>();
        }
        notes.push_back("cut short by the limit of " + limits);
    }
    for (const std::string& note : notes) std::cout << styled("unknown: " + note, "33") << '\n';
    if (summary.unresolved_sites == 0) return;
    Rows sites = take(rows.unknown());
    take(sites.for_each([&](const RowView& row) {
        if (row.u32("line") == 0) return;
        std::cout << "  "
                  << styled(places.at(row.text("workspace"), row.text("uri"), row.u32("line")),
                            "36")
                  << "  in " << row.text("source_name") << '\n';
    }));
}

size_t Output::json_answer(Rows& rows) {
    Json document = Json::object();
    Json list = Json::array();
    take(rows.for_each([&](const RowView& row) { list.push_back(row_object(row)); }));
    const size_t count = list.size();
    document["rows"] = std::move(list);
    document["unknown"] = unknown_object(rows);
    const kausal_summary_t summary = take(rows.summary());
    document["note"] = std::string(summary.note.data, summary.note.size);
    std::cout << dumped(document, 2) << '\n';
    return count;
}

size_t Output::jsonl_answer(Rows& rows) {
    size_t count = 0;
    take(rows.for_each([&](const RowView& row) {
        std::cout << dumped(row_object(row), -1) << '\n';
        ++count;
    }));
    Json last = Json::object();
    last["unknown"] = unknown_object(rows);
    std::cout << dumped(last, -1) << '\n';
    return count;
}

size_t Output::csv_answer(Rows& rows) {
    size_t count = 0;
    take(rows.for_each([&](const RowView& row) {
        const ChunkView& chunk = row.chunk();
        if (count++ == 0) {
            for (uint32_t column = 0; column < chunk.column_count(); ++column) {
                std::cout << (column == 0 ? "" : ",") << chunk.column(column).name;
            }
            std::cout << '\n';
        }
        for (uint32_t column = 0; column < chunk.column_count(); ++column) {
            std::cout << (column == 0 ? "" : ",") << csv_field(cell(chunk, column, row.index()));
        }
        std::cout << '\n';
    }));
    return count;
}

void Output::report(Rows& rows) {
    if (format_ == "text") {
        text_answer(rows, [](const RowView& row, const Places&) {
            return std::vector<std::string>{std::string(row.text("name")),
                                            std::string(row.text("value"))};
        });
        return;
    }
    if (format_ == "csv") {
        csv_answer(rows);
        return;
    }
    Json object = Json::object();
    take(rows.for_each([&](const RowView& row) {
        object[std::string(row.text("name"))] = std::string(row.text("value"));
    }));
    std::cout << dumped(object, format_ == "json" ? 2 : -1) << '\n';
}

void Output::candidates(Rows& rows) {
    answer(rows, [](const RowView& row, const Places& places) {
        return std::vector<std::string>{places.of_block(row), kind_of(row), row.id("id").hex(),
                                        block_name(row)};
    });
}

std::string Places::at(std::string_view workspace, std::string_view uri, uint32_t line) const {
    std::string text;
    if (named_ && !workspace.empty()) text.append(workspace) += '/';
    text += uri;
    if (line != 0) text += ":" + std::to_string(line);
    return text;
}

std::string Places::of_block(const RowView& row) const {
    if (row.text("uri").empty()) return "(" + kind_of(row) + ")";
    return at(row.text("workspace"), row.text("uri"), row.u32("line_first"));
}

std::string Places::of_edge(const RowView& row) const {
    if (row.u32("site_line") == 0 || row.text("site_uri").empty()) return of_block(row);
    return at(row.text("workspace"), row.text("site_uri"), row.u32("site_line"));
}

std::string block_name(const RowView& row) {
    const std::string_view qualified = row.text("qualified_name");
    return std::string(qualified.empty() ? row.text("name") : qualified);
}

std::string kind_of(const RowView& row) {
    return kausal_kind_name(row.u32("kind"));
}

std::string human_bytes(uint64_t bytes) {
    static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    char text[32];
    (void)std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

}  // namespace kausal::tool
