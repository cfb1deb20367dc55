// Reduces a finished span to the allow-list of span-fields.ts. Every exporter of every tracer must send only what this returns.

import { framesOf } from '../describe-error.ts';
import { LINK_REASONS, SERVICE_SUFFIXES, SPAN_NUMBERS, SPAN_RESOURCES, SPAN_TAGS, SPAN_TYPES } from './span-fields.ts';

type Values = Readonly<Record<string, unknown>>;

/** What a tracer knows about a span, except its ids and times. */
export type SpanContent = {
  readonly name: string;
  readonly resource: string;
  readonly service: string | undefined;
  readonly type: string | undefined;
  /** Tags with text. */
  readonly meta: Values;
  /** Tags with a number. */
  readonly metrics: Values;
};

export type AllowedContent = SpanContent & {
  readonly service: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
};

type Options = {
  readonly service: string;
  /** Tags that the configuration gives to every span, e.g. with DD_TAGS. A span may have them with exactly these values. */
  readonly constants: Values;
};

type Link = { readonly trace_id?: unknown; readonly span_id?: unknown; readonly attributes?: Values };

const isId = (value: unknown): boolean => typeof value === 'string' && /^[\da-f]{16,32}$/.test(value);

/** Ids and the reason: the state that comes with the id of a foreign trace is dropped. */
const allowedLink = ({ trace_id, span_id, attributes }: Link): Link[] => {
  const reason = attributes?.reason;
  if (!isId(trace_id) || !isId(span_id) || typeof reason !== 'string' || !LINK_REASONS.has(reason)) return [];
  return [{ trace_id, span_id, attributes: { reason } }];
};

const allowedLinks = (json: string): string => {
  try {
    return JSON.stringify((JSON.parse(json) as readonly Link[]).flatMap(allowedLink));
  } catch {
    return '[]'; // the tracer cuts long texts
  }
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A span never fails the request that it describes: nothing here throws, whatever the tags are. */
export const makeAllowSpan = ({ service, constants }: Options) => {
  const fixed = new Map(Object.entries(constants));

  const metaOf = (from: Values): Record<string, string> => {
    const meta: Record<string, string> = {};
    for (const [name, value] of Object.entries(from)) {
      if (typeof value !== 'string') continue;
      const allowed = fixed.get(name) === value ? value : SPAN_TAGS.get(name)?.(value);
      // eslint-disable-next-line security/detect-object-injection -- the name is on the allow-list or in the configuration
      if (allowed !== undefined) meta[name] = allowed;
    }
    const { '_dd.span_links': links, 'error.stack': stack, 'error.message': message } = from;
    if (typeof links === 'string') Object.assign(meta, { '_dd.span_links': allowedLinks(links) });
    const frames = framesOf(textOf(stack), textOf(message));
    if (frames.length > 0) meta['error.stack'] = [meta['error.type'] ?? 'Error', ...frames].join('\n');
    return meta;
  };

  const metricsOf = (from: Values): Record<string, number> => {
    const metrics: Record<string, number> = {};
    for (const [name, value] of Object.entries(from))
      // eslint-disable-next-line security/detect-object-injection -- the name is on the allow-list
      if (SPAN_NUMBERS.has(name) && typeof value === 'number') metrics[name] = value;
    return metrics;
  };

  const serviceOf = (name = ''): string =>
    name.startsWith(service) && SERVICE_SUFFIXES.has(name.slice(service.length)) ? name : service;

  return (span: SpanContent): AllowedContent => {
    const meta = metaOf(span.meta);
    const resourceOf = SPAN_RESOURCES.get(span.name);
    const name = resourceOf === undefined ? 'other' : span.name;
    const resource = resourceOf?.(span.resource, meta) ?? '';
    return {
      name,
      resource: resource === '' ? name : resource,
      service: serviceOf(span.service),
      type: span.type !== undefined && SPAN_TYPES.has(span.type) ? span.type : undefined,
      meta,
      metrics: metricsOf(span.metrics),
    };
  };
};

export type AllowSpan = ReturnType<typeof makeAllowSpan>;
