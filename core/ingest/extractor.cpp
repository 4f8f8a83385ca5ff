// Parses one file, runs its language's query over the tree, hands the matches to the fact builder.
//
// The limit on parsing counts the parser's own steps, not time, so that the same file always gets
// the same answer.
#include "ingest/extractor.h"

#include "base/assert.h"
#include "ingest/fact_builder.h"
#include "ingest/query_program.h"
#include "ingest/source_text.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <optional>

namespace kausal::ingest {
namespace {

// The parser reports every hundred steps; a healthy file takes about one step per token. Damaged
// files with many parallel readings take more, and this many are let through per byte and at least.
constexpr uint64_t kReportsPerKilobyte = 400;
constexpr uint64_t kReportsMin = 20000;
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

class TreeExtractor final : public Extractor {
  public:
    TreeExtractor() : parser_(ts_parser_new()) {}
    Result<FileFacts> extract(const LanguageRules& rules, std::string_view path,
                              std::string_view source) override;

  private:
    struct Prepared {
        std::optional<QueryProgram> program;
        std::optional<ExpressionTable> table;
        TreeNeeds needs;
        std::vector<bool> is_comment;  // by symbol
    };
    Result<Prepared*> prepared(const LanguageRules& rules);
    static void mark_parameter_needs(const LanguageRules& rules, TreeNeeds& needs);
    void write_errors(FileFacts& facts) const;
    Result<TreePointer> parse(const LanguageRules& rules, std::string_view source);

    std::unique_ptr<TSParser, ParserDeleter> parser_;
    std::array<Prepared, kLanguageSlots> prepared_;
    std::string prepared_source_;
    FlatTree tree_;
    FactBuilder builder_;
};

/// Counting parameters looks at fields of parameters and at the token of variadic ones.
void TreeExtractor::mark_parameter_needs(const LanguageRules& rules, TreeNeeds& needs) {
    const TSLanguage* grammar = rules.grammar();
    for (const std::string_view name :
         {"required_parameter", "parameter", "typed_parameter", "parameter_declaration"}) {
        needs.need_fields(ts_language_symbol_for_name(grammar, name.data(),
                                                      static_cast<uint32_t>(name.size()), true));
    }
    needs.keep_token(ts_language_symbol_for_name(grammar, "...", 3, false));
}

void TreeExtractor::write_errors(FileFacts& facts) const {
    facts.error_count = static_cast<uint32_t>(tree_.errors().size());
    for (const NodeIndex node : tree_.errors()) {
        if (facts.error_lines.size() == FileFacts::kErrorLinesMax) break;
        const std::string_view before = tree_.source().substr(0, tree_[node].byte_first);
        facts.error_lines.push_back(static_cast<uint32_t>(count_newlines(before)) + 1);
    }
}

Result<TreeExtractor::Prepared*> TreeExtractor::prepared(const LanguageRules& rules) {
    const auto slot = static_cast<size_t>(rules.language);
    if (slot >= prepared_.size()) return fail(ErrorCode::Internal, "language number out of range");
    Prepared& prepared = prepared_[slot];
    if (!prepared.program) {
        const TSLanguage* grammar = rules.grammar();
        TreeNeeds needs(grammar);
        prepared.table.emplace(rules, needs);
        mark_parameter_needs(rules, needs);
        prepared.is_comment.assign(ts_language_symbol_count(grammar), false);
        for (const std::string_view name : rules.comments) {
            const TSSymbol symbol = ts_language_symbol_for_name(
                grammar, name.data(), static_cast<uint32_t>(name.size()), true);
            if (symbol == 0)
                return fail(ErrorCode::Internal, "no comment node " + std::string(name));
            prepared.is_comment[symbol] = true;
        }
        prepared.program = KAUSAL_TRY(QueryProgram::compile(grammar, rules.query, needs));
        prepared.needs = std::move(needs);
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
    if (rules.prepare != nullptr && rules.prepare(source, prepared_source_)) {
        KAUSAL_ASSERT(prepared_source_.size() == source.size());
        source = prepared_source_;
    }
    const TreePointer tree = KAUSAL_TRY(parse(rules, source));
    const TSNode root = ts_tree_root_node(tree.get());
    FileFacts facts;
    facts.language = rules.language;
    facts.path = path;
    tree_.fill(rules.grammar(), root, prepared->needs, source);
    builder_.start(rules, *prepared->table, tree_, facts);
    for (NodeIndex node = 0; node < tree_.size(); ++node) {
        if (tree_[node].symbol < prepared->is_comment.size() &&
            prepared->is_comment[tree_[node].symbol])
            builder_.add_comment(node);
    }
    prepared->program->run(tree_, builder_);
    builder_.finish();
    write_errors(facts);
    if (rules.finish != nullptr) rules.finish(root, source, facts);
    return facts;
}

}  // namespace

std::unique_ptr<Extractor> Extractor::create() {
    return std::make_unique<TreeExtractor>();
}

}  // namespace kausal::ingest
