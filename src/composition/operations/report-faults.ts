type Deps<F> = {
  readonly onFault: (fault: F) => void;
  readonly onEnd: () => void;
};

/** For a state that is checked again and again: reports each new fault once, and once that there is none any more. */
export const makeFaultReporter = <F extends object>({ onFault, onEnd }: Deps<F>) => {
  let reported: F | undefined;
  return (fault: F | undefined): void => {
    if (fault !== undefined && fault !== reported) onFault(fault);
    if (fault === undefined && reported !== undefined) onEnd();
    reported = fault;
  };
};
