/** Words of a text as a shell splits them: quotes, backslashes, comments (google/shlex). */

const quoted = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)/sy;

/** Throws an `Error` for a quote that is not closed. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    if (text.charAt(at) === '#') {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      at = end;
      continue;
    }
    const { word, end } = wordAt(text, at);
    words.push(word);
    at = end;
  }
  return words;
}

function wordAt(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = '';
  let at = start;
  while (at < text.length && !/\s/.test(text.charAt(at))) {
    quoted.lastIndex = at;
    const found = quoted.exec(text);
    if (found === null) {
      const isEscape = text.charAt(at) === '\\';
      throw new Error(
        isEscape ? 'EOF found after escape character' : 'EOF found when expecting closing quote',
      );
    }
    const [whole, double, single, escaped, plain] = found;
    word += double?.replace(/\\(.)/gs, '$1') ?? single ?? escaped ?? plain ?? '';
    at += whole.length;
  }
  return { word, end: at };
}
