import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('./index.ts', import.meta.url));
const interceptorPath = fileURLToPath(new URL('./failure-interceptor.ts', import.meta.url));

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The workflows as one piece of code for Temporal's sandbox; takes about four seconds of processor time. The same sources give the
 * same code, wherever they lie and from wherever this is called: modules are named by their place below the repository.
 */
export async function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [interceptorPath],
    webpackConfigHook: (config) => ({ ...config, context: root }),
  });
}
