// The grammar of FAULT_INJECTION and of the header x-fault-injection: docs/fault-injection.md describes it. What is wrong is said without the text
// itself, which may be anything: a secret in the wrong variable, a header of a stranger.

export const DEPENDENCIES = ['postgres', 'redis', 'kafka', 'registry', 'payments'] as const;
export const KINDS = ['latency', 'error', 'hang'] as const;
/** What is called while a request is served, so what the header can name. */
const OF_REQUESTS: readonly Dependency[] = ['postgres', 'redis'];

export type Dependency = (typeof DEPENDENCIES)[number];
export type Kind = (typeof KINDS)[number];
export type Fault = { readonly dependency: Dependency; readonly kind: Kind; /** Of a latency. */ readonly ms?: number };
type Share = Fault & { /** 0 < x ≤ 100. */ readonly percent: number };

export type FaultPlan = {
  readonly shares: readonly Share[];
  /** Whether a request may ask for faults. */
  readonly allowsHeader: boolean;
};

/** A parsed text, or what is wrong with it: the rest of a sentence. */
type Parsed<T> = { readonly value: T } | { readonly problem: string };

export const GRAMMAR = '<dependency>:<kind>[=<ms>]@<percent>%';
const MAX_LATENCY_MS = 60_000;
const MAX_HEADER_LENGTH = 256;

// eslint-disable-next-line security/detect-unsafe-regex -- each part is bounded and begins with another character
const ITEM = /^([a-z]{1,16}):([a-z]{1,16})(?:=(\d{1,6}))?(?:@(\d{1,3}(?:\.\d{1,2})?)%)?$/;

const isOneOf = <T extends string>(words: readonly T[], word: string): word is T =>
  (words as readonly string[]).includes(word);

const parseMs = (kind: Kind, text: string | undefined): Parsed<number | undefined> => {
  if (kind !== 'latency')
    return text === undefined ? { value: undefined } : { problem: `has a value, which ${kind} has not` };
  const ms = Number(text);
  return ms >= 1 && ms <= MAX_LATENCY_MS
    ? { value: ms }
    : { problem: `needs a latency from 1 to ${MAX_LATENCY_MS} ms, e.g. latency=200` };
};

type Item = { readonly fault: Fault; readonly percent: string | undefined };

const parseItem = (text: string): Parsed<Item> => {
  const [, dependency = '', kind = '', value, percent] = ITEM.exec(text) ?? [];
  if (dependency === '') return { problem: `is not of the form ${GRAMMAR}` };
  if (!isOneOf(DEPENDENCIES, dependency))
    return { problem: `names no dependency, which is one of ${DEPENDENCIES.join(', ')}` };
  if (!isOneOf(KINDS, kind)) return { problem: `names no kind, which is one of ${KINDS.join(', ')}` };
  const ms = parseMs(kind, value);
  if ('problem' in ms) return ms;
  return { value: { fault: { dependency, kind, ...(ms.value !== undefined && { ms: ms.value }) }, percent } };
};

const parseShare = (text: string): Parsed<Share> => {
  const item = parseItem(text);
  if ('problem' in item) return item;
  const { fault, percent } = item.value;
  if (percent === undefined) return { problem: 'has no share, e.g. @5%' };
  return Number(percent) > 0 && Number(percent) <= 100
    ? { value: { ...fault, percent: Number(percent) } }
    : { problem: 'has a share that is not above 0 and at most 100 %' };
};

const parseForced = (text: string): Parsed<Fault> => {
  const item = parseItem(text);
  if ('problem' in item) return item;
  const { fault, percent } = item.value;
  if (percent !== undefined) return { problem: 'has a share, which one request has not' };
  return OF_REQUESTS.includes(fault.dependency)
    ? { value: fault }
    : { problem: `names a dependency that no request calls: only ${OF_REQUESTS.join(' and ')}` };
};

type NumberedItem = { readonly number: number; readonly item: string };

/** Numbered as a reader counts them; an empty one, such as the one behind a last comma, is skipped. */
const itemsOf = (text: string): NumberedItem[] =>
  text
    .split(',')
    .map((item, index) => ({ number: index + 1, item: item.trim() }))
    .filter(({ item }) => item !== '');

const parseAll = <T>(items: readonly NumberedItem[], parse: (item: string) => Parsed<T>): Parsed<T[]> => {
  const values: T[] = [];
  for (const { number, item } of items) {
    const parsed = parse(item);
    if ('problem' in parsed) return { problem: `item ${number} ${parsed.problem}` };
    values.push(parsed.value);
  }
  return { value: values };
};

const labelOf = ({ dependency, kind, ms }: Fault): string => `${dependency}:${kind}=${ms ?? ''}`;
const repeated = <T>(keys: readonly T[]): T | undefined => keys.find((key, index) => keys.indexOf(key) !== index);

const problemIn = (shares: readonly Share[]): string | undefined => {
  if (repeated(shares.map(labelOf)) !== undefined) return 'two items are the same but for their share';
  const tooMuch = DEPENDENCIES.find((name) => {
    const ofName = shares.filter(({ dependency }) => dependency === name);
    return ofName.reduce((sum, { percent }) => sum + Math.round(percent * 100), 0) > 10_000;
  });
  return tooMuch === undefined ? undefined : `the shares of ${tooMuch} are more than 100 % together`;
};

/** @param text of the setting; empty is a plan without faults */
export const parseFaultPlan = (text: string): Parsed<FaultPlan> => {
  const items = itemsOf(text);
  const withShare = items.filter(({ item }) => item !== 'header');
  const shares = parseAll(withShare, parseShare);
  if ('problem' in shares) return shares;
  const problem = problemIn(shares.value);
  if (problem !== undefined) return { problem };
  return { value: { shares: shares.value, allowsHeader: withShare.length < items.length } };
};

/** @param text of the header: items as in the setting, without shares, each dependency once */
export const parseFaultHeader = (text: string): Parsed<readonly Fault[]> => {
  if (text.length > MAX_HEADER_LENGTH) return { problem: `it is longer than ${MAX_HEADER_LENGTH} characters` };
  const parsed = parseAll(itemsOf(text), parseForced);
  if ('problem' in parsed) return parsed;
  if (parsed.value.length === 0) return { problem: 'it has no item' };
  const twice = repeated(parsed.value.map(({ dependency }) => dependency));
  return twice === undefined ? parsed : { problem: `it names ${twice} twice` };
};
