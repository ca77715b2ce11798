// handbook.js FOLDER: opens every page of a handbook from the disk in a browser, as a reader would, and
// prints as JSON what was seen: faults, pages that are too wide, text that is too faint, what the
// search finds. It asks nobody for anything.
"use strict";
const fs = require("fs");
const path = require("path");
const puppeteer = require("puppeteer");

const folder = path.resolve(process.argv[2]);
const at = (file) => "file://" + path.join(folder, file);
const launch = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));

// Runs in the page: texts whose contrast is below what WCAG asks for.
const faint = () => {
  const channel = (value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const ground = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const colour = parse(getComputedStyle(it).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.add(`${text.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return [...found];
};

const shape = () => {
  const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
  const levels = [...document.querySelectorAll("main :is(h1,h2,h3,h4)")].map((it) => Number(it.tagName[1]));
  return {
    title: document.title,
    lang: document.documentElement.lang,
    landmarks: ["header", "nav", "main"].filter((it) => document.querySelectorAll(it).length === 1).length,
    heads: levels.filter((it) => it === 1).length,
    jumps: levels.filter((it, n) => n > 0 && it > levels[n - 1] + 1).length,
    twins: ids.length - new Set(ids).size,
    nameless: [...document.querySelectorAll("a, button, input")].filter(
      (it) => !(it.textContent.trim() || it.getAttribute("aria-label") || it.querySelector("img[alt]"))).length,
    blind: [...document.images].filter((it) => !it.alt || it.naturalWidth === 0).length,
    script: window.touched ?? "",
  };
};

const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;

(async () => {
  const browser = await puppeteer.launch({ ...launch, headless: true });
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (fault) => faults.push(String(fault)));
  page.on("console", (line) => { if (line.type() === "error") faults.push(line.text()); });
  page.on("requestfailed", (request) => faults.push("failed: " + path.basename(request.url())));
  page.on("request", (request) => {
    if (!request.url().startsWith("file://")) faults.push("asked: " + request.url());
  });
  const pages = {};
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
    faults.length = 0;
    const seen = { wide: [], faint: [] };
    await page.emulateMediaType("screen");
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.setViewport({ width: 1440, height: 900 });
      if (scheme === "light") await page.goto(at(file));
      seen.faint.push(...(await page.evaluate(faint)).map((text) => `${scheme}: ${text}`));
    }
    for (const width of [320, 390, 800, 1100, 1440]) {
      await page.setViewport({ width, height: 900 });
      if (await page.evaluate(wide)) seen.wide.push(width);
    }
    await page.emulateMediaType("print");
    seen.printed = await page.evaluate(() =>
      ["header.top", "nav", "aside"].every((it) => !document.querySelector(it)?.checkVisibility()));
    Object.assign(seen, await page.evaluate(shape), { faults: [...faults] });
    pages[file] = seen;
  }
  await page.emulateMediaType("screen");
  faults.length = 0;

  // The search: by the keyboard, then by the mouse.
  const search = {};
  const options = () => page.$$eval("#found [role=option]", (all) =>
    all.map((it) => [...it.querySelectorAll("a > :not(.words)")].map((part) => part.textContent).join(" ")));
  const here = () => decodeURIComponent(page.url().split("/").pop());
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(at("index.html"));
  for (const words of process.argv.slice(4)) {
    await page.keyboard.press("/");
    await page.keyboard.type(words);
    search[words] = await options();
    await page.keyboard.press("Escape");
  }
  const first = process.argv[4];
  await page.keyboard.press("/");
  await page.keyboard.type(first);
  search.second = await (async () => {
    await page.keyboard.press("ArrowDown");
    const second = await page.$eval("#found [aria-selected=true]", (it) => it.id).catch(() => "");
    await page.keyboard.press("ArrowUp");
    return second;
  })();
  const went = page.waitForNavigation({ timeout: 5000 }).catch(() => null);
  await page.keyboard.press("Enter");
  await went;
  search.entered = here();
  await page.goto(at("index.html"));
  await page.type("#search", first);
  const clicked = page.waitForNavigation({ timeout: 5000 }).catch(() => null);
  await page.click("#found [role=option] a").catch(() => null);
  await clicked;
  search.clicked = here();
  await page.goto(at("index.html"));
  await page.keyboard.press("Tab");
  search.skip = await page.evaluate(() => document.activeElement.className);
  await page.keyboard.press("Enter");
  search.skipped = await page.evaluate(() => document.activeElement.id);

  // The chapters on a phone.
  await page.setViewport({ width: 390, height: 800 });
  await page.goto(at("index.html"));
  const open = () => page.$eval("#chapters", (it) => it.checkVisibility());
  search.menu = [await open()];
  await page.click(".menu");
  search.menu.push(await open());
  await page.keyboard.press("Escape");
  search.menu.push(await open());
  search.faults = [...faults];
  console.log(JSON.stringify({ pages, search }));
  await browser.close();
})().catch((fault) => {
  console.error(fault);
  process.exit(1);
});
