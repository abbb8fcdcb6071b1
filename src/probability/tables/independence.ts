import { conditionalMutualInformation, underIndependence } from "./information.ts";
import type { JointTable } from "./joint.ts";

/** Whether variables are independent in a joint distribution, and how far they are from it. */
export interface Independence {
  readonly independent: boolean;
  /** The largest |p(a, b, c) − p(a, c) p(b, c) / p(c)|. */
  readonly deviation: number;
  /** I(a; b | c) in nats. */
  readonly information: number;
}

/** Independence of two sets of variables given a third in a joint table, exact up to rounding (`tolerance` a cell). */
export function independence(
  joint: JointTable,
  a: readonly string[],
  b: readonly string[],
  given: readonly string[] = [],
  tolerance = 1e-12,
): Independence {
  const tables = underIndependence(joint, a, b, given);
  let deviation = 0;
  for (let i = 0; i < tables.joint.length; i++)
    deviation = Math.max(deviation, Math.abs(tables.joint[i]! - tables.expected[i]!));
  const information = conditionalMutualInformation(joint, a, b, given);
  return { independent: deviation <= tolerance, deviation, information };
}
