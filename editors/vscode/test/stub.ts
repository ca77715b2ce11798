// A stand-in for the module `vscode`, which exists only inside the editor. Its names come from the real
// declarations (@types/vscode), so a name that the editor does not have is missing here too. What
// the tests look at (settings, messages, diagnostics, panels) is kept in `seen`.

import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import ts from "typescript";

type Anything = Record<string, unknown>;
type Listener = (value: unknown) => unknown;

class Disposable {
  constructor(private readonly act: () => void = () => undefined) {}
  static from(...all: Disposable[]): Disposable {
    return new Disposable(() => {
      all.forEach((one) => {
        one.dispose();
      });
    });
  }
  dispose(): void {
    this.act();
  }
}

class EventEmitter {
  private readonly listeners = new Set<Listener>();
  readonly event = (listen: Listener, self?: unknown): Disposable => {
    const bound = self === undefined ? listen : listen.bind(self);
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  async fire(value: unknown): Promise<void> {
    await Promise.all([...this.listeners].map((listen) => listen(value)));
  }
  dispose(): void {
    this.listeners.clear();
  }
}

class Position {
  constructor(readonly line: number, readonly character: number) {}
}

class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(...ends: [Position, Position] | [number, number, number, number]) {
    this.start = ends.length === 2 ? ends[0] : new Position(ends[0], ends[1]);
    this.end = ends.length === 2 ? ends[1] : new Position(ends[2], ends[3]);
  }
  contains({ line, character }: Position): boolean {
    const after = line > this.start.line || (line === this.start.line && character >= this.start.character);
    const before = line < this.end.line || (line === this.end.line && character <= this.end.character);
    return after && before;
  }
}

class Uri {
  private constructor(readonly scheme: string, readonly path: string) {}
  static file(path: string): Uri {
    return new Uri("file", path);
  }
  static parse(text: string): Uri {
    const url = new URL(text);
    return new Uri(url.protocol.slice(0, -1), decodeURIComponent(url.pathname));
  }
  static from({ scheme, path }: { scheme: string; path: string }): Uri {
    return new Uri(scheme, path);
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    return this.scheme === "file" ? pathToFileURL(this.path).href : `${this.scheme}:${this.path}`;
  }
}

class CancellationTokenSource {
  readonly token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter().event };
  cancel(): void {
    this.token.isCancellationRequested = true;
  }
  dispose(): void {
    this.cancel();
  }
}

class CodeActionKind {
  static readonly Empty = new CodeActionKind("");
  static readonly QuickFix = new CodeActionKind("quickfix");
  static readonly Refactor = new CodeActionKind("refactor");
  static readonly RefactorExtract = new CodeActionKind("refactor.extract");
  static readonly RefactorInline = new CodeActionKind("refactor.inline");
  static readonly RefactorRewrite = new CodeActionKind("refactor.rewrite");
  static readonly Source = new CodeActionKind("source");
  static readonly SourceFixAll = new CodeActionKind("source.fixAll");
  static readonly SourceOrganizeImports = new CodeActionKind("source.organizeImports");
  constructor(readonly value: string) {}
  append(part: string): CodeActionKind {
    return new CodeActionKind(this.value === "" ? part : `${this.value}.${part}`);
  }
}

class Diagnostic {
  code: unknown;
  constructor(readonly range: Range, readonly message: string, readonly severity: number) {}
}

class Task {
  constructor(
    readonly definition: Anything,
    readonly scope: unknown,
    readonly name: string,
    readonly source: string,
    readonly execution: unknown,
    readonly problemMatchers: unknown,
  ) {}
}

class ProcessExecution {
  constructor(readonly process: string, readonly args: string[], readonly options: Anything) {}
}

export interface StatusItem {
  text: string;
  detail?: string;
  command?: { command: string; arguments?: unknown[] };
  severity: number;
  busy: boolean;
  dispose(): void;
}

export interface Message {
  readonly text: string;
  readonly buttons: readonly string[];
}

export interface Panel {
  readonly title: string;
  readonly webview: { html: string };
}

export interface Document {
  readonly uri: Uri;
  readonly languageId: string;
  version: number;
  text: string;
  getText(range?: Range): string;
  getWordRangeAtPosition(place: Position, pattern: RegExp): Range | undefined;
}

const workspaceFolder = (path: string): Anything => ({ uri: Uri.file(path), name: "project", index: 0 });

/** All that the extension did, and all that the user and the workspace are. */
export const seen = {
  settings: {} as Anything,
  trusted: true,
  folder: undefined as string | undefined,
  /** The button that is pressed on the next messages, and the text typed into the next box. */
  press: undefined as string | undefined,
  type: undefined as string | undefined,
  status: undefined as StatusItem | undefined,
  messages: [] as Message[],
  boxes: [] as Anything[],
  log: [] as string[],
  panels: [] as Panel[],
  tasks: [] as Task[],
  pages: [] as string[],
  executed: [] as unknown[][],
  commands: new Map<string, () => unknown>(),
  diagnostics: new Map<string, Diagnostic[]>(),
  providers: new Map<string, { provideTextDocumentContent(uri: Uri): string }>(),
  documents: [] as Document[],
  editor: undefined as { document: Document; selection: { active: Position } } | undefined,
};

const events = new Map<string, EventEmitter>();

/** Lets an event of the editor happen: `fire("workspace.onDidOpenTextDocument", document)`. */
export async function fire(name: string, value: unknown): Promise<void> {
  await events.get(name)?.fire(value);
}

export function document(path: string, text: string): Document {
  return {
    uri: Uri.file(path),
    languageId: "colab",
    version: 1,
    text,
    getText(range?: Range): string {
      const line = this.text.split("\n")[range?.start.line ?? 0] ?? "";
      return range === undefined ? this.text : line.slice(range.start.character, range.end.character);
    },
    getWordRangeAtPosition({ line, character }: Position, pattern: RegExp): Range | undefined {
      const words = (this.text.split("\n")[line] ?? "").matchAll(new RegExp(pattern, "g"));
      for (const { index, 0: word } of words) {
        if (index <= character && character <= index + word.length) {
          return new Range(new Position(line, index), new Position(line, index + word.length));
        }
      }
      return undefined;
    },
  };
}

export function at(line: number, character: number): Position {
  return new Position(line, character);
}

const message = (text: string, ...buttons: string[]): Promise<string | undefined> => {
  seen.messages.push({ text, buttons });
  return Promise.resolve(buttons.find((button) => button === seen.press));
};

const log = (text: unknown): void => {
  seen.log.push(String(text));
};

/** What the tests need to work; all other names do nothing. */
const acts: Record<string, Anything> = {
  window: {
    createOutputChannel: () => ({
      name: "Colab", logLevel: 3, onDidChangeLogLevel: new EventEmitter().event,
      append: log, appendLine: log, trace: log, debug: log, info: log, warn: log, error: log,
      clear: () => undefined, show: () => undefined, hide: () => undefined, dispose: () => undefined,
    }),
    showErrorMessage: message,
    showWarningMessage: message,
    showInformationMessage: message,
    showInputBox: (options: Anything) => {
      seen.boxes.push(options);
      return Promise.resolve(seen.type);
    },
    withProgress: (_where: unknown, act: (progress: unknown, token: unknown) => unknown) => {
      const ignore = { dispose: () => undefined };
      const token = { isCancellationRequested: false, onCancellationRequested: () => ignore };
      return act({ report: () => undefined }, token);
    },
    createWebviewPanel: (_type: string, title: string) => {
      const panel = { title, webview: { html: "" } };
      seen.panels.push(panel);
      return panel;
    },
    showTextDocument: (shown: Document) => {
      seen.pages.push(shown.getText());
      return Promise.resolve();
    },
    get activeTextEditor() {
      return seen.editor;
    },
    visibleTextEditors: [],
    tabGroups: { all: [], onDidChangeTabs: new EventEmitter().event },
  },
  workspace: {
    get isTrusted() {
      return seen.trusted;
    },
    get workspaceFolders() {
      return seen.folder === undefined
        ? undefined
        : [workspaceFolder(seen.folder)];
    },
    getWorkspaceFolder: ({ fsPath }: Uri) =>
      seen.folder !== undefined && fsPath.startsWith(seen.folder) ? workspaceFolder(seen.folder) : undefined,
    get textDocuments() {
      return seen.documents;
    },
    notebookDocuments: [],
    getConfiguration: (section?: string) => ({
      get: (key: string, otherwise?: unknown) =>
        seen.settings[section === undefined ? key : `${section}.${key}`] ?? otherwise,
      inspect: () => undefined,
    }),
    createFileSystemWatcher: () => ({
      onDidCreate: new EventEmitter().event,
      onDidChange: new EventEmitter().event,
      onDidDelete: new EventEmitter().event,
      dispose: () => undefined,
    }),
    registerTextDocumentContentProvider: (
      scheme: string,
      provider: { provideTextDocumentContent(uri: Uri): string },
    ) => {
      seen.providers.set(scheme, provider);
      return new Disposable();
    },
    openTextDocument: (uri: Uri) => {
      const text = seen.providers.get(uri.scheme)?.provideTextDocumentContent(uri) ?? "";
      return Promise.resolve(document(uri.path, text));
    },
    saveAll: () => Promise.resolve(true),
  },
  languages: {
    match: () => 10,
    createLanguageStatusItem: () => {
      const item: StatusItem = { text: "", severity: 0, busy: false, dispose: () => undefined };
      seen.status = item;
      return item;
    },
    getDiagnostics: (uri: Uri) => seen.diagnostics.get(uri.toString()) ?? [],
    createDiagnosticCollection: () => ({
      set: (uri: Uri, all: Diagnostic[]) => seen.diagnostics.set(uri.toString(), all),
      delete: (uri: Uri) => seen.diagnostics.delete(uri.toString()),
      clear: () => {
        seen.diagnostics.clear();
      },
      dispose: () => undefined,
    }),
  },
  commands: {
    registerCommand: (id: string, act: () => unknown) => {
      seen.commands.set(id, act);
      return new Disposable(() => seen.commands.delete(id));
    },
    executeCommand: (...call: unknown[]) => {
      seen.executed.push(call);
      return Promise.resolve();
    },
  },
  tasks: {
    executeTask: (task: Task) => {
      seen.tasks.push(task);
      return Promise.resolve();
    },
  },
  env: { appName: "stub", language: "en", uriScheme: "vscode" },
};

const classes: Anything = {
  Disposable, EventEmitter, Position, Range, Uri, CancellationTokenSource, CodeActionKind, Diagnostic, Task, ProcessExecution,
};

/** Makes a module of the declarations: enums with their values, classes, and functions that do nothing. */
function make(): Anything {
  const path = createRequire(__filename).resolve("@types/vscode/index.d.ts");
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const outer = file.statements.find((it) => ts.isModuleDeclaration(it))?.body;
  if (outer === undefined || !ts.isModuleBlock(outer)) {
    throw new Error("@types/vscode declares no module");
  }
  const stub: Anything = { version: "1.91.0" };
  for (const it of outer.statements) {
    if (ts.isEnumDeclaration(it)) {
      stub[it.name.text] = enumeration(it, file);
    } else if (ts.isClassDeclaration(it) && it.name !== undefined) {
      stub[it.name.text] = classes[it.name.text] ?? class {};
    } else if (ts.isModuleDeclaration(it) && it.body !== undefined && ts.isModuleBlock(it.body)) {
      stub[it.name.text] = space(it.name.text, it.body);
    }
  }
  return stub;
}

function enumeration(it: ts.EnumDeclaration, file: ts.SourceFile): Anything {
  const values: Anything = {};
  let next = 0;
  for (const member of it.members) {
    const written = member.initializer?.getText(file) ?? String(next);
    const value = Number(written);
    next = value + 1;
    values[(member.name as ts.Identifier).text] = value;
    values[value] = (member.name as ts.Identifier).text;
  }
  return values;
}

function space(name: string, body: ts.ModuleBlock): Anything {
  const made: Anything = {};
  const own = Object.getOwnPropertyDescriptors(acts[name] ?? {});
  for (const it of body.statements) {
    const names = ts.isFunctionDeclaration(it)
      ? [it.name?.text ?? ""]
      : ts.isVariableStatement(it)
        ? it.declarationList.declarations.map((one) => (one.name as ts.Identifier).text)
        : [];
    for (const key of names) {
      const given = own[key];
      if (given !== undefined) {
        Object.defineProperty(made, key, given);
      } else if (/^on[A-Z]/.test(key)) {
        const emitter = new EventEmitter();
        events.set(`${name}.${key}`, emitter);
        made[key] = emitter.event;
      } else if (ts.isFunctionDeclaration(it)) {
        made[key] = () => new Disposable();
      }
    }
  }
  return made;
}

const stub = make();
const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
const load = loader._load;
loader._load = (request, ...rest) =>
  request === "vscode" ? stub : load.call(loader, request, ...rest);
