// How the Java programs of pom.xml come to this machine, and what makes them start quickly.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, run, runMaven } from './cache.ts';
import type { JavaProcess } from './java-process.ts';

const POM = join(import.meta.dirname, 'pom.xml');
const OLDEST_JAVA = 17;
const ARCHIVE = 'classes.jsa';

/** @throws when no `java` is on PATH or it is older than 17. */
export const javaVersion = async (): Promise<string> => {
  const version = /version "([^"]+)"/.exec(await run('java', ['-version']))?.[1] ?? 'unknown';
  if (Number.parseInt(version) >= OLDEST_JAVA) return version;
  throw new Error(`Java ${OLDEST_JAVA} or later is needed, and java on PATH is ${version}`);
};

/** Changes with the versions in pom.xml. */
const edition = async (): Promise<string> =>
  createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 8);

type Program = {
  readonly name: string;
  /** For the one who waits, with its size: `Kafka (43 MB)`. */
  readonly title: string;
  /** Goal and execution of pom.xml, `goal@id`. */
  readonly goal: string;
  /** What is left to do in the folder once its files are there. */
  readonly finish: (folder: string) => Promise<void>;
};

/** The folder of a program's jars. */
export const fetchProgram = async ({ name, title, goal, finish }: Program): Promise<string> =>
  cached(`${name}-${await edition()}`, async (draft) => {
    await javaVersion(); // before a download that would be in vain
    process.stdout.write(`fetching ${title} once …\n`);
    await runMaven(['-f', POM, `dependency:${goal}`, `-Dfolder=${draft}`], draft);
    await finish(draft);
  });

/**
 * The flag that halves a program's start: a class archive, which a rehearsal writes as it ends. Archives belong to one Java
 * and to the paths of the jars.
 */
export const withClassArchive = async (
  name: string,
  rehearse: (flag: string) => Promise<JavaProcess>,
): Promise<string> => {
  const folder = await cached(`${name}-${await edition()}-java-${await javaVersion()}`, async (draft) => {
    const rehearsal = await rehearse(`-XX:ArchiveClassesAtExit=${join(draft, ARCHIVE)}`);
    await rehearsal.end('SIGTERM');
  });
  return `-XX:SharedArchiveFile=${join(folder, ARCHIVE)}`;
};
