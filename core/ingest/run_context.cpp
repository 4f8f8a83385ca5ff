// Steps of a run that a full index and a sync share.
#include "ingest/run_context.h"

#include "ingest/source_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace kausal::ingest {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kReportIntervalNs = 50'000'000;
constexpr size_t kSerialCountMax = 4;
constexpr size_t kSymbolNameBytesMax = 1024;

bool is_generated(std::string_view text) {
    const std::string_view head = text.substr(0, 2048);
    return head.find("DO NOT EDIT") != std::string_view::npos ||
           head.find("@generated") != std::string_view::npos;
}

void bound_text(std::string& text, size_t size_max) {
    if (text.size() > size_max) text = shortened(text, size_max);
}

}  // namespace

void ProgressMeter::report(bool always) {
    const uint64_t now = clock_.monotonic_ns();
    if (!always && now - reported_at_ns_ < kReportIntervalNs) return;
    reported_at_ns_ = now;
    if (options_.progress) options_.progress(progress_);
}

void ProgressMeter::start(Phase phase, uint64_t total) {
    const MutexLock lock(mutex_);
    progress_.phase = phase;
    progress_.done = 0;
    progress_.total = total;
    report(true);
}

void ProgressMeter::add(uint64_t files, uint64_t bytes) {
    const MutexLock lock(mutex_);
    progress_.done += files;
    progress_.bytes += bytes;
    report(false);
}

void ProgressMeter::finish() {
    const MutexLock lock(mutex_);
    report(true);
}

Status ProgressMeter::check_cancelled() const {
    if (options_.cancel == nullptr || !options_.cancel->load(std::memory_order_relaxed))
        return Status::ok();
    return {ErrorCode::Cancelled, "indexing was cancelled"};
}

Status RunContext::for_each(size_t count, const std::function<Status(size_t, size_t)>& body) const {
    if (count > kSerialCountMax && worker_count > 1)
        return io::parallel_for(executor, count, worker_count, body);
    for (size_t i = 0; i < count; ++i) KAUSAL_TRY(body(0, i));
    return Status::ok();
}

Status RunContext::prepare() {
    progress.start(Phase::List, 0);
    // Whatever is written after this moment may be missed by what is read from now on.
    read_at_ns = clock.wall_ns();
    files = KAUSAL_TRY(list_files(vfs, executor, root, {worker_count, options.cancel}));
    header_is_cpp = has_cpp_sources(files);
    SourceReader reader(vfs, root, options.file_size_bytes_max, header_is_cpp);
    config = discover_config(workspace, files, [&](const ListedFile& file) {
        return reader.read_all(file, uint64_t{1} << 20);
    });
    inputs = family_inputs(config, header_is_cpp);
    return progress.check_cancelled();
}

void read_file_work(const RunContext& context, ParseWorker& worker, FileWork& work) {
    SourceFile& source = worker.source;
    worker.reader.read(*work.listed, source);
    const io::FileInfo& info = work.listed->info;
    FileState& state = work.state;
    state = FileState{};
    state.size_bytes = info.size_bytes;
    state.modified_ns = info.modified_ns;
    state.changed_ns = info.changed_ns;
    state.inode = info.inode;
    state.is_racy = is_racy(info, context.read_at_ns);
    state.content_hash = source.content_hash;
    state.outcome = source.outcome;
    state.reason = source.reason;
    if (source.rules == nullptr) return;
    // The stamps are from the listing: another size means that the file was written since.
    if (source.text.size() != info.size_bytes) state.is_racy = true;
    state.language = source.rules->language;
    work.family = source.rules->family;
}

Status parse_file_work(const RunContext& context, ParseWorker& worker, FileWork& work) {
    SourceFile& source = worker.source;
    FileState& state = work.state;
    if (source.rules == nullptr) return Status::ok();
    auto facts = worker.extractor->extract(*source.rules, work.path, source.text);
    if (!facts) {
        if (facts.error().code() != ErrorCode::Unsupported)
            return std::move(facts).error().with_context(work.path);
        state.outcome = FileOutcome::Opaque;
        state.reason = facts.error().message();
        state.language = format::Language::None;
        source.rules = nullptr;
        return Status::ok();
    }
    state.line_count = facts->line_count;
    if (facts->error_count != 0) {
        state.outcome = FileOutcome::Partial;
        state.reason = std::to_string(facts->error_count) +
                       (facts->error_count == 1 ? " syntax error" : " syntax errors");
        if (!facts->error_lines.empty())
            state.reason += ", first in line " + std::to_string(facts->error_lines.front());
    }
    facts->is_generated = is_generated(source.text);
    declare_file(context.config, *facts, work.symbols);
    facts->encode(work.facts);
    return Status::ok();
}

void declare_file(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols) {
    resolver_of(family_of(facts.language)).declare(config, facts, symbols);
    Symbol& file = symbols.symbols[symbols.file_index];
    if (facts.error_count != 0) file.flags |= format::kBlockPartial;
    if (facts.is_generated) file.flags |= format::kBlockGenerated;
    for (Symbol& symbol : symbols.symbols) {
        bound_text(symbol.name, kSymbolNameBytesMax);
        bound_text(symbol.qualified_name, format::kNameSizeMax);
    }
}

void link_file_work(const WorkspaceConfig& config, const FileFacts& facts, SymbolSource& source,
                    const NameRecorder& names, FileWork& work) {
    work.links = link_symbols(config, facts, work.symbols, source);
    work.keys = names.keys();
}

void count_states(const FileState& state, std::string_view path, IngestReport& report) {
    ++report.files;
    report.bytes += state.size_bytes;
    report.lines += state.line_count;
    switch (state.outcome) {
        case FileOutcome::Indexed:
            ++report.files_indexed;
            return;
        case FileOutcome::Partial:
            ++report.files_indexed;
            ++report.files_partial;
            break;
        case FileOutcome::Opaque:
            ++report.files_opaque;
            break;
        case FileOutcome::Failed:
            ++report.files_failed;
            break;
    }
    report.notes.push_back({std::string(path), state.reason});
}

std::string WorkspaceState::encode() const {
    const Json json = {
        {"inputs", inputs}, {"header_is_cpp", header_is_cpp}, {"blocks", block_count}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<WorkspaceState> WorkspaceState::decode(std::string_view text) {
    const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
    const auto corrupt = [] {
        return fail(ErrorCode::Corrupt, "state of a workspace is malformed");
    };
    if (!json.is_object()) return corrupt();
    const auto inputs = json.find("inputs");
    const auto header = json.find("header_is_cpp");
    const auto blocks = json.find("blocks");
    if (inputs == json.end() || !inputs->is_array() || inputs->size() != kLanguageFamilyCount ||
        header == json.end() || !header->is_boolean() || blocks == json.end() ||
        !blocks->is_number_unsigned())
        return corrupt();
    WorkspaceState state;
    for (size_t i = 0; i < kLanguageFamilyCount; ++i) {
        if (!(*inputs)[i].is_string()) return corrupt();
        state.inputs[i] = (*inputs)[i].get<std::string>();
    }
    state.header_is_cpp = header->get<bool>();
    state.block_count = blocks->get<uint64_t>();
    return state;
}

BlockId workspace_state_id(std::string_view workspace) {
    return BlockId::of(workspace, static_cast<uint16_t>(format::BlockKind::FileFacts),
                       "kausal:workspace-state");
}

}  // namespace kausal::ingest
