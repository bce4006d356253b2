// Overlapping spans cut into stretches, each with the ids of those that cover it, the shortest span first.
export function stretches(spans) {
  const ends = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((one, other) => one - other);
  const byStart = [...spans].sort((one, other) => one.from - other.from);
  const found = [];
  let open = [];
  let next = 0;
  for (let index = 0; index < ends.length - 1; index += 1) {
    const [from, to] = [ends[index], ends[index + 1]];
    open = open.filter((span) => span.to > from);
    while (next < byStart.length && byStart[next].from <= from) open.push(byStart[next++]);
    const covering = open.filter((span) => span.to >= to);
    if (covering.length) found.push({ from, to, ids: covering.sort((one, other) => one.to - one.from - (other.to - other.from) || one.id - other.id).map(({ id }) => id) });
  }
  return found;
}
