// Reads of the facts that need no other file.
#include "ingest/resolve_python_facts.h"

#include <algorithm>

namespace kausal::ingest::python {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view file_name(std::string_view path) noexcept {
    return path.substr(path.rfind('/') + 1);
}

bool is_class_receiver(std::string_view name) noexcept {
    return name == "cls" || name == "klass" || name == "mcs" || name == "mcls" ||
           name == "metacls" || name == "meta" || name == "_cls";
}

}  // namespace

bool is_test_path(std::string_view path) noexcept {
    std::string_view name = file_name(path);
    if (name == "conftest.py") return true;
    name = name.substr(0, name.rfind('.'));
    return name.starts_with("test_") || name.ends_with("_test") || name == "tests" ||
           name == "test";
}

bool is_plain_decorator(std::string_view module, std::string_view name) noexcept {
    if (module == "functools" || module == "typing" || module == "t" || module == "contextlib" ||
        module == "abc" || module == "typing_extensions" || module == "dataclasses")
        return true;
    // @x.setter and @x.deleter belong to the property x.
    if (!module.empty()) return name == "setter" || name == "deleter" || name == "getter";
    static constexpr std::string_view kPlain[] = {"property",       "cached_property",
                                                  "wraps",          "lru_cache",
                                                  "cache",          "dataclass",
                                                  "final",          "total_ordering",
                                                  "contextmanager", "asynccontextmanager",
                                                  "no_type_check",  "runtime_checkable",
                                                  "singledispatch", "singledispatchmethod",
                                                  "deprecated",     "unique"};
    return std::find(std::begin(kPlain), std::end(kPlain), name) != std::end(kPlain);
}

std::string_view first_parameter(const FileFacts& facts,
                                 const DefinitionFact& definition) noexcept {
    std::string_view text = facts.text(definition.parameters);
    if (text.starts_with('(')) text.remove_prefix(1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    size_t end = 0;
    while (end < text.size() && is_word(text[end])) ++end;
    return text.substr(0, end);
}

bool is_class_method(const FileFacts& facts, const DefinitionFact& definition) noexcept {
    const std::string_view name = facts.text(definition.name);
    if (name == "__new__" || name == "__init_subclass__" || name == "__class_getitem__" ||
        name == "__prepare__")
        return true;
    return (definition.flags & format::kBlockStatic) != 0 &&
           is_class_receiver(first_parameter(facts, definition));
}

bool is_static_method(const FileFacts& facts, const DefinitionFact& definition) noexcept {
    return (definition.flags & format::kBlockStatic) != 0 && !is_class_method(facts, definition);
}

bool is_package_path(std::string_view path) noexcept {
    return file_name(path).starts_with("__init__.");
}

std::string module_of_path(const WorkspaceConfig& config, std::string_view path) {
    size_t root_size = 0;
    for (const std::string& root : config.python_roots) {
        std::string_view folder = root;
        while (folder.ends_with('/')) folder.remove_suffix(1);
        if (folder.empty() || folder == ".") continue;
        if (path.size() > folder.size() + 1 && path.starts_with(folder) &&
            path[folder.size()] == '/')
            root_size = std::max(root_size, folder.size() + 1);
    }
    std::string_view rest = path.substr(root_size);
    const size_t slash = rest.rfind('/');
    const size_t dot = rest.rfind('.');
    if (dot != std::string_view::npos && (slash == std::string_view::npos || dot > slash))
        rest = rest.substr(0, dot);
    if (is_package_path(path)) rest = slash == std::string_view::npos ? "" : rest.substr(0, slash);
    std::string module(rest);
    std::replace(module.begin(), module.end(), '/', '.');
    return module;
}

std::string import_target(const FileFacts& facts, std::string_view module,
                          const ImportFact& import) {
    std::string target;
    if (import.relative_level != 0) {
        target = module;
        size_t steps = import.relative_level;
        if (is_package_path(facts.path)) --steps;
        for (; steps != 0; --steps) {
            if (target.empty()) return {};
            const size_t dot = target.rfind('.');
            target.resize(dot == std::string::npos ? 0 : dot);
        }
    }
    for (const NameIndex part : {import.path, import.name}) {
        if (part == 0) continue;
        if (!target.empty()) target += '.';
        target += facts.text(part);
    }
    return target;
}

std::string_view import_local_name(const FileFacts& facts, const ImportFact& import) noexcept {
    if ((import.flags & ImportFact::kWildcard) != 0) return {};
    if (import.alias != 0) return facts.text(import.alias);
    if (import.name != 0) return facts.text(import.name);
    const std::string_view path = facts.text(import.path);
    return path.substr(0, path.find('.'));
}

}  // namespace kausal::ingest::python
