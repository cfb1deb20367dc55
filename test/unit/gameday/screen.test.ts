import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { expect, it, vi } from 'vitest';

import { makeScreen } from '../../../scripts/gameday/screen.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ENTER = '\r';

/** A terminal on which `key` is pressed at the first question. */
const open = (key: string, { isTTY = true } = {}) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough({ encoding: 'utf8' });
  const controller = new AbortController();
  const interrupt = vi.fn(() => {
    controller.abort(new Error('interrupted'));
  });
  const screen = makeScreen({ guided: true, input, output, interrupt });
  let text = '';
  output.on('data', (chunk: string) => {
    text += chunk;
    if (text.includes('(Enter to go on) > ') && input.writable) input.end(key);
  });
  return { ask: () => screen.ask('What is wrong?', controller.signal), interrupt, shown: () => text };
};

it('waits for Enter', async () => {
  const { ask, interrupt, shown } = open(ENTER);
  await ask();
  expect(shown()).toContain('? What is wrong?');
  expect(interrupt).not.toHaveBeenCalled();
});

it.each([
  ['Ctrl-C', CTRL_C],
  ['Ctrl-D', CTRL_D],
])('%s at a question ends the game day, and fails no drill', async (_name, key) => {
  const { ask, interrupt } = open(key);
  await expect(ask()).rejects.toThrow('interrupted');
  expect(interrupt).toHaveBeenCalledOnce();
});

it('is ended by a signal while it waits', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough({ encoding: 'utf8' });
  const controller = new AbortController();
  const asked = makeScreen({ guided: true, input, output }).ask('What is wrong?', controller.signal);
  await once(output, 'data');
  controller.abort(new Error('interrupted'));
  await expect(asked).rejects.toThrow('interrupted');
});

it('asks and does not wait without a terminal', async () => {
  const { ask, shown } = open('', { isTTY: false });
  await ask();
  expect(shown()).toContain('this run does not wait for answers');
});
