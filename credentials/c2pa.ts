import { PipelineError } from '../errors/pipeline-error.ts';
import { systemCode } from '../errors/system-code.ts';

/**
 * The door to the library of the Content Authenticity Initiative, `@contentauth/c2pa-node` (MIT, Rust). It has 96 MB, so who wants to sign or
 * verify installs it; these are the parts of it that are used here.
 */

/** The release that was tried. */
const release = '0.5.5';

/** What is to be signed about a file. */
export interface C2paManifest {
  readonly claim_generator_info: readonly { readonly name: string; readonly version?: string }[];
  readonly title: string;
  readonly format: string;
  readonly assertions: readonly { readonly label: string; readonly data: unknown }[];
  readonly ingredients: readonly Readonly<Record<string, string>>[];
}

/** What a file says of itself, and what came of checking it. */
interface C2paStore {
  readonly active_manifest?: string;
  readonly manifests?: Readonly<Record<string, C2paFound>>;
  readonly validation_state?: string;
  readonly validation_results?: {
    readonly activeManifest?: {
      readonly failure?: readonly { readonly code: string; readonly explanation?: string }[];
    };
  };
}

interface C2paFound {
  readonly title?: string;
  readonly claim_generator_info?: C2paManifest['claim_generator_info'];
  readonly ingredients?: readonly { readonly title?: string }[];
  readonly assertions?: readonly {
    readonly label: string;
    readonly data?: { readonly models?: Readonly<Record<string, { readonly name: string; readonly version: string }>> };
  }[];
  readonly signature_info?: { readonly common_name?: string; readonly issuer?: string; readonly time?: string };
}

interface Asset {
  readonly path: string;
  readonly mimeType?: string;
}

interface C2pa {
  readonly Builder: {
    /** A claim from its description. */
    withJson(manifest: C2paManifest): {
      /** Writes the signed file. */
      sign(signer: object, input: Asset, output: Asset): unknown;
    };
  };
  readonly LocalSigner: {
    /** A signer from PEM. */
    newSigner(certificate: Buffer, key: Buffer, algorithm: string, timestamps?: string): object;
  };
  readonly Reader: {
    /** `null` when the file has no credentials. */
    fromAsset(asset: Asset): Promise<{
      /** All that it says. */
      json(): C2paStore;
    } | null>;
  };
}

/** Opens the library. @throws PipelineError `SETTING_INVALID` when it is not installed. */
export async function openC2pa(): Promise<C2pa> {
  const name = '@contentauth/c2pa-node';
  try {
    return (await import(name)) as C2pa;
  } catch (cause) {
    if (systemCode(cause) !== 'ERR_MODULE_NOT_FOUND') {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new PipelineError(
        'SETTING_INVALID',
        `Content Credentials need ${name}, which cannot be loaded (${why}); install it again: \`npm install --no-save --ignore-scripts ${name}@${release}\` in the folder of Shotline`,
        { cause },
      );
    }
    throw new PipelineError(
      'SETTING_INVALID',
      `Content Credentials need ${name}, which is not installed; run \`npm install --no-save --ignore-scripts ${name}@${release}\` in the folder of Shotline`,
      { cause },
    );
  }
}
