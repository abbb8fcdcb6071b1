import { create } from "@bufbuild/protobuf";
import { DataError } from "../base/errors.ts";
import { type DType, HostArray } from "../base/host.ts";
import { sizeOf } from "../base/shape.ts";
import { type TensorProto, TensorProto_DataType, TensorProtoSchema } from "./generated/onnx_pb.js";

const codes: Record<DType, number> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

const elementBytes: Record<DType, number> = { float32: 4, float64: 8, int64: 8, bool: 1 };

/** ONNX's number for an element type. */
export function dtypeCode(dtype: DType): number {
  return codes[dtype];
}

/** The element type behind ONNX's number, or undefined for those Sampo does not have. */
export function dtypeOfCode(code: number): DType | undefined {
  return (Object.keys(codes) as DType[]).find((dtype) => codes[dtype] === code);
}

/** The bytes of a host array's elements, without a copy. */
export function bytesOf({ data }: HostArray): Uint8Array {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** A host array as a named ONNX tensor with raw data. */
export function toTensorProto(name: string, array: HostArray): TensorProto {
  const dims = array.shape.map(BigInt);
  return create(TensorProtoSchema, { name, dims, dataType: codes[array.dtype], rawData: bytesOf(array) });
}

/** The values of an ONNX tensor, raw or as lists of numbers. */
export function fromTensorProto(tensor: TensorProto): HostArray {
  const dtype = dtypeOfCode(tensor.dataType);
  if (!dtype) throw new DataError(`tensor ${tensor.name} has element type ${tensor.dataType}, which Sampo cannot read`);
  const shape = tensor.dims.map(Number);
  const { rawData } = tensor;
  if (rawData.length % elementBytes[dtype] !== 0)
    throw new DataError(`tensor ${tensor.name} has ${rawData.length} bytes, not a whole number of ${dtype} elements`);
  const data = rawData.length > 0 ? fromRaw(dtype, rawData) : fromLists(dtype, tensor);
  if (data.length !== sizeOf(shape))
    throw new DataError(`tensor ${tensor.name} has ${data.length} elements, its shape needs ${sizeOf(shape)}`);
  return new HostArray(dtype, shape, data);
}

function fromRaw(dtype: DType, raw: Uint8Array): HostArray["data"] {
  const { buffer } = new Uint8Array(raw);
  if (dtype === "bool") return new Uint8Array(buffer);
  if (dtype === "int64") return new BigInt64Array(buffer);
  return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
}

function fromLists(dtype: DType, tensor: TensorProto): HostArray["data"] {
  if (dtype === "bool") return Uint8Array.from(tensor.int32Data);
  if (dtype === "int64") return BigInt64Array.from(tensor.int64Data);
  return dtype === "float32" ? Float32Array.from(tensor.floatData) : Float64Array.from(tensor.doubleData);
}
