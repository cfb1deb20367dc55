// The words of a bash script: as much of the grammar as a runbook may use. A runbook that needs more is too long for three in the morning.

/* eslint-disable sonarjs/super-linear-regex -- they read our own files */

export type Token = { readonly kind: 'word' | 'operator'; readonly text: string; readonly line: number };

export type Words = {
  readonly tokens: readonly Token[];
  /** Of `$(…)`, wherever they stand. */
  readonly inner: readonly { readonly script: string; readonly line: number }[];
  /** Variables that are read, with the line. Not those in single quotes. */
  readonly variables: readonly { readonly name: string; readonly line: number }[];
  /** Here-documents by the number of the token after which they stand. */
  readonly documents: ReadonlyMap<number, string>;
};

const REDIRECTION = /^\d*(?:<<<|<<-?|>>|>&|<&|[<>])/;
const SEPARATOR = /^(?:&&|\|\||;;|&>|\{(?=\s)|[;|&()}\n])/;
const operatorAt = (text: string): string | undefined => (REDIRECTION.exec(text) ?? SEPARATOR.exec(text))?.[0];
const VARIABLE = /^\$(?:\{[#!]?(\w+)[^}]*\}|(\w+|[?!#@*$-]))/;

/** The index after the `)` that belongs to the `(` at `start`. */
const closing = (text: string, start: number): number => {
  let depth = 0;
  let quote = '';
  for (let index = start; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (quote === '' && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = '';
    else if (quote === '' && char === '(') depth += 1;
    else if (quote === '' && char === ')' && (depth -= 1) === 0) return index + 1;
  }
  throw new Error('a parenthesis is not closed');
};

/** @throws Error for what cannot be read */
export const wordsOf = (script: string, firstLine = 1): Words => {
  const tokens: Token[] = [];
  const inner: { script: string; line: number }[] = [];
  const variables: { name: string; line: number }[] = [];
  const documents = new Map<number, string>();
  let at = 0;
  let line = firstLine;
  let word: string | undefined;
  let wordLine = line;
  let pending: string | undefined; // the end of a here-document, which begins on the next line

  const add = (text: string): void => {
    if (word === undefined) wordLine = line;
    word = (word ?? '') + text;
  };
  const endWord = (): void => {
    if (word !== undefined) tokens.push({ kind: 'word', text: word, line: wordLine });
    word = undefined;
  };
  const skip = (length: number): string => {
    const text = script.slice(at, at + length);
    line += text.split('\n').length - 1;
    at += length;
    return text;
  };

  /** At a dollar sign: a command, a calculation or a variable. */
  const readDollar = (): void => {
    if (script.startsWith('$(', at)) {
      const end = closing(script, at + 1);
      const text = script.slice(at + 2, end - 1);
      if (text.startsWith('(')) for (const [name] of text.matchAll(/[A-Za-z_]\w*/g)) variables.push({ name, line });
      else inner.push({ script: text, line });
      add('$()');
      skip(end - at);
      return;
    }
    const [whole = '$', braced, plain] = VARIABLE.exec(script.slice(at)) ?? [];
    const name = braced ?? plain;
    if (name !== undefined && /^[A-Za-z_]/.test(name)) variables.push({ name, line });
    add(whole);
    skip(whole.length);
  };
  const readDoubleQuotes = (): void => {
    skip(1);
    add('');
    while (script.charAt(at) !== '"') {
      if (at >= script.length) throw new Error('a quote is not closed');
      if (script.charAt(at) === '$') readDollar();
      else if (script.charAt(at) === '\\') add(skip(2).slice(1));
      else add(skip(1));
    }
    skip(1);
  };
  const readSingleQuotes = (): void => {
    const end = script.indexOf("'", at + 1);
    if (end < 0) throw new Error('a quote is not closed');
    add(script.slice(at + 1, end));
    skip(end + 1 - at);
  };
  const readDocument = (end: string): void => {
    const rows = script.slice(at).split('\n');
    const length = rows.findIndex((row) => row.trim() === end);
    const text = rows.slice(0, length).join('\n');
    documents.set(tokens.length, text);
    for (const [, name = ''] of text.matchAll(/\$\{?([A-Za-z_]\w*)/g)) variables.push({ name, line });
    skip(rows.slice(0, length + 1).join('\n').length);
    pending = undefined;
  };
  const readOperator = (text: string): void => {
    endWord();
    tokens.push({ kind: 'operator', text: text.replace(/^\d+/, ''), line });
    skip(text.length);
    if (text === '\n' && pending !== undefined) readDocument(pending);
    const [all, end] = text.startsWith('<<') && text !== '<<<' ? (/^\s*'?(\w+)'?/.exec(script.slice(at)) ?? []) : [];
    if (all === undefined || end === undefined) return;
    pending = end;
    skip(all.length);
  };

  while (at < script.length) {
    const char = script.charAt(at);
    const operator = operatorAt(script.slice(at));
    if (char === '\\') {
      const escaped = skip(2);
      if (escaped !== '\\\n') add(escaped.slice(1));
    } else if (char === "'") readSingleQuotes();
    else if (char === '"') readDoubleQuotes();
    else if (char === '$') readDollar();
    else if (char === '#' && word === undefined) skip((script.slice(at).split('\n')[0] ?? '').length);
    else if (operator !== undefined && (word === undefined || !/^[\d{}]/.test(operator))) readOperator(operator);
    else if (/\s/.test(char)) {
      endWord();
      skip(1);
    } else add(skip(1));
  }
  endWord();
  return { tokens, inner, variables, documents };
};
