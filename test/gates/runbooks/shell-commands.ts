// The simple commands of a bash script, with their arguments: what a rule can compare with what exists.

import { wordsOf, type Token } from './shell-words.ts';

export type Command = {
  /** The program and its arguments, without quotes and assignments. Variables stay as `$NAME`, `$(…)` is `$()`. */
  readonly words: readonly string[];
  /** A here-document or here-string on its standard input. */
  readonly input: string;
  readonly line: number;
};

export type Script = {
  readonly commands: readonly Command[];
  readonly variables: readonly { readonly name: string; readonly line: number }[];
  /** Variables that the script sets, and functions that it defines. */
  readonly defined: ReadonlySet<string>;
};

const KEYWORDS = new Set(['if', 'then', 'else', 'elif', 'fi', 'while', 'until', 'do', 'done', '!', 'time']);
const ENDS = new Set([';', '&', '&&', '||', '|', '\n', '(', ')', '{', '}']);
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;

/** Tokens between the ends of simple commands. */
const groupsOf = (tokens: readonly Token[]): { tokens: Token[]; last: number; isFunction: boolean }[] => {
  const groups = [{ tokens: [] as Token[], last: 0, isFunction: false }];
  for (const [index, token] of tokens.entries()) {
    const current = groups.at(-1);
    if (current === undefined) break;
    if (token.kind === 'operator' && ENDS.has(token.text)) {
      current.last = index;
      if (token.text === '(' && current.tokens.length === 1) current.isFunction = tokens[index + 1]?.text === ')';
      groups.push({ tokens: [], last: index, isFunction: false });
    } else current.tokens.push(token);
  }
  return groups.filter((group) => group.tokens.length > 0);
};

/** Without redirections; what `<<<` gives is the input. */
const plainWords = (tokens: readonly Token[]): { words: Token[]; input: string } => {
  const words: Token[] = [];
  let input = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (before?.kind === 'operator') input += before.text === '<<<' ? token.text : '';
    else if (token.kind === 'word') words.push(token);
  }
  return { words, input };
};

const definedBy = (words: readonly string[]): string[] => {
  const [program = '', ...args] = words;
  if (program === 'for') return args.slice(0, 1);
  if (program === 'read') return args.slice(-1);
  if (['export', 'local', 'declare'].includes(program)) return args.flatMap((arg) => /^\w+/.exec(arg)?.[0] ?? []);
  return [];
};

/** @param firstLine of the script in its file. @throws Error for what cannot be read, such as `case` */
export const readScript = (script: string, firstLine = 1): Script => {
  const { tokens, inner, variables, documents } = wordsOf(script, firstLine);
  const defined = new Set<string>();
  const commands = groupsOf(tokens).flatMap((group): Command[] => {
    const { words, input } = plainWords(group.tokens);
    if (group.isFunction) {
      defined.add(words[0]?.text ?? '');
      return [];
    }
    while (KEYWORDS.has(words[0]?.text ?? '')) words.shift();
    if (words[0]?.text === 'case') throw new Error('case is not understood, use if');
    for (const { text } of words) {
      const name = ASSIGNMENT.exec(text)?.[1];
      if (name === undefined) break;
      defined.add(name);
    }
    while (ASSIGNMENT.test(words[0]?.text ?? '')) words.shift();
    const texts = words.map(({ text }) => text);
    for (const name of definedBy(texts)) defined.add(name);
    if (texts.length === 0 || texts[0] === 'for') return [];
    const document = documents.get(group.last + 1) ?? '';
    return [{ words: texts, input: document || input, line: words[0]?.line ?? firstLine }];
  });
  const nested = inner.map(({ script: text, line }) => readScript(text, line));
  return {
    commands: [...commands, ...nested.flatMap((one) => one.commands)],
    variables: [...variables, ...nested.flatMap((one) => one.variables)],
    defined: new Set([...defined, ...nested.flatMap((one) => [...one.defined])]),
  };
};
