// Positions of consumer groups, changed with the administration client of kafkajs, whichever library the worker uses.

import type { Admin } from 'kafkajs';

import { BackupError } from '../backup/backup-error.ts';

export type Rewind = {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
};

/** Negative: the group has never committed one. */
const committedOf = async (admin: Admin, groupId: string, topic: string): Promise<Map<number, bigint>> => {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  return new Map(found?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
};

/**
 * Where a group has to read again for messages since `since`. Never forwards: what the group has not read yet stays unread.
 * @returns the partitions whose position changes
 */
export const planRewind = async (admin: Admin, groupId: string, topic: string, since: Date): Promise<Rewind[]> => {
  const [committed, wanted] = await Promise.all([
    committedOf(admin, groupId, topic),
    admin.fetchTopicOffsetsByTimestamp(topic, since.getTime()),
  ]);
  return wanted
    .map(({ partition, offset }) => ({ partition, from: committed.get(partition) ?? -1n, to: BigInt(offset) }))
    .filter(({ from, to }) => to < from)
    .toSorted((one, other) => one.partition - other.partition);
};

export const describeRewind = (topic: string, { partition, from, to }: Rewind): string =>
  `${topic} partition ${partition} from ${from} back to ${to}`;

/** @throws BackupError while the group has members: they would commit their own positions over it */
export const rewind = async (admin: Admin, groupId: string, topic: string, plan: readonly Rewind[]): Promise<void> => {
  if (plan.length === 0) return;
  const { groups } = await admin.describeGroups([groupId]);
  const members = groups[0]?.members.length ?? 0;
  if (members > 0)
    throw new BackupError(`The consumer group ${groupId} has ${members} members: stop the worker first.`);
  const partitions = plan.map(({ partition, to }) => ({ partition, offset: String(to) }));
  await admin.setOffsets({ groupId, topic, partitions });
};
