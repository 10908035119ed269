import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { BundleOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('./index.ts', import.meta.url));
const interceptorPath = fileURLToPath(new URL('./failure-interceptor.ts', import.meta.url));

type Configuration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];
type Rule = NonNullable<NonNullable<Configuration['module']>['rules']>[number];

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The workflows as one piece of code for Temporal's sandbox; takes about four seconds of processor time. The same sources give the
 * same code, wherever they lie and from wherever this is called: modules are named by their place below the repository.
 */
export async function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [interceptorPath],
    webpackConfigHook: (config) => ({
      ...config,
      context: root,
      module: { ...config.module, rules: config.module?.rules?.map(ownSources) ?? [] },
    }),
  });
}

/**
 * Temporal compiles no TypeScript below any `node_modules`, where these sources themselves lie when Shotline is a package of
 * somebody's program. Only what lies below their own is of others.
 */
function ownSources(rule: Rule): Rule {
  if (typeof rule !== 'object' || rule?.exclude === undefined) return rule;
  return { ...rule, exclude: (file: string) => !file.startsWith(root) || file.includes('node_modules', root.length) };
}
