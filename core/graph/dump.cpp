// Writing and reading of the text form of a database (docs/format/dump.md).
#include "graph/dump.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace kausal::graph {
namespace {

using format::BlockKind;
using format::BlockRecord;
using format::EdgeRecord;

constexpr char kHexDigits[] = "0123456789abcdef";

void append_escaped_byte(std::string& line, unsigned char byte) {
    line += "\\x";
    line += kHexDigits[byte >> 4];
    line += kHexDigits[byte & 0xf];
}

/// Text that is UTF-8 keeps its letters; other bytes are all escaped when they are not ASCII, so
/// that a dump is always valid UTF-8.
void append_text(std::string& line, std::string_view text) {
    const bool keeps_high_bytes = is_utf8(text);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\t') {
            line += "\\t";
        } else if (c == '\n') {
            line += "\\n";
        } else if (c == '\\') {
            line += "\\\\";
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !keeps_high_bytes)) {
            append_escaped_byte(line, byte);
        } else {
            line += c;
        }
    }
}

void append_number(std::string& line, uint64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    line.append(digits.data(), end.ptr);
}

/// Reads the tab-separated fields of one line; remembers a failure.
class FieldReader {
  public:
    explicit FieldReader(std::string_view line) : rest_(line) {}

    [[nodiscard]] std::string_view raw() {
        if (finished_) {
            failed_ = true;
            return {};
        }
        const size_t tab = rest_.find('\t');
        const std::string_view field = rest_.substr(0, tab);
        finished_ = tab == std::string_view::npos;
        rest_ = finished_ ? std::string_view{} : rest_.substr(tab + 1);
        return field;
    }
    template <typename T>
    [[nodiscard]] T number() {
        const std::string_view field = raw();
        T value{};
        const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc() || end != field.data() + field.size()) failed_ = true;
        return value;
    }
    [[nodiscard]] BlockId id() {
        const auto value = BlockId::from_hex(raw());
        if (!value) failed_ = true;
        return value.value_or(BlockId{});
    }
    [[nodiscard]] std::string text() {
        const std::string_view field = raw();
        std::string out;
        out.reserve(field.size());
        for (size_t at = 0; at < field.size(); ++at) {
            if (field[at] != '\\') {
                out += field[at];
                continue;
            }
            at += unescape(field.substr(at + 1), out);
        }
        return out;
    }
    [[nodiscard]] bool at_end() const noexcept { return finished_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

  private:
    /// Appends the byte that the escape stands for; returns how many characters it took.
    size_t unescape(std::string_view escape, std::string& out) {
        const char kind = escape.empty() ? '\0' : escape[0];
        if (kind == 't' || kind == 'n' || kind == '\\') {
            out += kind == 't' ? '\t' : kind == 'n' ? '\n' : '\\';
            return 1;
        }
        unsigned byte = 0;
        const char* digits = escape.data() + 1;
        if (kind != 'x' || escape.size() < 3 ||
            std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
            failed_ = true;
            return escape.size();
        }
        out += static_cast<char>(byte);
        return 3;
    }

    std::string_view rest_;
    bool finished_ = false;
    bool failed_ = false;
};

Status invalid_line(uint64_t line_number, std::string_view what) {
    return {ErrorCode::Invalid,
            "line " + std::to_string(line_number) + " of the dump: " + std::string(what)};
}

}  // namespace

std::string dump_line(const BlockRecord& record) {
    std::string line = "B\t";
    line += record.id.to_hex();
    const auto number = [&](uint64_t value) {
        line += '\t';
        append_number(line, value);
    };
    const auto text = [&](std::string_view value) {
        line += '\t';
        append_text(line, value);
    };
    number(static_cast<uint16_t>(record.kind));
    number(static_cast<uint8_t>(record.language));
    number(record.flags);
    number(record.workspace);
    line += '\t';
    line += record.parent.to_hex();
    number(record.line_first);
    number(record.line_last);
    number(record.byte_first);
    number(record.byte_end);
    text(record.name);
    text(record.qualified_name);
    text(record.uri);
    text(record.signature);
    text(record.binding);
    text(record.doc);
    // What sync knows about the file on disk (times, inode) is no content.
    text(record.kind == BlockKind::FileFacts ? std::string_view{} : record.metadata);
    text(record.content);
    for (const uint64_t key : record.keys) number(key);
    return line;
}

std::string dump_line(const EdgeRecord& edge) {
    std::string line = "E\t";
    line += edge.source.to_hex();
    const auto number = [&](uint64_t value) {
        line += '\t';
        append_number(line, value);
    };
    number(static_cast<uint16_t>(edge.type));
    line += '\t';
    line += edge.target.to_hex();
    number(edge.site_offset);
    number(edge.site_line);
    number(static_cast<uint8_t>(edge.certainty));
    number(edge.confidence);
    number(static_cast<uint8_t>(edge.provenance));
    return line;
}

Status dump_lines(const GraphView& view, const std::function<bool(std::string_view)>& visit) {
    if (!visit(kDumpHeading)) return {};
    bool goes_on = true;
    KAUSAL_TRY(view.snapshot().scan_blocks(BlockKind::Invalid, storage::BlockParts::HeadAndBody,
                                           [&](const storage::BlockPin& pin) {
                                               goes_on = visit(dump_line(pin.record));
                                               return goes_on;
                                           }));
    if (!goes_on) return {};
    return view.snapshot().scan_edges(
        [&](const EdgeRecord& edge) { return visit(dump_line(edge)); });
}

Result<std::unique_ptr<DumpLoader>> DumpLoader::start(Graph& graph) {
    auto load = KAUSAL_TRY(graph.begin_bulk());
    return std::unique_ptr<DumpLoader>(new DumpLoader(std::move(load)));
}

Status DumpLoader::feed(std::string_view text) {
    if (failed_) return {ErrorCode::Closed, "the load has failed"};
    while (!text.empty()) {
        const size_t line_end = text.find('\n');
        if (line_end == std::string_view::npos) {
            partial_.append(text);
            return {};
        }
        std::string_view line = text.substr(0, line_end);
        if (!partial_.empty()) {
            partial_.append(line);
            line = partial_;
        }
        ++line_number_;
        Status status = take_line(line);
        if (!status.is_ok()) {
            failed_ = true;
            return status;
        }
        partial_.clear();
        text.remove_prefix(line_end + 1);
    }
    return {};
}

Status DumpLoader::take_line(std::string_view line) {
    if (line_number_ == 1) {
        if (line == kDumpHeading) return {};
        return invalid_line(1, "not '" + std::string(kDumpHeading) + "'");
    }
    if (line.starts_with("B\t")) return take_block(line.substr(2));
    if (line.starts_with("E\t")) return take_edge(line.substr(2));
    return invalid_line(line_number_, "neither a block nor an edge");
}

Status DumpLoader::take_block(std::string_view line) {
    FieldReader fields(line);
    BlockRecord record;
    record.id = fields.id();
    record.kind = static_cast<BlockKind>(fields.number<uint16_t>());
    record.language = static_cast<format::Language>(fields.number<uint8_t>());
    record.flags = fields.number<uint32_t>();
    record.workspace = fields.number<uint64_t>();
    record.parent = fields.id();
    record.line_first = fields.number<uint32_t>();
    record.line_last = fields.number<uint32_t>();
    record.byte_first = fields.number<uint32_t>();
    record.byte_end = fields.number<uint32_t>();
    std::array<std::string, 8> texts;
    for (std::string& text : texts) text = fields.text();
    record.name = texts[0];
    record.qualified_name = texts[1];
    record.uri = texts[2];
    record.signature = texts[3];
    record.binding = texts[4];
    record.doc = texts[5];
    record.metadata = texts[6];
    record.content = texts[7];
    while (!fields.at_end()) record.keys.push_back(fields.number<uint64_t>());
    if (fields.failed()) return invalid_line(line_number_, "a field of the block is malformed");
    Status status = format::validate(record);
    if (!status.is_ok()) return invalid_line(line_number_, status.message());
    return load_->add_block(record);
}

Status DumpLoader::take_edge(std::string_view line) {
    FieldReader fields(line);
    EdgeRecord edge;
    edge.source = fields.id();
    edge.type = static_cast<format::EdgeType>(fields.number<uint16_t>());
    edge.target = fields.id();
    edge.site_offset = fields.number<uint32_t>();
    edge.site_line = fields.number<uint32_t>();
    const auto certainty = fields.number<uint8_t>();
    edge.confidence = fields.number<uint8_t>();
    const auto provenance = fields.number<uint8_t>();
    const bool is_known = certainty <= 1 && provenance < 64 && edge.source.is_valid() &&
                          edge.target.is_valid() && edge.type != format::EdgeType::Invalid;
    if (fields.failed() || !fields.at_end() || !is_known) {
        return invalid_line(line_number_, "a field of the edge is malformed");
    }
    edge.certainty = static_cast<format::Certainty>(certainty);
    edge.provenance = static_cast<format::Provenance>(provenance);
    return load_->add_edge(edge);
}

Result<uint64_t> DumpLoader::finish() {
    if (failed_) return fail(ErrorCode::Closed, "the load has failed");
    failed_ = true;  // whatever happens, nothing can be added any more
    if (!partial_.empty()) return fail(invalid_line(line_number_ + 1, "has no line break"));
    if (line_number_ == 0) return fail(invalid_line(1, "missing"));
    return load_->commit();
}

}  // namespace kausal::graph
