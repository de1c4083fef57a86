// Which words differ between two prompts?

/** [[kind, text]]: kind is "same", "out" (only in `a`) or "in" (only in `b`); joined, same + in is `b`. */
export function wordDiff(a, b) {
  const from = words(a), to = words(b);
  const longest = table(from, to);
  const made = [];
  let i = 0, j = 0;
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) push(made, "same", from[i++], j++);
    else if (i < from.length && (j === to.length || longest[i + 1][j] >= longest[i][j + 1])) push(made, "out", from[i++]);
    else push(made, "in", to[j++]);
  }
  return made;
}

function words(text) { return text.match(/\s+|[\p{L}\p{N}'’-]+|[^\s]/gu) ?? []; }

/** Lengths of the longest common subsequence of what is left from (i, j) on. */
function table(from, to) {
  const made = Array.from({ length: from.length + 1 }, () => new Uint16Array(to.length + 1));
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      made[i][j] = from[i] === to[j] ? made[i + 1][j + 1] + 1 : Math.max(made[i + 1][j], made[i][j + 1]);
    }
  }
  return made;
}

function push(made, kind, text) {
  const last = made.at(-1);
  if (last && last[0] === kind) last[1] += text;
  else made.push([kind, text]);
}
