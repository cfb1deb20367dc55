// Which tests failed and why, from the output of Vitest: the end of a long build log repeats it.

const NAME = /^ *FAIL /;
/** The place in the code, or a line between two failures. */
const END_OF_REASON = /^ *❯ |^⎯/;
/** The message of the error and the lines that differ; not the lines around them, nor which sign stands for what. */
const REASON = /^(?!- Expected$|\+ Received$)[^\s]/;
const MOST_LINES = 6;
const MOST_CHARACTERS = 200;

/**
 * @param output without colour codes
 * @returns one text per failed test: its name, and up to six indented lines of up to 200 characters
 */
export const failuresOf = (output: string): string[] => {
  const lines = output.split('\n');
  return lines.flatMap((name, index) => {
    if (!NAME.test(name)) return [];
    const after = lines.slice(index + 1);
    const end = after.findIndex((line) => END_OF_REASON.test(line) || NAME.test(line));
    const reason = after.slice(0, end < 0 ? after.length : end).filter((line) => REASON.test(line));
    const shown = reason.slice(0, MOST_LINES).map((line) => `    ${line.slice(0, MOST_CHARACTERS)}`);
    return [[name.trim(), ...shown].join('\n')];
  });
};
