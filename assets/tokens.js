// Written by `python -m dashboard.figures.tokens`; edit dashboard/figures/tokens.py instead.
"use strict";
window.parityDark = {
  "#17407A": "#9CC3FF",
  "#1B1F23": "#14171B",
  "#1B1F24": "#ECEFF2",
  "#1B8A84": "#35B8AE",
  "#4A545F": "#97A2AE",
  "#4B1D77": "#7A4BF0",
  "#4B1D78": "#7C4DFF",
  "#4B1D79": "#B79CFF",
  "#5A6470": "#A9B3BE",
  "#6B7480": "#8A95A1",
  "#7F4400": "#B96A14",
  "#9A78D0": "#B9A2FF",
  "#9AA3AE": "#66717D",
  "#A35F00": "#FFCC80",
  "#B4BCC5": "#4D5762",
  "#D17C00": "#FFCC80",
  "#D27D06": "#FFC46B",
  "#D9DEE4": "#343B44",
  "#EEF0F3": "#232930",
  "#F0DBA8": "#5C4A1D",
  "#FFF6E3": "#2B2413",
  "#FFFFFE": "#FFFFFF",
  "#FFFFFF": "#14171B"
};
