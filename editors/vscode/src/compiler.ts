// Runs `colabc` once and answers with what it said.

import { spawn } from "node:child_process";

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Rejects only if the program cannot be started or the signal aborts it. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string | undefined,
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", failed);
    child.on("close", (code) => {
      done({ code, stdout, stderr });
    });
  });
}
