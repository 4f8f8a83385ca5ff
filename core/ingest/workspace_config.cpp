// Reading of the usual configuration files, as far as binding needs them.
#include "ingest/workspace_config.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace kausal::ingest {
namespace {

using Json = nlohmann::json;

constexpr size_t kJsonDepthMax = 64;

std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// "" for the root, else without a slash at the end.
std::string_view folder_of(std::string_view path) {
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
    while (!text.empty()) {
        const size_t newline = text.find('\n');
        if (!visit(trimmed(text.substr(0, newline)))) return;
        text = newline == std::string_view::npos ? std::string_view{} : text.substr(newline + 1);
    }
}

std::string go_module_of(std::string_view text) {
    std::string module;
    for_each_line(text, [&](std::string_view line) {
        if (!line.starts_with("module")) return true;
        line.remove_prefix(6);
        line = trimmed(line.substr(0, line.find("//")));
        if (line.starts_with('"') && line.ends_with('"') && line.size() > 1)
            line = line.substr(1, line.size() - 2);
        module = line;
        return false;
    });
    return module;
}

/// The name in [package] (or in [lib], which wins), as code spells it.
std::string crate_name_of(std::string_view text) {
    std::string package;
    std::string library;
    std::string section;
    for_each_line(text, [&](std::string_view line) {
        if (line.starts_with('[')) {
            section = line.substr(0, line.find(']') + 1);
            return true;
        }
        if (!line.starts_with("name")) return true;
        const size_t equals = line.find('=');
        const size_t open = line.find('"', equals == std::string_view::npos ? 0 : equals);
        if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != "name" ||
            open == std::string_view::npos)
            return true;
        const std::string_view value = line.substr(open + 1);
        if (section == "[package]") package = value.substr(0, value.find('"'));
        if (section == "[lib]") library = value.substr(0, value.find('"'));
        return true;
    });
    std::string name = library.empty() ? package : library;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// JSON with comments and trailing commas, as tsconfig.json allows. Nothing for anything else.
Json parse_relaxed(std::string_view text) {
    std::string plain;
    size_t depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_string) {
            plain += c;
            if (c == '\\' && i + 1 < text.size()) plain += text[++i];
            if (c == '"') is_string = false;
            continue;
        }
        if (text.substr(i).starts_with("//")) {
            i = std::min(text.find('\n', i), text.size()) - 1;
            continue;
        }
        if (text.substr(i).starts_with("/*")) {
            const size_t end = text.find("*/", i + 2);
            if (end == std::string_view::npos) break;
            i = end + 1;
            continue;
        }
        is_string = c == '"';
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') {
            --depth;
            while (!plain.empty() && (std::isspace(static_cast<unsigned char>(plain.back())) != 0))
                plain.pop_back();
            if (plain.ends_with(',')) plain.pop_back();
        }
        if (depth > kJsonDepthMax) return {};
        plain += c;
    }
    return Json::parse(plain, nullptr, false);
}

std::string text_of(const Json& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// `folder` joined with a relative `path`; "." and ".." are folded, what leaves the root is empty.
std::string joined(std::string_view folder, std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::string_view rest : {folder, path}) {
        while (!rest.empty()) {
            const size_t slash = rest.find('/');
            const std::string_view part = rest.substr(0, slash);
            rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
            if (part.empty() || part == ".") continue;
            if (part != "..") {
                parts.push_back(part);
            } else if (!parts.empty()) {
                parts.pop_back();
            }
        }
    }
    std::string out;
    for (const std::string_view part : parts) {
        if (!out.empty()) out += '/';
        out += part;
    }
    return out;
}

void add_path_aliases(std::string_view folder, std::string_view text, WorkspaceConfig& config) {
    const Json json = parse_relaxed(text);
    if (!json.is_object()) return;
    const auto options = json.find("compilerOptions");
    if (options == json.end() || !options->is_object()) return;
    const std::string base = text_of(*options, "baseUrl");
    const std::string base_folder = joined(folder, base);
    if (!base.empty()) config.path_aliases.emplace_back("", base_folder);
    const auto paths = options->find("paths");
    if (paths == options->end() || !paths->is_object()) return;
    for (const auto& [key, targets] : paths->items()) {
        if (!targets.is_array() || targets.empty() || !targets[0].is_string()) continue;
        const auto star = [](std::string value) {
            if (value.ends_with('*')) value.pop_back();
            return value;
        };
        const std::string target = star(targets[0].get<std::string>());
        config.path_aliases.emplace_back(star(key), joined(base_folder, target));
    }
}

bool has_extension(std::string_view path, std::initializer_list<std::string_view> extensions) {
    return std::any_of(extensions.begin(), extensions.end(),
                       [&](std::string_view extension) { return path.ends_with(extension); });
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Every folder around `path` whose own name is one of `names`.
void add_named_folders(std::string_view path, std::initializer_list<std::string_view> names,
                       std::set<std::string, std::less<>>& into) {
    for (std::string_view folder = folder_of(path); !folder.empty(); folder = folder_of(folder)) {
        if (is_one_of(name_of(folder), names) && !into.contains(folder)) into.emplace(folder);
    }
}

void add_java_root(std::string_view path, std::set<std::string, std::less<>>& into) {
    for (const std::string_view mark : {"src/main/java/", "src/test/java/", "src/java/", "src/"}) {
        const size_t at = path.find(mark);
        if (at == std::string_view::npos || (at != 0 && path[at - 1] != '/')) continue;
        into.emplace(path.substr(0, at + mark.size() - 1));
        return;
    }
}

}  // namespace

bool is_config_file(std::string_view path) {
    return is_one_of(name_of(path),
                     {"go.mod", "Cargo.toml", "package.json", "tsconfig.json", "jsconfig.json"});
}

bool has_cpp_sources(const std::vector<ListedFile>& files) {
    // A few C++ files beside a tree of C, as bindings and vendored libraries have them, do not make
    // its headers C++. Reading C as C++ costs less than the reverse, hence the factor.
    constexpr ptrdiff_t kPreponderance = 8;
    const auto count = [&](std::initializer_list<std::string_view> extensions) {
        return std::count_if(files.begin(), files.end(), [&](const ListedFile& file) {
            return has_extension(file.path, extensions);
        });
    };
    const ptrdiff_t cpp_count = count({".cpp", ".cc", ".cxx", ".c++", ".C", ".hpp", ".hh", ".hxx",
                                       ".cppm", ".ixx", ".ipp", ".tpp", ".inl"});
    return cpp_count != 0 && cpp_count * kPreponderance >= count({".c"});
}

WorkspaceConfig discover_config(std::string_view name, const std::vector<ListedFile>& files,
                                const ReadText& read) {
    WorkspaceConfig config;
    config.name = name;
    std::set<std::string, std::less<>> include_folders;
    std::set<std::string, std::less<>> python_roots{""};
    std::set<std::string, std::less<>> packages;  // folders with __init__.py
    std::set<std::string, std::less<>> java_roots;
    for (const ListedFile& file : files) {
        const std::string_view path = file.path;
        const std::string_view base = name_of(path);
        const std::string folder(folder_of(path));
        if (has_extension(path, {".h", ".hpp", ".hh", ".hxx", ".inc"}))
            add_named_folders(path, {"include", "inc", "includes", "src", "lib", "source"},
                              include_folders);
        if (has_extension(path, {".py", ".pyi"}))
            add_named_folders(path, {"src", "lib"}, python_roots);
        if (is_one_of(base, {"__init__.py", "__init__.pyi"})) packages.insert(folder);
        if (is_one_of(base, {"setup.py", "pyproject.toml"})) python_roots.insert(folder);
        if (path.ends_with(".java")) add_java_root(path, java_roots);
        if (!is_config_file(path) || !file.reason.empty() || file.info.size_bytes > (1u << 20))
            continue;
        auto text = read(file);
        if (!text) continue;
        if (base == "go.mod") {
            std::string module = go_module_of(*text);
            if (module.empty()) continue;
            if (folder.empty()) config.go_module = module;
            config.go_modules.emplace_back(folder, std::move(module));
        } else if (base == "Cargo.toml") {
            std::string crate = crate_name_of(*text);
            if (!crate.empty()) config.cargo_crates.emplace_back(folder, std::move(crate));
        } else if (base == "package.json") {
            std::string package = text_of(parse_relaxed(*text), "name");
            if (!package.empty()) config.npm_packages.emplace_back(folder, std::move(package));
        } else {
            add_path_aliases(folder, *text, config);
        }
    }
    // A folder inside a package is no root of the import path, whatever it is called.
    std::erase_if(python_roots, [&](const std::string& root) { return packages.contains(root); });
    config.include_folders.assign(include_folders.begin(), include_folders.end());
    config.python_roots.assign(python_roots.begin(), python_roots.end());
    config.java_roots.assign(java_roots.begin(), java_roots.end());
    return config;
}

FamilyInputs family_inputs(const WorkspaceConfig& config, bool header_is_cpp) {
    FamilyInputs inputs;
    const auto put = [&](LanguageFamily family, const Json& json) {
        inputs[static_cast<size_t>(family)] =
            json.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    put(LanguageFamily::C, Json::array({header_is_cpp, config.include_folders}));
    put(LanguageFamily::Go, Json::array({config.go_module, config.go_modules}));
    put(LanguageFamily::Rust, Json::array({config.cargo_crates}));
    put(LanguageFamily::Java, Json::array({config.java_roots}));
    put(LanguageFamily::Python, Json::array({config.python_roots}));
    put(LanguageFamily::JavaScript, Json::array({config.npm_packages, config.path_aliases}));
    return inputs;
}

}  // namespace kausal::ingest
