// Reading, setting and removing the link at the selection.
import { isRendered } from "./addresses.js";
import { enclosing, write } from "./commands.js";

// {from, to, text, address}: the link around the selection, or what would become one.
export function linkAt(state) {
  const link = enclosing(state, "Link");
  const address = link?.getChild("URL");
  const { from, to } = state.selection.main;
  if (!link || !address) return { from, to, text: state.sliceDoc(from, to), address: "", isNew: true };
  const [opening, closing] = link.getChildren("LinkMark");
  return { from: link.from, to: link.to, text: state.sliceDoc(opening.to, closing.from), address: state.sliceDoc(address.from, address.to), isNew: false };
}

export function setLink(view, { from, to }, text, address) {
  // Only what would end the text of the link is escaped: it may hold emphasis.
  const words = text.trim().replace(/\s*\n\s*/g, " ").replace(/(\\.)|([[\]])/g, (_, kept, bracket) => kept ?? `\\${bracket}`);
  const insert = `[${words || address.replace(/^(?:https?:\/\/|mailto:)/, "")}](${address})`;
  return write(view, { changes: { from, to, insert }, selection: { anchor: from + insert.length } });
}

export function removeLink(view, { from, to, text }) {
  return write(view, { changes: { from, to, insert: text }, selection: { anchor: from + text.length } });
}

export const isLink = (state) => {
  const link = enclosing(state, "Link")?.getChild("URL");
  return Boolean(link) && isRendered(state.sliceDoc(link.from, link.to));
};
