; For Helix, whose themes know other names than Neovim's. Where two patterns meet, the later one wins.

(identifier) @variable

; -- statements

(entry word: (identifier) @variable.other.member)
(entry word: (identifier) @type body: (block) !value !template !label)
(entry word: (identifier) @type label: (_))
(entry label: (identifier) @variable)
(entry template: (identifier) @function)
(entry template: (member name: (identifier) @function))

(import alias: (identifier) @namespace)
(let name: (identifier) @constant)
(var name: (identifier) @variable.other.member)
(type_declaration name: (identifier) @type)
(kind_declaration name: (identifier) @type)
(kind_declaration plural: (identifier) @type)
(template_declaration name: (identifier) @function)
(template_declaration target: (identifier) @type)
(unset (identifier) @variable.other.member)

; -- expressions

(member name: (identifier) @variable.other.member)
(call function: (identifier) @function)
(call function: (member name: (identifier) @function))
(named_argument name: (identifier) @variable.parameter)
(binding name: (identifier) @variable.parameter)
(comprehension name: (identifier) @variable.parameter)
(is_expression word: (identifier) @type.enum.variant)

((identifier) @variable.builtin
  (#any-of? @variable.builtin "cluster" "inherited" "instances"))

((call function: (identifier) @keyword)
  (#eq? @keyword "secret"))

; -- types

(type_name (identifier) @type)
(generic_type name: (identifier) @type)
(enum_word name: (identifier) @type.enum.variant)
(field name: (identifier) @variable.other.member)
(parameter name: (identifier) @variable.parameter)

; -- literals

[(string) (key) (raw_string) (text)] @string
(escape) @constant.character.escape
[(integer) (quantity) (mode)] @constant.numeric.integer
(float) @constant.numeric.float
[(ip4) (ip6) (mac)] @constant.numeric
(boolean) @constant.builtin.boolean
(none) @constant.builtin

(entry word: (key) @variable.other.member)
(entry label: (key) @string.special)
(import path: (key) @string.special.path)

; -- words and signs

["let" "var" "type" "kind" "template" "enum"] @keyword.storage.type
["default" "override" "final"] @keyword.storage.modifier
["assert" "unset" "from" "matching" "plural" "for"] @keyword
["import" "as"] @keyword.control.import
["if" "then" "else"] @keyword.control.conditional
["in" "is"] @keyword.operator

[
  "=" "+=" "-=" "->" ".." "??" "||" "&&" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "!" "?" "|"
] @operator

["{" "}" "[" "]" "(" ")"] @punctuation.bracket
(generic_type ["<" ">"] @punctuation.bracket)
["," "." ":"] @punctuation.delimiter
(interpolation ["${" "}"] @punctuation.special)

(comment) @comment.line
(doc_comment) @comment.line.documentation
