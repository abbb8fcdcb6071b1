/**
 * A point of a pen's path, x to the right and y downwards in a box of height 1 around the origin; at a corner the
 * smooth curve before it ends and a new one begins.
 */
export interface PenPoint {
  readonly x: number;
  readonly y: number;
  readonly corner: boolean;
}

/** One movement of the pen, from where it touches the paper to where it leaves it. */
export type Stroke = readonly PenPoint[];

/** Strokes of each digit in each of its styles, drawn by hand for Sampo: x,y in hundredths of the height, ! a corner. */
const written: readonly (readonly (readonly string[])[])[] = [
  [
    ["6,-49 -17,-40 -29,-8 -25,28 -5,49 20,37 30,4 23,-33 3,-49"],
    ["-8,-45 -28,-15 -26,25 -2,49 25,30 29,-10 14,-42 -10,-47 -20,-36"],
  ],
  [["3,-50 0,0 -2,50"], ["-19,-29 -6,-40 4,-50! 3,0 2,50"], ["-19,-29 -6,-40 3,-50! 3,0 2,48", "-20,49 2,48 23,49"]],
  [
    ["-26,-28 -17,-44 2,-50 21,-40 22,-18 6,10 -28,47! 0,46 30,47"],
    ["-24,-34 -8,-48 14,-46 23,-27 12,2 -10,32 -25,44 -27,31 -12,29 8,43 32,41"],
  ],
  [
    ["-24,-37 -7,-50 15,-45 21,-27 9,-9 -7,-3! 15,3 25,22 15,42 -6,50 -27,39"],
    ["-24,-46 0,-47 22,-48! 10,-29 -5,-8! 16,-2 27,20 15,43 -8,50 -28,40"],
  ],
  [
    ["-20,-47 -25,-18 -28,8! 0,8 30,5", "17,-45 15,0 11,50"],
    ["14,-50 -8,-17 -31,17! 0,16 32,14", "14,-50 13,0 12,50"],
    ["-22,-42 -24,-14 -8,-2 18,-8", "21,-46 18,0 14,50"],
  ],
  [
    ["-15,-47 -19,-27 -23,-6! -2,-14 19,-6 26,16 16,40 -6,50 -28,41", "-15,-47 6,-49 27,-50"],
    ["25,-49 4,-48 -17,-46! -20,-26 -23,-5! 0,-12 22,0 23,26 6,46 -25,46"],
  ],
  [
    ["18,-47 -2,-34 -19,-6 -25,22 -15,43 4,50 21,38 23,18 9,4 -10,9 -23,26"],
    ["4,-50 -14,-22 -24,12 -19,40 2,50 22,36 19,14 0,7 -17,19"],
  ],
  [
    ["-28,-45 0,-46 27,-48! 9,-10 -6,50"],
    ["-28,-45 0,-46 27,-48! 9,-10 -5,50", "-13,2 5,0 24,-3"],
    ["-28,-30 -26,-44! 0,-44 26,-47! 12,-12 2,18 -2,50"],
  ],
  [
    ["19,-40 2,-50 -18,-41 -17,-20 2,-3 22,15 22,37 1,50 -21,38 -21,16 -2,-2 17,-19 20,-37"],
    ["2,-2 -18,-18 -14,-42 6,-50 20,-36 14,-14 -4,0 -22,20 -18,42 4,50 23,36 18,12 1,-2"],
  ],
  [
    ["21,-30 4,-50 -17,-43 -24,-22 -12,-5 8,-10 21,-32! 21,10 14,50"],
    ["20,-32 2,-49 -18,-41 -23,-20 -10,-4 10,-10 22,-32! 25,8 15,39 -4,50 -20,44"],
    ["22,-40 0,-50 -20,-32 -16,-10 4,-8 20,-28 23,-42 17,0 2,50"],
  ],
];

function parse(stroke: string): Stroke {
  return stroke.split(" ").map((point) => {
    const [x, y] = point.replace("!", "").split(",").map(Number);
    return { x: x! / 100, y: y! / 100, corner: point.endsWith("!") };
  });
}

/** The ways to write each digit: `glyphs[digit][style]` is a list of strokes. */
export const glyphs: readonly (readonly (readonly Stroke[])[])[] = written.map((styles) =>
  styles.map((strokes) => strokes.map(parse)),
);
