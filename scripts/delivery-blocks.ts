// The shell blocks of a page that are executed in order: ```sh run=NAME [on=kind|cluster]

/** Where a block is for: a cluster of kind, or any other one with servers and a registry of its own. Undefined: both. */
export type Target = 'kind' | 'cluster';

export type Block = {
  readonly name: string;
  readonly on?: Target;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly script: string;
};

const FENCE = /^```sh(?<options>[^\n]*)\n(?<script>[\s\S]*?)^```$/gm;

const optionOf = (options: string, key: 'run' | 'on'): string | undefined =>
  options
    .split(' ')
    .find((option) => option.startsWith(`${key}=`))
    ?.slice(key.length + 1);

/** @throws Error for a block without a name, for a name that is used twice for one target, and for an unknown target */
export const readBlocks = (page: string): Block[] => {
  const seen = new Set<string>();
  return [...page.matchAll(FENCE)].map(({ groups, index }) => {
    const options = groups?.options ?? '';
    const line = page.slice(0, index).split('\n').length;
    const name = optionOf(options, 'run');
    const on = optionOf(options, 'on');
    if (name === undefined) throw new Error(`Line ${line}: a shell block without run=NAME is never executed.`);
    if (on !== undefined && on !== 'kind' && on !== 'cluster') throw new Error(`Line ${line}: on=${on} is unknown.`);
    if (seen.has(`${name} ${on ?? ''}`)) throw new Error(`Line ${line}: run=${name} is used twice.`);
    seen.add(`${name} ${on ?? ''}`);
    return { name, ...(on === undefined ? {} : { on }), line, script: groups?.script ?? '' };
  });
};
