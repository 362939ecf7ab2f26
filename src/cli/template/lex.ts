/** Splits a Go template into text and the tokens of its actions (pkg.go.dev/text/template). */

export interface Token {
  readonly kind:
    | 'text'
    | 'open'
    | 'close'
    | 'identifier'
    | 'field'
    | 'variable'
    | 'string'
    | 'number'
    | 'symbol'
    | 'space';
  /** Text of the token; of a string its value, of a field its name without the dot. */
  readonly text: string;
  /** Offset in the source. */
  readonly at: number;
  /** As it stands in the source. */
  readonly source: string;
}

/** A mistake in the template itself. */
export class TemplateSyntaxError extends Error {
  constructor(source: string, at: number, why: string) {
    const line = source.slice(0, at).split('\n').length;
    super(`template: :${line}: ${why}`);
    this.name = 'TemplateSyntaxError';
  }
}

const symbols = [':=', '|', '(', ')', ',', '='];
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  ['string', /`[^`]*`|"(?:[^"\\\n]|\\.)*"/y],
  ['number', /'(?:[^'\\\n]|\\.)+'|[+-]?0[xX][0-9a-fA-F_]+|[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['variable', /\$[\p{L}\d_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\d_]*/uy],
  ['identifier', /[\p{L}_][\p{L}\d_]*/uy],
  ['symbol', /\.(?![\p{L}\d_])/uy],
];

/** All tokens of the source. Trim markers are already applied to the texts around. */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at <= source.length) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    const trimThis = open >= 0 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    let text = source.slice(at, end);
    if (trimNext) text = text.trimStart();
    if (trimThis) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', text, at, source: text });
    if (open < 0) break;
    const action = lexAction(source, open, open + (trimThis ? 3 : 2));
    tokens.push(...action.tokens);
    at = action.next;
    trimNext = action.trims;
  }
  return tokens;
}

interface Action {
  readonly tokens: readonly Token[];
  readonly next: number;
  readonly trims: boolean;
}

function lexAction(source: string, open: number, start: number): Action {
  const comment = /[ \t\r\n]*\/\*[\s\S]*?\*\/([ \t\r\n]+-)?\}\}/y;
  comment.lastIndex = start;
  const found = comment.exec(source);
  if (found !== null) return { tokens: [], next: comment.lastIndex, trims: found[1] !== undefined };
  const tokens: Token[] = [{ kind: 'open', text: '{{', at: open, source: '{{' }];
  for (let at = start; ; ) {
    if (source.startsWith('}}', at)) return finish(tokens, at, 2, false);
    if (/^[ \t\r\n]-\}\}/.test(source.slice(at, at + 4))) return finish(tokens, at, 4, true);
    if (at >= source.length) throw new TemplateSyntaxError(source, open, 'unclosed action');
    const token = tokenAt(source, at);
    if (token.kind !== 'space' || tokens.at(-1)?.kind !== 'space') tokens.push(token);
    at += token.source.length;
  }
}

function finish(tokens: Token[], at: number, length: number, trims: boolean): Action {
  tokens.push({ kind: 'close', text: '}}', at, source: '}}' });
  return { tokens, next: at + length, trims };
}

function tokenAt(source: string, at: number): Token {
  // A space before the right trim marker belongs to the marker.
  const space = /^[ \t\r\n]+(?=[ \t\r\n]-\}\})/.exec(source.slice(at));
  if (space !== null) return { kind: 'space', text: ' ', at, source: space[0] };
  for (const symbol of symbols) {
    if (source.startsWith(symbol, at)) return { kind: 'symbol', text: symbol, at, source: symbol };
  }
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) return { kind, text: tokenText(kind, match[0], source, at), at, source: match[0] };
  }
  if (source[at] === '"') throw new TemplateSyntaxError(source, at, 'unterminated quoted string');
  if (source[at] === '`') throw new TemplateSyntaxError(source, at, 'unterminated raw quoted string');
  const character = String.fromCodePoint(source.codePointAt(at) ?? 0);
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  throw new TemplateSyntaxError(source, at, `unrecognized character in action: U+${code} '${character}'`);
}

function tokenText(kind: Token['kind'], text: string, source: string, at: number): string {
  if (kind === 'field') return text.slice(1);
  if (kind !== 'string') return text;
  return text.startsWith('`') ? text.slice(1, -1) : unquote(text.slice(1, -1), source, at);
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The value of a Go string or rune literal without its quotes. */
export function unquote(text: string, source: string, at: number): string {
  return text.replace(
    /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs,
    (_whole, code: string) => {
      const plain = escapes[code];
      if (plain !== undefined) return plain;
      if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
      if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
      throw new TemplateSyntaxError(source, at, 'invalid syntax');
    },
  );
}
