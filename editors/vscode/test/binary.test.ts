// Where the compiler is looked for.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";

import { expand, locate } from "../src/binary";

let folder: string;
let program: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "colab-"));
  mkdirSync(join(folder, "bin"));
  program = join(folder, "bin", "colabc");
  writeFileSync(program, "");
  chmodSync(program, 0o755);
  writeFileSync(join(folder, "bin", "text"), "");
  writeFileSync(join(folder, "bin", "win.exe"), "", { mode: 0o755 });
});

after(() => {
  rmSync(folder, { recursive: true });
});

const find = (setting: string, path = "", platform: NodeJS.Platform = "linux"): string | undefined =>
  locate(setting, { folder, env: { PATH: path }, platform });

test("home, folder and the empty setting", () => {
  assert.equal(expand("~/bin/colabc", undefined, "/home/u"), "/home/u/bin/colabc");
  assert.equal(expand("~user/x", undefined, "/home/u"), "~user/x");
  assert.equal(expand("${workspaceFolder}/colabc", "/a$&b"), "/a$&b/colabc");
  assert.equal(expand("  ", undefined), "colabc");
});

test("a name is looked up in PATH, in its order", () => {
  assert.equal(find("colabc", ["/nowhere", join(folder, "bin")].join(delimiter)), program);
  assert.equal(find("colabc", "/nowhere"), undefined);
  assert.equal(find("colabc", ""), undefined);
});

test("a path is taken from the folder, not from PATH", () => {
  assert.equal(find("bin/colabc"), program);
  assert.equal(find(program), program);
  assert.equal(find("./colabc", join(folder, "bin")), undefined);
});

test("neither a folder nor a file that cannot run", () => {
  assert.equal(find("./bin"), undefined);
  assert.equal(find("bin/text"), undefined);
});

test("Windows needs no .exe", () => {
  assert.equal(find("bin/win", "", "win32"), join(folder, "bin", "win.exe"));
  assert.equal(find("bin/win", "", "linux"), undefined);
});
