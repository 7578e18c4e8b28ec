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
  const { insist, read, said, focusIn, renew, Foreign } = window.parityInsist;
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

  /**
   * The response at an address. A redirect of ours leads to the same choice in other words; one to another site looks
   * like a lost network, and is told from it by asking again without following it.
   */
  async function response(path, signal) {
    try {
      return await fetch(path, { signal, mode: "same-origin" });
    } catch (failure) {
      // Without a network there is nothing to tell it from, and a second question would only fail in other words.
      if (signal.aborted || !navigator.onLine) throw failure;
      const unfollowed = await fetch(path, { signal, redirect: "manual" });
      throw unfollowed.type === "opaqueredirect" ? new Foreign() : failure;
    }
  }

  /** This page as an answer has it; a page to sign in is another. */
  async function pageIn(answer) {
    const fresh = new DOMParser().parseFromString(await read(answer, "text/html"), "text/html");
    const content = fresh.querySelector("main#content.recruit");
    if (!content) throw new Foreign();
    return { fresh, content, url: answer.url };
  }

  /** What is being typed, and was not yet chosen, is not in the answer. */
  function unfinished(main) {
    const field = document.activeElement;
    if (!main.contains(field) || !field.matches("input") || field.value === field.defaultValue) return () => {};
    const { id, type, value } = field;
    return () => {
      const now = document.getElementById(id);
      if (now && ["number", "text"].includes(type)) now.value = value;
    };
  }

  /** Put a page in the place of this one: what was open stays open, and the focus stays where it was. */
  function put(main, { fresh, content, url }, push) {
    const pressed = document.getElementById("lost").contains(document.activeElement);
    const held = focusIn(main);
    const type = unfinished(main);
    const open = [...main.querySelectorAll("details[open]")].map((one) => one.id);
    main.replaceChildren(...content.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    type();
    if (held) ((!pressed && held.find()) || main).focus({ preventScroll: true });
    document.title = fresh.title;
    const banner = fresh.querySelector(".banner");
    if (banner) document.querySelector(".banner")?.replaceWith(banner);
    // To where one is already is no step: Back would change nothing.
    if (push && url !== location.href) history.pushState(null, "", url);
  }

  function busy(main, isBusy) {
    if (isBusy) main.setAttribute("aria-busy", "true");
    else main.removeAttribute("aria-busy");
  }

  function lose(main, path, again) {
    const lost = document.getElementById("lost");
    busy(main, false);
    main.classList.add("is-lost");
    lost.hidden = false;
    said(lost, lost.dataset.said, again, lost.dataset, path);
  }

  /** Show the answer at an address. One that is lost is said, greyed and asked again; a newer one takes its place. */
  async function show(path, push) {
    clearTimeout(waiting);
    const number = ++asked;
    renew();
    const main = document.getElementById("content");
    if (!document.getElementById("lost")) return location.assign(path); // the record has no place for it
    const answer = await insist(
      async ({ signal }) => pageIn(await response(path, signal)),
      () => number === asked,
      { asking: () => busy(main, true), lost: (again) => lose(main, path, again) },
    );
    if (!answer) return;
    put(main, answer, push);
    main.classList.remove("is-lost");
    busy(main, false);
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
