; C: declarators nest, so each kind of declaration lists the forms it takes. Captures: language.h.

; -- functions and prototypes
(function_definition
  type: (_)? @type
  declarator: [
    (function_declarator declarator: (identifier) @name parameters: (_) @parameters)
    (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters)
    (pointer_declarator declarator: (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters))
    (pointer_declarator
      declarator: (function_declarator declarator: (identifier) @name parameters: (_) @parameters))
    (pointer_declarator declarator: (pointer_declarator
      declarator: (function_declarator declarator: (identifier) @name parameters: (_) @parameters)))]
  body: (_) @body) @def.function

(declaration
  type: (_)? @type
  declarator: [
    (function_declarator declarator: (identifier) @name parameters: (_) @parameters)
    (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters)
    (pointer_declarator declarator: (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters))
    (pointer_declarator
      declarator: (function_declarator declarator: (identifier) @name parameters: (_) @parameters))
    (pointer_declarator declarator: (pointer_declarator
      declarator: (function_declarator declarator: (identifier) @name parameters: (_) @parameters)))]
  ) @def.function @flag.declaration

; -- macros
(preproc_def name: (identifier) @name value: (_)? @body) @def.macro
(preproc_function_def
  name: (identifier) @name parameters: (_) @parameters value: (_)? @body) @def.macro

; -- types
(struct_specifier name: (type_identifier) @name body: (_) @body) @def.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @def.union
(enum_specifier name: (type_identifier) @name body: (_) @body) @def.enum
(enumerator name: (identifier) @name) @def.member

(type_definition
  type: (struct_specifier !name body: (_) @body)
  declarator: [(type_identifier) @name (pointer_declarator declarator: (type_identifier) @name)]
  ) @def.struct
(type_definition
  type: (union_specifier !name body: (_) @body)
  declarator: [(type_identifier) @name (pointer_declarator declarator: (type_identifier) @name)]
  ) @def.union
(type_definition
  type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @def.enum

(type_definition
  type: [(type_identifier) (primitive_type) (sized_type_specifier)
         (struct_specifier !body) (union_specifier !body) (enum_specifier !body)] @type
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (type_identifier) @name))
    (function_declarator declarator: (type_identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (type_identifier) @name))))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (type_identifier) @name)))]) @def.alias
; typedef struct s {...} t: the alias is the name alone, beside the struct
(type_definition
  type: [(struct_specifier name: (_) @type body: (_)) (union_specifier name: (_) @type body: (_))
         (enum_specifier name: (_) @type body: (_))]
  declarator: [
    (type_identifier) @name @def.alias
    (pointer_declarator declarator: (type_identifier) @name @def.alias)])

; -- fields
(field_declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (macro_type_specifier) (struct_specifier name: (_) @type) (union_specifier name: (_) @type)
         (enum_specifier name: (_) @type) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
    (field_identifier) @name
    (pointer_declarator declarator: (field_identifier) @name)
    (array_declarator declarator: (field_identifier) @name)
    (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
    (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (field_identifier) @name))))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (field_identifier) @name)))]) @def.field

; -- variables of a file and of a block
((declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (struct_specifier name: (_) @type) (union_specifier name: (_) @type)
         (enum_specifier name: (_) @type) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name) (macro_type_specifier)]
  declarator: [
    (identifier) @name
    (pointer_declarator declarator: (identifier) @name)
    (array_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
    (array_declarator declarator: (array_declarator declarator: (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name)))
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name))))
    (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))])]) @def.variable
  (#has-parent? @def.variable translation_unit declaration_list linkage_specification
    preproc_if preproc_ifdef preproc_else preproc_elif))

((declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (struct_specifier name: (_) @type) (union_specifier name: (_) @type)
         (enum_specifier name: (_) @type) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name) (macro_type_specifier)]
  declarator: [
    (identifier) @name
    (pointer_declarator declarator: (identifier) @name)
    (array_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
    (array_declarator declarator: (array_declarator declarator: (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name)))
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name))))
    (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))])]) @local
  (#not-has-parent? @local translation_unit declaration_list linkage_specification
    preproc_if preproc_ifdef preproc_else preproc_elif))

(parameter_declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (struct_specifier name: (_) @type) (union_specifier name: (_) @type)
         (enum_specifier name: (_) @type) (macro_type_specifier)]
  declarator: [
    (identifier) @name
    (pointer_declarator declarator: (identifier) @name)
    (array_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name)))
    (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (identifier) @name))))]) @local

[(compound_statement) (for_statement)] @block

; -- calls
(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call

; -- types named anywhere
(type_identifier) @type.ref
(struct_specifier name: (type_identifier) @type.ref !body)
(union_specifier name: (type_identifier) @type.ref !body)
(enum_specifier name: (type_identifier) @type.ref !body)

; -- names read as values
((identifier) @mention
  (#not-has-parent? @mention preproc_params preproc_ifdef preproc_defined preproc_if preproc_elif
    attribute enumerator))

((field_expression) @mention (#not-has-parent? @mention call_expression))

; -- includes
(preproc_include path: [(string_literal) (system_lib_string)] @path) @import
