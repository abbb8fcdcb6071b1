import { ShapeError } from "../../base/errors.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** A tensor with a name for each axis. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly string[];
}

/**
 * Einstein summation: `einsum("bhqd,bhkd->bhqk", q, k)`. Labels are letters; `...` stands for broadcast axes; a label
 * twice in one operand takes the diagonal; without `->` the result has the labels that occur once, in alphabetic order.
 * Operands are contracted from left to right, each contraction as one matrix product.
 */
export function einsum(equation: string, ...tensors: Tensor[]): Tensor {
  const fail = (why: string): never => {
    throw new ShapeError(`einsum("${equation}", ${tensors.join(", ")}): ${why}`);
  };
  const [left, right, ...rest] = equation.replaceAll(/\s/g, "").split("->");
  const terms = left!.split(",");
  if (rest.length > 0) fail("more than one ->");
  if (terms.length !== tensors.length) fail(`${terms.length} operands are named, ${tensors.length} are given`);
  let operands = tensors.map((tensor, i) => diagonal(label(tensor, terms[i]!, fail)));
  const output = right === undefined ? implicitOutput(terms, operands) : expandOutput(right, operands, fail);
  operands = dropStretched(operands, fail);
  for (const name of output)
    if (!operands.some(({ labels }) => labels.includes(name))) fail(`no operand has the output label ${name}`);
  let result = operands[0]!;
  operands.slice(1).forEach((next, i) => {
    const later = new Set([...output, ...operands.slice(i + 2).flatMap(({ labels }) => labels)]);
    result = contract(
      sumOut(result, new Set([...later, ...next.labels])),
      sumOut(next, new Set([...later, ...result.labels])),
      later,
      output,
    );
  });
  return arrange(sumOut(result, new Set(output)), output);
}

type Fail = (why: string) => never;
const ellipsis = (fromEnd: number) => `…${fromEnd}`;

/** Labels of one operand; the axes of an ellipsis are counted from their end so that they broadcast. */
function label(tensor: Tensor, term: string, fail: Fail): Labelled {
  if (!/^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/.test(term)) fail(`"${term}" is not letters with at most one ...`);
  const [before, after] = term.split("...") as [string, string | undefined];
  const spare = tensor.rank - before.length - (after?.length ?? 0);
  if (after === undefined ? spare !== 0 : spare < 0)
    fail(`"${term}" names ${tensor.rank - spare} axes, ${tensor} has ${tensor.rank}`);
  const middle = Array.from({ length: spare }, (_, i) => ellipsis(spare - i));
  return { tensor, labels: [...before, ...middle, ...(after ?? "")] };
}

/** The broadcast labels of all operands together, outermost first. */
function ellipsisLabels(operands: readonly Labelled[]): string[] {
  const counts = operands.map(({ labels }) => labels.filter((name) => name.startsWith("…")).length);
  const most = Math.max(0, ...counts);
  return Array.from({ length: most }, (_, i) => ellipsis(most - i));
}

function implicitOutput(terms: readonly string[], operands: readonly Labelled[]): string[] {
  const letters = terms.join("").replaceAll(".", "");
  const once = [...letters].filter((name) => letters.split(name).length === 2).sort();
  return [...ellipsisLabels(operands), ...once];
}

function expandOutput(right: string, operands: readonly Labelled[], fail: Fail): string[] {
  if (!/^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/.test(right)) fail(`the output "${right}" is not letters with at most one ...`);
  const [before, after] = right.split("...") as [string, string | undefined];
  const names = [...before, ...(after === undefined ? [] : ellipsisLabels(operands)), ...(after ?? "")];
  if (new Set(names).size !== names.length) fail(`the output "${right}" names an axis twice`);
  return names;
}

/** Keeps the diagonal of axes that share a label: merged, they hold it at every (n+1)-th element. */
function diagonal({ tensor, labels }: Labelled): Labelled {
  const twice = labels.find((name, axis) => labels.indexOf(name) !== axis);
  if (twice === undefined) return { tensor, labels };
  const [i, j] = [labels.indexOf(twice), labels.lastIndexOf(twice)];
  const n = tensor.shape[i]!;
  if (n !== tensor.shape[j])
    throw new ShapeError(`einsum: label ${twice} has sizes ${n} and ${tensor.shape[j]} in ${tensor}`);
  const others = labels.map((_, axis) => axis).filter((axis) => axis !== i && axis !== j);
  const flat = tensor.transpose([...others, i, j]).flatten(others.length);
  const kept = flat.slice(-1, 0, undefined, n + 1);
  return diagonal({ tensor: kept, labels: [...others.map((axis) => labels[axis]!), twice] });
}

/** Removes axes of size 1 that stand against larger ones of the same label; throws where sizes differ. */
function dropStretched(operands: readonly Labelled[], fail: Fail): Labelled[] {
  const sizes = new Map<string, number>();
  for (const { tensor, labels } of operands)
    labels.forEach((name, axis) => {
      const [known, size] = [sizes.get(name) ?? 1, tensor.shape[axis]!];
      if (known !== 1 && size !== 1 && known !== size) fail(`label ${name} has sizes ${known} and ${size}`);
      sizes.set(name, Math.max(known, size));
    });
  return operands.map(({ tensor, labels }) => {
    const keep = labels.map((name, axis) => tensor.shape[axis] === sizes.get(name));
    return { tensor: tensor.reshape(tensor.shape.filter((_, i) => keep[i])), labels: labels.filter((_, i) => keep[i]) };
  });
}

/** Sums over the axes nobody needs any more. */
function sumOut({ tensor, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((name, axis) => (needed.has(name) ? [] : [axis]));
  if (axes.length === 0) return { tensor, labels };
  return { tensor: tensor.sum(axes), labels: labels.filter((name) => needed.has(name)) };
}

/** The same tensor with its axes in the order of the labels. */
function arrange({ tensor, labels }: Labelled, order: readonly string[]): Tensor {
  const axes = order.map((name) => labels.indexOf(name));
  return axes.every((axis, i) => axis === i) ? tensor : tensor.transpose(axes);
}

const sizesOf = ({ tensor, labels }: Labelled, names: readonly string[]) =>
  names.map((name) => tensor.shape[labels.indexOf(name)]!);
const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** One pairwise contraction as a batched matrix product (or an elementwise one when nothing is summed). */
function contract(a: Labelled, b: Labelled, later: ReadonlySet<string>, output: readonly string[]): Labelled {
  const shared = a.labels.filter((name) => b.labels.includes(name));
  const batch = shared.filter((name) => later.has(name));
  const summed = shared.filter((name) => !later.has(name));
  const freeA = a.labels.filter((name) => !shared.includes(name));
  const freeB = b.labels.filter((name) => !shared.includes(name));
  const swap = freeA.length > 0 && freeB.length > 0 && output.indexOf(freeB[0]!) < output.indexOf(freeA[0]!);
  if (swap && output.includes(freeB[0]!)) return contract(b, a, later, []);
  const labels = [...batch, ...freeA, ...freeB];
  const shape = [...sizesOf(a, batch), ...sizesOf(a, freeA), ...sizesOf(b, freeB)];
  if (summed.length === 0) return { tensor: outer(a, b, batch, freeA, freeB), labels };
  const left = side(a, batch, freeA, summed, false);
  const right = side(b, batch, freeB, summed, true);
  const y = matmul(left.matrix, right.matrix, { transposeA: left.transposed, transposeB: right.transposed });
  return { tensor: y.reshape(shape), labels };
}

/** Elementwise product over the shared axes, outer over the others. */
function outer(a: Labelled, b: Labelled, batch: string[], freeA: string[], freeB: string[]): Tensor {
  const left = arrange(a, [...batch, ...freeA]);
  const right = arrange(b, [...batch, ...freeB]);
  const ones = (names: readonly string[]) => names.map(() => 1);
  return left
    .reshape([...left.shape, ...ones(freeB)])
    .mul(right.reshape([...sizesOf(b, batch), ...ones(freeA), ...sizesOf(b, freeB)]));
}

/** An operand as [batch, rows, columns], read transposed where that saves moving data. */
function side(operand: Labelled, batch: string[], free: string[], summed: string[], isRight: boolean) {
  const rows = isRight ? summed : free;
  const columns = isRight ? free : summed;
  const asStored = operand.labels.join() === [...batch, ...columns, ...rows].join() && free.length > 0;
  const [first, second] = asStored ? [columns, rows] : [rows, columns];
  const leading = sizesOf(operand, batch);
  const matrix = arrange(operand, [...batch, ...first, ...second]).reshape([
    ...leading,
    product(sizesOf(operand, first)),
    product(sizesOf(operand, second)),
  ]);
  return { matrix, transposed: asStored };
}
