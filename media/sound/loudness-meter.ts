import { AV_SAMPLE_FMT_FLT, AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { Filter, FilterGraph, Frame } from 'node-av/lib';
import type { FilterContext } from 'node-av/lib';

import { checked, mediaFailed, quietFfmpeg } from '../ffmpeg.ts';
import { layoutOf } from './sound-reader.ts';
import { soundRate } from './sound-rate.ts';

/** How loud a sound is, by EBU R 128. */
export interface Loudness {
  /** Integrated loudness, LUFS; `null` of silence, and of what is too short to say: under 0.4 seconds. */
  readonly integrated: number | null;
  /** The highest peak between samples, dBTP; `-Infinity` of silence. */
  readonly truePeak: number;
}

/** What ITU-R BS.1770 does not count: quieter than this is silence. */
const absoluteGate = -70;

const tenth = soundRate / 10;

/** Listens to stereo sound, interleaved, at {@link soundRate}; the filter is FFmpeg's `ebur128`. */
export class LoudnessMeter {
  readonly #graph: FilterGraph;
  readonly #source: FilterContext;
  readonly #sink: FilterContext;
  readonly #frame = new Frame();
  #open = true;
  #heard = 0;
  #integrated: number | null = null;
  #peak = 0;

  private constructor(graph: FilterGraph, source: FilterContext, sink: FilterContext) {
    this.#graph = graph;
    this.#source = source;
    this.#sink = sink;
    this.#frame.alloc();
  }

  /** @throws PipelineError `MEDIA_FAILED` when this build of FFmpeg has no such filter. */
  static async open(): Promise<LoudnessMeter> {
    quietFfmpeg();
    const graph = new FilterGraph();
    graph.alloc();
    const make = (name: string, options: string): FilterContext => {
      const filter = Filter.getByName(name);
      const context = filter === null ? null : graph.createFilter(filter, name, options);
      if (context === null) throw mediaFailed(`This build of FFmpeg has no filter ${name}`, { filter: name });
      return context;
    };
    try {
      const rate = String(soundRate);
      const source = make('abuffer', `sample_rate=${rate}:sample_fmt=flt:channel_layout=stereo:time_base=1/${rate}`);
      const meter = make('ebur128', 'metadata=1:peak=true');
      const sink = make('abuffersink', '');
      const step = { doing: 'preparing to measure', file: 'the sound' };
      checked(source.link(0, meter, 0), step);
      checked(meter.link(0, sink, 0), step);
      checked(await graph.config(), step);
      return new LoudnessMeter(graph, source, sink);
    } catch (error) {
      graph.free();
      throw error;
    }
  }

  /** @throws PipelineError `MEDIA_FAILED`. */
  async write(samples: Float32Array): Promise<void> {
    if (samples.length === 0) return;
    const count = samples.length / 2;
    using frame = new Frame();
    frame.alloc();
    frame.nbSamples = count;
    frame.format = AV_SAMPLE_FMT_FLT;
    frame.sampleRate = soundRate;
    frame.channelLayout = layoutOf(2);
    const step = { doing: 'measuring', file: 'the sound' };
    checked(frame.getBuffer(0), step);
    const [plane] = frame.data ?? [];
    if (plane !== undefined) new Float32Array(plane.buffer, plane.byteOffset, samples.length).set(samples);
    frame.pts = BigInt(this.#heard);
    this.#heard += count;
    checked(await this.#source.buffersrcAddFrame(frame), step);
    await this.#read();
  }

  /** What was heard, to its end. Ends the meter. @throws PipelineError `MEDIA_FAILED`. */
  async close(): Promise<Loudness> {
    // The filter speaks of whole tenths of a second: silence fills up the last one, and counts for nothing.
    await this.write(new Float32Array(2 * ((tenth - (this.#heard % tenth)) % tenth)));
    checked(await this.#source.buffersrcAddFrame(null), { doing: 'measuring', file: 'the sound' });
    await this.#read();
    this.abort();
    const isHeard = this.#integrated !== null && this.#integrated > absoluteGate;
    return { integrated: isHeard ? this.#integrated : null, truePeak: 20 * Math.log10(this.#peak) };
  }

  /** Frees the meter. Harmless twice. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#frame.free();
    this.#graph.free();
  }

  async #read(): Promise<void> {
    for (;;) {
      const status = await this.#sink.buffersinkGetFrame(this.#frame);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      checked(status, { doing: 'measuring', file: 'the sound' });
      using said = this.#frame.getMetadata();
      const numberOf = (key: string): number => Number(said.get(`lavfi.r128.${key}`) ?? Number.NaN);
      const integrated = numberOf('I');
      if (Number.isFinite(integrated)) this.#integrated = integrated;
      for (const channel of ['0', '1']) {
        const peak = numberOf(`true_peaks_ch${channel}`);
        if (Number.isFinite(peak)) this.#peak = Math.max(this.#peak, peak);
      }
      this.#frame.unref();
    }
  }
}
