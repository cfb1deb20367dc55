// Releases that can not work. The running pods must stay, keep serving and deciding orders.

import { ensure, type Phase, type PhaseTools } from '../phase.ts';
import type { Values } from '../support/installation.ts';
import { COMPONENTS } from '../support/pods.ts';

type Release = {
  readonly values: (tools: PhaseTools) => Promise<Values>;
  /** What helm says. */
  readonly reason: RegExp;
  readonly timeout: string;
};

/** Upgrades, looks at the orders while the broken pods are there, rolls back. */
const tryRelease =
  ({ values, reason, timeout }: Release) =>
  async (tools: PhaseTools): Promise<void> => {
    const { installation, pods, load, undecided, note } = tools;
    const before = new Set(COMPONENTS.flatMap((component) => pods.ready(component)).map(({ uid }) => uid));
    const message = await installation.upgradeInVain(await values(tools), timeout);
    note(message.slice(0, 150));
    ensure(reason.test(message), `helm failed for another reason: ${message}`);
    const left = COMPONENTS.flatMap((component) => pods.ready(component)).filter(({ uid }) => before.has(uid));
    ensure(left.length === before.size, `only ${left.length} of ${before.size} pods are left`);
    await load.forSeconds(5);
    const count = await undecided(5000);
    ensure(count === 0, `${count} orders are undecided for more than 5 s while the broken release is there`);
    await installation.rollback();
    await pods.settle();
  };

const failingMigration: Phase = {
  name: 'failing-migration',
  about: 'an upgrade whose migration can not log in; nothing is replaced',
  run: tryRelease({
    values: async ({ installation }) => {
      await installation.copySecretWrongly('user-service-migration', 'wrong-migration', 'postgres_migration_password');
      return { 'image.tag': installation.images.next, 'secrets.existingMigrationSecret': 'wrong-migration' };
    },
    reason: /pre-upgrade hooks failed/i,
    timeout: '90s',
  }),
};

const missingImage: Phase = {
  name: 'missing-image',
  about: 'an upgrade without migration to an image that does not exist; the new pods never start',
  run: tryRelease({
    values: () => Promise.resolve({ 'image.tag': 'does-not-exist', 'migrations.enabled': false }),
    reason: /deadline|timed out|not ready/i,
    timeout: '15s',
  }),
};

const wrongPassword: Phase = {
  name: 'wrong-password',
  about: 'an upgrade whose pods can not log in to PostgreSQL; they must not take orders from those that can',
  run: tryRelease({
    values: async ({ installation }) => {
      await installation.copySecretWrongly('user-service', 'wrong-password', 'postgres_password');
      return { 'secrets.existingSecret': 'wrong-password' };
    },
    reason: /deadline|timed out|not ready/i,
    timeout: '30s',
  }),
};

export const BROKEN_RELEASES = { failingMigration, missingImage, wrongPassword };
