(entry
  word: (_) @context
  label: (_) @name) @item

(entry
  word: (_) @name
  body: (block)
  !label) @item

(let "let" @context name: (_) @name) @item
(type_declaration "type" @context name: (_) @name) @item
(kind_declaration "kind" @context name: (_) @name) @item
(template_declaration "template" @context name: (_) @name) @item
