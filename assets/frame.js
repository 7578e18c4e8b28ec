// The frame of every page, figures or not: "More" closes as people expect of something that opens over a page, links to
// be kept are copied instead of followed, and what is lost on its way is asked for again.
"use strict";

// Copying. Without https a page has no clipboard, and with it a browser may refuse: then the older way, and where that
// fails too the text is selected, to be copied by hand. Whatever happened is said.
window.parityCopy = (() => {
  const words = document.body.dataset;
  const SAID = 1_500; // milliseconds
  const SELECTED = 6_000;
  const names = new WeakMap();

  /** Whether a text could be copied. */
  async function copied(text, near) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const held = document.activeElement;
      const field = document.createElement("textarea");
      field.className = "unseen";
      field.value = text;
      // Within an open dialog: nothing outside of it can be selected.
      (near.closest("dialog") || document.body).append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      held?.focus({ preventScroll: true });
      return done;
    }
  }

  /** Put a text into a field after a button, selected. */
  function selectBeside(button, text) {
    const there = button.nextElementSibling;
    const label = there?.matches(".to-copy") ? there : document.createElement("label");
    if (label !== there) {
      label.className = "to-copy";
      const field = document.createElement("input");
      field.readOnly = true;
      label.append(words.selected, " ", field);
      button.after(label);
    }
    const field = label.querySelector("input");
    field.value = text;
    field.focus();
    field.select();
  }

  function say(button, word, time) {
    const status = document.getElementById("status");
    if (status) status.textContent = word;
    else button.setAttribute("aria-live", "polite");
    const name = names.get(button) || button.textContent;
    names.set(button, name); // a second press comes while the word of the first stands there
    button.textContent = word;
    setTimeout(() => (button.textContent = name), time);
  }

  /** Copy a text and say so on the button; else select it, in the element where it stands or beside the button. */
  return async (text, button, stands = null) => {
    if (await copied(text, button)) say(button, words.copied, SAID);
    else if (button.href) location.assign(button.href); // in the address bar it can be copied
    else if (!stands) selectBeside(button, text);
    else {
      getSelection().selectAllChildren(stands);
      say(button, words.selected, SELECTED);
    }
  };
})();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-copy]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.parityCopy(link.href, link);
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

// To skip to the content is no step in the history: Back would change the address and nothing on the page.
document.querySelector("a.skip")?.addEventListener("click", (event) => {
  const content = document.querySelector(event.currentTarget.hash);
  if (!content) return;
  event.preventDefault();
  content.focus();
  content.scrollIntoView();
});

// Asking until there is an answer. One that is lost is asked for again: at a press, when the network is back, when the
// page is looked at again, and by itself after a while. One that is not ours (a page to sign in, a redirect, nothing) is
// said and not asked for again: it would be the same, until the page is opened anew.
window.parityInsist = (() => {
  const LONGEST = 60_000; // milliseconds: what takes longer than the server allows any question is lost
  const FIRST_PAUSE = 2_000;
  const LONGEST_PAUSE = 60_000;
  const asleep = new Set(); // to be asked again
  const ended = new Set(); // not to be asked again, unless a person asks for something else
  const retries = new WeakMap();

  /** An answer that is none of ours. */
  class Foreign extends Error {}

  const wake = () => [...asleep].forEach((again) => again());
  /** Something else was chosen: what is no longer wanted ends, what still is gets another try. */
  const renew = () => [...asleep, ...ended].forEach((again) => again());
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

  /** Wait until something else is chosen. */
  function end(told) {
    return new Promise((resolve) => {
      const again = () => {
        ended.delete(again);
        resolve();
      };
      ended.add(again);
      told(null);
    });
  }

  /** Whether a status is of a server that is away or busy for a while. 511 is of a network that wants a sign-in. */
  const passing = (status) => (status >= 500 && status !== 511) || status === 429 || status === 408;

  /** The text of an answer of this kind, read to its end. A redirect that was not followed has the status 0. */
  async function read(response, kind) {
    if (passing(response.status)) throw new Error(response.status);
    const ours = response.status === 200 && (response.headers.get("content-type") || "").includes(kind);
    if (!ours) throw new Foreign(response.status);
    return response.text();
  }

  /** JSON that is an answer of ours, which `is` tells; what cannot be read was cut off on its way. */
  function parsed(text, is) {
    const answer = JSON.parse(text);
    if (!answer || typeof answer !== "object" || !is(answer)) throw new Foreign();
    return answer;
  }

  async function within(time, get) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), time);
    try {
      return await get(limit);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * What `get` brings, asked for again while it is lost; undefined once `wanted()` is false, whatever came. It is given
   * once nothing is being pressed: whoever asks is about to replace what the press may be on.
   * `get` is given what can abort it. `asking()` shows that it is under way, `lost(again)` that it is lost; calling
   * `again` asks at once, and where it is null only opening the page anew can help.
   */
  async function insist(get, wanted, { asking, lost }) {
    for (let attempt = 0; wanted(); attempt += 1) {
      asking();
      try {
        const answer = await within(LONGEST, get);
        await released();
        return wanted() ? answer : undefined;
      } catch (failure) {
        if (!wanted()) return undefined;
        if (failure instanceof Foreign) await end(lost);
        else await pause(attempt, lost);
      }
    }
    return undefined;
  }

  /** A button that asks again. */
  function retry(element, text, { tryAgain, loading }) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tryAgain;
    button.addEventListener("click", () => {
      text.textContent = loading;
      retries.get(element)();
    });
    return button;
  }

  /** A link that opens the page anew, by which a proxy asks for a sign-in; without an address, the page as it is. */
  function anew(href, { reload }) {
    const link = document.createElement("a");
    link.setAttribute("href", href);
    link.textContent = reload;
    link.addEventListener("click", (event) => {
      if (href || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      location.reload();
    });
    return link;
  }

  /**
   * A sentence that something is lost, with a button to ask again; where `again` is null, with a link that opens the
   * page anew at `href`. It stays as it is while it is true: it is read out once.
   */
  function said(element, sentence, again, words, href = "") {
    retries.set(element, again);
    const whole = again ? sentence : `${sentence} ${words.foreign}`;
    const there = element.querySelector("span");
    const way = again ? "button" : "a";
    if (there && element.querySelector(way) && (again || element.querySelector(way).getAttribute("href") === href)) {
      if (there.textContent !== whole) there.textContent = whole;
      return;
    }
    const held = element.contains(document.activeElement);
    const text = document.createElement("span");
    text.textContent = whole;
    const control = again ? retry(element, text, words) : anew(href, words);
    element.replaceChildren(text, " ", control);
    if (held) control.focus({ preventScroll: true });
  }

  // Between a button's going down and its click nothing is replaced: the click would be lost with what it was on. Only
  // of what takes a press: a press on a scroll bar or a list that opens is not told when it ends.
  const PRESSED = "a[href], button, label, summary, [type=checkbox], [type=radio], .plot";
  const waiting = [];
  let down = false;
  function up() {
    if (!down) return;
    down = false;
    // The click comes after this event, and before the frame after the next.
    requestAnimationFrame(() => requestAnimationFrame(() => down || waiting.splice(0).forEach((then) => then())));
  }
  // Never set back here: a second press elsewhere, while the first is down, would leave those who wait waiting for good.
  const begin = (event) => {
    if (event.target.closest?.(PRESSED)) down = true;
  };
  addEventListener("pointerdown", (event) => event.isPrimary && event.button === 0 && begin(event), true);
  addEventListener("pointermove", (event) => event.buttons || up(), true);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, up, true);
  addEventListener("keydown", (event) => event.key === " " && begin(event), true);
  addEventListener("keyup", (event) => event.key === " " && up(), true);
  addEventListener("blur", up);
  document.addEventListener("visibilitychange", up);

  /** Resolves once nothing is being pressed. */
  const released = () => (down ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve());

  /** What has to be found again once the content of an element is replaced: the place of the focus in it. */
  function focusIn(element) {
    const held = document.activeElement;
    if (!held || held === element || !element.contains(held)) return null;
    const alike = (within) => [...within.querySelectorAll(held.tagName)].filter((one) => one.className === held.className);
    const at = alike(element).indexOf(held);
    const find = () =>
      (held.dataset.keep && element.querySelector(`[data-keep="${CSS.escape(held.dataset.keep)}"]`)) ||
      (held.id && element.querySelector(`#${CSS.escape(held.id)}`)) ||
      (!held.dataset.keep && !held.id && alike(element)[at]) ||
      null;
    const typing = typeof held.selectionStart === "number" ? [held.selectionStart, held.selectionEnd] : null;
    return { find, typing };
  }

  return { insist, read, parsed, said, renew, focusIn, Foreign };
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
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const words = document.getElementById(button.dataset.copies);
    window.parityCopy(words.textContent.trim(), button, words);
  });
}
