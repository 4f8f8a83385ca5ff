// Parses one file, runs its language's query over the tree, hands the matches to the fact builder.
//
// The limit on parsing counts the parser's own steps, not time, so that the same file always gets the
// same answer.
#include "ingest/extractor.h"

#include <algorithm>
#include <array>

#include <tree_sitter/api.h>

#include "ingest/fact_builder.h"
#include "ingest/query_program.h"

namespace kausal::ingest {
namespace {

// The parser reports every hundred steps; a healthy file takes about one step per token. Damaged files
// with many parallel readings take more, and this many are let through per byte and at least.
constexpr uint64_t kReportsPerKilobyte = 400;
constexpr uint64_t kReportsMin = 20000;
// Deep trees (generated tables of nested expressions) are walked without recursion, except for chains.
constexpr size_t kLanguageSlots = 16;

struct ParserDeleter {
    void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using TreePointer = std::unique_ptr<TSTree, TreeDeleter>;

struct ParseInput {
    std::string_view source;
    uint64_t reports_left = 0;
};

const char* read_source(void* payload, uint32_t offset, TSPoint, uint32_t* size) {
    const std::string_view source = static_cast<const ParseInput*>(payload)->source;
    *size = offset < source.size() ? static_cast<uint32_t>(source.size() - offset) : 0;
    return *size == 0 ? "" : source.data() + offset;
}

bool stop_when_exhausted(TSParseState* state) {
    auto* input = static_cast<ParseInput*>(state->payload);
    if (input->reports_left == 0) return true;
    --input->reports_left;
    return false;
}

/// Counts error and missing nodes, looking only where the tree says that there are some.
void count_errors(TSNode root, FileFacts& facts) {
    if (!ts_node_has_error(root)) return;
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    bool is_done = false;
    while (!is_done) {
        const TSNode node = ts_tree_cursor_current_node(&cursor);
        const bool is_error = ts_node_is_error(node) || ts_node_is_missing(node);
        if (is_error) {
            ++facts.error_count;
            const uint32_t line = ts_node_start_point(node).row + 1;
            if (facts.error_lines.size() < FileFacts::kErrorLinesMax)
                facts.error_lines.push_back(line);
        }
        if (!is_error && ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor))
            continue;
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            if (!ts_tree_cursor_goto_parent(&cursor)) {
                is_done = true;
                break;
            }
        }
    }
    ts_tree_cursor_delete(&cursor);
}

class TreeExtractor final : public Extractor {
  public:
    TreeExtractor() : parser_(ts_parser_new()) {}
    Result<FileFacts> extract(const LanguageRules& rules, std::string_view path,
                              std::string_view source) override;

  private:
    struct Prepared {
        std::unique_ptr<QueryProgram> program;
        std::unique_ptr<ExpressionTable> table;
    };
    Result<Prepared*> prepared(const LanguageRules& rules);
    Result<TreePointer> parse(const LanguageRules& rules, std::string_view source);

    std::unique_ptr<TSParser, ParserDeleter> parser_;
    std::array<Prepared, kLanguageSlots> prepared_;
    FactBuilder builder_;
};

Result<TreeExtractor::Prepared*> TreeExtractor::prepared(const LanguageRules& rules) {
    const auto slot = static_cast<size_t>(rules.language);
    if (slot >= prepared_.size()) return fail(ErrorCode::Internal, "language number out of range");
    Prepared& prepared = prepared_[slot];
    if (!prepared.program) {
        prepared.program = KAUSAL_TRY(QueryProgram::compile(rules));
        prepared.table = std::make_unique<ExpressionTable>(rules);
    }
    return &prepared;
}

Result<TreePointer> TreeExtractor::parse(const LanguageRules& rules, std::string_view source) {
    if (!ts_parser_set_language(parser_.get(), rules.grammar()))
        return fail(ErrorCode::Internal, "grammar does not fit the parser library");
    ParseInput input{source, std::max(kReportsMin, source.size() / 1024 * kReportsPerKilobyte)};
    const TSInput reader{&input, read_source, TSInputEncodingUTF8, nullptr};
    const TSParseOptions options{&input, stop_when_exhausted};
    TreePointer tree(ts_parser_parse_with_options(parser_.get(), nullptr, reader, options));
    if (!tree) {
        ts_parser_reset(parser_.get());
        return fail(ErrorCode::Unsupported, "too ambiguous to parse");
    }
    return tree;
}

Result<FileFacts> TreeExtractor::extract(const LanguageRules& rules, std::string_view path,
                                         std::string_view source) {
    if (source.size() > UINT32_MAX / 2) return fail(ErrorCode::Unsupported, "too large to parse");
    Prepared* prepared = KAUSAL_TRY(this->prepared(rules));
    const TreePointer tree = KAUSAL_TRY(parse(rules, source));
    const TSNode root = ts_tree_root_node(tree.get());
    FileFacts facts;
    facts.language = rules.language;
    facts.path = path;
    builder_.start(rules, *prepared->table, source, facts);
    prepared->program->run(
        root, source,
        [this](uint32_t pattern, std::span<const Capture> captures) {
            builder_.add_match(pattern, captures);
        },
        [this](TSNode node) { builder_.add_comment(node); });
    builder_.finish();
    count_errors(root, facts);
    if (rules.finish != nullptr) rules.finish(root, source, facts);
    return facts;
}

}  // namespace

std::unique_ptr<Extractor> Extractor::create() { return std::make_unique<TreeExtractor>(); }

}  // namespace kausal::ingest
