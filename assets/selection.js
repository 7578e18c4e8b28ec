// The selection of the page lives in the address bar and nowhere else. A change a person makes is one pushState, so
// that the browser's back button undoes it; replaceState only brings the address into its canonical form.
"use strict";

window.parity = (() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const listeners = [];
  const asking = [];
  // What figures were last asked for, by number, and the query string of the address then.
  let asked = { turn: 0, search: "" };
  // The query string whose figures stand in the page: at first those words that the page came with.
  let shown = location.search;
  let opened = false;
  // The query string that everything on the page was last told of.
  let told = location.search;

  /** Whether the page still shows what was chosen before. */
  const behind = () => shown !== location.search;

  /** "a {count} b", {count: 3} -> "a 3 b" */
  const say = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const number = (value) => value.toLocaleString(words.language);

  /** The codes chosen in a dimension, as the address has them. */
  const codes = (dimension) => new URLSearchParams(location.search).getAll(dimension);

  /** Codes with groups spelled out: PH -> SENIOR, P. */
  const members = (dimension, chosen) =>
    chosen.flatMap((code) => (words.groups[dimension] || {})[code] || [code]);

  /** A choice in the canonical form that the server would give it: equal choices have equal query strings. */
  function canonicalOf(query) {
    const fixed = new Set(words.fixed.map(([key]) => key));
    const canonical = new URLSearchParams();
    for (const key of ["release", "quarter", ...words.dimensions]) {
      if (fixed.has(key)) continue; // said by the path
      const found = new Set(query.getAll(key));
      for (const [group, whole] of Object.entries(words.groups[key] || {})) {
        if (found.has(group) || whole.every((member) => found.has(member))) {
          whole.forEach((member) => found.delete(member));
          found.add(group);
        }
      }
      [...found].sort().forEach((code) => canonical.append(key, code));
    }
    for (const [key, values] of Object.entries(words.options)) {
      const value = query.get(key);
      if (value !== null && value !== values[0] && values.includes(value)) canonical.append(key, value);
    }
    for (const [key, { under, most }] of Object.entries(words.several)) {
      if (canonical.get(under[0]) !== under[1]) continue;
      [...new Set(query.getAll(key))].slice(0, most).sort().forEach((code) => canonical.append(key, code));
    }
    return canonical.toString();
  }

  function withCodes(query, key, chosen) {
    query.delete(key);
    chosen.forEach((code) => query.append(key, code));
    return query;
  }

  /** The query string with this key's choice replaced. */
  const replaced = (key, chosen) => canonicalOf(withCodes(new URLSearchParams(location.search), key, chosen));

  /** A choice without the quarter where that is the newest, which goes without saying. */
  function plainly(search) {
    const query = new URLSearchParams(search);
    if (query.get("quarter") === document.getElementById("quarter")?.dataset.latest) query.delete("quarter");
    return canonicalOf(query);
  }

  /** What goes along to another page: the selection, and no view options. */
  function travelling() {
    const kept = new URLSearchParams(location.search);
    [...kept.keys()].filter((key) => key.startsWith("v.")).forEach((key) => kept.delete(key));
    return kept;
  }

  /** Open the page of a code, with the selection. */
  function open(path, dimension, code) {
    const kept = travelling();
    kept.delete(dimension);
    location.href = path.replace("<code>", encodeURIComponent(code)) + (kept.size ? `?${kept}` : "");
  }

  // Links in words and tables -> their addresses as the server drew them, which are of the figures that stand.
  const asDrawn = new WeakMap();

  /** What a link changes in the choice it was drawn for, changed in the choice of the address. */
  function moved(target, drill) {
    const before = new URLSearchParams(canonicalOf(new URLSearchParams(shown)));
    const after = target.searchParams;
    const keys = [...new Set([...before.keys(), ...after.keys()])];
    const changed = keys.filter((key) => before.getAll(key).join() !== after.getAll(key).join());
    // One that leads to where the page was narrows to what was chosen already.
    if (!changed.length && after.has(drill)) changed.push(drill);
    const now = new URLSearchParams(location.search);
    changed.forEach((key) => withCodes(now, key, after.getAll(key)));
    return canonicalOf(now);
  }

  /** Where a link leads from the address as it is, while the figures that it was drawn with are of another. */
  function leadsTo(link, href) {
    const target = new URL(href, location.href);
    const { drill, lead } = link.closest("[data-panel]")?.dataset || {};
    let query;
    if (target.pathname === location.pathname) query = moved(target, drill);
    else if (lead && link.closest(".panel-table")) query = withCodes(travelling(), drill, []).toString();
    else return href; // to a page of something else, which carries no selection
    return target.pathname + (query ? `?${query}` : "");
  }

  /** Every link that carries the selection carries that of the address, whatever it was drawn for. */
  function relink() {
    for (const link of document.querySelectorAll("main a[data-select]")) {
      const drawn = asDrawn.get(link);
      if (behind()) {
        if (drawn === undefined) asDrawn.set(link, link.getAttribute("href"));
        link.setAttribute("href", leadsTo(link, asDrawn.get(link)));
      } else if (drawn !== undefined) link.setAttribute("href", drawn);
    }
  }

  /** Everything that shows the selection follows it; a new spelling of the same one needs no new figures. */
  function tell(changed = true) {
    told = location.search;
    document.querySelectorAll("a[data-follow]").forEach((link) => {
      const target = new URL(link.href);
      const kept = target.pathname === location.pathname ? new URLSearchParams(location.search) : travelling();
      // The other view of this page has a port of its own.
      const elsewhere = target.origin === location.origin ? "" : target.origin;
      link.href = elsewhere + target.pathname + (kept.size ? `?${kept}` : "");
    });
    relink();
    listeners.forEach((listener) => listener(changed));
    if (changed) again();
  }

  /** The question for the figures of the address as it is; of tables those that are open. */
  function question() {
    const tables = [...document.querySelectorAll(".panel.shows-table")].map((panel) => panel.dataset.panel);
    const { release } = document.getElementById("content").dataset;
    asked = { turn: asked.turn + 1, search: location.search };
    return { path: location.pathname, search: location.search, tables, of: release, turn: asked.turn };
  }

  /** Have everything drawn for the address as it is. */
  function again() {
    // Dash has not begun: it will ask for the address as it is then.
    if (!asked.turn) return;
    window.dash_clientside.set_props(opened ? "selection" : "page", { data: question() });
    asking.forEach((listener) => listener());
  }

  /** Whether this is the answer to what was asked last; if so, its figures are those in the page from now on. */
  function stands({ turn, asked: search }) {
    if (turn !== asked.turn || search !== asked.search) return false;
    opened = true;
    shown = location.search;
    return true;
  }

  /** Show the selection of this query string, as a step of its own in the browser's history. */
  function go(query) {
    const search = query ? `?${query.replace(/^\?/, "")}` : "";
    // To where one is, in other words, is no step: Back would change nothing on the page.
    if (search === location.search || plainly(search) === plainly(location.search)) return;
    history.pushState(null, "", location.pathname + search);
    tell();
  }

  const choose = (dimension, chosen) => go(replaced(dimension, chosen));

  /** What a click on a mark does, and a link in its table: only this code from now on. */
  const narrow = (dimension, code) => choose(dimension, [code]);

  /** Bring the address into the form that equal selections share; not a step for the back button. */
  function canonicalise(asked, query) {
    const search = query ? `?${query}` : "";
    if (location.search === asked && location.search !== search) {
      history.replaceState(null, "", location.pathname + search);
      shown = search;
      tell(false);
    }
  }

  // A step to a mark in the same page has the same selection.
  addEventListener("popstate", () => location.search === told || tell());

  /** The selection without what a chip names: of the address as it is, whatever the chip was drawn for. */
  function without({ key, code }) {
    const gone = new Set(members(key, [code]));
    return replaced(key, code ? members(key, codes(key)).filter((member) => !gone.has(member)) : []);
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[data-select]");
    if (link && new URL(link.href).pathname === location.pathname) {
      event.preventDefault();
      go(new URL(link.href).search);
    }
    const chip = event.target.closest("button.chip");
    if (chip) go(without(chip.dataset));
    if (event.target.closest("[data-unpin]")) choose("release", []);
  });

  return {
    words, say, number, codes, members, replaced, choose, narrow, open, canonicalise, question, again, stands,
    /** Whether figures of this number are those that were asked for last. */
    current: (turn) => turn === asked.turn,
    behind, relink,
    onAgain: (listener) => asking.push(listener),
    /** Call `listener(changed)` after every change of the address; `changed` is false for a new spelling of the same. */
    onChange: (listener) => listeners.push(listener),
  };
})();
