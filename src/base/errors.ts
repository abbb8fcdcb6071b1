/** Any failure Sampo foresees: one sentence that says what, where and what to do. The command line exits with `exitCode`. */
export class SampoError extends Error {
  override readonly name: string = "SampoError";
  readonly exitCode: number = 1;
}

/** The caller asked for something that does not exist or does not fit: unknown option, model, data set, wrong type. */
export class UsageError extends SampoError {
  override readonly name = "UsageError";
  override readonly exitCode = 2;
}

/** A tensor operation got shapes or dtypes that do not fit together. */
export class ShapeError extends SampoError {
  override readonly name = "ShapeError";
}

/** A file or stream is truncated, corrupt, hostile or of another format than its name says. */
export class DataError extends SampoError {
  override readonly name = "DataError";
}
