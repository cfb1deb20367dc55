import { expect, test } from 'vitest';

import { demoCommand, demoScreen, tryThese } from '../../../scripts/demo/demo-screen.ts';

const SCREEN = {
  versions: ['0.1.0', '0.2.0'],
  cluster: 'kind-user-service-demo',
  namespace: 'talk',
  kubeconfig: '/somewhere/kubeconfig',
  apiUrl: 'http://localhost:8081',
  prometheusUrl: 'http://localhost:9091',
  demo: { id: 'an-id', username: 'demo', password: 'a-password' },
} as const;

test('names the addresses, the account, and how to remove everything', () => {
  const text = demoScreen(SCREEN);
  for (const part of [
    'user-service 0.1.0 is running on kind-user-service-demo, namespace talk',
    'http://localhost:8081/docs',
    'http://localhost:9091/targets',
    'demo / a-password',
    'npm run demo:kind -- --down --namespace talk',
  ])
    expect(text).toContain(part);
});

test('every command names the namespace that it works on', () => {
  const commands = tryThese(SCREEN).map(([, command]) => command);
  const ofCluster = commands.filter((command) => /^(?:kubectl|helm|npm)/.test(command));
  expect(ofCluster.length).toBeGreaterThan(6);
  for (const command of ofCluster) expect(command).toMatch(/(?:-n|--namespace) talk\b/);
});

test('a cluster of KUBECONFIG needs no command that selects it', () => {
  const names = tryThese({ ...SCREEN, kubeconfig: undefined }).map(([name]) => name);
  expect(names[0]).toBe('log in');
});

test('the default namespace is not repeated in the command line', () => {
  expect(demoCommand('user-service-demo')).toBe('npm run demo:kind');
  expect(demoCommand('user-service-demo', '--load 60')).toBe('npm run demo:kind -- --load 60');
});
