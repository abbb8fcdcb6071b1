import { constant, type Tensor } from "../graph/index.ts";

const CENTRE = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  2.46640727e-1, 1.50140941,
];
const TAIL = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

const horner = (coefficients: readonly number[], x: Tensor) =>
  coefficients.slice(1).reduce((sum, c) => sum.mul(x).add(c), constant(coefficients[0]!));

/** erf⁻¹ on (−1, 1), to 3·10⁻⁷ of its value. Giles 2012, "Approximating the erfinv function", single precision. */
export function inverseErf(x: Tensor): Tensor {
  const w = x.add(1).mul(x.neg().add(1)).log().neg();
  const centre = horner(CENTRE, w.sub(2.5));
  const tail = horner(TAIL, w.sqrt().sub(3));
  return w.less(5).select(centre, tail).mul(x);
}

/** The standard normal quantile √2·erf⁻¹(2u − 1) for 0 < u < 1. */
export function normalQuantile(u: Tensor): Tensor {
  return inverseErf(u.mul(2).sub(1)).mul(Math.SQRT2);
}
