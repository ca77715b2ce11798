(entry body: (block (_)* @class.inside)) @class.around
(template_declaration body: (block (_)* @function.inside)) @function.around
[(parameter) (named_argument)] @parameter.inside
(entry) @entry.around
[(comment) (doc_comment)] @comment.inside
[(comment) (doc_comment)]+ @comment.around
