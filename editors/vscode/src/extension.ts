// Where the editor comes in: the parts are made here and handed to each other.

import * as vscode from "vscode";

import { register } from "./commands";
import { Pages, SCHEME } from "./explain";
import { Server } from "./server";
import { Tasks } from "./tasks";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Colab", { log: true });
  const life = new Server(output);
  const tasks = new Tasks(() => life.find());
  const pages = new Pages();
  server = life;
  context.subscriptions.push(
    output,
    life,
    vscode.tasks.registerTaskProvider("colabc", tasks),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, pages),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) {
        pages.forget(uri);
      }
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("colab.server.path")) {
        void life.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      void life.start();
    }),
    ...register({ server: life, tasks, pages, output }),
  );
  await life.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}
