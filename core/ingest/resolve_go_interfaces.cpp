// Decides which Go types implement which interfaces by comparing method sets.
#include "ingest/resolve_go_interfaces.h"

#include <algorithm>
#include <map>

namespace kausal::ingest::go {
namespace {

using format::BlockKind;

bool is_unexported(std::string_view name) noexcept {
    return name.empty() || name[0] < 'A' || name[0] > 'Z';
}

class Matcher {
  public:
    Matcher(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source, Scope& scope,
            EdgeSink& sink)
        : facts_(facts), symbols_(symbols), source_(source), scope_(scope), sink_(sink) {}

    void run() {
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            const DefinitionFact& definition = facts_.definitions[i];
            if (definition.kind == BlockKind::Method && definition.scope != 0) bind_method(i);
        }
        for (const auto& [type, interfaces] : implemented_) {
            for (const Symbol* interface : interfaces) {
                add(type, interface->id, format::EdgeType::Implements, interface->package);
            }
        }
    }

  private:
    /// What an interface demands, embedded interfaces included; incomplete when one is not known.
    struct Demands {
        std::vector<const Symbol*> methods;
        bool is_complete = true;
    };

    const Demands& demands_of(const Symbol& interface) {
        const auto known = demands_.find(&interface);
        if (known != demands_.end()) return known->second;
        Demands demands;
        std::vector<const Symbol*> todo{&interface};
        for (size_t i = 0; i < todo.size() && todo.size() < 32; ++i) {
            const Symbol* part = todo[i];
            for (const std::string& name : part->member_names) {
                const Symbol* method = scope_.own_member(*part, name);
                if (method != nullptr) demands.methods.push_back(method);
            }
            for (const std::string& base : part->bases) {
                const Symbol* symbol = scope_.type_named(name_of(base), part->package);
                if (symbol == nullptr || symbol->kind != BlockKind::Interface) {
                    demands.is_complete = false;
                } else if (std::find(todo.begin(), todo.end(), symbol) == todo.end()) {
                    todo.push_back(symbol);
                }
            }
        }
        return demands_.emplace(&interface, std::move(demands)).first->second;
    }

    static bool fits(const Symbol& method, const Symbol& demanded) {
        return method.parameter_count == demanded.parameter_count &&
               method.is_variadic == demanded.is_variadic &&
               (method.type == demanded.type ||
                comparable_results(method.type) == comparable_results(demanded.type));
    }

    bool satisfies(const Symbol& type, const Symbol& interface) {
        const Demands& demands = demands_of(interface);
        if (!demands.is_complete || demands.methods.empty()) return false;
        for (const Symbol* demanded : demands.methods) {
            if (is_unexported(demanded->name) && demanded->package != type.package) return false;
            const Scope::Member member = scope_.member_of_type(type, demanded->name);
            if (member.symbol == nullptr || member.symbol->kind != BlockKind::Method ||
                !fits(*member.symbol, *demanded))
                return false;
        }
        return true;
    }

    void bind_method(uint32_t index) {
        const Symbol& method = symbols_.symbols[index];
        TypeName owner_name;
        owner_name.name = facts_.text(facts_.definitions[index].scope);
        const Symbol* owner = scope_.type_named(owner_name, scope_.package());
        if (owner == nullptr || owner->kind == BlockKind::Interface) return;
        const bool is_local = is_unexported(method.name);
        const auto same_name = is_local ? source_.in_package(scope_.package(), method.name)
                                        : source_.named(method.name);
        std::vector<const Symbol*> found;
        for (const Symbol* other : same_name) {
            if (other->kind != BlockKind::Method || (other->flags & format::kBlockAbstract) == 0 ||
                !fits(method, *other) || !scope_.sees(*other))
                continue;
            const Symbol* interface = source_.by_id(other->parent);
            if (interface == nullptr || interface->kind != BlockKind::Interface) continue;
            if (satisfies(*owner, *interface)) found.push_back(other);
        }
        std::stable_sort(
            found.begin(), found.end(), [this](const Symbol* left, const Symbol* right) {
                return (left->package == scope_.package()) > (right->package == scope_.package());
            });
        if (found.size() > kInterfacesMax) found.resize(kInterfacesMax);
        for (const Symbol* other : found) {
            add(index, other->id, format::EdgeType::Overrides, other->package);
            note_implemented(*owner, *source_.by_id(other->parent));
        }
    }

    /// Only a type of this file can be the source of an edge.
    void note_implemented(const Symbol& owner, const Symbol& interface) {
        if (owner.path != facts_.path) return;
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            if (symbols_.symbols[i].id != owner.id) continue;
            auto& interfaces = implemented_[i];
            if (interfaces.size() < kInterfacesMax &&
                std::find(interfaces.begin(), interfaces.end(), &interface) == interfaces.end())
                interfaces.push_back(&interface);
            return;
        }
    }

    void add(uint32_t from, const BlockId& target, format::EdgeType type,
             std::string_view package) {
        BoundEdge edge;
        edge.source = from;
        edge.target = target;
        edge.type = type;
        edge.provenance = package == scope_.package() ? format::Provenance::Package
                                                      : format::Provenance::Dispatch;
        edge.site_offset = facts_.definitions[from].name_offset;
        edge.site_line = facts_.definitions[from].range.line_first;
        sink_.add(edge);
    }

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    Scope& scope_;
    EdgeSink& sink_;
    std::unordered_map<const Symbol*, Demands> demands_;
    std::map<uint32_t, std::vector<const Symbol*>> implemented_;
};

}  // namespace

void bind_interfaces(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source,
                     Scope& scope, EdgeSink& sink) {
    Matcher(facts, symbols, source, scope, sink).run();
}

}  // namespace kausal::ingest::go
