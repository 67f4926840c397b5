/**
 * The album's cover: a record under a tonearm, drawn by asking of each pixel how far it is from each shape, so that
 * every edge is smooth whatever the size.
 */
import { encodePng } from './png-image.ts';

export const COVER_PIXELS = 600;

type Colour = readonly [red: number, green: number, blue: number];

const DUSK: Colour = [242, 196, 148];
const SAND: Colour = [233, 150, 122];
const VINYL: Colour = [34, 30, 44];
const SHEEN: Colour = [92, 84, 118];
const LABEL: Colour = [232, 93, 76];
const LABEL_RING: Colour = [250, 224, 190];
const ARM: Colour = [247, 241, 232];
const ARM_SHADE: Colour = [60, 46, 62];
const SUN: Colour = [252, 232, 200];

/** Lengths are in widths of the picture, from its top left corner. */
const DISC = { x: 0.44, y: 0.54, radius: 0.37 } as const;
const LABEL_RADIUS = 0.125;
const HOLE_RADIUS = 0.011;
const GROOVES = 34;
const PIVOT = { x: 0.865, y: 0.17 } as const;
const ELBOW = { x: 0.8, y: 0.55 } as const;
const HEAD = { x: 0.665, y: 0.7 } as const;
const ARM_WIDTH = 0.011;

/** @returns a PNG of `COVER_PIXELS` each way */
export function drawCover(): Uint8Array {
  const pixels = new Uint8Array(COVER_PIXELS * COVER_PIXELS * 3);
  for (let row = 0; row < COVER_PIXELS; row += 1) {
    for (let column = 0; column < COVER_PIXELS; column += 1) {
      const colour = colourAt((column + 0.5) / COVER_PIXELS, (row + 0.5) / COVER_PIXELS);
      pixels.set(colour.map(Math.round), (row * COVER_PIXELS + column) * 3);
    }
  }
  return encodePng(COVER_PIXELS, COVER_PIXELS, pixels);
}

function colourAt(x: number, y: number): Colour {
  let colour = background(x, y);
  const fromCentre = Math.hypot(x - DISC.x, y - DISC.y);
  colour = blend(colour, ARM_SHADE, 0.35 * soft(Math.hypot(x - DISC.x - 0.012, y - DISC.y - 0.02) - DISC.radius, 0.02));
  colour = blend(colour, record(x, y, fromCentre), inside(fromCentre - DISC.radius));
  const arm = Math.min(alongLine(x, y, PIVOT, ELBOW), alongLine(x, y, ELBOW, HEAD)) - ARM_WIDTH;
  const shade = Math.min(alongLine(x - 0.014, y - 0.02, PIVOT, ELBOW), alongLine(x - 0.014, y - 0.02, ELBOW, HEAD));
  colour = blend(colour, ARM_SHADE, 0.4 * soft(shade - ARM_WIDTH, 0.012));
  colour = blend(colour, ARM, inside(arm));
  colour = blend(colour, ARM, inside(Math.hypot(x - PIVOT.x, y - PIVOT.y) - 0.055));
  colour = blend(colour, ARM_SHADE, inside(Math.hypot(x - PIVOT.x, y - PIVOT.y) - 0.026));
  return blend(colour, LABEL, inside(alongLine(x, y, HEAD, { x: HEAD.x - 0.028, y: HEAD.y + 0.03 }) - 0.02));
}

/** Evening: two warm tones, and a low sun behind the record. */
function background(x: number, y: number): Colour {
  const sky = blend(DUSK, SAND, y * 0.9 + 0.1 * Math.sin(x * 5 + y * 3));
  return blend(sky, SUN, 0.8 * inside(Math.hypot(x - 0.2, y - 0.2) - 0.11));
}

function record(x: number, y: number, fromCentre: number): Colour {
  const angle = Math.atan2(y - DISC.y, x - DISC.x);
  // Light falls on a record as two fans, one opposite the other.
  const fan = Math.abs(Math.cos(angle - 0.9)) ** 14;
  const groove = 0.5 + 0.5 * Math.cos((fromCentre / DISC.radius) * GROOVES * 2 * Math.PI);
  let colour = blend(VINYL, SHEEN, 0.75 * fan + 0.12 * groove);
  colour = blend(colour, LABEL_RING, inside(fromCentre - LABEL_RADIUS));
  colour = blend(colour, LABEL, inside(fromCentre - LABEL_RADIUS * 0.9));
  colour = blend(colour, LABEL_RING, inside(Math.abs(fromCentre - LABEL_RADIUS * 0.52) - 0.004));
  return blend(colour, DUSK, inside(fromCentre - HOLE_RADIUS));
}

/** Distance from a line between two points. */
function alongLine(
  x: number,
  y: number,
  from: { readonly x: number; readonly y: number },
  to: { readonly x: number; readonly y: number },
): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const along = Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - from.x - along * dx, y - from.y - along * dy);
}

/** How much of a pixel is within a shape, from the distance to its edge. */
function inside(distance: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance * COVER_PIXELS));
}

function soft(distance: number, width: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance / (2 * width)));
}

function blend(under: Colour, over: Colour, amount: number): Colour {
  const share = Math.max(0, Math.min(1, amount));
  return [
    under[0] + (over[0] - under[0]) * share,
    under[1] + (over[1] - under[1]) * share,
    under[2] + (over[2] - under[2]) * share,
  ];
}
