// The colours, by the engine that the editor uses. A line `//  ^^^ scope !other` in a fixture speaks of
// the columns above its carets (`// <---` of the first ones), and is not part of the text.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { before, describe, test } from "node:test";

import { createOnigScanner, createOnigString, loadWASM } from "vscode-oniguruma";
import { type IGrammar, INITIAL, type IToken, Registry, parseRawGrammar } from "vscode-textmate";

const root = resolve(__dirname, "..");
const repository = resolve(root, "../..");
const fixtures = join(root, "test/fixtures");

let grammar: IGrammar;

before(async () => {
  const wasm = createRequire(__filename).resolve("vscode-oniguruma/release/onig.wasm");
  await loadWASM(readFileSync(wasm));
  const path = join(root, "syntaxes/colab.tmLanguage.json");
  const registry = new Registry({
    onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(path, "utf8"), path)),
  });
  const loaded = await registry.loadGrammar("source.colab");
  assert.ok(loaded, "the grammar loads");
  grammar = loaded;
});

interface Claim {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  readonly scopes: string[];
}

function read(text: string): { lines: string[]; rows: number[]; claims: Claim[] } {
  const lines: string[] = [];
  const rows: number[] = [];
  const claims: Claim[] = [];
  text.split("\n").forEach((line, row) => {
    const mark = /^(\s*\/\/\s*)(?:<(-+)|(\^+)) (.*)$/.exec(line);
    if (mark === null) {
      lines.push(line);
      rows.push(row + 1);
      return;
    }
    const [, lead = "", dashes, carets = "", scopes = ""] = mark;
    const from = dashes === undefined ? lead.length : 0;
    claims.push({
      row: lines.length - 1,
      from,
      to: from + (dashes ?? carets).length,
      scopes: scopes.split(" "),
    });
  });
  return { lines, rows, claims };
}

function tokenize(lines: readonly string[]): { tokens: IToken[][]; depth: number } {
  let stack = INITIAL;
  const tokens = lines.map((line) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    return result.tokens;
  });
  // A type may go on in the next line; only a word shows that it does not.
  const { ruleStack } = grammar.tokenizeLine("end", stack);
  return { tokens, depth: ruleStack.depth };
}

describe("scopes of the fixtures", () => {
  for (const name of readdirSync(fixtures)) {
    test(name, () => {
      const { lines, rows, claims } = read(readFileSync(join(fixtures, name), "utf8"));
      const { tokens, depth } = tokenize(lines);
      const wrong: string[] = [];
      for (const { row, from, to, scopes } of claims) {
        for (let column = from; column < to; column++) {
          const token = tokens[row]?.find((it) => it.startIndex <= column && column < it.endIndex);
          const found = token?.scopes ?? [];
          for (const scope of scopes) {
            const name = scope.replace(/^!/, "");
            const has = found.some((it) => it === name || it.startsWith(`${name}.`));
            if (has === scope.startsWith("!")) {
              wrong.push(`${String(rows[row])}:${column + 1}: ${scope}, found ${found.join(" ")}`);
            }
          }
        }
      }
      assert.ok(claims.length > 5, "the fixture claims something");
      assert.deepEqual(wrong, []);
      assert.equal(depth, 1, "nothing is left open at the end");
    });
  }
});

describe("the project's own sources", () => {
  const sources = ["", "nodes", "services", "stdlib"].flatMap((folder) => {
    try {
      return readdirSync(join(repository, folder))
        .filter((name) => name.endsWith(".colab"))
        .map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
  for (const path of sources) {
    test(path, () => {
      const lines = readFileSync(join(repository, path), "utf8").split("\n");
      const { tokens, depth } = tokenize(lines);
      const illegal = tokens.flatMap((line, row) =>
        line
          .filter((token) => token.scopes.some((scope) => scope.startsWith("invalid.")))
          .map((token) => `${row + 1}:${token.startIndex + 1}`),
      );
      assert.deepEqual(illegal, []);
      assert.equal(depth, 1, "nothing is left open at the end");
    });
  }
});
