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

const KEYWORDS = new Set(['if', 'then', 'else', 'elif', 'fi', 'while', 'until', 'do', 'done', 'esac', '!', 'time']);
const END: Token = { kind: 'operator', text: '\n', line: 0 };
const ENDS = new Set([';', ';;', '&', '&&', '||', '|', '\n', '(', ')', '{', '}']);
const ASSIGNMENT = /^([A-Za-z_]\w*)\+?=/;

type Group = { readonly tokens: readonly Token[]; readonly last: number; readonly isFunction: boolean };

/** After a group that ends with `end`: is the next one a pattern of `case`? */
const beginsPattern = (group: readonly Token[], end: string, isPattern: boolean): boolean => {
  if (end === ')' || group[0]?.text === 'esac') return false;
  return isPattern || end === ';;';
};
const isCase = ([first, , third]: readonly Token[]): boolean => first?.text === 'case' && third?.text === 'in';

/** Tokens between the ends of simple commands. Patterns of `case` are none. */
const groupsOf = (tokens: readonly Token[]): Group[] => {
  const groups: Group[] = [];
  let current: Token[] = [];
  let isPattern = false;
  for (const [index, token] of [...tokens, END].entries()) {
    if (token.kind === 'word' || !ENDS.has(token.text)) current.push(token);
    else {
      const isFunction = token.text === '(' && current.length === 1 && tokens[index + 1]?.text === ')';
      if (current.length > 0 && !isPattern && !isCase(current))
        groups.push({ tokens: current, last: index, isFunction });
      isPattern = beginsPattern(current, token.text, isPattern);
      current = [];
    }
  }
  return groups;
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

/** @param firstLine of the script in its file. @throws Error for what cannot be read, such as a quote without end */
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
