// A namespace of its own with the dependencies and the chart. Everything that the suite makes outside of it is undone by `remove` as well.

import { join } from 'node:path';
import { CommandError, apply, helm, kubectl } from '../../../scripts/kubernetes/run.ts';
import { provideStorage } from '../../../scripts/kubernetes/storage.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DEPENDENCIES = join(ROOT, 'helm/demo-dependencies');
const CHART = join(ROOT, 'helm/user-service');
export const RELEASE = 'users';
export const LABEL = 'user-service/test-cluster';

/** Values that a phase changes, by path: `image.tag`. */
export type Values = Readonly<Record<string, string | number | boolean>>;
export type Images = { readonly repository: string; readonly current: string; readonly next: string };

/**
 * One pod must be able to send all requests, with one access token for the whole run. On a node that also runs the servers and the load, new pods take
 * the CPU from the others for longer than load shedding accepts.
 */
const CONFIG = {
  HTTP_RATE_LIMIT_PER_SECOND: 1_000_000,
  HTTP_RATE_LIMIT_BURST: 1_000_000,
  HTTP_STRICT_LIMIT_PER_MINUTE: 1_000_000,
  HTTP_MAX_EVENT_LOOP_DELAY_MS: 2000,
  AUTH_ACCESS_TOKEN_TTL_SECONDS: 3600,
  LOG_LEVEL: 'warn',
};

/** CPU requests are small, so that a node with two cores has room for surge pods. */
const valuesFor = ({ repository, current }: Images): object => ({
  image: { repository, tag: current },
  api: { replicas: 3, poolSize: 5, resources: { requests: { cpu: '50m' } } },
  relay: { replicas: 2, resources: { requests: { cpu: '25m' } } },
  worker: { replicas: 2, resources: { requests: { cpu: '25m' } } },
  config: CONFIG,
});

type Secret = { readonly data: Readonly<Record<string, string>> };

export const makeInstallation = (namespace: string, images: Images, signal: AbortSignal) => {
  const inNamespace = ['--namespace', namespace];
  const image = `${images.repository}:${images.current}`;
  const cordoned = new Set<string>();
  let removeStorage = (): Promise<void> => Promise.resolve();

  /** `helm upgrade --install` with complete values: those of the last call do not remain. */
  const upgrade = (values: Values = {}, timeout = '180s'): Promise<string> => {
    const changes = Object.entries(values).flatMap(([path, value]) => [
      '--set-json',
      `${path}=${JSON.stringify(value)}`,
    ]);
    const files = ['--values', join(CHART, 'values-dev.yaml'), '--values', '-'];
    const args = ['upgrade', '--install', RELEASE, CHART, ...inNamespace, ...files, ...changes];
    return helm([...args, '--wait', '--timeout', timeout], { input: JSON.stringify(valuesFor(images)), signal });
  };

  return {
    namespace,
    images,
    upgrade,

    /** @throws CommandError if the namespace exists */
    create: async (): Promise<void> => {
      await kubectl(['create', 'namespace', namespace], { signal });
      await kubectl(['label', 'namespace', namespace, `${LABEL}=true`], { signal });
    },
    installDependencies: async (): Promise<void> => {
      removeStorage = await provideStorage(namespace, image);
      const values = ['--set', `image=${image}`, '--set', 'persistence.enabled=true'];
      const args = ['upgrade', '--install', 'demo-dependencies', DEPENDENCIES, ...inNamespace, ...values];
      await helm([...args, '--wait', '--timeout', '240s'], { signal });
    },
    rollback: (): Promise<string> =>
      helm(['rollback', RELEASE, ...inNamespace, '--wait', '--timeout', '180s'], { signal }),
    runTests: (): Promise<string> => helm(['test', RELEASE, ...inNamespace, '--timeout', '120s'], { signal }),

    /** An upgrade that must fail. @returns the reason that helm reports */
    upgradeInVain: async (values: Values, timeout: string): Promise<string> => {
      try {
        await upgrade(values, timeout);
      } catch (error) {
        if (error instanceof CommandError && error.reason === 'failed') return error.message;
        throw error;
      }
      throw new Error('The upgrade succeeded, although it must fail.');
    },

    /** A Secret like another one, in which one key has a wrong value. */
    copySecretWrongly: async (from: string, to: string, key: string): Promise<void> => {
      const { data } = JSON.parse(await kubectl(['get', 'secret', from, ...inNamespace, '--output=json'])) as Secret;
      if (!(key in data)) throw new Error(`The Secret ${from} has no key ${key}.`);
      const wrong = { ...data, [key]: Buffer.from('wrong').toString('base64') };
      await apply(namespace, { apiVersion: 'v1', kind: 'Secret', metadata: { name: to }, data: wrong });
    },

    kubectl: (args: readonly string[], input?: string): Promise<string> =>
      kubectl([...args, ...inNamespace], { signal, input }),

    /** Names of the nodes that accept pods. */
    schedulableNodes: async (): Promise<string[]> => {
      const { items } = JSON.parse(await kubectl(['get', 'nodes', '--output=json'], { signal })) as {
        items: readonly { metadata: { name: string }; spec: { unschedulable?: boolean } }[];
      };
      return items.filter(({ spec }) => spec.unschedulable !== true).map(({ metadata }) => metadata.name);
    },
    /** Notes the node first, so that `remove` makes it schedulable again whatever happens. */
    cordon: async (node: string): Promise<void> => {
      cordoned.add(node);
      await kubectl(['cordon', node], { signal });
    },
    uncordon: async (node: string): Promise<void> => {
      await kubectl(['uncordon', node], { signal });
      cordoned.delete(node);
    },

    /** Undoes everything, also after an interruption. */
    remove: async (keepsNamespace: boolean): Promise<void> => {
      for (const node of cordoned) await kubectl(['uncordon', node]);
      if (keepsNamespace) return;
      await removeStorage();
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
    },
  };
};

export type Installation = ReturnType<typeof makeInstallation>;
