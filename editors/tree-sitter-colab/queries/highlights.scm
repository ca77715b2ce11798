; For Neovim, Zed and `tree-sitter highlight`. Where two patterns meet, the later one wins.

(identifier) @variable

; -- statements

(entry word: (identifier) @property)
(entry word: (key) @property)
(entry word: (identifier) @type body: (block) !value !template !label)
(entry word: (identifier) @type label: (_))
(entry label: (identifier) @variable)
(entry label: (key) @string.special)
(entry template: (identifier) @function.call)
(entry template: (member name: (identifier) @function.call))

(import path: (key) @string.special.path)
(import alias: (identifier) @module)
(let name: (identifier) @constant)
(var name: (identifier) @property)
(type_declaration name: (identifier) @type.definition)
(kind_declaration name: (identifier) @type.definition)
(kind_declaration plural: (identifier) @type.definition)
(template_declaration name: (identifier) @function)
(template_declaration target: (identifier) @type)
(unset (identifier) @property)

; -- expressions

(member name: (identifier) @property)
(call function: (identifier) @function.call)
(call function: (member name: (identifier) @function.call))
(named_argument name: (identifier) @variable.parameter)
(binding name: (identifier) @variable.parameter)
(comprehension name: (identifier) @variable.parameter)
(is_expression word: (identifier) @constant)

((identifier) @variable.builtin
  (#any-of? @variable.builtin "cluster" "inherited" "instances"))

((call function: (identifier) @keyword)
  (#eq? @keyword "secret"))

; -- types

(type_name (identifier) @type)
(generic_type name: (identifier) @type)
(enum_word name: (identifier) @constant)
(field name: (identifier) @property)
(parameter name: (identifier) @variable.parameter)

; -- literals

[(string) (key) (raw_string)] @string
(text) @string
(escape) @string.escape
[(integer) (float) (quantity) (mode)] @number
[(ip4) (ip6) (mac)] @number
(boolean) @boolean
(none) @constant.builtin

(entry word: (key) @property)
(entry label: (key) @string.special)
(import path: (key) @string.special.path)

; -- words and signs

[
  "let" "var" "assert" "unset" "default" "override" "final" "from"
  "in" "is" "matching" "plural" "for"
] @keyword

["type" "kind" "template" "enum"] @keyword.type
["import" "as"] @keyword.import
["if" "then" "else"] @keyword.conditional

[
  "=" "+=" "-=" "->" ".." "??" "||" "&&" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "!" "?" "|"
] @operator

["{" "}" "[" "]" "(" ")"] @punctuation.bracket
(generic_type ["<" ">"] @punctuation.bracket)
["," "." ":"] @punctuation.delimiter
(interpolation ["${" "}"] @punctuation.special)

(comment) @comment
(doc_comment) @comment.documentation
