import { float32, grad, jit, onnx, Spec, type Tensor, toNumbers, trace } from "sampo";
import { openRuntime } from "sampo/node";

const energy = (x: Tensor) => x.sin().mul(x).sum(); // Σ x·sin x
const slope = grad(energy); // its gradient, a function of tensors again

const fast = jit(slope, await openRuntime()); // compiled to ONNX at the first call
console.log(toNumbers(await fast(float32([0, 1, 2])))); // sin x + x·cos x

const { graph } = trace(slope, [new Spec([3])]);
console.log(onnx.describe(onnx.emit(graph))); // the model it became
