// Opens a page from a file in a browser without a screen, and does with it what a script says.
// node browser.mjs PUPPETEER PAGE SCRIPT: prints what the script returns as JSON, with every request
// that left the page and every fault in it.
import { readFileSync } from "node:fs";
const [puppeteer, file, script] = process.argv.slice(2);
const { default: browsers } = await import(puppeteer);
const browser = await browsers.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
});
const page = await browser.newPage();
const faults = [], asked = [];
page.on("pageerror", (error) => faults.push(String(error)));
page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
page.on("request", (request) => request.url().startsWith("file:") || asked.push(request.url()));
await page.setViewport({ width: 1300, height: 850 });
await page.goto(`file://${file}`);
const act = new (Object.getPrototypeOf(async () => {}).constructor)("page", readFileSync(script, "utf8"));
const found = await act(page);
await browser.close();
console.log(JSON.stringify({ found, faults, asked }));
