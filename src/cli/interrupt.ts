/** Calls `action` at the first Ctrl-C or termination; the next one ends the process as usual. Returns how to stop listening. */
export function onInterrupt(action: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, once);
  };
  const once = () => {
    stop();
    action();
  };
  for (const signal of signals) process.on(signal, once);
  return stop;
}
