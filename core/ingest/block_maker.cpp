// Content, metadata and heads of the blocks of one file.
#include "ingest/block_maker.h"

#include "graph/identity.h"
#include "ingest/language.h"
#include "ingest/resolution.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using format::BlockRecord;

void append_json_text(std::string& out, std::string_view text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

/// Adds `"key":` after a comma or an opening brace.
void append_key(std::string& out, std::string_view key) {
    out += out.empty() ? '{' : ',';
    append_json_text(out, key);
    out += ':';
}

bool is_container(BlockKind kind) {
    return is_type(kind) || kind == BlockKind::Module;
}

bool has_body(const DefinitionFact& definition) {
    return definition.body_first < definition.range.byte_end;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

BlockId file_block_id(std::string_view workspace, std::string_view path) {
    return BlockId::of(workspace, static_cast<uint16_t>(BlockKind::File), path);
}

BlockId facts_block_id(std::string_view workspace, std::string_view path) {
    return BlockId::of(workspace, static_cast<uint16_t>(BlockKind::FileFacts), path);
}

std::string doc_text(std::string_view comment) {
    std::string out;
    for (const std::string_view quote : {"\"\"\"", "'''"}) {
        if (comment.size() >= 6 && comment.starts_with(quote) && comment.ends_with(quote))
            comment = comment.substr(3, comment.size() - 6);
    }
    while (!comment.empty()) {
        const size_t newline = comment.find('\n');
        std::string_view line = trimmed(comment.substr(0, newline));
        comment =
            newline == std::string_view::npos ? std::string_view{} : comment.substr(newline + 1);
        if (line.ends_with("*/")) line.remove_suffix(2);
        while (line.ends_with('*')) line.remove_suffix(1);
        while (!line.empty() &&
               std::string_view("/*#!").find(line.front()) != std::string_view::npos)
            line.remove_prefix(1);
        line = trimmed(line);
        if (line.empty() && (out.empty() || out.ends_with("\n\n"))) continue;
        out += line;
        out += '\n';
    }
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

BlockMaker::BlockMaker(std::string_view workspace)
    : workspace_(workspace), workspace_number_(graph::workspace_number(workspace)) {}

BlockRecord BlockMaker::record_of(const Symbol& symbol) {
    BlockRecord record;
    record.id = symbol.id;
    record.kind = symbol.kind;
    record.language = symbol.language;
    record.flags = symbol.flags;
    record.workspace = workspace_number_;
    record.parent = symbol.parent;
    record.name = symbol.name;
    record.qualified_name = symbol.qualified_name;
    record.uri = symbol.path;
    binding_.clear();
    symbol.encode_binding(binding_);
    record.binding = binding_;
    return record;
}

/// The text of [first, end) with the bodies of the definitions directly inside left out.
void BlockMaker::write_skeleton(const FileFacts& facts, std::string_view text, uint32_t container,
                                uint32_t first, uint32_t end) {
    content_.clear();
    uint32_t at = first;
    const size_t slot = container == kNone ? facts.definitions.size() : container;
    for (uint32_t child = child_first_[slot]; child != kNone; child = next_sibling_[child]) {
        const DefinitionFact& definition = facts.definitions[child];
        if (!has_body(definition) || definition.range.byte_first < at) continue;
        content_ += text.substr(at, definition.range.byte_first - at);
        content_ += facts.text(definition.signature);
        at = std::min(definition.range.byte_end, end);
    }
    if (at < end) content_ += text.substr(at, end - at);
}

void BlockMaker::write_metadata(const FileFacts& facts, const DefinitionFact& definition) {
    metadata_.clear();
    if (is_callable(definition.kind)) {
        append_key(metadata_, "parameters");
        metadata_ += std::to_string(definition.parameter_count);
        if (definition.parameter_count_min != definition.parameter_count) {
            append_key(metadata_, "parameters_min");
            metadata_ += std::to_string(definition.parameter_count_min);
        }
        if (definition.is_variadic) {
            append_key(metadata_, "variadic");
            metadata_ += "true";
        }
    }
    if (definition.type != 0) {
        append_key(metadata_, is_callable(definition.kind) ? "result" : "type");
        append_json_text(metadata_, facts.text(definition.type));
    }
    if (definition.base_count != 0) {
        append_key(metadata_, "bases");
        for (uint32_t i = 0; i < definition.base_count; ++i) {
            metadata_ += i == 0 ? '[' : ',';
            append_json_text(metadata_, facts.text(facts.bases[definition.base_first + i].type));
        }
        metadata_ += ']';
    }
    if (!metadata_.empty()) metadata_ += '}';
}

void BlockMaker::write_file_metadata(const FileState& state, const FileFacts* facts) {
    metadata_.clear();
    append_key(metadata_, "size");
    metadata_ += std::to_string(state.size_bytes);
    if (facts != nullptr) {
        append_key(metadata_, "lines");
        metadata_ += std::to_string(facts->line_count);
        if (facts->error_count != 0) {
            append_key(metadata_, "errors");
            metadata_ += std::to_string(facts->error_count);
            append_key(metadata_, "error_lines");
            for (size_t i = 0; i < facts->error_lines.size(); ++i) {
                metadata_ += i == 0 ? '[' : ',';
                metadata_ += std::to_string(facts->error_lines[i]);
            }
            metadata_ += facts->error_lines.empty() ? "[]" : "]";
        }
    }
    if (!state.reason.empty()) {
        append_key(metadata_, "reason");
        append_json_text(metadata_, state.reason);
    }
    metadata_ += '}';
}

Status BlockMaker::file_blocks(const FileFacts& facts, const FileSymbols& symbols,
                               std::string_view text, const FileState& state, const Emit& emit) {
    const size_t count = facts.definitions.size();
    child_first_.assign(count + 1, kNone);
    next_sibling_.assign(count, kNone);
    for (size_t i = count; i-- > 0;) {
        const uint32_t container = facts.definitions[i].container;
        uint32_t& head = child_first_[container == kNone ? count : container];
        next_sibling_[i] = head;
        head = static_cast<uint32_t>(i);
    }
    for (uint32_t i = 0; i < count; ++i) {
        const DefinitionFact& definition = facts.definitions[i];
        const SourceRange& range = definition.range;
        BlockRecord record = record_of(symbols.symbols[i]);
        record.line_first = range.line_first;
        record.line_last = range.line_last;
        record.byte_first = range.byte_first;
        record.byte_end = range.byte_end;
        record.signature = facts.text(definition.signature);
        doc_.clear();
        if (definition.doc.byte_end > definition.doc.byte_first &&
            definition.doc.byte_end <= text.size())
            doc_ = doc_text(text.substr(definition.doc.byte_first,
                                        definition.doc.byte_end - definition.doc.byte_first));
        record.doc = doc_;
        write_metadata(facts, definition);
        record.metadata = metadata_;
        if (range.byte_end <= text.size()) {
            if (is_container(definition.kind) && child_first_[i] != kNone) {
                write_skeleton(facts, text, i, range.byte_first, range.byte_end);
                record.content = content_;
            } else {
                record.content = text.substr(range.byte_first, range.byte_end - range.byte_first);
            }
        }
        graph::prepare_record(record);
        KAUSAL_TRY(emit(record));
    }
    BlockRecord record = record_of(symbols.symbols[symbols.file_index]);
    record.line_first = facts.line_count == 0 ? 0 : 1;
    record.line_last = facts.line_count;
    record.byte_end = static_cast<uint32_t>(text.size());
    write_file_metadata(state, &facts);
    record.metadata = metadata_;
    write_skeleton(facts, text, kNone, 0, static_cast<uint32_t>(text.size()));
    record.content = content_;
    graph::prepare_record(record);
    return emit(record);
}

Status BlockMaker::opaque_block(std::string_view path, const FileState& state, const Emit& emit) {
    BlockRecord record;
    record.id = file_block_id(workspace_, path);
    record.kind = BlockKind::File;
    record.flags = format::kBlockOpaque;
    // Source text that is missing from answers has to be told apart from pictures. By the name
    // alone: what the tree's headers are taken for may change without this file.
    if (const LanguageRules* rules = detect_language(path, {}, false)) {
        record.language = rules->language;
    }
    record.workspace = workspace_number_;
    record.parent = graph::workspace_id(workspace_);
    record.name = path.substr(path.find_last_of('/', path.size() - 2) + 1);
    record.qualified_name = path;
    record.uri = path;
    write_file_metadata(state, nullptr);
    record.metadata = metadata_;
    graph::prepare_record(record);
    return emit(record);
}

Status BlockMaker::module_block(const Symbol& symbol, const Emit& emit) {
    BlockRecord record = record_of(symbol);
    graph::prepare_record(record);
    return emit(record);
}

Status BlockMaker::facts_block(std::string_view path, format::Language language,
                               std::string_view encoded, std::vector<uint64_t> keys,
                               const Emit& emit) {
    BlockRecord record;
    record.id = facts_block_id(workspace_, path);
    record.kind = BlockKind::FileFacts;
    record.language = language;
    record.workspace = workspace_number_;
    record.parent = file_block_id(workspace_, path);
    record.uri = path;
    record.content = encoded;
    record.keys = std::move(keys);
    graph::prepare_record(record);
    return emit(record);
}

Status BlockMaker::outside_block(const BlockId& id, BlockKind kind, format::Language language,
                                 std::string_view name, const Emit& emit) {
    BlockRecord record;
    record.id = id;
    record.kind = kind;
    record.language = graph::language_family(language);
    record.workspace = workspace_number_;
    record.parent = graph::workspace_id(workspace_);
    record.name = kind == BlockKind::ExternalSymbol ? graph::last_component(name) : name;
    record.qualified_name = name;
    graph::prepare_record(record);
    return emit(record);
}

Status BlockMaker::private_block(const BlockId& id, std::string_view name,
                                 std::string_view metadata, const Emit& emit) {
    BlockRecord record;
    record.id = id;
    record.kind = BlockKind::FileFacts;
    record.workspace = workspace_number_;
    record.parent = graph::workspace_id(workspace_);
    record.name = name;
    record.metadata = metadata;
    graph::prepare_record(record);
    return emit(record);
}

}  // namespace kausal::ingest
