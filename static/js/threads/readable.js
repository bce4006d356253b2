// The readable text of a section, as the server counts it (sip/drafts/texts/readable.py): the text of its text nodes, but
// for what stands in it and is not part of it. Positions here are UTF-16 units; `toPoints` and `toUnits` count characters.
const LEFT_OUT = ".doc-heading, .doc-attribution, .section-tools, .permalink, .doc-letter, .footnote-ref, .footnote-backref, [data-not-text]";
const BLOCKS = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6, blockquote, table, tr, ul, ol, div, section, hr, dd, dt";
const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

export class Readable {
  constructor(section) {
    this.nodes = [];
    this.starts = [];
    let text = "";
    const walker = document.createTreeWalker(section, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => (node.nodeType === Node.ELEMENT_NODE && node.matches(LEFT_OUT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
    });
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType !== Node.TEXT_NODE) continue;
      this.nodes.push(node);
      this.starts.push(text.length);
      text += node.data;
    }
    this.text = text;
    this.hasPairs = PAIR.test(text);
  }

  toPoints(units) {
    return this.hasPairs ? [...this.text.slice(0, units)].length : units;
  }

  toUnits(points) {
    return this.hasPairs ? [...this.text].slice(0, points).join("").length : points;
  }

  // Where a point of the document, as selections name it, lies in the text.
  positionOf(container, offset) {
    const known = this.nodes.indexOf(container);
    if (known >= 0) return this.starts[known] + offset;
    const point = document.createRange();
    point.setStart(container, offset);
    let [low, high] = [0, this.nodes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (point.comparePoint(this.nodes[middle], 0) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.nodes.length ? this.starts[low] : this.text.length;
  }

  // The parts of text nodes that hold the text from `start` to `end`: [{node, from, to}].
  pieces(start, end) {
    const found = [];
    for (let index = this.indexAt(start); index < this.nodes.length && this.starts[index] < end; index += 1) {
      const from = Math.max(start - this.starts[index], 0);
      const to = Math.min(end - this.starts[index], this.nodes[index].length);
      if (from < to) found.push({ node: this.nodes[index], from, to });
    }
    return found;
  }

  indexAt(position) {
    let [low, high] = [0, this.nodes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  // Start and end of what lies in one paragraph, list item, table cell or heading.
  blocks() {
    const found = [];
    let last = null;
    this.nodes.forEach((node, index) => {
      const block = node.parentElement.closest(BLOCKS);
      const end = this.starts[index] + node.length;
      if (block === last) found[found.length - 1][1] = end;
      else found.push([this.starts[index], end]);
      last = block;
    });
    return found.filter(([start, end]) => this.text.slice(start, end).trim());
  }

  // The passage between two positions without the white space at its ends; null where nothing else is there.
  passage(start, end) {
    const words = this.text.slice(start, end);
    const from = start + words.length - words.trimStart().length;
    const to = start + words.trimEnd().length;
    if (from >= to) return null;
    return { start: this.toPoints(from), end: this.toPoints(to), words: this.text.slice(from, to) };
  }
}

// Puts each piece of a text node into an element of its own; returns the elements. Later pieces come first, so that
// those before keep their places.
export function wrap(pieces, make) {
  const made = [];
  for (const { node, from, to } of [...pieces].reverse()) {
    if (!node.data.slice(from, to).trim()) continue;
    if (to < node.length) node.splitText(to);
    const part = from > 0 ? node.splitText(from) : node;
    const element = make();
    part.replaceWith(element);
    element.append(part);
    made.unshift(element);
  }
  return made;
}

export function unwrap(elements) {
  const parents = new Set();
  for (const element of elements) {
    if (element.parentNode) parents.add(element.parentNode);
    element.replaceWith(...element.childNodes);
  }
  for (const parent of parents) parent.normalize();
}
