/**
 * Logarithm and inverse normal distribution function from + - * / and square root alone. Those are exactly specified
 * by IEEE 754, `Math.log` is not, so random numbers made with these have the same bits in every JavaScript engine.
 */

const f64 = new Float64Array(1);
const u32 = new Uint32Array(f64.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * Natural logarithm of a positive normal double, relative error below 2⁻⁵¹: x = 2^k (1+f) with
 * 1+f in [√½, √2), then the polynomial in (f/(2+f))² of fdlibm's e_log.c (Sun Microsystems 1993).
 */
export function naturalLog(x: number): number {
  f64[0] = x;
  let exponent = ((u32[HIGH]! >>> 20) & 0x7ff) - 1023;
  u32[HIGH] = (u32[HIGH]! & 0x000fffff) | 0x3ff00000;
  let mantissa = f64[0]!;
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return exponent * Math.LN2 + (f - (half - s * (half + even + odd)));
}

/**
 * The standard normal quantile Φ⁻¹(½ + q) for |q| ≤ ½ - 2⁻³³, relative error about 1e-16: algorithm AS 241, PPND16
 * (Wichura, Applied Statistics 37, 1988). Its far-tail branch, below 1.4e-11, is never reached from 32-bit words.
 */
export function normalQuantile(q: number): number {
  if (q >= -0.425 && q <= 0.425) {
    const r = 0.180625 - q * q;
    let above = 2509.0809287301227 * r + 33430.57558358813;
    above = above * r + 67265.7709270087;
    above = above * r + 45921.95393154987;
    above = above * r + 13731.69376550946;
    above = above * r + 1971.5909503065513;
    above = above * r + 133.14166789178438;
    above = above * r + 3.3871328727963665;
    let below = 5226.495278852854 * r + 28729.085735721943;
    below = below * r + 39307.89580009271;
    below = below * r + 21213.794301586597;
    below = below * r + 5394.196021424751;
    below = below * r + 687.1870074920579;
    below = below * r + 42.31333070160091;
    below = below * r + 1;
    return (q * above) / below;
  }
  const tail = q < 0 ? 0.5 + q : 0.5 - q;
  const r = Math.sqrt(-naturalLog(tail)) - 1.6;
  let above = 0.0007745450142783414 * r + 0.022723844989269184;
  above = above * r + 0.2417807251774506;
  above = above * r + 1.2704582524523684;
  above = above * r + 3.6478483247632045;
  above = above * r + 5.769497221460691;
  above = above * r + 4.630337846156546;
  above = above * r + 1.4234371107496835;
  let below = 1.0507500716444169e-9 * r + 0.0005475938084995345;
  below = below * r + 0.015198666563616457;
  below = below * r + 0.14810397642748008;
  below = below * r + 0.6897673349851;
  below = below * r + 1.6763848301838038;
  below = below * r + 2.053191626637759;
  below = below * r + 1;
  return q < 0 ? -above / below : above / below;
}
