// One entry of the practice index, see practices.ts.

type Named = {
  /** Stable, in kebab case: the name in reports of the test. */
  readonly id: string;
  readonly title: string;
  /** 1 to 19 for the practices that the project set out to show; absent for those beyond. */
  readonly original?: number;
  /** What it solves, in one sentence. */
  readonly problem: string;
};

/** What a reader gets. Paths are relative to the repository; `*` in `copy` and `also` stands for any file of a folder. */
export type Example = {
  /** The one file to read first. */
  readonly start: string;
  /** Entry files. What a TypeScript file among them imports is copied with it and counted; imports of a test file are not followed. */
  readonly copy: readonly string[];
  /** The most files that `copy` may lead to. */
  readonly maxFiles: number;
  /** Why that number is not smaller. */
  readonly because?: string;
  /** Files that go with it and are not counted: adapters of this service, migrations, settings. Listed without what they import. */
  readonly also?: readonly string[];
  /** Beyond the packages that the copied files import. */
  readonly packages?: readonly string[];
  /** Default: the one test file. */
  readonly command?: string;
  readonly page: string;
  /** What a reader should know before deciding. */
  readonly note?: string;
};

export type Practice = Named &
  (
    | (Example & { readonly status: 'done'; readonly test: string })
    | (Example & { readonly status: 'partly'; readonly test?: string; readonly missing: string })
    | { readonly status: 'open'; readonly missing: string }
  );

export type Shown = Exclude<Practice, { status: 'open' }>;

export const isShown = (practice: Practice): practice is Shown => practice.status !== 'open';

export const missingOf = (practice: Practice): string | undefined =>
  practice.status === 'done' ? undefined : practice.missing;

/** The command that proves it. */
export const commandOf = ({ command, test }: Shown): string | undefined =>
  command ?? (test === undefined ? undefined : `npx vitest run ${test}`);
