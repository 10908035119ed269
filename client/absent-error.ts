/** There is no such story, or it has not come as far as the command needs. The message is all that is printed. */
export class AbsentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AbsentError';
  }
}
