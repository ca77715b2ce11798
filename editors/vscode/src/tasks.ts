// `colabc check` and `colabc build` as tasks, with their problems in the list of problems.

import * as vscode from "vscode";

const ARGUMENTS = {
  build: ["build"],
  check: ["check", "--format", "short"],
} as const;

export type TaskName = keyof typeof ARGUMENTS;

export class Tasks implements vscode.TaskProvider {
  constructor(private readonly program: () => string | undefined) {}

  provideTasks(): vscode.Task[] {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const names: TaskName[] = ["build", "check"];
    return folder === undefined ? [] : names.flatMap((name) => this.task(name, folder) ?? []);
  }

  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const name: unknown = task.definition.command;
    return (name === "build" || name === "check") && isFolder(task.scope)
      ? this.task(name, task.scope, task.definition)
      : undefined;
  }

  task(
    name: TaskName,
    folder: vscode.WorkspaceFolder,
    definition: vscode.TaskDefinition = { type: "colabc", command: name },
  ): vscode.Task | undefined {
    const program = this.program();
    if (program === undefined) {
      return undefined;
    }
    const run = new vscode.ProcessExecution(program, [...ARGUMENTS[name]], { cwd: folder.uri.fsPath });
    const task = new vscode.Task(definition, folder, name, "colabc", run, "$colabc");
    task.group = vscode.TaskGroup.Build;
    return task;
  }
}

function isFolder(scope: vscode.Task["scope"]): scope is vscode.WorkspaceFolder {
  return typeof scope === "object";
}
