// Workspace records; see workspace.h.
#include "graph/workspace.h"

#include "base/utf8.h"
#include "graph/identity.h"

#include <nlohmann/json.hpp>

namespace kausal::graph {

using format::BlockKind;
using nlohmann::json;

namespace {

constexpr size_t kNameSizeMax = 256;
constexpr size_t kSettingsSizeMax = size_t{1} << 20;
constexpr size_t kSettingsDepthMax = 64;  // writing JSON recurses once per level

/// The deepest nesting of brackets outside of strings.
size_t nesting_of(std::string_view text) noexcept {
    size_t depth = 0;
    size_t deepest = 0;
    bool is_string = false;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (is_string) {
            if (c == '\\') ++at;
            if (c == '"') is_string = false;
            continue;
        }
        if (c == '"') is_string = true;
        if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
        if ((c == '}' || c == ']') && depth > 0) --depth;
    }
    return deepest;
}

/// A parsed object, or a discarded value when the text is none.
json parse_object(std::string_view text) {
    json value = json::parse(text.begin(), text.end(), nullptr, false);
    if (!value.is_object()) return json(json::value_t::discarded);
    return value;
}

std::string text_member(const json& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return found->get<std::string>();
}

Status validate_name(std::string_view name) {
    if (name.empty() || name.size() > kNameSizeMax) {
        return {ErrorCode::Invalid, "workspace name of " + std::to_string(name.size()) +
                                        " bytes; 1 to 256 are possible"};
    }
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            return {ErrorCode::Invalid, "workspace name with a control character"};
        }
    }
    if (!is_utf8(name)) return {ErrorCode::Invalid, "workspace name is not UTF-8"};
    return Status::ok();
}

}  // namespace

Result<format::BlockRecord> workspace_record(const Workspace& workspace, std::string& metadata) {
    KAUSAL_TRY(validate_name(workspace.name));
    if (!is_utf8(workspace.root)) return fail(ErrorCode::Invalid, "workspace root is not UTF-8");
    if (!is_utf8(workspace.revision)) {
        return fail(ErrorCode::Invalid, "workspace revision is not UTF-8");
    }
    const std::string_view settings =
        workspace.settings.empty() ? std::string_view("{}") : std::string_view(workspace.settings);
    if (settings.size() > kSettingsSizeMax || nesting_of(settings) > kSettingsDepthMax) {
        return fail(ErrorCode::Invalid, "workspace settings larger than 1 MiB or deeper than 64");
    }
    json parsed = parse_object(settings);
    if (parsed.is_discarded()) {
        return fail(ErrorCode::Invalid, "workspace settings are not a JSON object");
    }
    const json object = {{"revision", workspace.revision},
                         {"root", workspace.root},
                         {"settings", std::move(parsed)}};
    metadata = object.dump(-1, ' ', false, json::error_handler_t::replace);

    format::BlockRecord record;
    record.id = workspace_id(workspace.name);
    record.kind = BlockKind::Workspace;
    record.workspace = record.id.high;
    record.name = workspace.name;
    record.qualified_name = workspace.name;
    record.metadata = metadata;
    prepare_record(record);
    return record;
}

Result<Workspace> workspace_of(const format::BlockRecord& record) {
    const auto corrupt = [&](std::string_view what) {
        return fail(ErrorCode::Corrupt,
                    "workspace " + record.id.to_hex() + ": " + std::string(what));
    };
    if (record.kind != BlockKind::Workspace) return corrupt("its block is of another kind");
    if (nesting_of(record.metadata) > kSettingsDepthMax + 1) return corrupt("metadata too deep");
    const json object = parse_object(record.metadata);
    if (object.is_discarded()) return corrupt("metadata is not a JSON object");
    Workspace workspace;
    workspace.id = record.id;
    workspace.name = record.name;
    workspace.root = text_member(object, "root");
    workspace.revision = text_member(object, "revision");
    const auto settings = object.find("settings");
    if (settings == object.end() || !settings->is_object()) return corrupt("no settings");
    workspace.settings = settings->dump(-1, ' ', false, json::error_handler_t::replace);
    return workspace;
}

std::string metadata_text(std::string_view text, std::string_view key) {
    const json object = parse_object(text);
    if (object.is_discarded()) return {};
    return text_member(object, key);
}

}  // namespace kausal::graph
