import { UsageError } from "../../base/errors.ts";
import { type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import { bijectorOnto } from "../../distributions/index.ts";
import { concat, input, Spec, type Tensor, trace } from "../../graph/index.ts";
import { type Body, type Handler, type ObserveSite, perform, type SampleSite } from "./statements.ts";

/** A latent variable of a program, and where its unconstrained numbers stand in the vector that samplers see. */
export interface Latent {
  readonly name: string;
  readonly family: string;
  readonly support: string;
  readonly shape: Shape;
  /** On the unconstrained side; a simplex has one number fewer. */
  readonly free: Shape;
  readonly offset: number;
  readonly size: number;
}

/** A name and a shape. */
export interface Quantity {
  readonly name: string;
  readonly shape: Shape;
}

/** A probabilistic program: a joint law of latent variables and data, with its pieces listed. */
export interface Program {
  readonly body: Body;
  readonly latents: readonly Latent[];
  readonly observed: readonly (Quantity & { readonly family: string })[];
  readonly derived: readonly Quantity[];
  /** How many unconstrained numbers the latent variables have. */
  readonly dimension: number;
}

/** Shape of the unconstrained numbers of a variable. */
function freeShape({ support, shape }: SampleSite): Shape {
  return support.kind === "simplex" ? [...shape.slice(0, -1), shape[shape.length - 1]! - 1] : shape;
}

/**
 * Reads a model written with `sample`, `observe` and `derive`. The function is pure and only ever traced: it runs a few
 * times on symbolic tensors, never on numbers.
 */
export function program(body: Body): Program {
  const latents: Latent[] = [];
  const observed: Program["observed"][number][] = [];
  const derived: Quantity[] = [];
  let dimension = 0;
  const symbolic = (shape: Shape) => input({ shape, dtype: "float32" });
  perform(body, {
    sample: (site) => {
      const { name, law, support, shape } = site;
      const free = freeShape(site);
      const size = sizeOf(free);
      latents.push({ name, family: law.family, support: support.kind, shape, free, offset: dimension, size });
      dimension += size;
      return symbolic(shape);
    },
    observe: ({ name, law, shape }) => observed.push({ name, family: law.family, shape }),
    derive: (name, { shape }) => derived.push({ name, shape }),
  });
  if (dimension === 0) throw new UsageError("The program has no sample statement: there is nothing to infer.");
  return { body, latents, observed, derived, dimension };
}

/** Runs the program at a vector of unconstrained numbers [dimension]; `visit` sees each site with its value. */
function performAt(model: Program, position: Tensor, visit: Partial<Visitor>): void {
  let next = 0;
  perform(model.body, {
    sample: (site) => {
      const latent = model.latents[next++];
      if (latent?.name !== site.name || !sameShape(latent.shape, site.shape))
        throw new UsageError(
          `The program came to sample("${site.name}") where it had ${latent ? `sample("${latent.name}")` : "nothing"} before: it must make the same statements each time.`,
        );
      const free = position.slice(0, latent.offset, latent.offset + latent.size).reshape(latent.free);
      const bijector = bijectorOnto(site.support)!;
      const value = bijector.forward(free);
      visit.sample?.(site, value, bijector.logDet(free));
      return value;
    },
    observe: (site) => visit.observe?.(site),
    derive: (name, value) => visit.derive?.(name, value),
  });
}

interface Visitor extends Omit<Handler, "sample"> {
  sample(site: SampleSite, value: Tensor, logDet: Tensor): void;
}

/**
 * The log joint density of latent variables and data as a function of the unconstrained numbers, with the log
 * determinants of the bijectors: what samplers and variational inference climb on.
 */
export function logDensity(model: Program): (position: Tensor) => Tensor {
  return (position) => {
    const terms: Tensor[] = [];
    performAt(model, position, {
      sample: ({ law }, value, logDet) => terms.push(law.logProb(value).sum(), logDet.sum()),
      observe: ({ law, data }) => terms.push(law.logProb(data).sum()),
    });
    return terms.reduce((sum, term) => sum.add(term));
  };
}

/** Tensors by name. */
export type Named = { readonly [name: string]: Tensor };

/** Latent variables and derived quantities as functions of the unconstrained numbers. */
export function quantities(model: Program): (position: Tensor) => Named {
  return (position) => {
    const values: Record<string, Tensor> = {};
    performAt(model, position, {
      sample: ({ name }, value) => {
        values[name] = value;
      },
      derive: (name, value) => {
        values[name] = value;
      },
    });
    return values;
  };
}

/** The log likelihood of every observation on its own, as one vector in the order of the statements. */
export function pointwiseLogLikelihood(model: Program): (position: Tensor) => Tensor {
  return (position) => {
    const terms: Tensor[] = [];
    performAt(model, position, {
      observe: ({ law, data, batch }: ObserveSite) => terms.push(law.logProb(data).broadcastTo(batch).flatten()),
    });
    if (terms.length === 0) throw new UsageError("The program observes nothing: it has no likelihood.");
    return concat(terms);
  };
}

/** The unconstrained vector of given values of the latent variables: where to start chains, or to evaluate the density. */
export function unconstrained(model: Program): (values: Named) => Tensor {
  return (values) => {
    const parts: Tensor[] = [];
    perform(model.body, {
      sample: ({ name, support }) => {
        const value = values[name];
        if (!value) throw new UsageError(`A value of "${name}" is missing.`);
        parts.push(bijectorOnto(support)!.inverse(value).flatten());
        return value;
      },
      observe: () => {},
      derive: () => {},
    });
    return concat(parts);
  };
}

/** Traces one of these functions of the unconstrained vector. */
export function traceAt(model: Program, fn: (position: Tensor) => Named) {
  return trace(fn as never, [new Spec([model.dimension])]).graph;
}
