// The frame of every page, figures or not: "More" closes as people expect of something that opens over a page, and
// links to be kept are copied instead of followed.
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
      if (!response.ok) return close();
      const found = await response.json();
      if (own === asked && form.contains(document.activeElement)) offer(found);
    } catch {
      // Stopped for a newer question, or no server: the form still leads to the page.
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
