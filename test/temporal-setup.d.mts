/** See `temporal-setup.mjs`. */
declare const startTemporal: () => Promise<void>;
export default startTemporal;
