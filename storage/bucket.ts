import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadBucketCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { BucketLocationConstraint, LifecycleRule, S3Client } from '@aws-sdk/client-s3';
import { factsOf, isNoSuchObject } from './s3-error.ts';

/** Objects under this prefix are nobody's only copy and expire. */
export const scratchPrefix = 'scratch/';

const scratchRule: LifecycleRule = {
  ID: 'shotline-scratch',
  Status: 'Enabled',
  Filter: { Prefix: scratchPrefix },
  Expiration: { Days: 7 },
};

/**
 * Makes the bucket where it is missing, and the rule that clears `scratch/` after a week. Other rules stay.
 * `awsRegion` is `null` for servers other than AWS.
 */
export async function prepareBucket(client: S3Client, bucket: string, awsRegion: string | null): Promise<void> {
  await createUnlessThere(client, bucket, awsRegion);
  await addScratchRule(client, bucket);
}

async function createUnlessThere(client: S3Client, bucket: string, awsRegion: string | null): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return;
  } catch (error) {
    if (!isNoSuchObject(error)) throw error;
  }
  // us-east-1 is the one region that AWS forbids to name here.
  const constraint = awsRegion === null || awsRegion === 'us-east-1' ? null : (awsRegion as BucketLocationConstraint);
  try {
    await client.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ...(constraint === null ? {} : { CreateBucketConfiguration: { LocationConstraint: constraint } }),
      }),
    );
  } catch (error) {
    // Another process was faster.
    if (factsOf(error).name !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

async function addScratchRule(client: S3Client, bucket: string): Promise<void> {
  try {
    const rules = await rulesOf(client, bucket);
    if (rules.some((rule) => rule.ID === scratchRule.ID)) return;
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: bucket,
        LifecycleConfiguration: { Rules: [...rules, scratchRule] },
      }),
    );
  } catch (error) {
    // The rule is a convenience: a store that lacks life cycles or keeps them to its owner still renders films.
    const { status } = factsOf(error);
    const refused = (status >= 400 && status < 500) || status === 501;
    if (!refused) throw error;
  }
}

async function rulesOf(client: S3Client, bucket: string): Promise<LifecycleRule[]> {
  try {
    return (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))).Rules ?? [];
  } catch (error) {
    if (factsOf(error).name === 'NoSuchLifecycleConfiguration') return [];
    throw error;
  }
}
