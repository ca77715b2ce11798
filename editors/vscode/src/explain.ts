// What to explain: the code of the problem under the cursor, else the word there with its path.

import * as vscode from "vscode";

export const SCHEME = "colab-explain";

const CODE = /^[EL]\d{4}$/;
const PATH = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*(?:\.[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)*/;

/** What the user most likely asks about, to be changed before it is asked. */
export function subject(editor: vscode.TextEditor | undefined): string {
  if (editor?.document.languageId !== "colab") {
    return "";
  }
  const place = editor.selection.active;
  for (const problem of vscode.languages.getDiagnostics(editor.document.uri)) {
    const code = String(typeof problem.code === "object" ? problem.code.value : problem.code);
    if (problem.range.contains(place) && CODE.test(code)) {
      return code;
    }
  }
  const range = editor.document.getWordRangeAtPosition(place, PATH);
  return range === undefined ? "" : editor.document.getText(range);
}

/** The answers, as pages that cannot be edited. */
export class Pages implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  /** The page of a subject, with a new text. */
  put(about: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${about.replaceAll("/", "∕")}.md` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    return uri;
  }

  forget(uri: vscode.Uri): void {
    this.texts.delete(uri.path);
  }
}
