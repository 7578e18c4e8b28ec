// The frame of every page, figures or not: "More" closes as people expect of something that opens over a page, links to
// be kept are copied instead of followed, and what is lost on its way is asked for again.
"use strict";

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-copy]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  await navigator.clipboard.writeText(link.href);
  const status = document.getElementById("status");
  if (status) status.textContent = link.dataset.copy;
  link.textContent = link.dataset.copy;
});

(() => {
  const more = document.querySelector("details.more");
  if (!more) return;
  document.addEventListener("click", (event) => {
    if (more.open && !more.contains(event.target)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
  more.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !more.contains(event.relatedTarget)) more.open = false;
  });
})();

// Asking until there is an answer. One that is lost is asked for again: at a press, when the network is back, when the
// page is looked at again, and by itself after a while.
window.parityInsist = (() => {
  const LONGEST = 60_000; // milliseconds: what takes longer than the server allows any question is lost
  const FIRST_PAUSE = 2_000;
  const LONGEST_PAUSE = 60_000;
  const asleep = new Set();
  const retries = new WeakMap();

  /** An answer that is none of ours: asking the same again brings the same, opening the page anew may not. */
  class Foreign extends Error {}

  function wake() {
    [...asleep].forEach((again) => again());
  }
  addEventListener("online", wake);
  addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("visibilitychange", () => document.hidden || wake());

  /** Wait before asking again: longer each time, and not all pages at the same moment. */
  function pause(attempt, told) {
    return new Promise((resolve) => {
      let timer = 0;
      const again = () => {
        clearTimeout(timer);
        asleep.delete(again);
        resolve();
      };
      asleep.add(again);
      // Nobody looks at a hidden page: it asks when it is seen again.
      const due = () => document.hidden || again();
      timer = setTimeout(due, Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt) * (0.75 + Math.random() / 2));
      told(again);
    });
  }

  /** The text of an answer of this kind, read to its end. */
  async function read(response, kind) {
    const ours = (response.headers.get("content-type") || "").includes(kind);
    if (!response.ok) throw response.status < 500 && response.status !== 429 ? new Foreign() : new Error();
    if (response.status !== 204 && !ours) throw new Foreign();
    return response.text();
  }

  /**
   * What `get` brings, asked for again while it is lost; undefined once `wanted()` is false, whatever came.
   * `get` is given what can abort it. `lost(again)` shows that it is lost; calling `again` asks at once.
   */
  async function insist(get, wanted, lost) {
    for (let attempt = 0; wanted(); attempt += 1) {
      let failure;
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), LONGEST);
      try {
        const answer = await get(limit);
        return wanted() ? answer : undefined;
      } catch (error) {
        failure = error;
      } finally {
        clearTimeout(timer);
      }
      if (!wanted()) return undefined;
      const press = (again) => (failure instanceof Foreign ? () => location.reload() : again);
      await pause(attempt, (again) => lost(press(again)));
    }
    return undefined;
  }

  /** A sentence that something is lost, with a button. It stays as it is while it is true: it is read out once. */
  function said(element, sentence, again, { tryAgain, loading }) {
    retries.set(element, again);
    const there = element.querySelector("span");
    if (there?.textContent === sentence) return;
    if (there) {
      there.textContent = sentence;
      return;
    }
    const text = document.createElement("span");
    text.textContent = sentence;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tryAgain;
    button.addEventListener("click", () => {
      text.textContent = loading;
      retries.get(element)();
    });
    element.replaceChildren(text, " ", button);
  }

  return { insist, read, said, wake };
})();

// The search box: what fits is offered under it as one types, as links; without script the form leads to a page of them.
(() => {
  const form = document.querySelector("form[data-search]");
  if (!form) return;
  const input = form.querySelector("input");
  const panel = form.querySelector(".offers");
  const list = panel.querySelector("ul");
  const status = panel.querySelector("[role=status]");
  const OFF = "parity-no-slash";
  let waiting = 0;
  let asked = null;

  const links = () => [...list.querySelectorAll("a")];
  function close() {
    clearTimeout(waiting);
    asked?.abort();
    panel.hidden = true;
  }
  function offer(found) {
    list.replaceChildren(
      ...found.results.map((result) => {
        const link = document.createElement("a");
        link.href = result.href;
        const title = document.createElement("strong");
        title.textContent = result.title;
        const detail = document.createElement("small");
        detail.textContent = ` ${[result.detail, result.kind_label].filter(Boolean).join(" · ")}`;
        link.append(title, detail);
        const item = document.createElement("li");
        item.append(link);
        return item;
      }),
    );
    panel.hidden = false;
    status.textContent = found.said;
  }
  async function ask() {
    asked?.abort();
    const own = (asked = new AbortController());
    const query = input.value.trim();
    if (!query) return close();
    try {
      const response = await fetch(`${form.dataset.search}?${new URLSearchParams({ q: query })}`, { signal: own.signal });
      if (!response.ok) throw new Error(response.status);
      const found = await response.json();
      // What is offered is for the words that stand there.
      if (own === asked && query === input.value.trim() && form.contains(document.activeElement)) offer(found);
    } catch {
      // Stopped for a newer question, or lost: offers for other words would mislead; the form still leads to the page.
      if (own === asked) close();
    }
  }

  form.classList.add("alive");
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  form.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      if (panel.hidden) return;
      close();
      input.focus();
    } else if (event.key === "ArrowDown" && !panel.hidden && all.length) {
      all[Math.min(at + 1, all.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      (at ? all[at - 1] : input).focus();
    } else return;
    event.preventDefault();
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) close();
  });

  // One key for the box, unless one is typing; it can be switched off on the page of results, for this tab.
  const off = () => {
    try {
      return sessionStorage.getItem(OFF) !== null;
    } catch {
      return false;
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || off()) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
  const told = document.querySelector("[data-shortcut]");
  if (told) {
    const button = told.querySelector("button");
    const show = () => {
      button.textContent = off() ? button.dataset.on : button.dataset.off;
    };
    button.addEventListener("click", () => {
      try {
        if (off()) sessionStorage.removeItem(OFF);
        else sessionStorage.setItem(OFF, "1");
      } catch {
        // A browser that keeps nothing keeps the key too.
      }
      show();
    });
    show();
    told.hidden = false;
  }
})();

// Buttons that copy the words of another element.
(() => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
      button.textContent = button.dataset.said;
      button.setAttribute("aria-live", "polite");
    });
  }
})();
