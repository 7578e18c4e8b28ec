// Names as they are compared when somebody looks for one, in filters and tables as in the search box: the same rule as
// dashboard/folding.py, and a test holds the two together.
"use strict";

window.parityNames = (() => {
  const LETTERS = { ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ı: "i", æ: "ae", œ: "oe", þ: "th", ß: "ss", ς: "σ" };
  const APOSTROPHES = /['’‘‛ʼʻ`´′]/g;

  // Never by the browser's language (toLocaleLowerCase): in Turkish a small I has no dot.
  const folded = (words) =>
    words.normalize("NFKD").toLowerCase().replace(/[øłđðħıæœþßς]/g, (letter) => LETTERS[letter]).replace(/\p{M}/gu, "");
  const split = (words) => folded(words).match(/[\p{L}\p{N}]+/gu) || [];
  const joined = (words) => split(words).join("");

  /** What can be looked for in these names. */
  function known(names) {
    const spelt = names.filter(Boolean).flatMap((name) => [name, name.replace(APOSTROPHES, "")]);
    return { words: spelt.flatMap(split), spellings: [...new Set(spelt.map(joined))] };
  }

  /** Whether somebody who typed this means these names: every word begins one of theirs, or it stands in one of them. */
  function means(typed, { words, spellings }) {
    const wanted = split(typed);
    if (!wanted.length) return true;
    const whole = wanted.join("");
    return (
      spellings.some((spelling) => spelling.includes(whole)) ||
      wanted.every((part) => words.some((word) => word.startsWith(part)))
    );
  }

  return { folded, split, joined, known, means };
})();
