// What calls, subscripts and loops yield, and where modules are found.
#include "ingest/resolution.h"
#include "ingest/resolve_javascript_library.h"
#include "ingest/resolve_javascript_values.h"

#include <algorithm>
#include <array>

namespace kausal::ingest::javascript {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

void add_value(const Value& value, Values& into) {
    if (std::find(into.items.begin(), into.items.end(), value) == into.items.end())
        into.items.push_back(value);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 9> kScripts{".ts",  ".tsx", ".d.ts", ".js", ".jsx",
                                                   ".mjs", ".cjs", ".mts",  ".cts"};

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

void Evaluator::add_called(const Value& value, bool is_new, Values& into) {
    switch (value.kind) {
        case Kind::Class:
            if (is_new) return add_value({Kind::Instance, value.symbol}, into);
            into.has_unknown = true;
            return;
        case Kind::Callable: {
            const Symbol& function = *value.symbol;
            if (is_new) return add_value({Kind::Instance, &function}, into);
            const Values results = values_of(function.type);
            into.has_unknown = into.has_unknown || results.has_unknown;
            for (Value result : results.items) {
                // `return this` on a derived class returns the derived class.
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
            return add_external_call(value, is_new, into);
        default:
            into.has_unknown = true;
            return;
    }
}

/// Methods of arrays, maps and the like: the arguments travel with the method's name.
void Evaluator::add_container_call(const Value& value, Values& into) {
    const size_t dot = value.name.rfind('.');
    const std::string_view type = value.name.substr(0, dot);
    const std::string_view method = value.name.substr(dot + 1);
    const ContainerShape shape = container_shape(type);
    const std::string_view first = type_argument(value.arguments, 0);
    const std::string_view second = type_argument(value.arguments, 1);
    if (shape == ContainerShape::Map) {
        if (method == "get") return add_text(second, into);
        if (method == "values") return add_text("@!Iterable<" + std::string(second) + ">", into);
        if (method == "keys") return add_text("@!Iterable<" + std::string(first) + ">", into);
        if (method == "entries")
            return add_text("@!Iterable<@!Tuple<" + std::string(value.arguments) + ">>", into);
        if (method == "set")
            return add_value({Kind::ExternalInstance, nullptr, nullptr, type, value.arguments},
                             into);
    }
    if (shape == ContainerShape::Array || shape == ContainerShape::Bag) {
        if (is_one_of(method, {"pop", "shift", "at", "find", "findLast", "deref"}))
            return add_text(first, into);
        if (is_one_of(method, {"filter", "slice", "concat", "sort", "reverse", "splice", "values",
                               "add", "toSorted", "toReversed", "fill"}))
            return add_value({Kind::ExternalInstance, nullptr, nullptr, type, value.arguments},
                             into);
        if (method == "entries")
            return add_text("@!Iterable<@!Tuple<@!Number," + std::string(first) + ">>", into);
    }
    if (shape == ContainerShape::Promise && is_one_of(method, {"catch", "finally"}))
        return add_value({Kind::ExternalInstance, nullptr, nullptr, type, value.arguments}, into);
    into.has_unknown = true;
}

void Evaluator::add_external_call(const Value& value, bool is_new, Values& into) {
    if (is_new) {
        if (value.kind == Kind::External)
            return add_value({Kind::ExternalInstance, nullptr, nullptr, value.name}, into);
        if (container_shape(value.name) == ContainerShape::Constructor)
            return add_text(type_argument(value.arguments, 0), into);
        into.has_unknown = true;
        return;
    }
    if (value.kind == Kind::ExternalInstance) {
        if (container_shape(value.name) == ContainerShape::Function)
            return add_text(type_argument(value.arguments, 0), into);
        into.has_unknown = true;
        return;
    }
    if (!value.arguments.empty()) return add_container_call(value, into);
    if (const std::string_view result = external_result(value.name); !result.empty())
        return add_text(result, into);
    into.has_unknown = true;
}

void Evaluator::add_indexed(const Value& value, Values& into) {
    if (value.kind == Kind::ExternalInstance) {
        const ContainerShape shape = container_shape(value.name);
        if (shape == ContainerShape::Array)
            return add_text(type_argument(value.arguments, 0), into);
        if (shape == ContainerShape::Record)
            return add_text(type_argument(value.arguments, 1), into);
        if (value.name == "String") return add_value(value, into);
    }
    into.has_unknown = true;
}

void Evaluator::add_iterated(const Value& value, Values& into) {
    if (value.kind == Kind::ExternalInstance) {
        const ContainerShape shape = container_shape(value.name);
        if (shape == ContainerShape::Array || shape == ContainerShape::Bag)
            return add_text(type_argument(value.arguments, 0), into);
        if (shape == ContainerShape::Map)
            return add_text("@!Tuple<" + std::string(value.arguments) + ">", into);
        if (shape == ContainerShape::Promise) {
            for (const Value& inner : Values(values_of(type_argument(value.arguments, 0))).items)
                add_iterated(inner, into);
            return;
        }
        if (value.name == "String") return add_value(value, into);
    }
    into.has_unknown = true;
}

void Evaluator::add_position(const Value& value, size_t position, Values& into) {
    if (value.kind == Kind::ExternalInstance) {
        const ContainerShape shape = container_shape(value.name);
        if (shape == ContainerShape::Tuple)
            return add_text(type_argument(value.arguments, position), into);
        if (shape == ContainerShape::Array)
            return add_text(type_argument(value.arguments, 0), into);
        if (shape == ContainerShape::Promise) {
            for (const Value& inner : Values(values_of(type_argument(value.arguments, 0))).items)
                add_position(inner, position, into);
            return;
        }
    }
    into.has_unknown = true;
}

const Symbol* Evaluator::file_exactly(std::string_view path) {
    for (const Symbol* symbol : source_.named(path.substr(path.rfind('/') + 1))) {
        if (symbol->kind == BlockKind::File && symbol->path == path) return symbol;
    }
    return nullptr;
}

/// A module path as imports spell it: with or without extension, a folder for its index.
const Symbol* Evaluator::file_at(std::string_view path) {
    if (path == ".") path = {};
    const std::string_view name = path.substr(path.rfind('/') + 1);
    std::string_view stem = path;
    if (name.find('.') != std::string_view::npos) {
        if (const Symbol* file = file_exactly(path)) return file;
        // ./a.js in a TypeScript file means a.ts.
        for (const std::string_view extension : {".js", ".jsx", ".mjs", ".cjs"}) {
            if (!path.ends_with(extension)) continue;
            stem.remove_suffix(extension.size());
            for (const std::string_view script : {".ts", ".tsx", ".mts", ".cts", ".d.ts"}) {
                if (const Symbol* file = file_exactly(std::string(stem) + std::string(script)))
                    return file;
            }
            return nullptr;
        }
    }
    const bool is_script = language_ == format::Language::JavaScript;
    for (size_t i = 0; i < kScripts.size() && !path.empty(); ++i) {
        // A language's own files first.
        const std::string_view extension = kScripts[is_script ? (i + 3) % kScripts.size() : i];
        if (const Symbol* file = file_exactly(std::string(path) + std::string(extension)))
            return file;
    }
    for (size_t i = 0; i < kScripts.size(); ++i) {
        const std::string_view extension = kScripts[is_script ? (i + 3) % kScripts.size() : i];
        if (const Symbol* file = file_exactly(
                std::string(path) + (path.empty() ? "index" : "/index") + std::string(extension)))
            return file;
    }
    return nullptr;
}

/// A package of the workspace, or a path alias of its compiler settings.
const Symbol* Evaluator::package_file(std::string_view specifier) {
    for (auto [prefix, folder] : config_.path_aliases) {
        while (prefix.ends_with('*')) prefix.pop_back();
        while (folder.ends_with('*')) folder.pop_back();
        if (prefix.empty() || !specifier.starts_with(prefix)) continue;
        const std::string_view rest = specifier.substr(prefix.size());
        if (!rest.empty() && !prefix.ends_with('/') && !rest.starts_with('/')) continue;
        std::string path = folder;
        if (!rest.empty()) {
            if (!path.empty() && !path.ends_with('/')) path += '/';
            path += rest.starts_with('/') ? rest.substr(1) : rest;
        }
        while (path.starts_with("./")) path.erase(0, 2);
        while (path.ends_with('/')) path.pop_back();
        if (const Symbol* file = file_at(path)) return file;
    }
    for (const auto& [folder, name] : config_.npm_packages) {
        if (!specifier.starts_with(name)) continue;
        std::string_view rest = specifier.substr(name.size());
        if (!rest.empty() && !rest.starts_with('/')) continue;
        if (rest.starts_with('/')) rest.remove_prefix(1);
        const std::string root = folder.empty() || folder == "." ? std::string() : folder + "/";
        // The sources that the published entry points are made from.
        for (const std::string_view base : {"src/", "", "lib/", "source/", "packages/"}) {
            const std::string path =
                root + std::string(base) + std::string(rest.empty() ? "index" : rest);
            if (const Symbol* file = file_at(path)) return file;
        }
        if (rest.empty()) {
            for (const std::string_view entry : {"src/main", "main", "src/mod", "mod"}) {
                if (const Symbol* file = file_at(root + std::string(entry))) return file;
            }
        }
    }
    return nullptr;
}

const Symbol* Evaluator::file_of(std::string_view path) {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    std::string plain;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
    for (size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '%' && at + 2 < path.size()) {
            plain += static_cast<char>(digit(path[at + 1]) * 16 + digit(path[at + 2]));
            at += 2;
        } else {
            plain += path[at];
        }
    }
    const Symbol* file =
        plain.starts_with('~') ? package_file(std::string_view(plain).substr(1)) : file_at(plain);
    return files_[std::string(path)] = file;
}

}  // namespace kausal::ingest::javascript
