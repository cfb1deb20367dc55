import type { ContentFault } from '../../config/secret-file.ts';

type Deps = {
  readonly onFault: (fault: ContentFault) => void;
  readonly onValidAgain: () => void;
};

/** For a file that is watched: reports each content that is not valid once, and once that the content is valid again. */
export const makeFaultReporter = ({ onFault, onValidAgain }: Deps) => {
  let reported: ContentFault | undefined;
  return (fault: ContentFault | undefined): void => {
    if (fault !== undefined && fault !== reported) onFault(fault);
    if (fault === undefined && reported !== undefined) onValidAgain();
    reported = fault;
  };
};
