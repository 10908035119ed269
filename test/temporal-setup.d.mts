/** Starts the server and the bundle of the project `workflow`. */
export default function startTemporal(): Promise<void>;
/** The same with settings of the server that differ from ours. */
export function startTestServer(changes?: Readonly<Record<string, number>>): Promise<void>;
