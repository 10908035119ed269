/** See `temporal-teardown.mjs`. */
declare const stopTemporal: () => Promise<void>;
export default stopTemporal;
