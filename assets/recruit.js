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
  let asked = 0;

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

  async function show(path, push) {
    const number = ++asked;
    const main = document.getElementById("content");
    main.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(path);
      if (!response.ok) throw new Error(response.status);
      const text = await response.text();
      if (number !== asked) return;
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const focused = document.activeElement && document.activeElement.id;
      const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
      main.replaceChildren(...fresh.getElementById("content").childNodes);
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      document.title = fresh.title;
      const nav = fresh.querySelector(".banner");
      if (nav) document.querySelector(".banner")?.replaceWith(nav);
      if (push) history.pushState(null, "", response.url);
      ready();
      document.getElementById("status").textContent = document.getElementById("sentence").textContent;
    } catch {
      // Whatever it was, the server can say it on a page of its own.
      if (number === asked) location.assign(path);
    } finally {
      main.removeAttribute("aria-busy");
    }
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
    show(address(form), true);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "recruit") return;
    event.preventDefault();
    show(address(event.target), true);
  });
  addEventListener("popstate", () => show(location.pathname + location.search, false));
  ready();
})();
