// Where the compiler is, from the setting. Nothing here runs anything.

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";

export interface Surroundings {
  readonly folder: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** The setting with `~` and `${workspaceFolder}` put in. */
export function expand(setting: string, folder: string | undefined, home = homedir()): string {
  const path = setting.trim() === "" ? "colabc" : setting.trim();
  const withHome = /^~(?=$|[/\\])/.test(path) ? home + path.slice(1) : path;
  return withHome.replaceAll("${workspaceFolder}", () => folder ?? "");
}

/** The absolute path of the compiler, or nothing if there is none. */
export function locate(setting: string, around: Surroundings): string | undefined {
  const path = expand(setting, around.folder);
  const names = around.platform === "win32" && !/\.exe$/i.test(path) ? [path, `${path}.exe`] : [path];
  const folders = /[/\\]/.test(path)
    ? [isAbsolute(path) ? "" : (around.folder ?? "")]
    : (around.env.PATH ?? around.env.Path ?? "").split(delimiter).filter((dir) => dir !== "");
  return folders
    .flatMap((dir) => names.map((name) => (dir === "" ? name : join(dir, name))))
    .map((candidate) => resolve(candidate))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
