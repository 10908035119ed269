import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';

/** A copy inside a bucket. */
export interface ServerCopy {
  readonly Bucket: string;
  readonly from: string;
  readonly to: string;
  /** Size of the source, bytes. */
  readonly bytes: number;
  /** Of the content that is meant: a source that was overwritten meanwhile is not copied. */
  readonly etag: string;
  /** What the copy says of itself. */
  readonly headers: {
    readonly Metadata: Record<string, string>;
    readonly ContentType: string;
    readonly ContentDisposition: string;
  };
}

/** S3 copies up to 5 GiB in one request; a part of a gigabyte takes a server some seconds, and 10 000 parts make 10 TB. */
export const largestPartBytes = 2 ** 30;

/**
 * Copies an object on the server: in one request, or in parts that become visible together. Fails as the SDK does,
 * also when the source has another content than meant.
 *
 * @param partBytes Size of the parts, and of the largest object that is copied in one; S3 wants 5 MiB at least.
 */
export async function copyOnServer(client: S3Client, copy: ServerCopy, partBytes = largestPartBytes): Promise<true> {
  const { Bucket, from, to, bytes, etag, headers } = copy;
  const source = {
    CopySource: `${Bucket}/${from.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceIfMatch: etag,
  };
  if (bytes <= partBytes) {
    await client.send(new CopyObjectCommand({ Bucket, Key: to, ...source, MetadataDirective: 'REPLACE', ...headers }));
    return true;
  }
  const target = { Bucket, Key: to };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...headers }));
  const upload = { ...target, UploadId };
  try {
    const Parts: CompletedPart[] = [];
    for (let first = 0; first < bytes; first += partBytes) {
      const PartNumber = Parts.length + 1;
      const last = Math.min(first + partBytes, bytes) - 1;
      const CopySourceRange = `bytes=${String(first)}-${String(last)}`;
      const part = await client.send(new UploadPartCopyCommand({ ...upload, ...source, PartNumber, CopySourceRange }));
      Parts.push({ PartNumber, ETag: part.CopyPartResult?.ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    return true;
  } catch (error) {
    // Parts that nobody completes cost money; that they could not be let go of is no news beside the failure itself.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}
