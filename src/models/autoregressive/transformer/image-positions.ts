import type { ImageSize } from "../pixelcnn/colours.ts";
import type { PositionTable } from "./positions.ts";

/** Position vectors of image values in some order: one for the row, one for the column and one for the colour. */
export function imagePositions({ colours, height, width }: ImageSize, order: Uint32Array): PositionTable[] {
  const rowOf = (place: number) => Math.floor((place % (height * width)) / width);
  const tables: PositionTable[] = [
    { size: height, rows: Array.from(order, rowOf) },
    { size: width, rows: Array.from(order, (place) => place % width) },
  ];
  if (colours === 1) return tables;
  return [...tables, { size: colours, rows: Array.from(order, (place) => Math.floor(place / (height * width))) }];
}
