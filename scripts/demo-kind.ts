// `npm run demo:kind`: user-service on Kubernetes, to show it. docs/demo.md describes a talk with it.

import { EXIT, runCommandLine } from '../src/composition/command-line.ts';
import { reachCluster, useCluster, whichCluster } from './kubernetes/cluster.ts';
import { HELP, readDemoArguments, type DemoArguments } from './demo/arguments.ts';
import { demoCommand } from './demo/demo-screen.ts';
import { install } from './demo/install.ts';
import { load } from './demo/load.ts';
import { remove } from './demo/remove.ts';
import { requireDockerEngine, requirePrograms, type Program } from './demo/required-programs.ts';
import { serve } from './demo/serve.ts';
import { describeStatus } from './demo/show-status.ts';
import { makeStep } from './demo/steps.ts';

const { task, namespace, port, seconds }: DemoArguments = await runCommandLine(HELP, readDemoArguments);

const interrupted = new AbortController();
const onSignal = (): void => {
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted); // the second Ctrl-C does not wait
  interrupted.abort();
};
process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
const { signal } = interrupted;

const kind: readonly Program[] = whichCluster().from === 'kind' ? ['kind'] : [];
const step = makeStep();

const TASKS: Readonly<Record<DemoArguments['task'], () => Promise<number>>> = {
  up: async () => {
    await requirePrograms(['docker', ...kind, 'kubectl', 'helm']);
    await requireDockerEngine();
    await install({ namespace, step, signal });
    await serve({ namespace, port, step, signal });
    const again = `${demoCommand(namespace)} opens the URLs again, ${demoCommand(namespace, '--down')} removes it.`;
    process.stdout.write(`\n  The demo stays installed. ${again}\n`);
    return EXIT.done;
  },
  down: async () => {
    await requirePrograms([...kind, 'kubectl']);
    await remove(namespace, step, signal);
    return EXIT.done;
  },
  status: async () => {
    await requirePrograms([...kind, 'kubectl', 'helm']);
    process.stdout.write(await describeStatus(namespace));
    return EXIT.done;
  },
  load: async () => {
    await requirePrograms(['kubectl']);
    useCluster(whichCluster());
    await reachCluster(signal);
    return load(namespace, seconds, signal);
  },
};

try {
  // eslint-disable-next-line security/detect-object-injection -- a name of the type
  process.exitCode = await TASKS[task]();
} catch (error) {
  const wayOn = `Run ${demoCommand(namespace)} again to go on where it stopped, or ${demoCommand(namespace, '--down')} to remove what is there.`;
  const text = signal.aborted ? `Interrupted. ${wayOn}` : (error as Error).message;
  process.stderr.write(`\n  ${text.replaceAll('\n', '\n  ')}\n`);
  process.exitCode = signal.aborted ? EXIT.interrupted : EXIT.failed;
}
