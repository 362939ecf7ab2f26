/** Evaluates a parsed template over values. */
import { ArgumentError, functionNames, type TemplateFunction, templateFunctions } from './functions.ts';
import type { Command, Node, Operand, Pipeline, Template } from './nodes.ts';
import { parseTemplate } from './parse.ts';
import { isList, isMap, isStruct, isTrue, show, sortedEntries, typeName, type Value } from './values.ts';

/** A template that cannot be evaluated over this value. */
export class TemplateError extends Error {
  constructor(template: Template, at: Position, why: string) {
    const before = template.source.slice(0, at.at).split('\n');
    const shown = at.source.length > 20 ? `${at.source.slice(0, 20)}...` : at.source;
    super(`template: :${before.length}:${before.at(-1)?.length ?? 0}: executing "" at <${shown}>: ${why}`);
    this.name = 'TemplateError';
  }
}

export interface Options {
  /** More functions, or others by the same name. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** The value of a field that the struct lacks; `undefined` makes it an error with the text of `lacking`. */
  readonly absent?: (field: string) => { readonly value: Value } | undefined;
  readonly lacking?: (field: string) => string;
}

/** A position in the source, and the text there. */
interface Position {
  readonly at: number;
  readonly source: string;
}

/** A field that the API left out. */
interface Left extends Position {
  readonly name: string;
}

class Break extends Error {}
class Continue extends Error {}

/** Compile once, render often. Throws `TemplateSyntaxError`; rendering throws `TemplateError`. */
export function compile(source: string, options: Options = {}): (value: Value) => string {
  const template = parseTemplate(
    source,
    new Set([...functionNames, ...Object.keys(options.functions ?? {})]),
  );
  return (value) => new Evaluation(template, options).render(value);
}

class Evaluation {
  private readonly template: Template;
  private readonly options: Options;
  private output = '';
  /** Variables, innermost last. */
  private readonly scope: { readonly name: string; value: Value }[] = [];

  constructor(template: Template, options: Options) {
    this.template = template;
    this.options = options;
  }

  render(value: Value): string {
    this.scope.push({ name: '', value });
    this.nodes(this.template.nodes, value);
    return this.output;
  }

  private nodes(nodes: readonly Node[], dot: Value): void {
    for (const node of nodes) this.node(node, dot);
  }

  private node(node: Node, dot: Value): void {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return;
      case 'action': {
        const value = this.pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.output += printed(value);
        return;
      }
      case 'break':
        throw new Break();
      case 'continue':
        throw new Continue();
      case 'template':
        this.call(node, dot);
        return;
      case 'range':
        this.scoped(() => this.range(node, dot));
        return;
      default:
        this.scoped(() => {
          const value = this.pipeline(node.pipeline, dot);
          if (isTrue(value)) this.nodes(node.body, node.kind === 'with' ? value : dot);
          else this.nodes(node.otherwise, dot);
        });
    }
  }

  /** Variables that the work declares end with it. */
  private scoped(work: () => void): void {
    const depth = this.scope.length;
    try {
      work();
    } finally {
      this.scope.length = depth;
    }
  }

  private call(node: Node & { readonly kind: 'template' }, dot: Value): void {
    const nodes = this.template.definitions.get(node.name);
    if (nodes === undefined) throw this.error(node, `template "${node.name}" not defined`);
    const value = node.pipeline === undefined ? undefined : this.pipeline(node.pipeline, dot);
    const outer = this.scope.splice(0);
    this.scope.push({ name: '', value });
    this.nodes(nodes, value);
    this.scope.splice(0, this.scope.length, ...outer);
  }

  private range(node: Node & { readonly kind: 'if' | 'with' | 'range' }, dot: Value): void {
    const { variables } = node.pipeline;
    const items = this.itemsOf(this.pipelineValue(node.pipeline, dot), node.pipeline);
    if (items.length === 0) this.nodes(node.otherwise, dot);
    for (const [key, value] of items) {
      try {
        this.scoped(() => {
          const bound = variables.length === 2 ? [key, value] : [value];
          for (const [at, name] of variables.entries()) this.bind(name, bound[at], node.pipeline.assigns);
          this.nodes(node.body, value);
        });
      } catch (thrown) {
        if (thrown instanceof Break) break;
        if (!(thrown instanceof Continue)) throw thrown;
      }
    }
  }

  private itemsOf(value: Value, at: Pipeline): [Value, Value][] {
    if (isList(value)) return value.map((item, place) => [place, item]);
    if (isMap(value)) return sortedEntries(value);
    if (value === undefined || value === null) return [];
    if (typeof value === 'number') return Array.from({ length: value }, (_none, place) => [place, place]);
    throw this.error(at, `range can't iterate over ${show(value)}`);
  }

  private bind(name: string, value: Value, assigns: boolean): void {
    const known = assigns ? this.scope.findLast((variable) => variable.name === name) : undefined;
    if (known !== undefined) known.value = value;
    else this.scope.push({ name, value });
  }

  private pipeline(pipeline: Pipeline, dot: Value): Value {
    const value = this.pipelineValue(pipeline, dot);
    for (const name of pipeline.variables) this.bind(name, value, pipeline.assigns);
    return value;
  }

  private pipelineValue(pipeline: Pipeline, dot: Value): Value {
    let last: { readonly value: Value } | undefined;
    for (const command of pipeline.commands) last = { value: this.command(command, dot, last) };
    return last?.value;
  }

  private command(command: Command, dot: Value, last: { readonly value: Value } | undefined): Value {
    const [first, ...rest] = command.operands;
    const args = (): Value[] => [
      ...rest.map((operand) => this.operand(operand, dot)),
      ...(last ? [last.value] : []),
    ];
    if (first.kind === 'function') return this.function(first, command, dot, last);
    const value = this.operand(first, dot, true);
    if (typeof value === 'function') return this.calling(first, first.source, () => value(...args()));
    if (rest.length > 0 || last !== undefined) {
      const what =
        first.kind === 'field'
          ? `${first.path.at(-1)} has arguments but cannot be invoked as function`
          : `can't give argument to non-function ${first.source}`;
      throw this.error(first, what);
    }
    return value;
  }

  private function(
    first: Operand & { readonly kind: 'function' },
    command: { readonly operands: readonly Operand[] } & Position,
    dot: Value,
    last: { readonly value: Value } | undefined,
  ): Value {
    const rest = command.operands.slice(1);
    if (first.name === 'and' || first.name === 'or') return this.lazily(first.name, rest, dot, last);
    const args = [...rest.map((operand) => this.operand(operand, dot)), ...(last ? [last.value] : [])];
    if (first.name === 'call') return this.calling(command, 'call', () => callOf(args));
    const known = this.options.functions?.[first.name] ?? templateFunctions[first.name];
    if (known === undefined) throw this.error(first, `"${first.name}" is not a defined function`);
    if (args.length < Math.min(known.length, 1)) {
      throw this.error(first, `wrong number of args for ${first.name}: want at least 1 got 0`);
    }
    return this.calling(command, first.name, () => known(...args));
  }

  private lazily(
    name: 'and' | 'or',
    rest: readonly Operand[],
    dot: Value,
    last: { readonly value: Value } | undefined,
  ): Value {
    let value: Value;
    for (const operand of rest) {
      value = this.operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return last === undefined ? value : last.value;
  }

  private calling(at: Position, name: string, work: () => Value): Value {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof TemplateError) throw thrown;
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw this.error(at, thrown instanceof ArgumentError ? why : `error calling ${name}: ${why}`);
    }
  }

  private operand(operand: Operand, dot: Value, called = false): Value {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        throw this.error(operand, 'nil is not a command');
      case 'literal':
        return operand.value;
      case 'field':
        return this.fields(dot, operand, called);
      case 'variable':
        return this.fields(this.scope.findLast(({ name }) => name === operand.name)?.value, operand, called);
      case 'group':
        return this.fields(this.pipeline(operand.pipeline, dot), operand, called);
      case 'function':
        return this.function(operand, { ...operand, operands: [operand] }, dot, undefined);
    }
  }

  private fields(from: Value, at: Operand & { readonly path: readonly string[] }, called: boolean): Value {
    let value = from;
    let offset = at.kind === 'variable' ? at.name.length + 1 : 0;
    let left: Left | undefined;
    for (const name of at.path) {
      // What the API left out has no fields either; the error is about the one that is missing.
      if (left !== undefined && (value === null || value === undefined)) throw this.missing(left.name, left);
      const place = { name, at: at.at + offset, source: at.source };
      left = isStruct(value) && !Object.hasOwn(value, name) ? place : undefined;
      value = this.field(value, name, place);
      offset += name.length + 1;
    }
    return typeof value === 'function' && !called ? this.calling(at, at.source, () => value()) : value;
  }

  private field(value: Value, name: string, at: Position): Value {
    // A key that a map lacks has no fields, and asking for them is no error (text/template, missingkey=default).
    if (isMap(value)) return value.get(name);
    if (isStruct(value)) {
      if (Object.hasOwn(value, name)) return value[name];
      const absent = this.options.absent?.(name);
      if (absent !== undefined) return absent.value;
      throw this.missing(name, at);
    }
    if (value === undefined) return undefined;
    if (value === null) throw this.missing(name, at);
    throw this.error(at, `can't evaluate field ${name} in type ${typeName(value)}`);
  }

  private missing(name: string, at: Position): TemplateError {
    return this.error(at, this.options.lacking?.(name) ?? `can't evaluate field ${name} in type struct`);
  }

  private error(at: Position, why: string): TemplateError {
    return new TemplateError(this.template, at, why);
  }
}

function callOf([target, ...args]: readonly Value[]): Value {
  if (typeof target !== 'function') throw new Error(`non-function of type ${typeName(target)}`);
  return target(...args);
}

const printed = (value: Value): string => (value === undefined ? '<no value>' : show(value));
