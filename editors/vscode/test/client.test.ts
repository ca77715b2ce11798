// What the extension does, with a stub of the editor and a stand-in for the server.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";

import { at, document, fire, seen } from "./stub";

import { activate, deactivate } from "../src/extension";
import { until } from "./until";

const fake = resolve(__dirname, "../test/fake-colabc.mjs");
const manifest = JSON.parse(readFileSync(resolve(__dirname, "../package.json"), "utf8")) as {
  contributes: {
    commands: { command: string }[];
    problemPatterns: { regexp: string }[];
    taskDefinitions: { type: string }[];
    problemMatchers: { name: string }[];
  };
};

let folder: string;
let context: { subscriptions: { dispose(): void }[] };

const heard = (): string[] => readFileSync(join(folder, "log"), "utf8").trim().split("\n");
const start = (): Promise<void> => activate(context as never);
const call = async (id: string): Promise<void> => {
  const act = seen.commands.get(id);
  assert.ok(act, `${id} is registered`);
  await act();
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "colab-"));
  context = { subscriptions: [] };
  Object.assign(seen, {
    settings: { "colab.server.path": fake },
    trusted: true, folder, press: undefined, type: undefined, editor: undefined,
    messages: [], boxes: [], log: [], panels: [], tasks: [], pages: [], executed: [], documents: [],
  });
  seen.diagnostics.clear();
  process.env.COLAB_FAKE_LOG = join(folder, "log");
  delete process.env.COLAB_FAKE_DIES;
});

afterEach(async () => {
  await deactivate();
  context.subscriptions.forEach((one) => {
    one.dispose();
  });
  rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 50 });
});

describe("the server", () => {
  test("starts with the editor and says so", async () => {
    await start();
    assert.equal(seen.status?.text, "running");
    assert.equal(seen.status.detail, "colabc 9.9.9");
    assert.equal(seen.status.command?.command, "colab.showOutput");
    await until("the third word", () => heard().length >= 3);
    assert.deepEqual(heard().slice(0, 3), ["lsp", "initialize", "initialized"]);
    assert.deepEqual(seen.messages, []);
  });

  test("is stopped politely", async () => {
    await start();
    await deactivate();
    assert.equal(seen.status?.text, "stopped");
    assert.equal(seen.status.command?.command, "colab.restartServer");
    await until("its end", () => heard().includes("exit"));
    assert.deepEqual(heard().slice(-2), ["shutdown", "exit"]);
  });

  test("is restarted by command, once for each time it is asked", async () => {
    await start();
    await Promise.all([call("colab.restartServer"), call("colab.restartServer")]);
    assert.equal(heard().filter((line) => line === "lsp").length, 3);
    await until("two ends", () => heard().filter((line) => line === "exit").length === 2);
    assert.equal(seen.status?.text, "running");
  });

  test("sends problems, and takes them back", async () => {
    await start();
    const open = document(join(folder, "cluster.colab"), "bad");
    seen.documents.push(open);
    await fire("workspace.onDidOpenTextDocument", open);
    const problems = (): unknown[] => seen.diagnostics.get(open.uri.toString()) ?? [];
    await until("a problem", () => problems().length === 1);
    assert.equal((problems()[0] as { code: string }).code, "E0101");

    open.text = "good";
    open.version = 2;
    await fire("workspace.onDidChangeTextDocument", { document: open, contentChanges: [{}] });
    await until("no problem", () => problems().length === 0);
  });

  test("that is not there is told once, with the way to the setting", async () => {
    seen.settings["colab.server.path"] = "/nowhere/colabc";
    seen.press = "Open Settings";
    await start();
    assert.equal(seen.status?.text, "not found");
    assert.deepEqual(seen.status.command?.arguments, ["colab.server.path"]);
    assert.equal(seen.messages.length, 1);
    assert.match(seen.messages[0]?.text ?? "", /`\/nowhere\/colabc`/);
    await until("settings", () => seen.executed.length === 1);
    assert.deepEqual(seen.executed, [["workbench.action.openSettings", "colab.server.path"]]);
  });

  test("starts as soon as the setting is right", async () => {
    seen.settings["colab.server.path"] = "/nowhere/colabc";
    await start();
    seen.settings["colab.server.path"] = fake;
    const affectsConfiguration = (name: string): boolean => name === "colab.server.path";
    await fire("workspace.onDidChangeConfiguration", { affectsConfiguration });
    await until("a running server", () => seen.status?.text === "running");
  });

  test("does not start in a folder that is not trusted", async () => {
    seen.trusted = false;
    await start();
    assert.equal(seen.status?.text, "stopped");
    seen.trusted = true;
    await fire("workspace.onDidGrantWorkspaceTrust", undefined);
    await until("a running server", () => seen.status?.text === "running");
  });

  test("that ends at once is no error of the extension", async () => {
    process.env.COLAB_FAKE_DIES = "1";
    await start();
    assert.equal(seen.status?.text, "failed to start");
    delete process.env.COLAB_FAKE_DIES;
    await call("colab.restartServer");
    assert.equal(seen.status.text, "running");
    await deactivate();
    assert.equal(heard().filter((line) => line === "lsp").length, 2, "nobody else started one");
  });

  test("that crashes comes back", async () => {
    await start();
    const open = document(join(folder, "cluster.colab"), "crash");
    await fire("workspace.onDidOpenTextDocument", open);
    await until("a second start", () => heard().filter((line) => line === "initialized").length === 2);
    await until("a running server", () => seen.status?.text === "running");
  });
});

describe("commands", () => {
  test("are those of the manifest", async () => {
    await start();
    const named = manifest.contributes.commands.map(({ command }) => command).sort();
    assert.deepEqual([...seen.commands.keys()].sort(), named);
  });

  test("build runs the task with the manifest's problem matcher", async () => {
    await start();
    await call("colab.build");
    const [task] = seen.tasks;
    const run = task?.execution as { process: string; args: string[]; options: { cwd: string } };
    assert.deepEqual([run.process, run.args, run.options.cwd], [fake, ["build"], folder]);
    assert.equal(task?.problemMatchers, `$${manifest.contributes.problemMatchers[0]?.name ?? ""}`);
    assert.equal(task.definition.type, manifest.contributes.taskDefinitions[0]?.type);
  });

  test("show graph puts the compiler's page into a panel", async () => {
    await start();
    await call("colab.showGraph");
    assert.deepEqual(seen.panels.map(({ webview }) => webview.html), ["<p>a graph</p>"]);
    assert.ok(heard().includes("graph --format html"));
  });

  test("a cluster in a folder of the workspace is the one that is asked about", async () => {
    await start();
    const inner = join(folder, "inner");
    mkdirSync(inner);
    const open = document(join(inner, "cluster.colab"), "good");
    seen.editor = { document: open, selection: { active: at(0, 1) } };
    await call("colab.showGraph");
    assert.ok(heard().includes(`in ${realpathSync(inner)}`), heard().join("\n"));
  });

  test("explain offers the code of the problem under the cursor", async () => {
    await start();
    const open = document(join(folder, "cluster.colab"), "bad = 1");
    seen.documents.push(open);
    await fire("workspace.onDidOpenTextDocument", open);
    await until("a problem", () => seen.diagnostics.size === 1);
    seen.editor = { document: open, selection: { active: at(0, 1) } };
    seen.type = "E0101";
    await call("colab.explain");
    assert.equal(seen.boxes[0]?.value, "E0101");
    assert.deepEqual(seen.pages, ["E0101 is explained"]);
  });

  test("explain offers the path under the cursor, and no option comes through", async () => {
    await start();
    const open = document(join(folder, "cluster.colab"), "x = node.os-family.name + 1");
    seen.editor = { document: open, selection: { active: at(0, 14) } };
    seen.type = "--all";
    await call("colab.explain");
    assert.equal(seen.boxes[0]?.value, "node.os-family.name");
    assert.ok(heard().includes("explain -- --all"));
  });

  test("a refusal of the compiler is shown by its first line", async () => {
    await start();
    seen.type = "unknown";
    await call("colab.explain");
    assert.deepEqual(seen.messages.map(({ text }) => text), ["Colab: nothing is called `unknown`"]);
    assert.deepEqual(seen.pages, []);
  });

  test("without a folder they say what is missing", async () => {
    await start();
    seen.folder = undefined;
    await call("colab.showGraph");
    assert.match(seen.messages[0]?.text ?? "", /open a folder/);
    assert.deepEqual(seen.panels, []);
  });
});

describe("the problem matcher", () => {
  const pattern = new RegExp(manifest.contributes.problemPatterns[0]?.regexp ?? "");
  const cases: [string, string[]][] = [
    [
      "services/gitea.colab:12:3: error[E0301]: expected a port, found `x: y`",
      ["services/gitea.colab", "12", "3", "error", "E0301", "expected a port, found `x: y`"],
    ],
    [
      "C:\\c\\a b.colab:1:20: warning[L0102]: no health check",
      ["C:\\c\\a b.colab", "1", "20", "warning", "L0102", "no health check"],
    ],
  ];
  for (const [line, parts] of cases) {
    test(line, () => {
      assert.deepEqual(pattern.exec(line)?.slice(1), parts);
    });
  }
  test("nothing else", () => {
    assert.equal(pattern.exec("1 error in 3 files"), null);
  });
});
