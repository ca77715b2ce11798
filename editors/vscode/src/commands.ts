// The commands of the palette. Each asks the compiler once and shows what it said.

import { dirname } from "node:path";

import * as vscode from "vscode";

import { type Answer, run } from "./compiler";
import { type Pages, subject } from "./explain";
import type { Server } from "./server";
import type { Tasks } from "./tasks";

export interface Parts {
  readonly server: Server;
  readonly tasks: Tasks;
  readonly pages: Pages;
  readonly output: vscode.LogOutputChannel;
}

export function register(parts: Parts): vscode.Disposable[] {
  const commands: Record<string, () => unknown> = {
    "colab.build": () => build(parts),
    "colab.showGraph": () => showGraph(parts),
    "colab.explain": () => explain(parts),
    "colab.restartServer": () => parts.server.restart(),
    "colab.showOutput": () => {
      parts.output.show();
    },
  };
  return Object.entries(commands).map(([id, act]) => vscode.commands.registerCommand(id, act));
}

async function build({ server, tasks }: Parts): Promise<void> {
  const folder = project();
  if (folder === undefined || server.program() === undefined) {
    return;
  }
  const task = tasks.task("build", folder);
  if (task !== undefined) {
    await vscode.workspace.saveAll(false);
    await vscode.tasks.executeTask(task);
  }
}

async function showGraph(parts: Parts): Promise<void> {
  const answer = await ask(parts, "Drawing the graph", ["graph", "--format", "html"]);
  if (answer === undefined) {
    return;
  }
  const panel = vscode.window.createWebviewPanel("colab.graph", "Colab Graph", vscode.ViewColumn.Beside, {
    enableScripts: true,
    enableFindWidget: true,
    retainContextWhenHidden: true,
    localResourceRoots: [],
  });
  panel.webview.html = answer.stdout;
}

async function explain(parts: Parts): Promise<void> {
  const about = await vscode.window.showInputBox({
    title: "Explain",
    prompt: "A value's path, an error code, or FILE:LINE of a file in out/",
    placeHolder: "cooperator.packages, E0301, out/ssh/config:4",
    value: subject(vscode.window.activeTextEditor),
  });
  if (about === undefined || about.trim() === "") {
    return;
  }
  // After `--` nothing that the user types is taken for an option.
  const answer = await ask(parts, `Explaining ${about.trim()}`, ["explain", "--", about.trim()]);
  if (answer !== undefined) {
    const uri = parts.pages.put(about.trim(), answer.stdout);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }
}

/** Runs the compiler where the project is. What went wrong is told to the user. */
async function ask(parts: Parts, title: string, args: string[]): Promise<Answer | undefined> {
  const folder = project();
  const program = folder === undefined ? undefined : parts.server.program();
  if (folder === undefined || program === undefined) {
    return undefined;
  }
  const where = { location: vscode.ProgressLocation.Window, title: `Colab: ${title}` };
  try {
    const answer = await vscode.window.withProgress(where, () => run(program, args, within(folder)));
    if (answer.code === 0) {
      return answer;
    }
    parts.output.error(`colabc ${args.join(" ")}: exit code ${String(answer.code)}\n${answer.stderr}`);
    complain(parts, firstLine(answer.stderr) || `colabc ended with ${String(answer.code)}`);
  } catch (error) {
    parts.output.error(`colabc ${args.join(" ")}: ${String(error)}`);
    complain(parts, String(error));
  }
  return undefined;
}

function complain({ output }: Parts, message: string): void {
  const show = "Show Output";
  void vscode.window.showErrorMessage(`Colab: ${message}`, show).then((answer) => {
    if (answer === show) {
      output.show();
    }
  });
}

/** The folder of the file that is looked at, else the first one. */
function project(): vscode.WorkspaceFolder | undefined {
  const open = vscode.window.activeTextEditor?.document.uri;
  const folder =
    (open === undefined ? undefined : vscode.workspace.getWorkspaceFolder(open)) ??
    vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    void vscode.window.showWarningMessage("Colab: open a folder with a cluster.colab first.");
  }
  return folder;
}

/** Where the compiler begins to look upwards for the cluster: several may lie in one folder of the workspace. */
function within(folder: vscode.WorkspaceFolder): string {
  const open = vscode.window.activeTextEditor?.document;
  const ours = open?.languageId === "colab" && open.uri.scheme === "file";
  return ours && vscode.workspace.getWorkspaceFolder(open.uri) !== undefined
    ? dirname(open.uri.fsPath)
    : folder.uri.fsPath;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}
