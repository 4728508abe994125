/** Everything that is wrong, as docker lists it: one alone without a mark. */
export const listProblems = (heading: string, problems: readonly string[]): string =>
  [heading, ...(problems.length > 1 ? problems.map((problem) => `* ${problem}`) : problems)].join('\n')
