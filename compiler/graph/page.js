"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const make = (tag, text) => {
  const it = document.createElement(tag);
  if (text !== undefined) it.textContent = text;
  return it;
};
const stages = [...document.querySelectorAll(".stage")].map((el, at) => {
  const svg = el.querySelector("svg");
  const [x, y, w, h] = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  return {
    el, svg, view: data.views[at], whole: { x, y, w, h }, box: { x, y, w, h },
    cards: [...el.querySelectorAll("[data-card]")],
    frames: [...el.querySelectorAll("[data-frame]")],
    lines: [...el.querySelectorAll("[data-from]")],
    tab: document.querySelectorAll("nav button")[at],
  };
});
const find = $("find"), hits = $("hits"), detail = $("detail");
const help = [...detail.childNodes];
let now = stages[0];
// What is picked: a card or a frame of the present view, and whether its loss is shown.
let picked = null, lost = false, chosen = 0;
document.body.classList.add("js");

// -- where we look
function look(box) {
  now.box = box;
  now.svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
}
// All of it, but no larger than is good to read.
function fit() {
  const { x, y, w, h } = now.whole, pane = now.el.getBoundingClientRect();
  const scale = Math.min(pane.width / w, pane.height / h, 1.25);
  if (!(scale > 0)) return look({ ...now.whole });
  const wide = pane.width / scale, high = pane.height / scale;
  look({ x: x + (w - wide) / 2, y: y + (h - high) / 2, w: wide, h: high });
  now.fitted = true;
}
function zoom(by, at) {
  const { x, y, w, h } = now.box;
  const wide = Math.min(Math.max(w * by, 80), now.whole.w * 4), scale = wide / w;
  const cx = at ? at.x : x + w / 2, cy = at ? at.y : y + h / 2;
  look({ x: cx - (cx - x) * scale, y: cy - (cy - y) * scale, w: wide, h: h * scale });
}
function point(event) {
  const matrix = now.svg.getScreenCTM();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
}
// Brings a card into sight without moving more than is needed.
function reveal(el) {
  const seen = now.svg.getBoundingClientRect(), it = el.getBoundingClientRect();
  const inside = it.left >= seen.left && it.right <= seen.right && it.top >= seen.top && it.bottom <= seen.bottom;
  if (inside) return;
  const middle = point({ clientX: (it.left + it.right) / 2, clientY: (it.top + it.bottom) / 2 });
  look({ ...now.box, x: middle.x - now.box.w / 2, y: middle.y - now.box.h / 2 });
}
function show(at) {
  pick(null);
  now = stages[at];
  for (const stage of stages) {
    const on = stage === now;
    stage.el.classList.toggle("on", on);
    stage.tab.setAttribute("aria-selected", on);
    stage.tab.tabIndex = on ? 0 : -1;
  }
  if (!now.fitted) fit();
  search();
}

// -- what is picked
function mark(stage) {
  const all = [...stage.cards, ...stage.frames, ...stage.lines];
  for (const el of all) el.classList.remove("near", "self", "hot", "fails", "degrades");
  stage.el.classList.toggle("picked", picked !== null && !lost);
  stage.el.classList.toggle("lost", picked !== null && lost);
  for (const el of [...stage.cards, ...stage.frames]) el.setAttribute("aria-pressed", "false");
  if (picked === null) return;
  const own = new Set(picked.frame === undefined ? [picked.card] : members(picked.frame));
  const self = picked.frame === undefined ? stage.cards[picked.card] : stage.frames[picked.frame];
  self.classList.add("self");
  self.setAttribute("aria-pressed", "true");
  if (lost) {
    const effect = data.effects[thing()];
    for (const [kind, list] of [["fails", effect.fails], ["degrades", effect.degrades]]) {
      const hit = new Set(list.map((one) => one[0]));
      stage.view.cards.forEach((card, at) => hit.has(card.thing) && stage.cards[at].classList.add(kind));
      stage.view.frames.forEach((frame, at) => hit.has(frame.thing) && stage.frames[at].classList.add(kind));
    }
    return;
  }
  for (const at of own) stage.cards[at].classList.add("near");
  stage.view.lines.forEach((line, at) => {
    if (!own.has(line.from) && !own.has(line.to)) return;
    stage.cards[line.from].classList.add("near");
    stage.cards[line.to].classList.add("near");
    for (const el of stage.lines) {
      if (+el.dataset.line === at) el.classList.add("hot");
    }
  });
}
function members(frame) {
  return now.view.cards.flatMap((card, at) => (card.frame === frame ? [at] : []));
}
function subject() {
  return picked.frame === undefined ? now.view.cards[picked.card] : now.view.frames[picked.frame];
}
function thing() { return subject().thing; }
function pick(what, loss = false) {
  picked = what;
  lost = loss && what !== null && data.effects[thing()] !== undefined;
  mark(now);
  describe();
  const hash = picked === null ? "" : `#${now.view.word}/${encodeURIComponent(subject().id)}`;
  try { history.replaceState(null, "", hash || location.pathname + location.search); } catch { /* a page without an address */ }
}
function names(title, list, kind) {
  if (list.length === 0) return [];
  const section = make("section"), ul = make("ul");
  if (kind) section.className = kind;
  section.append(make("h3", title), ul);
  for (const [text, go] of list) {
    const li = make("li");
    if (go) {
      const button = make("button", text);
      button.addEventListener("click", go);
      li.append(button);
    } else {
      li.textContent = text;
    }
    ul.append(li);
  }
  return [section];
}
function describe() {
  if (picked === null) return void detail.replaceChildren(...help);
  const it = subject(), parts = [];
  parts.push(make("h2", it.name));
  const kind = make("p", it.kind);
  kind.className = "soft";
  parts.push(kind, ...it.notes.map((note) => make("p", note)));
  if (it.place) {
    const p = make("p");
    if (it.href) {
      const a = make("a", it.place);
      a.href = it.href;
      p.append(a);
    } else {
      p.textContent = it.place;
    }
    parts.push(p);
  }
  const go = (card) => () => { pick({ card }); reveal(now.cards[card]); };
  if (picked.frame === undefined) {
    const at = picked.card, cards = now.view.cards, lines = now.view.lines;
    const out = lines.filter((l) => l.from === at).map((l) => [`${l.why} ${cards[l.to].name}`, go(l.to)]);
    const into = lines.filter((l) => l.to === at).map((l) => [`${cards[l.from].name} ${l.why} it`, go(l.from)]);
    parts.push(...names("From here", out), ...names("To here", into));
  } else {
    parts.push(...names("Holds", members(picked.frame).map((at) => [now.view.cards[at].name, go(at)])));
  }
  const effect = data.effects[thing()];
  if (effect) {
    const button = make("button", "What fails without it");
    button.setAttribute("aria-pressed", lost);
    button.id = "loss";
    button.addEventListener("click", () => pick(picked, !lost));
    const p = make("p");
    p.style.marginTop = "12px";
    p.append(button);
    parts.push(p);
    if (lost) {
      if (effect.impact) parts.push(make("p", `Declared: ${effect.impact}`));
      if (effect.mitigation) parts.push(make("p", `Until it is back: ${effect.mitigation}`));
      const said = ([at, why]) => {
        const card = now.view.cards.findIndex((one) => one.thing === at);
        return [`${data.things[at]}: ${why}`, card < 0 ? null : go(card)];
      };
      parts.push(...names(`${effect.fails.length} fail`, effect.fails.map(said), "fails"));
      parts.push(...names(`${effect.degrades.length} degrade`, effect.degrades.map(said), "degrades"));
      if (effect.fails.length + effect.degrades.length === 0) parts.push(make("p", "Nothing else fails or degrades."));
    }
  }
  detail.replaceChildren(...parts);
}

// -- search
function search() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = (card) => [card.id, ...card.notes].join(" ").toLowerCase();
  const found = words.length === 0 ? [] : now.view.cards.flatMap((card, at) => (words.every((w) => text(card).includes(w)) ? [at] : []));
  now.el.classList.toggle("searching", words.length > 0);
  now.cards.forEach((el, at) => el.classList.toggle("match", found.includes(at)));
  chosen = 0;
  const open = document.activeElement === find;
  hits.replaceChildren(...(open ? found : []).slice(0, 50).map((at, nth) => {
    const li = make("li", now.view.cards[at].name);
    const frame = now.view.frames[now.view.cards[at].frame];
    li.append(make("small", frame ? `${now.view.cards[at].kind}, ${frame.name}` : now.view.cards[at].kind));
    li.role = "option";
    li.id = `hit-${nth}`;
    li.dataset.at = at;
    li.addEventListener("pointerdown", (event) => { event.preventDefault(); take(at); });
    return li;
  }));
  choose(0);
  $("count").textContent = words.length === 0 ? "" : `${found.length} found`;
  find.setAttribute("aria-expanded", hits.childElementCount > 0);
}
function choose(nth) {
  const all = [...hits.children];
  chosen = all.length === 0 ? 0 : (nth + all.length) % all.length;
  all.forEach((li, at) => li.setAttribute("aria-selected", at === chosen));
  find.setAttribute("aria-activedescendant", all.length ? `hit-${chosen}` : "");
  all[chosen]?.scrollIntoView({ block: "nearest" });
}
function take(card) {
  find.value = "";
  find.blur();
  search();
  pick({ card });
  reveal(now.cards[card]);
  now.cards[card].focus({ preventScroll: true });
}
find.addEventListener("input", search);
find.addEventListener("focus", search);
find.addEventListener("blur", () => { hits.replaceChildren(); find.setAttribute("aria-expanded", false); });
find.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter" && hits.children[chosen]) take(+hits.children[chosen].dataset.at);
  else if (event.key === "Escape") { find.value = ""; search(); find.blur(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
});

// -- the keyboard
function step(from, key) {
  const a = from.getBoundingClientRect(), ax = a.left + a.width / 2, ay = a.top + a.height / 2;
  let best = null, least = Infinity;
  for (const el of now.cards) {
    if (el === from) continue;
    const b = el.getBoundingClientRect(), dx = b.left + b.width / 2 - ax, dy = b.top + b.height / 2 - ay;
    const [along, across] = { ArrowRight: [dx, dy], ArrowLeft: [-dx, dy], ArrowDown: [dy, dx], ArrowUp: [-dy, dx] }[key];
    if (along <= 4 || along < Math.abs(across) / 3) continue;
    const far = along + 2 * Math.abs(across);
    if (far < least) [best, least] = [el, far];
  }
  return best;
}
document.addEventListener("keydown", (event) => {
  if (event.target === find || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = event.target.closest?.("[data-card]"), frame = event.target.closest?.("[data-frame]");
  if (event.key === "/") find.focus();
  else if (event.key === "Escape") { find.value = ""; search(); pick(null); }
  else if (event.key === "+" || event.key === "=") zoom(1 / 1.25);
  else if (event.key === "-") zoom(1.25);
  else if (event.key === "0") fit();
  else if (event.key === "i" && picked !== null) pick(picked, !lost);
  else if ((event.key === "Enter" || event.key === " ") && card) pick({ card: +card.dataset.card });
  else if ((event.key === "Enter" || event.key === " ") && frame) pick({ frame: +frame.dataset.frame });
  else if (event.key.startsWith("Arrow") && event.target.closest?.("nav")) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    show((stages.indexOf(now) + by + stages.length) % stages.length);
    now.tab.focus();
  } else if (event.key.startsWith("Arrow") && (card || event.target === document.body)) {
    const next = card ? step(card, event.key) : now.cards[0];
    if (next) { next.focus({ preventScroll: true }); reveal(next); }
  } else return;
  event.preventDefault();
});

// -- the pointer
for (const stage of stages) {
  const down = new Map();
  let moved = false;
  stage.svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 240))), point(event));
  }, { passive: false });
  stage.svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (down.size === 0) moved = false;
    down.set(event.pointerId, event);
  });
  stage.svg.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const far = Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
    if (!moved && far < 4) return;
    if (!moved) {
      moved = true;
      stage.svg.classList.add("drag");
      stage.svg.setPointerCapture(event.pointerId);
    }
    const others = [...down.values()].filter((one) => one.pointerId !== event.pointerId);
    if (others.length === 1) {
      const apart = (one) => Math.max(8, Math.hypot(one.clientX - others[0].clientX, one.clientY - others[0].clientY));
      zoom(apart(before) / apart(event), point(others[0]));
    } else {
      const a = point(before), b = point(event);
      look({ ...now.box, x: now.box.x + a.x - b.x, y: now.box.y + a.y - b.y });
    }
    down.set(event.pointerId, event);
  });
  const up = (event) => {
    down.delete(event.pointerId);
    if (down.size === 0) stage.svg.classList.remove("drag");
  };
  stage.svg.addEventListener("pointerup", up);
  stage.svg.addEventListener("pointercancel", up);
  stage.svg.addEventListener("click", (event) => {
    if (moved) return;
    const card = event.target.closest("[data-card]"), frame = event.target.closest("[data-frame]");
    if (card) pick({ card: +card.dataset.card });
    else if (frame && event.target.classList.contains("head")) pick({ frame: +frame.dataset.frame });
    else pick(null);
  });
  stage.svg.addEventListener("dblclick", (event) => zoom(1 / 1.6, point(event)));
  stage.tab.addEventListener("click", () => show(stages.indexOf(stage)));
}
$("in").addEventListener("click", () => zoom(1 / 1.25));
$("out").addEventListener("click", () => zoom(1.25));
$("fit").addEventListener("click", fit);
// A sheet of paper shows all of each picture.
addEventListener("beforeprint", () => {
  for (const { svg, whole: { x, y, w, h } } of stages) svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
});
addEventListener("afterprint", () => {
  for (const { svg, box: { x, y, w, h } } of stages) svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
});

// -- the address: #services/service gitea on cooperator
function open() {
  const [word, id] = location.hash.slice(1).split("/", 2);
  const at = stages.findIndex((stage) => stage.view.word === word);
  let name;
  try { name = decodeURIComponent(id ?? ""); } catch { name = ""; }
  show(Math.max(at, 0));
  const card = now.view.cards.findIndex((one) => one.id === name);
  const frame = now.view.frames.findIndex((one) => one.id === name);
  if (card >= 0) pick({ card });
  else if (frame >= 0) pick({ frame });
}
addEventListener("hashchange", open);
open();
})();
