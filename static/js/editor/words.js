// What differs between two texts, word by word: [{kind: "equal" | "insert" | "delete", text}], end to end.
const MOST_STEPS = 1_500; // edits looked for; texts further apart are shown as one replaced by the other

const tokens = (text) => text.match(/\s+|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu) ?? [];

export function diffWords(before, after) {
  const [old, fresh] = [tokens(before), tokens(after)];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const middle = walk(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail));
  return joined([
    ...old.slice(0, head).map((text) => ({ kind: "equal", text })),
    ...middle,
    ...old.slice(old.length - tail).map((text) => ({ kind: "equal", text })),
  ]);
}

// The shortest way from one list to the other (Myers 1986), its steps kept to be walked back: [{kind, text}], one an entry.
export function walk(old, fresh) {
  const most = Math.min(old.length + fresh.length, MOST_STEPS);
  const reached = new Map([[1, 0]]);
  const steps = [];
  for (let edits = 0; edits <= most; edits += 1) {
    steps.push(new Map(reached));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isDown = diagonal === -edits || (diagonal !== edits && reached.get(diagonal - 1) < reached.get(diagonal + 1));
      let x = isDown ? reached.get(diagonal + 1) : reached.get(diagonal - 1) + 1;
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      reached.set(diagonal, x);
      if (x >= old.length && x - diagonal >= fresh.length) return back(old, fresh, steps);
    }
  }
  return [...old.map((text) => ({ kind: "delete", text })), ...fresh.map((text) => ({ kind: "insert", text }))];
}

function back(old, fresh, steps) {
  const ops = [];
  let [x, y] = [old.length, fresh.length];
  for (let edits = steps.length - 1; edits >= 0; edits -= 1) {
    const reached = steps[edits];
    const diagonal = x - y;
    const isDown = diagonal === -edits || (diagonal !== edits && reached.get(diagonal - 1) < reached.get(diagonal + 1));
    const startX = edits ? reached.get(isDown ? diagonal + 1 : diagonal - 1) : 0;
    const startY = edits ? startX - (isDown ? diagonal + 1 : diagonal - 1) : 0;
    while (x > startX && y > startY) {
      ops.push({ kind: "equal", text: old[(x -= 1)] });
      y -= 1;
    }
    if (edits && isDown) ops.push({ kind: "insert", text: fresh[(y -= 1)] });
    else if (edits) ops.push({ kind: "delete", text: old[(x -= 1)] });
  }
  return ops.reverse();
}

// What was taken out between two equal stretches first, then what was put in; a lone space between changes goes along.
function joined(ops) {
  const result = [];
  let [gone, come] = ["", ""];
  const flush = () => {
    if (gone) result.push({ kind: "delete", text: gone });
    if (come) result.push({ kind: "insert", text: come });
    [gone, come] = ["", ""];
  };
  ops.forEach((op, index) => {
    const isGap = op.kind === "equal" && /^[^\S\n]+$/.test(op.text) && (gone || come) && ops[index + 1]?.kind !== "equal" && index + 1 < ops.length;
    if (op.kind === "delete" || isGap) gone += op.text;
    if (op.kind === "insert" || isGap) come += op.text;
    if (op.kind !== "equal" || isGap) return;
    flush();
    if (result.at(-1)?.kind === "equal") result.at(-1).text += op.text;
    else result.push({ ...op });
  });
  flush();
  return result;
}
