import { escaped } from './html.ts';

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }>
  >;
}

/** What of an OpenAPI document is shown. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** The OpenAPI document as one page without a script: every call, its fields, and the codes of errors. */
export function docsPage(api: ApiDocument, codes: Readonly<Record<string, number>>, version: string): string {
  const calls = Object.entries(api.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = (api.tags ?? []).map(({ name, description }) => {
    const own = calls.filter(({ operation }) => operation.tags?.includes(name));
    return `<section><h2 id="${escaped(name)}">${escaped(name)}</h2><p>${escaped(description ?? '')}</p>${own.map(callOf).join('')}</section>`;
  });
  const schemas = Object.entries(api.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<section class="call"><h3 id="schema-${escaped(name)}">${escaped(name)}</h3>${fieldsOf(schema)}</section>`,
  );
  const rows = Object.entries(codes).map(
    ([code, status]) => `<tr id="${escaped(code)}"><td><code>${escaped(code)}</code></td><td>${status}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shotline API</title>
<link rel="stylesheet" href="/assets/docs.css">
<header><a href="/">Shotline</a> <span>API ${escaped(version)}</span> <a href="/openapi.json">openapi.json</a></header>
<nav>${(api.tags ?? []).map(({ name }) => `<a href="#${escaped(name)}">${escaped(name)}</a>`).join('')}<a href="#objects">Objects</a><a href="#codes">Errors</a></nav>
<main><h1>${escaped(api.info.title)} API</h1>
${(api.info.description ?? '')
  .split(/\n\n+/)
  .map((text) => `<p>${inline(text)}</p>`)
  .join('')}
${sections.join('\n')}
<h2 id="objects">Objects</h2>${schemas.join('\n')}
<h2 id="codes">Errors</h2><table><thead><tr><th>code</th><th>status</th></tr></thead><tbody>${rows.join('')}</tbody></table>
</main></html>`;
}

function callOf({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation;
  const body = firstSchema(requestBody?.content);
  const answers = Object.entries(responses).map(([status, { content }]) => {
    const schema = firstSchema(content);
    return `<tr><td>${escaped(status)}</td><td>${schema === null ? '' : typeOf(schema)}</td></tr>`;
  });
  return `<article class="call"><h3><b class="${escaped(method)}">${escaped(method.toUpperCase())}</b> <code>${escaped(path)}</code></h3>
<p><strong>${escaped(summary)}</strong>${description === undefined ? '' : ` ${inline(description)}`}</p>
${parameters.length === 0 ? '' : `<table><thead><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr></thead><tbody>${parameters.map((each) => `<tr><td><code>${escaped(each.name)}</code>${each.required === true ? ' *' : ''}</td><td>${escaped(each.in)}</td><td>${typeOf(each.schema)}</td><td>${inline(each.description ?? '')}</td></tr>`).join('')}</tbody></table>`}
${body === null ? '' : `<h4>Body</h4>${fieldsOf(body)}`}
<table><thead><tr><th>status</th><th>answer</th></tr></thead><tbody>${answers.join('')}</tbody></table></article>`;
}

function firstSchema(content: Readonly<Record<string, { readonly schema?: unknown }>> | undefined): unknown {
  return Object.values(content ?? {})[0]?.schema ?? null;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly items?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly additionalProperties?: unknown;
}

function typeOf(given: unknown): string {
  const schema = (given ?? {}) as Schema;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `<code>${escaped(String(value))}</code>`).join(' ');
  if (schema.const !== undefined) return `<code>${escaped(JSON.stringify(schema.const))}</code>`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  return escaped([schema.type ?? 'any'].flat().join(' or '));
}

function fieldsOf(given: unknown): string {
  const schema = given as Schema;
  if (schema.properties === undefined) return `<p>${typeOf(schema)}</p>`;
  const rows = Object.entries(schema.properties).map(([name, field]) => {
    const { description = '' } = field as Schema;
    const mark = schema.required?.includes(name) === true ? '' : ' <i>optional</i>';
    return `<tr><td><code>${escaped(name)}</code>${mark}</td><td>${typeOf(field)}</td><td>${inline(description)}</td></tr>`;
  });
  return `<table><thead><tr><th>field</th><th>type</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Text with `code` in it. */
const inline = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
