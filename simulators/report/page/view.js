/** What is looked at: a window of time, an instant in it, and whom of. Everything on the page draws itself anew when it changes. */

/** Of a window; less would be one point. */
const WINDOW_S_MIN = 0.05;
const ZOOM = 2;

export function createView(duration) {
  const whole = { from: 0, to: Math.max(duration, WINDOW_S_MIN) };
  const listeners = { window: [], cursor: [] };
  const view = {
    ...whole,
    /** Null: none is pointed at. */
    cursor: null,
    /** Seconds, while somebody drags. */
    selection: null,
    /** Null: all. */
    shown: null,
    search: '',
    get isWhole() {
      return view.from === whole.from && view.to === whole.to;
    },
    on(kind, listener) {
      listeners[kind].push(listener);
    },
    point(at) {
      view.cursor = at === null ? null : Math.min(Math.max(at, view.from), view.to);
      tell('cursor');
    },
    select(from, to) {
      view.selection = from === null ? null : { from: Math.min(from, to), to: Math.max(from, to) };
      tell('cursor');
    },
    look(from, to) {
      const length = Math.min(Math.max(to - from, WINDOW_S_MIN), whole.to);
      view.from = Math.min(Math.max(from, 0), whole.to - length);
      view.to = view.from + length;
      view.selection = null;
      if (view.cursor !== null) view.cursor = Math.min(Math.max(view.cursor, view.from), view.to);
      tell('window');
    },
    /** @param factor above 1: closer */
    zoom(factor = ZOOM) {
      const middle = view.cursor ?? (view.from + view.to) / 2;
      const part = (middle - view.from) / (view.to - view.from);
      const length = (view.to - view.from) / factor;
      view.look(middle - part * length, middle + (1 - part) * length);
    },
    /** @param part of the window, negative: earlier */
    pan(part) {
      const by = (view.to - view.from) * part;
      view.look(view.from + by, view.to + by);
    },
    reset() {
      view.look(whole.from, whole.to);
    },
    show(owners, search) {
      view.shown = owners;
      view.search = search;
      tell('window');
    },
    isShown: (who) => who === null || view.shown === null || view.shown.has(who),
  };
  // Many changes of one frame are drawn once.
  const asked = new Set();
  function tell(kind) {
    if (asked.size === 0) requestAnimationFrame(draw);
    asked.add(kind);
  }
  function draw() {
    const kinds = asked.has('window') ? ['window', 'cursor'] : ['cursor'];
    asked.clear();
    for (const kind of kinds) for (const listener of listeners[kind]) listener();
  }
  return view;
}
