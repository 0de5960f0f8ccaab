import { readFile } from 'node:fs/promises'
import { createRequire, findPackageJSON, isBuiltin } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IAIProvider, ModelFactsPort } from '@switchyard/core'
import { didYouMean } from './nearest-name.ts'
import { builtInTypes } from './provider-schema.ts'

/** What a provider is made of: its section of the configuration without `type`, its name, and what is known of models. */
export interface ProviderOptions {
  readonly id: string
  readonly facts: ModelFactsPort
  readonly [key: string]: unknown
}

/** What a provider's package exports as `createProvider`. */
export type ProviderFactory = (options: ProviderOptions) => IAIProvider | Promise<IAIProvider>

// loaded when asked for: an SDK that nobody uses costs nothing
const builtIn: Readonly<Record<string, () => Promise<{ readonly createProvider: unknown }>>> = {
  openai: () => import('@switchyard/openai'),
  'openai-compatible': () => import('@switchyard/openai-compatible'),
  anthropic: () => import('@switchyard/anthropic'),
  gemini: () => import('@switchyard/gemini'),
  ollama: () => import('@switchyard/ollama'),
  xai: () => import('@switchyard/openai-compatible/xai'),
  groq: () => import('@switchyard/openai-compatible/groq'),
}

/**
 * Finds what makes providers of a type: given ones first, then our own, then the package or file of that name.
 *
 * @throws {Error} saying what is wrong with the type.
 */
export async function providerFactory(
  type: string,
  given: Readonly<Record<string, ProviderFactory>>,
  directory: string,
): Promise<ProviderFactory> {
  const known = Object.hasOwn(given, type) ? given[type] : undefined
  if (known !== undefined) return known
  const own = Object.hasOwn(builtIn, type) ? builtIn[type] : undefined
  const { createProvider } = await (own?.() ??
    importProvider(type, directory, [...builtInTypes, ...Object.keys(given)]))
  if (typeof createProvider === 'function') return createProvider as ProviderFactory
  throw new Error('this package does not export createProvider; it is no provider for Switchyard')
}

async function importProvider(
  type: string,
  directory: string,
  known: readonly string[],
): Promise<{ readonly createProvider?: unknown }> {
  let entry: string | undefined
  try {
    entry = await packageEntry(type, directory)
    return await import(entry)
  } catch (error) {
    if (entry === undefined) throw new Error(notThere(type, known))
    throw new Error(`this package cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function notThere(type: string, known: readonly string[]): string {
  if (/^\.{0,2}\//.test(type)) return 'there is no such file'
  return `there is no provider type and no package of this name${didYouMean(type, known) || `; install it, or use one of ${known.join(', ')}`}`
}

// as the configuration's own folder sees it, not ours
async function packageEntry(type: string, directory: string): Promise<string> {
  if (isBuiltin(type)) throw new Error('not found')
  const from = resolve(directory, 'switchyard.yaml')
  try {
    return pathToFileURL(createRequire(from).resolve(type)).href
  } catch {
    // a package for import alone has no entry for require
    const manifest = findPackageJSON(type, pathToFileURL(from))
    if (manifest === undefined) throw new Error('not found')
    const { exports, main } = JSON.parse(await readFile(manifest, 'utf8'))
    const entry = importEntry(exports) ?? main ?? 'index.js'
    return pathToFileURL(resolve(dirname(manifest), entry)).href
  }
}

function importEntry(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const conditions = exports as Record<string, unknown>
  for (const key of ['.', 'node', 'import', 'default']) {
    const entry = importEntry(conditions[key])
    if (entry !== undefined) return entry
  }
  return undefined
}
