/** Neural conditionals, and sampling of nodes of any kind. */
export { type NeuralConditional, type NeuralOptions, tabulate, trainNeural } from "./conditional.ts";
export { type ForwardDraws, type ForwardNode, forwardWeighting, gaussianForward, tableNodes } from "./forward-nodes.ts";
