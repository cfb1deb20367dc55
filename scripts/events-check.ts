// `npm run events:check`: refuses a change of api-specs/events that a consumer could not live with.

import { parseArgs } from 'node:util';

import { EVENTS_DIRECTORY } from '../src/avro/schemas.ts';
import { checkEvents, type CheckedEvent, type Report } from './events/check-events.ts';

const HELP = `npm run events:check [-- folder]

Holds every version of every event against all earlier ones, without a registry. The folder is api-specs/events unless told otherwise.
Exit codes: 0 all is well, 1 something is refused, 64 wrong usage. docs/events.md says how to change an event.`;

const EXIT = { done: 0, refused: 1, usage: 64 } as const;

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const indent = (fault: string): string => `  ${fault}`;

const headline = ({ event, versions, faults }: CheckedEvent): string =>
  [faults.length > 0 ? '✗' : '✓', event, ...versions.map((number) => `v${number}`)].join(' ');

/** One line per event and per fault, and a last one that sums up. */
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
    if (surplus !== undefined) throw new Error(`"${surplus}" is too much: one folder at a time.`);
    const report = values.help === true ? undefined : checkEvents(directory);
    console.log(report === undefined ? HELP : describe(report).join('\n'));
    return report === undefined || isSound(report) ? EXIT.done : EXIT.refused;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return EXIT.usage;
  }
};

process.exitCode = main();
