([(comment) (doc_comment)] @injection.content
  (#set! injection.language "comment"))

; A file in the text is read as what its name says.
((entry
  word: (identifier) @_word
  label: (key (text) @_path)
  value: [(string (text) @injection.content) (raw_string) @injection.content])
  (#eq? @_word "config")
  (#match? @_path "\\.ya?ml$")
  (#set! injection.language "yaml"))

((entry
  word: (identifier) @_word
  label: (key (text) @_path)
  value: [(string (text) @injection.content) (raw_string) @injection.content])
  (#eq? @_word "config")
  (#match? @_path "\\.json$")
  (#set! injection.language "json"))

((entry
  word: (identifier) @_word
  label: (key (text) @_path)
  value: [(string (text) @injection.content) (raw_string) @injection.content])
  (#eq? @_word "config")
  (#match? @_path "\\.toml$")
  (#set! injection.language "toml"))
