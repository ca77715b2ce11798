/**
 * The syntax of `.colab` for editors. The grammar of record is `grammar/colab.pest`; this one
 * agrees with it on whether a text has a syntax error, which `tests/it/editors.rs` proves.
 *
 * What stands on one line is looked at by `src/scanner.c`. What may not touch a number is said by
 * a token that leads nowhere: the longer token wins and nothing can follow it, so `4GiBs` is
 * one wrong number rather than `4GiB` and a word `s`.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const OTHER_UNIT = "([KMGTP]iB|[kMGTP]?B|cpu)";
const TIME_UNIT = "(ns|us|ms|[smhdw])";
const DIGITS = "(0|[1-9][0-9]{0,17})";
const FRACTION = "[0-9]{1,18}";

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IP4 = `${OCTET}(\\.${OCTET}){3}`;

const HEX = "[0-9a-fA-F]";
const GROUP = `${HEX}{1,4}`;
/** @param {number} n up to so many groups */
const upTo = (n) => `(${GROUP}(:${GROUP}){0,${n - 1}})?`;
/** @param {number} n exactly so many groups */
const groups = (n) => `${GROUP}(:${GROUP}){${n - 1}}`;
/** Eight groups, or fewer with one `::` in the place of zeros. */
const IP6 = [
  groups(8),
  `::${upTo(7)}`,
  ...[1, 2, 3, 4, 5, 6].map((n) => `${groups(n)}::${upTo(7 - n)}`),
  `${groups(7)}::`,
].join("|");

// Characters that cannot be seen, or change the order of others, stand in no text and no comment.
const HIDDEN =
  "\\u{0}-\\u{8}\\u{b}-\\u{1f}\\u{7f}-\\u{9f}\\u{61c}\\u{200e}\\u{200f}" +
  "\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}\\u{feff}";
/** @param {string} others */
const visibleBut = (others) => `[^${HIDDEN}${others}]`;

/** @param {string} source */
const regex = (source) => new RegExp(source, "u");

/**
 * An empty token gets a name to be missed by: without one its absence is not shown as an error.
 * @param {RuleOrLiteral} token
 */
const here = (token) => alias(token, "on this line");

/** @param {RuleOrLiteral} rule */
const list1 = (rule) => seq(rule, repeat(seq(",", rule)), optional(","));

/**
 * With the next stronger level on both sides an operator stands at most once (`a < b < c` is an
 * error); with its own level on the left it groups to the left.
 * @param {RuleOrLiteral} left @param {RuleOrLiteral} operator @param {RuleOrLiteral} right
 */
const binary = (left, operator, right) =>
  seq(field("left", left), field("operator", operator), field("right", right));

export default grammar({
  name: "colab",

  extras: ($) => [/[ \t\n]|\r\n/, $.doc_comment, $.comment],

  externals: ($) => [
    $._same_line, // something follows on this line
    $._label_ahead, // a text or a word other than `from` follows on this line
    $._one_line, // a "..." follows, and ends on the line on which it begins
    $._recovering, // never in a rule: valid only while the parser recovers from an error
  ],

  word: ($) => $.identifier,

  reserved: {
    global: () => [
      "default", "override", "final", "unset", "if", "then", "else", "for", "in", "is", "as",
      "true", "false", "none", "enum", "matching", "assert",
    ],
  },

  conflicts: ($) => [
    // `name in xs` is a comparison until the `:` of a binding is seen.
    [$._primary, $.binding],
  ],

  rules: {
    file: ($) => repeat($._statement),

    // -- statements

    _statement: ($) =>
      choice(
        $.import,
        $.let,
        $.type_declaration,
        $.kind_declaration,
        $.template_declaration,
        $.assert,
        $.var,
        $.unset,
        $.entry,
      ),

    import: ($) =>
      seq("import", here($._label_ahead), field("path", $.key), optional(seq("as", field("alias", $.identifier)))),

    let: ($) =>
      seq(
        "let",
        here($._label_ahead),
        field("name", $.identifier),
        optional(seq($._colon, field("type", $._type))),
        $._equals,
        field("value", $._expression),
      ),

    type_declaration: ($) =>
      seq("type", here($._label_ahead), field("name", $.identifier), $._equals, field("type", $._type)),

    kind_declaration: ($) =>
      seq(
        "kind",
        here($._label_ahead),
        field("name", $.identifier),
        "plural",
        field("plural", $.identifier),
        field("body", alias($._kind_body, $.fields)),
      ),

    template_declaration: ($) =>
      seq(
        "template",
        here($._label_ahead),
        field("name", $.identifier),
        field("parameters", $.parameters),
        "for",
        field("target", $.identifier),
        field("body", $.block),
      ),

    assert: ($) =>
      seq("assert", field("message", $.string), "{", field("condition", $._expression), "}"),

    var: ($) =>
      seq(
        "var",
        here($._label_ahead),
        field("name", $.identifier),
        $._colon,
        field("type", $._type),
        optional(seq($._equals, field("value", $._expression))),
      ),

    unset: ($) =>
      seq(
        "unset",
        here($._same_line),
        $._name,
        repeat(choice(seq($._dot, $._name), seq("[", $.key, "]"))),
      ),

    entry: ($) =>
      choice(
        seq(field("strength", choice("default", "override", "final")), $._head, $._assign),
        seq($._head, $._assign),
        seq($._head, choice("+=", "-="), here($._same_line), field("value", $._expression)),
        seq(
          $._head,
          "from",
          here($._same_line),
          field("template", $._postfix),
          optional(field("body", $.block)),
        ),
        seq($._head, field("body", $.block)),
      ),

    _head: ($) =>
      choice(
        field("word", $._name),
        field("word", $.key),
        seq(
          field("word", $.identifier),
          here($._label_ahead),
          field("label", choice($.identifier, $.key)),
        ),
      ),

    _assign: ($) => seq($._equals, field("value", $._expression), optional(field("body", $.block))),

    block: ($) => seq("{", repeat(seq($._statement, optional(","))), "}"),

    _equals: ($) => seq("=", here($._same_line)),
    _colon: ($) => seq(":", here($._same_line)),
    _dot: ($) => seq(".", here($._same_line)),

    // -- expressions, weakest first

    _expression: ($) => choice($.if_expression, $._arrow),

    if_expression: ($) =>
      seq(
        "if",
        field("condition", $._expression),
        "then",
        field("consequence", $._expression),
        "else",
        field("alternative", $._expression),
      ),

    _arrow: ($) => choice($._range, alias($._arrow_binary, $.binary_expression)),
    _arrow_binary: ($) => binary($._range, "->", $._range),

    _range: ($) => choice($._coalesce, alias($._range_binary, $.binary_expression)),
    _range_binary: ($) => binary($._coalesce, "..", $._coalesce),

    _coalesce: ($) => choice($._or, alias($._coalesce_binary, $.binary_expression)),
    _coalesce_binary: ($) => binary($._coalesce, "??", $._or),

    _or: ($) => choice($._and, alias($._or_binary, $.binary_expression)),
    _or_binary: ($) => binary($._or, "||", $._and),

    _and: ($) => choice($._comparison, alias($._and_binary, $.binary_expression)),
    _and_binary: ($) => binary($._and, "&&", $._comparison),

    _comparison: ($) =>
      choice($._sum, alias($._comparison_binary, $.binary_expression), $.is_expression),
    _comparison_binary: ($) => binary($._sum, choice("==", "!=", "<", "<=", ">", ">=", "in"), $._sum),
    is_expression: ($) => seq(field("value", $._sum), "is", field("word", $.identifier)),

    _sum: ($) => choice($._product, alias($._sum_binary, $.binary_expression)),
    _sum_binary: ($) => binary($._sum, choice("+", "-"), $._product),

    _product: ($) => choice($._unary, alias($._product_binary, $.binary_expression)),
    _product_binary: ($) => binary($._product, choice("*", "/"), $._unary),

    _unary: ($) => choice($.unary_expression, $._postfix),
    unary_expression: ($) =>
      seq(field("operator", choice("!", "-")), field("operand", $._unary)),

    _postfix: ($) => choice($._primary, $.member, $.index, $.call),
    member: ($) => seq(field("object", $._postfix), $._dot, field("name", $._name)),
    index: ($) => seq(field("object", $._postfix), "[", field("index", $._expression), "]"),
    call: ($) => seq(field("function", $._postfix), field("arguments", $.arguments)),

    arguments: ($) =>
      seq("(", optional(list1(choice($.named_argument, $.binding, $._expression))), ")"),
    named_argument: ($) =>
      seq(field("name", $.identifier), $._equals, field("value", $._expression)),
    binding: ($) =>
      seq(
        field("name", $.identifier),
        "in",
        field("sequence", $._sum),
        optional(seq("if", field("condition", $._expression))),
        ":",
        field("item", $._expression),
      ),

    _primary: ($) =>
      choice(
        $.identifier,
        $._literal,
        $.parenthesized,
        $.list,
        $.comprehension,
        $.record,
      ),

    parenthesized: ($) => seq("(", $._expression, ")"),
    list: ($) => seq("[", optional(list1($._expression)), "]"),
    record: ($) => seq("{", repeat(seq($.entry, optional(","))), "}"),
    comprehension: ($) =>
      seq(
        "[",
        "for",
        field("name", $.identifier),
        "in",
        field("sequence", $._expression),
        optional(seq("if", field("condition", $._expression))),
        ":",
        field("item", $._expression),
        "]",
      ),

    // -- types

    _type: ($) => choice($._type_postfix, $.union_type),
    union_type: ($) => seq($._type_postfix, repeat1(seq("|", $._type_postfix))),
    _type_postfix: ($) =>
      choice($._type_primary, $.optional_type, $.bounded_type, $.matching_type),
    optional_type: ($) => seq($._type_primary, "?"),
    bounded_type: ($) =>
      seq($._type_primary, "in", field("low", $._bound), "..", field("high", $._bound)),
    _bound: ($) => choice($.integer, alias($._negative, $.unary_expression)),
    _negative: ($) => seq(field("operator", "-"), field("operand", $.integer)),
    matching_type: ($) =>
      seq($._type_primary, "matching", field("pattern", choice($.key, $.raw_string))),

    _type_primary: ($) => choice($.type_name, $.generic_type, $.enum_type, $.fields),
    type_name: ($) => $.identifier,
    generic_type: ($) =>
      seq(field("name", $.identifier), "<", $._type, repeat(seq(",", $._type)), ">"),
    enum_type: ($) => seq("enum", "{", list1($.enum_word), "}"),
    enum_word: ($) => seq(field("name", $.identifier), optional(field("parameters", $.parameters))),

    fields: ($) => seq("{", repeat(seq($.field, optional(","))), "}"),
    _kind_body: ($) => seq("{", repeat(seq(choice($.assert, $.field), optional(","))), "}"),
    field: ($) =>
      seq(
        field("name", $._name),
        $._colon,
        field("type", $._type),
        optional(seq($._equals, field("default", $._expression))),
      ),

    parameters: ($) => seq("(", optional(list1($.parameter)), ")"),
    parameter: ($) =>
      seq(
        field("name", $.identifier),
        $._colon,
        field("type", $._type),
        optional(seq($._equals, field("default", $._expression))),
      ),

    // -- tokens

    identifier: () => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*/,

    // Where a name may stand, so may the words that mean something only before a name.
    _name: ($) => choice($.identifier, alias($._contextual, $.identifier)),
    _contextual: () =>
      choice("import", "let", "type", "kind", "template", "var", "from", "plural"),

    _literal: ($) =>
      choice(
        $.string,
        $.raw_string,
        $.ip6,
        $.mac,
        $.ip4,
        $.quantity,
        $.mode,
        $.float,
        $.integer,
        $.boolean,
        $.none,
        $.malformed,
      ),

    boolean: () => choice("true", "false"),
    none: () => "none",

    ip6: () => token(regex(`(${IP6})(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?`)),
    mac: () => token(regex(`(${HEX}{2}:){5}${HEX}{2}`)),
    ip4: () => token(regex(`${IP4}(/(3[0-2]|[1-2]?[0-9]))?`)),
    quantity: () =>
      token(regex(`${DIGITS}(\\.${FRACTION})?(${TIME_UNIT}(${DIGITS}${TIME_UNIT})*|${OTHER_UNIT})`)),
    mode: () => /0[0-7]{3,4}/,
    float: () => token(regex(`${DIGITS}\\.${FRACTION}`)),
    integer: () => token(regex(DIGITS)),

    // What touches a number, an address or a run of colons and makes it none. Last, so that a
    // literal of the same length wins.
    malformed: ($) =>
      seq(
        token(choice(
          /[0-9]\w*(\.[0-9]\w*)*/,
          /[0-9]+(\.[0-9]+){3}\/[0-9]\w*/,
          /\w*(:\w+)*::\w*(::?\w+)*(\/[0-9]\w*)?/,
          /\w+(:\w+){5,}(\/[0-9]\w*)?/,
        )),
        $.end_of_literal,
      ),
    end_of_literal: () => /\u{10FFFF}/u,

    string: ($) =>
      choice(
        seq(
          here($._one_line),
          '"',
          repeat(choice($._line_piece, $.interpolation)),
          token.immediate('"'),
        ),
        seq(
          '"""',
          repeat(
            choice(
              alias($._block_text, $.text),
              alias(token.immediate("$"), $.text),
              alias(token.immediate('"'), $.text),
              $.escape,
              $.interpolation,
            ),
          ),
          token.immediate('"""'),
        ),
      ),

    // A text without values in it: a label, a quoted word, a path.
    key: ($) =>
      seq(
        '"',
        repeat(choice($._line_piece, seq(token.immediate("${"), $.end_of_literal))),
        token.immediate('"'),
      ),

    _line_piece: ($) =>
      choice(alias($._line_text, $.text), alias(token.immediate("$"), $.text), $.escape),
    _line_text: () => token.immediate(prec(2, regex(`${visibleBut('"\\\\$\\n')}+`))),
    _block_text: () => token.immediate(prec(2, regex(`(${visibleBut('"\\\\$')}|\\r\\n)+`))),
    escape: () =>
      token.immediate(
        choice(
          /\\[nt\\"$]/,
          // No surrogate, nothing above 10ffff, no more zeros than four digits need.
          /\\u\{(10[0-9a-fA-F]{4}|[1-9a-fA-F][0-9a-fA-F]{4}|[0-9a-ce-fA-CE-F][0-9a-fA-F]{3})\}/,
          /\\u\{([dD][0-7][0-9a-fA-F]{2}|[0-9a-fA-F]{1,3})\}/,
        ),
      ),
    interpolation: ($) => seq(token.immediate("${"), $._expression, "}"),

    raw_string: () => {
      const other = `(${visibleBut("'")}|\\r\\n)`;
      const line = `'${visibleBut("'\\n")}*'`;
      return token(choice(regex(line), regex(`'''('{0,2}${other})*'''`)));
    },

    doc_comment: () => token(prec(1, regex(`///${visibleBut("\\n")}*`))),
    comment: () => token(regex(`//${visibleBut("\\n")}*`)),
  },
});
