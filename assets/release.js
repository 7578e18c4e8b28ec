// The page follows the release that its figures are of: list of quarters, footer, banner, choices; and says so when
// another one was put in service while it was open.
"use strict";

(() => {
  const { words, say, codes } = window.parity;
  const main = document.getElementById("content");
  const news = document.getElementById("news");
  const listeners = [];
  // The release in service when the page last showed it, and when that was published.
  let known = { name: main.dataset.inService, published: main.dataset.published };

  function quarters({ latest, quarters: all }) {
    const select = document.getElementById("quarter");
    if (!select) return; // a page that is not of staff has none
    select.replaceChildren(...all.map((quarter) => new Option(quarter)));
    select.dataset.latest = latest;
    select.value = codes("quarter")[0] || latest;
  }

  function tell({ release, published }) {
    const sentence = published < known.published ? words.releaseBack : words.newRelease;
    known = { name: release, published };
    const text = document.createElement("p");
    text.textContent = say(sentence, { release });
    const close = document.createElement("button");
    close.type = "button";
    close.className = "plain";
    close.textContent = words.close;
    close.addEventListener("click", () => {
      news.replaceChildren();
      main.focus({ preventScroll: true });
    });
    news.replaceChildren(text, close);
  }

  function follow(written) {
    if (written.release !== main.dataset.release) {
      main.dataset.release = written.release;
      quarters(written.frame);
      document.getElementById("published").textContent = written.frame.published;
      document.getElementById("banner").innerHTML = written.frame.banner;
      for (const [name, options] of Object.entries(written.frame.several)) {
        document.querySelector(`[data-several="${CSS.escape(name)}"]`).innerHTML = options;
      }
      listeners.forEach((listener) => listener());
    }
    // Who pins a release has chosen it, and is told beside it of a newer one.
    if (!codes("release").length && written.release !== known.name) tell(written);
  }
  follow.differs = (written) => written.release !== main.dataset.release;

  Object.assign(window.parity, { follow, onRelease: (listener) => listeners.push(listener) });
})();
