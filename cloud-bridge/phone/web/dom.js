// @ts-check
/**
 * Elements from values. Text goes in as text only: a title is whatever a tag says, and a track named `<img onerror=…>`
 * must be five odd words on the page and nothing else. Nothing in this folder assigns markup.
 */

/** @typedef {Node | string | null | undefined | false} Child */
/**
 * @typedef {object} Properties
 * @property {string} [class]
 * @property {Record<string, string | number | boolean | null | undefined>} [attributes] false, null and undefined leave one out
 * @property {Record<string, (event: Event) => void>} [on]
 */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Properties} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  if (properties.class !== undefined) made.className = properties.class;
  setAttributes(made, properties.attributes ?? {});
  for (const [event, listener] of Object.entries(properties.on ?? {})) made.addEventListener(event, listener);
  put(made, ...children);
  return made;
}

/**
 * @param {Element} target
 * @param {Record<string, string | number | boolean | null | undefined>} attributes
 */
export function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * Replaces what is in `parent`.
 * @param {Element} parent
 * @param {...Child} children
 */
export function put(parent, ...children) {
  /** @type {(Node | string)[]} */
  const there = [];
  for (const child of children) {
    if (child instanceof Node || (typeof child === 'string' && child !== '')) there.push(child);
  }
  parent.replaceChildren(...there);
}

/**
 * Sets text only when it differs, so that a screen reader's cursor is not thrown out of unchanged text.
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * @param {string} name of a symbol in index.html
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {SVGSVGElement} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  svg.firstElementChild?.setAttribute('href', `#i-${name}`);
}

/**
 * A button that shows only a picture; its name is for those who do not see it.
 * @param {string} name
 * @param {string} label
 * @param {string} className
 * @param {(event: Event) => void} pressed
 */
export function iconButton(name, label, className, pressed) {
  const button = element(
    'button',
    { class: className, attributes: { type: 'button', 'aria-label': label, title: label }, on: { click: pressed } },
    icon(name),
  );
  return button;
}

/**
 * Makes the children of `parent` those of `items`, keeping the elements of items that stay: focus, a finger on a slider
 * and a screen reader's place survive an update.
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} keyOf unique among the items
 * @param {(item: Item) => HTMLElement} create
 * @param {(child: HTMLElement, item: Item) => void} [update] for children that stay
 */
export function reconcile(parent, items, keyOf, create, update) {
  /** @type {Map<string, HTMLElement>} */
  const kept = new Map();
  for (const child of parent.children) {
    if (child instanceof HTMLElement && child.dataset['key'] !== undefined) kept.set(child.dataset['key'], child);
  }
  const keys = new Set(items.map(keyOf));
  for (const child of [...parent.children]) {
    if (!(child instanceof HTMLElement) || !keys.has(child.dataset['key'] ?? '')) child.remove();
  }
  items.forEach((item, place) => {
    const key = keyOf(item);
    const known = kept.get(key);
    const child = known ?? create(item);
    child.dataset['key'] = key;
    if (known !== undefined) update?.(known, item);
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] ?? null);
  });
}
