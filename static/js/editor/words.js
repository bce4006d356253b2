// What differs between two texts, word by word: [{kind: "equal" | "insert" | "delete", text}], end to end.
import { equalBlocks } from "./align.js";

export function diffWords(before, after) {
  const result = [];
  const put = (kind, text) => text && result.push({ kind, text });
  let [old, fresh] = [0, 0];
  for (const block of [...equalBlocks(before, after), { old: before.length, new: after.length, size: 0 }]) {
    put("delete", before.slice(old, block.old));
    put("insert", after.slice(fresh, block.new));
    old = block.old + block.size;
    fresh = block.new + block.size;
    put("equal", before.slice(block.old, old));
  }
  return result;
}
