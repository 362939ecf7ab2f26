/** The few kinds of fields that Docker's structs are made of. Every field may be left out, as in Go. */
import Type from 'typebox';

export const text = Type.Optional(Type.String());
export const flag = Type.Optional(Type.Boolean());
/** Go's int64; its bounds as a double has them. */
export const integer = Type.Optional(Type.Integer({ minimum: -(2 ** 63), maximum: 2 ** 63 }));
/** Go's uint64 and uint32. */
export const unsigned = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 64 }));
export const unsigned32 = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }));
/** Go's float64, and float32. */
export const decimal = Type.Optional(Type.Number());
export const texts = Type.Optional(Type.Array(Type.String()));
/** `map[string]string` */
export const textMap = Type.Optional(Type.Record(Type.String(), Type.String()));
/** `map[string]struct{}`: a set. */
export const keySet = Type.Optional(Type.Record(Type.String(), Type.Object({})));
/** Docker's strslice: a list, or one string that stands for a list of one. */
export const words = Type.Optional(Type.Union([Type.Array(Type.String()), Type.String()]));
/** Anything; for fields that are looked at only to refuse them by name. */
export const anything = Type.Optional(Type.Unknown());

/** The list that a strslice stands for; undefined when it was not given. */
export function wordList(value: readonly string[] | string | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}
