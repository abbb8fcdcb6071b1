import { UsageError } from "../base/errors.ts";
import { toNumbers } from "../base/host.ts";
import { constantValue } from "../graph/passes/fold.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { DecodedNode } from "./decode.ts";

/** One operation of a model being imported: its operands as tensors, its attributes with their defaults. */
export class Call {
  readonly node: DecodedNode;
  private readonly operands: readonly (Tensor | undefined)[];

  constructor(node: DecodedNode, operands: readonly (Tensor | undefined)[]) {
    this.node = node;
    this.operands = operands;
  }

  /** All operands that are there. */
  get all(): Tensor[] {
    return this.operands.filter((operand) => operand !== undefined);
  }

  x(index: number): Tensor {
    const operand = this.operands[index];
    if (!operand) return this.fail(`operand ${index} is missing`);
    return operand;
  }

  maybe(index: number): Tensor | undefined {
    return this.operands[index];
  }

  /** The numbers of an operand that must be known in advance: shapes, axes, amounts. */
  numbers(index: number): number[] | undefined {
    const operand = this.operands[index];
    if (!operand) return undefined;
    const value = constantValue(operand);
    return value
      ? toNumbers(value)
      : this.fail(`operand ${index} is computed while running, Sampo needs it in advance`);
  }

  number(name: string, fallback: number): number {
    const value = this.node.attributes[name];
    return typeof value === "number" ? value : fallback;
  }

  list(name: string): readonly number[] | undefined {
    const value = this.node.attributes[name];
    return Array.isArray(value) ? (value as readonly number[]) : undefined;
  }

  text(name: string): string | undefined {
    const value = this.node.attributes[name];
    return typeof value === "string" ? value : undefined;
  }

  fail(detail: string): never {
    throw new UsageError(`Cannot import ${this.node.op} (node "${this.node.name}"): ${detail}.`);
  }
}
