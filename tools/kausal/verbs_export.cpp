// Verbs that take the graph out and bring it in: export, dump, load.
#include "verbs.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace kausal::tool {
namespace {

struct Node {
    std::string id, kind, name, uri;
    uint32_t line = 0;
    std::string workspace;
};
struct Edge {
    std::string source, target, type, certainty;
    uint32_t line = 0;
};
/// What an export writes: nodes in order of id, edges in key order.
struct Graph {
    std::vector<Node> nodes;
    std::vector<Edge> edges;
};

bool is_inner(uint32_t kind) {
    return kind == KAUSAL_KIND_FILE_FACTS || kind == KAUSAL_KIND_WORKSPACE;
}

Node node_of(const RowView& row) {
    return {row.id("id").hex(),    kind_of(row),
            block_name(row),       std::string(row.text("uri")),
            row.u32("line_first"), std::string(row.text("workspace"))};
}

Edge edge_of(const RowView& row, std::string_view source, std::string_view target,
             std::string_view type, std::string_view line) {
    return {row.id(source).hex(), row.id(target).hex(), kausal_edge_type_name(row.u32(type)),
            row.u32("certainty") == KAUSAL_CERTAINTY_RESOLVED ? "resolved" : "candidate",
            row.u32(line)};
}

Graph whole_graph(Database& database, const QueryOptions& options) {
    Graph graph;
    std::unordered_set<std::string> known;
    Rows blocks = take(database.scan_blocks(options));
    take(blocks.for_each([&](const RowView& row) {
        if (is_inner(row.u32("kind"))) return;
        graph.nodes.push_back(node_of(row));
        known.insert(graph.nodes.back().id);
    }));
    Rows edges = take(database.scan_edges());
    take(edges.for_each([&](const RowView& row) {
        Edge edge = edge_of(row, "source", "target", "type", "site_line");
        if (known.contains(edge.source) && known.contains(edge.target))
            graph.edges.push_back(std::move(edge));
    }));
    return graph;
}

Graph graph_around(Session& session, const std::string& target, uint32_t depth) {
    const Id id = session.target(target);
    QueryOptions options;
    options.depth(depth).direction(KAUSAL_DIRECTION_BOTH);
    options.raw.candidates = 1;
    Graph graph;
    std::unordered_set<std::string> known;
    const auto center = take(session.read().get_block(id));
    if (center) {
        graph.nodes.push_back(
            {id.hex(), kausal_kind_name(center->kind()),
             std::string(center->qualified_name().empty() ? center->name()
                                                          : center->qualified_name()),
             std::string(center->uri()), center->fields().line_first});
        known.insert(id.hex());
    }
    std::vector<Id> reached = {id};
    Rows rows = take(session.read().neighbours(id, options));
    take(rows.for_each([&](const RowView& row) {
        if (is_inner(row.u32("kind"))) return;
        Node node = node_of(row);
        if (!known.insert(node.id).second) return;
        reached.push_back(row.id("id"));
        graph.nodes.push_back(std::move(node));
    }));
    // The edges among all that was reached, each seen once from its source.
    QueryOptions out;
    out.depth(1).direction(KAUSAL_DIRECTION_OUT);
    out.raw.candidates = 1;
    for (const Id& source : reached) {
        Rows edges = take(session.read().neighbours(source, out));
        take(edges.for_each([&](const RowView& row) {
            Edge edge = edge_of(row, "edge_source", "edge_target", "edge_type", "site_line");
            if (known.contains(edge.target)) graph.edges.push_back(std::move(edge));
        }));
    }
    return graph;
}

std::string dot_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out + "\"";
}

void write_dot(const Graph& graph, std::ostream& out) {
    out << "digraph kausal {\n  rankdir=LR;\n  node [shape=box];\n";
    for (const Node& node : graph.nodes) {
        out << "  " << dot_text(node.id) << " [label=" << dot_text(node.name) << ", tooltip="
            << dot_text(node.kind + " " + Places(true).at(node.workspace, node.uri, node.line))
            << "];\n";
    }
    for (const Edge& edge : graph.edges) {
        out << "  " << dot_text(edge.source) << " -> " << dot_text(edge.target)
            << " [label=" << dot_text(edge.type);
        if (edge.certainty == "candidate") out << ", style=dashed";
        out << "];\n";
    }
    out << "}\n";
}

std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // Control characters have no place in XML 1.0.
                out += static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c;
        }
    }
    return out;
}

void write_graphml(const Graph& graph, std::ostream& out) {
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";
    for (const char* key : {"kind", "name", "uri", "workspace"}) {
        out << "  <key id=\"" << key << "\" for=\"node\" attr.name=\"" << key
            << "\" attr.type=\"string\"/>\n";
    }
    out << "  <key id=\"line\" for=\"all\" attr.name=\"line\" attr.type=\"int\"/>\n"
           "  <key id=\"type\" for=\"edge\" attr.name=\"type\" attr.type=\"string\"/>\n"
           "  <key id=\"certainty\" for=\"edge\" attr.name=\"certainty\" attr.type=\"string\"/>\n"
           "  <graph edgedefault=\"directed\">\n";
    for (const Node& node : graph.nodes) {
        out << "    <node id=\"" << node.id << "\"><data key=\"kind\">" << xml_text(node.kind)
            << "</data><data key=\"name\">" << xml_text(node.name) << "</data><data key=\"uri\">"
            << xml_text(node.uri) << "</data><data key=\"line\">" << node.line
            << "</data><data key=\"workspace\">" << xml_text(node.workspace) << "</data></node>\n";
    }
    for (const Edge& edge : graph.edges) {
        out << "    <edge source=\"" << edge.source << "\" target=\"" << edge.target
            << "\"><data key=\"type\">" << xml_text(edge.type) << "</data><data key=\"certainty\">"
            << edge.certainty << "</data><data key=\"line\">" << edge.line << "</data></edge>\n";
    }
    out << "  </graph>\n</graphml>\n";
}

void write_jsonl(const Graph& graph, std::ostream& out) {
    using Json = nlohmann::ordered_json;
    const auto line = [&](const Json& json) {
        out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    };
    for (const Node& node : graph.nodes) {
        line({{"node", node.id},
              {"kind", node.kind},
              {"name", node.name},
              {"uri", node.uri},
              {"line", node.line},
              {"workspace", node.workspace}});
    }
    for (const Edge& edge : graph.edges) {
        line({{"edge", edge.type},
              {"source", edge.source},
              {"target", edge.target},
              {"certainty", edge.certainty},
              {"line", edge.line}});
    }
}

/// Standard output, or a file; stops when it cannot be written whole.
class Sink {
  public:
    explicit Sink(const std::string& path) : path_(path) {
        if (path.empty() || path == "-") return;
        file_.open(path, std::ios::binary | std::ios::trunc);
        if (!file_) throw Stop(Exit::Failure, "'" + path + "' cannot be written");
    }
    [[nodiscard]] std::ostream& stream() { return file_.is_open() ? file_ : std::cout; }
    void finish() {
        stream().flush();
        if (!stream())
            throw Stop(Exit::Failure, "not everything could be written" +
                                          (path_.empty() ? "" : " to '" + path_ + "'"));
    }

  private:
    std::string path_;
    std::ofstream file_;
};

void add_export(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "export", "the graph for other programs: dot, graphml or jsonl",
                              "kausal export --as dot --around Server.Serve --depth 2\n"
                              "kausal export --as graphml --out graph.xml");
    auto as = std::make_shared<std::string>();
    auto around = std::make_shared<std::string>();
    auto depth = std::make_shared<uint32_t>(2);
    auto path = std::make_shared<std::string>();
    auto filter = std::make_shared<FilterOptions>();
    // `--format` after this verb names the export's own format, as it does before any other verb's
    // output.
    verb->add_option("--as,--format", *as, "dot, graphml or jsonl")
        ->required()
        ->check(CLI::IsMember({"dot", "graphml", "jsonl"}));
    verb->add_option("--around", *around, "only what is near this target");
    verb->add_option("--depth", *depth, "how near, in steps")
        ->check(CLI::Range(1U, 64U))
        ->capture_default_str();
    verb->add_option("--out", *path, "a file instead of standard output");
    filter->add_to(*verb);
    verb->callback([&session, as, around, depth, path, filter] {
        session.run = [&session, as, around, depth, path, filter] {
            const Graph graph = around->empty() ? whole_graph(session.read(), filter->query())
                                                : graph_around(session, *around, *depth);
            Sink sink(*path);
            if (*as == "dot") write_dot(graph, sink.stream());
            if (*as == "graphml") write_graphml(graph, sink.stream());
            if (*as == "jsonl") write_jsonl(graph, sink.stream());
            sink.finish();
            return exit_of(graph.nodes.size());
        };
    });
}

void add_dump(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "dump", "the whole database as stable text",
                              "kausal dump --out graph.txt\n"
                              "kausal dump | sha256sum");
    auto path = std::make_shared<std::string>();
    verb->add_option("--out", *path, "a file instead of standard output");
    verb->callback([&session, path] {
        session.run = [&session, path] {
            Rows rows = take(session.read().dump());
            Sink sink(*path);
            take(rows.for_each(
                [&](const RowView& row) { sink.stream() << row.text("line") << '\n'; }));
            sink.finish();
            return Exit::Found;
        };
    });
}

void add_load(CLI::App& app, Session& session) {
    CLI::App* verb = add_verb(app, "load", "read a dump into a database, in one commit",
                              "kausal --db copy load graph.txt\n"
                              "kausal dump | kausal --db copy load -");
    auto path = std::make_shared<std::string>("-");
    verb->add_option("FILE", *path, "the dump; '-' is standard input")->capture_default_str();
    verb->callback([&session, path] {
        session.run = [&session, path] {
            std::ifstream file;
            if (*path != "-") {
                file.open(*path, std::ios::binary);
                if (!file) throw Stop(Exit::Failure, "'" + *path + "' cannot be read");
            }
            std::istream& in = *path == "-" ? std::cin : file;
            Database& database =
                session.write(session.database_path.empty() ? ".kausal" : session.database_path);
            Loader loader = take(database.loader());
            std::string piece(size_t{1} << 20, '\0');
            const auto checked = [](Result<void> fed) {
                if (!fed) throw Stop(Exit::Failure, fed.error().message());
            };
            while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
                   in.gcount() > 0) {
                checked(loader.feed({piece.data(), static_cast<size_t>(in.gcount())}));
            }
            auto finished = loader.finish();
            if (!finished) throw Stop(Exit::Failure, finished.error().message());
            if (session.output().is_text()) std::cout << "loaded\n";
            return Exit::Found;
        };
    });
}

}  // namespace

void add_export_verbs(CLI::App& app, Session& session) {
    add_export(app, session);
    add_dump(app, session);
    add_load(app, session);
}

}  // namespace kausal::tool
