// Python as data: node names of expressions, and what the query cannot say.
//
// The finish hook moves attributes that methods assign into their class, keeps one definition per
// variable and field (further assignments become locals that the resolver reads), and sets the
// flags that decorators, names and the file's own name tell. Queries: queries/python.scm. What is
// bound with which evidence: docs/languages/python.md.
#include "ingest/definition_removal.h"
#include "ingest/language.h"
#include "ingest/query_text.h"
#include "ingest/resolve_python_facts.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

extern "C" const TSLanguage* tree_sitter_python(void);

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::string_view kExtensions[] = {".py", ".pyi", ".pyw"};
constexpr std::string_view kFileNames[] = {"SConstruct", "SConscript", "wscript"};
constexpr std::string_view kInterpreters[] = {"python", "pypy"};
constexpr std::string_view kComments[] = {"comment"};
constexpr ExpressionRules::Access kAccesses[] = {{"attribute", "object", "attribute", 0}};
constexpr ExpressionRules::Call kCalls[] = {{"call", "function", 0}};
constexpr ExpressionRules::Transparent kTransparents[] = {
    {"parenthesized_expression", "", false},
    {"await", "", false},
    {"named_expression", "value", false},
};
constexpr std::string_view kIndexes[] = {"subscript"};
constexpr std::string_view kIdentifiers[] = {"identifier"};

bool is_binding(BlockKind kind) noexcept {
    return kind == BlockKind::Field || kind == BlockKind::Variable;
}

class PythonFinish {
  public:
    PythonFinish(std::string_view source, FileFacts& facts) : source_(source), facts_(facts) {}

    void run() {
        move_fields();
        drop_repeated();
        tidy_locals();
        set_flags();
    }

  private:
    [[nodiscard]] BlockKind kind_at(uint32_t index) const {
        return index == kNone ? BlockKind::File : facts_.definitions[index].kind;
    }

    /// self.x = ... in a method defines x in the class around it; elsewhere it defines nothing.
    void move_fields() {
        dropped_.assign(facts_.definitions.size(), false);
        for (size_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            if (definition.kind != BlockKind::Field ||
                kind_at(definition.container) == BlockKind::Class)
                continue;
            uint32_t owner = definition.container;
            while (owner != kNone && kind_at(owner) != BlockKind::Class)
                owner = facts_.definitions[owner].container;
            definition.container = owner;
            if (owner == kNone) {
                dropped_[i] = true;
            } else {
                show_whole_line(definition);
            }
        }
    }

    /// The node of such a field is the bare name; people want to see the statement.
    void show_whole_line(DefinitionFact& definition) {
        size_t first = source_.rfind('\n', definition.name_offset);
        first = first == std::string_view::npos ? 0 : first + 1;
        while (first < definition.name_offset && (source_[first] == ' ' || source_[first] == '\t'))
            ++first;
        size_t end = std::min(source_.find('\n', definition.name_offset), source_.size());
        while (end > first && (source_[end - 1] == '\r' || source_[end - 1] == ' ')) --end;
        constexpr size_t kBytesMax = 200;
        end = std::max<size_t>(std::min(end, first + kBytesMax), definition.range.byte_end);
        definition.range.byte_first = static_cast<uint32_t>(first);
        definition.range.byte_end = static_cast<uint32_t>(end);
        definition.body_first = definition.range.byte_end;
        // A cut in the middle of a character would not be text any more.
        while (end > first && end < source_.size() && (source_[end] & 0xc0) == 0x80) --end;
        definition.signature = facts_.intern(source_.substr(first, end - first));
    }

    /// The first definition of a variable or field stays; what the others say of it is kept as
    /// locals.
    void drop_repeated() {
        std::unordered_map<uint64_t, uint32_t> first_of;
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            if (!is_binding(definition.kind) || dropped_[i]) continue;
            const uint64_t key = uint64_t{definition.container} << 32 | definition.name;
            const auto [found, is_first] = first_of.emplace(key, i);
            if (is_first) continue;
            dropped_[i] = true;
            DefinitionFact& kept = facts_.definitions[found->second];
            if (kept.type == 0) kept.type = definition.type;
            if (definition.value.count == 0) continue;
            LocalFact local;
            local.definition = definition.container;
            local.name = definition.name;
            local.value = definition.value;
            extra_locals_.push_back(local);
        }
        remove_definitions(facts_, dropped_, extra_locals_);
    }

    /// Names bound at file and class level are definitions, not locals; comprehension variables in
    /// their initialisers belong to the code around.
    void tidy_locals() {
        auto& locals = facts_.locals;
        std::erase_if(locals, [&](const LocalFact& local) {
            if (local.definition == kNone) return false;
            const DefinitionFact& around = facts_.definitions[local.definition];
            if (around.name != local.name) return false;
            // The name of a lambda is a definition as well.
            const bool is_opaque =
                local.value.count == 1 &&
                (facts_.links[local.value.first].flags & ChainLink::kOpaque) != 0;
            return is_binding(around.kind) || is_opaque;
        });
        for (LocalFact& local : locals) {
            while (is_binding(kind_at(local.definition)))
                local.definition = facts_.definitions[local.definition].container;
        }
        locals.insert(locals.begin(), extra_locals_.begin(), extra_locals_.end());
    }

    void set_flags() {
        const bool is_test_file = python::is_test_path(facts_.path);
        for (DefinitionFact& definition : facts_.definitions) {
            const std::string_view name = facts_.text(definition.name);
            const BlockKind around = kind_at(definition.container);
            const bool is_dunder =
                name.size() > 4 && name.starts_with("__") && name.ends_with("__");
            if ((!name.starts_with('_') || is_dunder) && !is_callable_kind(around))
                definition.flags |= format::kBlockExported;
            if (!is_callable_kind(definition.kind)) continue;
            if (definition.kind == BlockKind::Method &&
                (name == "__init__" || name == "__new__" || name == "__post_init__"))
                definition.flags |= format::kBlockConstructor;
            if (around == BlockKind::File && name == "main")
                definition.flags |= format::kBlockEntryPoint;
            if (is_test_name(name) && !is_callable_kind(around) &&
                (is_test_file || is_test_case(definition.container)))
                definition.flags |= format::kBlockTest;
        }
        for (const ReferenceFact& reference : facts_.references) {
            if (reference.role == ReferenceRole::Decorator && reference.definition != kNone)
                apply_decorator(reference);
        }
        for (DefinitionFact& definition : facts_.definitions) {
            // The receiver is no argument of a call.
            const bool has_receiver = definition.kind == BlockKind::Method &&
                                      !python::is_static_method(facts_, definition);
            if (!has_receiver || python::first_parameter(facts_, definition).empty()) continue;
            if (definition.parameter_count != 0) --definition.parameter_count;
            if (definition.parameter_count_min != 0) --definition.parameter_count_min;
        }
    }

    static bool is_callable_kind(BlockKind kind) noexcept {
        return kind == BlockKind::Function || kind == BlockKind::Method;
    }

    static bool is_test_name(std::string_view name) {
        return name.starts_with("test") &&
               (name.size() == 4 || name[4] == '_' || (name[4] >= 'A' && name[4] <= 'Z') ||
                (name[4] >= '0' && name[4] <= '9'));
    }

    [[nodiscard]] bool is_test_case(uint32_t container) const {
        if (kind_at(container) != BlockKind::Class) return false;
        const DefinitionFact& type = facts_.definitions[container];
        for (uint32_t i = 0; i < type.base_count; ++i) {
            if (facts_.text(facts_.bases[type.base_first + i].type).ends_with("TestCase"))
                return true;
        }
        return false;
    }

    void apply_decorator(const ReferenceFact& reference) {
        DefinitionFact& definition = facts_.definitions[reference.definition];
        const std::string_view name = facts_.text(reference.name);
        const std::string_view module =
            reference.receiver.count == 0
                ? std::string_view()
                : facts_.text(facts_.links[reference.receiver.first].name);
        if (name == "staticmethod" || name == "classmethod") {
            definition.flags |= format::kBlockStatic;
        } else if (name == "abstractmethod" || name == "abstractproperty") {
            definition.flags |= format::kBlockAbstract;
        } else if (name == "overload") {
            definition.flags |= format::kBlockDeclaration;
        } else if (name == "override") {
            definition.flags |= format::kBlockOverride;
        } else if (!python::is_plain_decorator(module, name)) {
            definition.flags |= format::kBlockReflected;
        }
    }

    std::string_view source_;
    FileFacts& facts_;
    std::vector<bool> dropped_;
    std::vector<LocalFact> extra_locals_;
};

void finish_python(const TSNode& root, std::string_view source, FileFacts& facts) {
    (void)root;
    PythonFinish(source, facts).run();
}

}  // namespace

const LanguageRules& python_language() {
    static const LanguageRules rules = [] {
        LanguageRules r;
        r.language = format::Language::Python;
        r.family = LanguageFamily::Python;
        r.grammar = tree_sitter_python;
        r.query = query_text("python");
        r.extensions = kExtensions;
        r.file_names = kFileNames;
        r.interpreters = kInterpreters;
        r.comments = kComments;
        r.has_docstrings = true;
        r.expressions.accesses = kAccesses;
        r.expressions.calls = kCalls;
        r.expressions.transparents = kTransparents;
        r.expressions.indexes = kIndexes;
        r.expressions.identifiers = kIdentifiers;
        r.finish = finish_python;
        return r;
    }();
    return rules;
}

}  // namespace kausal::ingest
