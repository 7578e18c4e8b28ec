// The filter panel. Options are never Dash components: 970 duty stations as components take seconds to update, drawn
// here from one JSON answer they take a twentieth of one. Only facets that are open are asked for and drawn.
"use strict";

(() => {
  const { words, say, number, codes, members, replaced, choose, onChange, fetched, said, again } = window.parity;
  const { read, parsed, focusIn } = window.parityInsist;
  const { known, means } = window.parityNames;
  const form = document.getElementById("filters");
  if (!form) return; // a page that is not of staff has none
  const facets = [...form.querySelectorAll("details[data-facet]")];
  const SEARCH_FROM = 12;
  const called = new WeakMap(); // the row of an option -> what it can be looked for by
  const turns = new Map(); // facet -> the number of what it asked for last
  let asked = 0;
  let chased = ""; // the release whose options came before its figures

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  /** How many filters are in force: shown on the closed facets and on the button of narrow screens. */
  function summarise() {
    let total = 0;
    for (const facet of facets) {
      const chosen = codes(facet.dataset.facet).length;
      total += chosen;
      facet.querySelector(".facet-state").textContent = chosen ? say(words.chosen, { count: number(chosen) }) : words.all;
      facet.classList.toggle("in-force", chosen > 0);
    }
    fold.textContent = total ? say(words.filtersChosen, { count: number(total) }) : words.filters;
    const quarter = document.getElementById("quarter");
    quarter.value = codes("quarter")[0] || quarter.dataset.latest;
    facets.forEach(tick);
  }

  /** Ticks are of the address, whenever the counts beside them come. */
  function tick(facet) {
    const name = facet.dataset.facet;
    const groups = words.groups[name] || {};
    const chosen = new Set(members(name, codes(name)));
    facet.querySelectorAll(".option input").forEach((box) => {
      box.checked = (groups[box.value] || [box.value]).every((code) => chosen.has(code));
    });
    const clear = facet.querySelector(".facet-clear");
    if (!clear) return;
    const held = clear === document.activeElement;
    clear.hidden = chosen.size === 0;
    if (held && clear.hidden) facet.querySelector("summary").focus();
  }

  /** The codes that stay chosen when this box is ticked or cleared; a group gives way to its members. */
  function after(dimension, code, ticked) {
    const groups = words.groups[dimension] || {};
    const chosen = new Set(members(dimension, codes(dimension)));
    (groups[code] || [code]).forEach((member) => (ticked ? chosen.add(member) : chosen.delete(member)));
    return [...chosen];
  }

  /** Whether a query string is more than an address can hold. */
  const tooMuch = (query) => query.length > words.longest;

  /** Choose these codes. Where they are too many nothing is: the ticks stay those of the address, and it is said why. */
  function commit(dimension, chosen, body) {
    search(body);
    if (!tooMuch(replaced(dimension, chosen))) return choose(dimension, chosen);
    body.querySelector(".facet-message").textContent = words.tooMany;
    tick(body.closest("details"));
  }

  function shown(body) {
    return [...body.querySelectorAll(".option:not([hidden]) input")];
  }

  /** Hide what the search does not name, and say on the button how many are left to select. */
  function search(body) {
    const typed = body.querySelector("input[type=search]")?.value || "";
    let left = 0;
    body.querySelectorAll(".option").forEach((option) => {
      option.hidden = !means(typed, called.get(option));
      left += option.hidden ? 0 : 1;
    });
    body.querySelector(".facet-message").textContent = left ? "" : words.noMatch;
    const all = body.querySelector(".facet-all");
    if (all) {
      all.textContent = say(words.selectShown, { count: number(left) });
      all.hidden = !left;
    }
  }

  function build(facet, found) {
    const name = facet.dataset.facet;
    const body = facet.querySelector(".facet-body");
    const typed = body.querySelector(".facet-search")?.value;
    const scrolled = body.querySelector(".options")?.scrollTop;
    body.querySelectorAll(":scope > :not(legend)").forEach((child) => child.remove());
    const many = found.options.length > SEARCH_FROM;
    if (many) {
      const field = make("input", "facet-search");
      field.type = "search";
      field.autocomplete = "off";
      field.spellcheck = false;
      field.placeholder = say(words.search, { filter: found.label });
      field.setAttribute("aria-label", field.placeholder);
      field.value = typed || "";
      field.addEventListener("input", () => search(body));
      // Enter would send the form, and with it nothing but the quarter.
      field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
      body.append(field);
    }
    body.append(make("p", "facet-note"));
    const list = make("div", many ? "options options-many" : "options");
    for (const option of found.options) {
      const row = make("label", "option");
      row.dataset.code = option.code;
      called.set(row, known([option.code, option.label, option.name, ...option.also]));
      const box = make("input");
      box.type = "checkbox";
      box.value = option.code;
      const text = make("span", "option-name", option.label);
      if (option.name && option.name !== option.label) {
        // A grade says itself; of an entity's code only insiders know the name.
        if (name === "entity") text.append(make("small", "option-full", option.name));
        else row.title = option.name;
      }
      row.append(box, text, make("span", "option-count"));
      list.append(row);
    }
    const foot = make("div", "facet-foot");
    if (many) {
      const all = make("button", "plain facet-all");
      all.type = "button";
      all.addEventListener("click", () => {
        const chosen = new Set([...members(name, codes(name)), ...shown(body).map((box) => box.value)]);
        commit(name, [...chosen], body);
      });
      foot.append(all);
    }
    const clear = make("button", "plain facet-clear", words.clear);
    clear.type = "button";
    clear.addEventListener("click", () => commit(name, [], body));
    foot.append(clear);
    const message = make("p", "facet-message");
    message.setAttribute("role", "status");
    body.append(list, message, foot);
    list.addEventListener("change", (event) => {
      commit(name, after(name, event.target.value, event.target.checked), body);
    });
    search(body);
    if (scrolled) list.scrollTop = scrolled;
  }

  /** Put counts and ticks into the options that stand there; build them only where others are offered. */
  function fill(facet, found) {
    const body = facet.querySelector(".facet-body");
    const rows = [...body.querySelectorAll(".option")];
    const same = rows.length === found.options.length && rows.every((row, at) => row.dataset.code === found.options[at].code);
    const held = focusIn(facet);
    const code = document.activeElement.closest?.(".option")?.dataset.code;
    if (!same) build(facet, found);
    body.querySelector(".facet-lost")?.remove();
    body.querySelector(".options").removeAttribute("aria-busy");
    body.querySelector(".options").classList.remove("options-lost");
    tick(facet);
    if (held && !facet.contains(document.activeElement)) {
      const option = code && body.querySelector(`.option[data-code="${CSS.escape(code)}"] input`);
      const field = option || (code ? null : held.find());
      (field || facet.querySelector("summary")).focus({ preventScroll: true });
      if (held.typing && field?.type === "search") field.setSelectionRange(...held.typing);
    }
    body.querySelectorAll(".option").forEach((row, at) => {
      const option = found.options[at];
      row.querySelector(".option-count").textContent = option.said;
      // Too few to show and nobody look the same where counts are protected.
      row.classList.toggle("option-none", option.staff === 0 && !found.protected);
    });
    body.querySelector(".facet-note").textContent = found.note;
    body.querySelector(".facet-note").hidden = !found.note;
  }

  /** Say in a facet that its options are lost; those that stand there are greyed, and ticked as the address has it. */
  function lose(facet, again) {
    const body = facet.querySelector(".facet-body");
    let lost = body.querySelector(".facet-lost");
    if (!lost) {
      lost = make("p", "facet-lost");
      lost.setAttribute("role", "alert");
      body.querySelector("legend").after(lost);
    }
    if (!body.querySelector(".option")) body.querySelector(".facet-message")?.remove();
    body.querySelector(".options")?.removeAttribute("aria-busy");
    body.querySelector(".options")?.classList.add("options-lost");
    said(lost, words.failed, again);
  }

  /** Ask for these facets under the selection of the address bar and draw them. */
  async function load(wanted) {
    if (!wanted.length) return;
    const turn = ++asked;
    const query = new URLSearchParams(location.search);
    words.fixed.forEach(([key, code]) => query.set(key, code));
    for (const facet of wanted) {
      turns.set(facet, turn);
      query.append("facet", facet.dataset.facet);
      const body = facet.querySelector(".facet-body");
      if (!body.querySelector(".option, .facet-lost")) {
        body.querySelectorAll(":scope > :not(legend)").forEach((child) => child.remove());
        body.append(make("p", "facet-message", words.loading));
      }
    }
    // Of each facet the answer to its own last question counts, and none after the address has changed.
    const still = () => wanted.filter((facet) => facet.open && turns.get(facet) === turn);
    const asking = () =>
      still().forEach((facet) => facet.querySelector(".options")?.setAttribute("aria-busy", "true"));
    const answer = await fetched(
      `${words.api}/facets.json?${query}`,
      async (response) => parsed(await read(response, "json"), ({ facets }) => Boolean(facets)),
      () => still().length > 0,
      { asking, lost: (retry) => still().forEach((facet) => lose(facet, retry)) },
    );
    if (!answer) return;
    for (const facet of still()) fill(facet, answer.facets[facet.dataset.facet]);
    // Options of another release than the figures are of: the figures follow, once for each.
    if (answer.release === document.getElementById("content").dataset.release || chased === answer.release) return;
    chased = answer.release;
    again();
  }

  const open = () => facets.filter((facet) => facet.open);
  facets.forEach((facet) => facet.addEventListener("toggle", () => facet.open && load([facet])));

  document.getElementById("quarter").addEventListener("change", (event) => {
    // In so many words, even where it is the newest that is known here: a newer one may have been published since.
    // Where it still is the newest, the answer brings the address into its shorter form.
    choose("quarter", [event.target.value]);
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  const fold = document.querySelector(".filters-fold");
  fold.hidden = false;
  fold.addEventListener("click", () => {
    const shows = fold.getAttribute("aria-expanded") !== "true";
    fold.setAttribute("aria-expanded", String(shows));
  });

  onChange((changed) => {
    summarise();
    if (!changed) return;
    turns.clear();
    load(open());
  });
  window.parity.onRelease(() => load(open()));
  summarise();
  load(open());
})();
