/** A problem of a variable, as zod tells it. */
export interface SettingIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly values?: readonly unknown[];
  readonly expected?: string;
}

/**
 * What is wrong with variables of the environment, one line each, with the rule: `SHOTLINE_THREADS: must be at least 1`. Values are not
 * shown: a secret may have been put into the wrong one.
 */
export function settingProblems(issues: readonly SettingIssue[]): readonly string[] {
  return issues.map((issue) => `${issue.path.join('.')}: ${ruleOf(issue) ?? issue.message}`);
}

function ruleOf({ code, minimum, maximum, values, expected }: SettingIssue): string | null {
  switch (code) {
    case 'too_small':
      return `must be at least ${String(minimum)}`;
    case 'too_big':
      return `must be at most ${String(maximum)}`;
    case 'invalid_value':
      return `must be one of ${(values ?? []).join(', ')}`;
    case 'invalid_type':
      return expected === 'int' ? 'must be a whole number' : `must be a ${expected ?? 'value of its kind'}`;
    default:
      return null;
  }
}
