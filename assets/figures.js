// Gives figures what only the browser knows: their width, the reader's colour scheme, the page's font. Figures come
// from the server as plain data in light colours; Plotly.newPlot and Plotly.react are wrapped, since plotly has no
// setting for a default template.
"use strict";

(() => {
  // On screens only: figures on paper are light, and the change to print is a change like any other.
  const dark = matchMedia("screen and (prefers-color-scheme: dark)");
  const NARROW = 400; // pixels: below it a trend has room for its two ends only
  const LEAST_TRACK = 110; // pixels for 0 to 100 %: with less, names and numbers go above their rows
  const STACKED_ROW = 46;
  const BESIDE_MAP = 820; // pixels from which the legend of a map has room beside it
  const HIGHEST_MAP = 560;
  const STACKED_HEAD = 20;
  const LEAST_FIELD = 96; // pixels of a small figure among many: with less its line is a scribble

  const copyOf = (value) => JSON.parse(JSON.stringify(value));

  function darkened(value) {
    if (typeof value === "string") return window.parityDark[value] || value;
    if (Array.isArray(value)) return value.map(darkened);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, darkened(inner)]));
    }
    return value;
  }

  function merge(target, patch) {
    for (const [key, value] of Object.entries(patch)) {
      if (value && typeof value === "object" && !Array.isArray(value)) merge((target[key] ||= {}), value);
      else target[key] = value;
    }
  }

  function template(colours) {
    const font = getComputedStyle(document.body).fontFamily;
    return {
      layout: {
        font: { family: font, size: 13, color: colours("#1B1F24") },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        hoverlabel: {
          bgcolor: colours("#1B1F24"),
          bordercolor: colours("#1B1F24"),
          font: { family: font, size: 13, color: colours("#FFFFFF") },
        },
      },
    };
  }

  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  function lines(text, most) {
    const found = [""];
    for (const word of text.trim().split(/ +/)) {
      const last = found.length - 1;
      if (found[last] && found[last].length + word.length >= most) found.push(word);
      else found[last] = found[last] ? `${found[last]} ${word}` : word;
    }
    return found.map(plain);
  }

  const canvas = document.createElement("canvas").getContext("2d");

  /** Pixels the longest of these texts takes. */
  function widest(texts, size, family) {
    canvas.font = `${size}px ${family}`;
    return Math.ceil(Math.max(0, ...texts.map((text) => canvas.measureText(text).width)));
  }

  /** Rows with their names at the left and columns of text at the right; stacked where there is no room for that. */
  function layRows(data, layout, width, family) {
    const { rows, band } = layout.meta;
    const column = (role) => data.find((trace) => trace.meta === role);
    const [names, values, counts] = [column("names"), column("values"), column("counts")];
    const size = (trace) => widest(trace.text, trace.textfont.size, family);
    // Half of the outermost tick label stands beyond the end of the axis.
    const left = size(names) + 14;
    const right = size(values) + size(counts) + (band ? 34 : 24);
    const inner = width - left;
    if (inner - right >= (band ? LEAST_TRACK : LEAST_TRACK / 2)) {
      const split = 1 - right / inner;
      layout.margin.l = left;
      merge(layout, { xaxis: { domain: [0, split] }, xaxis2: { domain: [split, 1], range: [0, right] } });
      values.x = values.x.map(() => (band ? 18 : 8));
      counts.x = counts.x.map(() => right);
      return;
    }
    // Room beyond both ends of the axis for half a tick label, by a wider range: outside of it no text is drawn.
    const [low, high] = layout.xaxis.range;
    const beyond = band ? (20 * (high - low)) / (width - 40) : 0;
    const above = names.y.map((place) => place - 0.42);
    Object.assign(names, { visible: true, xaxis: "x", y: above, x: names.x.map(() => low - beyond) });
    Object.assign(counts, {
      xaxis: "x",
      y: above,
      x: counts.x.map(() => high + beyond),
      text: counts.text.map((text, at) => {
        const whole = [values.text[at], text].filter(Boolean).join(", ");
        // Beside a long name there is room for the number alone; the table has the rest.
        const room = width - 12 - widest([names.text[at]], names.textfont.size, family);
        return values.text[at] && widest([whole], names.textfont.size, family) > room ? values.text[at] : whole;
      }),
      textfont: names.textfont,
    });
    names.text = names.text.map((name, at) => {
      const room = width - 12 - widest([counts.text[at]], names.textfont.size, family);
      let kept = name;
      while (kept.length > 4 && widest([kept], names.textfont.size, family) > room) kept = `${kept.replace(/…$/, "").slice(0, -1).trimEnd()}…`;
      return kept;
    });
    // All text is on the first axis now. The second would lie over the right of the marks and take the pointer from them.
    data.splice(data.indexOf(values), 1);
    delete layout.xaxis2;
    merge(layout, {
      height: layout.margin.t + layout.margin.b + STACKED_ROW * rows + 8,
      margin: { l: 0, r: 0 },
      xaxis: { domain: [0, 1], range: [low - beyond, high + beyond] },
      yaxis: { range: [rows - 0.55, -0.74], showticklabels: false },
    });
  }

  /** Small figures, as many beside each other as there is room for; the server sets them in columns of its own. */
  function layFields(data, layout, width, family) {
    const { count, columns: given, across, down, row } = layout.meta.fields;
    const column = (role) => data.find((trace) => trace.meta === role);
    const [names, values] = [column("names"), column("values")];
    const inner = width - layout.margin.l - layout.margin.r;
    const fit = (texts) => {
      const least = Math.max(LEAST_FIELD, widest(texts, names.textfont.size, family) + 8);
      return Math.floor((inner + least * (across - 1)) / (least * across));
    };
    let height = row;
    let columns = fit(names.text.map((name, at) => `${name} ${values.text[at]}`));
    if (columns < 2) {
      // Where not even two names fit beside their numbers, these go beneath them.
      columns = fit([...names.text, ...values.text]);
      names.text = names.text.map((name, at) => `${name}<br>${values.text[at]}`);
      values.visible = false;
      height += STACKED_HEAD;
    }
    columns = Math.min(count, Math.max(1, columns));
    const rows = Math.ceil(count / columns);
    for (const trace of data) {
      trace.x.forEach((x, at) => {
        if (x === null) return;
        const across0 = Math.floor(x / across + 1e-3);
        const down0 = Math.floor(-trace.y[at] / down);
        const field = down0 * given + across0;
        trace.x[at] = x + ((field % columns) - across0) * across;
        trace.y[at] += (down0 - Math.floor(field / columns)) * down;
      });
    }
    const ends = layout.yaxis.tickvals.slice(0, 2);
    const each = (times, make) => Array.from({ length: times }, (_, at) => make(at)).flat();
    merge(layout, {
      height: layout.margin.t + layout.margin.b + height * rows,
      xaxis: {
        range: [-0.01, columns * across - across + 1.01],
        tickvals: each(columns, (at) => at * across + 0.5),
        ticktext: each(columns, () => layout.xaxis.ticktext[0]),
      },
      yaxis: {
        range: [-rows * down, 0],
        tickvals: each(rows, (at) => ends.map((end) => end - at * down)),
        ticktext: each(rows, () => layout.yaxis.ticktext.slice(0, 2)),
      },
    });
  }

  /** A map as high as its width asks for, its legend beside it or in columns beneath. */
  function layMap(data, layout, width, family) {
    const { aspect, row, mark } = layout.meta.map;
    const part = (role) => data.find((trace) => trace.meta === role);
    const [heading, legend, marks] = [part("heading"), part("legend"), part("marks")];
    const count = legend.text.length;
    const wide = Math.max(
      widest(legend.text, legend.textfont.size, family) + 28,
      widest(heading.text, heading.textfont.size, family) + 8,
    );
    const beside = width >= BESIDE_MAP;
    const room = beside ? width - wide - 16 : width;
    const mapHeight = Math.round(Math.min(room / aspect, HIGHEST_MAP));
    const columns = beside ? 1 : Math.max(1, Math.min(count, Math.floor(width / wide)));
    const rows = Math.ceil(count / columns);
    const keyHeight = (rows + 1) * row;
    const height = beside ? Math.max(mapHeight, keyHeight) : mapHeight + keyHeight + 12;
    // Column after column beneath the heading, so that the order of the classes is read downwards.
    legend.x = legend.x.map((x, at) => x + Math.floor(at / rows) * wide);
    legend.y = legend.y.map((_, at) => row * ((at % rows) + 1) + row / 2);
    const pixels = { x: beside ? [1 - wide / width, 1] : [0, 1], y: [0, keyHeight / height] };
    merge(layout, {
      height,
      geo: { domain: { x: [0, room / width], y: [beside ? 0 : 1 - mapHeight / height, 1] } },
      xaxis: { domain: pixels.x, range: [0, beside ? wide : width] },
      yaxis: { domain: pixels.y, range: [keyHeight, 0] },
    });
    // Marks are as large as points are apart, within what can still be seen.
    const drawn = Math.min(room, mapHeight * aspect);
    marks.marker.size = Math.min(11, Math.max(6, (mark * drawn * layout.meta.map.zoom) / 1000));
  }

  /** A figure as it is drawn at this width, in these colours. */
  function fitted(figure, width, isDark) {
    let { data, layout } = copyOf({ data: figure.data || [], layout: figure.layout || {} });
    const meta = layout.meta || {};
    if (meta.rows) layRows(data, layout, width, getComputedStyle(document.body).fontFamily);
    else if (meta.fields) layFields(data, layout, width, getComputedStyle(document.body).fontFamily);
    else if (meta.map) layMap(data, layout, width, getComputedStyle(document.body).fontFamily);
    else if (meta.narrow && width < NARROW) merge(layout, meta.narrow);
    // A figure without data is a sentence, which plotly would not wrap.
    if (!data.length) layout.annotations.forEach((note) => (note.text = lines(note.text, width / 8).join("<br>")));
    layout.width = width;
    if (isDark) [data, layout] = [darkened(data), darkened(layout)];
    layout.template = template((colour) => (isDark ? window.parityDark[colour] || colour : colour));
    return { data, layout };
  }

  const drawn = new Set();

  function bind(plot) {
    if (plot.parityBound || !plot.on) return;
    plot.parityBound = true;
    plot.on("plotly_click", ({ points }) => {
      // What a click narrows may follow from a view option: it is looked up at each.
      const { drill, lead } = plot.closest(".panel").dataset;
      if (!drill) return;
      const code = points.find((point) => point.customdata !== undefined)?.customdata;
      if (code === undefined) return;
      if (lead) window.parity.open(lead, drill, String(code));
      else window.parity.narrow(drill, String(code));
    });
    plot.on("plotly_hover", () => plot.classList.toggle("can-drill", Boolean(plot.closest(".panel").dataset.drill)));
    plot.on("plotly_unhover", () => plot.classList.remove("can-drill"));
  }

  function wrap(plotly) {
    const native = { newPlot: plotly.newPlot, react: plotly.react };
    const wrapped = (name) => (plot, figure, layout, config) => {
      const element = typeof plot === "string" ? document.getElementById(plot) : plot;
      const given = Array.isArray(figure) ? { data: figure, layout, config } : figure;
      const holder = element.closest(".plot");
      if (!holder) return native[name].call(plotly, plot, figure, layout, config);
      element.parityFigure = { data: given.data, layout: given.layout, config: given.config };
      element.parityWidth = holder.clientWidth || element.parityWidth || 440;
      drawn.add(element);
      watch.observe(holder);
      const fit = fitted(given, element.parityWidth, dark.matches);
      return native[name].call(plotly, element, fit.data, fit.layout, given.config).then((done) => {
        bind(element);
        return done;
      });
    };
    plotly.newPlot = wrapped("newPlot");
    plotly.react = wrapped("react");
    return plotly;
  }

  const again = (element) => window.Plotly.react(element, element.parityFigure);

  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const element = target.querySelector(".js-plotly-plot");
      // Not while hidden behind its table: there is no width then.
      if (element?.parityFigure && target.clientWidth && target.clientWidth !== element.parityWidth) {
        requestAnimationFrame(() => again(element));
      }
    }
  });

  dark.addEventListener("change", () => {
    for (const element of drawn) {
      if (element.isConnected) again(element);
      else drawn.delete(element);
    }
  });

  wrap(window.Plotly);

  // -- pictures ----------------------------------------------------------------------------------------------------

  /** A picture of a panel that can leave the page: light, of one size, with its title, scope and marks inside. */
  window.parity.picture = (panel, { picture, name, stamp }) => {
    const element = panel.querySelector(".js-plotly-plot");
    const { data, layout } = fitted(element.parityFigure, 860, false);
    const title = lines(panel.querySelector("h2").textContent, 66);
    const scope = lines(stamp, 110);
    const top = 26 + 26 * title.length;
    const bottom = 26 + 18 * scope.length;
    const edge = 36;
    const inside = { l: layout.margin.l, t: layout.margin.t, b: layout.margin.b };
    layout.width = 860 + 2 * edge;
    layout.height += top + bottom;
    layout.margin = { ...layout.margin, l: inside.l + edge, r: layout.margin.r + edge, t: inside.t + top, b: inside.b + bottom };
    layout.paper_bgcolor = "#FFFFFF";
    const text = (sentence, size, colour, y, anchor, shift) => ({
      text: sentence, xref: "paper", yref: "paper", x: 0, xshift: -inside.l, y, yshift: shift, xanchor: "left",
      yanchor: anchor, align: "left", showarrow: false, font: { size, color: colour },
    });
    layout.annotations = [
      ...(layout.annotations || []),
      text(`<b>${title.join("<br>")}</b>`, 20, "#1B1F24", 1, "bottom", inside.t + 8),
      text(scope.join("<br>"), 13, "#5A6470", 0, "top", -inside.b - 8),
    ];
    return window.Plotly.downloadImage(
      { data, layout, config: {} },
      { format: picture, width: layout.width, height: layout.height, scale: picture === "png" ? 2 : 1, filename: name },
    );
  };
})();
