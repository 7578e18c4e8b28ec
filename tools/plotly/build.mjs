// Builds what the browser draws with: assets/plotly/plotly-base.min.js (scatter, bar, heatmap) and
// assets/plotly/plotly-maps.min.js (choropleth and scattergeo, to be loaded after the base and only where
// there is a map). Dash would send all of plotly.js, which is four times as much. And the outlines that maps are
// drawn from: assets/maps/world_110m.json.
//
// plotly.js as published lacks the task that makes bundles of chosen traces, hence this script.
// Run it with `make plotly`; what it writes is committed, so that nobody else needs Node.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, '..', '..', 'assets');
const out = join(assets, 'plotly');
const modules = join(here, 'node_modules');
const version = JSON.parse(readFileSync(join(modules, 'plotly.js', 'package.json'), 'utf8')).version;

const BASE = ['bar', 'heatmap']; // scatter is always in
const MAPS = ['scattergeo', 'choropleth'];
const GLOBAL = '_parts'; // where the base keeps for the maps what both need

// ---- what is changed in the sources --------------------------------------------------------------------

// Defaults that would send a reader's data or address to other companies. Replaced by nothing; each must be
// found exactly once, so that a new plotly.js which words them differently stops the build.
const DEFAULTS = {
  'plot_api/plot_config.js': [
    ["dflt: 'https://cloud.plotly.com/newchart'", "dflt: ''"],
    ["dflt: 'https://cdn.plot.ly/un/'", "dflt: ''"],
  ],
};

// Plotly.js documents every attribute in the attribute itself. Its own bundles leave that text out, and so do
// we: an eighth of the size. Nothing reads it in the browser.
function withoutDescriptions(source) {
  const quote = /['"`]/;
  // The end of the string or comment that begins at `i`, or `i` when none does.
  const skip = (i) => {
    if (quote.test(source[i])) {
      let end = i + 1;
      while (source[end] !== source[i]) {
        if (end >= source.length) throw new Error('a string without an end');
        end += source[end] === '\\' ? 2 : 1;
      }
      return end + 1;
    }
    if (source.startsWith('//', i)) return (source.indexOf('\n', i) + 1 || source.length + 1) - 1;
    if (source.startsWith('/*', i)) return source.indexOf('*/', i) + 2;
    return i;
  };
  let result = '';
  let i = 0;
  while (i < source.length) {
    const key = /^description\s*:/.exec(source.slice(i, i + 40));
    if (key && /[{,]\s*$/.test(result.replace(/\/\/[^\n]*\s*$/, ''))) {
      let end = i + key[0].length;
      for (let depth = 0; ; ) {
        const after = skip(end);
        if (after > end) end = after;
        else if ('([{'.includes(source[end])) depth += 1, (end += 1);
        else if (')]}'.includes(source[end]) && depth-- === 0) break;
        else if (source[end] === ',' && depth === 0) {
          end += 1;
          break;
        } else end += 1;
      }
      i = end;
      continue;
    }
    const after = Math.max(skip(i), i + 1);
    result += source.slice(i, after);
    i = after;
  }
  return result;
}

const sources = {
  name: 'sources',
  setup(build) {
    build.onLoad({ namespace: 'file', filter: /[\\/]plotly\.js[\\/]src[\\/].*\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      const name = relative(join(modules, 'plotly.js', 'src'), path);
      for (const [old, now] of DEFAULTS[name] ?? []) {
        if (contents.split(old).length !== 2) throw new Error(`${name} no longer says ${old}`);
        contents = contents.replace(old, now);
      }
      // Only where attributes are declared: code has regular expressions, which this would take for divisions.
      if (/(attributes|attrs|plot_config)\.js$/.test(name)) {
        contents = withoutDescriptions(contents);
      }
      return { contents, loader: 'js' };
    });
  },
};

// ---- the two bundles -----------------------------------------------------------------------------------

async function bundle(contents, globalName, extra = [], banner = '') {
  const result = await build({
    stdin: { contents, resolveDir: here, sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName,
    outfile: 'bundle.js',
    target: 'es2020',
    // The style sheet is put on the page by plotly.js itself; the other one belongs to street maps.
    loader: { '.css': 'empty' },
    define: { global: 'window', 'define.amd': 'false' },
    alias: { regl: '@plotly/regl' },
    legalComments: 'none', // told in LICENSES.txt
    banner: { js: banner },
    plugins: [sources, ...extra],
    absWorkingDir: here,
    logLevel: 'warning',
  });
  const [file] = result.outputFiles;
  return { text: file.text, inputs: Object.keys(result.metafile.inputs) };
}

const register = (plotly, traces) =>
  `${plotly}.register([${traces.map((t) => `require('plotly.js/lib/${t}')`).join(', ')}]);`;
const baseEntry = (rest = '') => `
  const Plotly = require('plotly.js/lib/core');
  ${register('Plotly', BASE)}
  ${rest}
  module.exports = Plotly;`;

// First look at what the base holds, then see which of it the maps ask for.
const inBase = new Set((await bundle(baseEntry(), 'Plotly')).inputs.filter((name) => name !== 'entry.js'));
const shared = [];
const fromBase = {
  name: 'from-base',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData === fromBase || args.kind === 'entry-point') return;
      const { importer, resolveDir, kind } = args;
      const found = await build.resolve(args.path, { importer, resolveDir, kind, pluginData: fromBase });
      const name = relative(here, found.path);
      if (!inBase.has(name)) return found;
      return { path: name, namespace: 'from-base' };
    });
    build.onLoad({ filter: /.*/, namespace: 'from-base' }, ({ path }) => ({
      contents: `module.exports = window.Plotly.${GLOBAL}[${JSON.stringify(path)}]`,
      loader: 'js',
    }));
  },
};
const scan = await bundle(register('window.Plotly', MAPS), undefined, [fromBase]);
for (const name of scan.inputs) if (name.startsWith('from-base:')) shared.push(name.slice('from-base:'.length));
shared.sort();

// Short names instead of paths, and one name for both files that changes with either: two files of different
// builds must not be mixed.
const id = createHash('sha256').update(version + JSON.stringify([BASE, MAPS, shared, scan.text])).digest('hex').slice(0, 12);
const parts = shared.map((name, i) => `${i}: require(${JSON.stringify('./' + name)})`).join(', ');
const short = {
  name: 'short',
  setup(build) {
    build.onLoad({ filter: /.*/, namespace: 'from-base' }, ({ path }) => ({
      contents: `module.exports = window.Plotly.${GLOBAL}[${shared.indexOf(path)}]`,
      loader: 'js',
    }));
  },
};

const banner = (what) =>
  `/* plotly.js v${version} (${what}); build ${id}\n` +
  ' * Copyright 2012-2026, Plotly, Inc. MIT licence; that and the licences of what is inside: LICENSES.txt\n' +
  ' * Built and changed by tools/plotly/build.mjs; see README.md beside this file. */';

const base = await bundle(
  baseEntry(`Object.defineProperty(Plotly, '${GLOBAL}', { value: { build: '${id}', ${parts} } });`),
  'Plotly',
  [],
  banner(['scatter', ...BASE].join(', ')),
);
const maps = await bundle(
  `if (window.Plotly.${GLOBAL}?.build !== '${id}') {
     throw new Error('plotly-maps.min.js needs plotly-base.min.js of the same build, loaded before it');
   }
   ${register('window.Plotly', MAPS)}`,
  undefined,
  [short, fromBase],
  banner(MAPS.join(', ')),
);

// ---- what must be true of them -------------------------------------------------------------------------

for (const [name, { text }] of Object.entries({ base, maps })) {
  // The page's security policy forbids making code from text.
  if (/\bnew Function\b|\beval\(|\bFunction\(["'`]/.test(text)) throw new Error(`${name} makes code from text`);
  if (/cloud\.plotly|cdn\.plot\.ly/.test(text)) throw new Error(`${name} names another company's server`);
}

// ---- the outlines of countries -------------------------------------------------------------------------

// plotly.js would fetch them from another company's server. They come with it as well, as one script for all scales and
// regions; of that we take the world at 1:110 million, drawn from geodata of the United Nations.
const WORLD = 'world_110m';
const sandbox = { module: { exports: {} }, window: {} };
runInNewContext(readFileSync(join(modules, 'plotly.js', 'dist', 'plotly-geo-assets.js'), 'utf8'), sandbox);
const outlines = (sandbox.module.exports.topojson ?? sandbox.window.Plotly.topojson)[WORLD];

// Without Antarctica, which no map here shows, and without rivers, lakes and provinces. plotly.js colours the first
// shape of a code only, so that islands with a shape of their own (the Galapagos, the Canaries, Madeira) and the two
// parts of the State of Palestine would stay without figures: parts of one code become one shape.
function world({ type, objects, arcs, bbox, transform }) {
  const southOf = (ring, latitude) =>
    ring.every((number) => {
      let y = 0;
      return arcs[number < 0 ? ~number : number].every(([, step]) => (y += step) * transform.scale[1] + transform.translate[1] < latitude);
    });
  const polygons = (shape) => (shape.type === 'Polygon' ? [shape.arcs] : shape.arcs);
  const lengthOf = (shape) => polygons(shape).flat(2).reduce((sum, number) => sum + arcs[number < 0 ? ~number : number].length, 0);
  const byCode = new Map();
  for (const shape of objects.countries.geometries) {
    if (shape.id !== 'ATA') byCode.set(shape.id, [...(byCode.get(shape.id) ?? []), shape]);
  }
  const countries = [...byCode].sort().map(([id, shapes]) => {
    const parts = shapes.flatMap(polygons);
    // Labels stand at the middle of the largest part.
    const { properties } = shapes.reduce((one, other) => (lengthOf(other) > lengthOf(one) ? other : one));
    return { type: 'MultiPolygon', arcs: parts, id, properties: { ct: properties.ct } };
  });
  const land = objects.land.geometries.flatMap(polygons).filter((rings) => !southOf(rings[0], -60));
  // Only the lines that are used, numbered anew.
  const kept = new Map();
  const renumbered = (value) => {
    if (Array.isArray(value)) return value.map(renumbered);
    const number = value < 0 ? ~value : value;
    if (!kept.has(number)) kept.set(number, kept.size);
    return value < 0 ? ~kept.get(number) : kept.get(number);
  };
  const shapes = countries.map((shape) => ({ ...shape, arcs: renumbered(shape.arcs) }));
  const ground = { type: 'MultiPolygon', arcs: renumbered(land) };
  const collection = (geometries) => ({ type: 'GeometryCollection', geometries });
  return {
    type,
    // For a test that they are of the plotly.js that draws them; TopoJSON allows further members.
    plotly: version,
    bbox,
    transform,
    objects: { countries: collection(shapes), land: collection([ground]) },
    arcs: [...kept.keys()].map((number) => arcs[number]),
  };
}
const map = JSON.stringify(world(outlines));

// ---- licences ------------------------------------------------------------------------------------------

const packages = new Map();
for (const name of [...base.inputs, ...maps.inputs]) {
  const match = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name);
  if (match && !name.startsWith('from-base:')) packages.set(match[1], match[0]);
}
let licences = 'What plotly-base.min.js and plotly-maps.min.js contain, and under which licences.\n';
for (const [name, folder] of [...packages].sort()) {
  const about = JSON.parse(readFileSync(join(here, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(here, folder)).find((f) => /^(licen[cs]e|copying)/i.test(f));
  const text = file ? readFileSync(join(here, folder, file), 'utf8').trim() : `Licence as stated by the package: ${about.license ?? about.licenses?.[0]?.type}; ${about.author?.name ?? about.author ?? ''}`;
  licences += `\n${'-'.repeat(78)}\n${name} ${about.version} (${about.license ?? about.licenses?.[0]?.type})\n\n${text.replace(/\r/g, '')}\n`;
}

for (const folder of [out, join(assets, 'maps')]) if (!existsSync(folder)) throw new Error(`${folder} is missing`);
writeFileSync(join(out, 'plotly-base.min.js'), base.text);
writeFileSync(join(out, 'plotly-maps.min.js'), maps.text);
writeFileSync(join(out, 'LICENSES.txt'), licences.replace(/[ \t]+$/gm, ''));
writeFileSync(join(assets, 'maps', `${WORLD}.json`), `${map}\n`);
for (const [name, { text }] of Object.entries({ base, maps })) {
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped`);
}
console.log(`outlines: ${map.length} bytes, ${gzipSync(map, { level: 9 }).length} gzipped`);
console.log(`plotly.js ${version}, build ${id}, ${shared.length} shared parts, ${packages.size} packages`);
