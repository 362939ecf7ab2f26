/** Parses the inside of an action: pipelines, commands, operands. */
import { TemplateSyntaxError, type Token, unquote } from './lex.ts';
import type { Command, Operand, Pipeline } from './nodes.ts';

const constants: Readonly<Record<string, boolean>> = { true: true, false: false };

/** A parser over the tokens of one template; the statements are added by its heir. */
export class PipelineParser {
  /** Names of the variables in scope, innermost last. */
  readonly variables: string[] = [''];
  readonly source: string;
  private readonly functions: ReadonlySet<string>;
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(source: string, tokens: readonly Token[], functions: ReadonlySet<string>) {
    this.source = source;
    this.tokens = tokens;
    this.functions = functions;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.position + ahead];
  }

  next(): Token | undefined {
    return this.tokens[this.position++];
  }

  skipSpace(): void {
    while (this.peek()?.kind === 'space') this.position++;
  }

  error(at: number, why: string): TemplateSyntaxError {
    return new TemplateSyntaxError(this.source, at, why);
  }

  /** The end of an action is due. */
  close(context: string): void {
    this.skipSpace();
    const token = this.next();
    if (token?.kind !== 'close') throw this.unexpected(token, context);
  }

  private unexpected(token: Token | undefined, context: string): TemplateSyntaxError {
    if (token === undefined) return this.error(this.source.length, 'unclosed action');
    const shown =
      token.kind === 'identifier' || token.kind === 'field'
        ? `<${token.source}>`
        : JSON.stringify(token.source);
    return this.error(token.at, `unexpected ${shown} in ${context}`);
  }

  /** A pipeline and the end of its action. */
  closedPipeline(context: string): Pipeline {
    const pipeline = this.pipeline(context);
    this.close(context);
    return pipeline;
  }

  private pipeline(context: string): Pipeline {
    this.skipSpace();
    const start = this.peek()?.at ?? 0;
    const { variables, assigns } = this.declarations(context);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.command(context));
      this.skipSpace();
      if (this.peek()?.text !== '|' || this.peek()?.kind !== 'symbol') break;
      this.next();
    }
    if (!assigns) this.variables.push(...variables);
    return {
      commands,
      variables,
      assigns,
      at: start,
      source: this.source.slice(start, this.peek()?.at).trim(),
    };
  }

  /** `$x :=`, `$x =`, `$i, $x :=`; nothing where no such thing stands. */
  private declarations(context: string): { variables: string[]; assigns: boolean } {
    const before = this.position;
    const variables: string[] = [];
    for (;;) {
      this.skipSpace();
      const token = this.next();
      if (token?.kind !== 'variable' || token.text === '$') break;
      variables.push(token.text.slice(1));
      this.skipSpace();
      const symbol = this.next();
      if (symbol?.kind === 'symbol' && (symbol.text === ':=' || symbol.text === '=')) {
        return { variables, assigns: symbol.text === '=' };
      }
      if (symbol?.text !== ',' || context !== 'range') break;
    }
    this.position = before;
    return { variables: [], assigns: false };
  }

  private command(context: string): Command {
    this.skipSpace();
    const at = this.peek()?.at ?? 0;
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.operand(context);
      if (operand === undefined) break;
      operands.push(operand);
      if (this.peek()?.kind !== 'space') break;
      this.skipSpace();
    }
    const [first, ...rest] = operands;
    if (first === undefined) throw this.missing(context);
    const token = this.peek();
    if (token?.kind !== 'close' && token?.text !== '|' && token?.text !== ')')
      throw this.unexpected(token, 'operand');
    return { operands: [first, ...rest], at, source: this.source.slice(at, token?.at).trim() };
  }

  private missing(context: string): TemplateSyntaxError {
    const token = this.peek();
    return token === undefined || token.kind === 'close'
      ? this.error(token?.at ?? this.source.length, `missing value for ${context}`)
      : this.unexpected(token, context);
  }

  private operand(context: string): Operand | undefined {
    const token = this.peek();
    if (token === undefined || token.kind === 'close') return undefined;
    const at = token.at;
    switch (token.kind) {
      case 'identifier':
        this.next();
        return this.named(token);
      case 'string':
      case 'number':
        this.next();
        return { kind: 'literal', value: this.literal(token), at, source: token.source };
      case 'field': {
        const path = this.path();
        return { kind: 'field', path, at, source: path.map((name) => `.${name}`).join('') };
      }
      case 'variable':
        this.next();
        return this.variable(token);
      default:
        return this.symbol(token, context);
    }
  }

  private symbol(token: Token, context: string): Operand | undefined {
    if (token.text === '.') {
      this.next();
      return { kind: 'dot', at: token.at, source: '.' };
    }
    if (token.text !== '(') return undefined;
    this.next();
    const pipeline = this.pipeline('parenthesized pipeline');
    this.skipSpace();
    const end = this.next();
    if (end?.text !== ')')
      throw this.error(
        token.at,
        end === undefined ? 'unclosed left paren' : `unclosed left paren in ${context}`,
      );
    const path = this.path();
    return {
      kind: 'group',
      pipeline,
      path,
      at: token.at,
      source: this.source.slice(token.at, this.peek()?.at).trim(),
    };
  }

  private path(): string[] {
    const path: string[] = [];
    for (let token = this.peek(); token?.kind === 'field'; token = this.peek()) {
      path.push(token.text);
      this.next();
    }
    return path;
  }

  private named(token: Token): Operand {
    const { text: name, at, source } = token;
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (constant !== undefined) return { kind: 'literal', value: constant, at, source };
    if (name === 'nil') return { kind: 'nil', at, source };
    if (!this.functions.has(name)) throw this.error(at, `function "${name}" not defined`);
    return { kind: 'function', name, at, source };
  }

  private variable(token: Token): Operand {
    const name = token.text.slice(1);
    if (!this.variables.includes(name)) throw this.error(token.at, `undefined variable "${token.text}"`);
    const path = this.path();
    return { kind: 'variable', name, path, at: token.at, source: [token.text, ...path].join('.') };
  }

  private literal(token: Token): string | number {
    if (token.kind === 'string') return token.text;
    const text = token.text.replaceAll('_', '');
    if (text.startsWith("'")) return unquote(text.slice(1, -1), this.source, token.at).codePointAt(0) ?? 0;
    const negative = text.startsWith('-');
    const value = Number(text.replace(/^[+-]/, ''));
    if (Number.isNaN(value)) throw this.error(token.at, `bad number syntax: "${token.source}"`);
    return negative ? -value : value;
  }
}
