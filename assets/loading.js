// Figures that have not come, come late, or are lost; and for options and tables the same rule (assets/frame.js): an
// answer to what is no longer asked is thrown away, one that is lost is said and asked for again, one that is not ours
// is said and never shown.
"use strict";

(() => {
  const { words, current, behind, onAgain, onChange } = window.parity;
  const { insist, read, parsed, renew } = window.parityInsist;
  const main = document.getElementById("content");
  const notice = document.getElementById("lost");
  const said = (element, sentence, again) => window.parityInsist.said(element, sentence, again, words);
  // Files and pictures of the figures that stand, their citation and link: none of them is of another address.
  const FILES = ".tools a[download], .tools a[data-keep^=api-], [data-picture], [data-cite], [data-copy-path]";
  const pressed = new Map(); // what was pressed before its figures stood -> the press
  let lost = false;
  let again = null; // what asks once more for what is lost; null where only opening the page anew helps

  /** A link keeps its place for the focus and loses its address. What is pressed is given later, unless that is lost. */
  function withhold(tool) {
    if (lost) tool.setAttribute("aria-disabled", "true");
    const href = tool.getAttribute("href");
    if (href === null) return;
    tool.dataset.withheld = href;
    tool.setAttribute("role", "link");
    tool.tabIndex = 0; // before the address goes: what cannot have the focus loses it
    tool.removeAttribute("href");
  }

  function giveBack(tool) {
    tool.removeAttribute("aria-disabled");
    const { withheld } = tool.dataset;
    if (withheld === undefined) return;
    delete tool.dataset.withheld;
    tool.setAttribute("href", withheld);
    tool.removeAttribute("role");
    tool.removeAttribute("tabindex");
  }

  /** Grey what is lost and not of the address, and withhold the files of what is not of it. */
  function reflect() {
    document.body.classList.toggle("figures-lost", lost);
    document.body.classList.toggle("figures-behind", lost && behind());
    main.querySelectorAll(FILES).forEach(behind() ? withhold : giveBack);
    if (lost) said(notice, behind() ? words.lostBehind : words.lost, again);
  }

  function busy(isBusy) {
    for (const element of [document.getElementById("headline"), document.getElementById("panels")]) {
      if (isBusy) element?.setAttribute("aria-busy", "true");
      else element?.removeAttribute("aria-busy");
    }
  }

  function lose(retry) {
    pressed.clear(); // a file that comes long after its press surprises
    busy(false);
    [lost, again] = [true, retry];
    notice.hidden = false;
    reflect();
  }

  /** The figures of the address stand in the page. */
  function settled() {
    const held = notice.contains(document.activeElement);
    lost = false;
    notice.hidden = true;
    notice.replaceChildren();
    busy(false);
    reflect();
    if (held) main.focus({ preventScroll: true });
    give();
  }

  /** Do what was pressed too early. */
  function give() {
    const presses = [...pressed];
    pressed.clear();
    for (const [keep, { ctrlKey, metaKey, shiftKey }] of presses) {
      const press = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
      main.querySelector(`[data-keep="${CSS.escape(keep)}"]`)?.dispatchEvent(press);
    }
  }

  // Dash asks for figures by itself, and would put in place whatever comes last. What passes here is the answer to what
  // was asked last. What no longer is gets an answer that changes nothing, at once: while an older one is under way,
  // Dash holds a newer one back.
  const plain = window.fetch.bind(window);
  const ofDash = /\/_dash-(update-component|layout|dependencies)(\?|$)/;
  const underWay = new Set();
  onAgain(() => {
    busy(true);
    [...underWay].forEach((stop) => stop());
    renew();
  });

  /** The number of the question in a request of Dash's; undefined where it has none. */
  function turnOf(body) {
    try {
      return JSON.parse(body).inputs?.[0]?.value?.turn;
    } catch {
      return undefined;
    }
  }

  /** Answers of Dash's three addresses: a callback's, the layout, the list of callbacks. */
  const isDash = (answer) => Array.isArray(answer) || "response" in answer || "props" in answer;

  const nothing = () => new Response(null, { status: 204 });

  async function figures(request) {
    const turn = turnOf(await request.clone().text());
    const wanted = () => !request.signal.aborted && (turn === undefined || current(turn));
    let running;
    const stop = () => wanted() || running?.abort();
    underWay.add(stop);
    const aborted = () => {
      stop();
      renew();
    };
    request.signal.addEventListener("abort", aborted);
    const answer = await insist(
      async (limit) => {
        running = limit;
        // A clone: what was sent once cannot be sent again. Redirects lead to other people's pages.
        const response = await plain(request.clone(), { signal: limit.signal, redirect: "manual" });
        const text = await read(response, "json");
        parsed(text, isDash);
        return new Response(text, { status: response.status, headers: response.headers });
      },
      wanted,
      { asking: () => busy(true), lost: lose },
    );
    underWay.delete(stop);
    request.signal.removeEventListener("abort", aborted);
    request.signal.throwIfAborted();
    return answer || nothing();
  }

  // What is asked for may be words, an address or a whole request.
  window.fetch = async (resource, options) =>
    ofDash.test(resource instanceof Request ? resource.url : String(resource))
      ? figures(new Request(resource, options))
      : plain(resource, options);

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
      const tool = event.target.closest?.(FILES);
      if (!tool || !behind()) return;
      event.preventDefault();
      event.stopPropagation();
      if (!lost) pressed.set(tool.dataset.keep, event);
    },
    true,
  );

  // Enter on a link without an address is no click by itself.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset?.withheld !== undefined) event.target.click();
  });

  onChange(reflect);

  Object.assign(window.parity, {
    settled,
    said,
    /**
     * What an address of ours brings, insisted on; see `insist`. `take(response)` makes an answer of the response, and
     * throws where there is none.
     */
    fetched: (address, take, wanted, shown) =>
      insist(
        async ({ signal }) => take(await plain(address, { signal, redirect: "manual" })),
        wanted,
        shown,
      ),
  });
})();
