// `npm run gameday`: drills. Each breaks the running system, waits for the alert, follows the runbook and checks that the system works again.

import { once } from 'node:events';

import { describeFailure, EXIT, parseOptions, runCommandLine, UsageError } from '../src/composition/command-line.ts';
import type { Drill } from './gameday/drill.ts';
import { DRILLS } from './gameday/drills.ts';
import { readAddress } from './gameday/stacks/native/address.ts';
import { openerFor } from './gameday/stacks/open-stack.ts';
import { TARGETS, type StackOpener, type Target } from './gameday/stacks/stack.ts';
import { formatResults } from './gameday/report.ts';
import { runDrills } from './gameday/run-drills.ts';
import { isClusterFailure } from './kubernetes/cluster.ts';
import { makeScreen } from './gameday/screen.ts';
import { formatTable } from './gameday/timeline.ts';
import { walk } from './gameday/walk/walk.ts';
import { loadRunbook, runbookNames } from './runbooks/runbooks.ts';

const HELP = `npm run gameday -- <drill>…

  <drill>…           run these drills, on one stack
  --all              run all drills
  --list             list the drills
  --on <stack>       local: processes of this machine (default); compose: Docker Compose; kubectl: the cluster of KUBECONFIG
  --guided <drill>   show the symptoms, ask, and wait for you before each step
  --walk [<page>…]   execute the blocks of the investigation of these runbooks, by default of all, on a system that works
  --actions          with --walk: also the actions that no drill executes
  --stack            start the stack without a drill; control it by: npm run --silent stack -- help
  --help             show this help

A drill starts the whole system, injects its fault, waits for the alert of a real Prometheus (90 s), follows the runbook, and checks that
the alert is resolved (90 s). The timeline is written to gameday/<drill>.md. docs/gameday.md describes it.
Exit codes: 0 all passed or skipped, 1 a drill failed, 64 wrong usage, 130 Ctrl-C.`;

const OPTIONS = {
  all: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  on: { type: 'string', default: 'local' },
  guided: { type: 'boolean', default: false },
  stack: { type: 'boolean', default: false },
  walk: { type: 'boolean', default: false },
  actions: { type: 'boolean', default: false },
} as const;

const DRILL_NAMES = DRILLS.map(({ name }) => name);

const findDrill = (name: string): Drill => {
  const drill = DRILLS.find((known) => known.name === name);
  if (drill === undefined) throw new UsageError(`There is no drill "${name}". Drills: ${DRILL_NAMES.join(', ')}.`);
  return drill;
};

const findTarget = (name: string): Target => {
  const target = TARGETS.find((known) => known === name);
  if (target === undefined)
    throw new UsageError(`--on ${name}: there is no such stack. Stacks: ${TARGETS.join(', ')}.`);
  return target;
};

const findPages = (given: readonly string[]): readonly string[] => {
  const pages = runbookNames();
  const unknown = given.find((name) => !pages.includes(name));
  if (unknown !== undefined) throw new UsageError(`There is no runbook "${unknown}". Runbooks: ${pages.join(', ')}.`);
  return given.length > 0 ? given : pages;
};

const readOptions = (args: readonly string[]) => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  if (values.actions && !values.walk) throw new UsageError('--actions belongs to --walk.');
  if (values.walk) {
    if (values.all || values.guided || values.stack || values.list) throw new UsageError('--walk runs no drill.');
    return { ...values, drills: [], pages: findPages(positionals), on: findTarget(values.on) };
  }
  const drills = values.all ? DRILLS : positionals.map(findDrill);
  if (values.all && positionals.length > 0) throw new UsageError('Name drills, or use --all.');
  if (values.guided && drills.length !== 1) throw new UsageError('--guided takes one drill.');
  if (!values.list && !values.stack && drills.length === 0)
    throw new UsageError('Name a drill, or use --all, --list or --stack.');
  return { ...values, drills, pages: [], on: findTarget(values.on) };
};

type Chosen = ReturnType<typeof readOptions>;

class Interrupted extends Error {}

/** Ctrl-C ends everything cleanly; a second one ends at once, and the children end with this process. */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.stdout.write('\nending the stack …\n');
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return controller.signal;
};

const holdStack = async (opener: StackOpener, signal: AbortSignal): Promise<number> => {
  const screen = makeScreen();
  const { stack, close } = await opener(screen.line);
  const variables = Object.entries(stack.variables).filter(([name]) => name !== 'PATH');
  screen.line(variables.map(([name, value]) => `export ${name}=${value}`).join('\n'));
  screen.line(stack.target === 'local' ? 'Control it with: npm run --silent stack -- help.' : `cd ${stack.folder}`);
  screen.line('Ctrl-C ends it.');
  if (!signal.aborted) await once(signal, 'abort');
  await close();
  return EXIT.done;
};

/** What this machine can not run is skipped; a stack that somebody asks for is not. @returns the exit code */
const explainLack = ({ stack, pages, drills }: Chosen, reason: string): number => {
  if (stack) {
    process.stderr.write(`This machine can not run the stack: ${reason}\n`);
    return EXIT.failed;
  }
  const names = [...pages, ...drills.map(({ name }) => name)];
  for (const name of names) console.log(`SKIPPED ${name}: ${reason}`);
  console.log(`0 passed, 0 failed, ${names.length} skipped`);
  return EXIT.done;
};

const list = (): number => {
  console.log(formatTable(DRILLS.map(({ name, title, alert }) => ['', name, alert, title])));
  return EXIT.done;
};

type How = { readonly opener: StackOpener; readonly signal: AbortSignal };

const runAll = async ({ drills, guided }: Chosen, how: How): Promise<boolean> => {
  const results = await runDrills(drills, { ...how, screen: makeScreen({ guided }) });
  console.log(`\n${formatResults(results)}`);
  return results.every(({ outcome }) => outcome !== 'failed');
};

const walkAll = ({ pages, actions }: Chosen, how: How): Promise<boolean> =>
  walk(pages.map(loadRunbook), { ...how, actions, line: console.log });

const runOn = async (options: Chosen, how: How): Promise<number> => {
  if (options.stack) return holdStack(how.opener, how.signal);
  const passed = await (options.walk ? walkAll : runAll)(options, how);
  return passed ? EXIT.done : EXIT.failed;
};

/** @returns the exit code */
const explain = (error: unknown): number => {
  if (error instanceof UsageError) throw error;
  process.stderr.write(`${isClusterFailure(error) ? error.message : describeFailure(error)}\n`);
  return EXIT.failed;
};

const run = async (options: Chosen): Promise<number> => {
  if (options.list) return list();
  const running = readAddress();
  if (running !== undefined && options.on === 'local')
    throw new UsageError(`A stack is running already: process ${running.pid}.`);
  const opener = openerFor(options.on);
  if (typeof opener === 'string') return explainLack(options, opener);
  const signal = interruption();
  return runOn(options, { opener, signal }).catch((error: unknown) =>
    signal.aborted ? EXIT.interrupted : explain(error),
  );
};

const code = await runCommandLine(HELP, (args) => run(readOptions(args)));
process.exit(code); // requests of the load may still be open
