// The workbench of VS Code with an extension, in a browser without a screen.
// node vscode.mjs CODE-SERVER PUPPETEER VSIX DIR SCRIPT: installs VSIX beside DIR/user, opens DIR/project, and does
// what SCRIPT says. It has `page`, `act` (below), `dir`; what it returns is printed as JSON.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [entry, puppeteer, vsix, dir, script] = process.argv.slice(2);
const ADDRESS = "127.0.0.1:8080";
writeFileSync(`${dir}/config.yaml`, "auth: none\n");
mkdirSync(`${dir}/user/User`, { recursive: true });
const flags = [entry, "--config", `${dir}/config.yaml`, "--user-data-dir", `${dir}/user`, "--extensions-dir", `${dir}/extensions`];
const start = (args) => spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", 2, 2] });
const installed = await new Promise((done) => start(["--install-extension", vsix]).on("exit", done));
if (installed !== 0) throw new Error(`the extension is not installed: ${installed}`);
start(["--bind-addr", ADDRESS, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"]);

const { default: browsers } = await import(puppeteer);
const browser = await browsers.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
});
const page = await browser.newPage();
page.setDefaultTimeout(60_000);
await page.setViewport({ width: 1400, height: 900 });
for (let tries = 0; ; tries++) {
  const up = await fetch(`http://${ADDRESS}/healthz`).catch(() => undefined);
  if (up?.ok) break;
  if (tries > 600) throw new Error("the server of the workbench does not answer");
  await new Promise((go) => setTimeout(go, 100));
}
await page.goto(`http://${ADDRESS}/?folder=${dir}/project`);
await page.waitForSelector(".explorer-folders-view .monaco-list-row");

const KEYS = { ctrl: "Control", shift: "Shift", alt: "Alt" };
const act = {
  /** `ctrl+shift+m`, or several one after the other. */
  async keys(...all) {
    for (const one of all) {
      const parts = one.split("+").map((key) => KEYS[key] ?? key);
      for (const key of parts) await page.keyboard.down(key);
      for (const key of parts.reverse()) await page.keyboard.up(key);
    }
  },
  type: (text) => page.keyboard.type(text),
  /** The texts of what is shown at a selector. */
  texts: (selector) => page.$$eval(selector, (all) => all.map((one) => one.innerText.replaceAll("\u00a0", " ").replace(/\s*\n\s*/g, "\n").trim())),
  /** Waits until one of the texts at a selector fits; all of them. */
  async until(selector, fits) {
    for (const end = Date.now() + 45_000; ; ) {
      const texts = await act.texts(selector).catch(() => []);
      if (typeof fits === "function" ? fits(texts) : texts.some((text) => text.includes(fits))) return texts;
      if (Date.now() > end) throw new Error(`${selector}: waited for ${fits}, found ${JSON.stringify(texts)}`);
      await new Promise((go) => setTimeout(go, 50));
    }
  },
  /** The lines of the file that are shown, from the top. */
  async lines() {
    const all = await page.$$eval(".editor-instance .view-line", (all) => all.map((one) => [Number.parseFloat(one.style.top), one.textContent]));
    return all.sort(([one], [other]) => one - other).map(([, text]) => text.replaceAll("\u00a0", " "));
  },
  /** A command of the palette, by its title. */
  async command(title) {
    await act.keys("F1");
    await page.waitForSelector(".quick-input-widget input");
    await act.type(title);
    await act.until(".quick-input-list .monaco-list-row.focused", title);
    await act.keys("Enter");
  },
  /** Goes to a line and column of a file of the project. */
  async open(file, line = 1, column = 1) {
    await act.keys("ctrl+p");
    await page.waitForSelector(".quick-input-widget input");
    await act.type(file);
    await act.until(".quick-input-list .monaco-list-row.focused", file.split("/").at(-1));
    await act.type(`:${line}:${column}`);
    await act.until(".quick-input-list .monaco-list-row.focused", file.split("/").at(-1));
    await act.keys("Enter");
    await act.until(".tab.active", file.split("/").at(-1));
    await act.until(".part.statusbar", `Ln ${line}, Col ${column}`);
  },
  shot: (name) => page.screenshot({ path: `${dir}/${name}.png` }),
};
let found;
try {
  const steps = new (Object.getPrototypeOf(async () => {}).constructor)("page", "act", "dir", readFileSync(script, "utf8"));
  found = await steps(page, act, dir);
} catch (error) {
  await act.shot("fault");
  console.error(await act.texts(".part.panel, .part.statusbar, .notifications-toasts"));
  throw error;
}
console.log(JSON.stringify(found));
process.exit(0);
