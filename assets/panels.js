// Puts what the server has drawn into the page: headline, words, tables. And what stands under every panel: switch
// between figure and table, pictures, citation, copying.
"use strict";

(() => {
  const { words, say, canonicalise, stands, settled, fetched, said, follow, relink } = window.parity;
  const { read, focusIn, Foreign } = window.parityInsist;
  const { known, means } = window.parityNames;
  let before = "";

  /** Replace the content of an element, and leave the focus where it was. */
  function put(element, html) {
    const held = focusIn(element);
    element.innerHTML = html;
    if (!held) return;
    const found = held.find();
    // What had the focus is gone (a removed filter): the next thing of its kind, or the content as a whole.
    (found || element.querySelector("button.chip:last-of-type") || document.getElementById("content")).focus({
      preventScroll: true,
    });
    return found && held.typing ? () => found.setSelectionRange?.(...held.typing) : undefined;
  }

  function showAs(panel, kind) {
    panel.classList.toggle("shows-table", kind === "table");
    if (kind === "table") fetchTable(panel);
    hint(panel);
    panel.querySelectorAll("[data-show]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.show === kind));
    });
  }

  /** The table in an answer; null where another release is in service than its figure is of. */
  async function tableIn(response) {
    if (response.status === 409) return null;
    // A page to sign in is HTML too: what is ours says so.
    if (response.ok && response.headers.get("x-parity") !== "table") throw new Foreign();
    return read(response, "html");
  }

  function loseTable(table, again) {
    table.removeAttribute("aria-busy");
    if (!table.querySelector("[role=alert]")) table.innerHTML = '<p class="table-lost" role="alert"></p>';
    said(table.firstElementChild, words.tableFailed, again);
  }

  /** Get a table that came without its figure's response. */
  async function fetchTable(panel) {
    const table = panel.querySelector(".panel-table[data-later]");
    if (!table) return;
    const address = table.dataset.later;
    delete table.dataset.later;
    table.textContent = words.loading;
    const drawn = await fetched(
      address,
      tableIn,
      // The place of a table of older figures is no longer in the page.
      () => table.isConnected,
      { asking: () => table.setAttribute("aria-busy", "true"), lost: (again) => loseTable(table, again) },
    );
    if (drawn === undefined) return;
    table.removeAttribute("aria-busy");
    // Another release is in service than the figure is of: figure and table come anew, and together.
    if (drawn === null) return window.parity.again();
    const held = table.contains(document.activeElement);
    table.innerHTML = drawn;
    if (held) table.focus({ preventScroll: true });
    relink(); // it may have come while another choice was on its way
    const field = panel.querySelector("[data-search-table]");
    if (field?.value) searchTable(field);
    hint(panel);
  }

  /** Say that a table goes on to the right, where it does. */
  function hint(panel) {
    const note = panel.querySelector(".scroll-hint");
    const table = panel.querySelector(".panel-table");
    if (note && table.clientWidth) note.hidden = table.scrollWidth <= table.clientWidth + 1;
  }

  /** Leave in a table the rows that have what is searched for. */
  function searchTable(field) {
    let left = 0;
    field.closest(".panel-below").querySelectorAll("tbody tr").forEach((row) => {
      const { textContent, dataset } = row.cells[0];
      row.hidden = !means(field.value, known([textContent, ...(dataset.also || "").split("|")]));
      left += row.hidden ? 0 : 1;
    });
    field.closest(".table-search").querySelector(".found").textContent =
      field.value.trim() ? (left ? say(words.rowsFound, { count: window.parity.number(left) }) : words.noMatch) : "";
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-search-table]")) searchTable(event.target);
  });
  addEventListener("resize", () => document.querySelectorAll(".panel").forEach(hint));

  // View options: native controls whose state is in the address, like everything else.
  const options = document.querySelector("[data-options]");
  options?.addEventListener("change", ({ target: { name, type, value } }) => {
    const ticked = [...options.querySelectorAll(`[name="${CSS.escape(name)}"]:checked`)];
    window.parity.choose(name, type === "checkbox" ? ticked.map((box) => box.value) : [value]);
  });
  options?.addEventListener("submit", (event) => event.preventDefault());
  window.parity.onChange(() => {
    const query = new URLSearchParams(location.search);
    for (const [key, values] of Object.entries(words.options)) {
      const value = values.includes(query.get(key)) ? query.get(key) : values[0];
      options?.querySelectorAll(`[name="${CSS.escape(key)}"]`).forEach((control) => {
        if (control.type === "radio") control.checked = control.value === value;
        else control.value = value;
      });
    }
    showSeveral();
  });

  /** Boxes of choices of several codes as the address has them; where no more can be chosen, the others are off. */
  function showSeveral() {
    for (const [key, { most }] of Object.entries(words.several)) {
      const chosen = new Set(window.parity.codes(key));
      options?.querySelectorAll(`[name="${CSS.escape(key)}"]`).forEach((box) => {
        box.checked = chosen.has(box.value);
        box.disabled = !box.checked && chosen.size >= most;
      });
    }
  }
  showSeveral();
  window.parity.onRelease(showSeveral);

  function place(written) {
    // Which panels there are may depend on the filters.
    document.querySelectorAll("[data-panel]").forEach((panel) => {
      panel.hidden = !(panel.dataset.panel in written.panels);
      if (panel.hidden && panel.contains(document.activeElement)) document.getElementById("content").focus({ preventScroll: true });
    });
    for (const [id, drawn] of Object.entries(written.panels)) {
      const panel = document.getElementById(`panel-${id}`);
      Object.assign(panel.dataset, { drill: drawn.drill, lead: drawn.lead });
      const searched = panel.querySelector("[data-search-table]")?.value;
      put(panel.querySelector(".panel-words"), drawn.words);
      const typing = put(panel.querySelector(".panel-below"), drawn.below);
      panel.querySelector(".plot")?.setAttribute("aria-label", drawn.alternative);
      showAs(panel, panel.classList.contains("shows-table") ? "table" : "figure");
      const field = panel.querySelector("[data-search-table]");
      if (field && searched) {
        field.value = searched;
        searchTable(field);
        typing?.();
      }
    }
    // A server that does not know its own address leaves it out of citations.
    document.querySelectorAll(".citation[data-path]").forEach((text) => {
      const { path } = text.dataset;
      text.textContent = text.textContent.replace(path, () => location.origin + path);
      delete text.dataset.path;
    });
    canonicalise(written.asked, written.query);
  }

  /** React may still be about to put the panels in; what is asked for meanwhile needs none of this. */
  function whenThere(ids, wanted, then) {
    if (!wanted()) return;
    if (ids.every((id) => document.getElementById(`panel-${id}`))) then();
    else requestAnimationFrame(() => whenThere(ids, wanted, then));
  }

  function sayChange([now, share]) {
    const status = document.getElementById("status");
    status.textContent = before && share && before !== share ? say(words.was, { now, was: before }) : now;
    before = share;
  }

  function show(written, anew) {
    if (anew) {
      document.title = written.title;
      put(document.getElementById("headline"), written.headline);
      sayChange(written.said);
    }
    place(written);
    follow(written);
    settled();
  }

  const nothing = () => window.dash_clientside.no_update;
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    parity: {
      here: () => window.parity.question(),
      opened: (written) => {
        // The page came with these words, unless something else was chosen or published since.
        const anew = written && (window.parity.behind() || follow.differs(written));
        if (!written || !stands(written)) return nothing();
        if (!anew) before = written.said[1];
        whenThere(Object.keys(written.panels), () => window.parity.current(written.turn), () => show(written, anew));
        return nothing();
      },
      drawn: (written) => {
        if (written && stands(written)) show(written, true);
        return nothing();
      },
    },
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const panel = button.closest(".panel");
    const dialog = panel?.querySelector("dialog");
    if (button.dataset.show) showAs(panel, button.dataset.show);
    if ("cite" in button.dataset) dialog.showModal();
    if ("close" in button.dataset) dialog.close();
    if ("copyCitation" in button.dataset) {
      const citation = dialog.querySelector(".citation");
      window.parityCopy(citation.textContent, button, citation);
    }
    if (button.dataset.copyPath) {
      window.parityCopy(location.origin + location.pathname + button.dataset.copyPath, button);
    }
    if (button.dataset.picture) window.parity.picture(panel, button.dataset);
  });

  document.querySelector("[data-problem]")?.addEventListener("click", (event) => {
    const link = event.currentTarget;
    // The permalink goes along, so that whoever reads the report sees the same figures.
    const pinned = (!window.parity.behind() && document.querySelector("[data-copy-path]")?.dataset.copyPath) || location.search;
    const about = encodeURIComponent(location.origin + location.pathname + pinned);
    const plain = link.href.replace(/[?&](body|about)=.*$/, "");
    link.href = plain + (plain.startsWith("mailto:") ? "?body=" : plain.includes("?") ? "&about=" : "?about=") + about;
  });
})();
