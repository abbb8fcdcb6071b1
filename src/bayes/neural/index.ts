/** Neural conditionals, and sampling of nodes of any kind. */
export {
  MOST_ROWS,
  type NeuralConditional,
  type NeuralOptions,
  neuralConditional,
  type Scale,
  tabulate,
  trainNeural,
  type Weights,
} from "./conditional.ts";
export {
  type ForwardDraws,
  type ForwardNode,
  forwardWeighting,
  gaussianForward,
  regimesForward,
  tableNodes,
} from "./forward-nodes.ts";
