// The life of `colabc lsp`: started, stopped, restarted, and what the status item says of it.

import * as vscode from "vscode";
import {
  CloseAction,
  type ErrorHandler,
  LanguageClient,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";

import { locate } from "./binary";

const OUTPUT: vscode.Command = { command: "colab.showOutput", title: "Show Output" };
const RESTART: vscode.Command = { command: "colab.restartServer", title: "Restart Server" };
const SETTINGS: vscode.Command = {
  command: "workbench.action.openSettings",
  arguments: ["colab.server.path"],
  title: "Set the Path",
};

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly status: vscode.LanguageStatusItem;
  private readonly files = vscode.workspace.createFileSystemWatcher("**/*.colab");
  /** Starts and stops happen one after the other, in the order in which they were asked for. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly output: vscode.LogOutputChannel) {
    this.status = vscode.languages.createLanguageStatusItem("colab.server", { language: "colab" });
    this.status.name = "Colab";
    this.say("stopped", vscode.LanguageStatusSeverity.Information);
  }

  /** The compiler that the settings name, if it is there. */
  find(): string | undefined {
    const { folder, setting } = wanted();
    return locate(setting, { folder, env: process.env, platform: process.platform });
  }

  /** The compiler that the settings name, or nothing and a message to the user. */
  program(): string | undefined {
    const found = this.find();
    if (found === undefined) {
      const { setting } = wanted();
      this.output.error(`no program \`${setting}\` in PATH or on the disk (setting colab.server.path)`);
      void offerSettings(setting);
    }
    return found;
  }

  start(): Promise<void> {
    return this.enqueue(() => this.startNow());
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.stopNow());
  }

  restart(): Promise<void> {
    return this.enqueue(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  dispose(): void {
    this.files.dispose();
    this.status.dispose();
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step);
    return this.queue;
  }

  private async startNow(): Promise<void> {
    if (this.client !== undefined || !vscode.workspace.isTrusted) {
      return;
    }
    const command = this.program();
    if (command === undefined) {
      this.say("not found", vscode.LanguageStatusSeverity.Error, SETTINGS);
      return;
    }
    this.output.info(`starting ${command} lsp`);
    let started = false;
    let handler: ErrorHandler | undefined;
    const usual = (): ErrorHandler => (handler ??= client.createDefaultErrorHandler());
    const client: LanguageClient = new LanguageClient(
      "colab",
      "Colab",
      // Without a `transport` it talks over stdio; naming it would add an argument `--stdio`.
      { command, args: ["lsp"] },
      {
        // Also what was never saved: it is a project of its own.
        documentSelector: ["file", "untitled"].map((scheme) => ({ language: "colab", scheme })),
        outputChannel: this.output,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        synchronize: { fileEvents: this.files },
        // Findings of all files, also those not open, as soon as there are some: nothing to fetch.
        initializationOptions: { diagnostics: "push" },
        errorHandler: {
          error: (...what) => usual().error(...what),
          // One that never ran is not started again: nobody would own it.
          closed: () =>
            this.client === client && started
              ? usual().closed()
              : { action: CloseAction.DoNotRestart, handled: true },
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      this.show(newState);
    });
    this.client = client;
    try {
      await client.start();
      started = true;
    } catch (error) {
      this.client = undefined;
      this.say("failed to start", vscode.LanguageStatusSeverity.Error, OUTPUT);
      this.output.error(`${command} lsp did not start: ${String(error)}`);
      await client.dispose().catch(() => undefined);
    }
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.output.warn(`colabc lsp did not stop cleanly: ${String(error)}`);
    }
  }

  private show(state: State): void {
    const { Information, Error } = vscode.LanguageStatusSeverity;
    this.status.busy = state === State.Starting;
    if (state === State.Running) {
      this.say("running", Information, OUTPUT, this.client?.initializeResult?.serverInfo?.version);
    } else if (state === State.Starting) {
      this.say("starting", Information);
    } else {
      // The client of a stop that was asked for is already forgotten.
      this.say("stopped", this.client === undefined ? Information : Error, RESTART);
    }
  }

  /** What the status item says, and what a click on it does next. */
  private say(text: string, severity: vscode.LanguageStatusSeverity, next = RESTART, version?: string): void {
    this.status.text = text;
    this.status.detail = version === undefined ? "colabc" : `colabc ${version}`;
    this.status.severity = severity;
    this.status.command = next;
  }
}

function wanted(): { folder: string | undefined; setting: string } {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const setting = vscode.workspace.getConfiguration("colab", folder).get("server.path", "colabc");
  return { folder: folder?.fsPath, setting };
}

/** Nobody waits for the answer: a message may stay open for hours. */
async function offerSettings(setting: string): Promise<void> {
  const open = "Open Settings";
  const answer = await vscode.window.showErrorMessage(
    `Colab: no program \`${setting}\`. Install colabc, or say where it is.`,
    open,
  );
  if (answer === open) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "colab.server.path");
  }
}
