import { ShapeError, UsageError } from "../../base/errors.ts";
import { broadcastShapes, type Shape, sameShape, showShape } from "../../base/shape.ts";
import type { LogDensity, Support } from "../../distributions/index.ts";
import { Tensor } from "../../graph/index.ts";
import { type Data, dataTensor } from "./data.ts";

/** How a latent variable is said beyond its law. */
export interface SampleOptions {
  /** The batch of independent variables: the law's own batch must broadcast to it. */
  readonly shape?: Shape;
  /** Where the law lies, for laws that do not say it themselves (mixtures, transformed laws). */
  readonly support?: Support;
}

/** What the function given to `program` describes its model with. */
export interface Statements {
  /** A latent variable; the result stands for its value. */
  sample(name: string, law: LogDensity, options?: SampleOptions): Tensor;
  /** Data that the law generated: they are known, and pull on everything the law depends on. */
  observe(name: string, law: LogDensity, data: Data): void;
  /** A quantity that follows from others and shall be reported beside the latent variables. */
  derive(name: string, value: Tensor): Tensor;
}

/** A latent variable as a program meets it. */
export interface SampleSite {
  readonly name: string;
  readonly law: LogDensity;
  readonly support: Support;
  /** Of all independent draws of the law. */
  readonly batch: Shape;
  /** Of the value: batch and event. */
  readonly shape: Shape;
}

/** Data as a program meets them. */
export interface ObserveSite {
  readonly name: string;
  readonly law: LogDensity;
  readonly batch: Shape;
  readonly shape: Shape;
  readonly data: Tensor;
}

/** What is done with each statement while a program runs. */
export interface Handler {
  sample(site: SampleSite): Tensor;
  observe(site: ObserveSite): void;
  derive(name: string, value: Tensor): void;
}

/** A model written as a function of its statements. */
export type Body = (statements: Statements) => unknown;

/** Runs a program's function once, each statement checked and handed to the handler. */
export function perform(body: Body, handler: Handler): void {
  const names = new Set<string>();
  let open = true;
  const enter = (statement: string, name: string) => {
    if (!open)
      throw new UsageError(
        `${statement}("${name}") was called after its program had returned: statements belong into the function given to program().`,
      );
    if (typeof name !== "string" || !/^[^\s/[\]]+$/.test(name))
      throw new UsageError(`${statement}("${name}"): a name is a word without spaces, slashes and brackets.`);
    if (names.has(name))
      throw new UsageError(`The program has two statements named "${name}": give each a name of its own.`);
    names.add(name);
  };
  const result = body({
    sample: (name, law, options = {}) => {
      enter("sample", name);
      return handler.sample(sampleSite(name, law, options));
    },
    observe: (name, law, data) => {
      enter("observe", name);
      handler.observe(observeSite(name, law, data));
    },
    derive: (name, value) => {
      enter("derive", name);
      if (!(value instanceof Tensor)) throw new UsageError(`derive("${name}") takes a tensor, not ${typeof value}.`);
      handler.derive(name, value);
      return value;
    },
  });
  open = false;
  if (result instanceof Promise)
    throw new UsageError("A program is described at once: the function given to program() must not be async.");
}

function requireLaw(statement: string, name: string, law: LogDensity): void {
  if (typeof law?.logProb !== "function")
    throw new UsageError(`${statement}("${name}") needs a distribution, such as normal({ mean: 0, stdDev: 1 }).`);
}

const discrete = new Set(["count", "binary", "class"]);

function sampleSite(name: string, law: LogDensity, options: SampleOptions): SampleSite {
  requireLaw("sample", name, law);
  const support = options.support ?? law.support;
  if (!support)
    throw new UsageError(
      `sample("${name}"): a law of family ${law.family} does not say where it lies; add { support: { kind: "real" } } or what holds.`,
    );
  if (discrete.has(support.kind))
    throw new UsageError(
      `sample("${name}"): a law of family ${law.family} is discrete, and gradients know no discrete latent variables; sum it out (a mixture) or observe it.`,
    );
  const batch = options.shape ?? law.batch;
  if (!broadcastsTo(law.batch, batch))
    throw new ShapeError(
      `sample("${name}"): shape ${showShape(batch)} was asked for, but the law's parameters have shape ${showShape(law.batch)}.`,
    );
  return { name, law, support, batch, shape: [...batch, ...law.event] };
}

function observeSite(name: string, law: LogDensity, given: Data): ObserveSite {
  requireLaw("observe", name, law);
  const data = dataTensor(name, law, given);
  const { shape } = data;
  const at = shape.length - law.event.length;
  const batch = shape.slice(0, Math.max(0, at));
  if (at < 0 || !sameShape(shape.slice(at), law.event) || !broadcastsTo(law.batch, batch))
    throw new ShapeError(
      `observe("${name}"): the data have shape ${showShape(shape)}, but the law's is ${showShape([...law.batch, ...law.event])}.`,
    );
  return { name, law, batch, shape, data };
}

/** Whether `from` stretches to exactly `to`. */
function broadcastsTo(from: Shape, to: Shape): boolean {
  try {
    return sameShape(broadcastShapes(from, to), to);
  } catch {
    return false;
  }
}
