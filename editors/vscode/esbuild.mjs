// One file for the editor in dist/, or with --tests one a test in dist-test/. `vscode` exists only
// inside the editor; the tests put a stub in its place when they run.

import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const tests = process.argv.includes("--tests");
const outdir = tests ? "dist-test" : "dist";
rmSync(outdir, { recursive: true, force: true });

const { metafile } = await build({
  entryPoints: tests
    ? readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`)
    : ["src/extension.ts"],
  outdir,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: tests ? ["vscode", "vscode-oniguruma", "vscode-textmate", "typescript"] : ["vscode"],
  minify: process.argv.includes("--minify"),
  sourcemap: tests ? "inline" : false,
  metafile: true,
  logLevel: "warning",
});

if (!tests) {
  writeFileSync(join(outdir, "LICENSES.txt"), licences(Object.keys(metafile.inputs)));
}

/** What the packages in the bundle ask to be handed on with them. */
function licences(inputs) {
  const packages = inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((it) => /^licen[cs]e/i.test(it));
      if (file === undefined) {
        throw new Error(`${name} has no licence file`);
      }
      return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    })
    .join("\n----\n\n");
}
