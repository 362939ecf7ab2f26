/** The tree of a parsed template. */

interface Positioned {
  /** Offset in the source. */
  readonly at: number;
  /** As the source has it; errors quote it. */
  readonly source: string;
}

/** A value inside a command. */
export type Operand = Positioned &
  (
    | { readonly kind: 'dot' }
    | { readonly kind: 'nil' }
    | { readonly kind: 'literal'; readonly value: string | number | boolean }
    /** `.A.B`, from the dot. */
    | { readonly kind: 'field'; readonly path: readonly string[] }
    /** `$x.A`; the name is '' for `$`. */
    | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
    /** `(pipeline).A` */
    | { readonly kind: 'group'; readonly pipeline: Pipeline; readonly path: readonly string[] }
    | { readonly kind: 'function'; readonly name: string }
  );

/** A function or field with its arguments. */
export interface Command extends Positioned {
  readonly operands: readonly [Operand, ...Operand[]];
}

export interface Pipeline extends Positioned {
  readonly commands: readonly Command[];
  /** Variables that it sets: `$x :=` or, for range, `$i, $x :=`. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
}

export type Node = Positioned &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'action'; readonly pipeline: Pipeline }
    | {
        readonly kind: 'if' | 'with' | 'range';
        readonly pipeline: Pipeline;
        readonly body: readonly Node[];
        readonly otherwise: readonly Node[];
      }
    | { readonly kind: 'break' | 'continue' }
    | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  );

export interface Template {
  readonly source: string;
  readonly nodes: readonly Node[];
  /** By `{{define "name"}}`. */
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}
