// The extension with the real server, on a small cluster of its own. The program is the one that
// COLABC names, else the repository's debug build. Skipped, and said so, where it has no `lsp`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { document, fire, seen } from "./stub";

import { activate, deactivate } from "../src/extension";
import { until } from "./until";

const colabc = process.env.COLABC ?? resolve(__dirname, "../../../target/debug/colabc");
const help = existsSync(colabc) ? spawnSync(colabc, ["lsp", "--help"], { encoding: "utf8" }) : undefined;
const hasServer = help?.status === 0 && /\blsp\b/.test(help.stdout);
const why = help === undefined ? `no program ${colabc}` : "this colabc has no language server";

if (!hasServer) {
  // The server is built before this runs in CI; a missing program there would hide a failure.
  assert.ok(process.env.CI !== "true" || help !== undefined, why);
  console.log(`*skipped*: the client with the real server: ${why}`);
}

test("problems of a real file appear and go", { skip: hasServer ? false : why }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "colab-"));
  const path = join(folder, "cluster.colab");
  const broken = 'cluster home {\n  edition = 1\n  domain = \n}\n';
  writeFileSync(path, broken);
  Object.assign(seen, { settings: { "colab.server.path": colabc }, folder });
  const context: { subscriptions: { dispose(): void }[] } = { subscriptions: [] };
  try {
    await activate(context as never);
    assert.equal(seen.status?.text, "running");

    const open = document(path, broken);
    const syntax = (): unknown[] =>
      (seen.diagnostics.get(open.uri.toString()) ?? []).filter(({ code }) => /E01\d\d/.test(JSON.stringify(code)));
    seen.documents.push(open);
    await fire("workspace.onDidOpenTextDocument", open);
    await until("a syntax error", () => syntax().length > 0);

    open.text = 'cluster home {\n  edition = 1\n  domain = "example.org"\n}\n';
    open.version = 2;
    const range = { start: { line: 0, character: 0 }, end: { line: 4, character: 0 } };
    const change = { range, rangeOffset: 0, rangeLength: broken.length, text: open.text };
    await fire("workspace.onDidChangeTextDocument", { document: open, contentChanges: [change] });
    await until("no syntax error", () => syntax().length === 0);
    await deactivate();
    assert.equal(seen.status.text, "stopped");
  } finally {
    context.subscriptions.forEach((one) => {
      one.dispose();
    });
    rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 50 });
  }
});
