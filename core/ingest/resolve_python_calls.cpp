// What calls, subscripts and loops yield, and where modules are found.
#include "ingest/resolution.h"
#include "ingest/resolve_python_library.h"
#include "ingest/resolve_python_values.h"

#include <algorithm>

namespace kausal::ingest::python {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

void add_value(const Value& value, Values& into) {
    if (std::find(into.items.begin(), into.items.end(), value) == into.items.end())
        into.items.push_back(value);
}

}  // namespace

std::string Evaluator::outside_path(std::string_view text) {
    if (text.find('|') != std::string_view::npos) return {};
    std::string path;
    for (std::string_view at = text;;) {
        const ExpressionTail tail = expression_tail(at);
        const Values& values = values_of(at);
        if (!values.items.empty()) {
            const Value& value = values.items.front();
            const bool is_outside =
                value.kind == Kind::External || value.kind == Kind::ExternalInstance;
            if (!is_outside || values.items.size() != 1) return {};
            return std::string(value.name) + path;
        }
        using Link = ExpressionTail::Link;
        if (tail.link == Link::None) return {};
        if (tail.link == Link::Member) path.insert(0, "." + std::string(tail.member));
        if (tail.link == Link::Call || tail.link == Link::New) path.insert(0, "()");
        at = tail.base;
    }
}

bool Evaluator::derives_from(const Symbol& type, const Symbol& base) {
    std::vector<const Symbol*> queue{&type};
    for (size_t at = 0; at < queue.size() && at < kBasesMax; ++at) {
        if (queue[at] == &base) return true;
        for (const Value& value : Values(bases_of(*queue[at])).items) {
            if (value.kind == Kind::Class &&
                std::find(queue.begin(), queue.end(), value.symbol) == queue.end())
                queue.push_back(value.symbol);
        }
    }
    return false;
}

void Evaluator::add_call_of_member(const Value& value, std::string_view member, Values& into) {
    const Targets targets = member_of_class(*value.symbol, member, false);
    for (const Target& target : targets.items) {
        if (target.symbol != nullptr && is_callable(target.symbol->kind)) {
            add_called({Kind::Callable, target.symbol, value.symbol}, into);
        } else {
            into.has_unknown = true;
        }
    }
    if (targets.items.empty()) into.has_unknown = true;
}

void Evaluator::add_called(const Value& value, Values& into) {
    switch (value.kind) {
        case Kind::Class:
            return add_value({Kind::Instance, value.symbol}, into);
        case Kind::Instance:
            return add_call_of_member(value, "__call__", into);
        case Kind::Callable: {
            const Symbol& function = *value.symbol;
            const Values results = values_of(function.type);
            into.has_unknown = into.has_unknown || results.has_unknown;
            for (Value result : results.items) {
                // A method that returns its own class, called on a derived one, returns that one:
                // `return self`, `return cls(...)`, `-> Self`.
                if (value.owner != nullptr && result.kind == Kind::Instance &&
                    result.symbol != value.owner && result.symbol->id == function.parent &&
                    derives_from(*value.owner, *result.symbol))
                    result.symbol = value.owner;
                add_value(result, into);
            }
            return;
        }
        case Kind::External:
        case Kind::ExternalInstance:
            return add_external_call(value, into);
        case Kind::Module:
        case Kind::Super:
            into.has_unknown = true;
            return;
    }
}

void Evaluator::add_external_call(const Value& value, Values& into) {
    if (value.kind == Kind::ExternalInstance) {
        if (container_shape(value.name) == ContainerShape::Callable && !value.arguments.empty())
            return add_text(type_argument(value.arguments, 0), into);
        into.has_unknown = true;
        return;
    }
    // `items: dict[str, Foo]; items.get(k)`: the arguments travel with the name of the method.
    if (!value.arguments.empty()) {
        const size_t dot = value.name.rfind('.');
        const std::string_view method = value.name.substr(dot + 1);
        const ContainerShape shape = container_shape(value.name.substr(0, dot));
        const size_t element = shape == ContainerShape::Mapping ? 1 : 0;
        const std::string_view held = type_argument(value.arguments, element);
        if (method == "get" || method == "pop" || method == "setdefault" || method == "popleft" ||
            method == "get_nowait")
            return add_text(held, into);
        if (method == "values" || method == "__iter__")
            return add_text("@typing.Iterable<" + std::string(held) + ">", into);
        if (method == "keys")
            return add_text(
                "@typing.Iterable<" + std::string(type_argument(value.arguments, 0)) + ">", into);
        if (method == "items")
            return add_text(
                "@typing.Iterable<@builtins.tuple<" + std::string(value.arguments) + ">>", into);
        if (method == "copy") {
            return add_value({Kind::ExternalInstance, nullptr, nullptr, value.name.substr(0, dot),
                              value.arguments},
                             into);
        }
        into.has_unknown = true;
        return;
    }
    if (const std::string_view result = external_result(value.name); !result.empty())
        return add_text(result, into);
    if (is_external_class(value.name))
        return add_value({Kind::ExternalInstance, nullptr, nullptr, value.name}, into);
    into.has_unknown = true;
}

void Evaluator::add_indexed(const Value& value, Values& into) {
    switch (value.kind) {
        case Kind::Class:  // Generic[T]
            return add_value(value, into);
        case Kind::Instance:
            return add_call_of_member(value, "__getitem__", into);
        case Kind::ExternalInstance: {
            const ContainerShape shape = container_shape(value.name);
            if (value.name == "builtins.str") return add_value(value, into);
            if (shape == ContainerShape::Sequence || shape == ContainerShape::Mapping)
                return add_text(type_argument(value.arguments, shape == ContainerShape::Mapping),
                                into);
            if (shape == ContainerShape::Tuple && type_argument(value.arguments, 1) == "...")
                return add_text(type_argument(value.arguments, 0), into);
            into.has_unknown = true;
            return;
        }
        case Kind::External:  // typing.List[int]
            if (is_external_class(value.name)) return add_value(value, into);
            into.has_unknown = true;
            return;
        default:
            into.has_unknown = true;
            return;
    }
}

void Evaluator::add_iterated(const Value& value, Values& into) {
    if (value.kind == Kind::Instance) {
        Values streams;
        add_call_of_member(value, "__iter__", streams);
        into.has_unknown = into.has_unknown || streams.has_unknown;
        for (const Value& stream : streams.items) {
            if (stream.kind == Kind::Instance) {
                add_call_of_member(stream, "__next__", into);
            } else {
                add_iterated(stream, into);
            }
        }
        return;
    }
    if (value.kind == Kind::Class) {  // an enumeration
        for (const std::string& base : value.symbol->bases) {
            if (base.ends_with("Enum") || base.ends_with("Flag"))
                return add_value({Kind::Instance, value.symbol}, into);
        }
    }
    if (value.kind == Kind::ExternalInstance) {
        const ContainerShape shape = container_shape(value.name);
        if (value.name == "builtins.str") return add_value(value, into);
        if (value.name == "io.TextIOWrapper") return add_text("@builtins.str", into);
        const bool is_uniform =
            type_argument(value.arguments, 1).empty() || type_argument(value.arguments, 1) == "...";
        if (shape != ContainerShape::None && shape != ContainerShape::Callable &&
            (shape != ContainerShape::Tuple || is_uniform))
            return add_text(type_argument(value.arguments, 0), into);
    }
    into.has_unknown = true;
}

void Evaluator::add_position(const Value& value, size_t position, Values& into) {
    if (value.kind == Kind::ExternalInstance) {
        const ContainerShape shape = container_shape(value.name);
        if (shape == ContainerShape::Tuple) {
            const bool is_uniform = type_argument(value.arguments, 1) == "...";
            return add_text(type_argument(value.arguments, is_uniform ? 0 : position), into);
        }
        if (shape == ContainerShape::Sequence)
            return add_text(type_argument(value.arguments, 0), into);
        if (value.name == "builtins.str") return add_value(value, into);
    }
    into.has_unknown = true;
}

const Symbol* Evaluator::module_named(std::string_view dotted) {
    const auto found = modules_.find(dotted);
    if (found != modules_.end()) return found->second;
    const Symbol* module = nullptr;
    for (const Symbol* symbol : source_.in_package(dotted, last_component(dotted))) {
        if (symbol->kind != BlockKind::Module) continue;
        // Stubs and packages of the same name: the package, else the source file, else by path.
        const auto rank = [](const Symbol& candidate) {
            const bool is_package = candidate.path.find("__init__.") != std::string::npos;
            return (candidate.path.ends_with(".pyi") ? 2 : 0) + (is_package ? 0 : 1);
        };
        if (module == nullptr || rank(*symbol) < rank(*module) ||
            (rank(*symbol) == rank(*module) && symbol->path < module->path))
            module = symbol;
    }
    if (module == nullptr) module = module_below_root(dotted);
    return modules_[std::string(dotted)] = module;
}

/// `lib.shape` for lib/shape.py, where lib is taken for a folder of the import path and its modules
/// are named without it: what runs from the folder around writes the whole path.
const Symbol* Evaluator::module_below_root(std::string_view dotted) {
    std::string path(dotted);
    std::replace(path.begin(), path.end(), '.', '/');
    for (const std::string& root : config_.python_roots) {
        if (root.empty() || path.size() < root.size() + 2 || !path.starts_with(root) ||
            path[root.size()] != '/')
            continue;
        const std::string_view rest = dotted.substr(root.size() + 1);
        for (const Symbol* symbol : source_.in_package(rest, last_component(rest))) {
            if (symbol->kind != BlockKind::Module || !symbol->path.starts_with(path)) continue;
            const std::string_view end = std::string_view(symbol->path).substr(path.size());
            if (end == ".py" || end == "/__init__.py") return symbol;
        }
    }
    return nullptr;
}

bool Evaluator::is_package_folder(std::string_view folder) {
    const std::string_view name = folder.substr(folder.rfind('/') + 1);
    for (const Symbol* symbol : source_.named(name)) {
        if (symbol->kind != BlockKind::Module) continue;
        const std::string_view path = symbol->path;
        if (path.size() > folder.size() + 10 && path.starts_with(folder) &&
            path.substr(folder.size()).starts_with("/__init__.py"))
            return true;
    }
    return false;
}

/// The module `name` in the folder of the file or of one around it that is no package: what the
/// import path of a script or of a test runner starts with.
const Symbol* Evaluator::script_module(std::string_view name) {
    if (is_standard_module(name)) return nullptr;
    std::vector<const Symbol*> candidates;
    for (const Symbol* symbol : source_.named(name)) {
        if (symbol->kind == BlockKind::Module) candidates.push_back(symbol);
    }
    if (candidates.empty()) return nullptr;
    std::string_view folder = path_.substr(0, std::max<size_t>(path_.rfind('/') + 1, 1) - 1);
    if (path_.find('/') == std::string_view::npos) folder = {};
    for (;;) {
        const std::string prefix = folder.empty() ? std::string() : std::string(folder) + "/";
        const std::string file = prefix + std::string(name) + ".py";
        const std::string package = prefix + std::string(name) + "/__init__.py";
        if (folder.empty() || !is_package_folder(folder)) {
            for (const Symbol* candidate : candidates) {
                if (candidate->path == file || candidate->path == package) return candidate;
            }
        }
        if (folder.empty()) return nullptr;
        const size_t slash = folder.rfind('/');
        folder = slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
    }
}

}  // namespace kausal::ingest::python
