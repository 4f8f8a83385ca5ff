// Binds a few files in memory and prints their edges, for tests of the resolvers without a
// database.
//
//   BindFixture tree({{"main.go", "package main ..."}, {"lib/lib.go", "..."}});
//   tree.config.go_module = "example.com/m";
//   EXPECT_EQ(tree.calls(), "main.go:12 main -> lib.Run resolved import\n...");
#pragma once

#include "facts_dump.h"
#include "ingest/extractor.h"
#include "ingest/resolution.h"
#include "ingest/resolver.h"
#include "ingest/symbol_table.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kausal::ingest::test {

class BindFixture {
  public:
    WorkspaceConfig config;

    explicit BindFixture(std::map<std::string, std::string> sources, bool header_is_cpp = true)
        : sources_(std::move(sources)), header_is_cpp_(header_is_cpp) {
        config.name = "test";
    }

    BindFixture(const BindFixture&) = delete;
    BindFixture& operator=(const BindFixture&) = delete;

    /// All edges as sorted lines: `path:line source -> target type certainty provenance
    /// [confidence]`. Names are qualified names; targets outside are `external NAME` and
    /// `unresolved NAME`.
    std::string edges() {
        return lines([](const BoundEdge&) { return true; });
    }
    /// Only calls, calls_method and calls_function.
    std::string calls() {
        return lines([](const BoundEdge& edge) {
            return edge.type == format::EdgeType::Calls ||
                   edge.type == format::EdgeType::CallsMethod ||
                   edge.type == format::EdgeType::CallsFunction;
        });
    }
    std::string edges_of(format::EdgeType type) {
        return lines([type](const BoundEdge& edge) { return edge.type == type; });
    }
    /// Calls and references to what the tree defines, by place: `path:line -> path:line`. For names
    /// that are defined more than once.
    std::string places() {
        run();
        std::map<BlockId, std::string> place_of;
        for (const auto& file : files_) {
            for (size_t i = 0; i < file->facts.definitions.size(); ++i)
                place_of[file->symbols.symbols[i].id] =
                    file->facts.path + ":" +
                    std::to_string(file->facts.definitions[i].range.line_first);
        }
        std::string out;
        for (const auto& file : files_) {
            for (const BoundEdge& edge : file->edges) {
                const auto place = place_of.find(edge.target);
                if (place == place_of.end()) continue;
                out += file->facts.path + ":" + std::to_string(edge.site_line) + " -> " +
                       place->second + "\n";
            }
        }
        return out;
    }
    /// Symbols after level 1: `kind qualified_name package=... type=... bases=... parent=...`.
    std::string symbols() {
        run();
        std::string out;
        for (const auto& file : files_) {
            for (const Symbol& symbol : file->symbols.symbols) {
                out += std::string(kind_word(symbol.kind)) + " " + symbol.qualified_name +
                       " package=" + symbol.package + " parent=" + name_of(symbol.parent);
                if (symbol.type_id.is_valid()) out += " type=" + name_of(symbol.type_id);
                for (const BlockId& base : symbol.base_ids) out += " base=" + name_of(base);
                if (!symbol.alias_of.empty()) out += " alias=" + symbol.alias_of;
                out += "\n";
            }
        }
        return out;
    }
    /// The facts of one file, as text.
    std::string facts(const std::string& path) {
        run();
        for (const auto& file : files_)
            if (file->facts.path == path) return facts_text(file->facts, sources_[path]);
        return "no such file";
    }
    /// The names that one file's binding asked for, one per line.
    std::string dependencies(const std::string& path) {
        run();
        std::string out;
        for (const auto& file : files_)
            if (file->facts.path == path)
                for (const std::string& name : file->names.names()) out += name + "\n";
        return out;
    }
    std::string errors() {
        run();
        return errors_;
    }

  private:
    struct File {
        FileFacts facts;
        FileSymbols symbols;
        std::vector<LinkedSymbol> links;
        NameRecorder names{true};
        std::vector<BoundEdge> edges;
    };
    class Sink final : public EdgeSink {
      public:
        Sink(BindFixture& owner, File& file) : owner_(owner), file_(file) {}
        void add(const BoundEdge& edge) override { file_.edges.push_back(edge); }
        BlockId external(std::string_view name) override { return outside(19, "external ", name); }
        BlockId unresolved(std::string_view name) override {
            return outside(20, "unresolved ", name);
        }

      private:
        BlockId outside(uint16_t kind, const char* word, std::string_view name) {
            const BlockId id = BlockId::of("test", kind, name);
            owner_.outside_[id] = word + std::string(name);
            return id;
        }
        BindFixture& owner_;
        File& file_;
    };

    static const char* kind_word(format::BlockKind kind) {
        static constexpr const char* kKinds[] = {
            "invalid",  "workspace", "file",      "module",      "function", "method",
            "class",    "struct",    "interface", "enum",        "union",    "alias",
            "constant", "variable",  "field",     "enum_member", "macro"};
        const auto index = static_cast<size_t>(kind);
        return index < std::size(kKinds) ? kKinds[index] : "?";
    }

    void run() {
        if (is_done_) return;
        is_done_ = true;
        const auto extractor = Extractor::create();
        for (const auto& [path, source] : sources_) {
            const std::string_view first_line =
                std::string_view(source).substr(0, source.find('\n'));
            const LanguageRules* rules = detect_language(path, first_line, header_is_cpp_);
            if (rules == nullptr) {
                errors_ += path + ": no language\n";
                continue;
            }
            auto facts = extractor->extract(*rules, path, source);
            if (!facts) {
                errors_ += path + ": " + std::string(facts.error().message()) + "\n";
                continue;
            }
            auto file = std::make_unique<File>();
            file->facts = std::move(*facts);
            resolver_of(rules->family).declare(config, file->facts, file->symbols);
            files_.push_back(std::move(file));
        }
        for (const auto& file : files_) table_.add(file->symbols);
        table_.build_names();
        for (const auto& file : files_) {
            TableSource source(table_, family_of(file->facts.language), file->names);
            file->links = link_symbols(config, file->facts, file->symbols, source);
        }
        for (const auto& file : files_) apply_links(file->links, file->symbols);
        table_.build_members();
        for (const auto& file : files_) {
            const LanguageFamily family = family_of(file->facts.language);
            TableSource source(table_, family, file->names);
            Sink sink(*this, *file);
            resolver_of(family).bind(config, file->facts, file->symbols, source, sink);
        }
    }

    std::string name_of(const BlockId& id) {
        if (const Symbol* symbol = table_.by_id(id)) return symbol->qualified_name;
        const auto found = outside_.find(id);
        return found == outside_.end() ? "?" + id.to_hex() : found->second;
    }

    template <typename Keep>
    std::string lines(Keep keep) {
        static constexpr const char* kTypes[] = {
            "invalid",    "imports", "defined_in", "references", "contains",     "extends",
            "implements", "calls",   "depends_on", "method_of",  "calls_method", "calls_function",
            "overrides",  "tests",   "changed_in", "co_changed"};
        static constexpr const char* kProvenances[] = {
            "unknown",       "syntax",      "scope",    "import",     "package",
            "receiver_type", "inheritance", "dispatch", "name_match", "external",
            "user",          "scip",        "history",  "arity"};
        run();
        std::vector<std::string> all;
        for (const auto& file : files_) {
            for (const BoundEdge& edge : file->edges) {
                if (!keep(edge)) continue;
                const bool is_candidate = edge.certainty == format::Certainty::Candidate;
                const std::string source = edge.source < file->symbols.symbols.size()
                                               ? file->symbols.symbols[edge.source].qualified_name
                                               : "NO SOURCE";
                std::string line = file->facts.path + ":" + std::to_string(edge.site_line) + " " +
                                   source + " -> " + name_of(edge.target) + " " +
                                   kTypes[static_cast<size_t>(edge.type)] +
                                   (is_candidate ? " candidate " : " resolved ") +
                                   kProvenances[static_cast<size_t>(edge.provenance)];
                if (is_candidate) line += " " + std::to_string(edge.confidence);
                all.push_back(std::move(line));
            }
        }
        std::sort(all.begin(), all.end());
        std::string out = errors_;
        for (const std::string& line : all) out += line + "\n";
        return out;
    }

    std::map<std::string, std::string> sources_;
    bool header_is_cpp_;
    bool is_done_ = false;
    std::vector<std::unique_ptr<File>> files_;
    SymbolTable table_;
    std::map<BlockId, std::string> outside_;
    std::string errors_;
};

}  // namespace kausal::ingest::test
