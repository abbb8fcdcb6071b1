/** Statically binarised MNIST. */
export const staticMnist =
  "50,000 / 10,000 / 10,000, fixed binarisation (Larochelle & Murray 2011), best parameters by validation";

/** Characters of tiny-shakespeare. */
export const shakespeare =
  "characters; the first 90 % train, the rest validates; mean over windows that follow one another, their first token given";
