import type { HostArray } from "../../base/host.ts";
import { toNd } from "../interpret.ts";
import { register } from "../primitive.ts";

/** A value known while tracing. */
register<{ value: HostArray }>({
  name: "constant",
  infer: (_inputs, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  emit: ({ context, attrs }) => context.constant(attrs.value),
  evaluate: (_inputs, { value }) => [toNd(value)],
});
