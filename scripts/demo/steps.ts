// One line per step: what it did and how long it took.

import { stdout } from 'node:process';

export type Step = <T>(name: string, work: (note: (text: string) => void) => Promise<T>) => Promise<T>;

const NAME_WIDTH = 20;
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`;

const write = (text: string): void => {
  stdout.write(text);
};

/** In a terminal the running step is shown with its time so far; in a file only finished steps are. */
export const makeStep = (print: (text: string) => void = write): Step => {
  const isTerminal = stdout.isTTY;
  return async (name, work) => {
    const start = performance.now();
    let noted = '';
    const line = (mark: string): string => `  ${mark} ${name.padEnd(NAME_WIDTH)} ${seconds(start)}  ${noted}`;
    const redraw = (mark: string): void => {
      print(`\r\u001B[K${line(mark)}`);
    };
    const ticking = isTerminal
      ? setInterval(() => {
          redraw('…');
        }, 200)
      : undefined;
    const finish = (mark: string): void => {
      clearInterval(ticking);
      print(isTerminal ? `\r\u001B[K${line(mark)}\n` : `${line(mark)}\n`);
    };
    try {
      const result = await work((text) => (noted = text));
      finish('✓');
      return result;
    } catch (error) {
      finish('✗');
      throw error;
    }
  };
};
