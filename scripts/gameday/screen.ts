// What a game day prints, and where `--guided` waits for the learner.

import { once } from 'node:events';
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

type Options = {
  readonly guided?: boolean;
  /** Default: standard input. Without a terminal nothing waits. */
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output?: NodeJS.WritableStream;
  /** What Ctrl-C does at a question, where the terminal sends no signal. Default: SIGINT. */
  readonly interrupt?: () => void;
};

const sendSigint = (): void => {
  process.kill(process.pid, 'SIGINT');
};

export const makeScreen = ({ guided = false, interrupt = sendSigint, ...streams }: Options = {}): Screen => {
  const { input = process.stdin, output = process.stdout } = streams;
  const waits = guided && input.isTTY === true;
  let said = false;
  const line = (text = ''): void => {
    output.write(`${text}\n`);
  };
  /** Ctrl-C and Ctrl-D end the game day like a signal does. */
  const wait = async (signal: AbortSignal): Promise<void> => {
    const terminal = createInterface({ input, output, terminal: true });
    try {
      await terminal.question('  (Enter to go on) > ', { signal });
    } catch {
      if (!signal.aborted) {
        const aborted = once(signal, 'abort');
        interrupt();
        await aborted;
      }
      signal.throwIfAborted();
    } finally {
      terminal.close();
    }
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
