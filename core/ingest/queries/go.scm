; Go: what defines, names, imports and calls. Captures are explained in language.h.

(package_clause (package_identifier) @package)

; -- functions and methods
(function_declaration
  name: (identifier) @name
  parameters: (parameter_list) @parameters
  result: (_)? @type
  body: (block)? @body) @def.function

(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @scope))
  name: (field_identifier) @name
  parameters: (parameter_list) @parameters
  result: (_)? @type
  body: (block)? @body) @def.method

; -- types; what is neither struct nor interface is an alias block with the underlying type
(type_spec name: (type_identifier) @name type: (struct_type) @body) @def.struct
(type_spec name: (type_identifier) @name type: (interface_type) @body) @def.interface
(type_spec
  name: (type_identifier) @name
  type: [(type_identifier) (qualified_type) (generic_type) (pointer_type) (array_type) (slice_type)
         (map_type) (channel_type) (function_type) (parenthesized_type)] @type) @def.alias
(type_alias name: (type_identifier) @name type: (_) @type) @def.alias

; -- members of named types; structs without a name have no blocks
(type_spec
  type: (struct_type (field_declaration_list
    (field_declaration name: (field_identifier) @name type: (_) @type) @def.field)))
(type_spec
  type: (struct_type (field_declaration_list
    (field_declaration !name type: (_) @base.extends))))
(type_spec
  type: (interface_type
    (method_elem
      name: (field_identifier) @name
      parameters: (parameter_list) @parameters
      result: (_)? @type) @def.method @flag.abstract))
(type_spec
  type: (interface_type
    (type_elem . [(type_identifier) (qualified_type) (generic_type)] @base.extends .)))

; -- package level variables and constants; "_" names nothing
(source_file (const_declaration
  (const_spec name: (identifier) @name type: (_)? @type) @def.constant) (#not-eq? @name "_"))
(source_file (var_declaration
  (var_spec name: (identifier) @name type: (_) @type) @def.variable) (#not-eq? @name "_"))
(source_file (var_declaration
  (var_spec name: (identifier) @name !type value: (expression_list . (_) @value .)) @def.variable) (#not-eq? @name "_"))
(source_file (var_declaration (var_spec_list
  (var_spec name: (identifier) @name type: (_) @type) @def.variable)) (#not-eq? @name "_"))
(source_file (var_declaration (var_spec_list
  (var_spec name: (identifier) @name !type value: (expression_list . (_) @value .)) @def.variable)) (#not-eq? @name "_"))

; -- locals
[(block) (func_literal) (if_statement) (for_statement) (expression_switch_statement)
 (type_switch_statement) (expression_case) (type_case) (default_case) (communication_case)] @block

(function_declaration
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(function_declaration
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @local @type))
(function_declaration
  result: (parameter_list (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(function_declaration
  type_parameters: (type_parameter_list
    (type_parameter_declaration name: (identifier) @name type: (_) @type) @local))
(method_declaration
  receiver: (parameter_list (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(method_declaration
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(method_declaration
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @local @type))
(method_declaration
  result: (parameter_list (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(func_literal
  parameters: (parameter_list
    (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(func_literal
  parameters: (parameter_list
    (variadic_parameter_declaration name: (identifier) @name) @local @type))
(func_literal
  result: (parameter_list (parameter_declaration name: (identifier) @name type: (_) @type) @local))
(short_var_declaration
  left: (expression_list (identifier) @name)
  right: (expression_list . (_) @value .)) @local
; a, b := x, y: only the pairs of equal position are kept
(short_var_declaration
  left: (expression_list (identifier) @name)
  right: (expression_list (_) @value . (_))) @local
(short_var_declaration
  left: (expression_list (identifier) @name)
  right: (expression_list (_) . (_) @value .)) @local
(range_clause left: (expression_list (identifier) @name) right: (_) @iterable) @local
(receive_statement left: (expression_list . (identifier) @name) right: (_) @value) @local
(type_switch_statement alias: (expression_list . (identifier) @name @local) value: (_) @value)
(type_switch_statement
  alias: (expression_list . (identifier) @name)
  (type_case . type: (_) @type @local . ":"))
(statement_list (var_declaration
  (var_spec name: (identifier) @name type: (_) @type) @local))
(statement_list (var_declaration
  (var_spec name: (identifier) @name !type value: (expression_list . (_) @value .)) @local))
(statement_list (var_declaration
  (var_spec_list (var_spec name: (identifier) @name type: (_) @type) @local)))
(statement_list (const_declaration (const_spec name: (identifier) @name type: (_)? @type) @local))
; a type of a function hides what the package calls so
(statement_list (type_declaration (type_spec name: (type_identifier) @name) @local))
(statement_list (type_declaration (type_alias name: (type_identifier) @name) @local))

; -- calls and constructions
(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call
(composite_literal
  type: [(type_identifier) @callee (qualified_type) @callee (generic_type type: (_) @callee)]) @new

; -- generic calls with one argument look like conversions; the resolver tells them apart
(type_conversion_expression type: (generic_type type: (_) @callee)) @call
(type_conversion_expression type: (qualified_type) @callee) @call
(call_expression
  function: (index_expression operand: [(identifier) (selector_expression)] @callee)
  arguments: (argument_list) @arguments) @call

; -- types named anywhere else
(type_identifier) @type.ref
(qualified_type) @type.ref

; -- names read as values
(argument_list [(identifier) (selector_expression)] @mention)
(expression_list [(identifier) (selector_expression)] @mention)
(literal_value (literal_element [(identifier) (selector_expression)] @mention))
(keyed_element value: (literal_element [(identifier) (selector_expression)] @mention))
(binary_expression [(identifier) (selector_expression)] @mention)
(unary_expression operand: [(identifier) (selector_expression)] @mention)
(index_expression [(identifier) (selector_expression)] @mention)
(selector_expression operand: (identifier) @mention)
(parenthesized_expression [(identifier) (selector_expression)] @mention)
(range_clause right: [(identifier) (selector_expression)] @mention)
(slice_expression [(identifier) (selector_expression)] @mention)
(type_assertion_expression operand: [(identifier) (selector_expression)] @mention)
(variadic_argument [(identifier) (selector_expression)] @mention)
(send_statement [(identifier) (selector_expression)] @mention)
[(inc_statement [(identifier) (selector_expression)] @mention)
 (dec_statement [(identifier) (selector_expression)] @mention)]
(if_statement condition: [(identifier) (selector_expression)] @mention)
[(for_statement [(identifier) (selector_expression)] @mention)
 (for_clause condition: [(identifier) (selector_expression)] @mention)]
(expression_switch_statement value: [(identifier) (selector_expression)] @mention)
(type_switch_statement value: [(identifier) (selector_expression)] @mention)

; -- imports
(import_spec
  name: [(package_identifier) (dot) (blank_identifier)]? @alias
  path: [(interpreted_string_literal) (raw_string_literal)] @path) @import
