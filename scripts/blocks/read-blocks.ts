// The shell blocks of a page that are executed: ```sh run=NAME [on=TARGET] [asks]

/** `T`: the names of the places that a page distinguishes, for example `kind` and `cluster`. */
export type Block<T extends string = string> = {
  readonly name: string;
  /** Where the block is for. Undefined: everywhere. */
  readonly on?: T;
  /** The block asks for a confirmation, which it reads from standard input, before it does something. */
  readonly asks: boolean;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly script: string;
};

const FENCE = /^```sh(?<options>[^\n]*)\n(?<script>[\s\S]*?)^```$/gm;

const optionOf = (options: readonly string[], key: 'run' | 'on'): string | undefined =>
  options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);

/**
 * @param targets the allowed values of `on`
 * @throws Error for a block without a name, for a name that is used twice for one target, and for an unknown target
 */
export const readBlocks = <T extends string>(page: string, targets: readonly T[]): Block<T>[] => {
  const seen = new Set<string>();
  return [...page.matchAll(FENCE)].map(({ groups, index }) => {
    const options = (groups?.options ?? '').split(' ');
    const line = page.slice(0, index).split('\n').length;
    const name = optionOf(options, 'run');
    const given = optionOf(options, 'on');
    const on = targets.find((target) => target === given);
    if (name === undefined) throw new Error(`Line ${line}: a shell block without run=NAME is never executed.`);
    if (on !== given) throw new Error(`Line ${line}: on=${String(given)} is unknown.`);
    if (seen.has(`${name} ${on ?? ''}`)) throw new Error(`Line ${line}: run=${name} is used twice.`);
    seen.add(`${name} ${on ?? ''}`);
    const asks = options.includes('asks');
    return { name, ...(on === undefined ? {} : { on }), asks, line, script: groups?.script ?? '' };
  });
};
