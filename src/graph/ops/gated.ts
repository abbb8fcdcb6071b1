import { map, nd } from "../nd.ts";
import { type Emission, type Gradients, type Primitive, register, type VjpArgs } from "../primitive.ts";
import { apply, type Tensor } from "../tensor.ts";
import { erf } from "./erf.ts";

type NoAttrs = Record<never, never>;

/** An activation x·s(x), by its gate s. */
interface Gate {
  readonly compute: (x: number) => number;
  /** x·s′(x) from x, y = x·s and s: what the gradient of y adds to s. */
  readonly timesSlope: (x: Tensor, y: Tensor, s: Tensor) => Tensor;
  /** s′(x). */
  readonly slope: (x: Tensor, s: Tensor) => Tensor;
  /** The gate's nodes: `n` writes one, `k` a scalar constant. */
  readonly emit: (n: (op: string, ...inputs: string[]) => string, k: (value: number) => string, x: string) => string;
}

/**
 * Registers x·s(x) as one operation with outputs y and s: dy/dx = s + x·s′ then takes a few passes over the data, where
 * the gradients of the single factors would take about twice as many.
 */
function gated(name: string, gate: Gate): Primitive {
  const vjp = ({ inputs, outputs, cotangents }: VjpArgs<NoAttrs>): Gradients => {
    const [x, y, s] = [inputs[0]!, outputs[0]!, outputs[1]!];
    const [g, forGate] = cotangents;
    const direct = g?.mul(gate.timesSlope(x, y, s).add(s));
    const through = forGate?.mul(gate.slope(x, s));
    return [direct && through ? direct.add(through) : (direct ?? through)];
  };
  const emit = ({ context, names, inputs }: Emission<NoAttrs>) => {
    const n = (op: string, ...operands: string[]) => context.node(op, operands);
    const s = gate.emit(n, (value) => context.scalar(value, inputs[0]!.dtype), names[0]!);
    return [n("Mul", names[0]!, s), s];
  };
  return register<NoAttrs>({
    name,
    infer: ([x]) => [x!, x!].map(({ shape, dtype }) => ({ shape, dtype })),
    vjp,
    emit,
    evaluate: ([x]) => {
      const s = map(x!, x!.dtype, gate.compute);
      return [
        nd(
          x!.shape,
          x!.dtype,
          x!.data.map((value, i) => value * s.data[i]!),
        ),
        s,
      ];
    },
  }) as unknown as Primitive;
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

const siluPrimitive = gated("silu", {
  compute: logistic,
  timesSlope: (_x, y, s) => y.sub(y.mul(s)),
  slope: (_x, s) => s.sub(s.square()),
  emit: (n, _k, x) => n("Sigmoid", x),
});

/** x·σ(x), the sigmoid-weighted linear unit or swish (Elfwing, Uchibe & Doya 2017, arXiv:1702.03118; Ramachandran et al. 2017, arXiv:1710.05941). */
export function silu(x: Tensor): Tensor {
  return apply(siluPrimitive, [x])[0]!;
}

/** φ(x), the normal density. */
const density = (x: Tensor) =>
  x
    .square()
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI));

const geluPrimitive = gated("gelu", {
  compute: (x) => (1 + erf(x * Math.SQRT1_2)) / 2,
  timesSlope: (x) => density(x).mul(x),
  slope: (x) => density(x),
  emit: (n, k, x) => n("Add", n("Mul", n("Erf", n("Mul", x, k(Math.SQRT1_2))), k(0.5)), k(0.5)),
});

/** x·Φ(x) with the exact normal distribution function, Φ(x) = (1 + erf(x/√2))/2 (Hendrycks & Gimpel 2016, arXiv:1606.08415). */
export function gelu(x: Tensor): Tensor {
  return apply(geluPrimitive, [x])[0]!;
}

/** Of Φ(x) ≈ σ(a·x + b·x³): a = 2√(2/π), b = 0.044715·a. */
const a = 2 * Math.sqrt(2 / Math.PI);
const b = 0.044715 * a;
const inner = (x: Tensor) =>
  x
    .square()
    .mul(3 * b)
    .add(a);

const geluTanhPrimitive = gated("geluTanh", {
  compute: (x) => logistic(x * (a + b * x * x)),
  timesSlope: (x, y, s) => y.sub(y.mul(s)).mul(inner(x)),
  slope: (x, s) => s.sub(s.square()).mul(inner(x)),
  emit: (n, k, x) => n("Sigmoid", n("Mul", n("Add", n("Mul", n("Mul", x, x), k(b)), k(a)), x)),
});

/** The tanh approximation of `gelu`: x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 = x·σ(2√(2/π)·(x + 0.044715·x³)); at most 5·10⁻⁴ off. */
export function geluTanh(x: Tensor): Tensor {
  return apply(geluTanhPrimitive, [x])[0]!;
}
