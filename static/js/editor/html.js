// HTML from a clipboard as the Markdown that says the same: structure and emphasis, links without tracking, no styles.
import { cleaned } from "./addresses.js";
import { harmless, styleOf, untangle } from "./word.js";

const BLOCKS = new Set("ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION TABLE TBODY TD TFOOT TH THEAD TR UL".split(" "));
const LEFT_OUT = new Set("APPLET AUDIO BUTTON CANVAS EMBED HEAD IFRAME INPUT LINK MAP META NOSCRIPT OBJECT SCRIPT SELECT STYLE SVG TEMPLATE TEXTAREA TITLE VIDEO".split(" "));
const STRUCTURE = "h1, h2, h3, h4, h5, h6, ul, ol, table, a[href], strong, b, em, i, blockquote, code, pre, del, s, hr, p, sup, [data-note]";
const DEEPEST = 60; // levels of elements that are followed; nobody writes deeper

// {text, isBlocks}, or null where the markup says no more than the plain text does.
export function markdownOf(html) {
  const page = new DOMParser().parseFromString(harmless(html), "text/html");
  untangle(page);
  if (!page.querySelector(STRUCTURE) && ![...page.querySelectorAll("[data-css]")].some((node) => isBold(node) || isItalic(node))) return null;
  const shifts = headingShift(page);
  const text = blocks(page.body, { shifts, depth: 0 }).join("\n\n");
  if (!text.trim()) return null;
  return { text, isBlocks: text.includes("\n") || /^(?:#{1,6} |[-*] |\d+\. |> |\| |\[\^)/.test(text) };
}

// The highest heading becomes a measure's (`###`): the section's own title is above.
function headingShift(page) {
  const levels = [...page.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(({ tagName }) => Number(tagName[1]));
  return levels.length ? 3 - Math.min(...levels) : 0;
}

// -- Blocks -----------------------------------------------------------------------------------------------------------

// The Markdown of each block in `node`, in order; lone text between blocks is a paragraph.
function blocks(node, context) {
  if (context.depth > DEEPEST) return paragraph(node.textContent);
  const inner = { ...context, depth: context.depth + 1 };
  const found = [];
  let run = [];
  const flush = () => {
    found.push(...paragraphs(run));
    run = [];
  };
  for (const child of node.childNodes) {
    if (child.nodeType !== Node.ELEMENT_NODE && child.nodeType !== Node.TEXT_NODE) continue;
    if (LEFT_OUT.has(child.tagName) || isUnseen(child)) continue;
    if (!holdsBlocks(child)) run.push(child);
    else {
      flush();
      found.push(...block(child, inner));
    }
  }
  flush();
  return found.filter((text) => text.trim());
}

const holdsBlocks = (node) => node.nodeType === Node.ELEMENT_NODE && (BLOCKS.has(node.tagName) || [...node.children].some(holdsBlocks));
const isUnseen = (node) => node.nodeType === Node.ELEMENT_NODE && (node.hidden || styleOf(node, "display") === "none" || styleOf(node, "mso-hide") === "all");

function block(node, context) {
  const { tagName } = node;
  if (node.dataset.note && tagName !== "SUP") return note(node, context);
  if (/^H[1-6]$/.test(tagName)) return heading(node, context);
  if (tagName === "UL" || tagName === "OL") return [list(node, context)];
  if (tagName === "BLOCKQUOTE") return [prefixed(blocks(node, context).join("\n\n"), "> ", "> ")];
  if (tagName === "PRE") return [`\`\`\`\n${node.textContent.replace(/\n$/, "")}\n\`\`\``];
  if (tagName === "TABLE") return table(node, context);
  if (tagName === "HR") return ["---"];
  return blocks(node, context);
}

function heading(node, { shifts }) {
  const words = finished(inlineOf([...node.childNodes], { isHeading: true })).replace(/\s*\n\s*/g, " ").trim();
  return words ? [`${"#".repeat(Math.min(6, Number(node.tagName[1]) + shifts))} ${words}`] : [];
}

function note(node, context) {
  return [prefixed(blocks(node, { ...context, depth: context.depth + 1 }).join("\n\n"), `[^${node.dataset.note}]: `, "    ")];
}

// The first line behind `first`, the others behind `others`, blank ones without trailing spaces.
const prefixed = (text, first, others) => text.split("\n").map((line, index) => (index ? (line ? others + line : others.trimEnd()) : first + line)).join("\n");

function list(node, context) {
  const isNumbered = node.tagName === "OL";
  let number = Number(node.getAttribute("start") ?? 1);
  const items = [];
  for (const child of node.children) {
    // Google writes inner lists beside the items, not in them.
    if (/^[UO]L$/.test(child.tagName)) {
      const inner = prefixed(list(child, context), "    ", "    ");
      if (items.length) items[items.length - 1].parts.push(inner);
      else items.push({ marker: "", parts: [inner] });
      continue;
    }
    const [words = "", ...rest] = child.tagName === "LI" ? blocks(child, context) : [finished(inlineOf([child], {}))];
    const marker = isNumbered ? `${number}. ` : "- ";
    number += 1;
    const isSplit = rest.some((part) => !/^(?:[-*]|\d+\.) /.test(part));
    items.push({ marker, isSplit, parts: [prefixed(words, marker, "    "), ...rest.map((part) => prefixed(part, "    ", "    "))] });
  }
  const isLoose = items.some(({ isSplit }) => isSplit);
  return items.map(({ parts, isSplit }) => parts.join(isSplit ? "\n\n" : "\n")).join(isLoose ? "\n\n" : "\n");
}

// -- Tables -----------------------------------------------------------------------------------------------------------

const rowsIn = (table) => [...table.rows].filter((row) => row.closest("table") === table);

function table(node, context) {
  const rows = rowsIn(node).filter((row) => row.cells.length && row.textContent.trim());
  const width = Math.max(0, ...rows.map((row) => [...row.cells].reduce((sum, cell) => sum + (cell.colSpan || 1), 0)));
  // Tables that only place things, as e-mails do, are left out, and what they hold is kept.
  if (node.getAttribute("role") === "presentation" || node.querySelector("table") || width < 2 || rows.length < 2) {
    return rows.flatMap((row) => [...row.cells].flatMap((cell) => blocks(cell, context)));
  }
  const lines = rows.map((row, index) => {
    const cells = [...row.cells].flatMap((cell) => [cellText(cell, index === 0), ...Array(Math.min(width, (cell.colSpan || 1)) - 1).fill("")]);
    return `| ${[...cells, ...Array(Math.max(0, width - cells.length)).fill("")].join(" | ")} |`;
  });
  return [[lines[0], `|${" --- |".repeat(width)}`, ...lines.slice(1)].join("\n")];
}

function cellText(cell, isFirst) {
  const isHead = isFirst || cell.tagName === "TH";
  const parts = [...cell.querySelectorAll("p, li, div")].filter((part) => !part.querySelector("p, li, div"));
  const texts = (parts.length > 1 ? parts : [cell]).map((part) => finished(inlineOf([...part.childNodes], { isHeading: isHead })));
  return texts.join(" ").replace(/\s*\\?\n\s*/g, " ").replace(/(^|[^\\])\|/g, "$1\\|").trim();
}

// -- Text -------------------------------------------------------------------------------------------------------------

// A run of text and inline elements as paragraphs: two line breaks, as e-mails write them, end one.
function paragraphs(nodes) {
  return finished(inlineOf(nodes, {}))
    .split(/(?:\\\n[ \t]*){2,}/)
    .map((text) => text.replace(/^(?:\\?\n|[ \t])+|(?:\\?\n|[ \t])+$/g, ""))
    .filter(Boolean)
    .map(safeStart);
}

const paragraph = (text) => (text.trim() ? [safeStart(escaped(text.trim().replace(/\s+/g, " ")))] : []);

// What would begin a list, a heading or a quotation is text here.
const safeStart = (text) => text.replace(/^(\s*)([-+](?=\s)|#{1,6}(?=\s)|>|=+\s*$|~~~)/gm, "$1\\$2").replace(/^(\s*\d{1,9})([.)])(?=\s)/gm, "$1\\$2");

// Characters that would be Markdown here.
const escaped = (text) =>
  text
    .replace(/[\ue000-\ue005]/g, "")
    .replace(/[\\`]/g, "\\$&")
    .replace(/\*(?!\s)|(\S)\*/g, (found) => found.replace("*", "\\*"))
    .replace(/\[(?=[[^]|[^\]]*\][([:])/g, "\\[")
    .replace(/(^|[^\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (found) => found.replace("_", "\\_"))
    .replace(/~~/g, "\\~~")
    .replace(/&(?=#?\w+;)/g, "\\&");

function inlineOf(nodes, style) {
  return nodes.map((node) => inline(node, style)).join("");
}

// While words are gathered, marks are letters of their own: where one ends and the same begins, as Word splits words,
// they are one.
const MARKS = { "**": ["\ue000", "\ue001"], "*": ["\ue002", "\ue003"], "~~": ["\ue004", "\ue005"] };

function finished(text) {
  let result = text;
  for (const [opening, closing] of Object.values(MARKS)) result = result.replace(new RegExp(`${closing}([ \\t]*)${opening}`, "g"), "$1");
  for (const [mark, letters] of Object.entries(MARKS)) for (const letter of letters) result = result.replaceAll(letter, mark);
  return result.replace(/[ \t]{2,}/g, " ").replace(/[ \t]+\n/g, "\n").replace(/(\\\n) +/g, "$1");
}

// No-break spaces are kept where typography wants them; elsewhere they only held the layout.
const spaced = (text) =>
  text.replace(/[\t\n\r ]+/g, " ").replace(/\u00a0/g, (space, at, all) => (/[:;!?»%€]/.test(all[at + 1] ?? "") || all[at - 1] === "«" ? space : " "));

function inline(node, style) {
  if (node.nodeType === Node.TEXT_NODE) return escaped(spaced(node.data));
  if (node.nodeType !== Node.ELEMENT_NODE || LEFT_OUT.has(node.tagName) || isUnseen(node)) return "";
  if (node.tagName === "BR") return "\\\n";
  if (node.tagName === "IMG") return "";
  if (node.dataset.note && node.tagName === "SUP") return `[^${node.dataset.note}]`;
  if (/^(?:CODE|KBD|SAMP|TT)$/.test(node.tagName)) return code(node.textContent);
  const bold = !style.isBold && !style.isHeading && isBold(node);
  const italic = !style.isItalic && isItalic(node);
  const struck = !style.isStruck && (/^(?:DEL|S|STRIKE)$/.test(node.tagName) || styleOf(node, "text-decoration").includes("line-through"));
  const inner = { ...style, isBold: style.isBold || bold, isItalic: style.isItalic || italic, isStruck: style.isStruck || struck };
  const text = inlineOf([...node.childNodes], inner);
  const marks = [bold && "**", italic && "*", struck && "~~"].filter(Boolean).map((mark) => MARKS[mark]);
  const marked = around(text, marks.map(([opening]) => opening).join(""), marks.map(([, closing]) => closing).reverse().join(""));
  return node.tagName === "A" ? link(node, marked, style) : marked;
}

function isBold(node) {
  const weight = styleOf(node, "font-weight");
  if (/^(?:normal|lighter|[1-5]00)$/.test(weight)) return false;
  return /^(?:B|STRONG)$/.test(node.tagName) || /^(?:bold|bolder|[6-9]00)$/.test(weight);
}

function isItalic(node) {
  const slant = styleOf(node, "font-style");
  if (slant === "normal") return false;
  return /^(?:I|EM|CITE|VAR|DFN)$/.test(node.tagName) || slant === "italic" || slant === "oblique";
}

// Marks stand at words: not beside spaces, and not across line breaks.
function around(text, opening, closing) {
  if (!opening) return text;
  return text.replace(/[^\n]+/g, (line) => {
    const [, before, words, after] = /^(\s*)(.*?)(\s*\\?)$/.exec(line);
    return words ? `${before}${opening}${words}${closing}${after}` : line;
  });
}

const code = (text) => {
  const words = text.replace(/\s+/g, " ").trim();
  return words ? (words.includes("`") ? `\`\` ${words} \`\`` : `\`${words}\``) : "";
};

function link(node, text, style) {
  const address = style.isLink ? null : cleaned(node.getAttribute("href") ?? "");
  const words = text.trim().replace(/\s*\\?\n\s*/g, " ");
  if (!address || !words) return text;
  return `${/^\s/.test(text) ? " " : ""}[${words}](${address})${/\s$/.test(text) ? " " : ""}`;
}
