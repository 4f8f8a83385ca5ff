// A made-up program in several languages that changes at random: the input of the exactness tests.
//
// The model is a list of files, each with types, methods, functions and calls by name; texts are
// rendered from it. Names come from a small pool, so that files collide, shadow and resolve to each
// other in many ways.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace kausal::ingest::test {

class RandomTree {
  public:
    RandomTree(uint64_t seed, size_t file_count) : random_(seed) {
        for (size_t i = 0; i < file_count; ++i) add_file();
    }
    /// Path -> text.
    [[nodiscard]] std::map<std::string, std::string> files() const {
        std::map<std::string, std::string> out;
        for (const File& file : files_) out[path_of(file)] = text_of(file);
        out["go.mod"] = "module example.com/" + module_ + "\n";
        out["README.md"] = "# " + module_ + "\n";
        return out;
    }
    /// One random change; returns what it was.
    std::string mutate();

  private:
    enum class Kind { Go, Java, Python, Cpp, Header, Rust, Script };
    struct Function {
        std::string name;
        std::string result;  // a type of the pool, or empty
        size_t parameters = 0;
        std::vector<std::string> calls;  // "f", "v.m" (v of type calls_type), "T"
        std::string local_type;          // type of the local v
    };
    struct Type {
        std::string name;
        std::string base;
        std::vector<Function> methods;
    };
    struct File {
        Kind kind = Kind::Go;
        size_t folder = 0;
        size_t number = 0;
        std::vector<Type> types;
        std::vector<Function> functions;
        std::vector<size_t> imports;  // folders
        bool is_broken = false;       // a syntax error
    };

    size_t pick(size_t count) {
        return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
    }
    std::string type_name() { return "Type" + std::to_string(pick(8)); }
    std::string function_name() { return "Act" + std::to_string(pick(14)); }
    std::string method_name() { return "Run" + std::to_string(pick(8)); }
    Function make_function(std::string name);
    void add_file();
    static std::string path_of(const File& file);
    std::string text_of(const File& file) const;
    std::string go(const File& file) const;
    static std::string java(const File& file);
    static std::string python(const File& file);
    static std::string cpp(const File& file);
    static std::string rust(const File& file);
    static std::string script(const File& file);

    std::mt19937_64 random_;
    std::string module_ = "alpha";
    std::vector<File> files_;
    size_t next_number_ = 0;
};

inline RandomTree::Function RandomTree::make_function(std::string name) {
    Function function;
    function.name = std::move(name);
    if (pick(2) == 0) function.result = type_name();
    function.parameters = pick(3);
    function.local_type = type_name();
    const size_t calls = pick(5);
    for (size_t i = 0; i < calls; ++i) {
        const size_t what = pick(3);
        function.calls.push_back(what == 0   ? function_name()
                                 : what == 1 ? "v." + method_name()
                                             : type_name());
    }
    return function;
}

inline void RandomTree::add_file() {
    File file;
    file.kind = static_cast<Kind>(pick(7));
    file.folder = pick(3);
    file.number = next_number_++;
    const size_t types = pick(3);
    for (size_t i = 0; i < types; ++i) {
        Type type;
        type.name = type_name();
        if (pick(2) == 0) type.base = type_name();
        const size_t methods = pick(4);
        for (size_t k = 0; k < methods; ++k) type.methods.push_back(make_function(method_name()));
        file.types.push_back(std::move(type));
    }
    const size_t functions = 1 + pick(4);
    for (size_t i = 0; i < functions; ++i) file.functions.push_back(make_function(function_name()));
    if (pick(2) == 0) file.imports.push_back(pick(3));
    files_.push_back(std::move(file));
}

inline std::string RandomTree::path_of(const File& file) {
    static constexpr const char* kFolders[] = {"lib", "lib/core", "app"};
    static constexpr const char* kExtensions[] = {".go", ".java", ".py", ".cpp",
                                                  ".h",  ".rs",   ".ts"};
    const std::string folder = kFolders[file.folder];
    return folder + "/part" + std::to_string(file.number) +
           kExtensions[static_cast<size_t>(file.kind)];
}

inline std::string RandomTree::mutate() {
    File& file = files_[pick(files_.size())];
    const auto any_function = [&]() -> Function& {
        return file.functions[pick(file.functions.size())];
    };
    switch (pick(14)) {
        case 0: {
            any_function().calls.push_back(function_name());
            return "add a call";
        }
        case 1: {
            any_function() = make_function(function_name());
            return "replace a function";
        }
        case 2:
            file.functions.insert(file.functions.begin(), make_function(function_name()));
            return "add a function";
        case 3:
            if (file.functions.size() > 1) file.functions.erase(file.functions.begin());
            return "delete a function";
        case 4:
            any_function().name = function_name();
            return "rename a function";
        case 5:
            if (!file.types.empty()) file.types[pick(file.types.size())].base = type_name();
            return "change a base";
        case 6:
            if (!file.types.empty()) file.types[pick(file.types.size())].name = type_name();
            return "rename a type";
        case 7:
            if (!file.types.empty())
                file.types[pick(file.types.size())].methods.push_back(make_function(method_name()));
            return "add a method";
        case 8:
            file.imports = {pick(3)};
            return "change imports";
        case 9:
            file.folder = pick(3);
            return "move a file";
        case 10:
            add_file();
            return "add a file";
        case 11:
            if (files_.size() > 4)
                files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(pick(files_.size())));
            return "delete a file";
        case 12:
            file.is_broken = !file.is_broken;
            return "break or mend the syntax";
        default:
            if (pick(4) == 0) {
                module_ = module_ == "alpha" ? "beta" : "alpha";
                return "rename the module";
            }
            any_function().result = type_name();
            return "change a result";
    }
}

inline std::string RandomTree::text_of(const File& file) const {
    std::string text;
    switch (file.kind) {
        case Kind::Go:
            text = go(file);
            break;
        case Kind::Java:
            text = java(file);
            break;
        case Kind::Python:
            text = python(file);
            break;
        case Kind::Cpp:
        case Kind::Header:
            text = cpp(file);
            break;
        case Kind::Rust:
            text = rust(file);
            break;
        case Kind::Script:
            text = script(file);
            break;
    }
    if (file.is_broken) text += "\n) ( ] {\n";
    return text;
}

namespace detail {
inline std::string parameters(size_t count, const char* type, bool type_first) {
    std::string out;
    for (size_t i = 0; i < count; ++i) {
        const std::string name = "p" + std::to_string(i);
        if (i != 0) out += ", ";
        out += type_first ? std::string(type) + " " + name : name + type;
    }
    return out;
}
inline bool is_type_name(const std::string& name) {
    return name.starts_with("Type");
}
}  // namespace detail

inline std::string RandomTree::go(const File& file) const {
    static constexpr const char* kFolders[] = {"lib", "lib/core", "app"};
    static constexpr const char* kPackages[] = {"lib", "core", "app"};
    std::string out = std::string("package ") + kPackages[file.folder] + "\n\nimport \"fmt\"\n";
    for (const size_t import : file.imports)
        out += "import \"example.com/" + module_ + "/" + kFolders[import] + "\"\n";
    const auto body = [&](const Function& function) {
        std::string text = " {\n\tvar v " + function.local_type + "\n\tfmt.Println(v)\n";
        for (const std::string& call : function.calls) {
            if (detail::is_type_name(call)) {
                text += "\t_ = &" + call + "{}\n";
            } else if (!file.imports.empty() && call.size() % 2 == 0) {
                text += "\t" + std::string(kPackages[file.imports[0]]) + "." + call + "()\n";
            } else {
                text += "\t" + call + "()\n";
            }
        }
        return text + "}\n";
    };
    for (const Type& type : file.types) {
        out += "\n// " + type.name + " is made up.\ntype " + type.name + " struct {\n";
        if (!type.base.empty()) out += "\t" + type.base + "\n";
        out += "\tn int\n}\n";
        for (const Function& method : type.methods) {
            out += "\nfunc (t *" + type.name + ") " + method.name + "(" +
                   detail::parameters(method.parameters, " int", false) + ") " + method.result +
                   body(method);
        }
    }
    for (const Function& function : file.functions) {
        out += "\nfunc " + function.name + "(" +
               detail::parameters(function.parameters, " int", false) + ") " + function.result +
               body(function);
    }
    return out;
}

inline std::string RandomTree::java(const File& file) {
    static constexpr const char* kPackages[] = {"lib", "lib.core", "app"};
    std::string out = std::string("package ") + kPackages[file.folder] + ";\n";
    for (const size_t import : file.imports)
        out += std::string("import ") + kPackages[import] + ".*;\n";
    const auto method = [](const Function& function) {
        std::string text = "    " + (function.result.empty() ? "void" : function.result) + " " +
                           function.name + "(" +
                           detail::parameters(function.parameters, "int", true) + ") {\n        " +
                           function.local_type + " v = new " + function.local_type + "();\n";
        for (const std::string& call : function.calls)
            text += detail::is_type_name(call) ? "        new " + call + "();\n"
                                               : "        " + call + "();\n";
        return text + "    }\n";
    };
    std::vector<Type> types = file.types;
    if (types.empty()) types.push_back({"Holder" + std::to_string(file.number), "", {}});
    for (const Type& type : types) {
        out += "class " + type.name + (type.base.empty() ? "" : " extends " + type.base) + " {\n";
        for (const Function& function : type.methods) out += method(function);
        if (&type == &types.front())
            for (const Function& function : file.functions) out += method(function);
        out += "}\n";
    }
    return out;
}

inline std::string RandomTree::python(const File& file) {
    static constexpr const char* kPackages[] = {"lib", "lib.core", "app"};
    std::string out = "\"\"\"Made up.\"\"\"\nimport os\n";
    for (const size_t import : file.imports)
        out += std::string("from ") + kPackages[import] + " import part" + std::to_string(import) +
               "\nfrom . import part1\nfrom .part2 import Act1, Type1\n";
    const auto body = [](const Function& function, const std::string& indent) {
        std::string text =
            indent + "v = " + function.local_type + "()\n" + indent + "os.getpid()\n";
        for (const std::string& call : function.calls) text += indent + call + "()\n";
        return text;
    };
    for (const Type& type : file.types) {
        out += "\nclass " + type.name + (type.base.empty() ? "" : "(" + type.base + ")") +
               ":\n    n = 1\n";
        for (const Function& method : type.methods)
            out += "    def " + method.name + "(self" + (method.parameters == 0 ? "" : ", ") +
                   detail::parameters(method.parameters, "=1", false) + "):\n" +
                   body(method, "        ");
    }
    for (const Function& function : file.functions)
        out += "\ndef " + function.name + "(" + detail::parameters(function.parameters, "", false) +
               ")" + (function.result.empty() ? "" : " -> " + function.result) + ":\n" +
               body(function, "    ");
    return out;
}

inline std::string RandomTree::cpp(const File& file) {
    std::string out = "#include <vector>\n";
    for (const size_t import : file.imports)
        out += "#include \"part" + std::to_string(import) + ".h\"\n";
    out += file.folder == 1 ? "namespace core {\n" : "";
    const auto body = [](const Function& function) {
        std::string text = " {\n    " + function.local_type + " v;\n";
        for (const std::string& call : function.calls) text += "    " + call + "();\n";
        return text + "}\n";
    };
    const auto head = [](const Function& function, const std::string& scope) {
        return (function.result.empty() ? "void" : function.result) + " " + scope + function.name +
               "(" + detail::parameters(function.parameters, "int", true) + ")";
    };
    for (const Type& type : file.types) {
        out += "struct " + type.name + (type.base.empty() ? "" : " : public " + type.base) + " {\n";
        for (const Function& method : type.methods) out += "    " + head(method, "") + ";\n";
        out += "    int n;\n};\n";
        for (const Function& method : type.methods)
            out += head(method, type.name + "::") + body(method);
    }
    for (const Function& function : file.functions) {
        out += file.kind == Kind::Header ? head(function, "") + ";\n"
                                         : head(function, "") + body(function);
    }
    return out + (file.folder == 1 ? "}\n" : "");
}

inline std::string RandomTree::rust(const File& file) {
    std::string out = "use std::fmt;\n";
    for (const size_t import : file.imports)
        out += "use crate::part" + std::to_string(import) + "::*;\nmod part1;\n";
    const auto function_text = [](const Function& function, const std::string& self) {
        std::string text = "fn " + function.name + "(" + self +
                           (self.empty() || function.parameters == 0 ? "" : ", ") +
                           detail::parameters(function.parameters, ": i32", false) + ")" +
                           (function.result.empty() ? "" : " -> " + function.result) +
                           " {\n    let v = " + function.local_type + "::new();\n";
        for (const std::string& call : function.calls)
            text +=
                detail::is_type_name(call) ? "    let w: " + call + ";\n" : "    " + call + "();\n";
        return text + "}\n";
    };
    for (const Type& type : file.types) {
        out += "/// Made up.\npub struct " + type.name + " { n: i32 }\nimpl " + type.name + " {\n";
        for (const Function& method : type.methods) out += function_text(method, "&self");
        out += "}\n";
        if (!type.base.empty())
            out += "impl fmt::Display for " + type.name + " { fn fmt(&self) {} }\n";
    }
    for (const Function& function : file.functions) out += function_text(function, "");
    return out;
}

inline std::string RandomTree::script(const File& file) {
    std::string out;
    for (const size_t import : file.imports)
        out += "import { Act1, Type2 } from './part" + std::to_string(import) +
               "';\nexport * from '../lib/part2';\n";
    const auto body = [](const Function& function) {
        std::string text = " {\n  const v = new " + function.local_type + "();\n";
        for (const std::string& call : function.calls)
            text += detail::is_type_name(call) ? "  new " + call + "();\n" : "  " + call + "();\n";
        return text + "}\n";
    };
    for (const Type& type : file.types) {
        out += "export class " + type.name + (type.base.empty() ? "" : " extends " + type.base) +
               " {\n";
        for (const Function& method : type.methods)
            out += "  " + method.name + "(" +
                   detail::parameters(method.parameters, ": number", false) + ")" +
                   (method.result.empty() ? "" : ": " + method.result) + body(method);
        out += "}\n";
    }
    for (const Function& function : file.functions)
        out += "export function " + function.name + "(" +
               detail::parameters(function.parameters, ": number", false) + ")" + body(function);
    return out;
}

}  // namespace kausal::ingest::test
