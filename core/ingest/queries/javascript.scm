; JavaScript where its grammar differs from TypeScript's; ecmascript.scm has the rest.

(field_definition property: (_) @name
    value: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)]) @def.method
(field_definition property: (_) @name value: (_)? @value) @def.field
(class_heritage (_) @base.extends)

(formal_parameters (identifier) @name @local)
(formal_parameters (assignment_pattern left: (identifier) @name right: (_) @value) @local)

; The parameter of a callback gets the elements of what it is called on.
(call_expression function: (member_expression object: (_) @iterable property: (_) @_method)
    arguments: (arguments . (arrow_function
        parameters: (formal_parameters . (identifier) @name @local)))
    (#any-of? @_method "forEach" "map" "filter" "find" "findLast" "findIndex" "some" "every" "flatMap"))
(call_expression function: (member_expression object: (_) @iterable property: (_) @_method)
    arguments: (arguments . (arrow_function parameter: (identifier) @name @local))
    (#any-of? @_method "forEach" "map" "filter" "find" "findLast" "findIndex" "some" "every" "flatMap"))
