; Elements of JavaScript and TSX: using a component calls it. They are told from calls by their role.

(jsx_opening_element name: (_) @callee) @macro
(jsx_self_closing_element name: (_) @callee) @macro
