// Runs of frames: [first, last] in order, both included, counted from 1.

/** Index of the last run that does not begin after a frame; -1 if there is none. */
export const before = (runs, frame) => {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (runs[middle][0] <= frame) { low = middle + 1; } else { high = middle; }
  }
  return low - 1;
};

/** The run that holds a frame, or null. */
export const at = (runs, frame) => {
  const run = runs[before(runs, frame)];
  return run && run[1] >= frame ? run : null;
};

export const holds = (runs, frame) => at(runs, frame) !== null;
export const length = (runs) => runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);

export const union = (...several) => {
  const all = several.flat().sort((one, other) => one[0] - other[0]);
  const found = [];
  for (const [first, last] of all) {
    const previous = found.at(-1);
    if (previous && first <= previous[1] + 1) { previous[1] = Math.max(previous[1], last); } else { found.push([first, last]); }
  }
  return found;
};
