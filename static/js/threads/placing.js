// Where things stand one below the other without overlap: each as near as it can to where it belongs, never above it.
// `items` are [{top, height}] by their tops, `taken` is what is there already; returns the tops.
export function place(items, taken = [], gap = 8) {
  const obstacles = [...taken].sort((one, other) => one.top - other.top);
  let free = -Infinity;
  return items.map(({ top, height }) => {
    let found = Math.max(top, free);
    for (const obstacle of obstacles) {
      if (found < obstacle.top + obstacle.height + gap && found + height + gap > obstacle.top) found = obstacle.top + obstacle.height + gap;
    }
    free = found + height + gap;
    return found;
  });
}
