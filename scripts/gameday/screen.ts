// What a game day prints, and where `--guided` waits for the learner.

import { createInterface } from 'node:readline/promises';

export type Screen = {
  readonly line: (text?: string) => void;
  /** Indented, at most 40 lines. */
  readonly block: (text: string) => void;
  /** With --guided: asks, and waits for a line. Otherwise prints nothing. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<void>;
  /** With --guided only. */
  readonly answer: (text: string) => void;
  readonly guided: boolean;
};

const MOST_LINES = 40;

const indent = (text: string): string => {
  const lines = text.split('\n');
  const more = lines.length > MOST_LINES ? [`… ${lines.length - MOST_LINES} more lines`] : [];
  return [...lines.slice(0, MOST_LINES), ...more].map((line) => `    ${line}`).join('\n');
};

export const makeScreen = ({ guided = false } = {}): Screen => {
  const waits = guided && process.stdin.isTTY;
  let said = false;
  const line = (text = ''): void => {
    process.stdout.write(`${text}\n`);
  };
  const wait = async (signal: AbortSignal): Promise<void> => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    await terminal.question('  (Enter to go on) > ', { signal }).finally(() => {
      terminal.close();
    });
  };
  return {
    guided,
    line,
    block: (text) => {
      line(indent(text));
    },
    ask: async (question, signal) => {
      if (!guided) return;
      line(`\n? ${question}`);
      if (waits) await wait(signal);
      else if (!said) line('  (standard input is not a terminal: this run does not wait for answers)');
      said = true;
    },
    answer: (text) => {
      if (guided) line(`  Answer: ${text}`);
    },
  };
};
