// Collects what the query matches of one file say and puts it into the order that FileFacts
// promises.
//
// Matches arrive in any order and may describe one thing several times; the builder merges them by
// the place of the name, finds containers, scopes of locals, doc comments and signatures, and drops
// references that another match explains better. Everything depends on positions only.
#pragma once

#include "ingest/capture.h"
#include "ingest/expression_chain.h"
#include "ingest/facts.h"
#include "ingest/language.h"
#include "ingest/nested_ranges.h"
#include "ingest/query_program.h"
#include "ingest/source_text.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Threads: confined; reused from file to file.
class FactBuilder final : public MatchSink {
  public:
    /// `tree`, with its source, stays until `finish`.
    void start(const LanguageRules& rules, const ExpressionTable& table, const FlatTree& tree,
               FileFacts& facts);
    /// `pattern`: position of the pattern in the query file; earlier ones win where two disagree.
    void match(uint32_t pattern, std::span<const Capture> captures) override;
    void add_comment(NodeIndex node);
    /// Completes the facts given to `start`.
    void finish();

  private:
    struct PendingDefinition {
        DefinitionFact fact;
        uint32_t pattern = 0;
        uint32_t signature_first = 0;
        bool has_name = false;
        NodeIndex body = kNoNode;
    };
    struct PendingContainer {
        uint32_t first = 0;
        uint32_t end = 0;
        NameIndex scope = 0;
        NameIndex trait = 0;
    };
    struct PendingBase {
        uint32_t offset = 0;
        BaseFact fact;
        uint32_t definition = kNone;
    };
    struct PendingLocal {
        LocalFact fact;
        uint32_t name_offset = 0;
        uint32_t node_end = 0;
        bool is_named_elsewhere = false;  // the name stands outside the declaring node
    };
    struct PendingReference {
        uint32_t offset = 0;
        ReferenceRole role = ReferenceRole::Call;
        uint8_t rank = 0;  // among references at one place the lowest stays
        uint8_t argument_count = 255;
        NameIndex name = 0;
        uint32_t link_first = 0;  // receiver, in pending_links_
        uint32_t link_count = 0;
        Chain arguments;  // in the facts' links
    };
    struct PendingImport {
        ImportFact fact;
        uint32_t node_first = 0;
    };
    struct Span {
        uint32_t first = 0;
        uint32_t end = 0;
        friend auto operator<=>(const Span&, const Span&) = default;
    };

    [[nodiscard]] NameIndex folded_name(NodeIndex node);
    [[nodiscard]] SourceRange range_of(uint32_t first, uint32_t end) const;

    void add_definition(uint32_t pattern, CaptureKind kind, NodeIndex node,
                        std::span<const Capture> captures);
    void read_definition_part(const Capture& capture, PendingDefinition& definition);
    void read_name(NodeIndex node, PendingDefinition& definition);
    void count_parameters(NodeIndex list, DefinitionFact& definition) const;
    void add_container(NodeIndex node, std::span<const Capture> captures);
    void add_local(NodeIndex node, std::span<const Capture> captures);
    void add_reference(ReferenceRole role, NodeIndex node, std::span<const Capture> captures);
    [[nodiscard]] Chain chains_of_arguments(NodeIndex list);
    void add_import(NodeIndex node, std::span<const Capture> captures);

    void merge_definitions();
    void absorb_decorators();
    void nest_definitions();
    void write_bases();
    void write_signatures();
    void write_docs();
    [[nodiscard]] SourceRange doc_before(uint32_t offset) const;
    [[nodiscard]] SourceRange docstring_of(NodeIndex body) const;
    void write_locals();
    void write_imports();
    void write_references();
    [[nodiscard]] bool is_first_mention(const PendingReference& reference, uint32_t definition,
                                        bool is_in_declaration);

    const LanguageRules* rules_ = nullptr;
    const FlatTree* tree_ = nullptr;
    std::string_view source_;
    FileFacts* facts_ = nullptr;
    ChainBuilder chains_;
    LineIndex lines_;
    std::string scratch_;

    std::vector<PendingDefinition> definitions_;
    std::vector<PendingContainer> containers_;
    std::vector<PendingBase> bases_;
    std::vector<PendingLocal> locals_;
    std::vector<PendingReference> references_;
    std::vector<ChainLink> pending_links_;
    std::vector<PendingImport> imports_;
    std::vector<Span> import_spans_;
    std::vector<Span> blocks_;
    std::vector<Span> comments_;
    std::vector<Span> decorators_;
    std::vector<uint32_t> name_offsets_;  // of definitions and locals
    NestedRanges definition_ranges_;
    NestedRanges block_ranges_;
    std::vector<uint64_t> seen_;  // open addressing, 0 = free
};

}  // namespace kausal::ingest
