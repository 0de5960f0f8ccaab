import { access, readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaultConfig, type LocalOllama, variableOf } from './default-config.ts'
import type { Environment } from './environment-reference.ts'
import { checkConfig, parseConfig } from './parse-config.ts'
import { ConfigError } from './problem.ts'
import type { Config } from './schema.ts'

export interface LoadOptions {
  /** Default: the first of `switchyard.yaml`, `.yml`, `.json`, `.ts`, `.js` in the directory, else none. */
  readonly file?: string
  /** Where `${NAME}` and, without a file, the providers are looked up; usually `process.env`. */
  readonly environment: Environment
  /** Default: the working directory. */
  readonly directory?: string
  /** Looks for an Ollama where there is no file; `localOllama` asks this machine's. Default: none is looked for. */
  readonly findOllama?: (environment: Environment) => Promise<LocalOllama | undefined>
}

export interface LoadedConfig {
  readonly config: Config
  /** The file's whole path; absent where there is none. */
  readonly file?: string
  /** What the user should know of how this came about. */
  readonly notes: readonly string[]
}

const defaultFiles = ['switchyard.yaml', 'switchyard.yml', 'switchyard.json', 'switchyard.ts', 'switchyard.js']
const modules = new Set(['.ts', '.mts', '.js', '.mjs'])

/**
 * Finds, reads and checks the configuration.
 *
 * @throws {ConfigError} when the file cannot be read, or with everything that is wrong in it.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { environment } = options
  const directory = options.directory ?? process.cwd()
  const name = options.file ?? (await findDefault(directory))
  if (name === undefined) {
    const { config, notes } = defaultConfig(environment, await options.findOllama?.(environment))
    return { config: checkDefault(config, environment), notes }
  }
  const file = resolve(directory, name)
  if (modules.has(extname(file))) {
    return { config: checkConfig(await importConfig(file, name), { file: name, environment }), file, notes: [] }
  }
  return { config: parseConfig(await readConfig(file, name), { file: name, environment }), file, notes: [] }
}

function checkDefault(written: unknown, environment: Environment): Config {
  try {
    return checkConfig(written, { file: 'environment', references: false })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const problems = error.problems.map(problem => ({
      ...problem,
      path: [variableOf(problem.path, environment) ?? ''],
    }))
    throw new ConfigError('environment', problems)
  }
}

async function findDefault(directory: string): Promise<string | undefined> {
  for (const name of defaultFiles) {
    try {
      await access(resolve(directory, name))
      return name
    } catch {
      // the next one, then
    }
  }
  return undefined
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'this is a directory',
  EACCES: 'this user may not read it',
}

async function readConfig(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    const why = unreadable[code ?? ''] ?? `it cannot be read (${code})`
    throw new ConfigError(name, [{ path: [], message: `${why}; --config names the configuration to use` }])
  }
}

async function importConfig(file: string, name: string): Promise<unknown> {
  let module: { readonly default?: unknown }
  try {
    await access(file)
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return readConfig(file, name)
    const message = `it cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
    throw new ConfigError(name, [{ path: [], message }])
  }
  if (typeof module.default === 'object' && module.default !== null) return module.default
  throw new ConfigError(name, [
    { path: [], message: 'it has no default export; write export default defineConfig({ ... })' },
  ])
}
