/** Laws of vectors, in float64. */
export {
  categoricalDirichlet,
  type DirichletUpdate,
  multinomialDirichlet,
  type NormalInverseWishartParameters,
  type NormalInverseWishartUpdate,
  normalInverseWishart,
} from "./conjugate.ts";
export { type Dirichlet, type DirichletParameters, dirichlet, klDirichlet } from "./dirichlet.ts";
export {
  type DirichletMultinomial,
  type DirichletMultinomialParameters,
  dirichletMultinomial,
  klDirichletMultinomial,
} from "./dirichlet-multinomial.ts";
export * as fit from "./fit.ts";
export type { Matrix, MatrixLike } from "./matrix.ts";
export { klMultinomial, type Multinomial, type MultinomialParameters, multinomial } from "./multinomial.ts";
export type { Multivariate } from "./multivariate.ts";
export {
  klMultivariateNormal,
  type MultivariateNormal,
  type MultivariateNormalParameters,
  multivariateNormal,
} from "./multivariate-normal.ts";
export { type MultivariateStudentTParameters, multivariateStudentT } from "./student-t.ts";
