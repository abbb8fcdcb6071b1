/** Networks in the Interchange Format (BIF). */
export { type BifOptions, readBif } from "./read.ts";
export { writeBif } from "./write.ts";
