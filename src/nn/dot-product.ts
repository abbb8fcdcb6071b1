import { matmul, type Tensor } from "../graph/index.ts";

/** softmax(q·kᵀ/√d + bias)·v for q [..., T, d], k and v [..., S, d]. Vaswani et al. 2017, arXiv 1706.03762, equation 1. */
export function scaledDotProduct(q: Tensor, k: Tensor, v: Tensor, bias?: Tensor): Tensor {
  const scores = matmul(q.mul(1 / Math.sqrt(q.shape[q.rank - 1]!)), k, { transposeB: true });
  return (bias ? scores.add(bias) : scores).softmax(-1).matmul(v);
}
