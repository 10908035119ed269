import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';

/** Compiled code stands in `dist/` as JavaScript, and its bundle beside it; in a checkout the sources are bundled. */
const isCompiled = import.meta.url.endsWith('.js');
const workflowsPath = fileURLToPath(new URL(isCompiled ? './index.js' : './index.ts', import.meta.url));
const prebuiltPath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

/** The workflows as one file of code for Temporal's sandbox: the prebuilt one of an image, or bundled now (about 2 s). */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (isCompiled && existsSync(prebuiltPath)) return { codePath: prebuiltPath };
  return bundleWorkflowCode({ workflowsPath });
}

/** Bundles the workflows into a file; beside the compiled `bundle.js` when no path is given, where `workflowBundle` looks. */
export async function writeWorkflowBundle(path: string = prebuiltPath): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath });
  await writeFile(path, code);
}
