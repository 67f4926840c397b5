/** What stands at the top of the charts: whom to show, which part of the time, and an instant for those who use the keyboard. */
import { ownerColour } from './line-styles.js';
import { shownOwners } from './run-parts.js';
import { colour, el } from './surface.js';
import { formatInstant } from './values.js';

/** More names than that are found by the search alone. */
const CHIPS_MAX = 16;
const SLIDER_STEPS = 1_000;
const PAN_PART = 0.5;

/** @param troubled whose names come first where there are too many */
export function createTools(view, owners, troubled) {
  const chosen = new Set();
  const search = el('input', {
    type: 'search',
    placeholder: 'Who or what',
    'aria-label': 'Show only who or what fits',
  });
  const show = () => view.show(shownOwners(owners, chosen, search.value), search.value);
  search.addEventListener('input', show);
  const first = [...owners].sort((left, right) => Number(troubled.has(right)) - Number(troubled.has(left)));
  const named = owners.length > CHIPS_MAX ? first.slice(0, CHIPS_MAX) : owners;
  const chips = named.map((who) => {
    const swatch = el('i', { class: 'swatch' });
    const chip = el('button', { type: 'button', class: 'chip', 'aria-pressed': 'false' }, swatch, who);
    view.on('window', () => {
      swatch.style.background = colour(ownerColour(who, owners));
    });
    swatch.style.background = colour(ownerColour(who, owners));
    chip.addEventListener('click', () => {
      if (!chosen.delete(who)) chosen.add(who);
      chip.setAttribute('aria-pressed', String(chosen.has(who)));
      show();
    });
    return chip;
  });
  const more =
    owners.length > CHIPS_MAX
      ? [el('span', { class: 'more' }, `and ${owners.length - CHIPS_MAX} more, by the search`)]
      : [];
  const who = el('div', { class: 'who', role: 'group', 'aria-label': 'Whose lines are shown' }, ...chips, ...more);
  return el('div', { class: 'tools' }, el('div', { class: 'row' }, search, timeTools(view)), instant(view), who);
}

function timeTools(view) {
  const button = (text, label, act) =>
    el('button', { type: 'button', 'aria-label': label, title: label, onclick: act }, text);
  const whole = button('Whole run', 'Show the whole run', () => view.reset());
  const earlier = button('◀', 'Earlier', () => view.pan(-PAN_PART));
  const later = button('▶', 'Later', () => view.pan(PAN_PART));
  const update = () => {
    for (const it of [whole, earlier, later]) it.disabled = view.isWhole;
  };
  view.on('window', update);
  update();
  const closer = button('+', 'Look closer', () => view.zoom());
  const further = button('−', 'Look from further away', () => view.zoom(1 / 2));
  return el(
    'div',
    { class: 'time-tools', role: 'group', 'aria-label': 'Part of the time' },
    earlier,
    further,
    closer,
    later,
    whole,
  );
}

/** Arrow keys move it, as they do any slider. */
function instant(view) {
  const slider = el('input', {
    type: 'range',
    min: '0',
    max: String(SLIDER_STEPS),
    value: String(SLIDER_STEPS),
    'aria-label': 'Instant',
  });
  const shown = el('output', {});
  slider.addEventListener('input', () =>
    view.point(view.from + (Number(slider.value) / SLIDER_STEPS) * (view.to - view.from)),
  );
  view.on('cursor', () => {
    const at = view.cursor ?? view.to;
    const text = formatInstant(at, (view.to - view.from) / SLIDER_STEPS);
    slider.value = String(((at - view.from) / (view.to - view.from)) * SLIDER_STEPS);
    slider.setAttribute('aria-valuetext', text);
    shown.textContent = text;
  });
  return el('label', { class: 'instant' }, slider, shown);
}
