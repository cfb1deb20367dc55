// Splits arguments by a vocabulary of flags.

/** Flags by whether they take a value: `--namespace=` does, `--watch` does not. Several spellings of one are several entries. */
export type Flags = readonly string[];

export type Arguments = {
  readonly operands: readonly string[];
  readonly flags: readonly (readonly [name: string, value: string])[];
  readonly unknown: readonly string[];
  /** After `--`. */
  readonly rest: readonly string[];
};

const split = (word: string): [name: string, value: string | undefined] => {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
};

/** @param stopsAt after that many operands, flags belong to another program */
export const readArguments = (args: readonly string[], known: Flags, stopsAt = Infinity): Arguments => {
  const operands: string[] = [];
  const flags: [string, string][] = [];
  const unknown: string[] = [];
  const words = [...args];
  while (words.length > 0 && operands.length < stopsAt) {
    const word = words.shift() ?? '';
    if (word === '--') break;
    const [name, value] = split(word);
    if (!/^-[\w-]/.test(word)) operands.push(word);
    else if (known.includes(`${name}=`)) flags.push([name, value ?? words.shift() ?? '']);
    else if (known.includes(name)) flags.push([name, value ?? '']);
    else unknown.push(name);
  }
  return { operands, flags, unknown, rest: words };
};

export const unknownFlags = (program: string, { unknown }: Arguments, known: Flags): string[] =>
  unknown.map(
    (flag) =>
      `${program} has no flag ${flag} in the vocabulary; there are ${known.map((name) => name.replace('=', '')).join(' ')}`,
  );
