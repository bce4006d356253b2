// Addresses that a text may link to: the same that the server renders as links, without what follows people around.
const TRACKING = /^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|vero_id|oly_\w+_id|wt_mc|xtor|at_\w+)$/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const MAIL = /^[^\s@/<>()]+@[^\s@/<>()]+\.[^\s@/<>()]{2,}$/;
const SITE = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}(?:[/?#:]\S*)?$/u;

// Whether the server makes a link of it: web and mail addresses, and paths on this site.
export function isRendered(address) {
  if (!address || address.startsWith("//")) return false;
  const scheme = SCHEME.exec(address);
  return !scheme || /^(?:https?|mailto)$/i.test(scheme[1]);
}

// What somebody typed as an address, made whole ("example.org" → "https://example.org"); null where it is none.
export function completed(typed) {
  const address = typed.trim();
  if (/\s/.test(address) || !address) return null;
  if (MAIL.test(address)) return `mailto:${address}`;
  if (/^https?:\/\/[^/]|^mailto:.+@|^\/(?!\/)|^#./i.test(address)) return escaped(address);
  return !/^[a-z][a-z0-9+-]*:/i.test(address) && SITE.test(address) ? escaped(`https://${address}`) : null;
}

// The address that a copied link leads to, out of its redirections and without tracking; null where none may be kept.
export function cleaned(href, depth = 0) {
  if (!/^(?:https?|mailto):/i.test(href)) return null;
  let url;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  const inner = depth < 3 && wrapped(url);
  if (inner) return cleaned(inner, depth + 1);
  const keys = [...url.searchParams.keys()];
  const isTracked = keys.some((key) => TRACKING.test(key));
  if (!isTracked) return escaped(href.trim());
  for (const key of keys) if (TRACKING.test(key)) url.searchParams.delete(key);
  return escaped(url.href);
}

// The address that mail programs and search engines wrap into one of theirs.
function wrapped({ hostname, pathname, searchParams }) {
  const isGoogle = /(?:^|\.)google\.[a-z.]+$/.test(hostname) && pathname === "/url";
  const isFacebook = /^lm?\.facebook\.com$/.test(hostname) && pathname === "/l.php";
  if (isGoogle) return searchParams.get("q") ?? searchParams.get("url");
  if (isFacebook) return searchParams.get("u");
  return hostname.endsWith(".safelinks.protection.outlook.com") ? searchParams.get("url") : null;
}

// Brackets and spaces would end the address in Markdown.
const escaped = (address) =>
  address.replace(/[\s()<>\\]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
