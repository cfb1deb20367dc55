import { Type } from 'typebox';
import { GRAMMAR, parseFaultPlan } from '../../faults/fault-plan.ts';
import { text } from '../setting.ts';

const problemOf = (value: string): string | undefined => {
  const parsed = parseFaultPlan(value);
  return 'problem' in parsed ? parsed.problem : undefined;
};

export const faults = Type.Object(
  {
    injection: Type.Refine(
      text('FAULT_INJECTION', {
        default: '',
        expected: `empty, or items such as redis:error@5% with commas between them, each ${GRAMMAR} or header`,
        explain: problemOf,
        description:
          'Faults that are injected into the calls of dependencies: `redis:latency=200@100%,postgres:error@5%`. `header` allows the request header `x-fault-injection`. Empty: none. Refused in production; see [fault-injection.md](fault-injection.md).',
      }),
      (value) => problemOf(value) === undefined,
    ),
  },
  { description: 'Faults for drills and tests. Never in production.' },
);
