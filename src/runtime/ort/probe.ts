import type { InferenceSession } from "onnxruntime-web/wasm";
import type { Ort } from "./session.ts";

/** Channels per block of this processor's blocked convolution layout, or 0 where it cannot be told. */
export async function blockSize(_ort: Ort, _options: InferenceSession.SessionOptions): Promise<number> {
  return 0;
}
