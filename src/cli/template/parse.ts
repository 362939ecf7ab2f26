/** Parses a Go template into its tree. Throws `TemplateSyntaxError`. */
import { lex, TemplateSyntaxError, type Token } from './lex.ts';
import type { Node, Pipeline, Template } from './nodes.ts';
import { PipelineParser } from './pipeline.ts';

/** Names of the functions that a template may call are checked while parsing, as Go does. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(source, functions);
  const nodes = parser.nodesUntil([]);
  return { source, nodes, definitions: parser.definitions };
}

type Branch = 'if' | 'with' | 'range';

class Parser extends PipelineParser {
  readonly definitions = new Map<string, readonly Node[]>();
  /** Keyword that ended the last list: `end`, `else`. */
  private ending = '';
  private depthOfRange = 0;

  constructor(source: string, functions: ReadonlySet<string>) {
    super(source, lex(source), functions);
  }

  /** Nodes up to one of the ending keywords (none: up to the end of the template). */
  nodesUntil(endings: readonly string[]): Node[] {
    const nodes: Node[] = [];
    for (let token = this.next(); token !== undefined; token = this.next()) {
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text, at: token.at, source: token.source });
        continue;
      }
      this.skipSpace();
      const keyword = this.peek();
      const name = keyword?.kind === 'identifier' ? keyword.text : '';
      if (name === 'end' || name === 'else') {
        if (!endings.includes(name)) throw this.error(token.at, `unexpected {{${name}}}`);
        this.next();
        this.ending = name;
        return nodes;
      }
      const node = this.action(name, token.at);
      if (node !== undefined) nodes.push(node);
    }
    if (endings.length > 0) throw this.error(this.source.length, 'unexpected EOF');
    return nodes;
  }

  private action(keyword: string, at: number): Node | undefined {
    switch (keyword) {
      case 'if':
      case 'with':
      case 'range':
        this.next();
        return this.branch(keyword, at);
      case 'define':
      case 'block':
        this.next();
        return this.definition(keyword, at);
      case 'template':
        this.next();
        return this.call();
      case 'break':
      case 'continue':
        this.next();
        if (this.depthOfRange === 0) throw this.error(at, `{{${keyword}}} outside {{range}}`);
        this.close(keyword);
        return { kind: keyword, at, source: keyword };
      default:
        return { kind: 'action', pipeline: this.closedPipeline('command'), at, source: '' };
    }
  }

  private branch(kind: Branch, at: number): Node {
    const pipeline = this.closedPipeline(kind);
    const scope = this.variables.length - pipeline.variables.length;
    if (kind === 'range') this.depthOfRange++;
    const body = this.nodesUntil(['end', 'else']);
    if (kind === 'range') this.depthOfRange--;
    const otherwise = this.ending === 'else' ? this.alternative(kind) : [];
    if (otherwise.length === 0 && this.ending === 'end') this.close('end');
    this.variables.length = scope;
    return { kind, pipeline, body, otherwise, at, source: kind };
  }

  /** After `else`: `{{else}}...{{end}}`, or `{{else if ...}}` that shares our end. */
  private alternative(kind: Branch): Node[] {
    this.skipSpace();
    const token = this.peek();
    if (kind !== 'range' && token?.kind === 'identifier' && token.text === kind) {
      this.next();
      const nested = this.branch(kind, token.at);
      this.ending = '';
      return [nested];
    }
    this.close('else');
    const nodes = this.nodesUntil(['end']);
    this.close('end');
    this.ending = '';
    return nodes;
  }

  private definition(keyword: 'define' | 'block', at: number): Node | undefined {
    const name = this.quotedName(keyword).text;
    const pipeline = keyword === 'block' ? this.closedPipeline('block clause') : undefined;
    if (keyword === 'define') this.close('define clause');
    this.definitions.set(name, this.nodesUntil(['end']));
    this.close('end');
    return keyword === 'define' ? undefined : { kind: 'template', name, pipeline, at, source: `"${name}"` };
  }

  private call(): Node {
    const { text: name, at: place } = this.quotedName('template');
    this.skipSpace();
    const pipeline: Pipeline | undefined =
      this.peek()?.kind === 'close' ? undefined : this.closedPipeline('template clause');
    if (pipeline === undefined) this.close('template clause');
    return { kind: 'template', name, pipeline, at: place, source: `{{template "${name}"}}` };
  }

  private quotedName(clause: string): Token {
    this.skipSpace();
    const token = this.next();
    if (token?.kind === 'string') return token;
    throw new TemplateSyntaxError(
      this.source,
      token?.at ?? 0,
      `unexpected "${token?.source ?? 'EOF'}" in ${clause} clause`,
    );
  }
}
