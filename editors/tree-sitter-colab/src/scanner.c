// What a grammar cannot say: that two things stand on one line. The tokens are empty; each only looks
// ahead. Nothing is remembered between two calls.

#include "tree_sitter/parser.h"

enum Token { SAME_LINE, LABEL_AHEAD, ONE_LINE, RECOVERING };

// Deeper than the compiler allows; so the C stack is never at risk.
#define MAX_DEPTH 200

static bool is_word(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void step(TSLexer *lexer) { lexer->advance(lexer, false); }

static bool take(TSLexer *lexer, int32_t c) {
  if (lexer->lookahead != c || lexer->eof(lexer)) {
    return false;
  }
  step(lexer);
  return true;
}

// Goes over the blanks. Says whether anything but a comment follows on this line.
static bool same_line(TSLexer *lexer) {
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
    step(lexer);
  }
  return lexer->lookahead != '\n' && lexer->lookahead != '\r' && !lexer->eof(lexer);
}

// A text, or a word other than `from`.
static bool label(TSLexer *lexer) {
  if (lexer->lookahead == '"') {
    return true;
  }
  if (!is_word(lexer->lookahead) || (lexer->lookahead >= '0' && lexer->lookahead <= '9')) {
    return false;
  }
  for (const char *from = "from"; *from != 0; from++) {
    if (!take(lexer, *from)) {
      return true;
    }
  }
  if (is_word(lexer->lookahead)) {
    return true;
  }
  return take(lexer, '-') && is_word(lexer->lookahead);
}

static bool code(TSLexer *lexer, unsigned depth);

// The rest of a text whose `quotes` quotes are already read, up to the closing ones; on this line.
static bool text(TSLexer *lexer, int32_t quote, unsigned quotes, unsigned depth) {
  unsigned seen = 0;
  while (seen < quotes) {
    if (lexer->eof(lexer) || lexer->lookahead == '\n') {
      return false;
    }
    if (take(lexer, quote)) {
      seen++;
      continue;
    }
    seen = 0;
    if (quote == '"' && take(lexer, '\\')) {
      if (lexer->lookahead == '\n' || lexer->eof(lexer)) {
        return false;
      }
      step(lexer);
    } else if (quote == '"' && take(lexer, '$')) {
      if (take(lexer, '{') && !code(lexer, depth + 1)) {
        return false;
      }
    } else {
      step(lexer);
    }
  }
  return true;
}

// A whole text of any form, from its first quote.
static bool any_text(TSLexer *lexer, int32_t quote, unsigned depth) {
  step(lexer);
  if (!take(lexer, quote)) {
    return text(lexer, quote, 1, depth);
  }
  return !take(lexer, quote) || text(lexer, quote, 3, depth);
}

// What stands in `${ }` or in braces within it, with the closing brace.
static bool code(TSLexer *lexer, unsigned depth) {
  if (depth > MAX_DEPTH) {
    return false;
  }
  while (!lexer->eof(lexer) && lexer->lookahead != '\n') {
    if (lexer->lookahead == '"' || lexer->lookahead == '\'') {
      if (!any_text(lexer, lexer->lookahead, depth)) {
        return false;
      }
    } else if (take(lexer, '}')) {
      return true;
    } else if (take(lexer, '{')) {
      if (!code(lexer, depth + 1)) {
        return false;
      }
    } else if (take(lexer, '/')) {
      if (lexer->lookahead == '/') {
        return false;
      }
    } else {
      step(lexer);
    }
  }
  return false;
}

static bool one_line(TSLexer *lexer) {
  for (;;) {
    int32_t c = lexer->lookahead;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      break;
    }
    lexer->advance(lexer, true);
  }
  lexer->mark_end(lexer);
  if (lexer->lookahead != '"') {
    return false;
  }
  step(lexer);
  if (take(lexer, '"')) {
    return lexer->lookahead != '"';
  }
  return text(lexer, '"', 1, 0);
}

void *tree_sitter_colab_external_scanner_create(void) { return NULL; }

void tree_sitter_colab_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_colab_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_colab_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_colab_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  if (valid[RECOVERING]) {
    return false;
  }
  lexer->mark_end(lexer);
  if (valid[ONE_LINE] && !valid[SAME_LINE] && !valid[LABEL_AHEAD]) {
    lexer->result_symbol = ONE_LINE;
    return one_line(lexer);
  }
  if (valid[SAME_LINE]) {
    lexer->result_symbol = SAME_LINE;
    if (!same_line(lexer)) {
      return false;
    }
    return !(take(lexer, '/') && lexer->lookahead == '/');
  }
  if (valid[LABEL_AHEAD]) {
    lexer->result_symbol = LABEL_AHEAD;
    return same_line(lexer) && label(lexer);
  }
  return false;
}
