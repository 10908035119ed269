/** Playlists of HTTP Live Streaming (RFC 8216) over CMAF track files, whose fragments are fetched by byte range. */

/** A part of a track file that is fetched alone. */
interface StreamPart {
  /** First byte. */
  readonly offset: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** A track file. */
export interface StreamTrack {
  /** Bytes of its header. */
  readonly header: number;
  readonly parts: readonly StreamPart[];
}

/** One size of the pictures. */
export interface StreamRung {
  /** Address of its playlist. */
  readonly uri: string;
  /** RFC 6381 name of its codec. */
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  readonly track: StreamTrack;
}

/** What runs beside the pictures. */
export interface StreamSides {
  readonly fps: number;
  /** Tag of BCP 47. */
  readonly language?: string;
  readonly sound?: { readonly uri: string; readonly codecs: string; readonly track: StreamTrack };
  /** Address of the playlist of the captions. */
  readonly captions?: string;
}

/** Players fetch about so much at a time; seconds. */
const partSeconds = 4;

/** The playlist of a track file at an address. */
export function trackPlaylist({ header, parts }: StreamTrack, uri: string): string {
  const segments = groups(parts);
  const longest = Math.max(1, ...segments.map(({ seconds }) => Math.round(seconds)));
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${longest}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${uri}",BYTERANGE="${header}@0"`,
    ...segments.flatMap(({ offset, bytes, seconds }) => [
      `#EXTINF:${seconds.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${bytes}@${offset}`,
      uri,
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** The playlist of captions: one WebVTT file for the whole film. */
export function captionsPlaylist(uri: string, seconds: number): string {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(seconds)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXTINF:${seconds.toFixed(6)},`,
    uri,
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** The playlist that a player opens: all sizes, the best first, with sound and captions. */
export function masterPlaylist(rungs: readonly StreamRung[], { fps, language, sound, captions }: StreamSides): string {
  const named = language === undefined ? '' : `,LANGUAGE="${language}"`;
  const heard = sound === undefined ? { peak: 0, average: 0 } : bandwidth(sound.track);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(sound === undefined
      ? []
      : [
          `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound"${named},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${sound.uri}"`,
        ]),
    ...(captions === undefined
      ? []
      : [
          `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Captions"${named},DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="${captions}"`,
        ]),
    ...rungs.flatMap(({ uri, codecs, width, height, track }) => {
      const { peak, average } = bandwidth(track);
      const all = [codecs, ...(sound === undefined ? [] : [sound.codecs])].join(',');
      const groups = `${sound === undefined ? '' : ',AUDIO="sound"'}${captions === undefined ? '' : ',SUBTITLES="captions"'}`;
      return [
        `#EXT-X-STREAM-INF:BANDWIDTH=${peak + heard.peak},AVERAGE-BANDWIDTH=${average + heard.average},CODECS="${all}",RESOLUTION=${width}x${height},FRAME-RATE=${fps.toFixed(3)}${groups}`,
        uri,
      ];
    }),
    '',
  ].join('\n');
}

/** Bits per second: of the largest segment, and of all. */
function bandwidth({ parts }: StreamTrack): { readonly peak: number; readonly average: number } {
  const rate = ({ bytes, seconds }: { bytes: number; seconds: number }): number =>
    Math.ceil((8 * bytes) / Math.max(seconds, 0.001));
  const segments = groups(parts);
  const whole = {
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: segments.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  // A rest of some frames says nothing of how much a player must fetch in a second.
  const long = segments.filter(({ seconds }) => seconds >= 1);
  return { peak: Math.max(rate(whole), ...long.map(rate)), average: rate(whole) };
}

/** Parts that follow each other, put together until they are long enough. */
function groups(parts: readonly StreamPart[]): readonly StreamPart[] {
  const found: StreamPart[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last === undefined || last.seconds + part.seconds > partSeconds + 0.001) found.push(part);
    else {
      found[found.length - 1] = {
        offset: last.offset,
        bytes: part.offset + part.bytes - last.offset,
        seconds: last.seconds + part.seconds,
      };
    }
  }
  return found;
}
