/** The command line or the environment is wrong: the user can correct it at once. The message is all that is printed. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
