import { makeLoadConfig } from './make-load-config.ts';
import { RULES } from './rules.ts';
import { SECTIONS } from './schema.ts';

/**
 * The settings of this service, read once, before anything else starts.
 * @param env usually `environment()`, or that with values of the caller's own on top
 * @param sections the sections to load (default: all); `service` is always one of them
 * @throws ConfigError with every fault at once
 */
export const loadConfig = makeLoadConfig({ sections: SECTIONS, rules: RULES, urlsOfOthers: ['DD_TRACE_AGENT_URL'] });
