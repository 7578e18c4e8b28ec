// Figures that have not come, come late, or are lost; and for options and tables the same rule (assets/frame.js): an
// answer to what is no longer asked is thrown away, one that is lost is said and asked for again.
"use strict";

(() => {
  const { words, current, behind, onAgain } = window.parity;
  const { insist, read, wake } = window.parityInsist;
  const main = document.getElementById("content");
  const notice = document.getElementById("lost");
  const said = (element, sentence, again) => window.parityInsist.said(element, sentence, again, words);
  let pressed = null; // what was pressed before its figures stood

  /** Grey what is not of the address, and take away its files and links, which are of what was chosen before. */
  function mark(isLost) {
    document.body.classList.toggle("figures-lost", isLost);
    document.body.classList.toggle("figures-behind", isLost && behind());
    main.querySelectorAll("[data-panel] .tools").forEach((tools) => tools.toggleAttribute("inert", isLost));
    main.querySelectorAll("[data-copy-path]").forEach((button) => (button.disabled = isLost && behind()));
    for (const element of [document.getElementById("headline"), document.getElementById("panels")]) {
      if (isLost) element?.setAttribute("aria-busy", "true");
      else element?.removeAttribute("aria-busy");
    }
  }

  function lose(again) {
    pressed = null;
    mark(true);
    notice.hidden = false;
    said(notice, behind() ? words.lostBehind : words.lost, again);
  }

  /** The figures of the address stand in the page. */
  function settled() {
    const held = notice.contains(document.activeElement);
    notice.hidden = true;
    notice.replaceChildren();
    mark(false);
    if (held) main.focus({ preventScroll: true });
    const keep = pressed;
    pressed = null;
    if (keep) main.querySelector(`[data-keep="${CSS.escape(keep)}"]`)?.click();
  }

  // Dash asks for figures by itself, and would put in place whatever comes last. What passes here is the answer to what
  // was asked last. What no longer is gets an answer that changes nothing, at once: while an older one is under way,
  // Dash holds a newer one back.
  const plain = window.fetch.bind(window);
  const ofDash = /\/_dash-(update-component|layout|dependencies)(\?|$)/;
  const underWay = new Set();
  onAgain(() => {
    [...underWay].forEach((stop) => stop());
    wake();
  });

  async function figures(address, options) {
    const turn = options?.body ? JSON.parse(options.body).inputs?.[0]?.value?.turn : undefined;
    const wanted = () => turn === undefined || current(turn);
    let running;
    const stop = () => wanted() || running.abort();
    underWay.add(stop);
    const answer = await insist(
      async (limit) => {
        running = limit;
        const response = await plain(address, { ...options, signal: limit.signal });
        const { status, headers } = response;
        const text = await read(response, "json");
        return new Response(status === 204 ? null : text, { status, headers });
      },
      wanted,
      lose,
    );
    underWay.delete(stop);
    return answer || new Response(null, { status: 204 });
  }
  window.fetch = (address, options) =>
    ofDash.test(typeof address === "string" ? address : address.url || "") ? figures(address, options) : plain(address, options);

  // Without its scripts a page has no figures, and nothing that could ask for them.
  addEventListener(
    "error",
    (event) => event.target instanceof HTMLScriptElement && lose(() => location.reload()),
    true,
  );

  // A file, a picture or a link of figures that are on their way out is given once the new ones stand.
  document.addEventListener(
    "click",
    (event) => {
      const tool = event.target.closest?.(".tools [data-keep]:not([data-show]), [data-copy-path]");
      if (!tool || !behind()) return;
      event.preventDefault();
      event.stopPropagation();
      pressed = tool.dataset.keep;
    },
    true,
  );

  Object.assign(window.parity, {
    settled,
    said,
    /** JSON or HTML from an address, insisted on; see `insist`. `otherwise(status)` may make an answer of a status. */
    fetched: (address, kind, wanted, lost, otherwise = () => undefined) =>
      insist(
        async ({ signal }) => {
          const response = await plain(address, { signal });
          const answer = otherwise(response.status);
          if (answer !== undefined) return answer;
          const text = await read(response, kind);
          return kind === "json" ? JSON.parse(text) : text;
        },
        wanted,
        lost,
      ),
  });
})();
