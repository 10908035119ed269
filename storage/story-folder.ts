/** Where a server keeps what belongs to a story and to nothing else, with a slash at the end: its script as it was written. */
export function storyFolder(storyId: string): string {
  return `stories/${encodeURIComponent(storyId)}/`;
}
