import type { NoiseLaw } from "../../models/contract.ts";

/** An input or output of an ONNX function; a text in the shape names an axis of any length ("batch"). */
export interface CardValue {
  readonly name: string;
  readonly dtype: "float32" | "float64" | "int64" | "bool";
  readonly shape: readonly (number | string)[];
  /** The law of an input that is noise. */
  readonly noise?: NoiseLaw;
  /** What the value means, with its range or unit. */
  readonly doc?: string;
}

/** One exported ONNX file. */
export interface CardFunction {
  readonly name: string;
  readonly file: string;
  readonly doc: string;
  readonly inputs: readonly CardValue[];
  readonly outputs: readonly CardValue[];
}

/** Length given in the examples to axes of any length. */
const batch = 4;

function dims(value: CardValue): number[] {
  return value.shape.map((axis) => (typeof axis === "number" ? axis : batch));
}

function size(value: CardValue): number {
  return dims(value).reduce((product, axis) => product * axis, 1);
}

const arrays = {
  float32: "Float32Array",
  float64: "Float64Array",
  int64: "BigInt64Array",
  bool: "Uint8Array",
} as const;

const draws: Record<NoiseLaw, string> = {
  normal: "Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())",
  uniform: "Math.random()",
  gumbel: "-Math.log(-Math.log((Math.random() * (2 ** 32 - 1) + 0.5) / 2 ** 32))",
  bytes: "Math.floor(256 * Math.random()) / 256",
};

function comment(value: CardValue): string {
  return value.noise ? `${value.noise} noise` : (value.doc ?? "your data").replace(/\s+/g, " ");
}

function scriptFeed(value: CardValue): string {
  const made = value.noise
    ? `${arrays[value.dtype]}.from({ length: ${size(value)} }, () => ${draws[value.noise]})`
    : `new ${arrays[value.dtype]}(${size(value)})`;
  const tensor = `new ort.Tensor(${JSON.stringify(value.dtype)}, ${made}, ${JSON.stringify(dims(value))})`;
  return `  ${JSON.stringify(value.name)}: ${tensor}, // ${comment(value)}`;
}

function script(fn: CardFunction, importLine: string, path: string): string {
  const outputs = fn.outputs.map((output) => `console.log(results[${JSON.stringify(output.name)}].dims);`);
  return [
    importLine,
    "",
    `const session = await ort.InferenceSession.create(${JSON.stringify(path)});`,
    "const results = await session.run({",
    ...fn.inputs.map(scriptFeed),
    "});",
    ...outputs,
  ].join("\n");
}

/** A program for Node that runs the function once. */
export function nodeSnippet(fn: CardFunction): string {
  return script(fn, 'import * as ort from "onnxruntime-node"; // npm i onnxruntime-node', `./${fn.file}`);
}

/** A module for browsers that runs the function once. */
export function browserSnippet(fn: CardFunction): string {
  return script(fn, 'import * as ort from "onnxruntime-web"; // with a bundler: npm i onnxruntime-web', `./${fn.file}`);
}

const numpyTypes = { float32: "float32", float64: "float64", int64: "int64", bool: "bool" } as const;

function tuple(value: CardValue): string {
  const axes = dims(value);
  return axes.length === 1 ? `(${axes[0]},)` : `(${axes.join(", ")})`;
}

function pythonFeed(value: CardValue): string {
  const shape = tuple(value);
  const type = numpyTypes[value.dtype];
  const laws: Record<NoiseLaw, string> = {
    normal: `rng.standard_normal(${shape}).astype("${type}")`,
    uniform: `rng.random(${shape}).astype("${type}")`,
    gumbel: `rng.gumbel(size=${shape}).astype("${type}")`,
    bytes: `(rng.integers(0, 256, size=${shape}) / 256).astype("${type}")`,
  };
  const made = value.noise ? laws[value.noise] : `np.zeros(${shape}, dtype="${type}")`;
  return `    ${JSON.stringify(value.name)}: ${made},  # ${comment(value)}`;
}

/** A Python program that runs the function once. */
export function pythonSnippet(fn: CardFunction): string {
  return [
    "import numpy as np",
    "import onnxruntime as ort  # pip install onnxruntime",
    "",
    "rng = np.random.default_rng(0)",
    `session = ort.InferenceSession(${JSON.stringify(fn.file)})`,
    "results = session.run(None, {",
    ...fn.inputs.map(pythonFeed),
    "})",
    "for value, about in zip(results, session.get_outputs()):",
    "    print(about.name, value.shape)",
  ].join("\n");
}
