// The reader of shell scripts, on which the rules for runbooks rely.

import { describe, expect, it } from 'vitest';

import { readScript } from './runbooks/shell-commands.ts';

const wordsOf = (script: string) => readScript(script).commands.map(({ words }) => words);

describe('a script', () => {
  it.each([
    ['quotes', `promtool query "$URL" 'up{job="api"} == 0'`, [['promtool', 'query', '$URL', 'up{job="api"} == 0']]],
    ['a pipe and redirections', 'a 2>&1 | b > /dev/null 2> x', [['a'], ['b']]],
    ['conditions', 'if ! a; then b && c; else d; fi', [['a'], ['b'], ['c'], ['d']]],
    ['a loop', 'for name in one two; do a "$name"; done', [['a', '$name']]],
    ['a comment and a continued line', 'a b \\\n  c # d\ne', [['a', 'b', 'c'], ['e']]],
    [
      'a command in a word',
      'a "x $(b "c d") y"',
      [
        ['a', 'x $() y'],
        ['b', 'c d'],
      ],
    ],
    ['an assignment', 'NAME=$(a) OTHER=1 b; C=2', [['b'], ['a']]],
    ['a group and a subshell', '(a; b) | { c; }', [['a'], ['b'], ['c']]],
    ['braces in a word', 'a --template={{.b}} $C{d}', [['a', '--template={{.b}}', '$C{d}']]],
    ['a case', 'case "$a" in *b*) c d ;; e | f) g;; esac; h', [['c', 'd'], ['g'], ['h']]],
    ['braces of a range', 'for i in {1..3}; do a {b,c}; done', [['a', '{b,c}']]],
    ['a function', 'f() { a; }\nf', [['a'], ['f']]],
  ])('has commands with arguments: %s', (_what, script, commands) => {
    expect(wordsOf(script)).toEqual(commands);
  });

  it('has lines', () => {
    expect(readScript('a\n\nb "$(\nc)"\n', 10).commands.map(({ line }) => line)).toEqual([10, 12, 13]);
  });

  it('passes input to a command', () => {
    const { commands } = readScript("psql \"$URL\" << 'END'\nSELECT 1;\nEND\na <<< 'b c'\n");
    expect(commands.map(({ words, input }) => [words[0], input])).toEqual([
      ['psql', 'SELECT 1;'],
      ['a', 'b c'],
    ]);
  });

  it('reads and sets variables', () => {
    const { variables, defined } = readScript(`A=1; read -r -p 'x' B; echo "$A \${C:-d} $((E + 1))" '$F' $(echo $G)`);
    expect(variables.map(({ name }) => name)).toEqual(['A', 'C', 'E', 'G']);
    expect([...defined]).toEqual(['A', 'B']);
  });

  it.each([
    ['a "b', 'a quote is not closed'],
    ['a $(b', 'a parenthesis is not closed'],
  ])('is refused: %s', (script, message) => {
    expect(() => readScript(script)).toThrow(message);
  });
});
