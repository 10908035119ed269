/** Folder of pins: stories of which nothing is deleted. */
export const pinPrefix = 'pins/';

/** Where the pin of a story lies. */
export const pinObject = (storyId: string): string => `${pinPrefix}${encodeURIComponent(storyId)}.json`;
