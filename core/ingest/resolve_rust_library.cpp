// Tables of well-known names of the Rust standard library.
#include "ingest/resolve_rust_library.h"

#include <array>
#include <unordered_map>
#include <utility>

namespace kausal::ingest::rust {
namespace {

using Gives = WrapperMethod::Gives;

bool has_word(std::string_view words, std::string_view word) {
    for (size_t at = words.find(word); at != std::string_view::npos;
         at = words.find(word, at + 1)) {
        const bool starts = at == 0 || words[at - 1] == ' ';
        const size_t end = at + word.size();
        if (starts && (end == words.size() || words[end] == ' ')) return true;
    }
    return false;
}

struct NamedWrapper {
    std::string_view name;
    Wrapper wrapper;
};
constexpr NamedWrapper kWrappers[] = {
    {"Box", {Layer::Pointer, 0, "std::boxed::Box"}},
    {"Rc", {Layer::Pointer, 0, "std::rc::Rc"}},
    {"Arc", {Layer::Pointer, 0, "std::sync::Arc"}},
    {"Pin", {Layer::Pointer, 0, "std::pin::Pin"}},
    {"Cow", {Layer::Pointer, 0, "std::borrow::Cow"}},
    {"MutexGuard", {Layer::Pointer, 0, "std::sync::MutexGuard"}},
    {"RwLockReadGuard", {Layer::Pointer, 0, "std::sync::RwLockReadGuard"}},
    {"RwLockWriteGuard", {Layer::Pointer, 0, "std::sync::RwLockWriteGuard"}},
    {"Ref", {Layer::Pointer, 0, "std::cell::Ref"}},
    {"RefMut", {Layer::Pointer, 0, "std::cell::RefMut"}},
    {"ManuallyDrop", {Layer::Pointer, 0, "std::mem::ManuallyDrop"}},
    {"LazyLock", {Layer::Pointer, 0, "std::sync::LazyLock"}},
    {"Lazy", {Layer::Pointer, 0, "once_cell::sync::Lazy"}},
    {"CachePadded", {Layer::Pointer, 0, "crossbeam_utils::CachePadded"}},
    {"Option", {Layer::Option, 0, "std::option::Option"}},
    {"Result", {Layer::Result, 0, "std::result::Result"}},
    {"Vec", {Layer::List, 0, "std::vec::Vec"}},
    {"VecDeque", {Layer::List, 0, "std::collections::VecDeque"}},
    {"BinaryHeap", {Layer::List, 0, "std::collections::BinaryHeap"}},
    {"HashSet", {Layer::List, 0, "std::collections::HashSet"}},
    {"BTreeSet", {Layer::List, 0, "std::collections::BTreeSet"}},
    {"LinkedList", {Layer::List, 0, "std::collections::LinkedList"}},
    {"SmallVec", {Layer::List, 0, "smallvec::SmallVec"}},
    {"HashMap", {Layer::Map, 1, "std::collections::HashMap"}},
    {"BTreeMap", {Layer::Map, 1, "std::collections::BTreeMap"}},
    {"IndexMap", {Layer::Map, 1, "indexmap::IndexMap"}},
    {"Mutex", {Layer::Lock, 0, "std::sync::Mutex"}},
    {"RwLock", {Layer::Lock, 0, "std::sync::RwLock"}},
    {"RefCell", {Layer::Lock, 0, "std::cell::RefCell"}},
    {"UnsafeCell", {Layer::Other, 0, "std::cell::UnsafeCell"}},
    {"Cell", {Layer::Other, 0, "std::cell::Cell"}},
    {"MaybeUninit", {Layer::Other, 0, "std::mem::MaybeUninit"}},
    {"NonNull", {Layer::Other, 0, "std::ptr::NonNull"}},
    {"AtomicPtr", {Layer::Other, 0, "std::sync::atomic::AtomicPtr"}},
    {"PhantomData", {Layer::Other, 0, "std::marker::PhantomData"}},
    {"Poll", {Layer::Other, 0, "std::task::Poll"}},
    {"Weak", {Layer::Weak, 0, "std::sync::Weak"}},
    {"OnceCell", {Layer::Once, 0, "std::cell::OnceCell"}},
    {"OnceLock", {Layer::Once, 0, "std::sync::OnceLock"}},
    {"Peekable", {Layer::Iterator, 0, "std::iter::Peekable"}},
};

/// Methods of one layer by what they give.
struct LayerMethods {
    std::string_view inner;   // the inner type
    std::string_view same;    // the same layer around the same type
    std::string_view option;  // an option of the inner type
    std::string_view result;
    std::string_view iterator;
    std::string_view unknown;  // methods of the layer whose result is not followed
};

constexpr LayerMethods kPointer{"as_ref as_mut deref deref_mut get_mut into_inner get_ref",
                                "clone as_deref",
                                "",
                                "",
                                "",
                                "downgrade strong_count ptr_eq into_raw leak"};
constexpr LayerMethods kOption{
    "unwrap expect unwrap_or unwrap_or_else unwrap_or_default unwrap_unchecked insert "
    "get_or_insert "
    "get_or_insert_with",
    "as_ref as_mut as_deref as_deref_mut take cloned copied filter or or_else replace clone xor "
    "inspect as_pin_mut",
    "",
    "ok_or ok_or_else",
    "iter iter_mut into_iter",
    "map and_then map_or map_or_else is_some is_none is_some_and is_none_or zip flatten and unzip "
    "transpose eq ne cmp partial_cmp hash fmt"};
constexpr LayerMethods kResult{
    "unwrap expect unwrap_or unwrap_or_else unwrap_or_default unwrap_unchecked",
    "as_ref as_mut as_deref as_deref_mut cloned copied or or_else clone map_err inspect "
    "inspect_err "
    "with_context context",
    "ok",
    "",
    "iter iter_mut into_iter",
    "map and_then map_or map_or_else is_ok is_err is_ok_and is_err_and err unwrap_err expect_err "
    "and "
    "flatten transpose eq ne fmt"};
constexpr LayerMethods kList{
    "swap_remove remove index",
    "clone to_vec as_slice as_mut_slice split_off to_owned into_vec "
    "into_boxed_slice as_ref as_mut as_deref union intersection difference",
    "get get_mut first first_mut last last_mut pop pop_front pop_back front back front_mut "
    "back_mut "
    "peek take",
    "",
    "iter iter_mut into_iter drain splice",
    ""};
constexpr LayerMethods kMap{
    "index", "clone as_ref as_mut",           "get get_mut remove insert swap_remove shift_remove",
    "",      "values values_mut into_values", ""};
constexpr LayerMethods kIterator{
    "",
    "filter skip take rev peekable cloned copied chain by_ref skip_while take_while step_by "
    "inspect fuse into_iter iter clone cycle as_ref",
    "next last nth peek peek_mut min max find min_by max_by min_by_key max_by_key next_back reduce "
    "next_if next_if_eq rfind",
    "",
    "",
    ""};
constexpr LayerMethods kLock{"", "", "", "", "", "is_locked is_poisoned replace swap new"};
constexpr LayerMethods kGuard{"unwrap expect unwrap_or_else", "", "ok", "", "",
                              "is_ok is_err map_err"};
constexpr LayerMethods kOther{
    "as_ref as_mut get get_mut into_inner assume_init assume_init_ref "
    "assume_init_mut load as_ptr",
    "",
    "",
    "",
    "",
    "set replace swap"};
constexpr LayerMethods kOnce{"get_or_init",         "", "get get_mut take into_inner",
                             "set get_or_try_init", "", ""};
constexpr LayerMethods kEntry{"or_insert or_insert_with or_default or_insert_with_key insert",
                              "and_modify",
                              "",
                              "",
                              "",
                              "key"};

const LayerMethods* methods_of(Layer layer) {
    switch (layer) {
        case Layer::Pointer:
            return &kPointer;
        case Layer::Option:
            return &kOption;
        case Layer::Result:
            return &kResult;
        case Layer::List:
            return &kList;
        case Layer::Map:
            return &kMap;
        case Layer::Iterator:
            return &kIterator;
        case Layer::Lock:
            return &kLock;
        case Layer::Guard:
            return &kGuard;
        case Layer::Once:
            return &kOnce;
        case Layer::Entry:
            return &kEntry;
        case Layer::Other:
            return &kOther;
        default:
            return nullptr;
    }
}

constexpr std::pair<std::string_view, std::string_view> kPrelude[] = {
    {"Option", "std::option::Option"},
    {"Some", "std::option::Option::Some"},
    {"None", "std::option::Option::None"},
    {"Result", "std::result::Result"},
    {"Ok", "std::result::Result::Ok"},
    {"Err", "std::result::Result::Err"},
    {"String", "std::string::String"},
    {"ToString", "std::string::ToString"},
    {"Vec", "std::vec::Vec"},
    {"Box", "std::boxed::Box"},
    {"ToOwned", "std::borrow::ToOwned"},
    {"Clone", "std::clone::Clone"},
    {"Copy", "std::marker::Copy"},
    {"Send", "std::marker::Send"},
    {"Sync", "std::marker::Sync"},
    {"Sized", "std::marker::Sized"},
    {"Unpin", "std::marker::Unpin"},
    {"Drop", "std::ops::Drop"},
    {"Fn", "std::ops::Fn"},
    {"FnMut", "std::ops::FnMut"},
    {"FnOnce", "std::ops::FnOnce"},
    {"drop", "std::mem::drop"},
    {"AsRef", "std::convert::AsRef"},
    {"AsMut", "std::convert::AsMut"},
    {"Into", "std::convert::Into"},
    {"From", "std::convert::From"},
    {"TryInto", "std::convert::TryInto"},
    {"TryFrom", "std::convert::TryFrom"},
    {"Default", "std::default::Default"},
    {"Iterator", "std::iter::Iterator"},
    {"IntoIterator", "std::iter::IntoIterator"},
    {"Extend", "std::iter::Extend"},
    {"FromIterator", "std::iter::FromIterator"},
    {"DoubleEndedIterator", "std::iter::DoubleEndedIterator"},
    {"ExactSizeIterator", "std::iter::ExactSizeIterator"},
    {"PartialEq", "std::cmp::PartialEq"},
    {"Eq", "std::cmp::Eq"},
    {"PartialOrd", "std::cmp::PartialOrd"},
    {"Ord", "std::cmp::Ord"},
};

/// Traits that any type may have, with their methods.
struct LibraryTrait {
    std::string_view name;
    std::string_view path;
    std::string_view methods;
    bool is_common = false;  // may be derived, or is implemented by blanket
};
constexpr LibraryTrait kTraits[] = {
    {"Clone", "std::clone::Clone", "clone clone_from", true},
    {"PartialEq", "std::cmp::PartialEq", "eq ne", true},
    {"PartialOrd", "std::cmp::PartialOrd", "partial_cmp lt le gt ge", true},
    {"Ord", "std::cmp::Ord", "cmp max min clamp", true},
    {"Hash", "std::hash::Hash", "hash", true},
    {"Default", "std::default::Default", "default", true},
    {"Into", "std::convert::Into", "into", true},
    {"From", "std::convert::From", "from", true},
    {"TryInto", "std::convert::TryInto", "try_into", true},
    {"TryFrom", "std::convert::TryFrom", "try_from", true},
    {"ToString", "std::string::ToString", "to_string", true},
    {"ToOwned", "std::borrow::ToOwned", "to_owned", true},
    {"Borrow", "std::borrow::Borrow", "borrow", true},
    {"BorrowMut", "std::borrow::BorrowMut", "borrow_mut", true},
    {"Any", "std::any::Any", "type_id", true},
    {"IntoIterator", "std::iter::IntoIterator", "into_iter", true},
    {"Debug", "std::fmt::Debug", "fmt", true},
    {"Iterator", "std::iter::Iterator",
     "next size_hint count last nth step_by chain zip map for_each filter filter_map enumerate "
     "peekable skip_while take_while map_while skip take scan flat_map flatten fuse inspect by_ref "
     "collect partition fold reduce all any find find_map position max min max_by_key max_by "
     "min_by_key min_by rev unzip copied cloned cycle sum product cmp eq lt le gt ge try_fold "
     "try_for_each is_sorted",
     false},
    {"Read", "std::io::Read",
     "read read_to_end read_to_string read_exact bytes chain take by_ref read_vectored", false},
    {"Write", "std::io::Write",
     "write flush write_all write_fmt by_ref write_vectored write_str "
     "write_char",
     false},
    {"BufRead", "std::io::BufRead", "fill_buf consume read_until read_line split lines", false},
    {"Seek", "std::io::Seek", "seek rewind stream_position", false},
    {"Error", "std::error::Error", "source description cause", false},
    {"Future", "std::future::Future", "poll", false},
    {"Hasher", "std::hash::Hasher",
     "finish write write_u8 write_u16 write_u32 write_u64 write_usize", false},
};

constexpr std::string_view kClosureMethods =
    "map filter for_each any all find find_map filter_map position flat_map take_while skip_while "
    "map_while and_then is_some_and is_none_or is_ok_and inspect partition max_by_key min_by_key "
    "retain retain_mut sort_by_key sort_unstable_by_key sort_by_cached_key rposition "
    "partition_point";

constexpr std::string_view kLibraryMethods =
    "len is_empty push pop insert remove clear contains extend iter iter_mut into_iter map filter "
    "for_each any all find position collect fold sum product count min max cmp eq ne lt le gt ge "
    "rev "
    "zip chain enumerate skip take step_by nth last next peekable flat_map filter_map flatten "
    "inspect "
    "copied cloned partition find_map min_by max_by min_by_key max_by_key unzip cycle "
    "sort sort_by sort_by_key sort_unstable sort_unstable_by dedup retain truncate reserve "
    "capacity "
    "resize append drain split_at split_at_mut split_off swap reverse chunks windows first last "
    "get "
    "get_mut concat join to_vec as_ptr as_mut_ptr as_slice as_mut_slice as_ref as_mut as_bytes "
    "as_str "
    "starts_with ends_with trim split splitn lines chars bytes char_indices parse replace "
    "to_string "
    "to_owned to_lowercase to_uppercase push_str find rfind is_some is_none is_ok is_err unwrap "
    "expect "
    "unwrap_or unwrap_or_else unwrap_or_default ok err ok_or and_then or_else map_err take replace "
    "clone into from try_into hash fmt default borrow borrow_mut deref wrapping_add wrapping_sub "
    "saturating_sub checked_add checked_sub pow abs trailing_zeros leading_zeros count_ones "
    "is_null "
    "add sub offset cast read write load store fetch_add fetch_sub compare_exchange lock keys "
    "values "
    "entry or_insert contains_key get_or_insert_with to_le_bytes to_be_bytes is_char_boundary";

constexpr std::string_view kMacros =
    "println print eprintln eprint format vec assert assert_eq assert_ne debug_assert "
    "debug_assert_eq debug_assert_ne panic todo unimplemented unreachable write writeln matches "
    "include include_str include_bytes env option_env concat stringify line file column "
    "module_path "
    "cfg compile_error format_args dbg thread_local try is_x86_feature_detected addr_of "
    "addr_of_mut "
    "ready pin const_format_args global_asm asm";

}  // namespace

Wrapper wrapper_of(std::string_view name) {
    static const auto index = [] {
        std::unordered_map<std::string_view, Wrapper> made;
        for (const NamedWrapper& entry : kWrappers) made.emplace(entry.name, entry.wrapper);
        return made;
    }();
    const auto found = index.find(name);
    return found == index.end() ? Wrapper() : found->second;
}

WrapperMethod wrapper_method(Layer layer, std::string_view method) {
    const LayerMethods* methods = methods_of(layer);
    if (layer == Layer::Lock &&
        has_word(
            "lock read write borrow borrow_mut get_mut into_inner get try_lock try_read try_write "
            "try_borrow try_borrow_mut blocking_lock read_arc write_arc",
            method))
        return {Gives::Wrapped, Layer::Guard, true};
    if (layer == Layer::Weak && method == "upgrade") return {Gives::Wrapped, Layer::Option, true};
    if (layer == Layer::Map && method == "entry") return {Gives::Wrapped, Layer::Entry, true};
    if (methods == nullptr) return {};
    if (has_word(methods->inner, method)) return {Gives::Inner, Layer::None, true};
    if (has_word(methods->same, method)) return {Gives::Same, Layer::None, true};
    if (has_word(methods->option, method)) return {Gives::Wrapped, Layer::Option, true};
    if (has_word(methods->result, method)) return {Gives::Wrapped, Layer::Result, true};
    if (has_word(methods->iterator, method)) return {Gives::Wrapped, Layer::Iterator, true};
    return {Gives::Unknown, Layer::None, has_word(methods->unknown, method)};
}

bool passes_inner(std::string_view method) {
    return has_word(kClosureMethods, method);
}

bool is_library_method(std::string_view method) {
    return has_word(kLibraryMethods, method);
}

std::string_view layer_path(Layer layer) {
    switch (layer) {
        case Layer::Option:
            return "std::option::Option";
        case Layer::Result:
            return "std::result::Result";
        case Layer::List:
            return "std::vec::Vec";
        case Layer::Map:
            return "std::collections::HashMap";
        case Layer::Iterator:
            return "std::iter::Iterator";
        case Layer::Lock:
            return "std::sync::Mutex";
        case Layer::Guard:  // its own methods are those of what `lock` gives
            return "std::result::Result";
        case Layer::Weak:
            return "std::sync::Weak";
        case Layer::Once:
            return "std::sync::OnceLock";
        case Layer::Entry:
            return "std::collections::hash_map::Entry";
        default:
            return "std";
    }
}

std::string_view prelude_path(std::string_view name) {
    static const auto index = [] {
        std::unordered_map<std::string_view, std::string_view> made;
        for (const auto& [key, path] : kPrelude) made.emplace(key, path);
        return made;
    }();
    const auto found = index.find(name);
    return found == index.end() ? std::string_view() : found->second;
}

bool is_primitive_type(std::string_view name) {
    return has_word("bool char str i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64",
                    name);
}

bool is_prelude_variant(std::string_view name) {
    return has_word("Some None Ok Err", name);
}

std::string_view library_trait_of(std::string_view method) {
    for (const LibraryTrait& trait : kTraits)
        if (trait.is_common && has_word(trait.methods, method)) return trait.path;
    return {};
}

bool is_provided_by(std::string_view trait, std::string_view method) {
    for (const LibraryTrait& known : kTraits)
        if (known.name == trait) return has_word(known.methods, method);
    return false;
}

std::string_view library_trait_path(std::string_view trait) {
    for (const LibraryTrait& known : kTraits)
        if (known.name == trait) return known.path;
    return {};
}

bool is_library_macro(std::string_view name) {
    return has_word(kMacros, name);
}

}  // namespace kausal::ingest::rust
