/** A strip of the page with time from left to right: two canvases, the upper one for what follows the pointer, and the pointer itself. */

/** A press that moves less is a click. */
const DRAG_PX = 6;

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param label what is to be seen, for those who do not see it */
export function createSurface(view, label, paint, paintOver) {
  const under = el('canvas', { 'aria-hidden': 'true' });
  const over = el('canvas', { 'aria-hidden': 'true' });
  const box = el('div', { class: 'plot', role: 'img', 'aria-label': label }, under, over);
  const surface = {
    box,
    width: 0,
    height: 0,
    x: (at) => ((at - view.from) / (view.to - view.from)) * surface.width,
    time: (x) => view.from + (x / surface.width) * (view.to - view.from),
  };
  const drawUnder = () => draw(under, paint);
  const drawOver = () =>
    draw(over, (context) => {
      paintPointer(context, surface, view);
      paintOver?.(context, surface);
    });
  function draw(canvas, painter) {
    if (surface.width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(surface.width * scale);
    canvas.height = Math.round(surface.height * scale);
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    painter(context, surface);
  }
  new ResizeObserver(() => {
    surface.width = box.clientWidth;
    surface.height = box.clientHeight;
    drawUnder();
    drawOver();
  }).observe(box);
  view.on('window', drawUnder);
  view.on('cursor', drawOver);
  follow(box, surface, view);
  return surface;
}

function paintPointer(context, { x, height }, view) {
  if (view.selection !== null) {
    const [from, to] = [x(view.selection.from), x(view.selection.to)];
    context.fillStyle = colour('--selection');
    context.fillRect(from, 0, to - from, height);
  }
  if (view.cursor === null) return;
  context.fillStyle = colour('--ink-soft');
  context.fillRect(Math.round(x(view.cursor)) - 0.5, 0, 1, height);
}

/** The pointer points; a mouse that is dragged selects what to look at closely. A finger only points, since it has to scroll too. */
function follow(box, surface, view) {
  let pressedAt = null;
  const timeOf = (event) => surface.time(event.clientX - box.getBoundingClientRect().left);
  box.addEventListener('pointerdown', (event) => {
    view.point(timeOf(event));
    if (event.pointerType === 'touch' || event.button !== 0) return;
    pressedAt = { x: event.clientX, time: timeOf(event) };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener('pointermove', (event) => {
    view.point(timeOf(event));
    if (pressedAt !== null && Math.abs(event.clientX - pressedAt.x) >= DRAG_PX)
      view.select(pressedAt.time, timeOf(event));
  });
  const release = () => {
    const selection = view.selection;
    pressedAt = null;
    if (selection === null) return;
    view.look(selection.from, selection.to);
    view.point(null);
  };
  box.addEventListener('pointerup', release);
  box.addEventListener('pointercancel', () => {
    pressedAt = null;
    view.select(null);
  });
  box.addEventListener('dblclick', () => view.reset());
}
