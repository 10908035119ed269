import { expect, test } from '@jest/globals';
import { captionsPlaylist, masterPlaylist, trackPlaylist } from './stream-playlists.ts';

/** Seconds of fragments, which lie behind a header of 100 bytes, 1000 bytes for each second. */
const track = (...seconds: readonly number[]) => {
  let offset = 100;
  const parts = seconds.map((length) => {
    const part = { offset, bytes: Math.round(1000 * length), seconds: length };
    offset += part.bytes;
    return part;
  });
  return { header: 100, parts };
};

test('fragments are fetched by byte range, some seconds of them at a time, none missing', () => {
  expect(trackPlaylist(track(1, 1, 1, 1, 1, 0.5), '720p.mp4').split('\n')).toEqual([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-TARGETDURATION:4',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MAP:URI="720p.mp4",BYTERANGE="100@0"',
    '#EXTINF:4.000000,',
    '#EXT-X-BYTERANGE:4000@100',
    '720p.mp4',
    '#EXTINF:1.500000,',
    '#EXT-X-BYTERANGE:1500@4100',
    '720p.mp4',
    '#EXT-X-ENDLIST',
    '',
  ]);
});

test('a target is never less than a segment, rounded (RFC 8216, 4.3.3.1)', () => {
  expect(trackPlaylist(track(6.6), 'a.mp4')).toContain('#EXT-X-TARGETDURATION:7');
  expect(captionsPlaylist('captions.vtt', 5.2)).toContain('#EXT-X-TARGETDURATION:6\n');
});

test('the playlist of a player names each size with what it takes, the sound and the captions', () => {
  const rung = { uri: '720p.m3u8', codecs: 'avc1.64001f', width: 1280, height: 720, track: track(1, 1, 0.1) };
  const sound = { uri: 'sound.m3u8', codecs: 'mp4a.40.2', track: track(2) };
  const sides = { fps: 24_000 / 1001, language: 'en', sound, captions: 'captions.m3u8' };
  expect(masterPlaylist([rung], sides).split('\n')).toEqual([
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="sound.m3u8"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Captions",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI="captions.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=16000,AVERAGE-BANDWIDTH=16000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO="sound",SUBTITLES="captions"',
    '720p.m3u8',
    '',
  ]);
  expect(masterPlaylist([rung], { fps: 24 })).not.toMatch(/AUDIO|SUBTITLES/);
});
