// Downloads the Java programs of pom.xml, and makes them start faster.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, run, runMaven } from './cache.ts';
import type { JavaProcess } from './java-process.ts';

const POM = join(import.meta.dirname, 'pom.xml');
const OLDEST_JAVA = 17;
const ARCHIVE = 'classes.jsa';

/** @throws when `java` is not on PATH or older than 17 */
export const javaVersion = async (): Promise<string> => {
  const version = /version "([^"]+)"/.exec(await run('java', ['-version']))?.[1] ?? 'unknown';
  if (Number.parseInt(version) >= OLDEST_JAVA) return version;
  throw new Error(`Java ${OLDEST_JAVA} or later is required, but java on PATH is ${version}`);
};

/** A hash of pom.xml, so that the cache changes with its versions. */
const pomHash = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 8);

type Program = {
  readonly name: string;
  /** For the progress message, with its size: `Kafka (43 MB)`. */
  readonly title: string;
  /** Goal and execution of pom.xml, `goal@id`. */
  readonly goal: string;
  /** Called with the folder after the download. */
  readonly finish: (folder: string) => Promise<void>;
};

/** Downloads a program once. @returns the folder of its jars */
export const fetchProgram = async ({ name, title, goal, finish }: Program): Promise<string> =>
  cached(`${name}-${await pomHash()}`, async (draft) => {
    await javaVersion(); // before the download, which would be useless without Java
    process.stdout.write(`downloading ${title} once …\n`);
    await runMaven(['-f', POM, `dependency:${goal}`, `-Dfolder=${draft}`], draft);
    await finish(draft);
  });

/**
 * The flag for a class data sharing archive, which halves the startup time. A trial run writes the archive when it exits. An archive is valid
 * for one Java version and the paths of the jars.
 */
export const withClassArchive = async (
  name: string,
  trialRun: (flag: string) => Promise<JavaProcess>,
): Promise<string> => {
  const folder = await cached(`${name}-${await pomHash()}-java-${await javaVersion()}`, async (draft) => {
    const trial = await trialRun(`-XX:ArchiveClassesAtExit=${join(draft, ARCHIVE)}`);
    await trial.end('SIGTERM');
  });
  return `-XX:SharedArchiveFile=${join(folder, ARCHIVE)}`;
};
