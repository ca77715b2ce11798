// Search without a server: every page brings the same small index, and this looks through it.
(() => {
  "use strict";
  const box = document.querySelector(".search");
  const field = document.getElementById("search");
  const found = document.getElementById("found");
  if (!box || typeof INDEX === "undefined") return;
  box.hidden = false;
  const MOST = 12;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = INDEX.map((row) => ({ ...row, name: plain(row.title), all: plain(row.words) }));
  let chosen = -1;

  // How well a row fits all the words; 0 where it does not.
  const fit = (row, words) => {
    let sum = 0;
    for (const word of words) {
      const at = row.name.indexOf(word);
      if (row.name === word) sum += 100;
      else if (at === 0) sum += 40;
      else if (at > 0) sum += /[a-z0-9]/.test(row.name[at - 1]) ? 12 : 25;
      else if (row.all.includes(word)) sum += 5;
      else if (row.kind.includes(word)) sum += 2;
      else return 0;
    }
    return sum;
  };

  const close = () => {
    found.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const choose = (at) => {
    const items = found.querySelectorAll("[role=option]");
    if (items.length === 0) return;
    chosen = (at + items.length) % items.length;
    items.forEach((item, nth) => item.setAttribute("aria-selected", String(nth === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", items[chosen].id);
  };

  const item = (row, nth) => {
    const option = document.createElement("li");
    option.id = `found-${nth}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = row.href;
    link.tabIndex = -1;
    const title = document.createElement("span");
    title.textContent = row.title;
    const kind = document.createElement("small");
    kind.textContent = row.kind;
    link.append(title, kind);
    if (row.words) {
      const words = document.createElement("small");
      words.className = "words";
      words.textContent = row.words;
      link.append(words);
    }
    option.append(link);
    return option;
  };

  const look = () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    if (words.length === 0) return close();
    const hits = rows
      .map((row, at) => ({ row, at, score: fit(row, words) }))
      .filter((hit) => hit.score > 0)
      .sort((a, b) => b.score - a.score || a.at - b.at)
      .slice(0, MOST);
    found.replaceChildren(...hits.map((hit, nth) => item(hit.row, nth)));
    if (hits.length === 0) {
      const nothing = document.createElement("li");
      nothing.className = "nothing";
      nothing.textContent = "Nothing found";
      found.append(nothing);
    }
    found.hidden = false;
    field.setAttribute("aria-expanded", "true");
    chosen = -1;
    choose(0);
  };

  field.addEventListener("input", look);
  field.addEventListener("focus", () => { if (field.value) look(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape") { field.value = ""; close(); field.blur(); }
    else if (event.key === "Enter") {
      const link = found.querySelector("[aria-selected=true] a");
      if (!link) return;
      close();
      link.click();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) close();
    else if (event.target.closest("a")) close();
  });
})();
