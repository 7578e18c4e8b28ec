// What script adds to "Before you recruit": answers as one chooses, and a button that prints.
// Everything works without it.
"use strict";

(() => {
  const FINER = { entity: "department", unct: "duty_station", category: "grade" };
  const ORDER = [
    "release", "quarter", "entity", "department", "category", "grade", "unct", "duty_station", "v.post",
    "v.joined_women", "v.joined_men", "v.left_women", "v.left_men", "v.posts", "v.vacancies",
  ];
  const USUAL = { "v.post": "vacant", "v.posts": "3", "v.vacancies": "held" };
  const { insist, read, said } = window.parityInsist;
  const TYPING = 200; // milliseconds between two keys of somebody who types the name of an option
  let asked = 0;
  let waiting = 0;

  // As the server writes it: in one order, without what goes without saying or follows from something finer.
  function address(form) {
    const given = new Map([...new FormData(form)].filter(([key, value]) => value && USUAL[key] !== value));
    for (const [coarser, finer] of Object.entries(FINER)) if (given.has(finer)) given.delete(coarser);
    const pairs = new URLSearchParams();
    for (const key of ORDER) if (given.has(key)) pairs.append(key, given.get(key));
    for (const [key, value] of given) if (!ORDER.includes(key) && value !== "0") pairs.append(key, value);
    const query = pairs.toString();
    return form.getAttribute("action") + (query ? `?${query}` : "");
  }

  /** Show the answer at an address. One that is lost is said, greyed and asked again; a newer one takes its place. */
  async function show(path, push) {
    clearTimeout(waiting);
    const number = ++asked;
    const main = document.getElementById("content");
    main.setAttribute("aria-busy", "true");
    const lost = document.getElementById("lost");
    const answer = await insist(
      async ({ signal }) => {
        const response = await fetch(path, { signal });
        // An address that cannot be answered: the server says so on a page of its own.
        if (response.status >= 400 && response.status < 500) return location.assign(path);
        return { text: await read(response, "text/html"), url: response.url };
      },
      () => number === asked,
      (again) => {
        if (!lost) return location.assign(path);
        main.classList.add("is-lost");
        lost.hidden = false;
        said(lost, lost.dataset.said, again, lost.dataset);
      },
    );
    if (!answer) return;
    const fresh = new DOMParser().parseFromString(answer.text, "text/html");
    const content = fresh.getElementById("content");
    if (!content) return location.assign(path); // such as a page to sign in
    const focused = document.activeElement && document.activeElement.id;
    const pressed = lost?.contains(document.activeElement);
    const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
    main.replaceChildren(...content.childNodes);
    main.classList.remove("is-lost");
    main.removeAttribute("aria-busy");
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (pressed) main.focus({ preventScroll: true });
    document.title = fresh.title;
    const nav = fresh.querySelector(".banner");
    if (nav) document.querySelector(".banner")?.replaceWith(nav);
    if (push) history.pushState(null, "", answer.url);
    ready();
    document.getElementById("status").textContent = document.getElementById("sentence").textContent;
  }

  /** Show the answer once nothing more is typed: it brings the form anew, and would take it from under the keyboard. */
  function soon(path) {
    asked += 1;
    clearTimeout(waiting);
    waiting = setTimeout(show, TYPING, path, true);
  }

  function ready() {
    const form = document.getElementById("recruit");
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.onclick = () => print();
    }
    if (!form) return;
    form.classList.add("alive");
  }

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (!form || form.id !== "recruit") return;
    // What was chosen within the old one is not in the new one.
    const finer = FINER[event.target.name] && form.elements[FINER[event.target.name]];
    if (finer) finer.value = "";
    soon(address(form));
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "recruit") return;
    event.preventDefault();
    show(address(event.target), true);
  });
  addEventListener("popstate", () => show(location.pathname + location.search, false));
  ready();
})();
