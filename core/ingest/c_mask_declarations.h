// Hides the macros that decorate one declaration of C or C++: `class EXPORT Slice {`,
// `API int f(void) GUARDED_BY(x);`. A guess by form alone that never hides a name that is declared.
#pragma once

#include "ingest/c_mask_text.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace kausal::ingest::c_mask {

/// Threads: confined.
class DeclarationMask {
  public:
    explicit DeclarationMask(MaskedText& masked) : masked_(masked), text_(masked.source()) {}
    /// Looks at the statement or declaration that starts with the word at `at`.
    void look_at(size_t at, bool is_in_function);

  private:
    struct Token {
        Span span;
        std::string_view text;
    };

    /// True when it is the head of a definition.
    bool look_at_class(size_t at);
    size_t hide_macro_call(const Token& token);
    bool read_declaration(size_t at, std::vector<Token>& tokens, size_t& end) const;
    void hide_decorations(const std::vector<Token>& tokens, size_t end);
    void hide_trailing(size_t at);
    [[nodiscard]] bool is_bracketed_name(size_t open) const;
    void hide(Span span) { masked_.hide(span); }
    [[nodiscard]] std::string_view word_at(size_t at) const { return masked_.word_at(at); }

    MaskedText& masked_;
    std::string_view text_;
    std::vector<Token> tokens_;
};

}  // namespace kausal::ingest::c_mask
