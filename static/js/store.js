// What this device remembers; browsers may refuse it, and then nothing is remembered.
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing could have been kept.
  }
}

// What one person typed is not shown to the next one on the same device.
export const keptKey = (key) => `sip.keep.${document.body.dataset.person}.${key}`;
