import { full, type HostArray } from "../../base/host.ts";
import { mapTree, type Tree, zipTrees } from "../../base/tree.ts";
import { arange, constant, type Tensor } from "../../graph/index.ts";
import type { Cached, Rows } from "./factorisation.ts";

/** What single steps keep: what rows keep before and after one begins, what is carried within, what its variables leave. */
interface Kept<T> {
  readonly rows: Tree<T>;
  readonly begun: Tree<T>;
  readonly carry: Tree<T>;
  readonly made: Tree<T>;
  readonly values: T;
}

/**
 * Generation by rows as generation by variables too, for those who must stop after each (a decoder that reads the next
 * value from a file): begins the row anew at each step, so it costs a row more for every variable.
 */
export function rowwise(rows: Rows): Cached {
  const stacked = (batch: number) =>
    mapTree<HostArray, HostArray>(rows.made(batch), ({ dtype, shape }) => full(dtype, [rows.length, ...shape], 0));
  return {
    rows,
    state: (batch) =>
      ({
        rows: rows.state(batch),
        begun: rows.state(batch),
        carry: rows.carry(batch),
        made: stacked(batch),
        values: full("float32", [rows.length, batch], 0),
      }) as unknown as Tree<HostArray>,
    step: (params, state, { position, previous, labels }) => {
      const given = labels ? { labels } : {};
      const kept = state as unknown as Kept<Tensor>;
      const column = position.mod(rows.length);
      const [opens, later] = [column.equal(0), position.greater(0)];
      const put = (stack: Tensor, value: Tensor, at: Tensor) => {
        const here = arange(rows.length).equal(at);
        return here.reshape([-1, ...value.shape.map(() => 1)]).select(value.expandDims(0), stack);
      };
      const values = put(kept.values, previous, position.add(rows.length - 1).mod(rows.length));
      const ended = rows.end(kept.begun, { made: kept.made, values });
      const before = zipTrees(ended, kept.rows, (a, b) => opens.and(later).select(a, b));
      const begun = rows.begin(params, before, given);
      const start = mapTree<HostArray, Tensor>(rows.carry(previous.shape[0]!), (leaf) => constant(leaf));
      const carry = zipTrees(start as Tree<Tensor>, kept.carry, (a, b) => opens.select(a, b));
      const seen = mapTree<Tensor, Tensor>(begun.seen, (leaf) => leaf.gather(column, 0)) as Tree<Tensor>;
      const inRow = { column, previous: opens.select(0, previous), ...given };
      const next = rows.step(params, carry, seen, inRow);
      const after: Kept<Tensor> = {
        rows: before,
        begun: begun.state,
        carry: next.carry,
        made: zipTrees(kept.made, next.made, (stack, value) => put(stack, value, column)),
        values,
      };
      return { logits: next.logits, state: after as unknown as Tree<Tensor> };
    },
  };
}
