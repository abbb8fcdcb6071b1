/** Neural conditionals, and sampling of nodes of any kind. */
export {
  MOST_ROWS,
  type NeuralConditional,
  neuralConditional,
  type Scale,
  tabulate,
  type Weights,
} from "./conditional.ts";
export {
  countsForward,
  type ForwardDraws,
  type ForwardNode,
  forwardWeighting,
  gaussianForward,
  regimesForward,
  tableNodes,
} from "./forward-nodes.ts";
export { type NeuralOptions, trainNeural } from "./train.ts";
