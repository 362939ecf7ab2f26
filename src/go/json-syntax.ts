/** Why a text is not JSON, in the words of Go's `encoding/json` (scanner.go). */

const isSpace = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\n';
const isDigit = (char: string): boolean => char >= '0' && char <= '9';

/** How Go quotes a byte in its messages. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  if (char === '\\') return `'\\\\'`;
  const code = char.charCodeAt(0);
  const short = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' }[code];
  if (short !== undefined) return `'\\${short}'`;
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, '0')}'`;
  if (code >= 0x80 && code < 0xa0) return `'\\u00${code.toString(16)}'`;
  return `'${char}'`;
}

/** As in Go's scanner. */
const maxDepth = 10_000;

class SyntaxProblem extends Error {}

/** Reads one value; Go looks at bytes, so the text is one character per byte. */
class Scanner {
  readonly #bytes: string;
  #at = 0;

  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'utf8').toString('latin1');
  }

  #peek(): string {
    const char = this.#bytes[this.#at];
    if (char === undefined) throw new SyntaxProblem('unexpected EOF');
    return char;
  }

  #space(): string {
    while (isSpace(this.#peek())) this.#at += 1;
    return this.#peek();
  }

  #refuse(context: string): never {
    throw new SyntaxProblem(`invalid character ${quoted(this.#peek())} ${context}`);
  }

  /** Skips the end of an empty object or list; false where something else follows. */
  #ends(end: string): boolean {
    if (this.#space() !== end) return false;
    this.#at += 1;
    return true;
  }

  /** Reads one value; throws SyntaxProblem. Not recursive: 10,000 levels would overflow the stack. */
  value(): void {
    const open: string[] = [];
    let isComplete = false;
    do isComplete = isComplete ? this.#continues(open) : this.#begins(open);
    while (open.length > 0 || !isComplete);
  }

  /** Reads a scalar, or an opening bracket and the first key. True where a value is complete. */
  #begins(open: string[]): boolean {
    const char = this.#space();
    if (char !== '{' && char !== '[') {
      this.#scalar(char);
      return true;
    }
    if (open.length >= maxDepth) this.#refuse('exceeded max depth');
    this.#at += 1;
    if (this.#ends(char === '{' ? '}' : ']')) return true;
    if (char === '{') this.#key();
    open.push(char);
    return false;
  }

  /** Reads what follows a value within brackets. True where the closing bracket completes the outer value. */
  #continues(open: string[]): boolean {
    const isObject = open.at(-1) === '{';
    const end = isObject ? '}' : ']';
    const next = this.#space();
    if (next !== ',' && next !== end)
      this.#refuse(isObject ? 'after object key:value pair' : 'after array element');
    this.#at += 1;
    if (next === end) {
      open.pop();
      return true;
    }
    if (isObject) this.#key();
    return false;
  }

  #key(): void {
    if (this.#space() !== '"') this.#refuse('looking for beginning of object key string');
    this.#string();
    if (this.#space() !== ':') this.#refuse('after object key');
    this.#at += 1;
  }

  #scalar(char: string): void {
    const word = { t: 'true', f: 'false', n: 'null' }[char];
    if (char === '"') this.#string();
    else if (char === '-' || isDigit(char)) this.#number();
    else if (word === undefined) this.#refuse('looking for beginning of value');
    else this.#word(word);
  }

  #string(): void {
    this.#at += 1;
    for (; this.#peek() !== '"'; this.#at += 1) {
      if (this.#peek() < ' ') this.#refuse('in string literal');
      if (this.#peek() === '\\') this.#escape();
    }
    this.#at += 1;
  }

  #escape(): void {
    this.#at += 1;
    if (!'bfnrt\\/"u'.includes(this.#peek())) this.#refuse('in string escape code');
    if (this.#peek() !== 'u') return;
    for (let digit = 0; digit < 4; digit += 1) {
      this.#at += 1;
      if (!/[0-9a-fA-F]/.test(this.#peek())) this.#refuse('in \\u hexadecimal character escape');
    }
  }

  #word(word: string): void {
    for (const wanted of word) {
      if (this.#peek() !== wanted) this.#refuse(`in literal ${word} (expecting ${quoted(wanted)})`);
      this.#at += 1;
    }
  }

  #digits(): void {
    while (isDigit(this.#bytes[this.#at] ?? '')) this.#at += 1;
  }

  #number(): void {
    if (this.#peek() === '-') {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.#refuse('in numeric literal');
    }
    if (this.#peek() === '0') this.#at += 1;
    else this.#digits();
    if (this.#bytes[this.#at] === '.') {
      this.#at += 1;
      if (!isDigit(this.#peek())) this.#refuse('after decimal point in numeric literal');
      this.#digits();
    }
    if (this.#bytes[this.#at]?.toLowerCase() !== 'e') return;
    this.#at += 1;
    if (this.#peek() === '+' || this.#peek() === '-') this.#at += 1;
    if (!isDigit(this.#peek())) this.#refuse('in exponent of numeric literal');
    this.#digits();
  }
}

/**
 * The error of Go's `json.Decoder` for a text; undefined where its first value is well formed. Whatever follows that
 * value is not looked at.
 */
export function jsonProblem(text: string): string | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}
