// Wide things on paper, which does not scroll. A table that is wider than the page is printed in blocks of columns, each
// with the names of its rows; a figure is made smaller. How the page will lie is not known before it is printed: there
// are blocks for a page that is upright and for one that lies across, and the style sheet shows those that fit.
"use strict";

(() => {
  // CSS pixels inside a panel, on the narrower of A4 and Letter each time, within margins of 20 mm or less.
  const ROOM = { upright: 600, across: 870 };
  let made = [];

  /** The cells of a table by row, each with the columns it stands in. */
  function placed(table) {
    const below = []; // column -> how many rows a cell from above still goes on
    return [...table.rows].map((row) => {
      let at = 0;
      const cells = [];
      for (const cell of row.cells) {
        while (below[at] > 0) at += 1;
        cells.push({ cell, from: at, to: at + cell.colSpan });
        for (let column = at; column < at + cell.colSpan; column += 1) below[column] = cell.rowSpan;
        at += cell.colSpan;
      }
      below.forEach((rows, column) => (below[column] = Math.max(0, rows - 1)));
      return { row, cells };
    });
  }

  /** A copy of a table with these columns alone; the first is always among them. */
  function part(table, rows, columns) {
    const copy = table.cloneNode(false);
    let section = null;
    for (const { row, cells } of rows) {
      if (row.hidden) continue; // left out by a search in the table
      if (section?.of !== row.parentNode) {
        section = { of: row.parentNode, copy: row.parentNode.cloneNode(false) };
        copy.append(section.copy);
      }
      const line = row.cloneNode(false);
      for (const { cell, from, to } of cells) {
        const span = columns.filter((column) => column >= from && column < to).length;
        if (!span) continue;
        const again = cell.cloneNode(true);
        again.colSpan = span;
        line.append(again);
      }
      section.copy.append(line);
    }
    for (const element of [copy, ...copy.querySelectorAll("[id], [data-keep]")]) {
      element.removeAttribute("id");
      element.removeAttribute("data-keep");
    }
    return copy;
  }

  /** Columns by block, so that each is as wide as the room at most. */
  function packed(widths, room) {
    const blocks = [];
    let left = 0;
    widths.slice(1).forEach((width, at) => {
      if (!blocks.length || width > left) {
        blocks.push([0]);
        left = room - widths[0];
      }
      blocks.at(-1).push(at + 1);
      left -= width;
    });
    return blocks;
  }

  function cut(table) {
    const rows = placed(table);
    const columns = Math.max(0, ...rows.flatMap(({ cells }) => cells.map(({ to }) => to)));
    if (columns < 3 || getComputedStyle(table).display !== "table") return;
    const paper = document.createElement("div");
    paper.className = "on-paper measured";
    paper.setAttribute("aria-hidden", "true");
    table.after(paper);
    made.push(() => {
      paper.remove();
      table.classList.remove("is-cut");
    });
    const all = part(table, rows, [...Array(columns).keys()]);
    paper.append(all);
    // As narrow as its words allow: that is what has to fit.
    const needed = all.offsetWidth;
    const widths = Array(columns).fill(0);
    for (const { row, cells } of placed(all)) {
      if (row.parentNode.nodeName !== "THEAD" && row !== all.rows[0]) break;
      for (const { cell, from, to } of cells) if (to === from + 1) widths[from] = Math.ceil(cell.getBoundingClientRect().width);
    }
    paper.replaceChildren();
    paper.classList.remove("measured");
    if (needed <= ROOM.upright) return made.pop()();
    for (const [lies, room] of Object.entries(ROOM)) {
      const blocks = needed <= room ? [[...widths.keys()]] : packed(widths, room);
      const set = document.createElement("div");
      set.className = lies;
      set.append(...blocks.map((block) => part(table, rows, block)));
      paper.append(set);
    }
    table.classList.add("is-cut");
  }

  function shrink(plot) {
    for (const [lies, room] of Object.entries(ROOM)) {
      plot.style.setProperty(`--${lies}`, String(Math.min(1, room / plot.clientWidth)));
    }
  }

  addEventListener("beforeprint", () => {
    made.splice(0).forEach((undo) => undo());
    for (const plot of document.querySelectorAll(".plot")) if (plot.clientWidth) shrink(plot);
    for (const table of document.querySelectorAll("main table")) {
      // Those have rules of their own for paper, and fit.
      if (table.offsetParent && !table.closest(".coverage, .compare, .record")) cut(table);
    }
  });
  addEventListener("afterprint", () => made.splice(0).forEach((undo) => undo()));
})();
