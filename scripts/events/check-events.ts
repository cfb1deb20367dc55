// The gate for a folder of events: compares every version with all earlier ones, without a schema registry. docs/events.md explains how to change
// an event.

import type { Policy } from '../../src/avro/schemas.ts';
import { findChangedMeanings } from './changed-meanings.ts';
import { readContract, type Contract, type EventFolder, type Version } from './contract.ts';
import { HOUSE_RULES } from './house-rules.ts';
import { findIncompatibleChanges } from './incompatible-changes.ts';

export type CheckedEvent = {
  readonly event: string;
  /** Numbers of its versions. */
  readonly versions: readonly number[];
  /** How many pairs of versions were compared. */
  readonly pairs: number;
  /** Sentences; empty when the event has no faults. */
  readonly faults: readonly string[];
};

export type Report = {
  readonly events: readonly CheckedEvent[];
  /** Of policy.yaml. */
  readonly faults: readonly string[];
};

const COMPATIBILITY = 'FULL_TRANSITIVE';

const checkPolicy = ({ policy, events }: Contract): string[] => {
  const listed = Object.values(policy.topics).flatMap((topic) => topic.events);
  const folders = events.map(({ event }) => event);
  const twice = listed.filter((event, index) => listed.indexOf(event) !== index);
  return [
    ...(policy.compatibility === COMPATIBILITY
      ? []
      : [`policy.yaml sets the compatibility ${policy.compatibility}: set ${COMPATIBILITY}, the only supported mode.`]),
    ...folders
      .filter((event) => !listed.includes(event))
      .map((event) => `policy.yaml does not list ${event}: add it to its topic.`),
    ...listed
      .filter((event) => !folders.includes(event))
      .map(
        (event) => `policy.yaml lists ${event}, which has no folder: add ${event}/v1.avsc, or remove it from the list.`,
      ),
    ...twice.map((event) => `policy.yaml lists ${event} twice: an event has one topic.`),
  ];
};

const pairsOf = (versions: readonly Version[]): [Version, Version][] =>
  versions.flatMap((newer, index) => versions.slice(0, index).map((older): [Version, Version] => [older, newer]));

/** A fault of v2 is not reported again for v3. */
const reportOnce = (sentences: readonly { path: string; sentence: string }[]): string[] => {
  const first = new Map<string, string>();
  for (const { path, sentence } of sentences) {
    const key = sentence.replaceAll(/\bv\d+\b/g, 'v');
    if (!first.has(key)) first.set(key, `${path} ${sentence}`);
  }
  return [...first.values()];
};

const checkEvent = ({ event, versions, faults }: EventFolder, policy: Policy): CheckedEvent => {
  const pairs = pairsOf(versions);
  const changes = pairs.flatMap(([older, newer]) =>
    [findIncompatibleChanges, findChangedMeanings]
      .flatMap((find) => find(older, newer))
      .map((sentence) => ({ path: newer.path, sentence })),
  );
  const breaches = versions.flatMap((version) =>
    HOUSE_RULES.flatMap((rule) => rule(version, { policy, event })).map((sentence) => `${version.path} ${sentence}`),
  );
  return {
    event,
    versions: versions.map(({ number }) => number),
    pairs: pairs.length,
    faults: [...faults, ...breaches, ...reportOnce(changes)],
  };
};

/**
 * @param directory with `policy.yaml` and a folder per event
 * @throws when the folder does not exist or has no policy
 */
export const checkEvents = (directory: string): Report => {
  const contract = readContract(directory);
  return {
    events: contract.events.map((folder) => checkEvent(folder, contract.policy)),
    faults: checkPolicy(contract),
  };
};
