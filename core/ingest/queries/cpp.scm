; C++: declarators nest, so each kind of declaration lists the forms it takes. Captures: language.h.

; -- namespaces; one without a name is called by its keyword here, which the language file corrects
(namespace_definition name: (_) @name body: (_) @body) @def.module
(namespace_definition "namespace" @name !name body: (_) @body) @def.module

; -- functions; those in classes become methods
(function_definition
  type: (_)? @type
  declarator: [
    (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)
    (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)))
    (reference_declarator (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters)]
  body: (_)? @body) @def.function
; conversions, which the language file names by their type
(function_definition
  declarator: [
    (operator_cast "operator" @name)
    (qualified_identifier name: (operator_cast "operator" @name))
    (qualified_identifier name: (qualified_identifier name: (operator_cast "operator" @name)))]
  body: (_)? @body) @def.function
((declaration declarator: (operator_cast "operator" @name)) @def.function @flag.declaration
  (#not-has-parent? @def.function friend_declaration))
; `auto f() -> T`
(function_definition declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier)] @name
  (trailing_return_type (type_descriptor) @type))) @def.function

((declaration
  type: (_)? @type
  declarator: [
    (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)
    (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)))
    (reference_declarator (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters)]) @def.function @flag.declaration
  (#not-has-parent? @def.function friend_declaration))
(field_declaration
  type: (_)? @type
  declarator: [
    (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)
    (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters)))
    (reference_declarator (function_declarator
      declarator: [(identifier) (field_identifier) (operator_name) (destructor_name) (qualified_identifier)
        (template_function) (template_method)] @name
      parameters: (_) @parameters))
    (function_declarator
      declarator: (parenthesized_declarator (identifier) @name) parameters: (_) @parameters)]) @def.function @flag.declaration

; -- macros
(preproc_def name: (identifier) @name value: (_)? @body) @def.macro
(preproc_function_def
  name: (identifier) @name parameters: (_) @parameters value: (_)? @body) @def.macro

; -- types
(class_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)]
  body: (_) @body) @def.class
(struct_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)]
  body: (_) @body) @def.struct
(union_specifier name: (type_identifier) @name body: (_) @body) @def.union
(enum_specifier name: [(type_identifier) (qualified_identifier)] @name body: (_) @body) @def.enum
(enumerator name: (identifier) @name) @def.member
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base.extends)
(alias_declaration name: (type_identifier) @name type: (_) @type) @def.alias

(type_definition
  type: (struct_specifier !name body: (_) @body) declarator: (type_identifier) @name) @def.struct
(type_definition
  type: (union_specifier !name body: (_) @body) declarator: (type_identifier) @name) @def.union
(type_definition
  type: (enum_specifier !name body: (_) @body) declarator: (type_identifier) @name) @def.enum
(type_definition
  type: [(type_identifier) (primitive_type) (sized_type_specifier) (qualified_identifier)
         (template_type) (dependent_type)
         (struct_specifier !body) (class_specifier !body) (union_specifier !body)
         (enum_specifier !body)] @type
  declarator: [
    (type_identifier) @name
    (pointer_declarator declarator: (type_identifier) @name)
    (reference_declarator (type_identifier) @name)
    (array_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (type_identifier) @name)
    (function_declarator declarator: (parenthesized_declarator
      (pointer_declarator declarator: (type_identifier) @name)))]) @def.alias
(type_definition
  type: [(struct_specifier name: (_) @type body: (_)) (union_specifier name: (_) @type body: (_))
         (enum_specifier name: (_) @type body: (_))]
  declarator: [
    (type_identifier) @name @def.alias
    (pointer_declarator declarator: (type_identifier) @name @def.alias)])

; -- fields
(field_declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type (dependent_type) @type (decltype) @type
         (class_specifier name: (_) @type) (struct_specifier name: (_) @type)
         (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
         (class_specifier !name) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
      (field_identifier) @name
      (pointer_declarator declarator: (field_identifier) @name)
      (reference_declarator (field_identifier) @name)
      (array_declarator declarator: (field_identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (field_identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (field_identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (field_identifier) @name))
      (reference_declarator (parenthesized_declarator (field_identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (field_identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (field_identifier) @name))))]) @def.field

; -- variables of a namespace or class
((declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type (dependent_type) @type (decltype) @type
         (class_specifier name: (_) @type) (struct_specifier name: (_) @type)
         (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
         (class_specifier !name) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))
      (qualified_identifier) @name
    (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))
      (qualified_identifier) @name])]) @def.variable
  (#has-parent? @def.variable translation_unit declaration_list linkage_specification
    template_declaration preproc_if preproc_ifdef preproc_else preproc_elif))
((declaration
  type: (placeholder_type_specifier)
  declarator: (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))] value: (_) @value)) @def.variable
  (#has-parent? @def.variable translation_unit declaration_list linkage_specification
    template_declaration preproc_if preproc_ifdef preproc_else preproc_elif))

; -- locals
((declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type (dependent_type) @type (decltype) @type
         (class_specifier name: (_) @type) (struct_specifier name: (_) @type)
         (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
         (class_specifier !name) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))
    (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))])]) @local
  (#not-has-parent? @local translation_unit declaration_list linkage_specification
    template_declaration preproc_if preproc_ifdef preproc_else preproc_elif
    field_declaration_list friend_declaration))
((declaration
  type: (placeholder_type_specifier)
  declarator: (init_declarator declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))
      (structured_binding_declarator (identifier) @name)
      (reference_declarator (structured_binding_declarator (identifier) @name))]
    value: (_) @value)) @local
  (#not-has-parent? @local translation_unit declaration_list linkage_specification
    template_declaration preproc_if preproc_ifdef preproc_else preproc_elif))
; if (auto x = f())
(declaration
  type: (placeholder_type_specifier)
  declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name)
               (reference_declarator (identifier) @name)]
  value: (_) @value) @local
(for_range_loop
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type]
  declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name)
               (reference_declarator (identifier) @name)]) @local
(for_range_loop
  type: (placeholder_type_specifier)
  declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name)
               (reference_declarator (identifier) @name)
               (structured_binding_declarator (identifier) @name)
               (reference_declarator (structured_binding_declarator (identifier) @name))]
  right: (_) @iterable) @local
[(parameter_declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type (dependent_type) @type (decltype) @type
         (class_specifier name: (_) @type) (struct_specifier name: (_) @type)
         (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
         (class_specifier !name) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))])
 (optional_parameter_declaration
  type: [(type_identifier) @type (primitive_type) @type (sized_type_specifier) @type
         (qualified_identifier) @type (template_type) @type (dependent_type) @type (decltype) @type
         (class_specifier name: (_) @type) (struct_specifier name: (_) @type)
         (union_specifier name: (_) @type) (enum_specifier name: (_) @type)
         (class_specifier !name) (struct_specifier !name) (union_specifier !name)
         (enum_specifier !name)]
  declarator: [
      (identifier) @name
      (pointer_declarator declarator: (identifier) @name)
      (reference_declarator (identifier) @name)
      (array_declarator declarator: (identifier) @name)
      (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
      (pointer_declarator declarator: (array_declarator declarator: (identifier) @name))
      (array_declarator declarator: (array_declarator declarator: (identifier) @name))
      (reference_declarator (parenthesized_declarator (identifier) @name))
      (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name)))
      (pointer_declarator declarator: (function_declarator declarator: (parenthesized_declarator
        (pointer_declarator declarator: (identifier) @name))))])] @local
; a parameter of type auto
(parameter_declaration
  type: (placeholder_type_specifier)
  declarator: [(identifier) @name (pointer_declarator declarator: (identifier) @name)
               (reference_declarator (identifier) @name)]) @local
(variadic_parameter_declaration
  type: (_) @type
  declarator: [(variadic_declarator (identifier) @name)
               (reference_declarator (variadic_declarator (identifier) @name))]) @local
(lambda_capture_initializer left: (identifier) @name right: (_) @value) @local

[(compound_statement) (for_statement) (for_range_loop) (if_statement) (while_statement)
 (switch_statement) (lambda_expression) (catch_clause)] @block

; -- calls and constructions
(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(new_expression type: (_) @callee arguments: (_)? @arguments) @new
(compound_literal_expression type: (_) @callee value: (initializer_list) @arguments) @new
(declaration
  type: [(type_identifier) (qualified_identifier) (template_type)] @callee
  declarator: (init_declarator
    declarator: (identifier) value: [(argument_list) (initializer_list)] @arguments)) @new
(field_initializer
  [(field_identifier) (qualified_identifier) (template_method)] @callee
  [(argument_list) (initializer_list)] @arguments) @new

; -- names of types and values
((qualified_identifier) @type.ref (#not-has-parent? @type.ref qualified_identifier))
(type_identifier) @type.ref
((identifier) @mention
  (#not-has-parent? @mention preproc_params preproc_ifdef preproc_defined preproc_if preproc_elif
    attribute enumerator qualified_identifier destructor_name))
((field_expression) @mention (#not-has-parent? @mention call_expression))

; -- includes and using
(preproc_include path: [(string_literal) (system_lib_string)] @path) @import
(using_declaration "namespace" @namespace [(identifier) (qualified_identifier)] @path) @import
(using_declaration [(identifier) (qualified_identifier)] @path) @import @static
(namespace_alias_definition
  name: (namespace_identifier) @alias
  . [(namespace_identifier) (nested_namespace_specifier)] @path @namespace) @import
