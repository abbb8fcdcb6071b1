import type { Steps } from "../bayes/index.ts";
import { onInterrupt } from "./interrupt.ts";

/** Milliseconds of work after which signals are let in. */
const TURN = 50;

/**
 * Goes through work in steps, telling each. Ctrl-C aborts the controller and calls `interrupted`; the work is then told to
 * end, as it is where the controller was aborted before.
 */
export async function inSteps<Told, Result>(
  steps: Steps<Told, Result>,
  tell: (told: Told) => void,
  { abort, interrupted }: { readonly abort: AbortController; readonly interrupted: () => void },
): Promise<Result> {
  const listen = () =>
    onInterrupt(() => {
      interrupted();
      abort.abort();
    });
  const stop = abort.signal.aborted ? () => {} : listen();
  try {
    let last = performance.now();
    let next = steps.next();
    while (!next.done) {
      tell(next.value);
      if (performance.now() - last > TURN) {
        await new Promise(setImmediate);
        last = performance.now();
      }
      next = steps.next(abort.signal.aborted);
    }
    return next.value;
  } finally {
    stop();
  }
}
