// `npm run events:check`: rejects incompatible changes of api-specs/events.

import { parseArgs } from 'node:util';

import { EVENTS_DIRECTORY } from '../src/avro/schemas.ts';
import { checkEvents, type CheckedEvent, type Report } from './events/check-events.ts';

const HELP = `npm run events:check [-- folder]

Compares every version of every event with all earlier ones, without a schema registry. Default folder: api-specs/events.
Exit codes: 0 no faults, 1 faults found, 64 usage error. docs/events.md explains how to change an event.`;

const EXIT = { passed: 0, rejected: 1, usage: 64 } as const;

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const indent = (fault: string): string => `  ${fault}`;

const headline = ({ event, versions, faults }: CheckedEvent): string =>
  [faults.length > 0 ? '✗' : '✓', event, ...versions.map((number) => `v${number}`)].join(' ');

/** One line per event and per fault, and a summary. */
const describe = ({ events, faults }: Report): string[] => {
  const found = faults.length + sum(events.map((event) => event.faults.length));
  const versions = sum(events.map((event) => event.versions.length));
  const pairs = sum(events.map((event) => event.pairs));
  const total = [count(events.length, 'event'), count(versions, 'version'), `${count(pairs, 'pair')} compared`].join(
    ', ',
  );
  return [
    ...(faults.length > 0 ? ['✗ policy.yaml', ...faults.map(indent)] : []),
    ...events.flatMap((event) => [headline(event), ...event.faults.map(indent)]),
    `${total}: ${count(found, 'fault')}`,
  ];
};

const isSound = ({ events, faults }: Report): boolean =>
  [...events, { faults }].every((part) => part.faults.length === 0);

const main = (): number => {
  try {
    const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
    const [directory = EVENTS_DIRECTORY, surplus] = positionals;
    if (surplus !== undefined) throw new Error(`unexpected argument "${surplus}"`);
    const report = values.help === true ? undefined : checkEvents(directory);
    console.log(report === undefined ? HELP : describe(report).join('\n'));
    return report === undefined || isSound(report) ? EXIT.passed : EXIT.rejected;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return EXIT.usage;
  }
};

process.exitCode = main();
